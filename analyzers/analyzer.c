/* Running a chain: the text is cleaned and rewritten, cut into tokens, and these go from filter to
 * filter. */
#include <stdlib.h>

#include "auk/error.h"
#include "auk/utf8.h"
#include "chain.h"
#include "scratch.h"
#include "token_list.h"
#include "unicode.h"

/* What the char filters did, for the way back. */
struct rewriting {
    auk_span text;
    auk_rewrite *steps; /* one a char filter, in order */
    size_t count;
};

/* Told of each stage by run(); NULL fields are allowed. */
struct recorder {
    auk_arena *arena;
    auk_stage *stages;
    size_t count;
};

auk_span auk_analyzer_name(const auk_analyzer *analyzer)
{
    return analyzer->name;
}

uint32_t auk_analyzer_position_gap(const auk_analyzer *analyzer)
{
    return analyzer->position_gap;
}

bool auk_analyzer_is_custom(const auk_analyzer *analyzer)
{
    return analyzer->custom;
}

/* The text, or a copy with a space for every byte that is not UTF-8: offsets stay as they are. */
static auk_span clean(auk_span text, auk_arena *arena)
{
    char *copy = auk_arena_alloc(arena, text.size);
    for (size_t i = 0; i < text.size;) {
        uint32_t character;
        size_t bytes = auk_utf8_decode(auk_span_from(text, i), &character);
        if (bytes == 0) {
            copy[i++] = ' ';
            continue;
        }
        memcpy(copy + i, text.data + i, bytes);
        i += bytes;
    }
    return auk_span_make(copy, text.size);
}

static bool is_clean(auk_span text)
{
    size_t ascii = auk_unicode_ascii_prefix(text.data, text.size);
    return ascii == text.size || auk_utf8_valid(auk_span_from(text, ascii));
}

static void record_text(struct recorder *recorder, const auk_component *component, auk_span text)
{
    if (recorder)
        recorder->stages[recorder->count++] = (auk_stage){
            .kind = AUK_STAGE_CHAR_FILTER,
            .name = auk_arena_copy(recorder->arena, component->name),
            .text = auk_arena_copy(recorder->arena, text),
        };
}

static auk_code record_tokens(struct recorder *recorder, auk_stage_kind kind,
                              const auk_component *component, const auk_tokens *tokens,
                              auk_error *err)
{
    if (!recorder)
        return AUK_OK;
    auk_token *items = AUK_ARENA_ARRAY(recorder->arena, auk_token, tokens->count + 1);
    for (size_t i = 0; i < tokens->count; i++) {
        items[i] = tokens->items[i];
        items[i].text = auk_arena_copy(recorder->arena, auk_token_text(&items[i])).data;
    }
    recorder->stages[recorder->count++] =
        (auk_stage){.kind = kind,
                    .end_position = tokens->end_position,
                    .name = auk_arena_copy(recorder->arena, component->name),
                    .items = items,
                    .count = tokens->count};
    return auk_arena_status(recorder->arena, err);
}

static auk_code fail_full(const auk_analyzer *analyzer, const char *kind, auk_span stage,
                          const auk_tokens *tokens, size_t size, auk_error *err)
{
    size_t limit = tokens->limit_bytes ? tokens->limit_bytes : AUK_TOKENS_LIMIT;
    if (tokens->fill == AUK_TOKENS_UNPAID &&
        auk_arena_admit(tokens->payer, tokens->paid_bytes, err) != AUK_OK)
        return auk_wrap(err, AUK_BUSY, "no memory for the tokens of a text");
    if (tokens->fill == AUK_TOKENS_UNPAID)
        return auk_fail(err, AUK_BUSY, "no memory for the tokens of a text");
    auk_fail(
        err, AUK_INVALID,
        "a text of [%zu] bytes becomes more than [%zu] bytes of tokens in %s [%.*s] of analyzer "
        "[%.*s]",
        size, limit, kind, AUK_SPAN_ARG(stage), AUK_SPAN_ARG(analyzer->name));
    auk_hint(
        err,
        "fewer or shorter tokens (max_gram, max_shingle_size) fit; those of a document may take "
        "an eighth of --memory");
    return AUK_INVALID;
}

