/* block.c - what an index's settings keep clients from. */
#include <stdio.h>

#include "catalog_private.h"

#define LEVEL(name)     (1u << AUK_BLOCK_##name)
#define METADATA_WRITES (LEVEL(METADATA_WRITE) | LEVEL(DELETE))

/* Elasticsearch's numbers and words. */
typedef struct block_row {
    const char *key;
    const char *status, *number, *words;
    uint32_t levels; /* that it keeps from */
} block_row;

static const block_row rows[] = {
    {"index.blocks.read_only", "FORBIDDEN", "5", "index read-only (api)",
     LEVEL(WRITE) | METADATA_WRITES},
    {"index.blocks.read", "FORBIDDEN", "7", "index read (api)", LEVEL(READ)},
    {"index.blocks.write", "FORBIDDEN", "8", "index write (api)", LEVEL(WRITE)},
    {"index.blocks.metadata", "FORBIDDEN", "9", "index metadata (api)",
     LEVEL(METADATA_READ) | METADATA_WRITES},
    {"index.blocks.read_only_allow_delete", "TOO_MANY_REQUESTS", "12",
     "disk usage exceeded flood-stage watermark, index has read-only-allow-delete block",
     LEVEL(WRITE) | LEVEL(METADATA_WRITE)},
};
static const block_row closed_row = {NULL, "FORBIDDEN", "4", "index closed",
                                     LEVEL(READ) | LEVEL(WRITE)};
#define ROWS       (sizeof rows / sizeof rows[0])
#define DISK_BLOCK (1u << (ROWS - 1)) /* has a status of its own */

uint32_t auk_blocks_of(const auk_settings *settings)
{
    uint32_t blocks = 0;
    for (unsigned i = 0; i < ROWS; i++)
        if (auk_span_is(auk_settings_text(settings, auk_span_of(rows[i].key), AUK_SPAN("")),
                        "true"))
            blocks |= 1u << i;
    return blocks;
}

auk_code auk_blocks_check(auk_span index, uint32_t blocks, auk_block_level level, auk_error *err)
{
    char words[384] = "";
    uint32_t hit = 0;
    size_t used = 0;
    for (unsigned i = 0; blocks && i < ROWS; i++) {
        if (!(blocks >> i & 1) || !(rows[i].levels >> level & 1))
            continue;
        hit |= 1u << i;
        used += (size_t)snprintf(words + used, sizeof words - used, "[%s/%s/%s];", rows[i].status,
                                 rows[i].number, rows[i].words);
    }
    if (!hit)
        return AUK_OK;
    return auk_fail_type(err, hit == DISK_BLOCK ? AUK_BUSY : AUK_FORBIDDEN,
                         "cluster_block_exception", "index [%.*s] blocked by: %s",
                         AUK_SPAN_ARG(index), words);
}

auk_code auk_index_check(const auk_index_view *view, auk_block_level level, auk_error *err)
{
    if (level == AUK_BLOCK_READ && view->unreadable[0])
        return auk_fail(err, AUK_UNAVAILABLE, "index [%.*s] cannot be read now: %s",
                        AUK_SPAN_ARG(view->name), view->unreadable);
    return view->blocks ? auk_blocks_check(view->name, view->blocks, level, err) : AUK_OK;
}

auk_code auk_definition_check(const auk_definition *definition, auk_block_level level,
                              auk_error *err)
{
    return auk_blocks_check(definition->name, auk_blocks_of(definition->settings), level, err);
}

bool auk_definition_is_shut(const auk_definition *definition)
{
    uint32_t blocks = auk_blocks_of(definition->settings);
    return definition->closed ||
           auk_blocks_check(definition->name, blocks, AUK_BLOCK_WRITE, NULL) != AUK_OK;
}

auk_code auk_fail_closed(auk_span index, auk_error *err)
{
    auk_fail_type(err, AUK_INVALID, "index_closed_exception", "closed");
    auk_hint(err, "index [%.*s] is closed, POST /%.*s/_open opens it", AUK_SPAN_ARG(index),
             AUK_SPAN_ARG(index));
    return AUK_INVALID;
}

static void write_row(const block_row *row, auk_json_writer *out)
{
    static const char *const names[] = {"read", "write", "metadata_read", "metadata_write"};
    auk_json_member_object(out, row->number);
    auk_json_member_text(out, "description", row->words);
    auk_json_member_bool(out, "retryable", false);
    auk_json_member_array(out, "levels");
    for (unsigned level = 0; level < sizeof names / sizeof names[0]; level++)
        if (row->levels >> level & 1)
            auk_json_string(out, auk_span_of(names[level]));
    auk_json_end_array(out);
    auk_json_end_object(out);
}

void auk_index_write_blocks(const auk_index_view *view, auk_json_writer *out)
{
    auk_json_begin_object(out);
    if (view->closed)
        write_row(&closed_row, out);
    for (unsigned i = 0; i < ROWS; i++)
        if (view->blocks >> i & 1)
            write_row(&rows[i], out);
    auk_json_end_object(out);
}
