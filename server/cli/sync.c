/* sync.c - the command: databases that the server follows: added, watched, mended, taken away. */
#include <time.h>
#include <unistd.h>

#include "auk/clock.h"
#include "auk/units.h"
#include "client.h"
#include "command.h"
#include "import_progress.h"
#include "sync_body.h"
#include "sync_show.h"

#define ASK_EVERY_NS  150000000
#define LINE_EVERY_US 5000000u
#define EXIT_WAITS    EXIT_REJECTED

enum {
    URL,
    TABLE,
    INDEX,
    CONFIG,
    PASSWORD_FILE,
    PASSWORD_ENV,
    ROOT,
    REPAIR,
    DETACH,
    DROP_INDICES,
    KEEP_SLOT,
    ID,
    ROW_COUNT
};

#define FLAG(text_name, words)                                                                     \
    {                                                                                              \
        .name = text_name, .form = "", .kind = AUK_OPTION_SWITCH, .fallback = "false",             \
        .flag_only = true, .help = words                                                           \
    }
#define TEXT(text_name, text_form, words)                                                          \
    {                                                                                              \
        .name = text_name, .form = text_form, .kind = AUK_OPTION_TEXT, .flag_only = true,          \
        .help = words                                                                              \
    }

static const auk_option rows[ROW_COUNT] = {
    [URL] = AUK_URL_OPTION,
    [TABLE] =
        TEXT("table", "TABLES",
             "add, preflight: tables, with a comma between; \"*\" in a name stands for several. "
             "resync, verify: that one alone."),
    [INDEX] = TEXT("index", "NAME",
                   "add: what the index is called; {schema} and {table} stand for the table's."),
    [CONFIG] =
        TEXT("config", "FILE", "add, preflight: the whole configuration, as `propose` prints it."),
    [PASSWORD_FILE] =
        TEXT("password_file", "FILE", "A file on the server that holds the password."),
    [PASSWORD_ENV] =
        TEXT("password_env", "NAME", "A variable of the server's environment that holds it."),
    [ROOT] = TEXT("root", "TABLE", "propose: the table of the documents."),
    [REPAIR] = FLAG("repair", "verify: mend what differs."),
    [DETACH] = FLAG("detach", "add, verify: do not wait."),
    [DROP_INDICES] = FLAG("drop_indices", "remove: delete the indices, too."),
    [KEEP_SLOT] =
        FLAG("keep_slot", "remove: do not ask the database to drop slot and publication."),
    [ID] = TEXT("id", "ID", "dlq: this letter alone."),
};

typedef struct state {
    auk_options options;
    auk_http_client *client;
    auk_arena *arena; /* of one answer */
    bool is_terminal;
    uint64_t drawn_us;
} state;

static const char *given(const state *s, unsigned row)
{
    return s->options.values[row].text;
}

static bool is_on(const state *s, unsigned row)
{
    return s->options.values[row].number != 0;
}

/* ---- requests ---- */

static auk_span encoded(state *s, const char *text)
{
    auk_buffer out;
    auk_buffer_init(&out, 4096);
    auk_http_encode(&out, auk_span_of(text));
    auk_span copy = auk_arena_copy(s->arena, auk_buffer_span(&out));
    auk_buffer_deinit(&out);
    return copy;
}

/* "/_sync/shop" and what follows. */
static auk_span path_of(state *s, const char *name, const char *rest)
{
    return auk_arena_printf(s->arena, "/_sync/%.*s%s", AUK_SPAN_ARG(encoded(s, name)), rest);
}

static auk_code ask(state *s, auk_http_method method, auk_span target, auk_span body,
                    const auk_json **out, auk_error *err)
{
    return auk_client_ask(s->client, method, target, body, s->arena, out, err);
}