static auk_code rewrite(const auk_analyzer *analyzer, auk_analyzer_scratch *scratch, auk_span text,
                        auk_tokens *tokens, struct recorder *recorder, struct rewriting *out,
                        auk_error *err)
{
    auk_arena *arena = auk_tokens_arena(tokens);
    *out = (struct rewriting){.text = text, .count = analyzer->char_filter_count};
    out->steps = AUK_ARENA_ARRAY(arena, auk_rewrite, out->count);
    for (size_t i = 0; i < out->count; i++) {
        const auk_component *component = &analyzer->char_filters[i];
        out->steps[i] =
            (auk_rewrite){.text = out->text, .arena = arena, .tokens = tokens, .scratch = scratch};
        auk_code code = component->type->rewrite(component->state, &out->steps[i], err);
        if (code == AUK_TOO_LARGE)
            tokens->fill = AUK_TOKENS_FULL;
        else if (code != AUK_OK)
            return code;
        if (!auk_tokens_settle(tokens))
            return fail_full(analyzer, "char_filter", component->name, tokens, text.size, err);
        out->text = out->steps[i].text;
        record_text(recorder, component, out->text);
    }
    return AUK_OK;
}

/* The offset in front of one char filter: the last shift at or before it holds. */
static uint32_t shift_back(const auk_rewrite *step, uint32_t offset)
{
    size_t low = 0, high = step->count;
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (step->shifts[middle].offset <= offset)
            low = middle + 1;
        else
            high = middle;
    }
    return low == 0 ? offset : (uint32_t)(offset + step->shifts[low - 1].shift);
}

static void correct_offsets(const struct rewriting *rewriting, auk_tokens *tokens)
{
    for (size_t i = rewriting->count; i-- > 0;) {
        const auk_rewrite *step = &rewriting->steps[i];
        if (step->count == 0)
            continue;
        for (size_t j = 0; j < tokens->count; j++) {
            tokens->items[j].start = shift_back(step, tokens->items[j].start);
            tokens->items[j].end = shift_back(step, tokens->items[j].end);
        }
    }
}

static auk_code run(const auk_analyzer *analyzer, auk_analyzer_scratch *scratch, auk_span text,
                    auk_tokens *out, struct recorder *recorder, auk_error *err)
{
    auk_tokens_reset(out);
    if (text.size > AUK_ANALYZER_TEXT_LIMIT)
        return auk_fail(err, AUK_TOO_LARGE, "text of %zu bytes, above the limit of %zu", text.size,
                        AUK_ANALYZER_TEXT_LIMIT);
    if (!text.data)
        text = AUK_SPAN("");
    if (!is_clean(text))
        text = clean(text, auk_tokens_arena(out));

    struct rewriting rewriting = {.text = text};
    auk_code code = AUK_OK;
    scratch->text.maximum = out->limit_bytes ? out->limit_bytes : AUK_TOKENS_LIMIT;
    if (analyzer->char_filter_count > 0)
        code = rewrite(analyzer, scratch, text, out, recorder, &rewriting, err);
    if (code != AUK_OK)
        return code;

    const auk_component *tokenizer = &analyzer->tokenizer;
    out->source = rewriting.text;
    out->original = text;
    out->end_offset = (uint32_t)text.size;
    code = tokenizer->type->tokenize(tokenizer->state, scratch, rewriting.text, out, err);
    if (code != AUK_OK)
        return code;
    if (!auk_tokens_settle(out))
        return fail_full(analyzer, "tokenizer", tokenizer->name, out, text.size, err);
    correct_offsets(&rewriting, out);
    code = record_tokens(recorder, AUK_STAGE_TOKENIZER, tokenizer, out, err);

    for (size_t i = 0; code == AUK_OK && i < analyzer->filter_count; i++) {
        const auk_component *filter = &analyzer->filters[i];
        code = filter->type->filter(filter->state, scratch, out, err);
        if (code != AUK_OK)
            return code;
        if (!auk_tokens_settle(out))
            return fail_full(analyzer, "filter", filter->name, out, text.size, err);
        code = record_tokens(recorder, AUK_STAGE_FILTER, filter, out, err);
    }
    return code;
}

