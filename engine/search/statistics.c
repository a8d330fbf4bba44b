#include "statistics.h"

static const auk_bm25_field *gather_field(const auk_shard_view *view, uint16_t number,
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
    auk_bm25_field_init(field, doc_count, sum_total_freq);
    return field;
}

static auk_code gather_term(const auk_shard_view *view, const auk_plan_slot *slot,
                            auk_statistics *statistics, uint32_t index, auk_error *err)
{
    for (uint32_t i = 0; i < view->segment_count; i++) {
        const auk_terms *terms = auk_segment_terms(view->segments[i].segment, slot->number);
        auk_term *term = &statistics->terms[(size_t)i * statistics->slot_count + index];
        bool found = false;
        if (!terms)
            continue;
        auk_code code = auk_terms_find(terms, slot->text, term, &found, err);
        if (code != AUK_OK)
            return code;
        if (found)
            statistics->doc_freqs[index] += term->doc_freq;
        else
            term->terms = NULL;
    }
    return AUK_OK;
}

auk_code auk_statistics_gather(const auk_shard_view *view, const auk_plan_slot *slots,
                               uint32_t slot_count, auk_arena *arena, const auk_statistics **out,
                               auk_error *err)
{
    auk_statistics *statistics = AUK_ARENA_NEW(arena, auk_statistics);
    statistics->slot_count = slot_count;
    statistics->segment_count = view->segment_count;
    statistics->doc_freqs = AUK_ARENA_ARRAY(arena, uint64_t, slot_count + 1);
    statistics->fields = AUK_ARENA_ARRAY(arena, const auk_bm25_field *, slot_count + 1);
    statistics->terms =
        AUK_ARENA_ARRAY(arena, auk_term, (size_t)slot_count * view->segment_count + 1);

    for (uint32_t i = 0; i < slot_count; i++) {
        for (uint32_t j = i; j-- > 0 && !statistics->fields[i];)
            if (slots[j].number == slots[i].number)
                statistics->fields[i] = statistics->fields[j];
        if (!statistics->fields[i])
            statistics->fields[i] = gather_field(view, slots[i].number, arena);
        auk_code code = gather_term(view, &slots[i], statistics, i, err);
        if (code != AUK_OK)
            return code;
    }
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
