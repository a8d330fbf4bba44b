#include "test.h"

#include "auk/arena.h"

static void pieces_are_aligned_and_apart(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(100);
    char *pieces[500];
    size_t sizes[500];
    for (size_t i = 0; i < 500; i++) {
        sizes[i] = i % 7 == 0 ? i * 40 : i % 33;
        pieces[i] = auk_arena_alloc(arena, sizes[i]);
        assert_int_equal((uintptr_t)pieces[i] % 16, 0);
        memset(pieces[i], (int)(i & 255), sizes[i]);
    }
    for (size_t i = 0; i < 500; i++) {
        for (size_t j = 0; j < sizes[i]; j++)
            assert_int_equal((unsigned char)pieces[i][j], i & 255);
        for (size_t j = 0; j < i; j++)
            assert_ptr_not_equal(pieces[i], pieces[j]);
    }
    auk_arena_destroy(arena);
}

static void reset_keeps_a_regular_chunk_and_gives_back_large_ones(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(1024);
    size_t empty = auk_arena_size(arena);
    for (int i = 0; i < 1000; i++)
        (void)auk_arena_alloc(arena, 1000);
    (void)auk_arena_alloc(arena, (size_t)10 << 20);
    assert_true(auk_arena_size(arena) > (size_t)10 << 20);
    auk_arena_reset(arena);
    size_t kept = auk_arena_size(arena);
    assert_true(kept > empty && kept <= ((size_t)1 << 20) + 1024);
    (void)auk_arena_alloc(arena, 1000);
    assert_int_equal(auk_arena_size(arena), kept);
    auk_arena_destroy(arena);
}

static void a_large_first_piece_does_not_hurt(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(0);
    char *large = auk_arena_zalloc(arena, (size_t)3 << 20);
    assert_int_equal(large[((size_t)3 << 20) - 1], 0);
    auk_arena_reset(arena);
    assert_non_null(auk_arena_alloc(arena, 1));
    auk_arena_destroy(arena);
}

static void texts_are_copied_with_a_zero_behind(void **state)
{
    (void)state;
    auk_arena *arena = auk_arena_create(0);
    char text[] = "abc";
    auk_span copy = auk_arena_copy(arena, auk_span_make(text, 3));
    text[0] = 'x';
    assert_string_equal(copy.data, "abc");
    assert_int_equal(auk_arena_copy(arena, (auk_span){0}).data[0], '\0');
    for (int size = 250; size < 260; size++) {
        auk_span printed = auk_arena_printf(arena, "%*d", size, 7);
        assert_int_equal(printed.size, size);
        assert_int_equal(printed.data[size - 1], '7');
        assert_int_equal(printed.data[size], '\0');
    }
    auk_arena_destroy(arena);
}

typedef struct note {
    char *log;
    char letter;
} note;

static void write_note(void *object)
{
    note *n = object;
    n->log[strlen(n->log)] = n->letter;
}

static void closers_run_last_first_at_reset_and_at_destroy(void **state)
{
    (void)state;
    char log[8] = "";
    note notes[3] = {{log, 'a'}, {log, 'b'}, {log, 'c'}};
    auk_arena *arena = auk_arena_create(0);
    auk_arena_defer(arena, write_note, &notes[0]);
    auk_arena_defer(arena, write_note, &notes[1]);
    auk_arena_reset(arena);
    assert_string_equal(log, "ba");
    auk_arena_reset(arena);
    assert_string_equal(log, "ba");
    auk_arena_defer(arena, write_note, &notes[2]);
    auk_arena_destroy(arena);
    assert_string_equal(log, "bac");
    auk_arena_destroy(NULL);
}

