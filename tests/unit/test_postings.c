#include <math.h>

#include "terms_image.h"
#include "test.h"

enum { DOC_COUNT = 3000000, FIELD = 16 };

static const auk_terms_options with_positions = {.field = FIELD,
                                                 .has_freqs = true,
                                                 .has_positions = true,
                                                 .average_length = 120,
                                                 .k1 = 1.2f,
                                                 .b = 0.75f};

/* A field of one term, opened. */
typedef struct fixture {
    image_values image;
    auk_arena *arena;
    model_list list;
    auk_term term;
    uint8_t *norms;
} fixture;

static fixture *build(uint32_t count, uint32_t shape, auk_terms_options options, bool norms)
{
    fixture *f = calloc(1, sizeof *f);
    uint64_t seed = (uint64_t)count * 100 + shape;
    image_init(&f->image);
    f->arena = auk_arena_create(4096);
    f->list = list_random(&seed, count, DOC_COUNT, shape);
    auk_span norms_span = {0};
    if (norms) {
        f->norms = malloc(DOC_COUNT);
        for (uint32_t i = 0; i < DOC_COUNT; i++)
            f->norms[i] = (uint8_t)(1 + random_below(&seed, 100));
        options.norms = f->norms;
        norms_span = auk_span_make(f->norms, DOC_COUNT);
    }

    auk_sink sink = image_sink(&f->image);
    auk_terms_writer *writer = auk_terms_writer_create(&sink, DOC_COUNT);
    auk_terms_writer_begin(writer, &options);
    list_write(&f->list, writer, AUK_SPAN("term"), options.has_freqs, options.has_positions);
    auk_terms_writer_end(writer, count, NULL);
    auk_terms_writer_flush(writer);
    assert_int_equal(auk_terms_writer_status(writer, NULL), AUK_OK);
    auk_terms_writer_destroy(writer);

    const auk_terms *terms;
    bool found;
    assert_int_equal(image_open(&f->image, FIELD, DOC_COUNT, norms_span, f->arena, &terms), AUK_OK);
    assert_int_equal(auk_terms_find(terms, AUK_SPAN("term"), &f->term, &found, NULL), AUK_OK);
    assert_true(found);
    assert_int_equal(f->term.doc_freq, count);
    if (options.has_freqs)
        assert_int_equal(f->term.total_freq, f->list.starts[count]);
    return f;
}

static void drop(fixture *f)
{
    image_deinit(&f->image);
    auk_arena_destroy(f->arena);
    list_free(&f->list);
    free(f->norms);
    free(f);
}

static auk_postings *open(fixture *f, auk_postings_want want)
{
    auk_postings *postings;
    assert_int_equal(auk_postings_open(&f->term, want, f->arena, &postings, NULL), AUK_OK);
    return postings;
}

static void assert_document(const model_list *list, uint32_t i, auk_postings *postings,
                            bool positions)
{
    assert_int_equal(auk_postings_doc(postings), list->docs[i]);
    assert_int_equal(auk_postings_freq(postings), list->freqs[i]);
    if (!positions)
        return;
    const uint32_t *at = auk_postings_positions(postings);
    assert_non_null(at);
    assert_memory_equal(at, list->positions + list->starts[i], sizeof *at * list->freqs[i]);
}

static void assert_ended(auk_postings *postings)
{
    assert_int_equal(auk_postings_doc(postings), AUK_DOC_END);
    assert_int_equal(auk_postings_next(postings), AUK_DOC_END);
    assert_int_equal(auk_postings_seek(postings, 0), AUK_DOC_END);
    assert_int_equal(auk_postings_status(postings), AUK_OK);
}

static void check_next(fixture *f)
{
    auk_postings *postings = open(f, AUK_WANT_POSITIONS);
    for (uint32_t i = 0; i < f->list.count; i++) {
        assert_int_equal(auk_postings_next(postings), f->list.docs[i]);
        assert_document(&f->list, i, postings, i % 3 != 1);
    }
    assert_int_equal(auk_postings_next(postings), AUK_DOC_END);
    assert_ended(postings);
}

