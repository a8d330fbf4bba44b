#include "config.h"

#include <stddef.h>

#include "config_read.h"

#define NAME_MOST      48
#define SLOT_MOST      63
#define DOCUMENTS_MOST 1024
#define MIB            ((uint64_t)1 << 20)

/* ---- names ---- */

static auk_code check_name(auk_config_reader *reader, auk_span name)
{
    bool good =
        name.size > 0 && name.size <= NAME_MOST && name.data[0] != '_' && name.data[0] != '-';
    for (size_t i = 0; i < name.size && good; i++)
        good = (name.data[i] >= 'a' && name.data[i] <= 'z') ||
               (name.data[i] >= '0' && name.data[i] <= '9') || auk_byte_among(name.data[i], "_-");
    if (good)
        return AUK_OK;
    return auk_fail(reader->err, AUK_INVALID,
                    "invalid source name [%.*s], must be 1 to %d of [a-z0-9_-] and begin with a "
                    "letter or digit",
                    AUK_SPAN_ARG(name), NAME_MOST);
}

static auk_code check_slot(auk_config_reader *reader, auk_span slot)
{
    bool good = slot.size <= SLOT_MOST;
    for (size_t i = 0; i < slot.size && good; i++)
        good = (slot.data[i] >= 'a' && slot.data[i] <= 'z') ||
               (slot.data[i] >= '0' && slot.data[i] <= '9') || slot.data[i] == '_';
    if (good)
        return AUK_OK;
    return auk_config_fail(reader, "[slot] must be at most %d of [a-z0-9_], but is [%.*s]",
                           SLOT_MOST, AUK_SPAN_ARG(slot));
}

/* "auk_shop"; names of slots have no hyphen. */
static auk_span default_slot(auk_span name, auk_arena *arena)
{
    auk_span slot = auk_arena_printf(arena, "auk_%.*s", AUK_SPAN_ARG(name));
    char *text = auk_arena_alloc(arena, slot.size + 1);
    for (size_t i = 0; i <= slot.size; i++)
        text[i] = (char)(slot.data[i] == '-' ? '_' : slot.data[i]);
    return auk_span_make(text, slot.size);
}

/* The index of a table that names none: "product", or "sales.order" -> "sales_order". */
static auk_code check_index_template(auk_config_reader *reader, auk_span text, bool is_pattern)
{
    static const char *const holes[] = {"{schema}", "{table}"};
    uint32_t count, known = 0;
    auk_code code = auk_config_check_template(reader, "index", text, &count);
    if (code != AUK_OK)
        return code;
    for (size_t at = 0; at < text.size; at++)
        for (int i = 0; i < 2; i++)
            known += auk_span_starts_with(auk_span_from(text, at), auk_span_of(holes[i]));
    if (known != count)
        return auk_config_fail(reader, "[index] may hold {schema} and {table}, but is [%.*s]",
                               AUK_SPAN_ARG(text));
    if (is_pattern && count == 0)
        return auk_config_fail(
            reader, "[index] must hold {table}, for several tables may be included: [%.*s]",
            AUK_SPAN_ARG(text));
    return AUK_OK;
}

/* ---- documents ---- */

static auk_code read_keyless(auk_config_reader *reader, const auk_json *value,
                             auk_sync_document *document)
{
    if (!value)
        return AUK_OK;
    if (value->type == AUK_JSON_STRING && auk_span_is(value->text, "insert_only")) {
        document->keyless = AUK_SYNC_KEYLESS_INSERT_ONLY;
        return AUK_OK;
    }
    if (value->type == AUK_JSON_STRING && auk_span_is(value->text, "refuse"))
        return AUK_OK;
    return auk_config_fail(reader, "[keyless] must be one of [refuse, insert_only], but is [%.*s]",
                           AUK_SPAN_ARG(value->text));
}

static auk_code check_templates(auk_config_reader *reader, const auk_sync_document *document)
{
    uint32_t holes;
    auk_code code = auk_config_check_template(reader, "id", document->id, &holes);
    if (code == AUK_OK && document->id.size > 0 && holes == 0)
        code = auk_config_fail(reader, "[id] must name a column such as [{id}]");
    if (code == AUK_OK)
        code = auk_config_check_template(reader, "routing", document->routing, &holes);
    return code == AUK_OK ? check_index_template(reader, document->index, false) : code;
}

