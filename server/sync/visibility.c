#include "visibility.h"

static bool read_number(auk_span text, size_t *at, uint64_t *out)
{
    size_t from = *at;
    *out = 0;
    while (*at < text.size && text.data[*at] >= '0' && text.data[*at] <= '9') {
        uint64_t digit = (uint64_t)(text.data[*at] - '0');
        if (*out > (UINT64_MAX - digit) / 10)
            return false;
        *out = *out * 10 + digit;
        ++*at;
    }
    return *at > from;
}

static bool read_colon(auk_span text, size_t *at)
{
    return *at < text.size && text.data[(*at)++] == ':';
}

static bool read_in_progress(auk_span text, size_t at, uint64_t *list, auk_pg_snapshot *out)
{
    while (at < text.size) {
        uint64_t xid;
        if (out->count > 0 && text.data[at++] != ',')
            return false;
        if (!read_number(text, &at, &xid) || (out->count > 0 && xid <= list[out->count - 1]))
            return false;
        list[out->count++] = xid;
    }
    return true;
}

auk_code auk_pg_snapshot_parse(auk_span text, auk_arena *arena, auk_pg_snapshot *out,
                               auk_error *err)
{
    size_t at = 0;
    *out = (auk_pg_snapshot){0};
    uint64_t *list = AUK_ARENA_ARRAY(arena, uint64_t, text.size / 2 + 1);
    out->in_progress = list;
    if (read_number(text, &at, &out->xmin) && read_colon(text, &at) &&
        read_number(text, &at, &out->xmax) && read_colon(text, &at) &&
        read_in_progress(text, at, list, out))
        return AUK_OK;
    return auk_fail(err, AUK_INVALID, "[%.*s] is no snapshot of Postgres", AUK_SPAN_ARG(text));
}

/* The wire's 32 bits name the transaction nearest to the snapshot's end. */
static uint64_t widen(const auk_pg_snapshot *snapshot, uint32_t xid)
{
    int32_t distance = (int32_t)(xid - (uint32_t)snapshot->xmax);
    return snapshot->xmax + (uint64_t)(int64_t)distance;
}

bool auk_pg_snapshot_sees(const auk_pg_snapshot *snapshot, uint32_t xid)
{
    uint64_t wide = widen(snapshot, xid);
    if (wide < snapshot->xmin)
        return true;
    if (wide >= snapshot->xmax)
        return false;
    uint32_t low = 0, high = snapshot->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (snapshot->in_progress[middle] < wide)
            low = middle + 1;
        else
            high = middle;
    }
    return low == snapshot->count || snapshot->in_progress[low] != wide;
}
