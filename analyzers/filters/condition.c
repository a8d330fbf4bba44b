/*
 * condition and predicate_token_filter: filters for those tokens only, or only those tokens, that a
 * script describes. The script is a comparison or several with "&&" or "||" between:
 *
 *      token.term.length() < 5      token.type == '<NUM>'      token.isKeyword()
 *
 * Anything else that Painless could say is refused.
 */
#include <stdlib.h>

#include "auk/error.h"
#include "binding.h"
#include "filters.h"
#include "token_list.h"
#include "unicode.h"

enum { MOST_TESTS = 16 };

enum subject { LENGTH, POSITION, START, END, TYPE, TERM, KEYWORD };
enum relation { LESS, LESS_EQUAL, GREATER, GREATER_EQUAL, EQUAL, NOT_EQUAL };

struct test {
    enum subject subject;
    enum relation relation;
    int64_t number;
    auk_span text;
    bool or_before; /* "||" in front; else "&&" */
};

typedef struct condition_state {
    struct test tests[MOST_TESTS];
    size_t count;
    const auk_span *names;
    size_t name_count;
    auk_component *filters;
} condition_state;

static bool skip(auk_span *rest, const char *word)
{
    while (rest->size > 0 && (uint8_t)rest->data[0] <= ' ')
        *rest = auk_span_from(*rest, 1);
    if (!auk_span_starts_with(*rest, auk_span_of(word)))
        return false;
    *rest = auk_span_from(*rest, strlen(word));
    return true;
}

/* Longer names first: one may begin another. */
static bool read_subject(auk_span *rest, enum subject *out)
{
    static const struct {
        const char *text;
        enum subject subject;
    } subjects[] = {
        {"token.getTerm().length()", LENGTH},
        {"token.term.length()", LENGTH},
        {"token.getTerm().toString()", TERM},
        {"token.term.toString()", TERM},
        {"token.getType()", TYPE},
        {"token.type", TYPE},
        {"token.getPosition()", POSITION},
        {"token.position", POSITION},
        {"token.getStartOffset()", START},
        {"token.startOffset", START},
        {"token.getEndOffset()", END},
        {"token.endOffset", END},
        {"token.isKeyword()", KEYWORD},
        {"token.keyword", KEYWORD},
    };
    for (size_t i = 0; i < sizeof subjects / sizeof subjects[0]; i++)
        if (skip(rest, subjects[i].text)) {
            *out = subjects[i].subject;
            return true;
        }
    return false;
}

static bool read_text(auk_span *rest, auk_span *out)
{
    char quote = rest->size > 0 ? rest->data[0] : 0;
    const char *close =
        quote == '\'' || quote == '"' ? memchr(rest->data + 1, quote, rest->size - 1) : NULL;
    if (!close)
        return false;
    *out = auk_span_make(rest->data + 1, (size_t)(close - rest->data) - 1);
    *rest = auk_span_from(*rest, out->size + 2);
    return true;
}

static bool read_number(auk_span *rest, int64_t *out)
{
    size_t digits = 0;
    *out = 0;
    while (digits < rest->size && digits < 10 && (uint8_t)(rest->data[digits] - '0') < 10)
        *out = *out * 10 + (rest->data[digits++] - '0');
    *rest = auk_span_from(*rest, digits);
    return digits > 0;
}

static bool read_test(auk_span *rest, struct test *test)
{
    static const char *const relations[] = {
        [LESS_EQUAL] = "<=", [GREATER_EQUAL] = ">=", [EQUAL] = "==",
        [NOT_EQUAL] = "!=",  [LESS] = "<",           [GREATER] = ">"};
    static const enum relation order[] = {LESS_EQUAL, GREATER_EQUAL, EQUAL,
                                          NOT_EQUAL,  LESS,          GREATER};
    bool negated = skip(rest, "!");
    if (!read_subject(rest, &test->subject))
        return false;
    if (test->subject == KEYWORD) {
        test->relation = negated ? NOT_EQUAL : EQUAL;
        return true;
    }
    bool is_text = test->subject == TYPE || test->subject == TERM;
    size_t i = 0;
    if (is_text && skip(rest, ".equals(")) {
        skip(rest, "");
        test->relation = negated ? NOT_EQUAL : EQUAL;
        return read_text(rest, &test->text) && skip(rest, ")");
    }
    while (i < 6 && !skip(rest, relations[order[i]]))
        i++;
    if (i == 6 || negated)
        return false;
    test->relation = order[i];
    skip(rest, "");
    if (is_text)
        return (test->relation == EQUAL || test->relation == NOT_EQUAL) &&
               read_text(rest, &test->text);
    return read_number(rest, &test->number);
}

static bool read_script(condition_state *condition, auk_span script)
{
    skip(&script, "return ");
    for (;;) {
        struct test *test = &condition->tests[condition->count];
        if (condition->count == MOST_TESTS || !read_test(&script, test))
            return false;
        condition->count++;
        skip(&script, ";");
        skip(&script, "");
        if (script.size == 0)
            return true;
        if (condition->count == MOST_TESTS)
            return false;
        bool alternative = skip(&script, "||");
        if (!alternative && !skip(&script, "&&"))
            return false;
        condition->tests[condition->count].or_before = alternative;
    }
}