static auk_code read_document(auk_config_reader *reader, const auk_json *value,
                              auk_sync_document *out)
{
    static const auk_config_member rows[] = {
        {"index", AUK_CONFIG_TEXT, offsetof(auk_sync_document, index), 0},
        {"id", AUK_CONFIG_TEXT, offsetof(auk_sync_document, id), 0},
        {"routing", AUK_CONFIG_TEXT, offsetof(auk_sync_document, routing), 0},
        {"deleted_if", AUK_CONFIG_TEXT, offsetof(auk_sync_document, deleted_if), 0},
        {"mappings", AUK_CONFIG_OBJECT, offsetof(auk_sync_document, mappings), 0},
        {"settings", AUK_CONFIG_OBJECT, offsetof(auk_sync_document, settings), 0},
        {"local_fields", AUK_CONFIG_TEXTS, offsetof(auk_sync_document, local_fields),
         offsetof(auk_sync_document, local_field_count)},
        {"filter", AUK_CONFIG_TEXT, offsetof(auk_sync_document, root.filter), 0},
        {"keyless", AUK_CONFIG_OWN, 0, 0},
        {"table", AUK_CONFIG_OWN, 0, 0},
        {"columns", AUK_CONFIG_OWN, 0, 0},
        {"children", AUK_CONFIG_OWN, 0, 0},
    };
    reader->nodes = 0;
    auk_code code = auk_config_read(reader, value, rows, sizeof rows / sizeof *rows, out);
    if (code == AUK_OK)
        code = read_keyless(reader, auk_json_get(value, "keyless"), out);
    if (code == AUK_OK)
        code = auk_config_read_root(reader, value, &out->root);
    out->node_count = reader->nodes;
    if (code == AUK_OK && out->index.size == 0)
        out->index = AUK_SPAN("{table}");
    return code == AUK_OK ? check_templates(reader, out) : code;
}

/* "tables": ["product", "sales.order"]: a document each, of all columns. */
static auk_code read_short_table(auk_config_reader *reader, const auk_json *value, auk_span index,
                                 auk_sync_document *out)
{
    auk_code code = auk_config_read_table(reader, value, "tables", &out->root.table);
    out->index = index;
    out->root.all_columns = true;
    out->node_count = 1;
    return code;
}

static uint32_t count_tables(const auk_json *tables)
{
    if (!tables)
        return 0;
    return tables->type == AUK_JSON_ARRAY ? tables->count : 1;
}

static auk_code read_documents(auk_config_reader *reader, const auk_json *body,
                               auk_sync_config *config)
{
    const auk_json *list = auk_json_get(body, "documents"), *tables = auk_json_get(body, "tables");
    uint32_t table_count = count_tables(tables);
    if (list && list->type != AUK_JSON_ARRAY)
        return auk_config_fail(reader, "[documents] must be a list, but is %s",
                               auk_json_type_name(list->type));
    uint32_t most = table_count + (list ? list->count : 0);
    if (most > DOCUMENTS_MOST)
        return auk_config_fail(reader, "a source may have no more than %d documents",
                               DOCUMENTS_MOST);
    auk_sync_document *documents = AUK_ARENA_ARRAY(reader->arena, auk_sync_document, most + 1);
    auk_code code = AUK_OK;
    const auk_json *at = list ? list->child : NULL;
    for (; at && code == AUK_OK; at = at->next) {
        size_t before = auk_config_enter(reader, "documents", config->document_count);
        code = read_document(reader, at, &documents[config->document_count++]);
        auk_config_leave(reader, before);
    }
    at = tables && tables->type == AUK_JSON_ARRAY ? tables->child : tables;
    for (uint32_t i = 0; i < table_count && code == AUK_OK; i++, at = at->next)
        code = read_short_table(reader, at, config->index, &documents[config->document_count++]);
    config->documents = documents;
    return code;
}

/* ---- the whole ---- */

static auk_code read_drop(auk_config_reader *reader, const auk_json *value, auk_sync_config *config)
{
    if (value && value->type != AUK_JSON_TRUE && value->type != AUK_JSON_FALSE)
        return auk_config_fail(reader, "[drop_slot_over_budget] must be true or false");
    config->drops_slot = value && value->type == AUK_JSON_TRUE;
    return AUK_OK;
}

static auk_code read_ack(auk_config_reader *reader, const auk_json *value, auk_sync_config *config)
{
    if (!value)
        return AUK_OK;
    bool spooled = value->type == AUK_JSON_STRING && auk_span_is(value->text, "spooled");
    if (!spooled && !(value->type == AUK_JSON_STRING && auk_span_is(value->text, "applied")))
        return auk_config_fail(reader, "[ack] must be one of [applied, spooled], but is [%.*s]",
                               AUK_SPAN_ARG(value->text));
    config->ack = spooled ? AUK_SYNC_ACK_SPOOLED : AUK_SYNC_ACK_APPLIED;
    return AUK_OK;
}

