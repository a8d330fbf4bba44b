#include "auk/nearest.h"
#include "auk/units.h"
#include "catalog_private.h"

typedef enum setting_kind {
    KIND_INT,
    KIND_BOOL,
    KIND_TIME,
    KIND_BYTES,
    KIND_CHOICE,
    KIND_TEXT,
    KIND_TREE,
    KIND_OURS
} setting_kind;

/*
 * One row a setting that an index knows. KIND_TREE: every key below it is somebody else's to check.
 * KIND_OURS: given by us, only shown. Which rows change nothing here, docs/compatibility.md says.
 */
typedef struct setting_row {
    const char *key;
    setting_kind kind;
    bool dynamic;
    int64_t least, most;
    const char *choices;  /* "request,async" */
    const char *fallback; /* what holds when it is not set; NULL: nothing to show */
} setting_row;

#define MOST               INT32_MAX
#define MOST_JOURNAL_BYTES (UINT64_C(64) << 20)

static const setting_row index_rows[] = {
    {"index.number_of_shards", KIND_INT, false, 1, 1024, NULL, "1"},
    {"index.number_of_replicas", KIND_INT, true, 0, 1000, NULL, "0"},
    {"index.number_of_routing_shards", KIND_INT, false, 1, MOST, NULL, NULL},
    {"index.auto_expand_replicas", KIND_TEXT, true, 0, 0, NULL, "false"},
    {"index.refresh_interval", KIND_TIME, true, -1, 0, NULL, "1s"},
    {"index.search.idle.after", KIND_TIME, true, 0, 0, NULL, "30s"},
    {"index.max_result_window", KIND_INT, true, 1, MOST, NULL, "10000"},
    {"index.max_inner_result_window", KIND_INT, true, 1, MOST, NULL, "100"},
    {"index.max_regex_length", KIND_INT, true, 1, MOST, NULL, "1000"},
    {"index.max_terms_count", KIND_INT, true, 1, MOST, NULL, "65536"},
    {"index.max_ngram_diff", KIND_INT, true, 0, MOST, NULL, "1"},
    {"index.max_shingle_diff", KIND_INT, true, 0, MOST, NULL, "3"},
    {"index.analyze.max_token_count", KIND_INT, true, 1, MOST, NULL, "10000"},
    {"index.query.default_field", KIND_TEXT, true, 0, 0, NULL, "*"},
    {"index.translog.durability", KIND_CHOICE, true, 0, 0, "request,async", "request"},
    {"index.translog.sync_interval", KIND_TIME, true, 1000, 0, NULL, "5s"},
    {"index.translog.flush_threshold_size", KIND_BYTES, true, 0, 0, NULL, "64mb"},
    {"index.mapping.total_fields.limit", KIND_INT, true, 1, 60000, NULL, "1000"},
    {"index.mapping.depth.limit", KIND_INT, true, 1, 100, NULL, "20"},
    {"index.mapping.nested_fields.limit", KIND_INT, true, 0, MOST, NULL, "50"},
    {"index.mapping.nested_objects.limit", KIND_INT, true, 0, MOST, NULL, "10000"},
    {"index.mapping.field_name_length.limit", KIND_INT, true, 1, MOST, NULL, "2147483647"},
    {"index.mapping.ignore_malformed", KIND_BOOL, false, 0, 0, NULL, "false"},
    {"index.mapping.coerce", KIND_BOOL, false, 0, 0, NULL, "true"},
    {"index.codec", KIND_CHOICE, false, 0, 0, "default,best_compression", "default"},
    {"index.blocks.read_only", KIND_BOOL, true, 0, 0, NULL, "false"},
    {"index.blocks.read_only_allow_delete", KIND_BOOL, true, 0, 0, NULL, "false"},
    {"index.blocks.read", KIND_BOOL, true, 0, 0, NULL, "false"},
    {"index.blocks.write", KIND_BOOL, true, 0, 0, NULL, "false"},
    {"index.blocks.metadata", KIND_BOOL, true, 0, 0, NULL, "false"},
    {"index.reorder", KIND_BOOL, true, 0, 0, NULL, "true"},
    {"index.reorder_from", KIND_INT, true, 1, MOST, NULL, "262144"},
    {"index.hidden", KIND_BOOL, true, 0, 0, NULL, "false"},
    {"index.priority", KIND_INT, true, 0, MOST, NULL, "1"},
    {"index.analysis.", KIND_TREE, false, 0, 0, NULL, NULL},
    {"index.max_docvalue_fields_search", KIND_INT, true, 0, MOST, NULL, "100"},
    {"index.requests.cache.enable", KIND_BOOL, true, 0, 0, NULL, "true"},
    {"index.queries.cache.enabled", KIND_BOOL, false, 0, 0, NULL, "true"},
    {"index.write.wait_for_active_shards", KIND_TEXT, true, 0, 0, NULL, "1"},
    {"index.unassigned.node_left.delayed_timeout", KIND_TIME, true, -1, 0, NULL, "1m"},
    {"index.search.slowlog.", KIND_TREE, true, 0, 0, NULL, NULL},
    {"index.indexing.slowlog.", KIND_TREE, true, 0, 0, NULL, NULL},
    {"index.routing.allocation.", KIND_TREE, true, 0, 0, NULL, NULL},
    {"index.uuid", KIND_OURS, false, 0, 0, NULL, NULL},
    {"index.creation_date", KIND_OURS, false, 0, 0, NULL, NULL},
    {"index.provided_name", KIND_OURS, false, 0, 0, NULL, NULL},
    {"index.version.created", KIND_OURS, false, 0, 0, NULL, NULL},
};

