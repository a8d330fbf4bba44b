/* shard_repair.c - takes damaged segments out of a shard, and what is sound of them back in. */
#include <inttypes.h>
#include <stdio.h>

#include "auk/shard_check.h"
#include "auk/varint.h"

#include "journal_gaps.h"
#include "live.h"
#include "manifest.h"
#include "shard_open.h"

#define BATCH_BYTES  ((size_t)8 << 20)
#define RESCUE_BYTES ((uint64_t)2 << 30) /* more would not fit the memory that indexes it again */

typedef struct seq_range {
    int64_t first, last;
} seq_range;

typedef struct repair {
    const auk_shard_subject *subject;
    const auk_checked_shard *checked;
    auk_manifest manifest; /* as it will be */
    auk_batch *batch;      /* journal entries */
    size_t batch_bytes;
    AUK_VECTOR(uint64_t) dropped;    /* segments */
    AUK_VECTOR(auk_span) unreadable; /* keys of journal entries */
    AUK_VECTOR(uint64_t) strays;     /* segments of live records that no manifest names */
    AUK_VECTOR(seq_range) retained;  /* operations that the journal still has, ascending */
    AUK_VECTOR(auk_span) later;      /* ids that the journal has operations of, sorted */
    int64_t least_seq_no;            /* of what went to the journal */
    int64_t looked;                  /* gaps in the journal below this are known */
    bool has_changes;
    auk_arena *arena;
} repair;

#define tell(r, kind, where, ...) auk_findings_add((r)->subject->findings, kind, where, __VA_ARGS__)

/* ---- one document ---- */

typedef struct rescue {
    repair *repair;
    const auk_segment *segment;
    const char *where;
    auk_arena *arena; /* of one segment */
    auk_stored_cache *cache;
    auk_column_cursor *numbers[3]; /* sequence number, version, term; NULL: not there */
    auk_span *ids;                 /* of each document, by the dictionary; NULL: not asked yet */
    uint32_t saved, lost, nameless;
} rescue;

static bool read_numbers(const rescue *s, auk_doc doc, int64_t numbers[3])
{
    for (int i = 0; i < 3; i++) {
        const int64_t *values;
        if (s->numbers[i] == NULL || auk_column_cursor_values(s->numbers[i], doc, &values) != 1)
            return false;
        numbers[i] = values[0];
    }
    return numbers[0] >= 0 && numbers[1] >= 0 && numbers[2] >= 0;
}

static auk_code write_batch(repair *r, auk_error *err)
{
    auk_code code = auk_store_write(r->subject->store, r->batch, true, err);
    auk_batch_reset(r->batch);
    r->batch_bytes = 0;
    return code;
}

/* An entry with this one operation, as it was given. Until the manifest's checkpoint falls below
 * it, nobody reads it. */
static bool is_retained(const repair *r, int64_t seq_no)
{
    for (uint32_t i = 0; i < r->retained.count; i++)
        if (seq_no >= r->retained.items[i].first && seq_no <= r->retained.items[i].last)
            return true;
    return false;
}

static auk_code put_back(repair *r, const auk_stored_document *stored, const int64_t numbers[3],
                         auk_error *err)
{
    auk_journal_header header = {.primary_term = numbers[2],
                                 .mapping_version = r->manifest.mapping_version,
                                 .first_seq_no = numbers[0],
                                 .count = 1};
    auk_journal_operation operation = {.kind = AUK_JOURNAL_INDEX,
                                       .id = stored->id,
                                       .routing = stored->routing,
                                       .source = stored->source,
                                       .seq_no = numbers[0],
                                       .version = numbers[1]};
    char key[AUK_JOURNAL_KEY_SIZE];
    auk_journal_writer writer;
    uint32_t count;
    if (numbers[0] < r->least_seq_no)
        r->least_seq_no = numbers[0];
    if (is_retained(r, numbers[0]))
        return AUK_OK; /* a lease has kept its entry */
    auk_journal_writer_init(&writer, &header);
    auk_journal_writer_add(&writer, &operation);
    const auk_span *parts = auk_journal_writer_finish(&writer, &count);
    auk_journal_key(r->subject->id, numbers[0], key);
    auk_batch_put_parts(r->batch, AUK_FAMILY_JOURNAL, auk_span_make(key, sizeof key), parts, count);
    r->batch_bytes += writer.bytes;
    auk_journal_writer_deinit(&writer);
    return r->batch_bytes > BATCH_BYTES ? write_batch(r, err) : AUK_OK;
}

