#include "auk/hash.h"
#include "auk/segment_writer.h"

#include "meta.h"
#include "sample_segment.h"
#include "test.h"

/* ---- what was written comes back ---- */

static void check_text(const auk_segment *segment, uint32_t count)
{
    const auk_terms *terms = auk_segment_terms(segment, SAMPLE_TEXT);
    const uint8_t *norms = auk_segment_norms(segment, SAMPLE_TEXT);
    auk_arena *arena = auk_arena_create(4096);
    auk_error err;
    for (uint32_t doc = 0; doc < count; doc++)
        assert_int_equal(norms[doc], auk_norm_encode(sample_length(doc)));
    for (uint32_t word = 0; word < SAMPLE_WORDS; word++) {
        auk_term term;
        bool found;
        uint32_t seen = 0;
        assert_int_equal(auk_terms_find(terms, auk_span_of(sample_words[word]), &term, &found,
                                        &err),
                         AUK_OK);
        auk_postings *postings = NULL;
        if (found)
            assert_int_equal(auk_postings_open(&term, AUK_WANT_POSITIONS, arena, &postings, &err),
                             AUK_OK);
        for (uint32_t doc = 0; doc < count; doc++) {
            uint32_t want[SAMPLE_MAX_LENGTH], freq = 0;
            for (uint32_t i = 0; i < sample_length(doc); i++)
                if (sample_word(doc, i) == word)
                    want[freq++] = i;
            if (freq == 0)
                continue;
            assert_true(found);
            assert_int_equal(auk_postings_next(postings), doc);
            assert_int_equal(auk_postings_freq(postings), freq);
            assert_memory_equal(auk_postings_positions(postings), want, freq * sizeof *want);
            seen++;
        }
        assert_int_equal(found, seen > 0);
        if (found) {
            assert_int_equal(auk_postings_next(postings), AUK_DOC_END);
            assert_int_equal(auk_postings_status(postings), AUK_OK);
            assert_int_equal(term.doc_freq, seen);
        }
    }
    auk_arena_destroy(arena);
}

static void check_columns(const auk_segment *segment, uint32_t count)
{
    const auk_terms *terms = auk_segment_terms(segment, SAMPLE_KEYWORD);
    auk_arena *arena = auk_arena_create(4096);
    auk_column_cursor *seq_no =
        auk_column_cursor_open(auk_segment_column(segment, AUK_FIELD_SEQ_NO), arena);
    auk_column_cursor *keywords =
        auk_column_cursor_open(auk_segment_column(segment, SAMPLE_KEYWORD), arena);
    assert_true(auk_column_read_stats(auk_segment_column(segment, SAMPLE_KEYWORD))->ordinals);
    const int64_t *values;
    auk_error err;
    for (uint32_t doc = 0; doc < count; doc++) {
        assert_int_equal(auk_column_cursor_values(seq_no, doc, &values), 1);
        assert_int_equal(values[0], doc + 100);
        uint32_t with = auk_column_cursor_values(keywords, doc, &values), at = 0;
        for (uint32_t word = 0; word < SAMPLE_WORDS; word++) {
            if (!sample_has_keyword(doc, word))
                continue;
            auk_span text;
            assert_true(at < with);
            assert_int_equal(auk_terms_text(terms, (uint64_t)values[at++], arena, &text, &err),
                             AUK_OK);
            assert_true(auk_span_is(text, sample_words[word]));
        }
        assert_int_equal(at, with);
    }
    const auk_column *numbers = auk_segment_column(segment, SAMPLE_NUMBER);
    auk_column_cursor *number = numbers ? auk_column_cursor_open(numbers, arena) : NULL;
    for (uint32_t doc = 0; number && doc < count; doc++) {
        assert_int_equal(auk_column_cursor_values(number, doc, &values), doc % 3 != 0);
        if (doc % 3 != 0)
            assert_true(values[0] == sample_number(doc));
    }
    auk_arena_destroy(arena);
}

