#include "word_break.h"

#include <pthread.h>
#include <stdlib.h>
#include <string.h>
#include <unicode/ubrk.h>
#include <unicode/uchar.h>
#include <unicode/ustring.h>
#include <unicode/utext.h>

#include "auk/log.h"
#include "scratch.h"
#include "utf16.h"

/*
 * Each rule is one kind of word; ICU takes the longest match, and of equally long ones the highest
 * number in braces, so the order of the numbers is the order in which kinds win. Without "!!chain"
 * a word is what one rule matches, no more. What no rule matches is one character with number 0.
 *
 * X is WB4: marks, formats and joiners belong to the character before them. UAX #29 numbers:
 *   Letters  WB5-7, Hebrew WB7a-c, Numbers WB8, WB11, WB12, Katakana WB13, Join WB13a-b.
 * Emoji are UTS #51's emoji_sequence in place of WB3c, WB15 and WB16, as one word each.
 */
static const char rules[] =
    "!!quoted_literals_only;"
    "$X = [\\p{Word_Break=Extend}\\p{Word_Break=Format}\\p{Word_Break=ZWJ}];"
    "$Letter = [\\p{Word_Break=ALetter}\\p{Word_Break=Hebrew_Letter}] $X*;"
    "$Hebrew = [\\p{Word_Break=Hebrew_Letter}] $X*;"
    "$Digit = [\\p{Word_Break=Numeric}[\\p{Block=Halfwidth_And_Fullwidth_Forms}&\\p{Nd}]] $X*;"
    "$Kana = [\\p{Word_Break=Katakana}] $X*;"
    "$Join = [\\p{Word_Break=ExtendNumLet}] $X*;"
    "$MidLetter = [$Mid\\p{Word_Break=MidNumLet}\\p{Word_Break=Single_Quote}] $X*;"
    "$MidDigit = [\\p{Word_Break=MidNum}\\p{Word_Break=MidNumLet}\\p{Word_Break=Single_Quote}] $X*;"
    "$Single = [\\p{Word_Break=Single_Quote}] $X*;"
    "$Double = [\\p{Word_Break=Double_Quote}] $X*;"

    "$Letters = $Letter (($Join* | $MidLetter) $Letter)*;"
    "$Numbers = $Digit (($Join* | $MidDigit) $Digit)*;"
    "$HebrewQuote = $Hebrew ($Single | $Double $Hebrew);"
    "$Part = $Kana ($Join* $Kana)* | ($HebrewQuote | $Numbers | $Letters)+;"

    "$HangulLetter = [\\p{Script=Hangul}&[\\p{Word_Break=ALetter}\\p{Word_Break=Hebrew_Letter}]];"

    "$Quiet = [$X - [\\uFE0E\\uFE0F]];"
    "$ZWJ = [\\p{Word_Break=ZWJ}];"
    "$Flag = [\\p{Word_Break=Regional_Indicator}];"
    "$KeyBase = [0-9 \\u0023 \\u002A];"
    "$Tone = [\\p{Emoji_Modifier}];"
    "$Plain = [\\u00A9 \\u00AE \\u2122 \\u3030 \\u303D];"
    "$Picture = [\\p{Extended_Pictographic}[\\p{Emoji} - [$Flag $KeyBase $Plain $Tone]]];"
    "$Emoji = $ZWJ* $Picture $Quiet* \\uFE0F?"
    "       | ($ZWJ* [\\p{Emoji_Modifier_Base}] $Quiet*)? $Tone $Quiet*;"

    "$Emoji (($ZWJ $Emoji)* | [\\U000E0020-\\U000E007E]+ \\U000E007F) {800};"
    "$KeyBase $Quiet* \\uFE0F? \\u20E3 $Quiet* {800};"
    "$Flag $X* $Flag $X* {800};"
    "$Join* $Numbers $Join* {700};"
    "($HangulLetter $X*)+ {600};"
    "$Kana+ {500};"
    "$Join* $Part ($Join+ $Part)* $Join* {400};"
    "([\\p{Line_Break=Complex_Context}] $X*)+ {300};"
    "[\\p{Script=Han}] $X* {200};"
    "[\\p{Script=Hiragana}] $X* {100};";

/* In front of the rules. With dictionaries, a colon joins nothing. */
static const char plain[] = "$Mid = [\\p{Word_Break=MidLetter}];";
static const char dictionary[] = "$dictionary = [\\p{Line_Break=Complex_Context}];"
                                 "$Mid = [\\p{Word_Break=MidLetter} - [\\u003A\\uFE55\\uFF1A]];";

