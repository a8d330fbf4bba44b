/*
 * document_parser.h - what the parts of document parsing share: the walk, new fields, error
 * messages.
 *
 *   Lifetime  one call of auk_document_parse.   Threads  one.   Memory  the request's arena.
 *   Errors    document_parsing_exception, made in document_error.c with the place in the source.
 */
#ifndef AUK_DOCUMENT_PARSER_H
#define AUK_DOCUMENT_PARSER_H

#include "auk/document.h"
#include "mapping_tree.h"

/* One new field or object; a tree that mirrors the mapping's from its root. */
typedef struct auk_addition auk_addition;
struct auk_addition {
    auk_span name;
    const auk_json
        *definition; /* a field, or what a template says of an object; NULL: a plain object */
    auk_addition *child, *tail, *next;
    bool is_field;
    bool is_new; /* false: an object that the mapping has */
};

typedef struct auk_document_parser {
    const auk_mapping *mapping;
    const auk_json *source;
    auk_span id;
    auk_arena *arena;
    auk_document *out;
    uint32_t value_capacity;
    uint32_t ignored_capacity;
    auk_addition *additions; /* NULL: nothing new yet */
    uint32_t addition_count;
    bool accepted; /* nothing of it is refused any more */
    auk_error *err;
} auk_document_parser;

/* document_dynamic.c: a value under a name that `object` lacks; dots in the name make objects. */
AUK_MUST_CHECK auk_code auk_document_add_unknown(auk_document_parser *p, const auk_node *object,
                                                 auk_span name, const auk_json *value);
/* The additions as a mapping body. */
const auk_json *auk_additions_json(auk_document_parser *p);

/* document_error.c: "[line:column] message" for the value at fault; AUK_OK, which leaves the value
 * out, when the document was accepted earlier. */
AUK_MUST_CHECK auk_code auk_document_fail(auk_document_parser *p, const auk_json *value,
                                          const char *type, const char *format, ...)
    AUK_PRINTF(4, 5);
/* "failed to parse field [..] of type [..] in document with id '..'. Preview of field's value:
 * '..'"; the cause becomes the hint. */
AUK_MUST_CHECK auk_code auk_document_fail_value(auk_document_parser *p, const auk_field *field,
                                                const auk_json *value, const auk_error *cause);

#define AUK_DOCUMENT_PARSING "document_parsing_exception"

#endif
