#include "statistics.h"

static const auk_bm25_field *gather_field(const auk_shard_view *view, uint16_t number, bool scores,
                                          auk_arena *arena)
{
    uint64_t doc_count = 0, sum_total_freq = 0;
    for (uint32_t i = 0; i < view->segment_count; i++) {
        const auk_terms *terms = auk_segment_terms(view->segments[i].segment, number);
        if (!terms)
            continue;
        const auk_terms_stats *stats = auk_terms_read_stats(terms);
        doc_count += stats->doc_count;
        sum_total_freq += stats->sum_total_freq;
    }
    auk_bm25_field *field = auk_arena_alloc(arena, sizeof *field);
    auk_bm25_field_init(field, doc_count, sum_total_freq, scores);
    return field;
}

/* Until it is found, a term's ordinal is where to look for it. */
static void expect_term(const auk_shard_view *view, const auk_plan_slot *slot, size_t segment,
                        auk_term *term)
{
    term->terms = auk_segment_terms(view->segments[segment].segment, slot->number);
    if (term->terms)
        term->ordinal = auk_terms_expect(term->terms, slot->text);
}

static auk_code find_term(const auk_plan_slot *slot, auk_term *term, uint64_t *doc_freq,
                          auk_error *err)
{
    bool found = false;
    if (!term->terms)
        return AUK_OK;
    auk_code code =
        auk_terms_find_at(term->terms, (uint32_t)term->ordinal, slot->text, term, &found, err);
    if (found)
        *doc_freq += term->doc_freq;
    else
        term->terms = NULL;
    return code;
}

/* Some together: each waits for memory three times, and they wait at once. */
static auk_code gather_terms(const auk_shard_view *view, const auk_plan_slot *slots,
                             auk_statistics *statistics, bool reads_lists, auk_error *err)
{
    enum { TOGETHER = 16 };
    size_t width = statistics->slot_count, all = width * view->segment_count;
    for (size_t from = 0, to; from < all; from = to) {
        to = all - from < TOGETHER ? all : from + TOGETHER;
        for (size_t i = from; i < to; i++)
            expect_term(view, &slots[i % width], i / width, &statistics->terms[i]);
        for (size_t i = from; i < to; i++) {
            auk_term *term = &statistics->terms[i];
            auk_code code =
                find_term(&slots[i % width], term, &statistics->doc_freqs[i % width], err);
            if (code != AUK_OK)
                return code;
            if (reads_lists && term->terms)
                auk_term_expect(term);
        }
    }
    return AUK_OK;
}

/* ---- terms that share their statistics ---- */

/* Of words near one word: the most frequent one's, so that a rare typing error is worth no more. */
static void blend_words(auk_statistics *statistics, uint32_t from, uint32_t to)
{
    uint64_t most = 0;
    for (uint32_t i = from; i < to; i++)
        most = statistics->doc_freqs[i] > most ? statistics->doc_freqs[i] : most;
    for (uint32_t i = from; i < to; i++)
        statistics->doc_freqs[i] = most;
}

static uint64_t at_most(uint64_t number, uint64_t most)
{
    return number < most ? number : most;
}

/* Of a run, the slot with the most documents that is not done; UINT32_MAX: none has any. */
static uint32_t next_frequent(const uint64_t *doc_freqs, const bool *done, uint32_t from,
                              uint32_t to)
{
    uint32_t best = UINT32_MAX;
    for (uint32_t i = from; i < to; i++)
        if (!done[i - from] && doc_freqs[i - from] > 0 &&
            (best == UINT32_MAX || doc_freqs[i - from] > doc_freqs[best - from]))
            best = i;
    return best;
}

/*
 * Of one word in several fields, as Elasticsearch's cross_fields has it: the most frequent field's,
 * and one more for each field where it is rarer, so that the popular field wins a little; never
 * more than the documents of the field, nor than its tokens.
 */
static void blend_fields(const auk_shard_view *view, auk_statistics *statistics, uint32_t from,
                         uint32_t to, auk_arena *arena)
{
    uint64_t doc_count = 0;
    for (uint32_t i = 0; i < view->segment_count; i++)
        doc_count += auk_segment_doc_count(view->segments[i].segment);
    uint64_t *given = AUK_ARENA_ARRAY(arena, uint64_t, to - from);
    bool *done = AUK_ARENA_ARRAY(arena, bool, to - from);
    memcpy(given, statistics->doc_freqs + from, (to - from) * sizeof *given);
    for (uint32_t i = from; i < to; i++)
        if (given[i - from] > 0)
            doc_count = at_most(doc_count, statistics->fields[i]->sum_total_freq);
    uint32_t at = next_frequent(given, done, from, to);
    if (at == UINT32_MAX)
        return;
    uint64_t before = given[at - from], shared = at_most(doc_count, before);
    for (; at != UINT32_MAX; at = next_frequent(given, done, from, to)) {
        shared += before > given[at - from];
        before = given[at - from];
        done[at - from] = true;
        statistics->doc_freqs[at] =
            at_most(at_most(shared, statistics->fields[at]->doc_count), doc_count);
    }
}

static void blend(const auk_shard_view *view, const auk_plan_slot *slots,
                  auk_statistics *statistics, auk_arena *arena)
{
    for (uint32_t from = 0, to; from < statistics->slot_count; from = to) {
        for (to = from + 1; to < statistics->slot_count && slots[to].blend == slots[from].blend;)
            to++;
        if (slots[from].blend == 0 || to - from == 1)
            continue;
        if (slots[from].blends_fields)
            blend_fields(view, statistics, from, to, arena);
        else
            blend_words(statistics, from, to);
    }
}

auk_code auk_statistics_gather(const auk_shard_view *view, const auk_plan_slot *slots,
                               uint32_t slot_count, bool scores, auk_arena *arena,
                               const auk_statistics **out, auk_error *err)
{
    auk_statistics *statistics = auk_arena_alloc(arena, sizeof *statistics);
    *statistics = (auk_statistics){
        .slot_count = slot_count,
        .segment_count = view->segment_count,
        .doc_freqs = AUK_ARENA_ARRAY(arena, uint64_t, slot_count),
        .fields = AUK_ARENA_ARRAY(arena, const auk_bm25_field *, slot_count),
        .terms = AUK_ARENA_ARRAY(arena, auk_term, (size_t)slot_count * view->segment_count),
    };
    for (uint32_t i = 0; i < slot_count; i++) {
        for (uint32_t j = i; j-- > 0 && !statistics->fields[i];)
            if (slots[j].number == slots[i].number)
                statistics->fields[i] = statistics->fields[j];
        if (!statistics->fields[i])
            statistics->fields[i] = gather_field(view, slots[i].number, scores, arena);
    }
    /* of one term alone the count is known without its list */
    auk_code code = gather_terms(view, slots, statistics, scores || slot_count > 1, err);
    if (code != AUK_OK)
        return code;
    blend(view, slots, statistics, arena);
    *out = statistics;
    return AUK_OK;
}

uint64_t auk_statistics_synonym_doc_freq(const auk_statistics *statistics, const auk_plan *plan)
{
    uint64_t most = 0;
    for (uint32_t i = 0; i < plan->u.synonym.count; i++) {
        uint64_t doc_freq = statistics->doc_freqs[plan->u.synonym.terms[i].slot];
        most = doc_freq > most ? doc_freq : most;
    }
    return most;
}
