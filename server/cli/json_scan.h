/*
 * json_scan.h - finds one top-level member of a JSON object without parsing the rest.
 *
 * The importer needs a document's id before it sends it; the server will parse the document anyway.
 * So this looks only at the structure on the way to the member, and says "not found" when in doubt.
 *
 *   Lifetime  the value is a part of the document.   Threads  any.   Memory  none.
 *   Errors    false: no such member, or bytes that are no JSON object up to there.
 */
#ifndef AUK_JSON_SCAN_H
#define AUK_JSON_SCAN_H

#include <stdbool.h>

#include "auk/span.h"

/* The raw value, strings with their quotes. Names that are written with escapes are not matched. */
bool auk_json_scan_member(auk_span document, auk_span name, auk_span *value);

/* Whether the text is one number as JSON writes it. */
bool auk_json_scan_is_number(auk_span text);

#endif
