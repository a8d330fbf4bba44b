#include "kinds.h"

#include <pthread.h>
#include <unicode/uchar.h>
#include <unicode/unorm2.h>
#include <unicode/uscript.h>

#include "unicode.h"

auk_word_kinds auk_word_kinds_table;

static bool has_dictionary(UScriptCode script)
{
    return script == USCRIPT_THAI || script == USCRIPT_LAO || script == USCRIPT_KHMER ||
           script == USCRIPT_MYANMAR;
}

/* Characters for which Line_Break asks for a dictionary. */
static auk_word_kind complex_kind(UChar32 character, UScriptCode script, int word_break)
{
    bool is_mark = (U_GET_GC_MASK(character) & U_GC_M_MASK) != 0;
    if (!has_dictionary(script) || character < 0x800)
        return AUK_WORD_KIND_RULES;
    if (is_mark && word_break == U_WB_EXTEND)
        return AUK_WORD_KIND_MARK;
    return !is_mark && word_break == U_WB_OTHER ? AUK_WORD_KIND_COMPLEX_SCRIPT
                                                : AUK_WORD_KIND_RULES;
}

/* ICU divides the composed form, and calls a word what is an ideograph or kana. */
static auk_word_kind cj_kind(UChar32 character, UScriptCode script, int word_break)
{
    bool is_word =
        u_hasBinaryProperty(character, UCHAR_IDEOGRAPHIC) || script == USCRIPT_HIRAGANA ||
        (script == USCRIPT_KATAKANA && word_break == U_WB_KATAKANA) || character == 0x30fc;
    bool is_composed = u_getIntPropertyValue(character, UCHAR_NFKC_QUICK_CHECK) == UNORM_YES &&
                       u_getCombiningClass(character) == 0;
    bool is_known = word_break == U_WB_OTHER || word_break == U_WB_KATAKANA;
    return is_word && is_composed && is_known && character >= 0x800 ? AUK_WORD_KIND_CJ
                                                                    : AUK_WORD_KIND_RULES;
}

static auk_word_kind rule_kind(UChar32 character, int word_break)
{
    switch (word_break) {
    case U_WB_OTHER:
    case U_WB_CR:
    case U_WB_LF:
    case U_WB_NEWLINE:
    case U_WB_WSEGSPACE:
        return character == '@' ? AUK_WORD_KIND_RULES : AUK_WORD_KIND_SIGN; /* a letter to some */
    case U_WB_MIDLETTER:
    case U_WB_DOUBLE_QUOTE:
        return AUK_WORD_KIND_QUIET;
    case U_WB_MIDNUM:
    case U_WB_MIDNUMLET:
    case U_WB_SINGLE_QUOTE:
        return AUK_WORD_KIND_BETWEEN;
    case U_WB_NUMERIC:
        return AUK_WORD_KIND_DIGIT;
    default:
        return AUK_WORD_KIND_RULES;
    }
}

static auk_word_kind kind_of(UChar32 character, UScriptCode script)
{
    int word_break = u_getIntPropertyValue(character, UCHAR_WORD_BREAK);
    if (u_getIntPropertyValue(character, UCHAR_LINE_BREAK) == U_LB_COMPLEX_CONTEXT)
        return complex_kind(character, script, word_break);
    if (script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA ||
        character == 0x30fc)
        return cj_kind(character, script, word_break);
    if (u_hasBinaryProperty(character, UCHAR_EXTENDED_PICTOGRAPHIC) ||
        u_hasBinaryProperty(character, UCHAR_IDEOGRAPHIC) ||
        (character >= 0x80 && u_hasBinaryProperty(character, UCHAR_EMOJI)) ||
        (u_charDigitValue(character) >= 0 && word_break != U_WB_NUMERIC))
        return AUK_WORD_KIND_RULES;
    return rule_kind(character, word_break);
}

static void make(void)
{
    auk_word_kinds *table = &auk_word_kinds_table;
    for (UChar32 i = 0; i < AUK_WORD_KIND_CHARACTERS; i++) {
        UErrorCode status = U_ZERO_ERROR;
        UScriptCode script = uscript_getScript(i, &status);
        bool in_any_run = script <= USCRIPT_INHERITED || u_charType(i) == U_NON_SPACING_MARK;
        table->kind[i] = (uint8_t)kind_of(i, script);
        table->script[i] = (uint8_t)auk_unicode_script((uint32_t)i);
        table->in_any_run[i / 8] |= (uint8_t)(in_any_run << i % 8);
    }
}

const auk_word_kinds *auk_word_kinds_get(void)
{
    static pthread_once_t made = PTHREAD_ONCE_INIT;
    pthread_once(&made, make);
    return &auk_word_kinds_table;
}
