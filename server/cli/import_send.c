/*
 * import_send.c - a sender: one connection, one batch at a time, until the server has taken it.
 *
 *   post -- 200, no errors ------------------------> taken
 *        -- 200, some items 429 --> keep those ----> again, after a pause
 *        -- 200, other items fail -> rejects file -> taken
 *        -- 429, 503, lost, silent ----------------> again, after a pause
 *        -- 413 ----> two halves, each by itself; a single document -> rejects file
 *        -- else ----------------------------------> the import fails
 *
 * Pauses double from FIRST_PAUSE_MS, with jitter; after PATIENCE_MS without progress the import
 * fails.
 */
#include <strings.h>
#include <sys/random.h>

#include "auk/clock.h"
#include "client.h"
#include "import_run.h"

#define FIRST_PAUSE_MS   50u
#define LONGEST_PAUSE_MS 10000u
#define PATIENCE_MS      120000u
#define ERRORS_WITHIN    256u /* bytes of the answer in which "errors" stands */
#define SILENCE_MS       300000u

typedef struct sender {
    auk_import *import;
    auk_http_client *client;
    auk_arena *arena;
    unsigned failures; /* in a row */
    uint64_t progress_us;
    uint64_t random;
} sender;

/* ---- pauses ---- */

static uint32_t next_random(sender *s)
{
    s->random ^= s->random << 13;
    s->random ^= s->random >> 7;
    s->random ^= s->random << 17;
    return (uint32_t)(s->random >> 32);
}

static uint32_t asked_pause_ms(const auk_http_answer *answer)
{
    for (uint32_t i = 0; answer != NULL && i < answer->header_count; i++) {
        int64_t seconds;
        auk_span name = answer->headers[i].name;
        if (name.size == strlen("retry-after") &&
            strncasecmp(name.data, "retry-after", name.size) == 0 &&
            auk_number_parse_int64(answer->headers[i].value, &seconds) && seconds > 0)
            return seconds < 30 ? (uint32_t)seconds * 1000 : 30000;
    }
    return 0;
}

/* Waits before the next try; AUK_CANCELLED when the import was stopped, *err when patience ends. */
static auk_code wait_for_server(sender *s, const auk_http_answer *answer, auk_error *err)
{
    if (auk_clock_monotonic_us() - s->progress_us > (uint64_t)PATIENCE_MS * 1000) {
        auk_wrap(err, AUK_IO, "no progress for %u s", PATIENCE_MS / 1000);
        return AUK_IO;
    }
    uint32_t pause = FIRST_PAUSE_MS << (s->failures < 10 ? s->failures : 10);
    pause = pause < LONGEST_PAUSE_MS ? pause : LONGEST_PAUSE_MS;
    pause = pause / 2 + next_random(s) % pause; /* half to one and a half */
    uint32_t asked = asked_pause_ms(answer);
    s->failures++;
    return auk_import_pause(s->import, pause > asked ? pause : asked) ? AUK_OK : AUK_CANCELLED;
}

static void note_progress(sender *s, uint64_t documents)
{
    s->failures = 0;
    s->progress_us = auk_clock_monotonic_us();
    atomic_fetch_add(&s->import->taken_documents, documents);
}

/* ---- answers ---- */

/* Is a document that is there already one that an earlier try has brought? Where we made the ids,
 * always; where the bulk form creates under ids of its own, when there was an earlier try. */
static bool is_repeated(const auk_import *import)
{
    const auk_import_resume *resume = import->plan.resume;
    return resume != NULL && import->plan.id_field.size == 0 &&
           (resume->goes_on || import->plan.records->format != AUK_FORMAT_BULK);
}

/* Rejected items go to the file. keep[i]: item i was turned away for now. */
static auk_code read_items(sender *s, auk_import_batch *batch, const auk_json *items, bool *keep,
                           uint64_t *kept, auk_error *err)
{
    uint64_t rejected = 0;
    size_t i = 0;
    *kept = 0;
    if (items == NULL || items->type != AUK_JSON_ARRAY || items->count != batch->count)
        return auk_fail(err, AUK_CORRUPT, "the server's answer does not fit the request");
    for (const auk_json *item = items->child; item != NULL; item = item->next, i++) {
        const auk_json *error = auk_json_get(item->child, "error");
        int64_t status = 0;
        if (error == NULL)
            continue;
        if (auk_json_to_int64(auk_json_get(item->child, "status"), &status) && status == 429) {
            keep[i] = true;
            ++*kept;
            continue;
        }
        if (status == 409 && is_repeated(s->import))
            continue;
        auk_buffer reason;
        auk_buffer_init(&reason, 4096);
        auk_client_append_reason(&reason, error);
        auk_rejects_add(s->import->plan.rejects, batch->items[i].line, (int)status,
                        auk_buffer_span(&reason),
                        s->import->plan.records->format == AUK_FORMAT_BULK
                            ? auk_import_batch_action(batch, i)
                            : (auk_span){0},
                        auk_import_batch_document(batch, i));
        auk_buffer_deinit(&reason);
        rejected++;
    }
    atomic_fetch_add(&s->import->rejected_documents, rejected);
    note_progress(s, batch->count - rejected - *kept);
    return AUK_OK;
}

