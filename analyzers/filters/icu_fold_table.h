/*
 * icu_fold_table.h - characters to what icu_folding takes them for.
 *
 *   Lifetime, Threads, Memory, Errors  none.
 */
#ifndef AUK_ICU_FOLD_TABLE_H
#define AUK_ICU_FOLD_TABLE_H

#include <stddef.h>
#include <stdint.h>

/* UTF-8, "" for nothing at all; NULL: the character itself. */
const char *auk_icu_fold_find(uint32_t character);

#endif
