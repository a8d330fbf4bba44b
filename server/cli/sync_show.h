/*
 * sync_show.h - sources of `auk sync` for people.
 *
 *   Lifetime  lines in the arena.   Threads  main.   Memory  the arena.   Errors  none.
 */
#ifndef AUK_SYNC_SHOW_H
#define AUK_SYNC_SHOW_H

#include "auk/arena.h"
#include "auk/json.h"

typedef enum auk_sync_step { AUK_SYNC_GOES_ON, AUK_SYNC_FOLLOWS, AUK_SYNC_STANDS } auk_sync_step;

auk_sync_step auk_sync_step_of(const auk_json *source);
auk_span auk_sync_progress(const auk_json *source, bool bar, auk_arena *arena);
auk_span auk_sync_verify_progress(const auk_json *status, bool bar, auk_arena *arena);

void auk_sync_print_source(const auk_json *source, auk_arena *arena);
void auk_sync_print_list(const auk_json *answer);
void auk_sync_print_letters(const auk_json *answer);
/* What a database lacks. False: it cannot be followed like this. */
bool auk_sync_print_findings(const auk_json *answer);
/* False: rows differ and were not mended. */
bool auk_sync_print_verified(const auk_json *response);

#endif
