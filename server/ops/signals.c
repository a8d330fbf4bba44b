#include "auk/signals.h"

#include <errno.h>
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <time.h>
#include <unistd.h>

#include "auk/clock.h"
#include "auk/log.h"

/* One wish to end may come twice at once: to the process, and to its whole group. */
#define SAME_WISH_US 500000u

static atomic_bool serving;
static pthread_mutex_t mutex = PTHREAD_MUTEX_INITIALIZER;
static pthread_cond_t arrived = PTHREAD_COND_INITIALIZER;
static int first_signal;
static uint64_t first_us;

static sigset_t watched(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGHUP);
    return set;
}

static void *watch(void *context)
{
    (void)context;
    sigset_t set = watched();
    for (;;) {
        int number = 0;
        if (sigwait(&set, &number) != 0)
            continue;
        pthread_mutex_lock(&mutex);
        bool is_first = first_signal == 0;
        if (is_first) {
            first_signal = number;
            first_us = auk_clock_monotonic_us();
        }
        bool is_same = auk_clock_monotonic_us() - first_us < SAME_WISH_US;
        pthread_cond_signal(&arrived);
        pthread_mutex_unlock(&mutex);
        if (is_same && atomic_load(&serving))
            continue;
        /* What was acknowledged is in the log on disk: the next start replays it. */
        auk_log(AUK_LOG_WARN, "ends at once", "signal=%d", number);
        _exit(128 + number);
    }
    return NULL;
}

/* Outside libraries abort when they get no memory or when an assertion of theirs fails, and so do
 * we for small things; the process shall not end without a word. */
static void say_last_word(int number)
{
    static const char word[] =
        "auk: fatal: aborted: no memory was left, or an assertion did not hold (a line before this "
        "one says which); what was acknowledged is in the log on disk, start again\n";
    ssize_t said = write(STDERR_FILENO, word, sizeof word - 1);
    (void)said;
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

void auk_signals_start(void)
{
    sigset_t set = watched();
    pthread_t thread;
    (void)signal(SIGPIPE, SIG_IGN);
    (void)signal(SIGABRT, say_last_word);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    if (pthread_create(&thread, NULL, watch, NULL) != 0)
        auk_fatal("cannot start the thread that waits for signals");
    (void)pthread_setname_np(thread, "signals");
    (void)pthread_detach(thread);
}

void auk_signals_serve(void)
{
    atomic_store(&serving, true);
}

int auk_signals_wait(unsigned timeout_ms)
{
    struct timespec until;
    (void)clock_gettime(CLOCK_REALTIME, &until);
    until.tv_sec += timeout_ms / 1000;
    until.tv_nsec += (long)(timeout_ms % 1000) * 1000000;
    until.tv_sec += until.tv_nsec / 1000000000;
    until.tv_nsec %= 1000000000;
    pthread_mutex_lock(&mutex);
    while (first_signal == 0 && pthread_cond_timedwait(&arrived, &mutex, &until) != ETIMEDOUT)
        ;
    int number = first_signal;
    pthread_mutex_unlock(&mutex);
    return number;
}
