/* See pgoutput.h. Layouts: "Logical Replication Message Formats" of the manual of Postgres. */
#include "pgoutput.h"

#include "wire.h"

#define EPOCH_US INT64_C(946684800000000) /* 2000-01-01 in Unix time */

static auk_code cut_short(auk_error *err, char kind)
{
    return auk_fail(err, AUK_CORRUPT, "message '%c' of the replication stream is cut", kind);
}

static auk_code finish(const auk_reader *in, char kind, auk_error *err)
{
    if (in->failed)
        return cut_short(err, kind);
    if (auk_reader_left(in) > 0)
        return auk_fail(err, AUK_CORRUPT,
                        "message '%c' of the replication stream has %zu bytes too many", kind,
                        auk_reader_left(in));
    return AUK_OK;
}

/* ---- heads ---- */

static int64_t read_time(auk_reader *in)
{
    uint64_t since_2000 = auk_wire_u64(in);
    return (int64_t)(since_2000 + (uint64_t)EPOCH_US);
}

static void read_commit(auk_reader *in, auk_pgoutput_head *out)
{
    (void)auk_wire_u8(in); /* flags: none yet */
    out->lsn = auk_wire_u64(in);
    out->end_lsn = auk_wire_u64(in);
    out->time_us = read_time(in);
}

static void take_body(auk_reader *in, auk_pgoutput_head *out)
{
    if (!in->failed)
        out->body = auk_wire_bytes(in, auk_reader_left(in));
}

/* Changes, and what describes their relations. False: some other kind. */
static bool read_change_head(auk_reader *in, bool streamed, auk_pgoutput_head *out)
{
    if (!auk_byte_among(out->kind, "RIUDTMY"))
        return false;
    out->xid = streamed ? auk_wire_u32(in) : 0;
    if (auk_byte_among(out->kind, "RIUD"))
        out->relation = auk_wire_u32(in);
    take_body(in, out);
    if (out->kind != 'M')
        return true;
    auk_reader body = auk_reader_of(out->body);
    out->transactional = auk_wire_u8(&body) & 1;
    out->lsn = auk_wire_u64(&body);
    in->failed |= body.failed;
    return true;
}

static bool read_other_head(auk_reader *in, auk_pgoutput_head *out)
{
    switch (out->kind) {
    case 'B':
        out->lsn = auk_wire_u64(in);
        out->time_us = read_time(in);
        out->xid = auk_wire_u32(in);
        return true;
    case 'C':
        read_commit(in, out);
        return true;
    case 'O':
        out->lsn = auk_wire_u64(in);
        (void)auk_wire_text(in);
        return true;
    case 'S':
        out->xid = auk_wire_u32(in);
        (void)auk_wire_u8(in); /* is it the first block */
        return true;
    case 'E':
        return true;
    case 'c':
        out->xid = auk_wire_u32(in);
        read_commit(in, out);
        return true;
    case 'A':
        out->xid = auk_wire_u32(in);
        out->subxid = auk_wire_u32(in);
        return true;
    default:
        return false;
    }
}

auk_code auk_pgoutput_read(auk_span message, bool streamed, auk_pgoutput_head *out, auk_error *err)
{
    auk_reader in = auk_reader_of(message);
    *out = (auk_pgoutput_head){.kind = (char)auk_wire_u8(&in)};
    if (in.failed)
        return auk_fail(err, AUK_CORRUPT, "a message of the replication stream is empty");
    if (!read_change_head(&in, streamed, out) && !read_other_head(&in, out)) {
        char shown = out->kind >= ' ' && out->kind < 127 ? out->kind : '?';
        return auk_fail(err, AUK_CORRUPT,
                        "the replication stream has a message of the unknown kind '%c' (0x%02x)",
                        shown, (unsigned)(uint8_t)out->kind);
    }
    return finish(&in, out->kind, err);
}

/* ---- relations ---- */

static auk_span copy_text(auk_reader *in, auk_arena *arena)
{
    return auk_arena_copy(arena, auk_wire_text(in));
}

