#include <inttypes.h>
#include <stdlib.h>

#include "applier_private.h"

#define KEY_SIZE_MOST ((size_t)1 << 20)

/* ---- open, close ---- */

static auk_span owner_of(auk_span name)
{
    auk_buffer text;
    size_t size;
    auk_buffer_init(&text, 4096);
    auk_buffer_append_text(&text, "sync:");
    auk_buffer_append(&text, name);
    char *bytes = auk_buffer_take(&text, &size);
    return auk_span_make(bytes, size);
}

static auk_applier *create(const auk_applier_options *options)
{
    auk_applier *applier = (auk_applier *)calloc(1, sizeof *applier);
    if (!applier)
        abort();
    applier->options = *options;
    applier->config = options->config;
    if (applier->options.group_changes_most == 0)
        applier->options.group_changes_most = AUK_GROUP_CHANGES_MOST;
    if (applier->options.step_roots_most == 0)
        applier->options.step_roots_most = AUK_STEP_ROOTS_MOST;
    applier->store = auk_catalog_store(options->catalog);
    applier->source = options->source;
    applier->owner = owner_of(options->config->name);
    applier->targets =
        (auk_target *)calloc(options->config->document_count + 1, sizeof *applier->targets);
    if (!applier->targets)
        abort();
    applier->arena = auk_arena_create(16384);
    applier->scratch = auk_arena_create(16384);
    auk_buffer_init(&applier->key, KEY_SIZE_MOST);
    auk_buffer_init(&applier->text, KEY_SIZE_MOST);
    auk_buffer_init(&applier->json, AUK_BUFFER_NO_LIMIT);
    auk_key_set_init(&applier->dirty);
    auk_key_set_init(&applier->rereads);
    auk_key_set_init(&applier->reread_gone);
    auk_key_set_init(&applier->reread_new);
    auk_key_set_init(&applier->dead);
    pthread_mutex_init(&applier->lock, NULL);
    pthread_mutex_init(&applier->publish_lock, NULL);
    return applier;
}

/* The tables that were described, laid over anew. On failure nothing changes. */
static auk_code make_model(auk_applier *applier, const auk_table *tables, uint32_t count,
                           auk_error *err)
{
    auk_arena *arena = auk_arena_create(16384);
    auk_model *model;
    auk_code code = auk_model_create(applier->config, tables, count, arena, &model, err);
    if (code != AUK_OK) {
        auk_arena_destroy(arena);
        return code;
    }
    auk_arena_destroy(applier->model_arena);
    applier->model_arena = arena;
    applier->model = model;
    return AUK_OK;
}

/* A client's update that finds something held back leaves it to whoever shows that: so it is
 * through, or has not begun. */
static auk_code show_held(const auk_applier *applier, auk_error *err)
{
    if (applier->options.locals)
        auk_locals_lock(applier->options.locals);
    auk_code code = auk_catalog_show_held(applier->options.catalog, applier->owner, err);
    if (applier->options.locals)
        auk_locals_unlock(applier->options.locals);
    return code;
}

auk_code auk_applier_open(const auk_applier_options *options, auk_applier **out, auk_error *err)
{
    auk_applier *applier = create(options);
    auk_code code = make_model(applier, NULL, 0, err);
    if (code == AUK_OK) /* what failed on a full disk may be there only then */
        code = auk_store_reopen(applier->store, err);
    if (code == AUK_OK)
        code = auk_applier_load_records(applier, err);
    if (code == AUK_OK && !applier->went_on)
        code = show_held(applier, err);
    if (code == AUK_OK)
        code = auk_chunks_open(applier->store, applier->source, applier->position.applied,
                               &applier->chunks, err);
    if (code != AUK_OK) {
        auk_applier_close(applier);
        return code;
    }
    applier->rows = auk_rows_create(applier->store, applier->source, applier->chunks);
    *out = applier;
    return AUK_OK;
}

static void forget_maps(auk_applier *applier)
{
    for (uint32_t i = 0; i < applier->map_count; i++)
        free(applier->maps[i].positions);
    applier->map_count = 0;
}

