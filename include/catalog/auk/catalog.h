/*
 * catalog.h - what exists on the node: indices with their shards, aliases, settings; and the one
 * root view.
 *
 * The catalog owns the store and all shards. Everything that defines the node is a key of the
 * family "catalog" and changes in one batch; what searches see is one counted root, replaced once
 * for each refresh, alias switch or mapping version, so that a search that takes the root once sees
 * one moment of all of it.
 *
 *   Lifetime  _open .. _close; roots outlive changes until released, but not the catalog.
 *   Threads   all calls from any thread. Lock order: catalog lock, an index's schema lock, then the
 * shards'. Memory    charged by the shards; the root is a few hundred bytes a shard. Errors
 * Elasticsearch's types and wording: index_not_found_exception ("no such index [x]"),
 *             resource_already_exists_exception, invalid_index_name_exception, ...
 */
#ifndef AUK_CATALOG_H
#define AUK_CATALOG_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/job.h"
#include "auk/shard.h"

typedef struct auk_catalog auk_catalog;
typedef struct auk_index auk_index;

typedef struct auk_catalog_options {
    const char *directory;
    auk_budget *budget;
    auk_pool *write_pool; /* helps to invert a bulk */
    auk_pool *background; /* refreshes, flushes, and merges */
    auk_pool *merge_pool; /* merges, when it is not NULL */
    const char *cluster_name;
    uint64_t free_min_bytes; /* of the disk, that writes leave alone (auk_store_options) */
    uint32_t free_min_percent;
    uint64_t free_min_most;
} auk_catalog_options;

AUK_MUST_CHECK auk_code auk_catalog_open(const auk_catalog_options *options, auk_catalog **out,
                                         auk_error *err);
/* Stops the timer, flushes every shard, closes. */
void auk_catalog_close(auk_catalog *catalog);

auk_span auk_catalog_cluster_name(const auk_catalog *catalog);
auk_span auk_catalog_cluster_uuid(const auk_catalog *catalog); /* made once a directory */
auk_store *auk_catalog_store(auk_catalog *catalog);
auk_jobs *auk_catalog_jobs(auk_catalog *catalog);

/* ---- the root ---- */

typedef struct auk_alias {
    auk_span name;
    auk_span filter; /* query JSON; empty: none */
    auk_span index_routing, search_routing;
    bool is_write_index, has_write_index, is_hidden;
} auk_alias;

#define AUK_UNREADABLE_SIZE 160

/* One index at the moment of the root. */
typedef struct auk_index_view {
    auk_span name, uuid;
    int64_t created_ms;
    auk_index *index; /* live until the root is released, also when deleted meanwhile */
    auk_mapping *mapping;
    const auk_settings *settings; /* "index.number_of_shards" ... */
    const auk_alias *aliases;     /* sorted by name */
    uint32_t alias_count;
    auk_shard_view **shards;
    uint32_t shard_count;
    const auk_error
        *unopened; /* why it could not be opened, and has neither shards nor fields; NULL */
    bool hidden;
    bool closed;     /* neither read nor written (auk_catalog_set_closed) */
    uint32_t blocks; /* bits; auk_index_check reads them */
    bool standby;    /* takes no writes from clients (generation.h) */
    auk_span owner;  /* the only one who writes to it (publication.h); empty: none */
    char unreadable[AUK_UNREADABLE_SIZE]; /* why it must not be read now; empty: it may */
} auk_index_view;

typedef struct auk_root {
    const auk_index_view *const *indices; /* sorted by name */
    uint32_t index_count;
    uint64_t generation;
} auk_root;

const auk_root *auk_root_acquire(auk_catalog *catalog);
void auk_root_release(auk_catalog *catalog, const auk_root *root);

const auk_index_view *auk_root_find(const auk_root *root,
                                    auk_span index_name); /* not aliases; NULL */

typedef struct auk_resolve_options {
    bool ignore_unavailable; /* a missing concrete name is no error */
    bool allow_no_indices;   /* an expression that matches nothing is no error */
    bool expand_open, expand_closed, expand_hidden;
    bool with_closed; /* closed indices are answered too; else they are an error, or left out when
                         ignore_unavailable */
    bool
        with_unopened; /* also those that could not be opened; else their name is AUK_UNAVAILABLE */
    uint32_t *passed_over; /* counts shards of those that others stand beside; NULL: nobody asks */
    bool single;           /* must be exactly one index */
    bool no_aliases;       /* aliases are refused (delete index) */
} auk_resolve_options;
#define AUK_RESOLVE_LENIENT ((auk_resolve_options){.allow_no_indices = true, .expand_open = true})

