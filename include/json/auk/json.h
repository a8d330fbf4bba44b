/*
 * json.h - read JSON into a tree in an arena, write JSON into a buffer. The only door to simdjson.
 *
 * The tree is plain structs: walk ->child and ->next, or look a key up. Numbers keep their raw
 * token, so nothing is lost ("numeric with all its digits"); strings and keys are unescaped UTF-8;
 * objects and arrays also keep the raw bytes they came from, so a part can be stored or answered
 * verbatim.
 *
 *   Lifetime  nodes and spans live as long as the arena. The input is not referenced after _parse
 *             returns (it is copied once into the arena, padded).
 *   Threads   parsing keeps a scanner per thread inside; trees are immutable.
 *   Memory    one block of nodes an input: at most 28 bytes a byte of text (an array of digits),
 *             usually two; strings without escapes stay where they are, others are unescaped into
 *             the arena.
 *             Nodes and the scanner's offsets (4 bytes a byte, while parsing) are admitted by the
 *             arena before they are allocated.
 *   Errors    AUK_BUSY when the arena's budget refuses. AUK_INVALID, type "parsing_exception"
 * (wrong token, with line and column), for anything that RFC 8259 refuses: trailing bytes, invalid
 * UTF-8, lone surrogates, bad numbers, duplicate keys; depth past the limit. Every value is walked,
 * so nothing goes unchecked.
 */
#ifndef AUK_JSON_H
#define AUK_JSON_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/arena.h"
#include "auk/buffer.h"
#include "auk/error.h"
#include "auk/span.h"

typedef enum auk_json_type {
    AUK_JSON_NULL,
    AUK_JSON_FALSE,
    AUK_JSON_TRUE,
    AUK_JSON_NUMBER,
    AUK_JSON_STRING,
    AUK_JSON_ARRAY,
    AUK_JSON_OBJECT,
} auk_json_type;

typedef struct auk_json auk_json;
struct auk_json {
    auk_json_type type;
    uint32_t count;        /* children of an array or object */
    auk_span key;          /* member name, unescaped; empty data outside an object */
    auk_span text;         /* string: unescaped; all others: the raw bytes of the value */
    const auk_json *child; /* first child */
    const auk_json *next;  /* next sibling */
};

#define AUK_JSON_DEPTH     64
#define AUK_JSON_DEPTH_OWN 80

/* One value, white space around it allowed. */
AUK_MUST_CHECK auk_code auk_json_parse(auk_span text, auk_arena *arena, const auk_json **out,
                                       auk_error *err);
/* The same for a text that we wrote around one that came from outside: AUK_JSON_DEPTH_OWN levels.
 */
AUK_MUST_CHECK auk_code auk_json_parse_own(auk_span text, auk_arena *arena, const auk_json **out,
                                           auk_error *err);
/* Simpler on the fast path: the caller's bytes already have AUK_JSON_PADDING readable bytes behind
 * them and live as long as the arena, so they are not copied and raw spans point into them. */
#define AUK_JSON_PADDING 64
AUK_MUST_CHECK auk_code auk_json_parse_padded(auk_span text, auk_arena *arena, const auk_json **out,
                                              auk_error *err);

/* NULL when object is NULL, not an object, or has no such key. */
const auk_json *auk_json_get(const auk_json *object, const char *key);
const auk_json *auk_json_find(const auk_json *object, auk_span key);
/* A path of keys with dots: first as one key, then step by step. */
const auk_json *auk_json_path(const auk_json *object, auk_span dotted_path);

/* The value as a number or boolean; false when it is not one. Strings that hold one are taken too,
 * as Elasticsearch does in requests. A fraction is no integer, but 5.0 and 1e3 are. */
bool auk_json_to_int64(const auk_json *value, int64_t *out);
bool auk_json_to_double(const auk_json *value, double *out);
bool auk_json_to_bool(const auk_json *value, bool *out);
/* "string", "number", "object" ... for messages. */
const char *auk_json_type_name(auk_json_type type);

/* A number token or text as a double or an integer, whole text used; false otherwise. A leading +
 * is taken; infinities, NaN and what is too large for a double are not; what is too small becomes
 * 0. */
bool auk_number_parse_double(auk_span text, double *out);
bool auk_number_parse_int64(auk_span text, int64_t *out);
bool auk_number_parse_uint64(auk_span text, uint64_t *out);

/*
 * A writer puts commas and quotes itself; the caller only keeps begin and end in pairs. Output is
 * compact unless pretty is set (two spaces, as Elasticsearch's ?pretty).
 */
typedef struct auk_json_writer {
    auk_buffer *out; /* borrowed */
    bool pretty;
    bool need_comma;
    bool after_key;
    uint32_t depth;
} auk_json_writer;

void auk_json_writer_init(auk_json_writer *writer, auk_buffer *out, bool pretty);
void auk_json_begin_object(auk_json_writer *writer);
void auk_json_end_object(auk_json_writer *writer);
void auk_json_begin_array(auk_json_writer *writer);
void auk_json_end_array(auk_json_writer *writer);
void auk_json_key(auk_json_writer *writer, auk_span key);
void auk_json_string(auk_json_writer *writer, auk_span text);
void auk_json_int(auk_json_writer *writer, int64_t value);
void auk_json_uint(auk_json_writer *writer, uint64_t value);
/* Shortest text that reads back as the same value, laid out as Java does: 1.0, 0.001, 1.0E7; NaN
 * and infinities are written as null. */
void auk_json_double(auk_json_writer *writer, double value);
void auk_json_float(auk_json_writer *writer, float value);
void auk_json_bool(auk_json_writer *writer, bool value);
void auk_json_null(auk_json_writer *writer);
/* Bytes that are JSON already; re-indented when pretty. */
void auk_json_raw(auk_json_writer *writer, auk_span json);
void auk_json_value(auk_json_writer *writer, const auk_json *value); /* a whole tree */
/* Two objects as one: objects are merged member by member, of everything else the later value
 * holds. Is it another than `base`? */
bool auk_json_merge(const auk_json *base, const auk_json *over, auk_json_writer *out);

/* key and value in one call, with terminated keys */
void auk_json_member_string(auk_json_writer *writer, const char *key, auk_span text);
void auk_json_member_text(auk_json_writer *writer, const char *key, const char *text);
void auk_json_member_int(auk_json_writer *writer, const char *key, int64_t value);
void auk_json_member_uint(auk_json_writer *writer, const char *key, uint64_t value);
void auk_json_member_double(auk_json_writer *writer, const char *key, double value);
void auk_json_member_bool(auk_json_writer *writer, const char *key, bool value);
void auk_json_member_raw(auk_json_writer *writer, const char *key, auk_span json);
void auk_json_member_object(auk_json_writer *writer, const char *key); /* opens it */
void auk_json_member_array(auk_json_writer *writer, const char *key);  /* opens it */

/* Quotes and escapes into the buffer; bytes that are not UTF-8 become U+FFFD. */
void auk_json_escape(auk_buffer *out, auk_span text);

#endif