static void books_what_it_holds(void **state)
{
    (void)state;
    auk_error err = {0};
    auk_budget *budget = auk_budget_create((size_t)10 << 20);
    auk_arena *arena = auk_arena_create(1024);
    auk_arena_set_budget(arena, budget, AUK_PURPOSE_SEARCH);
    assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_SEARCH), 0);
    (void)auk_arena_alloc(arena, 10);
    assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_SEARCH), 0); /* too little to book */
    assert_int_equal(auk_arena_admit(arena, (size_t)1 << 20, &err), AUK_OK);
    size_t admitted = auk_budget_used(budget, AUK_PURPOSE_SEARCH);
    assert_true(admitted > (size_t)900 << 10);
    (void)auk_arena_alloc(arena, (size_t)1 << 19); /* paid already */
    assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_SEARCH), admitted);
    (void)auk_arena_alloc(arena,
                          (size_t)6 << 20); /* past the limit of 4 MiB, booked all the same */
    assert_true(auk_budget_used(budget, AUK_PURPOSE_SEARCH) > (size_t)6 << 20);
    assert_int_equal(auk_arena_admit(arena, (size_t)1 << 20, &err), AUK_BUSY);
    auk_arena_reset(arena);
    assert_true(auk_budget_used(budget, AUK_PURPOSE_SEARCH) <= admitted);
    assert_int_equal(auk_arena_admit(arena, (size_t)1 << 20, &err), AUK_OK);
    auk_arena_destroy(arena);
    assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_SEARCH), 0);
    auk_budget_destroy(budget);
}

static void growth_past_the_limit_is_told(void **state)
{
    (void)state;
    auk_error err = {0};
    auk_budget *budget = auk_budget_create((size_t)1 << 20); /* of which search has 40 % */
    auk_arena *arena = auk_arena_create(1024);
    auk_arena_set_budget(arena, budget, AUK_PURPOSE_SEARCH);
    assert_non_null(auk_arena_alloc(arena, 200000));
    assert_int_equal(auk_arena_status(arena, &err), AUK_OK);
    assert_non_null(auk_arena_alloc(arena, 600000));
    assert_int_equal(auk_arena_status(arena, &err), AUK_BUSY);
    assert_non_null(strstr(err.message, "data for [search] would be"));
    auk_arena_reset(arena);
    assert_int_equal(auk_arena_status(arena, &err), AUK_OK);
    auk_arena_destroy(arena);
    assert_int_equal(auk_budget_used_total(budget), 0);
    auk_budget_destroy(budget);
}

static void count_closed(void *object)
{
    ++*(int *)object;
}

static void sheds_all_but_one_piece(void **state)
{
    (void)state;
    auk_budget *budget = auk_budget_create((size_t)10 << 20);
    for (uint32_t place = 0; place < 3; place++) {
        int closed = 0;
        char *pieces[3];
        auk_arena *arena = auk_arena_create(1024);
        auk_arena_set_budget(arena, budget, AUK_PURPOSE_SEARCH);
        static const size_t sizes[3] = {600, 5000, 700}; /* the second has a chunk of its own */
        for (uint32_t i = 0; i < 3; i++)
            pieces[i] = memset(auk_arena_alloc(arena, sizes[i]), 'a' + (int)i, sizes[i]);
        (void)auk_arena_alloc(arena, (size_t)1 << 18);
        auk_arena_defer(arena, count_closed, &closed);
        auk_arena_shed(arena, pieces[place]);
        assert_int_equal(closed, 1);
        assert_int_equal(auk_budget_used(budget, AUK_PURPOSE_SEARCH), 0);
        assert_true(auk_arena_size(arena) < 8192);
        for (size_t i = 0; i < sizes[place]; i++)
            assert_int_equal(pieces[place][i], 'a' + (int)place);
        memset(auk_arena_alloc(arena, 100), 'z', 100);
        assert_int_equal(pieces[place][sizes[place] - 1], 'a' + (int)place);
        auk_arena_reset(arena);
        assert_int_equal(closed, 1);
        auk_arena_destroy(arena);
    }
    auk_budget_destroy(budget);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(pieces_are_aligned_and_apart),
        cmocka_unit_test(reset_keeps_a_regular_chunk_and_gives_back_large_ones),
        cmocka_unit_test(a_large_first_piece_does_not_hurt),
        cmocka_unit_test(texts_are_copied_with_a_zero_behind),
        cmocka_unit_test(closers_run_last_first_at_reset_and_at_destroy),
        cmocka_unit_test(books_what_it_holds),
        cmocka_unit_test(growth_past_the_limit_is_told),
        cmocka_unit_test(sheds_all_but_one_piece),
    };
    return cmocka_run_group_tests_name("arena", tests, NULL, NULL);
}
