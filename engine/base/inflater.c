#include <errno.h>
#include <stdlib.h>
#include <unistd.h>
#include <zlib.h>
#include <zstd.h>

#include "auk/compress.h"
#include "auk/varint.h"

#define INPUT_BYTES    ((size_t)128 << 10)
#define GZIP_WINDOW    (15 + 16)
#define GZIP_MAGIC     0x8B1Fu     /* the first two bytes, little endian */
#define ZSTD_MAGIC     0xFD2FB528u /* the first four */
#define ZSTD_SKIPPED   0x184D2A50u /* a frame to be skipped; the low four bits are free */
#define OUTPUT_LARGEST ((size_t)1 << 30)

typedef enum format { PLAIN, GZIP, ZSTD } format;

struct auk_inflater {
    int fd;
    format format;
    bool at_end;       /* of the file */
    bool inside;       /* of a gzip member or zstd frame that has begun */
    auk_code failed;   /* sticky */
    uint64_t consumed; /* bytes of the file that were given on */
    size_t at;
    size_t size;
    z_stream gzip;
    ZSTD_DStream *zstd;
    char input[INPUT_BYTES];
};

static auk_code fail(auk_inflater *inflater, auk_error *err, auk_code code, const char *what)
{
    inflater->failed = code;
    return auk_fail(err, code, "%s at byte %llu", what, (unsigned long long)inflater->consumed);
}

/* Reads more behind what is there. A file may come in small pieces, as a pipe does. */
static auk_code fill(auk_inflater *inflater, auk_error *err)
{
    if (inflater->at == inflater->size)
        inflater->at = inflater->size = 0;
    while (!inflater->at_end && inflater->size < INPUT_BYTES) {
        ssize_t got =
            read(inflater->fd, inflater->input + inflater->size, INPUT_BYTES - inflater->size);
        if (got < 0 && errno == EINTR)
            continue;
        if (got < 0)
            return fail(inflater, err, AUK_IO, "cannot read the file");
        inflater->at_end = got == 0;
        inflater->size += (size_t)got;
        break;
    }
    return AUK_OK;
}

static auk_code detect(auk_inflater *inflater, auk_error *err)
{
    while (inflater->size < 4 && !inflater->at_end) {
        auk_code code = fill(inflater, err);
        if (code != AUK_OK)
            return code;
    }
    if (inflater->size >= 2 && auk_load_u16(inflater->input) == GZIP_MAGIC)
        inflater->format = GZIP;
    if (inflater->size >= 4) {
        uint32_t magic = auk_load_u32(inflater->input);
        if (magic == ZSTD_MAGIC || (magic & ~15u) == ZSTD_SKIPPED)
            inflater->format = ZSTD;
    }
    if (inflater->format == GZIP && inflateInit2(&inflater->gzip, GZIP_WINDOW) != Z_OK)
        abort();
    if (inflater->format == ZSTD && (inflater->zstd = ZSTD_createDStream()) == NULL)
        abort();
    return AUK_OK;
}

auk_code auk_inflater_open(int fd, auk_inflater **out, auk_error *err)
{
    auk_inflater *inflater = calloc(1, sizeof *inflater);
    if (inflater == NULL)
        abort();
    inflater->fd = fd;
    auk_code code = detect(inflater, err);
    if (code != AUK_OK) {
        auk_inflater_close(inflater);
        return code;
    }
    *out = inflater;
    return AUK_OK;
}

static void consume(auk_inflater *inflater, size_t size)
{
    inflater->at += size;
    inflater->consumed += size;
}

static size_t step_plain(auk_inflater *inflater, char *into, size_t capacity)
{
    size_t size = inflater->size - inflater->at;
    if (size > capacity)
        size = capacity;
    memcpy(into, inflater->input + inflater->at, size);
    consume(inflater, size);
    return size;
}

static auk_code step_gzip(auk_inflater *inflater, char *into, size_t capacity, size_t *size,
                          auk_error *err)
{
    z_stream *stream = &inflater->gzip;
    size_t given = inflater->size - inflater->at;
    /* given is 0 at the end of the file, where zlib may still hold output */
    if (!inflater->inside && given > 0)
        (void)inflateReset(stream);
    stream->next_in = (Bytef *)inflater->input + inflater->at;
    stream->avail_in = (uInt)given;
    stream->next_out = (Bytef *)into;
    stream->avail_out = (uInt)capacity;
    int result = inflate(stream, Z_NO_FLUSH);
    consume(inflater, given - stream->avail_in);
    *size = capacity - stream->avail_out;
    inflater->inside = result != Z_STREAM_END;
    if (result == Z_OK || result == Z_STREAM_END || result == Z_BUF_ERROR)
        return AUK_OK;
    return fail(inflater, err, AUK_CORRUPT, "broken gzip stream");
}

static auk_code step_zstd(auk_inflater *inflater, char *into, size_t capacity, size_t *size,
                          auk_error *err)
{
    ZSTD_inBuffer in = {inflater->input + inflater->at, inflater->size - inflater->at, 0};
    ZSTD_outBuffer out = {into, capacity, 0};
    size_t left = ZSTD_decompressStream(inflater->zstd, &out, &in);
    consume(inflater, in.pos);
    *size = out.pos;
    if (ZSTD_isError(left))
        return fail(inflater, err, AUK_CORRUPT, "broken zstd stream");
    inflater->inside = left != 0;
    return AUK_OK;
}

static auk_code step(auk_inflater *inflater, char *into, size_t capacity, size_t *size,
                     auk_error *err)
{
    switch (inflater->format) {
    case GZIP:
        return step_gzip(inflater, into, capacity, size, err);
    case ZSTD:
        return step_zstd(inflater, into, capacity, size, err);
    case PLAIN:
        break;
    }
    *size = step_plain(inflater, into, capacity);
    return AUK_OK;
}

auk_code auk_inflater_read(auk_inflater *inflater, char *into, size_t capacity, size_t *size,
                           auk_error *err)
{
    *size = 0;
    if (inflater->failed != AUK_OK)
        return fail(inflater, err, inflater->failed, "the stream is broken");
    if (capacity > OUTPUT_LARGEST)
        capacity = OUTPUT_LARGEST;
    while (capacity > 0) {
        auk_code code = AUK_OK;
        if (inflater->at == inflater->size)
            code = fill(inflater, err);
        bool dry = inflater->at == inflater->size;
        if (code == AUK_OK && (!dry || inflater->inside))
            code = step(inflater, into, capacity, size, err);
        if (code != AUK_OK || *size > 0)
            return code;
        if (dry && inflater->inside)
            return fail(inflater, err, AUK_CORRUPT, "the compressed stream ends early");
        if (dry)
            return AUK_OK;
    }
    return AUK_OK;
}

uint64_t auk_inflater_consumed(const auk_inflater *inflater)
{
    return inflater->consumed;
}

void auk_inflater_close(auk_inflater *inflater)
{
    if (inflater == NULL)
        return;
    if (inflater->format == GZIP)
        (void)inflateEnd(&inflater->gzip);
    (void)ZSTD_freeDStream(inflater->zstd);
    free(inflater);
}
