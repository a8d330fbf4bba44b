/* The killed side: opens, reports, then does everything at once. */
#include "catalog_kill.h"

#include <pthread.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auk/catalog.h"
#include "auk/json.h"

#define GENERATIONS 16 /* behind the newest that a child still asks for */

typedef struct child {
    auk_catalog *catalog;
    auk_pool *write_pool, *background;
    auk_budget *budget;
    int pipe;
    uint32_t calls[MODEL_WRITERS]; /* the next ones */
    uint32_t step;         /* the next one, or the one on its way when the last child died */
    atomic_bool has_alias; /* once it was set */
} child;

typedef struct worker {
    child *child;
    uint32_t number;
} worker;

static _Noreturn void give_up(const char *what, const auk_error *err)
{
    fprintf(stderr, "child: %s: %s\n", what, err != NULL ? err->message : "");
    _exit(3);
}

static void tell(const child *c, const message *messages, size_t count)
{
    ssize_t size = (ssize_t)(count * sizeof *messages);
    if (write(c->pipe, messages, (size_t)size) != size)
        _exit(2); /* the parent is gone */
}

#define CHECK(call)                                                                                \
    do {                                                                                           \
        auk_error check_error = {0};                                                               \
        auk_error *err = &check_error;                                                             \
        if ((call) != AUK_OK)                                                                      \
            give_up(#call, err);                                                                   \
    } while (0)

static auk_span index_of(uint32_t document)
{
    return document % KILL_INDICES == 0 ? AUK_SPAN("docs-0") : AUK_SPAN("docs-1");
}

static auk_span id_of(auk_arena *arena, uint32_t writer, uint32_t document)
{
    return auk_arena_printf(arena, "w%u-%u", writer, document);
}

static auk_write make_write(auk_arena *arena, uint32_t writer, const model_operation *operation)
{
    static const auk_write_kind kinds[] = {AUK_WRITE_INDEX, AUK_WRITE_CREATE, AUK_WRITE_UPDATE,
                                           AUK_WRITE_UPDATE, AUK_WRITE_DELETE};
    auk_write write;
    auk_write_init(&write);
    write.kind = kinds[operation->kind];
    write.index = index_of(operation->document);
    write.id = id_of(arena, writer, operation->document);
    long long value = operation->value;
    if (write.kind == AUK_WRITE_UPDATE)
        write.source = auk_arena_printf(arena, "{\"doc\":{\"u\":%lld},\"doc_as_upsert\":%s}", value,
                                        operation->kind == MODEL_UPSERT ? "true" : "false");
    else if (write.kind != AUK_WRITE_DELETE)
        write.source =
            auk_arena_printf(arena, "{\"v\":%lld,\"text\":\"common word%lld\"}", value, value % 31);
    return write;
}

static void make_call(child *c, uint32_t writer, uint32_t call, auk_arena *arena)
{
    model_operation operations[MODEL_CALL_MOST];
    auk_write writes[MODEL_CALL_MOST];
    auk_written out[MODEL_CALL_MOST];
    message done[MODEL_CALL_MOST];
    uint32_t count = model_call(writer, call, operations);
    for (uint32_t i = 0; i < count; i++)
        writes[i] = make_write(arena, writer, &operations[i]);
    tell(c, &(message){.kind = TELL_INTENT, .writer = writer, .call = call}, 1);
    auk_refresh_policy refresh = call % 37 == 5   ? AUK_REFRESH_WAIT
                                 : call % 11 == 3 ? AUK_REFRESH_NOW
                                                  : AUK_REFRESH_NONE;
    CHECK(auk_catalog_write(c->catalog, writes, count, refresh, arena, out, err));
    for (uint32_t i = 0; i < count; i++)
        done[i] = (message){.kind = TELL_DONE,
                            .writer = writer,
                            .call = call,
                            .document = operations[i].document,
                            .shard = out[i].shard,
                            .last = i + 1 == count,
                            .code = out[i].error.code,
                            .seq_no = out[i].seq_no};
    tell(c, done, count);
}

static void *write_forever(void *context)
{
    worker *w = context;
    auk_arena *arena = auk_arena_create(4096);
    for (uint32_t call = w->child->calls[w->number];; call++) {
        make_call(w->child, w->number, call, arena);
        auk_arena_reset(arena);
    }
    return NULL;
}

static void put_json(child *c, auk_span index, const char *text, bool settings)
{
    auk_arena *arena = auk_arena_create(1024);
    const auk_json *body;
    CHECK(auk_json_parse(auk_span_of(text), arena, &body, err));
    if (settings)
        CHECK(auk_catalog_put_settings(c->catalog, index, body, false, err));
    else
        CHECK(auk_catalog_put_mapping(c->catalog, index, body, err));
    auk_arena_destroy(arena);
}

static void change_definition(child *c, auk_span index, unsigned n)
{
    char text[160];
    if (n % 3 == 0)
        snprintf(text, sizeof text, "{\"properties\":{\"added%u\":{\"type\":\"keyword\"}}}",
                 n % 50);
    else
        snprintf(text, sizeof text, "{\"index\":{\"translog\":{\"durability\":\"%s\"}}}",
                 n % 2 ? "async" : "request");
    put_json(c, index, text, n % 3 != 0);
}

static void *maintain_forever(void *context)
{
    child *c = ((worker *)context)->child;
    unsigned seed = (unsigned)getpid();
    for (unsigned n = 0;; n++) {
        auk_span name = index_of(n);
        const auk_root *root = auk_root_acquire(c->catalog);
        const auk_index_view *view = auk_root_find(root, name);
        switch (rand_r(&seed) % 6) {
        case 0:
            CHECK(auk_index_flush(view->index, err));
            break;
        case 1:
            CHECK(auk_index_force_merge(view->index, 1, false, err));
            break;
        case 2:
            CHECK(auk_index_force_merge(view->index, 0, true, err));
            break;
        case 3:
            change_definition(c, name, n);
            break;
        default:
            CHECK(auk_index_refresh(view->index, err));
        }
        auk_root_release(c->catalog, root);
    }
    return NULL;
}

static auk_span generation_name(auk_arena *arena, uint32_t generation)
{
    return auk_arena_printf(arena, "gen-%u", generation);
}

static void move_alias(child *c, uint32_t generation, auk_arena *arena)
{
    const auk_json *body;
    auk_span remove = AUK_SPAN("");
    if (generation % 2 == 1)
        remove =
            auk_arena_printf(arena, "{\"remove_index\":{\"index\":\"gen-%u\"}},", generation - 1);
    else if (generation > 0)
        remove = auk_arena_printf(arena, "{\"remove\":{\"index\":\"gen-%u\",\"alias\":\"now\"}},",
                                  generation - 1);
    auk_span text =
        auk_arena_printf(arena,
                         "{\"actions\":[%.*s{\"add\":{\"index\":\"gen-%u\",\"alias\":\"now\"}}]}",
                         AUK_SPAN_ARG(remove), generation);
    CHECK(auk_json_parse(text, arena, &body, err));
    CHECK(auk_catalog_update_aliases(c->catalog, body, err));
    atomic_store(&c->has_alias, true);
}

static void make_step(child *c, const model_admin *step, auk_arena *arena)
{
    auk_span name = generation_name(arena, step->generation);
    auk_write write;
    auk_written out;
    auk_write_init(&write);
    switch (step->kind) {
    case MODEL_NEW_INDEX:
        CHECK(auk_catalog_create_index(c->catalog, name, NULL, err));
        break;
    case MODEL_NEW_DOCUMENT:
        write.index = name;
        write.id = AUK_SPAN("one");
        write.source = AUK_SPAN("{\"new_field\":\"text\"}");
        CHECK(auk_catalog_write(c->catalog, &write, 1, AUK_REFRESH_NONE, arena, &out, err));
        if (out.error.code != AUK_OK)
            give_up("write to a new index", out.error.why);
        break;
    case MODEL_MOVE_ALIAS:
        move_alias(c, step->generation, arena);
        break;
    default:
        if (step->generation == 0 || step->generation % 2 == 1)
            return;
        name = generation_name(arena, step->generation - 1);
        CHECK(auk_catalog_delete_indices(c->catalog, &name, 1, err));
    }
}

static void *administer_forever(void *context)
{
    child *c = ((worker *)context)->child;
    auk_arena *arena = auk_arena_create(4096);
    for (uint32_t step = c->step;; step++) {
        model_admin what = model_admin_step(step);
        tell(c, &(message){.kind = TELL_STEP, .call = step}, 1);
        make_step(c, &what, arena);
        tell(c, &(message){.kind = TELL_STEPPED, .call = step}, 1);
        auk_arena_reset(arena);
    }
    return NULL;
}

/* The alias has one index at every moment, and a document can be had through it. */
static void *read_forever(void *context)
{
    child *c = ((worker *)context)->child;
    auk_arena *arena = auk_arena_create(4096);
    auk_resolve_options options = AUK_RESOLVE_LENIENT;
    for (;;) {
        bool must_be_one = atomic_load(&c->has_alias);
        auk_resolved *found;
        uint32_t count;
        const auk_root *root = auk_root_acquire(c->catalog);
        CHECK(auk_root_resolve(root, AUK_SPAN("now*"), &options, arena, &found, &count, err));
        if (count > 1 || (must_be_one && count == 0))
            tell(c, &(message){.kind = TELL_WRONG, .document = count}, 1);
        auk_root_release(c->catalog, root);
        auk_arena_reset(arena);
    }
    return NULL;
}

/* ---- the child's report at its start ---- */

static int64_t member_of(const auk_json *object, const char *name)
{
    int64_t number = -1;
    const auk_json *member = auk_json_get(object, name);
    return member != NULL && auk_json_to_int64(member, &number) ? number : -1;
}

static message find_document(child *c, uint32_t writer, uint32_t document, auk_arena *arena)
{
    auk_span concrete;
    auk_shard_document found;
    bool exists;
    message m = {.kind = TELL_DOCUMENT, .writer = writer, .document = document, .seq_no = -1};
    CHECK(auk_catalog_get(c->catalog, index_of(document), id_of(arena, writer, document),
                          AUK_SPAN(""), arena, &concrete, &found, &exists, err));
    m.state = (model_state){exists, -1, -1};
    if (!exists)
        return m;
    const auk_json *json;
    CHECK(auk_json_parse(found.source, arena, &json, err));
    m.state.v = member_of(json, "v");
    m.state.u = member_of(json, "u");
    m.seq_no = found.seq_no;
    return m;
}

static void report_documents(child *c, auk_arena *arena)
{
    for (uint32_t writer = 0; writer < MODEL_WRITERS; writer++)
        for (uint32_t document = 0; document < MODEL_DOCUMENTS; document++) {
            message m = find_document(c, writer, document, arena);
            tell(c, &m, 1);
        }
    uint64_t live = 0;
    const auk_root *root = auk_root_acquire(c->catalog);
    for (uint32_t i = 0; i < KILL_INDICES; i++) {
        const auk_index_view *view = auk_root_find(root, index_of(i));
        for (uint32_t k = 0; k < view->shard_count; k++)
            live += view->shards[k]->live_count;
    }
    auk_root_release(c->catalog, root);
    tell(c, &(message){.kind = TELL_LIVE, .document = (uint32_t)live}, 1);
}

static bool has_document(child *c, auk_span index, auk_arena *arena)
{
    auk_span concrete;
    auk_shard_document document;
    bool found;
    CHECK(auk_catalog_get(c->catalog, index, AUK_SPAN("one"), AUK_SPAN(""), arena, &concrete,
                          &document, &found, err));
    return found;
}

static void report_generations(child *c, auk_arena *arena)
{
    uint32_t newest = c->step / 4 + 1;
    uint32_t oldest = newest > GENERATIONS ? newest - GENERATIONS : 0;
    bool as_acknowledged = true;
    const auk_root *root = auk_root_acquire(c->catalog);
    for (uint32_t g = oldest; g <= newest; g++) {
        auk_span name = generation_name(arena, g);
        const auk_index_view *view = auk_root_find(root, name);
        message m = {.kind = TELL_INDEX, .document = g};
        m.generation.exists = view != NULL;
        m.generation.has_document = view != NULL && has_document(c, name, arena);
        m.generation.has_alias = view != NULL && view->alias_count > 0;
        atomic_store(&c->has_alias, atomic_load(&c->has_alias) || m.generation.has_alias);
        tell(c, &m, 1);
        model_generation want = model_admin_state(c->step, g);
        as_acknowledged = as_acknowledged && memcmp(&want, &m.generation, sizeof want) == 0;
    }
    auk_root_release(c->catalog, root);
    c->step += !as_acknowledged;
}

static void make_indices(child *c, auk_arena *arena)
{
    const auk_json *body;
    CHECK(auk_json_parse(AUK_SPAN("{\"settings\":{\"number_of_shards\":3},\"mappings\":"
                                  "{\"properties\":{\"v\":{\"type\":\"long\"}}}}"),
                         arena, &body, err));
    for (uint32_t i = 0; i < KILL_INDICES; i++) {
        auk_error err = {0};
        auk_code code = auk_catalog_create_index(c->catalog, index_of(i), body, &err);
        if (code != AUK_OK && strcmp(err.type, "resource_already_exists_exception") != 0)
            give_up("create an index", &err);
    }
}

static void open_child(child *c, const char *directory)
{
    c->write_pool = auk_pool_create("write", 2, 64);
    c->background = auk_pool_create("back", 2, 64);
    c->budget = auk_budget_create((size_t)512 << 20);
    auk_catalog_options options = {.directory = directory,
                                   .budget = c->budget,
                                   .write_pool = c->write_pool,
                                   .background = c->background};
    CHECK(auk_catalog_open(&options, &c->catalog, err));
    auk_arena *arena = auk_arena_create(4096);
    make_indices(c, arena);
    report_documents(c, arena);
    report_generations(c, arena);
    auk_arena_destroy(arena);
    tell(c, &(message){.kind = TELL_READY}, 1);
}

static _Noreturn void live(child *c)
{
    void *(*const roles[])(void *) = {maintain_forever, administer_forever, read_forever};
    worker workers[MODEL_WRITERS + 3];
    pthread_t threads[MODEL_WRITERS + 3];
    for (uint32_t i = 0; i < MODEL_WRITERS + 3; i++) {
        workers[i] = (worker){c, i};
        if (pthread_create(&threads[i], NULL,
                           i < MODEL_WRITERS ? write_forever : roles[i - MODEL_WRITERS],
                           &workers[i]) != 0)
            give_up("start a thread", NULL);
    }
    for (;;)
        pause();
}

static _Noreturn void close_child(child *c)
{
    auk_catalog_close(c->catalog);
    auk_pool_destroy(c->write_pool);
    auk_pool_destroy(c->background);
    for (int p = 0; p < AUK_PURPOSE_COUNT; p++)
        if (auk_budget_used(c->budget, (auk_purpose)p) != 0)
            give_up("bytes stay charged", NULL);
    auk_budget_destroy(c->budget);
    _exit(0);
}

void kill_child_run(const char *directory, const uint32_t calls[MODEL_WRITERS], uint32_t step,
                    bool closes, int pipe)
{
    child c = {.pipe = pipe, .step = step};
    memcpy(c.calls, calls, sizeof c.calls);
    open_child(&c, directory);
    if (closes)
        close_child(&c);
    live(&c);
}
