/* pattern_replace: what a regular expression finds in the text, replaced. */
#include "auk/buffer.h"
#include "auk/error.h"
#include "char_filters.h"
#include "regex.h"
#include "scratch.h"

typedef struct pattern_state {
    const auk_regex *regex;
    const auk_replacement *replacement;
} pattern_state;

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    pattern_state *pattern = AUK_ARENA_NEW(definition->arena, pattern_state);
    *state = pattern;
    auk_span text = auk_definition_text(definition, "pattern", AUK_SPAN(""));
    if (text.size == 0)
        return auk_fail(err, AUK_INVALID,
                        "pattern is missing for [%.*s] char filter of type 'pattern_replace'",
                        AUK_SPAN_ARG(definition->name));
    auk_code code = auk_regex_compile(definition->arena, text,
                                      auk_definition_text(definition, "flags", AUK_SPAN("")),
                                      &pattern->regex, err);
    if (code == AUK_OK)
        code = auk_replacement_parse(definition->arena, pattern->regex,
                                     auk_definition_text(definition, "replacement", AUK_SPAN("")),
                                     &pattern->replacement, err);
    return code;
}

static auk_code replace_all(const pattern_state *pattern, auk_matcher *matcher,
                            auk_rewrite *rewrite, auk_buffer *out, auk_error *err)
{
    auk_span text = rewrite->text;
    uint32_t copied = 0, start, end;
    bool found;
    auk_code code = auk_matcher_start(matcher, text, err);
    if (code == AUK_OK)
        code = auk_matcher_find(matcher, &found, err);
    while (code == AUK_OK && found && auk_matcher_group(matcher, 0, &start, &end)) {
        auk_buffer_append(out, auk_span_make(text.data + copied, start - copied));
        size_t at = out->size;
        auk_replacement_append(pattern->replacement, matcher, text, out);
        auk_rewrite_replaced(rewrite, auk_span_make(text.data + start, end - start), start,
                             auk_span_make(out->data + at, out->size - at), at);
        copied = end;
        code = auk_matcher_find(matcher, &found, err);
    }
    if (code == AUK_OK && out->size + copied > 0) {
        auk_buffer_append(out, auk_span_from(text, copied));
        rewrite->text = auk_arena_copy(rewrite->arena, auk_buffer_span(out));
    }
    return code;
}

static auk_code run(const void *state, auk_rewrite *rewrite, auk_error *err)
{
    const pattern_state *pattern = state;
    auk_matcher *matcher;
    auk_buffer *out = &rewrite->scratch->text;
    auk_buffer_reset(out);
    auk_code code = auk_regex_matcher(pattern->regex, rewrite->scratch, &matcher, err);
    if (code == AUK_OK)
        code = replace_all(pattern, matcher, rewrite, out, err);
    if (code == AUK_OK && auk_buffer_status(out) != AUK_OK)
        return auk_fail(err, AUK_TOO_LARGE, "text too long behind char filter [pattern_replace]");
    return code;
}

static const char *const settings[] = {"pattern", "flags", "replacement", NULL};

const auk_component_type auk_char_filter_pattern_replace = {
    .name = "pattern_replace",
    .flags = AUK_COMPONENT_NORMALIZING,
    .settings = settings,
    .compile = compile,
    .rewrite = run,
};
