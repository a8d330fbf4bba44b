/*
 * bench_analysis - megabytes a second of the chains, by the processor's time of one core.
 *
 * usage: bench_analysis [--only PART] [--write FOLDER] [FILE]
 *
 * FILE      a text, cut into documents at its line ends; without one, words are made up with the
 *           skew of natural text
 * PART      of a chain's name, or "=" and the whole of it: no others
 * FOLDER    gets the texts and the chains as files, for others to run (java/Bench.java, by Lucene)
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>

#include "auk/analyzer.h"
#include "auk/buffer.h"

enum { TEXT_BYTES = 8 << 20, VOCABULARY = 20000, LINE_WORDS = 60, ROUNDS = 7 };
enum { SENTENCES_BYTES = 1 << 20, MOST_SETTINGS = 6, PATH_SIZE = 512 };

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

/* A chain and the text that it is measured on. */
struct chain {
    const char *name;
    const char *text;
    const char *settings[MOST_SETTINGS]; /* "key=value" */
};

static const struct chain chains[] = {
    {"standard", "latin", {"tokenizer=standard"}},
    {"standard + lowercase", "latin", {"analyzer=standard"}},
    {"english", "latin", {"analyzer=english"}},
    {"lowercase + edge_ngram 2..15",
     "latin",
     {"tokenizer=standard", "filter.0.type=lowercase", "filter.1.type=edge_ngram",
      "filter.1.min_gram=2", "filter.1.max_gram=15"}},
    {"simple", "latin", {"analyzer=simple"}},
    {"whitespace", "latin", {"analyzer=whitespace"}},
    {"uax_url_email", "latin", {"tokenizer=uax_url_email"}},
    {"classic", "latin", {"tokenizer=classic"}},
    {"standard + lowercase, Cyrillic", "cyrillic", {"analyzer=standard"}},
    {"standard + lowercase, Greek", "greek", {"analyzer=standard"}},
    {"standard + lowercase, some accents", "accents", {"analyzer=standard"}},
    {"the same + asciifolding",
     "accents",
     {"tokenizer=standard", "filter.0.type=lowercase", "filter.1.type=asciifolding"}},
    {"icu_tokenizer, Chinese", "chinese", {"tokenizer=icu_tokenizer"}},
    {"icu_tokenizer, Japanese", "japanese", {"tokenizer=icu_tokenizer"}},
    {"icu_tokenizer, Thai", "thai", {"tokenizer=icu_tokenizer"}},
};

enum { CHAINS = sizeof chains / sizeof chains[0] };

static void fail(const char *what)
{
    fprintf(stderr, "bench_analysis: %s\n", what);
    exit(1);
}

/* An analyzer by its name, or a chain, which is left to the end of the process. */
static const auk_analyzer *build(const struct chain *chain, const auk_analysis *analysis)
{
    static const char named[] = "analyzer=";
    auk_settings *spec = auk_settings_create();
    for (size_t i = 0; i < MOST_SETTINGS && chain->settings[i]; i++) {
        auk_span value = auk_span_of(chain->settings[i]), key;
        if (auk_span_starts_with(value, auk_span_of(named))) {
            auk_settings_destroy(spec);
            return auk_analysis_find(analysis, auk_span_from(value, sizeof named - 1));
        }
        (void)auk_span_cut(&value, '=', &key);
        auk_settings_put(spec, key, value);
    }
    auk_analyzer *analyzer;
    auk_error err = {0};
    if (auk_analyzer_build(spec, NULL, &analyzer, &err) != AUK_OK)
        fail(err.message);
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
    printf("%-34s %8.1f MB/s %8.1f ns/token %10zu tokens\n", name, (double)text.size / best / 1e6,
           best * 1e9 / (double)(count ? count : 1), count);
    auk_tokens_deinit(&tokens);
    auk_analyzer_scratch_destroy(scratch);
}

