/* _rollover: the next index behind an alias, when conditions on the one before are met. */
#include "auk/rollover.h"

#include "admin.h"

typedef enum condition_kind { AGE, DOCS, SIZE, SHARD_SIZE, SHARD_DOCS } condition_kind;

typedef struct condition_name {
    const char *name;
    condition_kind kind;
    bool is_least; /* min_..: all of them must hold */
} condition_name;

static const condition_name names[] = {
    {"max_age", AGE, false},
    {"max_docs", DOCS, false},
    {"max_size", SIZE, false},
    {"max_primary_shard_size", SHARD_SIZE, false},
    {"max_primary_shard_docs", SHARD_DOCS, false},
    {"min_age", AGE, true},
    {"min_docs", DOCS, true},
    {"min_size", SIZE, true},
    {"min_primary_shard_size", SHARD_SIZE, true},
    {"min_primary_shard_docs", SHARD_DOCS, true},
};
#define NAMES (sizeof names / sizeof names[0])

typedef struct condition {
    const condition_name *name;
    auk_span text;
    uint64_t value;
    bool is_met;
} condition;

typedef struct conditions {
    condition items[NAMES];
    uint32_t count;
} conditions;

/* ---- reading ---- */

static auk_code read_value(const condition_name *name, const auk_json *given, uint64_t *out,
                           auk_error *err)
{
    int64_t number = 0;
    bool counts = name->kind == DOCS || name->kind == SHARD_DOCS;
    if (counts && (!auk_json_to_int64(given, &number) || number < 0))
        return auk_fail_type(err, AUK_INVALID, "x_content_parse_exception",
                             "[conditions] failed to parse field [%s]", name->name);
    if (name->kind == AGE && (!auk_time_parse_ms(given->text, &number) || number < 0))
        return auk_fail(err, AUK_INVALID,
                        "failed to parse setting [%s] with value [%.*s] as a time value: unit is "
                        "missing or unrecognized",
                        name->name, AUK_SPAN_ARG(given->text));
    *out = (uint64_t)number;
    if (counts || name->kind == AGE)
        return AUK_OK;
    if (given->type == AUK_JSON_STRING && auk_bytes_parse(given->text, out))
        return AUK_OK;
    return auk_fail_type(err, AUK_INVALID, "parse_exception",
                         "failed to parse setting [%s] with value [%.*s] as a size in bytes: unit "
                         "is missing or unrecognized",
                         name->name, AUK_SPAN_ARG(given->text));
}

static auk_code read_condition(const auk_json *given, conditions *out, auk_error *err)
{
    condition *next = &out->items[out->count];
    for (size_t i = 0; i < NAMES && !next->name; i++)
        if (auk_span_is(given->key, names[i].name))
            next->name = &names[i];
    next->text = given->text;
    out->count++;
    return read_value(next->name, given, &next->value, err);
}

static auk_code read_conditions(const auk_json *given, conditions *out, auk_error *err)
{
    bool any_most = false;
    *out = (conditions){0};
    if (!given)
        return AUK_OK;
    auk_code code = auk_body_check(
        given, "conditions",
        "max_age max_docs max_size max_primary_shard_size max_primary_shard_docs min_age min_docs "
        "min_size min_primary_shard_size min_primary_shard_docs",
        err);
    for (const auk_json *m = given->child; m && code == AUK_OK; m = m->next)
        code = read_condition(m, out, err);
    for (uint32_t i = 0; i < out->count; i++)
        any_most = any_most || !out->items[i].name->is_least;
    if (code == AUK_OK && out->count > 0 && !any_most)
        return auk_fail_type(err, AUK_INVALID, "action_request_validation_exception",
                             "Validation Failed: 1: at least one max_* rollover condition must be "
                             "set when using min_* conditions;");
    return code;
}

/* What an index is made of, without the conditions. */
static auk_code read_body(auk_call *call, conditions *wanted, const auk_json **out, auk_error *err)
{
    const auk_json *body;
    auk_buffer text;
    auk_json_writer writer;
    *out = NULL;
    *wanted = (conditions){0};
    auk_code code = auk_call_body(call, &body, err);
    if (code == AUK_OK && body)
        code = auk_body_check(body, "rollover", "conditions settings mappings aliases", err);
    if (code == AUK_OK && body)
        code = read_conditions(auk_json_get(body, "conditions"), wanted, err);
    if (code != AUK_OK || !body)
        return code;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &text, false);
    auk_json_begin_object(&writer);
    for (const auk_json *m = body->child; m; m = m->next) {
        if (auk_span_is(m->key, "conditions"))
            continue;
        auk_json_key(&writer, m->key);
        auk_json_value(&writer, m);
    }
    auk_json_end_object(&writer);
    code = auk_json_parse_own(auk_buffer_span(&text), call->arena, out, err);
    auk_buffer_deinit(&text);
    return code;
}