static void check_documents(const auk_segment *segment, uint32_t count)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_stored_cache *cache = auk_stored_cache_create(arena);
    auk_error err;
    for (uint32_t doc = 0; doc < count; doc++) {
        char id[32], source[64];
        auk_stored_document got;
        assert_int_equal(auk_segment_read_stored(segment, doc, cache, NULL, &got, &err), AUK_OK);
        assert_true(auk_span_equal(got.id, sample_id(doc, count, id)));
        assert_true(auk_span_equal(got.source, sample_source(doc, source)));
        assert_true(auk_span_is(got.routing, doc % 5 ? "" : "r"));
        auk_doc found_doc;
        bool found;
        assert_int_equal(auk_segment_find_id(segment, got.id, &found_doc, &found, &err), AUK_OK);
        assert_true(found);
        assert_int_equal(found_doc, doc);
        id[0] = 'x';
        assert_int_equal(auk_segment_find_id(segment, auk_span_of(id), &found_doc, &found, &err),
                         AUK_OK);
        assert_false(found);
    }
    auk_arena_destroy(arena);
}

static void check_tombstones(const auk_segment *segment)
{
    assert_int_equal(auk_segment_tombstone_count(segment), 3);
    for (uint32_t i = 0; i < 3; i++) {
        char text[32];
        auk_tombstone want = sample_tombstone(i, text), got;
        auk_error err;
        assert_int_equal(auk_segment_tombstone(segment, i, &got, &err), AUK_OK);
        assert_true(auk_span_equal(got.id, want.id));
        assert_int_equal(got.seq_no, want.seq_no);
        assert_int_equal(got.time_ms, want.time_ms);
    }
}

static void reads_what_was_written(void **state)
{
    (void)state;
    static const uint32_t counts[] = {1, 2, 300, 9000};
    for (size_t i = 0; i < sizeof counts / sizeof *counts; i++) {
        auk_segment *segment = sample_segment_create(counts[i]);
        auk_error err;
        assert_int_equal(auk_segment_doc_count(segment), counts[i]);
        assert_int_equal(auk_segment_max_seq_no(segment), SAMPLE_MAX_SEQ);
        assert_int_equal(auk_segment_verify(segment, &err), AUK_OK);
        check_text(segment, counts[i]);
        check_columns(segment, counts[i]);
        check_documents(segment, counts[i]);
        check_tombstones(segment);
        auk_segment_release(segment);
    }
}

/* Fuzzing and damage reach what only long lists have. */
static void the_long_lists_of_the_sample_keep_their_best(void **state)
{
    (void)state;
    static const char *const words[] = {"all", "dense", "packed"};
    auk_segment *segment = sample_lists_create();
    const auk_terms *terms = auk_segment_terms(segment, SAMPLE_TEXT);
    auk_error err;
    assert_int_equal(auk_segment_verify(segment, &err), AUK_OK);
    for (size_t i = 0; i < sizeof words / sizeof *words; i++) {
        auk_term term;
        auk_leaders leaders;
        bool found = false;
        assert_int_equal(auk_terms_find(terms, auk_span_of(words[i]), &term, &found, &err), AUK_OK);
        assert_true(found);
        assert_int_equal(auk_term_leaders(&term, auk_terms_written_average(terms), &leaders, &found,
                                          &err),
                         AUK_OK);
        assert_true(found);
        assert_in_range(leaders.doc_count, 10, AUK_LEADERS_MOST);
    }
    auk_segment_release(segment);
}

static void an_empty_segment_has_only_its_ends(void **state)
{
    (void)state;
    auk_memory_sink *memory = auk_memory_sink_create();
    auk_sink sink = auk_memory_sink_interface(memory);
    auk_segment_writer_options options = {0};
    auk_segment_writer *writer = auk_segment_writer_create(&sink, &options);
    auk_error err;
    assert_int_equal(auk_segment_writer_finish(writer, -1, &err), AUK_OK);
    auk_segment_writer_destroy(writer);
    auk_segment *segment;
    assert_int_equal(auk_memory_sink_open(memory, &segment, &err), AUK_OK);
    uint32_t count;
    const auk_value *values = auk_segment_values(segment, &count);
    assert_int_equal(count, 2);
    assert_int_equal(values[0].kind, AUK_KIND_HEAD);
    assert_int_equal(values[1].kind, AUK_KIND_META);
    assert_int_equal(auk_segment_doc_count(segment), 0);
    assert_int_equal(auk_segment_max_seq_no(segment), -1);
    assert_null(auk_segment_terms(segment, AUK_FIELD_ID));
    assert_null(auk_segment_column(segment, AUK_FIELD_SEQ_NO));
    assert_null(auk_segment_norms(segment, 16));
    auk_doc doc;
    bool found = true;
    assert_int_equal(auk_segment_find_id(segment, AUK_SPAN("a"), &doc, &found, &err), AUK_OK);
    assert_false(found);
    auk_stored_document document;
    auk_arena *arena = auk_arena_create(4096);
    assert_int_equal(auk_segment_read_stored(segment, 0, NULL, arena, &document, &err),
                     AUK_NOT_FOUND);
    auk_arena_destroy(arena);
    auk_segment_release(segment);
}

