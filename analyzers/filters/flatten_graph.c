/*
 * flatten_graph: a graph of tokens as one chain of nodes, for an index that keeps no lengths.
 *
 *      in    0 --domain--> 1 --name--> 2 --system--> 3        out   0 --domain--> 1 --name--> 2 ...
 *            0 --------------dns-------------------> 3              0 --dns--> (the same last node)
 *
 * Each node of the graph that comes in gets a node of the chain: one past the furthest node that
 * reaches it. Several may share one. A node of the chain is written once no token can move it any
 * more. Offsets shrink to those of the tokens that reach the same node.
 */
#include "auk/error.h"
#include "filters.h"
#include "token_list.h"

enum { NONE = -1 };

/* Where tokens leave in the graph; its number is their position. */
struct place {
    uint32_t first; /* its tokens stand together in the list */
    uint32_t count;
    uint32_t written;
    int32_t furthest; /* where its tokens go, at most and at least */
    int32_t nearest;
    int32_t node;          /* of the chain; NONE: not seen yet */
    int32_t before, after; /* others of the same node */
};

struct node {
    int32_t head, tail; /* its places */
    int32_t at;         /* the place that is written next; NONE: behind the last */
    int32_t start, end; /* offsets of what leaves and what arrives; NONE: not known */
    bool known;
};

struct flatten {
    auk_tokens *tokens;
    struct place *places;
    struct node *nodes;
    int32_t last_node; /* the highest one that was looked at */
    int32_t from;      /* the position of the token that came last */
    int32_t writing;   /* the node that is written next */
    int32_t last_start;
    size_t count;
    bool done;
};

static struct node *node_at(struct flatten *flat, int32_t number)
{
    if (number > flat->last_node)
        flat->last_node = number;
    return &flat->nodes[number];
}

static void link_place(struct flatten *flat, int32_t number, int32_t place)
{
    struct node *node = node_at(flat, number);
    struct place *added = &flat->places[place];
    added->node = number;
    added->before = node->tail;
    added->after = NONE;
    if (node->tail == NONE)
        node->head = place;
    else
        flat->places[node->tail].after = place;
    node->tail = place;
    if (node->at == NONE)
        node->at = place;
}

static void unlink_place(struct flatten *flat, int32_t place)
{
    struct place *gone = &flat->places[place];
    struct node *node = &flat->nodes[gone->node];
    *(gone->before == NONE ? &node->head : &flat->places[gone->before].after) = gone->after;
    *(gone->after == NONE ? &node->tail : &flat->places[gone->after].before) = gone->before;
    if (node->at == place)
        node->at = gone->after;
    gone->node = NONE;
}

/*
 * Nothing has led to the place where this token leaves: words were taken out before it. It goes one
 * past what its neighbour is known to reach, or to the end of the chain.
 */
static struct node *bridge_hole(struct flatten *flat, int32_t start, int32_t step)
{
    int32_t before = flat->from - step, number = flat->last_node + 1;
    if (before >= 0) {
        const struct place *neighbour = &flat->places[before];
        number = neighbour->nearest < flat->from ? flat->places[neighbour->nearest].node + 1
                                                 : flat->last_node;
    }
    struct node *node = node_at(flat, number);
    node->start = node->known && node->start > start ? node->start : start;
    node->known = true;
    link_place(flat, number, flat->from);
    return node;
}

/* A way around led here, but the words just before are gone: the way is longer than it seemed. */
static bool is_behind_hole(const struct flatten *flat, const struct place *place, int32_t step)
{
    if (step <= 1)
        return false;
    const struct place *before = &flat->places[flat->from - step];
    return place->node - before->node <= 1 && before->nearest != flat->from;
}

static void leave(struct flatten *flat, const auk_token *token, int32_t step)
{
    struct place *place = &flat->places[flat->from];
    int32_t start = (int32_t)token->start;
    if (place->node == NONE) {
        bridge_hole(flat, start, step);
        return;
    }
    struct node *node = &flat->nodes[place->node];
    if (is_behind_hole(flat, place, step)) {
        int32_t end = node->end;
        unlink_place(flat, flat->from);
        node = bridge_hole(flat, start, step);
        node->end = end;
    }
    if (start > node->start)
        node->start = start;
}

