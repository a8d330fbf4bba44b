/* store_support.h - what the tests of the store share: directories, segments with known contents.
 */
#ifndef AUK_STORE_SUPPORT_H
#define AUK_STORE_SUPPORT_H

#include "test.h"

#include "auk/store.h"

/* Fails the test with the error's message. */
#define assert_ok(call)                                                                            \
    do {                                                                                           \
        auk_error ok_error = {0};                                                                  \
        auk_error *err = &ok_error;                                                                \
        auk_code ok_code = (call);                                                                 \
        if (ok_code != AUK_OK)                                                                     \
            fail_msg("%s: %s", auk_code_name(ok_code), ok_error.message);                          \
    } while (0)

/* A fresh path for a data directory (not made yet); heap. */
char *support_directory(void);
/* Removes the directory with all in it and frees the path. */
void support_remove(char *directory);

auk_store *support_open(const char *directory);

void support_put(auk_store *store, auk_family family, const char *key, const char *value,
                 bool sync);
/* heap; NULL when absent */
char *support_get(auk_store *store, auk_family family, const char *key);

/* A finished segment of `values` values, their bytes made from the seed. */
auk_segment_file *support_segment(auk_store *store, uint32_t values, uint64_t seed);
/* Every value of the mapping is what support_segment put with that seed. */
bool support_segment_is(const auk_mapped *mapped, uint32_t values, uint64_t seed);

/* Puts the location under the context, a terminated key, into the commit family. */
void support_describe(void *context, auk_mapped *mapped, auk_batch *batch);

#endif
