/* mapping_build.c - a tree of nodes becomes fields: paths, numbers, analyzers, formats, tables for
 * look-ups. */
#include <stdlib.h>

#include "auk/date_format.h"
#include "auk/hash.h"
#include "auk/utf8.h"
#include "mapping_tree.h"

#define PARSING "mapper_parsing_exception"

typedef struct builder {
    auk_mapping *mapping;
    uint64_t *used; /* bit a number */
    uint32_t highest;
    uint32_t at; /* in by_path */
    auk_error *err;
} builder;

/* ---- counting, paths, numbers ---- */

static uint32_t count_nodes(const auk_node *parent)
{
    uint32_t count = 0;
    for (const auk_node *child = parent->child; child; child = child->next)
        count += 1 + count_nodes(child);
    return count;
}

static auk_code check_limits(builder *b)
{
    auk_mapping *m = b->mapping;
    m->field_count = count_nodes(m->root);
    bool grown = !m->stored && (!m->before || m->field_count > m->before->field_count);
    if (grown && m->field_count > m->field_limit)
        return auk_fail(b->err, AUK_INVALID, "Limit of total fields [%lld] has been exceeded",
                        (long long)m->field_limit);
    return AUK_OK;
}

static auk_code take_number(builder *b, auk_node *node)
{
    uint16_t number = node->field.number;
    if (number == 0)
        return AUK_OK; /* given out once all that are taken are known */
    if (b->used[number / 64] >> (number % 64) & 1)
        return auk_fail_type(b->err, AUK_INVALID, PARSING, "[auk_number] %u of [%.*s] is taken",
                             number, AUK_SPAN_ARG(node->field.path));
    b->used[number / 64] |= UINT64_C(1) << (number % 64);
    if (number > b->highest)
        b->highest = number;
    return AUK_OK;
}

static auk_code check_node(builder *b, const auk_node *node, int64_t depth)
{
    const auk_mapping *m = b->mapping;
    bool deep = auk_node_is_object(node) && depth > m->depth_limit;
    bool is_long = (int64_t)auk_utf8_utf16_length(node->name) > m->name_limit;
    if ((!deep && !is_long) || m->stored ||
        (m->before && auk_mapping_find(m->before, node->field.path)))
        return AUK_OK;
    if (is_long)
        return auk_fail(b->err, AUK_INVALID,
                        "Field name [%.*s] is longer than the limit of [%lld] characters",
                        AUK_SPAN_ARG(node->name), (long long)m->name_limit);
    return auk_fail(b->err, AUK_INVALID,
                    "Limit of mapping depth [%lld] has been exceeded due to object field [%.*s]",
                    (long long)m->depth_limit, AUK_SPAN_ARG(node->field.path));
}

