/* See stream_support.h. */
#include "stream_support.h"

#include <inttypes.h>
#include <unistd.h>

#include "test.h"

void run(follower *f, const char *sql)
{
    auk_error err;
    if (auk_pg_run(f->pg, sql, &err) != AUK_OK)
        fail_msg("%s: %s", sql, err.message);
}

auk_span ask(follower *f, const char *sql)
{
    static char text[256];
    auk_pg_result *result;
    auk_error err;
    if (auk_pg_query(f->pg, sql, NULL, 0, &result, &err) != AUK_OK)
        fail_msg("%s: %s", sql, err.message);
    int size =
        snprintf(text, sizeof text, "%.*s",
                 AUK_SPAN_ARG(auk_pg_rows(result) ? auk_pg_cell(result, 0, 0) : AUK_SPAN("")));
    auk_pg_clear(result);
    return auk_span_make(text, (size_t)size);
}

static void connect_again(follower *f)
{
    auk_error err;
    auk_pg_close(f->pg);
    f->pg = NULL;
    if (auk_pg_connect(&(auk_pg_options){.conninfo = ""}, &f->pg, &err) != AUK_OK)
        fail_msg("%s", err.message);
    run(f, "SET search_path = public, pg_catalog");
}

void follow_open(follower *f)
{
    auk_error err;
    auk_stream_close(f->stream);
    f->stream = NULL;
    connect_again(f);
    f->options.start = f->applied;
    for (uint32_t i = 0; i < 600; i++) { /* the server lets go of the slot in its time */
        auk_code code = auk_stream_open(&f->options, &f->stream, &err);
        if (code == AUK_OK)
            return;
        if (code != AUK_CONFLICT)
            break;
        usleep(100000);
    }
    fail_msg("%s", err.message);
}

void follow_begin(follower *f, const char *name, const char *tables)
{
    char sql[256];
    *f = (follower){.options = {.conninfo = "",
                                .application = "auk test",
                                .spool_memory_bytes = 8 << 20,
                                .sender_timeout_ms = 60000}};
    auk_buffer_init(&f->log, AUK_BUFFER_NO_LIMIT);
    snprintf(f->name, sizeof f->name, "%s", name);
    snprintf(f->directory, sizeof f->directory, "/tmp/auk-spool-XXXXXX");
    assert_non_null(mkdtemp(f->directory));
    f->options.slot = f->options.publication = f->name;
    f->options.spool_directory = f->directory;
    connect_again(f);
    snprintf(sql, sizeof sql, "CREATE PUBLICATION %s %s", name, tables);
    run(f, sql);
    snprintf(sql, sizeof sql, "SELECT pg_create_logical_replication_slot('%s', 'pgoutput')", name);
    run(f, sql);
}

void follow_end(follower *f)
{
    char sql[256];
    auk_stream_close(f->stream);
    snprintf(sql, sizeof sql, "DROP PUBLICATION %s", f->name);
    run(f, sql);
    snprintf(sql, sizeof sql,
             "SELECT pg_terminate_backend(active_pid, 60000) FROM pg_replication_slots WHERE "
             "slot_name = '%s' AND active",
             f->name);
    run(f, sql);
    snprintf(sql, sizeof sql, "SELECT pg_drop_replication_slot('%s')", f->name);
    for (uint32_t i = 0; auk_pg_run(f->pg, sql, NULL) != AUK_OK && i < 600; i++)
        usleep(100000);
    auk_pg_close(f->pg);
    auk_buffer_deinit(&f->log);
    rmdir(f->directory);
}

/* ---- writing down ---- */

static void write_tuple(auk_buffer *out, const auk_tuple *tuple)
{
    auk_buffer_append_byte(out, '(');
    for (uint32_t i = 0; i < tuple->count; i++) {
        const auk_datum *datum = &tuple->columns[i];
        if (i > 0)
            auk_buffer_append_byte(out, ',');
        if (datum->state == AUK_DATUM_NULL)
            auk_buffer_append_text(out, "null");
        else if (datum->state == AUK_DATUM_UNCHANGED)
            auk_buffer_append_text(out, "same");
        else if (datum->state == AUK_DATUM_BINARY)
            for (size_t b = 0; b < datum->bytes.size; b++)
                auk_buffer_printf(out, "%02x", (uint8_t)datum->bytes.data[b]);
        else if (datum->bytes.size > 40)
            auk_buffer_printf(out, "%zu bytes", datum->bytes.size);
        else
            auk_buffer_append(out, datum->bytes);
    }
    auk_buffer_append_byte(out, ')');
}

static bool write_change(auk_buffer *out, const auk_row_change *change)
{
    if (change->kind == AUK_ROW_MESSAGE) {
        if (auk_span_is(change->prefix, "mark"))
            return false;
        auk_buffer_printf(out, "M %.*s %.*s\n", AUK_SPAN_ARG(change->prefix),
                          AUK_SPAN_ARG(change->content));
        return true;
    }
    auk_buffer_printf(out, "%c %.*s", "IUDT"[change->kind], AUK_SPAN_ARG(change->relation->name));
    if (change->before.columns)
        write_tuple(out, &change->before);
    if (change->before.columns)
        auk_buffer_append_text(out, change->before_is_whole ? " whole" : " key");
    if (change->kind == AUK_ROW_UPDATE)
        auk_buffer_append_text(out, " to ");
    if (change->after.columns)
        write_tuple(out, &change->after);
    auk_buffer_append_byte(out, '\n');
    return true;
}

void write_down(follower *f, auk_transaction *transaction)
{
    const auk_transaction_info *info = auk_transaction_read_info(transaction);
    auk_error err;
    bool any = false;
    assert_true(info->end_lsn > f->applied);
    for (;;) {
        auk_row_change change;
        bool end;
        if (auk_transaction_next(transaction, &change, &end, &err) != AUK_OK)
            fail_msg("%s", err.message);
        if (end)
            break;
        if (write_change(&f->log, &change))
            any = true;
        else
            f->marks++;
    }
    if (any)
        auk_buffer_append_text(&f->log, "--\n");
    f->transactions += any;
    f->applied = info->end_lsn;
    auk_transaction_release(transaction);
    auk_stream_confirm(f->stream, f->applied);
}

auk_transaction *follow_next(follower *f)
{
    auk_transaction *transaction;
    auk_error err;
    if (auk_stream_next(f->stream, 60000, &transaction, &err) != AUK_OK)
        fail_msg("%s", err.message);
    assert_non_null(transaction);
    return transaction;
}

const char *follow_read(follower *f)
{
    uint32_t wanted = f->marks + 1;
    auk_buffer_reset(&f->log);
    run(f, "SELECT pg_logical_emit_message(true, 'mark', '')");
    while (f->marks < wanted)
        write_down(f, follow_next(f));
    auk_buffer_append_byte(&f->log, '\0');
    return f->log.data;
}
