/*
 * refusal.h - why the server itself answers a request, before any handler sees it.
 *
 *   Lifetime  a plain value.   Threads  one owner.   Memory  fixed.   Errors  none.
 */
#ifndef AUK_HTTP_REFUSAL_H
#define AUK_HTTP_REFUSAL_H

#include <stdbool.h>

#include "auk/buffer.h"
#include "auk/error.h"

typedef struct auk_http_refusal {
    int status;       /* 0: no refusal */
    const char *type; /* Elasticsearch's error.type, static */
    char reason[256]; /* printable ASCII: bytes of the client are never repeated in it */
} auk_http_refusal;

/* Records and answers false, so that a refusing path is one line. */
bool auk_http_refuse(auk_http_refusal *refusal, int status, const char *format, ...)
    AUK_PRINTF(3, 4);

/* The same with the code, type and message of an error (a full budget). */
bool auk_http_refuse_error(auk_http_refusal *refusal, const auk_error *err);

/* {"error":{"root_cause":[{"type":..,"reason":..}],"type":..,"reason":..},"status":N} */
void auk_http_refusal_write(const auk_http_refusal *refusal, auk_buffer *out);

/* "Not Found", or "Unknown". */
const char *auk_http_status_text(int status);

#endif