/* By a rule's number in hundreds. */
static const uint8_t types[AUK_WORD_BREAK_KINDS][9] = {
    [AUK_WORD_BREAK_PLAIN] = {AUK_TOKEN_WORD, AUK_TOKEN_HIRAGANA, AUK_TOKEN_IDEOGRAPHIC,
                              AUK_TOKEN_SOUTHEAST_ASIAN, AUK_TOKEN_ALPHANUM, AUK_TOKEN_KATAKANA,
                              AUK_TOKEN_HANGUL, AUK_TOKEN_NUM, AUK_TOKEN_EMOJI},
    [AUK_WORD_BREAK_DICTIONARY] = {AUK_TOKEN_WORD, AUK_TOKEN_HIRAGANA, AUK_TOKEN_IDEOGRAPHIC,
                                   AUK_TOKEN_ALPHANUM, AUK_TOKEN_ALPHANUM, AUK_TOKEN_KATAKANA,
                                   AUK_TOKEN_HANGUL, AUK_TOKEN_NUM, AUK_TOKEN_EMOJI},
    [AUK_WORD_BREAK_CJK] = {AUK_TOKEN_WORD, AUK_TOKEN_NUM, AUK_TOKEN_ALPHANUM, AUK_TOKEN_KATAKANA,
                            AUK_TOKEN_IDEOGRAPHIC},
};

struct auk_word_break {
    auk_word_break_kind kind;
    UBreakIterator *iterator;
    UText text;
    int32_t before;

    /* With dictionaries ICU runs on UTF-16, which it reads faster; places are told in UTF-8. */
    auk_utf16 wide;
    auk_span narrow;
    int32_t unit; /* the same place in both */
    uint32_t byte;
};

static bool is_wide(const auk_word_break *breaker)
{
    return breaker->kind == AUK_WORD_BREAK_CJK || breaker->kind == AUK_WORD_BREAK_DICTIONARY;
}

static pthread_once_t compiled[AUK_WORD_BREAK_KINDS] = {PTHREAD_ONCE_INIT, PTHREAD_ONCE_INIT,
                                                        PTHREAD_ONCE_INIT};
/* Cloned, never run; they live as long as the process. */
static UBreakIterator *prototypes[AUK_WORD_BREAK_KINDS];
static UErrorCode compile_status[AUK_WORD_BREAK_KINDS];
static UParseError compile_place;

static void compile(auk_word_break_kind kind, const char *front)
{
    UChar text[sizeof dictionary + sizeof rules];
    int32_t size = (int32_t)strlen(front);
    u_charsToUChars(front, text, size);
    u_charsToUChars(rules, text + size, (int32_t)sizeof rules);
    compile_status[kind] = U_ZERO_ERROR;
    prototypes[kind] = ubrk_openRules(text, size + (int32_t)sizeof rules - 1, NULL, 0,
                                      &compile_place, &compile_status[kind]);
}

static void compile_plain(void)
{
    compile(AUK_WORD_BREAK_PLAIN, plain);
}

static void compile_dictionary(void)
{
    compile(AUK_WORD_BREAK_DICTIONARY, dictionary);
}

static void open_cjk(void)
{
    UErrorCode *status = &compile_status[AUK_WORD_BREAK_CJK];
    *status = U_ZERO_ERROR;
    prototypes[AUK_WORD_BREAK_CJK] = ubrk_open(UBRK_WORD, "", NULL, 0, status);
}

static auk_code copy_of(const UBreakIterator *prototype, auk_word_break_kind kind,
                        auk_word_break **out, auk_error *err)
{
    UErrorCode status = U_ZERO_ERROR;
    UBreakIterator *iterator = ubrk_clone(prototype, &status);
    if (U_FAILURE(status))
        return auk_fail(err, AUK_IO, "ICU cannot clone the word rules: %s", u_errorName(status));
    auk_word_break *breaker = calloc(1, sizeof *breaker);
    if (!breaker)
        auk_fatal("no memory for a break iterator");
    breaker->kind = kind;
    breaker->iterator = iterator;
    breaker->text = (UText)UTEXT_INITIALIZER;
    *out = breaker;
    return AUK_OK;
}

auk_code auk_word_break_create(auk_word_break_kind kind, auk_word_break **out, auk_error *err)
{
    static void (*const make[])(void) = {compile_plain, compile_dictionary, open_cjk};
    pthread_once(&compiled[kind], make[kind]);
    if (U_FAILURE(compile_status[kind]))
        return auk_fail(err, AUK_IO, "ICU cannot compile the word rules: %s at %d:%d",
                        u_errorName(compile_status[kind]), compile_place.line,
                        compile_place.offset);

    return copy_of(prototypes[kind], kind, out, err);
}

struct auk_word_rules {
    uint64_t id;
    UBreakIterator *prototype;
};

static void close_prototype(void *iterator)
{
    ubrk_close(iterator);
}

