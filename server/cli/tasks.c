/* tasks.c - the command: what the server works on behind its answers; one of them closely; an end
 * to one. */
#include <time.h>

#include "auk/units.h"
#include "client.h"
#include "command.h"
#include "import_progress.h"

#define SHOWN_FAILURES 10

enum { URL, ACTIONS, ROW_COUNT };

static const auk_option rows[ROW_COUNT] = {
    [URL] = AUK_URL_OPTION,
    [ACTIONS] = {.name = "actions",
                 .form = "PATTERNS",
                 .kind = AUK_OPTION_TEXT,
                 .fallback_note = "all",
                 .flag_only = true,
                 .help = "List only tasks whose action matches, such as \"*reindex,*byquery\"."},
};

typedef struct state {
    auk_options options;
    auk_http_client *client;
    auk_arena *arena;
} state;

/* ---- answers ---- */

static bool flag(const auk_json *object, const char *path)
{
    return auk_span_is(auk_client_text(object, path), "true");
}

static auk_code ask(state *s, auk_http_method method, auk_span target, const auk_json **out,
                    auk_error *err)
{
    return auk_client_ask(s->client, method, target, (auk_span){0}, s->arena, out, err);
}

static auk_span path_of(state *s, const char *before, const char *value, const char *rest)
{
    auk_buffer encoded;
    auk_buffer_init(&encoded, 4096);
    auk_http_encode(&encoded, auk_span_of(value));
    auk_span path = auk_arena_printf(s->arena, "%s%.*s%s", before,
                                     AUK_SPAN_ARG(auk_buffer_span(&encoded)), rest);
    auk_buffer_deinit(&encoded);
    return path;
}

/* ---- how far it is ---- */

/* Documents that it is done with: what a rebuild calls copied, others by what came of them. */
static uint64_t done_of(const auk_json *status)
{
    static const char *const names[] = {"copied", "created", "updated", "deleted",
                                        "version_conflicts"};
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        sum += auk_client_number(status, names[i]);
    return sum;
}

static void append_progress(auk_buffer *out, const auk_json *task)
{
    const auk_json *status = auk_json_get(task, "status");
    uint64_t us = auk_client_number(task, "running_time_in_nanos") / 1000, done = done_of(status);
    if (auk_client_text(status, "phase").size)
        auk_buffer_printf(out, "%.*s ", AUK_SPAN_ARG(auk_client_text(status, "phase")));
    if (auk_client_number(status, "total") == 0)
        return;
    auk_append_count(out, done);
    auk_buffer_append_text(out, " of ");
    auk_append_count(out, auk_client_number(status, "total"));
    if (us > 0 && done > 0) {
        auk_buffer_append_text(out, ", ");
        auk_append_count(out, (uint64_t)((double)done * 1e6 / (double)us));
        auk_buffer_append_text(out, "/s");
    }
    if (auk_client_number(status, "throttled_until_millis") > 0)
        auk_buffer_append_text(out, ", waits");
}

static auk_span progress_of(state *s, const auk_json *task)
{
    auk_buffer out;
    auk_buffer_init(&out, 1024);
    append_progress(&out, task);
    auk_span progress = auk_arena_copy(s->arena, auk_buffer_span(&out));
    auk_buffer_deinit(&out);
    return progress;
}

/* ---- list ---- */

static void print_row(state *s, const auk_json *task)
{
    char took[16];
    auk_span id =
        auk_arena_printf(s->arena, "%.*s:%llu", AUK_SPAN_ARG(auk_client_text(task, "node")),
                         (unsigned long long)auk_client_number(task, "id"));
    auk_time_format(auk_client_number(task, "running_time_in_nanos") / 1000, took);
    (void)printf("%-30.*s  %8s  %-32.*s  %.*s\n", AUK_SPAN_ARG(id), took,
                 AUK_SPAN_ARG(progress_of(s, task)),
                 AUK_SPAN_ARG(auk_client_text(task, "description")));
}

static auk_code list(state *s, auk_error *err)
{
    const auk_json *answer, *tasks;
    const char *actions = s->options.values[ACTIONS].text;
    auk_code code =
        ask(s, AUK_HTTP_GET,
            path_of(s, "/_tasks?detailed=true&group_by=none&actions=", actions ? actions : "*", ""),
            &answer, err);
    if (code != AUK_OK)
        return code;
    tasks = auk_json_get(answer, "tasks");
    if (!tasks || tasks->count == 0) {
        (void)printf("no tasks\n");
        return AUK_OK;
    }
    (void)printf("%-30s  %8s  %-32s  %s\n", "task", "running", "progress", "what");
    for (const auk_json *task = tasks->child; task != NULL; task = task->next)
        print_row(s, task);
    return AUK_OK;
}

/* ---- show ---- */

static const char *state_of(const auk_json *answer)
{
    const auk_json *task = auk_json_get(answer, "task");
    if (!flag(answer, "completed"))
        return flag(task, "cancelled") ? "is being cancelled" : "runs";
    if (auk_json_get(answer, "error"))
        return "failed";
    return flag(task, "cancelled") ? "cancelled" : "done";
}

/* Plain members, one a line; lists and objects are left to those who ask for JSON. */
static void print_members(const auk_json *object)
{
    for (const auk_json *m = object ? object->child : NULL; m != NULL; m = m->next)
        if (m->type != AUK_JSON_OBJECT && m->type != AUK_JSON_ARRAY)
            (void)printf("  %-24.*s  %.*s\n", AUK_SPAN_ARG(m->key), AUK_SPAN_ARG(m->text));
}