static const setting_row cluster_rows[] = {
    {"action.auto_create_index", KIND_TEXT, true, 0, 0, NULL, "true"},
    {"action.destructive_requires_name", KIND_BOOL, true, 0, 0, NULL, "true"},
    {"search.max_buckets", KIND_INT, true, 1, MOST, NULL, "65536"},
    {"search.default_search_timeout", KIND_TIME, true, -1, 0, NULL, "-1"},
    {"search.max_open_scroll_context", KIND_INT, true, 0, 500, NULL, "500"},
    {"cluster.max_shards_per_node", KIND_INT, true, 1, MOST, NULL, "1000"},
    {"cluster.routing.", KIND_TREE, true, 0, 0, NULL, NULL},
    {"indices.recovery.", KIND_TREE, true, 0, 0, NULL, NULL},
    {"logger.", KIND_TREE, true, 0, 0, NULL, NULL},
};
#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static const setting_row *find_row(const setting_row *rows, size_t count, auk_span key)
{
    for (size_t i = 0; i < count; i++) {
        auk_span name = auk_span_of(rows[i].key);
        if (rows[i].kind == KIND_TREE ? auk_span_starts_with(key, name) : auk_span_equal(key, name))
            return &rows[i];
    }
    return NULL;
}

static auk_code unknown_setting(const setting_row *rows, size_t count, auk_span key, auk_error *err)
{
    auk_span names[COUNT(index_rows)];
    for (size_t i = 0; i < count; i++)
        names[i] = auk_span_of(rows[i].key);
    auk_span close = auk_nearest(key, names, count);
    if (close.size)
        auk_fail(err, AUK_INVALID, "unknown setting [%.*s] did you mean [%.*s]?", AUK_SPAN_ARG(key),
                 AUK_SPAN_ARG(close));
    else
        auk_fail(
            err, AUK_INVALID,
            "unknown setting [%.*s] please check that any required plugins are installed, or check "
            "the breaking changes documentation for removed settings",
            AUK_SPAN_ARG(key));
    if (close.size)
        auk_hint(err, "the nearest known setting is [%.*s]", AUK_SPAN_ARG(close));
    return AUK_INVALID;
}

