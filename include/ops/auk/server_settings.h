/*
 * server_settings.h - what `auk serve` can be told.
 *
 *   Lifetime  _init .. _deinit; texts are borrowed from the options.
 *   Threads   immutable once loaded.
 *   Memory    an arena inside the options.
 *   Errors    those of option.h; AUK_INVALID for an address that is not loopback without insecure.
 */
#ifndef AUK_SERVER_SETTINGS_H
#define AUK_SERVER_SETTINGS_H

#include "auk/log.h"
#include "auk/option.h"

typedef struct auk_server_settings {
    auk_options options;
    const char *data;
    const char *host; /* of http, without brackets; terminated */
    uint16_t port;
    size_t memory_bytes;
    unsigned threads;
    size_t search_queue;
    size_t write_queue;
    size_t body_limit_bytes;
    uint32_t connection_limit;
    uint32_t idle_deadline_ms;
    uint32_t head_deadline_ms;
    uint32_t transfer_window_ms;
    uint64_t disk_free_min_bytes;
    uint32_t disk_free_min_percent; /* of the disk; the greater of both */
    uint64_t disk_free_min_most;    /* bounds the percentage; 0: it is not bounded */
    bool log_json;
    auk_log_level log_level;
    const char *node_name;
    const char *cluster_name;
    const char *compat_version;           /* NULL: what the REST API takes by itself */
    const char *reindex_remote_whitelist; /* NULL: none */
} auk_server_settings;

/* The rows, for help and manual. */
const auk_option *auk_server_options(size_t *count);

/*
 * Reads flags, environment and file, in that order of strength. When the flags ask for help nothing
 * else is read: options.wants_help is set and AUK_OK returned.
 */
AUK_MUST_CHECK auk_code auk_server_settings_load(auk_server_settings *settings, int argc,
                                                 const char *const *argv,
                                                 const char *const *environment, auk_error *err);
void auk_server_settings_deinit(auk_server_settings *settings);

/* How many processors this process may run on. */
unsigned auk_processor_count(void);

#endif