auk_code auk_word_rules_compile(auk_arena *arena, auk_span text, const auk_word_rules **out,
                                auk_error *err)
{
    auk_utf16 wide = {0};
    UErrorCode status = U_ZERO_ERROR;
    UParseError place = {0};
    auk_utf16_read(&wide, text);
    UBreakIterator *prototype = ubrk_openRules(wide.units, wide.size, NULL, 0, &place, &status);
    auk_utf16_deinit(&wide);
    if (U_FAILURE(status))
        return auk_fail(err, AUK_INVALID, "%s at line %d, column %d", u_errorName(status),
                        place.line, place.offset);
    auk_arena_defer(arena, close_prototype, prototype);
    auk_word_rules *own = AUK_ARENA_NEW(arena, auk_word_rules);
    *own = (auk_word_rules){auk_scratch_new_id(), prototype};
    *out = own;
    return AUK_OK;
}

uint64_t auk_word_rules_id(const auk_word_rules *own)
{
    return own->id;
}

auk_code auk_word_break_of_rules(const auk_word_rules *own, auk_word_break **out, auk_error *err)
{
    return copy_of(own->prototype, AUK_WORD_BREAK_CUSTOM, out, err);
}

void auk_word_break_destroy(auk_word_break *breaker)
{
    if (!breaker)
        return;
    ubrk_close(breaker->iterator);
    utext_close(&breaker->text);
    auk_utf16_deinit(&breaker->wide);
    free(breaker);
}

auk_code auk_word_break_start(auk_word_break *breaker, auk_span text, auk_error *err)
{
    UErrorCode status = U_ZERO_ERROR;
    if (is_wide(breaker)) {
        auk_utf16_read(&breaker->wide, text);
        breaker->narrow = text;
        breaker->unit = 0;
        breaker->byte = 0;
        ubrk_setText(breaker->iterator, breaker->wide.units, breaker->wide.size, &status);
    } else {
        utext_openUTF8(&breaker->text, text.data, (int64_t)text.size, &status);
        ubrk_setUText(breaker->iterator, &breaker->text, &status);
    }
    if (U_FAILURE(status))
        return auk_fail(err, AUK_IO, "ICU cannot break words: %s", u_errorName(status));
    breaker->before = ubrk_first(breaker->iterator);
    return AUK_OK;
}

/* Where a unit, which is not in front of the one asked for last, stands in UTF-8. */
static uint32_t byte_of(auk_word_break *breaker, int32_t unit)
{
    const char *text = breaker->narrow.data;
    while (breaker->unit < unit) {
        uint8_t lead = (uint8_t)text[breaker->byte];
        breaker->byte += lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
        breaker->unit += lead < 0xf0 ? 1 : 2;
    }
    return breaker->byte;
}

/* ICU's stock rules have no number for emoji. */
static bool begins_emoji(auk_word_break *breaker, int32_t at)
{
    const uint16_t *units = breaker->wide.units + at;
    UChar32 character = units[0];
    if (character >> 10 == 0x36 && at + 1 < breaker->wide.size)
        character = 0x10000 + ((character & 0x3ff) << 10) + (units[1] & 0x3ff);
    return character > 0xff && u_hasBinaryProperty(character, UCHAR_EXTENDED_PICTOGRAPHIC);
}

/* The numbers that ICU's own rules give to words; any other is a word of letters. */
static uint8_t type_of_custom(int32_t status)
{
    switch (status) {
    case UBRK_WORD_NUMBER:
        return AUK_TOKEN_NUM;
    case UBRK_WORD_KANA:
        return AUK_TOKEN_KATAKANA;
    case UBRK_WORD_IDEO:
        return AUK_TOKEN_IDEOGRAPHIC;
    default:
        return AUK_TOKEN_ALPHANUM;
    }
}

static bool next_custom(auk_word_break *breaker, uint32_t *start, uint32_t *end, uint8_t *type)
{
    for (;;) {
        int32_t before = breaker->before, after = ubrk_next(breaker->iterator);
        if (after == UBRK_DONE)
            return false;
        breaker->before = after;
        int32_t status = ubrk_getRuleStatus(breaker->iterator);
        if (status == UBRK_WORD_NONE)
            continue;
        *start = (uint32_t)before;
        *end = (uint32_t)after;
        *type = type_of_custom(status);
        return true;
    }
}

bool auk_word_break_next(auk_word_break *breaker, uint32_t *start, uint32_t *end, uint8_t *type)
{
    if (breaker->kind == AUK_WORD_BREAK_CUSTOM)
        return next_custom(breaker, start, end, type);
    for (;;) {
        int32_t after = ubrk_next(breaker->iterator);
        if (after == UBRK_DONE)
            return false;
        int32_t before = breaker->before;
        int32_t kind = ubrk_getRuleStatus(breaker->iterator) / 100;
        breaker->before = after;
        if (kind == 0 && !(breaker->kind == AUK_WORD_BREAK_CJK && begins_emoji(breaker, before)))
            continue;
        *start = is_wide(breaker) ? byte_of(breaker, before) : (uint32_t)before;
        *end = is_wide(breaker) ? byte_of(breaker, after) : (uint32_t)after;
        *type = kind == 0 ? AUK_TOKEN_EMOJI : types[breaker->kind][kind];
        return true;
    }
}
