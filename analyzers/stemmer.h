/*
 * stemmer.h - words to stems: Snowball's door, our own stemmers, and a cache in front of them.
 *
 * Words repeat: the cache is a table of 32-byte rows, each a word of up to 15 bytes beside its
 * stem. A word has two rows to be in; a newcomer replaces the older of those who are there.
 *
 *   Lifetime  _create .. _destroy; a stem is borrowed until the next call on its stemmer.
 *   Threads   one.   Memory  256 KB and Snowball's own.   Errors  AUK_INVALID, AUK_IO.
 */
#ifndef AUK_STEMMER_H
#define AUK_STEMMER_H

#include "auk/error.h"
#include "auk/span.h"

/* name here, Snowball's algorithm or NULL for one of our own */
#define AUK_STEMMER_MAP(X)                                                                         \
    X(PORTER_LUCENE, NULL)                                                                         \
    X(MINIMAL_ENGLISH, NULL)                                                                       \
    X(ARMENIAN, "armenian")                                                                        \
    X(BASQUE, "basque")                                                                            \
    X(CATALAN, "catalan")                                                                          \
    X(DANISH, "danish")                                                                            \
    X(DUTCH, "dutch")                                                                              \
    X(ENGLISH, "english")                                                                          \
    X(FINNISH, "finnish")                                                                          \
    X(FRENCH, "french")                                                                            \
    X(GERMAN, "german")                                                                            \
    X(HUNGARIAN, "hungarian")                                                                      \
    X(IRISH, "irish")                                                                              \
    X(ITALIAN, "italian")                                                                          \
    X(LITHUANIAN, "lithuanian")                                                                    \
    X(NORWEGIAN, "norwegian")                                                                      \
    X(PORTER, "porter")                                                                            \
    X(PORTUGUESE, "portuguese")                                                                    \
    X(ROMANIAN, "romanian")                                                                        \
    X(RUSSIAN, "russian")                                                                          \
    X(SERBIAN, "serbian")                                                                          \
    X(SPANISH, "spanish")                                                                          \
    X(SWEDISH, "swedish")                                                                          \
    X(TURKISH, "turkish")

typedef enum auk_stemmer_id {
#define X(name, algorithm) AUK_STEMMER_##name,
    AUK_STEMMER_MAP(X)
#undef X
        AUK_STEMMER_COUNT
} auk_stemmer_id;

typedef struct auk_stemmer auk_stemmer;

AUK_MUST_CHECK auk_code auk_stemmer_create(auk_stemmer_id id, auk_stemmer **out, auk_error *err);
void auk_stemmer_destroy(auk_stemmer *stemmer); /* NULL is fine */

/* The stem of a word in lower case: a front of the word itself, or bytes of the stemmer. */
auk_span auk_stemmer_stem(auk_stemmer *stemmer, auk_span word);

#endif
