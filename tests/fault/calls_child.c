/*
 * The program under test: `calls_child run DIRECTORY RECORDS` does the script, `... crash ...` does
 * so and ends without closing, `... check ...` says what is there. What fails is recorded and the
 * next thing is tried, as a server would go on.
 */
#include <dlfcn.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "auk/catalog.h"
#include "auk/json.h"

#include "calls_script.h"

#define TRIES 400 /* of the last document, 10 ms apart */

typedef struct child {
    auk_catalog *catalog;
    auk_pool *write_pool, *background;
    auk_budget *budget;
    int records;
} child;

static void tell(const child *c, script_record record)
{
    if (write(c->records, &record, sizeof record) != (ssize_t)sizeof record)
        _exit(2);
}

static const auk_json *json_of(const char *text, auk_arena *arena)
{
    const auk_json *body = NULL;
    auk_error err = {0};
    if (auk_json_parse(auk_span_of(text), arena, &body, &err) != AUK_OK)
        _exit(2);
    return body;
}

static const char document_ids[SCRIPT_DOCUMENTS + 1][4] = {"d0",  "d1",  "d2", "d3", "d4",
                                                           "d5",  "d6",  "d7", "d8", "d9",
                                                           "d10", "d11", "end"};

static auk_write write_of(const char *index, const char *id, uint32_t value, bool deletes,
                          auk_arena *arena)
{
    char source[SCRIPT_SOURCE];
    auk_write write;
    auk_write_init(&write);
    write.kind = deletes ? AUK_WRITE_DELETE : AUK_WRITE_INDEX;
    write.index = auk_span_of(index);
    write.id = auk_span_of(id);
    if (!deletes)
        write.source = auk_arena_copy(arena, auk_span_make(source, script_source(value, source)));
    return write;
}

static void make_call(child *c, uint32_t call)
{
    auk_write writes[SCRIPT_ITEMS];
    auk_written out[SCRIPT_ITEMS];
    auk_error err = {0};
    auk_arena *arena = auk_arena_create(4096);
    for (uint32_t i = 0; i < SCRIPT_ITEMS; i++) {
        script_item item = script_item_of(call, i);
        writes[i] = write_of("docs", document_ids[item.document], item.value, item.deletes, arena);
    }
    tell(c, (script_record){.kind = SCRIPT_INTENT, .call = (uint16_t)call});
    auk_code code =
        auk_catalog_write(c->catalog, writes, SCRIPT_ITEMS, AUK_REFRESH_NONE, arena, out, &err);
    for (uint32_t i = 0; i < SCRIPT_ITEMS; i++)
        tell(c, (script_record){.kind = SCRIPT_ITEM,
                                .call = (uint16_t)call,
                                .item = (uint16_t)i,
                                .code = (int32_t)(code != AUK_OK ? code : out[i].error.code)});
    auk_arena_destroy(arena);
}

static auk_code with_index(child *c, script_step step, auk_error *err)
{
    const auk_root *root = auk_root_acquire(c->catalog);
    const auk_index_view *view = auk_root_find(root, AUK_SPAN("docs"));
    auk_code code = AUK_NOT_FOUND;
    if (view != NULL && step == STEP_REFRESH)
        code = auk_index_refresh(view->index, err);
    else if (view != NULL && step == STEP_FLUSH)
        code = auk_index_flush(view->index, err);
    else if (view != NULL)
        code = auk_index_force_merge(view->index, 1, false, err);
    auk_root_release(c->catalog, root);
    return code;
}

static auk_code create_other(child *c, auk_arena *arena, auk_error *err)
{
    auk_written out;
    auk_code code = auk_catalog_create_index(c->catalog, AUK_SPAN("other"),
                                             json_of("{\"aliases\":{\"alias\":{}}}", arena), err);
    if (code != AUK_OK)
        return code;
    auk_write write = write_of("alias", "o", 1, false, arena);
    code = auk_catalog_write(c->catalog, &write, 1, AUK_REFRESH_NONE, arena, &out, err);
    return code == AUK_OK ? out.error.code : code;
}

