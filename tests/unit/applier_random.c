#include "applier_random.h"

#include <stdlib.h>

uint32_t chance_below(chance *c, uint32_t limit)
{
    c->state ^= c->state << 13;
    c->state ^= c->state >> 7;
    c->state ^= c->state << 17;
    return (uint32_t)((c->state * 0x9E3779B97F4A7C15ULL) >> 33) % limit;
}

#define KEYS 12

typedef struct texts {
    char bytes[WORLD_COLUMNS][64];
    const char *values[WORLD_COLUMNS];
} texts;

static void set(texts *t, uint32_t column, const char *text)
{
    (void)snprintf(t->bytes[column], sizeof t->bytes[column], "%s", text);
    t->values[column] = t->bytes[column];
}

static void set_number(texts *t, uint32_t column, uint32_t number)
{
    (void)snprintf(t->bytes[column], sizeof t->bytes[column], "%u", number);
    t->values[column] = t->bytes[column];
}

/* A reference to a row that may be there, or null. */
static void set_reference(texts *t, uint32_t column, chance *c)
{
    if (chance_below(c, 6) > 0)
        set_number(t, column, 1 + chance_below(c, KEYS));
}

static void fill_values(texts *t, int table, chance *c)
{
    static const char *const words[] = {"pen", "ink", "hidden", "gone", "a \"quote\"", ""};
    const char *word = words[chance_below(c, 6)];
    *t = (texts){0};
    set_number(t, 0, 1 + chance_below(c, KEYS));
    switch (table) {
    case MAKER:
        set(t, 1, word);
        set_reference(t, 2, c);
        break;
    case COUNTRY:
    case TAG:
        set(t, 1, word);
        break;
    case PRODUCT:
        if (chance_below(c, 8) > 0)
            set(t, 1, word);
        set_reference(t, 2, c);
        set(t, 3, "12.50");
        if (chance_below(c, 8) > 0)
            set(t, 4, chance_below(c, 3) > 0 ? "t" : "f");
        set_reference(t, 5, c);
        (void)snprintf(t->bytes[6], sizeof t->bytes[6], "big %u", chance_below(c, 1000000));
        t->values[6] = t->bytes[6];
        break;
    case REVIEW:
        set_number(t, 0, 1 + chance_below(c, 3 * KEYS));
        set_reference(t, 1, c);
        if (chance_below(c, 8) > 0)
            set_number(t, 2, chance_below(c, 6));
        set(t, 3, word);
        break;
    default:
        set_number(t, 1, 1 + chance_below(c, KEYS));
        break;
    }
}

static bool is_taken(const world *w, int table, const texts *t)
{
    for (uint32_t i = 0; i < w->counts[table]; i++) {
        const world_row *row = &w->rows[table][i];
        bool same = strcmp(row->values[0], t->values[0]) == 0;
        if (same &&
            (world_tables[table].key_count == 1 || strcmp(row->values[1], t->values[1]) == 0))
            return true;
    }
    return false;
}

static void random_update(world *w, int table, chance *c)
{
    texts t;
    uint32_t row = chance_below(c, w->counts[table]), unchanged = 0;
    const world_row *now = &w->rows[table][row];
    fill_values(&t, table, c);
    if (chance_below(c, 5) > 0 || is_taken(w, table, &t)) /* mostly the key stays */
        for (uint32_t i = 0; i < world_tables[table].key_count; i++)
            set(&t, world_tables[table].key[i], now->values[world_tables[table].key[i]]);
    if (table == PRODUCT && now->values[6] && chance_below(c, 3) > 0)
        unchanged = 1U << 6;
    world_update(w, table, row, t.values, unchanged);
}

static void random_change(world *w, chance *c)
{
    static const int often[] = {PRODUCT, PRODUCT, REVIEW, REVIEW,      REVIEW,     MAKER,
                                COUNTRY, TAG,     TAG,    PRODUCT_TAG, PRODUCT_TAG};
    int table = often[chance_below(c, sizeof often / sizeof *often)];
    uint32_t what = chance_below(c, 100);
    texts t;
    if (what == 0) {
        world_truncate(w, table);
    } else if (what < 40 || w->counts[table] == 0) {
        fill_values(&t, table, c);
        if (!is_taken(w, table, &t))
            world_insert(w, table, t.values);
    } else if (what < 80) {
        random_update(w, table, c);
    } else {
        world_delete(w, table, chance_below(c, w->counts[table]));
    }
}

void random_transaction(world *w, chance *c, uint32_t most)
{
    uint32_t count = 1 + chance_below(c, most);
    world_begin(w);
    for (uint32_t i = 0; i < count; i++)
        random_change(w, c);
}
