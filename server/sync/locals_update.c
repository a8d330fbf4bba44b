/*
 * Updates of clients: each is laid over its document as it is now, also over the one that is being
 * filled to take its place, and as many as fit go in one publication. An id that comes twice, or
 * documents that are large, begin another one.
 */
#include <stdio.h>
#include <string.h>

#include "key_set.h"
#include "locals_private.h"

#define STEP_BYTES_MOST ((size_t)8 << 20)

typedef struct update_item {
    uint32_t number;   /* of the call's */
    uint32_t write;    /* of the step's: the document that clients see */
    auk_span name, id; /* of its LOCAL key */
    auk_local local;   /* to be put there */
    auk_span source;   /* when it is wanted */
} update_item;

typedef struct update_step {
    const auk_local_updates *updates;
    auk_arena *arena;
    update_item *items;
    uint32_t item_count;
    auk_write *writes;
    auk_written *written;
    uint32_t write_count;
    size_t bytes;
} update_step;

/* ---- answers ---- */

static void answer_error(const update_step *s, uint32_t number, const auk_error *err)
{
    auk_error *copy = AUK_ARENA_NEW(s->updates->arena, auk_error);
    *copy = *err;
    s->updates->written[number].error = (auk_failure){err->code, copy};
    s->updates->written[number].seq_no = -1;
}

static void list_fields(const auk_sync_document *spec, char *out, size_t size)
{
    size_t used = 0;
    out[0] = 0;
    for (uint32_t i = 0; i < spec->local_field_count && used < size; i++)
        used += (size_t)snprintf(out + used, size - used, "%s%.*s", i ? ", " : "",
                                 AUK_SPAN_ARG(spec->local_fields[i]));
}

static void hint(const update_step *s, const auk_sync_document *spec, auk_error *err)
{
    char fields[160];
    list_fields(spec, fields, sizeof fields);
    if (fields[0])
        auk_hint(err, "[%.*s] alone writes to it; clients may update the fields [%s]",
                 AUK_SPAN_ARG(s->updates->locals->owner), fields);
    else
        auk_hint(err, "it is kept by [%.*s], which alone writes to it",
                 AUK_SPAN_ARG(s->updates->locals->owner));
}

static auk_code refuse(const update_step *s, const auk_write *write, const auk_sync_document *spec,
                       auk_error *err)
{
    (void)auk_owned_refuse(write->index, AUK_SPAN(""), err);
    hint(s, spec, err);
    return AUK_FORBIDDEN;
}

/* It gave its place to another one between our look at the names and this. */
static auk_code moved(auk_code code, auk_error *err)
{
    if (code != AUK_CONFLICT)
        return code;
    return auk_fail_type(err, AUK_NOT_FOUND, "index_not_found_exception",
                         "the index has given its place to another one");
}

static auk_code get(const update_step *s, const auk_write *what, auk_shard_document *out,
                    bool *found, auk_error *err)
{
    const auk_locals *locals = s->updates->locals;
    auk_code code = auk_owned_get(locals->catalog, locals->owner, what, s->arena, out, found, err);
    return moved(code, err);
}

/* ---- one update ---- */

static auk_code check_patch(const update_step *s, const auk_write *write,
                            const auk_sync_document *spec, const auk_json **patch, auk_error *err)
{
    const auk_json *body;
    auk_span foreign;
    if (write->kind != AUK_WRITE_UPDATE || spec->local_field_count == 0)
        return refuse(s, write, spec, err);
    auk_code code = auk_json_parse(write->source, s->arena, &body, err);
    if (code != AUK_OK)
        return code;
    *patch = auk_json_get(body, "doc");
    if (!*patch || (*patch)->type != AUK_JSON_OBJECT ||
        !auk_local_find_foreign(spec, *patch, s->arena, &foreign))
        return AUK_OK; /* what is wrong with the body is said by who reads it */
    code = auk_fail_type(err, AUK_FORBIDDEN, "cluster_block_exception",
                         "index [%.*s] blocked by: [FORBIDDEN/8/index write (api)]; field [%.*s] "
                         "is not local",
                         AUK_SPAN_ARG(write->index), AUK_SPAN_ARG(foreign));
    hint(s, spec, err);
    return code;
}