static auk_code check_whole(auk_config_reader *reader, const auk_json *body,
                            const auk_sync_config *config)
{
    if (config->connection.size == 0)
        return auk_config_fail(reader, "needs [connection], such as [postgres://app@db/shop]");
    if (config->password_file.size && config->password_env.size)
        return auk_config_fail(reader, "takes either [password_file] or [password_env]");
    if (config->document_count == 0 && config->include_count == 0)
        return auk_config_fail(reader, "needs [documents], [tables] or [include]");
    if (config->exclude_count && !config->include_count)
        return auk_config_fail(reader, "[exclude] takes from [include], which is absent");
    if (config->snapshot_workers == 0 || config->snapshot_workers > 64)
        return auk_config_fail(reader, "[snapshot_workers] must be a number from 1 to 64");
    bool several = config->include_count > 0 || count_tables(auk_json_get(body, "tables")) > 1;
    auk_code code = check_index_template(reader, config->index, several);
    return code == AUK_OK ? check_slot(reader, config->slot) : code;
}

static const auk_config_member members[] = {
    {"connection", AUK_CONFIG_TEXT, offsetof(auk_sync_config, connection), 0},
    {"password_file", AUK_CONFIG_TEXT, offsetof(auk_sync_config, password_file), 0},
    {"password_env", AUK_CONFIG_TEXT, offsetof(auk_sync_config, password_env), 0},
    {"sslmode", AUK_CONFIG_TEXT, offsetof(auk_sync_config, sslmode), 0},
    {"sslrootcert", AUK_CONFIG_TEXT, offsetof(auk_sync_config, sslrootcert), 0},
    {"slot", AUK_CONFIG_TEXT, offsetof(auk_sync_config, slot), 0},
    {"publication", AUK_CONFIG_TEXT, offsetof(auk_sync_config, publication), 0},
    {"include", AUK_CONFIG_TEXTS, offsetof(auk_sync_config, include),
     offsetof(auk_sync_config, include_count)},
    {"exclude", AUK_CONFIG_TEXTS, offsetof(auk_sync_config, exclude),
     offsetof(auk_sync_config, exclude_count)},
    {"index", AUK_CONFIG_TEXT, offsetof(auk_sync_config, index), 0},
    {"tables", AUK_CONFIG_OWN, 0, 0},
    {"documents", AUK_CONFIG_OWN, 0, 0},
    {"ack", AUK_CONFIG_OWN, 0, 0},
    {"drop_slot_over_budget", AUK_CONFIG_OWN, 0, 0},
    {"spool_memory", AUK_CONFIG_BYTES, offsetof(auk_sync_config, spool_memory_bytes), 0},
    {"spool_limit", AUK_CONFIG_BYTES, offsetof(auk_sync_config, spool_limit_bytes), 0},
    {"wal_budget", AUK_CONFIG_BYTES, offsetof(auk_sync_config, wal_budget_bytes), 0},
    {"snapshot_workers", AUK_CONFIG_COUNT, offsetof(auk_sync_config, snapshot_workers), 0},
    {"max_rows_per_second", AUK_CONFIG_NUMBER, offsetof(auk_sync_config, max_rows_per_second), 0},
    {"max_dead_letters", AUK_CONFIG_COUNT, offsetof(auk_sync_config, dead_letters_most), 0},
    {"publish_interval", AUK_CONFIG_TIME, offsetof(auk_sync_config, publish_ms), 0},
    {"catalog_interval", AUK_CONFIG_TIME, offsetof(auk_sync_config, catalog_ms), 0},
    {"verify_rows_per_second", AUK_CONFIG_RATE, offsetof(auk_sync_config, verify_rows_per_second),
     0},
    {"verify_interval", AUK_CONFIG_TIME, offsetof(auk_sync_config, verify_ms), 0},
    {"verify_repair", AUK_CONFIG_FLAG, offsetof(auk_sync_config, verify_repair), 0},
};

auk_code auk_sync_config_parse(auk_span name, const auk_json *body, auk_arena *arena,
                               auk_sync_config **out, auk_error *err)
{
    auk_config_reader reader = {.arena = arena, .err = err};
    auk_sync_config *config = AUK_ARENA_NEW(arena, auk_sync_config);
    auk_code code = check_name(&reader, name);
    if (code != AUK_OK)
        return code;
    config->name = auk_arena_copy(arena, name);
    config->slot = config->publication = default_slot(name, arena);
    config->index = AUK_SPAN("{table}");
    config->spool_memory_bytes = 8 * MIB;
    config->spool_limit_bytes = 16384 * MIB;
    config->snapshot_workers = 2;
    config->dead_letters_most = 10000;
    config->publish_ms = 50;
    config->catalog_ms = 10000;
    config->verify_ms = 60000;
    config->verify_repair = true;
    code = auk_config_read(&reader, body, members, sizeof members / sizeof *members, config);
    if (code == AUK_OK)
        code = read_ack(&reader, auk_json_get(body, "ack"), config);
    if (code == AUK_OK)
        code = read_drop(&reader, auk_json_get(body, "drop_slot_over_budget"), config);
    if (code == AUK_OK)
        code = read_documents(&reader, body, config);
    if (code == AUK_OK)
        code = check_whole(&reader, body, config);
    *out = code == AUK_OK ? config : NULL;
    return code;
}
