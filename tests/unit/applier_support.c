#include "applier_support.h"

#include <stdlib.h>

#include "auk/publication.h"

const world_table world_tables[TABLE_COUNT] = {
    [MAKER] = {"maker", 101, 3, {"id", "name", "country"}, {23, 25, 23}, 1, {0}},
    [COUNTRY] = {"country", 102, 2, {"code", "name"}, {23, 25}, 1, {0}},
    [PRODUCT] = {"product",
                 103,
                 7,
                 {"id", "name", "maker_id", "price", "published", "parent_id", "big"},
                 {23, 25, 23, 1700, 16, 23, 25},
                 1,
                 {0}},
    [REVIEW] = {"review", 104, 4, {"id", "product_id", "stars", "body"}, {20, 23, 21, 25}, 1, {0}},
    [TAG] = {"tag", 105, 2, {"id", "name"}, {23, 25}, 1, {0}},
    [PRODUCT_TAG] = {"product_tag", 106, 2, {"product_id", "tag_id"}, {23, 23}, 2, {0, 1}},
};

static const char tree_of_all[] =
    "{\"connection\":\"postgres://nobody@nowhere/shop\",\"documents\":["
    "{\"index\":\"products\",\"table\":\"product\",\"columns\":[\"*\"],\"filter\":\"published\","
    "\"children\":["
    "{\"table\":\"maker\",\"as\":\"maker\",\"shape\":\"object\",\"on\":{\"maker_id\":\"id\"},"
    "\"columns\":[\"*\"],\"children\":[{\"table\":\"country\",\"as\":\"land\",\"shape\":\"object\","
    "\"on\":{\"country\":\"code\"},\"columns\":[\"*\"]}]},"
    "{\"table\":\"review\",\"as\":\"reviews\",\"shape\":\"array\",\"on\":{\"id\":\"product_id\"},"
    "\"columns\":[\"*\"],\"order\":\"-stars\",\"limit\":3},"
    "{\"table\":\"tag\",\"as\":\"tags\",\"shape\":\"scalar\",\"scalar\":\"name\",\"through\":{"
    "\"table\":\"product_tag\",\"on\":{\"id\":\"product_id\"},\"to\":{\"tag_id\":\"id\"}}},"
    "{\"table\":\"product\",\"as\":\"parent\",\"shape\":\"object\",\"on\":{\"parent_id\":\"id\"},"
    "\"columns\":[\"id\",\"name\"]},"
    "{\"table\":\"product\",\"as\":\"variants\",\"shape\":\"array\",\"on\":{\"id\":\"parent_id\"},"
    "\"columns\":[\"id\",\"name\"]}]},"
    "{\"index\":\"makers\",\"table\":\"maker\",\"columns\":[\"*\"],\"children\":["
    "{\"table\":\"product\",\"as\":\"products\",\"shape\":\"array\",\"on\":{\"id\":\"maker_id\"},"
    "\"filter\":\"published and name != 'hidden'\",\"columns\":[\"id\",\"name\"],\"children\":["
    "{\"table\":\"review\",\"as\":\"reviews\",\"shape\":\"array\",\"on\":{\"id\":\"product_id\"},"
    "\"columns\":[\"id\",\"stars\"]}]}]},"
    "{\"index\":\"reviews\",\"table\":\"review\",\"columns\":[\"*\"],\"id\":\"r{id}\","
    "\"filter\":\"stars > 1\",\"deleted_if\":\"body = 'gone'\"}]}";

void (*world_on_change)(void *context);
void *world_on_change_context;

/* ---- the stream's contract, over a list ---- */

typedef struct sent {
    auk_row_change_kind kind;
    int table;
    auk_datum *before, *after;
} sent;

struct auk_transaction {
    auk_transaction_info info;
    auk_arena *arena;
    sent *changes;
    uint32_t count, capacity, next;
    bool full;
};

const auk_transaction_info *auk_transaction_read_info(const auk_transaction *transaction)
{
    return &transaction->info;
}

