/* check.c - every record of the catalog and every shard, without opening any for use. */
#include "auk/catalog_check.h"

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "auk/varint.h"
#include "catalog_private.h"

typedef struct shard_range {
    uint32_t from, to;
} shard_range;

typedef struct inspection {
    auk_store *store;
    const auk_check_watcher *watcher; /* of a check */
    auk_findings *findings;
    auk_check_sums sums;
    bool repairs;
    auk_arena *arena;
    uint64_t next_shard;
    shard_range *ranges; /* of the shards that indices own */
    uint32_t range_count, range_capacity;
    auk_span *uuids; /* of the indices that were read */
    uint32_t uuid_capacity;
    auk_buffer named; /* segments */
    auk_batch *batch; /* removals */
} inspection;

#define damaged(x, where, ...)                                                                     \
    auk_findings_add((x)->findings, AUK_FINDING_DAMAGE, where, __VA_ARGS__)

/* ---- records ---- */

/* A record as a tree in the arena; false: absent, or damaged and told. */
static bool read_record(inspection *x, const char *key, const auk_json **out)
{
    auk_buffer value;
    auk_error err = {0};
    bool found = false;
    auk_buffer_init(&value, AUK_BUFFER_NO_LIMIT);
    auk_code code =
        auk_store_get(x->store, AUK_FAMILY_CATALOG, auk_span_of(key), &value, &found, &err);
    if (code == AUK_OK && found)
        code = auk_json_parse_own(auk_arena_copy(x->arena, auk_buffer_span(&value)), x->arena, out,
                                  &err);
    auk_buffer_deinit(&value);
    if (code != AUK_OK)
        damaged(x, key, "%s", err.message);
    return code == AUK_OK && found;
}

/* The node's record says how far shards are numbered. Without it the store is empty, or damaged. */
static auk_code read_node(inspection *x, auk_error *err)
{
    const auk_json *record;
    int64_t format = 0, next = -1;
    x->next_shard = UINT32_MAX;
    if (!read_record(x, "node", &record))
        return AUK_OK;
    if (auk_json_to_int64(auk_json_get(record, "format"), &format) && format > 1)
        return auk_fail(err, AUK_INVALID, AUK_FORMAT_WORDS, (long long)format, AUK_VERSION);
    if (format != 1 || !auk_json_to_int64(auk_json_get(record, "next_shard"), &next) || next < 0)
        damaged(x, "node", "the record of the node is damaged");
    else
        x->next_shard = (uint64_t)next;
    return AUK_OK;
}

static bool find_no_rules(void *context, auk_span name, const auk_span **rules, size_t *count)
{
    (void)context;
    (void)name;
    *rules = NULL;
    *count = 0;
    return true;
}

/* For its fields' numbers only: files and sets of synonyms that its analyzers name may be
 * elsewhere, so that failing at them says nothing about this directory. *out NULL: not known. */
static void compile_mapping(inspection *x, const auk_definition *definition, const auk_json *body,
                            const char *where, auk_mapping **out)
{
    auk_analysis *analysis;
    auk_error err = {0};
    auk_synonym_sets sets = {.find = find_no_rules};
    auk_code code = auk_analysis_create_with(definition->settings, &sets, &analysis, &err);
    if (code == AUK_OK) {
        code = auk_mapping_create(body, definition->settings, analysis, out, &err);
        auk_analysis_release(analysis);
    }
    if (code != AUK_OK)
        auk_findings_add(x->findings, AUK_FINDING_NOTE, where,
                         "its fields were not compared with its mapping: %s", err.message);
}

