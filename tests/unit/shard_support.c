#include "shard_support.h"

static auk_mapping *give_mapping(void *context)
{
    support_index *index = context;
    pthread_mutex_lock(&index->lock);
    auk_mapping *mapping = auk_mapping_acquire(index->mapping);
    pthread_mutex_unlock(&index->lock);
    return mapping;
}

static auk_code extend_mapping(void *context, const auk_json *additions, auk_mapping **out,
                               auk_error *err)
{
    support_index *index = context;
    auk_mapping *next = NULL;
    pthread_mutex_lock(&index->lock);
    auk_code code = auk_mapping_merge(index->mapping, additions, &next, err);
    if (code == AUK_OK) {
        auk_mapping_release(index->mapping);
        index->mapping = next;
        *out = auk_mapping_acquire(next);
    }
    pthread_mutex_unlock(&index->lock);
    return code;
}

static void take_view(void *context, auk_shard_view *view)
{
    support_index *index = context;
    pthread_mutex_lock(&index->lock);
    auk_shard_view *old = index->view;
    index->view = view;
    index->published++;
    pthread_mutex_unlock(&index->lock);
    auk_shard_view_release(old);
}

auk_shard_view *support_view(support_index *index)
{
    pthread_mutex_lock(&index->lock);
    auk_shard_view *view = auk_shard_view_acquire(index->view);
    pthread_mutex_unlock(&index->lock);
    return view;
}

static void make_mapping(support_index *index, const char *mapping)
{
    auk_arena *arena = auk_arena_create(4096);
    const auk_json *body = NULL;
    index->settings = auk_settings_create();
    assert_ok(auk_analysis_create(index->settings, &index->analysis, err));
    if (mapping != NULL)
        assert_ok(auk_json_parse(auk_span_of(mapping), arena, &body, err));
    assert_ok(auk_mapping_create(body, index->settings, index->analysis, &index->mapping, err));
    auk_arena_destroy(arena);
}

void support_index_open(support_index *index)
{
    auk_shard_host host = {index, give_mapping, extend_mapping, take_view, NULL};
    index->store = support_open(index->directory);
    auk_buffer named;
    auk_buffer_init(&named, AUK_BUFFER_NO_LIMIT);
    size_t dropped;
    assert_ok(auk_shard_named_segments(index->store, &named, err));
    uint64_t *ids = malloc(named.size + 1);
    if (named.size != 0)
        memcpy(ids, named.data, named.size);
    assert_ok(auk_store_drop_orphans(index->store, ids, named.size / 8, &dropped, err));
    free(ids);
    auk_buffer_deinit(&named);
    assert_ok(auk_shard_open(index->store, index->budget, index->pool, &index->options, &host,
                             &index->shard, err));
}

static void init(support_index *index, const char *mapping, const auk_shard_options *options)
{
    index->arena = auk_arena_create(1024);
    pthread_mutex_init(&index->lock, NULL);
    if (options != NULL)
        index->options = *options;
    index->options.id = 7;
    make_mapping(index, mapping);
    support_index_open(index);
}

void support_index_init_at(support_index *index, char *directory, const char *mapping,
                           const auk_shard_options *options, auk_pool *pool)
{
    *index = (support_index){.directory = directory, .pool = pool};
    init(index, mapping, options);
}

void support_index_init_budget(support_index *index, const char *mapping,
                               const auk_shard_options *options, auk_budget *budget)
{
    *index = (support_index){.directory = support_directory(), .budget = budget};
    init(index, mapping, options);
}

void support_index_init(support_index *index, const char *mapping, const auk_shard_options *options,
                        auk_pool *pool)
{
    support_index_init_at(index, support_directory(), mapping, options, pool);
}

void support_index_close(support_index *index)
{
    auk_shard_close(index->shard);
    index->shard = NULL;
    auk_shard_view_release(index->view);
    index->view = NULL;
    auk_store_close(index->store);
    index->store = NULL;
}

void support_index_deinit(support_index *index)
{
    support_index_close(index);
    auk_arena_destroy(index->arena);
    auk_mapping_release(index->mapping);
    auk_analysis_release(index->analysis);
    auk_settings_destroy(index->settings);
    pthread_mutex_destroy(&index->lock);
    support_remove(index->directory);
}

auk_outcome support_write(support_index *index, const auk_operation *operation)
{
    auk_outcome outcome = {0};
    assert_ok(auk_shard_write(index->shard, operation, 1, NULL, index->arena, &outcome, err));
    return outcome;
}

