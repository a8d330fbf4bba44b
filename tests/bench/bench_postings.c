/*
 * bench_postings - what a posting costs to write and to read, and a term to find.
 *
 *   bench_postings [lists|terms]
 *
 * Prints nanoseconds of processor time, the best of a few rounds, over lists and terms of its own
 * making.
 */
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

#include "auk/segment_writer.h"
#include "terms_reader.h"
#include "terms_writer.h"

enum { DOC_COUNT = 5000000, FIELD = 16, ROUNDS = 5, LOOKUPS = 1000000 };

static double now_ns(void)
{
    struct timespec at;
    clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &at);
    return (double)at.tv_sec * 1e9 + (double)at.tv_nsec;
}

static uint32_t next_random(uint64_t *state)
{
    *state ^= *state << 13;
    *state ^= *state >> 7;
    *state ^= *state << 17;
    return (uint32_t)(*state >> 32);
}

/* ---- a field on the heap ---- */

typedef struct heap_values {
    auk_span index;
    auk_span parts[3][64]; /* blocks, postings, positions */
    uint32_t counts[3];
    uint64_t bytes;
} heap_values;

static auk_code put(void *context, uint8_t kind, uint16_t field, uint32_t part, auk_span bytes,
                    auk_error *err)
{
    (void)field;
    heap_values *store = context;
    char *copy = malloc(bytes.size);
    if (copy == NULL)
        return auk_fail(err, AUK_IO, "no memory for %zu bytes", bytes.size);
    memcpy(copy, bytes.data, bytes.size);
    store->bytes += bytes.size;
    auk_span span = auk_span_make(copy, bytes.size);
    if (kind == AUK_KIND_TERM_INDEX) {
        store->index = span;
        return AUK_OK;
    }
    uint32_t which = kind == AUK_KIND_TERM_BLOCKS ? 0 : kind == AUK_KIND_POSTINGS ? 1 : 2;
    if (part >= 64)
        return auk_fail(err, AUK_TOO_LARGE, "more parts than the benchmark keeps");
    store->parts[which][part] = span;
    store->counts[which] = part + 1;
    return AUK_OK;
}

static void check(auk_code code, const auk_error *err)
{
    if (code == AUK_OK)
        return;
    fprintf(stderr, "bench_postings: %s\n", err->message);
    exit(1);
}

static const auk_terms *finish(auk_terms_writer *writer, heap_values *store, auk_arena *arena)
{
    auk_error err = {0};
    auk_terms_writer_end(writer, DOC_COUNT, NULL);
    auk_terms_writer_flush(writer);
    check(auk_terms_writer_status(writer, &err), &err);
    auk_terms_writer_destroy(writer);
    auk_terms_values values = {.index = store->index,
                               .blocks = store->parts[0],
                               .block_parts = store->counts[0],
                               .postings = store->parts[1],
                               .postings_parts = store->counts[1],
                               .positions = store->parts[2],
                               .positions_parts = store->counts[2],
                               .doc_count = DOC_COUNT};
    const auk_terms *terms;
    check(auk_terms_open(&values, arena, &terms, &err), &err);
    return terms;
}

static auk_terms_writer *begin(heap_values *store)
{
    auk_sink sink = {.put = put, .context = store};
    auk_terms_writer *writer = auk_terms_writer_create(&sink, DOC_COUNT);
    auk_terms_options options = {.field = FIELD,
                                 .has_freqs = true,
                                 .has_positions = true,
                                 .average_length = 100,
                                 .k1 = 1.2f,
                                 .b = 0.75f};
    auk_terms_writer_begin(writer, &options);
    return writer;
}

static void drop(heap_values *store)
{
    free((void *)(uintptr_t)store->index.data);
    for (uint32_t which = 0; which < 3; which++) {
        for (uint32_t i = 0; i < store->counts[which]; i++)
            free((void *)(uintptr_t)store->parts[which][i].data);
    }
}

/* ---- postings ---- */

