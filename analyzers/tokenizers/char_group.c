/* char_group: cuts at characters of a set. */
#include "auk/error.h"
#include "auk/utf8.h"
#include "character_class.h"
#include "token_list.h"
#include "tokenizers.h"
#include "unicode.h"

enum { DEFAULT_LENGTH = 255, MOST_LENGTH = 1024 * 1024 };

typedef struct group_state {
    auk_character_class cuts;
    uint32_t max_length; /* UTF-16 units */
} group_state;

/* "-", "\n", "\u2014". */
static bool read_character(auk_span text, uint32_t *character)
{
    if (auk_utf8_decode(text, character) == text.size && text.size > 0)
        return true;
    if (text.size < 2 || text.data[0] != '\\')
        return false;
    if (text.size == 2) {
        static const char letters[] = "\\tnrbf0", meant[] = "\\\t\n\r\b\f";
        const char *letter = memchr(letters, text.data[1], sizeof letters - 1);
        *character = letter ? (uint32_t)meant[letter - letters] : 0;
        return letter != NULL;
    }
    *character = 0;
    if (text.data[1] != 'u' || text.size != 6)
        return false;
    for (size_t i = 2; i < 6; i++) {
        char digit = (char)(text.data[i] | 0x20);
        if (!((digit >= '0' && digit <= '9') || (digit >= 'a' && digit <= 'f')))
            return false;
        *character = *character << 4 | (uint32_t)(digit <= '9' ? digit - '0' : digit - 'a' + 10);
    }
    return true;
}

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    group_state *group = AUK_ARENA_NEW(definition->arena, group_state);
    int64_t length;
    auk_code code = auk_definition_int(definition, "max_token_length", DEFAULT_LENGTH, 1,
                                       MOST_LENGTH, &length, err);
    if (code != AUK_OK)
        return code;
    const auk_setting *on = auk_definition_find(definition, "tokenize_on_chars");
    for (uint32_t i = 0; on && i < on->count; i++) {
        auk_span name = on->values[i];
        uint32_t character;
        if (name.size == 0)
            return auk_fail(err, AUK_INVALID,
                            "[tokenize_on_chars] cannot contain empty characters");
        if (read_character(name, &character))
            auk_character_class_add(&group->cuts, definition->arena, character);
        else if (name.data[0] == '\\')
            return auk_fail(err, AUK_INVALID, "Invalid escaped char in [%.*s]", AUK_SPAN_ARG(name));
        else if (!auk_character_class_add_name(&group->cuts, name))
            return auk_fail(err, AUK_INVALID, "Invalid escaped char in [%.*s]", AUK_SPAN_ARG(name));
    }
    auk_character_class_finish(&group->cuts);
    group->max_length = (uint32_t)length;
    *state = group;
    return AUK_OK;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_span text,
                    auk_tokens *tokens, auk_error *err)
{
    (void)scratch, (void)err;
    const group_state *group = state;
    const char *end = text.data + text.size;
    size_t start = 0, units = 0;
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        size_t bytes = auk_unicode_next(text.data + at, end, &character);
        bool cuts = auk_character_class_has(&group->cuts, character);
        if (!cuts) {
            start = units == 0 ? at : start;
            units += character > 0xffff ? 2 : 1;
        }
        if (units > 0 && (cuts || units >= group->max_length)) {
            auk_tokens_add_word(tokens, text, start, cuts ? at : at + bytes);
            units = 0;
        }
        at += bytes;
    }
    if (units > 0)
        auk_tokens_add_word(tokens, text, start, text.size);
    return AUK_OK;
}

static const char *const settings[] = {"tokenize_on_chars", "max_token_length", NULL};

const auk_component_type auk_tokenizer_char_group = {
    .name = "char_group",
    .settings = settings,
    .compile = compile,
    .tokenize = run,
};
