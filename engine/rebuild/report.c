/* What the task shows, and when it is to stop. */
#include "run.h"

#define TELL_EVERY_US 200000u
#define LOOK_EVERY_US 2000000u /* when nobody is told */

static uint64_t lag_of(auk_rebuild *r)
{
    uint64_t lag = 0;
    bool known = r->positions && r->phase > AUK_PHASE_COPY && r->phase < AUK_PHASE_GONE;
    return known && auk_rebuild_lag(r, &lag, NULL) == AUK_OK ? lag : 0;
}

static void write_operations(const auk_rebuild *r, auk_json_writer *out)
{
    auk_json_member_object(out, "operations");
    auk_json_member_uint(out, "copy", r->counts.during_copy);
    auk_json_member_uint(out, "catch_up", r->counts.during_catch_up);
    auk_json_member_uint(out, "fence", r->counts.during_fence);
    auk_json_end_object(out);
}

static void write_status(auk_rebuild *r, auk_json_writer *out)
{
    uint64_t total = r->counts.total, copied = r->counts.copied;
    uint64_t took_us = r->phase == AUK_PHASE_COPY && r->copy_from_us
                           ? auk_clock_monotonic_us() - r->copy_from_us
                           : r->copy_us;
    uint64_t rate = took_us > 0 ? copied * 1000000 / took_us : 0;
    copied = copied > total ? total : copied;
    auk_json_begin_object(out);
    auk_json_member_text(out, "phase", auk_phase_name(r->phase));
    auk_json_member_string(out, "index", r->new_name);
    auk_json_member_uint(out, "total", total);
    auk_json_member_uint(out, "copied", copied);
    auk_json_member_uint(out, "rejected", auk_refusals_count(&r->refusals[0]));
    auk_json_member_uint(out, "lag", lag_of(r));
    auk_json_member_uint(out, "docs_per_second", rate);
    if (r->phase == AUK_PHASE_COPY && rate > 0)
        auk_json_member_uint(out, "seconds_left", (total - copied) / rate);
    if (r->ranks.size)
        auk_json_member_raw(out, "queries", r->ranks);
    write_operations(r, out);
    auk_json_end_object(out);
}

void auk_rebuild_tell(auk_rebuild *r)
{
    auk_buffer text;
    auk_json_writer out;
    if (!r->job)
        return;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    write_status(r, &out);
    auk_job_set_status(r->job, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
}

auk_code auk_rebuild_check(auk_rebuild *r, auk_error *err)
{
    if (atomic_load(&r->owner->stopping))
        return auk_fail(err, AUK_BUSY, "the node stops");
    if (r->job && auk_job_cancelled(r->job))
        return auk_fail(err, AUK_CANCELLED, "cancelled by user request");
    uint64_t now_us = auk_clock_monotonic_us();
    if (now_us - r->checked_us < (r->job ? TELL_EVERY_US : LOOK_EVERY_US))
        return AUK_OK;
    r->checked_us = now_us;
    auk_rebuild_tell(r);
    return auk_rebuild_check_disk(r, 0, err);
}

static void write_answer(auk_rebuild *r, auk_json_writer *out)
{
    auk_arena *arena = auk_arena_create(256);
    auk_json_begin_object(out);
    auk_json_member_int(out, "took", auk_clock_wall_ms() - r->started_ms);
    auk_json_member_string(out, "name", r->name);
    auk_json_member_string(out, "index", auk_index_name(r->new, arena));
    auk_json_member_string(out, "old_index", auk_index_name(r->old, arena));
    auk_json_member_uint(out, "documents", r->counts.total);
    auk_json_member_uint(out, "rejected", auk_refusals_count(&r->refusals[0]));
    auk_json_member_bool(out, "verified", r->verified);
    if (r->ranks.size)
        auk_json_member_raw(out, "queries", r->ranks);
    auk_json_member_double(out, "switch_in_millis", (double)r->fence_us / 1000);
    auk_json_member_int(out, "keep_old_until_in_millis", r->keep_until_ms);
    write_operations(r, out);
    auk_json_end_object(out);
    auk_arena_destroy(arena);
}

void auk_rebuild_finish(auk_rebuild *r)
{
    auk_buffer text;
    auk_json_writer out;
    if (!r->job)
        return;
    auk_rebuild_tell(r);
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    write_answer(r, &out);
    auk_job_finish(r->job, auk_buffer_span(&text), NULL);
    auk_buffer_deinit(&text);
    auk_job_release(r->job);
    r->job = NULL;
    r->is_told = true;
}
