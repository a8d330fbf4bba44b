#include "tables.h"

#include "auk/hash.h"
#include "auk/mapping.h"
#include "auk/nearest.h"

#define KEY_MOST    32
#define TABLES_MOST 4096

/* ---- cells ---- */

static char letter_of(const auk_pg_result *result, uint32_t row, uint32_t column)
{
    auk_span cell = auk_pg_cell(result, row, column);
    return cell.size ? cell.data[0] : '\0';
}

static auk_span text_of(const auk_pg_result *result, uint32_t row, uint32_t column,
                        auk_arena *arena)
{
    return auk_arena_copy(arena, auk_pg_cell(result, row, column));
}

static auk_span decimal(uint32_t number, auk_arena *arena)
{
    return auk_arena_printf(arena, "%u", number);
}

auk_span auk_table_sql(auk_span schema, auk_span name, auk_arena *arena)
{
    return auk_arena_printf(arena, "%.*s.%.*s", AUK_SPAN_ARG(auk_pg_identifier(schema, arena)),
                            AUK_SPAN_ARG(auk_pg_identifier(name, arena)));
}

/* ---- one table ---- */

static auk_code read_columns(auk_pg *pg, auk_source_table *out, auk_arena *arena, auk_error *err)
{
    static const char sql[] =
        "SELECT attname, attnum, atttypid, atttypmod, attnotnull FROM pg_attribute"
        " WHERE attrelid = $1::oid AND attnum > 0 AND NOT attisdropped AND attgenerated = ''"
        " ORDER BY attnum";
    auk_pg_result *result;
    auk_span id = decimal(out->table.id, arena);
    auk_code code = auk_pg_query(pg, sql, &id, 1, &result, err);
    if (code != AUK_OK)
        return code;
    uint32_t count = auk_pg_rows(result);
    auk_table_column *columns = AUK_ARENA_ARRAY(arena, auk_table_column, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        int64_t modifier = -1;
        (void)auk_number_parse_int64(auk_pg_cell(result, i, 3), &modifier);
        columns[i] = (auk_table_column){
            .name = text_of(result, i, 0, arena),
            .number = (int16_t)auk_pg_number(result, i, 1),
            .type = (uint32_t)auk_pg_number(result, i, 2),
            .modifier = (int32_t)modifier,
            .not_null = letter_of(result, i, 4) == 't',
        };
    }
    auk_pg_clear(result);
    out->table.columns = columns;
    out->table.column_count = count;
    return AUK_OK;
}

/* "1 3": attribute numbers as positions in the columns. */
static bool read_positions(auk_source_table *out, auk_span numbers, auk_arena *arena)
{
    uint16_t *key = AUK_ARENA_ARRAY(arena, uint16_t, KEY_MOST);
    auk_span part;
    uint32_t count = 0;
    while (auk_span_cut(&numbers, ' ', &part)) {
        uint64_t number = 0;
        uint32_t at = 0;
        if (count == KEY_MOST || !auk_number_parse_uint64(part, &number))
            return false;
        while (at < out->table.column_count && (uint64_t)out->table.columns[at].number != number)
            at++;
        if (at == out->table.column_count)
            return false;
        key[count++] = (uint16_t)at;
    }
    out->table.key = key;
    out->table.key_count = count;
    return count > 0;
}

/* The old key of a change is that of the replica identity, so an index that was chosen as such
 * comes before the primary key. */
static auk_code read_key(auk_pg *pg, auk_source_table *out, auk_arena *arena, auk_error *err)
{
    static const char sql[] =
        "SELECT (SELECT string_agg(k.n::text, ' ' ORDER BY k.at)"
        "  FROM unnest(i.indkey) WITH ORDINALITY k(n, at) WHERE k.at <= i.indnkeyatts),"
        " i.indisprimary, i.indisreplident FROM pg_index i WHERE i.indrelid = $1::oid"
        " AND i.indisvalid AND (i.indisprimary OR i.indisreplident)"
        " ORDER BY i.indisreplident DESC";
    auk_pg_result *result;
    auk_span id = decimal(out->table.id, arena);
    auk_code code = auk_pg_query(pg, sql, &id, 1, &result, err);
    if (code != AUK_OK)
        return code;
    for (uint32_t i = 0; i < auk_pg_rows(result); i++) {
        bool is_primary = letter_of(result, i, 1) == 't';
        out->has_primary_key |= is_primary;
        bool wanted = out->identity == 'i' ? letter_of(result, i, 2) == 't' : is_primary;
        if (!wanted || out->table.key_count > 0)
            continue;
        out->key_is_primary = is_primary;
        if (!read_positions(out, auk_pg_cell(result, i, 0), arena))
            out->table.key_count = 0;
    }
    auk_pg_clear(result);
    return AUK_OK;
}

