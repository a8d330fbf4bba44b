/* See relation_map.h. */
#include "relation_map.h"

#include <stdlib.h>

#define PAGE_RELATIONS 256
#define PAGES_MOST     4096
#define TIDY_FROM      1024 /* versions that nobody needs */

typedef struct auk_relation_entry {
    uint32_t oid, number;
} relation_entry;

/* A relation and how it was announced. */
typedef struct known_relation {
    auk_relation relation;
    auk_span body;
} known_relation;

/* Pages never move, so that they can be read while one more is added. */
struct auk_relation_map {
    auk_arena *arena;
    const auk_relation **pages[PAGES_MOST];
    uint32_t count;
    uint32_t last_version;
    auk_relation_overlay all;       /* what counts for everybody */
    uint32_t last_oid, last_number; /* of the last find without an overlay */
};

auk_relation_map *auk_relation_map_create(void)
{
    auk_relation_map *map = (auk_relation_map *)calloc(1, sizeof *map);
    if (!map)
        abort();
    map->arena = auk_arena_create(4096);
    return map;
}

void auk_relation_map_destroy(auk_relation_map *map)
{
    if (!map)
        return;
    for (uint32_t i = 0; i < PAGES_MOST && map->pages[i]; i++)
        free((void *)map->pages[i]);
    auk_relation_overlay_deinit(&map->all);
    auk_arena_destroy(map->arena);
    free(map);
}

void auk_relation_overlay_deinit(auk_relation_overlay *overlay)
{
    free(overlay->entries);
    *overlay = (auk_relation_overlay){0};
}