static void check_seek(fixture *f, uint32_t leap)
{
    uint64_t seed = leap;
    auk_postings *postings = open(f, AUK_WANT_POSITIONS);
    uint32_t i = 0, target = 0;
    for (;;) {
        target += random_below(&seed, leap);
        while (i < f->list.count && f->list.docs[i] < target)
            i++;
        auk_doc doc = auk_postings_seek(postings, target);
        if (i == f->list.count) {
            assert_int_equal(doc, AUK_DOC_END);
            break;
        }
        assert_int_equal(doc, f->list.docs[i]);
        assert_document(&f->list, i, postings, random_below(&seed, 4) == 0);
        assert_int_equal(auk_postings_seek(postings, 0), doc); /* never back */
        if (random_below(&seed, 3) == 0 && i + 1 < f->list.count) {
            assert_int_equal(auk_postings_next(postings), f->list.docs[++i]);
            target = f->list.docs[i];
        }
    }
    assert_ended(postings);
}

static void check_blocks(fixture *f)
{
    auk_postings *postings = open(f, AUK_WANT_FREQS);
    const auk_doc *docs;
    const uint32_t *freqs;
    uint32_t i = 0, count;
    auk_doc target = 0;
    while ((count = auk_postings_block(postings, target, &docs, &freqs)) > 0) {
        assert_memory_equal(docs, f->list.docs + i, sizeof *docs * count);
        assert_memory_equal(freqs, f->list.freqs + i, sizeof *freqs * count);
        assert_int_equal(auk_postings_doc(postings), docs[0]);
        i += count;
        target = docs[count - 1] + 1;
    }
    assert_int_equal(i, f->list.count);
    assert_ended(postings);
}

/* Positions of some documents of each block, few or many. */
static void check_rows(fixture *f)
{
    uint64_t seed = f->list.count;
    auk_postings *postings = open(f, AUK_WANT_POSITIONS);
    const auk_doc *docs;
    auk_position_rows rows = {0};
    auk_position_places places;
    uint8_t indices[AUK_BLOCK_DOCS];
    uint32_t count;
    for (uint32_t i = 0; i < f->list.count; i += count) {
        count = auk_postings_block(postings, f->list.docs[i], &docs, NULL);
        for (uint32_t again = 0; again < 3; again++) {
            uint32_t wanted = 0, one_in = 1 + random_below(&seed, 40);
            for (uint32_t index = 0; index < count; index++)
                if (random_below(&seed, one_in) == 0)
                    indices[wanted++] = (uint8_t)index;
            assert_true(auk_postings_block_places(postings, indices, wanted, &places));
            assert_true(auk_postings_read_places(postings, &places, &rows));
            assert_int_equal(rows.count, wanted);
            for (uint32_t row = 0; row < wanted; row++) {
                uint32_t number = i + indices[row];
                const uint32_t *want = f->list.positions + f->list.starts[number];
                assert_int_equal(rows.counts[row], f->list.freqs[number]);
                assert_memory_equal(rows.positions + rows.starts[row], want,
                                    sizeof *want * rows.counts[row]);
            }
        }
    }
    assert_int_equal(auk_postings_status(postings), AUK_OK);
}

/* The next up to AUK_BLOCK_DOCS documents to ask for: one in `others` is none of the list's, and
 * those of the list are leap apart, about. Answers how many of the list's are among them. */
