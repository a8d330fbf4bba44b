/*
 * What the applier keeps beside rows (row_key.h has the keys):
 *
 *   POSITION, version 2:  | version u8 | phase u8 | position | done varint | position of the whole
 * | a position:  | system id varint | timeline varint | applied varint | commit us zigzag | xid
 * varint | committed varint; version 1 had none |
 *   WRITTEN, version 1:   | version u8 | hash u64 | id sized | routing sized |
 */
#include "applier_private.h"

#include "auk/varint.h"

#define VERSION          1
#define POSITION_VERSION 2

/* ---- position ---- */

static void encode_position(const auk_sync_position *position, auk_buffer *out)
{
    auk_buffer_append_varint(out, position->system_id);
    auk_buffer_append_varint(out, position->timeline);
    auk_buffer_append_varint(out, position->applied);
    auk_buffer_append_varint(out, auk_zigzag(position->commit_us));
    auk_buffer_append_varint(out, position->xid);
    auk_buffer_append_varint(out, position->committed);
}

static auk_sync_position decode_position(auk_reader *in, uint8_t version)
{
    auk_sync_position out = {0};
    out.system_id = auk_reader_varint(in);
    out.timeline = (uint32_t)auk_reader_varint(in);
    out.applied = auk_reader_varint(in);
    out.commit_us = auk_unzigzag(auk_reader_varint(in));
    out.xid = (uint32_t)auk_reader_varint(in);
    out.committed = version > 1 ? auk_reader_varint(in) : out.applied;
    return out;
}

void auk_applier_put_position(const auk_applier *applier, const auk_sync_position *position,
                              const auk_whole *whole, auk_batch *batch)
{
    auk_buffer key, value;
    auk_buffer_init(&key, 64);
    auk_buffer_init(&value, 256);
    auk_key_begin(&key, applier->source, AUK_KEY_POSITION);
    auk_buffer_append_byte(&value, POSITION_VERSION);
    auk_buffer_append_byte(&value, (char)whole->phase);
    encode_position(position, &value);
    auk_buffer_append_varint(&value, whole->done);
    encode_position(&whole->to, &value);
    auk_batch_put(batch, AUK_FAMILY_SYNC, auk_buffer_span(&key), auk_buffer_span(&value));
    auk_buffer_deinit(&key);
    auk_buffer_deinit(&value);
}

static auk_code load_position(auk_applier *applier, auk_error *err)
{
    bool found;
    auk_key_begin(&applier->key, applier->source, AUK_KEY_POSITION);
    auk_code code = auk_store_get(applier->store, AUK_FAMILY_SYNC, auk_buffer_span(&applier->key),
                                  &applier->text, &found, err);
    if (code != AUK_OK || !found)
        return code;
    auk_reader in = auk_reader_of(auk_buffer_span(&applier->text));
    uint8_t version = auk_reader_u8(&in), phase = auk_reader_u8(&in);
    applier->position = decode_position(&in, version);
    applier->whole.done = auk_reader_varint(&in);
    applier->whole.to = decode_position(&in, version);
    if (in.failed || version < 1 || version > POSITION_VERSION || phase > AUK_WHOLE_WAVE ||
        auk_reader_left(&in) != 0)
        return auk_fail(err, AUK_CORRUPT, "the position of source [%.*s] is damaged",
                        AUK_SPAN_ARG(applier->config->name));
    applier->whole.phase = (auk_whole_phase)phase;
    applier->went_on = phase != AUK_WHOLE_NONE;
    return AUK_OK;
}

bool auk_applier_is_amid_whole(auk_store *store, uint64_t source)
{
    bool found = false;
    auk_buffer key, value;
    auk_buffer_init(&key, 64);
    auk_buffer_init(&value, 4096);
    auk_key_begin(&key, source, AUK_KEY_POSITION);
    auk_code code =
        auk_store_get(store, AUK_FAMILY_SYNC, auk_buffer_span(&key), &value, &found, NULL);
    bool amid = code == AUK_OK && found && value.size > 1 && value.data[1] != AUK_WHOLE_NONE;
    auk_buffer_deinit(&key);
    auk_buffer_deinit(&value);
    return amid;
}

/* ---- sets that are kept in memory too ---- */

/* Reads the keys of a kind into a set; the head is cut off. */
static auk_code load_keys(auk_applier *applier, auk_key_kind kind, auk_key_set *into,
                          auk_error *err)
{
    auk_buffer from, to;
    auk_span key, value;
    auk_buffer_init(&from, 64);
    auk_buffer_init(&to, 64);
    auk_key_begin(&from, applier->source, kind);
    auk_key_begin(&to, applier->source, kind + 1);
    auk_store_cursor *cursor = auk_store_scan(applier->store, AUK_FAMILY_SYNC,
                                              auk_buffer_span(&from), auk_buffer_span(&to));
    while (auk_store_cursor_next(cursor, &key, &value))
        auk_key_set_put(into, auk_span_from(key, AUK_KEY_HEAD_SIZE),
                        value.size == 4 ? auk_load_be32(value.data) : 0);
    auk_code code = auk_store_cursor_status(cursor, err);
    auk_store_cursor_close(cursor);
    auk_buffer_deinit(&from);
    auk_buffer_deinit(&to);
    return code;
}

