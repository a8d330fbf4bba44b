#include "bucket_joiner.h"

#include <stdlib.h>

/* A walk over all terms is cheaper than a look-up each, when one in so many is wanted. */
#define WALK_RATIO 8u

/* ---- texts ---- */

static int compare_ordinals(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

static uint32_t unite(int64_t *ordinals, uint32_t count)
{
    bool ascending = true;
    for (uint32_t i = 1; i < count && ascending; i++)
        ascending = ordinals[i - 1] <= ordinals[i];
    if (!ascending)
        qsort(ordinals, count, sizeof *ordinals, compare_ordinals);
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++)
        if (kept == 0 || ordinals[kept - 1] != ordinals[i])
            ordinals[kept++] = ordinals[i];
    return kept;
}

static auk_code keep_text(auk_aggregation_merger *merger, auk_span text, auk_span *out)
{
    if (auk_aggregation_charge(merger->environment, text.size + 1, merger->err) != AUK_OK)
        return AUK_BUSY;
    *out = auk_arena_copy(merger->arena, text);
    return AUK_OK;
}

static auk_code walk_texts(auk_aggregation_merger *merger, const auk_gathered *gathered,
                           const int64_t *ordinals, uint32_t count, auk_span *texts)
{
    auk_terms_cursor *cursor = auk_terms_cursor_open(gathered->terms, merger->arena);
    bool more = auk_terms_cursor_seek(cursor, (auk_span){"", 0});
    int64_t at = 0;
    for (uint32_t i = 0; i < count && more;) {
        if (at == ordinals[i]) {
            auk_code code = keep_text(merger, auk_terms_cursor_text(cursor), &texts[i]);
            if (code != AUK_OK)
                return code;
            i++;
        }
        more = auk_terms_cursor_next(cursor);
        at++;
    }
    return auk_terms_cursor_status(cursor) == AUK_OK
               ? AUK_OK
               : auk_fail(merger->err, AUK_CORRUPT, "the terms of an aggregated field are damaged");
}

static auk_code find_text(auk_aggregation_merger *merger, const auk_gathered *gathered,
                          int64_t ordinal, auk_span *out)
{
    if (gathered->has_extra && ordinal == gathered->extra)
        return AUK_OK; /* set by the caller */
    return auk_terms_text(gathered->terms, (uint64_t)ordinal, merger->arena, out, merger->err);
}

/* All texts of what was gathered in a segment, once. */
static auk_code read_texts(auk_aggregation_merger *merger, auk_gathered *gathered,
                           auk_span extra_term)
{
    if (gathered->texts)
        return AUK_OK;
    uint32_t count = gathered->all_count;
    int64_t *ordinals = auk_merger_alloc(merger, count, sizeof *ordinals);
    auk_span *texts = auk_merger_alloc(merger, count, sizeof *texts);
    if (!ordinals || !texts)
        return AUK_BUSY;
    for (uint32_t i = 0; i < count; i++)
        ordinals[i] = gathered->all[i].key;
    count = unite(ordinals, count);
    auk_code code = AUK_OK;
    uint64_t term_count = gathered->terms ? auk_terms_read_stats(gathered->terms)->term_count : 0;
    if (gathered->terms && count >= term_count / WALK_RATIO)
        code = walk_texts(merger, gathered, ordinals, count, texts);
    else
        for (uint32_t i = 0; i < count && code == AUK_OK; i++)
            code = find_text(merger, gathered, ordinals[i], &texts[i]);
    if (count && gathered->has_extra && ordinals[count - 1] == gathered->extra)
        texts[count - 1] = extra_term;
    gathered->ordinals = ordinals;
    gathered->texts = texts;
    gathered->text_count = count;
    return code;
}

static auk_span text_of(const auk_gathered *gathered, int64_t ordinal)
{
    uint32_t low = 0, high = gathered->text_count;
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (gathered->ordinals[middle] <= ordinal)
            low = middle;
        else
            high = middle;
    }
    return gathered->texts[low];
}

/* ---- slots ---- */

const auk_gathered *auk_bucket_joiner_slots(const auk_bucket_joiner *joiner)
{
    const auk_gathered *from = joiner->only ? joiner->only->u.collected.gathered : NULL;
    return from && from->slots ? from : NULL;
}

/* Buckets of slots, made where several sources have to be joined. */
static auk_code make_buckets(auk_aggregation_merger *merger, auk_gathered *from)
{
    if (!from->slots || from->all)
        return AUK_OK;
    from->all = auk_merger_alloc(merger, from->all_count, sizeof *from->all);
    if (!from->all)
        return AUK_BUSY;
    uint32_t used = 0;
    for (uint32_t i = 0; i < from->slot_count; i++)
        if (from->slots[i])
            from->all[used++] =
                (auk_collected_bucket){from->slot_base + i, from->slots[i], AUK_BUCKET_NONE};
    return AUK_OK;
}

