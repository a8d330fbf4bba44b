/*
 * search_model.h - a model of the search: random documents and random queries, answered by the
 * engine and by code that looks at every document. Both must have the same matches in the same
 * order, with scores equal to an ulp.
 *
 *   Lifetime  model_init .. model_deinit.   Threads  one.   Memory  heap.   Errors  asserted.
 */
#ifndef AUK_SEARCH_MODEL_H
#define AUK_SEARCH_MODEL_H

#include "test.h"

#include "auk/segment_writer.h"
#include "search_support.h"

/* Everything random comes from here. */
extern uint64_t model_seed;
uint32_t model_draw(uint32_t below);
uint32_t model_draw_skewed(uint32_t below); /* small numbers are likely */

/* t: text, k: keywords, n: long, f: double */
extern const char model_mapping[];

typedef struct model_doc {
    const auk_json *source;
    uint32_t id, shard, segment;
    auk_doc doc;
    bool deleted;
} model_doc;

typedef struct model {
    test_index index;
    model_doc *docs; /* in the order of shards, segments, documents */
    uint32_t count;
    uint32_t words;
} model;

/* At most `docs` documents a segment, of so many words. */
void model_init(model *m, uint32_t shards, uint32_t segments, uint32_t docs, uint32_t words);
void model_kill(model *m, uint32_t one_in);
void model_deinit(model *m);

typedef struct model_scored {
    bool matches;
    float score;
} model_scored;

model_scored model_evaluate(const model *m, const model_doc *doc, const auk_json *query,
                            float boost);

/* Document counts are kept between queries; after another model, or other documents: */
void model_forget_statistics(void);

/* What the engine's answer must have at a place. */
typedef struct model_expected {
    float score;
    uint32_t rank;    /* in the order of shards, segments, documents */
    auk_span keyword; /* for sorts */
    double number;
} model_expected;

uint32_t model_rank_of(const model *m, const auk_hit *hit);

/* Random queries, each compared; pure_or: only words, any of which may match. */
void model_random_queries(model *m, uint32_t queries, auk_pool *pool, bool pure_or);

#endif