/* Sorted by OID; where it is, or would be. */
static uint32_t position(const auk_relation_overlay *overlay, uint32_t oid)
{
    uint32_t low = 0, high = overlay->count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (overlay->entries[middle].oid < oid)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static const relation_entry *look_up(const auk_relation_overlay *overlay, uint32_t oid)
{
    uint32_t at = position(overlay, oid);
    return at < overlay->count && overlay->entries[at].oid == oid ? &overlay->entries[at] : NULL;
}

static void set(auk_relation_overlay *overlay, uint32_t oid, uint32_t number)
{
    uint32_t at = position(overlay, oid);
    if (at < overlay->count && overlay->entries[at].oid == oid) {
        overlay->entries[at].number = number;
        return;
    }
    if (overlay->count == overlay->capacity) {
        overlay->capacity = overlay->capacity ? overlay->capacity * 2 : 8;
        overlay->entries = (relation_entry *)realloc(overlay->entries,
                                                     overlay->capacity * sizeof *overlay->entries);
        if (!overlay->entries)
            abort();
    }
    memmove(&overlay->entries[at + 1], &overlay->entries[at],
            (overlay->count++ - at) * sizeof *overlay->entries);
    overlay->entries[at] = (relation_entry){oid, number};
}

static bool is_same(const auk_relation *a, const auk_relation *b)
{
    if (a->identity != b->identity || a->column_count != b->column_count ||
        !auk_span_equal(a->name, b->name) || !auk_span_equal(a->schema, b->schema))
        return false;
    for (uint32_t i = 0; i < a->column_count; i++) {
        const auk_relation_column *x = &a->columns[i], *y = &b->columns[i];
        if (x->type != y->type || x->modifier != y->modifier || x->in_identity != y->in_identity ||
            !auk_span_equal(x->name, y->name))
            return false;
    }
    return true;
}

static auk_relation *copy_relation(const auk_relation *from, auk_span body, auk_arena *arena)
{
    known_relation *known = AUK_ARENA_NEW(arena, known_relation);
    auk_relation *to = &known->relation;
    known->body = auk_arena_copy(arena, body);
    auk_relation_column *columns =
        AUK_ARENA_ARRAY(arena, auk_relation_column, from->column_count + 1u);
    *to = *from;
    to->schema = auk_arena_copy(arena, from->schema);
    to->name = auk_arena_copy(arena, from->name);
    for (uint32_t i = 0; i < from->column_count; i++) {
        columns[i] = from->columns[i];
        columns[i].name = auk_arena_copy(arena, from->columns[i].name);
    }
    to->columns = columns;
    return to;
}

static auk_code add(auk_relation_map *map, const auk_relation *relation, auk_span body,
                    uint32_t *number, auk_error *err)
{
    uint32_t page = map->count / PAGE_RELATIONS;
    if (page == PAGES_MOST)
        return auk_fail(err, AUK_TOO_LARGE,
                        "tables were changed more than %u times since the stream began",
                        PAGES_MOST * PAGE_RELATIONS);
    if (!map->pages[page])
        map->pages[page] = (const auk_relation **)calloc(PAGE_RELATIONS, sizeof(auk_relation *));
    if (!map->pages[page])
        abort();
    auk_relation *copy = copy_relation(relation, body, map->arena);
    *number = map->count++;
    copy->version = ++map->last_version; /* higher than all before it */
    map->pages[page][*number % PAGE_RELATIONS] = copy;
    return AUK_OK;
}

auk_code auk_relation_map_put(auk_relation_map *map, auk_relation_overlay *overlay,
                              const auk_pgoutput_head *head, auk_error *err)
{
    auk_arena *scratch = auk_arena_create(2048);
    auk_relation relation;
    auk_relation_overlay *to = overlay ? overlay : &map->all;
    auk_code code = auk_pgoutput_read_relation(head, scratch, &relation, err);
    const relation_entry *known = look_up(to, head->relation);
    if (!known)
        known = look_up(&map->all, head->relation);
    uint32_t number = known ? known->number : 0;
    if (code == AUK_OK && (!known || !is_same(auk_relation_map_at(map, number), &relation)))
        code = add(map, &relation, head->body, &number, err);
    if (code == AUK_OK)
        set(to, head->relation, number);
    map->last_oid = 0;
    auk_arena_destroy(scratch);
    return code;
}

auk_code auk_relation_map_find(auk_relation_map *map, const auk_relation_overlay *overlay,
                               uint32_t oid, uint32_t *number, auk_error *err)
{
    if (!overlay && oid == map->last_oid && oid != 0) {
        *number = map->last_number;
        return AUK_OK;
    }
    const relation_entry *found = overlay ? look_up(overlay, oid) : NULL;
    if (!found)
        found = look_up(&map->all, oid);
    if (!found)
        return auk_fail(err, AUK_CORRUPT,
                        "the replication stream has a change of relation %u before its description",
                        oid);
    *number = found->number;
    if (!overlay) {
        map->last_oid = oid;
        map->last_number = *number;
    }
    return AUK_OK;
}

void auk_relation_map_merge(auk_relation_map *map, const auk_relation_overlay *overlay)
{
    for (uint32_t i = 0; i < overlay->count; i++)
        set(&map->all, overlay->entries[i].oid, overlay->entries[i].number);
    map->last_oid = 0;
}

static const known_relation *known_at(const auk_relation_map *map, uint32_t number)
{
    return (const known_relation *)(const void *)auk_relation_map_at(map, number);
}

auk_code auk_relation_map_each(const auk_relation_map *map,
                               auk_code (*visit)(void *context, uint32_t oid, auk_span body,
                                                 auk_error *err),
                               void *context, auk_error *err)
{
    auk_code code = AUK_OK;
    for (uint32_t i = 0; code == AUK_OK && i < map->all.count; i++) {
        const relation_entry *entry = &map->all.entries[i];
        code = visit(context, entry->oid, known_at(map, entry->number)->body, err);
    }
    return code;
}

bool auk_relation_map_is_untidy(const auk_relation_map *map)
{
    return map->count >= 2 * map->all.count + TIDY_FROM;
}

void auk_relation_map_tidy(auk_relation_map *map)
{
    auk_arena *arena = auk_arena_create(4096);
    const auk_relation **kept =
        (const auk_relation **)calloc(map->all.count + 1, sizeof(auk_relation *));
    if (!kept)
        abort();
    for (uint32_t i = 0; i < map->all.count; i++) {
        const known_relation *known = known_at(map, map->all.entries[i].number);
        kept[i] = copy_relation(&known->relation, known->body, arena);
    }
    for (uint32_t i = 0; i < map->all.count; i++) {
        map->pages[i / PAGE_RELATIONS][i % PAGE_RELATIONS] = kept[i];
        map->all.entries[i].number = i;
    }
    free((void *)kept);
    auk_arena_destroy(map->arena);
    map->arena = arena;
    map->count = map->all.count;
    map->last_oid = 0;
}

const auk_relation *auk_relation_map_at(const auk_relation_map *map, uint32_t number)
{
    return map->pages[number / PAGE_RELATIONS][number % PAGE_RELATIONS];
}
