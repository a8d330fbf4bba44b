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
static pthread_key_t key; /* for its destructor */
static _Thread_local thread_scratch *mine __attribute__((tls_model("initial-exec")));

static void destroy(void *object)
{
    thread_scratch *scratch = object;
    auk_analyzer_scratch_destroy(scratch->analysis);
    auk_tokens_deinit(&scratch->tokens);
    free(scratch);
    mine = NULL;
}

static void make_key(void)
{
    if (pthread_key_create(&key, destroy) != 0)
        auk_fatal("no thread key left for analysis");
}

static thread_scratch *make(void)
{
    thread_scratch *scratch = calloc(1, sizeof *scratch);
    if (!scratch)
        auk_fatal("no memory for a thread's scratch");
    scratch->analysis = auk_analyzer_scratch_create();
    auk_tokens_init(&scratch->tokens);
    pthread_once(&once, make_key);
    pthread_setspecific(key, scratch);
    return scratch;
}

static thread_scratch *own(void)
{
    if (!mine)
        mine = make();
    return mine;
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
