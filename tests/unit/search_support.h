/*
 * search_support.h - indices on the heap for tests of the search: JSON lines in, shard views out.
 *
 * Documents go through the mapping, the analyzers and the encoder as in a shard, without a store.
 *
 *   Lifetime  _init .. _deinit.   Threads  none of its own.   Memory  heap.   Errors  asserted.
 */
#ifndef AUK_SEARCH_SUPPORT_H
#define AUK_SEARCH_SUPPORT_H

#include "auk/search.h"

#define TEST_SHARDS_MOST   4
#define TEST_SEGMENTS_MOST 8

typedef struct test_index {
    auk_span name;
    auk_analysis *analysis;
    auk_mapping *mapping;
    auk_arena *arena;
    auk_shard_view shards[TEST_SHARDS_MOST];
    auk_shard_view *views[TEST_SHARDS_MOST];
    uint32_t shard_count;
} test_index;

void test_index_init(test_index *index, const char *name, const char *mapping, uint32_t shards);
/* The same with settings of an index, "index.analysis.*" among them; borrowed. */
void test_index_init_with(test_index *index, const char *name, const char *mapping,
                          const auk_settings *settings, uint32_t shards);
void test_index_deinit(test_index *index);
/* Adds a segment to a shard; sources: count of them. Ids are "0", "1", .. by *next_id. */
void test_index_add(test_index *index, uint32_t shard, const auk_span *sources, uint32_t count,
                    uint32_t *next_id);
/* The same from one text of lines. */
void test_index_add_lines(test_index *index, uint32_t shard, const char *lines, uint32_t *next_id);
void test_index_kill(test_index *index, uint32_t shard, uint32_t segment, auk_doc doc);
auk_search_target test_index_target(test_index *index);

/* A request from a body; asserts that it parses. */
void test_request(const char *body, auk_arena *arena, auk_search_request *request);
/* Runs body over the index and answers what _search_write makes of it; asserts success. */
auk_span test_search(test_index *index, const char *body, auk_arena *arena);
/* The same, for bodies that must be refused. */
void test_search_fails(test_index *index, const char *body, auk_arena *arena, auk_error *err);

#endif
