/* Journal entries: written and read back; damage is noticed, also behind a sound checksum. */
#include "test.h"

#include "auk/hash.h"
#include "journal.h"

static char long_source[2000];

static const auk_journal_operation operations[] = {
    {AUK_JOURNAL_INDEX, AUK_SPAN_INIT("a"), AUK_SPAN_INIT(""), AUK_SPAN_INIT("{}"), 40, 1},
    {AUK_JOURNAL_DELETE, AUK_SPAN_INIT("b"), {NULL, 0}, {NULL, 0}, 41, 7},
    {AUK_JOURNAL_INDEX,
     AUK_SPAN_INIT("c"),
     AUK_SPAN_INIT("route"),
     {long_source, 2000},
     42,
     1 << 20},
    {AUK_JOURNAL_INDEX, AUK_SPAN_INIT("d"), AUK_SPAN_INIT(""), {long_source, 1000}, 43, 2},
    {AUK_JOURNAL_DELETE, AUK_SPAN_INIT("e"), {NULL, 0}, {NULL, 0}, 44, 1},
};
#define COUNT (sizeof operations / sizeof operations[0])

static void write_entry(auk_buffer *out, size_t count)
{
    auk_journal_header header = {3, 12, -5, 40, (uint32_t)count, 38};
    auk_journal_writer writer;
    uint32_t parts;
    memset(long_source, 'x', sizeof long_source);
    auk_journal_writer_init(&writer, &header);
    for (size_t i = 0; i < count; i++)
        auk_journal_writer_add(&writer, &operations[i]);
    const auk_span *spans = auk_journal_writer_finish(&writer, &parts);
    auk_buffer_init(out, 1 << 20);
    for (uint32_t i = 0; i < parts; i++)
        auk_buffer_append(out, spans[i]);
    assert_int_equal(out->size, writer.bytes);
    auk_journal_writer_deinit(&writer);
}

static auk_code read_entry(auk_span value, uint32_t *count)
{
    auk_journal_reader reader;
    auk_journal_operation operation;
    bool end = false;
    *count = 0;
    auk_code code = auk_journal_reader_init(&reader, value, NULL);
    while (code == AUK_OK && !end) {
        code = auk_journal_reader_next(&reader, &operation, &end, NULL);
        *count += code == AUK_OK && !end;
    }
    return code;
}

static void an_entry_comes_back(void **state)
{
    (void)state;
    for (size_t count = 0; count <= COUNT; count++) {
        auk_buffer bytes;
        write_entry(&bytes, count);
        auk_journal_reader reader;
        assert_int_equal(auk_journal_reader_init(&reader, auk_buffer_span(&bytes), NULL), AUK_OK);
        assert_int_equal(reader.header.primary_term, 3);
        assert_int_equal(reader.header.mapping_version, 12);
        assert_int_equal(reader.header.time_ms, -5);
        assert_int_equal(reader.header.settled, 38);
        auk_journal_operation got;
        bool end;
        for (size_t i = 0; i < count; i++) {
            assert_int_equal(auk_journal_reader_next(&reader, &got, &end, NULL), AUK_OK);
            assert_false(end);
            assert_int_equal(got.kind, operations[i].kind);
            assert_true(auk_span_equal(got.id, operations[i].id));
            assert_true(auk_span_equal(got.routing, operations[i].routing));
            assert_true(auk_span_equal(got.source, operations[i].source));
            assert_int_equal(got.seq_no, operations[i].seq_no);
            assert_int_equal(got.version, operations[i].version);
        }
        assert_int_equal(auk_journal_reader_next(&reader, &got, &end, NULL), AUK_OK);
        assert_true(end);
        auk_buffer_deinit(&bytes);
    }
}

static void damage_is_noticed(void **state)
{
    (void)state;
    auk_buffer bytes;
    uint32_t count;
    write_entry(&bytes, COUNT);
    for (size_t cut = 0; cut < bytes.size; cut++)
        assert_int_equal(read_entry(auk_span_make(bytes.data, cut), &count), AUK_CORRUPT);
    for (size_t at = 0; at < bytes.size; at++) {
        bytes.data[at] ^= 0x21;
        assert_int_equal(read_entry(auk_buffer_span(&bytes), &count), AUK_CORRUPT);
        bytes.data[at] ^= 0x21;
    }
    auk_buffer_deinit(&bytes);
}

/* A checksum that fits keeps nobody from reading out of bounds: the format itself is checked too.
 */
static void lies_behind_a_sound_checksum_do_no_harm(void **state)
{
    (void)state;
    auk_buffer bytes;
    uint32_t count;
    write_entry(&bytes, COUNT);
    for (size_t at = 0; at + 4 < bytes.size; at++) {
        for (int flip = 1; flip < 256; flip <<= 1) {
            bytes.data[at] ^= (char)flip;
            uint32_t crc = auk_crc32c(0, auk_span_make(bytes.data, bytes.size - 4));
            memcpy(bytes.data + bytes.size - 4, &crc, 4);
            auk_code code = read_entry(auk_buffer_span(&bytes), &count);
            assert_true(code == AUK_OK || code == AUK_CORRUPT);
            bytes.data[at] ^= (char)flip;
        }
    }
    auk_buffer_deinit(&bytes);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(an_entry_comes_back),
        cmocka_unit_test(damage_is_noticed),
        cmocka_unit_test(lies_behind_a_sound_checksum_do_no_harm),
    };
    return cmocka_run_group_tests_name("journal", tests, NULL, NULL);
}
