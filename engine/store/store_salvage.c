/*
 * store_salvage.c - families of RocksDB whose files are damaged, written anew from what is sound.
 *
 *   catalog, commit   from the mirror
 *   mirror            from those two
 *   journal, meta     and where both halves are damaged: from every file, what can be read of it
 *
 * What is kept is put into the log first, then the family's files are deleted, the oldest first: a
 * repair that is killed in between starts over with all that it had.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>

#include "sst_check.h"
#include "store_private.h"

#define BATCH_BYTES ((size_t)8 << 20)

typedef struct table_file {
    char name[32]; /* "/000012.sst" */
    int level;
    bool damaged;
} table_file;

typedef struct table_list {
    table_file *items;
    int count;
    bool damaged;
} table_list;

typedef struct salvage {
    auk_store *store;
    auk_findings *findings;
    table_list tables[STORE_FAMILIES];
    rocksdb_writebatch_t *batch;
    auk_code code;
    auk_error *err;
    int family; /* that is being written */
} salvage;

/* ---- which files, and are they sound? ---- */

static bool is_table_sound(const salvage *s, const char *name, size_t size)
{
    struct stat status;
    char family[SST_FAMILY_SIZE], message[SST_MESSAGE_SIZE];
    char *path = store_path(s->store->directory, name + 1);
    bool sound = stat(path, &status) == 0 && (size_t)status.st_size == size &&
                 store_sst_check(path, family, message);
    free(path);
    return sound;
}

/* Deepest level first, in level 0 the oldest first: the order in which RocksDB lets them go. */
static int by_depth(const void *left, const void *right)
{
    const table_file *a = left, *b = right;
    return a->level != b->level ? b->level - a->level : strcmp(a->name, b->name);
}

static void list_tables(salvage *s)
{
    const rocksdb_livefiles_t *files = rocksdb_livefiles(s->store->db);
    int count = rocksdb_livefiles_count(files);
    for (int family = 0; family < STORE_FAMILIES; family++) {
        table_list *list = &s->tables[family];
        list->items = calloc((size_t)count + 1, sizeof *list->items);
        if (list->items == NULL)
            abort();
        for (int i = 0; i < count && family != STORE_SEGMENT; i++) {
            if (strcmp(rocksdb_livefiles_column_family_name(files, i),
                       store_family_names[family]) != 0)
                continue;
            table_file *file = &list->items[list->count++];
            (void)snprintf(file->name, sizeof file->name, "%s", rocksdb_livefiles_name(files, i));
            file->level = rocksdb_livefiles_level(files, i);
            file->damaged =
                !is_table_sound(s, file->name, (size_t)rocksdb_livefiles_size(files, i));
            list->damaged = list->damaged || file->damaged;
        }
        qsort(list->items, (size_t)list->count, sizeof *list->items, by_depth);
    }
    rocksdb_livefiles_destroy(files);
}

static void free_tables(salvage *s)
{
    for (int family = 0; family < STORE_FAMILIES; family++)
        free(s->tables[family].items);
}

void store_shut_damaged(auk_store *store)
{
    salvage s = {.store = store};
    list_tables(&s);
    for (int family = 0; family < STORE_FAMILIES; family++)
        store->shut[family] = s.tables[family].damaged;
    free_tables(&s);
}

/* ---- writing ---- */

static void write_batch(salvage *s)
{
    char *message = NULL;
    if (s->code != AUK_OK)
        return;
    rocksdb_write(s->store->db, s->store->settings.synced, s->batch, &message);
    rocksdb_writebatch_clear(s->batch);
    if (message != NULL)
        s->code = store_fail(STORE_WRITING, message, s->err, "cannot write to the store");
}

static void keep_pair(void *context, const char *key, size_t key_size, const char *value,
                      size_t value_size)
{
    salvage *s = context;
    size_t size = 0;
    rocksdb_writebatch_put_cf(s->batch, s->store->families[s->family], key, key_size, value,
                              value_size);
    (void)rocksdb_writebatch_data(s->batch, &size);
    if (size > BATCH_BYTES)
        write_batch(s);
}

