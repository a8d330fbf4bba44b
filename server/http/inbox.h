/*
 * inbox.h - how any thread speaks to one loop: a list without locks, and an event descriptor.
 *
 * Only the first sender since the loop has looked rings, so a burst of answers costs one wake-up.
 * What is only left (_leave) wakes the loop if somebody waits for it, and is found when it next
 * wakes otherwise.
 *
 *   Lifetime  _open .. _close.
 *   Threads   _put, _leave: any. The others: the loop's thread.
 *   Memory    none: letters are part of what they announce.
 *   Errors    AUK_IO at _open.
 */
#ifndef AUK_HTTP_INBOX_H
#define AUK_HTTP_INBOX_H

#include <stdatomic.h>
#include <stdbool.h>
#include <stdint.h>

#include "auk/error.h"

typedef enum auk_http_letter_kind {
    AUK_HTTP_LETTER_CONNECTION, /* an accepted socket */
    AUK_HTTP_LETTER_ANSWER,     /* an exchange has been answered */
    AUK_HTTP_LETTER_RESUME,     /* a connection gave way to others and wants its next turn */
} auk_http_letter_kind;

typedef struct auk_http_letter auk_http_letter;
struct auk_http_letter {
    auk_http_letter *next;
    auk_http_letter_kind kind;
};

typedef struct auk_http_inbox {
    _Atomic(auk_http_letter *) newest;
    atomic_bool is_rung;
    atomic_uint awaited; /* by how many of the loop's */
    int bell;            /* readable while somebody has rung */
} auk_http_inbox;

AUK_MUST_CHECK auk_code auk_http_inbox_open(auk_http_inbox *inbox, auk_error *err);
void auk_http_inbox_close(auk_http_inbox *inbox);

/* The letter belongs to the inbox until it is taken. */
void auk_http_inbox_put(auk_http_inbox *inbox, auk_http_letter *letter);

/* The same of a letter that can wait until the loop wakes for another reason, unless one is
 * awaited.
 */
void auk_http_inbox_leave(auk_http_inbox *inbox, auk_http_letter *letter);

/* From here on, and until _unawait, whatever is left rings. What was left before does not: take it
 * afterwards. */
void auk_http_inbox_await(auk_http_inbox *inbox);
void auk_http_inbox_unawait(auk_http_inbox *inbox);

/* Rings without a letter: the loop shall look at its flags. */
void auk_http_inbox_ring(auk_http_inbox *inbox);

/* Stills the bell and takes all letters, oldest first; NULL when there are none. */
auk_http_letter *auk_http_inbox_take(auk_http_inbox *inbox);
/* The same with the bell as it is. */
auk_http_letter *auk_http_inbox_collect(auk_http_inbox *inbox);

#endif
