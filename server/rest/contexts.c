#include "contexts.h"

#include <assert.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/random.h>
#include <time.h>

#include "auk/log.h"

#define SWEEP_SECONDS 5

struct auk_contexts {
    auk_budget *budget;
    const auk_catalog *catalog;
    pthread_mutex_t lock;
    pthread_cond_t changed;
    auk_context *list[AUK_CONTEXT_LIMIT];
    uint32_t count;
    uint64_t next_number;
    bool stopping;
    pthread_t sweeper;
};

/* ---- one context ---- */

auk_context *auk_context_create(auk_context_kind kind)
{
    auk_context *context = calloc(1, sizeof *context);
    if (!context)
        auk_fatal("out of memory");
    context->kind = kind;
    context->arena = auk_arena_create(4096);
    auk_buffer_init(&context->position, AUK_BUFFER_NO_LIMIT);
    pthread_mutex_init(&context->turn, NULL);
    return context;
}

void auk_context_destroy(auk_context *context)
{
    if (!context)
        return;
    if (context->scope.catalog)
        auk_search_scope_close(&context->scope);
    auk_buffer_deinit(&context->position);
    auk_arena_destroy(context->arena);
    pthread_mutex_destroy(&context->turn);
    free(context);
}

/* ---- ids: kind, number and secret in hexadecimal, so that nobody finds another's by counting ----
 */

static void make_id(auk_context *context)
{
    /* numbers fit 60 bits for longer than the process lives */
    snprintf(context->id, sizeof context->id, "%c%015" PRIx64 "%016" PRIx64,
             context->kind == AUK_CONTEXT_SCROLL ? 'a' : 'b', context->number, context->secret);
}

static bool read_hex(const char *digits, size_t size, uint64_t *out)
{
    *out = 0;
    for (size_t i = 0; i < size; i++) {
        char c = digits[i];
        uint64_t digit;
        if (c >= '0' && c <= '9')
            digit = (uint64_t)(c - '0');
        else if (c >= 'a' && c <= 'f')
            digit = 10 + (uint64_t)(c - 'a');
        else
            return false;
        *out = *out << 4 | digit;
    }
    return true;
}

static auk_code read_id(auk_context_kind kind, auk_span id, uint64_t *number, uint64_t *secret,
                        auk_error *err)
{
    bool scroll = kind == AUK_CONTEXT_SCROLL;
    if (id.size == AUK_CONTEXT_ID_SIZE && id.data[0] == (scroll ? 'a' : 'b') &&
        read_hex(id.data + 1, 15, number) && read_hex(id.data + 16, 16, secret))
        return AUK_OK;
    return auk_fail(err, AUK_INVALID, scroll ? "Cannot parse scroll id" : "invalid id: [%.*s]",
                    AUK_SPAN_ARG(id));
}

/* ---- the registry, under its lock ---- */

static auk_context *look_up(const auk_contexts *contexts, uint64_t number, uint64_t secret)
{
    for (uint32_t i = 0; i < contexts->count; i++)
        if (contexts->list[i]->number == number && contexts->list[i]->secret == secret)
            return contexts->list[i];
    return NULL;
}

/* Off the list; answers it when nobody uses it, for the caller to free without the lock. */
static auk_context *unlist(auk_contexts *contexts, auk_context *context)
{
    assert(context->listed);
    for (uint32_t i = 0; i < contexts->count; i++) {
        if (contexts->list[i] != context)
            continue;
        contexts->list[i] = contexts->list[--contexts->count];
        context->listed = false;
        break;
    }
    return context->users == 0 ? context : NULL;
}

static bool has_expired(const auk_context *context, uint64_t now_us)
{
    return context->users == 0 && now_us > context->deadline_us;
}

static void free_context(auk_contexts *contexts, auk_context *context)
{
    if (!context)
        return;
    auk_budget_release(contexts->budget, AUK_PURPOSE_SEARCH, context->charged);
    auk_context_destroy(context);
}