static auk_code name_nodes(builder *b, auk_node *parent, int64_t depth)
{
    auk_mapping *m = b->mapping;
    for (auk_node *node = parent->child; node; node = node->next) {
        auk_span above = parent->field.path;
        node->field.path = above.size == 0
                               ? node->name
                               : auk_arena_printf(m->arena, "%.*s.%.*s", AUK_SPAN_ARG(above),
                                                  AUK_SPAN_ARG(node->name));
        m->by_path[b->at++] = &node->field;
        auk_code code = check_node(b, node, depth);
        if (code == AUK_OK && !auk_node_is_object(node))
            code = take_number(b, node);
        if (code == AUK_OK)
            code = name_nodes(b, node, depth + 1);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

static int compare_paths(const void *a, const void *b)
{
    const auk_field *left = *(const auk_field *const *)a, *right = *(const auk_field *const *)b;
    return auk_span_compare(left->path, right->path);
}

static auk_node *writable(const auk_field *field)
{
    /* Every field is the first member of a node that this build made. */
    return (auk_node *)(uintptr_t)field;
}

/* New fields are numbered in path order, so that the same merge gives the same numbers everywhere.
 */
static auk_code give_numbers(builder *b)
{
    auk_mapping *m = b->mapping;
    uint32_t next = b->highest < AUK_FIRST_NUMBER ? AUK_FIRST_NUMBER : b->highest + 1;
    for (uint32_t i = 0; i < m->field_count; i++) {
        auk_node *node = writable(m->by_path[i]);
        if (auk_node_is_object(node) || node->field.number != 0)
            continue;
        if (next > UINT16_MAX)
            return auk_fail(b->err, AUK_INVALID,
                            "the numbers of fields are used up: %u fields at most",
                            UINT16_MAX - AUK_FIRST_NUMBER + 1);
        node->field.number = (uint16_t)next++;
    }
    m->next_number = next;
    m->by_number = AUK_ARENA_ARRAY(m->arena, const auk_field *, next);
    for (uint32_t i = 0; i < m->field_count; i++)
        if (m->by_path[i]->number != 0)
            m->by_number[m->by_path[i]->number] = m->by_path[i];
    return AUK_OK;
}

/* ---- tables ---- */

static uint32_t table_size(uint32_t count)
{
    uint32_t size = 4;
    while (size < count * 2)
        size *= 2;
    return size;
}

static void put_slot(auk_node **slots, uint32_t mask, auk_span key, auk_node *node)
{
    uint32_t at = (uint32_t)auk_hash(key, 0);
    while (slots[at & mask])
        at++;
    slots[at & mask] = node;
}

static void build_object_table(auk_mapping *m, auk_node *object)
{
    uint32_t size = table_size(object->child_count);
    object->slots = AUK_ARENA_ARRAY(m->arena, auk_node *, size);
    object->slot_mask = size - 1;
    for (auk_node *child = object->child; child; child = child->next)
        put_slot(object->slots, object->slot_mask, child->name, child);
}

static void build_tables(auk_mapping *m)
{
    uint32_t size = table_size(m->field_count);
    m->path_slots = AUK_ARENA_ARRAY(m->arena, auk_node *, size);
    m->path_mask = size - 1;
    build_object_table(m, m->root);
    for (uint32_t i = 0; i < m->field_count; i++) {
        auk_node *node = writable(m->by_path[i]);
        put_slot(m->path_slots, m->path_mask, node->field.path, node);
        if (auk_node_is_object(node))
            build_object_table(m, node);
    }
}

/* ---- parameters to members ---- */

static bool param_is(const auk_mapping *m, const auk_node *node, auk_param param)
{
    auk_span json = auk_node_param(node, param);
    if (json.size == 0)
        json = auk_param_default(m, node->field.type, param);
    return auk_span_is(json, "true");
}

/* A text parameter as text (JSON escapes undone); empty: not given. */
static auk_span param_text(const auk_mapping *m, const auk_node *node, auk_param param)
{
    auk_span json = auk_node_param(node, param);
    const auk_json *value;
    if (json.size == 0 || auk_json_parse_own(json, m->arena, &value, NULL) != AUK_OK)
        return (auk_span){NULL, 0};
    return value->text;
}

static int64_t param_count(const auk_node *node, auk_param param, int64_t fallback)
{
    int64_t count;
    auk_span json = auk_node_param(node, param);
    return json.size > 0 && auk_number_parse_int64(json, &count) ? count : fallback;
}

static auk_code find_analyzer(builder *b, auk_node *node, auk_param param, const auk_analyzer **out)
{
    auk_span name = param_text(b->mapping, node, param);
    bool normalizer = param == AUK_PARAM_NORMALIZER;
    if (name.size == 0)
        return AUK_OK;
    const auk_analysis *analysis = b->mapping->analysis;
    *out = normalizer ? auk_analysis_find_normalizer(analysis, name)
                      : auk_analysis_find(analysis, name);
    if (*out)
        return AUK_OK;
    auk_code code =
        normalizer
            ? auk_fail_type(b->err, AUK_INVALID, PARSING,
                            "Failed to parse mapping: normalizer [%.*s] not found for field [%.*s]",
                            AUK_SPAN_ARG(name), AUK_SPAN_ARG(node->name))
            : auk_fail_type(
                  b->err, AUK_INVALID, PARSING,
                  "Failed to parse mapping: analyzer [%.*s] has not been configured in mappings",
                  AUK_SPAN_ARG(name));
    auk_span nearest = auk_analysis_nearest(analysis, name, normalizer);
    if (!normalizer && auk_analysis_hint_missing(name, b->err))
        return code;
    if (nearest.size > 0)
        auk_hint(b->err, "did you mean [%.*s]?", AUK_SPAN_ARG(nearest));
    return code;
}

/* Rules that change while the index is open would leave terms of former ones in it. */
static auk_code check_index_time(builder *b, const auk_analyzer *analyzer)
{
    auk_arena *arena = auk_arena_create(256);
    auk_span names = auk_analyzer_search_only(analyzer, arena);
    auk_code code = AUK_OK;
    if (names.size)
        code = auk_fail_type(b->err, AUK_INVALID, PARSING,
                             "Failed to parse mapping: analyzer [%.*s] contains filters [%.*s] "
                             "that are not allowed to run in index time mode.",
                             AUK_SPAN_ARG(auk_analyzer_name(analyzer)), AUK_SPAN_ARG(names));
    auk_arena_destroy(arena);
    return code;
}

static auk_code build_text(builder *b, auk_node *node)
{
    auk_field *f = &node->field;
    const auk_analysis *analysis = b->mapping->analysis;
    bool given = auk_node_param(node, AUK_PARAM_ANALYZER).size > 0;
    f->analyzer = auk_analysis_find(analysis, AUK_SPAN("default"));
    auk_code code = find_analyzer(b, node, AUK_PARAM_ANALYZER, &f->analyzer);
    if (code == AUK_OK)
        code = check_index_time(b, f->analyzer);
    if (code != AUK_OK)
        return code;
    f->search_analyzer = given ? NULL : auk_analysis_find(analysis, AUK_SPAN("default_search"));
    if (!f->search_analyzer)
        f->search_analyzer = f->analyzer;
    code = find_analyzer(b, node, AUK_PARAM_SEARCH_ANALYZER, &f->search_analyzer);
    if (code != AUK_OK)
        return code;
    f->search_quote_analyzer = f->search_analyzer;
    code = find_analyzer(b, node, AUK_PARAM_SEARCH_QUOTE_ANALYZER, &f->search_quote_analyzer);
    if (code != AUK_OK)
        return code;

    auk_span options = auk_node_param(node, AUK_PARAM_INDEX_OPTIONS);
    f->positions = options.size == 0 || auk_span_is(options, "\"offsets\"");
    f->freqs = f->positions || auk_span_is(options, "\"freqs\"");
    f->norms = param_is(b->mapping, node, AUK_PARAM_NORMS);
    f->position_gap =
        (uint32_t)param_count(node, AUK_PARAM_POSITION_INCREMENT_GAP,
                              f->analyzer ? auk_analyzer_position_gap(f->analyzer) : 0);
    return AUK_OK;
}

static auk_code build_keyword(builder *b, auk_node *node)
{
    auk_field *f = &node->field;
    auk_span options = auk_node_param(node, AUK_PARAM_INDEX_OPTIONS);
    f->freqs = auk_span_is(options, "\"freqs\"");
    f->norms = param_is(b->mapping, node, AUK_PARAM_NORMS);
    int64_t above = param_count(node, AUK_PARAM_IGNORE_ABOVE, INT32_MAX);
    f->ignore_above = above == INT32_MAX ? UINT32_MAX : (uint32_t)above;
    return find_analyzer(b, node, AUK_PARAM_NORMALIZER, &f->normalizer);
}

static void destroy_format(void *format)
{
    auk_date_format_destroy(format);
}

static auk_code create_format(auk_mapping *m, auk_span pattern, const auk_date_format **out,
                              auk_error *err)
{
    auk_date_format *format;
    auk_code code = auk_date_format_create(pattern, &format, err);
    if (code != AUK_OK)
        return code;
    auk_arena_defer(m->arena, destroy_format, format);
    *out = format;
    return AUK_OK;
}

static auk_code build_date(builder *b, auk_node *node)
{
    auk_span pattern = param_text(b->mapping, node, AUK_PARAM_FORMAT);
    node->field.date_format = auk_date_format_default();
    if (pattern.size == 0)
        return AUK_OK;
    auk_error why = {0};
    if (create_format(b->mapping, pattern, &node->field.date_format, &why) == AUK_OK)
        return AUK_OK;
    return auk_fail_type(b->err, AUK_INVALID, PARSING,
                         "Failed to parse mapping: Error parsing [format] on field [%.*s]: %s",
                         AUK_SPAN_ARG(node->name), why.message);
}

static auk_code build_null_value(builder *b, auk_node *node)
{
    auk_span json = auk_node_param(node, AUK_PARAM_NULL_VALUE);
    const auk_json *value;
    if (json.size == 0)
        return AUK_OK;
    auk_error why = {0};
    const auk_value_options options = {.coerce = true};
    if (auk_json_parse_own(json, b->mapping->arena, &value, &why) != AUK_OK ||
        auk_type_row_of(node->field.type)
                ->read(&node->field, value, &options, b->mapping->arena, &node->null_number,
                       &node->null_text, &why) != AUK_OK)
        return auk_fail_type(
            b->err, AUK_INVALID, PARSING,
            "Failed to parse mapping: Error parsing [null_value] on field [%.*s]: %s",
            AUK_SPAN_ARG(node->name), why.message);
    node->has_null = true;
    node->field.has_null_value = true;
    node->field.null_value = value->text;
    return AUK_OK;
}

static auk_code build_field(builder *b, auk_node *node)
{
    const auk_mapping *m = b->mapping;
    auk_field *f = &node->field;
    f->indexed = param_is(m, node, AUK_PARAM_INDEX);
    f->doc_values = f->type != AUK_TYPE_TEXT && param_is(m, node, AUK_PARAM_DOC_VALUES);
    uint32_t params = auk_type_row_of(f->type)->params;
    bool may_ignore = params >> AUK_PARAM_IGNORE_MALFORMED & 1;
    f->ignore_malformed = may_ignore && param_is(m, node, AUK_PARAM_IGNORE_MALFORMED);
    f->coerce = (params >> AUK_PARAM_COERCE & 1) && param_is(m, node, AUK_PARAM_COERCE);
    f->enabled = true;
    f->ignore_above = UINT32_MAX;
    f->boost = 1.0F;
    auk_code code = AUK_OK;
    if (f->type == AUK_TYPE_TEXT)
        code = build_text(b, node);
    else if (f->type == AUK_TYPE_KEYWORD)
        code = build_keyword(b, node);
    else if (f->type == AUK_TYPE_DATE)
        code = build_date(b, node);
    return code == AUK_OK ? build_null_value(b, node) : code;
}

/* ---- links between fields ---- */

static void link_multi_fields(auk_mapping *m, auk_node *node)
{
    const auk_field **list = AUK_ARENA_ARRAY(m->arena, const auk_field *, node->child_count);
    uint16_t count = 0;
    for (auk_node *child = node->child; child; child = child->next) {
        child->field.parent = &node->field;
        list[count++] = &child->field;
    }
    node->field.multi_fields = list;
    node->field.multi_field_count = count;
}

/* A target that is not mapped yet is left out here: the first document that has a value makes it
 * (document.c). */
static auk_code link_copies(builder *b, auk_node *node)
{
    auk_mapping *m = b->mapping;
    const auk_field **list = AUK_ARENA_ARRAY(m->arena, const auk_field *, node->copy_to_count);
    uint16_t count = 0;
    for (uint16_t i = 0; i < node->copy_to_count; i++) {
        const auk_field *target = auk_mapping_find(m, node->copy_to[i]);
        if (!target)
            continue;
        if (target->type == AUK_TYPE_OBJECT)
            return auk_fail(b->err, AUK_INVALID,
                            "Cannot copy to field [%.*s] since it is mapped as an object",
                            AUK_SPAN_ARG(target->path));
        if (target->parent)
            return auk_fail(b->err, AUK_INVALID,
                            "[copy_to] may not be used to copy to a multi-field: [%.*s]",
                            AUK_SPAN_ARG(target->path));
        list[count++] = target;
    }
    node->field.copy_to = list;
    node->field.copy_to_count = count;
    return AUK_OK;
}

static void build_dynamic(auk_node *object, auk_dynamic inherited)
{
    object->field.enabled = object->enabled != 0;
    object->effective_dynamic =
        object->dynamic == AUK_DYNAMIC_INHERIT ? inherited : object->dynamic;
    for (auk_node *child = object->child; child; child = child->next)
        if (auk_node_is_object(child))
            build_dynamic(child, object->effective_dynamic);
}

static auk_code build_fields(builder *b)
{
    auk_mapping *m = b->mapping;
    for (uint32_t i = 0; i < m->field_count; i++) {
        auk_node *node = writable(m->by_path[i]);
        if (auk_node_is_object(node))
            continue;
        auk_code code = build_field(b, node);
        if (code != AUK_OK)
            return code;
        link_multi_fields(m, node);
    }
    for (uint32_t i = 0; i < m->field_count; i++) {
        auk_node *node = writable(m->by_path[i]);
        auk_code code = auk_node_is_object(node) ? AUK_OK : link_copies(b, node);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

/* ---- the root's own ---- */

static auk_code build_date_formats(builder *b)
{
    static const char *const standard = "[\"strict_date_optional_time||epoch_millis\",\"yyyy/MM/dd "
                                        "HH:mm:ss||yyyy/MM/dd||epoch_millis\"]";
    auk_mapping *m = b->mapping;
    auk_span text = m->options.date_formats.size ? m->options.date_formats : auk_span_of(standard);
    const auk_json *list;
    auk_code code = auk_json_parse_own(text, m->arena, &list, b->err);
    if (code != AUK_OK)
        return code;
    m->date_formats = AUK_ARENA_ARRAY(m->arena, const auk_date_format *, list->count);
    for (const auk_json *one = list->child; one; one = one->next) {
        code = create_format(m, one->text, &m->date_formats[m->date_format_count], b->err);
        if (code != AUK_OK)
            return code;
        m->date_format_count++;
    }
    return AUK_OK;
}

static auk_code build_templates(builder *b)
{
    auk_mapping *m = b->mapping;
    const auk_json *list;
    if (m->options.templates.size == 0)
        return AUK_OK;
    auk_code code = auk_json_parse_own(m->options.templates, m->arena, &list, b->err);
    if (code != AUK_OK)
        return code;
    return auk_dynamic_templates_parse(list, m->arena, &m->templates, &m->template_count, b->err);
}

auk_code auk_mapping_build(auk_mapping *m, auk_error *err)
{
    uint64_t used[(UINT16_MAX + 1) / 64] = {0};
    builder b = {.mapping = m, .used = used, .err = err};
    auk_code code = check_limits(&b);
    if (code != AUK_OK)
        return code;
    m->by_path = AUK_ARENA_ARRAY(m->arena, const auk_field *, m->field_count);
    code = name_nodes(&b, m->root, 2); /* the root is the first */
    if (code != AUK_OK)
        return code;
    if (m->field_count > 0)
        qsort(m->by_path, m->field_count, sizeof *m->by_path, compare_paths);
    code = give_numbers(&b);
    if (code != AUK_OK)
        return code;
    build_tables(m);
    build_dynamic(m->root, AUK_DYNAMIC_TRUE);
    code = build_fields(&b);
    if (code == AUK_OK)
        code = build_date_formats(&b);
    return code == AUK_OK ? build_templates(&b) : code;
}
