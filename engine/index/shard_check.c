#include "auk/shard_check.h"

#include <inttypes.h>
#include <stdio.h>

#include "auk/hash.h"
#include "auk/segment_check.h"
#include "auk/varint.h"

#include "journal_gaps.h"
#include "live.h"
#include "manifest.h"
#include "shard_open.h"

#define NUMBERS_MOST ((int64_t)1 << 33) /* sequence numbers that are looked at for twins */

typedef struct check {
    const auk_shard_subject *subject;
    auk_checked_shard *out;
    AUK_VECTOR(auk_opened_segment) opened; /* the sound ones, in the manifest's order */
    uint8_t *numbers;                      /* a bit a sequence number; NULL: too many */
    int64_t numbers_end;
    auk_arena *arena;
} check;

#define tell(c, kind, ...)                                                                         \
    auk_findings_add((c)->subject->findings, kind, (c)->subject->where, __VA_ARGS__)
#define damaged(c, ...) tell(c, AUK_FINDING_DAMAGE, __VA_ARGS__)

bool auk_shard_of_key(auk_span key, uint32_t *shard)
{
    *shard = key.size >= 4 ? auk_load_be32(key.data) : 0;
    return key.size >= 4;
}

static uint64_t damages(const check *c)
{
    return c->subject->findings->count[AUK_FINDING_DAMAGE];
}

/* ---- one segment ---- */

static void check_fields(const check *c, const auk_segment *segment, const char *where)
{
    uint32_t count;
    const auk_value *values = auk_segment_values(segment, &count);
    for (uint32_t i = 0; c->subject->mapping != NULL && i < count; i++) {
        uint16_t field = values[i].field;
        bool of_field =
            (values[i].kind == AUK_KIND_TERM_INDEX || values[i].kind == AUK_KIND_COLUMN) &&
            values[i].part == 0 && field >= AUK_FIELD_FIRST_USER;
        if (of_field && auk_mapping_by_number(c->subject->mapping, field) == NULL)
            auk_findings_add(c->subject->findings, AUK_FINDING_DAMAGE, where,
                             "field %u is not in the mapping", field);
    }
}

static void check_segment(check *c, const auk_manifest_segment *named)
{
    char where[320];
    auk_error err = {0};
    auk_opened_segment opened = {0};
    uint64_t before = damages(c);
    (void)snprintf(where, sizeof where, "%s segment %" PRIu64, c->subject->where, named->id);
    auk_findings_add(c->subject->findings, AUK_FINDING_STEP, where,
                     "%u documents, %" PRIu64 " bytes", named->doc_count, named->bytes);
    if (auk_opened_segment_open(c->subject->store, c->subject->id, named, false, &opened, &err) !=
        AUK_OK) {
        auk_findings_add(c->subject->findings, AUK_FINDING_DAMAGE, where, "%s", err.message);
    } else {
        auk_segment_check(opened.segment, where, c->subject->findings);
        check_fields(c, opened.segment, where);
        if (c->subject->with_files && !auk_store_is_file_sound(opened.path))
            auk_findings_add(c->subject->findings, AUK_FINDING_DAMAGE, where,
                             "its file is damaged between the values");
    }
    auk_checked_segment *checked = &c->out->segments[c->out->segment_count++];
    *checked = (auk_checked_segment){.id = named->id,
                                     .bytes = named->bytes,
                                     .doc_count = named->doc_count,
                                     .is_sound = damages(c) == before};
    if (opened.live != NULL)
        checked->deleted_count = named->doc_count - opened.live->live_count;
    c->out->live_count += named->doc_count - checked->deleted_count;
    c->out->deleted_count += checked->deleted_count;
    if (checked->is_sound)
        auk_vector_push(&c->opened, opened);
    else
        auk_opened_segment_close(&opened);
}

/* ---- segments against each other ---- */

static void check_number(check *c, int64_t seq_no, int64_t most)
{
    if (seq_no < 0 || seq_no > most) {
        damaged(c, "sequence number %" PRId64 " is above the manifest's greatest, %" PRId64, seq_no,
                most);
        return;
    }
    if (c->numbers == NULL || seq_no >= c->numbers_end)
        return;
    uint8_t bit = (uint8_t)(1u << (seq_no % 8));
    if (c->numbers[seq_no / 8] & bit)
        damaged(c, "sequence number %" PRId64 " was given twice", seq_no);
    c->numbers[seq_no / 8] |= bit;
}

