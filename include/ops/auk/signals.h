/*
 * signals.h - the life of a process that ends on request.
 *
 * A thread of its own waits for SIGTERM, SIGINT and SIGHUP, which all others block.
 *
 *            first signal                       second signal
 *   opening --------------> _exit(128 + signal)
 *   serving --------------> _wait returns ----> _exit(128 + signal), when it comes half a second
 *                                               later or more
 *
 *   Lifetime  the process.   Threads  _start before any other thread; the rest by one owner.
 *   Memory    none.          Errors   none.
 */
#ifndef AUK_SIGNALS_H
#define AUK_SIGNALS_H

/* Blocks the signals in this thread and all that it starts, ignores SIGPIPE, starts the thread. An
 * abort says a last word from now on. */
void auk_signals_start(void);
/* From opening to serving; before anybody is told that we are ready. */
void auk_signals_serve(void);
/* Only while serving: the first signal's number, or 0 after timeout_ms. */
int auk_signals_wait(unsigned timeout_ms);

#endif
