#include <stdatomic.h>
#include <stdlib.h>

#include "auk/hash.h"
#include "auk/segment.h"

#include "column.h"
#include "guard.h"
#include "id_filter.h"
#include "meta.h"
#include "stored.h"
#include "terms_reader.h"
#include "tombstones.h"

/* More values than any segment of AUK_DOC_LIMIT documents is made of. */
#define VALUE_LIMIT (1u << 24)

/* What there is of one field, by rising number. */
typedef struct segment_field {
    uint16_t number;
    const auk_terms *terms;
    const uint8_t *norms;
    auk_column *column;
} segment_field;

struct auk_segment {
    atomic_uint holders;
    void (*release)(void *);
    void *owner;
    auk_arena *arena; /* of all that open makes */

    const auk_value *values; /* as given */
    uint32_t value_count;
    uint64_t bytes;
    auk_meta meta;

    /* The same values by (kind, field, part), and their bytes alone, so that the parts of one thing
     * are an array. */
    auk_value *sorted;
    auk_span *spans;

    segment_field *fields;
    uint32_t field_count;
    auk_guard guard;
    const auk_span *id_filter_value; /* NULL: none */
    auk_stored *stored;              /* NULL: keeps no documents */
    auk_id_filter id_filter;
    auk_tombstones tombstones;
};

/* ---- the table of values ---- */

static auk_code check_table(auk_segment *segment, bool rescue, auk_error *err)
{
    const auk_value *values = segment->values;
    uint32_t count = segment->value_count;
    if (count < 2 || count > VALUE_LIMIT || values[0].kind != AUK_KIND_HEAD ||
        values[count - 1].kind != AUK_KIND_META)
        return auk_fail(err, AUK_CORRUPT,
                        "these %u values do not begin with HEAD and end with META", count);
    auk_code code = rescue ? AUK_OK : auk_head_check(values[0].bytes, err);
    if (code == AUK_OK)
        code = auk_meta_read(values[count - 1].bytes, &segment->meta, err);
    if (code != AUK_OK)
        return code;
    if (segment->meta.value_count != count - 1)
        return auk_fail(err, AUK_CORRUPT, "the segment has %u values, META names %u", count - 1,
                        segment->meta.value_count);
    if (segment->meta.doc_count > AUK_DOC_LIMIT)
        return auk_fail(err, AUK_CORRUPT, "META names %u documents", segment->meta.doc_count);
    for (uint32_t i = 0; i + 1 < count; i++) {
        auk_meta_value named = auk_meta_value_at(&segment->meta, i);
        if (values[i].kind != named.kind || values[i].field != named.field ||
            values[i].part != named.part || values[i].bytes.size != named.size)
            return auk_fail(err, AUK_CORRUPT, "value %u of the segment is not what META names", i);
        segment->bytes += named.size;
    }
    segment->bytes += values[count - 1].bytes.size;
    return AUK_OK;
}

static int compare_values(const void *left, const void *right)
{
    const auk_value *a = left, *b = right;
    if (a->kind != b->kind)
        return a->kind < b->kind ? -1 : 1;
    if (a->field != b->field)
        return a->field < b->field ? -1 : 1;
    return (a->part > b->part) - (a->part < b->part);
}

static void sort_values(auk_segment *segment)
{
    uint32_t count = segment->value_count;
    segment->sorted = AUK_ARENA_ARRAY(segment->arena, auk_value, count);
    segment->spans = AUK_ARENA_ARRAY(segment->arena, auk_span, count);
    memcpy(segment->sorted, segment->values, count * sizeof *segment->sorted);
    qsort(segment->sorted, count, sizeof *segment->sorted, compare_values);
    for (uint32_t i = 0; i < count; i++)
        segment->spans[i] = segment->sorted[i].bytes;
}