static uint32_t take_expired(auk_contexts *contexts, auk_context **out)
{
    uint32_t count = 0;
    uint64_t now_us = auk_clock_monotonic_us();
    for (uint32_t i = contexts->count; i > 0; i--)
        if (has_expired(contexts->list[i - 1], now_us))
            out[count++] = unlist(contexts, contexts->list[i - 1]);
    return count;
}

/* ---- the sweep ---- */

static void *sweep(void *argument)
{
    auk_contexts *contexts = argument;
    auk_context *expired[AUK_CONTEXT_LIMIT];
    pthread_mutex_lock(&contexts->lock);
    while (!contexts->stopping) {
        struct timespec until;
        clock_gettime(CLOCK_REALTIME, &until);
        until.tv_sec += SWEEP_SECONDS;
        if (contexts->count == 0)
            pthread_cond_wait(&contexts->changed, &contexts->lock);
        else
            pthread_cond_timedwait(&contexts->changed, &contexts->lock, &until);
        uint32_t count = take_expired(contexts, expired);
        pthread_mutex_unlock(&contexts->lock);
        for (uint32_t i = 0; i < count; i++)
            free_context(contexts, expired[i]);
        pthread_mutex_lock(&contexts->lock);
    }
    pthread_mutex_unlock(&contexts->lock);
    return NULL;
}

auk_contexts *auk_contexts_create(auk_rest *rest)
{
    auk_contexts *contexts = calloc(1, sizeof *contexts);
    if (!contexts)
        auk_fatal("out of memory");
    contexts->budget = rest->options.budget;
    contexts->catalog = rest->options.catalog;
    pthread_mutex_init(&contexts->lock, NULL);
    pthread_cond_init(&contexts->changed, NULL);
    if (pthread_create(&contexts->sweeper, NULL, sweep, contexts) != 0)
        auk_fatal("cannot start the thread that closes expired scrolls");
    return contexts;
}

void auk_contexts_destroy(auk_contexts *contexts)
{
    pthread_mutex_lock(&contexts->lock);
    contexts->stopping = true;
    pthread_cond_signal(&contexts->changed);
    pthread_mutex_unlock(&contexts->lock);
    pthread_join(contexts->sweeper, NULL);
    for (uint32_t i = 0; i < contexts->count; i++)
        free_context(contexts, contexts->list[i]);
    pthread_cond_destroy(&contexts->changed);
    pthread_mutex_destroy(&contexts->lock);
    free(contexts);
}

/* ---- calls ---- */

static uint64_t make_secret(void)
{
    uint64_t secret;
    if (getrandom(&secret, sizeof secret, 0) != (ssize_t)sizeof secret)
        auk_fatal("no random bytes");
    return secret;
}

static uint32_t count_of(const auk_contexts *contexts, auk_context_kind kind)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < contexts->count; i++)
        count += contexts->list[i]->kind == kind;
    return count;
}

static auk_code list(auk_contexts *contexts, auk_context *context, auk_error *err)
{
    uint32_t most = auk_catalog_search_limits(contexts->catalog).max_scrolls;
    if (context->kind == AUK_CONTEXT_SCROLL && count_of(contexts, AUK_CONTEXT_SCROLL) >= most)
        return auk_fail(err, AUK_BUSY,
                        "Trying to create too many scroll contexts. Must be less than or equal to: "
                        "[%u]. This limit can be set by changing the "
                        "[search.max_open_scroll_context] setting.",
                        most);
    if (contexts->count == AUK_CONTEXT_LIMIT)
        return auk_fail(err, AUK_BUSY, "too many scrolls and points in time are open: [%d] at most",
                        AUK_CONTEXT_LIMIT);
    context->number = ++contexts->next_number;
    context->listed = true;
    context->users = 1;
    make_id(context);
    contexts->list[contexts->count++] = context;
    pthread_cond_signal(&contexts->changed);
    return AUK_OK;
}

