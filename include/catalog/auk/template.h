/*
 * template.h - what new indices are made of beside what their creator says.
 *
 * Three kinds, one name space each. Of the index templates whose patterns match a new index's name
 * the one of the highest priority holds: its components in their order, then itself, then the body
 * of the request are laid over each other. Only where none matches, all legacy templates that match
 * are laid over each other by ascending order. Settings go by key, aliases by name; mappings field
 * by field, where objects are merged and everything else is replaced.
 *
 *   Lifetime  kept by the catalog; what is listed or simulated is copied to the caller's arena.
 *   Threads   any; changes are one at a time, durable before they count.
 *   Memory    each template as a tree.
 *   Errors    Elasticsearch's types and wording. A change that would leave a template which no
 *             index could be made with is refused as a whole.
 */
#ifndef AUK_TEMPLATE_H
#define AUK_TEMPLATE_H

#include "auk/catalog.h"

typedef enum auk_template_kind {
    AUK_TEMPLATE_INDEX,
    AUK_TEMPLATE_COMPONENT,
    AUK_TEMPLATE_LEGACY,
} auk_template_kind;
#define AUK_TEMPLATE_KINDS 3

/* body: {"index_patterns", "template": {"settings", "mappings", "aliases"}, "priority", ..}; a
 * legacy one has these three beside its patterns and "order". create: refused when it is there. */
AUK_MUST_CHECK auk_code auk_template_put(auk_catalog *catalog, auk_template_kind kind,
                                         auk_span name, const auk_json *body, bool create,
                                         auk_error *err);
/* One name may be a pattern; of several, each must be there. */
AUK_MUST_CHECK auk_code auk_template_delete(auk_catalog *catalog, auk_template_kind kind,
                                            const auk_span *names, uint32_t count, auk_error *err);

/* settings inside are flat, with "index." in front; patterns and components are lists. */
typedef struct auk_template_view {
    auk_span name;
    const auk_json *body;
} auk_template_view;

/* By name. */
AUK_MUST_CHECK auk_code auk_template_list(auk_catalog *catalog, auk_template_kind kind,
                                          auk_arena *arena, auk_template_view **out,
                                          uint32_t *count, auk_error *err);

typedef struct auk_template_simulation {
    const auk_json *body; /* {"settings": flat, "mappings", "aliases"}; NULL: no template matches */
    auk_template_view *overlapping; /* that match some of the same names and do not hold */
    uint32_t overlapping_count;
} auk_template_simulation;

/* What an index of that name would get; extra: an index template that is not stored, or NULL. */
AUK_MUST_CHECK auk_code auk_template_simulate_index(auk_catalog *catalog, auk_span index,
                                                    const auk_json *extra, auk_arena *arena,
                                                    auk_template_simulation *out, auk_error *err);
/* What an index template gives: the stored one of that name, or `body` in its place. */
AUK_MUST_CHECK auk_code auk_template_simulate(auk_catalog *catalog, auk_span name,
                                              const auk_json *body, auk_arena *arena,
                                              auk_template_simulation *out, auk_error *err);

#endif
