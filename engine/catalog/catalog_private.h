/*
 * catalog_private.h - the catalog's own structs.
 *
 *   admin lock (outermost)    one change to what exists at a time: create, delete, aliases, ..
 *   gate (an index)           shared by everyone who uses its shards, exclusive to close them
 *   schema lock (an index)    one mapping change at a time
 *   root lock (leaf, short)   root pointer, list of indices, each index's definition, mapping, ..
 *
 * Order: admin, gate, schema, the shards' own, root.
 *
 * Keys of the family "catalog", values are JSON with a "format" member:
 *   node              {"format":1,"cluster_uuid":..,"next_shard":..}
 *   cluster           {"format":1,"persistent":{..}}
 *   index/<name>      {"format":1,"uuid":..,"created":..,"first_shard":..,"settings":{..},
 *                      "aliases":[..]}
 *   mapping/<uuid>    the mapping with field numbers (mapping.h)
 *   synonyms/<name>   {"format":1,"rules":[{"id":..,"synonyms":..}]}
 *   template/..       template_private.h
 */
#ifndef AUK_CATALOG_PRIVATE_H
#define AUK_CATALOG_PRIVATE_H

#include <pthread.h>
#include <stdatomic.h>

#include "auk/catalog.h"
#include "auk/clock.h"
#include "auk/generation.h"
#include "auk/job.h"
#include "auk/json.h"
#include "auk/log.h"
#include "auk/publication.h"

/* Of a directory that a newer version wrote: its format, our version. */
#define AUK_FORMAT_WORDS                                                                           \
    "the data directory is written in format [%lld], this version of auk (%s) reads format [1]; "  \
    "start the version that wrote it"

/* What defines an index besides its mapping; immutable, counted. */
typedef struct auk_definition {
    atomic_uint references;
    auk_span name, uuid;
    int64_t created_ms;
    uint32_t first_shard;
    auk_settings *settings;
    auk_alias *aliases; /* sorted by name */
    uint32_t alias_count;
    bool standby; /* generation.h */
    bool closed;
    auk_span owner;     /* publication.h; empty: none */
    int64_t first_term; /* of its shards when they are new; 0: 1 */
    auk_arena *arena;
} auk_definition;

/* fence.c */
typedef struct auk_fence {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    uint32_t inside;
    bool closed;
} auk_fence;

void auk_fence_init(auk_fence *fence);
void auk_fence_deinit(auk_fence *fence);
void auk_fence_enter(auk_fence *fence); /* waits while it is closed */
void auk_fence_leave(auk_fence *fence);
void auk_fence_close(auk_fence *fence); /* returns when nobody is inside */
void auk_fence_open(auk_fence *fence);
/* Who is behind several fences enters them in the order of _sort, and who closes several closes
 * them in it: else each could wait for the other. */
void auk_fences_sort(auk_index **indices, uint32_t count);
void auk_fences_close(auk_index **indices, uint32_t count); /* sorts them */
void auk_fences_open(auk_index *const *indices, uint32_t count);

/* Rules under one name; immutable. */
typedef struct auk_synonym_set {
    auk_span name;
    auk_synonym_rule *rules; /* by id */
    auk_span *lines;         /* their texts, in that order */
    uint32_t count;
    auk_arena *arena; /* holds itself too */
} auk_synonym_set;

typedef struct auk_shard_slot {
    auk_index *index;
    uint32_t number;
} auk_shard_slot;

typedef struct auk_index_view_counted {
    auk_index_view view; /* first, so that the public pointer is ours too */
    atomic_uint references;
    auk_definition *definition;
} auk_index_view_counted;

struct auk_index {
    atomic_uint references;
    auk_catalog *catalog;
    pthread_mutex_t schema_lock;
    pthread_rwlock_t gate;
    atomic_bool deleted; /* set before the gate is taken exclusively: nobody enters any more */
    auk_shard **shards;
    auk_shard_slot *slots;
    uint32_t shard_count;
    /* name, uuid, first_shard. Only a switch of generations changes the name, once. */
    _Atomic(auk_definition *) identity;
    auk_definition *former; /* the identity before; NULL: never renamed */
    auk_error *unopened;    /* why it has no shards; NULL: it has. Never changes */
    auk_fence fence;        /* around writes by clients; inside the gate */
    /* As the definition; looked at inside the fence. */
    atomic_bool standby;
    atomic_bool shut;       /* closed, or blocked for writes */
    atomic_bool owned;      /* by somebody else than clients */
    atomic_bool has_unseen; /* durable steps of its owner wait to be shown */

