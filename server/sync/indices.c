/*
 * The indices that a source owns. What is being filled stands by (generation.h): nobody sees it
 * until it is whole. The first one has the name that clients use and no generation before it; later
 * ones are called "<name>-000002" and take the place of the one that serves.
 */
#include "source.h"

#define GENERATIONS_MOST 1000000u

static auk_catalog *catalog_of(const auk_source *source)
{
    return source->owner->options.catalog;
}

/* ---- names ---- */

/* The index that clients reach by this name; NULL: there is none. */
static const auk_index_view *find_view(const auk_root *root, auk_span name)
{
    const auk_index_view *found = auk_root_find(root, name);
    for (uint32_t i = 0; i < root->index_count && !found; i++)
        for (uint32_t k = 0; k < root->indices[i]->alias_count && !found; k++)
            if (auk_span_equal(root->indices[i]->aliases[k].name, name))
                found = root->indices[i];
    return found;
}

auk_code auk_source_check_names(auk_source *source, const auk_sync_config *config, auk_error *err)
{
    auk_code code = AUK_OK;
    const auk_root *root = auk_root_acquire(catalog_of(source));
    for (uint32_t i = 0; i < config->document_count && code == AUK_OK; i++) {
        const auk_index_view *view = find_view(root, config->documents[i].index);
        if (!view || auk_span_equal(view->owner, source->owner_name))
            continue;
        code = auk_fail_type(err, AUK_CONFLICT, "resource_already_exists_exception",
                             "index [%.*s] exists and belongs to %.*s",
                             AUK_SPAN_ARG(config->documents[i].index),
                             AUK_SPAN_ARG(view->owner.size ? view->owner : AUK_SPAN("its users")));
        auk_hint(err, "delete it, or name another one in [index]");
    }
    auk_root_release(catalog_of(source), root);
    return code;
}

/* "shop-000002": the first one that is free. */
static auk_span free_name(const auk_root *root, auk_span name, uint32_t from, auk_arena *arena)
{
    auk_span stem = name;
    if (stem.size > 7 && stem.data[stem.size - 7] == '-') {
        uint64_t number;
        if (auk_number_parse_uint64(auk_span_from(stem, stem.size - 6), &number))
            stem.size -= 7;
    }
    for (uint32_t i = from; i < GENERATIONS_MOST; i++) {
        auk_span wanted = auk_arena_printf(arena, "%.*s-%06u", AUK_SPAN_ARG(stem), i);
        if (!find_view(root, wanted))
            return wanted;
    }
    return auk_arena_printf(arena, "%.*s-next", AUK_SPAN_ARG(stem));
}

/* ---- making ---- */

static auk_code write_body(auk_source *source, const auk_sync_document *document, auk_arena *arena,
                           const auk_json **out, auk_error *err)
{
    auk_buffer text;
    auk_json_writer writer;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &text, false);
    auk_json_begin_object(&writer);
    if (document->settings.size)
        auk_json_member_raw(&writer, "settings", document->settings);
    auk_json_key(&writer, AUK_SPAN("mappings"));
    auk_code code =
        auk_source_write_mapping(document, &source->tables, source->types, &writer, err);
    auk_json_end_object(&writer);
    if (code == AUK_OK)
        code = auk_json_parse(auk_buffer_span(&text), arena, out, err);
    auk_buffer_deinit(&text);
    return code;
}

/* What a life before left of the same name, half made. */
static auk_code drop_leftover(auk_source *source, auk_span name, auk_error *err)
{
    auk_index *index = NULL;
    const auk_root *root = auk_root_acquire(catalog_of(source));
    const auk_index_view *view = auk_root_find(root, name);
    if (view && view->standby &&
        (view->owner.size == 0 || auk_span_equal(view->owner, source->owner_name)))
        index = auk_index_acquire(view->index);
    auk_root_release(catalog_of(source), root);
    if (!index)
        return AUK_OK;
    auk_code code = auk_generation_drop(catalog_of(source), index, err);
    auk_index_release(index);
    return code;
}

