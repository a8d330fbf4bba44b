/*
 * option_file.c - the door to libyaml: one mapping of names to plain values.
 *
 * The parser's events are checked against that one shape; anchors, tags, lists and nested mappings
 * are refused with their line.
 */
#include <errno.h>
#include <stdio.h>
#include <yaml.h>

#include "auk/nearest.h"
#include "auk/option.h"

#define FILE_LIMIT 1048576

typedef struct reading {
    auk_options *options;
    const char *path;
    yaml_parser_t parser;
    yaml_event_t event;
    bool *seen; /* one a row */
} reading;

static unsigned long line_of(const reading *r)
{
    return (unsigned long)r->event.start_mark.line + 1;
}

static auk_code refuse(const reading *r, auk_error *err, const char *what)
{
    return auk_fail(err, AUK_INVALID, "%s, line %lu: %s", r->path, line_of(r), what);
}

/* The next event, in place of the one before. */
static auk_code step(reading *r, auk_error *err)
{
    yaml_event_delete(&r->event);
    if (yaml_parser_parse(&r->parser, &r->event))
        return AUK_OK;
    r->event = (yaml_event_t){0};
    return auk_fail(err, AUK_INVALID, "%s, line %lu: %s", r->path,
                    (unsigned long)r->parser.problem_mark.line + 1,
                    r->parser.problem ? r->parser.problem : "no YAML");
}

static auk_span scalar(const reading *r)
{
    return auk_span_make(r->event.data.scalar.value, r->event.data.scalar.length);
}

static auk_code refuse_name(const reading *r, auk_span name, auk_error *err)
{
    const auk_options *options = r->options;
    auk_span names[64];
    size_t count = 0;
    for (size_t i = 0; i < options->count && count < 64; i++)
        if (options->rows[i].in_file)
            names[count++] = auk_span_of(options->rows[i].name);
    auk_fail(err, AUK_INVALID, "%s, line %lu: unknown setting \"%.*s\"", r->path, line_of(r),
             AUK_SPAN_ARG(name));
    auk_span nearest = auk_nearest(name, names, count);
    if (nearest.data != NULL)
        auk_hint(err, "did you mean %.*s?", AUK_SPAN_ARG(nearest));
    return AUK_INVALID;
}

/* At a name: takes it and its value. */
static auk_code read_pair(reading *r, auk_error *err)
{
    if (r->event.type != YAML_SCALAR_EVENT)
        return refuse(r, err, "expected the name of a setting");
    auk_span name = scalar(r);
    size_t row = auk_options_find(r->options, name);
    if (row == r->options->count || !r->options->rows[row].in_file)
        return refuse_name(r, name, err);
    if (r->seen[row])
        return auk_fail(err, AUK_INVALID, "%s, line %lu: \"%.*s\" stands here twice", r->path,
                        line_of(r), AUK_SPAN_ARG(name));
    r->seen[row] = true;
    auk_code code = step(r, err);
    if (code != AUK_OK)
        return code;
    char where[512];
    (void)snprintf(where, sizeof where, "%s, line %lu: %s", r->path, line_of(r),
                   r->options->rows[row].name);
    if (r->event.type != YAML_SCALAR_EVENT)
        return auk_fail(err, AUK_INVALID, "%s: expected one plain value", where);
    code = auk_options_set(r->options, row, AUK_FROM_FILE, scalar(r), where, err);
    return code == AUK_OK ? step(r, err) : code;
}

static auk_code read_pairs(reading *r, auk_error *err)
{
    auk_code code = step(r, err);
    while (code == AUK_OK && r->event.type != YAML_MAPPING_END_EVENT)
        code = read_pair(r, err);
    return code == AUK_OK ? step(r, err) : code;
}

static auk_code read_stream(reading *r, auk_error *err)
{
    auk_code code = step(r, err); /* the stream's start */
    if (code == AUK_OK)
        code = step(r, err);
    if (code != AUK_OK || r->event.type == YAML_STREAM_END_EVENT)
        return code; /* an empty file says nothing */
    code = step(r, err);
    if (code != AUK_OK)
        return code;
    bool is_empty = r->event.type == YAML_SCALAR_EVENT && scalar(r).size == 0;
    if (r->event.type != YAML_MAPPING_START_EVENT && !is_empty)
        return refuse(r, err, "expected lines of the form name: value");
    code = is_empty ? step(r, err) : read_pairs(r, err);
    if (code == AUK_OK) /* the document's end */
        code = step(r, err);
    if (code == AUK_OK && r->event.type != YAML_STREAM_END_EVENT)
        return refuse(r, err, "a second document");
    return code;
}

static auk_code read_bytes(const char *path, auk_buffer *out, auk_error *err)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return auk_fail(err, AUK_IO, "cannot read \"%s\": %s", path, strerror(errno));
    char *into = auk_buffer_reserve(out, FILE_LIMIT + 1);
    out->size = fread(into, 1, FILE_LIMIT + 1, file);
    bool failed = ferror(file) != 0;
    (void)fclose(file);
    if (failed)
        return auk_fail(err, AUK_IO, "cannot read \"%s\"", path);
    if (out->size > FILE_LIMIT)
        return auk_fail(err, AUK_TOO_LARGE, "\"%s\" is larger than %d bytes", path, FILE_LIMIT);
    return AUK_OK;
}

auk_code auk_options_read_file(auk_options *options, const char *path, auk_error *err)
{
    auk_buffer bytes;
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    auk_code code = read_bytes(path, &bytes, err);
    if (code == AUK_OK) {
        reading r = {.options = options, .path = path};
        r.seen = AUK_ARENA_ARRAY(options->arena, bool, options->count + 1);
        if (!yaml_parser_initialize(&r.parser))
            abort();
        yaml_parser_set_input_string(&r.parser, (const unsigned char *)bytes.data, bytes.size);
        code = read_stream(&r, err);
        yaml_event_delete(&r.event);
        yaml_parser_delete(&r.parser);
    }
    auk_buffer_deinit(&bytes);
    return code;
}