static uint32_t draw_docs(const model_list *list, uint64_t *seed, uint32_t leap, uint32_t others,
                          uint32_t *at, uint32_t *count, auk_doc docs[AUK_BLOCK_DOCS],
                          uint32_t numbers[AUK_BLOCK_DOCS])
{
    uint32_t most = 1 + random_below(seed, AUK_BLOCK_DOCS), found = 0;
    *count = 0;
    while (*count < most && *at < list->count) {
        uint32_t i = *at;
        auk_doc before = i ? list->docs[i - 1] + 1 : 0;
        if (random_below(seed, others) == 0) {
            if (before < list->docs[i] && (*count == 0 || docs[*count - 1] < before))
                docs[(*count)++] = before;
        } else {
            numbers[found++] = i;
            docs[(*count)++] = list->docs[i];
            *at += 1 + random_below(seed, leap);
        }
    }
    return found;
}

/* Leaves some places out; answers how many are left. */
static uint32_t keep_some(uint64_t *seed, auk_position_places *places, uint8_t *numbers,
                          uint32_t *wanted)
{
    uint8_t kept[AUK_BLOCK_DOCS];
    uint32_t count = 0, one_in = 1 + random_below(seed, 9);
    for (uint32_t i = 0; i < places->count; i++)
        if (random_below(seed, one_in) == 0) {
            numbers[count] = numbers[i];
            wanted[count] = wanted[i];
            kept[count++] = (uint8_t)i;
        }
    auk_position_places_keep(places, kept, count);
    return count;
}

/* Documents by the batch, near and far, and of those that the list holds the positions. */
static void check_places(fixture *f, uint32_t leap, uint32_t others)
{
    uint64_t seed = f->list.count + leap;
    auk_postings *postings = open(f, AUK_WANT_POSITIONS);
    auk_position_rows rows = {0};
    auk_doc docs[AUK_BLOCK_DOCS];
    uint32_t wanted[AUK_BLOCK_DOCS], count;
    for (uint32_t at = 0; at < f->list.count;) {
        uint8_t numbers[AUK_BLOCK_DOCS + 1];
        auk_position_places places;
        uint32_t want = draw_docs(&f->list, &seed, leap, others, &at, &count, docs, wanted);
        if (count == 0)
            continue;
        if (random_below(&seed, 5) == 0) /* a walk that is there already */
            assert_true(auk_postings_seek(postings, docs[0]) >= docs[0]);
        assert_int_equal(auk_postings_locate(postings, docs, count, numbers, &places), want);
        if (random_below(&seed, 2))
            want = keep_some(&seed, &places, numbers, wanted);
        assert_int_equal(places.count, want);
        assert_true(auk_postings_read_places(postings, &places, &rows));
        for (uint32_t i = 0; i < want; i++) {
            uint32_t freq = f->list.freqs[wanted[i]];
            assert_int_equal(docs[numbers[i]], f->list.docs[wanted[i]]);
            assert_int_equal(rows.counts[i], freq);
            assert_memory_equal(rows.positions + rows.starts[i],
                                f->list.positions + f->list.starts[wanted[i]],
                                sizeof(uint32_t) * freq);
        }
    }
    assert_int_equal(auk_postings_status(postings), AUK_OK);
}

/* Window by window, or from within one, of so many documents: each below the limit, once. */
static void check_marks_of(fixture *f, uint32_t leap, uint32_t window)
{
    enum { WORDS = 65536 / 64 };
    uint64_t seed = leap;
    auk_postings *postings = open(f, AUK_WANT_DOCS);
    uint32_t i = 0;
    auk_doc doc = auk_postings_seek(postings, 0);
    while (doc != AUK_DOC_END) {
        uint64_t bits[WORDS] = {0}, want[WORDS] = {0};
        auk_doc base = doc - doc % window, limit = base + window;
        if (leap > 0)
            limit = doc + 1 + random_below(&seed, limit - doc);
        for (; i < f->list.count && f->list.docs[i] < limit; i++)
            want[(f->list.docs[i] - base) / 64] |= UINT64_C(1) << (f->list.docs[i] % 64);
        doc = auk_postings_mark(postings, base, limit, bits);
        assert_memory_equal(bits, want, sizeof want);
        assert_int_equal(doc, i < f->list.count ? f->list.docs[i] : AUK_DOC_END);
    }
    assert_int_equal(i, f->list.count);
    assert_ended(postings);
}

