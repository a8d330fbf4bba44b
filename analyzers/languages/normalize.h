/*
 * normalize.h - spellings that count as one, language by language: what the filters
 * "..._normalization" and "scandinavian_folding" do to a word.
 *
 *   Lifetime, Threads, Memory, Errors  see stem_word.h.
 */
#ifndef AUK_NORMALIZE_H
#define AUK_NORMALIZE_H

#include "stem_word.h"

/* normalize_arabic.c */
auk_stem_function auk_normalize_arabic, auk_normalize_persian, auk_normalize_sorani;
/* normalize_indic.c, normalize_bengali.c */
auk_stem_function auk_normalize_indic, auk_normalize_hindi, auk_normalize_bengali;
/* normalize_latin.c */
auk_stem_function auk_normalize_german, auk_normalize_scandinavian, auk_fold_scandinavian,
    auk_normalize_serbian;

#endif
