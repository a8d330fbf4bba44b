#include "scratch.h"

#include <stdatomic.h>
#include <stdlib.h>

#include "auk/log.h"

enum { KEPT_BYTES = 1 << 20 };

auk_analyzer_scratch *auk_analyzer_scratch_create(void)
{
    auk_analyzer_scratch *scratch = calloc(1, sizeof *scratch);
    if (!scratch)
        auk_fatal("no memory for an analyzer's scratch");
    auk_tokens_init(&scratch->tokens);
    auk_buffer_init(&scratch->text, AUK_ANALYZER_TEXT_LIMIT);
    return scratch;
}

void auk_analyzer_scratch_destroy(auk_analyzer_scratch *scratch)
{
    if (!scratch)
        return;
    for (size_t i = 0; i < AUK_WORD_BREAK_KINDS; i++)
        auk_word_break_destroy(scratch->breakers[i]);
    for (size_t i = 0; i < AUK_STEMMER_COUNT; i++)
        auk_stemmer_destroy(scratch->stemmers[i]);
    for (size_t i = 0; i < AUK_SCRATCH_LOCALS; i++)
        if (scratch->locals[i].id != 0)
            scratch->locals[i].destroy(scratch->locals[i].object);
    auk_buffer_deinit(&scratch->text);
    auk_utf16_deinit(&scratch->wide[0]);
    auk_utf16_deinit(&scratch->wide[1]);
    auk_tokens_deinit(&scratch->tokens);
    free(scratch->seen);
    free(scratch);
}

void auk_scratch_trim(auk_analyzer_scratch *scratch)
{
    if (scratch->text.capacity > KEPT_BYTES)
        auk_buffer_deinit(&scratch->text);
    for (size_t i = 0; i < sizeof scratch->wide / sizeof scratch->wide[0]; i++)
        if ((size_t)scratch->wide[i].capacity * 2 > KEPT_BYTES)
            auk_utf16_deinit(&scratch->wide[i]);
    if (scratch->seen_capacity * sizeof *scratch->seen > KEPT_BYTES) {
        free(scratch->seen);
        scratch->seen = NULL;
        scratch->seen_capacity = 0;
    }
}

auk_code auk_scratch_breaker(auk_analyzer_scratch *scratch, auk_word_break_kind kind,
                             auk_word_break **out, auk_error *err)
{
    if (!scratch->breakers[kind]) {
        auk_code code = auk_word_break_create(kind, &scratch->breakers[kind], err);
        if (code != AUK_OK)
            return code;
    }
    *out = scratch->breakers[kind];
    return AUK_OK;
}

auk_code auk_scratch_stemmer(auk_analyzer_scratch *scratch, auk_stemmer_id id, auk_stemmer **out,
                             auk_error *err)
{
    if (!scratch->stemmers[id]) {
        auk_code code = auk_stemmer_create(id, &scratch->stemmers[id], err);
        if (code != AUK_OK)
            return code;
    }
    *out = scratch->stemmers[id];
    return AUK_OK;
}

uint64_t auk_scratch_new_id(void)
{
    static atomic_uint_fast64_t last;
    return atomic_fetch_add(&last, 1) + 1;
}

void *auk_scratch_local(auk_analyzer_scratch *scratch, uint64_t id)
{
    for (size_t i = 0; i < AUK_SCRATCH_LOCALS; i++)
        if (scratch->locals[i].id == id)
            return scratch->locals[i].object;
    return NULL;
}

void auk_scratch_keep_local(auk_analyzer_scratch *scratch, uint64_t id, void *object,
                            void (*destroy)(void *object))
{
    auk_local *local = &scratch->locals[scratch->next_local++ % AUK_SCRATCH_LOCALS];
    if (local->id != 0)
        local->destroy(local->object);
    *local = (auk_local){id, object, destroy};
}
