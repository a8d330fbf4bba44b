#include "applier_private.h"

#include "auk/hash.h"

#define DOCUMENT_SEED 0x61756b646f633031ULL
#define ID_SIZE_MOST  ((size_t)1 << 20)

/* ---- a step ---- */

void auk_step_init(auk_step *step)
{
    *step = (auk_step){.arena = auk_arena_create(65536)};
}

void auk_step_deinit(auk_step *step)
{
    auk_arena_destroy(step->arena);
}

static auk_item *add_item(auk_step *step, const auk_tree *tree, auk_span root)
{
    auk_item *item = AUK_ARENA_NEW(step->arena, auk_item);
    item->tree = tree;
    item->root = auk_arena_copy(step->arena, root);
    item->next = step->items;
    step->items = item;
    return item;
}

static auk_item *add_delete(auk_step *step, const auk_tree *tree, auk_span root, auk_span id,
                            auk_span routing)
{
    auk_item *item = add_item(step, tree, root);
    item->id = auk_arena_copy(step->arena, id);
    item->routing = auk_arena_copy(step->arena, routing);
    step->delete_count++;
    return item;
}

/* A dead letter from here on: there is nothing to write. */
static void refuse(auk_step *step, auk_item *item, const auk_error *why)
{
    auk_error *copy = AUK_ARENA_NEW(step->arena, auk_error);
    *copy = *why;
    item->refused = copy;
}

static void set_source(auk_step *step, auk_item *item, auk_span json)
{
    char *padded = (char *)auk_arena_alloc(step->arena, json.size + AUK_JSON_PADDING);
    memcpy(padded, json.data, json.size);
    memset(padded + json.size, 0, AUK_JSON_PADDING);
    item->source = auk_span_make(padded, json.size);
    step->index_count++;
    step->bytes +=
        json.size + item->root.size + sizeof *item + sizeof(auk_write) + sizeof(auk_written);
}

/* ---- a document ---- */

typedef struct rendering {
    auk_document_builder *builder;
    auk_buffer json, id, routing;
} rendering;

static void rendering_init(rendering *r, auk_document_builder *builder)
{
    r->builder = builder;
    auk_buffer_init(&r->json, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&r->id, ID_SIZE_MOST);
    auk_buffer_init(&r->routing, ID_SIZE_MOST);
}

static void rendering_deinit(rendering *r)
{
    auk_buffer_deinit(&r->json);
    auk_buffer_deinit(&r->id);
    auk_buffer_deinit(&r->routing);
}

/* AUK_INVALID: a dead letter. */
static auk_code render(rendering *r, const auk_tree *tree, auk_span key, const auk_row *row,
                       auk_error *err)
{
    auk_buffer_reset(&r->json);
    auk_buffer_reset(&r->id);
    auk_buffer_reset(&r->routing);
    r->builder->unknown = false;
    auk_code code = auk_document_write_id(tree, row->values, key, &r->id, err);
    if (code == AUK_OK)
        code = auk_document_write_routing(tree, row->values, &r->routing, err);
    if (code == AUK_BUSY) { /* a value of a template was not sent */
        r->builder->unknown = true;
        return AUK_OK;
    }
    if (code == AUK_OK && r->id.size == 0)
        return auk_fail(err, AUK_INVALID, "the document's _id is empty");
    if (code == AUK_OK)
        code = auk_document_build(r->builder, tree, row, &r->json, err);
    return code;
}

static uint64_t hash_of(const rendering *r)
{
    return auk_hash(auk_buffer_span(&r->json), DOCUMENT_SEED);
}

static void add_rendered(auk_step *step, auk_item *item, const rendering *r, bool notes)
{
    item->id = auk_arena_copy(step->arena, auk_buffer_span(&r->id));
    item->routing = auk_arena_copy(step->arena, auk_buffer_span(&r->routing));
    item->hash = notes ? hash_of(r) : 0;
    item->notes = notes;
    set_source(step, item, auk_buffer_span(&r->json));
}

static bool is_called(const auk_written_record *record, const rendering *r)
{
    return auk_span_equal(record->id, auk_buffer_span(&r->id)) &&
           auk_span_equal(record->routing, auk_buffer_span(&r->routing));
}

/* What was written under another name goes. */
static void add_replacing(auk_step *step, const auk_tree *tree, auk_span root,
                          const auk_written_record *record, const rendering *r)
{
    bool moves = record && !is_called(record, r);
    if (moves)
        add_delete(step, tree, root, record->id, record->routing);
    auk_item *item = add_item(step, tree, root);
    item->replaces = moves;
    add_rendered(step, item, r, true);
}

