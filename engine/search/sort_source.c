/* Keys meet mappings: which column, how values compare, where missing ones go; search_after. */
#include <math.h>

#include "auk/date_format.h"
#include "resolve.h"
#include "sort.h"

static auk_sort_class class_of(const auk_field *field)
{
    switch (field->type) {
    case AUK_TYPE_DOUBLE:
        return AUK_CLASS_DOUBLE;
    case AUK_TYPE_FLOAT:
        return AUK_CLASS_FLOAT;
    case AUK_TYPE_DATE:
        return AUK_CLASS_DATE;
    case AUK_TYPE_IP:
        return AUK_CLASS_IP;
    case AUK_TYPE_KEYWORD:
    case AUK_TYPE_TEXT:
        return AUK_CLASS_TEXT;
    default:
        return AUK_CLASS_INTEGER;
    }
}

static bool is_textual(auk_sort_class class)
{
    return class == AUK_CLASS_TEXT || class == AUK_CLASS_IP;
}

static bool is_fractional(auk_sort_class class)
{
    return class == AUK_CLASS_DOUBLE || class == AUK_CLASS_FLOAT;
}

/* ---- one key in one index ---- */

static auk_code no_mapping(const auk_sort_key *key, auk_error *err)
{
    static const char *const types[] = {"long",      "integer", "short",      "byte",
                                        "double",    "float",   "date",       "keyword",
                                        "ip",        "boolean", "half_float", "unsigned_long",
                                        "date_nanos"};
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        if (auk_span_is(key->unmapped_type, types[i]))
            return AUK_OK;
    if (key->unmapped_type.size)
        return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception",
                             "No mapper found for type [%.*s]", AUK_SPAN_ARG(key->unmapped_type));
    return auk_fail_type(err, AUK_INVALID, "query_shard_exception",
                         "No mapping found for [%.*s] in order to sort on",
                         AUK_SPAN_ARG(key->field));
}

static auk_code check_field(const auk_field *field, auk_span index, auk_error *err)
{
    if (field->type == AUK_TYPE_TEXT)
        return auk_fail_type(
            err, AUK_INVALID, "illegal_argument_exception",
            "Fielddata is disabled on [%.*s] in [%.*s]. Text fields are not optimised for "
            "operations that require per-document field data like aggregations and sorting, so "
            "these operations are disabled by default. Please use a keyword field instead.",
            AUK_SPAN_ARG(field->path), AUK_SPAN_ARG(index));
    if (field->doc_values)
        return AUK_OK;
    if (auk_span_is(field->path, "_id"))
        return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception",
                             "Fielddata access on the _id field is disallowed: sort on a keyword "
                             "field that holds a copy of it, or on _seq_no");
    return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception",
                         "Can't load fielddata on [%.*s] because fielddata is unsupported on "
                         "fields of type [%s]. Use doc values instead.",
                         AUK_SPAN_ARG(field->path), auk_field_type_name(field->type));
}

static auk_code resolve_key(const auk_search_target *target, const auk_sort_key *key,
                            auk_sort_source *out, auk_error *err)
{
    const auk_resolver resolver = {.mapping = target->mapping};
    *out = (auk_sort_source){.key = key};
    if (key->by == AUK_SORT_SCORE) {
        out->class = AUK_CLASS_FLOAT;
        return AUK_OK;
    }
    if (key->by != AUK_SORT_FIELD) {
        out->class = AUK_CLASS_INTEGER;
        return AUK_OK;
    }
    const auk_field *field = auk_resolver_field(&resolver, key->field);
    if (!field || field->type == AUK_TYPE_OBJECT)
        return no_mapping(key, err);
    auk_code code = check_field(field, target->index, err);
    if (code != AUK_OK)
        return code;
    out->field = field;
    out->class = class_of(field);
    if (is_textual(out->class) && key->mode >= AUK_MODE_AVG)
        return auk_fail_type(err, AUK_INVALID, "query_shard_exception",
                             "we only support AVG, MEDIAN and SUM on number based fields");
    return AUK_OK;
}

/* ---- all indices together ---- */

static auk_code join_classes(auk_sort_class a, auk_sort_class b, const auk_sort_key *key,
                             auk_sort_class *out, auk_error *err)
{
    *out = a;
    if (a == b || b == AUK_CLASS_NONE)
        return AUK_OK;
    if (a == AUK_CLASS_NONE) {
        *out = b;
        return AUK_OK;
    }
    if (is_textual(a) || is_textual(b))
        return auk_fail_type(
            err, AUK_INVALID, "illegal_argument_exception",
            "Can't sort on field [%.*s]; the field has incompatible sort types: [%s] and [%s] "
            "across shards!",
            AUK_SPAN_ARG(key->field), is_textual(a) ? "STRING" : "LONG",
            is_textual(b) ? "STRING" : "LONG");
    if (is_fractional(a) || is_fractional(b))
        *out = AUK_CLASS_DOUBLE;
    else
        *out = AUK_CLASS_INTEGER;
    return AUK_OK;
}

