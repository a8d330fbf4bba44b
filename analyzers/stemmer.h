/*
 * stemmer.h - words to stems: Snowball's door, our own stemmers, and a cache in front of them.
 *
 * The normalizations of languages/normalize.h are stemmers here too: words to words, and they
 * repeat. Words repeat: the cache is a table of 16-byte rows, each a word of up to 14 bytes with
 * the size of its stem, which mostly is the word's front; other stems lie in a table beside. A word
 * has the four rows of a cache line to be in; newcomers replace those who are there in turn.
 *
 *   Lifetime  _create .. _destroy; a stem is borrowed until the next call on its stemmer.
 *   Threads   one.   Memory  512 KB and Snowball's own.   Errors  AUK_INVALID, AUK_IO.
 */
#ifndef AUK_STEMMER_H
#define AUK_STEMMER_H

#include "auk/error.h"
#include "auk/span.h"
#include "word_key.h"

/* name here, Snowball's algorithm or NULL, our own function, which goes in front of it, or NULL */
#define AUK_STEMMER_MAP(X)                                                                         \
    X(PORTER_LUCENE, NULL, NULL)                                                                   \
    X(MINIMAL_ENGLISH, NULL, NULL)                                                                 \
    X(ARMENIAN, "armenian", NULL)                                                                  \
    X(BASQUE, "basque", NULL)                                                                      \
    X(CATALAN, "catalan", NULL)                                                                    \
    X(DANISH, "danish", NULL)                                                                      \
    X(DUTCH, "dutch", NULL)                                                                        \
    X(ENGLISH, "english", NULL)                                                                    \
    X(FINNISH, "finnish", NULL)                                                                    \
    X(FRENCH, "french", NULL)                                                                      \
    X(GERMAN, "german", NULL)                                                                      \
    X(HUNGARIAN, "hungarian", NULL)                                                                \
    X(IRISH, "irish", NULL)                                                                        \
    X(ITALIAN, "italian", NULL)                                                                    \
    X(LITHUANIAN, "lithuanian", NULL)                                                              \
    X(NORWEGIAN, "norwegian", NULL)                                                                \
    X(PORTER, "porter", NULL)                                                                      \
    X(PORTUGUESE, "portuguese", NULL)                                                              \
    X(ROMANIAN, "romanian", NULL)                                                                  \
    X(RUSSIAN, "russian", NULL)                                                                    \
    X(SERBIAN, "serbian", NULL)                                                                    \
    X(SPANISH, "spanish", NULL)                                                                    \
    X(SWEDISH, "swedish", NULL)                                                                    \
    X(TAMIL, "tamil", NULL)                                                                        \
    X(TURKISH, "turkish", NULL)                                                                    \
    X(YIDDISH, "yiddish", NULL)                                                                    \
    X(GERMAN2, "german", auk_stem_before_german2)                                                  \
    X(LOVINS, NULL, auk_stem_lovins)                                                               \
    X(DUTCH_KP, NULL, auk_stem_dutch_kp)                                                           \
    X(ESTONIAN, NULL, auk_stem_estonian)                                                           \
    X(SNOWBALL_ARABIC, "arabic", NULL)                                                             \
    X(SNOWBALL_GREEK, "greek", NULL)                                                               \
    X(SNOWBALL_HINDI, "hindi", NULL)                                                               \
    X(SNOWBALL_INDONESIAN, "indonesian", NULL)                                                     \
    X(SNOWBALL_NEPALI, "nepali", NULL)                                                             \
    X(LIGHT_FINNISH, NULL, auk_stem_light_finnish)                                                 \
    X(LIGHT_FRENCH, NULL, auk_stem_light_french)                                                   \
    X(LIGHT_GERMAN, NULL, auk_stem_light_german)                                                   \
    X(LIGHT_HUNGARIAN, NULL, auk_stem_light_hungarian)                                             \
    X(LIGHT_ITALIAN, NULL, auk_stem_light_italian)                                                 \
    X(LIGHT_NORWEGIAN, NULL, auk_stem_light_norwegian)                                             \
    X(LIGHT_NYNORSK, NULL, auk_stem_light_nynorsk)                                                 \
    X(LIGHT_PORTUGUESE, NULL, auk_stem_light_portuguese)                                           \
    X(LIGHT_RUSSIAN, NULL, auk_stem_light_russian)                                                 \
    X(LIGHT_SPANISH, NULL, auk_stem_light_spanish)                                                 \
    X(LIGHT_SWEDISH, NULL, auk_stem_light_swedish)                                                 \
    X(MINIMAL_FRENCH, NULL, auk_stem_minimal_french)                                               \
    X(MINIMAL_GALICIAN, NULL, auk_stem_minimal_galician)                                           \
    X(MINIMAL_GERMAN, NULL, auk_stem_minimal_german)                                               \
    X(MINIMAL_NORWEGIAN, NULL, auk_stem_minimal_norwegian)                                         \
    X(MINIMAL_NYNORSK, NULL, auk_stem_minimal_nynorsk)                                             \
    X(MINIMAL_PORTUGUESE, NULL, auk_stem_minimal_portuguese)                                       \
    X(MINIMAL_SWEDISH, NULL, auk_stem_minimal_swedish)                                             \
    X(ARABIC, NULL, auk_stem_arabic)                                                               \
    X(BENGALI, NULL, auk_stem_bengali)                                                             \
    X(BRAZILIAN, NULL, auk_stem_brazilian)                                                         \
    X(BULGARIAN, NULL, auk_stem_bulgarian)                                                         \
    X(CZECH, NULL, auk_stem_czech)                                                                 \
    X(GALICIAN, NULL, auk_stem_galician)                                                           \
    X(GREEK, NULL, auk_stem_greek)                                                                 \
    X(HINDI, NULL, auk_stem_hindi)                                                                 \
    X(INDONESIAN, NULL, auk_stem_indonesian)                                                       \
    X(LATVIAN, NULL, auk_stem_latvian)                                                             \
    X(PERSIAN, NULL, auk_stem_persian)                                                             \
    X(PLURAL_SPANISH, NULL, auk_stem_plural_spanish)                                               \
    X(PORTUGUESE_RSLP, NULL, auk_stem_portuguese_rslp)                                             \
    X(SORANI, NULL, auk_stem_sorani)                                                               \
    X(NORMALIZE_ARABIC, NULL, auk_normalize_arabic)                                                \
    X(NORMALIZE_BENGALI, NULL, auk_normalize_bengali)                                              \
    X(NORMALIZE_GERMAN, NULL, auk_normalize_german)                                                \
    X(NORMALIZE_HINDI, NULL, auk_normalize_hindi)                                                  \
    X(NORMALIZE_INDIC, NULL, auk_normalize_indic)                                                  \
    X(NORMALIZE_PERSIAN, NULL, auk_normalize_persian)                                              \
    X(NORMALIZE_SCANDINAVIAN, NULL, auk_normalize_scandinavian)                                    \
    X(NORMALIZE_SERBIAN, NULL, auk_normalize_serbian)                                              \
    X(NORMALIZE_SORANI, NULL, auk_normalize_sorani)                                                \
    X(FOLD_SCANDINAVIAN, NULL, auk_fold_scandinavian)

typedef enum auk_stemmer_id {
#define X(name, algorithm, own) AUK_STEMMER_##name,
    AUK_STEMMER_MAP(X)
#undef X
        AUK_STEMMER_COUNT
} auk_stemmer_id;

typedef struct auk_stemmer auk_stemmer;

AUK_MUST_CHECK auk_code auk_stemmer_create(auk_stemmer_id id, auk_stemmer **out, auk_error *err);
void auk_stemmer_destroy(auk_stemmer *stemmer); /* NULL is fine */

/* The stem of a word in lower case: a front of the word itself, or bytes of the stemmer. */
auk_span auk_stemmer_stem(auk_stemmer *stemmer, auk_span word);

/*
 * The same in two steps, for many words: the place of each in the cache is on its way from memory
 * while those of others are looked for.
 */
typedef struct auk_stem_place {
    auk_word_key key;
    uint32_t row;
} auk_stem_place;

auk_stem_place auk_stemmer_place(const auk_stemmer *stemmer, auk_span word);
auk_span auk_stemmer_stem_at(auk_stemmer *stemmer, auk_span word, auk_stem_place place);

#endif
