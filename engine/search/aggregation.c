/* aggregation.c - the calls of the seam but the first; what kinds share at each stage. */
#include "aggregation.h"

#include <stdarg.h>
#include <stdio.h>

#include "aggregation_kind.h"
#include "column_window.h"

#define DEFAULT_MAX_BUCKETS 65536u

/* ---- memory ---- */

auk_code auk_aggregation_charge(const auk_aggregation_environment *environment, size_t bytes,
                                auk_error *err)
{
    auk_code code = auk_budget_charge(environment->budget, AUK_PURPOSE_SEARCH, bytes, err);
    if (code == AUK_OK && environment->charged)
        atomic_fetch_add_explicit(environment->charged, bytes, memory_order_relaxed);
    return code;
}

void auk_aggregation_fail(auk_aggregation_collector *collector, auk_code code, const char *format,
                          ...)
{
    if (collector->status != AUK_OK)
        return;
    char message[sizeof collector->error.message];
    va_list list;
    va_start(list, format);
    vsnprintf(message, sizeof message, format, list);
    va_end(list);
    collector->status = auk_fail(&collector->error, code, "%s", message);
}

void *auk_aggregation_alloc_raw(auk_aggregation_collector *collector, size_t count, size_t size)
{
    if (collector->status != AUK_OK)
        return NULL;
    size_t bytes = (count ? count : 1) * size;
    collector->status =
        auk_aggregation_charge(collector->set->environment, bytes, &collector->error);
    return collector->status == AUK_OK ? auk_arena_alloc(collector->arena, bytes) : NULL;
}

void *auk_aggregation_alloc(auk_aggregation_collector *collector, size_t count, size_t size)
{
    void *room = auk_aggregation_alloc_raw(collector, count, size);
    return room ? memset(room, 0, (count ? count : 1) * size) : NULL;
}

bool auk_aggregation_grow(auk_aggregation_collector *collector, void *array, uint32_t *capacity,
                          uint32_t need, size_t size)
{
    if (need <= *capacity)
        return true;
    uint32_t more = *capacity < 16 ? 16 : *capacity + *capacity / 2;
    more = more < need ? need : more;
    void *grown = auk_aggregation_alloc(collector, more, size);
    if (!grown)
        return false;
    void *old;
    memcpy(&old, array, sizeof old); /* a pointer of whatever type */
    if (*capacity)
        memcpy(grown, old, *capacity * size);
    memcpy(array, &grown, sizeof grown);
    *capacity = more;
    return true;
}

void *auk_merger_alloc(auk_aggregation_merger *merger, size_t count, size_t size)
{
    size_t bytes = (count ? count : 1) * size;
    if (auk_aggregation_charge(merger->environment, bytes, merger->err) != AUK_OK)
        return NULL;
    return auk_arena_zalloc(merger->arena, bytes);
}

auk_code auk_merger_count(auk_aggregation_merger *merger, uint64_t buckets)
{
    uint32_t most =
        merger->environment->max_buckets ? merger->environment->max_buckets : DEFAULT_MAX_BUCKETS;
    merger->buckets += buckets;
    if (merger->buckets <= most)
        return AUK_OK;
    return auk_fail_type(
        merger->err, AUK_INVALID, "too_many_buckets_exception",
        "Trying to create too many buckets. Must be less than or equal to: [%u] but was [%llu]. "
        "This limit can be set by changing the [search.max_buckets] cluster level setting.",
        most, (unsigned long long)merger->buckets);
}

/* ---- prepare ---- */

static auk_code no_field_data(const auk_aggregation_preparer *preparer, const auk_field *field)
{
    if (field->type != AUK_TYPE_TEXT)
        return auk_fail(preparer->err, AUK_INVALID,
                        "Can't load fielddata on [%.*s] because fielddata is unsupported on fields "
                        "of type [%s]. Use doc values instead.",
                        AUK_SPAN_ARG(field->path), auk_field_type_name(field->type));
    auk_span index = preparer->resolver->index;
    return auk_fail(
        preparer->err, AUK_INVALID,
        "Fielddata is disabled on [%.*s] in [%.*s]. Text fields are not optimised for operations "
        "that require per-document field data like aggregations and sorting, so these operations "
        "are disabled by default. Please use a keyword field instead.",
        AUK_SPAN_ARG(field->path), AUK_SPAN_ARG(index));
}