static auk_code compile_script(const auk_definition *definition, condition_state *condition,
                               auk_error *err)
{
    auk_span script = auk_definition_text(definition, "script.source", AUK_SPAN(""));
    if (script.size == 0)
        script = auk_definition_text(definition, "script", AUK_SPAN(""));
    script = auk_arena_copy(definition->arena, script);
    if (read_script(condition, script))
        return AUK_OK;
    auk_fail_type(err, AUK_INVALID, "script_exception", "compile error in script [%.*s]",
                  AUK_SPAN_ARG(script));
    auk_hint(err,
             "a script compares token.term.length(), token.type, token.position, "
             "token.startOffset, token.endOffset or token.isKeyword(), with && and || between");
    return AUK_INVALID;
}

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    condition_state *condition = AUK_ARENA_NEW(definition->arena, condition_state);
    *state = condition;
    auk_span *names = auk_definition_list(definition, "filter", &condition->name_count);
    for (size_t i = 0; i < condition->name_count; i++)
        names[i] = auk_arena_copy(definition->arena, names[i]);
    condition->names = names;
    if (condition->name_count == 0)
        return auk_fail(err, AUK_INVALID, "Empty list of filters provided to tokenfilter [%.*s]",
                        AUK_SPAN_ARG(definition->name));
    return compile_script(definition, condition, err);
}

static auk_code compile_predicate(const auk_definition *definition, const void **state,
                                  auk_error *err)
{
    condition_state *condition = AUK_ARENA_NEW(definition->arena, condition_state);
    *state = condition;
    return compile_script(definition, condition, err);
}

