/*
 * Any bytes as a file of hyphenation patterns: read or refused, and where it would cut a word lies
 * inside of the word, in order but for the end.
 */
#include <stdint.h>
#include <stdlib.h>

#include "filters/hyphenation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void require(bool holds)
{
    if (!holds)
        abort();
}

static void cut(const auk_hyphenation *hyphenation, auk_span text)
{
    auk_utf16 word = {0};
    int32_t points[AUK_HYPHENATION_LONGEST + 2];
    auk_utf16_read(&word, text);
    int count = auk_hyphenation_points(hyphenation, &word, points);
    require(count == 0 || count > 2);
    for (int i = 1; i < count - 1; i++)
        require(points[i] >= points[i - 1] && points[i] < word.size);
    require(count == 0 || points[count - 1] <= word.size);
    auk_utf16_deinit(&word);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auk_arena *arena = auk_arena_create(4096);
    const auk_hyphenation *hyphenation;
    if (auk_hyphenation_read(arena, auk_span_make(data, size), &hyphenation, NULL) == AUK_OK) {
        cut(hyphenation, AUK_SPAN("abcab"));
        cut(hyphenation, AUK_SPAN("haust\xc3\xbcr"));
        cut(hyphenation, AUK_SPAN("1aba2"));
    }
    auk_arena_destroy(arena);
    return 0;
}
