/*
 * generate.c - documents of any number from a seed, as NDJSON on standard output.
 *
 *   auk-generate --documents N [--seed S] [--words MEAN] [--topics N]
 *
 * The same seed gives the same bytes on every machine. Words follow Zipf's law over a vocabulary of
 * made-up words (the frequent ones short), each document has a keyword, an integer and a date
 * besides. With topics each document is about one, drawn at random, and takes half of its words,
 * the most frequent ones apart, from those that its topic owns: neighbours in no order, as
 * documents of many sources arrive.
 *
 *   {"id":"7","title":"...","body":"...","category":"c12","views":3481,"created":"2021-03-04T05:06:07Z"}
 */
#include <errno.h>
#include <math.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define VOCABULARY 200000u
#define CATEGORIES 50u
#define EXPONENT   1.05
#define COMMON     64u /* words that no topic owns */

typedef struct word {
    char text[15];
    uint8_t size;
} word;

static word vocabulary[VOCABULARY];
static double cumulative[VOCABULARY];
/* guide[i]: the first word whose cumulative share reaches i / GUIDE, so that a draw starts next to
 * its word */
#define GUIDE 65536u
static uint32_t guide[GUIDE + 1];

/* splitmix64 (Steele, Lea, Flood 2014): small, fast, the same everywhere. */
static uint64_t next_random(uint64_t *state)
{
    uint64_t z = *state += 0x9e3779b97f4a7c15u;
    z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9u;
    z = (z ^ z >> 27) * 0x94d049bb133111ebu;
    return z ^ z >> 31;
}

static double next_unit(uint64_t *state)
{
    return (double)(next_random(state) >> 11) * 0x1p-53;
}

/* Syllables spelled from the rank: short words for the frequent ranks, all different. */
static void spell(uint32_t rank, word *out)
{
    static const char consonants[] = "tnsrhldcmfpgwybvk";
    static const char vowels[] = "eaoiu";
    uint32_t rest = rank + 3;
    size_t used = 0;
    while (rest > 0 && used + 2 < sizeof out->text) {
        out->text[used++] = consonants[rest % 17];
        rest /= 17;
        out->text[used++] = vowels[rest % 5];
        rest /= 5;
    }
    if (rank % 3 == 0 && used + 1 < sizeof out->text)
        out->text[used++] = 'n';
    out->size = (uint8_t)used;
}

static void build_vocabulary(void)
{
    double sum = 0;
    for (uint32_t i = 0; i < VOCABULARY; i++) {
        spell(i, &vocabulary[i]);
        sum += pow(i + 2.7, -EXPONENT);
        cumulative[i] = sum;
    }
    uint32_t at = 0;
    for (uint32_t i = 0; i < VOCABULARY; i++)
        cumulative[i] /= sum;
    for (uint32_t i = 0; i <= GUIDE; i++) {
        while (at + 1 < VOCABULARY && cumulative[at] < (double)i / GUIDE)
            at++;
        guide[i] = at;
    }
}

typedef struct subject {
    uint32_t topics, topic; /* topics 0: words come from everywhere */
} subject;

/* The word of about the same frequency that the topic owns, for every other one. */
static uint32_t turn_to_topic(uint32_t rank, const subject *about, uint64_t *state)
{
    if (about->topics == 0 || rank < COMMON || (next_random(state) & 1) != 0)
        return rank;
    uint32_t owned = rank - rank % about->topics + about->topic;
    return owned < COMMON || owned >= VOCABULARY ? rank : owned;
}

static const word *draw_word(uint64_t *state, const subject *about)
{
    double unit = next_unit(state);
    uint32_t low = guide[(uint32_t)(unit * GUIDE)], high = guide[(uint32_t)(unit * GUIDE) + 1];
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (cumulative[middle] < unit)
            low = middle + 1;
        else
            high = middle;
    }
    return &vocabulary[turn_to_topic(low, about, state)];
}

static char *put_text(char *at, uint64_t *state, uint32_t words, const subject *about)
{
    for (uint32_t i = 0; i < words; i++) {
        const word *w = draw_word(state, about);
        memcpy(at, w->text, sizeof w->text);
        at += w->size;
        *at++ = i + 1 < words ? ' ' : '"';
    }
    return at;
}

