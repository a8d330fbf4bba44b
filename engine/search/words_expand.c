/* The terms that a prefix stands for where they have to be known: at the end of a phrase. */
#include "words.h"

typedef struct expansion {
    auk_span *items; /* ascending */
    uint32_t count, capacity;
    auk_arena *arena;
} expansion;

/* Where text is, or would be. */
static uint32_t place_of(const expansion *to, auk_span text, bool *found)
{
    uint32_t low = 0, high = to->count;
    *found = false;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        int order = auk_span_compare(to->items[middle], text);
        *found = *found || order == 0;
        if (order < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* true: it is new. */
static bool insert(expansion *to, auk_span text)
{
    bool found;
    uint32_t at = place_of(to, text, &found);
    if (found)
        return false;
    if (to->count == to->capacity) {
        to->capacity = to->capacity ? to->capacity * 2 : 16;
        auk_span *items = AUK_ARENA_ARRAY(to->arena, auk_span, to->capacity);
        if (to->count)
            memcpy(items, to->items, sizeof *items * to->count);
        to->items = items;
    }
    memmove(to->items + at + 1, to->items + at, sizeof *to->items * (to->count - at));
    to->items[at] = auk_arena_copy(to->arena, text);
    to->count++;
    return true;
}

static auk_code expand_segment(const auk_terms *terms, auk_span prefix, uint32_t most,
                               expansion *shard, expansion *all, auk_error *err)
{
    auk_terms_cursor *cursor = auk_terms_cursor_open(terms, all->arena);
    bool more = auk_terms_cursor_seek(cursor, prefix);
    for (; more && shard->count < most; more = auk_terms_cursor_next(cursor)) {
        auk_span text = auk_terms_cursor_text(cursor);
        if (!auk_span_starts_with(text, prefix))
            break;
        if (insert(shard, text))
            insert(all, text);
    }
    auk_code code = auk_terms_cursor_status(cursor);
    return code == AUK_OK ? code : auk_fail(err, code, "a dictionary is damaged");
}

auk_code auk_words_expand(auk_resolver *resolver, const auk_field *field, auk_span prefix,
                          uint32_t most, auk_span **out, uint32_t *count, auk_error *err)
{
    expansion all = {.arena = resolver->arena};
    if (most > AUK_QUERY_CLAUSE_LIMIT)
        most = AUK_QUERY_CLAUSE_LIMIT + 1; /* each is a clause: more are refused anyway */
    for (uint32_t s = 0; s < resolver->shard_count; s++) {
        const auk_shard_view *view = resolver->shards[s];
        expansion shard = {.arena = resolver->arena};
        for (uint32_t i = 0; i < view->segment_count; i++) {
            const auk_terms *terms = auk_segment_terms(view->segments[i].segment, field->number);
            auk_code code = terms ? expand_segment(terms, prefix, most, &shard, &all, err) : AUK_OK;
            if (code != AUK_OK)
                return code;
        }
    }
    *out = all.items;
    *count = all.count;
    return AUK_OK;
}
