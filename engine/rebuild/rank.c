/*
 * Searches asked of both generations at one moment: how far do the first hits differ? Nothing is
 * judged; the figures go into the task's answer.
 */
#include <math.h>
#include <stdlib.h>

#include "auk/search.h"

#include "run.h"

#define TOP 10u

typedef struct ranking {
    auk_span ids[TOP];
    uint32_t count;
    uint64_t total;
} ranking;

static auk_code read_ids(const auk_search_target *target, const auk_search_result *result,
                         auk_arena *arena, ranking *out, auk_error *err)
{
    out->total = result->total;
    for (uint32_t i = 0; i < result->hit_count && out->count < TOP; i++) {
        const auk_hit *hit = &result->hits[i];
        const auk_segment_view *segment = &target->shards[hit->shard]->segments[hit->segment];
        auk_stored_document stored;
        auk_code code =
            auk_segment_read_stored(segment->segment, hit->doc, NULL, arena, &stored, err);
        if (code != AUK_OK)
            return code;
        out->ids[out->count++] = stored.id;
    }
    return AUK_OK;
}

static auk_code ask(auk_rebuild *r, auk_index *index, auk_shard_view **views, uint32_t shards,
                    const auk_json *body, auk_arena *arena, ranking *out, auk_error *err)
{
    auk_search_request request;
    auk_search_result result;
    auk_mapping *mapping = auk_index_mapping(index);
    auk_search_target target = {.index = auk_index_name(index, arena),
                                .mapping = mapping,
                                .shards = views,
                                .shard_count = shards};
    auk_search_context context = {.budget = r->owner->options.budget, .now_ms = r->started_ms};
    *out = (ranking){0};
    auk_search_request_init(&request);
    auk_code code = auk_search_request_parse(body, arena, &request, err);
    request.size = TOP;
    request.track_total_hits = INT64_MAX;
    if (code == AUK_OK)
        code = auk_search_run(&target, 1, &request, &context, arena, &result, err);
    if (code == AUK_OK)
        code = read_ids(&target, &result, arena, out, err);
    auk_mapping_release(mapping);
    return code;
}

static uint32_t rank_of(const ranking *in, auk_span id)
{
    for (uint32_t i = 0; i < in->count; i++)
        if (auk_span_equal(in->ids[i], id))
            return i;
    return TOP;
}

static void write_one(const ranking *old, const ranking *new, auk_json_writer *out)
{
    uint32_t shared = 0, moved = 0;
    for (uint32_t i = 0; i < new->count; i++) {
        uint32_t before = rank_of(old, new->ids[i]);
        shared += before < TOP;
        moved += before < TOP && before != i;
    }
    auk_json_begin_object(out);
    auk_json_member_uint(out, "old_total", old->total);
    auk_json_member_uint(out, "new_total", new->total);
    auk_json_member_uint(out, "shared", shared);
    auk_json_member_uint(out, "moved", moved);
    auk_json_member_array(out, "entered");
    for (uint32_t i = 0; i < new->count; i++)
        if (rank_of(old, new->ids[i]) == TOP)
            auk_json_string(out, new->ids[i]);
    auk_json_end_array(out);
    auk_json_member_array(out, "left");
    for (uint32_t i = 0; i < old->count; i++)
        if (rank_of(new, old->ids[i]) == TOP)
            auk_json_string(out, old->ids[i]);
    auk_json_end_array(out);
    auk_json_end_object(out);
}

static void write_failure(const auk_error *err, auk_json_writer *out)
{
    auk_json_begin_object(out);
    auk_json_member_text(out, "error", err->message);
    auk_json_end_object(out);
}

void auk_rebuild_rank(auk_rebuild *r, auk_shard_view **old, auk_shard_view **new)
{
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    auk_json_begin_array(&out);
    for (const auk_json *body = r->wishes.queries ? r->wishes.queries->child : NULL; body;
         body = body->next) {
        auk_error err = {0};
        ranking before, after;
        auk_arena *arena = auk_arena_create(4096);
        auk_code code = ask(r, r->old, old, r->old_shards, body, arena, &before, &err);
        if (code == AUK_OK)
            code = ask(r, r->new, new, r->new_shards, body, arena, &after, &err);
        if (code == AUK_OK)
            write_one(&before, &after, &out);
        else
            write_failure(&err, &out);
        auk_arena_destroy(arena);
    }
    auk_json_end_array(&out);
    r->ranks = auk_arena_copy(r->arena, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
}