/* Is the id live in a later segment too? */
static void check_twin(check *c, uint32_t at, auk_span id)
{
    for (uint32_t i = at + 1; i < c->opened.count; i++) {
        const auk_opened_segment *other = &c->opened.items[i];
        auk_doc doc;
        bool found = false;
        if (auk_segment_find_id(other->segment, id, &doc, &found, NULL) == AUK_OK && found &&
            auk_live_has(other->live, doc))
            damaged(c, "document [%.*s] is live in segment %" PRIu64 " and in segment %" PRIu64,
                    AUK_SPAN_ARG(id), c->opened.items[at].id, other->id);
    }
}

static void compare_segment(check *c, uint32_t at, int64_t max_seq_no)
{
    const auk_opened_segment *opened = &c->opened.items[at];
    const auk_column *column = auk_segment_column(opened->segment, AUK_FIELD_SEQ_NO);
    uint64_t before = damages(c);
    auk_stored_cache *cache = auk_stored_cache_create(c->arena);
    auk_column_cursor *cursor = column ? auk_column_cursor_open(column, c->arena) : NULL;
    for (uint32_t doc = 0; doc < auk_segment_doc_count(opened->segment); doc++) {
        const int64_t *values;
        auk_stored_document stored;
        if (damages(c) > before + 8)
            break; /* more of the same says nothing new */
        if (cursor != NULL && auk_column_cursor_values(cursor, doc, &values) == 1)
            check_number(c, values[0], max_seq_no);
        if (at + 1 < c->opened.count && auk_live_has(opened->live, doc) &&
            auk_segment_read_stored(opened->segment, doc, cache, NULL, &stored, NULL) == AUK_OK)
            check_twin(c, at, stored.id);
    }
    auk_arena_reset(c->arena);
}

static void compare_segments(check *c, const auk_manifest *manifest)
{
    c->numbers_end = manifest->max_seq_no + 1;
    if (c->numbers_end > 0 && c->numbers_end < NUMBERS_MOST)
        c->numbers = calloc(1, (size_t)c->numbers_end / 8 + 1);
    for (uint32_t i = 0; i < c->opened.count; i++)
        compare_segment(c, i, manifest->max_seq_no);
    free(c->numbers);
}

/* ---- the manifest ---- */

static bool is_named(const check *c, uint64_t segment)
{
    for (uint32_t i = 0; i < c->out->segment_count; i++)
        if (c->out->segments[i].id == segment)
            return true;
    return false;
}

/* Live documents of segments that the manifest does not name. */
static void check_live_keys(check *c)
{
    char from[4], to[AUK_LIVE_KEY_SIZE + 1];
    auk_span key, value;
    auk_error err = {0};
    auk_store_be32(from, c->subject->id);
    memset(to, 0xff, sizeof to);
    memcpy(to, from, sizeof from);
    auk_store_cursor *cursor =
        auk_store_scan(c->subject->store, AUK_FAMILY_COMMIT, auk_span_make(from, sizeof from),
                       auk_span_make(to, sizeof to));
    while (auk_store_cursor_next(cursor, &key, &value)) {
        bool is_live = key.size == AUK_LIVE_KEY_SIZE && key.data[4] == 'l';
        if (is_live && !is_named(c, auk_load_be64(key.data + 5)))
            damaged(c, "the store has a record of a segment that the shard does not have");
    }
    if (auk_store_cursor_status(cursor, &err) != AUK_OK)
        damaged(c, "%s", err.message);
    auk_store_cursor_close(cursor);
}

static void check_segments(check *c, const auk_manifest *manifest)
{
    c->out->checkpoint = manifest->checkpoint;
    c->out->max_seq_no = manifest->max_seq_no;
    c->out->segments = calloc(manifest->segments.count + 1, sizeof *c->out->segments);
    if (c->out->segments == NULL)
        abort();
    for (uint32_t i = 0; i < manifest->segments.count; i++)
        check_segment(c, &manifest->segments.items[i]);
    compare_segments(c, manifest);
    for (uint32_t i = 0; i < c->opened.count; i++)
        auk_opened_segment_close(&c->opened.items[i]);
}

/* ---- the journal ---- */

