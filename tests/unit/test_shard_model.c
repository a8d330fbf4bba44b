/*
 * Random operations against an oracle: what is written is what is read, by id at any time and in
 * views at their moment, whatever is refreshed, flushed, merged or opened anew in between.
 */
#include <stdatomic.h>

#include "shard_support.h"

#define MAPPING                                                                                    \
    "{\"properties\":{\"title\":{\"type\":\"text\"},\"tag\":{\"type\":\"keyword\"},"               \
    "\"n\":{\"type\":\"long\"}}}"
#define WRITERS 3
#define IDS     60 /* of each writer */
#define CALLS   80

/* What a writer knows of its documents. */
typedef struct model_document {
    bool exists;
    int64_t number, seq_no, version;
    bool seen;
} model_document;

typedef struct model_writer {
    support_index *index;
    uint32_t number;
    uint64_t random;
    uint32_t calls;
    model_document documents[IDS];
    int64_t next_number;
} model_writer;

static uint32_t next_random(uint64_t *state, uint32_t below)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return (uint32_t)(*state >> 33) % below;
}

static void id_of(char id[16], uint32_t writer, uint32_t document)
{
    snprintf(id, 16, "w%u-%u", writer, document);
}

static void source_of(char *source, size_t size, int64_t number)
{
    snprintf(source, size, "{\"title\":\"word%d and more\",\"tag\":\"t%d\",\"n\":%d}",
             (int)(number % 97), (int)(number % 5), (int)number);
}

/* ---- writing ---- */

typedef struct model_call {
    uint32_t count;
    auk_operation operations[8];
    uint32_t documents[8];
    char ids[8][16], sources[8][96];
    auk_outcome outcomes[8];
} model_call;

/* Every fourth document is never deleted once it is there: each view must show it exactly once. */
static bool may_be_deleted(uint32_t document)
{
    return document % 4 != 0;
}

static void make_call(model_writer *writer, model_call *call)
{
    call->count = 1 + next_random(&writer->random, 8);
    for (uint32_t i = 0; i < call->count; i++) {
        uint32_t document = next_random(&writer->random, IDS);
        bool deletes = may_be_deleted(document) && next_random(&writer->random, 3) == 0;
        call->documents[i] = document;
        id_of(call->ids[i], writer->number, document);
        source_of(call->sources[i], sizeof call->sources[i], writer->next_number + i);
        call->operations[i] = (auk_operation){
            .kind = deletes                                ? AUK_OPERATION_DELETE
                    : next_random(&writer->random, 4) == 0 ? AUK_OPERATION_CREATE
                                                           : AUK_OPERATION_INDEX,
            .id = auk_span_of(call->ids[i]),
            .source = deletes ? (auk_span){0} : auk_span_of(call->sources[i]),
            .if_seq_no = -1,
        };
    }
}

static void check_outcome(model_writer *writer, const model_call *call, uint32_t i)
{
    model_document *document = &writer->documents[call->documents[i]];
    const auk_outcome *outcome = &call->outcomes[i];
    auk_operation_kind kind = call->operations[i].kind;
    if (kind == AUK_OPERATION_CREATE && document->exists) {
        assert_int_equal(outcome->error.code, AUK_CONFLICT);
        return;
    }
    assert_int_equal(outcome->error.code, AUK_OK);
    assert_true(outcome->seq_no > document->seq_no);
    assert_int_equal(outcome->version, document->version + 1);
    auk_result want = kind == AUK_OPERATION_DELETE
                          ? (document->exists ? AUK_RESULT_DELETED : AUK_RESULT_NOT_FOUND)
                          : (document->exists ? AUK_RESULT_UPDATED : AUK_RESULT_CREATED);
    assert_int_equal(outcome->result, want);
    document->exists = kind != AUK_OPERATION_DELETE;
    document->number = writer->next_number + i;
    document->seq_no = outcome->seq_no;
    document->version = outcome->version;
}

static void check_get(model_writer *writer, uint32_t number)
{
    char id[16], source[96];
    const model_document *document = &writer->documents[number];
    id_of(id, writer->number, number);
    source_of(source, sizeof source, document->number);
    support_expect(writer->index, id, document->exists ? source : NULL);
}

