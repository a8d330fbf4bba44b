#include "invert.h"

#include "auk/segment.h"

#define KEPT_BYTES ((size_t)1 << 20) /* of each table and log, for the next chunk */
/* What a byte of a long text may take while it is turned into tokens and these into postings. */
#define BYTES_A_BYTE    12
#define LONG_TEXT       ((size_t)64 << 10)
#define TEXT_SHARE      4                 /* of indexing: the tokens of one text */
#define CHUNK_UNCHARGED ((size_t)1 << 20) /* a chunk's tables, whatever is in them */
#define CHARGE_STEP     ((size_t)256 << 10)
#define AHEAD           8 /* terms in flight */

/* What the current document has of a field so far. */
typedef struct field_state {
    uint32_t document; /* + 1; another number: nothing yet */
    uint32_t use;      /* index into the chunk's uses */
    uint32_t position; /* where the next value begins */
    uint32_t index;    /* of the field in the chunk */
    uint32_t chunk;    /* serial of the chunk that index is good for */
    uint32_t name;     /* term of _field_names */
} field_state;

struct auk_inverter {
    const auk_shard_host *host;
    auk_mapping *mapping;
    auk_chunk *chunk;
    bool accepted; /* the documents of the chunk were, earlier */
    auk_budget *budget;
    size_t charged_bytes; /* for the chunk, above what its call was charged */
    uint32_t serial;      /* of the chunk */
    auk_arena *arena;     /* one document */
    auk_analyzer_scratch *scratch;
    auk_tokens tokens;
    AUK_VECTOR(field_state) states; /* by field number */
    AUK_VECTOR(uint64_t) hashes;    /* of the tokens of one value */
    /* Room in which a chunk grows, from one chunk to the next; what is taken is a copy of the exact
     * size. Memory that is written for the first time costs more than the copy. */
    auk_term_slots slots;
    AUK_VECTOR(auk_table_term) terms;
    AUK_VECTOR(uint32_t) plain;
    AUK_VECTOR(auk_positioned_token) positioned;
    AUK_VECTOR(auk_field_use) uses;
    AUK_VECTOR(auk_chunk_number) numbers;
};

auk_inverter *auk_inverter_create(auk_budget *budget)
{
    auk_inverter *inverter = calloc(1, sizeof *inverter);
    if (inverter == NULL)
        abort();
    inverter->budget = budget;
    inverter->arena = auk_arena_create(64 << 10);
    auk_arena_set_budget(inverter->arena, budget, AUK_PURPOSE_INDEXING);
    inverter->scratch = auk_analyzer_scratch_create();
    auk_tokens_init(&inverter->tokens);
    return inverter;
}

void auk_inverter_destroy(auk_inverter *inverter)
{
    if (inverter == NULL)
        return;
    auk_chunk_destroy(inverter->chunk);
    auk_mapping_release(inverter->mapping);
    auk_tokens_deinit(&inverter->tokens);
    auk_analyzer_scratch_destroy(inverter->scratch);
    auk_arena_destroy(inverter->arena);
    auk_vector_free(&inverter->states);
    auk_vector_free(&inverter->hashes);
    free(inverter->slots.items);
    auk_vector_free(&inverter->terms);
    auk_vector_free(&inverter->plain);
    auk_vector_free(&inverter->positioned);
    auk_vector_free(&inverter->uses);
    auk_vector_free(&inverter->numbers);
    free(inverter);
}

static void give_room(auk_inverter *inverter, auk_chunk *chunk, uint32_t expected_terms)
{
    auk_term_table_init_with(&chunk->terms, expected_terms, chunk->arena, inverter->slots);
    inverter->slots = (auk_term_slots){0};
    auk_vector_reuse(&chunk->terms.terms, &inverter->terms);
    auk_vector_reuse(&chunk->plain, &inverter->plain);
    auk_vector_reuse(&chunk->positioned, &inverter->positioned);
    auk_vector_reuse(&chunk->uses, &inverter->uses);
    auk_vector_reuse(&chunk->numbers, &inverter->numbers);
}

