/*
 * error.h - how a call says that it failed.
 *
 * A fallible call returns an auk_code, 0 for success. Where words help, its last parameter is an
 * auk_error of the caller: a code, Elasticsearch's name of the error, and a message. It is set
 * where the failure is first seen; on the way up, callers only put context in front. "Not found" as
 * an answer to a question and the end of a walk are answers, not failures.
 *
 *   Lifetime  an auk_error is a plain value, no release.
 *   Threads   one owner at a time.
 *   Memory    fixed; messages are cut at the end when too long.
 *   Errors    none.
 */
#ifndef AUK_ERROR_H
#define AUK_ERROR_H

#include <stdarg.h>

#define AUK_MUST_CHECK          __attribute__((warn_unused_result))
#define AUK_PRINTF(text, first) __attribute__((format(printf, text, first)))

/* One row an outcome: name, HTTP status, Elasticsearch's default error type, what it means. */
#define AUK_CODE_MAP(X)                                                                            \
    X(OK, 200, "ok", "success")                                                                    \
    X(INVALID, 400, "illegal_argument_exception", "the request or argument makes no sense")        \
    X(FORBIDDEN, 403, "security_exception", "not allowed for this caller or object")               \
    X(NOT_FOUND, 404, "resource_not_found_exception", "no such index, document or field")          \
    X(CONFLICT, 409, "version_conflict_engine_exception", "the object changed or already exists")  \
    X(TOO_LARGE, 413, "content_too_long_exception", "a documented limit was exceeded")             \
    X(BUSY, 429, "es_rejected_execution_exception", "over a limit now, try again later")           \
    X(CORRUPT, 500, "corruption_exception", "stored bytes break their format")                     \
    X(IO, 500, "io_exception", "the operating system or the store failed")                         \
    X(FULL, 507, "disk_full_exception", "the disk has no room; writes go on when it has")          \
    X(UNAVAILABLE, 503, "unavailable_shards_exception", "it is there, and cannot be used now")     \
    X(CANCELLED, 503, "task_cancelled_exception",                                                  \
      "stopped before the end, on request or at a deadline")

typedef enum auk_code {
#define X(name, status, type, text) AUK_##name,
    AUK_CODE_MAP(X)
#undef X
} auk_code;

typedef struct auk_error {
    auk_code code;
    const char *type;  /* Elasticsearch's error.type, static; NULL: the code's default */
    char message[512]; /* UTF-8, terminated: Elasticsearch's error.reason */
    char hint[160]; /* UTF-8, terminated, may be empty: what to do about it, nearest valid name */
} auk_error;

/* How one item of many ended. Nearly all end well, so that the words lie elsewhere. */
typedef struct auk_failure {
    auk_code code; /* AUK_OK: none */
    const auk_error
        *why; /* NULL without a failure; whoever hands the item out says where it lives */
} auk_failure;

/* Records and returns code, so that a failing path is one line. err may be NULL. */
auk_code auk_fail(auk_error *err, auk_code code, const char *format, ...) AUK_PRINTF(3, 4);

/* The same with Elasticsearch's error type, a static string. */
auk_code auk_fail_type(auk_error *err, auk_code code, const char *type, const char *format, ...)
    AUK_PRINTF(4, 5);

/* Puts context and ": " in front of the message already there; keeps the code that is there. */
auk_code auk_wrap(auk_error *err, auk_code code, const char *format, ...) AUK_PRINTF(3, 4);

/* Adds the hint; err may be NULL. */
void auk_hint(auk_error *err, const char *format, ...) AUK_PRINTF(2, 3);

/* clang-tidy reads one file at a time: so it knows that what fails does not answer AUK_OK. */
#ifdef __clang_analyzer__
#define AUK_FIRST(first, ...)   (first)
#define auk_fail(err, ...)      ((auk_fail)(err, __VA_ARGS__), AUK_FIRST(__VA_ARGS__, 0))
#define auk_fail_type(err, ...) ((auk_fail_type)(err, __VA_ARGS__), AUK_FIRST(__VA_ARGS__, 0))
#define auk_wrap(err, ...)      ((auk_wrap)(err, __VA_ARGS__), AUK_FIRST(__VA_ARGS__, 0))
#endif

const char *auk_code_name(auk_code code);
int auk_code_status(auk_code code);

/* Elasticsearch's type for this error: err->type, or the default of its code. */
const char *auk_error_type(const auk_error *err);

#endif
