#include "config.h"

#include <stdio.h>

#include "pg.h"

static void write_text(const char *name, auk_span text, auk_json_writer *out)
{
    if (text.size)
        auk_json_member_string(out, name, text);
}

static void write_texts(const char *name, const auk_span *texts, uint32_t count,
                        auk_json_writer *out)
{
    if (count == 0)
        return;
    auk_json_member_array(out, name);
    for (uint32_t i = 0; i < count; i++)
        auk_json_string(out, texts[i]);
    auk_json_end_array(out);
}

static void write_table(const char *name, const auk_sync_table_name *table, auk_json_writer *out)
{
    auk_arena *arena = auk_arena_create(256);
    auk_json_member_string(out, name,
                           auk_arena_printf(arena, "%.*s.%.*s", AUK_SPAN_ARG(table->schema),
                                            AUK_SPAN_ARG(table->name)));
    auk_arena_destroy(arena);
}

/* ---- nodes ---- */

static void write_columns(const auk_sync_node *node, auk_json_writer *out)
{
    if (node->all_columns && node->column_count == 0)
        return;
    auk_json_member_array(out, "columns");
    if (node->all_columns)
        auk_json_string(out, AUK_SPAN("*"));
    for (uint32_t i = 0; i < node->column_count; i++) {
        const auk_sync_column *column = &node->columns[i];
        auk_json_begin_object(out);
        write_text("column", column->column, out);
        write_text("as", column->as, out);
        write_text("convert", column->convert, out);
        if (column->constant.size)
            auk_json_member_raw(out, "constant", column->constant);
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
}

static void write_on(const char *name, const auk_sync_on *on, auk_json_writer *out)
{
    auk_json_member_object(out, name);
    for (uint32_t i = 0; i < on->count; i++) {
        auk_json_key(out, on->from[i]);
        auk_json_string(out, on->to[i]);
    }
    auk_json_end_object(out);
}

static void write_edge(const auk_sync_node *node, auk_json_writer *out)
{
    static const char *const shapes[] = {"object", "array", "scalar"};
    auk_arena *arena = auk_arena_create(256);
    write_text("as", node->as, out);
    auk_json_member_text(out, "shape", shapes[node->shape]);
    write_text("scalar", node->scalar, out);
    if (node->has_through) {
        auk_json_member_object(out, "through");
        write_table("table", &node->through, out);
        write_on("on", &node->on, out);
        write_on("to", &node->through_to, out);
        auk_json_end_object(out);
    } else {
        write_on("on", &node->on, out);
    }
    if (node->order.size)
        auk_json_member_string(out, "order",
                               auk_arena_printf(arena, "%s%.*s", node->descending ? "-" : "",
                                                AUK_SPAN_ARG(node->order)));
    if (node->limit)
        auk_json_member_uint(out, "limit", node->limit);
    auk_arena_destroy(arena);
}

static void write_node(const auk_sync_node *node, auk_json_writer *out)
{
    write_table("table", &node->table, out);
    write_columns(node, out);
    write_text("filter", node->filter, out);
    if (node->number > 0)
        write_edge(node, out);
    if (node->child_count == 0)
        return;
    auk_json_member_array(out, "children");
    for (uint32_t i = 0; i < node->child_count; i++) {
        auk_json_begin_object(out);
        write_node(&node->children[i], out);
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
}

static void write_document(const auk_sync_document *document, auk_json_writer *out)
{
    auk_json_begin_object(out);
    write_text("index", document->index, out);
    write_text("id", document->id, out);
    write_text("routing", document->routing, out);
    write_text("deleted_if", document->deleted_if, out);
    if (document->mappings.size)
        auk_json_member_raw(out, "mappings", document->mappings);
    if (document->settings.size)
        auk_json_member_raw(out, "settings", document->settings);
    write_texts("local_fields", document->local_fields, document->local_field_count, out);
    if (document->keyless == AUK_SYNC_KEYLESS_INSERT_ONLY)
        auk_json_member_text(out, "keyless", "insert_only");
    write_node(&document->root, out);
    auk_json_end_object(out);
}

/* ---- the whole ---- */

static void write_limits(const auk_sync_config *config, auk_json_writer *out)
{
    char time[24];
    auk_json_member_text(out, "ack", config->ack == AUK_SYNC_ACK_SPOOLED ? "spooled" : "applied");
    auk_json_member_uint(out, "spool_memory", config->spool_memory_bytes);
    auk_json_member_uint(out, "spool_limit", config->spool_limit_bytes);
    if (config->wal_budget_bytes)
        auk_json_member_uint(out, "wal_budget", config->wal_budget_bytes);
    if (config->drops_slot)
        auk_json_member_bool(out, "drop_slot_over_budget", true);
    auk_json_member_uint(out, "snapshot_workers", config->snapshot_workers);
    if (config->max_rows_per_second)
        auk_json_member_uint(out, "max_rows_per_second", config->max_rows_per_second);
    auk_json_member_uint(out, "max_dead_letters", config->dead_letters_most);
    (void)snprintf(time, sizeof time, "%ums", config->publish_ms);
    auk_json_member_text(out, "publish_interval", time);
    (void)snprintf(time, sizeof time, "%ums", config->catalog_ms);
    auk_json_member_text(out, "catalog_interval", time);
    if (config->verify_rows_per_second <= 0)
        return;
    auk_json_member_double(out, "verify_rows_per_second", config->verify_rows_per_second);
    (void)snprintf(time, sizeof time, "%ums", config->verify_ms);
    auk_json_member_text(out, "verify_interval", time);
    auk_json_member_bool(out, "verify_repair", config->verify_repair);
}

void auk_sync_config_write(const auk_sync_config *config, auk_json_writer *out)
{
    auk_arena *arena = auk_arena_create(1024);
    auk_json_begin_object(out);
    auk_json_member_string(out, "connection",
                           auk_pg_conninfo_without_secrets(config->connection, arena));
    write_text("password_file", config->password_file, out);
    write_text("password_env", config->password_env, out);
    write_text("sslmode", config->sslmode, out);
    write_text("sslrootcert", config->sslrootcert, out);
    write_text("slot", config->slot, out);
    write_text("publication", config->publication, out);
    write_texts("include", config->include, config->include_count, out);
    write_texts("exclude", config->exclude, config->exclude_count, out);
    if (config->include_count)
        write_text("index", config->index, out);
    if (config->document_count) {
        auk_json_member_array(out, "documents");
        for (uint32_t i = 0; i < config->document_count; i++)
            write_document(&config->documents[i], out);
        auk_json_end_array(out);
    }
    write_limits(config, out);
    auk_json_end_object(out);
    auk_arena_destroy(arena);
}