static auk_code read_heaps(auk_pg *pg, auk_source_table *out, auk_arena *arena, auk_error *err)
{
    static const char sql[] =
        "SELECT c.oid, coalesce(pg_relation_filenode(c.oid), 0), n.nspname, c.relname,"
        " pg_relation_size(c.oid) / current_setting('block_size')::int,"
        " CASE WHEN c.reltuples >= 0 AND c.relpages > 0 THEN"
        "  (c.reltuples / c.relpages * (pg_relation_size(c.oid) /"
        "   current_setting('block_size')::int))::bigint ELSE"
        "  pg_relation_size(c.oid) / 200 END"
        " FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind = 'r'"
        " AND (c.oid = $1::oid OR c.oid IN"
        "  (SELECT relid FROM pg_partition_tree($1::oid::regclass) WHERE isleaf)) ORDER BY c.oid";
    auk_pg_result *result;
    auk_span id = decimal(out->table.id, arena);
    auk_code code = auk_pg_query(pg, sql, &id, 1, &result, err);
    if (code != AUK_OK)
        return code;
    uint32_t count = auk_pg_rows(result);
    auk_heap *heaps = AUK_ARENA_ARRAY(arena, auk_heap, count + 1);
    for (uint32_t i = 0; i < count; i++) {
        heaps[i] = (auk_heap){
            .id = (uint32_t)auk_pg_number(result, i, 0),
            .filenode = (uint32_t)auk_pg_number(result, i, 1),
            .schema = text_of(result, i, 2, arena),
            .name = text_of(result, i, 3, arena),
            .blocks = auk_pg_number(result, i, 4),
            .rows = auk_pg_number(result, i, 5),
        };
        out->rows += heaps[i].rows;
    }
    auk_pg_clear(result);
    out->heaps = heaps;
    out->heap_count = count;
    return AUK_OK;
}

static uint64_t hash_shape(const auk_source_table *table)
{
    auk_buffer text;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_sized(&text, table->table.schema);
    auk_buffer_append_sized(&text, table->table.name);
    for (uint32_t i = 0; i < table->table.column_count; i++) {
        const auk_table_column *column = &table->table.columns[i];
        auk_buffer_append_sized(&text, column->name);
        auk_buffer_append_varint(&text, (uint16_t)column->number);
        auk_buffer_append_varint(&text, column->type);
        auk_buffer_append_varint(&text, (uint32_t)column->modifier);
    }
    for (uint32_t i = 0; i < table->table.key_count; i++)
        auk_buffer_append_varint(&text, table->table.key[i]);
    auk_buffer_append_byte(&text, table->identity);
    uint64_t hash = auk_hash(auk_buffer_span(&text), 0);
    auk_buffer_deinit(&text);
    return hash;
}

/* sql answers oid, kind, identity, schema and name of at most one table. */
static auk_code read_table(auk_pg *pg, const char *sql, const auk_span *parameters, uint32_t count,
                           auk_arena *arena, auk_source_table *out, bool *found, auk_error *err)
{
    auk_pg_result *result;
    auk_code code = auk_pg_query(pg, sql, parameters, count, &result, err);
    if (code != AUK_OK)
        return code;
    *out = (auk_source_table){0};
    *found = auk_pg_rows(result) > 0;
    if (*found) {
        out->table.id = (uint32_t)auk_pg_number(result, 0, 0);
        out->kind = letter_of(result, 0, 1);
        out->identity = letter_of(result, 0, 2);
        out->table.schema = text_of(result, 0, 3, arena);
        out->table.name = text_of(result, 0, 4, arena);
        out->now = (auk_sync_table_name){out->table.schema, out->table.name};
    }
    auk_pg_clear(result);
    if (!*found)
        return AUK_OK;
    code = read_columns(pg, out, arena, err);
    if (code == AUK_OK)
        code = read_key(pg, out, arena, err);
    if (code == AUK_OK)
        code = read_heaps(pg, out, arena, err);
    out->shape = hash_shape(out);
    return code;
}

