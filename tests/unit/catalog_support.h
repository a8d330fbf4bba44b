/* catalog_support.h - a catalog in a directory of its own, driven by texts. */
#ifndef AUK_CATALOG_SUPPORT_H
#define AUK_CATALOG_SUPPORT_H

#include "store_support.h"

#include "auk/catalog.h"

typedef struct support_catalog {
    char *directory;
    auk_budget *budget;
    auk_pool *write_pool, *background;
    auk_catalog *catalog;
    auk_arena *arena; /* for everything that the helpers answer */
} support_catalog;

/* Into a struct whose directory, budget and pools are set. */
void support_catalog_open(support_catalog *at);
/* cmocka's setup and teardown; *state is a support_catalog. */
int support_catalog_setup(void **state);
int support_catalog_teardown(void **state);
/* Closes and opens again. */
void support_catalog_reopen(support_catalog *at);

const auk_json *support_json(support_catalog *at, const char *text); /* NULL for NULL */

/* body NULL: none. Fail the test when the call fails. */
void support_create(support_catalog *at, const char *name, const char *body);
void support_drop(support_catalog *at, const char *name);
void support_aliases(support_catalog *at, const char *actions);

/* The call's error; code AUK_OK when it worked. */
auk_error support_try_create(support_catalog *at, const char *name, const char *body);
auk_error support_try_aliases(support_catalog *at, const char *actions);

/* One item written through the catalog. */
auk_written support_write_one(support_catalog *at, auk_write_kind kind, const char *index,
                              const char *id, const char *source);
/* Fails unless the document is there with that source; NULL: unless it is absent. */
void support_expect_document(support_catalog *at, const char *index, const char *id,
                             const char *source);
/* Live documents that searches see, over all that the expression names. */
uint64_t support_visible(support_catalog *at, const char *expression);
/* "a,b": the names that an expression resolves to, or the error's message. */
const char *support_resolve(support_catalog *at, const char *expression,
                            const auk_resolve_options *options);

#endif
