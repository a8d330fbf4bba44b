/*
 * fold_table.h - characters that look like ASCII, as ASCII: "é" as "e", "Æ" as "AE", "①" as "1".
 *
 * The table is derived from Unicode's names and decompositions when it is first needed; a list of
 * exceptions holds what they cannot tell.
 *
 *   Lifetime  that of the process, from the first _get on.   Threads  any.
 *   Memory    some 40 KB once.   Errors  none.
 */
#ifndef AUK_FOLD_TABLE_H
#define AUK_FOLD_TABLE_H

#include <stdint.h>

#define AUK_FOLD_MAX 4

typedef struct auk_fold {
    uint8_t size; /* 0: stays as it is */
    char text[AUK_FOLD_MAX];
} auk_fold;

typedef struct auk_fold_table {
    const auk_fold *pages[256]; /* by the upper byte of a character below U+10000; NULL: all stay */
} auk_fold_table;

const auk_fold_table *auk_fold_table_get(void);

static inline const auk_fold *auk_fold_table_find(const auk_fold_table *table, uint32_t character)
{
    static const auk_fold stays;
    if (character > 0xffff || !table->pages[character >> 8])
        return &stays;
    return &table->pages[character >> 8][character & 0xff];
}

#endif