static void take_room_back(auk_inverter *inverter, auk_chunk *chunk)
{
    inverter->slots = auk_term_table_take_slots(&chunk->terms);
    if (inverter->slots.count * sizeof *inverter->slots.items > KEPT_BYTES) {
        free(inverter->slots.items);
        inverter->slots = (auk_term_slots){0};
    }
    auk_vector_shrink_into(&chunk->terms.terms, &inverter->terms, KEPT_BYTES);
    auk_vector_shrink_into(&chunk->plain, &inverter->plain, KEPT_BYTES);
    auk_vector_shrink_into(&chunk->positioned, &inverter->positioned, KEPT_BYTES);
    auk_vector_shrink_into(&chunk->uses, &inverter->uses, KEPT_BYTES);
    auk_vector_shrink_into(&chunk->numbers, &inverter->numbers, KEPT_BYTES);
}

void auk_inverter_begin(auk_inverter *inverter, const auk_shard_host *host, size_t sources_bytes,
                        uint32_t document_count)
{
    auk_chunk *chunk = calloc(1, sizeof *chunk);
    if (chunk == NULL)
        abort();
    chunk->arena = auk_arena_create(sources_bytes / 4 + 256);
    chunk->sources_capacity = sources_bytes + AUK_JSON_PADDING;
    chunk->sources = malloc(chunk->sources_capacity);
    if (chunk->sources == NULL)
        abort();
    size_t expected = sources_bytes / 24 + 16;
    give_room(inverter, chunk, expected > 16384 ? 16384 : (uint32_t)expected);
    auk_vector_reserve(&chunk->documents, document_count);
    auk_mapping_release(inverter->mapping);
    inverter->mapping = host->mapping(host->context);
    inverter->host = host;
    inverter->chunk = chunk;
    if (inverter->accepted)
        auk_arena_set_budget(inverter->arena, inverter->budget, AUK_PURPOSE_INDEXING);
    inverter->accepted = false;
    inverter->serial++;
}

/* What was acknowledged is taken whatever it costs: with less memory the shard could not open. */
void auk_inverter_accept(auk_inverter *inverter)
{
    inverter->accepted = true;
    auk_arena_set_budget(inverter->arena, NULL, AUK_PURPOSE_INDEXING);
}

auk_chunk *auk_inverter_take(auk_inverter *inverter, size_t *charged_bytes)
{
    auk_chunk *chunk = inverter->chunk;
    *charged_bytes = inverter->charged_bytes;
    inverter->charged_bytes = 0;
    take_room_back(inverter, chunk);
    inverter->chunk = NULL;
    auk_mapping_release(inverter->mapping);
    inverter->mapping = NULL;
    auk_arena_reset(inverter->arena);
    return chunk;
}

uint64_t auk_inverter_mapping_version(const auk_inverter *inverter)
{
    return auk_mapping_version(inverter->mapping);
}

/* ---- terms of the current document ---- */

static uint32_t add_term(auk_inverter *inverter, uint16_t field, auk_span text)
{
    return auk_term_table_add(&inverter->chunk->terms, field, text, auk_term_hash(field, text));
}

static uint16_t forms_of(const auk_field *field)
{
    unsigned forms = 0;
    if (auk_field_type_is_numeric(field->type)) {
        forms |= field->indexed ? AUK_FORM_TERMS : 0;
        forms |= field->doc_values ? AUK_FORM_NUMBERS : 0;
        return (uint16_t)forms;
    }
    bool ordinals = field->type != AUK_TYPE_TEXT && field->doc_values;
    if (field->indexed || ordinals)
        forms |= AUK_FORM_TERMS;
    if (ordinals)
        forms |= AUK_FORM_ORDINALS;
    if (field->indexed) {
        forms |= field->freqs || field->positions ? AUK_FORM_FREQS : 0;
        forms |= field->positions ? AUK_FORM_POSITIONS : 0;
        forms |= field->norms ? AUK_FORM_NORMS : 0;
    }
    return (uint16_t)forms;
}