static auk_code make_step(child *c, script_step step, auk_arena *arena)
{
    auk_error err = {0};
    auk_span docs = AUK_SPAN("docs"), other = AUK_SPAN("other");
    switch (step) {
    case STEP_MAPPING:
        return auk_catalog_put_mapping(c->catalog, docs,
                                       json_of("{\"properties\":{\"k\":{\"type\":\"keyword\"}}}",
                                               arena),
                                       &err);
    case STEP_SETTINGS:
        return auk_catalog_put_settings(c->catalog, docs,
                                        json_of("{\"index\":{\"refresh_interval\":\"2s\"}}", arena),
                                        false, &err);
    case STEP_CREATE:
        return create_other(c, arena, &err);
    case STEP_DELETE:
        return auk_catalog_delete_indices(c->catalog, &other, 1, &err);
    default:
        return with_index(c, step, &err);
    }
}

static void create_docs(child *c)
{
    auk_error err = {0};
    auk_arena *arena = auk_arena_create(4096);
    tell(c, (script_record){.kind = SCRIPT_INTENT, .is_step = 1, .call = SCRIPT_CALLS});
    auk_code code =
        auk_catalog_create_index(c->catalog, AUK_SPAN("docs"),
                                 json_of("{\"settings\":{\"number_of_shards\":2},\"mappings\":"
                                         "{\"properties\":{\"v\":{\"type\":\"long\"}}}}",
                                         arena),
                                 &err);
    tell(c, (script_record){.kind = SCRIPT_STEP, .call = SCRIPT_CALLS, .code = (int32_t)code});
    auk_arena_destroy(arena);
}

/* One failure is all there is, so a write is taken soon after. */
static void write_last(child *c)
{
    auk_code code = AUK_IO;
    for (unsigned i = 0; i < TRIES && code != AUK_OK; i++) {
        auk_written out;
        auk_error err = {0};
        auk_arena *arena = auk_arena_create(4096);
        auk_write write =
            write_of("docs", document_ids[SCRIPT_DOCUMENTS], SCRIPT_LAST, false, arena);
        if (i > 0)
            nanosleep(&(struct timespec){.tv_nsec = 10000000}, NULL);
        code = auk_catalog_write(c->catalog, &write, 1, AUK_REFRESH_NONE, arena, &out, &err);
        code = code == AUK_OK ? out.error.code : code;
        auk_arena_destroy(arena);
    }
    tell(c, (script_record){.kind = SCRIPT_ENDED, .code = (int32_t)code});
}

static void run_script(child *c)
{
    create_docs(c);
    for (uint32_t call = 0; call < SCRIPT_CALLS; call++) {
        script_step step = script_step_of(call);
        make_call(c, call);
        if (step == STEP_NOTHING)
            continue;
        auk_arena *arena = auk_arena_create(4096);
        tell(c, (script_record){.kind = SCRIPT_INTENT, .is_step = 1, .call = (uint16_t)call});
        auk_code code = make_step(c, step, arena);
        tell(c,
             (script_record){.kind = SCRIPT_STEP, .call = (uint16_t)call, .code = (int32_t)code});
        auk_arena_destroy(arena);
    }
    write_last(c);
}

/* ---- what is there ---- */

/* The value that wrote this source; UINT32_MAX: no item did, or half of one. */
static uint32_t value_of(auk_span source)
{
    char want[SCRIPT_SOURCE];
    auk_span head = AUK_SPAN("{\"v\":");
    if (!auk_span_starts_with(source, head))
        return UINT32_MAX;
    uint32_t value = (uint32_t)strtoul(source.data + head.size, NULL, 10);
    size_t size = script_source(value, want);
    return size == source.size && memcmp(want, source.data, size) == 0 ? value : UINT32_MAX;
}

