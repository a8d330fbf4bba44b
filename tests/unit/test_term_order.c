/* The order of terms: the same as that of comparing them one by one. */
#include "test.h"

#include "term_order.h"

static int compare(const void *a, const void *b)
{
    return auk_span_compare(*(const auk_span *)a, *(const auk_span *)b);
}

static void check(uint32_t count, uint32_t letters, uint32_t longest, const char *prefix)
{
    auk_arena *arena = auk_arena_create(1 << 12);
    auk_term_table table;
    auk_term_table_init(&table, 4, arena);
    uint64_t random = count + letters;
    char text[64];
    size_t start = strlen(prefix);
    memcpy(text, prefix, start);
    for (uint32_t i = 0; i < count; i++) {
        random = random * 6364136223846793005u + 1442695040888963407u;
        size_t size = start + (random >> 33) % longest;
        for (size_t at = start; at < size; at++) {
            random = random * 6364136223846793005u + 1442695040888963407u;
            text[at] = (char)((random >> 40) % letters);
        }
        auk_span span = auk_span_make(text, size);
        uint64_t hash = auk_term_hash(3, span);
        uint32_t number = auk_term_table_add(&table, 3, span, hash);
        assert_int_equal(auk_term_table_add(&table, 3, span, hash), number);
    }
    uint32_t terms = table.terms.count;
    auk_ordered_term *order = calloc(terms, sizeof *order), *spare = calloc(terms, sizeof *spare);
    auk_span *want = calloc(terms, sizeof *want);
    for (uint32_t t = 0; t < terms; t++) {
        const auk_table_term *term = &table.terms.items[t];
        order[t] = (auk_ordered_term){auk_term_prefix(term->data, term->size), t, 0};
        want[t] = auk_span_make(term->data, term->size);
        assert_true(auk_span_equal(auk_table_term_text(term), want[t]));
    }
    auk_term_order(table.terms.items, order, spare, terms);
    qsort(want, terms, sizeof *want, compare);
    for (uint32_t i = 0; i < terms; i++) {
        const auk_table_term *term = &table.terms.items[order[i].term];
        assert_true(auk_span_equal(auk_span_make(term->data, term->size), want[i]));
    }
    free(order);
    free(spare);
    free(want);
    auk_term_table_deinit(&table);
    auk_arena_destroy(arena);
}

static void terms_come_in_byte_order(void **state)
{
    (void)state;
    check(1, 2, 2, "");
    check(100, 2, 12, "");
    check(5000, 256, 20, "");
    check(5000, 2, 30, "same first bytes ");
    check(3000, 1, 40, ""); /* prefixes of each other, all zeros */
}

int main(void)
{
    const struct CMUnitTest tests[] = {cmocka_unit_test(terms_come_in_byte_order)};
    return cmocka_run_group_tests_name("term_order", tests, NULL, NULL);
}
