/* Operations and their outcomes; a document in every stage of its way; recovery. */
#include <stdatomic.h>

#include "auk/segment_writer.h"

#include "shard_support.h"

#define MAPPING                                                                                    \
    "{\"properties\":{\"title\":{\"type\":\"text\"},\"tag\":{\"type\":\"keyword\"},"               \
    "\"n\":{\"type\":\"long\"}}}"

static support_index fixture;

static int setup(void **state)
{
    (void)state;
    support_index_init(&fixture, MAPPING, NULL, NULL);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    support_index_deinit(&fixture);
    return 0;
}

/* ---- outcomes ---- */

typedef struct step {
    const char *name;
    auk_operation_kind kind;
    const char *id;
    auk_version_type version_type;
    int64_t version;      /* asked for, external types */
    int64_t if_seq_no;    /* -1: not asked */
    const char *conflict; /* NULL: succeeds */
    auk_result result;
    int64_t want_seq_no, want_version;
} step;

#define I AUK_OPERATION_INDEX
#define C AUK_OPERATION_CREATE
#define D AUK_OPERATION_DELETE

static const step steps[] = {
    {"a new document", I, "7", 0, 0, -1, NULL, AUK_RESULT_CREATED, 0, 1},
    {"replaced", I, "7", 0, 0, -1, NULL, AUK_RESULT_UPDATED, 1, 2},
    {"create of what exists", C, "7", 0, 0, -1,
     "[7]: version conflict, document already exists (current version [2])", 0, 0, 0},
    {"a stale sequence number", I, "7", 0, 0, 0,
     "[7]: version conflict, required seqNo [0], primary term [1]. current document has seqNo [1] "
     "and primary term [1]",
     0, 0, 0},
    {"the right sequence number", I, "7", 0, 0, 1, NULL, AUK_RESULT_UPDATED, 2, 3},
    {"a sequence number for nothing", I, "9", 0, 0, 1,
     "[9]: version conflict, required seqNo [1], primary term [1]. but no document was found", 0, 0,
     0},
    {"deleted", D, "7", 0, 0, -1, NULL, AUK_RESULT_DELETED, 3, 4},
    {"deleted again", D, "7", 0, 0, -1, NULL, AUK_RESULT_NOT_FOUND, 4, 5},
    {"a sequence number for a deleted one", D, "7", 0, 0, 4,
     "[7]: version conflict, required seqNo [4], primary term [1]. but no document was found", 0, 0,
     0},
    {"created after its deletion goes on counting", C, "7", 0, 0, -1, NULL, AUK_RESULT_CREATED, 5,
     6},
    {"delete of what never was", D, "8", 0, 0, -1, NULL, AUK_RESULT_NOT_FOUND, 6, 1},
    {"external", I, "e", AUK_VERSION_EXTERNAL, 5, -1, NULL, AUK_RESULT_CREATED, 7, 5},
    {"external, the same", I, "e", AUK_VERSION_EXTERNAL, 5, -1,
     "[e]: version conflict, current version [5] is higher or equal to the one provided [5]", 0, 0,
     0},
    {"external_gte, the same", I, "e", AUK_VERSION_EXTERNAL_GTE, 5, -1, NULL, AUK_RESULT_UPDATED, 8,
     5},
    {"external_gte, lower", I, "e", AUK_VERSION_EXTERNAL_GTE, 4, -1,
     "[e]: version conflict, current version [5] is higher than the one provided [4]", 0, 0, 0},
    {"external delete", D, "e", AUK_VERSION_EXTERNAL, 9, -1, NULL, AUK_RESULT_DELETED, 9, 9},
    {"external, below the deleted", I, "e", AUK_VERSION_EXTERNAL, 8, -1,
     "[e]: version conflict, current version [9] is higher or equal to the one provided [8]", 0, 0,
     0},
    {"external, above the deleted", I, "e", AUK_VERSION_EXTERNAL, 10, -1, NULL, AUK_RESULT_CREATED,
     10, 10},
};
#define N_STEPS (sizeof steps / sizeof steps[0])

typedef void (*between)(support_index *index);

/* Of the last operation that was taken: each opening has a term of its own. */
static int64_t last_term;

/* The terms that a message names as 1, as the table has them. */
static void forget_terms(char *message)
{
    static const char before[] = "primary term [";
    for (char *at = message; (at = strstr(at, before)) != NULL;) {
        at += sizeof before - 1;
        char *end = strchr(at, ']');
        if (end == NULL)
            return;
        *at = '1';
        memmove(at + 1, end, strlen(end) + 1);
    }
}