    /* root lock */
    auk_definition *definition;
    auk_mapping *mapping;
    auk_shard_view **views;
    auk_shard_view **next_views; /* publish.c: of shards that wait for the others; NULL: none do */
    char unreadable[AUK_UNREADABLE_SIZE]; /* why; empty: it can be read */
    auk_index_view_counted *current;      /* NULL: to be made anew for the next root */

    /* refresh.c */
    pthread_mutex_t refresh_lock;
    pthread_cond_t refreshed;
    uint64_t refreshes_started, refreshes_done;
    atomic_bool refresh_wanted, refresh_queued;
    atomic_uint_least64_t last_refresh_us;
    atomic_uint_least64_t last_search_us; /* 0: never */
    atomic_uint_least64_t search_total, search_time_us;
};

typedef struct auk_root_counted {
    auk_root root; /* first */
    atomic_uint references;
} auk_root_counted;

struct auk_catalog {
    auk_store *store;
    auk_jobs *jobs;
    auk_budget *budget;
    auk_pool *write_pool, *background, *merge_pool;
    auk_span cluster_name, cluster_uuid;
    auk_arena *arena;

    pthread_mutex_t admin_lock;
    uint32_t next_shard;                  /* admin lock */
    auk_settings *persistent, *transient; /* admin lock */
    auk_synonym_set **synonym_sets;       /* admin lock; sorted by name */
    uint32_t synonym_set_count;
    struct auk_templates *templates;      /* admin lock */
    atomic_uint max_buckets, max_scrolls; /* copies of settings, for readers without the lock */
    atomic_int_least64_t search_timeout_ms;

    pthread_mutex_t root_lock;
    auk_root_counted *root;
    auk_index **indices; /* sorted by name, one count each */
    uint32_t index_count, index_capacity;
    uint64_t generation;
    bool open; /* false while opening: publishing does not rebuild the root yet */

    auk_owner_gate owner_gate; /* write NULL: none. Changes only while nobody writes */

    pthread_mutex_t tasks_lock;
    pthread_cond_t tasks_done;
    uint32_t tasks; /* that the background pool still has to run */
    atomic_bool pressure_queued;

    pthread_t timer;
    bool timer_running;
    bool disk_was_low; /* the timer's own */
    pthread_mutex_t timer_lock;
    pthread_cond_t timer_wake;
    bool stopping;
};

/* definition.c */
auk_definition *auk_definition_create(auk_span name, auk_span uuid, int64_t created_ms,
                                      uint32_t first_shard, auk_settings *settings_taken,
                                      const auk_alias *aliases, uint32_t alias_count);
/* The same index with what may change, changed. */
auk_definition *auk_definition_next(const auk_definition *old, auk_span name,
                                    auk_settings *settings_taken, const auk_alias *aliases,
                                    uint32_t alias_count);
auk_definition *auk_definition_acquire(auk_definition *definition);
void auk_definition_release(auk_definition *definition);
void auk_definition_put(const auk_definition *definition, auk_batch *batch);
AUK_MUST_CHECK auk_code auk_definition_read(auk_span name, auk_span json, auk_definition **out,
                                            auk_error *err);
/* alias.c: the options of one alias, as in "aliases": {name: {options}} and in actions. */
AUK_MUST_CHECK auk_code auk_alias_read(auk_span name, const auk_json *options, auk_alias *out,
                                       auk_error *err);

void auk_definition_set_owner(auk_definition *definition, auk_span owner); /* before it is shown */
/* Of one document that is named by way of the alias (NULL: none): the alias's own routing. */
AUK_MUST_CHECK auk_code auk_alias_route(const auk_alias *alias, auk_span name, auk_span *routing,
                                        auk_arena *arena, auk_error *err);
const auk_alias *auk_definition_alias(const auk_definition *definition, auk_span name); /* NULL */

/* settings_json.c */
/* As auk_settings_from_json; keys get "index." in front where it is missing. */
AUK_MUST_CHECK auk_code auk_index_settings_from_json(const auk_json *object, auk_settings *into,
                                                     auk_error *err);
void auk_settings_remove_matching(auk_settings *settings, auk_span pattern);
void auk_settings_write_flat(const auk_settings *settings, auk_json_writer *out);
void auk_settings_put_all(auk_settings *into, const auk_settings *from);

/* block.c */
uint32_t auk_blocks_of(const auk_settings *settings);
bool auk_definition_is_shut(const auk_definition *definition);
AUK_MUST_CHECK auk_code auk_blocks_check(auk_span index, uint32_t blocks, auk_block_level level,
                                         auk_error *err);
AUK_MUST_CHECK auk_code auk_definition_check(const auk_definition *definition,
                                             auk_block_level level, auk_error *err);
auk_code auk_fail_closed(auk_span index, auk_error *err);

