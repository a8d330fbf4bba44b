/*
 * Tables whose keys the server has in another order than we: what it has is read in the order of
 * its heaps, by places, and each row is looked up here; then ours are asked for, by key.
 */
#include "verify_private.h"

#define PIECE_BLOCKS 128u /* 1 MB */
#define ASK_ROWS     1000u

/* ---- theirs ---- */

static auk_code read_heap(const auk_verify_target *t, const auk_heap *heap, auk_error *err)
{
    auk_arena *kept = auk_arena_create(1024);
    auk_span name = auk_table_sql(heap->schema, heap->name, kept);
    auk_code code = AUK_OK;
    for (uint64_t block = 0; block <= heap->blocks && code == AUK_OK; block += PIECE_BLOCKS) {
        bool is_last = block + PIECE_BLOCKS > heap->blocks;
        const auk_span *next;
        const auk_verify_page page = {.target = t,
                                      .heap = name,
                                      .block = block,
                                      .blocks = is_last ? 0 : PIECE_BLOCKS,
                                      .wants_values = !t->has_sums};
        code = auk_verify_run_page(&page, &next, kept, err);
        if (code == AUK_OK)
            code = auk_verify_pause(t->verify, err);
    }
    auk_arena_destroy(kept);
    return code;
}

/* ---- ours ---- */