/* ---- life ---- */

static void count_release(void *owner)
{
    ++*(int *)owner;
}

static void the_last_holder_releases_the_values(void **state)
{
    (void)state;
    auk_segment *source = sample_segment_create(10);
    uint32_t count;
    const auk_value *values = auk_segment_values(source, &count);
    int released = 0;
    auk_segment *segment;
    auk_error err;
    assert_int_equal(auk_segment_open(values, count, count_release, &released, &segment, &err),
                     AUK_OK);
    auk_segment *again = auk_segment_acquire(segment);
    auk_segment_release(segment);
    assert_int_equal(released, 0);
    auk_segment_release(again);
    assert_int_equal(released, 1);
    auk_segment_release(source);
    auk_segment_release(NULL);
}

/* ---- a sink that fails ---- */

typedef struct failing_sink {
    uint32_t calls, fail_at;
} failing_sink;

static auk_code put_or_fail(void *context, uint8_t kind, uint16_t field, uint32_t part,
                            auk_span bytes, auk_error *err)
{
    (void)kind, (void)field, (void)part, (void)bytes;
    failing_sink *sink = context;
    assert_true(sink->calls <= sink->fail_at); /* nothing is put after a failure */
    if (sink->calls++ == sink->fail_at)
        return auk_fail(err, AUK_IO, "the disk is full");
    return AUK_OK;
}

static void a_failing_sink_fails_the_segment(void **state)
{
    (void)state;
    uint32_t fail_at = 0;
    for (;; fail_at++) {
        failing_sink failing = {.fail_at = fail_at};
        auk_sink sink = {put_or_fail, &failing};
        auk_error err;
        if (sample_segment_write(&sink, 200, &err) == AUK_OK)
            break;
        assert_int_equal(err.code, AUK_IO);
        assert_string_equal(err.message, "the disk is full");
    }
    assert_true(fail_at > 10);
}

/* ---- damage ---- */

#define MAX_VALUES 64
#define DOCS       14

/* A segment's values with one of them replaced. */
typedef struct damaged {
    auk_value values[MAX_VALUES];
    uint32_t count;
    auk_buffer meta;
} damaged;

static void replace(damaged *d, const auk_segment *sound, uint32_t index, auk_span bytes)
{
    auk_meta_value rows[MAX_VALUES];
    const auk_value *values = auk_segment_values(sound, &d->count);
    assert_true(d->count <= MAX_VALUES);
    memcpy(d->values, values, d->count * sizeof *values);
    d->values[index].bytes = bytes;
    for (uint32_t i = 0; i + 1 < d->count; i++)
        rows[i] = (auk_meta_value){.kind = d->values[i].kind,
                                   .field = d->values[i].field,
                                   .part = d->values[i].part,
                                   .size = d->values[i].bytes.size,
                                   .checksum = auk_crc32c(0, d->values[i].bytes)};
    auk_buffer_reset(&d->meta);
    auk_meta meta = {.doc_count = DOCS, .max_seq_no = 1};
    auk_meta_write(&d->meta, &meta, rows, d->count - 1);
    d->values[d->count - 1].bytes = auk_buffer_span(&d->meta);
}

extern volatile uint64_t seen;
volatile uint64_t seen;

/* META vouches for the damage, so that the readers themselves meet it. */
static void use_damaged(damaged *d, const auk_segment *sound, uint32_t index, auk_span bytes)
{
    auk_segment *segment;
    auk_error err;
    replace(d, sound, index, bytes);
    if (auk_segment_open(d->values, d->count, NULL, NULL, &segment, &err) == AUK_OK) {
        seen = sample_segment_walk(segment, 200);
        auk_segment_release(segment);
    } else {
        assert_int_equal(err.code, AUK_CORRUPT);
    }
}