/* The state of a field in this document; the first call for it also notes the use and the name. */
static field_state *state_of(auk_inverter *inverter, const auk_field *field)
{
    auk_chunk *chunk = inverter->chunk;
    while (inverter->states.count <= field->number)
        auk_vector_push(&inverter->states, (field_state){0});
    field_state *state = &inverter->states.items[field->number];
    if (state->chunk != inverter->serial) {
        *state = (field_state){.chunk = inverter->serial, .index = chunk->fields.count};
        auk_vector_push(&chunk->fields,
                        (auk_chunk_field){.number = field->number, .forms = forms_of(field)});
        state->name = add_term(inverter, AUK_FIELD_FIELD_NAMES, field->path);
    }
    if (state->document != chunk->documents.count + 1) {
        state->document = chunk->documents.count + 1;
        state->use = chunk->uses.count;
        state->position = 0;
        auk_vector_push(&chunk->uses, (auk_field_use){.field = (uint16_t)state->index});
        auk_vector_push(&chunk->plain, state->name);
    }
    return state;
}

static auk_code fail_immense(const auk_field *field, size_t size, auk_error *err)
{
    return auk_fail(
        err, AUK_INVALID,
        "Document contains at least one immense term in field=\"%.*s\" (whose UTF8 encoding is "
        "longer than the max length %u): bytes can be at most %u in length; got %zu",
        AUK_SPAN_ARG(field->path), AUK_TERM_BYTES_MOST, AUK_TERM_BYTES_MOST, size);
}

static auk_code hash_tokens(auk_inverter *inverter, const auk_field *field, auk_error *err)
{
    const auk_tokens *tokens = &inverter->tokens;
    inverter->hashes.count = 0;
    auk_vector_reserve(&inverter->hashes, tokens->count);
    for (size_t i = 0; i < tokens->count; i++) {
        auk_span text = auk_token_text(&tokens->items[i]);
        if (text.size > AUK_TERM_BYTES_MOST)
            return fail_immense(field, text.size, err);
        uint64_t hash = auk_term_hash(field->number, text);
        inverter->hashes.items[i] = hash;
        auk_term_table_prefetch(&inverter->chunk->terms, hash);
    }
    return AUK_OK;
}

static void log_tokens(auk_inverter *inverter, const auk_field *field, const field_state *state,
                       bool positions)
{
    auk_chunk *chunk = inverter->chunk;
    const auk_tokens *tokens = &inverter->tokens;
    uint32_t overlaps = 0;
    if (positions)
        auk_vector_reserve(&chunk->positioned, tokens->count);
    else
        auk_vector_reserve(&chunk->plain, tokens->count);
    for (size_t i = 0; i < tokens->count; i++) {
        const auk_token *token = &tokens->items[i];
        if (i + AHEAD < tokens->count)
            auk_term_table_prefetch_term(&chunk->terms, inverter->hashes.items[i + AHEAD]);
        uint32_t term = auk_term_table_add(&chunk->terms, field->number, auk_token_text(token),
                                           inverter->hashes.items[i]);
        overlaps += i > 0 && token->position == token[-1].position;
        if (positions)
            chunk->positioned.items[chunk->positioned.count++] =
                (auk_positioned_token){term, state->position + token->position};
        else
            chunk->plain.items[chunk->plain.count++] = term;
    }
    auk_field_use *use = &chunk->uses.items[state->use];
    use->length += (uint32_t)tokens->count - overlaps;
    use->has_terms |= tokens->count != 0;
}

/*
 * What the tokens of a text may take: its size's usual, and a share of what indexing may hold, so
 * that a few writers at once find room. What was accepted once is taken again whatever it costs.
 */
static auk_code admit_text(auk_inverter *inverter, size_t size, auk_error *err)
{
    size_t usual = (size < LONG_TEXT ? LONG_TEXT : size) * BYTES_A_BYTE, share = SIZE_MAX / 2;
    if (inverter->budget != NULL && !inverter->accepted)
        share = auk_budget_limit(inverter->budget, AUK_PURPOSE_INDEXING) / TEXT_SHARE;
    auk_tokens_allow(&inverter->tokens, usual > share ? usual : share, usual, inverter->arena);
    if (size < LONG_TEXT || inverter->accepted)
        return AUK_OK;
    return auk_arena_admit(inverter->arena, usual, err);
}

