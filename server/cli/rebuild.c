/* rebuild.c - the command: an index under another mapping while its users go on; and back. */
#include <time.h>
#include <unistd.h>

#include "auk/clock.h"
#include "auk/units.h"
#include "client.h"
#include "command.h"
#include "import_progress.h"

#define ASK_EVERY_NS  150000000
#define LINE_EVERY_US 5000000u
#define BAR_CELLS     24u
#define SHOWN_REFUSED 10
#define EXIT_WAITS    EXIT_REJECTED

enum { URL, MAPPING, MERGE, RATE, KEEP, MANUAL, REFUSED, NO_VERIFY, PROMOTE, ROLLBACK, ROW_COUNT };

static const auk_option rows[ROW_COUNT] = {
    [URL] = AUK_URL_OPTION,
    [MAPPING] = {.name = "mapping",
                 .form = "FILE",
                 .kind = AUK_OPTION_TEXT,
                 .flag_only = true,
                 .help = "What the new generation is made of: a mapping, or an object with any of "
                         "mappings, settings, transforms. What is absent stays as it is."},
    [MERGE] = {.name = "merge",
               .form = "",
               .kind = AUK_OPTION_SWITCH,
               .fallback = "false",
               .flag_only = true,
               .help = "Lay the file over the mapping and settings there are."},
    [RATE] = {.name = "max_docs_per_second",
              .form = "N",
              .kind = AUK_OPTION_COUNT,
              .least = 1,
              .most = INT32_MAX,
              .flag_only = true,
              .help = "Copy no faster."},
    [KEEP] = {.name = "keep_old",
              .form = "TIME",
              .kind = AUK_OPTION_TEXT,
              .fallback = "24h",
              .flag_only = true,
              .help = "How long one can go back."},
    [MANUAL] = {.name = "manual",
                .form = "",
                .kind = AUK_OPTION_SWITCH,
                .fallback = "false",
                .flag_only = true,
                .help = "Wait for a word before the switch."},
    [REFUSED] = {.name = "max_rejected",
                 .form = "N",
                 .kind = AUK_OPTION_COUNT,
                 .fallback = "0",
                 .most = INT32_MAX,
                 .flag_only = true,
                 .help = "Switch by itself with so many documents refused."},
    [NO_VERIFY] = {.name = "no_verify",
                   .form = "",
                   .kind = AUK_OPTION_SWITCH,
                   .fallback = "false",
                   .flag_only = true,
                   .help = "Do not compare the generations before the switch."},
    [PROMOTE] = {.name = "promote",
                 .form = "",
                 .kind = AUK_OPTION_SWITCH,
                 .fallback = "false",
                 .flag_only = true,
                 .help = "Say the word to one that waits, or go forward again."},
    [ROLLBACK] = {.name = "rollback",
                  .form = "",
                  .kind = AUK_OPTION_SWITCH,
                  .fallback = "false",
                  .flag_only = true,
                  .help = "Go back to the generation before, with the writes made since."},
};

typedef struct state {
    auk_options options;
    auk_http_client *client;
    auk_arena *arena; /* of one answer */
    const char *name;
    auk_buffer task;
    bool is_terminal;
    uint64_t drawn_us;
} state;

/* ---- answers ---- */

static auk_code ask(state *s, auk_http_method method, auk_span target, auk_span body,
                    const auk_json **out, auk_error *err)
{
    return auk_client_ask(s->client, method, target, body, s->arena, out, err);
}

static auk_span path_of(state *s, auk_span name, const char *rest)
{
    auk_buffer encoded;
    auk_buffer_init(&encoded, 4096);
    auk_http_encode(&encoded, name);
    auk_span path =
        auk_arena_printf(s->arena, "/%.*s%s", AUK_SPAN_ARG(auk_buffer_span(&encoded)), rest);
    auk_buffer_deinit(&encoded);
    return path;
}

/* ---- the request ---- */

static bool is_on(const state *s, unsigned row)
{
    return s->options.values[row].number != 0;
}