static void note_origin(auk_step *step, const auk_item *before, uint32_t xid, char op)
{
    for (auk_item *item = step->items; item && item != before; item = item->next) {
        item->xid = xid;
        item->op = op;
    }
}

/* ---- roots of trees ---- */

static auk_code read_root(auk_applier *applier, const auk_tree *tree, auk_span root,
                          auk_arena *arena, auk_span *key, auk_row *row, bool *found,
                          auk_error *err)
{
    auk_key_begin(&applier->key, applier->source, AUK_KEY_ROW);
    auk_key_append_number(&applier->key, tree->root->table->id);
    auk_buffer_append(&applier->key, root);
    *key = auk_arena_copy(arena, auk_buffer_span(&applier->key));
    return auk_rows_get(applier->rows, tree->root->table, *key, arena, row, found, err);
}

static auk_code add_gone(auk_applier *applier, auk_step *step, const auk_tree *tree, auk_span root,
                         const auk_written_record *record, auk_span key, auk_error *err)
{
    if (record) {
        add_delete(step, tree, root, record->id, record->routing)->forgets = true;
        return AUK_OK;
    }
    if (tree->is_plain && tree->is_named_by_key) {
        const auk_row_table *table = tree->root->table;
        auk_datum *values = AUK_ARENA_ARRAY(step->arena, auk_datum, table->column_count + 1);
        auk_buffer id, routing;
        auk_span rest = root;
        auk_code code = AUK_OK;
        for (uint32_t i = 0; code == AUK_OK && i < table->key_count; i++) {
            values[table->key[i]].state = AUK_DATUM_TEXT;
            code = auk_key_cut_value(&rest, step->arena, &values[table->key[i]].bytes, err);
        }
        auk_buffer_init(&id, ID_SIZE_MOST);
        auk_buffer_init(&routing, ID_SIZE_MOST);
        if (code == AUK_OK)
            code = auk_document_write_id(tree, values, key, &id, err);
        if (code == AUK_OK)
            code = auk_document_write_routing(tree, values, &routing, err);
        if (code == AUK_OK && id.size > 0)
            add_delete(step, tree, root, auk_buffer_span(&id), auk_buffer_span(&routing));
        auk_buffer_deinit(&id);
        auk_buffer_deinit(&routing);
        return code;
    }
    if (auk_applier_is_dead(applier, tree->number, root))
        add_item(step, tree, root)->is_clean = true; /* what was wrong with it is gone with it */
    return AUK_OK;
}

static auk_code add_built(auk_applier *applier, auk_step *step, const auk_tree *tree, auk_span root,
                          auk_span key, const auk_row *row, const auk_written_record *record,
                          bool always, rendering *r, auk_error *err)
{
    auk_code code = render(r, tree, key, row, err);
    bool keeps = !(tree->is_plain && tree->is_named_by_key);
    if (code == AUK_INVALID) {
        refuse(step, add_item(step, tree, root), err);
        return AUK_OK;
    }
    if (code != AUK_OK || r->builder->unknown)
        return code;
    if (!keeps) {
        add_rendered(step, add_item(step, tree, root), r, false);
        return AUK_OK;
    }
    bool dead = auk_applier_is_dead(applier, tree->number, root);
    if (record && !always && record->hash == hash_of(r) && is_called(record, r)) {
        step->unchanged++;
        if (dead)
            add_item(step, tree, root)->is_clean = true;
        return AUK_OK;
    }
    add_replacing(step, tree, root, record, r);
    return AUK_OK;
}

auk_code auk_step_add_root(auk_applier *applier, auk_step *step, const auk_tree *tree,
                           auk_span root, bool always, auk_error *err)
{
    auk_document_builder builder = {.rows = applier->rows,
                                    .types = applier->options.types,
                                    .arena = applier->scratch};
    auk_written_record record;
    auk_row row;
    rendering r;
    bool found, known;
    auk_span key;
    const auk_item *before = step->items;
    auk_code code = read_root(applier, tree, root, applier->scratch, &key, &row, &found, err);
    if (code == AUK_OK)
        code = auk_applier_get_written(applier, tree->number, root, applier->scratch, &record,
                                       &known, err);
    if (code != AUK_OK)
        return code;
    rendering_init(&r, &builder);
    auk_predicate_answer exists =
        found ? auk_document_exists(tree, row.values) : AUK_PREDICATE_FALSE;
    if (exists == AUK_PREDICATE_FALSE)
        code = add_gone(applier, step, tree, root, known ? &record : NULL, key, err);
    else if (exists == AUK_PREDICATE_TRUE)
        code = add_built(applier, step, tree, root, key, &row, known ? &record : NULL, always, &r,
                         err);
    note_origin(step, before, found ? row.writer.xid : applier->group.xid, found ? 'u' : 'd');
    AUK_APPLIER_COUNT(applier, unmapped_values, builder.unmapped);
    rendering_deinit(&r);
    auk_arena_reset(applier->scratch);
    return code;
}

