/*
 * normalizer.h - ICU's normal forms by name, as icu_normalizer takes them; the door to them.
 *
 *   Lifetime  that of the arena.   Threads  any.   Memory  ICU's.   Errors  AUK_INVALID, AUK_IO.
 */
#ifndef AUK_NORMALIZER_H
#define AUK_NORMALIZER_H

#include "component.h"
#include "utf16.h"

typedef struct auk_normalizer auk_normalizer;

/* Settings: name (nfc, nfkc, nfkc_cf), mode (compose, decompose), unicode_set_filter. */
AUK_MUST_CHECK auk_code auk_normalizer_compile(const auk_definition *definition,
                                               const auk_normalizer **out, auk_error *err);

/* One of them, whole; name is ICU's. */
AUK_MUST_CHECK auk_code auk_normalizer_get(auk_arena *arena, const char *name, bool compose,
                                           const auk_normalizer **out, auk_error *err);

/* Is the text certainly in the form already? */
bool auk_normalizer_is_done(const auk_normalizer *normalizer, const auk_utf16 *text);
/* How many units at the front certainly are. */
int32_t auk_normalizer_done_units(const auk_normalizer *normalizer, const auk_utf16 *text);
AUK_MUST_CHECK auk_code auk_normalizer_run(const auk_normalizer *normalizer, const auk_utf16 *text,
                                           auk_utf16 *out, auk_error *err);
/* May the text be cut in front of this character? */
bool auk_normalizer_has_boundary(const auk_normalizer *normalizer, uint32_t character);

/* A set of characters as ICU writes them, "[^åäö]"; NULL when the setting is not there. */
struct auk_character_filter;
AUK_MUST_CHECK auk_code auk_character_filter_compile(const auk_definition *definition,
                                                     const struct auk_character_filter **out,
                                                     auk_error *err);
bool auk_character_filter_has(const struct auk_character_filter *filter, uint32_t character);

#endif
