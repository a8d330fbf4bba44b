#include "auk/gunzip.h"

#include <limits.h>
#include <stdlib.h>
#include <zlib.h>

struct auk_gunzip {
    z_stream stream;
    bool complete;
    bool pending; /* zlib may hold output for which there was no room */
    bool failed;
};

auk_gunzip *auk_gunzip_create(void)
{
    auk_gunzip *gunzip = calloc(1, sizeof *gunzip);
    /* 15: the largest window; + 16: a gzip header is required */
    if (!gunzip || inflateInit2(&gunzip->stream, 15 + 16) != Z_OK)
        abort();
    return gunzip;
}

void auk_gunzip_destroy(auk_gunzip *gunzip)
{
    if (!gunzip)
        return;
    inflateEnd(&gunzip->stream);
    free(gunzip);
}

static uInt at_most_uint(size_t size)
{
    return size > UINT_MAX ? UINT_MAX : (uInt)size;
}

static int inflate_some(z_stream *stream, auk_span *in, char *out, size_t capacity, size_t *made)
{
    uInt given = at_most_uint(in->size);
    uInt room = at_most_uint(capacity - *made);
    /* zlib never writes to next_in; it lacks the const unless ZLIB_CONST is defined everywhere */
    stream->next_in = (Bytef *)(uintptr_t)in->data;
    stream->avail_in = given;
    stream->next_out = (Bytef *)out + *made;
    stream->avail_out = room;
    int result = inflate(stream, Z_NO_FLUSH);
    *in = auk_span_from(*in, given - stream->avail_in);
    *made += room - stream->avail_out;
    return result;
}

auk_code auk_gunzip_step(auk_gunzip *gunzip, auk_span *in, char *out, size_t capacity, size_t *made,
                         auk_error *err)
{
    *made = 0;
    while (!gunzip->failed && (in->size || gunzip->pending) && *made < capacity) {
        if (gunzip->complete)
            inflateReset(&gunzip->stream);
        int result = inflate_some(&gunzip->stream, in, out, capacity, made);
        gunzip->complete = result == Z_STREAM_END;
        gunzip->pending = result == Z_OK && *made == capacity;
        if (result != Z_OK && result != Z_STREAM_END && result != Z_BUF_ERROR)
            gunzip->failed = true;
    }
    if (gunzip->failed)
        return auk_fail(err, AUK_CORRUPT, "not a sound gzip stream");
    return AUK_OK;
}

bool auk_gunzip_complete(const auk_gunzip *gunzip)
{
    return gunzip->complete && !gunzip->failed;
}
