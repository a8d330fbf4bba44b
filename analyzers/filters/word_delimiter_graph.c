/*
 * word_delimiter_graph: a word's parts, and parts joined, as a graph of tokens.
 *
 *      "Wi-Fi", catenate_words      0 --wi--> 1 --fi--> 2
 *                                   0 -------wifi-----> 2      position_length 2
 */
#include "auk/error.h"
#include "filters.h"
#include "token_list.h"
#include "unicode.h"
#include "word_parts.h"

/* One word being cut. Its tokens have positions from 0 until they are placed. */
struct cutting {
    const auk_part_rules *rules;
    auk_tokens *tokens;
    const auk_token *word;
    size_t count; /* tokens written, of all words */
    uint32_t position;
    uint32_t last_count; /* parts of the last join */
};

static void add(struct cutting *cutting, uint32_t from, uint32_t to, auk_span text, size_t start,
                size_t end)
{
    auk_token *token = auk_tokens_push(cutting->tokens, &cutting->count, cutting->word);
    const auk_token *word = cutting->word;
    token->text = text.data;
    token->size = (uint32_t)text.size;
    token->position = from;
    token->position_length = (uint16_t)(to - from);
    if (cutting->rules->adjust_offsets && auk_tokens_is_aligned(cutting->tokens, word)) {
        token->start = auk_tokens_offset(cutting->tokens, word, start);
        token->end = auk_tokens_offset(cutting->tokens, word, end);
    }
}

static void add_join(struct cutting *cutting, const auk_part_join *join)
{
    add(cutting, join->position, cutting->position, (auk_span){join->text, join->size}, join->start,
        join->end);
}

static void flush(struct cutting *cutting, auk_part_join *join)
{
    if (join->count == 0)
        return;
    if (cutting->position == join->position) /* no parts of it were written */
        cutting->position++;
    cutting->last_count = join->count;
    if (join->count != 1 || !auk_part_is_wanted(cutting->rules, join->type))
        add_join(cutting, join);
    auk_part_join_clear(join);
}

static void add_part(struct cutting *cutting, const auk_part_walk *walk)
{
    add(cutting, cutting->position, cutting->position + 1,
        (auk_span){walk->text.data + walk->start, walk->end - walk->start}, walk->start, walk->end);
    cutting->position++;
}

static void add_parts(struct cutting *cutting, auk_part_walk *walk)
{
    const auk_part_rules *rules = cutting->rules;
    size_t size = walk->text.size;
    char *room = auk_tokens_room(cutting->tokens, size * 2);
    auk_part_join join = {.text = room}, all = {.text = room + size};
    for (; !walk->done; auk_part_walk_next(walk)) {
        uint8_t type = auk_part_walk_type(walk);
        if (join.count > 0 && !(join.type & type))
            flush(cutting, &join);
        if (auk_part_is_catenated(rules, type))
            auk_part_join_add(&join, walk, cutting->position);
        if (rules->catenate_all)
            auk_part_join_add(&all, walk, cutting->position);
        if (auk_part_is_wanted(rules, type))
            add_part(cutting, walk);
    }
    flush(cutting, &join);
    if (all.count > cutting->last_count) {
        if (cutting->position == all.position)
            cutting->position++;
        add_join(cutting, &all);
    }
    if (rules->catenate_all || rules->catenate_words || rules->catenate_numbers)
        auk_tokens_keep(cutting->tokens, size * 2);
}

/* By position; the longest way first; by place in the word. Parts come nearly so. */
static bool is_before(const auk_token *a, const auk_token *b)
{
    if (a->position != b->position)
        return a->position < b->position;
    if (a->position_length != b->position_length)
        return a->position_length > b->position_length;
    return a->start < b->start;
}

static void sort(auk_token *tokens, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        auk_token token = tokens[i];
        size_t j = i;
        for (; j > 0 && is_before(&token, &tokens[j - 1]); j--)
            tokens[j] = tokens[j - 1];
        tokens[j] = token;
    }
}