static auk_code bind(const auk_binding *binding, const void *state, const void **out,
                     auk_error *err)
{
    condition_state *bound = AUK_ARENA_NEW(binding->arena, condition_state);
    *bound = *(const condition_state *)state;
    bound->filters = AUK_ARENA_ARRAY(binding->arena, auk_component, bound->name_count);
    *out = bound;
    for (size_t i = 0; i < bound->name_count; i++) {
        auk_component *filter = &bound->filters[i];
        auk_code code = auk_binding_nest(binding, bound->names[i], filter, err);
        if (code == AUK_OK && !filter->type)
            return auk_fail(err, AUK_INVALID,
                            "ScriptedConditionTokenFilter [condition] refers to undefined token "
                            "filter [%.*s]",
                            AUK_SPAN_ARG(bound->names[i]));
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

static bool compare(int64_t value, enum relation relation, int64_t with)
{
    switch (relation) {
    case LESS:
        return value < with;
    case LESS_EQUAL:
        return value <= with;
    case GREATER:
        return value > with;
    case GREATER_EQUAL:
        return value >= with;
    case EQUAL:
        return value == with;
    default:
        return value != with;
    }
}

/* Offsets count UTF-16 units there. They mostly ascend, so each counts on from the one before. */
struct counted {
    uint32_t bytes;
    uint32_t units;
};

struct asked {
    const auk_tokens *tokens;
    struct counted start;
    struct counted end;
};

static int64_t units_up_to(const auk_tokens *tokens, struct counted *at, uint32_t bytes)
{
    if (bytes < at->bytes)
        *at = (struct counted){0, 0};
    at->units += (uint32_t)auk_unicode_units(
        auk_span_make(tokens->original.data + at->bytes, bytes - at->bytes));
    at->bytes = bytes;
    return at->units;
}

static bool holds(const struct test *test, const auk_token *token, struct asked *asked)
{
    switch (test->subject) {
    case LENGTH:
        return compare((int64_t)auk_unicode_units(auk_token_text(token)), test->relation,
                       test->number);
    case POSITION:
        return compare(token->position, test->relation, test->number);
    case START:
        return compare(units_up_to(asked->tokens, &asked->start, token->start), test->relation,
                       test->number);
    case END:
        return compare(units_up_to(asked->tokens, &asked->end, token->end), test->relation,
                       test->number);
    case TYPE:
        return auk_span_is(test->text, auk_token_type_name(token->type)) ==
               (test->relation == EQUAL);
    case TERM:
        return auk_span_equal(test->text, auk_token_text(token)) == (test->relation == EQUAL);
    default:
        return ((token->flags & AUK_TOKEN_KEYWORD) != 0) == (test->relation == EQUAL);
    }
}

/* "&&" binds closer than "||". */
static bool is_meant(const condition_state *condition, const auk_token *token, struct asked *asked)
{
    bool all = true;
    for (size_t i = 0; i < condition->count; i++) {
        if (condition->tests[i].or_before) {
            if (all)
                return true;
            all = true;
        }
        all = all && holds(&condition->tests[i], token, asked);
    }
    return all;
}

static auk_code run_predicate(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                              auk_error *err)
{
    (void)scratch, (void)err;
    struct asked asked = {.tokens = tokens};
    size_t kept = 0;
    for (size_t i = 0; i < tokens->count; i++)
        if (is_meant(state, &tokens->items[i], &asked))
            tokens->items[kept++] = tokens->items[i];
    tokens->count = kept;
    return AUK_OK;
}

/* Where the output is: positions one past the last of what was read, and of what was written. */
struct joining {
    const condition_state *condition;
    auk_tokens *tokens;
    auk_tokens part;
    size_t count;
    uint32_t next_in;
    uint32_t next_out;
    uint32_t holes; /* at the end of the part that was written last */
};

static void pass(struct joining *joining, const auk_token *token)
{
    uint32_t step = token->position + 1 - joining->next_in;
    auk_token *out = auk_tokens_push(joining->tokens, &joining->count, token);
    out->position = joining->next_out + joining->holes + step - 1;
    joining->next_in = token->position + 1;
    joining->next_out = out->position + 1;
    joining->holes = 0;
}

/* The tokens [first, last) as a text of their own: its positions begin where the output ends. */
static bool begin_part(struct joining *joining, size_t first, size_t last)
{
    auk_tokens *part = &joining->part;
    const auk_tokens *tokens = joining->tokens;
    uint32_t step = tokens->items[first].position + 1 - joining->next_in;
    uint32_t base = tokens->items[first].position - (step > 0 ? step - 1 : 0);
    auk_tokens_reset(part); /* without a source: a few words are not worth its copy in lower case */
    auk_tokens_reserve(part, last - first);
    for (size_t i = first; i < last; i++) {
        part->items[part->count] = tokens->items[i];
        part->items[part->count++].position -= base;
    }
    joining->next_in = tokens->items[last - 1].position + 1;
    part->end_position = joining->next_in - base; /* as in Lucene, also at the end of the text */
    part->end_offset = tokens->end_offset;
    part->original = tokens->original;
    return step == 0; /* it stands at the position of the token before */
}

static void end_part(struct joining *joining, bool beside)
{
    const auk_tokens *part = &joining->part;
    uint32_t used = 0;
    for (size_t i = 0; i < part->count && !auk_tokens_is_full(joining->tokens); i++) {
        auk_token *token = auk_tokens_push(joining->tokens, &joining->count, &part->items[i]);
        auk_tokens_set_text(joining->tokens, token, auk_token_text(&part->items[i]));
        token->position += joining->next_out - beside;
        used = part->items[i].position + 1;
    }
    joining->holes = part->end_position - used;
    joining->next_out += used;
    if (beside && used > 0)
        joining->next_out--;
    else if (beside && joining->holes > 0)
        joining->holes--;
}

/* Runs of tokens that are meant go through the filters as one text; the others stay between. */
static auk_code filter_run(struct joining *joining, auk_analyzer_scratch *scratch, size_t first,
                           size_t last, auk_error *err)
{
    const condition_state *condition = joining->condition;
    auk_code code = AUK_OK;
    bool beside = begin_part(joining, first, last);
    for (size_t i = 0; code == AUK_OK && i < condition->name_count; i++) {
        code = condition->filters[i].type->filter(condition->filters[i].state, scratch,
                                                  &joining->part, err);
        if (code == AUK_OK && !auk_tokens_settle(&joining->part)) {
            joining->tokens->fill = joining->part.fill;
            return AUK_OK;
        }
    }
    if (code == AUK_OK)
        end_part(joining, beside);
    return code;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    struct joining joining = {.condition = state, .tokens = tokens};
    struct asked asked = {.tokens = tokens};
    auk_code code = AUK_OK;
    bool was_meant = false;
    auk_tokens_init(&joining.part);
    auk_tokens_share(&joining.part, tokens);
    for (size_t i = 0; code == AUK_OK && i < tokens->count && !auk_tokens_is_full(tokens);) {
        size_t end = i;
        while (end < tokens->count && is_meant(state, &tokens->items[end], &asked))
            end++;
        if (end > i)
            code = filter_run(&joining, scratch, i, end, err);
        else
            pass(&joining, &tokens->items[i]);
        was_meant = end > i;
        i = was_meant ? end : i + 1;
    }
    auk_tokens_deinit(&joining.part);
    if (code != AUK_OK)
        return code;
    tokens->end_position =
        joining.next_out + (was_meant ? joining.holes : tokens->end_position - joining.next_in);
    auk_tokens_swap(tokens, joining.count);
    return AUK_OK;
}

static const char *const settings[] = {"filter", "script", "script.source", "script.lang", NULL};
static const char *const predicate_settings[] = {"script", "script.source", "script.lang", NULL};

const auk_component_type auk_filter_condition = {
    .name = "condition",
    .settings = settings,
    .compile = compile,
    .bind = bind,
    .filter = run,
};

const auk_component_type auk_filter_predicate_token_filter = {
    .name = "predicate_token_filter",
    .settings = predicate_settings,
    .compile = compile_predicate,
    .filter = run_predicate,
};