/* Which of these keys the source has not: their numbers, from 1. */
static auk_span ask_sql(const auk_verify_target *t, auk_arena *arena)
{
    auk_buffer sql;
    const auk_table *table = t->table;
    auk_buffer_init(&sql, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_text(&sql, "SELECT u.number FROM unnest(");
    for (uint32_t i = 0; i < table->key_count; i++)
        auk_buffer_printf(&sql, "%s$%u::text[]", i ? ", " : "", i + 1);
    auk_buffer_append_text(&sql, ") WITH ORDINALITY u(");
    for (uint32_t i = 0; i < table->key_count; i++)
        auk_buffer_printf(&sql, "k%u, ", i);
    auk_buffer_printf(&sql, "number) WHERE NOT EXISTS (SELECT 1 FROM %.*s t WHERE ",
                      AUK_SPAN_ARG(auk_verify_table_sql(t, arena)));
    for (uint32_t i = 0; i < table->key_count; i++)
        auk_buffer_printf(&sql, "%st.%.*s = u.k%u::%.*s", i ? " AND " : "",
                          AUK_SPAN_ARG(
                              auk_pg_identifier(table->columns[table->key[i]].name, arena)),
                          i, AUK_SPAN_ARG(t->key_types[i]));
    auk_buffer_append_byte(&sql, ')');
    auk_span text = auk_arena_copy(arena, auk_buffer_span(&sql));
    auk_buffer_deinit(&sql);
    return text;
}

static const auk_span *key_arrays(const auk_verify_target *t, const auk_row_sum *rows,
                                  uint32_t count, auk_arena *arena)
{
    auk_span *arrays = AUK_ARENA_ARRAY(arena, auk_span, t->table->key_count + 1);
    for (uint32_t i = 0; i < t->table->key_count; i++) {
        auk_buffer array;
        auk_buffer_init(&array, AUK_BUFFER_NO_LIMIT);
        auk_buffer_append_byte(&array, '{');
        for (uint32_t k = 0; k < count; k++)
            auk_pg_append_element(&array, rows[k].key[i]);
        auk_buffer_append_byte(&array, '}');
        arrays[i] = auk_arena_copy(arena, auk_buffer_span(&array));
        auk_buffer_deinit(&array);
    }
    return arrays;
}

/* *keys: those that the snapshot of the page has not. */
static auk_code ask_for(auk_verify_page *page, const auk_row_sum *rows, uint32_t count,
                        const auk_span *const **keys, uint32_t *missing, auk_error *err)
{
    const auk_verify_target *t = page->target;
    auk_pg_result *r;
    auk_code code = auk_verify_begin(page, err);
    if (code == AUK_OK)
        code = auk_pg_query(t->pg, ask_sql(t, page->arena).data,
                            key_arrays(t, rows, count, page->arena), t->table->key_count, &r, err);
    if (code != AUK_OK)
        return code;
    const auk_span **list = AUK_ARENA_ARRAY(page->arena, const auk_span *, auk_pg_rows(r) + 1);
    *missing = 0;
    for (uint32_t i = 0; i < auk_pg_rows(r); i++) {
        uint64_t number = auk_pg_number(r, i, 0);
        if (number >= 1 && number <= count)
            list[(*missing)++] = rows[number - 1].key;
    }
    *keys = list;
    auk_pg_clear(r);
    return auk_pg_run(t->pg, "COMMIT", err);
}

/* Still there, and not since the snapshot. */
static auk_code settle(auk_verify_page *page, const auk_span *const *keys, uint32_t count,
                       bool *again, auk_error *err)
{
    const auk_verify_target *t = page->target;
    const auk_span **extra = AUK_ARENA_ARRAY(page->arena, const auk_span *, count + 1);
    uint32_t extras = 0;
    auk_applier *applier;
    auk_code code = auk_verify_enter(t->verify, &applier, err);
    if (code != AUK_OK)
        return code;
    *again = auk_verify_is_late(page);
    for (uint32_t i = 0; i < count && !*again && code == AUK_OK; i++) {
        auk_row_sum stored;
        bool found;
        code = auk_applier_find_hash(applier, t->table->id, keys[i], t->table->key_count, &stored,
                                     &found, err);
        if (code == AUK_OK && found && !auk_verify_is_newer(page, &stored))
            extra[extras++] = keys[i];
    }
    if (code == AUK_OK)
        code = auk_verify_mend_extra(page, applier, extra, extras, err);
    auk_source_leave(t->verify->source);
    return code;
}

/* A piece of ours from a key on; *next: the key that follows it. */
static auk_code try_piece(const auk_verify_target *t, const auk_span *from, const auk_span **next,
                          auk_arena *kept, bool *again, auk_error *err)
{
    auk_verify_page page = {.target = t, .arena = auk_arena_create(65536)};
    auk_row_sum *rows;
    uint32_t count = 0, missing = 0;
    const auk_span *const *keys;
    auk_applier *applier;
    const auk_key_range range = auk_verify_range(t, from, NULL);
    auk_row_watch_init(&page.watch);
    *again = false;
    *next = NULL;
    auk_code code = auk_verify_enter(t->verify, &applier, err);
    if (code == AUK_OK) {
        code = auk_applier_list_hashes(applier, t->table->id, &range, ASK_ROWS + 1, page.arena,
                                       &rows, &count, err);
        auk_source_leave(t->verify->source);
    }
    if (code == AUK_OK && count > ASK_ROWS) {
        auk_span *copy = AUK_ARENA_ARRAY(kept, auk_span, t->table->key_count);
        for (uint32_t i = 0; i < t->table->key_count; i++)
            copy[i] = auk_arena_copy(kept, rows[ASK_ROWS].key[i]);
        *next = copy;
        count = ASK_ROWS;
    }
    if (code == AUK_OK && count > 0)
        code = ask_for(&page, rows, count, &keys, &missing, err);
    if (code == AUK_OK && missing > 0)
        code = auk_verify_wait(t->verify, page.high, err);
    if (code == AUK_OK && missing > 0)
        code = settle(&page, keys, missing, again, err);
    auk_verify_end(&page);
    auk_arena_destroy(page.arena);
    return code;
}

static auk_code ask_piece(const auk_verify_target *t, const auk_span *from, const auk_span **next,
                          auk_arena *kept, auk_error *err)
{
    bool again = true;
    auk_code code = AUK_OK;
    for (int i = 0; again && code == AUK_OK; i++) {
        if (!auk_verify_may_try(t->verify, i))
            return AUK_OK;
        code = try_piece(t, from, next, kept, &again, err);
        if (code == AUK_OK)
            code = auk_verify_check_stopped(t->verify, err);
    }
    return code;
}

auk_code auk_verify_heaps(const auk_verify_target *target, auk_error *err)
{
    auk_code code = AUK_OK;
    const auk_span *from = NULL;
    for (uint32_t i = 0; i < target->known->heap_count && code == AUK_OK; i++)
        code = read_heap(target, &target->known->heaps[i], err);
    auk_arena *before = auk_arena_create(1024), *now = auk_arena_create(1024);
    while (code == AUK_OK) {
        auk_arena *other = before;
        before = now;
        now = other;
        auk_arena_reset(now);
        code = ask_piece(target, from, &from, now, err);
        if (!from)
            break;
    }
    auk_arena_destroy(before);
    auk_arena_destroy(now);
    return code;
}