static int64_t end_of(auk_sort_class class, bool most)
{
    if (is_fractional(class))
        return auk_double_to_sortable(most ? (double)INFINITY : -(double)INFINITY);
    return most ? INT64_MAX : INT64_MIN;
}

/* The place of what is missing is INT64_MAX or INT64_MIN, and clients that hold numbers as doubles
 * send it back as 9223372036854776000. */
static bool is_beyond_int64(double number)
{
    return number >= 9223372036854775807.0 || number <= -9223372036854775808.0;
}

/* A value as the number that is compared, before complementing. */
static auk_code number_of(const auk_sort_source *source, const auk_json *value, int64_t now_ms,
                          int64_t *out, auk_error *err)
{
    auk_value_options options = {.now_ms = now_ms, .coerce = true};
    int64_t whole;
    double number;
    if (source->class == AUK_CLASS_DATE && value->type == AUK_JSON_STRING && source->field) {
        auk_date_format *format = NULL;
        auk_code code = AUK_OK;
        if (source->key->format.size)
            code = auk_date_format_create(source->key->format, &format, err);
        options.format = format;
        if (code == AUK_OK)
            code = auk_field_number(source->field, value, &options, out, err);
        if (format)
            auk_date_format_destroy(format);
        /* What is no date may be the milliseconds as a text. */
        if (code == AUK_INVALID && auk_json_to_int64(value, out))
            return AUK_OK;
        return code;
    }
    if (source->class == AUK_CLASS_INTEGER && source->field &&
        source->field->type == AUK_TYPE_BOOLEAN &&
        (value->type == AUK_JSON_TRUE || value->type == AUK_JSON_FALSE)) {
        *out = value->type == AUK_JSON_TRUE;
        return AUK_OK;
    }
    if (is_fractional(source->class)) {
        bool infinite =
            auk_span_is(value->text, "Infinity") || auk_span_is(value->text, "-Infinity");
        if (infinite)
            *out = end_of(source->class, value->text.data[0] != '-');
        else if (auk_json_to_double(value, &number))
            *out = auk_double_to_sortable(source->class == AUK_CLASS_FLOAT ? (double)(float)number
                                                                           : number);
        if (infinite || auk_json_to_double(value, &number))
            return AUK_OK;
    } else if (auk_json_to_int64(value, &whole)) {
        *out = whole;
        return AUK_OK;
    } else if (auk_json_to_double(value, &number) && is_beyond_int64(number)) {
        *out = end_of(source->class, number > 0);
        return AUK_OK;
    }
    return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception",
                         "Failed to parse search_after value for field [%.*s].",
                         AUK_SPAN_ARG(source->key->field));
}

static auk_code text_of(const auk_sort_source *source, const auk_json *value, auk_arena *arena,
                        auk_span *out, auk_error *err)
{
    if (source->class == AUK_CLASS_IP && source->field)
        return auk_field_term(source->field, value, NULL, NULL, arena, out, err);
    if (value->type == AUK_JSON_OBJECT || value->type == AUK_JSON_ARRAY)
        return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception",
                             "Failed to parse search_after value for field [%.*s].",
                             AUK_SPAN_ARG(source->key->field));
    *out = value->text;
    if (!out->data)
        *out = AUK_SPAN("");
    return AUK_OK;
}

static auk_code settle_missing(auk_sort_source *source, int64_t now_ms, auk_arena *arena,
                               auk_error *err)
{
    const auk_sort_key *key = source->key;
    /* First of a descending order is the greatest, as the complement comes later. */
    source->missing = end_of(source->class, key->missing_first == key->descending);
    if (!key->missing)
        return AUK_OK;
    if (is_textual(source->class))
        return text_of(source, key->missing, arena, &source->missing_text, err);
    return number_of(source, key->missing, now_ms, &source->missing, err);
}