/* "?table=a&repair=true": of the rows that were given. */
static auk_span query_of(state *s, const unsigned *wanted, size_t count)
{
    auk_span query = AUK_SPAN("");
    for (size_t i = 0; i < count; i++) {
        bool is_switch = rows[wanted[i]].kind == AUK_OPTION_SWITCH;
        if (is_switch ? !is_on(s, wanted[i]) : given(s, wanted[i]) == NULL)
            continue;
        auk_span value = is_switch ? AUK_SPAN("true") : encoded(s, given(s, wanted[i]));
        query = auk_arena_printf(s->arena, "%.*s%c%s=%.*s", AUK_SPAN_ARG(query),
                                 query.size ? '&' : '?', rows[wanted[i]].name, AUK_SPAN_ARG(value));
    }
    return query;
}

static auk_code command(state *s, auk_http_method method, const char *name, const char *verb,
                        const unsigned *wanted, size_t count, const auk_json **out, auk_error *err)
{
    auk_span path = path_of(s, name, verb);
    path = auk_arena_printf(s->arena, "%.*s%.*s", AUK_SPAN_ARG(path),
                            AUK_SPAN_ARG(query_of(s, wanted, count)));
    return ask(s, method, path, (auk_span){0}, out, err);
}

/* ---- progress ---- */

static void draw(state *s, auk_span line)
{
    uint64_t now_us = auk_clock_monotonic_us();
    if (!s->is_terminal && now_us - s->drawn_us < LINE_EVERY_US)
        return;
    s->drawn_us = now_us;
    if (s->is_terminal) {
        unsigned width = auk_terminal_width(stderr, 80);
        line.size = line.size >= width ? width - 1 : line.size;
        (void)fprintf(stderr, "\r%.*s\x1b[K", AUK_SPAN_ARG(line));
    } else {
        (void)fprintf(stderr, "%.*s\n", AUK_SPAN_ARG(line));
    }
    (void)fflush(stderr);
}

static void clear(const state *s)
{
    if (s->is_terminal)
        (void)fputs("\r\x1b[K", stderr);
}

static void rest(void)
{
    nanosleep(&(struct timespec){.tv_nsec = ASK_EVERY_NS}, NULL);
}

/* ---- add ---- */

/* What was said on the command line. */
static auk_sync_words words_of(const state *s, const char *connection)
{
    return (auk_sync_words){.connection = connection,
                            .config = given(s, CONFIG),
                            .table = given(s, TABLE),
                            .index = given(s, INDEX),
                            .password_file = given(s, PASSWORD_FILE),
                            .password_env = given(s, PASSWORD_ENV)};
}

/* What the database lacks, before anything is made. */
static auk_code preflight(state *s, int *result, auk_error *err)
{
    const char *connection = s->options.argument_count > 1 ? s->options.arguments[1] : NULL;
    const auk_json *answer;
    auk_buffer body;
    auk_buffer_init(&body, AUK_BUFFER_NO_LIMIT);
    auk_sync_words words = words_of(s, connection);
    if (!words.table && !words.config)
        words.table = "*";
    auk_code code = auk_sync_write_body(&words, s->arena, &body, err);
    if (code == AUK_OK)
        code = ask(s, AUK_HTTP_POST, AUK_SPAN("/_sync/_preflight"), auk_buffer_span(&body), &answer,
                   err);
    auk_buffer_deinit(&body);
    if (code == AUK_OK)
        *result = auk_sync_print_findings(answer) ? EXIT_FINE : EXIT_WAITS;
    return code;
}

/* Until it streams, or stands. */
static auk_code watch(state *s, const char *name, int *result, auk_error *err)
{
    const auk_json *answer;
    for (;;) {
        auk_arena_reset(s->arena);
        auk_code code = ask(s, AUK_HTTP_GET, path_of(s, name, ""), (auk_span){0}, &answer, err);
        if (code != AUK_OK)
            return code;
        auk_sync_step step = auk_sync_step_of(answer);
        if (step != AUK_SYNC_GOES_ON) {
            clear(s);
            auk_sync_print_source(answer, s->arena);
            *result = step == AUK_SYNC_FOLLOWS ? EXIT_FINE : EXIT_WAITS;
            return AUK_OK;
        }
        draw(s, auk_sync_progress(answer, s->is_terminal, s->arena));
        rest();
    }
}