#define SELECT_TABLE                                                                               \
    "SELECT c.oid, c.relkind, c.relreplident, n.nspname, c.relname FROM pg_class c"                \
    " JOIN pg_namespace n ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND "

auk_code auk_table_read(auk_pg *pg, const auk_sync_table_name *name, auk_arena *arena,
                        auk_source_table *out, bool *found, auk_error *err)
{
    const auk_span parameters[] = {name->schema, name->name};
    return read_table(pg, SELECT_TABLE "n.nspname = $1 AND c.relname = $2", parameters, 2, arena,
                      out, found, err);
}

auk_code auk_table_read_id(auk_pg *pg, uint32_t id, auk_arena *arena, auk_source_table *out,
                           bool *found, auk_error *err)
{
    const auk_span parameter = decimal(id, arena);
    return read_table(pg, SELECT_TABLE "c.oid = $1::oid", &parameter, 1, arena, out, found, err);
}

const auk_source_table *auk_tables_find(const auk_source_tables *tables, uint32_t id)
{
    for (uint32_t i = 0; i < tables->count; i++)
        if (tables->items[i].table.id == id)
            return &tables->items[i];
    return NULL;
}

/* ---- all that a configuration names ---- */

typedef struct name_list {
    auk_sync_table_name *names;
    uint32_t count, room;
    auk_arena *arena;
} name_list;

static void add_name(name_list *list, const auk_sync_table_name *name)
{
    for (uint32_t i = 0; i < list->count; i++)
        if (auk_span_equal(list->names[i].schema, name->schema) &&
            auk_span_equal(list->names[i].name, name->name))
            return;
    if (list->count == list->room) {
        list->room = list->room ? list->room * 2 : 16;
        auk_sync_table_name *grown = AUK_ARENA_ARRAY(list->arena, auk_sync_table_name, list->room);
        if (list->count)
            memcpy(grown, list->names, sizeof *grown * list->count);
        list->names = grown;
    }
    list->names[list->count++] = *name;
}

static void add_node(name_list *list, const auk_sync_node *node)
{
    add_name(list, &node->table);
    if (node->has_through)
        add_name(list, &node->through);
    for (uint32_t i = 0; i < node->child_count; i++)
        add_node(list, &node->children[i]);
}

uint32_t auk_tables_list(const auk_sync_config *config, auk_arena *arena,
                         const auk_sync_table_name **out)
{
    name_list list = {.arena = arena};
    for (uint32_t i = 0; i < config->document_count; i++)
        add_node(&list, &config->documents[i].root);
    *out = list.names;
    return list.count;
}

static auk_code refuse_table(auk_pg *pg, const auk_sync_table_name *name, auk_arena *arena,
                             auk_error *err)
{
    static const char sql[] =
        "SELECT n.nspname || '.' || c.relname FROM pg_class c JOIN pg_namespace n"
        " ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND n.nspname NOT IN"
        " ('pg_catalog', 'information_schema') LIMIT 4096";
    auk_pg_result *result;
    auk_span full =
        auk_arena_printf(arena, "%.*s.%.*s", AUK_SPAN_ARG(name->schema), AUK_SPAN_ARG(name->name));
    if (auk_pg_query(pg, sql, NULL, 0, &result, NULL) != AUK_OK)
        return auk_fail(err, AUK_NOT_FOUND, "no such table [%.*s]", AUK_SPAN_ARG(full));
    uint32_t count = auk_pg_rows(result);
    auk_span *names = AUK_ARENA_ARRAY(arena, auk_span, count + 1);
    for (uint32_t i = 0; i < count; i++)
        names[i] = text_of(result, i, 0, arena);
    auk_pg_clear(result);
    auk_span close = auk_nearest(full, names, count);
    if (!close.size)
        return auk_fail(err, AUK_NOT_FOUND, "no such table [%.*s]", AUK_SPAN_ARG(full));
    auk_fail(err, AUK_NOT_FOUND, "no such table [%.*s] did you mean [%.*s]?", AUK_SPAN_ARG(full),
             AUK_SPAN_ARG(close));
    auk_hint(err, "did you mean [%.*s]?", AUK_SPAN_ARG(close));
    return AUK_NOT_FOUND;
}