typedef struct journal_walk {
    auk_journal_gaps gaps;
    int64_t last; /* sequence number; -1: none yet */
    uint64_t holes, missing;
    int64_t first_hole;
} journal_walk;

/* Numbers that were given to writes which did not reach the journal before a crash. */
static void note_hole(journal_walk *walk, int64_t seq_no)
{
    if (walk->last < 0 || seq_no == walk->last + 1)
        return;
    if (walk->holes++ == 0)
        walk->first_hole = walk->last + 1;
    walk->missing += (uint64_t)(seq_no - walk->last - 1);
}

static auk_code check_entry(check *c, auk_span key, auk_span value, journal_walk *walk,
                            auk_error *err)
{
    auk_journal_reader reader;
    auk_journal_operation operation;
    bool end = false;
    auk_code code = auk_journal_reader_init(&reader, value, err);
    if (code == AUK_OK && (key.size != AUK_JOURNAL_KEY_SIZE ||
                           (int64_t)auk_load_be64(key.data + 4) != reader.header.first_seq_no))
        code = auk_fail(err, AUK_CORRUPT, "journal entry: lies under another's key");
    if (code == AUK_OK)
        auk_journal_gaps_note(&walk->gaps, &reader.header);
    while (code == AUK_OK &&
           (code = auk_journal_reader_next(&reader, &operation, &end, err)) == AUK_OK && !end) {
        if (operation.seq_no <= walk->last)
            return auk_fail(err, AUK_CORRUPT,
                            "journal entry: sequence number %" PRId64 " after %" PRId64,
                            operation.seq_no, walk->last);
        note_hole(walk, operation.seq_no);
        walk->last = operation.seq_no;
        c->out->journal_operations++;
    }
    return code;
}

static void check_journal(check *c)
{
    char from[AUK_JOURNAL_KEY_SIZE], to[AUK_JOURNAL_KEY_SIZE];
    auk_span key, value;
    auk_error err = {0};
    journal_walk walk = {.last = -1};
    if (auk_journal_gaps_init(&walk.gaps, c->subject->store, c->subject->id, c->out->checkpoint,
                              &err) != AUK_OK)
        damaged(c, "%s", err.message);
    auk_journal_key(c->subject->id, c->out->checkpoint + 1, from);
    auk_journal_key(c->subject->id, INT64_MAX, to);
    auk_store_cursor *cursor =
        auk_store_scan(c->subject->store, AUK_FAMILY_JOURNAL, auk_span_make(from, sizeof from),
                       auk_span_make(to, sizeof to));
    while (auk_store_cursor_next(cursor, &key, &value)) {
        c->out->journal_entries++;
        if (check_entry(c, key, value, &walk, &err) != AUK_OK)
            damaged(c, "%s", err.message);
    }
    if (auk_store_cursor_status(cursor, &err) != AUK_OK)
        damaged(c, "%s", err.message);
    auk_store_cursor_close(cursor);
    if (auk_journal_gaps_check(&walk.gaps, &err) != AUK_OK)
        damaged(c, "%s", err.message);
    else if (walk.holes > 0)
        tell(c, AUK_FINDING_NOTE,
             "the journal has no operation %" PRId64 " (%" PRIu64
             " in all): such numbers were given "
             "to writes that nobody was told of",
             walk.first_hole, walk.missing);
}

/* ---- all ---- */

void auk_shard_check(const auk_shard_subject *subject, auk_checked_shard *out)
{
    check c = {.subject = subject, .out = out, .arena = auk_arena_create(1 << 16)};
    auk_manifest manifest = {.checkpoint = -1, .max_seq_no = -1};
    auk_buffer bytes;
    auk_error err = {0};
    *out = (auk_checked_shard){.checkpoint = -1, .max_seq_no = -1};
    auk_buffer_init(&bytes, AUK_BUFFER_NO_LIMIT);
    if (auk_manifest_load(subject->store, subject->id, &bytes, &manifest, &err) != AUK_OK)
        damaged(&c, "%s", err.message);
    else
        check_segments(&c, &manifest);
    check_live_keys(&c);
    check_journal(&c);
    auk_vector_free(&c.opened);
    auk_manifest_deinit(&manifest);
    auk_buffer_deinit(&bytes);
    auk_arena_destroy(c.arena);
}

void auk_checked_shard_deinit(auk_checked_shard *checked)
{
    free(checked->segments);
    *checked = (auk_checked_shard){0};
}
