#include "term_table.h"

#define UPPER      UINT64_C(0xffffffff00000000)
#define TEXT_BYTES ((size_t)4 << 10)

static uint32_t slots_for(uint32_t terms)
{
    uint32_t slots = 16;
    while (slots / 2 < terms)
        slots *= 2;
    return slots;
}

static void make_slots(auk_term_table *table, uint32_t count)
{
    free(table->slots);
    table->slots = calloc(count, sizeof *table->slots);
    if (table->slots == NULL)
        abort();
    table->mask = count - 1;
}

void auk_term_table_init(auk_term_table *table, uint32_t expected_terms, auk_arena *arena)
{
    auk_term_table_init_with(table, expected_terms, arena, (auk_term_slots){0});
}

void auk_term_table_init_with(auk_term_table *table, uint32_t expected_terms, auk_arena *arena,
                              auk_term_slots slots)
{
    uint32_t least = slots_for(expected_terms);
    *table = (auk_term_table){.arena = arena, .slots = slots.items};
    if (slots.count < least) {
        make_slots(table, least);
        return;
    }
    table->mask = slots.count - 1;
    memset(table->slots, 0, slots.count * sizeof *table->slots);
}

auk_term_slots auk_term_table_take_slots(auk_term_table *table)
{
    auk_term_slots slots = {table->slots, table->mask + 1};
    table->slots = NULL;
    return slots;
}

void auk_term_table_deinit(auk_term_table *table)
{
    auk_vector_free(&table->terms);
    free(table->slots);
    table->slots = NULL;
}

static void rehash(auk_term_table *table)
{
    make_slots(table, (table->mask + 1) * 2);
    for (uint32_t i = 0; i < table->terms.count; i++) {
        uint64_t hash = table->terms.items[i].hash;
        uint32_t at = (uint32_t)hash & table->mask;
        while (table->slots[at] != 0)
            at = (at + 1) & table->mask;
        table->slots[at] = (hash & UPPER) | (i + 1);
    }
}

/* Of texts of more than eight bytes, whose first eight are the same. */
static inline bool same_rest(const char *a, const char *b, size_t size)
{
    for (size_t at = 8; at + 8 <= size; at += 8)
        if (auk_load_u64(a + at) != auk_load_u64(b + at))
            return false;
    return auk_load_u64(a + size - 8) == auk_load_u64(b + size - 8);
}

static inline bool same_term(const auk_table_term *term, uint16_t field, auk_span text,
                             uint64_t head)
{
    return term->head == head && term->size == text.size && term->field == field &&
           (text.size <= 8 || same_rest(term->data, text.data, text.size));
}

static char *text_room(auk_term_table *table, size_t size)
{
    if (size > (size_t)(table->text_end - table->text)) {
        size_t block = size > TEXT_BYTES ? size : TEXT_BYTES;
        table->text = auk_arena_alloc(table->arena, block);
        table->text_end = table->text + block;
    }
    char *room = table->text;
    table->text += size;
    return room;
}

static uint32_t append(auk_term_table *table, uint32_t at, uint16_t field, auk_span text,
                       uint64_t head, uint64_t hash, bool copy)
{
    if (copy) {
        char *bytes = text_room(table, text.size);
        if (text.size != 0)
            memcpy(bytes, text.data, text.size);
        text.data = bytes;
    }
    uint32_t number = table->terms.count;
    auk_table_term term = {
        .data = text.data, .head = head, .size = (uint32_t)text.size, .field = field, .hash = hash};
    auk_vector_push(&table->terms, term);
    table->slots[at] = (hash & UPPER) | (number + 1);
    if (table->terms.count * 2 > table->mask)
        rehash(table);
    return number;
}

static inline uint32_t add(auk_term_table *table, uint16_t field, auk_span text, uint64_t head,
                           uint64_t hash, bool copy)
{
    uint32_t at = (uint32_t)hash & table->mask;
    for (;;) {
        uint64_t slot = table->slots[at];
        if (slot == 0)
            return append(table, at, field, text, head, hash, copy);
        if (((slot ^ hash) & UPPER) == 0) {
            uint32_t number = (uint32_t)slot - 1;
            if (same_term(&table->terms.items[number], field, text, head))
                return number;
        }
        at = (at + 1) & table->mask;
    }
}

uint32_t auk_term_table_add(auk_term_table *table, uint16_t field, auk_span text, uint64_t hash)
{
    return add(table, field, text, auk_term_head(text.data, text.size), hash, true);
}

uint32_t auk_term_table_join(auk_term_table *table, const auk_table_term *term)
{
    return add(table, term->field, auk_span_make(term->data, term->size), term->head, term->hash,
               false);
}

size_t auk_term_table_bytes(const auk_term_table *table)
{
    size_t slots = table->slots != NULL ? (size_t)table->mask + 1 : 0;
    return auk_vector_bytes(&table->terms) + slots * sizeof *table->slots;
}
