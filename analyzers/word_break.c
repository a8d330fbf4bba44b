#include "word_break.h"

#include <pthread.h>
#include <stdlib.h>
#include <unicode/ubrk.h>
#include <unicode/ustring.h>
#include <unicode/utext.h>

#include "auk/log.h"

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
    "$MidLetter = [\\p{Word_Break=MidLetter}\\p{Word_Break=MidNumLet}\\p{Word_Break=Single_Quote}] "
    "$X*;"
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

static const uint8_t types[] = {
    AUK_TOKEN_WORD,     AUK_TOKEN_HIRAGANA, AUK_TOKEN_IDEOGRAPHIC, AUK_TOKEN_SOUTHEAST_ASIAN,
    AUK_TOKEN_ALPHANUM, AUK_TOKEN_KATAKANA, AUK_TOKEN_HANGUL,      AUK_TOKEN_NUM,
    AUK_TOKEN_EMOJI,
};

struct auk_word_break {
    UBreakIterator *iterator;
    UText text;
    int32_t before;
};

static pthread_once_t compiled = PTHREAD_ONCE_INIT;
static UBreakIterator *prototype; /* cloned, never run; lives as long as the process */
static UErrorCode compile_status;
static UParseError compile_place;

static void compile(void)
{
    UChar text[sizeof rules];
    u_charsToUChars(rules, text, (int32_t)sizeof rules);
    compile_status = U_ZERO_ERROR;
    prototype =
        ubrk_openRules(text, (int32_t)sizeof rules - 1, NULL, 0, &compile_place, &compile_status);
}

auk_code auk_word_break_create(auk_word_break **out, auk_error *err)
{
    pthread_once(&compiled, compile);
    if (U_FAILURE(compile_status))
        return auk_fail(err, AUK_IO, "ICU cannot compile the word rules: %s at %d:%d",
                        u_errorName(compile_status), compile_place.line, compile_place.offset);

    UErrorCode status = U_ZERO_ERROR;
    UBreakIterator *iterator = ubrk_clone(prototype, &status);
    if (U_FAILURE(status))
        return auk_fail(err, AUK_IO, "ICU cannot clone the word rules: %s", u_errorName(status));
    auk_word_break *breaker = calloc(1, sizeof *breaker);
    if (!breaker)
        auk_fatal("no memory for a break iterator");
    breaker->iterator = iterator;
    breaker->text = (UText)UTEXT_INITIALIZER;
    *out = breaker;
    return AUK_OK;
}

void auk_word_break_destroy(auk_word_break *breaker)
{
    if (!breaker)
        return;
    ubrk_close(breaker->iterator);
    utext_close(&breaker->text);
    free(breaker);
}

auk_code auk_word_break_start(auk_word_break *breaker, auk_span text, auk_error *err)
{
    UErrorCode status = U_ZERO_ERROR;
    utext_openUTF8(&breaker->text, text.data, (int64_t)text.size, &status);
    ubrk_setUText(breaker->iterator, &breaker->text, &status);
    if (U_FAILURE(status))
        return auk_fail(err, AUK_IO, "ICU cannot break words: %s", u_errorName(status));
    breaker->before = ubrk_first(breaker->iterator);
    return AUK_OK;
}

bool auk_word_break_next(auk_word_break *breaker, uint32_t *start, uint32_t *end, uint8_t *type)
{
    for (;;) {
        int32_t after = ubrk_next(breaker->iterator);
        if (after == UBRK_DONE)
            return false;
        int32_t before = breaker->before;
        int32_t kind = ubrk_getRuleStatus(breaker->iterator) / 100;
        breaker->before = after;
        if (kind == 0)
            continue;
        *start = (uint32_t)before;
        *end = (uint32_t)after;
        *type = types[kind];
        return true;
    }
}
