#include "config_read.h"

#include <stdarg.h>
#include <stdio.h>

#include "auk/nearest.h"
#include "auk/units.h"

#define MEMBERS_MOST 40

/* ---- where we are ---- */

auk_code auk_config_fail(auk_config_reader *reader, const char *format, ...)
{
    char words[400];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(words, sizeof words, format, arguments);
    va_end(arguments);
    return auk_fail(reader->err, AUK_INVALID, "[%s] %s", reader->path[0] ? reader->path : "_sync",
                    words);
}

size_t auk_config_enter(auk_config_reader *reader, const char *member, uint32_t number)
{
    size_t before = strlen(reader->path);
    (void)snprintf(reader->path + before, sizeof reader->path - before, "%s%s[%u]",
                   before ? "." : "", member, number);
    return before;
}

size_t auk_config_enter_only(auk_config_reader *reader, const char *member)
{
    size_t before = strlen(reader->path);
    (void)snprintf(reader->path + before, sizeof reader->path - before, "%s%s", before ? "." : "",
                   member);
    return before;
}

void auk_config_leave(auk_config_reader *reader, size_t to)
{
    reader->path[to] = '\0';
}

/* ---- values ---- */

auk_code auk_config_text(auk_config_reader *reader, const auk_json *value, const char *name,
                         auk_span *out)
{
    if (value->type != AUK_JSON_STRING)
        return auk_config_fail(reader, "[%s] must be a string, but is %s", name,
                               auk_json_type_name(value->type));
    if (value->text.size == 0 || memchr(value->text.data, '\0', value->text.size))
        return auk_config_fail(reader, "[%s] must not be empty", name);
    *out = auk_arena_copy(reader->arena, value->text);
    return AUK_OK;
}

/* One text stands for a list of one. */
static auk_code read_texts(auk_config_reader *reader, const auk_json *value, const char *name,
                           const auk_span **out, uint32_t *count)
{
    bool is_list = value->type == AUK_JSON_ARRAY;
    auk_span *texts = AUK_ARENA_ARRAY(reader->arena, auk_span, is_list ? value->count + 1 : 1);
    const auk_json *at = is_list ? value->child : value;
    auk_code code = AUK_OK;
    *count = 0;
    for (; at && code == AUK_OK; at = is_list ? at->next : NULL)
        code = auk_config_text(reader, at, name, &texts[(*count)++]);
    *out = texts;
    return code;
}

static auk_code read_bytes(auk_config_reader *reader, const auk_json *value, const char *name,
                           uint64_t *out)
{
    int64_t number;
    if (value->type == AUK_JSON_NUMBER && auk_json_to_int64(value, &number) && number >= 0) {
        *out = (uint64_t)number;
        return AUK_OK;
    }
    if (value->type == AUK_JSON_STRING && auk_bytes_parse(value->text, out))
        return AUK_OK;
    return auk_config_fail(reader, "[%s] must be a size such as [64mb], but is [%.*s]", name,
                           AUK_SPAN_ARG(value->text));
}

static auk_code read_time(auk_config_reader *reader, const auk_json *value, const char *name,
                          uint32_t *out)
{
    int64_t ms;
    if (value->type == AUK_JSON_STRING && auk_time_parse_ms(value->text, &ms) && ms >= 0 &&
        ms <= INT32_MAX) {
        *out = (uint32_t)ms;
        return AUK_OK;
    }
    return auk_config_fail(reader, "[%s] must be a time such as [50ms], but is [%.*s]", name,
                           AUK_SPAN_ARG(value->text));
}

static auk_code read_count(auk_config_reader *reader, const auk_json *value, const char *name,
                           int64_t most, int64_t *out)
{
    if (value->type == AUK_JSON_NUMBER && auk_json_to_int64(value, out) && *out >= 0 &&
        *out <= most)
        return AUK_OK;
    return auk_config_fail(reader, "[%s] must be a number from 0 to %lld, but is [%.*s]", name,
                           (long long)most, AUK_SPAN_ARG(value->text));
}

static auk_code read_rate(auk_config_reader *reader, const auk_json *value, const char *name,
                          double *out)
{
    if (value->type == AUK_JSON_NUMBER && auk_json_to_double(value, out) && *out >= 0)
        return AUK_OK;
    return auk_config_fail(reader, "[%s] must be a number from 0 up, but is [%.*s]", name,
                           AUK_SPAN_ARG(value->text));
}

