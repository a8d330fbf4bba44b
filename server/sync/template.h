/*
 * template.h - texts made of a row's columns: "{country}-{id}". Braces doubled stand for
 * themselves.
 *
 *   Lifetime  the arena's; the text is copied.   Threads  immutable once bound.
 *   Memory    the arena.   Errors  AUK_INVALID with what is wrong.
 */
#ifndef AUK_SYNC_TEMPLATE_H
#define AUK_SYNC_TEMPLATE_H

#include "auk/arena.h"
#include "auk/buffer.h"
#include "auk/error.h"
#include "row.h"

typedef struct auk_template auk_template;

AUK_MUST_CHECK auk_code auk_template_parse(auk_span text, auk_arena *arena, auk_template **out,
                                           auk_error *err);
uint32_t auk_template_column_count(const auk_template *template);
auk_span auk_template_column(const auk_template *template, uint32_t number);
AUK_MUST_CHECK auk_code auk_template_bind(auk_template *template, const auk_table_column *columns,
                                          uint32_t count, auk_error *err);
/* Does it say no more than the key does? Then it changes only with it. */
bool auk_template_is_of(const auk_template *template, const uint16_t *key, uint32_t key_count);
/* Appends; AUK_INVALID when a column is null, AUK_BUSY when one is not known. */
AUK_MUST_CHECK auk_code auk_template_write(const auk_template *template, const auk_datum *values,
                                           auk_buffer *out, auk_error *err);

#endif
