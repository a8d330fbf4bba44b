/*
 * field_types.h - the table of field types: for each its name, its parameters and how a JSON value
 * is read.
 *
 * To add a field type: a name in auk_field_type (mapping.h), a row in field_types.c, and a reader
 * there when no present one fits. To add a parameter: a row in AUK_PARAM_MAP, the types that take
 * it, and what it does in mapping_build.c.
 *
 *   Lifetime  static.   Threads  immutable.   Memory  none.   Errors  see the readers.
 */
#ifndef AUK_FIELD_TYPES_H
#define AUK_FIELD_TYPES_H

#include "auk/mapping.h"

/* How a parameter's JSON value is checked. Each is kept as canonical JSON text, so that equal
 * values are equal bytes. */
typedef enum auk_param_form {
    AUK_FORM_BOOL,
    AUK_FORM_COUNT, /* integer >= 0 */
    AUK_FORM_TEXT,
    AUK_FORM_SCALAR, /* null_value: anything but null, array and object */
    AUK_FORM_META,   /* object of texts */
    AUK_FORM_REFUSED /* Elasticsearch has it, Auk does not */
} auk_param_form;

/*
 * name, form, may change in a merge, default as JSON ("": depends on the type or there is none).
 * Order is the one in which a mapping shows them.
 */
#define AUK_PARAM_MAP(X)                                                                           \
    X(INDEX, "index", BOOL, false, "true")                                                         \
    X(DOC_VALUES, "doc_values", BOOL, false, "true")                                               \
    X(STORE, "store", BOOL, false, "false")                                                        \
    X(FORMAT, "format", TEXT, false, "\"strict_date_optional_time||epoch_millis\"")                \
    X(LOCALE, "locale", TEXT, false, "\"\"")                                                       \
    X(ANALYZER, "analyzer", TEXT, false, "\"default\"")                                            \
    X(SEARCH_ANALYZER, "search_analyzer", TEXT, true, "")                                          \
    X(SEARCH_QUOTE_ANALYZER, "search_quote_analyzer", TEXT, true, "")                              \
    X(SIMILARITY, "similarity", TEXT, false, "\"BM25\"")                                           \
    X(INDEX_OPTIONS, "index_options", TEXT, false, "")                                             \
    X(NORMS, "norms", BOOL, true, "")                                                              \
    X(TERM_VECTOR, "term_vector", TEXT, false, "\"no\"")                                           \
    X(FIELDDATA, "fielddata", BOOL, true, "false")                                                 \
    X(POSITION_INCREMENT_GAP, "position_increment_gap", COUNT, false, "")                          \
    X(IGNORE_ABOVE, "ignore_above", COUNT, true, "2147483647")                                     \
    X(NORMALIZER, "normalizer", TEXT, false, "\"default\"")                                        \
    X(SPLIT_QUERIES, "split_queries_on_whitespace", BOOL, true, "false")                           \
    X(EAGER_GLOBAL_ORDINALS, "eager_global_ordinals", BOOL, true, "false")                         \
    X(IGNORE_MALFORMED, "ignore_malformed", BOOL, true, "")                                        \
    X(COERCE, "coerce", BOOL, true, "")                                                            \
    X(NULL_VALUE, "null_value", SCALAR, false, "")                                                 \
    X(META, "meta", META, true, "{}")                                                              \
    X(INDEX_PREFIXES, "index_prefixes", REFUSED, false, "")                                        \
    X(INDEX_PHRASES, "index_phrases", REFUSED, false, "")                                          \
    X(FREQUENCY_FILTER, "fielddata_frequency_filter", REFUSED, false, "")                          \
    X(TIME_SERIES_DIMENSION, "time_series_dimension", REFUSED, false, "")                          \
    X(TIME_SERIES_METRIC, "time_series_metric", REFUSED, false, "")                                \
    X(SCRIPT, "script", REFUSED, false, "")                                                        \
    X(ON_SCRIPT_ERROR, "on_script_error", REFUSED, false, "")

typedef enum auk_param {
#define X(id, name, form, may_change, standard) AUK_PARAM_##id,
    AUK_PARAM_MAP(X)
#undef X
        AUK_PARAMS
} auk_param;

typedef struct auk_param_row {
    const char *name;
    auk_param_form form;
    bool may_change;
    const char *standard;
} auk_param_row;

extern const auk_param_row auk_param_rows[AUK_PARAMS];

/*
 * Reads one JSON value that is neither null nor an array. Numbers, dates and booleans go to
 * *number, the others to *text: borrowed from the value, or in the arena. Error messages say the
 * cause only.
 */
typedef auk_code (*auk_value_reader)(const auk_field *field, const auk_json *value,
                                     const auk_value_options *options, auk_arena *arena,
                                     int64_t *number, auk_span *text, auk_error *err);

typedef struct auk_type_row {
    const char *name;
    bool numeric;
    uint32_t params; /* bit an auk_param */
    auk_value_reader read;
    int64_t least, most;    /* of integers */
    const char *range_name; /* "a byte" */
    bool norms;             /* default */
} auk_type_row;

const auk_type_row *auk_type_row_of(auk_field_type type);
/* false: no such type */
bool auk_type_find(auk_span name, auk_field_type *out);
/* The type's name nearest to a mistyped one, or an empty span. */
auk_span auk_type_nearest(auk_span name);

/* Address text to 16 bytes; v4 is mapped into v6. */
bool auk_ip_parse(auk_span text, char out[16]);
void auk_ip_write(const char address[16], auk_buffer *out);

#endif