static void arrive(struct flatten *flat, const auk_token *token)
{
    int32_t to = flat->from + token->position_length;
    int32_t number = flat->places[flat->from].node + 1;
    struct place *place = &flat->places[to];
    if (number > place->node) {
        if (place->node != NONE)
            unlink_place(flat, to);
        link_place(flat, number, to);
    }
    struct node *node = &flat->nodes[place->node];
    if (node->end == NONE || (int32_t)token->end < node->end)
        node->end = (int32_t)token->end;
}

static void take(struct flatten *flat, uint32_t index)
{
    const auk_token *token = &flat->tokens->items[index];
    int32_t step = (int32_t)token->position - flat->from;
    flat->from = (int32_t)token->position;
    leave(flat, token, step);
    struct place *place = &flat->places[flat->from];
    int32_t to = flat->from + token->position_length;
    if (place->count++ == 0)
        place->first = index;
    place->furthest = to > place->furthest ? to : place->furthest;
    place->nearest = to < place->nearest ? to : place->nearest;
    arrive(flat, token);
}

static void write_token(struct flatten *flat, const struct node *node, struct place *place)
{
    auk_tokens *tokens = flat->tokens;
    uint32_t index = place->first + place->written++;
    auk_token *token = auk_tokens_push(tokens, &flat->count, &tokens->items[index]);
    int32_t to = flat->places[token->position + token->position_length].node;
    int32_t start = node->start > flat->last_start ? node->start : flat->last_start;
    int32_t end = flat->nodes[to].end;
    token->position = (uint32_t)flat->writing;
    token->position_length = (uint16_t)(to > flat->writing ? to - flat->writing : 1);
    token->start = (uint32_t)start;
    token->end = (uint32_t)(end > start ? end : start);
    flat->last_start = start;
}

static bool is_settled(const struct flatten *flat, const struct node *node)
{
    if (flat->done)
        return true;
    for (int32_t i = node->head; i != NONE; i = flat->places[i].after)
        if (flat->places[i].furthest > flat->from)
            return false;
    return true;
}

/* Writes all tokens of nodes that nothing can change any more. The last node has none. */
static void release(struct flatten *flat)
{
    while (flat->writing < flat->last_node) {
        struct node *node = &flat->nodes[flat->writing];
        if (node->head != NONE && !is_settled(flat, node))
            return;
        for (; node->at != NONE; node->at = flat->places[node->at].after) {
            struct place *place = &flat->places[node->at];
            while (place->written < place->count)
                write_token(flat, node, place);
        }
        flat->writing++;
    }
}

static void prepare(struct flatten *flat, size_t places)
{
    auk_arena *arena = auk_tokens_arena(flat->tokens);
    flat->places = AUK_ARENA_ARRAY(arena, struct place, places);
    flat->nodes = AUK_ARENA_ARRAY(arena, struct node, places + 2);
    for (size_t i = 0; i < places; i++)
        flat->places[i] =
            (struct place){.furthest = NONE, .nearest = INT32_MAX, .node = NONE, .after = NONE};
    for (size_t i = 0; i < places + 2; i++)
        flat->nodes[i] = (struct node){NONE, NONE, NONE, NONE, NONE, false};
    link_place(flat, 0, 0);
    flat->nodes[0].start = 0;
    flat->nodes[0].known = true;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)state, (void)scratch, (void)err;
    if (tokens->count == 0)
        return AUK_OK;
    size_t places = 0;
    for (size_t i = 0; i < tokens->count; i++) {
        const auk_token *token = &tokens->items[i];
        size_t to = (size_t)token->position + token->position_length + 1;
        places = to > places ? to : places;
    }
    uint32_t holes = tokens->end_position - tokens->items[tokens->count - 1].position;
    struct flatten flat = {.tokens = tokens, .from = -1};
    prepare(&flat, places);
    for (size_t i = 0; i < tokens->count; i++) {
        take(&flat, (uint32_t)i);
        release(&flat);
    }
    flat.done = true;
    release(&flat);
    auk_tokens_swap(tokens, flat.count);
    tokens->end_position = tokens->items[flat.count - 1].position + holes;
    return AUK_OK;
}

const auk_component_type auk_filter_flatten_graph = {
    .name = "flatten_graph",
    .flags = AUK_COMPONENT_PREBUILT,
    .filter = run,
};