static auk_code read_mapping(inspection *x, const auk_definition *definition, const char *where,
                             auk_mapping **out, auk_error *err)
{
    const auk_json *body = NULL;
    auk_span key = auk_catalog_key(x->arena, "mapping/", definition->uuid);
    auk_buffer value;
    bool found = false;
    auk_buffer_init(&value, AUK_BUFFER_NO_LIMIT);
    auk_code code = auk_store_get(x->store, AUK_FAMILY_CATALOG, key, &value, &found, err);
    if (code == AUK_OK && !found)
        code = auk_fail(err, AUK_CORRUPT, "the mapping is missing");
    if (code == AUK_OK)
        code = auk_json_parse_own(auk_arena_copy(x->arena, auk_buffer_span(&value)), x->arena,
                                  &body, err);
    auk_buffer_deinit(&value);
    if (code == AUK_OK)
        compile_mapping(x, definition, body, where, out);
    return code;
}

/* ---- what is owned ---- */

static void *grow(void *items, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? 2 * *capacity : 16;
    items = realloc(items, *capacity * size);
    if (items == NULL)
        auk_fatal("out of memory");
    return items;
}

static void own(inspection *x, const auk_definition *definition, const char *where)
{
    shard_range range = {definition->first_shard,
                         definition->first_shard + auk_index_settings_shards(definition->settings)};
    if (range.to > x->next_shard)
        damaged(x, where, "has shard %u of the node, which gave out %" PRIu64, range.to - 1,
                x->next_shard);
    for (uint32_t i = 0; i < x->range_count; i++)
        if (range.from < x->ranges[i].to && x->ranges[i].from < range.to)
            damaged(x, where, "shares a shard with another index");
    x->ranges = grow(x->ranges, x->range_count, &x->range_capacity, sizeof *x->ranges);
    x->uuids = grow(x->uuids, x->range_count, &x->uuid_capacity, sizeof *x->uuids);
    x->uuids[x->range_count] = auk_arena_copy(x->arena, definition->uuid);
    x->ranges[x->range_count++] = range;
}

static bool is_owned(const inspection *x, uint32_t shard)
{
    for (uint32_t i = 0; i < x->range_count; i++)
        if (shard >= x->ranges[i].from && shard < x->ranges[i].to)
            return true;
    return false;
}

/* ---- indices ---- */

static void add_sums(inspection *x, const auk_checked_shard *checked)
{
    x->sums.shards++;
    x->sums.segments += checked->segment_count;
    x->sums.documents += checked->live_count;
    x->sums.deleted += checked->deleted_count;
    x->sums.journal_operations += checked->journal_operations;
}

static bool is_whole(const auk_checked_shard *checked)
{
    for (uint32_t i = 0; i < checked->segment_count; i++)
        if (!checked->segments[i].is_sound)
            return false;
    return true;
}

static auk_code inspect_shard(inspection *x, const auk_definition *definition, uint32_t number,
                              const auk_mapping *mapping, auk_error *err)
{
    char where[288];
    auk_checked_shard checked;
    auk_code code = AUK_OK;
    (void)snprintf(where, sizeof where, "index [%.*s] shard [%u]", AUK_SPAN_ARG(definition->name),
                   number);
    auk_shard_subject subject = {.store = x->store,
                                 .id = definition->first_shard + number,
                                 .where = where,
                                 .mapping = mapping,
                                 .with_files = x->repairs,
                                 .findings = x->findings};
    auk_findings quiet = {0};
    if (x->repairs)
        subject.findings = &quiet;
    auk_shard_check(&subject, &checked);
    subject.findings = x->findings;
    if (x->repairs && (quiet.count[AUK_FINDING_DAMAGE] > 0 || !is_whole(&checked)))
        code = auk_shard_repair(&subject, &checked, err);
    add_sums(x, &checked);
    if (x->watcher != NULL && x->watcher->shard != NULL)
        x->watcher->shard(x->watcher->context, definition->name, number, &checked);
    auk_checked_shard_deinit(&checked);
    return code;
}

/* An index without a mapping is one whose fields are unknown: what it had is lost with it. */
static void lose_index(inspection *x, auk_span key, const char *where, const char *why)
{
    if (!x->repairs) {
        damaged(x, where, "%s", why);
        return;
    }
    auk_findings_add(x->findings, AUK_FINDING_LOST, where, "the whole index: %s", why);
    auk_batch_delete(x->batch, AUK_FAMILY_CATALOG, key);
}

