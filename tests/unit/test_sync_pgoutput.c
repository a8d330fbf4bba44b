/* Messages of pgoutput by the bytes, as the manual of Postgres lays them out. */
#include "pgoutput.h"
#include "test.h"

#define BYTES(text)                                                                                \
    {                                                                                              \
        (text), sizeof(text) - 1                                                                   \
    }

#define LSN_1   "\0\0\0\1\0\0\0\x10" /* 1/10 */
#define LSN_2   "\0\0\0\1\0\0\0\x20"
#define TIME    "\0\0\0\0\0\0\0\1" /* a microsecond after 2000-01-01 */
#define XID     "\0\0\2\xbc"       /* 700 */
#define OID     "\0\0\x40\0"       /* 16384 */

#define TIME_US INT64_C(946684800000001)

struct head_case {
    const char *name;
    auk_span bytes;
    bool streamed;
    auk_pgoutput_head want; /* body.size: how much is left */
};

static struct head_case heads[] = {
    {"begin",
     BYTES("B" LSN_1 TIME XID),
     false,
     {.kind = 'B', .xid = 700, .lsn = 0x100000010, .time_us = TIME_US}},
    {"commit",
     BYTES("C\0" LSN_1 LSN_2 TIME),
     false,
     {.kind = 'C', .lsn = 0x100000010, .end_lsn = 0x100000020, .time_us = TIME_US}},
    {"origin", BYTES("O" LSN_1 "node\0"), false, {.kind = 'O', .lsn = 0x100000010}},
    {"type", BYTES("Y" OID "public\0mood\0"), false, {.kind = 'Y', .body = {0, 16}}},
    {"insert", BYTES("I" OID "N\0\0"), false, {.kind = 'I', .relation = 16384, .body = {0, 3}}},
    {"insert in a streamed block",
     BYTES("I" XID OID "N\0\0"),
     true,
     {.kind = 'I', .xid = 700, .relation = 16384, .body = {0, 3}}},
    {"truncate", BYTES("T\0\0\0\1\0" OID), false, {.kind = 'T', .body = {0, 9}}},
    {"truncate in a streamed block",
     BYTES("T" XID "\0\0\0\1\0" OID),
     true,
     {.kind = 'T', .xid = 700, .body = {0, 9}}},
    {"message outside",
     BYTES("M\0" LSN_1 "p\0\0\0\0\1x"),
     false,
     {.kind = 'M', .lsn = 0x100000010, .body = {0, 16}}},
    {"message inside",
     BYTES("M\1" LSN_1 "p\0\0\0\0\1x"),
     false,
     {.kind = 'M', .lsn = 0x100000010, .transactional = true, .body = {0, 16}}},
    {"stream start", BYTES("S" XID "\1"), false, {.kind = 'S', .xid = 700}},
    {"stream stop", BYTES("E"), true, {.kind = 'E'}},
    {"stream commit",
     BYTES("c" XID "\0" LSN_1 LSN_2 TIME),
     false,
     {.kind = 'c', .xid = 700, .lsn = 0x100000010, .end_lsn = 0x100000020, .time_us = TIME_US}},
    {"stream abort", BYTES("A" XID "\0\0\2\xbd"), false, {.kind = 'A', .xid = 700, .subxid = 701}},
};
#define HEADS (sizeof heads / sizeof *heads)

static void reads_a_head(void **state)
{
    const struct head_case *c = (const struct head_case *)*state;
    auk_pgoutput_head head;
    auk_error err;
    if (auk_pgoutput_read(c->bytes, c->streamed, &head, &err) != AUK_OK)
        fail_msg("%s", err.message);
    assert_int_equal(head.kind, c->want.kind);
    assert_int_equal(head.xid, c->want.xid);
    assert_int_equal(head.subxid, c->want.subxid);
    assert_int_equal(head.relation, c->want.relation);
    assert_int_equal(head.lsn, c->want.lsn);
    assert_int_equal(head.end_lsn, c->want.end_lsn);
    assert_int_equal(head.time_us, c->want.time_us);
    assert_int_equal(head.transactional, c->want.transactional);
    assert_int_equal(head.body.size, c->want.body.size);
}

/* Every beginning of it, and one byte more, is refused, where the size is fixed. */
static void refuses_a_cut_head(void **state)
{
    const struct head_case *c = (const struct head_case *)*state;
    bool fixed = strchr("BCOSEcA", c->want.kind) != NULL;
    char longer[64] = {0};
    for (size_t size = 0; fixed && size < c->bytes.size; size++) {
        auk_pgoutput_head head;
        auk_span cut = auk_span_make(c->bytes.data, size);
        assert_int_equal(auk_pgoutput_read(cut, c->streamed, &head, NULL), AUK_CORRUPT);
    }
    memcpy(longer, c->bytes.data, c->bytes.size);
    auk_pgoutput_head head;
    if (fixed)
        assert_int_equal(auk_pgoutput_read(auk_span_make(longer, c->bytes.size + 1), c->streamed,
                                           &head, NULL),
                         AUK_CORRUPT);
}