auk_outcome support_put_document(support_index *index, const char *id, const char *source)
{
    auk_operation operation = {.kind = AUK_OPERATION_INDEX,
                               .id = auk_span_of(id),
                               .source = auk_span_of(source),
                               .if_seq_no = -1};
    return support_write(index, &operation);
}

auk_outcome support_delete_document(support_index *index, const char *id)
{
    auk_operation operation = {.kind = AUK_OPERATION_DELETE,
                               .id = auk_span_of(id),
                               .if_seq_no = -1};
    return support_write(index, &operation);
}

void support_expect(support_index *index, const char *id, const char *source)
{
    auk_arena *arena = auk_arena_create(1024);
    auk_shard_document document;
    bool found = false;
    assert_ok(auk_shard_get(index->shard, auk_span_of(id), arena, &document, &found, err));
    if (source == NULL && found)
        fail_msg("document %s is there: %.*s", id, AUK_SPAN_ARG(document.source));
    if (source != NULL && !found)
        fail_msg("document %s is not there", id);
    if (source != NULL && !auk_span_is(document.source, source))
        fail_msg("document %s is %.*s", id, AUK_SPAN_ARG(document.source));
    if (found)
        assert_true(auk_span_is(document.id, id));
    auk_arena_destroy(arena);
}

void support_refresh(support_index *index)
{
    bool changed;
    assert_ok(auk_shard_refresh(index->shard, &changed, err));
}

static bool is_live(const auk_segment_view *segment, auk_doc doc)
{
    return segment->live == NULL || (segment->live[doc >> 6] >> (doc & 63) & 1) != 0;
}

static uint32_t count_in(const auk_segment_view *segment, uint16_t field, auk_span term)
{
    const auk_terms *terms = auk_segment_terms(segment->segment, field);
    auk_term found_term;
    bool found = false;
    if (terms != NULL)
        assert_ok(auk_terms_find(terms, term, &found_term, &found, err));
    if (!found)
        return 0;
    auk_arena *arena = auk_arena_create(1024);
    auk_postings *postings;
    uint32_t count = 0;
    assert_ok(auk_postings_open(&found_term, AUK_WANT_DOCS, arena, &postings, err));
    for (auk_doc doc = auk_postings_next(postings); doc != AUK_DOC_END;
         doc = auk_postings_next(postings))
        count += is_live(segment, doc);
    assert_int_equal(auk_postings_status(postings), AUK_OK);
    auk_arena_destroy(arena);
    return count;
}

uint32_t support_count(support_index *index, const char *field, auk_span term)
{
    const auk_field *found = auk_mapping_find(index->mapping, auk_span_of(field));
    if (found == NULL)
        return UINT32_MAX;
    auk_shard_view *view = support_view(index);
    uint32_t count = 0;
    for (uint32_t i = 0; i < view->segment_count; i++)
        count += count_in(&view->segments[i], found->number, term);
    auk_shard_view_release(view);
    return count;
}

static int64_t read_column(const auk_segment *segment, uint16_t field, auk_doc doc,
                           auk_arena *arena)
{
    const auk_column *column = auk_segment_column(segment, field);
    assert_non_null(column);
    const int64_t *values;
    assert_int_equal(auk_column_cursor_values(auk_column_cursor_open(column, arena), doc, &values),
                     1);
    return values[0];
}

static void each_in(const auk_segment_view *segment, support_visit visit, void *context)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_arena *row_arena = auk_arena_create(4096);
    auk_stored_cache *cache = auk_stored_cache_create(arena);
    uint32_t live = 0;
    for (auk_doc doc = 0; doc < auk_segment_doc_count(segment->segment); doc++) {
        if (!is_live(segment, doc))
            continue;
        live++;
        auk_stored_document document;
        assert_ok(auk_segment_read_stored(segment->segment, doc, cache, NULL, &document, err));
        int64_t seq_no = read_column(segment->segment, AUK_FIELD_SEQ_NO, doc, row_arena);
        int64_t version = read_column(segment->segment, AUK_FIELD_VERSION, doc, row_arena);
        visit(context, &document, seq_no, version);
        auk_arena_reset(row_arena);
    }
    assert_int_equal(live, segment->live_count);
    auk_arena_destroy(row_arena);
    auk_arena_destroy(arena);
}

void support_each(const auk_shard_view *view, support_visit visit, void *context)
{
    for (uint32_t i = 0; i < view->segment_count; i++)
        each_in(&view->segments[i], visit, context);
}
