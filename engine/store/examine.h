/*
 * examine.h - are the files of a data directory what RocksDB and we left there? Asked without
 * RocksDB, which ends a replay at the first broken record without a word, and deletes what its
 * MANIFEST does not name.
 *
 *   what                         is wrong when
 *   CURRENT                      it is missing while there is something, or names no MANIFEST
 *   MANIFEST                     a record is broken and whole ones follow
 *   file that MANIFEST names     it is missing or has another size; deep: a block's checksum
 *   log files still needed       there is none; a record is broken and whole ones follow; the
 *                                numbers of records have a gap, also from file to file
 *   any of these                 it is not as long as at the orderly end (below)
 *
 * A broken last record is what a crash leaves of a write that nobody was told of, and no damage
 * (the next start takes it off, log_carry.c); unless the store had been closed in order: then
 * "auk.clean" has the sizes that files must have.
 *
 *   auk.clean  lines "name size", the last one "crc32c <hex of all before>"
 *
 *   Lifetime  none.   Threads  the directory's lock is held.   Memory  a block, the list of files.
 *   Errors    AUK_CORRUPT.
 */
#ifndef AUK_EXAMINE_H
#define AUK_EXAMINE_H

#include <stdbool.h>
#include <stdint.h>

#include "auk/finding.h"

/* Tells all that is wrong; deep: reads every block of every file. */
void store_examine(const char *directory, bool deep, auk_findings *findings);

/* The first thing that is wrong, as an error that names the file; AUK_OK: nothing is. */
AUK_MUST_CHECK auk_code store_examine_first(const char *directory, bool deep, auk_error *err);

/* After the database was closed in order, and before it is opened again. A log that ends in a write
 * that failed gets no marks: the next start is as after a crash. */
void store_clean_write(const char *directory);
AUK_MUST_CHECK auk_code store_clean_remove(const char *directory, auk_error *err);

/* The number in "000123.sst" or "MANIFEST-000005"; false: the name has not this form. */
bool store_file_number(const char *name, const char *before, const char *after, uint64_t *number);
/* The MANIFEST that CURRENT names, as a file name; NULL: CURRENT is missing or says nothing. Heap.
 */
char *store_current_manifest(const char *directory);

#endif