static void names_what_it_does_not_know(void **state)
{
    (void)state;
    auk_pgoutput_head head;
    auk_error err;
    assert_int_equal(auk_pgoutput_read(AUK_SPAN("bxyz"), false, &head, &err), AUK_CORRUPT);
    assert_non_null(strstr(err.message, "'b' (0x62)"));
    assert_int_equal(auk_pgoutput_read(AUK_SPAN("\x01"), false, &head, &err), AUK_CORRUPT);
    assert_non_null(strstr(err.message, "0x01"));
    assert_int_equal(auk_pgoutput_read(AUK_SPAN(""), false, &head, &err), AUK_CORRUPT);
}

/* ---- relations ---- */

static const char relation_bytes[] = "R" OID "public\0item\0d\0\3"
                                     "\1id\0\0\0\0\x17\xff\xff\xff\xff"
                                     "\0name\0\0\0\4\x13\0\0\0\x24"
                                     "\0note\0\0\0\0\x19\xff\xff\xff\xff";

static auk_relation read_relation(auk_arena *arena)
{
    auk_pgoutput_head head;
    auk_relation relation;
    auk_span bytes = auk_span_make(relation_bytes, sizeof relation_bytes - 1);
    assert_int_equal(auk_pgoutput_read(bytes, false, &head, NULL), AUK_OK);
    assert_int_equal(auk_pgoutput_read_relation(&head, arena, &relation, NULL), AUK_OK);
    return relation;
}

static void reads_a_relation(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(1024);
    auk_relation relation = read_relation(arena);
    assert_int_equal(relation.id, 16384);
    assert_true(auk_span_is(relation.schema, "public"));
    assert_true(auk_span_is(relation.name, "item"));
    assert_int_equal(relation.identity, 'd');
    assert_int_equal(relation.column_count, 3);
    assert_true(relation.columns[0].in_identity);
    assert_true(auk_span_is(relation.columns[0].name, "id"));
    assert_int_equal(relation.columns[0].modifier, -1);
    assert_false(relation.columns[1].in_identity);
    assert_int_equal(relation.columns[1].type, 1043);
    assert_int_equal(relation.columns[1].modifier, 36);
    auk_arena_destroy(arena);
}

static void refuses_a_cut_relation(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(1024);
    for (size_t size = 5; size < sizeof relation_bytes - 1; size++) {
        auk_pgoutput_head head;
        auk_relation relation;
        assert_int_equal(auk_pgoutput_read(auk_span_make(relation_bytes, size), false, &head, NULL),
                         AUK_OK);
        assert_int_equal(auk_pgoutput_read_relation(&head, arena, &relation, NULL), AUK_CORRUPT);
    }
    auk_arena_destroy(arena);
}

/* ---- changes ---- */

struct change_case {
    const char *name;
    char kind;
    auk_span body;
    const char *before, *after; /* columns in words; NULL: not sent; both NULL: refused */
    bool whole;
};

static struct change_case changes[] = {
    {"insert", 'I',
     BYTES("N\0\3t\0\0\0\1"
           "7t\0\0\0\2abn"),
     NULL, "t7 tab n ", false},
    {"insert of binary", 'I', BYTES("N\0\3b\0\0\0\1\x07t\0\0\0\0n"), NULL, "b\x07 t n ", false},
    {"update", 'U',
     BYTES("N\0\3t\0\0\0\1"
           "7nu"),
     NULL, "t7 n u ", false},
    {"update of a key", 'U',
     BYTES("K\0\3t\0\0\0\1"
           "7nnN\0\3t\0\0\0\1"
           "8nn"),
     "t7 n n ", "t8 n n ", false},
    {"update with the whole row", 'U', BYTES("O\0\3nnt\0\0\0\1xN\0\3nnu"), "n n tx ", "n n u ",
     true},
    {"delete by key", 'D',
     BYTES("K\0\3t\0\0\0\1"
           "7nn"),
     "t7 n n ", NULL, false},
    {"delete with the whole row", 'D', BYTES("O\0\3nnn"), "n n n ", NULL, true},
    {"empty", 'I', BYTES(""), NULL, NULL, false},
    {"other count of columns", 'I', BYTES("N\0\2nn"), NULL, NULL, false},
    {"unknown tuple", 'I', BYTES("X\0\3nnn"), NULL, NULL, false},
    {"unknown form of a column", 'I', BYTES("N\0\3nnz"), NULL, NULL, false},
    {"insert of an old row", 'I', BYTES("O\0\3nnn"), NULL, NULL, false},
    {"delete of a new row", 'D', BYTES("N\0\3nnn"), NULL, NULL, false},
    {"update without a new row", 'U', BYTES("K\0\3nnn"), NULL, NULL, false},
    {"size past the end", 'I', BYTES("N\0\3nnt\0\0\0\2x"), NULL, NULL, false},
    {"huge size", 'I', BYTES("N\0\3nnt\xff\xff\xff\xffx"), NULL, NULL, false},
    {"bytes behind the end", 'I', BYTES("N\0\3nnnn"), NULL, NULL, false},
};
#define CHANGES (sizeof changes / sizeof *changes)

