/*
 * simple_pattern: what an expression of Lucene's syntax fits is a token, the longest each time;
 * simple_pattern_split: what it fits stands between tokens. No match is empty.
 */
#include "automaton/automaton.h"

#include "auk/error.h"
#include "component.h"
#include "token_list.h"
#include "tokenizers.h"
#include "unicode.h"

/* Steps that a text may cost for each of its bytes: "a*b" looks at a run of "a" again and again. */
enum { STEPS_A_BYTE = 64, STEPS_AT_LEAST = 1 << 20 };

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    const auk_automaton *automaton = NULL;
    auk_span pattern = auk_definition_text(definition, "pattern", AUK_SPAN(""));
    auk_code code = auk_automaton_compile(definition->arena, &pattern, 1, NULL, &automaton, err);
    *state = automaton;
    return code;
}

static size_t step_over(auk_span text, size_t at)
{
    uint32_t character;
    return at + auk_unicode_next(text.data + at, text.data + text.size, &character);
}

static auk_code check_steps(size_t steps, auk_span text, auk_error *err)
{
    if (steps <= text.size * STEPS_A_BYTE + STEPS_AT_LEAST)
        return AUK_OK;
    return auk_fail(err, AUK_INVALID, "the pattern takes too long on a text of %zu bytes",
                    text.size);
}

/* As in Lucene, a text that ends while a match could still come has no further token. */
static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                    auk_tokens *tokens, auk_error *err)
{
    (void)scratch;
    size_t steps = 0;
    for (size_t at = 0; at < text.size;) {
        auk_automaton_match match = auk_automaton_longest(state, auk_span_from(text, at));
        steps += match.walked;
        auk_code code = check_steps(steps, text, err);
        if (code != AUK_OK)
            return code;
        if (match.size > 0)
            auk_tokens_add_word(tokens, text, at, at + match.size);
        else if (match.ran_out)
            break;
        at = match.size > 0 ? at + match.size : step_over(text, at);
    }
    return AUK_OK;
}

static auk_code run_split(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                          auk_tokens *tokens, auk_error *err)
{
    (void)scratch;
    size_t steps = 0, start = 0;
    for (size_t at = 0; at < text.size;) {
        auk_automaton_match match = auk_automaton_longest(state, auk_span_from(text, at));
        steps += match.walked;
        auk_code code = check_steps(steps, text, err);
        if (code != AUK_OK)
            return code;
        if (match.size == 0 && match.ran_out)
            break;
        if (match.size == 0) {
            at = step_over(text, at);
            continue;
        }
        if (at > start)
            auk_tokens_add_word(tokens, text, start, at);
        start = at = at + match.size;
    }
    if (start < text.size)
        auk_tokens_add_word(tokens, text, start, text.size);
    return AUK_OK;
}

static const char *const settings[] = {"pattern", NULL};

const auk_component_type auk_tokenizer_simple_pattern = {
    .name = "simple_pattern",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = compile,
    .tokenize = run,
};

const auk_component_type auk_tokenizer_simple_pattern_split = {
    .name = "simple_pattern_split",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = compile,
    .tokenize = run_split,
};
