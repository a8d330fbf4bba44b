#include "icu_pieces.h"

#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "lexicon/divide.h"
#include "lexicon/kinds.h"
#include "token_list.h"
#include "unicode.h"

enum { LONG_SOUND = 0x30fc }; /* of katakana, but its script is common */

struct run {
    auk_span text;
    size_t to;
    int script;
    const auk_word_kinds *kinds;
    const auk_lexicon *dictionary; /* NULL: none for the script */
    const auk_divide_script *southeast;
    auk_tokens *tokens;
};

/* The words of a stretch that a dictionary divides. */
struct stretch {
    const struct run *run;
    size_t start;
};

static auk_lexicon_id dictionary_of(int script)
{
    switch (script) {
    case AUK_SCRIPT_CJ:
        return AUK_LEXICON_CJ;
    case AUK_SCRIPT_THAI:
        return AUK_LEXICON_THAI;
    case USCRIPT_LAO:
        return AUK_LEXICON_LAO;
    case USCRIPT_KHMER:
        return AUK_LEXICON_KHMER;
    case USCRIPT_MYANMAR:
        return AUK_LEXICON_BURMESE;
    default:
        return AUK_LEXICON_COUNT;
    }
}

bool auk_icu_knows_script(int script)
{
    return dictionary_of(script) != AUK_LEXICON_COUNT;
}

/* Does a character join any run? Its script in any case. */
static bool joins(const auk_word_kinds *kinds, uint32_t character, int *script)
{
    if (character < AUK_WORD_KIND_CHARACTERS) {
        *script = kinds->script[character];
        return (kinds->in_any_run[character / 8] >> character % 8 & 1) != 0;
    }
    *script = auk_unicode_script(character);
    return *script <= AUK_SCRIPT_INHERITED || auk_unicode_category(character) == U_GC_MN_MASK;
}

size_t auk_icu_run_end(auk_span text, size_t at, int *script)
{
    const auk_word_kinds *kinds = auk_word_kinds_get();
    const char *end = text.data + text.size;
    *script = AUK_SCRIPT_INHERITED;
    while (at < text.size) {
        uint32_t character;
        int other;
        size_t bytes = auk_unicode_next(text.data + at, end, &character);
        if (!joins(kinds, character, &other) && other != *script && *script > AUK_SCRIPT_INHERITED)
            break;
        if (*script <= AUK_SCRIPT_INHERITED && other > AUK_SCRIPT_INHERITED)
            *script = other;
        at += bytes;
    }
    return at;
}

/* The kind of the character at a place, and its bytes. */
static auk_word_kind kind_at(const struct run *run, size_t at, size_t *bytes)
{
    uint32_t character;
    *bytes = auk_unicode_next(run->text.data + at, run->text.data + run->to, &character);
    if (character >= AUK_WORD_KIND_CHARACTERS)
        return AUK_WORD_KIND_RULES;
    auk_word_kind kind = run->kinds->kind[character];
    if (kind < AUK_WORD_KIND_CJ || run->kinds->script[character] == run->script ||
        (character == LONG_SOUND && run->script == AUK_SCRIPT_CJ))
        return kind;
    return AUK_WORD_KIND_RULES; /* of a script that is not the run's, as some marks are */
}

static void emit(const struct run *run, size_t start, size_t end, uint8_t type, uint8_t flags)
{
    auk_tokens *tokens = run->tokens;
    auk_token *token = auk_tokens_reserve(tokens, 1);
    *token = (auk_token){.text = run->text.data + start,
                         .size = (uint32_t)(end - start),
                         .start = (uint32_t)start,
                         .end = (uint32_t)end,
                         .position = tokens->end_position++,
                         .position_length = 1,
                         .type = type,
                         .flags = flags};
    tokens->count++;
}

static void emit_ideographic(void *context, uint32_t start, uint32_t end)
{
    const struct stretch *stretch = context;
    emit(stretch->run, stretch->start + start, stretch->start + end, AUK_TOKEN_IDEOGRAPHIC, 0);
}

static void emit_letters(void *context, uint32_t start, uint32_t end)
{
    const struct stretch *stretch = context;
    emit(stretch->run, stretch->start + start, stretch->start + end, AUK_TOKEN_ALPHANUM, 0);
}