void auk_applier_close(auk_applier *applier)
{
    if (!applier)
        return;
    auk_rows_destroy(applier->rows);
    auk_chunks_close(applier->chunks);
    forget_maps(applier);
    free(applier->maps);
    for (uint32_t i = 0; i < applier->table_count; i++)
        auk_arena_destroy(applier->table_arenas[i]);
    free((void *)applier->table_arenas);
    free(applier->tables);
    auk_arena_destroy(applier->model_arena);
    for (uint32_t i = 0; i < applier->config->document_count; i++)
        free(applier->targets[i].name);
    free(applier->targets);
    free((void *)(uintptr_t)applier->owner.data);
    free(applier->commits);
    auk_arena_destroy(applier->arena);
    auk_arena_destroy(applier->scratch);
    auk_buffer_deinit(&applier->key);
    auk_buffer_deinit(&applier->text);
    auk_buffer_deinit(&applier->json);
    auk_key_set_deinit(&applier->dirty);
    auk_key_set_deinit(&applier->rereads);
    auk_key_set_deinit(&applier->reread_gone);
    auk_key_set_deinit(&applier->reread_new);
    auk_key_set_deinit(&applier->dead);
    auk_applier_forget_counts(applier);
    pthread_mutex_destroy(&applier->lock);
    pthread_mutex_destroy(&applier->publish_lock);
    free(applier);
}

/* ---- tables ---- */

static auk_table copy_table(const auk_table *table, auk_arena *arena)
{
    auk_table copy = *table;
    auk_table_column *columns = AUK_ARENA_ARRAY(arena, auk_table_column, table->column_count + 1);
    uint16_t *key = AUK_ARENA_ARRAY(arena, uint16_t, table->key_count + 1);
    for (uint32_t i = 0; i < table->column_count; i++) {
        columns[i] = table->columns[i];
        columns[i].name = auk_arena_copy(arena, table->columns[i].name);
    }
    for (uint32_t i = 0; i < table->key_count; i++)
        key[i] = table->key[i];
    copy.schema = auk_arena_copy(arena, table->schema);
    copy.name = auk_arena_copy(arena, table->name);
    copy.columns = columns;
    copy.key = key;
    return copy;
}

static uint32_t find_described(const auk_applier *applier, uint32_t id)
{
    uint32_t i = 0;
    while (i < applier->table_count && applier->tables[i].id != id)
        i++;
    return i;
}

static const auk_row_table *find_row_table(void *context, uint32_t id)
{
    auk_model_table *table = auk_model_find(((auk_applier *)context)->model, id);
    return table ? &table->row : NULL;
}

static auk_code check_table(const auk_table *table, auk_error *err)
{
    for (uint32_t i = 1; i < table->column_count; i++)
        if (table->columns[i].number <= table->columns[i - 1].number)
            return auk_fail(err, AUK_INVALID, "columns of table [%.*s] are not in their order",
                            AUK_SPAN_ARG(table->name));
    for (uint32_t i = 0; i < table->key_count; i++)
        if (table->key[i] >= table->column_count)
            return auk_fail(err, AUK_INVALID, "the key of table [%.*s] names no column",
                            AUK_SPAN_ARG(table->name));
    return AUK_OK;
}

auk_code auk_applier_describe(auk_applier *applier, const auk_table *table, auk_error *err)
{
    auk_code code = check_table(table, err);
    if (code != AUK_OK)
        return code;
    uint32_t at = find_described(applier, table->id), count = applier->table_count;
    bool is_new = at == count;
    auk_table *tables = (auk_table *)calloc(count + 1, sizeof *tables);
    auk_arena **arenas = (auk_arena **)calloc(count + 1, sizeof *arenas);
    if (!tables || !arenas)
        abort();
    if (count > 0) {
        memcpy(tables, applier->tables, count * sizeof *tables);
        memcpy((void *)arenas, (const void *)applier->table_arenas, count * sizeof *arenas);
    }
    auk_arena *replaced = arenas[at];
    arenas[at] = auk_arena_create(4096);
    tables[at] = copy_table(table, arenas[at]);
    code = make_model(applier, tables, count + is_new, err);
    if (code != AUK_OK) {
        auk_arena_destroy(arenas[at]);
        free(tables);
        free((void *)arenas);
        return code;
    }
    auk_arena_destroy(replaced);
    free(applier->tables);
    free((void *)applier->table_arenas);
    applier->tables = tables;
    applier->table_arenas = arenas;
    applier->table_count = count + is_new;
    forget_maps(applier);
    return auk_rows_rebind(applier->rows, find_row_table, applier, err);
}

/* ---- relations ---- */

static int32_t find_position(const auk_row_table *table, auk_span name)
{
    for (uint32_t i = 0; i < table->column_count; i++)
        if (auk_span_equal(table->columns[i].name, name))
            return (int32_t)i;
    return -1;
}

/* By name. Columns that were renamed since are found by their place, when none came or went. */
static void fill_positions(auk_relation_map *map, const auk_relation *relation)
{
    const auk_row_table *table = &map->table->row;
    bool as_many = relation->column_count == table->column_count;
    for (uint32_t i = 0; i < relation->column_count; i++) {
        map->positions[i] = find_position(table, relation->columns[i].name);
        if (map->positions[i] < 0 && as_many)
            map->positions[i] = (int32_t)i;
    }
}

