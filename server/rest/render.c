/* filter_path and YAML: both work on the finished JSON, read back as a tree, so that no route needs
 * to know of them. */
#include <ctype.h>

#include "call.h"

/* ---- filter_path: "hits.hits._id,-took,hits.**.name,met*" ---- */

typedef struct filters {
    auk_span *patterns;
    uint32_t count;
} filters;

static bool first_step(auk_span pattern, auk_span *step, auk_span *rest)
{
    if (pattern.size == 0)
        return false;
    const char *dot = memchr(pattern.data, '.', pattern.size);
    size_t size = dot ? (size_t)(dot - pattern.data) : pattern.size;
    *step = auk_span_make(pattern.data, size);
    *rest = dot ? auk_span_from(pattern, size + 1) : AUK_SPAN("");
    return true;
}

/*
 * The patterns that go on below a member of this name. *whole: one of them ends here, so all of the
 * member is meant.
 */
static filters descend(const filters *from, auk_span name, auk_arena *arena, bool *whole)
{
    filters below = {AUK_ARENA_ARRAY(arena, auk_span, from->count * 2 + 1), 0};
    *whole = false;
    for (uint32_t i = 0; i < from->count; i++) {
        auk_span step, rest, after, after_rest;
        if (!first_step(from->patterns[i], &step, &rest))
            continue;
        if (auk_span_is(step, "**")) {
            below.patterns[below.count++] = from->patterns[i];
            if (!first_step(rest, &after, &after_rest)) {
                *whole = true;
            } else if (auk_pattern_matches(after, name)) {
                *whole = *whole || after_rest.size == 0;
                below.patterns[below.count++] = after_rest;
            }
        } else if (auk_pattern_matches(step, name)) {
            *whole = *whole || rest.size == 0;
            below.patterns[below.count++] = rest;
        }
    }
    return below;
}

static auk_json *copy_node(const auk_json *node, auk_arena *arena)
{
    auk_json *copy = AUK_ARENA_NEW(arena, auk_json);
    *copy = *node;
    copy->next = NULL;
    return copy;
}

/* What is left of a value, or NULL. include: keep what matches; else drop what matches. */
static const auk_json *filter(const auk_json *value, const filters *f, bool include,
                              auk_arena *arena)
{
    if (value->type != AUK_JSON_OBJECT && value->type != AUK_JSON_ARRAY)
        return include ? NULL : copy_node(value, arena);
    auk_json *kept = copy_node(value, arena), *last = NULL;
    kept->child = NULL;
    kept->count = 0;
    for (const auk_json *item = value->child; item; item = item->next) {
        bool whole = false;
        filters below = *f;
        if (value->type == AUK_JSON_OBJECT)
            below = descend(f, item->key, arena, &whole);
        const auk_json *left;
        if (whole)
            left = include ? item : NULL;
        else
            left = below.count == 0 && include ? NULL : filter(item, &below, include, arena);
        if (!left)
            continue;
        auk_json *copy = copy_node(left, arena);
        copy->key = item->key;
        if (last)
            last->next = copy;
        else
            kept->child = copy;
        last = copy;
        kept->count++;
    }
    bool emptied = kept->count == 0 && (include || value->count > 0);
    return emptied ? NULL : kept;
}

static void split_filters(auk_span text, auk_arena *arena, filters *includes, filters *excludes)
{
    uint32_t commas = 1;
    for (size_t i = 0; i < text.size; i++)
        commas += text.data[i] == ',';
    includes->patterns = AUK_ARENA_ARRAY(arena, auk_span, commas);
    excludes->patterns = AUK_ARENA_ARRAY(arena, auk_span, commas);
    auk_span one;
    while (auk_span_cut(&text, ',', &one)) {
        while (one.size && one.data[0] == ' ')
            one = auk_span_from(one, 1);
        if (one.size && one.data[0] == '-')
            excludes->patterns[excludes->count++] = auk_span_from(one, 1);
        else if (one.size)
            includes->patterns[includes->count++] = one;
    }
}

