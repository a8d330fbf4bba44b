#include "inbox.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

auk_code auk_http_inbox_open(auk_http_inbox *inbox, auk_error *err)
{
    atomic_init(&inbox->newest, NULL);
    atomic_init(&inbox->is_rung, false);
    atomic_init(&inbox->awaited, 0);
    inbox->bell = eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
    if (inbox->bell < 0)
        return auk_fail(err, AUK_IO, "eventfd: %s", strerror(errno));
    return AUK_OK;
}

void auk_http_inbox_close(auk_http_inbox *inbox)
{
    if (inbox->bell >= 0)
        close(inbox->bell);
    inbox->bell = -1;
}

void auk_http_inbox_ring(auk_http_inbox *inbox)
{
    uint64_t one = 1;
    /* full means that it rings already */
    while (write(inbox->bell, &one, sizeof one) < 0 && errno == EINTR)
        continue;
}

/* The orders of push, is_rung and awaited against each other are what wakes the loop, so all of
 * them are sequentially consistent. */
static void push(auk_http_inbox *inbox, auk_http_letter *letter)
{
    auk_http_letter *newest = atomic_load_explicit(&inbox->newest, memory_order_relaxed);
    do
        letter->next = newest;
    while (!atomic_compare_exchange_weak(&inbox->newest, &newest, letter));
}

static void ring_once(auk_http_inbox *inbox)
{
    if (!atomic_exchange(&inbox->is_rung, true))
        auk_http_inbox_ring(inbox);
}

void auk_http_inbox_put(auk_http_inbox *inbox, auk_http_letter *letter)
{
    push(inbox, letter);
    ring_once(inbox);
}

void auk_http_inbox_leave(auk_http_inbox *inbox, auk_http_letter *letter)
{
    push(inbox, letter);
    if (atomic_load(&inbox->awaited))
        ring_once(inbox);
}

void auk_http_inbox_await(auk_http_inbox *inbox)
{
    atomic_fetch_add(&inbox->awaited, 1);
}

void auk_http_inbox_unawait(auk_http_inbox *inbox)
{
    atomic_fetch_sub(&inbox->awaited, 1);
}

auk_http_letter *auk_http_inbox_take(auk_http_inbox *inbox)
{
    uint64_t rung;
    /* in this order: who finds it rung has put its letter where the list is about to be taken, and
     * who comes later rings again */
    while (read(inbox->bell, &rung, sizeof rung) < 0 && errno == EINTR)
        continue;
    atomic_store(&inbox->is_rung, false);
    return auk_http_inbox_collect(inbox);
}

auk_http_letter *auk_http_inbox_collect(auk_http_inbox *inbox)
{
    auk_http_letter *newest = atomic_exchange(&inbox->newest, NULL);
    auk_http_letter *oldest = NULL;
    while (newest) {
        auk_http_letter *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}