/* From the other half, pair by pair; skip: bytes of the tag in front of its keys, or the tag to put
 * there. */
static void copy_half(salvage *s, int from, int to, char tag)
{
    bool is_mirror = from == STORE_MIRROR;
    rocksdb_iterator_t *walk = rocksdb_create_iterator_cf(s->store->db, s->store->settings.reading,
                                                          s->store->families[from]);
    s->family = to;
    if (is_mirror)
        rocksdb_iter_seek(walk, &tag, 1);
    else
        rocksdb_iter_seek_to_first(walk);
    for (; rocksdb_iter_valid(walk); rocksdb_iter_next(walk)) {
        auk_span key, value;
        key.data = rocksdb_iter_key(walk, &key.size);
        value.data = rocksdb_iter_value(walk, &value.size);
        if (is_mirror && key.data[0] != tag)
            break;
        if (is_mirror)
            keep_pair(s, key.data + 1, key.size - 1, value.data, value.size);
        else
            mirror_fill(s->batch, s->store->families[to], from, OP_PUT, key, value);
    }
    rocksdb_iter_destroy(walk);
    write_batch(s);
}

/* What is newer lies in later files and, above all, in memory: that stays on top. */
static void read_files(salvage *s, int family)
{
    const table_list *list = &s->tables[family];
    s->family = family;
    for (int i = 0; i < list->count; i++) {
        char *path = store_path(s->store->directory, list->items[i].name + 1);
        if (!store_sst_read(path, keep_pair, s))
            auk_findings_add(s->findings, AUK_FINDING_LOST, path,
                             "what could not be read of it (of \"%s\")",
                             store_family_names[family]);
        free(path);
    }
    write_batch(s);
}

/* Each deletion may be refused while a deeper file is left; so again, as long as it helps. */
static void delete_files(salvage *s, int family)
{
    for (int i = 0; s->code == AUK_OK && i < s->tables[family].count; i++)
        rocksdb_delete_file(s->store->db, s->tables[family].items[i].name);
}

/* ---- all ---- */

static void tell_restored(salvage *s, int family, const char *from)
{
    for (int i = 0; i < s->tables[family].count; i++) {
        const table_file *file = &s->tables[family].items[i];
        char *path = store_path(s->store->directory, file->name + 1);
        if (file->damaged)
            auk_findings_add(s->findings, AUK_FINDING_REPAIRED, path,
                             "\"%s\" was written anew from %s", store_family_names[family], from);
        free(path);
    }
}

static void restore_family(salvage *s, int family)
{
    bool has_mirror = !s->tables[STORE_MIRROR].damaged;
    if (!s->tables[family].damaged)
        return;
    if (mirror_covers(family) && has_mirror) {
        copy_half(s, STORE_MIRROR, family, (char)family);
        tell_restored(s, family, "its second half");
    } else if (family != STORE_MIRROR) {
        read_files(s, family);
    } else {
        copy_half(s, STORE_CATALOG, STORE_MIRROR, STORE_CATALOG);
        copy_half(s, STORE_COMMIT, STORE_MIRROR, STORE_COMMIT);
        tell_restored(s, family, "the first half");
    }
    delete_files(s, family);
}

auk_code auk_store_repair_families(auk_store *store, auk_findings *findings, auk_error *err)
{
    static const int order[] = {STORE_META,   STORE_JOURNAL, STORE_CATALOG,
                                STORE_COMMIT, STORE_MIRROR,  STORE_SYNC};
    auk_code code = store_enter(store, err);
    if (code != AUK_OK)
        return code;
    salvage s = {.store = store, .findings = findings, .err = err};
    s.batch = rocksdb_writebatch_create();
    list_tables(&s);
    for (size_t i = 0; i < sizeof order / sizeof *order; i++)
        restore_family(&s, order[i]);
    free_tables(&s);
    rocksdb_writebatch_destroy(s.batch);
    store_shut_damaged(store);
    store_leave(store);
    return s.code;
}
