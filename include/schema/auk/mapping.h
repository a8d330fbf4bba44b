/*
 * mapping.h - what the fields of an index are: one immutable version of its mapping.
 *
 * A mapping is made from Elasticsearch's JSON, merged with more JSON into the next version, and
 * written back as JSON. Fields carry a number that never changes within the index; segments speak
 * in numbers, requests in paths. Multi-fields are fields of their own ("title.raw") that list their
 * parent.
 *
 *   Lifetime  counted; fields and spans are borrowed from their mapping.
 *   Threads   immutable.
 *   Memory    an arena of its own.
 *   Errors    AUK_INVALID with Elasticsearch's type and wording (mapper_parsing_exception,
 *             illegal_argument_exception), hint with the nearest valid name.
 */
#ifndef AUK_MAPPING_H
#define AUK_MAPPING_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/analyzer.h"
#include "auk/error.h"
#include "auk/json.h"
#include "auk/settings.h"

/* name as in requests, how a value becomes a number or a term */
typedef enum auk_field_type {
    AUK_TYPE_TEXT,
    AUK_TYPE_KEYWORD,
    AUK_TYPE_LONG,
    AUK_TYPE_INTEGER,
    AUK_TYPE_SHORT,
    AUK_TYPE_BYTE,
    AUK_TYPE_DOUBLE,
    AUK_TYPE_FLOAT,
    AUK_TYPE_BOOLEAN,
    AUK_TYPE_DATE,
    AUK_TYPE_IP,
    AUK_TYPE_OBJECT, /* holds other fields, no values of its own */
} auk_field_type;

typedef struct auk_date_format auk_date_format; /* date_format.h */

typedef struct auk_field auk_field;
struct auk_field {
    uint16_t number; /* segment.h: field; from AUK_FIELD_FIRST_USER; objects: 0 */
    auk_field_type type;
    auk_span path;           /* "user.name", "title.raw" */
    const auk_field *parent; /* of a multi-field: the field whose values it takes; else NULL */
    const auk_field *const *multi_fields;
    uint16_t multi_field_count;

    bool indexed;    /* has terms: text, keyword, and numbers as 8-byte sortable terms */
    bool doc_values; /* has a column */
    bool enabled;    /* object: false keeps the source only */
    bool norms;      /* text: lengths count */
    bool freqs, positions;
    bool ignore_malformed;
    bool has_null_value;
    uint32_t ignore_above;                     /* keyword, in characters; UINT32_MAX: no limit */
    auk_span null_value;                       /* as text */
    const auk_analyzer *analyzer;              /* text */
    const auk_analyzer *search_analyzer;       /* text */
    const auk_analyzer *search_quote_analyzer; /* text: for phrases */
    uint32_t position_gap;                     /* text: between two values of one document */
    bool coerce;                               /* numbers: "42" and 4.2 are taken for an integer */
    const auk_analyzer *normalizer;            /* keyword; may be NULL */
    const auk_field *const *copy_to;
    uint16_t copy_to_count;
    const auk_date_format *date_format;
    float boost;
};

typedef struct auk_mapping auk_mapping;

/* settings: the index's (limits such as index.mapping.total_fields.limit, analysis). body:
 * {"properties": ..., "dynamic": ...} or NULL for an empty mapping. analysis is shared, counted. */
AUK_MUST_CHECK auk_code auk_mapping_create(const auk_json *body, const auk_settings *settings,
                                           const auk_analysis *analysis, auk_mapping **out,
                                           auk_error *err);
/* The next version: adds fields, multi-fields and changes what may change; refuses the rest as
 * Elasticsearch does ("mapper [x] cannot be changed from type [a] to [b]"). `mapping` itself stays
 * as it is. */
AUK_MUST_CHECK auk_code auk_mapping_merge(const auk_mapping *mapping, const auk_json *body,
                                          auk_mapping **out, auk_error *err);
auk_mapping *auk_mapping_acquire(const auk_mapping *mapping);
void auk_mapping_release(const auk_mapping *mapping);
uint64_t auk_mapping_version(const auk_mapping *mapping); /* 1, 2, 3 ... */

/* {"properties": {...}}: what GET _mapping shows. With `numbers`, each field also carries
 * "auk_number" and the root "auk_version", so that the text can be stored in the catalog and give
 * the same mapping back through _create. */