static auk_relation *relation_of(int table)
{
    static auk_relation relations[TABLE_COUNT];
    static auk_relation_column columns[TABLE_COUNT][WORLD_COLUMNS];
    const world_table *t = &world_tables[table];
    for (uint32_t i = 0; i < t->column_count; i++)
        columns[table][i] = (auk_relation_column){.name = auk_span_of(t->columns[i]),
                                                  .type = t->types[i],
                                                  .modifier = -1};
    relations[table] = (auk_relation){.id = t->id,
                                      .version = 1,
                                      .schema = AUK_SPAN("public"),
                                      .name = auk_span_of(t->name),
                                      .identity = 'd',
                                      .columns = columns[table],
                                      .column_count = t->column_count};
    return &relations[table];
}

auk_code auk_transaction_next(auk_transaction *transaction, auk_row_change *out, bool *end,
                              auk_error *err)
{
    (void)err;
    if (world_on_change)
        world_on_change(world_on_change_context);
    *end = transaction->next == transaction->count;
    if (*end)
        return AUK_OK;
    const sent *change = &transaction->changes[transaction->next++];
    uint32_t count = world_tables[change->table].column_count;
    *out = (auk_row_change){.kind = change->kind,
                            .relation = relation_of(change->table),
                            .xid = transaction->info.xid,
                            .before = {change->before, change->before ? count : 0},
                            .before_is_whole = transaction->full && change->before,
                            .after = {change->after, change->after ? count : 0}};
    return AUK_OK;
}

auk_code auk_transaction_rewind(auk_transaction *transaction, auk_error *err)
{
    (void)err;
    transaction->next = 0;
    return AUK_OK;
}

void auk_transaction_release(auk_transaction *transaction)
{
    auk_arena_destroy(transaction->arena);
    free(transaction->changes);
    free(transaction);
}

/* ---- open, close ---- */

void world_describe(world *w)
{
    for (int i = 0; i < TABLE_COUNT; i++) {
        const world_table *t = &world_tables[i];
        auk_table_column columns[WORLD_COLUMNS];
        for (uint32_t k = 0; k < t->column_count; k++)
            columns[k] = (auk_table_column){.name = auk_span_of(t->columns[k]),
                                            .number = (int16_t)(k + 1),
                                            .type = t->types[k],
                                            .modifier = -1};
        auk_table table = {.id = t->id,
                           .schema = AUK_SPAN("public"),
                           .name = auk_span_of(t->name),
                           .columns = columns,
                           .column_count = t->column_count,
                           .key = t->key,
                           .key_count = t->key_count};
        assert_ok(auk_applier_describe(w->applier, &table, err));
    }
}

static void own_index(world *w, auk_span name)
{
    const auk_root *root = auk_root_acquire(w->at.catalog);
    const auk_index_view *view = auk_root_find(root, name);
    if (!view) {
        auk_root_release(w->at.catalog, root);
        support_create(&w->at, auk_arena_copy(w->at.arena, name).data,
                       "{\"settings\":{\"number_of_shards\":2}}");
        root = auk_root_acquire(w->at.catalog);
        view = auk_root_find(root, name);
        assert_ok(auk_index_set_owner(w->at.catalog, view->index, AUK_SPAN("sync:shop"), err));
    }
    auk_root_release(w->at.catalog, root);
}

static void open_applier(world *w)
{
    auk_applier_options options = {.catalog = w->at.catalog,
                                   .budget = w->at.budget,
                                   .config = w->config,
                                   .source = 7,
                                   .types = w->types,
                                   .group_changes_most = w->group_changes_most,
                                   .step_roots_most = w->step_roots_most};
    assert_ok(auk_applier_open(&options, &w->applier, err));
    world_describe(w);
    for (uint32_t i = 0; i < w->config->document_count; i++) {
        own_index(w, w->config->documents[i].index);
        auk_applier_set_index(w->applier, i, w->config->documents[i].index);
    }
}

void world_open(world *w, char *directory, const char *config)
{
    w->at.directory = directory;
    w->at.budget = auk_budget_create((size_t)256 << 20);
    w->at.write_pool = auk_pool_create("write", 1, 64);
    w->at.background = auk_pool_create("back", 1, 256);
    w->at.arena = auk_arena_create(4096);
    w->types = auk_pg_types_create();
    w->config_arena = auk_arena_create(4096);
    const auk_json *body;
    auk_span text = auk_span_of(config ? config : tree_of_all);
    assert_ok(auk_json_parse(text, w->config_arena, &body, err));
    assert_ok(auk_sync_config_parse(AUK_SPAN("shop"), body, w->config_arena, &w->config, err));
    support_catalog_open(&w->at);
    open_applier(w);
}