static auk_code inspect_index(inspection *x, auk_span key, auk_span record, auk_error *err)
{
    auk_definition *definition;
    auk_mapping *mapping = NULL;
    auk_error why = {0};
    char where[280];
    auk_span name = auk_span_from(key, strlen("index/"));
    (void)snprintf(where, sizeof where, "index [%.*s]", AUK_SPAN_ARG(name));
    if (auk_definition_read(name, record, &definition, &why) != AUK_OK) {
        lose_index(x, key, where, why.message);
        return AUK_OK;
    }
    if (read_mapping(x, definition, where, &mapping, &why) != AUK_OK) {
        lose_index(x, key, where, why.message);
        auk_definition_release(definition);
        return AUK_OK;
    }
    own(x, definition, where);
    x->sums.indices++;
    auk_code code = AUK_OK;
    uint32_t shards = auk_index_settings_shards(definition->settings);
    for (uint32_t i = 0; i < shards && code == AUK_OK; i++)
        code = inspect_shard(x, definition, i, mapping, err);
    auk_mapping_release(mapping);
    auk_definition_release(definition);
    return code;
}

/* The names first: a repair writes while it walks. */
static auk_code inspect_indices(inspection *x, auk_error *err)
{
    auk_span key, value, prefix = AUK_SPAN("index/");
    auk_error why = {0};
    uint32_t count = 0, capacity = 0;
    auk_span *pairs = NULL;
    auk_store_cursor *cursor =
        auk_store_scan(x->store, AUK_FAMILY_CATALOG, prefix, AUK_SPAN("index0"));
    while (auk_store_cursor_next(cursor, &key, &value)) {
        pairs = grow(pairs, count + 1, &capacity, sizeof *pairs);
        pairs[count++] = auk_arena_copy(x->arena, key);
        pairs = grow(pairs, count + 1, &capacity, sizeof *pairs);
        pairs[count++] = auk_arena_copy(x->arena, value);
    }
    if (auk_store_cursor_status(cursor, &why) != AUK_OK)
        damaged(x, "catalog", "%s", why.message);
    auk_store_cursor_close(cursor);
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < count && code == AUK_OK; i += 2)
        code = inspect_index(x, pairs[i], pairs[i + 1], err);
    free(pairs);
    return code;
}

/* ---- what belongs to nothing ---- */

static void tell_stray(inspection *x, const char *where, uint64_t count, const char *what)
{
    if (count == 0)
        return;
    auk_findings_add(x->findings, x->repairs ? AUK_FINDING_REPAIRED : AUK_FINDING_DAMAGE, where,
                     "%" PRIu64 " %s%s", count, what, x->repairs ? ": removed" : "");
}

static void inspect_family(inspection *x, auk_family family, const char *where)
{
    auk_span key, value;
    uint32_t shard;
    uint64_t strays = 0;
    auk_store_cursor *cursor = auk_store_scan(x->store, family, (auk_span){0}, (auk_span){0});
    while (auk_store_cursor_next(cursor, &key, &value)) {
        if (auk_shard_of_key(key, &shard) && is_owned(x, shard))
            continue;
        strays++;
        auk_batch_delete(x->batch, family, key);
    }
    auk_store_cursor_close(cursor); /* its failure was told with the shards */
    tell_stray(x, where, strays, "records of shards that no index has");
}

static void inspect_mappings(inspection *x)
{
    auk_span key, value, prefix = AUK_SPAN("mapping/");
    uint64_t strays = 0;
    auk_store_cursor *cursor =
        auk_store_scan(x->store, AUK_FAMILY_CATALOG, prefix, AUK_SPAN("mapping0"));
    while (auk_store_cursor_next(cursor, &key, &value)) {
        bool owned = false;
        for (uint32_t i = 0; i < x->range_count && !owned; i++)
            owned = auk_span_equal(auk_span_from(key, prefix.size), x->uuids[i]);
        strays += !owned;
        if (!owned)
            auk_batch_delete(x->batch, AUK_FAMILY_CATALOG, key);
    }
    auk_store_cursor_close(cursor);
    tell_stray(x, "catalog", strays, "mappings that no index has");
}