static auk_code add(state *s, int *result, auk_error *err)
{
    const char *name = s->options.arguments[1];
    const char *connection = s->options.argument_count > 2 ? s->options.arguments[2] : NULL;
    const auk_json *answer;
    auk_buffer body;
    auk_buffer_init(&body, AUK_BUFFER_NO_LIMIT);
    const auk_sync_words words = words_of(s, connection);
    auk_code code = auk_sync_write_body(&words, s->arena, &body, err);
    if (code == AUK_OK)
        code = ask(s, AUK_HTTP_PUT, path_of(s, name, ""), auk_buffer_span(&body), &answer, err);
    auk_buffer_deinit(&body);
    if (code != AUK_OK || is_on(s, DETACH))
        return code;
    return watch(s, name, result, err);
}

/* ---- status and list ---- */

static auk_code status(state *s, int *result, auk_error *err)
{
    const auk_json *answer;
    const char *name = s->options.argument_count > 1 ? s->options.arguments[1] : NULL;
    auk_span path = name ? path_of(s, name, "") : AUK_SPAN("/_sync");
    auk_code code = ask(s, AUK_HTTP_GET, path, (auk_span){0}, &answer, err);
    if (code != AUK_OK)
        return code;
    if (!name)
        auk_sync_print_list(answer);
    else
        auk_sync_print_source(answer, s->arena);
    if (name && auk_sync_step_of(answer) == AUK_SYNC_STANDS)
        *result = EXIT_WAITS;
    return AUK_OK;
}

/* ---- plain commands ---- */

static auk_code simple(state *s, const char *verb, auk_error *err)
{
    static const unsigned wanted[] = {TABLE};
    const auk_json *answer;
    const char *name = s->options.arguments[1];
    auk_code code =
        command(s, AUK_HTTP_POST, name, verb, wanted, strcmp(verb, "/_resync") == 0, &answer, err);
    if (code == AUK_OK)
        (void)printf("done: auk sync status %s\n", name);
    return code;
}

static auk_code remove_source(state *s, auk_error *err)
{
    static const unsigned wanted[] = {DROP_INDICES, KEEP_SLOT};
    const auk_json *answer;
    const char *name = s->options.arguments[1];
    auk_code code = command(s, AUK_HTTP_DELETE, name, "", wanted, 2, &answer, err);
    if (code == AUK_OK)
        (void)printf("%s is followed no longer; its indices %s\n", name,
                     is_on(s, DROP_INDICES) ? "are deleted" : "stay and take writes");
    return code;
}

static auk_code propose(state *s, auk_error *err)
{
    auk_buffer body, text;
    auk_json_writer out;
    const auk_json *answer;
    if (!given(s, ROOT)) {
        auk_fail(err, AUK_INVALID, "which table are the documents of?");
        auk_hint(err, "auk sync propose postgres://... --root products");
        return AUK_INVALID;
    }
    auk_buffer_init(&body, AUK_BUFFER_NO_LIMIT);
    auk_sync_words words = words_of(s, s->options.arguments[1]);
    words.root = given(s, ROOT);
    auk_code code = auk_sync_write_body(&words, s->arena, &body, err);
    if (code == AUK_OK)
        code = ask(s, AUK_HTTP_POST, AUK_SPAN("/_sync/_propose"), auk_buffer_span(&body), &answer,
                   err);
    if (code == AUK_OK) {
        auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
        auk_json_writer_init(&out, &text, true);
        auk_json_value(&out, answer);
        (void)printf("%.*s\n", AUK_SPAN_ARG(auk_buffer_span(&text)));
        auk_buffer_deinit(&text);
    }
    auk_buffer_deinit(&body);
    return code;
}

/* ---- verify ---- */

