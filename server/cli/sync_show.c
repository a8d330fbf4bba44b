#include "sync_show.h"

#include <stdio.h>

#include "auk/units.h"
#include "client.h"
#include "import_progress.h"

#define BAR_CELLS 24u

/* ---- answers ---- */

static bool has(const auk_json *object, const char *path)
{
    return auk_json_path(object, auk_span_of(path)) != NULL;
}

auk_sync_step auk_sync_step_of(const auk_json *source)
{
    static const char *const going[] = {"new", "snapshot", "catchup", "waiting"};
    auk_span state = auk_client_text(source, "state");
    for (size_t i = 0; i < sizeof going / sizeof going[0]; i++)
        if (auk_span_is(state, going[i]))
            return AUK_SYNC_GOES_ON;
    return auk_span_is(state, "streaming") ? AUK_SYNC_FOLLOWS : AUK_SYNC_STANDS;
}

/* ---- progress ---- */

static void append_bar(auk_buffer *out, uint64_t done, uint64_t total)
{
    uint64_t filled = total > 0 ? done * BAR_CELLS / total : 0;
    auk_buffer_append_byte(out, '[');
    for (unsigned i = 0; i < BAR_CELLS; i++)
        auk_buffer_append_byte(out, i < filled ? '=' : i == filled ? '>' : ' ');
    auk_buffer_append_text(out, "] ");
}

static void append_snapshot(auk_buffer *out, const auk_json *source, bool bar)
{
    uint64_t rows = auk_client_number(source, "snapshot.rows");
    uint64_t total = auk_client_number(source, "snapshot.rows_estimated");
    if (bar)
        append_bar(out, rows, total);
    auk_buffer_append_text(out, "reads ");
    auk_append_count(out, rows);
    auk_buffer_append_text(out, " of about ");
    auk_append_count(out, total);
    auk_buffer_append_text(out, " rows, ");
    auk_append_count(out, auk_client_number(source, "snapshot.rows_per_second"));
    auk_buffer_append_text(out, "/s");
    if (has(source, "snapshot.seconds_left"))
        auk_buffer_printf(out, ", %llu s left",
                          (unsigned long long)auk_client_number(source, "snapshot.seconds_left"));
}

static void append_lag(auk_buffer *out, const auk_json *source)
{
    char bytes[16];
    auk_bytes_format(auk_client_number(source, "position.lag_bytes"), bytes);
    auk_buffer_printf(out, "%s behind", bytes);
}

static auk_span finish(auk_buffer *out, auk_arena *arena)
{
    auk_span line = auk_arena_copy(arena, auk_buffer_span(out));
    auk_buffer_deinit(out);
    return line;
}

auk_span auk_sync_progress(const auk_json *source, bool bar, auk_arena *arena)
{
    auk_buffer out;
    auk_span state = auk_client_text(source, "state");
    auk_buffer_init(&out, 4096);
    if (auk_span_is(state, "snapshot"))
        append_snapshot(&out, source, bar);
    else
        auk_buffer_append(&out, state);
    if (auk_span_is(state, "catchup")) {
        auk_buffer_append_text(&out, ": ");
        append_lag(&out, source);
    }
    if (has(source, "reason"))
        auk_buffer_printf(&out, ": %.*s", AUK_SPAN_ARG(auk_client_text(source, "reason")));
    return finish(&out, arena);
}

auk_span auk_sync_verify_progress(const auk_json *status, bool bar, auk_arena *arena)
{
    auk_buffer out;
    uint64_t rows = auk_client_number(status, "rows"),
             total = auk_client_number(status, "rows_estimated");
    auk_buffer_init(&out, 4096);
    if (bar)
        append_bar(&out, rows, total);
    auk_buffer_printf(&out, "%.*s ", AUK_SPAN_ARG(auk_client_text(status, "table")));
    auk_append_count(&out, rows);
    auk_buffer_append_text(&out, " of about ");
    auk_append_count(&out, total);
    auk_buffer_append_text(&out, " rows compared");
    return finish(&out, arena);
}

/* ---- one source ---- */

static void print_line(const char *name, auk_span value)
{
    if (value.size)
        (void)printf("  %-12s %.*s\n", name, AUK_SPAN_ARG(value));
}

