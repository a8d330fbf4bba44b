/*
 * propose.h - a configuration made of the foreign keys of a database: what a document of `root`
 * could hold.
 *
 *   root -> other   an object, called as the column without "_id"
 *   other -> root   an array; of a table that does little more than join two, the rows behind it
 *
 *   Lifetime  none kept.   Threads  those of the connection.   Memory  an arena.
 *   Errors    AUK_NOT_FOUND: no such table.
 */
#ifndef AUK_SYNC_PROPOSE_H
#define AUK_SYNC_PROPOSE_H

#include "config.h"
#include "pg.h"

/* The body of a PUT /_sync. connection: as it is to be shown. */
AUK_MUST_CHECK auk_code auk_propose(auk_pg *pg, auk_span connection, auk_span root,
                                    auk_json_writer *out, auk_error *err);

#endif
