/* What each thread keeps for analysis: stemmers and break iterators are dear to make, and room for
 * the tokens of a query costs as much as looking up its words. */
#include <pthread.h>
#include <stdlib.h>

#include "auk/log.h"
#include "resolve_private.h"

typedef struct thread_scratch {
    auk_analyzer_scratch *analysis;
    auk_tokens tokens;
} thread_scratch;

static pthread_once_t once = PTHREAD_ONCE_INIT;
static pthread_key_t key;

static void destroy(void *object)
{
    thread_scratch *scratch = object;
    auk_analyzer_scratch_destroy(scratch->analysis);
    auk_tokens_deinit(&scratch->tokens);
    free(scratch);
}

static void make_key(void)
{
    if (pthread_key_create(&key, destroy) != 0)
        auk_fatal("no thread key left for analysis");
}

static thread_scratch *own(void)
{
    pthread_once(&once, make_key);
    thread_scratch *scratch = pthread_getspecific(key);
    if (!scratch) {
        scratch = calloc(1, sizeof *scratch);
        if (!scratch)
            auk_fatal("no memory for a thread's scratch");
        scratch->analysis = auk_analyzer_scratch_create();
        auk_tokens_init(&scratch->tokens);
        pthread_setspecific(key, scratch);
    }
    return scratch;
}

auk_analyzer_scratch *auk_resolver_scratch(void)
{
    return own()->analysis;
}

auk_tokens *auk_resolver_tokens(const auk_resolver *resolver)
{
    auk_tokens *tokens = &own()->tokens;
    auk_tokens_allow(tokens, AUK_TOKENS_LIMIT, 0, resolver->arena);
    return tokens;
}