/* A bare mapping is taken for what it is. */
static void write_file(const auk_json *file, auk_json_writer *out)
{
    bool whole = auk_json_get(file, "mappings") || auk_json_get(file, "settings") ||
                 auk_json_get(file, "transforms");
    if (!whole) {
        auk_json_key(out, AUK_SPAN("mappings"));
        auk_json_value(out, file);
        return;
    }
    for (const auk_json *member = file->child; member != NULL; member = member->next) {
        auk_json_key(out, member->key);
        auk_json_value(out, member);
    }
}

static void write_body(const state *s, const auk_json *file, auk_buffer *body)
{
    auk_json_writer out;
    auk_json_writer_init(&out, body, false);
    auk_json_begin_object(&out);
    if (file != NULL)
        write_file(file, &out);
    auk_json_member_text(&out, "keep_old", s->options.values[KEEP].text);
    auk_json_member_int(&out, "max_rejected", s->options.values[REFUSED].number);
    auk_json_member_bool(&out, "verify", !is_on(s, NO_VERIFY));
    auk_json_member_text(&out, "promote", is_on(s, MANUAL) ? "manual" : "auto");
    if (is_on(s, MERGE))
        auk_json_member_bool(&out, "merge", true);
    if (s->options.values[RATE].text != NULL)
        auk_json_member_int(&out, "max_docs_per_second", s->options.values[RATE].number);
    auk_json_end_object(&out);
}

static auk_code begin(state *s, auk_error *err)
{
    auk_buffer file, body;
    const auk_json *given = NULL, *answer;
    const char *path = s->options.values[MAPPING].text;
    auk_buffer_init(&file, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&body, AUK_BUFFER_NO_LIMIT);
    auk_code code = path ? auk_client_read_file(path, &file, err) : AUK_OK;
    if (code == AUK_OK && path) {
        code = auk_json_parse(auk_buffer_span(&file), s->arena, &given, err);
        if (code == AUK_OK && given->type != AUK_JSON_OBJECT)
            code = auk_fail(err, AUK_INVALID, "it holds no JSON object");
        if (code != AUK_OK)
            code = auk_wrap(err, code, "%s", path);
    }
    if (code == AUK_OK) {
        write_body(s, given, &body);
        code = ask(s, AUK_HTTP_POST,
                   path_of(s, auk_span_of(s->name), "/_rebuild?wait_for_completion=false"),
                   auk_buffer_span(&body), &answer, err);
    }
    if (code == AUK_OK)
        auk_buffer_append(&s->task, auk_client_text(answer, "task"));
    auk_buffer_deinit(&file);
    auk_buffer_deinit(&body);
    return code;
}

/* ---- progress ---- */

static void append_number(auk_buffer *out, const char *words, uint64_t count)
{
    auk_buffer_append_text(out, ", ");
    auk_append_count(out, count);
    auk_buffer_append_text(out, words);
}

static void append_progress(auk_buffer *out, const auk_json *status)
{
    uint64_t copied = auk_client_number(status, "copied"),
             total = auk_client_number(status, "total");
    auk_buffer_printf(out, "%-8.*s ", AUK_SPAN_ARG(auk_client_text(status, "phase")));
    auk_append_count(out, copied);
    auk_buffer_append_text(out, " of ");
    auk_append_count(out, total);
    append_number(out, "/s", auk_client_number(status, "docs_per_second"));
    if (auk_client_number(status, "lag") > 0)
        append_number(out, " behind", auk_client_number(status, "lag"));
    if (auk_client_number(status, "rejected") > 0)
        append_number(out, " refused", auk_client_number(status, "rejected"));
    if (auk_json_get(status, "seconds_left") != NULL)
        append_number(out, " s left", auk_client_number(status, "seconds_left"));
}

static void append_bar(auk_buffer *out, const auk_json *status)
{
    uint64_t total = auk_client_number(status, "total");
    uint64_t filled = total > 0 ? auk_client_number(status, "copied") * BAR_CELLS / total : 0;
    auk_buffer_append_byte(out, '[');
    for (unsigned i = 0; i < BAR_CELLS; i++)
        auk_buffer_append_byte(out, i < filled ? '=' : i == filled ? '>' : ' ');
    auk_buffer_append_text(out, "] ");
}

