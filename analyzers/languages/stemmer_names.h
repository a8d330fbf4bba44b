/*
 * stemmer_names.h - the languages of the filters "stemmer" and "snowball" by Elasticsearch's names.
 *
 *   Lifetime, Threads, Memory  none.   Errors  AUK_INVALID, with the nearest name as hint.
 */
#ifndef AUK_STEMMER_NAMES_H
#define AUK_STEMMER_NAMES_H

#include "stemmer.h"

AUK_MUST_CHECK auk_code auk_stemmer_name_find(auk_span name, auk_stemmer_id *out, auk_error *err);
AUK_MUST_CHECK auk_code auk_snowball_name_find(auk_span name, auk_stemmer_id *out, auk_error *err);

#endif
