#include "batch.h"

#include <stdlib.h>

#include "auk/arena.h"
#include "auk/json.h"
#include "json_scan.h"

#define ID_LIMIT 512u

void auk_import_batch_init(auk_import_batch *batch)
{
    *batch = (auk_import_batch){0};
    auk_buffer_init(&batch->body, AUK_BUFFER_NO_LIMIT);
}

void auk_import_batch_deinit(auk_import_batch *batch)
{
    auk_buffer_deinit(&batch->body);
    free(batch->items);
    *batch = (auk_import_batch){0};
}

void auk_import_batch_reset(auk_import_batch *batch)
{
    auk_buffer_reset(&batch->body);
    batch->count = 0;
    batch->source_bytes = 0;
}

static auk_batch_item *append_item(auk_import_batch *batch)
{
    if (batch->count == batch->capacity) {
        batch->capacity = batch->capacity ? 2 * batch->capacity : 1024;
        batch->items = realloc(batch->items, batch->capacity * sizeof *batch->items);
        if (batch->items == NULL)
            abort();
    }
    return &batch->items[batch->count++];
}

/* ---- ids ---- */

/* A raw JSON value as an id: strings as they stand, numbers and booleans in quotes. */
static const char *append_id(auk_buffer *out, auk_span raw)
{
    bool is_string = raw.data[0] == '"';
    if (raw.data[0] == '{' || raw.data[0] == '[' || auk_span_is(raw, "null") ||
        auk_span_is(raw, "\"\""))
        return "the field of --id holds no string or number";
    if (raw.size > ID_LIMIT + 2)
        return "the field of --id is longer than 512 bytes";
    if (!is_string)
        auk_buffer_append_byte(out, '"');
    auk_buffer_append(out, raw);
    if (!is_string)
        auk_buffer_append_byte(out, '"');
    return NULL;
}

/* The way round: names with escapes, and a word on what is wrong with a document. */
static const char *append_parsed_id(auk_buffer *out, auk_span document, auk_span field)
{
    const auk_json *parsed = NULL;
    const char *problem = "the document is no JSON object";
    auk_arena *arena = auk_arena_create(4096);
    if (auk_json_parse(document, arena, &parsed, NULL) == AUK_OK &&
        parsed->type == AUK_JSON_OBJECT) {
        const auk_json *id = auk_json_find(parsed, field);
        problem = "the document has no field as --id names it";
        if (id != NULL && id->type == AUK_JSON_STRING && id->text.size > 0) {
            auk_json_escape(out, id->text);
            problem = NULL;
        } else if (id != NULL) {
            problem = append_id(out, id->text);
        }
    }
    auk_arena_destroy(arena);
    return problem;
}

static const char *append_action_with_id(auk_buffer *out, auk_span document, auk_span field)
{
    auk_span raw;
    auk_buffer_append(out, AUK_SPAN("{\"index\":{\"_id\":"));
    const char *problem = auk_json_scan_member(document, field, &raw)
                              ? append_id(out, raw)
                              : append_parsed_id(out, document, field);
    auk_buffer_append(out, AUK_SPAN("}}\n"));
    return problem;
}

/* Created: when it is there it came from an earlier try. */
static void append_action_with_made_id(auk_buffer *out, auk_span id)
{
    auk_buffer_append(out, AUK_SPAN("{\"create\":{\"_id\":\""));
    auk_buffer_append(out, id);
    auk_buffer_append(out, AUK_SPAN("\"}}\n"));
}

/* The line of an action of the bulk form, with an id where it has none. */
static void append_action(auk_buffer *out, auk_span action, auk_span id)
{
    const char *inner =
        id.size && action.size > 1 ? memchr(action.data + 1, '{', action.size - 1) : NULL;
    auk_span had, metadata = {0};
    if (inner != NULL)
        metadata = auk_span_make(inner, (size_t)(action.data + action.size - inner));
    if (inner != NULL && !auk_json_scan_member(metadata, AUK_SPAN("_id"), &had)) {
        size_t head = (size_t)(inner - action.data) + 1;
        auk_span rest = auk_span_from(action, head);
        const char *next = rest.data;
        while (next < rest.data + rest.size && (*next == ' ' || *next == '\t'))
            next++;
        auk_buffer_append(out, auk_span_make(action.data, head));
        auk_buffer_append(out, AUK_SPAN("\"_id\":\""));
        auk_buffer_append(out, id);
        auk_buffer_append_byte(out, '"');
        if (next < rest.data + rest.size && *next != '}')
            auk_buffer_append_byte(out, ',');
        auk_buffer_append(out, rest);
    } else {
        auk_buffer_append(out, action);
    }
    auk_buffer_append_byte(out, '\n');
}

/* ---- records ---- */

const char *auk_import_batch_add(auk_import_batch *batch, const auk_record *record,
                                 auk_span id_field)
{
    auk_buffer *body = &batch->body;
    size_t start = body->size;
    const char *problem = NULL;
    if (record->action.size > 0) {
        append_action(body, record->action, record->id);
    } else if (id_field.size > 0) {
        problem = append_action_with_id(body, record->document, id_field);
    } else if (record->id.size > 0) {
        append_action_with_made_id(body, record->id);
    } else {
        auk_buffer_append(body, AUK_SPAN("{\"index\":{}}\n"));
    }
    if (problem != NULL) {
        body->size = start;
        return problem;
    }
    *append_item(batch) =
        (auk_batch_item){.action = start, .document = body->size, .line = record->line};
    batch->source_bytes += record->document.size + 1;
    if (record->document.size > 0) {
        auk_buffer_append(body, record->document);
        auk_buffer_append_byte(body, '\n');
    }
    return NULL;
}

static size_t end_of(const auk_import_batch *batch, size_t item)
{
    return item + 1 < batch->count ? batch->items[item + 1].action : batch->body.size;
}

auk_span auk_import_batch_action(const auk_import_batch *batch, size_t item)
{
    const auk_batch_item *at = &batch->items[item];
    return (auk_span){batch->body.data + at->action, at->document - at->action - 1};
}

auk_span auk_import_batch_document(const auk_import_batch *batch, size_t item)
{
    size_t from = batch->items[item].document;
    size_t end = end_of(batch, item);
    return (auk_span){batch->body.data + from, end > from ? end - from - 1 : 0};
}

void auk_import_batch_keep(auk_import_batch *batch, const bool *keep)
{
    size_t to = 0;
    size_t kept = 0;
    for (size_t i = 0; i < batch->count; i++) {
        if (!keep[i])
            continue;
        auk_batch_item item = batch->items[i];
        size_t size = end_of(batch, i) - item.action;
        memmove(batch->body.data + to, batch->body.data + item.action, size);
        batch->items[kept++] = (auk_batch_item){to, to + (item.document - item.action), item.line};
        to += size;
    }
    batch->body.size = to;
    batch->count = kept;
}

void auk_import_batch_split(auk_import_batch *batch, auk_import_batch *other)
{
    size_t half = batch->count / 2;
    size_t from = batch->items[half].action;
    for (size_t i = half; i < batch->count; i++) {
        auk_batch_item item = batch->items[i];
        *append_item(other) = (auk_batch_item){item.action - from, item.document - from, item.line};
    }
    auk_buffer_append(&other->body, auk_span_from(auk_buffer_span(&batch->body), from));
    batch->body.size = from;
    batch->count = half;
}