typedef struct auk_resolved {
    const auk_index_view *view;
    const auk_alias
        *alias; /* when reached only through an alias with a filter or routing; else NULL */
    const auk_alias **via; /* all alias names that led here */
    uint32_t via_count;
} auk_resolved;

/* "a,b*,-c,alias,_all,<log-{now/d}>" in name order, each index once. */
AUK_MUST_CHECK auk_code auk_root_resolve(const auk_root *root, auk_span expression,
                                         const auk_resolve_options *options, auk_arena *arena,
                                         auk_resolved **out, uint32_t *count, auk_error *err);

/* What a call is about to do with an index, for its blocks (index.blocks.*). */
typedef enum auk_block_level {
    AUK_BLOCK_READ,
    AUK_BLOCK_WRITE,
    AUK_BLOCK_METADATA_READ,
    AUK_BLOCK_METADATA_WRITE,
    AUK_BLOCK_DELETE, /* of the whole index */
} auk_block_level;
/* AUK_FORBIDDEN, or AUK_BUSY when the disk's block is why: cluster_block_exception.
 * AUK_UNAVAILABLE: it must not be read now. */
AUK_MUST_CHECK auk_code auk_index_check(const auk_index_view *view, auk_block_level level,
                                        auk_error *err);
/* {"8": {"description": "index write (api)", "levels": ["write"], ..}}; also that it is closed. */
void auk_index_write_blocks(const auk_index_view *view, auk_json_writer *out);

/* "<log-{now/d{yyyy.MM.dd|+02:00}}>" becomes the name it stands for now; anything else is itself.
 */
AUK_MUST_CHECK auk_code auk_index_name_resolve(auk_span expression, auk_arena *arena, auk_span *out,
                                               auk_error *err);

/* ---- indices ---- */

/* body: {"settings": ..., "mappings": ..., "aliases": ...} or NULL. */
AUK_MUST_CHECK auk_code auk_catalog_create_index(auk_catalog *catalog, auk_span name,
                                                 const auk_json *body, auk_error *err);
/* The same, telling the name that came of an expression with a date; *made is in the arena. */
AUK_MUST_CHECK auk_code auk_catalog_make_index(auk_catalog *catalog, auk_span expression,
                                               const auk_json *body, auk_arena *arena,
                                               auk_span *made, auk_error *err);
AUK_MUST_CHECK auk_code auk_catalog_delete_indices(auk_catalog *catalog, const auk_span *names,
                                                   uint32_t count, auk_error *err);
/* Opens one that could not be opened at the start, when what it needs is there again; one that is
 * open stays so. */
AUK_MUST_CHECK auk_code auk_catalog_reopen_index(auk_catalog *catalog, auk_span name,
                                                 auk_error *err);
uint32_t auk_index_view_primaries(const auk_index_view *view); /* also of one that is not open */
/* PUT _mapping */
AUK_MUST_CHECK auk_code auk_catalog_put_mapping(auk_catalog *catalog, auk_span index,
                                                const auk_json *body, auk_error *err);
/* PUT _settings of all these indices or of none; nulls reset. Static ones change only where the
 * index is closed, or with reopen. preserve_existing as in Elasticsearch. */
typedef struct auk_settings_change {
    const auk_span *indices;
    uint32_t index_count;
    const auk_json *body;
    bool preserve_existing, reopen;
} auk_settings_change;
AUK_MUST_CHECK auk_code auk_catalog_change_settings(auk_catalog *catalog,
                                                    const auk_settings_change *change,
                                                    auk_error *err);
AUK_MUST_CHECK auk_code auk_catalog_put_settings(auk_catalog *catalog, auk_span index,
                                                 const auk_json *body, bool preserve_existing,
                                                 auk_error *err);
/* When it returns, no write that was on its way can still come: a closed index keeps its documents
 * and answers nothing but questions about what it is. */
AUK_MUST_CHECK auk_code auk_catalog_set_closed(auk_catalog *catalog, const auk_span *indices,
                                               uint32_t count, bool closed, auk_error *err);
/* POST _aliases: {"actions": [{"add": {...}}, {"remove": {...}}, {"remove_index": {...}}]}, all or
 * nothing. */
AUK_MUST_CHECK auk_code auk_catalog_update_aliases(auk_catalog *catalog, const auk_json *body,
                                                   auk_error *err);
