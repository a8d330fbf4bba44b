/* shard_support.h - a shard in a directory of its own, with a mapping that grows in memory. */
#ifndef AUK_SHARD_SUPPORT_H
#define AUK_SHARD_SUPPORT_H

#include <pthread.h>

#include "auk/shard.h"

#include "store_support.h"

typedef struct support_index {
    char *directory;
    auk_arena *arena; /* words of failed writes */
    auk_store *store;
    auk_pool *pool;     /* may be NULL */
    auk_budget *budget; /* likewise */
    auk_analysis *analysis;
    auk_settings *settings;
    auk_shard_options options;
    auk_shard *shard;
    pthread_mutex_t lock; /* mapping and view */
    auk_mapping *mapping;
    auk_shard_view *view;
    uint32_t published;
} support_index;

/* mapping: JSON or NULL. Opens the shard too. */
void support_index_init(support_index *index, const char *mapping, const auk_shard_options *options,
                        auk_pool *pool);
/* With a budget, and no pool. */
void support_index_init_budget(support_index *index, const char *mapping,
                               const auk_shard_options *options, auk_budget *budget);
/* The same over a directory that may hold a shard already. */
void support_index_init_at(support_index *index, char *directory, const char *mapping,
                           const auk_shard_options *options, auk_pool *pool);
void support_index_deinit(support_index *index); /* removes the directory */
void support_index_close(
    support_index *index); /* as a crash would leave it, but the mapping stays */
void support_index_open(support_index *index);

auk_shard_view *support_view(support_index *index); /* acquired */

/* One operation; the outcome's error is the answer. */
auk_outcome support_write(support_index *index, const auk_operation *operation);
auk_outcome support_put_document(support_index *index, const char *id, const char *source);
auk_outcome support_delete_document(support_index *index, const char *id);
/* Fails the test unless the document is there with that source (NULL: is absent). */
void support_expect(support_index *index, const char *id, const char *source);
void support_refresh(support_index *index);

/* Live documents of the view that have the term; UINT32_MAX: the field has no number. */
uint32_t support_count(support_index *index, const char *field, auk_span term);

typedef void (*support_visit)(void *context, const auk_stored_document *document, int64_t seq_no,
                              int64_t version);
/* Every live document of the view. */
void support_each(const auk_shard_view *view, support_visit visit, void *context);

#endif