/* The chunk holds what the call was charged for, and no more unless somebody pays. */
static auk_code admit_chunk(auk_inverter *inverter, size_t more, auk_error *err)
{
    auk_chunk *chunk = inverter->chunk;
    size_t bytes = auk_chunk_bytes(chunk) + more;
    size_t paid = chunk->sources_capacity * 3 + CHUNK_UNCHARGED + inverter->charged_bytes;
    if (bytes <= paid || inverter->accepted)
        return AUK_OK;
    size_t step = (bytes - paid + CHARGE_STEP) / CHARGE_STEP * CHARGE_STEP;
    auk_code code = auk_budget_charge(inverter->budget, AUK_PURPOSE_INDEXING, step, err);
    if (code == AUK_OK)
        inverter->charged_bytes += step;
    return code;
}

/* The same ahead of tokens that are many for their text. */
static auk_code admit_tokens(auk_inverter *inverter, size_t size, auk_error *err)
{
    const auk_tokens *tokens = &inverter->tokens;
    if (tokens->count <= size)
        return AUK_OK;
    size_t bytes = tokens->count * (sizeof(uint64_t) + 2 * sizeof(auk_positioned_token));
    for (size_t i = 0; i < tokens->count; i++)
        bytes += tokens->items[i].size;
    return admit_chunk(inverter, bytes, err);
}

/* One long text must not be paid for as long as the process lives. */
static void drop_many_tokens(auk_inverter *inverter)
{
    size_t held = (inverter->tokens.capacity + inverter->tokens.spare_capacity) * sizeof(auk_token);
    if (held > KEPT_BYTES) {
        auk_tokens_deinit(&inverter->tokens);
        auk_tokens_init(&inverter->tokens);
    }
    if (inverter->hashes.capacity * sizeof(uint64_t) > KEPT_BYTES)
        auk_vector_free(&inverter->hashes);
}

static auk_code analyze(auk_inverter *inverter, const auk_document_value *value, auk_error *err)
{
    const auk_field *field = value->field;
    auk_code code =
        auk_analyzer_run(field->analyzer, inverter->scratch, value->text, &inverter->tokens, err);
    return code == AUK_OK
               ? AUK_OK
               : auk_wrap(err, code, "failed to analyze field [%.*s]", AUK_SPAN_ARG(field->path));
}

static auk_code invert_text(auk_inverter *inverter, const auk_document_value *value, auk_error *err)
{
    const auk_field *field = value->field;
    field_state *state = state_of(inverter, field);
    uint16_t forms = inverter->chunk->fields.items[state->index].forms;
    if ((forms & AUK_FORM_TERMS) == 0)
        return AUK_OK;
    auk_code code = admit_text(inverter, value->text.size, err);
    if (code == AUK_OK)
        code = analyze(inverter, value, err);
    if (code == AUK_OK)
        code = admit_tokens(inverter, value->text.size, err);
    if (code == AUK_OK)
        code = hash_tokens(inverter, field, err);
    if (code == AUK_OK) {
        log_tokens(inverter, field, state, (forms & AUK_FORM_POSITIONS) != 0);
        state->position +=
            inverter->tokens.end_position + auk_analyzer_position_gap(field->analyzer);
    }
    drop_many_tokens(inverter);
    return code;
}

static auk_code invert_keyword(auk_inverter *inverter, const auk_document_value *value,
                               auk_error *err)
{
    const auk_field *field = value->field;
    auk_chunk *chunk = inverter->chunk;
    field_state *state = state_of(inverter, field);
    uint16_t forms = chunk->fields.items[state->index].forms;
    if ((forms & AUK_FORM_TERMS) == 0)
        return AUK_OK;
    auk_span text = value->text;
    if (field->normalizer != NULL) {
        auk_code code = auk_analyzer_normalize(field->normalizer, inverter->scratch, text,
                                               inverter->arena, &text, err);
        if (code != AUK_OK)
            return code;
    }
    if (text.size > AUK_TERM_BYTES_MOST)
        return fail_immense(field, text.size, err);
    uint32_t term = add_term(inverter, field->number, text);
    if ((forms & AUK_FORM_POSITIONS) != 0)
        auk_vector_push(&chunk->positioned, (auk_positioned_token){term, state->position++});
    else
        auk_vector_push(&chunk->plain, term);
    chunk->uses.items[state->use].has_terms = true;
    chunk->uses.items[state->use].length++;
    return AUK_OK;
}

