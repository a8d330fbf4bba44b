/* icu_folding: case, accents, widths, digits and variants of letters that searchers ignore. */
#include "auk/error.h"
#include "auk/utf8.h"
#include "filters.h"
#include "icu_fold_table.h"
#include "normalizer.h"
#include "scratch.h"
#include "token_list.h"
#include "unicode.h"

typedef struct folding_state {
    const auk_normalizer *fold;      /* case and compatibility */
    const auk_normalizer *decompose; /* to letters and marks */
    const auk_normalizer *compose;
    const struct auk_character_filter *filter; /* NULL: all characters */
} folding_state;

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    folding_state *folding = AUK_ARENA_NEW(definition->arena, folding_state);
    *state = folding;
    auk_code code = auk_normalizer_get(definition->arena, "nfkc_cf", true, &folding->fold, err);
    if (code == AUK_OK)
        code = auk_normalizer_get(definition->arena, "nfc", false, &folding->decompose, err);
    if (code == AUK_OK)
        code = auk_normalizer_get(definition->arena, "nfc", true, &folding->compose, err);
    return code == AUK_OK ? auk_character_filter_compile(definition, &folding->filter, err) : code;
}

/* Letters and marks through the table, into out. */
static void map(auk_span text, auk_buffer *out)
{
    const char *end = text.data + text.size;
    for (const char *at = text.data; at < end;) {
        uint32_t character;
        const char *begin = at;
        at += auk_unicode_next(at, end, &character);
        const char *folded = auk_icu_fold_find(character);
        int digit = folded ? -1 : auk_unicode_digit(character);
        if (folded)
            auk_buffer_append_text(out, folded);
        else if (digit >= 0)
            auk_buffer_append_byte(out, (char)('0' + digit));
        else
            auk_buffer_append(out, auk_span_make(begin, (size_t)(at - begin)));
    }
}

/* Appends text, folded, to out; work is for the steps between. */
static auk_code fold(const folding_state *folding, auk_analyzer_scratch *scratch, auk_span text,
                     auk_buffer *work, auk_buffer *out, auk_error *err)
{
    auk_utf16 *wide = &scratch->wide[0], *next = &scratch->wide[1];
    auk_utf16_read(wide, text);
    auk_code code = auk_normalizer_run(folding->fold, wide, next, err);
    if (code == AUK_OK)
        code = auk_normalizer_run(folding->decompose, next, wide, err);
    if (code != AUK_OK)
        return code;
    auk_buffer_reset(work);
    auk_utf16_write(wide, work);
    size_t letters = work->size;
    auk_buffer_reserve(work,
                       letters * 16 + 16); /* the table's texts are short: it stays in place */
    auk_span decomposed = {work->data, letters};
    map(decomposed, work);
    auk_utf16_read(wide, auk_span_make(work->data + letters, work->size - letters));
    code = auk_normalizer_run(folding->compose, wide, next, err);
    if (code == AUK_OK)
        auk_utf16_write(next, out);
    return code;
}

/* The longest front whose characters are all in the filter's set, or all not. */
static size_t front(const folding_state *folding, auk_span text, bool *folds)
{
    const char *end = text.data + text.size, *at = text.data;
    uint32_t character;
    *folds = true;
    if (!folding->filter)
        return text.size;
    auk_unicode_next(at, end, &character);
    *folds = auk_character_filter_has(folding->filter, character);
    while (at < end) {
        size_t bytes = auk_unicode_next(at, end, &character);
        if (auk_character_filter_has(folding->filter, character) != *folds)
            break;
        at += bytes;
    }
    return (size_t)(at - text.data);
}

/* ASCII that folding leaves as it is. */
static bool is_plain(const auk_token *token)
{
    for (size_t i = 0; i < token->size; i++) {
        uint8_t byte = (uint8_t)token->text[i];
        if (byte >= 0x80 || (uint8_t)(byte - 'A') < 26 || byte == '^' || byte == '`')
            return false;
    }
    return true;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    const folding_state *folding = state;
    auk_buffer work;
    auk_code code = AUK_OK;
    auk_buffer_init(&work, AUK_BUFFER_NO_LIMIT);
    for (size_t i = 0; code == AUK_OK && i < tokens->count; i++) {
        auk_token *token = &tokens->items[i];
        if (is_plain(token))
            continue;
        auk_buffer_reset(&scratch->text);
        for (auk_span rest = auk_token_text(token); code == AUK_OK && rest.size > 0;) {
            bool folds;
            auk_span part = {rest.data, front(folding, rest, &folds)};
            if (folds)
                code = fold(folding, scratch, part, &work, &scratch->text, err);
            else
                auk_buffer_append(&scratch->text, part);
            rest = auk_span_from(rest, part.size);
        }
        auk_tokens_set_text(tokens, token, auk_buffer_span(&scratch->text));
    }
    auk_buffer_deinit(&work);
    return code;
}

static const char *const settings[] = {"unicode_set_filter", NULL};

const auk_component_type auk_filter_icu_folding = {
    .name = "icu_folding",
    .flags = AUK_COMPONENT_PREBUILT | AUK_COMPONENT_NORMALIZING,
    .settings = settings,
    .compile = compile,
    .filter = run,
};
