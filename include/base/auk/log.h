/*
 * log.h - the one hook through which the engine speaks; it never prints by itself.
 *
 * Error: someone must act. Warn: we coped, but look. Info: life cycle. Debug: for us.
 *
 *   Threads   auk_log may be called by any thread; the hook is set once, before threads start.
 */
#ifndef AUK_LOG_H
#define AUK_LOG_H

#include "auk/error.h"

typedef enum auk_log_level {
    AUK_LOG_DEBUG,
    AUK_LOG_INFO,
    AUK_LOG_WARN,
    AUK_LOG_ERROR
} auk_log_level;

/* message is one line of text, fields "key=value key=value" (values quoted where needed) or "". */
typedef void (*auk_log_hook)(auk_log_level level, const char *message, const char *fields);

void auk_log_set_hook(auk_log_hook hook);
void auk_log(auk_log_level level, const char *message, const char *fields_format, ...)
    AUK_PRINTF(3, 4);

/* The last word: logs at error level and ends the process with status 70 (see DESIGN: a failed
 * fsync is never retried). Does not return. */
_Noreturn void auk_fatal(const char *format, ...) AUK_PRINTF(1, 2);

#endif