static void print_failures(const auk_json *answer)
{
    uint32_t shown = 0;
    const auk_json *failures = auk_json_path(answer, AUK_SPAN("response.failures"));
    if (!failures || failures->count == 0)
        return;
    (void)printf("failures:\n");
    for (const auk_json *f = failures->child; f && shown < SHOWN_FAILURES; f = f->next, shown++)
        (void)printf("  %.*s/%.*s: %.*s\n", AUK_SPAN_ARG(auk_client_text(f, "index")),
                     AUK_SPAN_ARG(auk_client_text(f, "id")),
                     AUK_SPAN_ARG(auk_client_text(f, "cause.reason")));
    if (failures->count > SHOWN_FAILURES)
        (void)printf("  and %u more\n", failures->count - SHOWN_FAILURES);
}

static void print_task(state *s, const auk_json *answer)
{
    char took[16], when[32] = "";
    struct tm local;
    const auk_json *task = auk_json_get(answer, "task");
    time_t started = (time_t)(auk_client_number(task, "start_time_in_millis") / 1000);
    auk_time_format(auk_client_number(task, "running_time_in_nanos") / 1000, took);
    if (localtime_r(&started, &local) != NULL)
        (void)strftime(when, sizeof when, "%Y-%m-%d %H:%M:%S", &local);
    (void)printf("%.*s\n", AUK_SPAN_ARG(auk_client_text(task, "description")));
    (void)printf("%.*s, begun %s, %s for %s\n", AUK_SPAN_ARG(auk_client_text(task, "action")), when,
                 state_of(answer), took);
    auk_span progress = progress_of(s, task);
    if (progress.size)
        (void)printf("%.*s\n", AUK_SPAN_ARG(progress));
    if (auk_json_get(answer, "error"))
        (void)printf("reason: %.*s\n", AUK_SPAN_ARG(auk_client_text(answer, "error.reason")));
    print_members(auk_json_get(answer, "response") ? auk_json_get(answer, "response")
                                                   : auk_json_get(task, "status"));
    print_failures(answer);
}

static auk_code show(state *s, const char *id, auk_error *err)
{
    const auk_json *answer;
    auk_code code = ask(s, AUK_HTTP_GET, path_of(s, "/_tasks/", id, ""), &answer, err);
    if (code == AUK_OK)
        print_task(s, answer);
    return code;
}

/* ---- cancel ---- */

static auk_code cancel(state *s, const char *id, auk_error *err)
{
    const auk_json *answer;
    auk_code code = ask(s, AUK_HTTP_POST, path_of(s, "/_tasks/", id, "/_cancel"), &answer, err);
    if (code == AUK_OK)
        (void)printf("%s ends as soon as it can: auk tasks show %s\n", id, id);
    return code;
}

/* ---- the command ---- */

static auk_code run(state *s, auk_error *err)
{
    size_t count = s->options.argument_count;
    const char *verb = count > 0 ? s->options.arguments[0] : "list";
    bool lists = strcmp(verb, "list") == 0, shows = strcmp(verb, "show") == 0;
    if (!lists && !shows && strcmp(verb, "cancel") != 0) {
        auk_fail(err, AUK_INVALID, "there is no \"%s\"", verb);
        auk_hint(err, "take list, show TASK or cancel TASK");
        return AUK_INVALID;
    }
    if (count != (lists ? count > 0 : 2)) {
        auk_fail(err, AUK_INVALID, lists ? "list takes no argument" : "which task?");
        auk_hint(err, "auk tasks lists those that run");
        return AUK_INVALID;
    }
    auk_code code = auk_client_open(s->options.values[URL].text, &s->client, err);
    if (code != AUK_OK)
        return code;
    return lists   ? list(s, err)
           : shows ? show(s, s->options.arguments[1], err)
                   : cancel(s, s->options.arguments[1], err);
}

static int tasks(const auk_command *command, int argc, const char *const *argv)
{
    int result;
    state s = {0};
    auk_error err = {0};
    if (!auk_command_read(command, argc, argv, &s.options, &result))
        return result;
    s.arena = auk_arena_create(65536);
    result = run(&s, &err) == AUK_OK ? EXIT_FINE : auk_complain(command, &err);
    auk_http_client_close(s.client);
    auk_arena_destroy(s.arena);
    auk_options_deinit(&s.options);
    return result;
}

const auk_command auk_tasks_command = {
    .name = "tasks",
    .arguments = "[list | show TASK | cancel TASK]",
    .summary = "show what the server works on, and end it",
    .description =
        "Lists what runs behind the server's answers: rebuilds, copies and changes by query, "
        "merges; how far each is and how fast it goes.\n"
        "\n"
        "`show` tells more of one, also when it is over: its answer is kept for a day, or until "
        "some minutes after it was read. `cancel` ends one; what it did stays done, except of a "
        "rebuild, which leaves everything as it was.",
    .examples = "auk tasks\n"
                "auk tasks --actions '*reindex'\n"
                "auk tasks show oTUltX4IQMOUUVeiohTt8A:124\n"
                "auk tasks cancel oTUltX4IQMOUUVeiohTt8A:124",
    .exits = "0  done\n"
             "1  the server cannot be reached, or there is no such task",
    .options = rows,
    .option_count = ROW_COUNT,
    .most_arguments = 2,
    .run = tasks,
};
