/* admin.h - what the administrative families share: resolving, statistics, who the node is, tables
 * of text. */
#ifndef AUK_REST_ADMIN_H
#define AUK_REST_ADMIN_H

#include "call.h"

/* The indices that the call's {index} (or all) names, under one root. Release with _close. */
typedef struct auk_selection {
    const auk_root *root;
    auk_resolved *items;
    uint32_t count;
} auk_selection;

/* strict: a wildcard that matches nothing is index_not_found, too. */
AUK_MUST_CHECK auk_code auk_selection_open(auk_call *call, bool strict, auk_selection *out,
                                           auk_error *err);
/* The same over other defaults than open indices that may be none; the call's parameters count. */
AUK_MUST_CHECK auk_code auk_selection_open_with(auk_call *call, auk_resolve_options options,
                                                auk_selection *out, auk_error *err);
/* For calls about what an index is: closed ones answer, too; _ANY: with those that could not be
 * opened, whose names, aliases and settings alone are known. */
#define AUK_SELECT_OPEN ((auk_resolve_options){.expand_open = true, .with_closed = true})
#define AUK_SELECT_ANY                                                                             \
    ((auk_resolve_options){.expand_open = true,                                                    \
                           .expand_closed = true,                                                  \
                           .with_closed = true,                                                    \
                           .with_unopened = true,                                                  \
                           .allow_no_indices = true})
/* Their names, copied. */
auk_span *auk_selection_names(auk_call *call, const auk_selection *selection);
/* Refuses "_all" and patterns where action.destructive_requires_name says so. */
AUK_MUST_CHECK auk_code auk_call_needs_names(auk_call *call, auk_span expression, auk_error *err);
/* alias_filter.c: of {"alias": {options}} and of a list of actions */
AUK_MUST_CHECK auk_code auk_call_check_aliases(auk_call *call, const auk_json *aliases,
                                               auk_error *err);
AUK_MUST_CHECK auk_code auk_call_check_actions(auk_call *call, const auk_json *actions,
                                               auk_error *err);
void auk_selection_close(auk_call *call, auk_selection *selection);

#define AUK_SELECT_PARAMETERS  "ignore_unavailable allow_no_indices expand_wildcards"
#define AUK_TIMEOUT_PARAMETERS "timeout master_timeout"

/* A list of names or patterns against a name; "_all" matches, a part with '-' in front takes away
 * what was matched before it. */
bool auk_list_matches(auk_span list, auk_span name);
/* Refuses members of an object that are not in `names` (with a space between), naming the nearest.
 * what: the word in front of the message, "[what] unknown field [x]". */
AUK_MUST_CHECK auk_code auk_body_check(const auk_json *object, const char *what, const char *names,
                                       auk_error *err);

/* ---- the node ---- */

auk_span auk_node_version(const auk_call *call); /* as shown to clients */
/* host:port under which this client reaches the node: the bound address, or the host it named when
 * the node listens on every address. */
auk_span auk_node_publish_address(const auk_call *call);
auk_span auk_node_host(const auk_call *call); /* the same without the port */
/* "_nodes": {"total": 1, ...}, "cluster_name": ... */
void auk_node_write_header(auk_call *call);
/* The pools by number, under the names that clients know; false: the node has none of that kind. */
#define AUK_NODE_POOLS 5
bool auk_node_pool(const auk_rest *rest, size_t number, const char **name, auk_pool_stats *stats);

/* ---- figures ---- */

/* "size_in_bytes": 1234, and "size": "1.2kb" with ?human. name: without "_in_bytes". */
void auk_write_bytes(auk_call *call, const char *name, uint64_t bytes);
/* "time_in_millis": 12, and "time": "12ms" with ?human. */
void auk_write_time(auk_call *call, const char *name, uint64_t us);

/* ---- statistics ---- */

/* Sums over the shards of an index. */
void auk_stats_of_index(const auk_index_view *view, auk_shard_stats *sum);
void auk_stats_add(auk_shard_stats *sum, const auk_shard_stats *more);

/*
 * A table as _cat prints it: columns with long names, short names and a description; rows of texts.
 * Honours v, h, s, help, format=json|yaml.
 */
typedef struct auk_cat_column {
    const char *name;
    const char *alias; /* other names, with a comma between; "" */
    const char *words;
    bool number; /* right-aligned */
    bool hidden; /* only when asked for by h= */
} auk_cat_column;

#define AUK_CAT_PARAMETERS "h s v help bytes time local master_timeout"

typedef struct auk_cat auk_cat;
auk_cat *auk_cat_create(auk_call *call, const auk_cat_column *columns, uint32_t count);
void auk_cat_row(auk_cat *table);
void auk_cat_text(auk_cat *table, auk_span text);
void auk_cat_number(auk_cat *table, uint64_t value);
/* As "1.2mb", or plain with ?bytes=b (kb, mb, gb: divided). */
void auk_cat_bytes(auk_cat *table, uint64_t bytes);
AUK_MUST_CHECK auk_code auk_cat_finish(auk_cat *table, auk_error *err);

#endif