static void invert_number(auk_inverter *inverter, const auk_document_value *value)
{
    auk_chunk *chunk = inverter->chunk;
    field_state *state = state_of(inverter, value->field);
    uint16_t forms = chunk->fields.items[state->index].forms;
    if ((forms & AUK_FORM_TERMS) != 0) {
        char text[8];
        auk_number_to_term(value->number, text);
        uint32_t term = add_term(inverter, value->field->number, auk_span_make(text, sizeof text));
        auk_vector_push(&chunk->plain, term);
        chunk->uses.items[state->use].has_terms = true;
        chunk->uses.items[state->use].length++;
    }
    if ((forms & AUK_FORM_NUMBERS) != 0)
        auk_vector_push(&chunk->numbers, (auk_chunk_number){state->index, value->number});
}

static auk_code invert_values(auk_inverter *inverter, const auk_document *parsed, auk_error *err)
{
    for (uint32_t i = 0; i < parsed->count; i++) {
        const auk_document_value *value = &parsed->values[i];
        auk_code code = AUK_OK;
        if (value->field->type == AUK_TYPE_TEXT)
            code = invert_text(inverter, value, err);
        else if (auk_field_type_is_numeric(value->field->type))
            invert_number(inverter, value);
        else
            code = invert_keyword(inverter, value, err);
        if (code != AUK_OK && !inverter->accepted)
            return code;
    }
    for (uint32_t i = 0; i < parsed->ignored_count; i++)
        auk_vector_push(&inverter->chunk->plain,
                        add_term(inverter, AUK_FIELD_IGNORED, parsed->ignored[i]));
    return AUK_OK;
}

/* ---- one document ---- */

/* The host's newest mapping when it is newer than ours; else a version with the additions. */
static auk_code renew_mapping(auk_inverter *inverter, const auk_json *additions, auk_error *err)
{
    const auk_shard_host *host = inverter->host;
    auk_mapping *newest = host->mapping(host->context);
    if (auk_mapping_version(newest) == auk_mapping_version(inverter->mapping)) {
        auk_mapping_release(newest);
        auk_code code = host->extend(host->context, additions, &newest, err);
        if (code != AUK_OK)
            return code;
    }
    auk_mapping_release(inverter->mapping);
    inverter->mapping = newest;
    return AUK_OK;
}

/* Would the document be taken with the fields that it adds? A refused one must leave no fields
 * behind, so that is found out with versions that nobody else sees. */
static auk_code try_additions(auk_inverter *inverter, const auk_json *json, auk_span id,
                              const auk_json *additions, auk_error *err)
{
    auk_mapping *trial = auk_mapping_acquire(inverter->mapping);
    auk_code code = AUK_OK;
    while (additions && code == AUK_OK) {
        auk_mapping *next;
        auk_document parsed;
        code = auk_mapping_merge(trial, additions, &next, err);
        if (code != AUK_OK)
            break;
        auk_mapping_release(trial);
        trial = next;
        code = auk_document_parse(trial, json, id, inverter->arena, &parsed, err);
        additions = parsed.additions;
    }
    auk_mapping_release(trial);
    return code;
}

