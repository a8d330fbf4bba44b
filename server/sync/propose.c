#include "propose.h"

#define LEVELS      2 /* of children */
#define NODES_MOST  24
#define ARRAY_LIMIT 100

typedef struct foreign_key {
    auk_sync_table_name from, to;
    auk_span from_columns, to_columns; /* with US between */
    bool joins; /* the table has two foreign keys, and no columns of its own to speak of */
} foreign_key;

typedef struct proposal {
    auk_arena *arena;
    auk_json_writer *out;
    foreign_key *keys;
    uint32_t count;
    uint32_t nodes;
} proposal;

static bool is_same(const auk_sync_table_name *a, const auk_sync_table_name *b)
{
    return auk_span_equal(a->schema, b->schema) && auk_span_equal(a->name, b->name);
}

/* ---- reading ---- */

static auk_code read_keys(auk_pg *pg, proposal *p, auk_error *err)
{
    /* Timestamps and positions of a joining table are no reason to show it. */
    static const char sql[] =
        "SELECT cn.nspname, c.relname, rn.nspname, r.relname,"
        " (SELECT string_agg(a.attname, chr(31) ORDER BY k.at) FROM unnest(f.conkey)"
        "  WITH ORDINALITY k(n, at) JOIN pg_attribute a ON a.attrelid = f.conrelid"
        "  AND a.attnum = k.n),"
        " (SELECT string_agg(a.attname, chr(31) ORDER BY k.at) FROM unnest(f.confkey)"
        "  WITH ORDINALITY k(n, at) JOIN pg_attribute a ON a.attrelid = f.confrelid"
        "  AND a.attnum = k.n),"
        " (SELECT count(*) FROM pg_constraint o WHERE o.conrelid = f.conrelid AND o.contype = 'f')"
        "  = 2 AND NOT EXISTS (SELECT 1 FROM pg_attribute a WHERE a.attrelid = f.conrelid"
        "  AND a.attnum > 0 AND NOT a.attisdropped AND a.atttypid NOT IN (1114, 1184, 1082)"
        "  AND NOT EXISTS (SELECT 1 FROM pg_constraint o WHERE o.conrelid = f.conrelid"
        "   AND o.contype IN ('f', 'p') AND a.attnum = ANY (o.conkey)))"
        " FROM pg_constraint f JOIN pg_class c ON c.oid = f.conrelid"
        " JOIN pg_namespace cn ON cn.oid = c.relnamespace JOIN pg_class r ON r.oid = f.confrelid"
        " JOIN pg_namespace rn ON rn.oid = r.relnamespace WHERE f.contype = 'f'"
        " AND f.conparentid = 0 ORDER BY 1, 2, f.conname";
    auk_pg_result *result;
    auk_code code = auk_pg_query(pg, sql, NULL, 0, &result, err);
    if (code != AUK_OK)
        return code;
    p->keys = AUK_ARENA_ARRAY(p->arena, foreign_key, auk_pg_rows(result) + 1);
    for (uint32_t i = 0; i < auk_pg_rows(result); i++) {
        auk_span cells[6];
        for (uint32_t k = 0; k < 6; k++)
            cells[k] = auk_arena_copy(p->arena, auk_pg_cell(result, i, k));
        p->keys[p->count++] = (foreign_key){
            .from = {cells[0], cells[1]},
            .to = {cells[2], cells[3]},
            .from_columns = cells[4],
            .to_columns = cells[5],
            .joins = auk_span_is(auk_pg_cell(result, i, 6), "t"),
        };
    }
    auk_pg_clear(result);
    return AUK_OK;
}

static auk_code check_root(auk_pg *pg, const auk_sync_table_name *root, auk_error *err)
{
    static const char sql[] =
        "SELECT 1 FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace"
        " WHERE n.nspname = $1 AND c.relname = $2 AND c.relkind IN ('r', 'p')";
    const auk_span parameters[] = {root->schema, root->name};
    auk_pg_result *result;
    auk_code code = auk_pg_query(pg, sql, parameters, 2, &result, err);
    if (code != AUK_OK)
        return code;
    if (auk_pg_rows(result) == 0)
        code = auk_fail(err, AUK_NOT_FOUND, "no such table [%.*s.%.*s]", AUK_SPAN_ARG(root->schema),
                        AUK_SPAN_ARG(root->name));
    auk_pg_clear(result);
    return code;
}

/* ---- writing ---- */

static void write_table(const proposal *p, const auk_sync_table_name *table)
{
    auk_span name = table->name;
    if (!auk_span_is(table->schema, "public"))
        name = auk_arena_printf(p->arena, "%.*s.%.*s", AUK_SPAN_ARG(table->schema),
                                AUK_SPAN_ARG(table->name));
    auk_json_member_string(p->out, "table", name);
}

static void write_on(const proposal *p, const char *name, auk_span from, auk_span to)
{
    auk_span a, b;
    auk_json_member_object(p->out, name);
    while (auk_span_cut(&from, '\x1f', &a) && auk_span_cut(&to, '\x1f', &b)) {
        auk_json_key(p->out, a);
        auk_json_string(p->out, b);
    }
    auk_json_end_object(p->out);
}

/* A name that no sibling has: the field's, else that with the table's. */
typedef struct names {
    auk_span items[NODES_MOST];
    uint32_t count;
} names;

