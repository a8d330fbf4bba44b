/*
 * written.h - what became of a write, as Elasticsearch tells it: the body of a request on one
 * document, and an item of a bulk. Compact always; a bulk's answer is read by string search in
 * shippers, and there are many items in it.
 */
#ifndef AUK_REST_WRITTEN_H
#define AUK_REST_WRITTEN_H

#include "call.h"

/* 201 for what was created, 404 for a delete that found nothing, an error's own status. */
int auk_written_status(const auk_written *written);

/* The members of a write that was done, without the braces; _get_ of an update included. */
void auk_written_append(const auk_written *written, bool forced_refresh, auk_buffer *out);

/* {"index": {.., "status": 201}} or {"index": {.., "error": {..}}} */
void auk_written_append_item(const auk_write *write, const auk_written *written,
                             bool forced_refresh, auk_buffer *out);

/* refresh=true | false | wait_for; an empty value is true. */
AUK_MUST_CHECK auk_code auk_refresh_read(const auk_call *call, auk_refresh_policy *out,
                                         auk_error *err);

/*
 * auk_catalog_write, but for refresh=wait_for it does not sleep: the call's answer is then held
 * back until a refresh has shown the writes (waits.h).
 */
AUK_MUST_CHECK auk_code auk_write_run(auk_call *call, const auk_write *writes, uint32_t count,
                                      auk_refresh_policy refresh, auk_written *written,
                                      auk_error *err);

/* Checks what every write takes and a node by itself needs no more of: timeout,
 * wait_for_active_shards, pipeline. */
AUK_MUST_CHECK auk_code auk_write_check_parameters(const auk_call *call, auk_error *err);

#endif
