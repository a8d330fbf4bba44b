/*
 * batch.h - documents on their way: the body of one _bulk request, and where each of them stands.
 *
 *   body   {"index":{"_id":"7"}}\n{"name":"a"}\n{"index":{}}\n ...
 *          |                      |             |
 *          items[0].action        .document     items[1].action
 *
 *   Lifetime  _init .. _deinit; _reset keeps the memory.   Threads  one owner at a time.
 *   Memory    the body and 32 bytes a document.            Errors   none.
 */
#ifndef AUK_BATCH_H
#define AUK_BATCH_H

#include "auk/buffer.h"
#include "import_resume.h"
#include "records.h"

typedef struct auk_batch_item {
    size_t action; /* offsets in the body */
    size_t document;
    uint64_t line;
} auk_batch_item;

typedef struct auk_import_batch {
    auk_buffer body;
    auk_batch_item *items;
    size_t count;
    size_t capacity;
    uint64_t source_bytes; /* of the documents as they were read */
    auk_settled records;   /* of the stream, those with a problem too */
} auk_import_batch;

void auk_import_batch_init(auk_import_batch *batch);
void auk_import_batch_deinit(auk_import_batch *batch);
void auk_import_batch_reset(auk_import_batch *batch);

/*
 * Appends a record. id_field: the top-level field whose value becomes the id, empty: none. Answers
 * NULL, or why the record cannot be sent: then nothing is appended. Static.
 */
const char *auk_import_batch_add(auk_import_batch *batch, const auk_record *record,
                                 auk_span id_field);

/* The lines of item i; without their ends. document is empty for a delete. */
auk_span auk_import_batch_action(const auk_import_batch *batch, size_t item);
auk_span auk_import_batch_document(const auk_import_batch *batch, size_t item);

/* Keeps only the items for which keep[i]; the body is closed up in place. */
void auk_import_batch_keep(auk_import_batch *batch, const bool *keep);
/* Moves the second half of the items to the empty batch other. */
void auk_import_batch_split(auk_import_batch *batch, auk_import_batch *other);

#endif
