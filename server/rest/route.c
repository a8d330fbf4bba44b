#include <assert.h>
#include <pthread.h>

#include "auk/nearest.h"
#include "call.h"

static const auk_route_table *const tables[] = {
    &auk_routes_root,        &auk_routes_documents, &auk_routes_bulk,     &auk_routes_search,
    &auk_routes_scroll,      &auk_routes_indices,   &auk_routes_aliases,  &auk_routes_analyze,
    &auk_routes_cat,         &auk_routes_cluster,   &auk_routes_nodes,    &auk_routes_stats,
    &auk_routes_health,      &auk_routes_tasks,     &auk_routes_rebuild,  &auk_routes_synonyms,
    &auk_routes_templates,   &auk_routes_by_query,  &auk_routes_rollover, &auk_routes_resize,
    &auk_routes_index_state, &auk_routes_resolve,   &auk_routes_sync,     &auk_routes_state,
    &auk_routes_maintenance,
};
#define TABLES (sizeof tables / sizeof tables[0])

size_t auk_route_count(void)
{
    size_t count = 0;
    for (size_t i = 0; i < TABLES; i++)
        count += tables[i]->count;
    return count;
}

const auk_route *auk_route_at(size_t number)
{
    for (size_t i = 0; i < TABLES; i++) {
        if (number < tables[i]->count)
            return &tables[i]->rows[number];
        number -= tables[i]->count;
    }
    return NULL;
}

/* ---- a path against a row ---- */

/* Most rows are ruled out by the number of their parts, which is counted once. */
#define ROUTES_MOST 512
static uint8_t part_counts[ROUTES_MOST];
static pthread_once_t counted = PTHREAD_ONCE_INIT;

static bool next_part(const char **path, auk_span *part)
{
    while (**path == '/')
        (*path)++;
    const char *from = *path;
    while (**path && **path != '/')
        (*path)++;
    *part = auk_span_make(from, (size_t)(*path - from));
    return part->size > 0;
}

static void count_parts(void)
{
    assert(auk_route_count() <= ROUTES_MOST);
    for (size_t i = 0; i < auk_route_count(); i++) {
        const char *path = auk_route_at(i)->path;
        auk_span part;
        while (next_part(&path, &part))
            part_counts[i]++;
    }
}

/*
 * 0: no match; else higher for rows whose literal parts come earlier, so that "/_search/scroll"
 * beats
 * "/{index}/scroll". A variable never takes a part that begins with '_', except "_all" and ids.
 */
static unsigned match(const auk_route *route, const auk_http_request *request, auk_span *names,
                      auk_span *values, uint32_t *count)
{
    const char *path = route->path;
    unsigned score = 1;
    auk_span part;
    uint32_t i = 0;
    *count = 0;
    while (next_part(&path, &part)) {
        if (i == request->segment_count)
            return 0;
        auk_span given = request->segments[i++];
        score <<= 1;
        if (part.data[0] != '{') {
            if (!auk_span_equal(part, given))
                return 0;
            score |= 1;
            continue;
        }
        auk_span name = auk_span_make(part.data + 1, part.size - 2);
        bool reserved = given.size && given.data[0] == '_' && !auk_span_is(given, "_all");
        if (auk_span_is(name, "index") && reserved)
            return 0;
        names[*count] = name;
        values[(*count)++] = given;
    }
    return i == request->segment_count ? score : 0;
}

const auk_route *auk_route_find(auk_call *call, size_t *number, unsigned *allowed)
{
    const auk_route *best = NULL;
    unsigned best_score = 0;
    size_t at = 0;
    unsigned method = 1u << call->request->method;
    *allowed = 0;
    pthread_once(&counted, count_parts);
    for (size_t t = 0; t < TABLES; t++) {
        for (size_t i = 0; i < tables[t]->count; i++, at++) {
            const auk_route *route = &tables[t]->rows[i];
            if (part_counts[at] != call->request->segment_count)
                continue;
            auk_span names[AUK_CALL_VARIABLES], values[AUK_CALL_VARIABLES];
            uint32_t count;
            unsigned score = match(route, call->request, names, values, &count);
            if (score)
                *allowed |= route->methods;
            if (!(route->methods & method) || score <= best_score)
                continue;
            best = route;
            best_score = score;
            *number = at;
            call->variable_count = count;
            memcpy(call->variable_names, names, sizeof names);
            memcpy(call->variables, values, sizeof values);
        }
    }
    return best;
}