/* The same, telling of each action whether it found no alias to remove; only such ones are none. */
AUK_MUST_CHECK auk_code auk_catalog_change_aliases(auk_catalog *catalog, const auk_json *body,
                                                   auk_arena *arena, bool **missed, auk_error *err);

/* "name": {options}, as GET _alias shows it */
void auk_alias_write(const auk_alias *alias, auk_json_writer *out);

/* {"persistent": {...}, "transient": {...}}; write puts both members, flat or nested, and a third,
 * "defaults", when asked to. */
AUK_MUST_CHECK auk_code auk_catalog_put_cluster_settings(auk_catalog *catalog, const auk_json *body,
                                                         auk_error *err);
void auk_catalog_write_cluster_settings(auk_catalog *catalog, bool flat, bool defaults,
                                        auk_json_writer *out);
/* The value in force: transient, persistent, built in. Copied into the arena. */
auk_span auk_catalog_cluster_setting(auk_catalog *catalog, auk_span key, auk_arena *arena);

/* What they say to searches; takes no lock. */
typedef struct auk_search_limits {
    uint32_t max_buckets, max_scrolls;
    int64_t timeout_ms; /* of a request that names none; -1: none */
} auk_search_limits;
auk_search_limits auk_catalog_search_limits(const auk_catalog *catalog);

/* ---- named sets of synonyms ---- */

#define AUK_SYNONYM_RULES_MOST 10000 /* of a set */

typedef struct auk_synonym_rule {
    auk_span id; /* given empty: made */
    auk_span synonyms;
} auk_synonym_rule;

typedef struct auk_synonym_summary {
    auk_span name;
    uint32_t count;
} auk_synonym_summary;

/* An index whose searches now run by new rules. */
typedef struct auk_reloaded {
    auk_span index;
    auk_span *analyzers;
    uint32_t analyzer_count;
} auk_reloaded;

/*
 * A change is compiled for every index that uses the set before it is written, synced, and then
 * shown to searches; one that does not compile changes nothing. *found: the set (the rule) was
 * there before. Results are in the arena.
 */
typedef struct auk_synonym_change {
    bool found;
    auk_reloaded *reloaded;
    uint32_t reloaded_count;
} auk_synonym_change;
AUK_MUST_CHECK auk_code auk_catalog_put_synonyms(auk_catalog *catalog, auk_span set,
                                                 const auk_synonym_rule *rules, uint32_t count,
                                                 auk_arena *arena, auk_synonym_change *out,
                                                 auk_error *err);
AUK_MUST_CHECK auk_code auk_catalog_put_synonym_rule(auk_catalog *catalog, auk_span set,
                                                     const auk_synonym_rule *rule, auk_arena *arena,
                                                     auk_synonym_change *out, auk_error *err);
AUK_MUST_CHECK auk_code auk_catalog_delete_synonym_rule(auk_catalog *catalog, auk_span set,
                                                        auk_span rule, auk_arena *arena,
                                                        auk_synonym_change *out, auk_error *err);
/* Refused while an index uses it. */
AUK_MUST_CHECK auk_code auk_catalog_delete_synonyms(auk_catalog *catalog, auk_span set,
                                                    auk_error *err);
/* Rules by id; sets by name. */
AUK_MUST_CHECK auk_code auk_catalog_get_synonyms(auk_catalog *catalog, auk_span set,
                                                 auk_arena *arena, auk_synonym_rule **rules,
                                                 uint32_t *count, auk_error *err);
void auk_catalog_list_synonyms(auk_catalog *catalog, auk_arena *arena, auk_synonym_summary **out,
                               uint32_t *count);
/* A chain of one's own, as auk_analyzer_build has it, that may name sets. */
AUK_MUST_CHECK auk_code auk_catalog_build_analyzer(auk_catalog *catalog, const auk_settings *spec,
                                                   auk_analysis *analysis, auk_analyzer **out,
                                                   auk_error *err);
/* Compiles the updateable filters of the indices anew: files, and sets. */
AUK_MUST_CHECK auk_code auk_catalog_reload_analyzers(auk_catalog *catalog, const auk_span *indices,
                                                     uint32_t index_count, auk_arena *arena,
                                                     auk_reloaded **out, uint32_t *count,
                                                     auk_error *err);

/* JSON in either form (nested, dotted keys) laid over what is there; a null removes. */
AUK_MUST_CHECK auk_code auk_settings_from_json(const auk_json *object, auk_settings *into,
                                               auk_error *err);
/* {"index": {...}} nested with string values as GET _settings shows, or flat keys. name_patterns: a
 * list of patterns, or empty for all. */
