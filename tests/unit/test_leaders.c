/*
 * The leaders of a list hold its best documents: for lists of many shapes and any average length in
 * their range, the best k of all documents, scored one by one as BM25 scores them and sorted by
 * score and document, are the best k of the leaders.
 */
#include "leaders.h"
#include "leaders_check.h"
#include "terms_image.h"
#include "test.h"

enum { FIELD = 16, RANKS = 100, LONG = 2 };

static const double average = 40;

typedef struct hit {
    float score;
    auk_doc doc;
} hit;

typedef struct shape {
    const char *name;
    uint32_t count, doc_count;
    uint32_t lengths, longest; /* so many lengths, spread up to the longest; 0: no norms */
    uint32_t often;            /* frequencies below it, lower ones more often */
    uint32_t k;                /* the leaders that there must be are of so many; 0: any or none */
} shape;

static const shape shapes[] = {
    {"a list of one block", 256, 5000, 30, 80, 6, 10},
    {"one too short for many", 1023, 5000, 30, 80, 6, 10},
    {"the least long one", 1024, 5000, 30, 80, 6, RANKS},
    {"every document", 4000, 4000, 30, 80, 6, RANKS},
    {"many documents", 70000, 200000, 20, 80, 12, RANKS},
    {"all frequencies one", 9000, 30000, 30, 80, 1, RANKS},
    {"one length", 9000, 30000, 1, 40, 9, RANKS},
    {"one length and frequency", 9000, 30000, 1, 40, 1, RANKS},
    {"no norms", 9000, 30000, 0, 0, 9, RANKS},
    {"neither norms nor frequencies", 9000, 30000, 0, 0, 1, RANKS},
    {"few pairs", 9000, 30000, 3, 80, 3, RANKS},
    {"frequencies of three bytes", 3000, 9000, 30, 80, 1u << 20, 0},
    {"scores that hardly differ", 3000, 9000, 30, 80, 60000, 0},
    {"lengths far apart", 9000, 30000, 60, 100000, 30, 0},
};
#define N_SHAPES (sizeof shapes / sizeof shapes[0])

typedef struct fixture {
    const shape *shape;
    image_values image;
    auk_arena *arena;
    uint8_t *norms;
    auk_doc *docs;
    uint32_t *freqs;
    auk_term term;
} fixture;

static uint32_t draw_low(uint64_t *seed, uint32_t limit)
{
    uint32_t least = limit;
    for (int i = 0; i < 3; i++) {
        uint32_t drawn = random_below(seed, limit);
        least = drawn < least ? drawn : least;
    }
    return least;
}

static void draw_list(fixture *f, uint64_t *seed)
{
    const shape *s = f->shape;
    f->norms = malloc(s->doc_count);
    f->docs = calloc(s->count, sizeof *f->docs);
    f->freqs = calloc(s->count, sizeof *f->freqs);
    for (uint32_t doc = 0; doc < s->doc_count; doc++) {
        uint32_t step = s->lengths ? random_below(seed, s->lengths) + 1 : 1;
        f->norms[doc] = auk_norm_encode(s->lengths ? s->longest * step / s->lengths : 1);
    }
    uint32_t left = s->count;
    for (uint32_t doc = 0; left > 0; doc++) {
        if (random_below(seed, s->doc_count - doc) >= left)
            continue;
        f->docs[s->count - left] = doc;
        f->freqs[s->count - left] = 1 + draw_low(seed, s->often);
        left--;
    }
}

static fixture *build(const shape *s)
{
    fixture *f = calloc(1, sizeof *f);
    uint64_t seed = s->count * 31 + s->often;
    f->shape = s;
    f->arena = auk_arena_create(4096);
    image_init(&f->image);
    draw_list(f, &seed);
    auk_terms_options options = {.field = FIELD,
                                 .has_freqs = true,
                                 .norms = s->lengths ? f->norms : NULL,
                                 .average_length = average,
                                 .k1 = 1.2f,
                                 .b = 0.75f};
    auk_sink sink = image_sink(&f->image);
    auk_terms_writer *writer = auk_terms_writer_create(&sink, s->doc_count);
    auk_terms_writer_begin(writer, &options);
    auk_terms_writer_begin_term(writer, AUK_SPAN("term"));
    for (uint32_t i = 0; i < s->count; i++)
        auk_terms_writer_posting(writer, f->docs[i], f->freqs[i], NULL);
    auk_terms_writer_end_term(writer);
    auk_terms_writer_end(writer, s->count, NULL);
    auk_terms_writer_flush(writer);
    assert_int_equal(auk_terms_writer_status(writer, NULL), AUK_OK);
    auk_terms_writer_destroy(writer);

    const auk_terms *terms;
    bool found;
    auk_span norms = auk_span_make(f->norms, s->lengths ? s->doc_count : 0);
    assert_int_equal(image_open(&f->image, FIELD, s->doc_count, norms, f->arena, &terms), AUK_OK);
    assert_int_equal(auk_terms_find(terms, AUK_SPAN("term"), &f->term, &found, NULL), AUK_OK);
    assert_true(found);
    return f;
}

