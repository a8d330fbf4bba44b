#include "build_terms.h"

#include "build.h"

#define AHEAD 16 /* probes in flight */

static void *must_alloc(size_t count, size_t size)
{
    void *memory = malloc(count != 0 ? count * size : 1);
    if (memory == NULL)
        abort();
    return memory;
}

static void *must_zalloc(size_t count, size_t size)
{
    void *memory = calloc(count != 0 ? count : 1, size);
    if (memory == NULL)
        abort();
    return memory;
}

/* Insertion sort: a field of one document has few values, or values that come sorted. */
static void order_few(auk_doc_value *values, uint32_t count)
{
    for (uint32_t i = 1; i < count; i++) {
        auk_doc_value moved = values[i];
        uint32_t at = i;
        for (; at > 0 && values[at - 1].value > moved.value; at--)
            values[at] = values[at - 1];
        values[at] = moved;
    }
}

static int compare_values(const void *a, const void *b)
{
    const auk_doc_value *x = a;
    const auk_doc_value *y = b;
    return (x->value > y->value) - (x->value < y->value);
}

void auk_doc_values_order(auk_doc_value *values, uint32_t count)
{
    if (count < 32)
        order_few(values, count);
    else
        qsort(values, count, sizeof *values, compare_values);
}

/* ---- join, count, scatter ---- */

static void join_chunk(auk_built_terms *terms, const auk_chunk *chunk, const uint16_t *forms)
{
    uint32_t count = chunk->terms.terms.count;
    const auk_table_term *own = chunk->terms.terms.items;
    uint32_t *map = must_alloc(count, sizeof *map);
    for (uint32_t i = 0; i < count; i++) {
        if (i + AHEAD < count)
            auk_term_table_prefetch(&terms->table, own[i + AHEAD].hash);
        map[i] = auk_term_table_join(&terms->table, &own[i]);
        terms->table.terms.items[map[i]].flags = forms[own[i].field];
    }
    terms->maps[chunk->number] = map;
}

static void join(auk_built_terms *terms, const uint16_t *forms)
{
    const auk_write_buffer *buffer = terms->buffer;
    uint32_t most = 0;
    for (uint32_t c = 0; c < buffer->chunks.count; c++)
        if (buffer->chunks.items[c]->terms.terms.count > most)
            most = buffer->chunks.items[c]->terms.terms.count;
    auk_term_table_init(&terms->table, most * 2, NULL);
    terms->maps = must_zalloc(buffer->chunks.count, sizeof *terms->maps);
    terms->own = must_alloc(most, sizeof *terms->own);
    for (uint32_t c = 0; c < buffer->chunks.count; c++)
        join_chunk(terms, buffer->chunks.items[c], forms);
}

/* Rows that follow each other and come from one chunk. */
typedef struct chunk_run {
    const auk_chunk *chunk;
    uint32_t from, to; /* documents */
} chunk_run;

/* False when there are no more. The run before, or all zero, gives where it begins. */
static bool next_run(const auk_built_terms *terms, chunk_run *run)
{
    run->from = run->to;
    if (run->from == terms->doc_count)
        return false;
    run->chunk = terms->rows[run->from]->chunk;
    do
        run->to++;
    while (run->to < terms->doc_count && terms->rows[run->to]->chunk == run->chunk);
    return true;
}

/* Counts by the chunk's own numbers: those are few, and stay in the nearest cache. */
static void count_run(const auk_built_terms *terms, const chunk_run *run, uint32_t *own)
{
    const auk_chunk *chunk = run->chunk;
    for (uint32_t doc = run->from; doc < run->to; doc++) {
        const auk_chunk_document *document = auk_row_document(terms->rows[doc]);
        for (uint32_t i = document->from.plain; i < document->to.plain; i++)
            own[chunk->plain.items[i]]++;
        for (uint32_t i = document->from.positioned; i < document->to.positioned; i++)
            own[chunk->positioned.items[i].term]++;
    }
}

static void count_tokens(auk_built_terms *terms)
{
    terms->counts = must_zalloc(terms->table.terms.count, sizeof *terms->counts);
    for (chunk_run run = {0}; next_run(terms, &run);) {
        const uint32_t *map = terms->maps[run.chunk->number];
        uint32_t count = run.chunk->terms.terms.count;
        memset(terms->own, 0, count * sizeof *terms->own);
        count_run(terms, &run, terms->own);
        for (uint32_t t = 0; t < count; t++)
            terms->counts[map[t]] += terms->own[t];
    }
}

static void order_terms(auk_built_terms *terms)
{
    uint32_t count = terms->table.terms.count;
    const auk_table_term *items = terms->table.terms.items;
    uint32_t *starts = must_zalloc(terms->field_limit + 1u, sizeof *starts);
    for (uint32_t t = 0; t < count; t++)
        starts[items[t].field + 1u] += terms->counts[t] != 0;
    for (uint32_t f = 0; f < terms->field_limit; f++)
        starts[f + 1] += starts[f];
    uint32_t *next = must_alloc(terms->field_limit, sizeof *next);
    memcpy(next, starts, terms->field_limit * sizeof *next);
    terms->order = must_alloc(count, sizeof *terms->order);
    for (uint32_t t = 0; t < count; t++)
        if (terms->counts[t] != 0)
            terms->order[next[items[t].field]++] =
                (auk_ordered_term){.prefix = __builtin_bswap64(items[t].head), .term = t};
    auk_ordered_term *spare = must_alloc(count, sizeof *spare);
    for (uint32_t f = 0; f < terms->field_limit; f++)
        if (starts[f + 1] - starts[f] > 1)
            auk_term_order(items, terms->order + starts[f], spare, starts[f + 1] - starts[f]);
    free(spare);
    free(next);
    terms->field_starts = starts;
}