/* First value that is not before (kind, field). */
static uint32_t lower_bound(const auk_segment *segment, uint8_t kind, uint16_t field)
{
    auk_value wanted = {.kind = kind, .field = field};
    uint32_t low = 0, high = segment->value_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (compare_values(&segment->sorted[middle], &wanted) < 0)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

/* The parts of one thing; false when one is missing or there twice. *count 0: there is no such
 * thing. */
static bool find_parts(const auk_segment *segment, uint8_t kind, uint16_t field,
                       const auk_span **parts, uint32_t *count)
{
    uint32_t first = lower_bound(segment, kind, field);
    *parts = segment->spans + first;
    *count = 0;
    for (uint32_t i = first; i < segment->value_count && segment->sorted[i].kind == kind &&
                             segment->sorted[i].field == field;
         i++, ++*count)
        if (segment->sorted[i].part != *count)
            return false;
    return true;
}

/* Of a thing that has one part: where its bytes are, or NULL. */
static auk_code find_single(const auk_segment *segment, uint8_t kind, uint16_t field,
                            const auk_span **value, auk_error *err)
{
    const auk_span *parts;
    uint32_t count;
    if (!find_parts(segment, kind, field, &parts, &count) || count > 1)
        return auk_fail(err, AUK_CORRUPT, "kind %u of field %u has an odd number of parts", kind,
                        field);
    *value = count ? parts : NULL;
    return AUK_OK;
}

/* ---- fields ---- */

static int compare_numbers(const void *left, const void *right)
{
    uint16_t a = *(const uint16_t *)left, b = *(const uint16_t *)right;
    return (a > b) - (a < b);
}

static bool belongs_to_field(uint8_t kind)
{
    return kind == AUK_KIND_TERM_INDEX || kind == AUK_KIND_TERM_BLOCKS || kind == AUK_KIND_NORMS ||
           kind == AUK_KIND_COLUMN;
}

/* The numbers of all fields, each once, ascending. */
static void list_fields(auk_segment *segment)
{
    uint16_t *numbers = AUK_ARENA_ARRAY(segment->arena, uint16_t, segment->value_count);
    uint32_t count = 0;
    for (uint32_t i = 0; i < segment->value_count; i++) {
        const auk_value *value = &segment->sorted[i];
        if (belongs_to_field(value->kind) && value->part == 0)
            numbers[count++] = value->field;
    }
    qsort(numbers, count, sizeof *numbers, compare_numbers);
    segment->fields = AUK_ARENA_ARRAY(segment->arena, segment_field, count);
    for (uint32_t i = 0; i < count; i++)
        if (i == 0 || numbers[i] != numbers[i - 1])
            segment->fields[segment->field_count++].number = numbers[i];
}

static auk_code open_norms(auk_segment *segment, segment_field *field, const auk_span **norms,
                           auk_error *err)
{
    auk_code code = find_single(segment, AUK_KIND_NORMS, field->number, norms, err);
    if (code != AUK_OK || *norms == NULL)
        return code;
    if ((*norms)->size != segment->meta.doc_count)
        return auk_fail(err, AUK_CORRUPT, "field %u has %zu norms for %u documents", field->number,
                        (*norms)->size, segment->meta.doc_count);
    field->norms = auk_span_bytes(**norms);
    return AUK_OK;
}

static auk_code open_terms(auk_segment *segment, segment_field *field, const auk_span *norms,
                           auk_error *err)
{
    auk_terms_values values = {.norms = norms ? *norms : (auk_span){0},
                               .norms_value = norms,
                               .doc_count = segment->meta.doc_count,
                               .guard = &segment->guard};
    auk_code code =
        find_single(segment, AUK_KIND_TERM_INDEX, field->number, &values.index_value, err);
    if (code != AUK_OK || values.index_value == NULL)
        return code;
    values.index = *values.index_value;
    if (!find_parts(segment, AUK_KIND_TERM_BLOCKS, field->number, &values.blocks,
                    &values.block_parts) ||
        !find_parts(segment, AUK_KIND_POSTINGS, 0, &values.postings, &values.postings_parts) ||
        !find_parts(segment, AUK_KIND_POSITIONS, 0, &values.positions, &values.positions_parts))
        return auk_fail(err, AUK_CORRUPT, "a part of the terms of field %u is missing",
                        field->number);
    return auk_terms_open(&values, segment->arena, &field->terms, err);
}

/* The column counts as well without them, so what is damaged is as if it were not there. */
static void open_ranks(auk_segment *segment, const segment_field *field)
{
    const auk_span *value;
    if (find_single(segment, AUK_KIND_RANKS, field->number, &value, NULL) == AUK_OK &&
        value != NULL)
        auk_column_rank(field->column, auk_ranks_open(value, &segment->guard, segment->arena));
}

static auk_code open_column(auk_segment *segment, segment_field *field, auk_error *err)
{
    const auk_span *parts;
    uint32_t count;
    if (!find_parts(segment, AUK_KIND_COLUMN, field->number, &parts, &count))
        return auk_fail(err, AUK_CORRUPT, "a part of the column is missing");
    if (count == 0)
        return AUK_OK;
    auk_code code =
        auk_column_open(parts, count, segment->meta.doc_count, segment->arena, &field->column, err);
    if (code != AUK_OK)
        return code;
    auk_column_doubt(field->column, &segment->guard);
    open_ranks(segment, field);
    return AUK_OK;
}

static auk_code open_field(auk_segment *segment, segment_field *field, auk_error *err)
{
    const auk_span *norms = NULL;
    auk_code code = open_norms(segment, field, &norms, err);
    if (code == AUK_OK)
        code = open_terms(segment, field, norms, err);
    if (code == AUK_OK)
        code = open_column(segment, field, err);
    return code == AUK_OK ? code : auk_wrap(err, code, "field %u", field->number);
}

static const segment_field *find_field(const auk_segment *segment, uint16_t number)
{
    uint32_t low = 0, high = segment->field_count;
    while (low < high) {
        uint32_t middle = low + (high - low) / 2;
        if (segment->fields[middle].number < number)
            low = middle + 1;
        else
            high = middle;
    }
    bool found = low < segment->field_count && segment->fields[low].number == number;
    return found ? &segment->fields[low] : NULL;
}

/* ---- open ---- */

static auk_code open_stored(auk_segment *segment, auk_error *err)
{
    const auk_span *index, *parts;
    uint32_t count;
    auk_code code = find_single(segment, AUK_KIND_STORED_INDEX, 0, &index, err);
    if (code != AUK_OK || index == NULL)
        return code;
    if (!find_parts(segment, AUK_KIND_STORED, 0, &parts, &count))
        return auk_fail(err, AUK_CORRUPT, "a part of the documents is missing");
    code = auk_stored_open(*index, parts, count, segment->meta.doc_count, segment->arena,
                           &segment->stored, err);
    if (code == AUK_OK)
        auk_stored_doubt(segment->stored, &segment->guard, index);
    return code;
}

static auk_code open_small_parts(auk_segment *segment, auk_error *err)
{
    const auk_span *tombstones = NULL;
    auk_code code =
        find_single(segment, AUK_KIND_ID_FILTER, AUK_FIELD_ID, &segment->id_filter_value, err);
    if (code == AUK_OK && segment->id_filter_value != NULL)
        code = auk_id_filter_open(*segment->id_filter_value, &segment->id_filter, err);
    if (code == AUK_OK)
        code = find_single(segment, AUK_KIND_TOMBSTONES, 0, &tombstones, err);
    if (code == AUK_OK && tombstones != NULL)
        code = auk_tombstones_open(*tombstones, &segment->tombstones, err);
    return code;
}

/* What does not open is left out. */
static void rescue_parts(auk_segment *segment)
{
    for (uint32_t i = 0; i < segment->field_count; i++) {
        const auk_span *norms = NULL;
        segment_field *field = &segment->fields[i];
        if (open_norms(segment, field, &norms, NULL) == AUK_OK &&
            open_terms(segment, field, norms, NULL) != AUK_OK)
            field->terms = NULL;
        if (open_column(segment, field, NULL) != AUK_OK)
            field->column = NULL;
    }
    if (open_stored(segment, NULL) != AUK_OK)
        segment->stored = NULL;
    if (open_small_parts(segment, NULL) != AUK_OK)
        segment->tombstones = (auk_tombstones){0};
}

static auk_code open_parts(auk_segment *segment, bool rescue, auk_error *err)
{
    auk_code code = check_table(segment, rescue, err);
    if (code != AUK_OK)
        return code;
    sort_values(segment);
    list_fields(segment);
    if (rescue) {
        rescue_parts(segment);
        return AUK_OK;
    }
    for (uint32_t i = 0; i < segment->field_count; i++) {
        code = open_field(segment, &segment->fields[i], err);
        if (code != AUK_OK)
            return code;
    }
    code = open_stored(segment, err);
    return code == AUK_OK ? open_small_parts(segment, err) : code;
}

static void destroy(auk_segment *segment)
{
    auk_stored_close(segment->stored);
    auk_arena_destroy(segment->arena);
    free(segment);
}

static auk_code open_segment(const auk_value *values, uint32_t count, void (*release)(void *),
                             void *owner, bool rescue, auk_segment **out, auk_error *err)
{
    auk_segment *segment = calloc(1, sizeof *segment);
    if (!segment)
        abort();
    atomic_init(&segment->holders, 1);
    segment->arena = auk_arena_create(4096);
    segment->values = values;
    segment->value_count = count;
    auk_code code = open_parts(segment, rescue, err);
    if (code != AUK_OK) {
        destroy(segment);
        return code;
    }
    segment->release = release;
    segment->owner = owner;
    *out = segment;
    return AUK_OK;
}

auk_code auk_segment_open(const auk_value *values, uint32_t count, void (*release)(void *),
                          void *owner, auk_segment **out, auk_error *err)
{
    return open_segment(values, count, release, owner, false, out, err);
}

auk_code auk_segment_open_rescue(const auk_value *values, uint32_t count, void (*release)(void *),
                                 void *owner, auk_segment **out, auk_error *err)
{
    return open_segment(values, count, release, owner, true, out, err);
}

/* ---- doubt ---- */

auk_code auk_segment_doubt(auk_segment *segment, const char *file, auk_segment_read read,
                           auk_error *err)
{
    uint32_t count = segment->value_count;
    uint32_t *checksums = AUK_ARENA_ARRAY(segment->arena, uint32_t, count);
    atomic_uchar *states = AUK_ARENA_ARRAY(segment->arena, atomic_uchar, count);
    for (uint32_t i = 0; i < count; i++) {
        atomic_init(&states[i], AUK_GUARD_UNSEEN);
        if (segment->sorted[i].kind == AUK_KIND_META || segment->sorted[i].kind == AUK_KIND_HEAD)
            atomic_init(&states[i], AUK_GUARD_SOUND); /* opening read them */
    }
    for (uint32_t i = 0; i + 1 < count; i++) {
        const auk_value *value = &segment->values[i];
        const auk_value *found =
            bsearch(value, segment->sorted, count, sizeof *value, compare_values);
        checksums[found - segment->sorted] = auk_meta_value_at(&segment->meta, i).checksum;
    }
    segment->guard =
        (auk_guard){.values = segment->sorted,
                    .spans = segment->spans,
                    .checksums = checksums,
                    .count = count,
                    .states = states,
                    .file =
                        auk_arena_copy(segment->arena, auk_span_make(file, strlen(file) + 1)).data,
                    .read = read,
                    .owner = segment->owner};
    const auk_span *tombstones = NULL;
    auk_code code = find_single(segment, AUK_KIND_TOMBSTONES, 0, &tombstones, err);
    if (code == AUK_OK && !auk_guard_passes(&segment->guard, tombstones))
        code = auk_guard_explain(&segment->guard, AUK_CORRUPT, err);
    return code;
}

auk_code auk_segment_explain(const auk_segment *segment, auk_code code, auk_error *err)
{
    return auk_guard_explain(&segment->guard, code, err);
}

/* The count is the one thing of a segment that changes; callers hold it const for all the rest. */
static auk_segment *counted(const auk_segment *segment)
{
    return (auk_segment *)(uintptr_t)segment;
}

auk_segment *auk_segment_acquire(const auk_segment *segment)
{
    atomic_fetch_add_explicit(&counted(segment)->holders, 1, memory_order_relaxed);
    return counted(segment);
}

void auk_segment_release(const auk_segment *segment)
{
    if (!segment)
        return;
    if (atomic_fetch_sub_explicit(&counted(segment)->holders, 1, memory_order_acq_rel) != 1)
        return;
    void (*release)(void *) = segment->release;
    void *owner = segment->owner;
    destroy(counted(segment));
    if (release)
        release(owner);
}

/* ---- ask ---- */

uint32_t auk_segment_doc_count(const auk_segment *segment)
{
    return segment->meta.doc_count;
}

uint64_t auk_segment_bytes(const auk_segment *segment)
{
    return segment->bytes;
}

int64_t auk_segment_max_seq_no(const auk_segment *segment)
{
    return segment->meta.max_seq_no;
}

const auk_value *auk_segment_values(const auk_segment *segment, uint32_t *count)
{
    *count = segment->value_count;
    return segment->values;
}

auk_code auk_segment_verify(const auk_segment *segment, auk_error *err)
{
    for (uint32_t i = 0; i + 1 < segment->value_count; i++) {
        const auk_value *value = &segment->values[i];
        if (auk_crc32c(0, value->bytes) != auk_meta_value_at(&segment->meta, i).checksum)
            return auk_fail(err, AUK_CORRUPT,
                            "value %u (kind %u, field %u, part %u) differs from its checksum", i,
                            value->kind, value->field, value->part);
    }
    /* META's own was compared when the segment was opened; the bytes may have changed since. */
    auk_meta meta;
    return auk_meta_read(segment->values[segment->value_count - 1].bytes, &meta, err);
}

const auk_terms *auk_segment_terms(const auk_segment *segment, uint16_t field)
{
    const segment_field *found = find_field(segment, field);
    return found ? found->terms : NULL;
}

const uint8_t *auk_segment_norms(const auk_segment *segment, uint16_t field)
{
    const segment_field *found = find_field(segment, field);
    return found ? found->norms : NULL;
}

const auk_column *auk_segment_column(const auk_segment *segment, uint16_t field)
{
    const segment_field *found = find_field(segment, field);
    return found ? found->column : NULL;
}

auk_code auk_segment_read_stored(const auk_segment *segment, auk_doc doc, auk_stored_cache *cache,
                                 auk_arena *arena, auk_stored_document *out, auk_error *err)
{
    if (!segment->stored)
        return auk_fail(err, AUK_NOT_FOUND, "the segment keeps no documents");
    auk_code code = auk_stored_read(segment->stored, doc, cache, arena, out, err);
    return auk_guard_explain(&segment->guard, code, err);
}

auk_code auk_segment_find_id(const auk_segment *segment, auk_span id, auk_doc *doc, bool *found,
                             auk_error *err)
{
    *found = false;
    const auk_terms *terms = auk_segment_terms(segment, AUK_FIELD_ID);
    if (!auk_guard_passes(&counted(segment)->guard, segment->id_filter_value))
        return auk_guard_explain(&segment->guard, AUK_CORRUPT, err);
    if (!terms || !auk_id_filter_may_hold(&segment->id_filter, id))
        return AUK_OK;
    auk_term term;
    auk_code code = auk_terms_find(terms, id, &term, found, err);
    if (code != AUK_OK || !*found)
        return code;
    if (term.doc_freq != 1 || term.single_doc >= segment->meta.doc_count)
        return auk_fail(err, AUK_CORRUPT, "an id of the segment has %u documents", term.doc_freq);
    *doc = term.single_doc;
    return AUK_OK;
}

uint32_t auk_segment_tombstone_count(const auk_segment *segment)
{
    return segment->tombstones.count;
}

auk_code auk_segment_tombstone(const auk_segment *segment, uint32_t index, auk_tombstone *out,
                               auk_error *err)
{
    return auk_tombstones_read(&segment->tombstones, index, out, err);
}