/* index_settings.c */
AUK_MUST_CHECK auk_code auk_index_settings_check(const auk_settings *settings, auk_error *err);
/* Which of the keys (settings that are given, or put back to their defaults) may not change while
 * the index is open: "[a, b]"; empty: none. */
auk_span auk_index_settings_static(const auk_span *keys, uint32_t count, auk_arena *arena);
/* May never change once the index is made. */
bool auk_index_setting_is_final(auk_span key);
/* AUK_INVALID: no such setting, or not for clients. */
AUK_MUST_CHECK auk_code auk_index_setting_check_key(auk_span key, auk_error *err);
uint32_t auk_index_settings_shards(const auk_settings *settings);
/* Microseconds; UINT64_MAX: never. *chosen: the user has set it. */
uint64_t auk_index_settings_refresh_us(const auk_settings *settings, bool *chosen);
bool auk_index_settings_async(const auk_settings *settings);
/* As auk_shard_options.reorder_from. */
uint32_t auk_index_settings_reorder_from(const auk_settings *settings);
uint64_t auk_index_settings_idle_us(const auk_settings *settings);
size_t auk_index_settings_journal_bytes(const auk_settings *settings); /* 0: the shard's own */
AUK_MUST_CHECK auk_code auk_cluster_settings_check(const auk_settings *settings, auk_error *err);
auk_span auk_cluster_settings_default(auk_span key);
auk_settings *auk_cluster_settings_defaults(const auk_settings *persistent,
                                            const auk_settings *transient);

/* cluster_settings.c; under the admin lock, or while opening */
void auk_cluster_settings_apply(auk_catalog *catalog);
int64_t auk_cluster_settings_int(const auk_catalog *catalog, const char *name);

/* name.c */
AUK_MUST_CHECK auk_code auk_index_name_check(auk_span name, auk_error *err);
AUK_MUST_CHECK auk_code auk_alias_name_check(auk_span name, auk_error *err);
auk_span auk_uuid_make(auk_arena *arena);        /* 22 characters, random */
auk_span auk_document_id_make(auk_arena *arena); /* 20 characters, time first */

/* index.c */
AUK_MUST_CHECK auk_code auk_index_open(auk_catalog *catalog, auk_definition *definition_taken,
                                       auk_mapping *mapping_taken, auk_index **out, auk_error *err);
/* One whose analysis does not compile: listed, without shards. */
auk_index *auk_index_list_unopened(auk_catalog *catalog, auk_definition *definition_taken,
                                   auk_mapping *mapping_taken, const auk_error *reason);
void auk_index_close(auk_index *index); /* takes the gate exclusively, closes the shards */
/* The same in two steps, with the same thread: nobody enters and nothing is under way any more;
 * then either it is closed, or all is as it was. */
void auk_index_hold(auk_index *index);
void auk_index_close_held(auk_index *index);
void auk_index_let_go(auk_index *index);
void auk_index_stop(auk_index *index); /* before that: no merge is worth waiting for any more */
void auk_index_apply_settings(auk_index *index);
void auk_mapping_put(const auk_mapping *mapping, auk_span uuid, auk_batch *batch);
auk_span auk_catalog_key(auk_arena *arena, const char *kind, auk_span name);
/* A mapping of the same fields under the settings in force (limits, defaults of parameters) and
 * that analysis; NULL: the one it has. */
AUK_MUST_CHECK auk_code auk_index_remap(auk_index *index, const auk_analysis *analysis,
                                        auk_error *err);
/* Would it be taken under those settings? */
AUK_MUST_CHECK auk_code auk_index_try_mapping(auk_index *index, const auk_settings *settings,
                                              const auk_analysis *analysis, auk_error *err);
/* What its shards publish from now on is kept for the next _show (publish.c). */
void auk_index_hold_views(auk_index *index);
AUK_MUST_CHECK auk_code auk_index_extend(auk_index *index, const auk_json *body, bool sync,
                                         auk_mapping **out, auk_error *err);

/* open.c */
AUK_MUST_CHECK auk_code auk_catalog_open_indices(auk_catalog *catalog, auk_arena *arena,
                                                 auk_error *err);
/* AUK_UNAVAILABLE with the reason, and what helps. */
auk_code auk_index_refuse_unopened(auk_span name, const auk_error *reason, auk_error *err);

/* catalog.c: copied into the arena. */
AUK_MUST_CHECK auk_code auk_catalog_read_key(auk_catalog *catalog, auk_span key, auk_arena *arena,
                                             auk_span *out, bool *found, auk_error *err);

/* root.c; all under the root lock, except _index_view_release */
void auk_root_rebuild(auk_catalog *catalog);
void auk_root_list(auk_catalog *catalog, auk_index *index); /* takes a count */
void auk_root_unlist(auk_catalog *catalog, auk_index *index);
auk_index *auk_root_index(auk_catalog *catalog, auk_span name); /* borrowed; NULL */
void auk_root_touch(auk_index *index); /* its view is made anew at the next rebuild */
void auk_index_view_release(auk_index_view_counted *view);