/* In the order of the terms, in which they are written. */
static void lay_out(auk_built_terms *terms)
{
    uint32_t kept = terms->field_starts[terms->field_limit];
    size_t plain = 0, positioned = 0;
    terms->ends = must_zalloc(terms->table.terms.count, sizeof *terms->ends);
    terms->sizes = must_alloc(kept, sizeof *terms->sizes);
    for (uint32_t i = 0; i < kept; i++) {
        uint32_t t = terms->order[i].term;
        bool has_positions = (terms->table.terms.items[t].flags & AUK_FORM_POSITIONS) != 0;
        size_t *next = has_positions ? &positioned : &plain;
        terms->order[i].start = terms->ends[t] = (uint32_t)*next;
        terms->sizes[i] = terms->counts[t];
        *next += terms->counts[t];
    }
    terms->plain = must_alloc(plain, sizeof *terms->plain);
    terms->positioned = must_alloc(positioned, sizeof *terms->positioned);
}

static void scatter_run(auk_built_terms *terms, const chunk_run *run, uint32_t *next)
{
    const auk_chunk *chunk = run->chunk;
    for (uint32_t doc = run->from; doc < run->to; doc++) {
        const auk_chunk_document *document = auk_row_document(terms->rows[doc]);
        for (uint32_t i = document->from.plain; i < document->to.plain; i++)
            terms->plain[next[chunk->plain.items[i]]++] = doc;
        for (uint32_t i = document->from.positioned; i < document->to.positioned; i++) {
            auk_positioned_token token = chunk->positioned.items[i];
            terms->positioned[next[token.term]++] = (uint64_t)doc << 32 | token.position;
        }
    }
}

/* The same: a run takes its places with it, and leaves them where it came to. */
static void scatter(auk_built_terms *terms)
{
    for (chunk_run run = {0}; next_run(terms, &run);) {
        const uint32_t *map = terms->maps[run.chunk->number];
        uint32_t count = run.chunk->terms.terms.count;
        for (uint32_t t = 0; t < count; t++) {
            terms->own[t] = terms->ends[map[t]];
            __builtin_prefetch(&terms->positioned[terms->own[t]], 1);
        }
        scatter_run(terms, &run, terms->own);
        for (uint32_t t = 0; t < count; t++)
            terms->ends[map[t]] = terms->own[t];
    }
}

void auk_built_terms_init(auk_built_terms *terms, const auk_write_buffer *buffer,
                          const auk_row **rows, uint32_t doc_count, const uint16_t *forms,
                          uint32_t field_limit)
{
    *terms = (auk_built_terms){.buffer = buffer,
                               .rows = rows,
                               .doc_count = doc_count,
                               .field_limit = field_limit};
    join(terms, forms);
    count_tokens(terms);
    order_terms(terms);
    lay_out(terms);
    scatter(terms);
}

void auk_built_terms_deinit(auk_built_terms *terms)
{
    for (uint32_t c = 0; c < terms->buffer->chunks.count; c++)
        free(terms->maps[c]);
    free(terms->maps);
    free(terms->own);
    auk_term_table_deinit(&terms->table);
    free(terms->counts);
    free(terms->ends);
    free(terms->sizes);
    free(terms->plain);
    free(terms->positioned);
    free(terms->order);
    free(terms->field_starts);
    free(terms->positions);
}

/* ---- write ---- */

/* Where the postings of a field go besides the writer. */
typedef struct field_writer {
    auk_segment_writer *writer;
    bool freqs;
    uint64_t *seen;          /* a bit a document; NULL: not counted */
    uint32_t ordinal;        /* of the current term */
    auk_doc_value *ordinals; /* by term, then document; NULL: no column of them */
    size_t ordinal_count;
} field_writer;

static void put_posting(field_writer *field, uint32_t doc, uint32_t freq, const uint32_t *positions)
{
    auk_segment_writer_posting(field->writer, doc, field->freqs ? freq : 1, positions);
    if (field->seen != NULL)
        field->seen[doc >> 6] |= UINT64_C(1) << (doc & 63);
    if (field->ordinals != NULL)
        field->ordinals[field->ordinal_count++] = (auk_doc_value){doc, field->ordinal};
}

static void put_plain(field_writer *field, const uint32_t *docs, uint32_t count)
{
    for (uint32_t i = 0; i < count;) {
        uint32_t doc = docs[i];
        uint32_t freq = 0;
        for (; i < count && docs[i] == doc; i++)
            freq++;
        put_posting(field, doc, freq, NULL);
    }
}