static void check_step(const step *s)
{
    auk_operation operation = {.kind = s->kind,
                               .id = auk_span_of(s->id),
                               .source = AUK_SPAN("{\"n\":1}"),
                               .version_type = s->version_type,
                               .version = s->version,
                               .if_seq_no = s->if_seq_no,
                               .if_primary_term = last_term};
    auk_outcome outcome = support_write(&fixture, &operation);
    if (s->conflict != NULL) {
        assert_int_equal(outcome.error.code, AUK_CONFLICT);
        auk_error error = *outcome.error.why;
        forget_terms(error.message);
        assert_string_equal(error.message, s->conflict);
        assert_string_equal(auk_error_type(outcome.error.why), "version_conflict_engine_exception");
        assert_int_equal(outcome.seq_no, -1);
        return;
    }
    if (outcome.error.code != AUK_OK)
        fail_msg("%s: %s", s->name, outcome.error.why->message);
    if (outcome.result != s->result || outcome.seq_no != s->want_seq_no ||
        outcome.version != s->want_version)
        fail_msg("%s: result %d, seq_no %d, version %d", s->name, (int)outcome.result,
                 (int)outcome.seq_no, (int)outcome.version);
    assert_true(outcome.primary_term >= last_term);
    last_term = outcome.primary_term;
}

static void run_steps(between then)
{
    last_term = 0;
    for (size_t i = 0; i < N_STEPS; i++) {
        check_step(&steps[i]);
        if (then != NULL)
            then(&fixture);
    }
}

static void do_flush(support_index *i)
{
    assert_ok(auk_shard_flush(i->shard, err));
}

static void do_reopen(support_index *i)
{
    support_index_close(i);
    support_index_open(i);
}

static void do_flush_and_reopen(support_index *i)
{
    do_flush(i);
    do_reopen(i);
}

static void do_force_merge(support_index *i)
{
    assert_ok(auk_shard_force_merge(i->shard, 1, false, err));
}

static void operations_in_the_buffer(void **state)
{
    (void)state;
    run_steps(NULL);
}

static void operations_on_segments_in_memory(void **state)
{
    (void)state;
    run_steps(support_refresh);
}

static void operations_on_files(void **state)
{
    (void)state;
    run_steps(do_flush);
}

static void operations_after_replay(void **state)
{
    (void)state;
    run_steps(do_reopen);
}

static void operations_after_a_clean_start(void **state)
{
    (void)state;
    run_steps(do_flush_and_reopen);
}

static void operations_on_merged_files(void **state)
{
    (void)state;
    run_steps(do_force_merge);
}

static void conflicts_within_one_call(void **state)
{
    (void)state;
    auk_operation operations[] = {
        {.kind = C, .id = AUK_SPAN("a"), .source = AUK_SPAN("{\"n\":1}"), .if_seq_no = -1},
        {.kind = C, .id = AUK_SPAN("a"), .source = AUK_SPAN("{\"n\":2}"), .if_seq_no = -1},
        {.kind = I, .id = AUK_SPAN("a"), .source = AUK_SPAN("{\"n\":3}"), .if_seq_no = -1},
        {.kind = D, .id = AUK_SPAN("b"), .if_seq_no = -1},
        {.kind = I, .id = AUK_SPAN("c"), .source = AUK_SPAN("{\"n\":\"x\"}"), .if_seq_no = -1},
        {.kind = I, .id = AUK_SPAN("d"), .source = AUK_SPAN("{\"n\":"), .if_seq_no = -1},
        {.kind = I, .id = AUK_SPAN("f"), .source = AUK_SPAN("{\"n\":4}"), .if_seq_no = -1},
    };
    auk_outcome outcomes[7];
    assert_ok(auk_shard_write(fixture.shard, operations, 7, NULL, fixture.arena, outcomes, err));
    assert_int_equal(outcomes[0].result, AUK_RESULT_CREATED);
    assert_int_equal(outcomes[1].error.code, AUK_CONFLICT);
    assert_int_equal(outcomes[2].version, 2);
    assert_int_equal(outcomes[2].seq_no, 1);
    assert_int_equal(outcomes[3].seq_no, 2);
    assert_int_equal(outcomes[4].error.code, AUK_INVALID);
    assert_string_equal(auk_error_type(outcomes[4].error.why), "document_parsing_exception");
    assert_int_equal(outcomes[5].error.code, AUK_INVALID);
    assert_int_equal(outcomes[6].seq_no, 3);
    support_expect(&fixture, "a", "{\"n\":3}");
    support_expect(&fixture, "c", NULL);
    support_expect(&fixture, "d", NULL);
    do_reopen(&fixture);
    support_expect(&fixture, "a", "{\"n\":3}");
    support_expect(&fixture, "f", "{\"n\":4}");
    support_expect(&fixture, "c", NULL);
}