static auk_code drop_by_uuid(auk_source *source, auk_span uuid, auk_error *err)
{
    auk_index *index = uuid.size ? auk_index_find(catalog_of(source), uuid) : NULL;
    if (!index)
        return AUK_OK;
    auk_code code = auk_generation_drop(catalog_of(source), index, err);
    auk_index_release(index);
    return code;
}

static auk_code make_one(auk_source *source, const auk_sync_document *document,
                         auk_source_index *out, auk_error *err)
{
    const auk_json *body;
    auk_index *index = NULL, *serving = NULL;
    auk_arena *arena = auk_arena_create(4096);
    auk_span name = document->index;
    if (out->serving.size)
        serving = auk_index_find(catalog_of(source), out->serving);
    if (serving) {
        const auk_root *root = auk_root_acquire(catalog_of(source));
        name = free_name(root, document->index, 2, arena);
        auk_root_release(catalog_of(source), root);
    } else {
        out->serving = AUK_SPAN("");
    }
    auk_index_release(serving);
    auk_code code = drop_by_uuid(source, out->standby, err);
    if (code == AUK_OK)
        code = drop_leftover(source, name, err);
    if (code == AUK_OK)
        code = write_body(source, document, arena, &body, err);
    if (code == AUK_OK)
        code = auk_generation_create(catalog_of(source), name, body, &index, err);
    if (code == AUK_OK)
        code = auk_index_set_owner(catalog_of(source), index, source->owner_name, err);
    if (code == AUK_OK) {
        out->standby = auk_index_uuid(index, source->plan_arena);
        if (out->serving.size == 0)
            auk_index_hide(catalog_of(source), index, "it is being filled from its source");
    } else {
        code = auk_wrap(err, code, "index [%.*s]", AUK_SPAN_ARG(name));
    }
    auk_index_release(index);
    auk_arena_destroy(arena);
    return code;
}

auk_code auk_source_make_indices(auk_source *source, auk_error *err)
{
    const auk_sync_config *config = source->expanded;
    auk_source_index *indices =
        AUK_ARENA_ARRAY(source->plan_arena, auk_source_index, config->document_count + 1);
    auk_code code = auk_source_check_names(source, config, err);
    for (uint32_t i = 0; i < config->document_count && code == AUK_OK; i++) {
        const auk_sync_document *document = &config->documents[i];
        auk_source_index *index = &indices[i];
        if (i < source->index_count)
            *index = source->indices[i];
        index->schema = auk_arena_copy(source->plan_arena, document->root.table.schema);
        index->table = auk_arena_copy(source->plan_arena, document->root.table.name);
        index->name = auk_arena_copy(source->plan_arena, document->index);
        /* Of one that was added later the others go on. */
        if (source->phase == AUK_SOURCE_NEW ||
            (index->serving.size == 0 && index->standby.size == 0))
            code = make_one(source, document, index, err);
    }
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&source->lock);
    source->indices = indices;
    source->index_count = config->document_count;
    pthread_mutex_unlock(&source->lock);
    return AUK_OK;
}

/* What was served before: the record names it until it is gone. */
static auk_code drop_former(auk_source *source, auk_error *err)
{
    bool any = false;
    for (uint32_t i = 0; i < source->index_count; i++) {
        auk_source_index *at = &source->indices[i];
        auk_code code = drop_by_uuid(source, at->former, err);
        if (code != AUK_OK)
            return code;
        any = any || at->former.size;
        pthread_mutex_lock(&source->lock);
        at->former = AUK_SPAN("");
        pthread_mutex_unlock(&source->lock);
    }
    return any ? auk_source_save(source, err) : AUK_OK;
}

auk_code auk_source_set_indices(auk_source *source, auk_error *err)
{
    auk_arena *arena = auk_arena_create(1024);
    auk_code code = drop_former(source, err);
    for (uint32_t i = 0; i < source->index_count && code == AUK_OK; i++) {
        const auk_source_index *at = &source->indices[i];
        auk_span uuid = at->standby.size ? at->standby : at->serving;
        auk_index *index = uuid.size ? auk_index_find(catalog_of(source), uuid) : NULL;
        if (!index) {
            auk_fail(err, AUK_CORRUPT, "index [%.*s] is gone", AUK_SPAN_ARG(at->name));
            auk_hint(err, "POST /_sync/%.*s/_resync makes it anew", AUK_SPAN_ARG(source->name));
            code = AUK_CORRUPT;
        } else {
            auk_applier_set_index(source->applier, i, auk_index_name(index, arena));
            auk_index_release(index);
        }
    }
    auk_arena_destroy(arena);
    return code;
}

