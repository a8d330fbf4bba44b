#include "timeline.h"

#include "auk/json.h"

#define LINES_MOST 10000

/* "1\t0/5000060\tno recovery target specified"; false: a comment, or nothing. */
static bool read_line(auk_span line, auk_timeline *out, bool *broken)
{
    auk_span part, rest = line;
    uint64_t number = 0;
    while (rest.size > 0 && (rest.data[0] == ' ' || rest.data[0] == '\t'))
        rest = auk_span_from(rest, 1);
    if (rest.size == 0 || rest.data[0] == '#' || rest.data[0] == '\r')
        return false;
    *broken = !auk_span_cut(&rest, '\t', &part) || !auk_number_parse_uint64(part, &number) ||
              number == 0 || number > UINT32_MAX || !auk_span_cut(&rest, '\t', &part) ||
              !auk_lsn_parse(part, &out->end);
    out->number = (uint32_t)number;
    return true;
}

auk_code auk_timelines_parse(auk_span text, auk_arena *arena, auk_timelines *out, auk_error *err)
{
    uint32_t most = 1;
    for (size_t i = 0; i < text.size; i++)
        most += text.data[i] == '\n';
    if (most > LINES_MOST)
        return auk_fail(err, AUK_CORRUPT, "the history of the server has %u timelines", most);
    auk_timeline *before = AUK_ARENA_ARRAY(arena, auk_timeline, most);
    auk_span line;
    out->before = before;
    out->count = 0;
    while (auk_span_cut(&text, '\n', &line)) {
        bool broken = false;
        if (!read_line(line, &before[out->count], &broken))
            continue;
        if (broken)
            return auk_fail(err, AUK_CORRUPT, "the history of the server has a line [%.*s]",
                            AUK_SPAN_ARG(line));
        out->count++;
    }
    return AUK_OK;
}

auk_code auk_timelines_read(auk_pg *pg, auk_arena *arena, auk_timelines *out, auk_error *err)
{
    auk_pg_result *r;
    *out = (auk_timelines){0};
    auk_code code = auk_pg_query(pg, "IDENTIFY_SYSTEM", NULL, 0, &r, err);
    if (code != AUK_OK)
        return code;
    if (auk_pg_rows(r) == 1) {
        out->system_id = auk_pg_number(r, 0, 0);
        out->now = (uint32_t)auk_pg_number(r, 0, 1);
    }
    auk_pg_clear(r);
    if (out->now <= 1)
        return out->now ? AUK_OK : auk_fail(err, AUK_IO, "the server does not say who it is");
    code = auk_pg_query(pg, auk_arena_printf(arena, "TIMELINE_HISTORY %u", out->now).data, NULL, 0,
                        &r, err);
    if (code != AUK_OK)
        return code;
    if (auk_pg_rows(r) == 1)
        code = auk_timelines_parse(auk_pg_cell(r, 0, 1), arena, out, err);
    auk_pg_clear(r);
    return code;
}

auk_timelines auk_timelines_copy(const auk_timelines *of, auk_arena *arena)
{
    auk_timelines copy = *of;
    auk_timeline *before = AUK_ARENA_ARRAY(arena, auk_timeline, of->count + 1);
    for (uint32_t i = 0; i < of->count; i++)
        before[i] = of->before[i];
    copy.before = before;
    return copy;
}

bool auk_timelines_find_end(const auk_timelines *timelines, uint32_t number, auk_lsn *end)
{
    *end = UINT64_MAX;
    if (number == timelines->now)
        return true;
    for (uint32_t i = 0; i < timelines->count; i++)
        if (timelines->before[i].number == number) {
            *end = timelines->before[i].end;
            return true;
        }
    return false;
}
