#include "auk/compress.h"

#include <limits.h>
#include <pthread.h>
#include <stdlib.h>
#include <zlib.h>

#define GZIP_WINDOW        (15 + 16)
#define GZIP_OR_ZLIB       (15 + 32)
#define DEFLATE_MEMORY     8
#define LEAST_STEP         ((size_t)16 << 10)
#define LARGEST_STEP       ((size_t)1 << 20)
#define GZIP_INPUT_LARGEST ((size_t)1 << 30)

/* What a thread keeps between calls; each part is made at its first use. */
typedef struct contexts {
    z_stream inflate;
    z_stream deflate;
    bool has_inflate;
    bool has_deflate;
    int deflate_level;
} contexts;

static pthread_key_t contexts_key;
static pthread_once_t contexts_once = PTHREAD_ONCE_INIT;

static void free_contexts(void *object)
{
    contexts *c = object;
    if (c->has_inflate)
        (void)inflateEnd(&c->inflate);
    if (c->has_deflate)
        (void)deflateEnd(&c->deflate);
    free(c);
}

static void make_key(void)
{
    if (pthread_key_create(&contexts_key, free_contexts) != 0)
        abort();
}

static contexts *own_contexts(void)
{
    (void)pthread_once(&contexts_once, make_key);
    contexts *c = pthread_getspecific(contexts_key);
    if (c == NULL) {
        c = calloc(1, sizeof *c);
        if (c == NULL || pthread_setspecific(contexts_key, c) != 0)
            abort();
    }
    return c;
}

/* zlib never writes through next_in; it only lacks the const. */
static Bytef *input_of(auk_span in)
{
    return (Bytef *)(uintptr_t)in.data;
}

/* Room for the next piece of output, at least one byte past what is left of the limit, so that a
 * stream that ends exactly there is told from one that goes on. */
static size_t next_step(size_t made, size_t limit)
{
    size_t step = made < LEAST_STEP ? LEAST_STEP : made > LARGEST_STEP ? LARGEST_STEP : made;
    size_t left = limit - made;
    return step > left ? left + 1 : step;
}

static auk_code inflate_all(z_stream *stream, size_t limit_bytes, auk_buffer *out, auk_error *err)
{
    size_t made = 0;
    for (;;) {
        size_t step = next_step(made, limit_bytes);
        char *room = auk_buffer_reserve(out, step);
        if (room == NULL)
            return auk_fail(err, AUK_TOO_LARGE, "inflated bytes are over the limit of %zu",
                            out->maximum);
        stream->next_out = (Bytef *)room;
        stream->avail_out = (uInt)step;
        int result = inflate(stream, Z_NO_FLUSH);
        size_t got = step - stream->avail_out;
        out->size += got;
        made += got;
        if (made > limit_bytes)
            return auk_fail(err, AUK_TOO_LARGE, "inflated bytes are over the limit of %zu",
                            limit_bytes);
        if (result == Z_STREAM_END && stream->avail_in == 0)
            return AUK_OK;
        if (result == Z_STREAM_END && inflateReset(stream) == Z_OK)
            continue; /* the next gzip member */
        if (result != Z_OK)
            return auk_fail(err, AUK_CORRUPT, "not a sound gzip stream: %s",
                            stream->msg != NULL ? stream->msg : "it ends early");
    }
}

auk_code auk_gzip_inflate(auk_span in, size_t limit_bytes, auk_buffer *out, auk_error *err)
{
    contexts *c = own_contexts();
    if (in.size > GZIP_INPUT_LARGEST)
        return auk_fail(err, AUK_TOO_LARGE, "a gzip stream of %zu bytes is too large", in.size);
    if (limit_bytes > SIZE_MAX / 2)
        limit_bytes = SIZE_MAX / 2;
    int result =
        c->has_inflate ? inflateReset(&c->inflate) : inflateInit2(&c->inflate, GZIP_OR_ZLIB);
    if (result != Z_OK)
        abort();
    c->has_inflate = true;
    c->inflate.next_in = input_of(in);
    c->inflate.avail_in = (uInt)in.size;
    return inflate_all(&c->inflate, limit_bytes, out, err);
}

/* The thread's deflater, fresh and at this level. */
static z_stream *own_deflate(int level)
{
    contexts *c = own_contexts();
    if (c->has_deflate && c->deflate_level != level) {
        (void)deflateEnd(&c->deflate);
        c->has_deflate = false;
        c->deflate = (z_stream){0};
    }
    int result = c->has_deflate ? deflateReset(&c->deflate)
                                : deflateInit2(&c->deflate, level, Z_DEFLATED, GZIP_WINDOW,
                                               DEFLATE_MEMORY, Z_DEFAULT_STRATEGY);
    if (result != Z_OK)
        abort();
    c->has_deflate = true;
    c->deflate_level = level;
    return &c->deflate;
}

auk_code auk_gzip_deflate(auk_span in, int level, auk_buffer *out, auk_error *err)
{
    if (in.size > GZIP_INPUT_LARGEST)
        return auk_fail(err, AUK_TOO_LARGE, "%zu bytes are too many for one gzip stream", in.size);
    z_stream *stream = own_deflate(level);
    size_t most = deflateBound(stream, in.size);
    char *room = auk_buffer_reserve(out, most);
    if (room == NULL)
        return auk_fail(err, AUK_TOO_LARGE, "no room to compress %zu bytes within %zu", in.size,
                        out->maximum);
    stream->next_in = input_of(in);
    stream->avail_in = (uInt)in.size;
    stream->next_out = (Bytef *)room;
    stream->avail_out = (uInt)most;
    if (deflate(stream, Z_FINISH) != Z_STREAM_END)
        return auk_fail(err, AUK_IO, "cannot compress %zu bytes", in.size);
    out->size += most - stream->avail_out;
    return AUK_OK;
}
