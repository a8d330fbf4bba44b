#include "table_watch.h"

#include "auk/hash.h"

#define VERSION_FILTERS 150000 /* row filters, column lists, whole schemas */

/* What names a table in a publication, with the transactions that wrote these rows: xmin tells that
 * one was altered and altered back between two looks. */
#define SQL_HEAD                                                                                   \
    "WITH p AS (SELECT oid, xmin::text AS written FROM pg_publication WHERE pubname = $1),"        \
    " t AS (SELECT DISTINCT schemaname, tablename FROM pg_publication_tables"                      \
    "  WHERE pubname = $1)"                                                                        \
    " SELECT c.oid IS NOT NULL, coalesce((SELECT x.oid FROM pg_class x JOIN pg_namespace y"        \
    "  ON y.oid = x.relnamespace WHERE y.nspname = f.schema AND x.relname = f.name"                \
    "  AND x.relkind IN ('r', 'p')), 0),"                                                          \
    " (SELECT string_agg(h.oid || ':' || coalesce(pg_relation_filenode(h.oid), 0), ' '"            \
    "   ORDER BY h.oid) FROM (SELECT f.id AS oid UNION SELECT relid::oid"                          \
    "   FROM pg_partition_tree(f.id::regclass) WHERE isleaf) l JOIN pg_class h ON h.oid = l.oid"   \
    "  WHERE h.relkind = 'r'),"                                                                    \
    " EXISTS (SELECT 1 FROM t WHERE t.schemaname = n.nspname AND t.tablename = c.relname),"        \
    " (SELECT p.oid || ' ' || p.written FROM p),"                                                  \
    " (SELECT string_agg(r.oid || ':' || r.xmin, ' ' ORDER BY r.oid) FROM p"                       \
    "  JOIN pg_publication_rel r ON r.prpubid = p.oid WHERE r.prrelid = f.id OR r.prrelid IN"      \
    "   (SELECT relid FROM pg_partition_ancestors(f.id::regclass)))"
#define SQL_FILTERS                                                                                \
    ", EXISTS (SELECT 1 FROM p JOIN pg_publication_rel r ON r.prpubid = p.oid"                     \
    "  WHERE r.prrelid = f.id AND (r.prqual IS NOT NULL OR r.prattrs IS NOT NULL)),"               \
    " (SELECT string_agg(s.oid || ':' || s.xmin, ' ' ORDER BY s.oid) FROM p"                       \
    "  JOIN pg_publication_namespace s ON s.pnpubid = p.oid WHERE s.pnnspid = c.relnamespace)"
#define SQL_TAIL                                                                                   \
    " FROM unnest($2::oid[], $3::text[], $4::text[]) WITH ORDINALITY f(id, schema, name, at)"      \
    " LEFT JOIN pg_class c ON c.oid = f.id LEFT JOIN pg_namespace n ON n.oid = c.relnamespace"     \
    " ORDER BY f.at"

/* ---- arrays as parameters ---- */

typedef enum column { ID, SCHEMA, NAME } column;

static auk_span array_of(const auk_known_table *known, uint32_t count, column wanted,
                         auk_arena *arena)
{
    auk_buffer out;
    auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_byte(&out, '{');
    for (uint32_t i = 0; i < count; i++) {
        if (wanted == ID)
            auk_buffer_printf(&out, "%s%u", i ? "," : "", known[i].id);
        else
            auk_pg_append_element(&out, wanted == SCHEMA ? known[i].schema : known[i].name);
    }
    auk_buffer_append_byte(&out, '}');
    auk_span text = auk_arena_copy(arena, auk_buffer_span(&out));
    auk_buffer_deinit(&out);
    return text;
}

/* ---- reading ---- */

static auk_code read_tables(auk_pg *pg, auk_span publication, const auk_known_table *known,
                            uint32_t count, auk_arena *arena, auk_watch *out, auk_error *err)
{
    bool has_filters = auk_pg_version(pg) >= VERSION_FILTERS;
    const auk_span parameters[] = {publication, array_of(known, count, ID, arena),
                                   array_of(known, count, SCHEMA, arena),
                                   array_of(known, count, NAME, arena)};
    auk_pg_result *r;
    auk_code code =
        auk_pg_query(pg, has_filters ? SQL_HEAD SQL_FILTERS SQL_TAIL : SQL_HEAD SQL_TAIL,
                     parameters, 4, &r, err);
    if (code != AUK_OK)
        return code;
    out->tables = AUK_ARENA_ARRAY(arena, auk_table_watch, count + 1);
    for (uint32_t i = 0; i < count && i < auk_pg_rows(r); i++) {
        auk_table_watch *table = &out->tables[i];
        table->exists = auk_pg_is_true(r, i, 0);
        table->named = (uint32_t)auk_pg_number(r, i, 1);
        table->heaps = auk_hash(auk_pg_cell(r, i, 2), 0);
        table->is_published = auk_pg_is_true(r, i, 3);
        table->published = auk_hash(auk_pg_cell(r, i, 5), auk_hash(auk_pg_cell(r, i, 4), 0));
        if (!has_filters)
            continue;
        table->is_partial = auk_pg_is_true(r, i, 6);
        table->published = auk_hash(auk_pg_cell(r, i, 7), table->published);
    }
    auk_pg_clear(r);
    return AUK_OK;
}

auk_code auk_watch_read(auk_pg *pg, auk_span publication, const auk_known_table *known,
                        uint32_t count, auk_arena *arena, auk_watch *out, auk_error *err)
{
    static const char sql[] = "SELECT pg_snapshot_xmin(pg_current_snapshot()),"
                              " pg_snapshot_xmax(pg_current_snapshot())";
    auk_pg_result *r;
    auk_publication_state before;
    *out = (auk_watch){0};
    auk_code code = auk_publication_read(pg, publication, &out->publication, err);
    do { /* both as they were at one time: the catalog is not read in snapshots */
        before = out->publication;
        if (code == AUK_OK)
            code = read_tables(pg, publication, known, count, arena, out, err);
        if (code == AUK_OK)
            code = auk_publication_read(pg, publication, &out->publication, err);
    } while (code == AUK_OK && before.written != out->publication.written);
    if (code == AUK_OK)
        code = auk_pg_query(pg, sql, NULL, 0, &r, err);
    if (code != AUK_OK)
        return code;
    out->xmin = auk_pg_number(r, 0, 0);
    out->xmax = auk_pg_number(r, 0, 1);
    auk_pg_clear(r);
    return AUK_OK;
}

uint64_t auk_watch_hash_heaps(const auk_source_table *table)
{
    auk_buffer text;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    for (uint32_t i = 0; i < table->heap_count; i++)
        auk_buffer_printf(&text, "%s%u:%u", i ? " " : "", table->heaps[i].id,
                          table->heaps[i].filenode);
    uint64_t hash = auk_hash(auk_buffer_span(&text), 0);
    auk_buffer_deinit(&text);
    return hash;
}