/* ---- the switch ---- */

/* All indices of a source take their places in one batch, with the record that says so, and one
 * root. */
typedef struct switching {
    auk_source *source;
    auk_arena *arena;
    auk_source_index *next; /* as they will be */
    auk_generation_switch *plans;
    uint32_t count;
} switching;

/* Under the source's lock: nobody sees "streaming" before its indices are seen. */
static void describe_record(void *context, auk_batch *batch)
{
    const switching *w = context;
    auk_source *source = w->source;
    pthread_mutex_lock(&source->lock);
    auk_source_index *indices = source->indices;
    auk_source_phase phase = source->phase;
    source->indices = w->next;
    source->phase = AUK_SOURCE_STREAMING;
    auk_source_put_record(source, batch);
    source->indices = indices;
    source->phase = phase;
    pthread_mutex_unlock(&source->lock);
}

static bool is_taken(const switching *w, auk_span name)
{
    for (uint32_t i = 0; i < w->count; i++)
        if (auk_span_equal(w->plans[i].rename, name))
            return true;
    return false;
}

/* What the one that serves is called afterwards, when clients call it by its own name. */
static auk_span choose_rename(const switching *w, const auk_source_index *at, auk_index *serving)
{
    auk_span own = auk_index_name(serving, w->arena), name;
    if (!auk_span_equal(own, at->name))
        return (auk_span){0};
    uint32_t from = 1;
    const auk_root *root = auk_root_acquire(catalog_of(w->source));
    do
        name = free_name(root, own, from++, w->arena);
    while (is_taken(w, name));
    auk_root_release(catalog_of(w->source), root);
    return name;
}

static auk_code plan_one(switching *w, auk_source_index *at, auk_error *err)
{
    auk_generation_switch plan = {.to = auk_index_find(catalog_of(w->source), at->standby)};
    if (!plan.to)
        return auk_fail(err, AUK_CORRUPT, "index [%.*s] is gone", AUK_SPAN_ARG(at->name));
    if (at->serving.size)
        plan.from = auk_index_find(catalog_of(w->source), at->serving);
    if (plan.from) {
        plan.rename = choose_rename(w, at, plan.from);
        at->former = at->serving;
    }
    at->serving = at->standby;
    at->standby = AUK_SPAN("");
    at->is_torn = false;
    if (w->count == 0) {
        plan.describe = describe_record;
        plan.context = w;
    }
    w->plans[w->count++] = plan;
    return AUK_OK;
}

static auk_code plan_all(switching *w, auk_error *err)
{
    auk_source *source = w->source;
    auk_code code = AUK_OK;
    w->plans = AUK_ARENA_ARRAY(w->arena, auk_generation_switch, source->index_count + 1);
    w->next = AUK_ARENA_ARRAY(source->plan_arena, auk_source_index, source->index_count + 1);
    for (uint32_t i = 0; i < source->index_count && code == AUK_OK; i++) {
        w->next[i] = source->indices[i];
        if (w->next[i].standby.size)
            code = plan_one(w, &w->next[i], err);
    }
    return code;
}

auk_code auk_source_switch_indices(auk_source *source, auk_error *err)
{
    switching w = {.source = source, .arena = auk_arena_create(1024)};
    uint64_t fenced_us;
    auk_code code = plan_all(&w, err);
    pthread_mutex_lock(&source->saving);
    if (code == AUK_OK)
        code = auk_generation_run_switches(catalog_of(source), w.plans, w.count, &fenced_us, err);
    if (code == AUK_OK) {
        pthread_mutex_lock(&source->lock);
        source->indices = w.next;
        source->phase = AUK_SOURCE_STREAMING;
        source->since_ms = auk_clock_wall_ms();
        pthread_mutex_unlock(&source->lock);
    }
    pthread_mutex_unlock(&source->saving);
    for (uint32_t i = 0; i < w.count; i++) {
        auk_index_release(w.plans[i].from);
        auk_index_release(w.plans[i].to);
    }
    auk_arena_destroy(w.arena);
    if (code == AUK_OK && w.count == 0) /* nothing stood by: no batch had the record */
        code = auk_source_save(source, err);
    return code == AUK_OK ? auk_source_set_indices(source, err) : code;
}

