/*
 * complain.h - the words for a text that is not JSON, with line and column as Elasticsearch gives
 * them.
 *
 *   Threads none.   Memory none.   Errors: each call records one in err and answers AUK_INVALID,
 * but for a text over the limit of the scanner, which is AUK_TOO_LARGE. Slow paths all.
 */
#ifndef AUK_JSON_COMPLAIN_H
#define AUK_JSON_COMPLAIN_H

#include "auk/error.h"
#include "auk/span.h"
#include "scan.h"

/* place points into text or to its end; what: "was expecting ..." */
auk_code auk_json_complain(auk_error *err, auk_span text, const char *place, const char *what);
auk_code auk_json_complain_number(auk_error *err, auk_span text, const char *place,
                                  auk_span number);
auk_code auk_json_complain_word(auk_error *err, auk_span text, auk_span word);
auk_code auk_json_complain_depth(auk_error *err, auk_span text, const char *place);
auk_code auk_json_complain_escape(auk_error *err, auk_span text, const char *place);
auk_code auk_json_complain_duplicate(auk_error *err, auk_span text, const char *place,
                                     auk_span key);
auk_code auk_json_complain_scan(auk_error *err, auk_span text, auk_scan_result result);

#endif