static bool is_choice(auk_span value, const char *choices)
{
    auk_span rest = auk_span_of(choices), one;
    while (auk_span_cut(&rest, ',', &one))
        if (auk_span_equal(value, one))
            return true;
    return false;
}

static auk_code refuse_ours(const setting_row *row, auk_error *err)
{
    return auk_fail_type(err, AUK_INVALID, "validation_exception",
                         "Validation Failed: 1: private index setting [%s] can not be set "
                         "explicitly;",
                         row->key);
}

static auk_code check_value(const setting_row *row, const auk_settings *settings,
                            const auk_setting *setting, auk_error *err)
{
    auk_span value = setting->count ? setting->values[0] : AUK_SPAN("");
    int64_t number = 0;
    uint64_t bytes = 0;
    bool flag = false;
    switch (row->kind) {
    case KIND_INT:
        return auk_settings_int(settings, setting->key, row->least, row->least, row->most, &number,
                                err);
    case KIND_BOOL:
        return auk_settings_bool(settings, setting->key, false, &flag, err);
    case KIND_TIME:
        if (!auk_time_parse_ms(value, &number))
            return auk_fail(
                err, AUK_INVALID,
                "failed to parse setting [%s] with value [%.*s] as a time value: unit is missing "
                "or unrecognized",
                row->key, AUK_SPAN_ARG(value));
        if (number < row->least)
            return auk_fail(err, AUK_INVALID,
                            "failed to parse value [%.*s] for setting [%s], must be >= [%lldms]",
                            AUK_SPAN_ARG(value), row->key, (long long)row->least);
        return AUK_OK;
    case KIND_BYTES:
        if (!auk_bytes_parse(value, &bytes))
            return auk_fail(
                err, AUK_INVALID,
                "failed to parse setting [%s] with value [%.*s] as a size in bytes: unit is "
                "missing or unrecognized",
                row->key, AUK_SPAN_ARG(value));
        return AUK_OK;
    case KIND_CHOICE:
        if (!is_choice(value, row->choices))
            return auk_fail(err, AUK_INVALID,
                            "unknown value for [%s] must be one of [%s] but was: [%.*s]", row->key,
                            row->choices, AUK_SPAN_ARG(value));
        return AUK_OK;
    case KIND_OURS:
        return refuse_ours(row, err);
    default:
        return AUK_OK;
    }
}