void auk_source_hide_indices(auk_source *source)
{
    for (uint32_t i = 0; i < source->index_count; i++) {
        const auk_source_index *at = &source->indices[i];
        auk_index *index = at->standby.size && at->serving.size == 0
                               ? auk_index_find(catalog_of(source), at->standby)
                               : NULL;
        if (index)
            auk_index_hide(catalog_of(source), index, "it is being filled from its source");
        auk_index_release(index);
    }
}

/* ---- the end ---- */

static auk_code give_back(auk_source *source, auk_span uuid, auk_error *err)
{
    auk_index *index = uuid.size ? auk_index_find(catalog_of(source), uuid) : NULL;
    if (!index)
        return AUK_OK;
    auk_code code = auk_index_set_owner(catalog_of(source), index, AUK_SPAN(""), err);
    auk_index_release(index);
    return code;
}

auk_code auk_source_drop_indices(auk_source *source, bool delete_them, auk_error *err)
{
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < source->index_count && code == AUK_OK; i++) {
        const auk_source_index *at = &source->indices[i];
        code = drop_by_uuid(source, at->standby, err);
        if (code == AUK_OK)
            code = drop_by_uuid(source, at->former, err);
        if (code == AUK_OK)
            code = delete_them ? drop_by_uuid(source, at->serving, err)
                               : give_back(source, at->serving, err);
    }
    return code;
}

/* ---- columns that were added ---- */

static bool has_table(const auk_sync_node *node, const auk_table *table)
{
    if (auk_span_equal(node->table.schema, table->schema) &&
        auk_span_equal(node->table.name, table->name))
        return true;
    for (uint32_t i = 0; i < node->child_count; i++)
        if (has_table(&node->children[i], table))
            return true;
    return false;
}

static auk_code extend_one(auk_source *source, uint32_t number, auk_error *err)
{
    const auk_source_index *at = &source->indices[number];
    auk_span uuid = at->standby.size ? at->standby : at->serving;
    auk_index *index = auk_index_find(catalog_of(source), uuid);
    auk_arena *arena = auk_arena_create(4096);
    const auk_json *body;
    auk_buffer text;
    auk_json_writer writer;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &text, false);
    auk_code code = index ? AUK_OK : auk_fail(err, AUK_NOT_FOUND, "the index is gone");
    if (code == AUK_OK)
        code = auk_source_write_mapping(&source->expanded->documents[number], &source->tables,
                                        source->types, &writer, err);
    if (code == AUK_OK)
        code = auk_json_parse(auk_buffer_span(&text), arena, &body, err);
    if (code == AUK_OK)
        code = auk_catalog_put_mapping(catalog_of(source), auk_index_name(index, arena), body, err);
    auk_index_release(index);
    auk_buffer_deinit(&text);
    auk_arena_destroy(arena);
    return code;
}

void auk_source_extend_mappings(auk_source *source, uint32_t table)
{
    const auk_source_table *changed = auk_tables_find(&source->tables, table);
    for (uint32_t i = 0; changed && i < source->index_count; i++) {
        auk_error err = {0};
        if (i >= source->expanded->document_count ||
            !has_table(&source->expanded->documents[i].root, &changed->table) ||
            extend_one(source, i, &err) == AUK_OK)
            continue;
        auk_log(AUK_LOG_WARN, "a changed table does not fit the mapping, all is read anew",
                "source=%.*s index=%.*s reason=\"%s\"", AUK_SPAN_ARG(source->name),
                AUK_SPAN_ARG(source->indices[i].name), err.message);
        auk_source_ask_resync(source);
    }
}