/* ---- stages ---- */

static uint64_t live_count(void)
{
    auk_shard_view *view = support_view(&fixture);
    uint64_t count = view->live_count;
    auk_shard_view_release(view);
    return count;
}

static void a_document_is_found_in_every_stage(void **state)
{
    (void)state;
    support_put_document(&fixture, "x", "{\"title\":\"buffer\"}");
    support_expect(&fixture, "x", "{\"title\":\"buffer\"}");
    assert_int_equal(live_count(), 0);
    assert_true(auk_shard_needs_refresh(fixture.shard));
    support_refresh(&fixture);
    assert_false(auk_shard_needs_refresh(fixture.shard));
    support_expect(&fixture, "x", "{\"title\":\"buffer\"}");
    assert_int_equal(live_count(), 1);
    do_flush(&fixture);
    support_expect(&fixture, "x", "{\"title\":\"buffer\"}");
    assert_int_equal(live_count(), 1);
    do_reopen(&fixture);
    support_expect(&fixture, "x", "{\"title\":\"buffer\"}");
    support_put_document(&fixture, "x", "{\"title\":\"again\"}");
    support_expect(&fixture, "x", "{\"title\":\"again\"}");
    assert_int_equal(live_count(), 1);
    support_delete_document(&fixture, "x");
    support_expect(&fixture, "x", NULL);
    assert_int_equal(live_count(), 1);
    support_refresh(&fixture);
    assert_int_equal(live_count(), 0);
    do_reopen(&fixture);
    support_expect(&fixture, "x", NULL);
    assert_int_equal(live_count(), 0);
}

/* What a reader saw before a crash may be gone; its number, given again, must not pass for it. */
static void an_opening_has_a_term_of_its_own(void **state)
{
    (void)state;
    auk_outcome first = support_put_document(&fixture, "x", "{\"n\":1}");
    do_reopen(&fixture);
    auk_outcome second = support_put_document(&fixture, "y", "{\"n\":2}");
    assert_int_equal(first.primary_term, 1);
    assert_int_equal(second.primary_term, 2);
    do_flush(&fixture);
    do_reopen(&fixture);
    auk_outcome third = support_put_document(&fixture, "z", "{\"n\":3}");
    assert_int_equal(third.primary_term, 3);
    assert_int_equal(third.seq_no, 2);
}

static void deletes_of_nothing_are_booked_and_bounded(void **state)
{
    (void)state;
    auk_budget *budget = auk_budget_create((size_t)64 << 20);
    auk_shard_options options = {.tombstone_retention = 100, .async_durability = true};
    support_index index;
    support_index_init_budget(&index, MAPPING, &options, budget);
    char id[400];
    memset(id, 'x', sizeof id);
    for (unsigned i = 0; i < 1000; i++) {
        snprintf(id + 300, 20, "%u", i);
        support_delete_document(&index, id);
        if (i % 250 == 249)
            do_flush(&index); /* what is left is the table's */
        size_t used = auk_budget_used(budget, AUK_PURPOSE_INDEXING);
        assert_true(used > (i < 100 ? i : 100) * 300);
        assert_true(i % 250 != 249 || used < 210 * 500);
    }
    support_index_deinit(&index);
    assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_INDEXING), 0);
    auk_budget_destroy(budget);
}

typedef struct deleter {
    atomic_bool stop;
    unsigned count;
} deleter;

static void *delete_and_refresh(void *context)
{
    deleter *d = context;
    for (; !atomic_load(&d->stop); d->count++) {
        char id[16];
        snprintf(id, sizeof id, "%u", d->count);
        support_put_document(&fixture, id, "{\"n\":1}");
        support_delete_document(&fixture, id);
        support_refresh(&fixture);
        snprintf(id, sizeof id, "old%u", d->count % 300);
        support_delete_document(&fixture, id);
        support_refresh(&fixture);
    }
    return NULL;
}

static void a_forced_merge_ends_while_others_delete(void **state)
{
    (void)state;
    deleter d = {.count = 0};
    pthread_t thread;
    for (unsigned i = 0; i < 300; i++) {
        char id[16];
        snprintf(id, sizeof id, "old%u", i);
        support_put_document(&fixture, id, "{\"n\":1}");
    }
    do_flush(&fixture);
    pthread_create(&thread, NULL, delete_and_refresh, &d);
    for (int i = 0; i < 2; i++) {
        assert_ok(auk_shard_force_merge(fixture.shard, 1, false, err));
        assert_ok(auk_shard_force_merge(fixture.shard, 0, true, err));
    }
    atomic_store(&d.stop, true);
    pthread_join(thread, NULL);
}

