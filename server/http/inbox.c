#include "inbox.h"

#include <errno.h>
#include <string.h>
#include <sys/eventfd.h>
#include <unistd.h>

auk_code auk_http_inbox_open(auk_http_inbox *inbox, auk_error *err)
{
    atomic_init(&inbox->newest, NULL);
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

void auk_http_inbox_put(auk_http_inbox *inbox, auk_http_letter *letter)
{
    auk_http_letter *newest = atomic_load_explicit(&inbox->newest, memory_order_relaxed);
    do
        letter->next = newest;
    while (!atomic_compare_exchange_weak_explicit(&inbox->newest, &newest, letter,
                                                  memory_order_acq_rel, memory_order_relaxed));
    if (!newest)
        auk_http_inbox_ring(inbox);
}

auk_http_letter *auk_http_inbox_take(auk_http_inbox *inbox)
{
    uint64_t rung;
    /* before the list is taken: a letter put in between rings again */
    while (read(inbox->bell, &rung, sizeof rung) < 0 && errno == EINTR)
        continue;
    auk_http_letter *newest = atomic_exchange_explicit(&inbox->newest, NULL, memory_order_acq_rel);
    auk_http_letter *oldest = NULL;
    while (newest) {
        auk_http_letter *next = newest->next;
        newest->next = oldest;
        oldest = newest;
        newest = next;
    }
    return oldest;
}