/* ---- what is lost ---- */

/* The dictionary knows ids whose sources are gone. */
static void learn_ids(rescue *s)
{
    uint32_t doc_count = auk_segment_doc_count(s->segment);
    s->ids = AUK_ARENA_ARRAY(s->arena, auk_span, doc_count + 1);
    const auk_terms *terms = auk_segment_terms(s->segment, AUK_FIELD_ID);
    if (terms == NULL)
        return;
    auk_terms_cursor *cursor = auk_terms_cursor_open(terms, s->arena);
    bool more = auk_terms_cursor_seek(cursor, (auk_span){0});
    for (; more; more = auk_terms_cursor_next(cursor)) {
        const auk_term *term = auk_terms_cursor_term(cursor);
        if (term->doc_freq == 1 && term->single_doc < doc_count)
            s->ids[term->single_doc] = auk_arena_copy(s->arena, auk_terms_cursor_text(cursor));
    }
}

static int by_bytes(const void *left, const void *right)
{
    return auk_span_compare(*(const auk_span *)left, *(const auk_span *)right);
}

/* What the journal replaces or deletes is not lost. */
static bool is_replaced(const repair *r, auk_span id)
{
    return id.size > 0 && r->later.count > 0 &&
           bsearch(&id, r->later.items, r->later.count, sizeof id, by_bytes) != NULL;
}

static void lose(rescue *s, auk_doc doc, auk_span id)
{
    if (id.size == 0 && s->ids == NULL)
        learn_ids(s);
    if (id.size == 0)
        id = s->ids[doc];
    if (is_replaced(s->repair, id))
        return;
    s->lost++;
    if (id.size == 0)
        s->nameless++;
    else
        tell(s->repair, AUK_FINDING_LOST, s->where, "document [%.*s]", AUK_SPAN_ARG(id));
}

/* ---- one segment ---- */

static auk_code rescue_document(rescue *s, auk_doc doc, auk_error *err)
{
    auk_stored_document stored = {0};
    int64_t numbers[3];
    bool is_readable =
        auk_segment_read_stored(s->segment, doc, s->cache, NULL, &stored, NULL) == AUK_OK;
    if (!is_readable)
        stored.id = (auk_span){0};
    if (is_readable && stored.source.size > 0 && read_numbers(s, doc, numbers)) {
        s->saved++;
        return put_back(s->repair, &stored, numbers, err);
    }
    lose(s, doc, stored.id);
    return AUK_OK;
}

static auk_code rescue_documents(rescue *s, const auk_live *live, auk_error *err)
{
    auk_code code = AUK_OK;
    s->cache = auk_stored_cache_create(s->arena);
    for (int i = 0; i < 3; i++) {
        const auk_column *column = auk_segment_column(s->segment, (uint16_t)(AUK_FIELD_SEQ_NO + i));
        s->numbers[i] = column ? auk_column_cursor_open(column, s->arena) : NULL;
    }
    for (uint32_t doc = 0; doc < auk_segment_doc_count(s->segment) && code == AUK_OK; doc++)
        if (auk_live_has(live, doc))
            code = rescue_document(s, doc, err);
    return code;
}

static void tell_rescue(const rescue *s)
{
    if (s->saved > 0)
        tell(s->repair, AUK_FINDING_REPAIRED, s->where,
             "%u documents are in the journal again, to be indexed at the next start", s->saved);
    if (s->nameless > 0)
        tell(s->repair, AUK_FINDING_LOST, s->where, "%u documents whose ids cannot be read",
             s->nameless);
    tell(s->repair, AUK_FINDING_REPAIRED, s->where, "the damaged segment was taken out");
}

static auk_code rescue_segment(repair *r, const auk_manifest_segment *named, auk_error *err)
{
    char where[320];
    auk_error why = {0};
    auk_opened_segment opened;
    (void)snprintf(where, sizeof where, "%s segment %" PRIu64, r->subject->where, named->id);
    rescue s = {.repair = r, .where = where};
    auk_code code = AUK_OK;
    if (named->bytes > RESCUE_BYTES)
        auk_fail(&why, AUK_TOO_LARGE, "it is too large to be indexed again");
    else if (auk_opened_segment_open(r->subject->store, r->subject->id, named, true, &opened,
                                     &why) == AUK_OK) {
        s.arena = auk_arena_create(1 << 16);
        s.segment = opened.segment;
        code = rescue_documents(&s, opened.live, err);
        auk_arena_destroy(s.arena);
        auk_opened_segment_close(&opened);
    }
    if (why.code != AUK_OK) {
        tell(r, AUK_FINDING_LOST, where, "up to %u documents whose ids cannot be read (%s)",
             named->doc_count, why.message);
    }
    tell_rescue(&s);
    return code;
}

