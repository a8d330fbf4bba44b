#include "journal.h"

#include "auk/hash.h"

enum { FORMAT = 2, FORMAT_UNSETTLED = 1, ORIGIN_CLIENT = 0, KIND_ROUTED_DELETE = 3 };

#define SMALL_SOURCE 256 /* copied rather than made a part of its own */

void auk_journal_key(uint32_t shard, int64_t seq_no, char key[AUK_JOURNAL_KEY_SIZE])
{
    auk_store_be32(key, shard);
    auk_store_be64(key + 4, (uint64_t)seq_no);
}

void auk_journal_writer_init(auk_journal_writer *writer, const auk_journal_header *header)
{
    *writer = (auk_journal_writer){.first_seq_no = header->first_seq_no};
    auk_buffer_init(&writer->small, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_byte(&writer->small, FORMAT);
    auk_buffer_append_byte(&writer->small, ORIGIN_CLIENT);
    auk_buffer_append_varint(&writer->small, (uint64_t)header->primary_term);
    auk_buffer_append_varint(&writer->small, header->mapping_version);
    auk_buffer_append_varint(&writer->small, auk_zigzag(header->time_ms));
    auk_buffer_append_varint(&writer->small, 0);
    auk_buffer_append_sized(&writer->small, (auk_span){0});
    auk_buffer_append_varint(&writer->small, (uint64_t)header->first_seq_no);
    auk_buffer_append_varint(&writer->small, header->count);
    auk_buffer_append_varint(&writer->small, (uint64_t)header->settled);
    auk_vector_push(&writer->pieces, (auk_journal_piece){.size = writer->small.size});
}

void auk_journal_writer_deinit(auk_journal_writer *writer)
{
    auk_buffer_deinit(&writer->small);
    auk_vector_free(&writer->pieces);
    auk_vector_free(&writer->parts);
}

/* What was appended to the small bytes since `from` joins the piece before it when that is small
 * bytes too. */
static void extend_small(auk_journal_writer *writer, size_t from)
{
    auk_journal_piece *last = &writer->pieces.items[writer->pieces.count - 1];
    if (last->data == NULL)
        last->size += writer->small.size - from;
    else
        auk_vector_push(&writer->pieces,
                        (auk_journal_piece){.offset = from, .size = writer->small.size - from});
}

void auk_journal_writer_add(auk_journal_writer *writer, const auk_journal_operation *operation)
{
    size_t from = writer->small.size;
    auk_buffer *small = &writer->small;
    bool index = operation->kind == AUK_JOURNAL_INDEX;
    bool routed_delete = !index && operation->routing.size > 0;
    auk_buffer_append_byte(small, routed_delete ? KIND_ROUTED_DELETE : (char)operation->kind);
    auk_buffer_append_sized(small, operation->id);
    if (index || routed_delete)
        auk_buffer_append_sized(small, operation->routing);
    auk_buffer_append_varint(small, (uint64_t)(operation->seq_no - writer->first_seq_no));
    auk_buffer_append_varint(small, (uint64_t)operation->version);
    if (index && operation->source.size <= SMALL_SOURCE)
        auk_buffer_append_sized(small, operation->source);
    else if (index)
        auk_buffer_append_varint(small, operation->source.size);
    extend_small(writer, from);
    if (index && operation->source.size > SMALL_SOURCE)
        auk_vector_push(&writer->pieces, (auk_journal_piece){.data = operation->source.data,
                                                             .size = operation->source.size});
}

const auk_span *auk_journal_writer_finish(auk_journal_writer *writer, uint32_t *count)
{
    uint32_t crc = 0;
    size_t from = writer->small.size;
    auk_buffer_append_u32(&writer->small, 0);
    extend_small(writer, from);
    auk_vector_reserve(&writer->parts, writer->pieces.count);
    for (uint32_t i = 0; i < writer->pieces.count; i++) {
        const auk_journal_piece *piece = &writer->pieces.items[i];
        const char *data = piece->data != NULL ? piece->data : writer->small.data + piece->offset;
        bool last = i + 1 == writer->pieces.count;
        crc = auk_crc32c(crc, auk_span_make(data, piece->size - (last ? 4 : 0)));
        auk_vector_push(&writer->parts, auk_span_make(data, piece->size));
        writer->bytes += piece->size;
    }
    memcpy(writer->small.data + from, &crc, sizeof crc);
    *count = writer->parts.count;
    return writer->parts.items;
}

auk_code auk_journal_reader_init(auk_journal_reader *reader, auk_span value, auk_error *err)
{
    if (value.size < 4 || auk_crc32c(0, auk_span_make(value.data, value.size - 4)) !=
                              auk_load_u32(value.data + value.size - 4))
        return auk_fail(err, AUK_CORRUPT, "journal entry: checksum does not match");
    *reader =
        (auk_journal_reader){.reader = auk_reader_of(auk_span_make(value.data, value.size - 4))};
    auk_reader *in = &reader->reader;
    uint8_t format = auk_reader_u8(in);
    if (format != FORMAT && format != FORMAT_UNSETTLED)
        return auk_fail(err, AUK_CORRUPT, "journal entry: format %u is not known", format);
    auk_reader_u8(in);
    reader->header.primary_term = (int64_t)auk_reader_varint(in);
    reader->header.mapping_version = auk_reader_varint(in);
    reader->header.time_ms = auk_unzigzag(auk_reader_varint(in));
    auk_reader_varint(in);
    auk_reader_sized(in);
    reader->header.first_seq_no = (int64_t)auk_reader_varint(in);
    uint64_t count = auk_reader_varint(in);
    reader->header.settled = format == FORMAT ? (int64_t)auk_reader_varint(in) : 0;
    if (in->failed || count > auk_reader_left(in) || reader->header.first_seq_no < 0 ||
        reader->header.primary_term < 0 || reader->header.settled < 0 ||
        reader->header.settled > reader->header.first_seq_no)
        return auk_fail(err, AUK_CORRUPT, "journal entry: header breaks its format");
    reader->header.count = (uint32_t)count;
    reader->left = (uint32_t)count;
    return AUK_OK;
}

auk_code auk_journal_reader_next(auk_journal_reader *reader, auk_journal_operation *out, bool *end,
                                 auk_error *err)
{
    auk_reader *in = &reader->reader;
    *end = reader->left == 0;
    if (*end)
        return auk_reader_left(in) == 0
                   ? AUK_OK
                   : auk_fail(err, AUK_CORRUPT, "journal entry: bytes behind its end");
    reader->left--;
    uint8_t kind = auk_reader_u8(in);
    *out = (auk_journal_operation){.kind = kind == AUK_JOURNAL_INDEX ? AUK_JOURNAL_INDEX
                                                                     : AUK_JOURNAL_DELETE};
    out->id = auk_reader_sized(in);
    if (kind == AUK_JOURNAL_INDEX || kind == KIND_ROUTED_DELETE)
        out->routing = auk_reader_sized(in);
    uint64_t offset = auk_reader_varint(in);
    out->seq_no = reader->header.first_seq_no + (int64_t)offset;
    out->version = (int64_t)auk_reader_varint(in);
    if (kind == AUK_JOURNAL_INDEX)
        out->source = auk_reader_sized(in);
    bool known =
        kind == AUK_JOURNAL_INDEX || kind == AUK_JOURNAL_DELETE || kind == KIND_ROUTED_DELETE;
    if (in->failed || !known || offset >= reader->header.count || out->version < 0)
        return auk_fail(err, AUK_CORRUPT, "journal entry: operation breaks its format");
    return AUK_OK;
}