static auk_code check_rows(const setting_row *rows, size_t count, const auk_settings *settings,
                           auk_error *err)
{
    for (uint32_t i = 0; i < auk_settings_count(settings); i++) {
        const auk_setting *setting = auk_settings_at(settings, i);
        const setting_row *row = find_row(rows, count, setting->key);
        auk_code code = row ? check_value(row, settings, setting, err)
                            : unknown_setting(rows, count, setting->key, err);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

auk_code auk_index_settings_check(const auk_settings *settings, auk_error *err)
{
    return check_rows(index_rows, COUNT(index_rows), settings, err);
}

auk_code auk_index_setting_check_key(auk_span key, auk_error *err)
{
    const setting_row *row = find_row(index_rows, COUNT(index_rows), key);
    if (!row)
        return unknown_setting(index_rows, COUNT(index_rows), key, err);
    return row->kind == KIND_OURS ? refuse_ours(row, err) : AUK_OK;
}

auk_span auk_index_settings_static(const auk_span *keys, uint32_t count, auk_arena *arena)
{
    auk_span list = AUK_SPAN("");
    for (uint32_t i = 0; i < count; i++) {
        const setting_row *row = find_row(index_rows, COUNT(index_rows), keys[i]);
        if (row && !row->dynamic)
            list = auk_arena_printf(arena, "%.*s%s%.*s", AUK_SPAN_ARG(list), list.size ? ", " : "[",
                                    AUK_SPAN_ARG(keys[i]));
    }
    return list.size ? auk_arena_printf(arena, "%.*s]", AUK_SPAN_ARG(list)) : list;
}

bool auk_index_setting_is_final(auk_span key)
{
    return auk_span_is(key, "index.number_of_shards") ||
           auk_span_is(key, "index.number_of_routing_shards");
}

auk_code auk_cluster_settings_check(const auk_settings *settings, auk_error *err)
{
    return check_rows(cluster_rows, COUNT(cluster_rows), settings, err);
}

static auk_settings *defaults_of(const setting_row *rows, size_t count, const auk_settings *set,
                                 const auk_settings *also_set)
{
    auk_settings *defaults = auk_settings_create();
    for (size_t i = 0; i < count; i++) {
        auk_span key = auk_span_of(rows[i].key);
        if (rows[i].fallback && !auk_settings_find(set, key) &&
            !(also_set && auk_settings_find(also_set, key)))
            auk_settings_put(defaults, key, auk_span_of(rows[i].fallback));
    }
    return defaults;
}

auk_span auk_cluster_settings_default(auk_span key)
{
    const setting_row *row = find_row(cluster_rows, COUNT(cluster_rows), key);
    return row && row->fallback ? auk_span_of(row->fallback) : AUK_SPAN("");
}

auk_settings *auk_index_settings_defaults(const auk_settings *settings)
{
    return defaults_of(index_rows, COUNT(index_rows), settings, NULL);
}

auk_settings *auk_cluster_settings_defaults(const auk_settings *persistent,
                                            const auk_settings *transient)
{
    return defaults_of(cluster_rows, COUNT(cluster_rows), persistent, transient);
}

uint32_t auk_index_settings_shards(const auk_settings *settings)
{
    int64_t shards = 1;
    if (auk_settings_int(settings, AUK_SPAN("index.number_of_shards"), 1, 1, 1024, &shards, NULL) !=
        AUK_OK)
        return 1;
    return (uint32_t)shards;
}

uint64_t auk_index_settings_refresh_us(const auk_settings *settings, bool *chosen)
{
    auk_span text = auk_settings_text(settings, AUK_SPAN("index.refresh_interval"), AUK_SPAN(""));
    int64_t ms = 1000;
    *chosen = text.size > 0 && auk_time_parse_ms(text, &ms);
    return ms < 0 ? UINT64_MAX : (uint64_t)ms * 1000;
}

bool auk_index_settings_async(const auk_settings *settings)
{
    return auk_span_is(auk_settings_text(settings, AUK_SPAN("index.translog.durability"),
                                         AUK_SPAN("")),
                       "async");
}

uint32_t auk_index_settings_reorder_from(const auk_settings *settings)
{
    bool on = true;
    int64_t from = 0;
    if (auk_settings_bool(settings, AUK_SPAN("index.reorder"), true, &on, NULL) == AUK_OK && !on)
        return UINT32_MAX;
    if (auk_settings_int(settings, AUK_SPAN("index.reorder_from"), 0, 0, MOST, &from, NULL) !=
        AUK_OK)
        return 0;
    return (uint32_t)from;
}

uint64_t auk_index_settings_idle_us(const auk_settings *settings)
{
    int64_t ms;
    auk_span text =
        auk_settings_text(settings, AUK_SPAN("index.search.idle.after"), AUK_SPAN("30s"));
    return auk_time_parse_ms(text, &ms) ? (uint64_t)ms * 1000 : UINT64_MAX;
}

/* A greater one is no use: the journals of all shards share the store's memory. */
size_t auk_index_settings_journal_bytes(const auk_settings *settings)
{
    uint64_t bytes;
    auk_span text =
        auk_settings_text(settings, AUK_SPAN("index.translog.flush_threshold_size"), AUK_SPAN(""));
    if (!auk_bytes_parse(text, &bytes) || bytes > MOST_JOURNAL_BYTES)
        return 0;
    return bytes ? (size_t)bytes : 1;
}
