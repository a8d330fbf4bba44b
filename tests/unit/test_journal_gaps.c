/*
 * An entry that is missing in the middle of the journal: a start refuses and names the numbers when
 * they were acknowledged, and goes on when they are those of calls that a crash cut off.
 */
#include "shard_support.h"

#include "journal_gaps.h"

static void put_documents(support_index *index, int from, int to)
{
    for (int n = from; n < to; n++) {
        char id[16];
        snprintf(id, sizeof id, "%d", n);
        auk_outcome outcome = support_put_document(index, id, "{\"n\":1}");
        assert_int_equal(outcome.error.code, AUK_OK);
        assert_int_equal(outcome.seq_no, n);
    }
}

static void write_batch(support_index *index, auk_batch *batch)
{
    assert_ok(auk_store_write(index->store, batch, true, err));
    auk_batch_destroy(batch);
}

static void lose_entry(support_index *index, int64_t seq_no)
{
    char key[AUK_JOURNAL_KEY_SIZE];
    auk_batch *batch = auk_batch_create();
    auk_journal_key(index->options.id, seq_no, key);
    auk_batch_delete(batch, AUK_FAMILY_JOURNAL, auk_span_make(key, sizeof key));
    write_batch(index, batch);
}

/* As a call leaves it that was numbered while those from `settled` on were not written yet. */
static void put_entry(support_index *index, int64_t seq_no, int64_t settled)
{
    char key[AUK_JOURNAL_KEY_SIZE];
    uint32_t count;
    auk_journal_writer writer;
    auk_journal_header header = {.primary_term = 1,
                                 .first_seq_no = seq_no,
                                 .count = 1,
                                 .settled = settled};
    auk_journal_operation operation = {.kind = AUK_JOURNAL_INDEX,
                                       .id = AUK_SPAN("late"),
                                       .source = AUK_SPAN("{\"n\":2}"),
                                       .seq_no = seq_no,
                                       .version = 1};
    auk_journal_writer_init(&writer, &header);
    auk_journal_writer_add(&writer, &operation);
    const auk_span *parts = auk_journal_writer_finish(&writer, &count);
    auk_batch *batch = auk_batch_create();
    auk_journal_key(index->options.id, seq_no, key);
    auk_batch_put_parts(batch, AUK_FAMILY_JOURNAL, auk_span_make(key, sizeof key), parts, count);
    write_batch(index, batch);
    auk_journal_writer_deinit(&writer);
}

/* What is missing, as the start would find it. */
static auk_code look(support_index *index, auk_error *why)
{
    char from[AUK_JOURNAL_KEY_SIZE], to[AUK_JOURNAL_KEY_SIZE];
    auk_span key, value;
    auk_journal_gaps gaps;
    assert_ok(auk_journal_gaps_init(&gaps, index->store, index->options.id, -1, err));
    auk_journal_key(index->options.id, 0, from);
    auk_journal_key(index->options.id, INT64_MAX, to);
    auk_store_cursor *cursor =
        auk_store_scan(index->store, AUK_FAMILY_JOURNAL, auk_span_make(from, sizeof from),
                       auk_span_make(to, sizeof to));
    while (auk_store_cursor_next(cursor, &key, &value)) {
        auk_journal_reader reader;
        assert_ok(auk_journal_reader_init(&reader, value, err));
        auk_journal_gaps_note(&gaps, &reader.header);
    }
    auk_store_cursor_close(cursor);
    return auk_journal_gaps_check(&gaps, why);
}

static void a_lost_entry_is_named(void **state)
{
    (void)state;
    auk_error error = {0};
    support_index index;
    support_index_init(&index, NULL, NULL, NULL);
    put_documents(&index, 0, 8);
    assert_int_equal(look(&index, &error), AUK_OK);
    lose_entry(&index, 3);
    lose_entry(&index, 4);

    assert_int_equal(look(&index, &error), AUK_CORRUPT);
    assert_non_null(strstr(error.message, "the operations [3] to [4]"));
    assert_non_null(strstr(error.hint, "auk check --repair"));

    auk_shard *second = NULL;
    auk_shard_host host = {0};
    auk_shard_close(index.shard);
    assert_int_equal(auk_shard_open(index.store, NULL, NULL, &index.options, &host, &second,
                                    &error),
                     AUK_CORRUPT);
    assert_non_null(strstr(error.message, "the operations [3] to [4]"));
    assert_null(second);
    put_entry(&index, 3, 0);
    put_entry(&index, 4, 0);
    auk_store_close(index.store);
    support_index_open(&index);
    support_index_deinit(&index);
}

static void a_gap_of_a_crash_is_none(void **state)
{
    (void)state;
    auk_error error = {0};
    support_index index;
    support_index_init(&index, NULL, NULL, NULL);
    put_documents(&index, 0, 5);
    put_entry(&index, 7, 5); /* 5 and 6 were on their way */
    for (int round = 0; round < 3; round++) {
        support_index_close(&index);
        support_index_open(&index);
        support_expect(&index, "late", "{\"n\":2}");
        /* These are settled above the gap, which was looked at. */
        put_documents(&index, 8 + round * 2, 10 + round * 2);
        assert_int_equal(look(&index, &error), AUK_OK);
    }
    lose_entry(&index, 12);
    assert_int_equal(look(&index, &error), AUK_CORRUPT);
    assert_non_null(strstr(error.message, "the operations [12] to [12]"));
    assert_ok(auk_shard_flush(index.shard, err));
    assert_int_equal(look(&index, &error), AUK_OK);
    support_index_deinit(&index);
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(a_lost_entry_is_named),
                                       cmocka_unit_test(a_gap_of_a_crash_is_none)};
    return cmocka_run_group_tests_name("journal_gaps", tests, NULL, NULL);
}