static auk_code follow_task(state *s, auk_span task, int *result, auk_error *err)
{
    const auk_json *answer;
    auk_buffer id;
    auk_buffer_init(&id, 4096);
    auk_buffer_append(&id, task);
    auk_code code;
    for (;;) {
        auk_arena_reset(s->arena);
        code = ask(s, AUK_HTTP_GET,
                   auk_arena_printf(s->arena, "/_tasks/%.*s", AUK_SPAN_ARG(auk_buffer_span(&id))),
                   (auk_span){0}, &answer, err);
        if (code != AUK_OK || auk_json_get(answer, "completed")->type == AUK_JSON_TRUE)
            break;
        draw(s, auk_sync_verify_progress(auk_json_path(answer, AUK_SPAN("task.status")),
                                         s->is_terminal, s->arena));
        rest();
    }
    clear(s);
    auk_buffer_deinit(&id);
    if (code != AUK_OK)
        return code;
    const auk_json *reason = auk_json_path(answer, AUK_SPAN("error.reason"));
    if (reason)
        return auk_fail(err, AUK_IO, "%.*s", AUK_SPAN_ARG(reason->text));
    *result = auk_sync_print_verified(auk_json_get(answer, "response")) ? EXIT_FINE : EXIT_WAITS;
    return AUK_OK;
}

static auk_code verify(state *s, int *result, auk_error *err)
{
    static const unsigned wanted[] = {TABLE, REPAIR};
    const auk_json *answer;
    auk_code code =
        command(s, AUK_HTTP_POST, s->options.arguments[1], "/_verify", wanted, 2, &answer, err);
    if (code != AUK_OK)
        return code;
    auk_span task = auk_json_get(answer, "task")->text;
    if (!is_on(s, DETACH))
        return follow_task(s, task, result, err);
    (void)printf("it runs: auk tasks show %.*s\n", AUK_SPAN_ARG(task));
    return AUK_OK;
}

/* ---- dlq ---- */

static auk_code letters(state *s, auk_error *err)
{
    static const unsigned wanted[] = {ID};
    const auk_json *answer;
    const char *name = s->options.arguments[1];
    const char *verb = s->options.argument_count > 2 ? s->options.arguments[2] : "list";
    bool retries = strcmp(verb, "retry") == 0, lists = strcmp(verb, "list") == 0;
    if (!lists && !retries && strcmp(verb, "discard") != 0) {
        auk_fail(err, AUK_INVALID, "there is no \"%s\"", verb);
        auk_hint(err, "take list, retry or discard");
        return AUK_INVALID;
    }
    auk_code code =
        lists ? command(s, AUK_HTTP_GET, name, "/_dlq", NULL, 0, &answer, err)
              : command(s, AUK_HTTP_POST, name, retries ? "/_dlq/_retry" : "/_dlq/_discard", wanted,
                        1, &answer, err);
    if (code != AUK_OK)
        return code;
    if (lists)
        auk_sync_print_letters(answer);
    else
        (void)printf("%.*s %s\n",
                     AUK_SPAN_ARG(auk_json_get(answer, retries ? "mended" : "discarded")->text),
                     retries ? "mended" : "discarded");
    return AUK_OK;
}

/* ---- the command ---- */

typedef struct verb {
    const char *name;
    size_t least, most; /* arguments, the verb among them */
} verb;

static const verb verbs[] = {
    {"add", 2, 3},    {"status", 1, 2},  {"list", 1, 1},      {"pause", 2, 2},
    {"resume", 2, 2}, {"resync", 2, 2},  {"verify", 2, 2},    {"dlq", 2, 3},
    {"remove", 2, 2}, {"propose", 2, 2}, {"preflight", 1, 2},
};