/* From a digit on: digits, and single signs between two of them. */
static size_t number_end(const struct run *run, size_t at)
{
    size_t bytes, more;
    while (at < run->to) {
        auk_word_kind kind = kind_at(run, at, &bytes);
        if (kind == AUK_WORD_KIND_BETWEEN && at + bytes < run->to &&
            kind_at(run, at + bytes, &more) == AUK_WORD_KIND_DIGIT)
            bytes += more;
        else if (kind != AUK_WORD_KIND_DIGIT)
            break;
        at += bytes;
    }
    return at;
}

static void emit_number(const struct run *run, size_t start, size_t end)
{
    bool is_ascii = auk_unicode_is_ascii((auk_span){run->text.data + start, end - start});
    emit(run, start, end, AUK_TOKEN_NUM, is_ascii ? AUK_TOKEN_ASCII : 0);
}

/* Divides the characters from a place on that are the dictionary's. False: it is ICU's. */
static bool cut_stretch(const struct run *run, size_t start, size_t *end)
{
    size_t at = start, bytes = 0;
    auk_word_kind kind = AUK_WORD_KIND_SIGN;
    while (at < run->to && (kind = kind_at(run, at, &bytes)) >= AUK_WORD_KIND_CJ)
        at += bytes;
    if (!run->dictionary || kind == AUK_WORD_KIND_RULES)
        return false;
    struct stretch stretch = {run, start};
    auk_span text = {run->text.data + start, at - start};
    if (run->southeast)
        auk_divide_southeast(run->dictionary, run->southeast, text, emit_letters, &stretch);
    else
        auk_divide_cj(run->dictionary, text, emit_ideographic, &stretch);
    *end = at;
    return true;
}

/* The piece from *place on; moves there. False: it is ICU's. */
static bool cut_piece(const struct run *run, size_t *place)
{
    size_t at = *place, bytes, fresh = at; /* where nothing in front can be joined with */
    while (at < run->to) {
        auk_word_kind kind = kind_at(run, at, &bytes);
        if (kind == AUK_WORD_KIND_SIGN && at > *place)
            break;
        if (kind == AUK_WORD_KIND_RULES || (kind == AUK_WORD_KIND_MARK && at != fresh))
            return false;
        if (kind == AUK_WORD_KIND_DIGIT) {
            size_t end = number_end(run, at);
            emit_number(run, at, end);
            at = end;
        } else if (kind >= AUK_WORD_KIND_CJ) {
            if (!cut_stretch(run, at, &at))
                return false;
        } else {
            at += bytes;
            fresh = kind == AUK_WORD_KIND_SIGN ? at : fresh;
        }
    }
    *place = at;
    return true;
}

size_t auk_icu_cut_pieces(auk_span text, size_t from, size_t to, int script, auk_tokens *tokens)
{
    auk_lexicon_id id = dictionary_of(script);
    struct run run = {.text = text,
                      .to = to,
                      .script = script,
                      .kinds = auk_word_kinds_get(),
                      .dictionary = auk_lexicon_get(id),
                      .southeast = auk_divide_script_of(id),
                      .tokens = tokens};
    while (from < to) {
        size_t count = tokens->count;
        uint32_t position = tokens->end_position;
        if (!cut_piece(&run, &from)) {
            tokens->count = count;
            tokens->end_position = position;
            break;
        }
    }
    return from;
}

/* Where the piece ends, and whether it is ICU's. */
static size_t piece_end(const struct run *run, size_t from, bool *rules)
{
    size_t at = from, bytes;
    *rules = false;
    while (at < run->to) {
        auk_word_kind kind = kind_at(run, at, &bytes);
        if (kind == AUK_WORD_KIND_SIGN && at > from)
            break;
        *rules |= kind == AUK_WORD_KIND_RULES;
        at += bytes;
    }
    return at;
}

size_t auk_icu_skip_pieces(auk_span text, size_t from, size_t to, int script)
{
    struct run run = {.text = text, .to = to, .script = script, .kinds = auk_word_kinds_get()};
    bool rules;
    size_t at = piece_end(&run, from, &rules);
    while (at < to) {
        size_t end = piece_end(&run, at, &rules);
        if (!rules)
            break;
        at = end;
    }
    return at;
}