/* A missing value where no field says what it is. */
static auk_code unmapped_missing(const auk_aggregation *spec, auk_aggregation_plan *plan)
{
    double number;
    plan->has_missing = true;
    if (auk_json_to_int64(spec->missing, &plan->missing) && spec->missing->text.size < 19) {
        plan->shape.form = AUK_FORM_WHOLE;
    } else if (auk_json_to_double(spec->missing, &number)) {
        plan->shape.form = AUK_FORM_REAL;
        plan->missing = auk_double_to_sortable(number);
    } else {
        plan->shape.form = AUK_FORM_TERM;
        plan->missing_term = spec->missing->text;
    }
    if (!(spec->kind->forms & AUK_FORM_BIT(plan->shape.form))) {
        plan->shape.form = AUK_FORM_NONE;
        plan->has_missing = false;
    }
    return AUK_OK;
}

static auk_code prepare_missing(auk_aggregation_preparer *preparer, auk_aggregation_plan *plan)
{
    const auk_aggregation *spec = plan->spec;
    if (!spec->missing)
        return AUK_OK;
    if (!plan->shape.field)
        return unmapped_missing(spec, plan);
    plan->has_missing = true;
    auk_value_options options = {.rounding = AUK_ROUND_NONE,
                                 .format = plan->shape.date_format,
                                 .time_zone = plan->shape.time_zone,
                                 .now_ms = preparer->environment->now_ms,
                                 .coerce = true};
    if (plan->shape.form != AUK_FORM_TERM)
        return auk_field_number(plan->shape.field, spec->missing, &options, &plan->missing,
                                preparer->err);
    return auk_field_term(plan->shape.field, spec->missing, &options, preparer->resolver->scratch,
                          preparer->resolver->arena, &plan->missing_term, preparer->err);
}

static auk_code prepare_field(auk_aggregation_preparer *preparer, auk_aggregation_plan *plan)
{
    const auk_aggregation *spec = plan->spec;
    if (spec->field.data[0] == '_')
        return auk_fail(preparer->err, AUK_INVALID,
                        "Fielddata access on the %.*s field is disallowed",
                        AUK_SPAN_ARG(spec->field));
    const auk_field *field = auk_mapping_find(preparer->resolver->mapping, spec->field);
    if (field && field->type == AUK_TYPE_OBJECT)
        field = NULL;
    if (field && !field->doc_values)
        return no_field_data(preparer, field);
    auk_code code = auk_value_shape_init(&plan->shape, field, spec->format, spec->time_zone,
                                         preparer->resolver->arena, preparer->err);
    if (code != AUK_OK)
        return code;
    if (field && !(spec->kind->forms & AUK_FORM_BIT(plan->shape.form)))
        return auk_fail(preparer->err, AUK_INVALID,
                        "Field [%.*s] of type [%s] is not supported for aggregation [%s]",
                        AUK_SPAN_ARG(field->path), auk_field_type_name(field->type),
                        spec->kind->name);
    return prepare_missing(preparer, plan);
}

