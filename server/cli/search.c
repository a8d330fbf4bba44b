/* search.c - the command: words or a query in, a table of hits out. */
#include <ctype.h>

#include "command.h"
#include "hits.h"
#include "import_progress.h"

enum { QUERY, SIZE, JSON, URL, ROW_COUNT };

static const auk_option rows[ROW_COUNT] = {
    [QUERY] = {.name = "query",
               .form = "JSON",
               .kind = AUK_OPTION_TEXT,
               .flag_only = true,
               .help = "A query of the query DSL, such as {\"match\":{\"title\":\"whale\"}}, or a "
                       "whole search body with \"query\" in it; in place of words."},
    [SIZE] = {.name = "size",
              .form = "N",
              .kind = AUK_OPTION_COUNT,
              .flag_only = true,
              .fallback = "10",
              .least = 0,
              .most = 10000,
              .help = "Hits to show."},
    [JSON] = {.name = "json",
              .form = "",
              .kind = AUK_OPTION_SWITCH,
              .flag_only = true,
              .fallback = "false",
              .help = "Print the server's answer as it is."},
    [URL] = AUK_URL_OPTION,
};

typedef struct asked {
    auk_options options;
    auk_http_client *client;
    auk_arena *arena;
    auk_buffer index; /* percent-encoded, commas and stars as they are */
    auk_span words;   /* empty with --query */
    auk_text_fields fields;
    auk_http_answer answer;
    const auk_json *found; /* the answer as a tree */
    bool any_word;         /* nothing had all words, so some are enough */
} asked;

/* ---- the query ---- */

static bool next_word(auk_span *text, auk_span *word)
{
    while (text->size > 0 && isspace((unsigned char)text->data[0]))
        *text = auk_span_from(*text, 1);
    size_t size = 0;
    while (size < text->size && !isspace((unsigned char)text->data[size]))
        size++;
    *word = (auk_span){text->data, size};
    *text = auk_span_from(*text, size);
    return size > 0;
}

static size_t count_words(auk_span text)
{
    size_t count = 0;
    for (auk_span word; next_word(&text, &word);)
        count++;
    return count;
}

static void write_word(auk_json_writer *out, const asked *a, auk_span word)
{
    auk_json_begin_object(out);
    auk_json_member_object(out, "multi_match");
    auk_json_member_string(out, "query", word);
    auk_json_member_array(out, "fields");
    for (size_t i = 0; i < a->fields.count; i++)
        auk_json_string(out, a->fields.names[i]);
    auk_json_end_array(out);
    auk_json_end_object(out);
    auk_json_end_object(out);
}

/* Every word in some field; each counts with the field that it fits best. */
static void write_words(auk_json_writer *out, const asked *a, const char *clause)
{
    auk_span text = a->words;
    auk_json_member_object(out, "query");
    auk_json_member_object(out, "bool");
    auk_json_member_array(out, clause);
    for (auk_span word; next_word(&text, &word);)
        write_word(out, a, word);
    auk_json_end_array(out);
    auk_json_end_object(out);
    auk_json_end_object(out);
}

static void write_body(asked *a, const char *clause, auk_buffer *out)
{
    auk_json_writer writer;
    auk_json_writer_init(&writer, out, false);
    auk_json_begin_object(&writer);
    auk_json_member_int(&writer, "size", a->options.values[SIZE].number);
    auk_json_member_bool(&writer, "track_total_hits", true);
    write_words(&writer, a, clause);
    auk_json_end_object(&writer);
}

/* --query as a body: a query is wrapped, a body is taken with its own size unless --size is given.
 */
static auk_code take_query(asked *a, auk_buffer *out, auk_error *err)
{
    const auk_option_value *size = &a->options.values[SIZE];
    const auk_json *query = NULL;
    auk_json_writer writer;
    auk_code code =
        auk_json_parse(auk_span_of(a->options.values[QUERY].text), a->arena, &query, err);
    if (code != AUK_OK)
        return auk_wrap(err, code, "--query");
    if (query->type != AUK_JSON_OBJECT)
        return auk_fail(err, AUK_INVALID, "--query: expected a JSON object");
    bool is_body = query->count == 0 || auk_json_get(query, "query") != NULL ||
                   auk_json_get(query, "aggs") != NULL || query->count > 1;
    auk_json_writer_init(&writer, out, false);
    auk_json_begin_object(&writer);
    if (!is_body || size->source == AUK_FROM_FLAG || auk_json_get(query, "size") == NULL)
        auk_json_member_int(&writer, "size", size->number);
    for (const auk_json *at = is_body ? query->child : NULL; at != NULL; at = at->next) {
        if (auk_span_is(at->key, "size") && size->source == AUK_FROM_FLAG)
            continue;
        auk_json_key(&writer, at->key);
        auk_json_value(&writer, at);
    }
    if (!is_body)
        auk_json_member_raw(&writer, "query", query->text);
    auk_json_end_object(&writer);
    return AUK_OK;
}

static auk_code ask(asked *a, const auk_buffer *body, auk_error *err)
{
    auk_buffer target;
    auk_buffer_init(&target, 8192);
    auk_buffer_printf(&target, "/%.*s/_search", AUK_SPAN_ARG(auk_buffer_span(&a->index)));
    auk_code code = auk_client_call(a->client, AUK_HTTP_POST, auk_buffer_span(&target),
                                    auk_buffer_span(body), &a->answer, err);
    if (code == AUK_OK)
        code = auk_json_parse_own(a->answer.body, a->arena, &a->found, err);
    auk_buffer_deinit(&target);
    return code;
}

