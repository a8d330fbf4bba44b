#include "version_edit.h"

#include <stdlib.h>

#include "auk/varint.h"

/* RocksDB's tags; all above SAFE_TO_SKIP carry their size. */
enum {
    TAG_COMPARATOR = 1,
    TAG_LOG_NUMBER = 2,
    TAG_NEXT_FILE = 3,
    TAG_LAST_SEQUENCE = 4,
    TAG_COMPACT_CURSOR = 5,
    TAG_DELETED_FILE = 6,
    TAG_PREVIOUS_LOG = 9,
    TAG_LEAST_LOG = 10,
    TAG_NEW_FILE = 103,
    TAG_FAMILY = 200,
    TAG_FAMILY_ADD = 201,
    TAG_FAMILY_DROP = 202,
    TAG_MOST_FAMILY = 203,
    TAG_ATOMIC_GROUP = 300,
    SAFE_TO_SKIP = 1 << 13,
    CUSTOM_END = 1
};

/* One edit, read. Its family may stand behind what is said of it. */
typedef struct edit {
    uint32_t family;
    bool adds_family, drops_family, has_log;
    auk_span name;
    uint64_t log_number, last_sequence, least_log;
} edit;

void version_state_init(version_state *state)
{
    *state = (version_state){0};
}

void version_state_deinit(version_state *state)
{
    free(state->files);
    free(state->families);
}

static void *grow(void *items, uint32_t count, uint32_t *capacity, size_t size)
{
    if (count < *capacity)
        return items;
    *capacity = *capacity ? 2 * *capacity : 16;
    void *grown = realloc(items, *capacity * size);
    if (grown == NULL)
        abort();
    return grown;
}

static void add_file(version_state *state, live_file file)
{
    state->files =
        grow(state->files, state->file_count, &state->file_capacity, sizeof *state->files);
    state->files[state->file_count++] = file;
}

static void remove_file(version_state *state, uint64_t number)
{
    for (uint32_t i = state->file_count; i-- > 0;) {
        if (state->files[i].number == number) {
            state->files[i] = state->files[--state->file_count];
            return;
        }
    }
}

static live_family *family_of(version_state *state, uint32_t number)
{
    for (uint32_t i = 0; i < state->family_count; i++) {
        if (state->families[i].number == number)
            return &state->families[i];
    }
    state->families = grow(state->families, state->family_count, &state->family_capacity,
                           sizeof *state->families);
    live_family *family = &state->families[state->family_count++];
    *family = (live_family){.number = number, .name = "default"};
    return family;
}

static void read_new_file(auk_reader *reader, live_file *file)
{
    auk_reader_varint(reader); /* level */
    file->number = auk_reader_varint(reader);
    file->size = auk_reader_varint(reader);
    auk_reader_sized(reader); /* smallest key */
    auk_reader_sized(reader); /* largest */
    auk_reader_varint(reader);
    auk_reader_varint(reader);
    while (!reader->failed && auk_reader_varint(reader) != CUSTOM_END)
        auk_reader_sized(reader);
}

/* Compactions list what they take and what they make in one edit, each number once: so the order
 * within it does not matter. */
static void read_field(version_state *state, auk_reader *reader, uint64_t tag, edit *out)
{
    live_file file = {.family = UINT32_MAX};
    switch (tag) {
    case TAG_COMPARATOR:
        auk_reader_sized(reader);
        break;
    case TAG_LOG_NUMBER:
        out->has_log = true;
        out->log_number = auk_reader_varint(reader);
        break;
    case TAG_LAST_SEQUENCE:
        out->last_sequence = auk_reader_varint(reader);
        break;
    case TAG_LEAST_LOG:
        out->least_log = auk_reader_varint(reader);
        break;
    case TAG_NEXT_FILE:
    case TAG_PREVIOUS_LOG:
    case TAG_MOST_FAMILY:
    case TAG_ATOMIC_GROUP:
        auk_reader_varint(reader);
        break;
    case TAG_COMPACT_CURSOR:
        auk_reader_varint(reader);
        auk_reader_sized(reader);
        break;
    case TAG_DELETED_FILE:
        auk_reader_varint(reader);
        remove_file(state, auk_reader_varint(reader));
        break;
    case TAG_NEW_FILE:
        read_new_file(reader, &file);
        if (!reader->failed)
            add_file(state, file);
        break;
    case TAG_FAMILY:
        out->family = (uint32_t)auk_reader_varint(reader);
        break;
    case TAG_FAMILY_ADD:
        out->adds_family = true;
        out->name = auk_reader_sized(reader);
        break;
    case TAG_FAMILY_DROP:
        out->drops_family = true;
        break;
    default:
        if (tag < SAFE_TO_SKIP)
            reader->failed = true;
        else
            auk_reader_sized(reader);
    }
}

void version_state_apply(version_state *state, auk_span bytes)
{
    edit read = {0};
    auk_reader reader = auk_reader_of(bytes);
    while (!reader.failed && auk_reader_left(&reader) > 0)
        read_field(state, &reader, auk_reader_varint(&reader), &read);
    if (reader.failed) {
        state->unknown = true;
        return;
    }
    if (read.last_sequence > state->last_sequence)
        state->last_sequence = read.last_sequence;
    if (read.least_log > state->least_log)
        state->least_log = read.least_log;
    live_family *family = family_of(state, read.family);
    if (read.adds_family && read.name.size < sizeof family->name) {
        memset(family->name, 0, sizeof family->name);
        memcpy(family->name, read.name.data, read.name.size);
    }
    family->dropped = family->dropped || read.drops_family;
    if (read.has_log)
        family->log_number = read.log_number;
    for (uint32_t i = 0; i < state->file_count; i++)
        if (state->files[i].family == UINT32_MAX)
            state->files[i].family = read.family;
}

uint64_t version_state_first_log(const version_state *state)
{
    uint64_t first = UINT64_MAX;
    for (uint32_t i = 0; i < state->family_count; i++) {
        const live_family *family = &state->families[i];
        if (!family->dropped && family->log_number < first)
            first = family->log_number;
    }
    if (state->unknown || first == UINT64_MAX)
        return 0;
    /* A family that has nothing to flush keeps its number in MANIFEST, while logs behind it go. */
    return first > state->least_log ? first : state->least_log;
}

uint64_t version_state_last_log(const version_state *state)
{
    uint64_t last = 0;
    for (uint32_t i = 0; i < state->family_count; i++)
        if (!state->families[i].dropped && state->families[i].log_number > last)
            last = state->families[i].log_number;
    return state->unknown ? 0 : last;
}

const live_file *version_state_find(const version_state *state, uint64_t number)
{
    for (uint32_t i = 0; i < state->file_count; i++)
        if (state->files[i].number == number)
            return &state->files[i];
    return NULL;
}

const char *version_state_family(const version_state *state, uint32_t number)
{
    for (uint32_t i = 0; i < state->family_count; i++)
        if (state->families[i].number == number)
            return state->families[i].name;
    return "?";
}