static void damaged_values_never_crash(void **state)
{
    (void)state;
    auk_segment *sound = sample_segment_create(DOCS);
    uint32_t count;
    const auk_value *values = auk_segment_values(sound, &count);
    damaged d;
    auk_buffer_init(&d.meta, AUK_BUFFER_NO_LIMIT);
    for (uint32_t index = 1; index + 1 < count; index++) {
        auk_span whole = values[index].bytes;
        for (size_t at = 0; at < whole.size; at++) {
            char *cut = malloc(at ? at : 1);
            memcpy(cut, whole.data, at);
            use_damaged(&d, sound, index, auk_span_make(cut, at));
            free(cut);
            char *flipped = malloc(whole.size);
            memcpy(flipped, whole.data, whole.size);
            flipped[at] = (char)(flipped[at] ^ 1 << at % 8);
            use_damaged(&d, sound, index, auk_span_make(flipped, whole.size));
            flipped[at] = (char)0xff;
            use_damaged(&d, sound, index, auk_span_make(flipped, whole.size));
            free(flipped);
        }
    }
    auk_buffer_deinit(&d.meta);
    auk_segment_release(sound);
}

static void every_flipped_byte_is_found_by_verify(void **state)
{
    (void)state;
    auk_segment *sound = sample_segment_create(DOCS);
    uint32_t count;
    const auk_value *values = auk_segment_values(sound, &count);
    for (uint32_t index = 0; index < count; index++) {
        char *bytes = (char *)(uintptr_t)values[index].bytes.data;
        for (size_t at = 0; at < values[index].bytes.size; at++) {
            auk_segment *segment;
            auk_error err;
            bytes[at] = (char)(bytes[at] ^ 1 << at % 8);
            auk_code code = auk_segment_open(values, count, NULL, NULL, &segment, &err);
            if (code == AUK_OK) {
                code = auk_segment_verify(segment, &err);
                auk_segment_release(segment);
            }
            assert_int_equal(code, AUK_CORRUPT);
            bytes[at] = (char)(bytes[at] ^ 1 << at % 8);
        }
    }
    auk_segment_release(sound);
}

static void a_cut_or_mixed_table_is_corrupt(void **state)
{
    (void)state;
    auk_segment *sound = sample_segment_create(DOCS), *segment;
    uint32_t count;
    const auk_value *values = auk_segment_values(sound, &count);
    auk_value mixed[MAX_VALUES];
    auk_error err;
    for (uint32_t i = 0; i < count; i++) {
        assert_int_equal(auk_segment_open(values, i, NULL, NULL, &segment, &err), AUK_CORRUPT);
        uint32_t kept = 0;
        for (uint32_t j = 0; j < count; j++)
            if (j != i)
                mixed[kept++] = values[j];
        assert_int_equal(auk_segment_open(mixed, kept, NULL, NULL, &segment, &err), AUK_CORRUPT);
    }
    for (uint32_t i = 0; i + 1 < count; i++) {
        memcpy(mixed, values, count * sizeof *values);
        mixed[i].bytes.size--;
        assert_int_equal(auk_segment_open(mixed, count, NULL, NULL, &segment, &err), AUK_CORRUPT);
        mixed[i] = values[i + 1];
        mixed[i + 1] = values[i];
        assert_int_equal(auk_segment_open(mixed, count, NULL, NULL, &segment, &err), AUK_CORRUPT);
    }
    auk_segment_release(sound);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_what_was_written),
        cmocka_unit_test(the_long_lists_of_the_sample_keep_their_best),
        cmocka_unit_test(an_empty_segment_has_only_its_ends),
        cmocka_unit_test(the_last_holder_releases_the_values),
        cmocka_unit_test(a_failing_sink_fails_the_segment),
        cmocka_unit_test(damaged_values_never_crash),
        cmocka_unit_test(every_flipped_byte_is_found_by_verify),
        cmocka_unit_test(a_cut_or_mixed_table_is_corrupt),
    };
    return cmocka_run_group_tests_name("segment", tests, NULL, NULL);
}
