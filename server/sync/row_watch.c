#include "row_watch.h"

#define GONE_MOST 1000000u

void auk_row_watch_init(auk_row_watch *watch)
{
    *watch = (auk_row_watch){0};
    auk_key_set_init(&watch->gone);
}

void auk_row_watch_deinit(auk_row_watch *watch)
{
    auk_key_set_deinit(&watch->gone);
}

void auk_row_watch_begin(auk_row_watch *watch, auk_row_watch **list, uint32_t table)
{
    auk_key_set_reset(&watch->gone);
    watch->is_blind = false;
    watch->table = table;
    watch->list = list;
    watch->next = *list;
    *list = watch;
}

void auk_row_watch_end(auk_row_watch *watch)
{
    auk_row_watch **at = watch->list;
    while (at && *at && *at != watch)
        at = &(*at)->next;
    if (at && *at)
        *at = watch->next;
    watch->list = NULL;
}

void auk_row_watch_note(auk_row_watch *list, uint32_t table, auk_span key)
{
    for (auk_row_watch *watch = list; watch; watch = watch->next) {
        if (watch->table != table)
            continue;
        watch->is_blind |= watch->gone.count >= GONE_MOST;
        if (!watch->is_blind)
            (void)auk_key_set_put(&watch->gone, key, 0);
    }
}

void auk_row_watch_break(auk_row_watch *list)
{
    for (auk_row_watch *watch = list; watch; watch = watch->next) {
        watch->is_blind = true;
        watch->list = NULL;
    }
}