static void write_once(model_writer *writer)
{
    model_call *call = calloc(1, sizeof *call);
    auk_arena *arena = auk_arena_create(1024);
    make_call(writer, call);
    assert_ok(auk_shard_write(writer->index->shard, call->operations, call->count,
                              writer->index->pool, arena, call->outcomes, err));
    for (uint32_t i = 0; i < call->count; i++)
        check_outcome(writer, call, i);
    writer->next_number += call->count;
    check_get(writer, call->documents[0]);
    auk_arena_destroy(arena);
    free(call);
}

static void init_writer(model_writer *writer, support_index *index, uint32_t number)
{
    *writer = (model_writer){.index = index, .number = number, .random = number * 77 + 5};
    for (uint32_t i = 0; i < IDS; i++)
        writer->documents[i] = (model_document){.seq_no = -1};
}

/* ---- checking ---- */

static void check_document(void *context, const auk_stored_document *stored, int64_t seq_no,
                           int64_t version)
{
    model_writer *writers = context;
    unsigned w, d;
    char id[16] = {0};
    memcpy(id, stored->id.data, stored->id.size < 15 ? stored->id.size : 15);
    assert_int_equal(sscanf(id, "w%u-%u", &w, &d), 2);
    model_document *document = &writers[w].documents[d];
    char source[96];
    source_of(source, sizeof source, document->number);
    assert_true(document->exists);
    assert_false(document->seen);
    assert_true(auk_span_is(stored->source, source));
    assert_int_equal(seq_no, document->seq_no);
    assert_int_equal(version, document->version);
    document->seen = true;
}

static void check_all(model_writer *writers, uint32_t count)
{
    support_index *index = writers[0].index;
    support_refresh(index);
    auk_shard_view *view = support_view(index);
    for (uint32_t w = 0; w < count; w++)
        for (uint32_t d = 0; d < IDS; d++)
            writers[w].documents[d].seen = false;
    support_each(view, check_document, writers);
    uint64_t existing = 0;
    for (uint32_t w = 0; w < count; w++) {
        for (uint32_t d = 0; d < IDS; d++) {
            assert_int_equal(writers[w].documents[d].seen, writers[w].documents[d].exists);
            existing += writers[w].documents[d].exists;
            check_get(&writers[w], d);
        }
    }
    assert_int_equal(view->live_count, existing);
    auk_shard_view_release(view);
}

static void reopen(support_index *index)
{
    support_index_close(index);
    support_index_open(index);
}

static void maintain(support_index *index, uint32_t choice)
{
    if (choice < 4)
        support_refresh(index);
    else if (choice < 7)
        assert_ok(auk_shard_flush(index->shard, err));
    else if (choice < 8)
        assert_ok(auk_shard_force_merge(index->shard, 0, true, err));
    else if (choice < 9)
        assert_ok(auk_shard_force_merge(index->shard, 1 + choice % 2, false, err));
    else
        auk_shard_tick(index->shard);
}

/* ---- tests ---- */

static void one_writer(auk_pool *pool, size_t buffer_limit, uint32_t reorder_from)
{
    support_index index;
    auk_shard_options options = {.async_durability = true,
                                 .buffer_limit_bytes = buffer_limit,
                                 .max_segments_per_tier = 3,
                                 .reorder_from = reorder_from};
    support_index_init(&index, MAPPING, &options, pool);
    model_writer *writer = calloc(1, sizeof *writer);
    init_writer(writer, &index, 0);
    for (uint32_t i = 0; i < CALLS * 2; i++) {
        write_once(writer);
        uint32_t choice = next_random(&writer->random, 40);
        if (choice < 10)
            maintain(&index, choice);
        else if (choice == 10)
            reopen(&index);
        else if (choice == 11)
            check_all(writer, 1);
    }
    check_all(writer, 1);
    reopen(&index);
    check_all(writer, 1);
    free(writer);
    support_index_deinit(&index);
}

static void operations_in_sequence_match_the_model(void **state)
{
    (void)state;
    one_writer(NULL, 0, 0);
}

static void small_buffers_match_the_model(void **state)
{
    (void)state;
    one_writer(NULL, 4096, 0);
}

static void builds_on_a_pool_and_reordered_merges_match_the_model(void **state)
{
    (void)state;
    auk_pool *pool = auk_pool_create("test", 2, 64);
    one_writer(pool, 4096, 1);
    auk_pool_destroy(pool);
}

