#include "auk/document_reader.h"

void auk_document_reader_init(auk_document_reader *reader)
{
    *reader = (auk_document_reader){.arena = auk_arena_create((size_t)64 << 10)};
}

void auk_document_reader_deinit(auk_document_reader *reader)
{
    auk_arena_destroy(reader->arena);
}

auk_code auk_document_reader_open(auk_document_reader *reader, const auk_segment_view *segment,
                                  auk_error *err)
{
    const auk_column *versions = auk_segment_column(segment->segment, AUK_FIELD_VERSION);
    const auk_column *numbers = auk_segment_column(segment->segment, AUK_FIELD_SEQ_NO);
    const auk_column *terms = auk_segment_column(segment->segment, AUK_FIELD_PRIMARY_TERM);
    if (!versions || !numbers || !terms)
        return auk_fail(err, AUK_CORRUPT, "a segment has no versions");
    auk_arena_reset(reader->arena);
    reader->segment = segment;
    reader->cache = auk_stored_cache_create(reader->arena);
    reader->versions = auk_column_cursor_open(versions, reader->arena);
    reader->numbers = auk_column_cursor_open(numbers, reader->arena);
    reader->terms = auk_column_cursor_open(terms, reader->arena);
    return AUK_OK;
}

static auk_code read_number(auk_column_cursor *cursor, auk_doc doc, int64_t *out, auk_error *err)
{
    const int64_t *values;
    if (auk_column_cursor_values(cursor, doc, &values) != 1)
        return auk_fail(err, AUK_CORRUPT, "document %u has no version", doc);
    *out = values[0];
    return AUK_OK;
}

auk_code auk_document_reader_seq_no(auk_document_reader *reader, auk_doc doc, int64_t *out,
                                    auk_error *err)
{
    return read_number(reader->numbers, doc, out, err);
}

auk_code auk_document_reader_term(auk_document_reader *reader, auk_doc doc, int64_t *out,
                                  auk_error *err)
{
    return read_number(reader->terms, doc, out, err);
}

auk_code auk_document_reader_read(auk_document_reader *reader, auk_doc doc,
                                  auk_stored_document *out, int64_t *version, auk_error *err)
{
    auk_code code = read_number(reader->versions, doc, version, err);
    if (code != AUK_OK)
        return code;
    return auk_segment_read_stored(reader->segment->segment, doc, reader->cache, NULL, out, err);
}
