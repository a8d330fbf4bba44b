/*
 * search_scope.h - what one search looks at: the shards behind an expression of index names, as of
 * one moment.
 *
 * A scope holds the node's root view for as long as a request lasts. One that shall outlive its
 * request (scroll, point in time) is detached: it then counts the shard views and mappings it needs
 * and nothing else, so that it does not pin other indices.
 *
 *   Lifetime  _open .. _close; the arena at least as long.
 *   Threads   one while opening; afterwards immutable.
 *   Memory    arena.
 *   Errors    as auk_root_resolve, and of a filter that does not parse.
 */
#ifndef AUK_REST_SEARCH_SCOPE_H
#define AUK_REST_SEARCH_SCOPE_H

#include "auk/search.h"
#include "call.h"

/* The root that the searches of one request share: taken by the first, given back by _end. One that
 * finds an index asleep and wakes it goes on with a newer one, and so do those behind it. */
typedef struct auk_search_moment {
    const auk_root *root;
} auk_search_moment;
void auk_search_moment_end(auk_search_moment *moment, auk_catalog *catalog);

typedef struct auk_search_scope {
    auk_catalog *catalog;
    auk_arena *arena;
    const auk_root *root; /* NULL once detached */
    bool shares_root;     /* it is a moment's */
    auk_search_target *targets;
    uint32_t target_count;
    uint32_t shard_count;
    uint32_t missing_count; /* shards of indices that are not open, beside those that are */
} auk_search_scope;

typedef struct auk_search_scope_options {
    auk_span expression;
    auk_span routing; /* "a,b"; empty: all shards, or those of the aliases' routing */
    auk_resolve_options resolve;
    bool flush;                /* first, so that the views hold mapped files instead of memory */
    auk_search_moment *moment; /* NULL: a root of its own */
} auk_search_scope_options;

AUK_MUST_CHECK auk_code auk_search_scope_open(auk_catalog *catalog,
                                              const auk_search_scope_options *options,
                                              auk_arena *arena, auk_search_scope *out,
                                              auk_error *err);
void auk_search_scope_detach(auk_search_scope *scope);
void auk_search_scope_close(auk_search_scope *scope);

/* For the statistics of each index, after a search. */
void auk_search_scope_note(const auk_search_scope *scope, uint64_t took_us);
/* What a detached scope keeps from being freed. */
size_t auk_search_scope_pinned_bytes(const auk_search_scope *scope);

#endif