static void assert_tuple(const auk_tuple *tuple, const char *want)
{
    char text[64] = "";
    size_t size = 0;
    assert_int_equal(tuple->columns != NULL, want != NULL);
    for (uint32_t i = 0; i < tuple->count; i++)
        size += (size_t)snprintf(text + size, sizeof text - size, "%c%.*s ",
                                 "nutb"[tuple->columns[i].state],
                                 AUK_SPAN_ARG(tuple->columns[i].bytes));
    if (want)
        assert_string_equal(text, want);
}

static void reads_a_change(void **state)
{
    const struct change_case *c = (const struct change_case *)*state;
    auk_arena *arena = auk_arena_create(1024);
    auk_relation relation = read_relation(arena);
    auk_datum datums[6];
    auk_row_change change = {0};
    auk_code code = auk_pgoutput_read_change(c->kind, c->body, &relation, datums, &change, NULL);
    if (!c->before && !c->after) {
        assert_int_equal(code, AUK_CORRUPT);
    } else {
        assert_int_equal(code, AUK_OK);
        assert_tuple(&change.before, c->before);
        assert_tuple(&change.after, c->after);
        assert_int_equal(change.before_is_whole, c->whole);
        for (size_t size = 0; size < c->body.size; size++)
            assert_int_equal(auk_pgoutput_read_change(c->kind, auk_span_make(c->body.data, size),
                                                      &relation, datums, &change, NULL),
                             AUK_CORRUPT);
    }
    auk_arena_destroy(arena);
}

static void reads_truncations_and_messages(void **state)
{
    (void)state;
    auk_span relations;
    auk_row_change change = {0};
    assert_int_equal(auk_pgoutput_read_truncate(auk_span_make("\0\0\0\2\3\0\0\0\1\0\0\0\2", 13),
                                                &relations, NULL),
                     AUK_OK);
    assert_int_equal(relations.size, 8);
    assert_int_equal(auk_pgoutput_read_truncate(auk_span_make("\xff\xff\xff\xff\3\0\0\0\1", 9),
                                                &relations, NULL),
                     AUK_CORRUPT);
    assert_int_equal(auk_pgoutput_read_message(auk_span_make("\1" LSN_1 "pre\0\0\0\0\2xy", 19),
                                               &change, NULL),
                     AUK_OK);
    assert_int_equal(change.kind, AUK_ROW_MESSAGE);
    assert_true(auk_span_is(change.prefix, "pre"));
    assert_true(auk_span_is(change.content, "xy"));
    assert_int_equal(auk_pgoutput_read_message(auk_span_make("\1" LSN_1 "pre\0\0\0\0\3xy", 19),
                                               &change, NULL),
                     AUK_CORRUPT);
}

int main(void)
{
    struct CMUnitTest tests[2 * HEADS + CHANGES + 4] = {
        cmocka_unit_test(names_what_it_does_not_know),
        cmocka_unit_test(reads_a_relation),
        cmocka_unit_test(refuses_a_cut_relation),
        cmocka_unit_test(reads_truncations_and_messages),
    };
    size_t n = 4;
    for (size_t i = 0; i < HEADS; i++) {
        tests[n++] = (struct CMUnitTest){.name = heads[i].name,
                                         .test_func = reads_a_head,
                                         .initial_state = &heads[i]};
        tests[n++] = (struct CMUnitTest){.name = heads[i].name,
                                         .test_func = refuses_a_cut_head,
                                         .initial_state = &heads[i]};
    }
    for (size_t i = 0; i < CHANGES; i++)
        tests[n++] = (struct CMUnitTest){.name = changes[i].name,
                                         .test_func = reads_a_change,
                                         .initial_state = &changes[i]};
    return cmocka_run_group_tests_name("sync_pgoutput", tests, NULL, NULL);
}
