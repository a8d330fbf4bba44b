/* What happened to each table, for those who show it: by name, for as long as the applier lives. */
#include <stdlib.h>

#include "applier_private.h"

static bool is_of(const auk_table_count *count, const auk_row_table *table)
{
    return auk_span_equal(count->schema, table->schema) && auk_span_equal(count->name, table->name);
}

static auk_table_count *add(auk_applier *applier, const auk_row_table *table)
{
    auk_table_count *fresh = (auk_table_count *)calloc(1, sizeof *fresh);
    char *text = (char *)malloc(table->schema.size + table->name.size + 1);
    if (!fresh || !text)
        abort();
    fresh->schema = auk_span_make(text, table->schema.size);
    fresh->name = auk_span_make(text + table->schema.size, table->name.size);
    if (table->schema.size > 0)
        memcpy(text, table->schema.data, table->schema.size);
    if (table->name.size > 0)
        memcpy(text + table->schema.size, table->name.data, table->name.size);
    pthread_mutex_lock(&applier->lock);
    fresh->next = applier->table_counts;
    applier->table_counts = fresh;
    pthread_mutex_unlock(&applier->lock);
    return fresh;
}

auk_table_count *auk_applier_count_of(auk_applier *applier, const auk_row_table *table)
{
    for (auk_table_count *at = applier->table_counts; at; at = at->next)
        if (is_of(at, table))
            return at;
    return add(applier, table);
}

void auk_applier_each_table(auk_applier *applier,
                            void (*call)(void *context, const auk_table_changes *changes),
                            void *context)
{
    pthread_mutex_lock(&applier->lock);
    for (const auk_table_count *at = applier->table_counts; at; at = at->next) {
        auk_table_changes changes = {.schema = at->schema, .name = at->name};
        for (int i = 0; i < AUK_TABLE_CHANGES; i++)
            changes.counts[i] = __atomic_load_n(&at->counts[i], __ATOMIC_RELAXED);
        call(context, &changes);
    }
    pthread_mutex_unlock(&applier->lock);
}

void auk_applier_forget_counts(auk_applier *applier)
{
    for (auk_table_count *at = applier->table_counts; at;) {
        auk_table_count *next = at->next;
        free((void *)(uintptr_t)at->schema.data);
        free(at);
        at = next;
    }
}
