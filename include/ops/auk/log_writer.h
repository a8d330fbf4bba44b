/*
 * log_writer.h - the server's log: one line an event on standard error, as logfmt or JSON.
 *
 *   time=2026-01-31T12:00:00.000Z level=info msg="index created" index=packages shards=1
 *   {"time":"2026-01-31T12:00:00.000Z","level":"info","msg":"index created","index":"packages"}
 *
 *   Lifetime  the process.
 *   Threads   _start once, before threads; lines come from any thread and never mix.
 *   Memory    none.   Errors  none: a line that cannot be written is lost.
 */
#ifndef AUK_LOG_WRITER_H
#define AUK_LOG_WRITER_H

#include <stdbool.h>

#include "auk/buffer.h"
#include "auk/log.h"

/* Takes the hook of log.h. Events below least are left out. */
void auk_log_writer_start(bool json, auk_log_level least);

/* One line, with its line feed, into out; for tests. wall_ms as of clock.h. */
void auk_log_line(auk_buffer *out, bool json, int64_t wall_ms, auk_log_level level,
                  const char *message, const char *fields);

/* A value as logfmt writes it: bare where it can be, else in double quotes with escapes. */
void auk_log_append_value(auk_buffer *out, auk_span value);

#endif
