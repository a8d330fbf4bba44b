/* document_error.c - where in the source a value stands, and what Elasticsearch says about it. */
#include <stdio.h>

#include "document_parser.h"

typedef struct scanner {
    const char *at;
    const char *end;
} scanner;

static void skip_space(scanner *s)
{
    while (s->at < s->end && (*s->at == ' ' || *s->at == '\n' || *s->at == '\r' || *s->at == '\t'))
        s->at++;
}

static void skip_byte(scanner *s, char byte)
{
    skip_space(s);
    if (s->at < s->end && *s->at == byte)
        s->at++;
    skip_space(s);
}

static void skip_string(scanner *s)
{
    if (s->at < s->end)
        s->at++;
    while (s->at < s->end && *s->at != '"')
        s->at += *s->at == '\\' && s->end - s->at > 1 ? 2 : 1;
    if (s->at < s->end)
        s->at++;
}

/* Walks source text and tree in step until it stands on the target's first byte. The tree is kept
 * by what was parsed from this text, but nothing here trusts that: the scanner never leaves it. */
static bool find(scanner *s, const auk_json *node, const auk_json *target)
{
    skip_space(s);
    if (node == target)
        return true;
    if (node->type == AUK_JSON_STRING) {
        skip_string(s);
        return false;
    }
    if (node->type != AUK_JSON_OBJECT && node->type != AUK_JSON_ARRAY) {
        size_t left = (size_t)(s->end - s->at);
        s->at += node->text.size < left ? node->text.size : left;
        return false;
    }
    bool object = node->type == AUK_JSON_OBJECT;
    skip_byte(s, object ? '{' : '[');
    for (const auk_json *child = node->child; child; child = child->next) {
        if (object) {
            skip_string(s);
            skip_byte(s, ':');
        }
        if (find(s, child, target))
            return true;
        skip_byte(s, ',');
    }
    skip_byte(s, object ? '}' : ']');
    return false;
}

static void locate(const auk_document_parser *p, const auk_json *value, unsigned *line,
                   unsigned *column)
{
    auk_span text = p->source->text;
    scanner s = {text.data, text.data + text.size};
    *line = *column = 1;
    if (text.size == 0 || !find(&s, p->source, value))
        return;
    for (const char *c = text.data; c < s.at; c++) {
        *column = *c == '\n' ? 1 : *column + 1;
        *line += *c == '\n';
    }
}

auk_code auk_document_fail(auk_document_parser *p, const auk_json *value, const char *type,
                           const char *format, ...)
{
    if (p->accepted)
        return AUK_OK;
    char message[sizeof p->err->message];
    va_list arguments;
    va_start(arguments, format);
    (void)vsnprintf(message, sizeof message, format, arguments);
    va_end(arguments);
    unsigned line, column;
    locate(p, value, &line, &column);
    return auk_fail_type(p->err, AUK_INVALID, type, "[%u:%u] %s", line, column, message);
}

/* As Java prints maps and lists. Cut when long: the message has its own limit. */
static void preview(const auk_json *value, auk_buffer *out)
{
    if (value->type != AUK_JSON_OBJECT && value->type != AUK_JSON_ARRAY) {
        auk_buffer_append(out, value->text);
        return;
    }
    bool object = value->type == AUK_JSON_OBJECT;
    auk_buffer_append_byte(out, object ? '{' : '[');
    for (const auk_json *child = value->child; child && !out->overflowed; child = child->next) {
        if (child != value->child)
            auk_buffer_append_text(out, ", ");
        if (object) {
            auk_buffer_append(out, child->key);
            auk_buffer_append_byte(out, '=');
        }
        preview(child, out);
    }
    auk_buffer_append_byte(out, object ? '}' : ']');
}

auk_code auk_document_fail_value(auk_document_parser *p, const auk_field *field,
                                 const auk_json *value, const auk_error *cause)
{
    auk_buffer text;
    auk_buffer_init(&text, sizeof p->err->message);
    preview(value, &text);
    auk_code code =
        auk_document_fail(p, value, AUK_DOCUMENT_PARSING,
                          "failed to parse field [%.*s] of type [%s] in document with id '%.*s'. "
                          "Preview of field's value: '%.*s'",
                          AUK_SPAN_ARG(field->path), auk_field_type_name(field->type),
                          AUK_SPAN_ARG(p->id), (int)text.size, text.data ? text.data : "");
    auk_buffer_deinit(&text);
    auk_hint(p->err, "%s", cause->message);
    return code;
}