static auk_code check_found(const update_step *s, const auk_write *write, bool found,
                            const auk_sync_document *spec, auk_error *err)
{
    if (found)
        return AUK_OK;
    /* what an upsert would have added */
    auk_code code = auk_fail_type(err, AUK_FORBIDDEN, "cluster_block_exception",
                                  "index [%.*s] blocked by: [FORBIDDEN/8/index write (api)]; "
                                  "document [%.*s] is missing, and clients add none",
                                  AUK_SPAN_ARG(write->index), AUK_SPAN_ARG(write->id));
    hint(s, spec, err);
    return code;
}

static uint32_t add_write(update_step *s, auk_span index, const auk_write *of, auk_span routing,
                          auk_span source)
{
    auk_write *write = &s->writes[s->write_count];
    auk_write_init(write);
    write->kind = AUK_WRITE_INDEX;
    write->index = index;
    write->id = of->id;
    write->routing = routing;
    write->source = source;
    write->source_is_padded = true;
    write->as_owner = true;
    s->bytes += source.size;
    return s->write_count++;
}

/* The generation that is being filled may have the document already; else it gets the values when
 * it does. */
static auk_code update_standby(update_step *s, const auk_write *write,
                               const auk_local_target *target, auk_error *err)
{
    auk_shard_document document;
    auk_span source;
    bool found, noop;
    auk_write same = *write;
    same.index = target->standby;
    same.if_seq_no = -1;
    if (target->standby.size == 0)
        return AUK_OK;
    auk_code code = get(s, &same, &document, &found, err);
    if (code != AUK_OK || !found)
        return code;
    code = auk_owned_update(&same, &document, s->arena, &source, &noop, err);
    if (code == AUK_OK)
        (void)add_write(s, target->standby, write, document.routing, source);
    return code;
}

static auk_code merge_local(update_step *s, const auk_local_target *target, const auk_json *patch,
                            update_item *item, auk_error *err)
{
    auk_local before;
    const auk_json *base;
    auk_code code =
        auk_locals_get(s->updates->locals, target->name, item->id, s->arena, &before, err);
    if (code == AUK_OK)
        code =
            auk_json_parse(before.json.size ? before.json : AUK_SPAN("{}"), s->arena, &base, err);
    if (code == AUK_OK)
        item->local.json = auk_local_merge(base, patch, s->arena);
    return code;
}

static void answer_noop(const update_step *s, uint32_t number, const auk_shard_document *document)
{
    auk_written *out = &s->updates->written[number];
    out->result = AUK_RESULT_NOOP;
    out->seq_no = document->seq_no;
    out->primary_term = document->primary_term;
    out->version = document->version;
    if (s->updates->writes[number].want_source)
        out->source = auk_arena_copy(s->updates->arena, document->source);
}

static auk_code add_update(update_step *s, uint32_t number, auk_error *err)
{
    const auk_local_updates *u = s->updates;
    const auk_write *write = &u->writes[number];
    const auk_json *patch = NULL;
    auk_local_target target;
    auk_shard_document document;
    auk_span source;
    bool found, noop;
    auk_code code = u->find(u->context, write->index, s->arena, &target, err);
    if (code == AUK_OK)
        code = check_patch(s, write, target.spec, &patch, err);
    if (code != AUK_OK)
        return code;
    auk_write there = *write;
    there.index = target.serving;
    code = get(s, &there, &document, &found, err);
    if (code == AUK_OK)
        code = auk_owned_update(write, found ? &document : NULL, s->arena, &source, &noop, err);
    if (code == AUK_OK)
        code = check_found(s, write, found, target.spec, err);
    if (code != AUK_OK)
        return code;
    if (noop || !patch) {
        answer_noop(s, number, &document);
        return AUK_OK;
    }
    update_item *item = &s->items[s->item_count];
    *item = (update_item){.number = number,
                          .name = target.name,
                          .id = write->id,
                          .local = {.routing = document.routing},
                          .source = source};
    code = merge_local(s, &target, patch, item, err);
    if (code != AUK_OK)
        return code;
    item->write = add_write(s, target.serving, write, document.routing, source);
    code = update_standby(s, write, &target, err);
    if (code == AUK_OK)
        s->item_count++;
    else
        s->write_count = item->write;
    return code;
}

