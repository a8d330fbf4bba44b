/* admin.h - what the administrative families share: resolving, summing statistics, tables of text.
 */
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
void auk_selection_close(auk_call *call, auk_selection *selection);

/* Sums over the shards of an index; NULL shard counts all. */
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