/* By its OID when it was known before, under the name that the configuration has for it. */
static auk_code read_named(auk_pg *pg, const auk_sync_table_name *name,
                           const auk_known_table *known, uint32_t known_count, auk_arena *arena,
                           auk_source_table *out, bool *found, auk_error *err)
{
    for (uint32_t i = 0; i < known_count; i++) {
        if (!auk_span_equal(known[i].schema, name->schema) ||
            !auk_span_equal(known[i].name, name->name))
            continue;
        auk_code code = auk_table_read_id(pg, known[i].id, arena, out, found, err);
        if (code != AUK_OK)
            return code;
        out->table.schema = name->schema;
        out->table.name = name->name;
        if (*found)
            return AUK_OK;
    }
    return auk_table_read(pg, name, arena, out, found, err);
}

auk_code auk_tables_read(auk_pg *pg, const auk_sync_config *config, const auk_known_table *known,
                         uint32_t known_count, auk_arena *arena, auk_source_tables *out,
                         auk_error *err)
{
    const auk_sync_table_name *names;
    uint32_t count = auk_tables_list(config, arena, &names);
    out->items = AUK_ARENA_ARRAY(arena, auk_source_table, count + 1);
    out->count = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool found;
        auk_code code = read_named(pg, &names[i], known, known_count, arena,
                                   &out->items[out->count], &found, err);
        if (code != AUK_OK)
            return code;
        if (!found && known_count == 0)
            return refuse_table(pg, &names[i], arena, err);
        out->count += found;
    }
    return AUK_OK;
}

/* ---- patterns ---- */

static bool matches_one(const auk_span *patterns, uint32_t count, auk_span schema, auk_span table,
                        auk_arena *arena)
{
    auk_span full = auk_arena_printf(arena, "%.*s.%.*s", AUK_SPAN_ARG(schema), AUK_SPAN_ARG(table));
    for (uint32_t i = 0; i < count; i++) {
        bool has_schema = memchr(patterns[i].data, '.', patterns[i].size) != NULL;
        if (has_schema ? auk_pattern_matches(patterns[i], full)
                       : auk_span_is(schema, "public") && auk_pattern_matches(patterns[i], table))
            return true;
    }
    return false;
}

static auk_span fill_index_name(auk_span pattern, const auk_sync_table_name *table,
                                auk_arena *arena)
{
    auk_buffer name;
    auk_buffer_init(&name, 4096);
    while (pattern.size) {
        bool is_schema = auk_span_starts_with(pattern, AUK_SPAN("{schema}"));
        bool is_table = auk_span_starts_with(pattern, AUK_SPAN("{table}"));
        if (is_schema || is_table)
            auk_buffer_append(&name, is_schema ? table->schema : table->name);
        else
            auk_buffer_append_byte(&name, pattern.data[0]);
        pattern = auk_span_from(pattern, is_schema ? 8 : is_table ? 7 : 1);
    }
    for (size_t i = 0; i < name.size; i++)
        if (name.data[i] >= 'A' && name.data[i] <= 'Z')
            name.data[i] = (char)(name.data[i] | 0x20);
    auk_span filled = auk_arena_copy(arena, auk_buffer_span(&name));
    auk_buffer_deinit(&name);
    return filled;
}

static bool has_root(const auk_sync_config *config, auk_span schema, auk_span table)
{
    for (uint32_t i = 0; i < config->document_count; i++)
        if (auk_span_equal(config->documents[i].root.table.schema, schema) &&
            auk_span_equal(config->documents[i].root.table.name, table))
            return true;
    return false;
}