static void print_reads(const auk_term *term, auk_arena *arena, uint32_t gap)
{
    double docs_ns = 1e18, freqs_ns = 1e18, next_ns = 1e18, positions_ns = 1e18, seek_ns = 1e18;
    uint64_t sum = 0;
    for (int round = 0; round < ROUNDS; round++) {
        auk_postings *postings;
        auk_error err = {0};
        const auk_doc *docs;
        const uint32_t *freqs;
        for (int want = AUK_WANT_DOCS; want <= AUK_WANT_FREQS; want++) {
            check(auk_postings_open(term, (auk_postings_want)want, arena, &postings, &err), &err);
            double from = now_ns();
            uint32_t count;
            for (auk_doc target = 0; (count = auk_postings_block(postings, target, &docs, &freqs));)
                target = docs[count - 1] + 1;
            double ns = (now_ns() - from) / term->doc_freq;
            double *best = want == AUK_WANT_DOCS ? &docs_ns : &freqs_ns;
            *best = ns < *best ? ns : *best;
        }

        check(auk_postings_open(term, AUK_WANT_DOCS, arena, &postings, &err), &err);
        double from = now_ns();
        while (auk_postings_next(postings) != AUK_DOC_END)
            sum++;
        double ns = (now_ns() - from) / term->doc_freq;
        next_ns = ns < next_ns ? ns : next_ns;

        check(auk_postings_open(term, AUK_WANT_POSITIONS, arena, &postings, &err), &err);
        from = now_ns();
        while (auk_postings_next(postings) != AUK_DOC_END)
            sum += auk_postings_positions(postings)[0];
        ns = (now_ns() - from) / term->doc_freq;
        positions_ns = ns < positions_ns ? ns : positions_ns;

        check(auk_postings_open(term, AUK_WANT_DOCS, arena, &postings, &err), &err);
        uint32_t seeks = 0;
        from = now_ns();
        for (auk_doc doc = 0; (doc = auk_postings_seek(postings, doc)) != AUK_DOC_END; seeks++)
            doc += gap * 1000;
        ns = (now_ns() - from) / seeks;
        seek_ns = ns < seek_ns ? ns : seek_ns;
        auk_arena_reset(arena);
    }
    printf("  read: block docs %.2f, with freqs %.2f, next %.2f, next + positions %.1f, "
           "seek by 1000 %.0f ns  (%llu)\n",
           docs_ns, freqs_ns, next_ns, positions_ns, seek_ns, (unsigned long long)(sum & 1));
}

static void bench_list(const char *name, uint32_t most_gap)
{
    uint64_t seed = 88172645463325252u;
    uint32_t count = 0, *docs = malloc(sizeof *docs * DOC_COUNT),
             *freqs = malloc(sizeof *freqs * DOC_COUNT);
    uint32_t positions[8], total = 0;
    if (docs == NULL || freqs == NULL)
        abort();
    for (uint32_t doc = 0; doc < DOC_COUNT; doc += 1 + next_random(&seed) % most_gap) {
        docs[count] = doc;
        freqs[count] = next_random(&seed) % 4 ? 1 : 1 + next_random(&seed) % 8;
        total += freqs[count++];
    }
    for (uint32_t i = 0; i < 8; i++)
        positions[i] = 10 + i * 7;

    heap_values store = {0};
    auk_arena *arena = auk_arena_create(1 << 16), *scratch = auk_arena_create(1 << 16);
    auk_terms_writer *writer = begin(&store);
    double write_ns = 1e18;
    for (int round = 0; round < ROUNDS; round++) {
        char text[2] = {(char)('a' + round), 0};
        double from = now_ns();
        auk_terms_writer_begin_term(writer, auk_span_make(text, 1));
        for (uint32_t i = 0; i < count; i++)
            auk_terms_writer_posting(writer, docs[i], freqs[i], positions);
        auk_terms_writer_end_term(writer);
        double ns = now_ns() - from;
        write_ns = ns < write_ns ? ns : write_ns;
    }
    const auk_terms *terms = finish(writer, &store, arena);
    uint64_t sizes[3] = {0};
    for (uint32_t which = 1; which < 3; which++) {
        for (uint32_t i = 0; i < store.counts[which]; i++)
            sizes[which] += store.parts[which][i].size / ROUNDS;
    }

    auk_term term;
    auk_error err = {0};
    bool found;
    check(auk_terms_find(terms, AUK_SPAN("a"), &term, &found, &err), &err);
    printf("%s: %u postings, %u positions, %.2f + %.2f bytes each\n", name, count, total,
           (double)sizes[1] / count, (double)sizes[2] / total);
    printf("  write: %.1f ns a posting\n", write_ns / count);
    print_reads(&term, scratch, (most_gap + 1) / 2);
    auk_arena_destroy(scratch);
    auk_arena_destroy(arena);
    drop(&store);
    free(docs);
    free(freqs);
}

