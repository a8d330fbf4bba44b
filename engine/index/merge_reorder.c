#include "merge_reorder.h"

#include <stdlib.h>

#include "forward.h"
#include "merge_documents.h"
#include "posting_order.h"

#define ITERATIONS   6u
#define RUN_LEAST    256u /* a block of postings */
#define RUN_TRIED    2u   /* where any merge is reordered */
#define COST_RUN     2048u
#define GAIN_LEAST   0.02
#define MEMORY_MOST  ((size_t)1 << 30)
#define BUDGET_SHARE 4u  /* of what may be indexed with, one in so many */
#define COLUMN_BYTES 24u /* by document: a column, where it came from, norms */
#define TRIES        3u

/* ---- memory ---- */

static size_t memory_most(const auk_reorder_options *options)
{
    size_t most = MEMORY_MOST;
    if (options->budget != NULL) {
        size_t share = auk_budget_limit(options->budget, AUK_PURPOSE_INDEXING) / BUDGET_SHARE;
        most = share < most ? share : most;
    }
    return most;
}

/* What carrying everything over takes once the order is known. */
static size_t carry_bytes(const auk_forward *forward)
{
    uint32_t doc_count = forward->plan->doc_count;
    uint64_t bytes = 0;
    for (uint32_t s = 0; s < forward->plan->source_count; s++)
        bytes += auk_segment_bytes(forward->plan->sources[s].segment);
    /* Sources shrink four to six times; a run of them is never larger than all. */
    uint64_t gathered = bytes * 6 < AUK_MERGE_GATHERED_MOST ? bytes * 6 : AUK_MERGE_GATHERED_MOST;
    return auk_posting_order_bytes(doc_count, forward->postings_most, forward->positions_most) +
           (size_t)doc_count * COLUMN_BYTES + (size_t)gathered;
}

static size_t bytes_of(const auk_forward *forward)
{
    size_t order = auk_forward_bytes(forward), carry = carry_bytes(forward);
    return order > carry ? order : carry;
}

static bool is_any(const auk_reorder_options *options)
{
    return options->from == 1;
}

/* Fewer terms take less memory, as long as there are enough of them. */
static bool charge(auk_forward *forward, const auk_reorder_options *options, auk_reordering *out)
{
    size_t most = memory_most(options);
    uint64_t enough = is_any(options) ? 0 : forward->plan->doc_count;
    for (uint32_t n = 0; n < TRIES && forward->posting_count >= enough; n++) {
        size_t bytes = bytes_of(forward);
        if (bytes <= most &&
            auk_budget_charge(options->budget, AUK_PURPOSE_INDEXING, bytes, NULL) == AUK_OK) {
            out->budget = options->budget;
            out->charged_bytes = bytes;
            return true;
        }
        auk_forward_limit(forward, forward->posting_count / 2);
    }
    out->no_memory = true;
    return false;
}

void auk_reordering_end(auk_reordering *reordering)
{
    auk_budget_release(reordering->budget, AUK_PURPOSE_INDEXING, reordering->charged_bytes);
    *reordering = (auk_reordering){0};
}

/* ---- order ---- */

static void number_anew(auk_merge_plan *plan, const uint32_t *order)
{
    uint32_t *rank = calloc(plan->doc_count + 1u, sizeof *rank);
    if (rank == NULL)
        abort();
    for (uint32_t i = 0; i < plan->doc_count; i++)
        rank[order[i]] = i;
    for (uint32_t s = 0; s < plan->source_count; s++) {
        uint32_t *map = plan->sources[s].map;
        for (uint32_t doc = 0; doc < auk_segment_doc_count(plan->sources[s].segment); doc++)
            if (map[doc] != AUK_DOC_DROPPED)
                map[doc] = rank[map[doc]];
    }
    plan->is_reordered = true;
    free(rank);
}

static void find_order(auk_merge_plan *plan, const auk_forward *forward,
                       const auk_reorder_options *options, auk_reordering *out)
{
    auk_bisect_options how = {.iterations = ITERATIONS,
                              .least = is_any(options) ? RUN_TRIED : RUN_LEAST,
                              .pool = options->pool,
                              .stopped = options->stopped,
                              .left_us = options->left_us,
                              .context = options->context};
    uint32_t *order = calloc(plan->doc_count + 1u, sizeof *order);
    if (order == NULL)
        abort();
    out->cut_short = !auk_bisect(&forward->graph, &how, order);
    double before = auk_bisect_cost(&forward->graph, NULL, COST_RUN);
    double after = auk_bisect_cost(&forward->graph, order, COST_RUN);
    out->tried = true;
    out->gain = before > 0 ? 1 - after / before : 0;
    if (out->gain >= GAIN_LEAST || is_any(options))
        number_anew(plan, order);
    free(order);
}

auk_code auk_merge_reorder(auk_merge_plan *plan, const auk_reorder_options *options,
                           auk_reordering *out, auk_error *err)
{
    *out = (auk_reordering){0};
    if (plan->doc_count < options->from || plan->doc_count <= (is_any(options) ? 1 : RUN_LEAST))
        return AUK_OK;
    auk_forward forward;
    auk_code code = auk_forward_survey(plan, &forward, err);
    if (code == AUK_OK && charge(&forward, options, out)) {
        code = auk_forward_build(&forward, err);
        if (code == AUK_OK)
            find_order(plan, &forward, options, out);
    }
    auk_forward_deinit(&forward);
    return code;
}