static bool says_no_errors(auk_span body)
{
    auk_span sign = AUK_SPAN("\"errors\":false");
    size_t size = body.size < ERRORS_WITHIN ? body.size : ERRORS_WITHIN;
    return size > 0 && memmem(body.data, size, sign.data, sign.size) != NULL;
}

/* After 200: the batch keeps only what was turned away for now. */
static auk_code settle(sender *s, auk_import_batch *batch, const auk_http_answer *answer,
                       auk_error *err)
{
    if (says_no_errors(answer->body)) {
        note_progress(s, batch->count);
        batch->count = 0;
        return AUK_OK;
    }
    const auk_json *body = NULL;
    uint64_t kept = 0;
    auk_arena_reset(s->arena);
    auk_code code = auk_json_parse_own(answer->body, s->arena, &body, err);
    if (code != AUK_OK)
        return auk_wrap(err, code, "the server's answer");
    bool *keep = AUK_ARENA_ARRAY(s->arena, bool, batch->count + 1);
    code = read_items(s, batch, auk_json_get(body, "items"), keep, &kept, err);
    if (code != AUK_OK)
        return code;
    auk_import_batch_keep(batch, keep);
    if (kept == 0)
        return AUK_OK;
    auk_fail(err, AUK_BUSY, "the server turns documents away (429)");
    return wait_for_server(s, answer, err);
}

static auk_code reject_single(sender *s, auk_import_batch *batch, int status, const auk_error *why)
{
    auk_rejects_add(s->import->plan.rejects, batch->items[0].line, status,
                    auk_span_of(why->message), (auk_span){0}, auk_import_batch_document(batch, 0));
    atomic_fetch_add(&s->import->rejected_documents, 1);
    batch->count = 0;
    return AUK_OK;
}

static auk_code deliver(sender *s, auk_import_batch *batch, auk_error *err);

static auk_code deliver_halves(sender *s, auk_import_batch *batch, auk_error *err)
{
    auk_import_batch second;
    auk_import_batch_init(&second);
    auk_import_batch_split(batch, &second);
    auk_code code = deliver(s, batch, err);
    if (code == AUK_OK)
        code = deliver(s, &second, err);
    auk_import_batch_deinit(&second);
    return code;
}

static auk_code post(sender *s, const auk_import_batch *batch, auk_http_answer *answer,
                     auk_error *err)
{
    auk_http_field type = {AUK_SPAN("content-type"), AUK_SPAN("application/x-ndjson")};
    auk_code code = auk_http_client_call(s->client, AUK_HTTP_POST, s->import->plan.target, &type, 1,
                                         auk_buffer_span(&batch->body), answer, err);
    if (code != AUK_OK && answer->maybe_sent)
        atomic_fetch_add(&s->import->repeated_batches, 1);
    return auk_client_explain(code, err);
}

/* Until every document of the batch has been taken or rejected. */
static auk_code deliver(sender *s, auk_import_batch *batch, auk_error *err)
{
    while (batch->count > 0) {
        auk_http_answer answer = {0};
        *err = (auk_error){0};
        auk_code code = post(s, batch, &answer, err);
        if (code == AUK_OK && answer.status == 200)
            code = settle(s, batch, &answer, err);
        else if (code == AUK_OK && (code = auk_client_judge(&answer, err)) == AUK_BUSY)
            code = wait_for_server(s, &answer, err);
        else if (code == AUK_IO && answer.status == 0)
            code = wait_for_server(s, NULL, err);
        else if (code == AUK_TOO_LARGE && batch->count > 1)
            return deliver_halves(s, batch, err);
        else if (code == AUK_TOO_LARGE && answer.status == 413)
            code = reject_single(s, batch, answer.status, err);
        if (code != AUK_OK)
            return code;
        if (atomic_load(&s->import->stop) && batch->count > 0)
            return AUK_CANCELLED;
    }
    return AUK_OK;
}

static auk_code open_client(sender *s, auk_error *err)
{
    auk_http_client_options options = {.url = auk_span_of(s->import->plan.url),
                                       .silence_timeout_ms = SILENCE_MS};
    return auk_http_client_open(&options, &s->client, err);
}

void *auk_import_send(void *context)
{
    auk_import *import = context;
    sender s = {.import = import, .progress_us = auk_clock_monotonic_us()};
    auk_error err = {0};
    if (getrandom(&s.random, sizeof s.random, 0) != sizeof s.random || s.random == 0)
        s.random = s.progress_us | 1;
    s.arena = auk_arena_create(4096);
    auk_code code = open_client(&s, &err);
    while (code == AUK_OK) {
        auk_import_batch *batch = auk_import_take_full(import);
        if (batch == NULL)
            break;
        uint64_t bytes = batch->source_bytes;
        s.progress_us = auk_clock_monotonic_us();
        code = deliver(&s, batch, &err);
        if (code == AUK_OK) {
            atomic_fetch_add(&import->taken_bytes, bytes);
            auk_import_settle(import, batch);
        }
        auk_import_give_empty(import, batch);
    }
    if (code != AUK_OK && code != AUK_CANCELLED)
        auk_import_fail(import, &err);
    auk_http_client_close(s.client);
    auk_arena_destroy(s.arena);
    return NULL;
}