static auk_span choose_name(const proposal *p, names *taken, auk_span wanted, auk_span columns)
{
    for (uint32_t i = 0; i < taken->count; i++)
        if (auk_span_equal(taken->items[i], wanted)) {
            auk_span column = {0};
            (void)auk_span_cut(&columns, '\x1f', &column);
            wanted = auk_arena_printf(p->arena, "%.*s_by_%.*s", AUK_SPAN_ARG(wanted),
                                      AUK_SPAN_ARG(column));
            break;
        }
    if (taken->count < NODES_MOST)
        taken->items[taken->count++] = wanted;
    return wanted;
}

static auk_span object_name(const foreign_key *key)
{
    auk_span name = key->from_columns;
    bool single = !memchr(name.data, '\x1f', name.size);
    if (single && name.size > 3 && memcmp(name.data + name.size - 3, "_id", 3) == 0)
        return auk_span_make(name.data, name.size - 3);
    return key->to.name;
}

static void write_children(proposal *p, const auk_sync_table_name *table,
                           const foreign_key *came_by, uint32_t level);

static void write_object(proposal *p, const foreign_key *key, names *taken, uint32_t level)
{
    auk_json_begin_object(p->out);
    write_table(p, &key->to);
    auk_json_member_string(p->out, "as",
                           choose_name(p, taken, object_name(key), key->from_columns));
    auk_json_member_text(p->out, "shape", "object");
    write_on(p, "on", key->from_columns, key->to_columns);
    write_children(p, &key->to, key, level + 1);
    auk_json_end_object(p->out);
}

static void write_array(proposal *p, const foreign_key *key, names *taken, uint32_t level)
{
    auk_json_begin_object(p->out);
    write_table(p, &key->from);
    auk_json_member_string(p->out, "as", choose_name(p, taken, key->from.name, key->from_columns));
    auk_json_member_text(p->out, "shape", "array");
    write_on(p, "on", key->to_columns, key->from_columns);
    auk_json_member_uint(p->out, "limit", ARRAY_LIMIT);
    write_children(p, &key->from, key, level + 1);
    auk_json_end_object(p->out);
}

/* The other foreign key of a joining table. */
static const foreign_key *other_side(const proposal *p, const foreign_key *key)
{
    for (uint32_t i = 0; i < p->count; i++)
        if (&p->keys[i] != key && is_same(&p->keys[i].from, &key->from))
            return &p->keys[i];
    return NULL;
}

static void write_joined(proposal *p, const foreign_key *key, const foreign_key *other,
                         names *taken)
{
    auk_json_begin_object(p->out);
    write_table(p, &other->to);
    auk_json_member_string(p->out, "as",
                           choose_name(p, taken, other->to.name, other->from_columns));
    auk_json_member_text(p->out, "shape", "array");
    auk_json_member_object(p->out, "through");
    write_table(p, &key->from);
    write_on(p, "on", key->to_columns, key->from_columns);
    write_on(p, "to", other->from_columns, other->to_columns);
    auk_json_end_object(p->out);
    auk_json_end_object(p->out);
}

static bool leads_on(const foreign_key *key, const auk_sync_table_name *table,
                     const foreign_key *came_by, uint32_t level)
{
    if (key == came_by)
        return false;
    bool up = is_same(&key->from, table);
    bool down = is_same(&key->to, table);
    /* Below the root only objects: arrays of arrays are seldom meant. */
    return up || (down && level == 0);
}

static void write_children(proposal *p, const auk_sync_table_name *table,
                           const foreign_key *came_by, uint32_t level)
{
    names taken = {.count = 0};
    bool open = false;
    for (uint32_t i = 0; i < p->count && level < LEVELS && p->nodes < NODES_MOST; i++) {
        const foreign_key *key = &p->keys[i];
        if (!leads_on(key, table, came_by, level))
            continue;
        if (!open)
            auk_json_member_array(p->out, "children");
        open = true;
        p->nodes++;
        const foreign_key *other = key->joins ? other_side(p, key) : NULL;
        if (is_same(&key->from, table))
            write_object(p, key, &taken, level);
        else if (other)
            write_joined(p, key, other, &taken);
        else
            write_array(p, key, &taken, level);
    }
    if (open)
        auk_json_end_array(p->out);
}

auk_code auk_propose(auk_pg *pg, auk_span connection, auk_span root, auk_json_writer *out,
                     auk_error *err)
{
    proposal p = {.arena = auk_arena_create(8192), .out = out};
    auk_sync_table_name table = {AUK_SPAN("public"), root};
    auk_span rest = root, schema;
    if (auk_span_cut(&rest, '.', &schema) && rest.size)
        table = (auk_sync_table_name){schema, rest};
    auk_code code = check_root(pg, &table, err);
    if (code == AUK_OK)
        code = read_keys(pg, &p, err);
    if (code == AUK_OK) {
        auk_json_begin_object(out);
        auk_json_member_string(out, "connection", connection);
        auk_json_member_array(out, "documents");
        auk_json_begin_object(out);
        auk_json_member_string(out, "index", table.name);
        write_table(&p, &table);
        write_children(&p, &table, NULL, 0);
        auk_json_end_object(out);
        auk_json_end_array(out);
        auk_json_end_object(out);
    }
    auk_arena_destroy(p.arena);
    return code;
}