static void put_positioned(auk_built_terms *terms, field_writer *field, const uint64_t *tokens,
                           uint32_t count)
{
    if (count > terms->positions_capacity) {
        terms->positions_capacity = count * 2;
        free(terms->positions);
        terms->positions = must_alloc(terms->positions_capacity, sizeof *terms->positions);
    }
    for (uint32_t i = 0; i < count;) {
        uint32_t doc = (uint32_t)(tokens[i] >> 32);
        uint32_t freq = 0;
        for (; i < count && (uint32_t)(tokens[i] >> 32) == doc; i++)
            terms->positions[freq++] = (uint32_t)tokens[i];
        put_posting(field, doc, freq, terms->positions);
    }
}

static uint64_t count_tokens_of(const auk_built_terms *terms, uint32_t from, uint32_t to)
{
    uint64_t tokens = 0;
    for (uint32_t i = from; i < to; i++)
        tokens += terms->sizes[i];
    return tokens;
}

/* From term order to document order, by counting. */
static void write_ordinals(uint16_t number, const field_writer *field, uint32_t doc_count)
{
    uint32_t *next = must_zalloc((size_t)doc_count + 1, sizeof *next);
    auk_doc_value *sorted = must_alloc(field->ordinal_count, sizeof *sorted);
    for (size_t i = 0; i < field->ordinal_count; i++)
        next[field->ordinals[i].doc + 1]++;
    for (uint32_t doc = 0; doc < doc_count; doc++)
        next[doc + 1] += next[doc];
    for (size_t i = 0; i < field->ordinal_count; i++)
        sorted[next[field->ordinals[i].doc]++] = field->ordinals[i];
    auk_segment_writer_begin_column(field->writer, number, true);
    for (size_t i = 0; i < field->ordinal_count; i++)
        auk_segment_writer_column_value(field->writer, sorted[i].doc, sorted[i].value);
    auk_segment_writer_end_column(field->writer);
    free(sorted);
    free(next);
}

/* A term's row and a long one's text lie anywhere: each is asked for some terms ahead of its use.
 */
static void prefetch_ahead(const auk_built_terms *terms, uint32_t at, uint32_t to)
{
    const auk_table_term *items = terms->table.terms.items;
    if (at + AHEAD < to)
        __builtin_prefetch(&items[terms->order[at + AHEAD].term]);
    if (at + AHEAD / 2 < to)
        __builtin_prefetch(auk_table_term_text(&items[terms->order[at + AHEAD / 2].term]).data);
}

static void write_terms(auk_built_terms *terms, const auk_built_field_terms *what,
                        field_writer *field)
{
    uint32_t from = terms->field_starts[what->number], to = terms->field_starts[what->number + 1];
    for (uint32_t i = from; i < to; i++) {
        prefetch_ahead(terms, i, to);
        const auk_table_term *term = &terms->table.terms.items[terms->order[i].term];
        uint32_t count = terms->sizes[i], start = terms->order[i].start;
        auk_segment_writer_begin_term(field->writer, auk_table_term_text(term));
        if ((what->forms & AUK_FORM_POSITIONS) != 0)
            put_positioned(terms, field, terms->positioned + start, count);
        else
            put_plain(field, terms->plain + start, count);
        auk_segment_writer_end_term(field->writer);
        field->ordinal++;
    }
}

static uint64_t count_seen(const uint64_t *seen, uint32_t doc_count)
{
    uint64_t count = 0;
    for (size_t word = 0; word < ((size_t)doc_count + 63) / 64; word++)
        count += (uint64_t)__builtin_popcountll(seen[word]);
    return count;
}

void auk_built_terms_write(auk_built_terms *terms, const auk_built_field_terms *what,
                           auk_segment_writer *writer)
{
    uint32_t from = terms->field_starts[what->number], to = terms->field_starts[what->number + 1];
    if (from == to)
        return;
    uint64_t tokens = count_tokens_of(terms, from, to);
    auk_terms_options options = {
        .field = what->number,
        .has_freqs = (what->forms & AUK_FORM_FREQS) != 0,
        .has_positions = (what->forms & AUK_FORM_POSITIONS) != 0,
        .norms = what->norms,
        .average_length = what->doc_count != 0 ? (double)tokens / what->doc_count : 1,
        .k1 = AUK_SIMILARITY_K1,
        .b = AUK_SIMILARITY_B,
    };
    field_writer field = {.writer = writer, .freqs = options.has_freqs};
    if (what->count_docs)
        field.seen = must_zalloc(((size_t)terms->doc_count + 63) / 64, sizeof *field.seen);
    if ((what->forms & AUK_FORM_ORDINALS) != 0)
        field.ordinals = must_alloc(tokens, sizeof *field.ordinals);
    auk_segment_writer_begin_terms(writer, &options);
    write_terms(terms, what, &field);
    auk_segment_writer_end_terms(writer, what->count_docs ? count_seen(field.seen, terms->doc_count)
                                                          : what->doc_count);
    if (field.ordinals != NULL)
        write_ordinals(what->number, &field, terms->doc_count);
    free(field.ordinals);
    free(field.seen);
}
