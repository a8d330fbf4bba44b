/*
 * light_stemmers.h - stemmers of our own, from published algorithms; each file names its sources.
 *
 *   Lifetime, Threads, Memory, Errors  see stem_word.h.
 */
#ifndef AUK_LIGHT_STEMMERS_H
#define AUK_LIGHT_STEMMERS_H

#include "stem_word.h"

/* light_germanic.c */
auk_stem_function auk_stem_light_german, auk_stem_minimal_german, auk_stem_light_swedish,
    auk_stem_minimal_swedish, auk_stem_light_norwegian, auk_stem_light_nynorsk,
    auk_stem_minimal_norwegian, auk_stem_minimal_nynorsk;
/* light_romance.c */
auk_stem_function auk_stem_light_french, auk_stem_minimal_french, auk_stem_light_spanish,
    auk_stem_light_italian, auk_stem_light_portuguese;
/* plural_spanish.c */
auk_stem_function auk_stem_plural_spanish;
/* rslp.c */
auk_stem_function auk_stem_portuguese_rslp, auk_stem_minimal_portuguese, auk_stem_galician,
    auk_stem_minimal_galician;
/* brazilian.c */
auk_stem_function auk_stem_brazilian;
/* light_slavic.c */
auk_stem_function auk_stem_light_russian, auk_stem_czech, auk_stem_bulgarian;
/* light_uralic.c */
auk_stem_function auk_stem_light_finnish, auk_stem_light_hungarian;
/* latvian.c, greek.c, indonesian.c, estonian.c */
auk_stem_function auk_stem_estonian, auk_stem_latvian, auk_stem_greek, auk_stem_indonesian;
/* arabic_script.c */
auk_stem_function auk_stem_arabic, auk_stem_persian, auk_stem_sorani;
/* indic_scripts.c */
auk_stem_function auk_stem_hindi, auk_stem_bengali;

/* lovins.c, dutch_kp.c */
auk_stem_function auk_stem_lovins, auk_stem_dutch_kp;

/* german2.c: not a stemmer, but what goes in front of Snowball's German one */
auk_stem_function auk_stem_before_german2;

#endif