auk_code auk_contexts_add(auk_contexts *contexts, auk_context *context, int64_t keep_alive_ms,
                          auk_error *err)
{
    size_t bytes = sizeof *context + auk_arena_size(context->arena) +
                   auk_search_scope_pinned_bytes(&context->scope);
    auk_code code = auk_budget_charge(contexts->budget, AUK_PURPOSE_SEARCH, bytes, err);
    if (code != AUK_OK)
        return code;
    context->secret = make_secret();
    context->keep_alive_us = (uint64_t)keep_alive_ms * 1000;
    context->deadline_us = auk_clock_monotonic_us() + context->keep_alive_us;
    pthread_mutex_lock(&contexts->lock);
    code = list(contexts, context, err);
    pthread_mutex_unlock(&contexts->lock);
    if (code != AUK_OK) {
        auk_budget_release(contexts->budget, AUK_PURPOSE_SEARCH, bytes);
        return code;
    }
    context->charged = bytes;
    auk_search_scope_detach(&context->scope);
    if (context->kind == AUK_CONTEXT_SCROLL)
        pthread_mutex_lock(&context->turn);
    return AUK_OK;
}

auk_code auk_contexts_find(auk_contexts *contexts, auk_context_kind kind, auk_span id,
                           int64_t keep_alive_ms, auk_context **out, auk_error *err)
{
    uint64_t number, secret;
    auk_code code = read_id(kind, id, &number, &secret, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&contexts->lock);
    auk_context *context = look_up(contexts, number, secret);
    if (context && has_expired(context, auk_clock_monotonic_us()))
        context = NULL;
    if (context)
        context->users++;
    if (context && keep_alive_ms > 0)
        context->keep_alive_us = (uint64_t)keep_alive_ms * 1000;
    pthread_mutex_unlock(&contexts->lock);
    if (!context)
        return auk_fail_type(err, AUK_NOT_FOUND, "search_context_missing_exception",
                             "No search context found for id [%" PRIu64 "]", number);
    if (kind == AUK_CONTEXT_SCROLL)
        pthread_mutex_lock(&context->turn);
    *out = context;
    return AUK_OK;
}

void auk_contexts_leave(auk_contexts *contexts, auk_context *context)
{
    if (context->kind == AUK_CONTEXT_SCROLL)
        pthread_mutex_unlock(&context->turn);
    pthread_mutex_lock(&contexts->lock);
    context->users--;
    context->deadline_us = auk_clock_monotonic_us() + context->keep_alive_us;
    bool last = context->users == 0 && !context->listed;
    pthread_mutex_unlock(&contexts->lock);
    if (last)
        free_context(contexts, context);
}

void auk_contexts_drop(auk_contexts *contexts, auk_context *context)
{
    pthread_mutex_lock(&contexts->lock);
    if (context->listed)
        (void)unlist(contexts, context);
    pthread_mutex_unlock(&contexts->lock);
}

auk_code auk_contexts_remove(auk_contexts *contexts, auk_context_kind kind, auk_span id,
                             bool *removed, auk_error *err)
{
    uint64_t number, secret;
    *removed = false;
    auk_code code = read_id(kind, id, &number, &secret, err);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&contexts->lock);
    auk_context *context = look_up(contexts, number, secret), *unused = NULL;
    if (context) {
        *removed = !has_expired(context, auk_clock_monotonic_us());
        unused = unlist(contexts, context);
    }
    pthread_mutex_unlock(&contexts->lock);
    free_context(contexts, unused);
    return AUK_OK;
}

uint32_t auk_contexts_remove_all(auk_contexts *contexts, auk_context_kind kind)
{
    auk_context *unused[AUK_CONTEXT_LIMIT];
    uint32_t count = 0, removed = 0;
    pthread_mutex_lock(&contexts->lock);
    for (uint32_t i = contexts->count; i > 0; i--) {
        auk_context *context = contexts->list[i - 1];
        if (context->kind != kind)
            continue;
        removed++;
        context = unlist(contexts, context);
        if (context)
            unused[count++] = context;
    }
    pthread_mutex_unlock(&contexts->lock);
    for (uint32_t i = 0; i < count; i++)
        free_context(contexts, unused[i]);
    return removed;
}

uint32_t auk_contexts_count(auk_contexts *contexts, auk_context_kind kind)
{
    pthread_mutex_lock(&contexts->lock);
    uint32_t count = count_of(contexts, kind);
    pthread_mutex_unlock(&contexts->lock);
    return count;
}
