#include "merge_documents.h"

#include <stdlib.h>

#define FIRST_RUN 4096u /* documents, before anything is known of their size */

static void *must_alloc(size_t count, size_t size)
{
    void *memory = calloc(count != 0 ? count : 1, size);
    if (memory == NULL)
        abort();
    return memory;
}

/* Of work, beside a posting: unpacking and packing. */
static uint64_t units_of(const auk_stored_document *document)
{
    return 16 + document->source.size / 2;
}

/* ---- as they come ---- */

static auk_code copy_in_order(const auk_merge_plan *plan, auk_segment_writer *writer,
                              auk_error *err)
{
    auk_code code = AUK_OK;
    for (uint32_t s = 0; s < plan->source_count && code == AUK_OK; s++) {
        const auk_merge_source *source = &plan->sources[s];
        auk_arena *arena = auk_arena_create(4096);
        auk_stored_cache *cache = auk_stored_cache_create(arena);
        uint32_t count = auk_segment_doc_count(source->segment);
        for (uint32_t doc = 0; doc < count && code == AUK_OK; doc++) {
            if (source->map[doc] == AUK_DOC_DROPPED)
                continue;
            auk_stored_document document;
            code = auk_segment_read_stored(source->segment, doc, cache, NULL, &document, err);
            if (code == AUK_OK)
                auk_segment_writer_document(writer, &document);
            auk_pace_step(plan->options.pace, units_of(&document));
        }
        auk_arena_destroy(arena);
    }
    return code;
}

/* ---- in another order ---- */

typedef struct origin {
    uint32_t source, doc;
} origin;

/* Where a gathered document's id begins in the bytes; routing and source follow. */
typedef struct gathered {
    size_t start;
    uint32_t id_size, routing_size, source_size;
} gathered;

typedef struct gathering {
    const auk_merge_plan *plan;
    const origin *origins; /* by new number */
    size_t most;
    uint64_t *walk; /* of a run: old place << 32 | number in the run */
    gathered *documents;
    uint32_t capacity;
    auk_buffer bytes;
    auk_arena *arena;
    auk_stored_cache **caches; /* by source */
} gathering;

static origin *find_origins(const auk_merge_plan *plan)
{
    origin *origins = must_alloc(plan->doc_count, sizeof *origins);
    for (uint32_t s = 0; s < plan->source_count; s++) {
        const uint32_t *map = plan->sources[s].map;
        for (uint32_t doc = 0; doc < auk_segment_doc_count(plan->sources[s].segment); doc++)
            if (map[doc] != AUK_DOC_DROPPED)
                origins[map[doc]] = (origin){s, doc};
    }
    return origins;
}

static int by_place(const void *a, const void *b)
{
    uint64_t x = *(const uint64_t *)a, y = *(const uint64_t *)b;
    return (x > y) - (x < y);
}

static void grow(gathering *g, uint32_t count)
{
    if (count <= g->capacity)
        return;
    free(g->walk);
    free(g->documents);
    g->capacity = count;
    g->walk = must_alloc(count, sizeof *g->walk);
    g->documents = must_alloc(count, sizeof *g->documents);
}

static void keep(gathering *g, uint32_t number, const auk_stored_document *document)
{
    g->documents[number] = (gathered){.start = g->bytes.size,
                                      .id_size = (uint32_t)document->id.size,
                                      .routing_size = (uint32_t)document->routing.size,
                                      .source_size = (uint32_t)document->source.size};
    auk_buffer_append(&g->bytes, document->id);
    auk_buffer_append(&g->bytes, document->routing);
    auk_buffer_append(&g->bytes, document->source);
}

