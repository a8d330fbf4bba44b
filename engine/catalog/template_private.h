/*
 * template_private.h - templates inside the catalog; all under the admin lock, or while opening.
 *
 * Keys of the family "catalog": template/<kind>/<name>, with kind index, component or legacy, and
 * {"format":1,"body":{..}}, the body normalised by auk_template_read.
 */
#ifndef AUK_TEMPLATE_PRIVATE_H
#define AUK_TEMPLATE_PRIVATE_H

#include "auk/template.h"
#include "catalog_private.h"

typedef struct auk_template {
    auk_span name;
    auk_span text; /* of the body */
    const auk_json *body;
    int64_t priority; /* a legacy one's order */
    auk_arena *arena; /* holds itself too */
} auk_template;

struct auk_templates {
    auk_template **items[AUK_TEMPLATE_KINDS]; /* sorted by name */
    uint32_t counts[AUK_TEMPLATE_KINDS];
};

/* ---- template_body.c: what a template may say ---- */

/* Checked and normalised. */
AUK_MUST_CHECK auk_code auk_template_read(auk_template_kind kind, auk_span name,
                                          const auk_json *body, auk_template **out, auk_error *err);
/* A stored body, as auk_template_read wrote it. */
AUK_MUST_CHECK auk_code auk_template_restore(auk_template_kind kind, auk_span name, auk_span text,
                                             auk_template **out, auk_error *err);
void auk_template_destroy(auk_template *template);
/* "index_patterns", "composed_of", ..: its first text; each next by ->next. NULL: none */
const auk_json *auk_template_texts(const auk_template *template, const char *key);
bool auk_template_lists(const auk_template *template, const char *key, auk_span text);

/* ---- template_match.c: which names it is for ---- */

bool auk_template_matches(const auk_template *template, auk_span index, bool hidden);
/* Is there a name that both are for? */
bool auk_templates_overlap(const auk_template *a, const auk_template *b);
/* The index template of the highest priority; `extra` stands in for the one of its name, or beside
 * all. NULL: none matches. */
const auk_template *auk_templates_choose(const struct auk_templates *templates, auk_span index,
                                         bool hidden, const auk_template *extra);
const auk_template *auk_templates_find(const struct auk_templates *templates,
                                       auk_template_kind kind, auk_span name); /* NULL */

/* ---- template_compose.c: layers become the body of an index ---- */

/* The settings (flat), mappings and aliases of an index template with its components; `changed`
 * stands in for the component of its name (NULL: none). index: for "{index}" in names of aliases;
 * empty: they stay. */
AUK_MUST_CHECK auk_code auk_template_compose(const struct auk_templates *templates,
                                             const auk_template *template,
                                             const auk_template *changed, auk_span index,
                                             auk_arena *arena, const auk_json **out,
                                             auk_error *err);
/* The body of a new index, with what templates say under it. */
AUK_MUST_CHECK auk_code auk_templates_apply(const struct auk_templates *templates, auk_span index,
                                            const auk_json *body, auk_arena *arena,
                                            const auk_json **out, auk_error *err);

/* ---- templates.c ---- */

AUK_MUST_CHECK auk_code auk_templates_open(auk_catalog *catalog, auk_error *err);
void auk_templates_close(auk_catalog *catalog);

#endif
