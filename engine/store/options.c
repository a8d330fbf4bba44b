/* options.c - RocksDB's options for each family; the reasons are measured, see the lines. */
#include <stdlib.h>

#include "store_private.h"

#define MEMORY_DEFAULT ((size_t)64 << 20)
#define MEMORY_LEAST   ((size_t)4 << 20)
#define INFO_LOG_FATAL 4
#define POINT_IN_TIME  2
#define FORMAT_VERSION 5
#define FILTER_BITS    10

const char *const store_family_names[STORE_FAMILIES] = {
    [STORE_CATALOG] = "catalog", [STORE_JOURNAL] = "journal", [STORE_COMMIT] = "commit",
    [STORE_META] = "default",    [STORE_SEGMENT] = "segment", [STORE_MIRROR] = "mirror",
    [STORE_SYNC] = "sync",
};

static size_t at_most(size_t value, size_t limit)
{
    return value < limit ? value : limit;
}

static size_t at_least(size_t value, size_t limit)
{
    return value > limit ? value : limit;
}

/*
 * The journal's memtable must hold twice the journal between two commits: entries that a newer
 * range tombstone in the same memtable covers are dropped by its flush and never reach an SST.
 */
static size_t memtable_bytes(const auk_store_options *options)
{
    size_t memory = options && options->memory_bytes ? options->memory_bytes : MEMORY_DEFAULT;
    size_t journal = options ? options->journal_bytes : 0;
    return at_least(at_least(memory, 2 * journal), MEMORY_LEAST);
}

static void set_table(rocksdb_options_t *options, size_t block_bytes)
{
    rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();
    /* Uncompressed blocks are read in place from RocksDB's mapping: a cache would only copy them.
     */
    rocksdb_block_based_options_set_no_block_cache(table, 1);
    rocksdb_block_based_options_set_block_size(table, block_bytes);
    rocksdb_block_based_options_set_format_version(table, FORMAT_VERSION);
    rocksdb_options_set_block_based_table_factory(options, table);
    rocksdb_block_based_options_destroy(table);
    rocksdb_options_set_compression(options, rocksdb_no_compression);
}

static rocksdb_options_t *small_family(size_t memtable, size_t arena_block)
{
    rocksdb_options_t *options = rocksdb_options_create();
    rocksdb_options_set_write_buffer_size(options, memtable);
    rocksdb_options_set_arena_block_size(options, arena_block);
    set_table(options, 4096);
    return options;
}

/* Rows are read one by one and by short ranges, and are alike. */
static rocksdb_options_t *sync_family(size_t memtable)
{
    rocksdb_options_t *options = rocksdb_options_create();
    rocksdb_options_set_write_buffer_size(options, memtable);
    rocksdb_options_set_arena_block_size(options, (size_t)256 << 10);
    /* Files are small while a large transaction is stored: each compaction is to be worth it. */
    rocksdb_options_set_level0_file_num_compaction_trigger(options, 8);
    rocksdb_block_based_table_options_t *table = rocksdb_block_based_options_create();
    rocksdb_block_based_options_set_no_block_cache(table, 1);
    rocksdb_block_based_options_set_block_size(table, 4096);
    rocksdb_block_based_options_set_format_version(table, FORMAT_VERSION);
    rocksdb_block_based_options_set_filter_policy(table, rocksdb_filterpolicy_create_bloom_full(
                                                             FILTER_BITS));
    rocksdb_options_set_block_based_table_factory(options, table);
    rocksdb_block_based_options_destroy(table);
    rocksdb_options_set_compression(options, rocksdb_lz4_compression);
    return options;
}

static rocksdb_options_t *segment_family(void)
{
    rocksdb_options_t *options = small_family((size_t)64 << 10, (size_t)8 << 10);
    /* One byte a block: every value is a block of its own, so that the seals at both ends are small
     * blocks, which is all that an ingest reads of the file. */
    set_table(options, 1);
    rocksdb_options_set_disable_auto_compactions(options, 1);
    rocksdb_options_set_level0_file_num_compaction_trigger(options, 1 << 30);
    rocksdb_options_set_level0_slowdown_writes_trigger(options, 1 << 30);
    rocksdb_options_set_level0_stop_writes_trigger(options, 1 << 30);
    rocksdb_options_set_soft_pending_compaction_bytes_limit(options, 0);
    rocksdb_options_set_hard_pending_compaction_bytes_limit(options, 0);
    return options;
}

