/* stemmer_override: stems of one's own, "running, ran => run"; stemmers leave these alone. */
#include "auk/error.h"
#include "auk/hash.h"
#include "filters.h"
#include "token_list.h"

typedef struct override_rule {
    auk_span from;
    auk_span to;
} override_rule;

typedef struct override_state {
    override_rule *slots; /* a word without data is free */
    size_t mask;
} override_state;

static auk_span trim(auk_span text)
{
    while (text.size > 0 && (uint8_t)text.data[0] <= ' ')
        text = auk_span_from(text, 1);
    while (text.size > 0 && (uint8_t)text.data[text.size - 1] <= ' ')
        text.size--;
    return text;
}

static override_rule *slot_of(const override_state *override, auk_span word)
{
    size_t slot = auk_hash(word, 0) & override->mask;
    while (override->slots[slot].from.size > 0 && !auk_span_equal(override->slots[slot].from, word))
        slot = (slot + 1) & override->mask;
    return &override->slots[slot];
}

/* The first rule for a word holds. */
static auk_code add(override_state *override, auk_span rule, auk_error *err)
{
    const char *arrow = memmem(rule.data, rule.size, "=>", 2);
    auk_span to = {0}, left = {0}, from;
    if (arrow) {
        left = (auk_span){rule.data, (size_t)(arrow - rule.data)};
        to = trim(auk_span_from(rule, left.size + 2));
    }
    if (to.size == 0 || trim(left).size == 0 || memmem(to.data, to.size, "=>", 2) ||
        memchr(to.data, ',', to.size))
        return auk_fail(err, AUK_INVALID, "Invalid Keyword override Rule:%.*s", AUK_SPAN_ARG(rule));
    while (auk_span_cut(&left, ',', &from)) {
        from = trim(from);
        if (from.size == 0)
            return auk_fail(err, AUK_INVALID, "Invalid Keyword override Rule:%.*s",
                            AUK_SPAN_ARG(rule));
        override_rule *slot = slot_of(override, from);
        if (slot->from.size == 0)
            *slot = (override_rule){from, to};
    }
    return AUK_OK;
}

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    auk_span *rules;
    size_t count, words = 0, slots = 8;
    auk_code code = auk_definition_words(definition, "rules", "rules_path", &rules, &count, err);
    if (code != AUK_OK)
        return code;
    if (!rules)
        return auk_fail(err, AUK_INVALID,
                        "stemmer override filter requires either `rules` or `rules_path` to be "
                        "configured");
    for (size_t i = 0; i < count; i++) {
        rules[i] = auk_arena_copy(definition->arena, rules[i]);
        words++;
        for (size_t j = 0; j < rules[i].size; j++)
            words += rules[i].data[j] == ',';
    }
    while (slots < words * 2)
        slots *= 2;
    override_state *override = AUK_ARENA_NEW(definition->arena, override_state);
    override->slots = AUK_ARENA_ARRAY(definition->arena, override_rule, slots);
    override->mask = slots - 1;
    for (size_t i = 0; code == AUK_OK && i < count; i++)
        code = add(override, rules[i], err);
    *state = override;
    return code;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)scratch, (void)err;
    for (size_t i = 0; i < tokens->count; i++) {
        auk_token *token = &tokens->items[i];
        if ((token->flags & AUK_TOKEN_KEYWORD) || token->size == 0)
            continue;
        const override_rule *rule = slot_of(state, auk_token_text(token));
        if (rule->from.size == 0)
            continue;
        auk_tokens_set_text(tokens, token, rule->to);
        token->flags |= AUK_TOKEN_KEYWORD;
    }
    return AUK_OK;
}

static const char *const settings[] = {"rules", "rules_path", NULL};

const auk_component_type auk_filter_stemmer_override = {
    .name = "stemmer_override",
    .settings = settings,
    .compile = compile,
    .filter = run,
};