static void a_view_stays_as_it_was(void **state)
{
    (void)state;
    support_put_document(&fixture, "x", "{\"tag\":\"a\"}");
    support_put_document(&fixture, "y", "{\"tag\":\"a\"}");
    do_flush(&fixture);
    auk_shard_view *old = support_view(&fixture);
    support_delete_document(&fixture, "x");
    support_refresh(&fixture);
    do_force_merge(&fixture);
    assert_int_equal(old->live_count, 2);
    assert_int_equal(old->max_seq_no, 1);
    assert_int_equal(live_count(), 1);
    auk_shard_view *new = support_view(&fixture);
    assert_int_equal(new->segment_count, 1);
    assert_int_equal(auk_segment_doc_count(new->segments[0].segment), 1);
    assert_int_equal(new->max_seq_no, 2);
    auk_shard_view_release(new);
    auk_shard_view_release(old);
}

static void a_segment_holds_what_the_documents_say(void **state)
{
    (void)state;
    support_put_document(&fixture, "1",
                         "{\"title\":[\"The quick fox\",\"fox\"],\"tag\":[\"b\",\"a\",\"b\"],"
                         "\"n\":[5,3]}");
    support_put_document(&fixture, "2", "{\"title\":\"slow fox\",\"tag\":\"c\"}");
    for (int stage = 0; stage < 3; stage++) {
        if (stage == 0)
            support_refresh(&fixture);
        if (stage == 1)
            do_flush(&fixture);
        if (stage == 2) {
            support_put_document(&fixture, "3", "{\"n\":-1}");
            do_force_merge(&fixture);
        }
        assert_int_equal(support_count(&fixture, "title", AUK_SPAN("fox")), 2);
        assert_int_equal(support_count(&fixture, "title", AUK_SPAN("quick")), 1);
        assert_int_equal(support_count(&fixture, "tag", AUK_SPAN("b")), 1);
        auk_shard_view *view = support_view(&fixture);
        const auk_segment *segment = view->segments[0].segment;
        uint16_t title = auk_mapping_find(fixture.mapping, AUK_SPAN("title"))->number;
        uint16_t tag = auk_mapping_find(fixture.mapping, AUK_SPAN("tag"))->number;
        uint16_t n = auk_mapping_find(fixture.mapping, AUK_SPAN("n"))->number;
        auk_arena *arena = auk_arena_create(1024);
        auk_term term;
        bool found;
        assert_ok(
            auk_terms_find(auk_segment_terms(segment, title), AUK_SPAN("fox"), &term, &found, err));
        auk_postings *postings;
        assert_ok(auk_postings_open(&term, AUK_WANT_POSITIONS, arena, &postings, err));
        assert_int_equal(auk_postings_next(postings), 0);
        assert_int_equal(auk_postings_freq(postings), 2);
        const uint32_t *positions = auk_postings_positions(postings);
        assert_int_equal(positions[0], 2);
        assert_int_equal(positions[1], 103);
        const uint8_t *norms = auk_segment_norms(segment, title);
        assert_int_equal(auk_norm_decode(norms[0]), 4);
        assert_int_equal(auk_norm_decode(norms[1]), 2);
        const auk_terms_stats *stats = auk_terms_read_stats(auk_segment_terms(segment, title));
        assert_int_equal(stats->doc_count, 2);
        assert_int_equal(stats->sum_total_freq, 6);
        const int64_t *values;
        auk_column_cursor *cursor = auk_column_cursor_open(auk_segment_column(segment, tag), arena);
        assert_int_equal(auk_column_cursor_values(cursor, 0, &values), 2);
        assert_int_equal(values[0], 0);
        assert_int_equal(values[1], 1);
        assert_int_equal(auk_column_cursor_values(cursor, 1, &values), 1);
        assert_int_equal(values[0], 2);
        cursor = auk_column_cursor_open(auk_segment_column(segment, n), arena);
        assert_int_equal(auk_column_cursor_values(cursor, 0, &values), 2);
        assert_int_equal(values[0], 3);
        assert_int_equal(values[1], 5);
        assert_int_equal(auk_column_cursor_values(cursor, 1, &values), 0);
        assert_ok(auk_terms_find(auk_segment_terms(segment, AUK_FIELD_FIELD_NAMES), AUK_SPAN("tag"),
                                 &term, &found, err));
        assert_true(found);
        assert_int_equal(term.doc_freq, 2);
        assert_ok(auk_segment_verify(segment, err));
        auk_arena_destroy(arena);
        auk_shard_view_release(view);
    }
}

