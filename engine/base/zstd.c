#include <pthread.h>
#include <stdlib.h>
#include <zdict.h>
#include <zstd.h>

#include "auk/compress.h"

struct auk_zstd_dictionary {
    char *bytes;
    size_t size;
    ZSTD_CDict *compress; /* NULL: made to read only */
    ZSTD_DDict *decompress;
};

/* ---- contexts: one pair a thread, made at first need, freed when the thread ends ---- */

typedef struct contexts {
    ZSTD_CCtx *compress;
    ZSTD_DCtx *decompress;
} contexts;

static pthread_key_t contexts_key;
static pthread_once_t contexts_once = PTHREAD_ONCE_INIT;

static void free_contexts(void *object)
{
    contexts *mine = object;
    ZSTD_freeCCtx(mine->compress);
    ZSTD_freeDCtx(mine->decompress);
    free(mine);
}

static void make_key(void)
{
    if (pthread_key_create(&contexts_key, free_contexts) != 0)
        abort();
}

static contexts *my_contexts(void)
{
    pthread_once(&contexts_once, make_key);
    contexts *mine = pthread_getspecific(contexts_key);
    if (mine)
        return mine;
    mine = calloc(1, sizeof *mine);
    if (!mine || pthread_setspecific(contexts_key, mine) != 0)
        abort();
    mine->compress = ZSTD_createCCtx();
    mine->decompress = ZSTD_createDCtx();
    if (!mine->compress || !mine->decompress)
        abort();
    return mine;
}

/* ---- dictionaries ---- */

auk_zstd_dictionary *auk_zstd_dictionary_create(auk_span bytes, int level)
{
    auk_zstd_dictionary *dictionary = calloc(1, sizeof *dictionary);
    if (!dictionary)
        abort();
    dictionary->bytes = malloc(bytes.size ? bytes.size : 1);
    if (!dictionary->bytes)
        abort();
    if (bytes.size)
        memcpy(dictionary->bytes, bytes.data, bytes.size);
    dictionary->size = bytes.size;
    /* Both stay NULL for bytes that only look like a dictionary; using it then fails. */
    if (level != 0)
        dictionary->compress = ZSTD_createCDict(dictionary->bytes, bytes.size, level);
    dictionary->decompress = ZSTD_createDDict(dictionary->bytes, bytes.size);
    return dictionary;
}

void auk_zstd_dictionary_destroy(auk_zstd_dictionary *dictionary)
{
    if (!dictionary)
        return;
    ZSTD_freeCDict(dictionary->compress);
    ZSTD_freeDDict(dictionary->decompress);
    free(dictionary->bytes);
    free(dictionary);
}

auk_span auk_zstd_dictionary_bytes(const auk_zstd_dictionary *dictionary)
{
    return auk_span_make(dictionary->bytes, dictionary->size);
}

void auk_zstd_train(auk_span samples, const size_t *sizes, uint32_t count, size_t limit_bytes,
                    auk_buffer *out)
{
    char *room = auk_buffer_reserve(out, limit_bytes);
    if (!room || count == 0)
        return;
    size_t size = ZDICT_trainFromBuffer(room, limit_bytes, samples.data, sizes, count);
    if (!ZDICT_isError(size))
        out->size += size;
}

void auk_zstd_finish_dictionary(auk_span content, auk_span samples, const size_t *sizes,
                                uint32_t count, int level, auk_buffer *out)
{
    enum { CODES_BYTES = 4096 }; /* more than zstd's tables ever take */
    size_t limit = content.size + CODES_BYTES;
    char *room = auk_buffer_reserve(out, limit);
    if (!room || count == 0)
        return;
    size_t size =
        ZDICT_finalizeDictionary(room, limit, content.data, content.size, samples.data, sizes,
                                 count, (ZDICT_params_t){.compressionLevel = level});
    if (!ZDICT_isError(size))
        out->size += size;
}

/* ---- frames ---- */

auk_code auk_zstd_compress(auk_span in, const auk_zstd_dictionary *dictionary, int level,
                           auk_buffer *out, auk_error *err)
{
    if (dictionary && !dictionary->compress)
        return auk_fail(err, AUK_INVALID, "this dictionary cannot compress");
    size_t bound = ZSTD_compressBound(in.size);
    char *room = auk_buffer_reserve(out, bound);
    if (!room)
        return auk_fail(err, AUK_TOO_LARGE, "no room for %zu compressed bytes", bound);
    ZSTD_CCtx *context = my_contexts()->compress;
    size_t size = dictionary ? ZSTD_compress_usingCDict(context, room, bound, in.data, in.size,
                                                        dictionary->compress)
                             : ZSTD_compressCCtx(context, room, bound, in.data, in.size, level);
    if (ZSTD_isError(size))
        return auk_fail(err, AUK_IO, "zstd cannot compress: %s", ZSTD_getErrorName(size));
    out->size += size;
    return AUK_OK;
}

auk_code auk_zstd_decompress(auk_span in, const auk_zstd_dictionary *dictionary, size_t size_bytes,
                             auk_buffer *out, auk_error *err)
{
    if (dictionary && !dictionary->decompress)
        return auk_fail(err, AUK_CORRUPT, "the dictionary of a frame is damaged");
    char *room = auk_buffer_reserve(out, size_bytes);
    if (!room)
        return auk_fail(err, AUK_TOO_LARGE, "no room for %zu inflated bytes", size_bytes);
    ZSTD_DCtx *context = my_contexts()->decompress;
    size_t size = dictionary ? ZSTD_decompress_usingDDict(context, room, size_bytes, in.data,
                                                          in.size, dictionary->decompress)
                             : ZSTD_decompressDCtx(context, room, size_bytes, in.data, in.size);
    if (ZSTD_isError(size))
        return auk_fail(err, AUK_CORRUPT, "a zstd frame does not inflate: %s",
                        ZSTD_getErrorName(size));
    if (size != size_bytes)
        return auk_fail(err, AUK_CORRUPT, "a zstd frame has %zu bytes instead of %zu", size,
                        size_bytes);
    out->size += size;
    return AUK_OK;
}
