/* records.c - which form a stream has, and the two forms that are lines. */
#include "records.h"

#include <ctype.h>

#include "auk/json.h"

#define LOOK_BYTES ((size_t)64 << 10)

static bool is_blank(auk_span line)
{
    for (size_t i = 0; i < line.size; i++)
        if (!isspace((unsigned char)line.data[i]))
            return false;
    return true;
}

auk_code auk_records_line(auk_source *source, auk_span *line, uint64_t *number, bool *found,
                          auk_error *err)
{
    size_t scanned = 0;
    for (;;) {
        auk_span window = auk_source_window(source);
        const char *feed = window.size > scanned
                               ? memchr(window.data + scanned, '\n', window.size - scanned)
                               : NULL;
        if (feed == NULL && !source->at_end) {
            scanned = window.size;
            auk_code code = auk_source_more(source, err);
            if (code != AUK_OK)
                return code;
            continue;
        }
        *found = feed != NULL || window.size > 0;
        *line = (auk_span){window.data, feed ? (size_t)(feed - window.data) : window.size};
        *number = source->line;
        source->from += line->size + (feed != NULL);
        source->line += feed != NULL;
        if (line->size > 0 && line->data[line->size - 1] == '\r')
            line->size--;
        if (!*found || !is_blank(*line))
            return AUK_OK;
        scanned = 0;
    }
}

/* ---- the bulk form ---- */

/* What is wrong with an action's line, or NULL; *wants_document says whether one follows. */
static const char *check_action(auk_records *records, auk_span line, bool *wants_document)
{
    const auk_json *action = NULL;
    auk_arena_reset(records->row_arena);
    *wants_document = false;
    if (auk_json_parse(line, records->row_arena, &action, NULL) != AUK_OK ||
        action->type != AUK_JSON_OBJECT || action->count != 1 ||
        action->child->type != AUK_JSON_OBJECT)
        return "malformed action: expected a line such as {\"index\":{\"_id\":\"1\"}}";
    auk_span kind = action->child->key;
    *wants_document =
        auk_span_is(kind, "index") || auk_span_is(kind, "create") || auk_span_is(kind, "update");
    if (*wants_document || auk_span_is(kind, "delete"))
        return NULL;
    return "unknown action: expected index, create, update or delete";
}

static auk_code next_action(auk_records *records, auk_record *out, bool *found, auk_error *err)
{
    bool wants_document;
    auk_span line;
    auk_code code = auk_records_line(records->source, &line, &out->line, found, err);
    if (code != AUK_OK || !*found)
        return code;
    out->problem = check_action(records, line, &wants_document);
    if (!wants_document) {
        (out->problem ? &out->document : &out->action)[0] = line;
        return AUK_OK;
    }
    /* The action's bytes may move when the next line is read. */
    auk_buffer_reset(&records->line);
    auk_buffer_append(&records->line, line);
    out->action = auk_buffer_span(&records->line);
    uint64_t number;
    bool has_document;
    code = auk_records_line(records->source, &out->document, &number, &has_document, err);
    if (code == AUK_OK && !has_document)
        out->problem = "the document of this action is missing";
    return code;
}

/* ---- which form ---- */

static auk_code look(auk_source *source, auk_error *err)
{
    while (!source->at_end && source->to - source->from < LOOK_BYTES) {
        auk_code code = auk_source_more(source, err);
        if (code != AUK_OK)
            return code;
    }
    if (auk_span_starts_with(auk_source_window(source), AUK_SPAN("\xef\xbb\xbf")))
        source->from += 3; /* a byte order mark says nothing in UTF-8 */
    return AUK_OK;
}

static bool ends_with(auk_span name, const char *suffix)
{
    auk_span end = auk_span_of(suffix);
    return name.size >= end.size &&
           strncasecmp(name.data + name.size - end.size, end.data, end.size) == 0;
}

