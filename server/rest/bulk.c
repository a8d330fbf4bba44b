#include "bulk.h"

#include "bulk_line.h"

uint32_t auk_bulk_item_limit(auk_span body)
{
    uint32_t lines = 0;
    const char *at = body.data, *end = body.data + body.size;
    while (at < end && (at = memchr(at, '\n', (size_t)(end - at))) != NULL) {
        lines++;
        at++;
    }
    return lines;
}

typedef struct cursor {
    const char *at, *end;
    uint32_t line; /* number of the line read last */
} cursor;

/* The next line without its end; false when there is none. */
static bool next_line(cursor *from, auk_span *line)
{
    if (from->at == from->end)
        return false;
    const char *newline = memchr(from->at, '\n', (size_t)(from->end - from->at));
    if (!newline)
        return false;
    size_t size = (size_t)(newline - from->at);
    if (size > 0 && from->at[size - 1] == '\r')
        size--;
    *line = auk_span_make(from->at, size);
    from->at = newline + 1;
    from->line++;
    return true;
}

static bool is_blank(auk_span text)
{
    for (size_t i = 0; i < text.size; i++)
        if (text.data[i] != ' ' && text.data[i] != '\t' && text.data[i] != '\r')
            return false;
    return true;
}

static auk_code unterminated(auk_error *err)
{
    return auk_fail(err, AUK_INVALID, "The bulk request must be terminated by a newline [\\n]");
}

static auk_code read_item(cursor *from, auk_span line, auk_arena *arena, auk_write *write,
                          auk_error *err)
{
    uint32_t number = from->line;
    auk_code code = auk_bulk_line_read(line, number, arena, write, err);
    if (code != AUK_OK || write->kind == AUK_WRITE_DELETE)
        return code;
    if (from->at == from->end)
        return auk_fail(err, AUK_INVALID,
                        "Malformed action/metadata line [%u], the source that belongs to it is "
                        "missing",
                        number);
    if (!next_line(from, &write->source))
        return unterminated(err);
    write->source_is_padded = true;
    return AUK_OK;
}

auk_code auk_bulk_parse(auk_span body, const auk_bulk_defaults *defaults, auk_arena *arena,
                        auk_bulk *out, auk_error *err)
{
    cursor from = {body.data, body.data + body.size, 0};
    auk_write blank;
    auk_write_init(&blank);
    blank.index = defaults->index;
    blank.routing = defaults->routing;
    blank.require_alias = defaults->require_alias;
    *out = (auk_bulk){auk_arena_alloc(arena,
                                      sizeof(auk_write) * ((size_t)auk_bulk_item_limit(body) + 1)),
                      0};
    auk_span line;
    while (next_line(&from, &line)) {
        if (is_blank(line))
            continue;
        auk_write *write = &out->writes[out->count++];
        *write = blank;
        auk_code code = read_item(&from, line, arena, write, err);
        if (code != AUK_OK)
            return code;
        if (write->kind == AUK_WRITE_UPDATE)
            write->want_source = write->want_source || defaults->want_source;
    }
    if (from.at != from.end && !is_blank(auk_span_make(from.at, (size_t)(from.end - from.at))))
        return unterminated(err);
    if (out->count == 0)
        return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: no requests added;");
    return AUK_OK;
}
