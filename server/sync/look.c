/* A look at a database that nobody follows yet: preflight, and a proposal. */
#include "propose.h"
#include "source.h"

static auk_code read_config(auk_syncs *syncs, auk_span name, const auk_json *body, auk_source **out,
                            auk_error *err)
{
    *out = auk_source_create(syncs, name);
    return auk_source_configure(*out, body, err);
}

auk_code auk_sync_preflight(auk_syncs *syncs, auk_span name, const auk_json *body,
                            auk_json_writer *out, auk_error *err)
{
    auk_source *source, *known = auk_syncs_find(syncs, name);
    auk_pg *pg = NULL;
    auk_sync_config *expanded;
    auk_source_tables tables;
    auk_span conninfo;
    auk_preflight found;
    auk_arena *arena = auk_arena_create(8192);
    auk_code code = read_config(syncs, name, body, &source, err);
    if (code == AUK_OK)
        code = auk_source_conninfo(source->config, arena, &conninfo, err);
    if (code == AUK_OK)
        code = auk_source_connect(source, source->config, &pg, err);
    if (code == AUK_OK)
        code = auk_tables_expand(pg, source->config, NULL, 0, arena, &expanded, err);
    if (code == AUK_OK)
        code = auk_tables_read(pg, expanded, NULL, 0, arena, &tables, err);
    if (code == AUK_OK)
        code = auk_source_check_locals(expanded, &tables, err);
    if (code == AUK_OK) {
        const auk_preflight_options options = {pg, expanded, &tables, conninfo.data, !known};
        code = auk_preflight_run(&options, arena, &found, err);
    }
    if (code == AUK_OK)
        auk_preflight_write(&found, out);
    auk_pg_close(pg);
    auk_source_release(source);
    auk_source_release(known);
    auk_arena_destroy(arena);
    return auk_sync_blame(code, err);
}

auk_code auk_sync_propose(auk_syncs *syncs, const auk_json *body, auk_json_writer *out,
                          auk_error *err)
{
    const auk_json *root = auk_json_get(body, "root");
    auk_source *source;
    auk_pg *pg = NULL;
    auk_json_writer writer;
    auk_buffer text;
    const auk_json *config;
    if (!root || root->type != AUK_JSON_STRING || root->text.size == 0)
        return auk_fail(err, AUK_INVALID, "[_propose] needs [root], the table of the documents");
    auk_arena *arena = auk_arena_create(4096);
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &text, false);
    auk_json_begin_object(&writer);
    for (const auk_json *m = body->child; m; m = m->next) {
        auk_json_key(&writer, auk_span_is(m->key, "root") ? AUK_SPAN("tables") : m->key);
        auk_json_value(&writer, m);
    }
    auk_json_end_object(&writer);
    auk_code code = auk_json_parse(auk_buffer_span(&text), arena, &config, err);
    source = auk_source_create(syncs, AUK_SPAN("proposal"));
    if (code == AUK_OK)
        code = auk_source_configure(source, config, err);
    if (code == AUK_OK)
        code = auk_source_connect(source, source->config, &pg, err);
    if (code == AUK_OK)
        code = auk_propose(pg, auk_pg_conninfo_without_secrets(source->config->connection, arena),
                           root->text, out, err);
    auk_pg_close(pg);
    auk_source_release(source);
    auk_buffer_deinit(&text);
    auk_arena_destroy(arena);
    return auk_sync_blame(code, err);
}