static void check_marks(fixture *f, uint32_t leap)
{
    check_marks_of(f, leap, 4096);
    check_marks_of(f, leap, 65536);
}

/* Blocks in an order of their own, and of each what has the term often. */
static void check_frequent(fixture *f)
{
    uint64_t seed = f->list.count;
    auk_postings *postings = open(f, AUK_WANT_FREQS);
    uint32_t blocks = (f->list.count + AUK_BLOCK_DOCS - 1) / AUK_BLOCK_DOCS;
    for (uint32_t n = 0; n < blocks + 9; n++) {
        auk_frequent found;
        uint32_t block = n < blocks ? blocks - 1 - n : random_below(&seed, blocks);
        uint32_t from = block * AUK_BLOCK_DOCS, end = from + AUK_BLOCK_DOCS, count = 0;
        uint32_t least = 1 + random_below(&seed, n % 3 ? 3 : 200);
        end = end < f->list.count ? end : f->list.count;
        auk_postings_block_frequent(postings, block, least, &found);
        for (uint32_t i = from; i < end; i++) {
            if (f->list.freqs[i] < least)
                continue;
            assert_true(count < found.count && found.indices[count] == i - from);
            assert_int_equal(found.docs[i - from], f->list.docs[i]);
            assert_int_equal(found.freqs[i - from] + found.more, f->list.freqs[i]);
            count++;
        }
        assert_int_equal(found.count, count);
        assert_int_equal(found.size, count ? end - from : found.size);
    }
    assert_int_equal(auk_postings_status(postings), AUK_OK);
}

static double share(const fixture *f, uint32_t i)
{
    double length = f->norms ? auk_norm_decode(f->norms[f->list.docs[i]]) : 1;
    double k = (double)1.2f * (1 - 0.75 + 0.75 * length / 120);
    return f->list.freqs[i] / (f->list.freqs[i] + k);
}

static void check_bounds(fixture *f)
{
    auk_postings *postings = open(f, AUK_WANT_FREQS);
    double greatest = 0;
    for (uint32_t i = 0; i < f->list.count;) {
        auk_doc last;
        double bound = (double)auk_postings_bound(postings, f->list.docs[i], &last), in_block = 0;
        assert_true(last >= f->list.docs[i]);
        for (; i < f->list.count && f->list.docs[i] <= last; i++)
            in_block = fmax(in_block, share(f, i));
        assert_int_equal(f->list.docs[i - 1], last);
        assert_true(bound >= in_block);
        assert_true(bound <= in_block + 1.01 / 255); /* and not far above */
        greatest = fmax(greatest, bound);
    }
    auk_doc last;
    double none = (double)auk_postings_bound(postings, f->list.docs[f->list.count - 1] + 1, &last);
    assert_true(none <= 0 && last == AUK_DOC_END);
    assert_true(fabs((double)auk_term_bound(&f->term) - greatest) < 1e-9);
    assert_int_equal(auk_postings_next(postings), f->list.docs[0]); /* asking moved nothing */
}

static int falling(const void *a, const void *b)
{
    double left = *(const double *)a, right = *(const double *)b;
    return (left < right) - (left > right);
}

static void check_reached(fixture *f)
{
    static const uint32_t asked[] = {1, 10, 11, 100, 300, 1000, 1001};
    static const uint32_t kept[] = {10, 10, 100, 100, 1000, 1000, UINT32_MAX};
    uint32_t count = f->list.count;
    double *shares = calloc(count, sizeof *shares);
    for (uint32_t i = 0; i < count; i++)
        shares[i] = share(f, i);
    qsort(shares, count, sizeof *shares, falling);
    for (size_t i = 0; i < sizeof asked / sizeof asked[0]; i++) {
        double reached = (double)auk_term_reached(&f->term, asked[i]);
        bool known = count >= 256 && kept[i] <= count;
        double want = known ? shares[kept[i] - 1] : 0;
        assert_true(reached <= want);
        assert_true(reached >= want - 5e-6);
    }
    free(shares);
}

