#include "unicode.h"

#include <pthread.h>
#include <string.h>
#include <unicode/uchar.h>
#include <unicode/uscript.h>

#include "auk/analyzer.h"
#include "auk/utf8.h"
#include "utf16.h"

#define HIGH_BITS UINT64_C(0x8080808080808080)

size_t auk_unicode_ascii_prefix(const char *text, size_t size)
{
    size_t at = 0;
    while (size - at >= 32) {
        uint64_t words[4];
        memcpy(words, text + at, sizeof words);
        if ((words[0] | words[1] | words[2] | words[3]) & HIGH_BITS)
            break;
        at += 32;
    }
    while (at < size && (uint8_t)text[at] < 0x80)
        at++;
    return at;
}

size_t auk_unicode_units(auk_span text)
{
    return auk_utf8_utf16_length(text);
}

size_t auk_unicode_count(auk_span text)
{
    size_t count = 0;
    for (size_t i = 0; i < text.size; i++)
        count += !auk_unicode_continues(text.data[i]);
    return count;
}

size_t auk_unicode_cut_units(auk_span text, size_t units)
{
    const char *end = text.data + text.size;
    size_t at = 0;
    while (at < text.size) {
        uint32_t character;
        size_t bytes = auk_unicode_next(text.data + at, end, &character);
        size_t needs = character > 0xffff ? 2 : 1;
        if (needs > units)
            break;
        units -= needs;
        at += bytes;
    }
    return at;
}

bool auk_unicode_is_letter(uint32_t character)
{
    return u_isalpha((UChar32)character);
}

bool auk_unicode_is_white_space(uint32_t character)
{
    return u_isWhitespace((UChar32)character);
}

bool auk_text_is_lowercase(auk_span text)
{
    const char *end = text.data + text.size;
    uint32_t character;
    for (const char *at = text.data; at < end;) {
        at += auk_unicode_next(at, end, &character);
        if (auk_unicode_lower(character) != character)
            return false;
    }
    return true;
}

auk_span auk_text_lowercase(auk_span text, auk_arena *arena)
{
    auk_utf16 from = {0}, to = {0};
    auk_buffer lowered;
    if (auk_text_is_lowercase(text))
        return text;
    auk_buffer_init(&lowered, AUK_BUFFER_NO_LIMIT);
    auk_utf16_read(&from, text);
    auk_utf16_change_case(&from, &to, false);
    auk_utf16_write(&to, &lowered);
    auk_span copy = auk_arena_copy(arena, auk_buffer_span(&lowered));
    auk_buffer_deinit(&lowered);
    auk_utf16_deinit(&from);
    auk_utf16_deinit(&to);
    return copy;
}

uint32_t auk_unicode_lower(uint32_t character)
{
    return (uint32_t)u_tolower((UChar32)character);
}

uint32_t auk_unicode_upper(uint32_t character)
{
    return (uint32_t)u_toupper((UChar32)character);
}

bool auk_unicode_is_word(uint32_t character)
{
    const uint32_t kinds = U_GC_M_MASK | U_GC_ND_MASK | U_GC_PC_MASK;
    return (U_GET_GC_MASK((UChar32)character) & kinds) != 0 ||
           u_isUAlphabetic((UChar32)character) ||
           u_hasBinaryProperty((UChar32)character, UCHAR_JOIN_CONTROL);
}

int auk_unicode_digit(uint32_t character)
{
    return u_charDigitValue((UChar32)character);
}

_Static_assert(AUK_SCRIPT_CJ == (int)USCRIPT_JAPANESE, "ICU's");
_Static_assert(AUK_SCRIPT_HANGUL == (int)USCRIPT_HANGUL, "ICU's");
_Static_assert(AUK_SCRIPT_THAI == (int)USCRIPT_THAI, "ICU's");

int auk_unicode_script(uint32_t character)
{
    UErrorCode status = U_ZERO_ERROR;
    UScriptCode script = uscript_getScript((UChar32)character, &status);
    if (script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA)
        return AUK_SCRIPT_CJ;
    return script;
}

int auk_unicode_script_by_name(auk_span name)
{
    char terminated[32];
    if (name.size >= sizeof terminated)
        return -1;
    memcpy(terminated, name.data, name.size);
    terminated[name.size] = '\0';
    int script = u_getPropertyValueEnum(UCHAR_SCRIPT, terminated);
    return script == USCRIPT_HAN || script == USCRIPT_HIRAGANA || script == USCRIPT_KATAKANA
               ? AUK_SCRIPT_CJ
               : script;
}

uint32_t auk_unicode_category(uint32_t character)
{
    return U_GET_GC_MASK((UChar32)character);
}

bool auk_unicode_is_punctuation(uint32_t character)
{
    return (auk_unicode_category(character) & U_GC_P_MASK) != 0;
}

bool auk_unicode_is_symbol(uint32_t character)
{
    return (auk_unicode_category(character) & U_GC_S_MASK) != 0;
}

static pthread_once_t lower_made = PTHREAD_ONCE_INIT;
static uint16_t lower_table[AUK_UNICODE_LOWER_COUNT];

static void make_lower_table(void)
{
    for (uint32_t i = 0; i < AUK_UNICODE_LOWER_COUNT; i++)
        lower_table[i] = (uint16_t)auk_unicode_lower(i); /* all of them below U+10000 */
}

const uint16_t *auk_unicode_lower_table(void)
{
    pthread_once(&lower_made, make_lower_table);
    return lower_table;
}