void world_close(world *w)
{
    auk_applier_close(w->applier);
    auk_catalog_close(w->at.catalog);
    auk_pool_destroy(w->at.write_pool);
    auk_pool_destroy(w->at.background);
    auk_budget_destroy(w->at.budget);
    auk_arena_destroy(w->at.arena);
    auk_arena_destroy(w->config_arena);
    auk_pg_types_destroy(w->types);
}

void world_reopen(world *w)
{
    auk_applier_close(w->applier);
    support_catalog_reopen(&w->at);
    open_applier(w);
}

void world_forget(world *w)
{
    for (int i = 0; i < TABLE_COUNT; i++) {
        for (uint32_t k = 0; k < w->counts[i]; k++)
            for (uint32_t c = 0; c < WORLD_COLUMNS; c++)
                free(w->rows[i][k].values[c]);
        free(w->rows[i]);
        w->rows[i] = NULL;
        w->counts[i] = 0;
    }
}

/* ---- transactions ---- */

auk_lsn world_next_lsn(const world *w)
{
    return w->lsn + 100;
}

void world_begin(world *w)
{
    auk_transaction *t = calloc(1, sizeof *t);
    t->arena = auk_arena_create(4096);
    t->full = w->relations_are_full;
    w->lsn = world_next_lsn(w);
    t->info = (auk_transaction_info){.xid = ++w->xid,
                                     .commit_lsn = w->lsn - 8,
                                     .end_lsn = w->lsn,
                                     .commit_us = (int64_t)w->xid * 1000000};
    w->transaction = t;
}

static auk_datum *datums_of(auk_transaction *t, int table, const char *const *values, bool key_only,
                            uint32_t unchanged)
{
    const world_table *def = &world_tables[table];
    auk_datum *out = AUK_ARENA_ARRAY(t->arena, auk_datum, def->column_count);
    for (uint32_t i = 0; i < def->column_count; i++) {
        bool in_key = def->key[0] == i || (def->key_count > 1 && def->key[1] == i);
        if (unchanged & 1U << i)
            out[i].state = AUK_DATUM_UNCHANGED;
        else if (values[i] && (in_key || !key_only))
            out[i] = (auk_datum){AUK_DATUM_TEXT, auk_arena_copy(t->arena, auk_span_of(values[i]))};
    }
    return out;
}

void world_send(world *w, auk_row_change_kind kind, int table, const char *const *before,
                const char *const *after, uint32_t unchanged)
{
    auk_transaction *t = w->transaction;
    if (t->count == t->capacity) {
        t->capacity = t->capacity ? t->capacity * 2 : 8;
        t->changes = realloc(t->changes, t->capacity * sizeof *t->changes);
    }
    sent *change = &t->changes[t->count++];
    *change = (sent){.kind = kind, .table = table};
    if (before)
        change->before = datums_of(t, table, before, !t->full, 0);
    if (after)
        change->after = datums_of(t, table, after, false, unchanged);
    t->info.change_count++;
    t->info.bytes += 64;
}

static char *copy_text(const char *text)
{
    return text ? strdup(text) : NULL;
}

static uint32_t place_next(world *w)
{
    return (++w->moves * 2654435761U) >> 16;
}

void world_insert(world *w, int table, const char *const *values)
{
    if (w->counts[table] % 64 == 0)
        w->rows[table] = realloc(w->rows[table], (w->counts[table] + 64) * sizeof(world_row));
    world_row *row = &w->rows[table][w->counts[table]++];
    row->place = place_next(w);
    for (uint32_t i = 0; i < WORLD_COLUMNS; i++)
        row->values[i] = i < world_tables[table].column_count ? copy_text(values[i]) : NULL;
    world_send(w, AUK_ROW_INSERT, table, NULL, values, 0);
}

static bool same(const char *a, const char *b)
{
    return a && b ? strcmp(a, b) == 0 : a == b;
}