/* What a crash leaves between ingest and manifest: the next start removes it, so it is no damage.
 */
static auk_code inspect_segments(inspection *x, auk_error *err)
{
    auk_buffer all;
    size_t dropped = 0;
    auk_buffer_init(&all, AUK_BUFFER_NO_LIMIT);
    auk_code code = auk_shard_named_segments(x->store, &x->named, err);
    const uint64_t *named = (const uint64_t *)(const void *)x->named.data;
    size_t named_count = x->named.size / sizeof *named;
    if (code == AUK_OK && x->repairs)
        code = auk_store_drop_orphans(x->store, named, named_count, &dropped, err);
    else if (code == AUK_OK)
        code = auk_store_list_segments(x->store, &all, err);
    for (size_t i = 0; code == AUK_OK && i < all.size / sizeof *named; i++) {
        uint64_t id = auk_load_u64(all.data + i * sizeof *named);
        bool is_named = false;
        for (size_t k = 0; k < named_count && !is_named; k++)
            is_named = named[k] == id;
        dropped += !is_named;
    }
    if (dropped > 0)
        auk_findings_add(x->findings, x->repairs ? AUK_FINDING_REPAIRED : AUK_FINDING_NOTE,
                         "segments", "%zu that no shard names%s", dropped,
                         x->repairs ? ": removed" : "; the next start removes them");
    auk_buffer_deinit(&all);
    return code;
}

/* ---- all ---- */

static auk_code inspect(inspection *x, const char *directory, auk_error *err)
{
    auk_store_options options = {.mode = x->repairs ? AUK_STORE_REPAIR : AUK_STORE_INSPECT};
    auk_code code = auk_store_open(directory, &options, &x->store, err);
    if (code != AUK_OK)
        return code;
    x->arena = auk_arena_create(1 << 16);
    x->batch = auk_batch_create();
    auk_buffer_init(&x->named, AUK_BUFFER_NO_LIMIT);
    if (x->repairs)
        code = auk_store_repair_families(x->store, x->findings, err);
    if (code == AUK_OK)
        code = read_node(x, err);
    if (code == AUK_OK)
        code = inspect_indices(x, err);
    if (code == AUK_OK) {
        inspect_family(x, AUK_FAMILY_COMMIT, "commits");
        inspect_family(x, AUK_FAMILY_JOURNAL, "journal");
        inspect_mappings(x);
        if (x->repairs)
            code = auk_store_write(x->store, x->batch, true, err);
    }
    if (code == AUK_OK)
        code = inspect_segments(x, err);
    /* Logs that were mended have gaps; what they hold goes to files, and they go. */
    if (code == AUK_OK && x->repairs)
        code = auk_store_flush(x->store, err);
    auk_buffer_deinit(&x->named);
    auk_batch_destroy(x->batch);
    auk_arena_destroy(x->arena);
    free(x->ranges);
    free(x->uuids);
    auk_store_close(x->store);
    return code;
}

auk_code auk_catalog_check(const char *directory, const auk_check_watcher *watcher,
                           auk_check_sums *sums, auk_error *err)
{
    inspection x = {.watcher = watcher, .findings = watcher->findings};
    auk_code code = auk_store_check_files(directory, x.findings, err);
    uint64_t damages = x.findings->count[AUK_FINDING_DAMAGE];
    if (code == AUK_OK)
        code = inspect(&x, directory, err);
    /* With its files damaged a store may not open at all, which says nothing new. */
    if ((code == AUK_CORRUPT || code == AUK_IO) && damages > 0)
        code = AUK_OK;
    *sums = x.sums;
    return code;
}

auk_code auk_catalog_repair(const char *directory, auk_findings *findings, auk_error *err)
{
    inspection x = {.findings = findings, .repairs = true};
    auk_code code = auk_store_repair_files(directory, findings, err);
    return code == AUK_OK ? inspect(&x, directory, err) : code;
}