#define WORD_LIMIT 256

/* The literal words of all rows, each once. */
static size_t path_words(auk_span *words)
{
    size_t count = 0;
    for (size_t i = 0; i < auk_route_count(); i++) {
        const char *path = auk_route_at(i)->path;
        auk_span part;
        while (next_part(&path, &part)) {
            size_t k = 0;
            while (k < count && !auk_span_equal(words[k], part))
                k++;
            if (k == count && part.data[0] != '{' && count < WORD_LIMIT)
                words[count++] = part;
        }
    }
    return count;
}

/* A segment that no row has, where a literal of the API should stand: it begins like one, or
 * follows one, as in /_cat/indicse. */
static bool is_mistyped(const auk_http_request *request, uint32_t i, const auk_span *words,
                        size_t count)
{
    auk_span given = request->segments[i];
    for (size_t k = 0; k < count; k++)
        if (auk_span_equal(words[k], given))
            return false;
    bool follows =
        i > 0 && request->segments[i - 1].size && request->segments[i - 1].data[0] == '_';
    return given.size > 0 && (given.data[0] == '_' || follows);
}

void auk_route_hint(const auk_call *call, auk_error *err)
{
    auk_span words[WORD_LIMIT];
    size_t count = path_words(words);
    for (uint32_t i = 0; i < call->request->segment_count; i++) {
        auk_span given = call->request->segments[i];
        if (!is_mistyped(call->request, i, words, count))
            continue;
        auk_span close = auk_nearest(given, words, count);
        if (close.size)
            auk_hint(err, "there is no [%.*s], did you mean [%.*s]?", AUK_SPAN_ARG(given),
                     AUK_SPAN_ARG(close));
        else
            auk_hint(err, "there is no [%.*s]", AUK_SPAN_ARG(given));
        return;
    }
}

/* ---- parameters ---- */

static const char general_parameters[] =
    "pretty human error_trace filter_path format source source_content_type";

/* Splits a list of names; answers how many, at most limit. */
static size_t split(const char *list, auk_span *out, size_t limit)
{
    size_t count = 0;
    while (list && *list && count < limit) {
        size_t size = strcspn(list, " ");
        out[count++] = auk_span_make(list, size);
        list += size + (list[size] == ' ');
    }
    return count;
}

static bool is_known(auk_span name, const auk_span *known, size_t count)
{
    size_t k = 0;
    while (k < count && !auk_span_equal(known[k], name))
        k++;
    return k < count;
}

/* "[sizee] -> did you mean [size]?, [b]" */
static const char *list_unknown(const auk_call *call, const auk_span *known, size_t count,
                                auk_span *nearest)
{
    const char *list = "";
    for (uint32_t i = 0; i < call->request->parameter_count; i++) {
        auk_span name = call->request->parameters[i].name;
        if (is_known(name, known, count))
            continue;
        auk_span close = auk_nearest(name, known, count);
        auk_span more =
            close.size
                ? auk_arena_printf(call->arena, "%s%s[%.*s] -> did you mean [%.*s]?", list,
                                   *list ? ", " : "", AUK_SPAN_ARG(name), AUK_SPAN_ARG(close))
                : auk_arena_printf(call->arena, "%s%s[%.*s]", list, *list ? ", " : "",
                                   AUK_SPAN_ARG(name));
        list = more.data;
        if (close.size && !nearest->size)
            *nearest = close;
    }
    return list;
}

auk_code auk_route_check_parameters(auk_call *call, auk_error *err)
{
    auk_span known[80], nearest = {0};
    if (call->request->parameter_count == 0)
        return AUK_OK;
    size_t count = split(call->route->parameters, known, 64), unknown = 0;
    count += split(general_parameters, known + count, 80 - count);
    for (uint32_t i = 0; i < call->request->parameter_count; i++)
        unknown += !is_known(call->request->parameters[i].name, known, count);
    if (unknown == 0)
        return AUK_OK;
    auk_fail(err, AUK_INVALID, "request [%.*s] contains unrecognized parameter%s: %s",
             AUK_SPAN_ARG(call->request->path), unknown > 1 ? "s" : "",
             list_unknown(call, known, count, &nearest));
    if (nearest.size)
        auk_hint(err, "the nearest parameter of this route is [%.*s]", AUK_SPAN_ARG(nearest));
    return AUK_INVALID;
}