void world_update(world *w, int table, uint32_t number, const char *const *values,
                  uint32_t unchanged)
{
    const world_table *def = &world_tables[table];
    world_row *row = &w->rows[table][number];
    bool moves = false;
    for (uint32_t i = 0; i < def->key_count; i++)
        moves = moves || !same(row->values[def->key[i]], values[def->key[i]]);
    bool tell = moves || w->relations_are_full;
    world_send(w, AUK_ROW_UPDATE, table, tell ? (const char *const *)row->values : NULL, values,
               unchanged);
    row->place = place_next(w);
    for (uint32_t i = 0; i < def->column_count; i++) {
        if (unchanged & 1U << i)
            continue;
        char *copy = copy_text(values[i]);
        free(row->values[i]);
        row->values[i] = copy;
    }
}

void world_delete(world *w, int table, uint32_t number)
{
    world_row *row = &w->rows[table][number];
    world_send(w, AUK_ROW_DELETE, table, (const char *const *)row->values, NULL, 0);
    for (uint32_t i = 0; i < WORLD_COLUMNS; i++)
        free(row->values[i]);
    *row = w->rows[table][--w->counts[table]];
}

void world_truncate(world *w, int table)
{
    world_send(w, AUK_ROW_TRUNCATE, table, NULL, NULL, 0);
    for (uint32_t k = 0; k < w->counts[table]; k++)
        for (uint32_t i = 0; i < WORLD_COLUMNS; i++)
            free(w->rows[table][k].values[i]);
    w->counts[table] = 0;
}

auk_code world_commit(world *w, auk_error *err)
{
    auk_transaction *t = w->transaction;
    auk_code code = auk_applier_take(w->applier, t, err);
    if (code == AUK_OK)
        w->transaction = NULL;
    return code;
}

void world_publish(world *w)
{
    assert_ok(auk_applier_publish(w->applier, err));
}

int world_find(const world *w, int table, const char *key)
{
    for (uint32_t i = 0; i < w->counts[table]; i++)
        if (same(w->rows[table][i].values[0], key))
            return (int)i;
    return -1;
}

/* ---- chunks ---- */

typedef struct chunk_rows {
    const world *w;
    const world_chunk *chunk;
    uint32_t next;
    auk_datum values[WORLD_COLUMNS];
} chunk_rows;

static auk_code next_row(void *context, auk_tuple *out, bool *end, auk_error *err)
{
    chunk_rows *rows = context;
    int table = rows->chunk->table;
    (void)err;
    while (rows->next < rows->w->counts[table] &&
           rows->w->rows[table][rows->next].place % rows->chunk->parts != rows->chunk->part)
        rows->next++;
    *end = rows->next >= rows->w->counts[table];
    if (*end)
        return AUK_OK;
    const world_row *row = &rows->w->rows[table][rows->next++];
    uint32_t count = world_tables[table].column_count;
    for (uint32_t i = 0; i < count; i++)
        rows->values[i] = row->values[i] ? (auk_datum){AUK_DATUM_TEXT, auk_span_of(row->values[i])}
                                         : (auk_datum){AUK_DATUM_NULL, {NULL, 0}};
    *out = (auk_tuple){rows->values, count};
    return AUK_OK;
}

void world_load(world *w, const world_chunk *chunk)
{
    chunk_rows rows = {.w = w, .chunk = chunk};
    auk_chunk_source source = {.table = world_tables[chunk->table].id,
                               .number = chunk->number,
                               .snapshot = {.xmin = chunk->xmin,
                                            .xmax = chunk->xmax,
                                            .in_progress = chunk->in_progress,
                                            .count = chunk->in_progress ? 1 : 0},
                               .high = chunk->high,
                               .next = next_row,
                               .context = &rows};
    uint64_t count;
    assert_ok(auk_applier_load(w->applier, &source, &count, err));
}

/* ---- the naive join ---- */

static int by_number(const char *a, const char *b)
{
    long x = strtol(a, NULL, 10), y = strtol(b, NULL, 10);
    return (x > y) - (x < y);
}

static void write_value(auk_json_writer *out, int table, const world_row *row, uint32_t column)
{
    const char *text = row->values[column];
    uint32_t type = world_tables[table].types[column];
    if (!text)
        auk_json_null(out);
    else if (type == 16)
        auk_json_bool(out, text[0] == 't');
    else if (type == 25)
        auk_json_string(out, auk_span_of(text));
    else
        auk_json_raw(out, auk_span_of(text));
}

/* Members of the first `count` columns; the object stays open. */
static void begin_row(auk_json_writer *out, int table, const world_row *row, const char *columns)
{
    auk_json_begin_object(out);
    for (; *columns; columns++) {
        uint32_t column = (uint32_t)(*columns - '0');
        auk_json_key(out, auk_span_of(world_tables[table].columns[column]));
        write_value(out, table, row, column);
    }
}