static void drop(fixture *f)
{
    image_deinit(&f->image);
    auk_arena_destroy(f->arena);
    free(f->norms);
    free(f->docs);
    free(f->freqs);
    free(f);
}

/* As the search does it, in float. */
static float score(uint32_t freq, uint8_t norm, float field_average)
{
    const float weight = 3.7f;
    float length = (float)auk_norm_decode(norm);
    float inverse = 1.0f / (1.2f * ((1.0f - 0.75f) + 0.75f * length / field_average));
    return weight - weight / (1.0f + (float)freq * inverse);
}

static int by_rank(const void *a, const void *b)
{
    const hit *left = a, *right = b;
    if (left->score != right->score)
        return left->score > right->score ? -1 : 1;
    return (left->doc > right->doc) - (left->doc < right->doc);
}

static uint32_t rank_all(const fixture *f, float field_average, hit *hits)
{
    for (uint32_t i = 0; i < f->shape->count; i++) {
        uint8_t norm = f->shape->lengths ? f->norms[f->docs[i]] : AUK_BOUND_NORM_ABSENT;
        hits[i] = (hit){score(f->freqs[i], norm, field_average), f->docs[i]};
    }
    qsort(hits, f->shape->count, sizeof *hits, by_rank);
    return f->shape->count;
}

static void rank_leaders(const auk_leaders *leaders, float field_average, hit *hits)
{
    auk_doc docs[AUK_LEADERS_ROOM];
    uint32_t at = 0;
    assert_int_equal(auk_leaders_docs(leaders, leaders->pair_count, docs), leaders->doc_count);
    for (uint32_t i = 0; i < leaders->pair_count; i++)
        for (uint32_t j = 0; j < leaders->counts[i]; j++, at++)
            hits[at] = (hit){score(leaders->freqs[i], leaders->norms[i], field_average), docs[at]};
    qsort(hits, leaders->doc_count, sizeof *hits, by_rank);
}

/* Documents of the first pairs are those of all. */
static void check_prefixes(const auk_leaders *leaders)
{
    auk_doc all[AUK_LEADERS_ROOM], some[AUK_LEADERS_ROOM];
    (void)auk_leaders_docs(leaders, leaders->pair_count, all);
    for (uint32_t pairs = 1, count = 0; pairs <= leaders->pair_count; pairs++) {
        count += leaders->counts[pairs - 1];
        assert_int_equal(auk_leaders_docs(leaders, pairs, some), count);
        assert_memory_equal(some, all, sizeof *some * count);
    }
}

static bool find(const fixture *f, double field_average, auk_leaders *out)
{
    bool found;
    assert_int_equal(auk_term_leaders(&f->term, field_average, out, &found, NULL), AUK_OK);
    return found;
}

static void the_best_of_all_are_the_best_of_the_leaders(void **state)
{
    const shape *s = *state;
    static const double parts[] = {0.851, 0.9, 0.97, 0.9999, 1, 1.0001, 1.06, 1.12, 1.179};
    fixture *f = build(s);
    hit *all = calloc(s->count, sizeof *all), best[AUK_LEADERS_MOST];
    auk_leaders leaders;
    assert_true(s->k == 0 || (find(f, average, &leaders) && leaders.k == s->k));
    for (size_t i = 0; i < sizeof parts / sizeof parts[0]; i++) {
        float field_average = (float)(average * parts[i]);
        if (!find(f, (double)field_average, &leaders))
            continue;
        rank_all(f, field_average, all);
        rank_leaders(&leaders, field_average, best);
        for (uint32_t rank = 0; rank < leaders.k; rank++)
            if (best[rank].doc != all[rank].doc || best[rank].score != all[rank].score)
                fail_msg("at %g the best %u is %u with %.9g, not %u with %.9g", parts[i], rank,
                         best[rank].doc, (double)best[rank].score, all[rank].doc,
                         (double)all[rank].score);
        check_prefixes(&leaders);
    }
    free(all);
    drop(f);
}