/* ---- one publication ---- */

static void describe(void *context, auk_batch *batch)
{
    const update_step *s = context;
    for (uint32_t i = 0; i < s->item_count; i++) {
        const update_item *item = &s->items[i];
        if (s->written[item->write].error.code == AUK_OK)
            auk_locals_put(s->updates->locals, item->name, item->id, &item->local, batch);
    }
}

static void answer(const update_step *s, const update_item *item)
{
    const auk_written *from = &s->written[item->write];
    auk_written *to = &s->updates->written[item->number];
    if (from->error.code != AUK_OK) {
        answer_error(s, item->number, from->error.why);
        return;
    }
    to->result = from->result;
    to->seq_no = from->seq_no;
    to->primary_term = from->primary_term;
    to->version = from->version;
    if (s->updates->writes[item->number].want_source)
        to->source = auk_arena_copy(s->updates->arena, item->source);
}

static auk_code publish(update_step *s, auk_error *err)
{
    s->written = AUK_ARENA_ARRAY(s->arena, auk_written, s->write_count + 1);
    const auk_publication step = {.owner = s->updates->locals->owner,
                                  .writes = s->writes,
                                  .written = s->written,
                                  .count = s->write_count,
                                  .describe = describe,
                                  .context = s,
                                  .visible = true,
                                  .joins_whole = true};
    if (s->item_count == 0)
        return AUK_OK;
    auk_code code = auk_catalog_publish(s->updates->locals->catalog, &step, s->arena, err);
    for (uint32_t i = 0; i < s->item_count && code == AUK_OK; i++)
        answer(s, &s->items[i]);
    return code;
}

/* Adds updates from `from` on until the step is full. */
static uint32_t fill(update_step *s, uint32_t from)
{
    const auk_local_updates *u = s->updates;
    auk_key_set seen;
    uint32_t at = from;
    auk_key_set_init(&seen);
    for (; at < u->count && s->bytes < STEP_BYTES_MOST; at++) {
        auk_span key = auk_arena_printf(s->arena, "%.*s/%.*s", AUK_SPAN_ARG(u->writes[at].index),
                                        AUK_SPAN_ARG(u->writes[at].id));
        auk_error err = {0};
        if (!auk_key_set_put(&seen, key, 0))
            break;
        if (add_update(s, at, &err) != AUK_OK)
            answer_error(s, at, &err);
    }
    auk_key_set_deinit(&seen);
    return at;
}

/* Answers some of the updates; the number of the next one. */
static uint32_t run_step(const auk_local_updates *u, uint32_t from)
{
    auk_error err = {0};
    update_step s = {.updates = u, .arena = auk_arena_create(16384)};
    uint32_t left = u->count - from;
    auk_arena_set_budget(s.arena, u->budget, AUK_PURPOSE_INDEXING);
    s.items = AUK_ARENA_ARRAY(s.arena, update_item, left);
    s.writes = AUK_ARENA_ARRAY(s.arena, auk_write, (size_t)left * 2);
    auk_locals_lock(u->locals);
    uint32_t next = fill(&s, from);
    auk_code code = moved(publish(&s, &err), &err);
    auk_locals_unlock(u->locals);
    for (uint32_t i = 0; i < s.item_count && code != AUK_OK; i++)
        answer_error(&s, s.items[i].number, &err);
    auk_arena_destroy(s.arena);
    return next;
}

void auk_locals_update(const auk_local_updates *updates)
{
    for (uint32_t at = 0; at < updates->count;)
        at = run_step(updates, at);
}
