/*
 * document.h - one JSON document seen through a mapping: a flat list of values.
 *
 * Parsing does no analysis: text stays text. It follows Elasticsearch's rules for arrays, nulls,
 * coercion, ignore_malformed, copy_to, dotted names and dynamic fields.
 *
 *   Lifetime  everything in the request's arena; spans borrow from the parsed JSON.
 *   Threads   none of its own.
 *   Memory    arena.
 *   Errors    AUK_INVALID, type document_parsing_exception in Elasticsearch 8's wording ("[1:20]
 *             failed to parse field [age] of type [integer] in document with id '7'. Preview of
 *             field's value: 'x'"), its "caused_by" as the hint; or
 *             strict_dynamic_mapping_exception.
 */
#ifndef AUK_DOCUMENT_H
#define AUK_DOCUMENT_H

#include "auk/mapping.h"

typedef struct auk_document_value {
    const auk_field *field;
    int64_t number; /* numeric types */
    auk_span text;  /* text, keyword (not yet normalised); ip: the 16-byte term */
} auk_document_value;

typedef struct auk_document {
    /* in order of appearance; multi-fields and copy_to targets expanded */
    auk_document_value *values;
    uint32_t count;
    const auk_span *ignored; /* paths whose malformed or too long value was left out */
    uint32_t ignored_count;
    /* Fields that the mapping lacks, as a body for auk_mapping_merge; NULL: none. The caller
     * merges and parses again with the new version, until there are none. A tree without raw
     * texts: write it with auk_json_value. */
    const auk_json *additions;
} auk_document;

AUK_MUST_CHECK auk_code auk_document_parse(const auk_mapping *mapping, const auk_json *source,
                                           auk_span id, auk_arena *arena, auk_document *out,
                                           auk_error *err);

/*
 * The same for a document that was accepted earlier, when the mapping may have been an older one
 * (recovery). Values that this mapping would refuse are left out, fields that it lacks are not
 * added: whatever the document added then, the mapping has.
 */
AUK_MUST_CHECK auk_code auk_document_parse_accepted(const auk_mapping *mapping,
                                                    const auk_json *source, auk_span id,
                                                    auk_arena *arena, auk_document *out,
                                                    auk_error *err);

#endif