/* ---- the shard ---- */

static bool is_sound(const repair *r, uint64_t segment)
{
    for (uint32_t i = 0; i < r->checked->segment_count; i++)
        if (r->checked->segments[i].id == segment)
            return r->checked->segments[i].is_sound;
    return false;
}

static auk_code repair_segments(repair *r, auk_error *err)
{
    auk_code code = AUK_OK;
    uint32_t kept = 0;
    for (uint32_t i = 0; i < r->manifest.segments.count && code == AUK_OK; i++) {
        auk_manifest_segment named = r->manifest.segments.items[i];
        if (is_sound(r, named.id)) {
            r->manifest.segments.items[kept++] = named;
            continue;
        }
        code = rescue_segment(r, &named, err);
        auk_vector_push(&r->dropped, named.id);
        r->has_changes = true;
    }
    r->manifest.segments.count = kept;
    if (r->least_seq_no - 1 < r->manifest.checkpoint)
        r->manifest.checkpoint = r->least_seq_no - 1;
    return code;
}

static void add_later(repair *r, auk_span value)
{
    auk_journal_reader reader;
    auk_journal_operation operation;
    bool end = false;
    if (auk_journal_reader_init(&reader, value, NULL) != AUK_OK)
        return;
    seq_range range = {reader.header.first_seq_no,
                       reader.header.first_seq_no + (int64_t)reader.header.count - 1};
    auk_vector_push(&r->retained, range);
    while (auk_journal_reader_next(&reader, &operation, &end, NULL) == AUK_OK && !end)
        if (operation.seq_no > r->manifest.checkpoint)
            auk_vector_push(&r->later, auk_arena_copy(r->arena, operation.id));
}

static void find_later(repair *r)
{
    char from[AUK_JOURNAL_KEY_SIZE], to[AUK_JOURNAL_KEY_SIZE];
    auk_span key, value;
    auk_journal_key(r->subject->id, 0, from);
    auk_journal_key(r->subject->id, INT64_MAX, to);
    auk_store_cursor *cursor =
        auk_store_scan(r->subject->store, AUK_FAMILY_JOURNAL, auk_span_make(from, sizeof from),
                       auk_span_make(to, sizeof to));
    while (auk_store_cursor_next(cursor, &key, &value))
        add_later(r, value);
    auk_store_cursor_close(cursor);
    if (r->later.count > 1)
        qsort(r->later.items, r->later.count, sizeof *r->later.items, by_bytes);
}

static bool is_readable(auk_span value, auk_journal_header *header)
{
    auk_journal_reader reader;
    auk_journal_operation operation;
    bool end = false;
    auk_code code = auk_journal_reader_init(&reader, value, NULL);
    while (code == AUK_OK && !end)
        code = auk_journal_reader_next(&reader, &operation, &end, NULL);
    *header = reader.header;
    return code == AUK_OK;
}

static void find_unreadable(repair *r)
{
    char from[AUK_JOURNAL_KEY_SIZE], to[AUK_JOURNAL_KEY_SIZE];
    auk_span key, value;
    auk_error why = {0};
    auk_journal_gaps gaps;
    if (auk_journal_gaps_init(&gaps, r->subject->store, r->subject->id, r->manifest.checkpoint,
                              NULL) != AUK_OK)
        r->has_changes = true;
    auk_journal_key(r->subject->id, 0, from);
    auk_journal_key(r->subject->id, INT64_MAX, to);
    auk_store_cursor *cursor =
        auk_store_scan(r->subject->store, AUK_FAMILY_JOURNAL, auk_span_make(from, sizeof from),
                       auk_span_make(to, sizeof to));
    while (auk_store_cursor_next(cursor, &key, &value)) {
        auk_journal_header header;
        if (key.size != AUK_JOURNAL_KEY_SIZE)
            continue;
        if (is_readable(value, &header)) {
            auk_journal_gaps_note(&gaps, &header);
            continue;
        }
        tell(r, AUK_FINDING_LOST, r->subject->where,
             "operations from %" PRIu64 " on: their journal entry cannot be read",
             auk_load_be64(key.data + 4));
        auk_vector_push(&r->unreadable, auk_arena_copy(r->arena, key));
        r->has_changes = true;
    }
    auk_store_cursor_close(cursor);
    r->looked = gaps.next;
    if (r->unreadable.count > 0 || auk_journal_gaps_check(&gaps, &why) == AUK_OK)
        return;
    tell(r, AUK_FINDING_LOST, r->subject->where, "operations without an entry: %s", why.message);
    r->has_changes = true;
}