static void draw(state *s, const auk_json *status)
{
    auk_buffer line;
    uint64_t now_us = auk_clock_monotonic_us();
    if (!s->is_terminal && now_us - s->drawn_us < LINE_EVERY_US)
        return;
    s->drawn_us = now_us;
    auk_buffer_init(&line, 1024);
    if (s->is_terminal)
        append_bar(&line, status);
    append_progress(&line, status);
    if (s->is_terminal) {
        unsigned width = auk_terminal_width(stderr, 80);
        line.size = line.size >= width ? width - 1 : line.size;
        (void)fprintf(stderr, "\r%.*s\x1b[K", AUK_SPAN_ARG(auk_buffer_span(&line)));
    } else {
        (void)fprintf(stderr, "%.*s\n", AUK_SPAN_ARG(auk_buffer_span(&line)));
    }
    (void)fflush(stderr);
    auk_buffer_deinit(&line);
}

static void clear(const state *s)
{
    if (s->is_terminal)
        (void)fputs("\r\x1b[K", stderr);
}

/* Until it is over, or waits for a word. *out lives in the arena. */
static auk_code follow(state *s, const auk_json **out, auk_error *err)
{
    for (;;) {
        auk_arena_reset(s->arena);
        auk_span target =
            auk_arena_printf(s->arena, "/_tasks/%.*s", AUK_SPAN_ARG(auk_buffer_span(&s->task)));
        auk_code code = ask(s, AUK_HTTP_GET, target, (auk_span){0}, out, err);
        if (code != AUK_OK)
            return code;
        const auk_json *status = auk_json_path(*out, AUK_SPAN("task.status"));
        bool over = auk_json_get(*out, "completed")->type == AUK_JSON_TRUE;
        bool waits = auk_span_is(auk_client_text(status, "phase"), "ready") &&
                     (is_on(s, MANUAL) || auk_client_number(status, "rejected") >
                                              (uint64_t)s->options.values[REFUSED].number);
        if (over || waits) {
            clear(s);
            return AUK_OK;
        }
        draw(s, status);
        nanosleep(&(struct timespec){.tv_nsec = ASK_EVERY_NS}, NULL);
    }
}

/* ---- what became of it ---- */

static void print_count(uint64_t value)
{
    auk_buffer out;
    auk_buffer_init(&out, 64);
    auk_append_count(&out, value);
    (void)printf("%.*s", AUK_SPAN_ARG(auk_buffer_span(&out)));
    auk_buffer_deinit(&out);
}

static auk_span type_of(const auk_json *field)
{
    const auk_json *type = auk_json_get(field, "type");
    return type != NULL ? type->text : AUK_SPAN("object");
}

/* Lines for fields of `fields` against their namesakes in `others`. only_missing: what `others`
 * lacks. Depth is bounded by the mapping's own limit. */
static uint32_t print_fields(state *s, const auk_json *fields, const auk_json *others,
                             auk_span prefix, bool only_missing)
{
    uint32_t printed = 0;
    for (const auk_json *field = fields ? fields->child : NULL; field; field = field->next) {
        const auk_json *other = auk_json_find(others, field->key);
        auk_span path =
            auk_arena_printf(s->arena, "%.*s%.*s", AUK_SPAN_ARG(prefix), AUK_SPAN_ARG(field->key));
        auk_span below = auk_arena_printf(s->arena, "%.*s.", AUK_SPAN_ARG(path));
        bool differs = other && !auk_span_equal(type_of(field), type_of(other));
        if (!other)
            (void)printf("  %s %.*s %.*s\n", only_missing ? "-" : "+", AUK_SPAN_ARG(path),
                         AUK_SPAN_ARG(type_of(field)));
        else if (differs && !only_missing)
            (void)printf("  ~ %.*s %.*s -> %.*s\n", AUK_SPAN_ARG(path),
                         AUK_SPAN_ARG(type_of(other)), AUK_SPAN_ARG(type_of(field)));
        printed += !other || (differs && !only_missing);
        for (int i = 0; i < 2; i++) {
            const char *part = i ? "fields" : "properties";
            printed += print_fields(s, auk_json_get(field, part), auk_json_get(other, part), below,
                                    only_missing);
        }
    }
    return printed;
}