static void set_database(rocksdb_options_t *options, size_t memory)
{
    rocksdb_options_set_create_if_missing(options, 1);
    rocksdb_options_set_create_missing_column_families(options, 1);
    rocksdb_options_set_paranoid_checks(options, 1);

    /* The info log's writer aborts the process on a full disk: let it write nothing. */
    rocksdb_options_set_info_log_level(options, INFO_LOG_FATAL);
    rocksdb_options_set_keep_log_file_num(options, 1);
    rocksdb_options_set_stats_dump_period_sec(options, 0);
    rocksdb_options_set_stats_persist_period_sec(options, 0);

    rocksdb_options_set_allow_mmap_reads(options, 1);
    rocksdb_options_set_advise_random_on_open(options,
                                              1); /* or the one walk reads whole segments */
    rocksdb_options_set_max_open_files(options, -1);
    rocksdb_options_set_max_file_opening_threads(options, 2);
    rocksdb_options_set_table_cache_numshardbits(options, 2);
    rocksdb_options_set_skip_stats_update_on_db_open(options, 1);
    rocksdb_options_set_max_background_jobs(options, 2);

    rocksdb_options_set_enable_pipelined_write(options, 1);
    rocksdb_options_set_wal_recovery_mode(options, POINT_IN_TIME);
    rocksdb_options_set_max_total_wal_size(options, 2 * memory);
    /* RocksDB starts a flush at 7/8 of this. */
    rocksdb_options_set_db_write_buffer_size(options, memory + memory / 7 + 1);
    /* 150 bytes an ingest and drop, read at each open. */
    rocksdb_options_set_max_manifest_file_size(options, (size_t)2 << 20);
    rocksdb_options_set_manifest_preallocation_size(options, (size_t)64 << 10);
}

/* Reachable in this C API by the options string only. */
static auk_code set_by_name(rocksdb_options_t **options, const char *text, auk_error *err)
{
    rocksdb_options_t *changed = rocksdb_options_create();
    char *message = NULL;
    rocksdb_get_options_from_string(*options, text, changed, &message);
    if (message != NULL) {
        rocksdb_options_destroy(changed);
        return store_fail(STORE_OPENING, message, err, "store options \"%s\"", text);
    }
    rocksdb_options_destroy(*options);
    *options = changed;
    return AUK_OK;
}

static void set_operations(store_settings *settings)
{
    settings->synced = rocksdb_writeoptions_create();
    rocksdb_writeoptions_set_sync(settings->synced, 1);
    settings->unsynced = rocksdb_writeoptions_create();
    settings->reading = rocksdb_readoptions_create();
    rocksdb_readoptions_set_fill_cache(settings->reading, 0);
    settings->flushing = rocksdb_flushoptions_create();
    rocksdb_flushoptions_set_wait(settings->flushing, 1);

    settings->ingesting = rocksdb_ingestexternalfileoptions_create();
    rocksdb_ingestexternalfileoptions_set_move_files(settings->ingesting, 1);
    /* Ranges are disjoint and nobody holds snapshots: no sequence number is ever written into the
     * file, and an ingest that would need one fails instead. */
    rocksdb_ingestexternalfileoptions_set_snapshot_consistency(settings->ingesting, 0);
    rocksdb_ingestexternalfileoptions_set_allow_global_seqno(settings->ingesting, 0);
    rocksdb_ingestexternalfileoptions_set_allow_blocking_flush(settings->ingesting, 0);
}

auk_code store_settings_init(store_settings *settings, const auk_store_options *options,
                             store_on_failure failed, void *context, auk_error *err)
{
    size_t memory = memtable_bytes(options);
    size_t small = at_least(at_most(memory / 8, (size_t)32 << 20), (size_t)1 << 20);
    *settings = (store_settings){.mode = options ? options->mode : AUK_STORE_SERVE};

    settings->families[STORE_CATALOG] = small_family(small, (size_t)32 << 10);
    settings->families[STORE_COMMIT] = small_family(small, (size_t)64 << 10);
    settings->families[STORE_MIRROR] = small_family(small, (size_t)64 << 10);
    settings->families[STORE_SYNC] = sync_family(at_least(memory / 4, small));
    settings->families[STORE_META] = small_family((size_t)64 << 10, (size_t)8 << 10);
    settings->families[STORE_SEGMENT] = segment_family();
    settings->families[STORE_JOURNAL] = small_family(memory, (size_t)256 << 10);
    /* A compaction would meet the damage that the repair is about. */
    for (int i = 0; i < STORE_FAMILIES && settings->mode == AUK_STORE_REPAIR; i++)
        rocksdb_options_set_disable_auto_compactions(settings->families[i], 1);
    set_operations(settings);

    settings->database = rocksdb_options_create();
    set_database(settings->database, memory);
    if (settings->mode != AUK_STORE_SERVE) /* a damaged file does not keep the others shut */
        rocksdb_options_set_paranoid_checks(settings->database, 0);
    /* Recovery that flushes takes three times as long; the memtable stays in memory as it was. */
    auk_code code = set_by_name(&settings->database,
                                "avoid_flush_during_recovery=true;allow_fallocate=false", err);
    if (code == AUK_OK)
        store_listen(settings->database, failed, context);
    return code;
}

void store_settings_deinit(store_settings *settings)
{
    if (settings->database == NULL)
        return;

    for (int i = 0; i < STORE_FAMILIES; i++)
        rocksdb_options_destroy(settings->families[i]);
    rocksdb_options_destroy(settings->database);
    rocksdb_writeoptions_destroy(settings->synced);
    rocksdb_writeoptions_destroy(settings->unsynced);
    rocksdb_readoptions_destroy(settings->reading);
    rocksdb_flushoptions_destroy(settings->flushing);
    rocksdb_ingestexternalfileoptions_destroy(settings->ingesting);
    *settings = (store_settings){0};
}
