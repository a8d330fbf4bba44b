/*
 * xml_words.h - the words between the tags of a small XML file, one after the other.
 *
 * Enough of XML for files of patterns: tags, attributes, comments, CDATA, a document type that is
 * passed over, and the characters that "&lt;" or "&#x41;" name. Nothing is fetched or expanded.
 *
 *   Lifetime  the file's and the arena's.   Threads  one.   Memory  the arena, up to the file's
 *   size.   Errors  sticky: _next ends, and `broken` says why.
 */
#ifndef AUK_XML_WORDS_H
#define AUK_XML_WORDS_H

#include "auk/arena.h"
#include "auk/span.h"

typedef enum auk_xml_kind {
    AUK_XML_END,
    AUK_XML_OPEN, /* <name ...> */
    AUK_XML_CLOSE,
    AUK_XML_WORD
} auk_xml_kind;

typedef struct auk_xml_words {
    auk_span rest;
    auk_arena *arena;
    const char *broken; /* NULL: sound so far */
    auk_span name;      /* of the tag */
    auk_span attributes;
    auk_span word;
    bool closes; /* <name/>: its end comes next */
} auk_xml_words;

/* file  UTF-8 */
void auk_xml_words_open(auk_xml_words *xml, auk_arena *arena, auk_span file);
auk_xml_kind auk_xml_words_next(auk_xml_words *xml);

/* An attribute of the tag that was read last, or an empty span. */
auk_span auk_xml_words_attribute(auk_xml_words *xml, const char *name);

#endif