static int compare_keys(const void *a, const void *b)
{
    return by_number((*(const world_row *const *)a)->values[0],
                     (*(const world_row *const *)b)->values[0]);
}

/* -stars: nulls first, then the most; by id among equals. */
static int compare_stars(const void *a, const void *b)
{
    const char *x = (*(const world_row *const *)a)->values[2];
    const char *y = (*(const world_row *const *)b)->values[2];
    int order = x && y ? by_number(y, x) : (x != NULL) - (y != NULL);
    return order != 0 ? order : compare_keys(a, b);
}

/* Rows of a table whose column has the value, in the order of keys; heap. */
static const world_row **select_rows(const world *w, int table, uint32_t column, const char *value,
                                     uint32_t *count)
{
    const world_row **found = calloc(w->counts[table] + 1, sizeof *found);
    *count = 0;
    for (uint32_t i = 0; value && i < w->counts[table]; i++)
        if (w->rows[table][i].values[column] &&
            strcmp(w->rows[table][i].values[column], value) == 0)
            found[(*count)++] = &w->rows[table][i];
    qsort((void *)found, *count, sizeof *found, compare_keys);
    return found;
}

static void write_maker(const world *w, const char *id, auk_json_writer *out)
{
    uint32_t count, lands;
    const world_row **makers = select_rows(w, MAKER, 0, id, &count);
    if (count == 0) {
        auk_json_null(out);
    } else {
        begin_row(out, MAKER, makers[0], "012");
        auk_json_key(out, AUK_SPAN("land"));
        const world_row **land = select_rows(w, COUNTRY, 0, makers[0]->values[2], &lands);
        if (lands == 0) {
            auk_json_null(out);
        } else {
            begin_row(out, COUNTRY, land[0], "01");
            auk_json_end_object(out);
        }
        free((void *)land);
        auk_json_end_object(out);
    }
    free((void *)makers);
}

