/*
 * icu_tokenizer: words of all scripts, also of those that write no spaces.
 *
 * The text is cut into runs of one script, marks and punctuation going with what stands before
 * them; Chinese and Japanese runs are cut by ICU's dictionary, the others by our rules and ICU's
 * dictionaries for Thai, Lao, Khmer and Burmese. Of runs that have a dictionary, ICU itself sees
 * only what icu_pieces.h cannot cut.
 */
#include <string.h>

#include "auk/error.h"
#include "icu_pieces.h"
#include "scratch.h"
#include "token_list.h"
#include "tokenizers.h"
#include "unicode.h"

/* "rule_files": rules for a script from a file. */
struct tailored {
    int script;
    const auk_word_rules *rules;
    const struct tailored *next;
};

typedef struct icu_state {
    const struct tailored *tailored;
} icu_state;

/* The file without the lines that begin with "#". */
static auk_span without_comments(auk_arena *arena, auk_span text)
{
    char *out = auk_arena_alloc(arena, text.size + 1);
    size_t size = 0;
    auk_span line;
    while (auk_span_cut(&text, '\n', &line)) {
        if (line.size > 0 && line.data[0] == '#')
            continue;
        memcpy(out + size, line.data, line.size);
        size += line.size;
        out[size++] = '\n';
    }
    return auk_span_make(out, size);
}

/* "Latn:latin.rbbi" */
static auk_code tailor(const auk_definition *definition, icu_state *icu, auk_span entry,
                       auk_error *err)
{
    auk_span script = {NULL, 0}, text;
    if (!memchr(entry.data, ':', entry.size) || entry.data[entry.size - 1] == ':')
        return auk_fail(err, AUK_INVALID,
                        "rule_files should contain comma-separated \"code:rulefile\" pairs");
    (void)auk_span_cut(&entry, ':', &script);
    struct tailored *own = AUK_ARENA_NEW(definition->arena, struct tailored);
    own->script = auk_unicode_script_by_name(script);
    if (own->script < 0)
        return auk_fail(err, AUK_INVALID, "failed to load ICU rule files: unknown script [%.*s]",
                        AUK_SPAN_ARG(script));
    auk_settings *settings = auk_settings_create();
    auk_settings_put(settings, AUK_SPAN("rule_files"), entry);
    auk_definition file = {.settings = settings, .arena = definition->arena};
    auk_code code = auk_definition_file(&file, "rule_files", &text, err);
    auk_settings_destroy(settings);
    if (code == AUK_OK)
        code = auk_word_rules_compile(definition->arena, without_comments(file.arena, text),
                                      &own->rules, err);
    own->next = icu->tailored;
    icu->tailored = own;
    return code == AUK_OK ? AUK_OK : auk_wrap(err, code, "failed to load ICU rule files");
}

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    icu_state *icu = AUK_ARENA_NEW(definition->arena, icu_state);
    size_t count;
    auk_span *files = auk_definition_list(definition, "rule_files", &count);
    *state = icu;
    auk_code code = AUK_OK;
    for (size_t i = 0; i < count && code == AUK_OK; i++)
        code = tailor(definition, icu, files[i], err);
    return code;
}

/* A word that ends in a digit is a number, as ICU's rules have it. */
static bool ends_in_digit(auk_span word)
{
    uint32_t character;
    size_t at = word.size - 1;
    while (at > 0 && auk_unicode_continues(word.data[at]))
        at--;
    auk_unicode_next(word.data + at, word.data + word.size, &character);
    return auk_unicode_digit(character) >= 0;
}

/* Signs that are emoji only when they say so, and tones of skin alone. */
static bool is_no_emoji(auk_span word)
{
    uint32_t character;
    size_t bytes = auk_unicode_next(word.data, word.data + word.size, &character);
    if (character >= 0x1f3fb && character <= 0x1f3ff)
        return true;
    return bytes == word.size && (character == 0xa9 || character == 0xae || character == 0x2122 ||
                                  character == 0x3030 || character == 0x303d);
}

static void destroy_breaker(void *breaker)
{
    auk_word_break_destroy(breaker);
}