void auk_mapping_write(const auk_mapping *mapping, bool numbers, auk_json_writer *out);

/* {"type": ...} of one field; defaults: with the parameters that were not given, too. */
void auk_field_write_mapping(const auk_mapping *mapping, const auk_field *field, bool defaults,
                             auk_json_writer *out);

/* {"_routing": {"required": true}}, {"_source": {"enabled": false}} */
bool auk_mapping_routing_required(const auk_mapping *mapping);
bool auk_mapping_source_enabled(const auk_mapping *mapping);

const auk_analysis *auk_mapping_analysis(const auk_mapping *mapping);
/* NULL: no such field. Objects are found too. */
const auk_field *auk_mapping_find(const auk_mapping *mapping, auk_span path);
const auk_field *auk_mapping_by_number(const auk_mapping *mapping, uint16_t number);
/* All fields (objects too) in path order. */
uint32_t auk_mapping_field_count(const auk_mapping *mapping);
const auk_field *auk_mapping_field_at(const auk_mapping *mapping, uint32_t index);
/* A pattern with '*' against a path. */
bool auk_pattern_matches(auk_span pattern, auk_span text);
/* The same, or it matches an object that the path lies in: "a*" covers "ab.c". */
bool auk_pattern_covers(auk_span pattern, auk_span path);

const char *auk_field_type_name(auk_field_type type);
bool auk_field_type_is_numeric(
    auk_field_type type); /* long .. float, date, boolean: a column of int64 */

/* ---- values ---- */

/*
 * Numbers are kept as int64 whose order is the value's order: long .. byte and date (ms) as they
 * are, boolean 0 and 1, double and float by flipping the bits of negative ones (float through
 * double). As a term: the same, sign flipped, big endian, 8 bytes.
 */
int64_t auk_double_to_sortable(double value);
double auk_double_from_sortable(int64_t value);
void auk_number_to_term(int64_t value, char term[8]);
int64_t auk_number_from_term(const char term[8]);

typedef enum auk_rounding { AUK_ROUND_NONE, AUK_ROUND_DOWN, AUK_ROUND_UP } auk_rounding;

/*
 * One value of a query or a document ("42", 42, "2024-01-01", "now-1d/d", true) as the field's
 * number. For dates `rounding` says where a partial date or a /unit ends (range: gt and lte round
 * up, gte and lt down), format and time_zone may be given by the query (empty: the field's, UTC).
 * now_ms is the clock for "now"; 0 without rounding: no date math, as in documents. For integers a
 * fraction: ROUND_DOWN/UP take the floor/ceiling (range queries) and the type's ends do not count,
 * NONE: AUK_INVALID unless coerce.
 */
typedef struct auk_value_options {
    auk_rounding rounding;
    const auk_date_format *format;
    auk_span time_zone;
    int64_t now_ms;
    bool coerce;
} auk_value_options;
AUK_MUST_CHECK auk_code auk_field_number(const auk_field *field, const auk_json *value,
                                         const auk_value_options *options, int64_t *out,
                                         auk_error *err);
/* The same as an exact term of the field's dictionary: numbers as above, ip as 16 bytes, keyword
 * normalised, text as it is. Copied into the arena. */
AUK_MUST_CHECK auk_code auk_field_term(const auk_field *field, const auk_json *value,
                                       const auk_value_options *options,
                                       auk_analyzer_scratch *scratch, auk_arena *arena,
                                       auk_span *out, auk_error *err);
/* "10.0.0.0/8" as the first and the last term of an ip field that lie in that network. Copied into
 * the arena. AUK_INVALID: not an address with a length. */
AUK_MUST_CHECK auk_code auk_network_terms(auk_span text, auk_arena *arena, auk_span *first,
                                          auk_span *last, auk_error *err);
/* A number or term as Elasticsearch shows it in aggregations, sort values and explain: writes the
 * JSON value. as_string: the formatted text (dates, booleans, ip); else the number. */
void auk_field_write_number(const auk_field *field, int64_t value, bool as_string,
                            auk_json_writer *out);
void auk_field_write_term(const auk_field *field, auk_span term, auk_json_writer *out);

#endif