void auk_settings_write(const auk_settings *settings, auk_span name_patterns, bool flat,
                        auk_json_writer *out);
/* Index settings that are not among `settings`, with the values that hold for them. */
auk_settings *auk_index_settings_defaults(const auk_settings *settings);

/* ---- documents ---- */

typedef enum auk_write_kind {
    AUK_WRITE_INDEX,
    AUK_WRITE_CREATE,
    AUK_WRITE_UPDATE,
    AUK_WRITE_DELETE
} auk_write_kind;

/* One item of a bulk, or one request on a document. */
typedef struct auk_write {
    auk_write_kind kind;
    auk_span index; /* index or alias; created when absent (action.auto_create_index) */
    auk_span id;    /* empty: generated (index, create) */
    auk_span routing;
    auk_span source; /* index, create: the document; update: the body {"doc": ..., "upsert": ...} */
    bool source_is_padded;
    auk_version_type version_type;
    int64_t version;
    int64_t if_seq_no; /* -1: not asked */
    int64_t if_primary_term;
    uint32_t retry_on_conflict;
    bool require_alias;
    bool want_source; /* update: answer the new source */
    bool
        as_owner; /* also into an index that stands by (generation.h); the same for all of a call */
} auk_write;

typedef struct auk_written {
    auk_failure error; /* its words are in the arena */
    auk_result result;
    auk_span index, id; /* concrete index; in the arena */
    int64_t seq_no, primary_term, version;
    auk_span source; /* when wanted */
    uint32_t shard;
} auk_written;

typedef enum auk_refresh_policy {
    AUK_REFRESH_NONE,
    AUK_REFRESH_NOW,
    AUK_REFRESH_WAIT
} auk_refresh_policy;

void auk_write_init(auk_write *write); /* defaults: -1, 0, false */

/* Runs all items, grouped by shard, in order for each document; durable on return as the index's
 * durability says. Fails as a whole only with AUK_BUSY, or AUK_FULL when the disk is, and then
 * nothing was applied: memory is charged and the disk looked at before the first item. */
AUK_MUST_CHECK auk_code auk_catalog_write(auk_catalog *catalog, const auk_write *writes,
                                          uint32_t count, auk_refresh_policy refresh,
                                          auk_arena *arena, auk_written *out, auk_error *err);

/* As of now. index may be an alias of one index. *found false: no such document (the index exists).
 */
AUK_MUST_CHECK auk_code auk_catalog_get(auk_catalog *catalog, auk_span index, auk_span id,
                                        auk_span routing, auk_arena *arena,
                                        auk_span *concrete_index, auk_shard_document *out,
                                        bool *found, auk_error *err);

/* Elasticsearch's routing: murmur3 of the routing or id over the shard count. */
uint32_t auk_route_shard(auk_span routing_or_id, uint32_t shard_count);

/* ---- maintenance, for every shard of one index ---- */

AUK_MUST_CHECK auk_code auk_index_refresh(auk_index *index, auk_error *err);
/*
 * refresh=wait_for without a thread that sleeps: a ticket for what was applied before, and whether
 * a refresh that shows it is done. An index that no timer refreshes is refreshed at once.
 */
AUK_MUST_CHECK auk_code auk_index_refresh_ticket(auk_index *index, uint64_t *ticket,
                                                 auk_error *err);
bool auk_index_refresh_reached(auk_index *index, uint64_t ticket);
/* A count beyond the root's, for who comes back to an index later. */
auk_index *auk_index_acquire(auk_index *index);
void auk_index_release(auk_index *index);
AUK_MUST_CHECK auk_code auk_index_flush(auk_index *index, auk_error *err);
AUK_MUST_CHECK auk_code auk_index_force_merge(auk_index *index, uint32_t max_segments, bool expunge,
                                              auk_error *err);
uint32_t auk_index_shard_count(const auk_index *index);
void auk_index_read_stats(const auk_index *index, uint32_t shard, auk_shard_stats *out);
void auk_index_read_health(auk_index *index, uint32_t shard, auk_shard_health *out);
/*
 * Before a search: says that somebody reads the index (refreshes by timer happen only then, unless
 * the user chose an interval). The first search after index.search.idle.after refreshes here; true:
 * take the root again.
 */
bool auk_index_wake(auk_index *index);
/* After a search, for the statistics. */
void auk_index_note_search(auk_index *index, uint64_t took_us);
void auk_index_read_search_stats(const auk_index *index, uint64_t *count, uint64_t *time_us);

#endif