auk_code auk_pgoutput_read_relation(const auk_pgoutput_head *head, auk_arena *arena,
                                    auk_relation *out, auk_error *err)
{
    auk_reader in = auk_reader_of(head->body);
    *out = (auk_relation){.id = head->relation};
    out->schema = copy_text(&in, arena);
    if (out->schema.size == 0) /* as the manual says */
        out->schema = AUK_SPAN("pg_catalog");
    out->name = copy_text(&in, arena);
    out->identity = (char)auk_wire_u8(&in);
    out->column_count = auk_wire_u16(&in);
    if (in.failed || auk_reader_left(&in) < out->column_count * 10u) /* each at least so long */
        return cut_short(err, 'R');
    auk_relation_column *columns =
        AUK_ARENA_ARRAY(arena, auk_relation_column, out->column_count + 1u);
    for (uint32_t i = 0; i < out->column_count; i++) {
        columns[i].in_identity = auk_wire_u8(&in) & 1;
        columns[i].name = copy_text(&in, arena);
        columns[i].type = auk_wire_u32(&in);
        columns[i].modifier = (int32_t)auk_wire_u32(&in);
    }
    out->columns = columns;
    return finish(&in, 'R', err);
}

/* ---- changes ---- */

static bool read_datum(auk_reader *in, auk_datum *out)
{
    uint8_t state = auk_wire_u8(in);
    *out = (auk_datum){AUK_DATUM_NULL, {0}};
    if (state == 'n')
        return true;
    if (state == 'u') {
        out->state = AUK_DATUM_UNCHANGED;
        return true;
    }
    if (state != 't' && state != 'b')
        return false;
    uint32_t size = auk_wire_u32(in);
    out->bytes = auk_wire_bytes(in, size);
    out->state = state == 't' ? AUK_DATUM_TEXT : AUK_DATUM_BINARY;
    return true;
}

static auk_code read_tuple(auk_reader *in, const auk_relation *relation, auk_datum *datums,
                           auk_tuple *out, auk_error *err)
{
    uint32_t count = auk_wire_u16(in);
    if (!in->failed && count != relation->column_count)
        return auk_fail(err, AUK_CORRUPT,
                        "a row of \"%.*s\" has %u columns in the replication stream instead of %u",
                        AUK_SPAN_ARG(relation->name), count, relation->column_count);
    for (uint32_t i = 0; i < count && !in->failed; i++)
        if (!read_datum(in, &datums[i]))
            return auk_fail(err, AUK_CORRUPT,
                            "column %u of a row of \"%.*s\" has an unknown form in the replication "
                            "stream",
                            i, AUK_SPAN_ARG(relation->name));
    *out = (auk_tuple){datums, count};
    return AUK_OK;
}

/* I: N.   U: [K or O] N.   D: K or O. */
auk_code auk_pgoutput_read_change(char kind, auk_span body, const auk_relation *relation,
                                  auk_datum *datums, auk_row_change *out, auk_error *err)
{
    auk_reader in = auk_reader_of(body);
    auk_code code = AUK_OK;
    out->kind = kind == 'I' ? AUK_ROW_INSERT : kind == 'U' ? AUK_ROW_UPDATE : AUK_ROW_DELETE;
    out->relation = relation;
    out->before = out->after = (auk_tuple){0};
    out->before_is_whole = false;
    uint8_t which = auk_wire_u8(&in);
    if (kind != 'I' && (which == 'K' || which == 'O')) {
        out->before_is_whole = which == 'O';
        code = read_tuple(&in, relation, datums, &out->before, err);
        if (code != AUK_OK || kind == 'D')
            return code == AUK_OK ? finish(&in, kind, err) : code;
        which = auk_wire_u8(&in);
    }
    if (in.failed)
        return cut_short(err, kind);
    if (which != 'N' || kind == 'D')
        return auk_fail(err, AUK_CORRUPT,
                        "message '%c' of the replication stream has an unknown tuple 0x%02x", kind,
                        which);
    code = read_tuple(&in, relation, datums + relation->column_count, &out->after, err);
    return code == AUK_OK ? finish(&in, kind, err) : code;
}

auk_code auk_pgoutput_read_truncate(auk_span body, auk_span *relations, auk_error *err)
{
    auk_reader in = auk_reader_of(body);
    uint32_t count = auk_wire_u32(&in);
    (void)auk_wire_u8(&in); /* 1: cascade, 2: restart identity */
    *relations = auk_wire_bytes(&in, (size_t)count * 4);
    return finish(&in, 'T', err);
}

auk_code auk_pgoutput_read_message(auk_span body, auk_row_change *out, auk_error *err)
{
    auk_reader in = auk_reader_of(body);
    *out = (auk_row_change){.kind = AUK_ROW_MESSAGE, .xid = out->xid};
    (void)auk_wire_bytes(&in, 9); /* flags, LSN */
    out->prefix = auk_wire_text(&in);
    uint32_t size = auk_wire_u32(&in);
    out->content = auk_wire_bytes(&in, size);
    return finish(&in, 'M', err);
}