static int64_t total_of(const asked *a)
{
    int64_t total = 0;
    (void)auk_json_to_int64(auk_json_get(auk_json_get(auk_json_get(a->found, "hits"), "total"),
                                         "value"),
                            &total);
    return total;
}

static auk_code search_words(asked *a, auk_buffer *body, auk_error *err)
{
    if (a->fields.count == 0) {
        auk_fail(err, AUK_INVALID, "\"%s\" has no field that holds words", a->options.arguments[0]);
        auk_hint(err, "--query takes any query");
        return AUK_INVALID;
    }
    write_body(a, "must", body);
    auk_code code = ask(a, body, err);
    if (code != AUK_OK || total_of(a) > 0 || count_words(a->words) < 2)
        return code;
    a->any_word = true;
    auk_buffer_reset(body);
    write_body(a, "should", body);
    return ask(a, body, err);
}

static auk_code run_search(asked *a, auk_error *err)
{
    auk_buffer body;
    auk_buffer_init(&body, AUK_BUFFER_NO_LIMIT);
    auk_code code =
        auk_text_fields_ask(a->client, auk_buffer_span(&a->index), a->arena, &a->fields, err);
    if (code == AUK_OK && a->words.size > 0)
        code = search_words(a, &body, err);
    else if (code == AUK_OK && (code = take_query(a, &body, err)) == AUK_OK)
        code = ask(a, &body, err);
    auk_buffer_deinit(&body);
    return code;
}

/* ---- the answer ---- */

static void print_summary(const asked *a)
{
    int64_t took = 0;
    const auk_json *hits = auk_json_get(a->found, "hits");
    const auk_json *relation = auk_json_get(auk_json_get(hits, "total"), "relation");
    bool is_bound = relation != NULL && auk_span_is(relation->text, "gte");
    int64_t total = total_of(a);
    auk_buffer text;
    auk_buffer_init(&text, 1024);
    (void)auk_json_to_int64(auk_json_get(a->found, "took"), &took);
    auk_buffer_append_text(&text, is_bound ? "at least " : "");
    auk_append_count(&text, (uint64_t)total);
    auk_buffer_printf(&text, " hit%s in %lld ms", total == 1 ? "" : "s", (long long)took);
    if (a->any_word && total > 0)
        auk_buffer_append_text(&text, "; no document has all words, these have some");
    (void)printf("%.*s\n", AUK_SPAN_ARG(auk_buffer_span(&text)));
    auk_buffer_deinit(&text);
}

static void print_answer(asked *a)
{
    const auk_json *hits = auk_json_get(auk_json_get(a->found, "hits"), "hits");
    if (a->options.values[JSON].number) {
        (void)fwrite(a->answer.body.data, 1, a->answer.body.size, stdout);
        (void)fputc('\n', stdout);
        return;
    }
    print_summary(a);
    if (hits != NULL && hits->count > 0) {
        auk_marks *marks = a->words.size ? auk_marks_create(a->client, a->words) : NULL;
        (void)fputc('\n', stdout);
        auk_hits_print(stdout, hits, &a->fields, marks, a->arena);
        auk_marks_destroy(marks);
    }
    if (auk_json_get(a->found, "aggregations") != NULL)
        (void)printf("\naggregations: %.*s\n",
                     AUK_SPAN_ARG(auk_json_get(a->found, "aggregations")->text));
}

static auk_code take_arguments(asked *a, auk_error *err)
{
    const char *query = a->options.values[QUERY].text;
    if (a->options.argument_count > 1)
        a->words = auk_span_of(a->options.arguments[1]);
    if ((count_words(a->words) > 0) == (query != NULL)) {
        auk_fail(err, AUK_INVALID, "expected %s",
                 query ? "words or --query, not both" : "words to search for, or --query");
        auk_hint(err, "auk search INDEX 'words'");
        return AUK_INVALID;
    }
    auk_span name = auk_span_of(a->options.arguments[0]);
    for (size_t i = 0; i < name.size; i++) {
        if (name.data[i] == ',' || name.data[i] == '*')
            auk_buffer_append_byte(&a->index, name.data[i]);
        else
            auk_http_encode(&a->index, (auk_span){name.data + i, 1});
    }
    return AUK_OK;
}

static int search(const auk_command *command, int argc, const char *const *argv)
{
    asked a = {0};
    auk_error err = {0};
    int status;
    if (!auk_command_read(command, argc, argv, &a.options, &status))
        return status;
    a.arena = auk_arena_create(65536);
    auk_buffer_init(&a.index, 8192);
    auk_code code = take_arguments(&a, &err);
    if (code == AUK_OK)
        code = auk_client_open(a.options.values[URL].text, &a.client, &err);
    if (code == AUK_OK)
        code = run_search(&a, &err);
    if (code == AUK_OK)
        print_answer(&a);
    status = code == AUK_OK ? EXIT_FINE : auk_complain(command, &err);
    auk_http_client_close(a.client);
    auk_buffer_deinit(&a.index);
    auk_arena_destroy(a.arena);
    auk_options_deinit(&a.options);
    return status;
}

const auk_command auk_search_command = {
    .name = "search",
    .arguments = "INDEX ['WORDS']",
    .summary = "search an index and show the hits",
    .description =
        "Searches the text fields of an index, an alias or a pattern for documents that have all "
        "words, each in any field; where none has all, for those that have some. The hits come as "
        "a table with the found words marked: bold on a terminal, between stars elsewhere.",
    .examples = "auk search packages 'text editor'\n"
                "auk search packages --query '{\"term\":{\"section\":\"net\"}}' --size 3\n"
                "auk search packages 'text editor' --json",
    .options = rows,
    .option_count = ROW_COUNT,
    .least_arguments = 1,
    .most_arguments = 2,
    .run = search,
};
