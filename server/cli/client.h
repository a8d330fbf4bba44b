/*
 * client.h - a command's way to its server, with messages for people.
 *
 *   Lifetime  _open .. auk_http_client_close; answers as in http_client.h.   Threads  one.
 *   Memory    that of http_client.h.
 *   Errors    AUK_IO "cannot reach ..." with a hint; an answer of 400 or more is a failure with the
 *             server's reason: AUK_BUSY for 429 and 503, AUK_NOT_FOUND for 404, AUK_INVALID for
 * other 4xx, AUK_IO for 5xx.
 */
#ifndef AUK_CLIENT_H
#define AUK_CLIENT_H

#include "auk/http_client.h"
#include "auk/json.h"
#include "auk/option.h"

#define AUK_DEFAULT_URL "http://127.0.0.1:9200"

/* The row of --url, for the tables of the commands. */
#define AUK_URL_OPTION                                                                             \
    {                                                                                              \
        .name = "url", .form = "URL", .kind = AUK_OPTION_TEXT, .fallback = AUK_DEFAULT_URL,        \
        .help = "The server's address."                                                            \
    }

AUK_MUST_CHECK auk_code auk_client_open(const char *url, auk_http_client **out, auk_error *err);

/* body: JSON, or empty. answer may be NULL. */
AUK_MUST_CHECK auk_code auk_client_call(auk_http_client *client, auk_http_method method,
                                        auk_span target, auk_span body, auk_http_answer *answer,
                                        auk_error *err);
/* The answer as a tree in the arena. */
AUK_MUST_CHECK auk_code auk_client_ask(auk_http_client *client, auk_http_method method,
                                       auk_span target, auk_span body, auk_arena *arena,
                                       const auk_json **out, auk_error *err);

/* What lies at a path of an answer, such as "slot.name": 0, and an empty text, when nothing does.
 */
uint64_t auk_client_number(const auk_json *answer, const char *path);
auk_span auk_client_text(const auk_json *answer, const char *path);

/* A small text file whole, such as a mapping. */
AUK_MUST_CHECK auk_code auk_client_read_file(const char *path, auk_buffer *out, auk_error *err);

/* The failure that an answer of 400 or more stands for; AUK_OK below. */
AUK_MUST_CHECK auk_code auk_client_judge(const auk_http_answer *answer, auk_error *err);
/* "type: reason; caused by type: reason" of an error object, appended. */
void auk_client_append_reason(auk_buffer *out, const auk_json *error);
/* Puts "cannot reach" and the hint to a failure of auk_http_client_call. */
auk_code auk_client_explain(auk_code code, auk_error *err);

#endif