static void write_list(const world *w, int table, uint32_t column, const char *value,
                       const char *columns, bool by_stars, uint32_t limit, auk_json_writer *out)
{
    uint32_t count;
    const world_row **rows = select_rows(w, table, column, value, &count);
    if (by_stars)
        qsort((void *)rows, count, sizeof *rows, compare_stars);
    auk_json_begin_array(out);
    for (uint32_t i = 0; i < count && (limit == 0 || i < limit); i++) {
        begin_row(out, table, rows[i], columns);
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
    free((void *)rows);
}

static void write_tags(const world *w, const char *product, auk_json_writer *out)
{
    uint32_t count = 0, links;
    const world_row **through = select_rows(w, PRODUCT_TAG, 0, product, &links);
    const world_row **tags = calloc(links + 1, sizeof *tags);
    for (uint32_t i = 0; i < links; i++) {
        int tag = world_find(w, TAG, through[i]->values[1]);
        if (tag >= 0)
            tags[count++] = &w->rows[TAG][tag];
    }
    qsort((void *)tags, count, sizeof *tags, compare_keys);
    auk_json_begin_array(out);
    for (uint32_t i = 0; i < count; i++)
        write_value(out, TAG, tags[i], 1);
    auk_json_end_array(out);
    free((void *)through);
    free((void *)tags);
}

static void write_product(const world *w, const world_row *row, auk_json_writer *out)
{
    begin_row(out, PRODUCT, row, "0123456");
    auk_json_key(out, AUK_SPAN("maker"));
    write_maker(w, row->values[2], out);
    auk_json_key(out, AUK_SPAN("reviews"));
    write_list(w, REVIEW, 1, row->values[0], "0123", true, 3, out);
    auk_json_key(out, AUK_SPAN("tags"));
    write_tags(w, row->values[0], out);
    auk_json_key(out, AUK_SPAN("parent"));
    int parent = row->values[5] ? world_find(w, PRODUCT, row->values[5]) : -1;
    if (parent < 0) {
        auk_json_null(out);
    } else {
        begin_row(out, PRODUCT, &w->rows[PRODUCT][parent], "01");
        auk_json_end_object(out);
    }
    auk_json_key(out, AUK_SPAN("variants"));
    write_list(w, PRODUCT, 5, row->values[0], "01", false, 0, out);
    auk_json_end_object(out);
}

static bool is_published(const world_row *row)
{
    return row->values[4] && row->values[4][0] == 't';
}

static void write_maker_root(const world *w, const world_row *row, auk_json_writer *out)
{
    uint32_t count;
    begin_row(out, MAKER, row, "012");
    auk_json_key(out, AUK_SPAN("products"));
    const world_row **products = select_rows(w, PRODUCT, 2, row->values[0], &count);
    auk_json_begin_array(out);
    for (uint32_t i = 0; i < count; i++) {
        const char *name = products[i]->values[1];
        if (!is_published(products[i]) || !name || strcmp(name, "hidden") == 0)
            continue;
        begin_row(out, PRODUCT, products[i], "01");
        auk_json_key(out, AUK_SPAN("reviews"));
        write_list(w, REVIEW, 1, products[i]->values[0], "02", false, 0, out);
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
    free((void *)products);
    auk_json_end_object(out);
}

char *world_expected(world *w, int document, uint32_t number)
{
    static const int roots[] = {PRODUCT, MAKER, REVIEW};
    const world_row *row = &w->rows[roots[document]][number];
    auk_buffer text;
    auk_json_writer out;
    size_t size;
    if (document == 0 && !is_published(row))
        return NULL;
    if (document == 2 && (!row->values[2] || strtol(row->values[2], NULL, 10) <= 1 ||
                          (row->values[3] && strcmp(row->values[3], "gone") == 0)))
        return NULL;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    if (document == 0) {
        write_product(w, row, &out);
    } else if (document == 1) {
        write_maker_root(w, row, &out);
    } else {
        begin_row(&out, REVIEW, row, "0123");
        auk_json_end_object(&out);
    }
    auk_buffer_append_byte(&text, '\0');
    return auk_buffer_take(&text, &size);
}

static void check_document(world *w, int document, const char *index, const char *id,
                           const char *expected)
{
    auk_shard_document found;
    auk_span concrete;
    bool is_there;
    auk_arena *arena = auk_arena_create(4096);
    assert_ok(auk_catalog_get(w->at.catalog, auk_span_of(index), auk_span_of(id), AUK_SPAN(""),
                              arena, &concrete, &found, &is_there, err));
    if (is_there != (expected != NULL))
        fail_msg("document [%s] of [%s] (%d) %s at %llu", id, index, document,
                 expected ? "is missing" : "is there", (unsigned long long)w->lsn);
    if (expected && !auk_span_equal(found.source, auk_span_of(expected)))
        fail_msg("document [%s] of [%s] at %llu is\n%.*s\nand should be\n%s", id, index,
                 (unsigned long long)w->lsn, AUK_SPAN_ARG(found.source), expected);
    auk_arena_destroy(arena);
}

uint64_t world_count_stored(world *w, int table)
{
    auk_range_sum sum;
    auk_key_range all = {0};
    assert_ok(auk_applier_sum(w->applier, world_tables[table].id, &all, &sum, err));
    return sum.rows;
}

void world_check(world *w)
{
    for (int table = 0; table < TABLE_COUNT; table++)
        if (world_count_stored(w, table) != w->counts[table])
            fail_msg("%llu rows of [%s] are stored, of %u, at %llu",
                     (unsigned long long)world_count_stored(w, table), world_tables[table].name,
                     w->counts[table], (unsigned long long)w->lsn);
    static const int roots[] = {PRODUCT, MAKER, REVIEW};
    static const char *const indices[] = {"products", "makers", "reviews"};
    for (int d = 0; d < 3; d++) {
        uint64_t live = 0;
        for (uint32_t i = 0; i < w->counts[roots[d]]; i++) {
            char id[32];
            char *expected = world_expected(w, d, i);
            (void)snprintf(id, sizeof id, "%s%s", d == 2 ? "r" : "",
                           w->rows[roots[d]][i].values[0]);
            check_document(w, d, indices[d], id, expected);
            live += expected != NULL;
            free(expected);
        }
        if (support_visible(&w->at, indices[d]) != live)
            fail_msg("[%s] shows %llu documents of %llu at %llu", indices[d],
                     (unsigned long long)support_visible(&w->at, indices[d]),
                     (unsigned long long)live, (unsigned long long)w->lsn);
    }
}