static void civil_date(uint32_t days, int *year, unsigned *month, unsigned *day)
{
    /* days since 1970-01-01; H. Hinnant, "chrono-compatible low-level date algorithms",
     * civil_from_days */
    uint32_t z = days + 719468, era = z / 146097, doe = z - era * 146097;
    uint32_t yoe = (doe - doe / 1460 + doe / 36524 - doe / 146096) / 365;
    uint32_t doy = doe - (365 * yoe + yoe / 4 - yoe / 100), mp = (5 * doy + 2) / 153;
    *day = doy - (153 * mp + 2) / 5 + 1;
    *month = mp < 10 ? mp + 3 : mp - 9;
    *year = (int)(yoe + era * 400) + (*month <= 2);
}

static char *put_document(char *at, uint64_t number, uint64_t *state, uint32_t mean_words,
                          uint32_t topics)
{
    int year;
    unsigned month, day;
    uint64_t moment = next_random(state);
    civil_date((uint32_t)(14610 + moment % 5844), &year, &month, &day); /* 2010 .. 2025 */
    uint32_t words = 1 + (uint32_t)(-log(1 - next_unit(state)) * (mean_words - 1));
    if (words > mean_words * 8)
        words = mean_words * 8;
    double skew = next_unit(state);
    subject about = {.topics = topics};
    if (topics > 0)
        about.topic = (uint32_t)(next_random(state) % topics);
    at += snprintf(at, 64, "{\"id\":\"%llu\",\"title\":\"", (unsigned long long)number);
    at = put_text(at, state, 3 + (uint32_t)(next_random(state) % 6), &about);
    memcpy(at, ",\"body\":\"", 9);
    at = put_text(at + 9, state, words, &about);
    at += snprintf(
        at, 512,
        ",\"category\":\"c%u\",\"views\":%u,\"created\":\"%04d-%02u-%02uT%02u:%02u:%02uZ\"}\n",
        (unsigned)(skew * skew * CATEGORIES), (unsigned)(1e6 * pow(next_unit(state), 4)), year,
        month, day, (unsigned)(moment >> 20) % 24, (unsigned)(moment >> 30) % 60,
        (unsigned)(moment >> 40) % 60);
    return at;
}

static int usage(void)
{
    fprintf(stderr, "usage: auk-generate --documents N [--seed S] [--words MEAN] [--topics N]\n");
    return 2;
}

static int read_number(const char *text, uint64_t most, uint64_t *out)
{
    char *end;
    errno = 0;
    unsigned long long value = strtoull(text, &end, 10);
    *out = value;
    return errno == 0 && *text != '\0' && *text != '-' && *end == '\0' && value <= most;
}

int main(int argc, char **argv)
{
    uint64_t documents = 0, seed = 1, words = 200, topics = 0;
    for (int i = 1; i < argc; i += 2) {
        uint64_t *into = strcmp(argv[i], "--documents") == 0 ? &documents
                         : strcmp(argv[i], "--seed") == 0    ? &seed
                         : strcmp(argv[i], "--words") == 0   ? &words
                         : strcmp(argv[i], "--topics") == 0  ? &topics
                                                             : NULL;
        uint64_t most = into == &words || into == &topics ? 10000 : UINT64_MAX;
        if (!into || i + 1 == argc || !read_number(argv[i + 1], most, into))
            return usage();
    }
    if (documents == 0 || words == 0)
        return usage();
    build_vocabulary();
    size_t longest = 1024 + (words * 8 + 16) * 16, capacity = longest + (1u << 20);
    char *buffer = malloc(capacity);
    if (!buffer)
        return 1;
    size_t used = 0;
    for (uint64_t i = 0; i < documents; i++) {
        uint64_t state =
            seed * 0x2545f4914f6cdd1du + i; /* a document depends on seed and number alone */
        used = (size_t)(put_document(buffer + used, i, &state, (uint32_t)words, (uint32_t)topics) -
                        buffer);
        if (capacity - used < longest || i + 1 == documents) {
            if (fwrite(buffer, 1, used, stdout) != used)
                return 1;
            used = 0;
        }
    }
    free(buffer);
    return fflush(stdout) == 0 ? 0 : 1;
}