/* Those of one source, in its order. *full: the run does not fit, and is more than one document. */
static auk_code gather_of(gathering *g, uint32_t source, uint32_t from, uint32_t count, bool *full,
                          auk_error *err)
{
    uint32_t found = 0;
    for (uint32_t i = 0; i < count; i++)
        if (g->origins[from + i].source == source)
            g->walk[found++] = (uint64_t)g->origins[from + i].doc << 32 | i;
    qsort(g->walk, found, sizeof *g->walk, by_place);
    auk_code code = AUK_OK;
    for (uint32_t i = 0; i < found && code == AUK_OK && !*full; i++) {
        auk_stored_document document;
        code =
            auk_segment_read_stored(g->plan->sources[source].segment, (auk_doc)(g->walk[i] >> 32),
                                    g->caches[source], NULL, &document, err);
        if (code == AUK_OK)
            keep(g, (uint32_t)g->walk[i], &document);
        auk_pace_step(g->plan->options.pace, units_of(&document));
        *full = g->bytes.size > g->most && count > 1;
    }
    return code;
}

static auk_code gather(gathering *g, uint32_t from, uint32_t count, bool *full, auk_error *err)
{
    auk_code code = AUK_OK;
    *full = false;
    auk_buffer_reset(&g->bytes);
    grow(g, count);
    for (uint32_t s = 0; s < g->plan->source_count && code == AUK_OK && !*full; s++)
        code = gather_of(g, s, from, count, full, err);
    return code;
}

static void write_run(const gathering *g, uint32_t count, auk_segment_writer *writer)
{
    for (uint32_t i = 0; i < count; i++) {
        const gathered *d = &g->documents[i];
        const char *at = g->bytes.data + d->start;
        auk_stored_document document = {.id = auk_span_make(at, d->id_size),
                                        .routing = auk_span_make(at + d->id_size, d->routing_size),
                                        .source = auk_span_make(at + d->id_size + d->routing_size,
                                                                d->source_size)};
        auk_segment_writer_document(writer, &document);
    }
}

/* As many as would have filled the run, had all been of the size of the last ones. */
static uint32_t next_run(const gathering *g, uint32_t count)
{
    uint64_t size = g->bytes.size / count + 1;
    uint64_t next = g->most / size * 7 / 8;
    return next < 1 ? 1 : next > UINT32_MAX ? UINT32_MAX : (uint32_t)next;
}

static auk_code copy_runs(gathering *g, auk_segment_writer *writer, auk_error *err)
{
    uint32_t run = FIRST_RUN;
    for (uint32_t from = 0; from < g->plan->doc_count;) {
        uint32_t left = g->plan->doc_count - from, count = run < left ? run : left;
        bool full;
        auk_code code = gather(g, from, count, &full, err);
        if (code != AUK_OK)
            return code;
        if (full) {
            run = count / 4 + 1 < count ? count / 4 + 1 : 1;
            continue;
        }
        write_run(g, count, writer);
        from += count;
        run = next_run(g, count);
    }
    return AUK_OK;
}

static auk_code copy_reordered(const auk_merge_plan *plan, auk_segment_writer *writer,
                               size_t gathered_most, auk_error *err)
{
    origin *origins = find_origins(plan);
    gathering g = {.plan = plan,
                   .origins = origins,
                   .most = gathered_most,
                   .arena = auk_arena_create(4096),
                   .caches = must_alloc(plan->source_count, sizeof(auk_stored_cache *))};
    auk_buffer_init(&g.bytes, AUK_BUFFER_NO_LIMIT);
    for (uint32_t s = 0; s < plan->source_count; s++)
        g.caches[s] = auk_stored_cache_create(g.arena);
    auk_code code = copy_runs(&g, writer, err);
    auk_buffer_deinit(&g.bytes);
    auk_arena_destroy(g.arena);
    free(g.caches);
    free(g.walk);
    free(g.documents);
    free(origins);
    return code;
}

auk_code auk_merge_documents(const auk_merge_plan *plan, auk_segment_writer *writer,
                             size_t gathered_most, auk_error *err)
{
    return plan->is_reordered ? copy_reordered(plan, writer, gathered_most, err)
                              : copy_in_order(plan, writer, err);
}
