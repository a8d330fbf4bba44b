#include "term_order.h"

#define SMALL 24

static int compare(const auk_table_term *table, const auk_ordered_term *a,
                   const auk_ordered_term *b)
{
    if (a->prefix != b->prefix)
        return a->prefix < b->prefix ? -1 : 1;
    const auk_table_term *x = &table[a->term];
    const auk_table_term *y = &table[b->term];
    return auk_span_compare(auk_span_make(x->data, x->size), auk_span_make(y->data, y->size));
}

static void insertion_sort(const auk_table_term *table, auk_ordered_term *terms, size_t count)
{
    for (size_t i = 1; i < count; i++) {
        auk_ordered_term moved = terms[i];
        size_t at = i;
        while (at > 0 && compare(table, &moved, &terms[at - 1]) < 0) {
            terms[at] = terms[at - 1];
            at--;
        }
        terms[at] = moved;
    }
}

/* For runs that share their first eight bytes, where only the texts are left to compare. */
static void merge_sort(const auk_table_term *table, auk_ordered_term *terms,
                       auk_ordered_term *spare, size_t count)
{
    if (count <= SMALL) {
        insertion_sort(table, terms, count);
        return;
    }
    size_t half = count / 2;
    merge_sort(table, terms, spare, half);
    merge_sort(table, terms + half, spare + half, count - half);
    memcpy(spare, terms, half * sizeof *terms);
    size_t left = 0, right = half;
    for (size_t at = 0; left < half; at++)
        terms[at] = right < count && compare(table, &terms[right], &spare[left]) < 0
                        ? terms[right++]
                        : spare[left++];
}

static void radix_sort(const auk_table_term *table, auk_ordered_term *terms,
                       auk_ordered_term *spare, size_t count, int shift)
{
    if (count <= SMALL) {
        insertion_sort(table, terms, count);
        return;
    }
    if (shift < 0) {
        merge_sort(table, terms, spare, count);
        return;
    }
    uint32_t starts[257] = {0};
    for (size_t i = 0; i < count; i++)
        starts[(terms[i].prefix >> shift & 0xff) + 1]++;
    if (starts[(terms[0].prefix >> shift & 0xff) + 1] == count) {
        radix_sort(table, terms, spare, count, shift - 8);
        return;
    }
    for (int byte = 0; byte < 256; byte++)
        starts[byte + 1] += starts[byte];
    uint32_t next[256];
    memcpy(next, starts, sizeof next);
    for (size_t i = 0; i < count; i++)
        spare[next[terms[i].prefix >> shift & 0xff]++] = terms[i];
    memcpy(terms, spare, count * sizeof *terms);
    for (int byte = 0; byte < 256; byte++) {
        uint32_t size = starts[byte + 1] - starts[byte];
        if (size > 1)
            radix_sort(table, terms + starts[byte], spare + starts[byte], size, shift - 8);
    }
}

void auk_term_order(const auk_table_term *table, auk_ordered_term *terms, auk_ordered_term *spare,
                    size_t count)
{
    radix_sort(table, terms, spare, count, 56);
}