static const auk_json *properties_of(state *s, auk_span index)
{
    const auk_json *answer;
    if (ask(s, AUK_HTTP_GET, path_of(s, index, "/_mapping"), (auk_span){0}, &answer, NULL) !=
            AUK_OK ||
        answer->child == NULL)
        return NULL;
    return auk_json_path(answer->child, AUK_SPAN("mappings.properties"));
}

static void print_changes(state *s, auk_span old, auk_span new)
{
    const auk_json *before = properties_of(s, old), *after = properties_of(s, new);
    (void)printf("fields:\n");
    uint32_t changes = print_fields(s, after, before, AUK_SPAN(""), false);
    changes += print_fields(s, before, after, AUK_SPAN(""), true);
    if (changes == 0)
        (void)printf("  of the same types as before\n");
}

static void print_refused(state *s, uint64_t count)
{
    const auk_json *answer = NULL;
    if (count == 0)
        return;
    auk_span target = auk_arena_printf(s->arena, "/_tasks/%.*s/rejected?size=%d",
                                       AUK_SPAN_ARG(auk_buffer_span(&s->task)), SHOWN_REFUSED);
    print_count(count);
    (void)printf(" documents are refused:\n");
    if (ask(s, AUK_HTTP_GET, target, (auk_span){0}, &answer, NULL) != AUK_OK)
        return;
    const auk_json *list = auk_json_get(answer, "documents");
    for (const auk_json *at = list ? list->child : NULL; at != NULL; at = at->next)
        (void)printf("  %.*s: %.*s\n", AUK_SPAN_ARG(auk_client_text(at, "id")),
                     AUK_SPAN_ARG(auk_client_text(at, "cause.reason")));
    if (count > SHOWN_REFUSED)
        (void)printf("  all: GET %.*s\n", AUK_SPAN_ARG(target));
}

static int print_done(state *s, const auk_json *answer)
{
    const auk_json *end = auk_json_get(answer, "response");
    time_t until = (time_t)(auk_client_number(end, "keep_old_until_in_millis") / 1000);
    char took[16], when[32];
    struct tm local;
    auk_time_format(auk_client_number(end, "took") * 1000, took);
    (void)printf("%s is %.*s now: ", s->name, AUK_SPAN_ARG(auk_client_text(end, "index")));
    print_count(auk_client_number(end, "documents"));
    (void)printf(" documents copied in %s%s, ", took,
                 auk_span_is(auk_client_text(end, "verified"), "true") ? " and verified" : "");
    (void)printf("writers waited %.*s ms\n",
                 AUK_SPAN_ARG(auk_client_text(end, "switch_in_millis")));
    print_changes(s, auk_client_text(end, "old_index"), auk_client_text(end, "index"));
    print_refused(s, auk_client_number(end, "rejected"));
    if (localtime_r(&until, &local) != NULL &&
        strftime(when, sizeof when, "%Y-%m-%d %H:%M", &local) > 0)
        (void)printf("%.*s follows until %s; to go back: auk rebuild %s --rollback\n",
                     AUK_SPAN_ARG(auk_client_text(end, "old_index")), when, s->name);
    return EXIT_FINE;
}

static int print_waiting(state *s, const auk_json *answer)
{
    const auk_json *status = auk_json_path(answer, AUK_SPAN("task.status"));
    (void)printf("%.*s is ready and follows; it waits for a word\n",
                 AUK_SPAN_ARG(auk_client_text(status, "index")));
    print_refused(s, auk_client_number(status, "rejected"));
    (void)printf("to switch: auk rebuild %s --promote\n"
                 "to give it up: POST /_tasks/%.*s/_cancel\n",
                 s->name, AUK_SPAN_ARG(auk_buffer_span(&s->task)));
    return EXIT_WAITS;
}