static bool is_named(const repair *r, uint64_t segment)
{
    for (uint32_t i = 0; i < r->manifest.segments.count; i++)
        if (r->manifest.segments.items[i].id == segment)
            return true;
    return false;
}

/* Also the records of what has just been taken out. */
static void find_strays(repair *r)
{
    char from[AUK_LIVE_KEY_SIZE], to[AUK_LIVE_KEY_SIZE];
    auk_span key, value;
    auk_live_key(r->subject->id, 0, from);
    auk_live_key(r->subject->id, UINT64_MAX, to);
    auk_store_cursor *cursor =
        auk_store_scan(r->subject->store, AUK_FAMILY_COMMIT, auk_span_make(from, sizeof from),
                       auk_span_make(to, sizeof to));
    while (auk_store_cursor_next(cursor, &key, &value)) {
        if (key.size != AUK_LIVE_KEY_SIZE || is_named(r, auk_load_be64(key.data + 5)))
            continue;
        auk_vector_push(&r->strays, auk_load_be64(key.data + 5));
        r->has_changes = true;
    }
    auk_store_cursor_close(cursor);
}

static void describe(void *context, auk_mapped *mapped, auk_batch *batch)
{
    repair *r = context;
    char key[AUK_LIVE_KEY_SIZE], manifest_key[AUK_MANIFEST_KEY_SIZE];
    auk_buffer bytes;
    (void)mapped;
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    auk_manifest_key(r->subject->id, manifest_key);
    auk_manifest_write(&r->manifest, &bytes);
    auk_batch_put(batch, AUK_FAMILY_COMMIT, auk_span_make(manifest_key, sizeof manifest_key),
                  auk_buffer_span(&bytes));
    for (uint32_t i = 0; i < r->strays.count; i++) {
        auk_live_key(r->subject->id, r->strays.items[i], key);
        auk_batch_delete(batch, AUK_FAMILY_COMMIT, auk_span_make(key, sizeof key));
    }
    for (uint32_t i = 0; i < r->unreadable.count; i++)
        auk_batch_delete(batch, AUK_FAMILY_JOURNAL, r->unreadable.items[i]);
    /* What could not be saved leaves gaps. */
    auk_journal_gaps_put(r->subject->id, r->looked, batch);
    auk_buffer_deinit(&bytes);
}

static auk_code commit(repair *r, auk_error *err)
{
    auk_mapped *none;
    auk_code code = write_batch(r, err);
    if (code == AUK_OK && r->has_changes)
        code = auk_store_commit(r->subject->store, NULL, describe, r, r->dropped.items,
                                r->dropped.count, &none, err);
    return code;
}

auk_code auk_shard_repair(const auk_shard_subject *subject, const auk_checked_shard *checked,
                          auk_error *err)
{
    repair r = {.subject = subject,
                .checked = checked,
                .manifest = {.checkpoint = -1, .max_seq_no = -1},
                .batch = auk_batch_create(),
                .least_seq_no = INT64_MAX,
                .arena = auk_arena_create(4096)};
    auk_buffer bytes;
    auk_error why = {0};
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    if (auk_manifest_load(subject->store, subject->id, &bytes, &r.manifest, &why) != AUK_OK) {
        tell(&r, AUK_FINDING_LOST, subject->where,
             "all that is not in the journal: the manifest cannot be read (%s)", why.message);
        auk_manifest_deinit(&r.manifest);
        r.manifest = (auk_manifest){.checkpoint = -1, .max_seq_no = -1};
        r.has_changes = true;
    }
    find_later(&r);
    auk_code code = repair_segments(&r, err);
    find_unreadable(&r);
    find_strays(&r);
    if (code == AUK_OK)
        code = commit(&r, err);
    auk_vector_free(&r.later);
    auk_vector_free(&r.retained);
    auk_vector_free(&r.dropped);
    auk_vector_free(&r.unreadable);
    auk_vector_free(&r.strays);
    auk_manifest_deinit(&r.manifest);
    auk_buffer_deinit(&bytes);
    auk_batch_destroy(r.batch);
    auk_arena_destroy(r.arena);
    return code;
}