static void other_averages_have_no_leaders(void **state)
{
    (void)state;
    fixture *f = build(&shapes[LONG]);
    auk_leaders leaders;
    assert_true(find(f, average, &leaders));
    assert_false(find(f, average * 0.84, &leaders));
    assert_false(find(f, average * 1.19, &leaders));
    assert_false(find(f, 0, &leaders));
    drop(f);
}

static void short_lists_have_none(void **state)
{
    (void)state;
    shape lone = shapes[0];
    lone.count = AUK_BLOCK_DOCS - 1;
    fixture *f = build(&lone);
    auk_leaders leaders;
    assert_false(find(f, average, &leaders));
    drop(f);
}

/* Each bit of the list's head and leaders turned: what is answered lies within the segment. */
static void damaged_leaders_stay_within_the_segment(void **state)
{
    (void)state;
    fixture *f = build(&shapes[LONG]);
    auk_leaders leaders;
    assert_true(find(f, average, &leaders));
    size_t behind = (size_t)(leaders.gaps - auk_span_bytes(f->image.parts[1][0])) + 400;
    uint8_t *bytes = (uint8_t *)(uintptr_t)auk_span_bytes(f->image.parts[1][0]);
    for (size_t bit = 0; bit < behind * 8; bit++) {
        auk_doc docs[AUK_LEADERS_ROOM];
        bool found = false;
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
        auk_code code = auk_term_leaders(&f->term, average, &leaders, &found, NULL);
        assert_true(code == AUK_OK || code == AUK_CORRUPT);
        uint32_t count = found ? auk_leaders_docs(&leaders, leaders.pair_count, docs) : 0;
        for (uint32_t i = 0; i < count; i++)
            assert_true(docs[i] < f->shape->doc_count);
        bytes[bit / 8] ^= (uint8_t)(1u << bit % 8);
    }
    drop(f);
}

static const char *check_list(const fixture *f)
{
    auk_leaders_check check;
    auk_leaders_check_begin(&check, &f->term);
    for (uint32_t i = 0; i < f->shape->count; i++)
        auk_leaders_check_see(&check, f->docs[i], f->freqs[i]);
    return auk_leaders_check_end(&check);
}

/* Each length code and frequency, and the first bytes of documents. */
static void a_check_tells_wrong_leaders(void **state)
{
    (void)state;
    fixture *f = build(&shapes[LONG]);
    auk_leaders leaders;
    assert_true(find(f, average, &leaders));
    assert_null(check_list(f));
    uint8_t *norms = (uint8_t *)(uintptr_t)leaders.norms;
    uint8_t *freqs = norms + (size_t)leaders.pair_count * 2;
    uint8_t *data = freqs + (size_t)leaders.pair_count * 2 + (leaders.doc_count + 3) / 4;
    for (uint32_t i = 0; i < leaders.pair_count; i++) {
        norms[i]++;
        assert_non_null(check_list(f));
        norms[i]--;
        freqs[(size_t)i * 2]++;
        assert_non_null(check_list(f));
        freqs[(size_t)i * 2]--;
    }
    data[0]++;
    assert_non_null(check_list(f));
    data[0]--;
    assert_null(check_list(f));
    drop(f);
}

int main(void)
{
    struct CMUnitTest tests[N_SHAPES + 4] = {
        cmocka_unit_test(a_check_tells_wrong_leaders),
        cmocka_unit_test(other_averages_have_no_leaders),
        cmocka_unit_test(short_lists_have_none),
        cmocka_unit_test(damaged_leaders_stay_within_the_segment),
    };
    for (size_t i = 0; i < N_SHAPES; i++)
        tests[i + 4] = (struct CMUnitTest){.name = shapes[i].name,
                                           .test_func = the_best_of_all_are_the_best_of_the_leaders,
                                           .initial_state = (void *)(uintptr_t)&shapes[i]};
    return cmocka_run_group_tests(tests, NULL, NULL);
}