static void *write_many(void *context)
{
    model_writer *writer = context;
    for (uint32_t i = 0; i < writer->calls; i++)
        write_once(writer);
    return NULL;
}

typedef struct model_reader {
    support_index *index;
    atomic_bool *stop;
    bool must_show[WRITERS][IDS]; /* from the start, never deleted */
    uint8_t shown[WRITERS][IDS];
    int64_t max_seq_no;
} model_reader;

static void note_document(void *context, const auk_stored_document *stored, int64_t seq_no,
                          int64_t version)
{
    (void)version;
    model_reader *reader = context;
    unsigned w, d;
    char id[16] = {0};
    memcpy(id, stored->id.data, stored->id.size < 15 ? stored->id.size : 15);
    assert_int_equal(sscanf(id, "w%u-%u", &w, &d), 2);
    reader->shown[w][d]++;
    assert_true(seq_no <= reader->max_seq_no);
}

static void *read_views(void *context)
{
    model_reader *reader = context;
    while (!atomic_load(reader->stop)) {
        auk_shard_view *view = support_view(reader->index);
        memset(reader->shown, 0, sizeof reader->shown);
        reader->max_seq_no = view->max_seq_no;
        support_each(view, note_document, reader);
        for (uint32_t w = 0; w < WRITERS; w++)
            for (uint32_t d = 0; d < IDS; d++)
                if (reader->shown[w][d] > 1 ||
                    (reader->must_show[w][d] && reader->shown[w][d] != 1))
                    fail_msg("w%u-%u is shown %u times", w, d, reader->shown[w][d]);
        auk_shard_view_release(view);
    }
    return NULL;
}

static void *maintain_all(void *context)
{
    model_reader *reader = context;
    uint64_t random = 99;
    while (!atomic_load(reader->stop))
        maintain(reader->index, next_random(&random, 10));
    return NULL;
}

static void run_threads(model_writer *writers, model_reader *reader)
{
    atomic_bool stop = false;
    pthread_t threads[WRITERS], reading, maintaining;
    reader->stop = &stop;
    for (uint32_t w = 0; w < WRITERS; w++) {
        writers[w].calls = CALLS;
        for (uint32_t d = 0; d < IDS; d++)
            reader->must_show[w][d] = writers[w].documents[d].exists && !may_be_deleted(d);
        assert_int_equal(pthread_create(&threads[w], NULL, write_many, &writers[w]), 0);
    }
    assert_int_equal(pthread_create(&reading, NULL, read_views, reader), 0);
    assert_int_equal(pthread_create(&maintaining, NULL, maintain_all, reader), 0);
    for (uint32_t w = 0; w < WRITERS; w++)
        pthread_join(threads[w], NULL);
    atomic_store(&stop, true);
    pthread_join(reading, NULL);
    pthread_join(maintaining, NULL);
}

static void concurrent_operations_match_the_model(void **state)
{
    (void)state;
    support_index index;
    auk_pool *pool = auk_pool_create("test", 2, 64);
    auk_shard_options options = {.async_durability = true,
                                 .buffer_limit_bytes = 8192,
                                 .max_segments_per_tier = 3};
    support_index_init(&index, MAPPING, &options, pool);
    model_writer *writers = calloc(WRITERS, sizeof *writers);
    model_reader *reader = calloc(1, sizeof *reader);
    reader->index = &index;
    for (uint32_t w = 0; w < WRITERS; w++)
        init_writer(&writers[w], &index, w);
    for (uint32_t round = 0; round < 2; round++) {
        index.options.reorder_from = round; /* by default never, of so few; then always */
        auk_shard_set_options(index.shard, &index.options);
        run_threads(writers, reader);
        check_all(writers, WRITERS);
        reopen(&index);
        check_all(writers, WRITERS);
    }
    free(reader);
    free(writers);
    support_index_deinit(&index);
    auk_pool_destroy(pool);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(operations_in_sequence_match_the_model),
        cmocka_unit_test(small_buffers_match_the_model),
        cmocka_unit_test(builds_on_a_pool_and_reordered_merges_match_the_model),
        cmocka_unit_test(concurrent_operations_match_the_model),
    };
    return cmocka_run_group_tests_name("shard_model", tests, NULL, NULL);
}