static auk_span indices_of(const auk_json *source, auk_arena *arena)
{
    auk_span list = AUK_SPAN("");
    const auk_json *indices = auk_json_get(source, "indices");
    for (const auk_json *at = indices ? indices->child : NULL; at; at = at->next)
        list = auk_arena_printf(arena, "%.*s%s%.*s (%.*s)", AUK_SPAN_ARG(list),
                                list.size ? ", " : "", AUK_SPAN_ARG(auk_client_text(at, "index")),
                                AUK_SPAN_ARG(auk_client_text(at, "state")));
    return list;
}

static auk_span slot_of(const auk_json *source, auk_arena *arena)
{
    char held[16], left[16] = "";
    if (!has(source, "slot.exists"))
        return auk_client_text(source, "slot.name");
    auk_bytes_format(auk_client_number(source, "slot.retained_bytes"), held);
    auk_bytes_format(auk_client_number(source, "slot.safe_wal_bytes"), left);
    auk_span line = auk_arena_printf(arena, "%.*s holds %s of log",
                                     AUK_SPAN_ARG(auk_client_text(source, "slot.name")), held);
    if (has(source, "slot.safe_wal_bytes"))
        line = auk_arena_printf(arena, "%.*s, %s until it is lost", AUK_SPAN_ARG(line), left);
    if (has(source, "slot.seconds_left"))
        line = auk_arena_printf(arena, "%.*s, in %llu s as it grows now", AUK_SPAN_ARG(line),
                                (unsigned long long)auk_client_number(source, "slot.seconds_left"));
    return line;
}

static auk_span lag_of(const auk_json *source, auk_arena *arena)
{
    auk_buffer out;
    auk_buffer_init(&out, 1024);
    auk_buffer_printf(&out, "%.*s, ", AUK_SPAN_ARG(auk_client_text(source, "position.applied")));
    append_lag(&out, source);
    return finish(&out, arena);
}

static auk_span changes_of(const auk_json *source, auk_arena *arena)
{
    static const char *const names[] = {"transactions", "inserts", "updates", "deletes"};
    auk_buffer out;
    auk_buffer_init(&out, 1024);
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[40];
        (void)snprintf(path, sizeof path, "counts.%s", names[i]);
        auk_buffer_append_text(&out, i ? ", " : "");
        auk_append_count(&out, auk_client_number(source, path));
        auk_buffer_printf(&out, " %s", names[i]);
    }
    if (auk_client_number(source, "counts.dead_letters") > 0) {
        auk_buffer_append_text(&out, ", ");
        auk_append_count(&out, auk_client_number(source, "counts.dead_letters"));
        auk_buffer_append_text(&out, " rows refused (auk sync dlq)");
    }
    return finish(&out, arena);
}

static void print_troubles(const auk_json *source)
{
    const auk_json *tables = auk_json_get(source, "tables");
    for (const auk_json *at = tables ? tables->child : NULL; at; at = at->next) {
        if (auk_span_is(auk_client_text(at, "state"), "followed"))
            continue;
        (void)printf("  %-12s %.*s: %.*s%s%.*s\n", "table",
                     AUK_SPAN_ARG(auk_client_text(at, "table")),
                     AUK_SPAN_ARG(auk_client_text(at, "state")), has(at, "reason") ? ": " : "",
                     AUK_SPAN_ARG(auk_client_text(at, "reason")));
        print_line("  mend by", auk_client_text(at, "sql"));
    }
}

static auk_span verified_of(const auk_json *source, auk_arena *arena)
{
    if (!has(source, "verification.age_seconds"))
        return auk_client_number(source, "verification.rows") > 0 ? AUK_SPAN("in part")
                                                                  : (auk_span){0};
    return auk_arena_printf(arena, "%llu s ago, %llu rows differed so far, %llu mended",
                            (unsigned long long)auk_client_number(source,
                                                                  "verification.age_seconds"),
                            (unsigned long long)auk_client_number(source,
                                                                  "verification.mismatches"),
                            (unsigned long long)auk_client_number(source, "verification.repaired"));
}

static auk_span spool_of(const auk_json *source, auk_arena *arena)
{
    char held[16], most[16];
    if (auk_client_number(source, "spool.bytes") == 0)
        return (auk_span){0};
    auk_bytes_format(auk_client_number(source, "spool.bytes"), held);
    auk_bytes_format(auk_client_number(source, "spool.limit_bytes"), most);
    return auk_arena_printf(arena, "%s of %s received and not applied", held, most);
}