auk_code auk_analyzer_run(const auk_analyzer *analyzer, auk_analyzer_scratch *scratch,
                          auk_span text, auk_tokens *out, auk_error *err)
{
    auk_code code = run(analyzer, scratch, text, out, NULL, err);
    auk_scratch_trim(scratch);
    return code;
}

bool auk_analyzer_run_word(const auk_analyzer *analyzer, auk_span text, char *room)
{
    if (text.size == 0 || text.size > analyzer->word_most)
        return false;
    for (size_t i = 0; i < text.size; i++) {
        uint8_t small = (uint8_t)text.data[i] | 0x20; /* a digit stays what it is */
        bool digit = (uint8_t)(text.data[i] - '0') < 10;
        if (!digit && (uint8_t)(small - 'a') >= 26)
            return false;
        room[i] = (char)small;
    }
    return true;
}

auk_code auk_analyzer_run_stages(const auk_analyzer *analyzer, auk_analyzer_scratch *scratch,
                                 auk_span text, auk_arena *arena, const auk_stage **stages,
                                 size_t *count, auk_error *err)
{
    size_t most = analyzer->char_filter_count + 1 + analyzer->filter_count;
    struct recorder recorder = {arena, AUK_ARENA_ARRAY(arena, auk_stage, most), 0};
    auk_code code = run(analyzer, scratch, text, &scratch->tokens, &recorder, err);
    *stages = recorder.stages;
    *count = recorder.count;
    return code;
}

auk_code auk_analyzer_normalize(const auk_analyzer *analyzer, auk_analyzer_scratch *scratch,
                                auk_span text, auk_arena *arena, auk_span *out, auk_error *err)
{
    *out = text;
    if (!analyzer)
        return AUK_OK;

    /* Borrowed components: the same chain without what cuts or leaves out. */
    auk_analyzer normalizer = *analyzer;
    normalizer.tokenizer.type =
        auk_component_type_find(AUK_COMPONENT_TOKENIZER, AUK_SPAN("keyword"));
    normalizer.tokenizer.state = NULL;
    normalizer.filter_count = 0;
    auk_code code = run(&normalizer, scratch, text, &scratch->tokens, NULL, err);
    for (size_t i = 0; code == AUK_OK && i < analyzer->filter_count; i++) {
        const auk_component *filter = &analyzer->filters[i];
        if (filter->type->flags & AUK_COMPONENT_NORMALIZING)
            code = filter->type->filter(filter->state, scratch, &scratch->tokens, err);
    }
    if (code != AUK_OK)
        return code;

    /* One token in, so at least one out; asciifolding may keep the original behind the folded one.
     */
    auk_span result = auk_token_text(&scratch->tokens.items[0]);
    bool borrowed = result.size == 0 || ((uintptr_t)result.data - (uintptr_t)text.data) < text.size;
    *out = borrowed ? result : auk_arena_copy(arena, result);
    return AUK_OK;
}

auk_span auk_analyzer_search_only(const auk_analyzer *analyzer, auk_arena *arena)
{
    auk_span names = AUK_SPAN("");
    for (size_t i = 0; i < analyzer->filter_count; i++)
        if (analyzer->filters[i].search_only)
            names =
                auk_arena_printf(arena, "%.*s%s%.*s", AUK_SPAN_ARG(names), names.size ? ", " : "",
                                 AUK_SPAN_ARG(analyzer->filters[i].name));
    return names;
}
