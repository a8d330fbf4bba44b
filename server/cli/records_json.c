/*
 * records_json.c - objects in an array, or one after another, cut at their braces.
 *
 *   before  -- '[' -->  in an array  -- ']' -->  after the array
 *   before  -- '{' -->  one after another
 *
 * Between documents white space and, in an array, one comma. The cut only follows strings and
 * depth; the server judges the rest.
 */
#include "records.h"

/* Skips white space and counts its lines; false at the end of the stream. */
static auk_code skip_space(auk_source *source, bool *found, auk_error *err)
{
    for (;;) {
        while (source->from < source->to) {
            char c = source->data[source->from];
            *found = true;
            if (c != ' ' && c != '\t' && c != '\r' && c != '\n')
                return AUK_OK;
            source->line += c == '\n';
            source->from++;
        }
        *found = false;
        if (source->at_end)
            return AUK_OK;
        auk_code code = auk_source_more(source, err);
        if (code != AUK_OK)
            return code;
    }
}

/* Goes on with the cut over the window; true when the document ends at cut->at. */
static bool cut_nested(auk_json_cut *cut, auk_span window)
{
    while (cut->at < window.size) {
        char c = window.data[cut->at++];
        if (c == '\n')
            cut->has_line_feed = true;
        if (cut->in_string) {
            cut->broken_string |= c == '\n';
            if (cut->escaped)
                cut->escaped = false;
            else if (c == '\\')
                cut->escaped = true;
            else if (c == '"')
                cut->in_string = false;
        } else if (c == '"') {
            cut->in_string = true;
        } else if (c == '{' || c == '[') {
            cut->depth++;
        } else if ((c == '}' || c == ']') && --cut->depth == 0) {
            return true;
        }
    }
    return false;
}

/* Something that is neither object nor array: up to what may follow a value. */
static bool cut_scalar(auk_json_cut *cut, auk_span window)
{
    while (cut->at < window.size) {
        char c = window.data[cut->at];
        if (cut->in_string) {
            cut->in_string = cut->escaped || c != '"';
            cut->escaped = !cut->escaped && c == '\\';
        } else if (c == '"') {
            cut->in_string = true;
        } else if (auk_byte_among(c, ",] \t\r\n")) {
            return true;
        }
        cut->at++;
    }
    return false;
}

static uint64_t count_lines(auk_span text)
{
    uint64_t count = 0;
    for (const char *feed; text.size > 0 && (feed = memchr(text.data, '\n', text.size)) != NULL;
         count++)
        text = auk_span_from(text, (size_t)(feed - text.data) + 1);
    return count;
}

/* The document on one line. Line breaks outside strings are white space. */
static auk_span on_one_line(auk_records *records, auk_span document)
{
    auk_buffer_reset(&records->line);
    char *copy = auk_buffer_reserve(&records->line, document.size);
    for (size_t i = 0; i < document.size; i++)
        copy[i] = document.data[i] == '\n' || document.data[i] == '\r' ? ' ' : document.data[i];
    records->line.size = document.size;
    return auk_buffer_span(&records->line);
}

static auk_code fail_at(const auk_source *source, auk_error *err, const char *what)
{
    return auk_fail(err, AUK_INVALID, "line %llu: %s", (unsigned long long)source->line, what);
}

static auk_code cut_document(auk_records *records, auk_record *out, auk_error *err)
{
    auk_source *source = records->source;
    auk_json_cut cut = {0};
    char first = source->data[source->from];
    bool is_nested = first == '{' || first == '[';
    bool is_whole = false;
    for (;;) {
        auk_span window = auk_source_window(source);
        is_whole = is_nested ? cut_nested(&cut, window) : cut_scalar(&cut, window);
        if (is_whole || source->at_end)
            break;
        auk_code code = auk_source_more(source, err);
        if (code != AUK_OK)
            return code;
    }
    if (cut.at == 0)
        return fail_at(source, err, "expected a document");
    out->line = source->line;
    out->document = (auk_span){source->data + source->from, cut.at};
    source->from += cut.at;
    if (cut.has_line_feed) {
        source->line += count_lines(out->document);
        out->document = on_one_line(records, out->document);
    }
    if (cut.broken_string)
        out->problem = "a line break within a string";
    if (!is_whole && is_nested)
        out->problem = "the file ends within this document";
    return AUK_OK;
}

/* What stands between documents; *found is false at the end of the stream. */
static auk_code skip_between(auk_records *records, bool *found, auk_error *err)
{
    auk_source *source = records->source;
    auk_code code = skip_space(source, found, err);
    if (code != AUK_OK)
        return code;
    if (!*found)
        return records->in_array ? fail_at(source, err, "the file ends within the array") : AUK_OK;
    char c = source->data[source->from];
    if (records->after_array)
        return fail_at(source, err, "something stands behind the array");
    if (!records->begun && c == '[') {
        records->in_array = true;
    } else if (records->in_array && records->begun && c == ',') {
        ;
    } else if (records->in_array && c == ']') {
        records->in_array = false;
        records->after_array = true;
    } else if (records->in_array) {
        return fail_at(source, err, "expected ',' or ']' between documents");
    } else {
        return AUK_OK;
    }
    source->from++;
    code = skip_space(source, found, err);
    if (code != AUK_OK || records->begun || !*found || source->data[source->from] != ']')
        return code;
    records->in_array = false; /* an empty array */
    records->after_array = true;
    source->from++;
    return skip_space(source, found, err);
}

auk_code auk_records_next_json(auk_records *records, auk_record *out, bool *found, auk_error *err)
{
    auk_code code = skip_between(records, found, err);
    if (code == AUK_OK && *found && records->after_array)
        return fail_at(records->source, err, "something stands behind the array");
    if (code == AUK_OK && !*found && records->in_array)
        return fail_at(records->source, err, "the file ends within the array");
    records->begun = true;
    return code == AUK_OK && *found ? cut_document(records, out, err) : code;
}
