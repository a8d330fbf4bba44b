#include "token_graph.h"

bool auk_tokens_are_graph(const auk_token *tokens, size_t count)
{
    bool found = false;
    for (size_t i = 0; i < count && !found; i++)
        found = tokens[i].position_length > 1;
    return found;
}

/* ---- arcs ---- */

static void lay_arcs(auk_token_graph *graph, const auk_token *tokens, size_t count)
{
    uint32_t from = 0, step = 0;
    for (size_t i = 0; i < count; i++) {
        if (i == 0 || tokens[i].position != tokens[i - 1].position) {
            from = i == 0 ? 0 : tokens[i - 1].position + 1;
            step = tokens[i].position - from + 1;
        }
        uint32_t to = tokens[i].position + tokens[i].position_length;
        graph->arcs[i] = (auk_token_arc){&tokens[i], from, to, step, false};
        if (to > graph->last)
            graph->last = to;
    }
    graph->count = (uint32_t)count;
}

/* An arc lives when its start can be reached and the last state can be reached from its end. */
static void mark_live(auk_token_graph *graph)
{
    bool *reached = AUK_ARENA_ARRAY(graph->arena, bool, (size_t)graph->last + 1);
    bool *leads = AUK_ARENA_ARRAY(graph->arena, bool, (size_t)graph->last + 1);
    reached[0] = leads[graph->last] = true;
    for (uint32_t i = 0; i < graph->count; i++)
        if (reached[graph->arcs[i].from])
            reached[graph->arcs[i].to] = true;
    for (uint32_t i = graph->count; i-- > 0;)
        if (leads[graph->arcs[i].to])
            leads[graph->arcs[i].from] = true;
    for (uint32_t i = 0; i < graph->count; i++)
        graph->arcs[i].live = reached[graph->arcs[i].from] && leads[graph->arcs[i].to];
}

/* A state is a cut when no live arc starts before it and ends behind it. */
static void find_cuts(auk_token_graph *graph)
{
    uint32_t farthest = 0;
    graph->cuts = AUK_ARENA_ARRAY(graph->arena, uint32_t, graph->count + 1);
    for (uint32_t i = 0; i < graph->count; i++) {
        const auk_token_arc *arc = &graph->arcs[i];
        if (!arc->live)
            continue;
        bool known = graph->cut_count && graph->cuts[graph->cut_count - 1] == arc->from;
        if (arc->from > 0 && farthest == arc->from && !known)
            graph->cuts[graph->cut_count++] = arc->from;
        if (arc->to > farthest)
            farthest = arc->to;
    }
}

void auk_token_graph_init(auk_token_graph *graph, const auk_token *tokens, size_t count,
                          auk_arena *arena)
{
    *graph = (auk_token_graph){
        .arcs = AUK_ARENA_ARRAY(arena, auk_token_arc, count + 1),
        .arena = arena,
    };
    lay_arcs(graph, tokens, count);
    mark_live(graph);
    find_cuts(graph);
}

/* ---- states ---- */

/* The first arc that starts at state or behind it. */
static uint32_t first_arc(const auk_token_graph *graph, uint32_t state)
{
    uint32_t low = 0, high = graph->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (graph->arcs[middle].from < state)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static bool starts_at(const auk_token_graph *graph, uint32_t arc, uint32_t state)
{
    return arc < graph->count && graph->arcs[arc].from == state;
}

bool auk_token_graph_has_side_path(const auk_token_graph *graph, uint32_t state)
{
    const auk_token_arc *first = NULL;
    bool differ = false;
    for (uint32_t i = first_arc(graph, state); starts_at(graph, i, state) && !differ; i++) {
        if (!graph->arcs[i].live)
            continue;
        differ = first && first->to != graph->arcs[i].to;
        first = first ? first : &graph->arcs[i];
    }
    return differ;
}

uint32_t auk_token_graph_starting(const auk_token_graph *graph, uint32_t state, auk_token *out)
{
    uint32_t count = 0;
    for (uint32_t i = first_arc(graph, state); starts_at(graph, i, state); i++)
        if (graph->arcs[i].live)
            out[count++] = *graph->arcs[i].token;
    return count;
}

/* ---- paths ---- */

/* The next arc to try at a depth: the one behind `arc` that starts where it does. */
static uint32_t next_live(const auk_token_graph *graph, uint32_t arc, uint32_t state)
{
    while (starts_at(graph, arc, state) && !graph->arcs[arc].live)
        arc++;
    return starts_at(graph, arc, state) ? arc : UINT32_MAX;
}

static void put_token(const auk_token_graph *graph, uint32_t arc, auk_token *path, uint32_t depth)
{
    const auk_token_arc *step = &graph->arcs[arc];
    path[depth] = *step->token;
    path[depth].position = (depth ? path[depth - 1].position + step->step : step->step - 1);
    path[depth].position_length = 1;
}

auk_code auk_token_graph_paths(const auk_token_graph *graph, uint32_t from, uint32_t to,
                               auk_token_path_visit visit, void *context)
{
    auk_token *path = AUK_ARENA_ARRAY(graph->arena, auk_token, graph->count + 1);
    uint32_t *taken = AUK_ARENA_ARRAY(graph->arena, uint32_t, graph->count + 1);
    uint32_t depth = 0;
    taken[0] = next_live(graph, first_arc(graph, from), from);
    for (;;) {
        if (taken[depth] == UINT32_MAX) { /* no more here: the next one above */
            if (depth-- == 0)
                return AUK_OK;
            taken[depth] = next_live(graph, taken[depth] + 1, graph->arcs[taken[depth]].from);
            continue;
        }
        const auk_token_arc *arc = &graph->arcs[taken[depth]];
        put_token(graph, taken[depth], path, depth);
        if (arc->to == to) {
            auk_code code = visit(context, path, depth + 1);
            if (code != AUK_OK)
                return code;
            taken[depth] = next_live(graph, taken[depth] + 1, arc->from);
        } else {
            taken[++depth] = next_live(graph, first_arc(graph, arc->to), arc->to);
        }
    }
}
