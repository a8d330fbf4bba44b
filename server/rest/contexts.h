/*
 * contexts.h - scrolls and points in time: views that stay open between requests.
 *
 * A context owns an arena with all that later requests need, a detached scope, and for a scroll
 * where its last page ended. It is found by an id that cannot be guessed, lives for its keep alive
 * after each use, and is dropped by a sweep of its own thread; whoever uses it at that moment keeps
 * it until done.
 *
 *   Lifetime  _create .. _destroy of the registry, within the catalog's. A context: _create, then
 *             _add hands it over; _find .. _leave around each later use.
 *   Threads   the registry: any. A scroll is one thread's between _find and _leave; a point in time
 *             is read by several at once.
 *   Memory    what a context holds is charged to AUK_PURPOSE_SEARCH; at most AUK_CONTEXT_LIMIT.
 *   Errors    AUK_NOT_FOUND search_context_missing_exception ("No search context found for id
 *             [x]"), AUK_INVALID for what is no id, AUK_BUSY past the limit.
 */
#ifndef AUK_REST_CONTEXTS_H
#define AUK_REST_CONTEXTS_H

#include <pthread.h>

#include "auk/search.h"
#include "call.h"
#include "search_scope.h"

#define AUK_CONTEXT_LIMIT   500
#define AUK_CONTEXT_ID_SIZE 32

typedef enum auk_context_kind { AUK_CONTEXT_SCROLL, AUK_CONTEXT_POINT } auk_context_kind;

typedef struct auk_contexts auk_contexts;

typedef struct auk_context {
    auk_context_kind kind;
    auk_arena *arena;
    auk_search_scope scope; /* detached by _add */

    /* scroll */
    auk_search_request request;
    auk_buffer position; /* after the last page */
    uint64_t total;      /* of the first page, as every later one tells it */
    bool total_is_lower_bound;
    float max_score;

    /* the registry's */
    uint64_t number, secret;
    uint64_t keep_alive_us, deadline_us;
    unsigned users;
    bool listed;
    size_t charged;
    pthread_mutex_t turn; /* one page of a scroll at a time */
    char id[AUK_CONTEXT_ID_SIZE + 1];
} auk_context;

auk_context *auk_context_create(auk_context_kind kind);
void auk_context_destroy(auk_context *context); /* one that was not added; NULL is fine */

/* Takes over a context whose scope is open; on failure it stays the caller's. Then it is in use by
 * the caller, who leaves it. */
AUK_MUST_CHECK auk_code auk_contexts_add(auk_contexts *contexts, auk_context *context,
                                         int64_t keep_alive_ms, auk_error *err);
/* keep_alive_ms -1: as before. */
AUK_MUST_CHECK auk_code auk_contexts_find(auk_contexts *contexts, auk_context_kind kind,
                                          auk_span id, int64_t keep_alive_ms, auk_context **out,
                                          auk_error *err);
void auk_contexts_leave(auk_contexts *contexts, auk_context *context);
/* Nobody finds it any more; for one that is in use, which its users then leave. */
void auk_contexts_drop(auk_contexts *contexts, auk_context *context);

/* *removed false: it was gone already. AUK_INVALID: not an id. */
AUK_MUST_CHECK auk_code auk_contexts_remove(auk_contexts *contexts, auk_context_kind kind,
                                            auk_span id, bool *removed, auk_error *err);
uint32_t auk_contexts_remove_all(auk_contexts *contexts, auk_context_kind kind);
uint32_t auk_contexts_count(auk_contexts *contexts, auk_context_kind kind);

#endif