static const auk_collected_bucket *items_of(const auk_partial *source)
{
    const auk_gathered *from = source->u.collected.gathered;
    return from->slots ? from->all : source->u.collected.items;
}

/* ---- join ---- */

static inline int compare(const auk_bucket_joiner *joiner, const auk_bucket_source *a,
                          const auk_bucket_source *b)
{
    if (joiner->by_term)
        return auk_span_compare(a->term, b->term);
    return (a->key > b->key) - (a->key < b->key);
}

static void merge_runs(const auk_bucket_joiner *joiner, const auk_bucket_source *a,
                       const auk_bucket_source *a_end, const auk_bucket_source *b,
                       const auk_bucket_source *b_end, auk_bucket_source *out)
{
    while (a < a_end && b < b_end)
        *out++ = compare(joiner, b, a) < 0 ? *b++ : *a++;
    while (a < a_end)
        *out++ = *a++;
    while (b < b_end)
        *out++ = *b++;
}

/* Runs lie end to end, ends[r] behind the r-th; pairs are merged until one is left. Stable, so that
 * sums do not depend on how the work was shared. */
static auk_bucket_source *merge_all(const auk_bucket_joiner *joiner, auk_bucket_source *from,
                                    auk_bucket_source *to, uint32_t *ends, uint32_t runs)
{
    while (runs > 1) {
        uint32_t kept = 0, start = 0;
        for (uint32_t r = 0; r < runs; r += 2) {
            uint32_t middle = ends[r], end = r + 1 < runs ? ends[r + 1] : middle;
            merge_runs(joiner, from + start, from + middle, from + middle, from + end, to + start);
            ends[kept++] = start = end;
        }
        runs = kept;
        auk_bucket_source *swap = from;
        from = to;
        to = swap;
    }
    return from;
}

/* The extra ordinal stands last, wherever its term belongs. */
static void place_extra(auk_bucket_source *run, uint32_t count)
{
    auk_bucket_source extra = run[count - 1];
    uint32_t at = count - 1;
    for (; at > 0 && auk_span_compare(run[at - 1].term, extra.term) > 0; at--)
        run[at] = run[at - 1];
    run[at] = extra;
}

/* One index has whole numbers where another has real ones. Keys that are places stay. */
static bool must_convert(const auk_aggregation_plan *best, const auk_value_shape *shape)
{
    return best->spec->kind->keyed_by_value && best->shape.form == AUK_FORM_REAL &&
           shape->form == AUK_FORM_WHOLE;
}

static auk_code append_run(auk_bucket_joiner *joiner, const auk_aggregation_plan *best,
                           const auk_partial *source, auk_bucket_source *out)
{
    auk_gathered *gathered = source->u.collected.gathered;
    const auk_value_shape *shape = &source->plan->shape;
    bool terms = gathered->terms || gathered->has_extra;
    bool to_real = must_convert(best, shape);
    if (make_buckets(joiner->merger, gathered) != AUK_OK)
        return AUK_BUSY;
    if (terms) {
        auk_code code = read_texts(joiner->merger, gathered, source->plan->missing_term);
        if (code != AUK_OK)
            return code;
        joiner->by_term = true;
    }
    const auk_collected_bucket *items = items_of(source);
    uint32_t count = source->u.collected.count;
    for (uint32_t i = 0; i < count; i++) {
        const auk_collected_bucket *item = &items[i];
        out[i] = (auk_bucket_source){item->key, {NULL, 0}, item->count, item->id, gathered};
        if (terms)
            out[i].term = text_of(gathered, item->key);
        if (to_real)
            out[i].key = auk_double_to_sortable((double)item->key);
    }
    if (count && gathered->has_extra && out[count - 1].key == gathered->extra)
        place_extra(out, count);
    return AUK_OK;
}

static auk_code join_all(auk_bucket_joiner *joiner, const auk_aggregation_plan *best,
                         const auk_partial *const *sources, uint32_t source_count)
{
    size_t total = 0;
    for (uint32_t i = 0; i < source_count; i++)
        total += sources[i]->u.collected.count;
    if (total >= UINT32_MAX)
        return auk_fail(joiner->merger->err, AUK_TOO_LARGE, "more than %u buckets to merge",
                        UINT32_MAX);
    auk_bucket_source *entries = auk_merger_alloc(joiner->merger, total, sizeof *entries);
    auk_bucket_source *spare = auk_merger_alloc(joiner->merger, total, sizeof *spare);
    uint32_t *ends = auk_merger_alloc(joiner->merger, source_count, sizeof *ends);
    if (!entries || !spare || !ends)
        return AUK_BUSY;
    uint32_t runs = 0, at = 0;
    for (uint32_t i = 0; i < source_count; i++) {
        if (!sources[i]->u.collected.count)
            continue;
        auk_code code = append_run(joiner, best, sources[i], entries + at);
        if (code != AUK_OK)
            return code;
        at += sources[i]->u.collected.count;
        ends[runs++] = at;
    }
    joiner->entries = merge_all(joiner, entries, spare, ends, runs);
    joiner->count = at;
    return AUK_OK;
}

