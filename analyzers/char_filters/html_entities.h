/*
 * html_entities.h - "eacute" to U+00E9.
 *
 *   Lifetime, Threads, Memory, Errors  none.
 */
#ifndef AUK_HTML_ENTITIES_H
#define AUK_HTML_ENTITIES_H

#include <stdint.h>

#include "auk/span.h"

/* 0: there is no character of that name. */
uint32_t auk_html_entity(auk_span name);

#endif
