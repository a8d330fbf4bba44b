#include "log_file.h"

#include <errno.h>
#include <fcntl.h>
#include <unistd.h>

#include "auk/hash.h"
#include "auk/varint.h"
#include "store_private.h"

#define BLOCK_SIZE  32768u
#define HEADER_SIZE 7u
#define CRC_MASK    0xa282ead8u

enum { TYPE_ZERO, TYPE_FULL, TYPE_FIRST, TYPE_MIDDLE, TYPE_LAST };

typedef struct log_reader {
    int fd;
    uint8_t block[BLOCK_SIZE];
    size_t size; /* of the block in hand */
    size_t at;
    uint64_t base;      /* offset of the block in the file */
    bool broken;        /* since the last whole record that began behind sound bytes */
    bool in_record;     /* between a first and a last piece */
    uint64_t record_at; /* where that one began */
    auk_buffer record;  /* its visible bytes */
    size_t visible;
    log_visit visit;
    void *context;
    log_report *report;
} log_reader;

static uint32_t masked_crc(const uint8_t *type_and_bytes, size_t size)
{
    uint32_t crc = auk_crc32c(0, auk_span_make(type_and_bytes, size));
    return (crc >> 15 | crc << 17) + CRC_MASK;
}

/* ---- a block ---- */

static auk_code read_block(log_reader *reader, const char *path, auk_error *err)
{
    reader->base += reader->size;
    reader->size = 0;
    reader->at = 0;
    while (reader->size < BLOCK_SIZE) {
        ssize_t got = read(reader->fd, reader->block + reader->size, BLOCK_SIZE - reader->size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return store_fail_errno(STORE_OPENING, errno, err, "cannot read \"%s\"", path);
        if (got == 0)
            break;
        reader->size += (size_t)got;
    }
    reader->report->size += reader->size;
    return AUK_OK;
}

static void note_break(log_reader *reader, uint64_t offset, const char *what)
{
    log_report *report = reader->report;
    if (report->breaks == 0) {
        report->break_at = offset;
        report->what = what;
    }
    report->breaks += !reader->broken;
    reader->broken = true;
    reader->in_record = false;
}

/* What is wrong with the piece at this place, or NULL. */
static const char *check_piece(const log_reader *reader, size_t at)
{
    size_t left = reader->size - at;
    if (left < HEADER_SIZE)
        return "the record is cut";
    const uint8_t *header = reader->block + at;
    size_t size = auk_load_u16(header + 4);
    if (header[6] < TYPE_FULL || header[6] > TYPE_LAST)
        return header[6] == TYPE_ZERO && size == 0 ? "zeros where a record should be"
                                                   : "an impossible type of record";
    if (size > left - HEADER_SIZE)
        return reader->size < BLOCK_SIZE ? "the record is cut" : "an impossible size of a record";
    if (auk_load_u32(header) != masked_crc(header + 6, size + 1))
        return "the record's checksum does not match";
    return NULL;
}

/* Behind a break: the next place in this block where a record begins. Sizes cannot be trusted, so
 * every byte is one. */
static void find_record(log_reader *reader)
{
    for (size_t at = reader->at + 1; at + HEADER_SIZE < reader->size; at++) {
        const uint8_t *header = reader->block + at;
        if ((header[6] == TYPE_FULL || header[6] == TYPE_FIRST) && auk_load_u16(header + 4) > 0 &&
            check_piece(reader, at) == NULL) {
            reader->at = at;
            return;
        }
    }
    reader->at = reader->size;
}

/* ---- records ---- */

static void take_bytes(log_reader *reader, auk_span bytes)
{
    size_t room = reader->visible - reader->record.size;
    auk_buffer_append(&reader->record,
                      auk_span_make(bytes.data, bytes.size < room ? bytes.size : room));
}

static void end_record(log_reader *reader)
{
    bool behind_break = reader->report->breaks > 0;
    reader->report->records++;
    reader->report->followed += behind_break;
    reader->in_record = false;
    reader->broken = false;
    if (reader->visit != NULL)
        reader->visit(reader->context, auk_buffer_span(&reader->record), reader->record_at,
                      behind_break);
}

/* A piece that is whole by itself; does it go on with what came before? */
static void take_piece(log_reader *reader, uint64_t offset, uint8_t type, auk_span bytes)
{
    bool begins = type == TYPE_FULL || type == TYPE_FIRST;
    if (begins == reader->in_record) {
        if (!reader->broken || reader->in_record)
            note_break(reader, reader->in_record ? reader->record_at : offset,
                       "a part of the record is missing");
        if (!begins)
            return;
    }
    if (begins) {
        reader->in_record = true;
        reader->record_at = offset;
        auk_buffer_reset(&reader->record);
    }
    take_bytes(reader, bytes);
    if (type == TYPE_FULL || type == TYPE_LAST)
        end_record(reader);
}

static void read_pieces(log_reader *reader)
{
    while (reader->at < reader->size) {
        size_t at = reader->at;
        if (BLOCK_SIZE - at < HEADER_SIZE)
            return; /* the rest of a block */
        const char *problem = check_piece(reader, at);
        if (problem != NULL) {
            note_break(reader, reader->in_record ? reader->record_at : reader->base + at, problem);
            find_record(reader);
            continue;
        }
        size_t size = auk_load_u16(reader->block + at + 4);
        reader->at = at + HEADER_SIZE + size;
        take_piece(reader, reader->base + at, reader->block[at + 6],
                   auk_span_make(reader->block + at + HEADER_SIZE, size));
    }
}

auk_code log_file_read(const char *path, size_t visible, log_visit visit, void *context,
                       log_report *report, auk_error *err)
{
    *report = (log_report){0};
    log_reader reader = {.visible = visible, .visit = visit, .context = context, .report = report};
    reader.fd = open(path, O_RDONLY | O_CLOEXEC);
    if (reader.fd < 0)
        return store_fail_errno(STORE_OPENING, errno, err, "cannot open \"%s\"", path);
    auk_buffer_init(&reader.record, AUK_BUFFER_NO_LIMIT);
    auk_code code;
    while ((code = read_block(&reader, path, err)) == AUK_OK && reader.size > 0)
        read_pieces(&reader);
    if (code == AUK_OK && reader.in_record)
        note_break(&reader, reader.record_at, "the record is cut");
    auk_buffer_deinit(&reader.record);
    close(reader.fd);
    return code;
}

/* ---- writing ---- */

void log_file_append(auk_buffer *file, auk_span record)
{
    bool begun = false;
    do {
        size_t room = BLOCK_SIZE - file->size % BLOCK_SIZE;
        if (room < HEADER_SIZE) {
            auk_buffer_append(file, auk_span_make("\0\0\0\0\0\0", room));
            room = BLOCK_SIZE;
        }
        size_t size = record.size < room - HEADER_SIZE ? record.size : room - HEADER_SIZE;
        bool is_last = size == record.size;
        uint8_t type =
            begun ? (is_last ? TYPE_LAST : TYPE_MIDDLE) : (is_last ? TYPE_FULL : TYPE_FIRST);
        size_t at = file->size;
        auk_buffer_append_u32(file, 0);
        auk_buffer_append_u16(file, (uint16_t)size);
        auk_buffer_append_byte(file, (char)type);
        auk_buffer_append(file, auk_span_make(record.data, size));
        uint32_t crc = masked_crc((const uint8_t *)file->data + at + 6, size + 1);
        memcpy(file->data + at, &crc, sizeof crc);
        record = auk_span_from(record, size);
        begun = true;
    } while (record.size > 0);
}