auk_code auk_bucket_joiner_init(auk_bucket_joiner *joiner, auk_aggregation_merger *merger,
                                const auk_aggregation_plan *best, const auk_partial *const *sources,
                                uint32_t source_count)
{
    *joiner =
        (auk_bucket_joiner){.merger = merger, .sources = sources, .source_count = source_count};
    joiner->sub_sources = auk_merger_alloc(merger, merger->width, sizeof *joiner->sub_sources);
    if (!joiner->sub_sources)
        return AUK_BUSY;
    uint32_t filled = 0;
    for (uint32_t i = 0; i < source_count; i++)
        if (sources[i]->u.collected.count) {
            filled++;
            joiner->only = sources[i];
        }
    if (filled == 0)
        return AUK_OK;
    bool as_they_are = !must_convert(best, &joiner->only->plan->shape) &&
                       !joiner->only->u.collected.gathered->has_extra;
    if (filled == 1 && as_they_are) {
        joiner->count = joiner->only->u.collected.count;
        return AUK_OK;
    }
    joiner->only = NULL;
    return join_all(joiner, best, sources, source_count);
}

bool auk_bucket_joiner_next(auk_bucket_joiner *joiner, auk_bucket *out)
{
    if (joiner->next == joiner->count)
        return false;
    *out = (auk_bucket){.first = joiner->next, .source_count = 1};
    if (joiner->only) {
        const auk_collected_bucket *item = &items_of(joiner->only)[joiner->next++];
        out->key = item->key;
        out->count = item->count;
        return true;
    }
    const auk_bucket_source *first = &joiner->entries[joiner->next++];
    out->key = first->key;
    out->term = first->term;
    out->count = first->count;
    for (; joiner->next < joiner->count; joiner->next++, out->source_count++) {
        const auk_bucket_source *more = &joiner->entries[joiner->next];
        if (compare(joiner, first, more) != 0)
            break;
        out->count += more->count;
    }
    return true;
}

auk_code auk_bucket_joiner_text(auk_bucket_joiner *joiner, auk_bucket *bucket)
{
    if (!joiner->only || !joiner->only->u.collected.gathered->terms)
        return AUK_OK;
    return find_text(joiner->merger, joiner->only->u.collected.gathered, bucket->key,
                     &bucket->term);
}

static bool has_source(const auk_bucket_joiner *joiner, const auk_bucket *bucket,
                       const auk_gathered *from)
{
    for (uint32_t i = bucket->first; i < bucket->first + bucket->source_count; i++)
        if ((joiner->only ? joiner->only->u.collected.gathered : joiner->entries[i].from) == from)
            return true;
    return false;
}

/* Segments where nothing fell into the bucket still know terms to show. */
static uint32_t add_absent(const auk_bucket_joiner *joiner, const auk_bucket *bucket, uint32_t sub,
                           uint32_t count)
{
    for (uint32_t i = 0; i < joiner->source_count; i++) {
        const auk_gathered *from = joiner->sources[i]->u.collected.gathered;
        if (from && from->absent != AUK_BUCKET_NONE && !has_source(joiner, bucket, from))
            joiner->sub_sources[count++] = &from->subs[sub][from->absent];
    }
    return count;
}

auk_code auk_bucket_joiner_subs(auk_bucket_joiner *joiner, const auk_aggregation *aggregation,
                                auk_bucket *bucket)
{
    auk_aggregation_merger *merger = joiner->merger;
    if (!aggregation->sub_count || bucket->subs)
        return AUK_OK;
    bucket->subs = auk_merger_alloc(merger, aggregation->sub_count, sizeof *bucket->subs);
    if (!bucket->subs)
        return AUK_BUSY;
    for (uint32_t s = 0; s < aggregation->sub_count; s++) {
        uint32_t count = 0;
        for (uint32_t i = bucket->first; i < bucket->first + bucket->source_count; i++) {
            const auk_gathered *from =
                joiner->only ? joiner->only->u.collected.gathered : joiner->entries[i].from;
            uint32_t id = joiner->only ? items_of(joiner->only)[i].id : joiner->entries[i].id;
            if (id != AUK_BUCKET_NONE)
                joiner->sub_sources[count++] = &from->subs[s][id];
        }
        if (aggregation->subs[s].shows_zero)
            count = add_absent(joiner, bucket, s, count);
        auk_code code = auk_partial_merge(merger, &aggregation->subs[s], joiner->sub_sources, count,
                                          &bucket->subs[s]);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}