/* ---- terms ---- */

static size_t spell(uint32_t i, char out[32])
{
    return (size_t)snprintf(out, 32, "%08x%.*s", i * 2393, (int)(i % 5), "abcde");
}

static void bench_lookups(const auk_terms *terms, uint32_t count, uint32_t among, const char *name)
{
    char(*texts)[32] = malloc(LOOKUPS * sizeof *texts);
    uint8_t *sizes = malloc(LOOKUPS);
    uint64_t seed = 99;
    if (texts == NULL || sizes == NULL)
        abort();
    for (uint32_t i = 0; i < LOOKUPS; i++)
        sizes[i] = (uint8_t)spell(next_random(&seed) % among * (count / among), texts[i]);
    double best = 1e18;
    uint64_t hits = 0;
    for (int round = 0; round < ROUNDS; round++) {
        double from = now_ns();
        for (uint32_t i = 0; i < LOOKUPS; i++) {
            auk_term term;
            bool found = false;
            (void)!auk_terms_find(terms, auk_span_make(texts[i], sizes[i]), &term, &found, NULL);
            hits += found;
        }
        double ns = (now_ns() - from) / LOOKUPS;
        best = ns < best ? ns : best;
    }
    printf("  find, %s: %.0f ns (%llu hits)\n", name, best, (unsigned long long)(hits / ROUNDS));
    free(texts);
    free(sizes);
}

static void bench_terms(uint32_t count)
{
    heap_values store = {0};
    auk_arena *arena = auk_arena_create(1 << 16);
    char(*texts)[32] = malloc(count * sizeof *texts);
    uint8_t *sizes = malloc(count);
    if (texts == NULL || sizes == NULL)
        abort();
    for (uint32_t i = 0; i < count; i++)
        sizes[i] = (uint8_t)spell(i, texts[i]);

    auk_terms_writer *writer = begin(&store);
    uint32_t position = 3;
    uint64_t seed = 5;
    double from = now_ns();
    for (uint32_t i = 0; i < count; i++) {
        auk_terms_writer_begin_term(writer, auk_span_make(texts[i], sizes[i]));
        uint32_t doc = next_random(&seed) % (DOC_COUNT - 2);
        auk_terms_writer_posting(writer, doc, 1, &position);
        if (i % 4 == 0)
            auk_terms_writer_posting(writer, doc + 2, 1, &position);
        auk_terms_writer_end_term(writer);
    }
    double write_ns = now_ns() - from;
    const auk_terms *terms = finish(writer, &store, arena);
    uint64_t dictionary = store.index.size;
    for (uint32_t i = 0; i < store.counts[0]; i++)
        dictionary += store.parts[0][i].size;
    printf("%u terms, three of four in one document: %.1f bytes each (%.1f dictionary)\n", count,
           (double)store.bytes / count, (double)dictionary / count);
    printf("  write: %.0f ns a term\n", write_ns / count);

    bench_lookups(terms, count, 1000, "1000 terms over and over");
    bench_lookups(terms, count, count, "random");
    uint64_t sum = 0;
    auk_terms_cursor *cursor = auk_terms_cursor_open(terms, arena);
    from = now_ns();
    for (bool there = auk_terms_cursor_seek(cursor, (auk_span){0}); there;
         there = auk_terms_cursor_next(cursor))
        sum += auk_terms_cursor_text(cursor).size;
    double text_ns = (now_ns() - from) / count;
    from = now_ns();
    for (bool there = auk_terms_cursor_seek(cursor, (auk_span){0}); there;
         there = auk_terms_cursor_next(cursor))
        sum += auk_terms_cursor_term(cursor)->doc_freq;
    printf("  walk: %.1f ns a term, %.1f with its row (%llu)\n", text_ns, (now_ns() - from) / count,
           (unsigned long long)(sum & 1));
    auk_arena_destroy(arena);
    drop(&store);
    free(texts);
    free(sizes);
}

int main(int argc, char **argv)
{
    bool all = argc < 2;
    if (all || strcmp(argv[1], "lists") == 0) {
        bench_list("bitset, gaps to 4", 4);
        bench_list("packed, gaps to 16", 16);
        bench_list("packed, gaps to 1000", 1000);
    }
    if (all || strcmp(argv[1], "terms") == 0)
        bench_terms(1794000);
    return 0;
}
