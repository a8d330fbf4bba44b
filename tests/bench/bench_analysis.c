/*
 * bench_analysis - megabytes a second of the chains, by the processor's time of one core.
 *
 * usage: bench_analysis [FILE]      a text, cut into documents at its line ends; without one, words
 * are made up with the skew of natural text
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "auk/analyzer.h"
#include "auk/buffer.h"

enum { TEXT_BYTES = 8 << 20, VOCABULARY = 20000, LINE_WORDS = 60, ROUNDS = 5 };

static uint64_t seed = 88172645463325252u;

static uint64_t next_random(void)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return seed;
}

/* Word number n of an alphabet: frequent words are short. */
static void append_word(auk_buffer *out, uint64_t n, const char *const *letters, unsigned count)
{
    size_t start = out->size;
    uint64_t mixed = (n + 1) * UINT64_C(0x9e3779b97f4a7c15);
    unsigned length = 2 + (unsigned)(n > 20) + (unsigned)(n > 200) + (unsigned)(mixed >> 61);
    for (unsigned i = 0; i < length; i++) {
        auk_buffer_append_text(out, letters[mixed % count]);
        mixed = mixed / count ^ (mixed << 7);
    }
    if (next_random() % 12 == 0 && (uint8_t)out->data[start] < 0x80)
        out->data[start] = (char)(out->data[start] & ~0x20);
}

static void make_text(auk_buffer *out, const char *const *letters, unsigned count)
{
    auk_buffer_init(out, AUK_BUFFER_NO_LIMIT);
    for (unsigned words = 1; out->size < TEXT_BYTES; words++) {
        /* Zipf's law by a product of two even draws. */
        uint64_t rank = (next_random() % VOCABULARY) * (next_random() % VOCABULARY) / VOCABULARY;
        rank = rank * (next_random() % VOCABULARY) / VOCABULARY;
        append_word(out, rank, letters, count);
        auk_buffer_append_text(out, words % LINE_WORDS == 0 ? "\n" : words % 11 == 0 ? ", " : " ");
    }
}

static void read_file(auk_buffer *out, const char *path)
{
    auk_buffer_init(out, AUK_BUFFER_NO_LIMIT);
    FILE *file = fopen(path, "rb");
    if (!file) {
        perror(path);
        exit(1);
    }
    for (;;) {
        char *room = auk_buffer_reserve(out, 1 << 16);
        size_t got = fread(room, 1, 1 << 16, file);
        out->size += got;
        if (got == 0)
            break;
    }
    fclose(file);
}

static auk_analyzer *build(const char *tokenizer, const char *const *keys_and_values)
{
    auk_settings *spec = auk_settings_create();
    auk_settings_put(spec, AUK_SPAN("tokenizer"), auk_span_of(tokenizer));
    for (; *keys_and_values; keys_and_values += 2)
        auk_settings_put(spec, auk_span_of(keys_and_values[0]), auk_span_of(keys_and_values[1]));
    auk_analyzer *analyzer;
    auk_error err = {0};
    if (auk_analyzer_build(spec, NULL, &analyzer, &err) != AUK_OK) {
        fprintf(stderr, "%s\n", err.message);
        exit(1);
    }
    auk_settings_destroy(spec);
    return analyzer;
}

static size_t analyze_lines(const auk_analyzer *analyzer, auk_analyzer_scratch *scratch,
                            auk_span text, auk_tokens *tokens)
{
    size_t count = 0;
    while (text.size > 0) {
        const char *end = memchr(text.data, '\n', text.size);
        size_t size = end ? (size_t)(end - text.data) + 1 : text.size;
        if (auk_analyzer_run(analyzer, scratch, (auk_span){text.data, size}, tokens, NULL) !=
            AUK_OK)
            exit(1);
        count += tokens->count;
        text = auk_span_from(text, size);
    }
    return count;
}

static void measure(const char *name, const auk_analyzer *analyzer, auk_span text)
{
    auk_analyzer_scratch *scratch = auk_analyzer_scratch_create();
    auk_tokens tokens;
    auk_tokens_init(&tokens);
    size_t count = analyze_lines(analyzer, scratch, text, &tokens);
    double best = 1e9;
    for (int i = 0; i < ROUNDS; i++) {
        clock_t start = clock();
        analyze_lines(analyzer, scratch, text, &tokens);
        double seconds = (double)(clock() - start) / CLOCKS_PER_SEC;
        best = seconds < best ? seconds : best;
    }
    printf("%-34s %8.0f MB/s %8.1f ns/token %10zu tokens\n", name, (double)text.size / best / 1e6,
           best * 1e9 / (double)(count ? count : 1), count);
    auk_tokens_deinit(&tokens);
    auk_analyzer_scratch_destroy(scratch);
}

static void measure_built(const char *name, const char *tokenizer, const char *const *spec,
                          auk_span text)
{
    auk_analyzer *analyzer = build(tokenizer, spec);
    measure(name, analyzer, text);
    auk_analyzer_destroy(analyzer);
}

int main(int argc, char **argv)
{
    static const char *const latin[] = {"e", "t", "a", "o", "i", "n", "s",
                                        "r", "h", "l", "d", "c", "u", "m"};
    static const char *const cyrillic[] = {"о", "е", "а", "и", "н", "т",
                                           "с", "р", "в", "л", "к", "м"};
    static const char *const mixed[] = {"e", "t", "a", "o", "i", "n", "s", "r", "h", "l", "d", "é"};
    static const char *const edge[] = {"filter.0",
                                       "lowercase",
                                       "filter.1.type",
                                       "edge_ngram",
                                       "filter.1.min_gram",
                                       "2",
                                       "filter.1.max_gram",
                                       "15",
                                       NULL};
    static const char *const lower[] = {"filter.0", "lowercase", NULL};
    static const char *const none[] = {NULL};
    static const char *const folded[] = {"filter.0", "lowercase", "filter.1", "asciifolding", NULL};

    auk_buffer ascii, russian, french;
    if (argc > 1)
        read_file(&ascii, argv[1]);
    else
        make_text(&ascii, latin, sizeof latin / sizeof latin[0]);
    make_text(&russian, cyrillic, sizeof cyrillic / sizeof cyrillic[0]);
    make_text(&french, mixed, sizeof mixed / sizeof mixed[0]);

    auk_analysis *analysis;
    if (auk_analysis_create(NULL, &analysis, NULL) != AUK_OK)
        return 1;
    auk_span text = auk_buffer_span(&ascii);
    measure_built("standard", "standard", none, text);
    measure("standard + lowercase", auk_analysis_find(analysis, AUK_SPAN("standard")), text);
    measure("simple", auk_analysis_find(analysis, AUK_SPAN("simple")), text);
    measure("whitespace", auk_analysis_find(analysis, AUK_SPAN("whitespace")), text);
    measure("english", auk_analysis_find(analysis, AUK_SPAN("english")), text);
    measure_built("lowercase + edge_ngram 2..15", "standard", edge, text);
    measure("standard + lowercase, Cyrillic", auk_analysis_find(analysis, AUK_SPAN("standard")),
            auk_buffer_span(&russian));
    measure("standard + lowercase, some accents", auk_analysis_find(analysis, AUK_SPAN("standard")),
            auk_buffer_span(&french));
    measure_built("the same + asciifolding", "standard", folded, auk_buffer_span(&french));
    measure_built("whitespace + lowercase, Cyrillic", "whitespace", lower,
                  auk_buffer_span(&russian));

    auk_analysis_release(analysis);
    auk_buffer_deinit(&ascii);
    auk_buffer_deinit(&russian);
    auk_buffer_deinit(&french);
    return 0;
}