/* ---- roots without children ---- */

static bool same_values(const auk_row_table *table, const auk_row *a, const auk_row *b)
{
    for (uint32_t i = 0; i < table->column_count; i++) {
        if (!table->needed[i])
            continue;
        if (a->values[i].state != b->values[i].state ||
            !auk_span_equal(a->values[i].bytes, b->values[i].bytes))
            return false;
    }
    return true;
}

typedef struct plain_states {
    auk_row before, after;
    bool was, is;
    auk_predicate_answer existed, exists;
} plain_states;

static auk_code read_states(const auk_tree *tree, const auk_row_entry *entry, auk_arena *arena,
                            plain_states *out, auk_error *err)
{
    auk_code code = auk_rows_read(entry, false, arena, &out->before, &out->was, err);
    if (code == AUK_OK)
        code = auk_rows_read(entry, true, arena, &out->after, &out->is, err);
    if (code != AUK_OK)
        return code;
    out->existed = out->was ? auk_document_exists(tree, out->before.values) : AUK_PREDICATE_FALSE;
    out->exists = out->is ? auk_document_exists(tree, out->after.values) : AUK_PREDICATE_FALSE;
    return AUK_OK;
}

static auk_code add_plain_entry(auk_applier *applier, auk_step *step, const auk_tree *tree,
                                const auk_row_entry *entry, rendering *r, auk_error *err)
{
    plain_states s;
    auk_written_record record;
    bool known = false;
    auk_arena *arena = applier->scratch;
    auk_span root = auk_span_from(entry->key, AUK_KEY_TABLE_SIZE);
    bool dead = auk_applier_is_dead(applier, tree->number, root);
    auk_code code = read_states(tree, entry, arena, &s, err);
    if (code != AUK_OK || s.exists == AUK_PREDICATE_UNSURE)
        return code;
    if (!entry->is_blind && !dead && s.existed == s.exists && s.was && s.is &&
        same_values(tree->root->table, &s.before, &s.after)) {
        step->unchanged += s.exists == AUK_PREDICATE_TRUE;
        return AUK_OK;
    }
    bool absent = entry->is_blind ? entry->is_born : s.existed == AUK_PREDICATE_FALSE;
    if (tree->is_named_by_key && absent && !dead && s.exists == AUK_PREDICATE_FALSE)
        return AUK_OK; /* there is nothing to delete */
    if (!tree->is_named_by_key)
        code = auk_applier_get_written(applier, tree->number, root, arena, &record, &known, err);
    if (code != AUK_OK)
        return code;
    if (s.exists == AUK_PREDICATE_TRUE)
        return add_built(applier, step, tree, root, entry->key, &s.after, known ? &record : NULL,
                         false, r, err);
    return add_gone(applier, step, tree, root, known ? &record : NULL, entry->key, err);
}

auk_code auk_step_add_plain(auk_applier *applier, auk_step *step, auk_error *err)
{
    auk_document_builder builder = {.rows = applier->rows,
                                    .types = applier->options.types,
                                    .arena = applier->scratch};
    auk_code code = AUK_OK;
    rendering r;
    rendering_init(&r, &builder);
    for (uint32_t i = 0; code == AUK_OK && i < auk_rows_entry_count(applier->rows); i++) {
        const auk_row_entry *entry = auk_rows_entry(applier->rows, i);
        const auk_model_table *table = (const auk_model_table *)(const void *)entry->table;
        for (uint32_t k = 0; code == AUK_OK && k < table->use_count; k++) {
            const auk_tree *tree = table->uses[k].node->tree;
            const auk_item *before = step->items;
            if (!tree->is_plain)
                continue;
            code = add_plain_entry(applier, step, tree, entry, &r, err);
            note_origin(step, before, entry->xid, entry->op);
            auk_arena_reset(applier->scratch);
        }
    }
    AUK_APPLIER_COUNT(applier, unmapped_values, builder.unmapped);
    rendering_deinit(&r);
    return code;
}

