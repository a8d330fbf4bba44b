/*
 * word_delimiter: a word's parts and parts joined, one after another; joined ones share the
 * position of their last part. word_delimiter_graph is the same with its positions right.
 */
#include "auk/error.h"
#include "filters.h"
#include "token_list.h"
#include "unicode.h"
#include "word_parts.h"

/* While a word is cut, its tokens hold their step from the one before in ->position. */
struct cutting {
    const auk_part_rules *rules;
    auk_tokens *tokens;
    const auk_token *word;
    size_t count;
    uint32_t held;       /* steps that no token has taken yet */
    uint32_t last_count; /* parts of the last join */
    bool has_output;
    bool follows_original;
    bool first; /* no token was written yet */
};

static uint32_t take_step(struct cutting *cutting, bool joined)
{
    uint32_t step = cutting->held > 1 ? cutting->held : 1;
    if (cutting->has_output) {
        cutting->held = 0;
        return joined ? 0 : step;
    }
    cutting->has_output = true;
    if (!cutting->follows_original) {
        cutting->follows_original = true;
        return 0;
    }
    cutting->held = 0;
    return step;
}

static auk_token *add(struct cutting *cutting, auk_span text, size_t start, size_t end, bool joined)
{
    const auk_token *word = cutting->word;
    auk_token *token = auk_tokens_push(cutting->tokens, &cutting->count, word);
    token->text = text.data;
    token->size = (uint32_t)text.size;
    token->position_length = 1;
    token->flags &= (uint8_t)~AUK_TOKEN_KEYWORD;
    if (auk_tokens_is_aligned(cutting->tokens, word)) {
        token->start = auk_tokens_offset(cutting->tokens, word, start);
        token->end = auk_tokens_offset(cutting->tokens, word, end);
    }
    token->position = take_step(cutting, joined);
    return token;
}

static auk_token *add_part(struct cutting *cutting, const auk_part_walk *walk)
{
    return add(cutting, (auk_span){walk->text.data + walk->start, walk->end - walk->start},
               walk->start, walk->end, false);
}

static void add_join(struct cutting *cutting, auk_part_join *join)
{
    add(cutting, (auk_span){join->text, join->size}, join->start, join->end, true);
    cutting->held = 0;
    auk_part_join_clear(join);
}

static void flush(struct cutting *cutting, auk_part_join *join)
{
    cutting->last_count = join->count;
    if (join->count != 1 || !auk_part_is_wanted(cutting->rules, join->type))
        add_join(cutting, join);
    else
        auk_part_join_clear(join);
}

static void add_parts(struct cutting *cutting, auk_part_walk *walk)
{
    const auk_part_rules *rules = cutting->rules;
    size_t size = walk->text.size;
    char *room = auk_tokens_room(cutting->tokens, size * 2);
    auk_part_join join = {.text = room}, all = {.text = room + size};
    for (; !walk->done; auk_part_walk_next(walk)) {
        uint8_t type = auk_part_walk_type(walk);
        if (join.count > 0 && !(join.type & type)) {
            flush(cutting, &join);
            cutting->has_output = false;
        }
        if (auk_part_is_catenated(rules, type))
            auk_part_join_add(&join, walk, 0);
        if (rules->catenate_all)
            auk_part_join_add(&all, walk, 0);
        if (auk_part_is_wanted(rules, type))
            add_part(cutting, walk);
    }
    if (join.count > 0)
        flush(cutting, &join);
    if (all.count > cutting->last_count)
        add_join(cutting, &all);
    if (rules->catenate_all || rules->catenate_words || rules->catenate_numbers)
        auk_tokens_keep(cutting->tokens, size * 2);
}

/* By where they begin; at one place the one that steps comes first. Parts come nearly so. */
static void sort(auk_token *tokens, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        auk_token token = tokens[i];
        size_t j = i;
        for (; j > 0 &&
               (token.start < tokens[j - 1].start ||
                (token.start == tokens[j - 1].start && token.position > tokens[j - 1].position));
             j--)
            tokens[j] = tokens[j - 1];
        tokens[j] = token;
    }
}

static void cut(struct cutting *cutting, auk_part_walk *walk)
{
    cutting->has_output = false;
    cutting->follows_original = !cutting->rules->preserve_original;
    cutting->last_count = 0;
    if (cutting->rules->preserve_original) {
        auk_tokens_push(cutting->tokens, &cutting->count, cutting->word)->position = cutting->held;
        cutting->held = 0;
        cutting->first = false;
    }
    size_t first = cutting->count;
    if (walk->done)
        return;
    if (auk_part_walk_is_single(walk)) {
        auk_token *token = add_part(cutting, walk);
        if (!auk_tokens_is_aligned(cutting->tokens, cutting->word) &&
            cutting->word->start + walk->start <= cutting->word->end)
            token->start = cutting->word->start + (uint32_t)walk->start;
        cutting->first = false;
        return;
    }
    add_parts(cutting, walk);
    if (cutting->count == first)
        return;
    auk_token *tokens = cutting->tokens->spare + first;
    sort(tokens, cutting->count - first);
    if (cutting->first && tokens[0].position == 0)
        tokens[0].position = 1;
    cutting->first = false;
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
    struct cutting cutting = {.rules = state, .tokens = tokens, .first = true};
    uint32_t before = 0;
    auk_tokens_reserve_spare(tokens, tokens->count);
    for (size_t i = 0; i < tokens->count && !auk_tokens_is_full(tokens); i++) {
        const auk_token *token = &tokens->items[i];
        uint32_t step = token->position + 1 - before;
        before = token->position + 1;
        cutting.held += step;
        cutting.word = token;
        auk_part_walk walk;
        auk_part_walk_start(&walk, cutting.rules, auk_token_text(token));
        if (is_spared(cutting.rules, &walk, token)) {
            auk_tokens_push(tokens, &cutting.count, token)->position = cutting.held;
            cutting.held = 0;
            cutting.first = false;
        } else if (walk.done && !cutting.rules->preserve_original) {
            if (step == 1 && !cutting.first)
                cutting.held--;
        } else {
            cut(&cutting, &walk);
        }
    }
    uint32_t position = UINT32_MAX; /* one before the first */
    for (size_t i = 0; i < cutting.count; i++)
        tokens->spare[i].position = position += tokens->spare[i].position;
    tokens->end_position = position + 1 + (tokens->end_position - before);
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
                                       NULL};

const auk_component_type auk_filter_word_delimiter = {
    .name = "word_delimiter",
    .flags = AUK_COMPONENT_SPLITTING | AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = auk_part_rules_compile,
    .filter = run,
};
