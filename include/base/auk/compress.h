/*
 * compress.h - the door to zstd and zlib.
 *
 *   Lifetime  contexts are kept per thread inside; dictionaries are objects.
 *   Threads   every call may run on any thread; a dictionary is immutable and shared.
 *   Errors    AUK_CORRUPT for bytes that are not what they claim, AUK_TOO_LARGE past limit_bytes
 *             (checked while inflating, so a bomb is cut at the limit).
 */
#ifndef AUK_COMPRESS_H
#define AUK_COMPRESS_H

#include "auk/buffer.h"
#include "auk/error.h"

typedef struct auk_zstd_dictionary auk_zstd_dictionary;

/* Copies the bytes. level: for compression; a dictionary used only to read takes 0. */
auk_zstd_dictionary *auk_zstd_dictionary_create(auk_span bytes, int level);
void auk_zstd_dictionary_destroy(auk_zstd_dictionary *dictionary); /* NULL is fine */
/* What it was made from, as long as it lives: whoever keeps frames keeps these bytes with them. */
auk_span auk_zstd_dictionary_bytes(const auk_zstd_dictionary *dictionary);
/* Trains at most limit_bytes of dictionary from samples laid end to end; empty span if they are too
 * few. */
void auk_zstd_train(auk_span samples, const size_t *sizes, uint32_t count, size_t limit_bytes,
                    auk_buffer *out);
/* A dictionary of this content that has the codes for what the samples are made of as well, so that
 * short frames need none of their own: smaller, and read in half the time. Appends nothing where
 * there is too little to learn from: the content itself is a dictionary then. */
void auk_zstd_finish_dictionary(auk_span content, auk_span samples, const size_t *sizes,
                                uint32_t count, int level, auk_buffer *out);

/* dictionary may be NULL; then level counts. Appends one frame to out. */
AUK_MUST_CHECK auk_code auk_zstd_compress(auk_span in, const auk_zstd_dictionary *dictionary,
                                          int level, auk_buffer *out, auk_error *err);
/* Appends exactly size_bytes, or fails. */
AUK_MUST_CHECK auk_code auk_zstd_decompress(auk_span in, const auk_zstd_dictionary *dictionary,
                                            size_t size_bytes, auk_buffer *out, auk_error *err);

/* A whole gzip (or zlib) stream, appended. */
AUK_MUST_CHECK auk_code auk_gzip_inflate(auk_span in, size_t limit_bytes, auk_buffer *out,
                                         auk_error *err);
AUK_MUST_CHECK auk_code auk_gzip_deflate(auk_span in, int level, auk_buffer *out, auk_error *err);

/* A file that may be plain, gzip or zstd (told by its first bytes), read as a stream. The
 * descriptor stays the caller's: it must be open as long as the inflater, and its offset is moved.
 */
typedef struct auk_inflater auk_inflater;
AUK_MUST_CHECK auk_code auk_inflater_open(int fd, auk_inflater **out, auk_error *err);
/* Up to capacity bytes; *size 0 at the end. */
AUK_MUST_CHECK auk_code auk_inflater_read(auk_inflater *inflater, char *into, size_t capacity,
                                          size_t *size, auk_error *err);
/* Compressed bytes consumed so far, for progress. */
uint64_t auk_inflater_consumed(const auk_inflater *inflater);
void auk_inflater_close(auk_inflater *inflater);

#endif
