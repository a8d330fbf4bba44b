#include "race.h"

typedef struct clause {
    char occur; /* '+', '-' or 0 */
    bool phrase;
    auk_span text;
} clause;

static bool next_clause(auk_span *rest, clause *out)
{
    while (rest->size && rest->data[0] == ' ')
        *rest = auk_span_from(*rest, 1);
    if (!rest->size)
        return false;
    *out = (clause){0};
    if (rest->data[0] == '+' || rest->data[0] == '-') {
        out->occur = rest->data[0];
        *rest = auk_span_from(*rest, 1);
    }
    out->phrase = rest->size && rest->data[0] == '"';
    if (out->phrase)
        *rest = auk_span_from(*rest, 1);
    return auk_span_cut(rest, out->phrase ? '"' : ' ', &out->text);
}

static void write_clause(auk_json_writer *out, const char *field, const clause *it)
{
    auk_json_begin_object(out);
    auk_json_key(out, auk_span_of(it->phrase ? "match_phrase" : "match"));
    auk_json_begin_object(out);
    auk_json_key(out, auk_span_of(field));
    auk_json_string(out, it->text);
    auk_json_end_object(out);
    auk_json_end_object(out);
}

static void write_list(auk_json_writer *out, const char *name, char occur, const char *field,
                       auk_span text)
{
    clause it;
    auk_json_key(out, auk_span_of(name));
    auk_json_begin_array(out);
    while (next_clause(&text, &it))
        if (it.occur == occur)
            write_clause(out, field, &it);
    auk_json_end_array(out);
}

const auk_query *race_parse_query(auk_span text, const char *field, auk_arena *arena)
{
    auk_buffer buffer;
    auk_json_writer out;
    auk_buffer_init(&buffer, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &buffer, false);
    auk_json_begin_object(&out);
    auk_json_key(&out, auk_span_of("bool"));
    auk_json_begin_object(&out);
    write_list(&out, "must", '+', field, text);
    write_list(&out, "should", 0, field, text);
    write_list(&out, "must_not", '-', field, text);
    auk_json_end_object(&out);
    auk_json_end_object(&out);
    const auk_json *body;
    const auk_query *query;
    auk_error err = {0};
    race_check(auk_json_parse(auk_buffer_span(&buffer), arena, &body, &err), &err);
    race_check(auk_query_parse(body, arena, &query, &err), &err);
    auk_buffer_deinit(&buffer);
    return query;
}
