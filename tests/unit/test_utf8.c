#include "test.h"

#include "auk/cpu.h"
#include "auk/utf8.h"
#include "utf8_kernels.h"

static void every_code_point_reads_back(void **state)
{
    (void)state;
    for (uint32_t point = 0; point <= 0x10FFFF; point++) {
        if (point >= 0xD800 && point <= 0xDFFF)
            continue;
        char bytes[4];
        uint32_t back = 0;
        size_t size = auk_utf8_encode(point, bytes);
        auk_span text = auk_span_make(bytes, size);
        if (auk_utf8_decode(text, &back) != size || back != point || !auk_utf8_valid(text) ||
            auk_utf8_utf16_length(text) != (point >= 0x10000 ? 2 : 1))
            fail_msg("U+%04X", point);
        for (size_t cut = 0; cut < size; cut++)
            assert_int_equal(auk_utf8_decode(auk_span_make(bytes, cut), &back), 0);
    }
}

typedef struct broken {
    const char *name;
    auk_span text;
} broken;

static const broken broken_texts[] = {
    {"continuation alone", AUK_SPAN_INIT("\x80")},
    {"two bytes, overlong", AUK_SPAN_INIT("\xC0\x80")},
    {"two bytes, overlong, last", AUK_SPAN_INIT("\xC1\xBF")},
    {"two bytes, no continuation", AUK_SPAN_INIT("\xC3"
                                                 "a")},
    {"three bytes, overlong", AUK_SPAN_INIT("\xE0\x9F\xBF")},
    {"first surrogate", AUK_SPAN_INIT("\xED\xA0\x80")},
    {"last surrogate", AUK_SPAN_INIT("\xED\xBF\xBF")},
    {"three bytes, last one wrong", AUK_SPAN_INIT("\xE2\x82"
                                                  "a")},
    {"four bytes, overlong", AUK_SPAN_INIT("\xF0\x8F\xBF\xBF")},
    {"past the last code point", AUK_SPAN_INIT("\xF4\x90\x80\x80")},
    {"five bytes", AUK_SPAN_INIT("\xF8\x88\x80\x80\x80")},
    {"0xFE", AUK_SPAN_INIT("\xFE")},
    {"0xFF", AUK_SPAN_INIT("\xFF")},
};

static void is_not_utf8(void **state)
{
    const broken *row = *state;
    uint32_t point;
    assert_int_equal(auk_utf8_decode(row->text, &point), 0);
    /* Behind any number of sound bytes, so that the eight-at-a-time path meets it too. */
    for (size_t before = 0; before < 20; before++) {
        char text[40];
        memset(text, 'a', sizeof text);
        memcpy(text + before, row->text.data, row->text.size);
        assert_false(auk_utf8_valid(auk_span_make(text, before + row->text.size)));
        assert_false(auk_utf8_valid(auk_span_make(text, sizeof text)));
    }
}

static void lengths_count_utf16_units(void **state)
{
    (void)state;
    assert_int_equal(auk_utf8_utf16_length((auk_span){0}), 0);
    assert_int_equal(auk_utf8_utf16_length(AUK_SPAN("a\xC3\xA9\xE2\x82\xAC\xF0\x9F\x98\x80")), 5);
    assert_true(auk_utf8_valid((auk_span){0}));
    assert_true(auk_utf8_valid(AUK_SPAN("a\0b and more text \xC3\xA9 behind it, long enough")));
}

static uint64_t next_random(uint64_t *seed)
{
    *seed ^= *seed << 13;
    *seed ^= *seed >> 7;
    *seed ^= *seed << 17;
    return *seed;
}

/* Sound text with a byte changed, cut at both ends, so that leads meet every place of a step. */
static void wide_and_portable_agree(void **state)
{
    (void)state;
    enum { MOST = 200 };
    uint64_t seed = 7;
    size_t sound = 0;
    if (auk_cpu_level() < AUK_CPU_AVX2)
        return;
    for (size_t i = 0; i < 200000; i++) {
        char text[MOST + 4];
        size_t size = 0;
        while (size < MOST) {
            static const uint32_t ends[] = {0x80, 0x800, 0x10000, 0x110000};
            uint32_t point = (uint32_t)(next_random(&seed) % ends[next_random(&seed) % 4]);
            if (point < 0xD800 || point > 0xDFFF)
                size += auk_utf8_encode(point, text + size);
        }
        if (i % 3 != 0)
            text[next_random(&seed) % size] = (char)next_random(&seed);
        size_t from = next_random(&seed) % 8, to = from + next_random(&seed) % (size - from);
        while (i % 3 == 0 && ((uint8_t)text[from] & 0xC0) == 0x80)
            from++;
        while (i % 3 == 0 && to > from && ((uint8_t)text[to] & 0xC0) == 0x80)
            to--;
        auk_span cut = auk_span_make(text + from, to > from ? to - from : 0);
        bool is_sound = auk_utf8_valid_portable(cut);
        sound += is_sound;
        if (auk_utf8_valid_avx2(cut) != is_sound)
            fail_msg("%zu bytes of text %zu", cut.size, i);
    }
    assert_true(sound > 60000 && sound < 150000);
}

/* Every pair of neighbours, and every second byte behind each lead, at the end of a step. */
static void wide_and_portable_agree_on_all_pairs(void **state)
{
    (void)state;
    if (auk_cpu_level() < AUK_CPU_AVX2)
        return;
    for (unsigned pair = 0; pair < 0x10000; pair++)
        for (size_t more = 0; more < 3; more++)
            for (size_t at = 28; at < 33; at++) {
                char text[48];
                memset(text, 'a', sizeof text);
                text[at] = (char)(pair >> 8);
                text[at + 1] = (char)pair;
                memset(text + at + 2, 0xBF, more);
                auk_span all = auk_span_make(text, sizeof text);
                if (auk_utf8_valid_avx2(all) != auk_utf8_valid_portable(all))
                    fail_msg("%04x and %zu more at %zu", pair, more, at);
            }
}

int main(void)
{
    enum { ROWS = sizeof broken_texts / sizeof broken_texts[0] };
    static struct CMUnitTest rows[ROWS];
    for (size_t i = 0; i < ROWS; i++)
        rows[i] = (struct CMUnitTest){.name = broken_texts[i].name,
                                      .test_func = is_not_utf8,
                                      .initial_state = (void *)(uintptr_t)&broken_texts[i]};
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_code_point_reads_back),
        cmocka_unit_test(lengths_count_utf16_units),
        cmocka_unit_test(wide_and_portable_agree),
        cmocka_unit_test(wide_and_portable_agree_on_all_pairs),
    };
    int failed = cmocka_run_group_tests_name("utf8: broken", rows, NULL, NULL);
    return failed + cmocka_run_group_tests_name("utf8", tests, NULL, NULL);
}