static auk_code dispatch(state *s, const char *name, int *result, auk_error *err)
{
    if (strcmp(name, "add") == 0)
        return add(s, result, err);
    if (strcmp(name, "status") == 0 || strcmp(name, "list") == 0)
        return status(s, result, err);
    if (strcmp(name, "verify") == 0)
        return verify(s, result, err);
    if (strcmp(name, "dlq") == 0)
        return letters(s, err);
    if (strcmp(name, "remove") == 0)
        return remove_source(s, err);
    if (strcmp(name, "propose") == 0)
        return propose(s, err);
    if (strcmp(name, "preflight") == 0)
        return preflight(s, result, err);
    return simple(s,
                  strcmp(name, "pause") == 0    ? "/_pause"
                  : strcmp(name, "resume") == 0 ? "/_resume"
                                                : "/_resync",
                  err);
}

static auk_code run(state *s, int *result, auk_error *err)
{
    size_t count = s->options.argument_count;
    const char *name = count > 0 ? s->options.arguments[0] : "list";
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++) {
        if (strcmp(name, verbs[i].name) != 0)
            continue;
        if (count > 0 && (count < verbs[i].least || count > verbs[i].most))
            break;
        auk_code code = auk_client_open(given(s, URL), &s->client, err);
        return code == AUK_OK ? dispatch(s, name, result, err) : code;
    }
    auk_fail(err, AUK_INVALID, "\"%s\" is no such command, or takes other arguments", name);
    auk_hint(err, "see auk sync --help");
    return AUK_INVALID;
}

static int sync_command(const auk_command *self, int argc, const char *const *argv)
{
    int result = EXIT_FINE;
    auk_error err = {0};
    state s = {.is_terminal = isatty(fileno(stderr)) != 0, .drawn_us = auk_clock_monotonic_us()};
    if (!auk_command_read(self, argc, argv, &s.options, &result))
        return result;
    s.arena = auk_arena_create(65536);
    if (run(&s, &result, &err) != AUK_OK)
        result = auk_complain(self, &err);
    auk_http_client_close(s.client);
    auk_arena_destroy(s.arena);
    auk_options_deinit(&s.options);
    return result;
}

const auk_command auk_sync_command = {
    .name = "sync",
    .arguments = "VERB [SOURCE] [CONNECTION | list | retry | discard]",
    .summary = "follow a Postgres database: its tables become indices",
    .description =
        "`add SOURCE CONNECTION` follows a database: tables are read and become documents, and "
        "from then on each committed change is in the index, exactly once. It shows how far the "
        "first reading is; the work goes on in the server when the command ends. What the database "
        "lacks for it is said with the SQL that mends it.\n"
        "\n"
        "`preflight CONNECTION` says what the database lacks to be followed, each with the SQL "
        "that "
        "mends it, and changes nothing: for `--table`, for what `--config` holds, or for all "
        "tables "
        "of schema public.\n"
        "\n"
        "`propose CONNECTION --root TABLE` prints a configuration made of the foreign keys, for "
        "`add --config`: documents from several tables. `status` tells the phase, how far it is "
        "behind, and what to do when it stands; `pause` and `resume` stop and continue; `resync` "
        "reads everything anew while searches see what there is, or mends one `--table`; `verify` "
        "compares with the "
        "database, also under load; `dlq` lists rows that could not become documents, "
        "tries them again or forgets them; `remove` "
        "ends it and drops slot and publication.\n"
        "\n"
        "A password does not belong among the arguments: `--password-file` and `--password-env` "
        "name where the server finds it.",
    .examples = "auk sync preflight postgres://app@db/shop --table products\n"
                "auk sync add shop postgres://app@db/shop --table products --index products\n"
                "auk sync propose postgres://app@db/shop --root products > shop.json\n"
                "auk sync add shop --config shop.json --password-file /run/secrets/shop\n"
                "auk sync status shop\n"
                "auk sync verify shop --repair\n"
                "auk sync dlq shop retry",
    .exits = "0  done\n"
             "1  failed\n"
             "2  the source stands (status says why), differs from its database, or could not be "
             "followed as the database is",
    .options = rows,
    .option_count = ROW_COUNT,
    .most_arguments = 3,
    .run = sync_command,
};