static const auk_json *filter_tree(const auk_json *tree, auk_span text, auk_arena *arena)
{
    filters includes = {0}, excludes = {0};
    split_filters(text, arena, &includes, &excludes);
    if (includes.count)
        tree = filter(tree, &includes, true, arena);
    if (tree && excludes.count)
        tree = filter(tree, &excludes, false, arena);
    return tree;
}

/* ---- YAML ---- */

static bool plain_yaml(auk_span text)
{
    if (text.size == 0 || (!isalpha((unsigned char)text.data[0]) && text.data[0] != '_'))
        return false;
    for (size_t i = 0; i < text.size; i++)
        if (!isalnum((unsigned char)text.data[i]) && !auk_byte_among(text.data[i], "_.-"))
            return false;
    return true;
}

static void yaml_scalar(const auk_json *value, auk_buffer *out)
{
    if (value->type == AUK_JSON_STRING)
        auk_json_escape(out, value->text); /* a JSON text is a YAML text */
    else
        auk_buffer_append(out, value->text);
}

static void yaml_indent(auk_buffer *out, unsigned depth)
{
    for (unsigned i = 0; i < depth; i++)
        auk_buffer_append(out, AUK_SPAN("  "));
}

/* Depth is bounded by the JSON reader's limit. */
static void yaml_value(const auk_json *value, unsigned depth, bool inline_first, auk_buffer *out)
{
    if (value->type != AUK_JSON_OBJECT && value->type != AUK_JSON_ARRAY) {
        yaml_scalar(value, out);
        auk_buffer_append_byte(out, '\n');
        return;
    }
    if (value->count == 0) {
        auk_buffer_append_text(out, value->type == AUK_JSON_OBJECT ? "{}\n" : "[]\n");
        return;
    }
    for (const auk_json *item = value->child; item; item = item->next) {
        if (!inline_first || item != value->child)
            yaml_indent(out, depth);
        bool nested =
            (item->type == AUK_JSON_OBJECT || item->type == AUK_JSON_ARRAY) && item->count > 0;
        if (value->type == AUK_JSON_ARRAY) {
            auk_buffer_append(out, AUK_SPAN("- "));
            yaml_value(item, depth + 1, true, out);
            continue;
        }
        if (plain_yaml(item->key))
            auk_buffer_append(out, item->key);
        else
            auk_json_escape(out, item->key);
        auk_buffer_append_byte(out, ':');
        auk_buffer_append_byte(out, nested ? '\n' : ' ');
        yaml_value(item, item->type == AUK_JSON_ARRAY ? depth : depth + 1, false, out);
    }
}

auk_code auk_render_finish(auk_call *call, auk_error *err)
{
    if (call->is_text || (!call->yaml && call->filter_path.size == 0))
        return AUK_OK;
    const auk_json *tree;
    auk_buffer *body = &call->exchange->response.body;
    auk_code code = auk_json_parse_own(auk_buffer_span(body), call->arena, &tree, err);
    if (code != AUK_OK)
        return code;
    auk_buffer_reset(body);
    bool array = tree->type == AUK_JSON_ARRAY;
    if (call->filter_path.size)
        tree = filter_tree(tree, call->filter_path, call->arena);
    auk_json_writer_init(&call->out, body, call->pretty);
    if (call->yaml) {
        auk_buffer_append(body, AUK_SPAN("---\n"));
        if (tree)
            yaml_value(tree, 0, false, body);
    } else if (tree) {
        auk_json_value(&call->out, tree);
    } else if (array) {
        auk_json_begin_array(&call->out);
        auk_json_end_array(&call->out);
    } else {
        auk_json_begin_object(&call->out);
        auk_json_end_object(&call->out);
    }
    return auk_buffer_explain(body, err);
}