/* ---- what is met ---- */

typedef struct figures {
    uint64_t age_ms, docs, bytes, shard_docs, shard_bytes; /* shard_..: of the largest shard */
} figures;

static figures measure(const auk_index_view *view)
{
    int64_t age_ms = auk_clock_wall_ms() - view->created_ms;
    figures f = {.age_ms = age_ms > 0 ? (uint64_t)age_ms : 0};
    for (uint32_t i = 0; i < view->shard_count; i++) {
        auk_shard_stats stats;
        auk_index_read_stats(view->index, i, &stats);
        f.docs += stats.doc_count;
        f.bytes += stats.segment_bytes;
        f.shard_docs = stats.doc_count > f.shard_docs ? stats.doc_count : f.shard_docs;
        f.shard_bytes = stats.segment_bytes > f.shard_bytes ? stats.segment_bytes : f.shard_bytes;
    }
    return f;
}

/* True: roll over. */
static bool judge(conditions *wanted, const figures *f)
{
    bool any_most = wanted->count == 0, all_least = true;
    for (uint32_t i = 0; i < wanted->count; i++) {
        condition *c = &wanted->items[i];
        uint64_t is = c->name->kind == AGE          ? f->age_ms
                      : c->name->kind == DOCS       ? f->docs
                      : c->name->kind == SIZE       ? f->bytes
                      : c->name->kind == SHARD_SIZE ? f->shard_bytes
                                                    : f->shard_docs;
        c->is_met = is >= c->value;
        any_most = any_most || (c->is_met && !c->name->is_least);
        all_least = all_least && (c->is_met || !c->name->is_least);
    }
    return any_most && all_least;
}

static void write_answer(auk_call *call, const auk_rollover *r, const conditions *wanted, bool done,
                         bool dry)
{
    auk_json_writer *out = &call->out;
    auk_json_begin_object(out);
    auk_json_member_bool(out, "acknowledged", done);
    auk_json_member_bool(out, "shards_acknowledged", done);
    auk_json_member_string(out, "old_index", r->from->name);
    auk_json_member_string(out, "new_index", r->name);
    auk_json_member_bool(out, "rolled_over", done);
    auk_json_member_bool(out, "dry_run", dry);
    auk_json_member_object(out, "conditions");
    for (uint32_t i = 0; i < wanted->count; i++) {
        const condition *c = &wanted->items[i];
        auk_json_key(out, auk_arena_printf(call->arena, "[%s: %.*s]", c->name->name,
                                           AUK_SPAN_ARG(c->text)));
        auk_json_bool(out, c->is_met);
    }
    auk_json_end_object(out);
    auk_json_end_object(out);
}

static auk_code roll(auk_call *call, const auk_root *root, auk_error *err)
{
    auk_rollover r;
    conditions wanted;
    const auk_json *body;
    bool dry;
    auk_catalog *catalog = call->rest->options.catalog;
    auk_code code = auk_call_bool(call, "dry_run", false, &dry, err);
    if (code == AUK_OK)
        code = read_body(call, &wanted, &body, err);
    if (code == AUK_OK)
        code = auk_rollover_find(root, auk_call_variable(call, "index"),
                                 auk_call_variable(call, "new_index"), call->arena, &r, err);
    if (code == AUK_OK)
        code = auk_rollover_check(catalog, &r, body, err);
    if (code != AUK_OK)
        return code;
    figures f = measure(r.from);
    bool done = judge(&wanted, &f) && !dry;
    if (done)
        code = auk_rollover_run(catalog, &r, body, err);
    if (code == AUK_OK)
        write_answer(call, &r, &wanted, done, dry);
    return code;
}

static auk_code rollover(auk_call *call, auk_error *err)
{
    auk_catalog *catalog = call->rest->options.catalog;
    const auk_root *root = auk_root_acquire(catalog);
    auk_code code = roll(call, root, err);
    auk_root_release(catalog, root);
    return code;
}

#define ROW(path)                                                                                  \
    {                                                                                              \
        AUK_M_POST, path, "dry_run wait_for_active_shards " AUK_TIMEOUT_PARAMETERS, rollover,      \
            AUK_ROUTE_MANAGE, AUK_RIGHT_MANAGE                                                     \
    }

static const auk_route rows[] = {ROW("/{index}/_rollover"), ROW("/{index}/_rollover/{new_index}")};

const auk_route_table auk_routes_rollover = {rows, sizeof rows / sizeof rows[0]};