static auk_code list_tables(auk_pg *pg, const auk_sync_config *config, auk_pg_result **out,
                            auk_error *err)
{
    static const char sql[] =
        "SELECT n.nspname, c.relname, c.oid FROM pg_class c JOIN pg_namespace n"
        " ON n.oid = c.relnamespace WHERE c.relkind IN ('r', 'p') AND NOT c.relispartition"
        " AND c.relpersistence = 'p' AND n.nspname <> 'information_schema'"
        " AND n.nspname NOT LIKE 'pg\\_%' ORDER BY 1, 2";
    *out = NULL;
    return config->include_count ? auk_pg_query(pg, sql, NULL, 0, out, err) : AUK_OK;
}

static auk_code check_index_names(const auk_sync_config *config, auk_error *err)
{
    for (uint32_t i = 0; i < config->document_count; i++)
        for (uint32_t j = 0; j < i; j++)
            if (auk_span_equal(config->documents[i].index, config->documents[j].index))
                return auk_fail(err, AUK_INVALID,
                                "tables [%.*s.%.*s] and [%.*s.%.*s] would both go to index [%.*s]",
                                AUK_SPAN_ARG(config->documents[j].root.table.schema),
                                AUK_SPAN_ARG(config->documents[j].root.table.name),
                                AUK_SPAN_ARG(config->documents[i].root.table.schema),
                                AUK_SPAN_ARG(config->documents[i].root.table.name),
                                AUK_SPAN_ARG(config->documents[i].index));
    return AUK_OK;
}

static bool is_renamed(const auk_known_table *known, uint32_t count, uint64_t id, auk_span schema,
                       auk_span table)
{
    for (uint32_t i = 0; i < count; i++)
        if (known[i].id == id)
            return !auk_span_equal(known[i].schema, schema) ||
                   !auk_span_equal(known[i].name, table);
    return false;
}

auk_code auk_tables_expand(auk_pg *pg, const auk_sync_config *config, const auk_known_table *known,
                           uint32_t known_count, auk_arena *arena, auk_sync_config **out,
                           auk_error *err)
{
    auk_pg_result *list;
    auk_code code = list_tables(pg, config, &list, err);
    if (code != AUK_OK)
        return code;
    uint32_t rows = list ? auk_pg_rows(list) : 0;
    auk_sync_config *whole = AUK_ARENA_NEW(arena, auk_sync_config);
    auk_sync_document *documents =
        AUK_ARENA_ARRAY(arena, auk_sync_document, config->document_count + rows + 1);
    *whole = *config;
    whole->documents = documents;
    if (config->document_count)
        memcpy(documents, config->documents, sizeof *documents * config->document_count);
    for (uint32_t i = 0; i < rows; i++) {
        auk_span schema = auk_pg_cell(list, i, 0), table = auk_pg_cell(list, i, 1);
        if (has_root(config, schema, table) ||
            is_renamed(known, known_count, auk_pg_number(list, i, 2), schema, table) ||
            !matches_one(config->include, config->include_count, schema, table, arena) ||
            matches_one(config->exclude, config->exclude_count, schema, table, arena))
            continue;
        documents[whole->document_count++] = (auk_sync_document){
            .index = config->index,
            .root = {.table = {auk_arena_copy(arena, schema), auk_arena_copy(arena, table)},
                     .all_columns = true},
            .node_count = 1,
        };
    }
    auk_pg_clear(list);
    for (uint32_t i = 0; i < whole->document_count; i++)
        documents[i].index = fill_index_name(documents[i].index, &documents[i].root.table, arena);
    if (whole->document_count == 0)
        return auk_fail(err, AUK_NOT_FOUND, "no table of the database fits [include]");
    if (whole->document_count > TABLES_MOST)
        return auk_fail(err, AUK_TOO_LARGE, "[include] fits %u tables, the most is %d",
                        whole->document_count, TABLES_MOST);
    code = check_index_names(whole, err);
    *out = whole;
    return code;
}