static void new_fields_are_added_on_the_way(void **state)
{
    (void)state;
    auk_outcome outcome =
        support_put_document(&fixture, "1", "{\"fresh\":\"Some words\",\"k\":12}");
    assert_int_equal(outcome.error.code, AUK_OK);
    support_refresh(&fixture);
    assert_int_equal(support_count(&fixture, "fresh", AUK_SPAN("words")), 1);
    assert_int_equal(support_count(&fixture, "fresh.keyword", AUK_SPAN("Some words")), 1);
    char term[8];
    auk_number_to_term(12, term);
    assert_int_equal(support_count(&fixture, "k", auk_span_make(term, 8)), 1);
}

static void routing_is_kept(void **state)
{
    (void)state;
    auk_operation operation = {.kind = I,
                               .id = AUK_SPAN("r"),
                               .routing = AUK_SPAN("shop"),
                               .source = AUK_SPAN("{}"),
                               .if_seq_no = -1};
    support_write(&fixture, &operation);
    for (int stage = 0; stage < 3; stage++) {
        auk_arena *arena = auk_arena_create(1024);
        auk_shard_document document;
        bool found;
        assert_ok(auk_shard_get(fixture.shard, AUK_SPAN("r"), arena, &document, &found, err));
        assert_true(auk_span_is(document.routing, "shop"));
        auk_arena_destroy(arena);
        if (stage == 0)
            do_reopen(&fixture);
        else
            do_flush(&fixture);
    }
}

static void erase_leaves_nothing(void **state)
{
    (void)state;
    support_put_document(&fixture, "x", "{}");
    do_flush(&fixture);
    support_put_document(&fixture, "y", "{}");
    auk_shard_close(fixture.shard);
    fixture.shard = NULL;
    auk_batch *batch = auk_batch_create();
    auk_buffer segments;
    auk_buffer_init(&segments, 1 << 20);
    assert_ok(auk_shard_erase(fixture.store, fixture.options.id, batch, &segments, err));
    assert_int_equal(segments.size, 8);
    assert_ok(auk_store_write(fixture.store, batch, true, err));
    auk_batch_destroy(batch);
    auk_buffer_deinit(&segments);
    do_reopen(&fixture);
    support_expect(&fixture, "x", NULL);
    support_expect(&fixture, "y", NULL);
    assert_int_equal(support_put_document(&fixture, "z", "{}").seq_no, 0);
}

static void stats_add_up(void **state)
{
    (void)state;
    for (int i = 0; i < 10; i++) {
        char id[16];
        snprintf(id, sizeof id, "%d", i);
        support_put_document(&fixture, id, "{\"n\":1}");
    }
    do_flush(&fixture);
    support_delete_document(&fixture, "3");
    support_refresh(&fixture);
    auk_shard_stats stats;
    auk_shard_read_stats(fixture.shard, &stats);
    assert_int_equal(stats.doc_count, 9);
    assert_int_equal(stats.deleted_count, 1);
    assert_int_equal(stats.index_total, 10);
    assert_int_equal(stats.delete_total, 1);
    assert_int_equal(stats.max_seq_no, 10);
    assert_int_equal(stats.checkpoint, 9);
    assert_int_equal(stats.journal_operations, 1);
    assert_true(stats.segment_bytes > 0);
    do_flush(&fixture);
    auk_shard_read_stats(fixture.shard, &stats);
    assert_int_equal(stats.checkpoint, 10);
    assert_int_equal(stats.journal_bytes, 0);
    assert_int_equal(stats.memory_bytes, 0);
}

#define TEST(f) cmocka_unit_test_setup_teardown(f, setup, teardown)

int main(void)
{
    const struct CMUnitTest tests[] = {
        TEST(operations_in_the_buffer),
        TEST(operations_on_segments_in_memory),
        TEST(operations_on_files),
        TEST(operations_after_replay),
        TEST(operations_after_a_clean_start),
        TEST(operations_on_merged_files),
        TEST(conflicts_within_one_call),
        TEST(a_document_is_found_in_every_stage),
        TEST(a_view_stays_as_it_was),
        TEST(an_opening_has_a_term_of_its_own),
        TEST(deletes_of_nothing_are_booked_and_bounded),
        TEST(a_forced_merge_ends_while_others_delete),
        TEST(a_segment_holds_what_the_documents_say),
        TEST(new_fields_are_added_on_the_way),
        TEST(routing_is_kept),
        TEST(erase_leaves_nothing),
        TEST(stats_add_up),
    };
    return cmocka_run_group_tests_name("shard", tests, NULL, NULL);
}
