#include "slot.h"

#include "auk/json.h"

auk_code auk_slot_read(auk_pg *pg, auk_span slot, auk_arena *arena, auk_slot_state *out,
                       auk_error *err)
{
    static const char sql[] =
        "SELECT s.plugin = 'pgoutput' AND s.database = current_database() AND s.slot_type ="
        " 'logical', s.active, coalesce(s.active_pid, 0), coalesce(a.application_name, ''),"
        " coalesce(s.wal_status, ''), s.restart_lsn, s.confirmed_flush_lsn,"
        " coalesce(s.safe_wal_size, -1), coalesce(t.spill_bytes, 0), coalesce(t.stream_bytes, 0),"
        " s.slot_name FROM (SELECT 1) one"
        " LEFT JOIN pg_replication_slots s ON s.slot_name = $1"
        " LEFT JOIN pg_stat_activity a ON a.pid = s.active_pid"
        " LEFT JOIN pg_stat_replication_slots t ON t.slot_name = s.slot_name";
    /* The file of the log names the timeline; a standby cannot be asked for it. */
    static const char server[] =
        "SELECT system_identifier, pg_is_in_recovery(),"
        " CASE WHEN pg_is_in_recovery() THEN pg_last_wal_replay_lsn()"
        "  ELSE pg_current_wal_insert_lsn() END,"
        " CASE WHEN pg_is_in_recovery() THEN (SELECT timeline_id FROM pg_control_checkpoint())"
        "  ELSE ('x' || substr(pg_walfile_name(pg_current_wal_lsn()), 1, 8))::bit(32)::int END"
        " FROM pg_control_system()";
    auk_pg_result *r;
    *out = (auk_slot_state){.safe_wal_bytes = -1};
    auk_code code = auk_pg_ask(pg, sql, &slot, 1, &r, err);
    if (code != AUK_OK || !r)
        return code;
    out->exists = !auk_pg_is_null(r, 0, 10);
    out->is_ours = auk_pg_is_true(r, 0, 0);
    out->active = auk_pg_is_true(r, 0, 1);
    out->active_pid = (uint32_t)auk_pg_number(r, 0, 2);
    out->holder = auk_arena_copy(arena, auk_pg_cell(r, 0, 3));
    out->wal_status = auk_arena_copy(arena, auk_pg_cell(r, 0, 4));
    out->is_lost = auk_span_is(out->wal_status, "lost");
    (void)auk_lsn_parse(auk_pg_cell(r, 0, 5), &out->restart);
    (void)auk_lsn_parse(auk_pg_cell(r, 0, 6), &out->confirmed);
    (void)auk_number_parse_int64(auk_pg_cell(r, 0, 7), &out->safe_wal_bytes);
    out->spill_bytes = auk_pg_number(r, 0, 8);
    out->stream_bytes = auk_pg_number(r, 0, 9);
    auk_pg_clear(r);
    code = auk_pg_ask(pg, server, NULL, 0, &r, err);
    if (code != AUK_OK || !r)
        return code;
    out->system_id = auk_pg_number(r, 0, 0);
    out->in_recovery = auk_pg_is_true(r, 0, 1);
    (void)auk_lsn_parse(auk_pg_cell(r, 0, 2), &out->current);
    out->timeline = (uint32_t)auk_pg_number(r, 0, 3);
    auk_pg_clear(r);
    return AUK_OK;
}

auk_code auk_slot_ensure(auk_pg *pg, auk_span slot, auk_lsn *from, auk_error *err)
{
    auk_pg_result *r;
    auk_arena *arena = auk_arena_create(1024);
    auk_slot_state state;
    auk_code code = auk_slot_read(pg, slot, arena, &state, err);
    if (code == AUK_OK && !state.exists) {
        bool failover = auk_pg_version(pg) >= 170000 && !state.in_recovery;
        code =
            auk_pg_ask(pg,
                       failover ? "SELECT pg_create_logical_replication_slot($1, 'pgoutput', false,"
                                  " false, true)"
                                : "SELECT pg_create_logical_replication_slot($1, 'pgoutput')",
                       &slot, 1, &r, err);
        if (code == AUK_OK)
            auk_pg_clear(r);
        if (code == AUK_OK)
            code = auk_slot_read(pg, slot, arena, &state, err);
    }
    if (code == AUK_OK && !state.is_ours)
        code = auk_fail(err, AUK_CONFLICT, "slot [%.*s] belongs to another plugin or database",
                        AUK_SPAN_ARG(slot));
    if (code == AUK_OK)
        *from = state.confirmed;
    auk_arena_destroy(arena);
    return code;
}