/* The word's tokens into the spare list, with positions from 0. */
static void cut(struct cutting *cutting, auk_part_walk *walk)
{
    size_t first = cutting->count;
    cutting->position = 0;
    cutting->last_count = 0;
    if (cutting->rules->preserve_original)
        add(cutting, 0, 1, auk_token_text(cutting->word), 0, cutting->word->size);
    if (auk_part_walk_is_single(walk))
        add_part(cutting, walk);
    else
        add_parts(cutting, walk);
    if (cutting->rules->preserve_original && cutting->position > 0 && cutting->count > first)
        cutting->tokens->spare[first].position_length = (uint16_t)cutting->position;
    if (cutting->count > first)
        sort(cutting->tokens->spare + first, cutting->count - first);
}

/* Tokens of one word, from first on: where they belong, and with offsets that never step back. */
static uint32_t place(struct cutting *cutting, size_t first, uint32_t base, uint32_t *last_start)
{
    uint32_t position = base;
    for (size_t i = first; i < cutting->count; i++) {
        auk_token *token = &cutting->tokens->spare[i];
        token->position += base;
        position = token->position;
        if (token->start < *last_start)
            token->start = *last_start;
        if (token->end < *last_start)
            token->end = *last_start;
        *last_start = token->start;
    }
    return position;
}

static bool is_spared(const auk_part_rules *rules, const auk_part_walk *walk,
                      const auk_token *token)
{
    return (!walk->done && walk->start == 0 && walk->end == token->size) ||
           (rules->spared && auk_word_set_has(rules->spared, auk_token_text(token)));
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)scratch, (void)err;
    struct cutting cutting = {.rules = state, .tokens = tokens};
    uint32_t before = 0, last = 0, held = 0, last_start = 0; /* last: one past what was written */
    auk_tokens_reserve_spare(tokens, tokens->count);
    for (size_t i = 0; i < tokens->count && !auk_tokens_is_full(tokens); i++) {
        const auk_token *token = &tokens->items[i];
        uint32_t step = token->position + 1 - before; /* Lucene's increment */
        before = token->position + 1;
        auk_part_walk walk;
        cutting.word = token;
        if (cutting.rules->ignore_keywords && (token->flags & AUK_TOKEN_KEYWORD)) {
            auk_tokens_push(tokens, &cutting.count, token)->position = last + step - 1;
            last += step;
            continue;
        }
        held += step;
        auk_part_walk_start(&walk, cutting.rules, auk_token_text(token));
        bool keep = is_spared(cutting.rules, &walk, token);
        if (!keep && walk.done) {
            if (!cutting.rules->preserve_original)
                continue;
            keep = true;
            held = step;
        }
        size_t first = cutting.count;
        if (keep)
            auk_tokens_push(tokens, &cutting.count, token)->position = last + held - 1;
        else
            cut(&cutting, &walk);
        if (cutting.count == first)
            continue;
        last = keep ? last + held : place(&cutting, first, last + held - 1, &last_start) + 1;
        held = 0;
    }
    tokens->end_position = last + (tokens->end_position - before);
    auk_tokens_swap(tokens, cutting.count);
    return AUK_OK;
}

static const char *const settings[] = {"generate_word_parts",
                                       "generate_number_parts",
                                       "catenate_words",
                                       "catenate_numbers",
                                       "catenate_all",
                                       "split_on_case_change",
                                       "split_on_numerics",
                                       "preserve_original",
                                       "stem_english_possessive",
                                       "protected_words",
                                       "protected_words_path",
                                       "type_table",
                                       "type_table_path",
                                       "adjust_offsets",
                                       "ignore_keywords",
                                       NULL};

const auk_component_type auk_filter_word_delimiter_graph = {
    .name = "word_delimiter_graph",
    .flags = AUK_COMPONENT_SPLITTING | AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = auk_part_rules_compile,
    .filter = run,
};