auk_code auk_sort_resolve(const auk_search_target *targets, uint32_t target_count,
                          const auk_sort_key *keys, uint32_t count, int64_t now_ms,
                          auk_arena *arena, auk_sort_source ***out, auk_error *err)
{
    auk_sort_source **sources = AUK_ARENA_ARRAY(arena, auk_sort_source *, target_count + 1);
    for (uint32_t t = 0; t < target_count; t++)
        sources[t] = AUK_ARENA_ARRAY(arena, auk_sort_source, count + 1);
    *out = sources;
    for (uint32_t k = 0; k < count; k++) {
        auk_sort_class class = AUK_CLASS_NONE;
        for (uint32_t t = 0; t < target_count; t++) {
            auk_code code = resolve_key(&targets[t], &keys[k], &sources[t][k], err);
            if (code == AUK_OK)
                code = join_classes(class, sources[t][k].class, &keys[k], &class, err);
            if (code != AUK_OK)
                return code;
        }
        if (class == AUK_CLASS_NONE)
            class =
                auk_span_is(keys[k].unmapped_type, "keyword") ? AUK_CLASS_TEXT : AUK_CLASS_INTEGER;
        for (uint32_t t = 0; t < target_count; t++) {
            auk_sort_source *source = &sources[t][k];
            source->widen = is_fractional(class) && source->class != AUK_CLASS_NONE &&
                            !is_fractional(source->class);
            source->class = class;
            auk_code code = settle_missing(source, now_ms, arena, err);
            if (code != AUK_OK)
                return code;
        }
    }
    return AUK_OK;
}

/* ---- search_after ---- */

auk_code auk_sort_parse_after(const auk_json *values, const auk_sort_source *sources,
                              uint32_t count, int64_t now_ms, auk_arena *arena,
                              const auk_sort_after **out, auk_error *err)
{
    if (values->count != count)
        return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception",
                             "search_after has %u value(s) but sort has %u.", values->count, count);
    auk_sort_after *after = AUK_ARENA_NEW(arena, auk_sort_after);
    auk_sort_value *made = AUK_ARENA_ARRAY(arena, auk_sort_value, count);
    const auk_json *value = values->child;
    after->values = made;
    *out = after;
    for (uint32_t i = 0; i < count; i++, value = value->next) {
        const auk_sort_source *source = &sources[i];
        bool missing = value->type == AUK_JSON_NULL;
        auk_code code = AUK_OK;
        if (is_textual(source->class)) {
            if (missing)
                made[i].order = source->key->missing_first ? -1 : 1;
            else
                code = text_of(source, value, arena, &made[i].text, err);
        } else {
            int64_t number = source->missing;
            if (!missing)
                code = number_of(source, value, now_ms, &number, err);
            made[i].order = source->key->descending ? ~number : number;
        }
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

/* ---- comparing and printing ---- */

int auk_sort_compare(const auk_sort_value *a, const auk_sort_value *b,
                     const auk_sort_source *sources, uint32_t count)
{
    for (uint32_t i = 0; i < count; i++) {
        if (a[i].order != b[i].order)
            return a[i].order < b[i].order ? -1 : 1;
        if (!is_textual(sources[i].class) || a[i].order != 0)
            continue;
        int order = auk_span_compare(a[i].text, b[i].text);
        if (order != 0)
            return sources[i].key->descending ? -order : order;
    }
    return 0;
}

static void write_formatted(const auk_sort_source *source, int64_t number, auk_json_writer *out)
{
    auk_date_format *format = NULL;
    auk_buffer text;
    if (auk_date_format_create(source->key->format, &format, NULL) != AUK_OK) {
        auk_json_int(out, number);
        return;
    }
    auk_buffer_init(&text, 4096);
    auk_date_write(format, number, (auk_span){0}, &text);
    auk_json_string(out, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    auk_date_format_destroy(format);
}

static void write_fraction(const auk_sort_source *source, int64_t number, auk_json_writer *out)
{
    double value = auk_double_from_sortable(number);
    if (isinf(value))
        auk_json_string(out, value > 0 ? AUK_SPAN("Infinity") : AUK_SPAN("-Infinity"));
    else if (source->class == AUK_CLASS_FLOAT)
        auk_json_float(out, (float)value);
    else
        auk_json_double(out, value);
}

void auk_sort_value_write(const auk_sort_source *source, const auk_sort_value *value,
                          auk_json_writer *out)
{
    int64_t number = source->key->descending ? ~value->order : value->order;
    switch (source->class) {
    case AUK_CLASS_TEXT:
    case AUK_CLASS_IP:
        if (value->order != 0)
            auk_json_null(out);
        else if (source->class == AUK_CLASS_IP && source->field)
            auk_field_write_term(source->field, value->text, out);
        else
            auk_json_string(out, value->text);
        break;
    case AUK_CLASS_DOUBLE:
    case AUK_CLASS_FLOAT:
        write_fraction(source, number, out);
        break;
    case AUK_CLASS_DATE:
        if (source->key->format.size && number != INT64_MAX && number != INT64_MIN)
            write_formatted(source, number, out);
        else
            auk_json_int(out, number);
        break;
    default:
        auk_json_int(out, number);
        break;
    }
}
