#include "health.h"

const char *auk_health_name(auk_health health)
{
    static const char *const names[] = {"green", "yellow", "red"};
    return names[health];
}

auk_health auk_health_worse(auk_health a, auk_health b)
{
    return a > b ? a : b;
}

/* err: the words, when it is not green. */
static auk_health look_at_store(auk_catalog *catalog, auk_error *err)
{
    auk_store *store = auk_catalog_store(catalog);
    if (auk_store_is_closed(store)) {
        auk_fail(err, AUK_FULL, "the store could not be opened again after the disk was full");
        return AUK_HEALTH_RED;
    }
    if (auk_store_check_space(store, 0, err) != AUK_OK)
        return AUK_HEALTH_YELLOW;
    if (!auk_store_is_stuck(store))
        return AUK_HEALTH_GREEN;
    auk_fail(err, AUK_FULL, "no writes are taken: the disk was full, and space is waited for");
    return AUK_HEALTH_YELLOW;
}

auk_health auk_health_of_store(auk_catalog *catalog)
{
    auk_error err = {0};
    return look_at_store(catalog, &err);
}

auk_health auk_health_of_shard(const auk_index_view *view, uint32_t shard)
{
    auk_shard_health health;
    auk_index_read_health(view->index, shard, &health);
    return health.is_blocked || health.flush.failures > 0 || health.merge.failures > 0
               ? AUK_HEALTH_YELLOW
               : AUK_HEALTH_GREEN;
}

auk_health auk_health_of_index(const auk_index_view *view)
{
    auk_health worst = view->unopened ? AUK_HEALTH_RED : AUK_HEALTH_GREEN;
    for (uint32_t i = 0; i < view->shard_count; i++)
        worst = auk_health_worse(worst, auk_health_of_shard(view, i));
    return worst;
}

auk_health auk_health_of_node(auk_catalog *catalog)
{
    auk_health worst = auk_health_of_store(catalog);
    const auk_root *root = auk_root_acquire(catalog);
    for (uint32_t i = 0; i < root->index_count; i++)
        worst = auk_health_worse(worst, auk_health_of_index(root->indices[i]));
    auk_root_release(catalog, root);
    return worst;
}

auk_failing auk_health_count_failing(auk_catalog *catalog)
{
    auk_failing sum = {0};
    const auk_root *root = auk_root_acquire(catalog);
    for (uint32_t i = 0; i < root->index_count; i++) {
        for (uint32_t k = 0; k < root->indices[i]->shard_count; k++) {
            auk_shard_health health;
            auk_index_read_health(root->indices[i]->index, k, &health);
            sum.flushes += health.flush.failures > 0;
            sum.merges += health.merge.failures > 0;
            sum.blocked += health.is_blocked;
        }
    }
    auk_root_release(catalog, root);
    return sum;
}

/* ---- in words ---- */

static void begin_problem(auk_json_writer *out, const char *kind, auk_health health)
{
    auk_json_begin_object(out);
    auk_json_member_text(out, "kind", kind);
    auk_json_member_text(out, "status", auk_health_name(health));
}

static void write_work(auk_json_writer *out, const char *kind, const auk_index_view *view,
                       uint32_t shard, const auk_work_health *work)
{
    if (work->failures == 0)
        return;
    begin_problem(out, kind, AUK_HEALTH_YELLOW);
    auk_json_member_string(out, "index", view->name);
    auk_json_member_uint(out, "shard", shard);
    auk_json_member_text(out, "reason", work->reason);
    auk_json_member_uint(out, "failures", work->failures);
    auk_json_member_uint(out, "retry_in_millis", work->retry_in_ms);
    auk_json_end_object(out);
}

static void write_shard(auk_json_writer *out, const auk_index_view *view, uint32_t shard)
{
    auk_shard_health health;
    auk_index_read_health(view->index, shard, &health);
    if (health.is_blocked) {
        begin_problem(out, "writes", AUK_HEALTH_YELLOW);
        auk_json_member_string(out, "index", view->name);
        auk_json_member_uint(out, "shard", shard);
        auk_json_member_text(out, "reason", "no writes are taken since the disk was full");
        auk_json_end_object(out);
    }
    write_work(out, "flush", view, shard, &health.flush);
    write_work(out, "merge", view, shard, &health.merge);
}

static void write_unopened(auk_json_writer *out, const auk_index_view *view)
{
    if (!view->unopened)
        return;
    begin_problem(out, "index", AUK_HEALTH_RED);
    auk_json_member_string(out, "index", view->name);
    auk_json_member_text(out, "reason", view->unopened->message);
    if (view->unopened->hint[0])
        auk_json_member_text(out, "hint", view->unopened->hint);
    auk_json_end_object(out);
}

void auk_health_write_problems(auk_call *call)
{
    auk_json_writer *out = &call->out;
    auk_catalog *catalog = call->rest->options.catalog;
    auk_error err = {0};
    auk_json_member_array(out, "problems");
    auk_health store = look_at_store(catalog, &err);
    if (store != AUK_HEALTH_GREEN) {
        begin_problem(out, "disk", store);
        auk_json_member_text(out, "reason", err.message);
        if (err.hint[0])
            auk_json_member_text(out, "hint", err.hint);
        auk_json_end_object(out);
    }
    const auk_root *root = auk_root_acquire(catalog);
    for (uint32_t i = 0; i < root->index_count; i++) {
        write_unopened(out, root->indices[i]);
        for (uint32_t k = 0; k < root->indices[i]->shard_count; k++)
            write_shard(out, root->indices[i], k);
    }
    auk_root_release(catalog, root);
    auk_json_end_array(out);
}