/* An object that begins in the first line: lines of objects, of actions, or a layout of its own. */
static auk_format look_at_object(auk_records *records, auk_span line, bool is_whole)
{
    const auk_json *first = NULL;
    bool wants_document;
    if (!is_whole)
        return AUK_FORMAT_NDJSON;
    auk_arena_reset(records->row_arena);
    if (auk_json_parse(line, records->row_arena, &first, NULL) == AUK_OK)
        return check_action(records, line, &wants_document) == NULL ? AUK_FORMAT_BULK
                                                                    : AUK_FORMAT_NDJSON;
    /* A broken first document ends in its brace, the first line of a layout hardly ever does. */
    return line.data[line.size - 1] == '}' ? AUK_FORMAT_NDJSON : AUK_FORMAT_JSON;
}

static auk_format detect(auk_records *records, auk_span name)
{
    auk_span window = auk_source_window(records->source);
    if (ends_with(name, ".tsv") || ends_with(name, ".tab"))
        return AUK_FORMAT_TSV;
    if (ends_with(name, ".csv"))
        return AUK_FORMAT_CSV;
    for (; window.size > 0 && isspace((unsigned char)window.data[0]); window.size--)
        window.data++;
    if (window.size == 0 || window.data[0] == '[')
        return AUK_FORMAT_JSON;
    const char *feed = memchr(window.data, '\n', window.size);
    auk_span line = {window.data, feed ? (size_t)(feed - window.data) : window.size};
    bool is_whole = feed != NULL || records->source->at_end;
    while (line.size > 0 && isspace((unsigned char)line.data[line.size - 1]))
        line.size--;
    if (window.data[0] == '{')
        return look_at_object(records, line, is_whole);
    if (ends_with(name, "json") || ends_with(name, ".jsonl") || !is_whole)
        return AUK_FORMAT_NDJSON;
    return memchr(line.data, '\t', line.size) != NULL ? AUK_FORMAT_TSV
           : memchr(line.data, ',', line.size) != NULL || memchr(line.data, ';', line.size) != NULL
               ? AUK_FORMAT_CSV
               : AUK_FORMAT_AUTO;
}

auk_code auk_records_init(auk_records *records, auk_source *source, auk_format format,
                          auk_span name, auk_error *err)
{
    *records = (auk_records){.source = source, .format = format};
    records->arena = auk_arena_create(4096);
    records->row_arena = auk_arena_create(4096);
    auk_buffer_init(&records->line, 2 * AUK_RECORD_LIMIT);
    auk_code code = look(source, err);
    if (code != AUK_OK)
        return code;
    if (format == AUK_FORMAT_AUTO)
        records->format = detect(records, name);
    if (records->format == AUK_FORMAT_AUTO) {
        auk_fail(err, AUK_INVALID, "the content is neither JSON nor a table");
        auk_hint(err, "say what it is: --format ndjson, json, csv, tsv or bulk");
        return AUK_INVALID;
    }
    if (records->format == AUK_FORMAT_CSV || records->format == AUK_FORMAT_TSV)
        return auk_records_begin_table(records, err);
    return AUK_OK;
}

void auk_records_deinit(auk_records *records)
{
    auk_buffer_deinit(&records->line);
    auk_arena_destroy(records->arena);
    auk_arena_destroy(records->row_arena);
}

auk_code auk_records_next(auk_records *records, auk_record *out, bool *found, auk_error *err)
{
    *out = (auk_record){0};
    switch (records->format) {
    case AUK_FORMAT_BULK:
        return next_action(records, out, found, err);
    case AUK_FORMAT_JSON:
        return auk_records_next_json(records, out, found, err);
    case AUK_FORMAT_CSV:
    case AUK_FORMAT_TSV:
        return auk_records_next_row(records, out, found, err);
    case AUK_FORMAT_AUTO:
    case AUK_FORMAT_NDJSON:
        break;
    }
    return auk_records_line(records->source, &out->document, &out->line, found, err);
}
