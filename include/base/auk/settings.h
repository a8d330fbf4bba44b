/*
 * settings.h - flat settings: dotted key to a list of texts, as Elasticsearch keeps them.
 *
 * {"index": {"analysis": {"filter": {"f": {"stopwords": ["a", "b"]}}}}} is the key
 * "index.analysis.filter.f.stopwords" with two values. Numbers and booleans are kept as their text.
 * The analyzers, the schema and the catalog all read this form, so none of them sees JSON.
 *
 *   Lifetime  _create .. _destroy; texts are copied in, results are borrowed from the object.
 *   Threads   immutable once filled; then any number of readers.
 *   Memory    an arena of its own.
 *   Errors    typed getters answer AUK_INVALID with Elasticsearch's wording
 *             (Failed to parse value [x] for setting [k]).
 */
#ifndef AUK_SETTINGS_H
#define AUK_SETTINGS_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/error.h"
#include "auk/span.h"

typedef struct auk_settings auk_settings;

typedef struct auk_setting {
    auk_span key;
    const auk_span *values;
    uint32_t count;
    bool is_list; /* came as a list, also when it holds one value or none */
} auk_setting;

auk_settings *auk_settings_create(void);
void auk_settings_destroy(auk_settings *settings);
auk_settings *auk_settings_clone(const auk_settings *settings);

/* Replaces what the key had. */
void auk_settings_put(auk_settings *settings, auk_span key, auk_span value);
void auk_settings_put_list(auk_settings *settings, auk_span key, const auk_span *values,
                           uint32_t count);
void auk_settings_remove(auk_settings *settings, auk_span key);

/* In key order. */
uint32_t auk_settings_count(const auk_settings *settings);
const auk_setting *auk_settings_at(const auk_settings *settings, uint32_t index);

/* NULL when absent. */
const auk_setting *auk_settings_find(const auk_settings *settings, auk_span key);
/* The first value, or fallback. */
auk_span auk_settings_text(const auk_settings *settings, auk_span key, auk_span fallback);

AUK_MUST_CHECK auk_code auk_settings_int(const auk_settings *settings, auk_span key,
                                         int64_t fallback, int64_t least, int64_t most,
                                         int64_t *out, auk_error *err);
AUK_MUST_CHECK auk_code auk_settings_bool(const auk_settings *settings, auk_span key, bool fallback,
                                          bool *out, auk_error *err);

/* Index of the first key that is >= prefix; walk on while keys start with it. */
uint32_t auk_settings_lower_bound(const auk_settings *settings, auk_span prefix);

#endif