static int judge(state *s, const auk_command *command, const auk_json *answer)
{
    auk_error err = {0};
    const auk_json *error = auk_json_get(answer, "error");
    if (error == NULL && auk_json_get(answer, "response") != NULL)
        return print_done(s, answer);
    if (error == NULL)
        return print_waiting(s, answer);
    auk_fail(&err, AUK_IO, "%.*s", AUK_SPAN_ARG(auk_client_text(error, "reason")));
    auk_hint(&err, "%.*s", AUK_SPAN_ARG(auk_client_text(error, "hint")));
    return auk_complain(command, &err);
}

/* ---- switches ---- */

static auk_code ask_switch(state *s, const char *word, auk_error *err)
{
    const auk_json *answer;
    auk_code code =
        ask(s, AUK_HTTP_POST, path_of(s, auk_span_of(s->name), word), (auk_span){0}, &answer, err);
    if (code != AUK_OK)
        return code;
    (void)printf("%s is %.*s now\n", s->name, AUK_SPAN_ARG(auk_client_text(answer, "index")));
    if (auk_client_number(answer, "rejected") > 0)
        (void)printf("%llu documents are refused by its mapping and are not in it\n",
                     (unsigned long long)auk_client_number(answer, "rejected"));
    return AUK_OK;
}

static int run(state *s, const auk_command *command)
{
    auk_error err = {0};
    const auk_json *answer = NULL;
    auk_code code = auk_client_open(s->options.values[URL].text, &s->client, &err);
    if (code == AUK_OK && is_on(s, ROLLBACK))
        code = ask_switch(s, "/_rollback", &err);
    else if (code == AUK_OK && is_on(s, PROMOTE))
        code = ask_switch(s, "/_promote", &err);
    else if (code == AUK_OK)
        code = begin(s, &err);
    if (code == AUK_OK && s->task.size > 0)
        code = follow(s, &answer, &err);
    if (code != AUK_OK)
        return auk_complain(command, &err);
    return answer != NULL ? judge(s, command, answer) : EXIT_FINE;
}

static int rebuild(const auk_command *command, int argc, const char *const *argv)
{
    int result;
    state s = {.is_terminal = isatty(fileno(stderr)) != 0, .drawn_us = auk_clock_monotonic_us()};
    if (!auk_command_read(command, argc, argv, &s.options, &result))
        return result;
    s.name = s.options.arguments[0];
    s.arena = auk_arena_create(65536);
    auk_buffer_init(&s.task, 4096);
    result = run(&s, command);
    auk_http_client_close(s.client);
    auk_buffer_deinit(&s.task);
    auk_arena_destroy(s.arena);
    auk_options_deinit(&s.options);
    return result;
}

const auk_command auk_rebuild_command = {
    .name = "rebuild",
    .arguments = "INDEX",
    .summary = "give an index another mapping while it is in use",
    .description =
        "Makes the next generation of an index (or of an alias of one) under another mapping, "
        "copies its documents, follows what is written meanwhile, compares both, and switches in "
        "one step. Searches and writes go on all the time.\n"
        "\n"
        "The old generation follows the new one until `--keep-old` is over, so that `--rollback` "
        "goes back without losing a write. Documents that the new mapping refuses are listed, and "
        "the switch then waits for `--promote`.\n"
        "\n"
        "The work goes on in the server when this command ends.",
    .examples = "auk rebuild products --mapping new.json\n"
                "auk rebuild products --mapping change.json --merge --manual\n"
                "auk rebuild products --promote\n"
                "auk rebuild products --rollback",
    .exits = "0  switched\n"
             "1  failed; everything is as before\n"
             "2  ready, waits for a word",
    .options = rows,
    .option_count = ROW_COUNT,
    .least_arguments = 1,
    .most_arguments = 1,
    .run = rebuild,
};
