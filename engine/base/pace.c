#include "auk/pace.h"

#include <time.h>
#include <unistd.h>

#include "auk/clock.h"

#define NAP_US         200u
#define REST_SHARE     3u /* rests for so many times as long as it works, at most */
#define RECENT_US      1000000u
#define BYTES_NAP_MOST 100000u

static atomic_uint waiting;
static atomic_uint working;
static _Atomic uint64_t last_wait_us;

static unsigned core_count(void)
{
    static atomic_uint known;
    unsigned count = atomic_load_explicit(&known, memory_order_relaxed);
    if (count == 0) {
        long online = sysconf(_SC_NPROCESSORS_ONLN);
        count = online > 0 ? (unsigned)online : 1;
        atomic_store_explicit(&known, count, memory_order_relaxed);
    }
    return count;
}

static void nap(uint64_t us)
{
    struct timespec time = {.tv_sec = (time_t)(us / 1000000),
                            .tv_nsec = (long)(us % 1000000) * 1000};
    nanosleep(&time, NULL);
}

void auk_pace_wait_begin(void)
{
    atomic_fetch_add_explicit(&waiting, 1, memory_order_relaxed);
}

void auk_pace_wait_end(void)
{
    atomic_fetch_sub_explicit(&waiting, 1, memory_order_relaxed);
    /* Without work that wants to know nobody asks for the time. */
    if (atomic_load_explicit(&working, memory_order_relaxed) > 0)
        atomic_store_explicit(&last_wait_us, auk_clock_monotonic_us(), memory_order_relaxed);
}

bool auk_pace_is_awaited(void)
{
    return atomic_load_explicit(&waiting, memory_order_relaxed) > 0;
}

void auk_pace_begin(auk_pace *pace)
{
    *pace = (auk_pace){.began_us = auk_clock_monotonic_us()};
    atomic_fetch_add_explicit(&working, 1, memory_order_relaxed);
}

void auk_pace_end(auk_pace *pace)
{
    (void)pace;
    atomic_fetch_sub_explicit(&working, 1, memory_order_relaxed);
}

void auk_pace_hurry(auk_pace *pace)
{
    atomic_store_explicit(&pace->hurries, true, memory_order_relaxed);
}

static bool hurries(const auk_pace *pace)
{
    return atomic_load_explicit(&pace->hurries, memory_order_relaxed);
}

static bool is_in_the_way(void)
{
    unsigned others = atomic_load_explicit(&waiting, memory_order_relaxed);
    return others > 0 &&
           others + atomic_load_explicit(&working, memory_order_relaxed) > core_count();
}

void auk_pace_rest(auk_pace *pace)
{
    while (!hurries(pace) && is_in_the_way()) {
        uint64_t start_us = auk_clock_monotonic_us();
        uint64_t rested_us = atomic_load_explicit(&pace->rested_us, memory_order_relaxed);
        if (rested_us * (REST_SHARE + 1) >= (start_us - pace->began_us) * REST_SHARE)
            return;
        nap(NAP_US);
        atomic_fetch_add_explicit(&pace->rested_us, auk_clock_monotonic_us() - start_us,
                                  memory_order_relaxed);
    }
}

void auk_pace_bytes(auk_pace *pace, size_t bytes)
{
    uint64_t now_us = auk_clock_monotonic_us();
    uint64_t waited_us = atomic_load_explicit(&last_wait_us, memory_order_relaxed);
    bool recently = waited_us != 0 && now_us < waited_us + RECENT_US;
    if (hurries(pace) || !recently || pace->bytes_due_us < now_us)
        pace->bytes_due_us = now_us;
    if (pace->bytes_due_us > now_us) {
        uint64_t ahead_us = pace->bytes_due_us - now_us;
        nap(ahead_us < BYTES_NAP_MOST ? ahead_us : BYTES_NAP_MOST);
    }
    pace->bytes_due_us += bytes * 1000000 / AUK_PACE_BYTES_EACH_SECOND;
}