/* The sentences of a file again and again. */
static void repeat_file(auk_buffer *out, const char *name)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s.txt", AUK_BENCH_TEXTS, name);
    auk_buffer file;
    read_file(&file, path);
    auk_buffer_init(out, AUK_BUFFER_NO_LIMIT);
    while (file.size > 0 && out->size < SENTENCES_BYTES)
        auk_buffer_append(out, auk_buffer_span(&file));
    auk_buffer_deinit(&file);
}

static void make_named(auk_buffer *out, const char *name, const char *file)
{
    static const char *const latin[] = {"e", "t", "a", "o", "i", "n", "s",
                                        "r", "h", "l", "d", "c", "u", "m"};
    static const char *const cyrillic[] = {"о", "е", "а", "и", "н", "т",
                                           "с", "р", "в", "л", "к", "м"};
    static const char *const greek[] = {"α", "ο", "ι", "ε", "τ", "σ", "ν", "η", "υ", "ρ", "π", "ά"};
    static const char *const accents[] = {"e", "t", "a", "o", "i", "n",
                                          "s", "r", "h", "l", "d", "é"};
    if (strcmp(name, "latin") == 0 && file)
        read_file(out, file);
    else if (strcmp(name, "latin") == 0)
        make_text(out, latin, sizeof latin / sizeof latin[0]);
    else if (strcmp(name, "cyrillic") == 0)
        make_text(out, cyrillic, sizeof cyrillic / sizeof cyrillic[0]);
    else if (strcmp(name, "greek") == 0)
        make_text(out, greek, sizeof greek / sizeof greek[0]);
    else if (strcmp(name, "accents") == 0)
        make_text(out, accents, sizeof accents / sizeof accents[0]);
    else
        repeat_file(out, name);
}

static FILE *create(const char *folder, const char *name)
{
    char path[PATH_SIZE];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "wb");
    if (!file)
        fail(path);
    return file;
}

/* The text as a file, and a line about the chain. */
static void write_down(const char *folder, FILE *list, const struct chain *chain, auk_span text)
{
    FILE *file = create(folder, chain->text);
    fwrite(text.data, 1, text.size, file);
    fclose(file);
    fprintf(list, "%s\t%s", chain->name, chain->text);
    for (size_t i = 0; i < MOST_SETTINGS && chain->settings[i]; i++)
        fprintf(list, "\t%s", chain->settings[i]);
    fputc('\n', list);
}

/* The value of an option, which is taken out of the arguments; NULL: not there. */
static const char *take_option(int *argc, char **argv, const char *name)
{
    for (int i = 1; i + 1 < *argc; i++) {
        if (strcmp(argv[i], name) != 0)
            continue;
        const char *value = argv[i + 1];
        for (*argc -= 2; i < *argc; i++)
            argv[i] = argv[i + 2];
        return value;
    }
    return NULL;
}

static bool is_wanted(const char *name, const char *only)
{
    return only[0] == '=' ? strcmp(name, only + 1) == 0 : strstr(name, only) != NULL;
}

int main(int argc, char **argv)
{
    const char *folder = take_option(&argc, argv, "--write");
    const char *only = take_option(&argc, argv, "--only");
    const char *file = argc > 1 ? argv[1] : NULL;
    const char *made = "";
    FILE *list = folder ? create(folder, "chains") : NULL;
    auk_analysis *analysis;
    if (auk_analysis_create(NULL, &analysis, NULL) != AUK_OK)
        return 1;
    auk_buffer text = {0};
    for (size_t i = 0; i < CHAINS; i++) {
        if (only && !is_wanted(chains[i].name, only))
            continue;
        if (strcmp(chains[i].text, made) != 0) {
            auk_buffer_deinit(&text);
            make_named(&text, chains[i].text, file);
            made = chains[i].text;
        }
        if (list)
            write_down(folder, list, &chains[i], auk_buffer_span(&text));
        measure(chains[i].name, build(&chains[i], analysis), auk_buffer_span(&text));
    }
    if (list)
        fclose(list);
    auk_buffer_deinit(&text);
    auk_analysis_release(analysis);
    return 0;
}