void auk_sync_print_source(const auk_json *source, auk_arena *arena)
{
    (void)printf("%.*s: %.*s\n", AUK_SPAN_ARG(auk_client_text(source, "source")),
                 AUK_SPAN_ARG(auk_sync_progress(source, false, arena)));
    print_line("to do", auk_client_text(source, "advice"));
    print_line("indices", indices_of(source, arena));
    if (has(source, "position.applied"))
        print_line("position", lag_of(source, arena));
    print_line("slot", slot_of(source, arena));
    print_line("warning", auk_client_text(source, "slot.warning"));
    print_line("spool", spool_of(source, arena));
    print_line("changes", changes_of(source, arena));
    print_line("verified", verified_of(source, arena));
    print_troubles(source);
}

void auk_sync_print_list(const auk_json *answer)
{
    const auk_json *sources = auk_json_get(answer, "sources");
    if (!sources || sources->count == 0) {
        (void)printf("nothing is followed: auk sync add NAME postgres://... --table ...\n");
        return;
    }
    (void)printf("%-20s  %-10s  %10s  %s\n", "source", "state", "behind", "what");
    for (const auk_json *at = sources->child; at; at = at->next) {
        char behind[16];
        auk_bytes_format(auk_client_number(at, "position.lag_bytes"), behind);
        (void)printf("%-20.*s  %-10.*s  %10s  %.*s\n", AUK_SPAN_ARG(auk_client_text(at, "source")),
                     AUK_SPAN_ARG(auk_client_text(at, "state")), behind,
                     AUK_SPAN_ARG(auk_client_text(at, "reason")));
    }
}

/* ---- letters and differences ---- */

void auk_sync_print_letters(const auk_json *answer)
{
    const auk_json *list = NULL;
    for (const auk_json *m = answer->child; m && !list; m = m->next)
        if (m->type == AUK_JSON_ARRAY)
            list = m;
    if (!list || list->count == 0) {
        (void)printf("every row has become what it should\n");
        return;
    }
    for (const auk_json *at = list->child; at; at = at->next)
        (void)printf("%.*s  %.*s %.*s: %.*s\n", AUK_SPAN_ARG(auk_client_text(at, "id")),
                     AUK_SPAN_ARG(auk_client_text(at, "table")),
                     AUK_SPAN_ARG(auk_client_text(at, "key")),
                     AUK_SPAN_ARG(has(at, "error.reason") ? auk_client_text(at, "error.reason")
                                                          : auk_client_text(at, "reason")));
}

bool auk_sync_print_findings(const auk_json *answer)
{
    const auk_json *findings = auk_json_get(answer, "findings");
    bool ready = auk_span_is(auk_client_text(answer, "ready"), "true");
    for (const auk_json *at = findings ? findings->child : NULL; at; at = at->next) {
        (void)printf("%.*s (%.*s): %.*s\n", AUK_SPAN_ARG(auk_client_text(at, "severity")),
                     AUK_SPAN_ARG(auk_client_text(at, "check")),
                     AUK_SPAN_ARG(auk_client_text(at, "reason")));
        if (has(at, "sql"))
            (void)printf("    %.*s\n", AUK_SPAN_ARG(auk_client_text(at, "sql")));
    }
    (void)printf(ready ? "it can be followed\n" : "it cannot be followed like this\n");
    return ready;
}

bool auk_sync_print_verified(const auk_json *response)
{
    auk_buffer out;
    uint64_t wrong = auk_client_number(response, "missing") + auk_client_number(response, "extra") +
                     auk_client_number(response, "different");
    uint64_t mended = auk_client_number(response, "repaired");
    const auk_json *list = auk_json_get(response, "differences");
    auk_buffer_init(&out, 1024);
    auk_append_count(&out, auk_client_number(response, "rows"));
    auk_buffer_append_text(&out, " rows compared, ");
    auk_append_count(&out, wrong);
    auk_buffer_append_text(&out, " differ");
    if (mended > 0) {
        auk_buffer_append_text(&out, ", ");
        auk_append_count(&out, mended);
        auk_buffer_append_text(&out, " mended");
    }
    (void)printf("%.*s\n", AUK_SPAN_ARG(auk_buffer_span(&out)));
    auk_buffer_deinit(&out);
    for (const auk_json *at = list ? list->child : NULL; at; at = at->next)
        (void)printf("  %.*s %.*s: %.*s%s\n", AUK_SPAN_ARG(auk_client_text(at, "table")),
                     AUK_SPAN_ARG(auk_client_text(at, "key")),
                     AUK_SPAN_ARG(auk_client_text(at, "kind")),
                     auk_span_is(auk_client_text(at, "repaired"), "true") ? ", mended" : "");
    return wrong == mended;
}
