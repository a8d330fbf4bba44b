/*
 * token_graph.h - the tokens of a query's text as a graph: where its paths part and meet.
 *
 * A token is an arc from its position over as many positions as its length says, so a synonym of
 * several words runs beside the words it stands for. States are positions; a hole that a removed
 * word left belongs to the arcs behind it. Arcs that lie on no path from the first state to the
 * last are dead. A cut is a state that every path goes through.
 *
 *      wi      fi      net             arcs  wi 0-1, wifi 0-2, fi 1-2, net 2-3
 *   (0)--->(1)--->(2)--->(3)           cuts  2
 *    +----wifi---->                    side path at 0, none at 2
 *
 *   Lifetime  arena; tokens are borrowed.   Threads  one.   Memory  arena: an arc a token.
 *   Errors    what a visitor answers.
 */
#ifndef AUK_TOKEN_GRAPH_H
#define AUK_TOKEN_GRAPH_H

#include "auk/analyzer.h"

typedef struct auk_token_arc {
    const auk_token *token;
    uint32_t from, to;
    uint32_t step; /* positions from the token before it on its path; more than 1: over holes */
    bool live;
} auk_token_arc;

typedef struct auk_token_graph {
    auk_token_arc *arcs; /* in the order of the tokens, so by ascending from */
    uint32_t count;
    uint32_t last; /* the last state */
    uint32_t *cuts;
    uint32_t cut_count;
    auk_arena *arena;
} auk_token_graph;

/* Has any token a length above 1? Only then is it more than a list. */
bool auk_tokens_are_graph(const auk_token *tokens, size_t count);
void auk_token_graph_init(auk_token_graph *graph, const auk_token *tokens, size_t count,
                          auk_arena *arena);
/* Do paths of different lengths start at state? */
bool auk_token_graph_has_side_path(const auk_token_graph *graph, uint32_t state);
/* The live tokens that start at state; *out has room for graph->count. */
uint32_t auk_token_graph_starting(const auk_token_graph *graph, uint32_t state, auk_token *out);

/*
 * Every path from one state to another, in the order of its tokens: copies of them with positions
 * along the path and length 1, borrowed for the visit. The first failure of a visitor ends it.
 */
typedef auk_code (*auk_token_path_visit)(void *context, const auk_token *tokens, uint32_t count);
AUK_MUST_CHECK auk_code auk_token_graph_paths(const auk_token_graph *graph, uint32_t from,
                                              uint32_t to, auk_token_path_visit visit,
                                              void *context);

#endif
