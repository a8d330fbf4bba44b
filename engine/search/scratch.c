/* The analyzer scratch of each thread: stemmers and break iterators are dear to make. */
#include <pthread.h>

#include "auk/log.h"
#include "resolve.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;

static void destroy(void *scratch)
{
    auk_analyzer_scratch_destroy(scratch);
}

static void make_key(void)
{
    if (pthread_key_create(&key, destroy) != 0)
        auk_fatal("no thread key left for analysis");
}

auk_analyzer_scratch *auk_resolver_scratch(void)
{
    pthread_once(&once, make_key);
    auk_analyzer_scratch *scratch = pthread_getspecific(key);
    if (!scratch) {
        scratch = auk_analyzer_scratch_create();
        pthread_setspecific(key, scratch);
    }
    return scratch;
}