static uint32_t find(child *c, const char *index, const char *id)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_shard_document document;
    auk_span concrete;
    bool found = false;
    auk_error err = {0};
    auk_code code = auk_catalog_get(c->catalog, auk_span_of(index), auk_span_of(id), AUK_SPAN(""),
                                    arena, &concrete, &document, &found, &err);
    uint32_t value = code != AUK_OK ? UINT32_MAX : found ? value_of(document.source) : 0;
    if (code != AUK_OK)
        fprintf(stderr, "child: get %s/%s: %s\n", index, id, err.message);
    auk_arena_destroy(arena);
    return value;
}

static void report(child *c)
{
    uint32_t live = 0;
    const auk_root *root = auk_root_acquire(c->catalog);
    const auk_index_view *view = auk_root_find(root, AUK_SPAN("docs"));
    const auk_index_view *other = auk_root_find(root, AUK_SPAN("other"));
    tell(c, (script_record){.kind = SCRIPT_INDEX, .value = view != NULL});
    for (uint16_t d = 0; view != NULL && d <= SCRIPT_DOCUMENTS; d++)
        tell(c, (script_record){.kind = SCRIPT_FOUND,
                                .item = d,
                                .value = find(c, "docs", document_ids[d])});
    for (uint32_t i = 0; view != NULL && i < view->shard_count; i++)
        live += (uint32_t)view->shards[i]->live_count;
    tell(c, (script_record){.kind = SCRIPT_LIVE, .value = live});
    tell(c, (script_record){.kind = SCRIPT_OTHER,
                            .item = other != NULL,
                            .value = other != NULL ? find(c, "alias", "o") : 0});
    auk_root_release(c->catalog, root);
}

/* ---- life ---- */

static void say_last_word(int number)
{
    static const char word[] = "child: fatal: aborted, most likely for want of memory\n";
    (void)!write(STDERR_FILENO, word, sizeof word - 1);
    (void)signal(number, SIG_DFL);
    (void)raise(number);
}

static auk_code open_child(child *c, const char *directory, auk_error *err)
{
    c->write_pool = auk_pool_create("write", 2, 64);
    c->background = auk_pool_create("back", 1, 64);
    c->budget = auk_budget_create((size_t)64 << 20);
    auk_catalog_options options = {.directory = directory,
                                   .budget = c->budget,
                                   .write_pool = c->write_pool,
                                   .background = c->background};
    return auk_catalog_open(&options, &c->catalog, err);
}

static void close_child(child *c)
{
    if (c->catalog != NULL)
        auk_catalog_close(c->catalog);
    auk_pool_destroy(c->write_pool);
    auk_pool_destroy(c->background);
    auk_budget_destroy(c->budget);
}

static void count_calls(child *c)
{
    unsigned long (*counted)(void);
    *(void **)&counted = dlsym(RTLD_DEFAULT, "auk_calls_count");
    if (counted != NULL)
        tell(c, (script_record){.kind = SCRIPT_COUNT, .value = (uint32_t)counted()});
}

int main(int argc, char **argv)
{
    child c = {0};
    auk_error err = {0};
    void (*arm)(void);
    if (argc != 4)
        return 2;
    (void)signal(SIGABRT, say_last_word);
    bool checks = strcmp(argv[1], "check") == 0;
    c.records = open(argv[3], O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    auk_code code = open_child(&c, argv[2], &err);
    if (code != AUK_OK) {
        fprintf(stderr, "child: cannot open: %s: %s\n", auk_code_name(code), err.message);
        close_child(&c);
        return 1;
    }
    tell(&c, (script_record){.kind = SCRIPT_OPENED});
    *(void **)&arm = dlsym(RTLD_DEFAULT, "auk_calls_arm");
    if (arm != NULL)
        arm();
    if (checks)
        report(&c);
    else
        run_script(&c);
    if (strcmp(argv[1], "crash") == 0)
        _exit(0);
    close_child(&c);
    count_calls(&c);
    return 0;
}