static auk_code parse_document(auk_inverter *inverter, const auk_json *json, auk_span id,
                               auk_document *parsed, auk_error *err)
{
    if (inverter->accepted)
        return auk_document_parse_accepted(inverter->mapping, json, id, inverter->arena, parsed,
                                           err);
    /* Several writers may extend the mapping at once, each time making ours old; a document has a
     * finite number of fields, so a bound is only for our own mistakes. */
    for (int attempt = 0; attempt < 1000; attempt++) {
        auk_code code =
            auk_document_parse(inverter->mapping, json, id, inverter->arena, parsed, err);
        if (code != AUK_OK || parsed->additions == NULL)
            return code;
        code = try_additions(inverter, json, id, parsed->additions, err);
        if (code == AUK_OK)
            code = renew_mapping(inverter, parsed->additions, err);
        if (code != AUK_OK)
            return code;
    }
    return auk_fail(err, AUK_BUSY, "mapping changed too often while document [%.*s] was parsed",
                    AUK_SPAN_ARG(id));
}

static auk_code check_id(auk_span id, auk_error *err)
{
    if (id.size == 0)
        return auk_fail(err, AUK_INVALID, "if _id is specified it must not be empty");
    if (id.size > AUK_ID_SIZE_LIMIT)
        return auk_fail(err, AUK_INVALID,
                        "id is too long, must be no longer than %u bytes but was: %zu",
                        AUK_ID_SIZE_LIMIT, id.size);
    return AUK_OK;
}

/* The source lies in the chunk from here on, which also gives it the padding that the parser wants.
 */
static auk_span copy_source(auk_chunk *chunk, auk_span source)
{
    char *at = chunk->sources + chunk->sources_size;
    if (source.size != 0)
        memcpy(at, source.data, source.size);
    memset(at + source.size, 0, AUK_JSON_PADDING);
    chunk->sources_size += source.size;
    return auk_span_make(at, source.size);
}

static auk_code invert_operation(auk_inverter *inverter, const auk_operation *operation,
                                 auk_span source, auk_error *err)
{
    auk_code code = check_id(operation->id, err);
    if (code != AUK_OK)
        return code;
    const auk_json *json = operation->parsed;
    if (json == NULL) {
        code = auk_json_parse_padded(source, inverter->arena, &json, err);
        if (code != AUK_OK) {
            if (err != NULL)
                err->type = "document_parsing_exception";
            return auk_wrap(err, code, "failed to parse");
        }
    }
    auk_document parsed;
    code = parse_document(inverter, json, operation->id, &parsed, err);
    if (code == AUK_OK)
        code = invert_values(inverter, &parsed, err);
    if (code == AUK_OK && operation->routing.size != 0)
        auk_vector_push(&inverter->chunk->plain,
                        add_term(inverter, AUK_FIELD_ROUTING, operation->routing));
    return code;
}

static auk_chunk_marks marks_of(const auk_chunk *chunk)
{
    return (auk_chunk_marks){chunk->plain.count, chunk->positioned.count, chunk->uses.count,
                             chunk->numbers.count};
}

static void cut_to(auk_chunk *chunk, auk_chunk_marks marks)
{
    chunk->plain.count = marks.plain;
    chunk->positioned.count = marks.positioned;
    chunk->uses.count = marks.uses;
    chunk->numbers.count = marks.numbers;
}

auk_code auk_inverter_add(auk_inverter *inverter, const auk_operation *operation,
                          uint32_t *document, auk_error *err)
{
    auk_chunk *chunk = inverter->chunk;
    auk_arena_reset(inverter->arena);
    auk_chunk_marks from = marks_of(chunk);
    size_t sources_size = chunk->sources_size;
    auk_span source = copy_source(chunk, operation->source);
    auk_code code = invert_operation(inverter, operation, source, err);
    if (code != AUK_OK) {
        cut_to(chunk, from);
        chunk->sources_size = sources_size;
        /* The states of this document's fields point behind the cut. */
        for (uint32_t i = 0; i < inverter->states.count; i++)
            inverter->states.items[i].document = 0;
        return code;
    }
    *document = chunk->documents.count;
    auk_vector_push(&chunk->documents,
                    (auk_chunk_document){
                        .id = auk_arena_copy(chunk->arena, operation->id),
                        .routing = operation->routing.size != 0
                                       ? auk_arena_copy(chunk->arena, operation->routing)
                                       : (auk_span){0},
                        .source = source,
                        .id_hash = auk_hash(operation->id, 0),
                        .from = from,
                        .to = marks_of(chunk),
                    });
    return AUK_OK;
}