static const auk_relation_map *find_map(const auk_applier *applier, const auk_relation *relation)
{
    for (uint32_t i = 0; i < applier->map_count; i++)
        if (applier->maps[i].relation == relation->id)
            return &applier->maps[i];
    return NULL;
}

static const auk_relation_map *make_map(auk_applier *applier, const auk_relation *relation)
{
    auk_relation_map *map = (auk_relation_map *)(uintptr_t)find_map(applier, relation);
    if (!map) {
        applier->maps = (auk_relation_map *)realloc(applier->maps, (applier->map_count + 1) *
                                                                       sizeof *applier->maps);
        if (!applier->maps)
            abort();
        map = &applier->maps[applier->map_count++];
        *map = (auk_relation_map){0};
    }
    free(map->positions);
    *map = (auk_relation_map){.relation = relation->id,
                              .version = relation->version,
                              .column_count = relation->column_count,
                              .table = auk_model_find(applier->model, relation->id)};
    map->positions = (int32_t *)calloc(relation->column_count + 1, sizeof *map->positions);
    if (!map->positions)
        abort();
    if (map->table && map->table->use_count == 0)
        map->table = NULL;
    if (map->table) {
        fill_positions(map, relation);
        map->count = auk_applier_count_of(applier, &map->table->row);
    }
    return map;
}

auk_code auk_applier_map(auk_applier *applier, const auk_relation *relation,
                         const auk_relation_map **out, auk_error *err)
{
    const auk_relation_map *map = find_map(applier, relation);
    if (!map || map->version != relation->version) {
        auk_code code = applier->options.relate
                            ? applier->options.relate(applier->options.context, relation, err)
                            : AUK_OK;
        if (code != AUK_OK)
            return code;
        map = make_map(applier, relation);
    }
    *out = map->table ? map : NULL;
    return AUK_OK;
}

/* ---- indices ---- */

void auk_applier_set_index(auk_applier *applier, uint32_t number, auk_span concrete_index)
{
    auk_target *target = &applier->targets[number];
    free(target->name);
    target->name = (char *)malloc(concrete_index.size + 1);
    if (!target->name)
        abort();
    memcpy(target->name, concrete_index.data, concrete_index.size);
    target->name_size = concrete_index.size;
}

auk_span auk_applier_target(const auk_applier *applier, const auk_tree *tree)
{
    const auk_target *target = &applier->targets[tree->number];
    return auk_span_make(target->name, target->name_size);
}

/* ---- what is asked from outside ---- */

/* What is held back amid a whole is shown with its last step. */
bool auk_applier_is_uncertain(const auk_applier *applier)
{
    return atomic_load(&applier->is_uncertain) ||
           (applier->whole.phase == AUK_WHOLE_NONE &&
            auk_catalog_holds_back(applier->options.catalog, applier->owner));
}

bool auk_applier_has_group(const auk_applier *applier)
{
    return applier->has_group;
}

void auk_applier_read_position(auk_applier *applier, auk_sync_position *out)
{
    pthread_mutex_lock(&applier->lock);
    *out = applier->position;
    pthread_mutex_unlock(&applier->lock);
}

void auk_applier_read_stats(auk_applier *applier, auk_applier_stats *out)
{
    const uint64_t *counters = (const uint64_t *)(const void *)&applier->stats;
    uint64_t *copies = (uint64_t *)(void *)out;
    pthread_mutex_lock(&applier->lock);
    for (size_t i = 0; i < sizeof *out / sizeof *copies; i++)
        copies[i] = __atomic_load_n(&counters[i], __ATOMIC_RELAXED);
    out->rereads_pending = applier->rereads.count;
    out->dead_letters = applier->dead.count;
    pthread_mutex_unlock(&applier->lock);
}

bool auk_applier_has_chunk(auk_applier *applier, uint32_t table, uint64_t number)
{
    return auk_chunks_is_whole(applier->chunks, table, number);
}

auk_lsn auk_applier_whole_at(auk_applier *applier)
{
    return auk_chunks_high(applier->chunks);
}

void auk_applier_erase(uint64_t source, auk_batch *batch)
{
    auk_buffer from, to;
    auk_buffer_init(&from, 64);
    auk_buffer_init(&to, 64);
    auk_key_begin(&from, source, AUK_KEY_POSITION);
    auk_key_begin(&to, source, AUK_KEY_OURS_END);
    auk_batch_delete_range(batch, AUK_FAMILY_SYNC, auk_buffer_span(&from), auk_buffer_span(&to));
    auk_buffer_deinit(&from);
    auk_buffer_deinit(&to);
}