static auk_code read_object(auk_config_reader *reader, const auk_json *value, const char *name,
                            auk_span *out)
{
    if (value->type != AUK_JSON_OBJECT)
        return auk_config_fail(reader, "[%s] must be an object, but is %s", name,
                               auk_json_type_name(value->type));
    *out = auk_arena_copy(reader->arena, value->text);
    return AUK_OK;
}

/* ---- an object ---- */

static auk_code refuse_member(auk_config_reader *reader, auk_span name,
                              const auk_config_member *rows, size_t row_count)
{
    auk_span names[MEMBERS_MOST];
    for (size_t i = 0; i < row_count; i++)
        names[i] = auk_span_of(rows[i].name);
    auk_span close = auk_nearest(name, names, row_count);
    if (close.size == 0)
        return auk_config_fail(reader, "unknown field [%.*s]", AUK_SPAN_ARG(name));
    auk_config_fail(reader, "unknown field [%.*s] did you mean [%.*s]?", AUK_SPAN_ARG(name),
                    AUK_SPAN_ARG(close));
    auk_hint(reader->err, "did you mean [%.*s]?", AUK_SPAN_ARG(close));
    return AUK_INVALID;
}

static auk_code read_member(auk_config_reader *reader, const auk_json *value,
                            const auk_config_member *row, void *into)
{
    char *at = (char *)into + row->at;
    int64_t number = 0;
    auk_code code = AUK_OK;
    switch (row->kind) {
    case AUK_CONFIG_TEXT:
        return auk_config_text(reader, value, row->name, (void *)at);
    case AUK_CONFIG_TEXTS:
        return read_texts(reader, value, row->name, (void *)at,
                          (void *)((char *)into + row->count));
    case AUK_CONFIG_BYTES:
        return read_bytes(reader, value, row->name, (void *)at);
    case AUK_CONFIG_TIME:
        return read_time(reader, value, row->name, (void *)at);
    case AUK_CONFIG_RATE:
        return read_rate(reader, value, row->name, (void *)at);
    case AUK_CONFIG_FLAG:
        if (auk_json_to_bool(value, (void *)at))
            return AUK_OK;
        return auk_config_fail(reader, "[%s] must be true or false", row->name);
    case AUK_CONFIG_OBJECT:
        return read_object(reader, value, row->name, (void *)at);
    case AUK_CONFIG_COUNT:
        code = read_count(reader, value, row->name, INT32_MAX, &number);
        *(uint32_t *)(void *)at = (uint32_t)number;
        return code;
    case AUK_CONFIG_NUMBER:
        code = read_count(reader, value, row->name, INT64_MAX, &number);
        *(uint64_t *)(void *)at = (uint64_t)number;
        return code;
    case AUK_CONFIG_OWN:
        break;
    }
    return AUK_OK;
}

auk_code auk_config_read(auk_config_reader *reader, const auk_json *object,
                         const auk_config_member *rows, size_t row_count, void *into)
{
    if (object->type != AUK_JSON_OBJECT)
        return auk_config_fail(reader, "must be an object, but is %s",
                               auk_json_type_name(object->type));
    for (const auk_json *value = object->child; value; value = value->next) {
        size_t i = 0;
        while (i < row_count && !auk_span_is(value->key, rows[i].name))
            i++;
        if (i == row_count)
            return refuse_member(reader, value->key, rows, row_count);
        auk_code code = read_member(reader, value, &rows[i], into);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

auk_code auk_config_check_template(auk_config_reader *reader, const char *member, auk_span text,
                                   uint32_t *holes)
{
    *holes = 0;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '}')
            return auk_config_fail(reader, "[%s] has a } without its {: [%.*s]", member,
                                   AUK_SPAN_ARG(text));
        if (text.data[i] != '{')
            continue;
        const char *end = memchr(text.data + i, '}', text.size - i);
        size_t size = end ? (size_t)(end - text.data) - i : 0;
        if (size < 2 || memchr(text.data + i + 1, '{', size - 1))
            return auk_config_fail(reader, "[%s] must name a column between { and }: [%.*s]",
                                   member, AUK_SPAN_ARG(text));
        i += size;
        (*holes)++;
    }
    return AUK_OK;
}
