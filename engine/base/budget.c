#include "auk/budget.h"

#include <assert.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>

struct auk_budget {
    size_t total;
    size_t limits[AUK_PURPOSE_COUNT];
    atomic_size_t used[AUK_PURPOSE_COUNT];
    atomic_size_t used_total;
};

static const struct {
    const char *name;
    unsigned share_percent;
} purposes[AUK_PURPOSE_COUNT] = {
#define X(name, text, share, words) {#text, share},
    AUK_PURPOSE_MAP(X)
#undef X
};

auk_budget *auk_budget_create(size_t total_bytes)
{
    auk_budget *budget = calloc(1, sizeof *budget);
    if (budget == NULL)
        abort();
    budget->total = total_bytes;
    atomic_init(&budget->used_total, 0);
    for (int i = 0; i < AUK_PURPOSE_COUNT; i++) {
        /* divided first, so that no product overflows */
        budget->limits[i] = total_bytes / 100 * purposes[i].share_percent +
                            total_bytes % 100 * purposes[i].share_percent / 100;
        atomic_init(&budget->used[i], 0);
    }
    return budget;
}

void auk_budget_destroy(auk_budget *budget)
{
    free(budget);
}

/* Adds bytes unless that passes limit. would_be: what it is or would have been. */
static bool add_within(atomic_size_t *used, size_t bytes, size_t limit, size_t *would_be)
{
    size_t now = atomic_load_explicit(used, memory_order_relaxed);
    do {
        if (__builtin_add_overflow(now, bytes, would_be) || *would_be > limit)
            return false;
    } while (!atomic_compare_exchange_weak_explicit(used, &now, *would_be, memory_order_relaxed,
                                                    memory_order_relaxed));
    return true;
}

/* 1536 as "1.5kb", the way Elasticsearch shows sizes. */
static void format_size(size_t bytes, char out[32])
{
    static const char *const units[] = {"b", "kb", "mb", "gb", "tb", "pb"};
    size_t unit = 0;
    double value = (double)bytes;
    for (; value >= 1024.0 && unit + 1 < sizeof units / sizeof units[0]; unit++)
        value /= 1024.0;
    double tenth = (double)(long long)(value * 10.0) / 10.0;
    (void)snprintf(out, 32, "%.*f%s", tenth > (double)(long long)tenth ? 1 : 0, tenth, units[unit]);
}

static auk_code refuse(const char *whose, auk_purpose purpose, size_t asked, size_t would_be,
                       size_t limit, auk_error *err)
{
    char shown[32], shown_limit[32], shown_asked[32];
    if (err == NULL)
        return AUK_BUSY;
    format_size(would_be, shown);
    format_size(limit, shown_limit);
    format_size(asked, shown_asked);
    (void)auk_fail_type(
        err, AUK_BUSY, "circuit_breaking_exception",
        "[%s] Data too large, data for [%s] would be [%zu/%s], which is larger than "
        "the limit of [%zu/%s], asked for [%zu/%s]",
        whose, purposes[purpose].name, would_be, shown, limit, shown_limit, asked, shown_asked);
    auk_hint(err, "send less at once or try again later; --memory sets the whole");
    return AUK_BUSY;
}

static size_t add(size_t used, size_t bytes)
{
    size_t sum;
    return __builtin_add_overflow(used, bytes, &sum) ? SIZE_MAX : sum;
}

auk_code auk_budget_refuse(const auk_budget *budget, auk_purpose purpose, size_t bytes,
                           auk_error *err)
{
    size_t would_be = add(auk_budget_used(budget, purpose), bytes);
    size_t whole = add(auk_budget_used_total(budget), bytes);
    if (budget != NULL && would_be <= budget->limits[purpose] && whole > budget->total)
        return refuse("parent", purpose, bytes, whole, budget->total, err);
    return refuse(auk_purpose_name(purpose), purpose, bytes, would_be,
                  auk_budget_limit(budget, purpose), err);
}

auk_code auk_budget_charge(auk_budget *budget, auk_purpose purpose, size_t bytes, auk_error *err)
{
    size_t would_be;
    if (budget == NULL)
        return AUK_OK;
    if (!add_within(&budget->used[purpose], bytes, budget->limits[purpose], &would_be))
        return refuse(purposes[purpose].name, purpose, bytes, would_be, budget->limits[purpose],
                      err);
    if (!add_within(&budget->used_total, bytes, budget->total, &would_be)) {
        atomic_fetch_sub_explicit(&budget->used[purpose], bytes, memory_order_relaxed);
        return refuse("parent", purpose, bytes, would_be, budget->total, err);
    }
    return AUK_OK;
}

void auk_budget_force(auk_budget *budget, auk_purpose purpose, size_t bytes)
{
    if (budget == NULL)
        return;
    atomic_fetch_add_explicit(&budget->used[purpose], bytes, memory_order_relaxed);
    atomic_fetch_add_explicit(&budget->used_total, bytes, memory_order_relaxed);
}

void auk_budget_set(auk_budget *budget, auk_purpose purpose, size_t bytes)
{
    if (budget == NULL)
        return;
    size_t before = atomic_exchange_explicit(&budget->used[purpose], bytes, memory_order_relaxed);
    /* wraps as it should when it has become less */
    atomic_fetch_add_explicit(&budget->used_total, bytes - before, memory_order_relaxed);
}

void auk_budget_release(auk_budget *budget, auk_purpose purpose, size_t bytes)
{
    if (budget == NULL)
        return;
    size_t before = atomic_fetch_sub_explicit(&budget->used[purpose], bytes, memory_order_relaxed);
    assert(before >= bytes);
    (void)before;
    atomic_fetch_sub_explicit(&budget->used_total, bytes, memory_order_relaxed);
}

size_t auk_budget_total(const auk_budget *budget)
{
    return budget != NULL ? budget->total : SIZE_MAX;
}

size_t auk_budget_used(const auk_budget *budget, auk_purpose purpose)
{
    return budget != NULL ? atomic_load_explicit(&budget->used[purpose], memory_order_relaxed) : 0;
}

size_t auk_budget_used_total(const auk_budget *budget)
{
    return budget != NULL ? atomic_load_explicit(&budget->used_total, memory_order_relaxed) : 0;
}

size_t auk_budget_limit(const auk_budget *budget, auk_purpose purpose)
{
    return budget != NULL ? budget->limits[purpose] : SIZE_MAX;
}

const char *auk_purpose_name(auk_purpose purpose)
{
    return (size_t)purpose < AUK_PURPOSE_COUNT ? purposes[purpose].name : "unknown";
}