auk_code auk_step_add_row(auk_applier *applier, auk_step *step, const auk_tree *tree, auk_span key,
                          const auk_row *row, auk_document_builder *builder, auk_error *err)
{
    auk_written_record record;
    bool known = false;
    rendering r;
    auk_code code = AUK_OK;
    auk_span root = auk_span_from(key, AUK_KEY_TABLE_SIZE);
    if (auk_document_exists(tree, row->values) != AUK_PREDICATE_TRUE)
        return AUK_OK;
    if (!tree->is_named_by_key)
        code = auk_applier_get_written(applier, tree->number, root, builder->arena, &record, &known,
                                       err);
    rendering_init(&r, builder);
    const auk_item *before = step->items;
    if (code == AUK_OK)
        code =
            add_built(applier, step, tree, root, key, row, known ? &record : NULL, true, &r, err);
    note_origin(step, before, 0, 's');
    rendering_deinit(&r);
    return code;
}

/* ---- writes, and what becomes of them ---- */

auk_code auk_step_finish(auk_applier *applier, auk_step *step, auk_error *err)
{
    uint32_t next_delete = step->delete_count, next_index = step->delete_count + step->index_count;
    step->write_count = next_index;
    step->writes = AUK_ARENA_ARRAY(step->arena, auk_write, step->write_count + 1);
    step->written = AUK_ARENA_ARRAY(step->arena, auk_written, step->write_count + 1);
    for (auk_item *item = step->items; item; item = item->next) { /* last first */
        if (item->refused || item->is_clean)
            continue;
        item->write = item->source.data ? --next_index : --next_delete;
        auk_write *write = &step->writes[item->write];
        auk_write_init(write);
        write->kind = item->source.data ? AUK_WRITE_INDEX : AUK_WRITE_DELETE;
        write->index = auk_applier_target(applier, item->tree);
        write->id = item->id;
        write->routing = item->routing;
        write->source = item->source;
        write->source_is_padded = true;
        write->as_owner = true;
        if (write->index.size == 0)
            return auk_fail(err, AUK_INVALID, "documents [%u] have no index yet",
                            item->tree->number);
    }
    return AUK_OK;
}

static const auk_error *error_of(const auk_step *step, const auk_item *item)
{
    if (item->refused)
        return item->refused;
    return item->is_clean ? NULL : step->written[item->write].error.why;
}

static bool went_well(const auk_step *step, const auk_item *item)
{
    return !item->refused && (item->is_clean || step->written[item->write].error.code == AUK_OK);
}

static void describe_item(auk_applier *applier, const auk_step *step, const auk_item *item,
                          auk_batch *batch)
{
    uint32_t document = item->tree->number;
    if (!went_well(step, item)) {
        auk_applier_put_dead(applier, item, error_of(step, item), batch);
        if (item->replaces)
            auk_applier_delete_written(applier, document, item->root, batch);
        return;
    }
    if (item->notes) {
        auk_written_record record = {item->hash, item->id, item->routing};
        auk_applier_put_written(applier, document, item->root, &record, batch);
    }
    if (item->forgets)
        auk_applier_delete_written(applier, document, item->root, batch);
    if (auk_applier_is_dead(applier, document, item->root)) {
        auk_buffer key;
        auk_buffer_init(&key, ID_SIZE_MOST);
        auk_applier_root_key(applier, AUK_KEY_DEAD, document, item->root, &key);
        auk_batch_delete(batch, AUK_FAMILY_SYNC, auk_buffer_span(&key));
        auk_buffer_deinit(&key);
    }
}

/* Items are linked last first, and the last word on a root is the one that counts. */
static auk_item *reversed(auk_item *items)
{
    auk_item *first = NULL;
    while (items) {
        auk_item *next = items->next;
        items->next = first;
        first = items;
        items = next;
    }
    return first;
}

void auk_step_describe(auk_applier *applier, auk_step *step, auk_batch *batch)
{
    step->items = reversed(step->items);
    for (const auk_item *item = step->items; item; item = item->next)
        describe_item(applier, step, item, batch);
    step->items = reversed(step->items);
}

void auk_step_settle(auk_applier *applier, auk_step *step)
{
    step->items = reversed(step->items);
    for (const auk_item *item = step->items; item; item = item->next) {
        bool well = went_well(step, item);
        auk_applier_set_dead(applier, item->tree->number, item->root, !well);
        if (well && item->source.data)
            AUK_APPLIER_COUNT(applier, documents, 1);
        AUK_APPLIER_COUNT(applier, dead_values, !well && item->refused);
        AUK_APPLIER_COUNT(applier, dead_mappings, !well && !item->refused);
    }
    AUK_APPLIER_COUNT(applier, unchanged_documents, step->unchanged);
}
