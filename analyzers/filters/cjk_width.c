/* cjk_width: ASCII in full width and katakana in half width as they usually are. */
#include <unicode/unorm2.h>

#include "auk/error.h"
#include "auk/utf8.h"
#include "filters.h"
#include "token_list.h"
#include "unicode.h"

enum {
    FULL_FIRST = 0xff01,
    FULL_LAST = 0xff5e,
    FULL_SHIFT = 0xfee0,
    HALF_FIRST = 0xff65,
    VOICED = 0xff9e,
    SEMI_VOICED = 0xff9f
};

/* U+FF65 to U+FF9F. */
static const uint16_t kana[] = {
    0x30fb, 0x30f2, 0x30a1, 0x30a3, 0x30a5, 0x30a7, 0x30a9, 0x30e3, 0x30e5, 0x30e7, 0x30c3, 0x30fc,
    0x30a2, 0x30a4, 0x30a6, 0x30a8, 0x30aa, 0x30ab, 0x30ad, 0x30af, 0x30b1, 0x30b3, 0x30b5, 0x30b7,
    0x30b9, 0x30bb, 0x30bd, 0x30bf, 0x30c1, 0x30c4, 0x30c6, 0x30c8, 0x30ca, 0x30cb, 0x30cc, 0x30cd,
    0x30ce, 0x30cf, 0x30d2, 0x30d5, 0x30d8, 0x30db, 0x30de, 0x30df, 0x30e0, 0x30e1, 0x30e2, 0x30e4,
    0x30e6, 0x30e8, 0x30e9, 0x30ea, 0x30eb, 0x30ec, 0x30ed, 0x30ef, 0x30f3, 0x3099, 0x309a,
};

static const UNormalizer2 *composer(void)
{
    UErrorCode status = U_ZERO_ERROR;
    const UNormalizer2 *nfc = unorm2_getNFCInstance(&status);
    return U_SUCCESS(status) ? nfc : NULL;
}

static void widen(auk_tokens *tokens, auk_token *token, const UNormalizer2 *nfc)
{
    char *room = auk_tokens_room(tokens, token->size);
    const char *end = token->text + token->size;
    size_t size = 0, last = 0; /* where the character before begins */
    uint32_t before = 0;
    bool changed = false, ascii = true;
    for (const char *at = token->text; at < end;) {
        uint32_t character, given;
        at += auk_unicode_next(at, end, &given);
        character = given;
        if (given >= FULL_FIRST && given <= FULL_LAST)
            character = given - FULL_SHIFT;
        else if (given >= HALF_FIRST && given <= SEMI_VOICED)
            character = kana[given - HALF_FIRST];
        changed |= character != given;
        if (given >= VOICED && given <= SEMI_VOICED && before >= 0x30a6 && before <= 0x30fd) {
            int32_t pair = nfc ? unorm2_composePair(nfc, (UChar32)before, (UChar32)character) : -1;
            if (pair >= 0) {
                size = last;
                character = (uint32_t)pair;
            }
        }
        last = size;
        before = character;
        ascii &= character < 0x80;
        size += auk_utf8_encode(character, room + size);
    }
    if (!changed)
        return;
    auk_tokens_keep(tokens, size);
    token->text = room;
    token->size = (uint32_t)size;
    if (ascii)
        token->flags |= AUK_TOKEN_ASCII;
}

static auk_code run(const void *state, auk_analyzer_scratch *scratch, auk_tokens *tokens,
                    auk_error *err)
{
    (void)state, (void)scratch, (void)err;
    const UNormalizer2 *nfc = composer();
    for (size_t i = 0; i < tokens->count; i++)
        if (!(tokens->items[i].flags & AUK_TOKEN_ASCII))
            widen(tokens, &tokens->items[i], nfc);
    return AUK_OK;
}

const auk_component_type auk_filter_cjk_width = {
    .name = "cjk_width",
    .flags = AUK_COMPONENT_PREBUILT | AUK_COMPONENT_NORMALIZING,
    .filter = run,
};