auk_code auk_applier_load_records(auk_applier *applier, auk_error *err)
{
    auk_code code = load_position(applier, err);
    if (code == AUK_OK)
        code = load_keys(applier, AUK_KEY_DEAD, &applier->dead, err);
    if (code == AUK_OK)
        code = load_keys(applier, AUK_KEY_REREAD, &applier->rereads, err);
    return code;
}

static auk_code write_position(auk_applier *applier, const auk_sync_position *position,
                               const auk_whole *whole, auk_error *err)
{
    auk_batch *batch = auk_batch_create();
    auk_applier_put_position(applier, position, whole, batch);
    auk_code code = auk_store_write(applier->store, batch, true, err);
    auk_batch_destroy(batch);
    if (code != AUK_OK)
        return code;
    pthread_mutex_lock(&applier->lock);
    applier->position = *position;
    applier->whole = *whole;
    pthread_mutex_unlock(&applier->lock);
    return AUK_OK;
}

auk_code auk_applier_set_position(auk_applier *applier, const auk_sync_position *position,
                                  auk_error *err)
{
    auk_whole none = {0};
    auk_code code = write_position(applier, position, &none, err);
    if (code == AUK_OK)
        auk_chunks_pass(applier->chunks, position->applied);
    return code;
}

/* ---- another timeline ---- */

auk_lsn auk_applier_holds(auk_applier *applier)
{
    auk_lsn holds = applier->position.committed, read = auk_chunks_high(applier->chunks);
    if (applier->whole.phase != AUK_WHOLE_NONE && applier->whole.to.committed > holds)
        holds = applier->whole.to.committed;
    /* of rows that were read further back than this the transactions came by the log too */
    return read > applier->position.applied && read > holds ? read : holds;
}

static void turn(auk_sync_position *position, uint32_t timeline, auk_lsn fork)
{
    position->timeline = timeline;
    if (position->applied > fork)
        position->applied = fork;
}

auk_code auk_applier_go_over(auk_applier *applier, uint32_t timeline, auk_lsn fork, auk_error *err)
{
    auk_sync_position position = applier->position;
    auk_whole whole = applier->whole;
    turn(&position, timeline, fork);
    if (whole.phase != AUK_WHOLE_NONE)
        turn(&whole.to, timeline, fork);
    return write_position(applier, &position, &whole, err);
}

/* ---- what was written of a root ---- */

void auk_applier_root_key(const auk_applier *applier, auk_key_kind kind, uint32_t document,
                          auk_span root, auk_buffer *key)
{
    auk_key_begin(key, applier->source, kind);
    auk_key_append_number(key, document);
    auk_buffer_append(key, root);
}

void auk_applier_put_written(const auk_applier *applier, uint32_t document, auk_span root,
                             const auk_written_record *record, auk_batch *batch)
{
    auk_buffer key, value;
    auk_buffer_init(&key, (size_t)1 << 20);
    auk_buffer_init(&value, (size_t)1 << 21);
    auk_applier_root_key(applier, AUK_KEY_WRITTEN, document, root, &key);
    auk_buffer_append_byte(&value, VERSION);
    auk_buffer_append_u64(&value, record->hash);
    auk_buffer_append_sized(&value, record->id);
    auk_buffer_append_sized(&value, record->routing);
    auk_batch_put(batch, AUK_FAMILY_SYNC, auk_buffer_span(&key), auk_buffer_span(&value));
    auk_buffer_deinit(&key);
    auk_buffer_deinit(&value);
}

void auk_applier_delete_written(const auk_applier *applier, uint32_t document, auk_span root,
                                auk_batch *batch)
{
    auk_buffer key;
    auk_buffer_init(&key, (size_t)1 << 20);
    auk_applier_root_key(applier, AUK_KEY_WRITTEN, document, root, &key);
    auk_batch_delete(batch, AUK_FAMILY_SYNC, auk_buffer_span(&key));
    auk_buffer_deinit(&key);
}

auk_code auk_applier_get_written(auk_applier *applier, uint32_t document, auk_span root,
                                 auk_arena *arena, auk_written_record *out, bool *found,
                                 auk_error *err)
{
    auk_buffer key, value; /* of its own: chunks are loaded by several threads */
    auk_buffer_init(&key, (size_t)1 << 20);
    auk_buffer_init(&value, (size_t)1 << 21);
    auk_applier_root_key(applier, AUK_KEY_WRITTEN, document, root, &key);
    auk_code code =
        auk_store_get(applier->store, AUK_FAMILY_SYNC, auk_buffer_span(&key), &value, found, err);
    auk_buffer_deinit(&key);
    if (code == AUK_OK && *found) {
        auk_reader in = auk_reader_of(auk_arena_copy(arena, auk_buffer_span(&value)));
        uint8_t version = auk_reader_u8(&in);
        out->hash = auk_reader_u64(&in);
        out->id = auk_reader_sized(&in);
        out->routing = auk_reader_sized(&in);
        if (in.failed || version != VERSION || auk_reader_left(&in) != 0)
            code = auk_fail(err, AUK_CORRUPT, "the record of a written document is damaged");
    }
    auk_buffer_deinit(&value);
    return code;
}