static auk_code prepare_list(auk_aggregation_preparer *preparer,
                             const auk_aggregation *aggregations, uint32_t count,
                             const auk_aggregation_plan **out)
{
    auk_aggregation_plan *plans =
        AUK_ARENA_ARRAY(preparer->resolver->arena, auk_aggregation_plan, count + 1u);
    *out = plans;
    for (uint32_t i = 0; i < count; i++) {
        const auk_aggregation *spec = &aggregations[i];
        plans[i].spec = spec;
        auk_code code = spec->kind->forms ? prepare_field(preparer, &plans[i]) : AUK_OK;
        if (code == AUK_OK && spec->kind->prepare)
            code = spec->kind->prepare(preparer, &plans[i]);
        if (code == AUK_OK)
            code = prepare_list(preparer, spec->subs, spec->sub_count, &plans[i].subs);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

auk_code auk_aggregations_prepare(const auk_aggregation *aggregations, uint32_t count,
                                  auk_resolver *resolver,
                                  const auk_aggregation_environment *environment,
                                  const auk_aggregation_set **out, auk_error *err)
{
    auk_aggregation_preparer preparer = {resolver, environment, err};
    auk_aggregation_set *set = AUK_ARENA_NEW(resolver->arena, auk_aggregation_set);
    set->count = count;
    set->environment = environment;
    *out = set;
    return prepare_list(&preparer, aggregations, count, &set->items);
}

/* ---- collect ---- */

static void open_nodes(auk_aggregation_collector *collector, const auk_aggregation_plan *plans,
                       uint32_t count, bool single, auk_aggregation_node **out)
{
    auk_aggregation_node *nodes = auk_aggregation_alloc(collector, count, sizeof *nodes);
    *out = nodes;
    for (uint32_t i = 0; nodes && i < count; i++) {
        auk_aggregation_node *node = &nodes[i];
        const auk_aggregation *spec = plans[i].spec;
        *node = (auk_aggregation_node){.plan = &plans[i],
                                       .collector = collector,
                                       .single = single,
                                       .sub_count = spec->sub_count};
        spec->kind->open(node);
        if (!spec->sub_count)
            continue;
        node->docs = auk_aggregation_alloc(collector, AUK_AGGREGATION_BATCH, sizeof *node->docs);
        node->buckets =
            auk_aggregation_alloc(collector, AUK_AGGREGATION_BATCH, sizeof *node->buckets);
        if (collector->status == AUK_OK)
            open_nodes(collector, plans[i].subs, spec->sub_count,
                       single && spec->kind->is_single_bucket, &node->subs);
    }
}

auk_code auk_aggregation_open(const auk_aggregation_set *set, const auk_segment_view *view,
                              auk_arena *arena, auk_aggregation_collector **out, auk_error *err)
{
    auk_aggregation_collector *collector = AUK_ARENA_NEW(arena, auk_aggregation_collector);
    *collector = (auk_aggregation_collector){.set = set, .view = view, .arena = arena};
    open_nodes(collector, set->items, set->count, true, &collector->nodes);
    *out = collector;
    if (collector->status != AUK_OK && err)
        *err = collector->error;
    return collector->status;
}

void auk_aggregation_flush(auk_aggregation_node *node, uint32_t bucket_count)
{
    for (uint32_t s = 0; node->batched && s < node->sub_count; s++) {
        auk_aggregation_node *sub = &node->subs[s];
        if (sub->own && node->collector->status == AUK_OK)
            sub->plan->spec->kind->collect(sub, node->docs, sub->single ? NULL : node->buckets,
                                           node->batched, bucket_count);
    }
    node->batched = 0;
}

static auk_code status_of(const auk_aggregation_collector *collector, auk_error *err)
{
    if (collector->status != AUK_OK && err)
        *err = collector->error;
    return collector->status;
}

static void collect_node(auk_aggregation_node *node, const auk_doc *docs, uint32_t count)
{
    for (uint32_t at = 0; at < count && node->collector->status == AUK_OK;
         at += AUK_AGGREGATION_BATCH) {
        uint32_t some = count - at < AUK_AGGREGATION_BATCH ? count - at : AUK_AGGREGATION_BATCH;
        node->plan->spec->kind->collect(node, docs + at, NULL, some, 1);
    }
}

auk_code auk_aggregation_collect(auk_aggregation_collector *collector, const auk_doc *docs,
                                 uint32_t count, auk_error *err)
{
    for (uint32_t i = 0; i < collector->set->count; i++)
        if (collector->nodes[i].own)
            collect_node(&collector->nodes[i], docs, count);
    return status_of(collector, err);
}

/* room: for AUK_COLUMN_LIST_ROOM */
static const auk_doc *list_documents(const auk_column_window *window, auk_doc *room)
{
    auk_doc base = window->block * AUK_COLUMN_BLOCK;
    if (window->docs)
        return window->docs;
    if (window->bits)
        auk_column_kernels_best()->list_bits(window->bits, (window->rows + 63) / 64, base, room);
    else
        for (uint32_t i = 0; i < window->rows; i++)
            room[i] = base + i;
    return room;
}

auk_code auk_aggregation_collect_window(auk_aggregation_collector *collector,
                                        const auk_column_window *window, auk_error *err)
{
    auk_doc room[AUK_COLUMN_LIST_ROOM];
    const auk_doc *docs = NULL;
    for (uint32_t i = 0; i < collector->set->count && window->count; i++) {
        auk_aggregation_node *node = &collector->nodes[i];
        const auk_aggregation_kind *kind = node->plan->spec->kind;
        if (!node->own || node->has_all || collector->status != AUK_OK ||
            (kind->collect_window && !node->sub_count && kind->collect_window(node, window)))
            continue;
        if (!docs)
            docs = list_documents(window, room);
        collect_node(node, docs, window->count);
    }
    return status_of(collector, err);
}

auk_code auk_aggregation_collect_all(auk_aggregation_collector *collector, bool *done,
                                     auk_error *err)
{
    *done = true;
    for (uint32_t i = 0; i < collector->set->count && collector->status == AUK_OK; i++) {
        auk_aggregation_node *node = &collector->nodes[i];
        const auk_aggregation_kind *kind = node->plan->spec->kind;
        if (node->own && kind->collect_all && !node->sub_count)
            node->has_all = kind->collect_all(node);
        *done &= !node->own || node->has_all;
    }
    return status_of(collector, err);
}

void auk_aggregation_emit_all(auk_aggregation_node *node, const auk_doc *docs,
                              const uint32_t *places, const uint32_t *buckets, uint32_t count,
                              uint32_t bucket_count)
{
    for (uint32_t i = 0; i < count; i++)
        node->docs[i] = docs[places[i]];
    memcpy(node->buckets, buckets, count * sizeof *buckets);
    node->batched = count;
    auk_aggregation_flush(node, bucket_count);
}

static auk_partial *finish_node(auk_aggregation_node *node, uint32_t owner_count)
{
    auk_partial *partials = auk_aggregation_alloc(node->collector, owner_count, sizeof *partials);
    for (uint32_t i = 0; partials && i < owner_count; i++)
        partials[i].plan = node->plan;
    if (partials && node->own)
        node->plan->spec->kind->finish(node, owner_count, partials);
    return partials;
}

const auk_partial **auk_aggregation_finish_subs(auk_aggregation_node *node, uint32_t bucket_count)
{
    auk_aggregation_flush(node, bucket_count);
    const auk_partial **subs =
        auk_aggregation_alloc(node->collector, node->sub_count, sizeof *subs);
    for (uint32_t s = 0; subs && s < node->sub_count; s++)
        subs[s] = finish_node(&node->subs[s], bucket_count);
    return node->collector->status == AUK_OK ? subs : NULL;
}

auk_code auk_aggregation_finish(auk_aggregation_collector *collector, auk_aggregation_result **out,
                                auk_error *err)
{
    uint32_t count = collector->set->count;
    auk_aggregation_result *result = auk_aggregation_alloc(collector, 1, sizeof *result);
    auk_partial *partials = auk_aggregation_alloc(collector, count, sizeof *partials);
    for (uint32_t i = 0; partials && i < count; i++) {
        const auk_partial *one = finish_node(&collector->nodes[i], 1);
        if (one)
            partials[i] = *one;
    }
    if (collector->status != AUK_OK) {
        if (err)
            *err = collector->error;
        return collector->status;
    }
    *result = (auk_aggregation_result){partials, count};
    *out = result;
    return AUK_OK;
}

/* ---- merge ---- */

/* The plan that says most: of a field that exists, of an index at all. */
static const auk_aggregation_plan *best_plan(const auk_partial *const *sources, uint32_t count)
{
    const auk_aggregation_plan *best = NULL;
    for (uint32_t i = 0; i < count; i++) {
        const auk_aggregation_plan *plan = sources[i]->plan;
        if (!best || (best->shape.form == AUK_FORM_NONE && plan->shape.form != AUK_FORM_NONE) ||
            (best->shape.form == AUK_FORM_WHOLE && plan->shape.form == AUK_FORM_REAL))
            best = plan;
    }
    return best;
}

static auk_code check_types(auk_aggregation_merger *merger, const auk_aggregation *aggregation,
                            const auk_aggregation_plan *best, const auk_partial *const *sources,
                            uint32_t count)
{
    for (uint32_t i = 0; best && i < count; i++) {
        const auk_value_shape *shape = &sources[i]->plan->shape;
        if (shape->form == AUK_FORM_NONE)
            continue;
        if ((shape->form == AUK_FORM_TERM) != (best->shape.form == AUK_FORM_TERM) ||
            (shape->display == AUK_DISPLAY_IP) != (best->shape.display == AUK_DISPLAY_IP))
            return auk_fail_type(
                merger->err, AUK_INVALID, "aggregation_execution_exception",
                "Merging/Reducing the aggregations failed when computing the aggregation [%.*s] "
                "because the field you gave in the aggregation query existed as two different "
                "types in two different indices",
                AUK_SPAN_ARG(aggregation->name));
    }
    return AUK_OK;
}

auk_code auk_partial_merge(auk_aggregation_merger *merger, const auk_aggregation *aggregation,
                           const auk_partial *const *sources, uint32_t source_count,
                           auk_partial *out)
{
    out->plan = best_plan(sources, source_count);
    if (aggregation->kind->keyed_by_value) {
        auk_code code = check_types(merger, aggregation, out->plan, sources, source_count);
        if (code != AUK_OK)
            return code;
    }
    return aggregation->kind->merge(merger, aggregation, sources, source_count, out);
}

auk_code auk_aggregations_merge(const auk_aggregation *aggregations, uint32_t count,
                                auk_aggregation_result *const *results, uint32_t result_count,
                                const auk_aggregation_environment *environment, auk_arena *arena,
                                auk_aggregation_result **out, auk_error *err)
{
    auk_aggregation_merger merger = {environment, arena, err, result_count, 0};
    auk_aggregation_result *merged = AUK_ARENA_NEW(arena, auk_aggregation_result);
    merged->items = AUK_ARENA_ARRAY(arena, auk_partial, count + 1u);
    merged->count = count;
    const auk_partial **sources = AUK_ARENA_ARRAY(arena, const auk_partial *, result_count + 1u);
    for (uint32_t i = 0; i < count; i++) {
        for (uint32_t r = 0; r < result_count; r++)
            sources[r] = &results[r]->items[i];
        auk_code code =
            auk_partial_merge(&merger, &aggregations[i], sources, result_count, &merged->items[i]);
        if (code != AUK_OK)
            return code;
    }
    *out = merged;
    return AUK_OK;
}

/* ---- write ---- */

const auk_value_shape *auk_partial_shape(const auk_partial *partial)
{
    static const auk_value_shape none = {.form = AUK_FORM_NONE};
    return partial->plan ? &partial->plan->shape : &none;
}

static void write_name(const auk_aggregation_writer *writer, const auk_aggregation *aggregation,
                       const auk_partial *partial)
{
    if (!writer->typed_keys) {
        auk_json_key(writer->json, aggregation->name);
        return;
    }
    const auk_aggregation_kind *kind = aggregation->kind;
    auk_buffer name;
    auk_buffer_init(&name, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_text(&name, kind->typed_name ? kind->typed_name(partial) : kind->name);
    auk_buffer_append_byte(&name, '#');
    auk_buffer_append(&name, aggregation->name);
    auk_json_key(writer->json, auk_buffer_span(&name));
    auk_buffer_deinit(&name);
}

void auk_partials_write(const auk_aggregation_writer *writer, const auk_aggregation *aggregations,
                        uint32_t count, const auk_partial *partials)
{
    for (uint32_t i = 0; i < count; i++) {
        write_name(writer, &aggregations[i], &partials[i]);
        auk_json_begin_object(writer->json);
        if (aggregations[i].meta) {
            auk_json_key(writer->json, AUK_SPAN("meta"));
            auk_json_value(writer->json, aggregations[i].meta);
        }
        aggregations[i].kind->write(writer, &aggregations[i], &partials[i]);
        auk_json_end_object(writer->json);
    }
}

auk_code auk_aggregations_write(const auk_aggregation *aggregations, uint32_t count,
                                const auk_aggregation_result *result, bool typed_keys,
                                auk_json_writer *out, auk_error *err)
{
    auk_aggregation_writer writer = {out, typed_keys};
    auk_partials_write(&writer, aggregations, count, result->items);
    return auk_buffer_explain(out->out, err);
}
