/* schema_support.h - mappings and documents from JSON texts, for tests. */
#ifndef AUK_SCHEMA_SUPPORT_H
#define AUK_SCHEMA_SUPPORT_H

#include "auk/document.h"

/* Everything one test needs; the arena holds what is parsed. */
typedef struct schema_fixture {
    auk_arena *arena;
    auk_analysis *analysis;
} schema_fixture;

int schema_fixture_setup(schema_fixture *fixture);
void schema_fixture_teardown(schema_fixture *fixture);

/* Single quotes stand for double ones. Fails the test on bad JSON. */
const auk_json *schema_json(schema_fixture *fixture, const char *text);
auk_code schema_mapping(schema_fixture *fixture, const char *body, auk_mapping **out,
                        auk_error *err);
auk_code schema_merge(schema_fixture *fixture, const auk_mapping *mapping, const char *body,
                      auk_mapping **out, auk_error *err);
/* As GET _mapping shows it, with single quotes; in the arena. */
const char *schema_show(schema_fixture *fixture, const auk_mapping *mapping, bool numbers);
/* "path=value path=value", numbers in decimal, additions as " +{...}", ignored paths as " !path".
 */
const char *schema_show_document(schema_fixture *fixture, const auk_document *document);

#endif