/* Rules of a file for the script, or ours. */
static auk_code find_breaker(const icu_state *icu, auk_analyzer_scratch *scratch, int script,
                             auk_word_break **out, auk_error *err)
{
    const struct tailored *own = icu->tailored;
    while (own && own->script != script)
        own = own->next;
    if (!own)
        return auk_scratch_breaker(scratch,
                                   script == AUK_SCRIPT_CJ ? AUK_WORD_BREAK_CJK
                                                           : AUK_WORD_BREAK_DICTIONARY,
                                   out, err);
    *out = auk_scratch_local(scratch, auk_word_rules_id(own->rules));
    if (*out)
        return AUK_OK;
    auk_code code = auk_word_break_of_rules(own->rules, out, err);
    if (code == AUK_OK)
        auk_scratch_keep_local(scratch, auk_word_rules_id(own->rules), *out, destroy_breaker);
    return code;
}

static auk_code cut_by_icu(const icu_state *icu, auk_analyzer_scratch *scratch, auk_span text,
                           size_t from, size_t to, int script, auk_tokens *tokens, auk_error *err)
{
    auk_word_break *breaker;
    auk_code code = find_breaker(icu, scratch, script, &breaker, err);
    if (code == AUK_OK)
        code = auk_word_break_start(breaker, (auk_span){text.data + from, to - from}, err);
    uint32_t start, end;
    uint8_t type;
    while (code == AUK_OK && auk_word_break_next(breaker, &start, &end, &type)) {
        auk_span word = {text.data + from + start, end - start};
        if (type == AUK_TOKEN_EMOJI && is_no_emoji(word))
            continue;
        if (type == AUK_TOKEN_ALPHANUM && ends_in_digit(word))
            type = AUK_TOKEN_NUM;
        auk_token *token = auk_tokens_reserve(tokens, 1);
        if (script == AUK_SCRIPT_HANGUL && type == AUK_TOKEN_ALPHANUM)
            type = AUK_TOKEN_HANGUL;
        *token = (auk_token){.text = word.data,
                             .size = (uint32_t)word.size,
                             .start = (uint32_t)from + start,
                             .end = (uint32_t)from + end,
                             .position = tokens->end_position++,
                             .position_length = 1,
                             .type = type,
                             .flags = auk_unicode_is_ascii(word) ? AUK_TOKEN_ASCII : 0};
        tokens->count++;
    }
    return code;
}

static bool is_tailored(const icu_state *icu, int script)
{
    const struct tailored *own = icu->tailored;
    while (own && own->script != script)
        own = own->next;
    return own != NULL;
}

static auk_code cut_run(const icu_state *icu, auk_analyzer_scratch *scratch, auk_span text,
                        size_t from, size_t to, int script, auk_tokens *tokens, auk_error *err)
{
    if (!auk_icu_knows_script(script) || is_tailored(icu, script))
        return cut_by_icu(icu, scratch, text, from, to, script, tokens, err);
    auk_code code = AUK_OK;
    while (code == AUK_OK) {
        from = auk_icu_cut_pieces(text, from, to, script, tokens);
        if (from == to)
            break;
        size_t end = auk_icu_skip_pieces(text, from, to, script);
        code = cut_by_icu(icu, scratch, text, from, end, script, tokens, err);
        from = end;
    }
    return code;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                    auk_tokens *tokens, auk_error *err)
{
    auk_code code = AUK_OK;
    for (size_t at = 0; code == AUK_OK && at < text.size;) {
        int script;
        size_t end = auk_icu_run_end(text, at, &script);
        code = cut_run(state, scratch, text, at, end, script, tokens, err);
        at = end;
    }
    return code;
}

/* All of it by ICU: the other side of the differential test, no part of any index. */
static auk_code run_icu(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                        auk_tokens *tokens, auk_error *err)
{
    auk_code code = AUK_OK;
    for (size_t at = 0; code == AUK_OK && at < text.size;) {
        int script;
        size_t end = auk_icu_run_end(text, at, &script);
        code = cut_by_icu(state, scratch, text, at, end, script, tokens, err);
        at = end;
    }
    return code;
}

static const char *const settings[] = {"rule_files", NULL};

const auk_component_type auk_tokenizer_icu = {
    .name = "icu_tokenizer",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = compile,
    .tokenize = run,
};

const auk_component_type auk_tokenizer_icu_alone = {
    .name = "_icu_alone",
    .settings = settings,
    .compile = compile,
    .tokenize = run_icu,
};