/* synonym_sets.c; under the admin lock, or while opening */
AUK_MUST_CHECK auk_code auk_synonym_sets_read(auk_catalog *catalog, auk_error *err);
void auk_synonym_sets_destroy(auk_catalog *catalog);
/* The analysis of an index's settings, with the sets that there are; `changed` stands in for the
 * one of its name (NULL: none). */
AUK_MUST_CHECK auk_code auk_catalog_analysis(auk_catalog *catalog, const auk_settings *settings,
                                             const auk_synonym_set *changed, auk_analysis **out,
                                             auk_error *err);

/* reload_analyzers.c; under the admin lock: all or none. The names of what was reloaded. */
typedef struct auk_reloading {
    auk_index **indices; /* counted */
    auk_analysis **analyses;
    uint32_t count;
} auk_reloading;
/* Compiles anew what uses the set, or, changed NULL, what is updateable in the indices named. */
AUK_MUST_CHECK auk_code auk_reloading_prepare(auk_catalog *catalog, const auk_synonym_set *changed,
                                              const auk_span *names, uint32_t name_count,
                                              auk_reloading *out, auk_error *err);
AUK_MUST_CHECK auk_code auk_reloading_apply(auk_reloading *reloading, auk_span set,
                                            auk_arena *arena, auk_reloaded **out, uint32_t *count,
                                            auk_error *err);
void auk_reloading_end(auk_reloading *reloading);
/* Has the index a filter that takes its rules from the set? */
bool auk_settings_use_synonyms(const auk_settings *settings, auk_span set);

/* admin.c; under the admin lock */
AUK_MUST_CHECK auk_code auk_admin_name_is_free(auk_catalog *catalog, auk_span name, auk_error *err);
/* An alias that leaves another index for the new one in the same step (rollover.c). */
typedef struct auk_alias_move {
    auk_index *from;
    auk_definition *left; /* of `from`, as it will be; taken */
    auk_alias alias;      /* of the new one */
} auk_alias_move;
/* An index to be made. */
typedef struct auk_index_request {
    auk_span name, provided; /* provided: as the client wrote it */
    const auk_json *body;
    bool standby;
    const auk_alias_move *move; /* NULL: none */
} auk_index_request;
/* *out, when wanted, is acquired. */
AUK_MUST_CHECK auk_code auk_admin_create(auk_catalog *catalog, const auk_index_request *request,
                                         auk_arena *arena, auk_index **out, auk_error *err);
AUK_MUST_CHECK auk_code auk_admin_apply(auk_catalog *catalog, auk_index **victims,
                                        uint32_t victim_count, auk_index **changed,
                                        auk_definition **definitions, uint32_t changed_count,
                                        auk_error *err);
/* Would an index be made of it? */
AUK_MUST_CHECK auk_code auk_admin_check_body(auk_catalog *catalog, const auk_json *body,
                                             auk_error *err);
void auk_admin_put_node(auk_catalog *catalog, auk_batch *batch);

/* These two take the admin lock. May a write make an index of that name? */
AUK_MUST_CHECK auk_code auk_admin_may_make(auk_catalog *catalog, auk_span name, auk_error *err);
AUK_MUST_CHECK auk_code auk_admin_make_named(auk_catalog *catalog, auk_span name, auk_span provided,
                                             const auk_json *body, auk_error *err);

/* timer.c */
AUK_MUST_CHECK auk_code auk_timer_start(auk_catalog *catalog, auk_error *err);
void auk_timer_stop(auk_catalog *catalog);
/* Each acquired; the array is the caller's to free. */
auk_index **auk_catalog_list_indices(auk_catalog *catalog, uint32_t *count);

/* refresh.c */
AUK_MUST_CHECK auk_code auk_index_refresh_wait(auk_index *index, auk_error *err);
void auk_index_refresh_when_due(auk_index *index, uint64_t now_us);

/* tasks.c */

/* Runs on the background pool; false: it is full. */
bool auk_tasks_submit(auk_catalog *catalog, auk_task run, void *context);
/* Returns when none is queued or runs; the timer has stopped. */
void auk_tasks_drain(auk_catalog *catalog);

/* pressure.c: has the greatest shard flushed when all together hold too much */
void auk_pressure_relieve(auk_catalog *catalog, auk_index *const *indices, uint32_t count);

/* update.c */
AUK_MUST_CHECK auk_code auk_update_prepare(const auk_write *write,
                                           const auk_shard_document *current, auk_arena *arena,
                                           auk_operation *operation, bool *noop, auk_error *err);

#endif