static const uint32_t counts[] = {1,   2,   3,   4,   5,   17,   255,
                                  256, 257, 511, 512, 513, 5000, 8192 + 100};
#define N_COUNTS (sizeof counts / sizeof counts[0])
enum { SHAPES = 20 };

static void reads_back_lists_of_every_shape(void **state)
{
    (void)state;
    for (size_t c = 0; c < N_COUNTS; c++) {
        for (uint32_t shape = 0; shape < SHAPES; shape++) {
            fixture *f = build(counts[c], shape, with_positions, false);
            check_next(f);
            check_seek(f, 20);
            check_seek(f, 5000);
            check_blocks(f);
            check_rows(f);
            check_places(f, 1, 2);
            check_places(f, 90, 3);
            check_places(f, 700, 2);
            check_marks(f, 0);
            check_marks(f, 1);
            check_frequent(f);
            check_bounds(f);
            check_reached(f);
            drop(f);
        }
    }
}

static void reads_back_a_long_list(void **state)
{
    (void)state;
    for (uint32_t shape = 1; shape < 5; shape++) {
        fixture *f = build(100000, shape + 15, with_positions, false);
        check_next(f);
        check_seek(f, 30);
        check_seek(f, 100000);
        check_blocks(f);
        check_rows(f);
        check_places(f, 5, 4);
        check_places(f, 700, 3);
        check_marks(f, 0);
        drop(f);
    }
}

static void bounds_hold_under_norms(void **state)
{
    (void)state;
    static const uint32_t sizes[] = {1, 2, 200, 256, 9000};
    for (size_t i = 0; i < 5; i++) {
        fixture *f = build(sizes[i], 17, with_positions, true);
        check_bounds(f);
        check_reached(f);
        drop(f);
    }
}

static void fields_without_frequencies_count_one(void **state)
{
    (void)state;
    auk_terms_options plain = with_positions;
    plain.has_freqs = plain.has_positions = false;
    for (size_t c = 0; c < N_COUNTS; c++) {
        for (uint32_t shape = 0; shape < 5; shape++) {
            fixture *f = build(counts[c], shape, plain, false);
            for (uint32_t i = 0; i < f->list.count; i++)
                f->list.freqs[i] = 1;
            assert_int_equal(f->term.total_freq, f->term.doc_freq);
            check_blocks(f);
            check_frequent(f);
            auk_postings *postings = open(f, AUK_WANT_DOCS);
            const auk_doc *docs;
            const uint32_t *freqs;
            assert_true(auk_postings_block(postings, 0, &docs, &freqs) > 0);
            assert_null(freqs);
            for (uint32_t i = 0; i < f->list.count; i++) {
                assert_int_equal(auk_postings_seek(postings, f->list.docs[i]), f->list.docs[i]);
                assert_int_equal(auk_postings_freq(postings), 1);
            }
            drop(f);
        }
    }
}

static void a_field_with_frequencies_can_be_read_without_them(void **state)
{
    (void)state;
    for (size_t c = 0; c < N_COUNTS; c++) {
        fixture *f = build(counts[c], 16, with_positions, false);
        auk_postings *postings = open(f, AUK_WANT_DOCS);
        for (uint32_t i = 0; i < f->list.count; i++)
            assert_int_equal(auk_postings_next(postings), f->list.docs[i]);
        assert_int_equal(auk_postings_next(postings), AUK_DOC_END);
        drop(f);
    }
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(reads_back_lists_of_every_shape),
        cmocka_unit_test(reads_back_a_long_list),
        cmocka_unit_test(bounds_hold_under_norms),
        cmocka_unit_test(fields_without_frequencies_count_one),
        cmocka_unit_test(a_field_with_frequencies_can_be_read_without_them),
    };
    return cmocka_run_group_tests_name("postings", tests, NULL, NULL);
}
