/*
 * zone.c - finds zones by name and reads TZif files.
 *
 * Read of a file, version 2 or later (numbers big endian); the version 1 block in front is skipped:
 *
 *   "TZif" version 15 zero bytes, six be32 counts: isut, isstd, leap, time, type, char
 *   time x be64 transition moments | time x u8 type of what follows | type x (be32 offset, u8 dst,
 * u8 name) char bytes of names | leap x 12 | isstd | isut | '\n' POSIX rule '\n'
 */
#include "zone.h"

#include <fcntl.h>
#include <pthread.h>
#include <stdatomic.h>
#include <stdlib.h>
#include <unistd.h>

#include "auk/varint.h"
#include "tz_rule.h"

#define ZONE_FOLDER     "/usr/share/zoneinfo/"
#define NAME_LIMIT      64
#define FILE_LIMIT      (256 * 1024)
#define HEADER_SIZE     44
#define OFFSET_LIMIT_S  (26 * 3600)
#define TRANSITION_MOST 4096

struct auk_region {
    auk_region *next;
    char name[NAME_LIMIT + 1];
    auk_tz_rule rule;
    bool has_rule;
    int32_t first_s; /* offset ahead of the first transition */
    uint32_t count;
    int64_t *moments; /* ascending */
    int32_t *offsets; /* from that moment on */
};

/* ---- files ---- */

typedef struct counts {
    uint32_t isut, isstd, leap, time, type, text;
} counts;

static bool read_header(auk_span file, counts *out, char *version)
{
    if (file.size < HEADER_SIZE || memcmp(file.data, "TZif", 4) != 0)
        return false;
    *version = file.data[4];
    const char *at = file.data + 20;
    *out = (counts){auk_load_be32(at),      auk_load_be32(at + 4),  auk_load_be32(at + 8),
                    auk_load_be32(at + 12), auk_load_be32(at + 16), auk_load_be32(at + 20)};
    return out->time <= TRANSITION_MOST && out->type >= 1 && out->type <= 256 &&
           out->text <= 65536 && out->leap <= 4096 && out->isut <= 256 && out->isstd <= 256;
}

static size_t block_size(const counts *c, size_t time_size)
{
    return c->time * (time_size + 1) + c->type * 6 + c->text + c->leap * (time_size + 4) +
           c->isstd + c->isut;
}

static bool read_transitions(auk_region *region, auk_span block, const counts *c)
{
    const char *indexes = block.data + c->time * 8;
    const char *types = indexes + c->time;
    region->count = c->time;
    region->moments = calloc(c->time + 1, sizeof *region->moments);
    region->offsets = calloc(c->time + 1, sizeof *region->offsets);
    if (!region->moments || !region->offsets)
        return false;
    region->first_s = (int32_t)auk_load_be32(types);
    for (uint32_t i = 0; i < c->time; i++) {
        uint8_t type = (uint8_t)indexes[i];
        if (type >= c->type)
            return false;
        region->moments[i] = (int64_t)auk_load_be64(block.data + i * 8);
        region->offsets[i] = (int32_t)auk_load_be32(types + type * 6);
        if (i > 0 && region->moments[i] <= region->moments[i - 1])
            return false;
    }
    for (uint32_t i = 0; i < c->type; i++) {
        int32_t offset = (int32_t)auk_load_be32(types + i * 6);
        if (offset < -OFFSET_LIMIT_S || offset > OFFSET_LIMIT_S)
            return false;
    }
    return true;
}

static bool read_file_bytes(auk_region *region, auk_span file)
{
    counts c;
    char version;
    if (!read_header(file, &c, &version) || version < '2')
        return false;
    size_t skip = HEADER_SIZE + block_size(&c, 4);
    if (file.size < skip)
        return false;
    file = auk_span_from(file, skip);
    if (!read_header(file, &c, &version))
        return false;
    file = auk_span_from(file, HEADER_SIZE);
    size_t size = block_size(&c, 8);
    if (file.size < size || !read_transitions(region, file, &c))
        return false;

    auk_span footer = auk_span_from(file, size);
    if (footer.size < 2 || footer.data[0] != '\n' || footer.data[footer.size - 1] != '\n')
        return false;
    region->has_rule = footer.size > 2;
    auk_span rule = {footer.data + 1, footer.size - 2};
    return !region->has_rule || auk_tz_rule_parse(rule, &region->rule);
}

auk_code auk_region_create(auk_span name, auk_span file, auk_region **out, auk_error *err)
{
    auk_region *region = calloc(1, sizeof *region);
    if (!region || name.size > NAME_LIMIT) {
        free(region);
        return auk_fail(err, AUK_INVALID, "unknown time-zone ID: %.*s", AUK_SPAN_ARG(name));
    }
    memcpy(region->name, name.data, name.size);
    if (!read_file_bytes(region, file)) {
        auk_region_destroy(region);
        return auk_fail(err, AUK_INVALID, "time zone file of [%.*s] breaks its format",
                        AUK_SPAN_ARG(name));
    }
    *out = region;
    return AUK_OK;
}

void auk_region_destroy(auk_region *region)
{
    if (!region)
        return;
    free(region->moments);
    free(region->offsets);
    free(region);
}

/* ---- names ---- */

/* Only names that stay inside the folder. */
static bool is_region_name(auk_span name)
{
    if (name.size == 0 || name.size > NAME_LIMIT || name.data[0] == '/')
        return false;
    for (size_t i = 0; i < name.size; i++) {
        char c = name.data[i];
        bool plain = (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || (c >= '0' && c <= '9');
        if (!plain && c != '_' && c != '-' && c != '+' && c != '/')
            return false;
    }
    return true;
}

static auk_code load_region(auk_span name, auk_region **out, auk_error *err)
{
    char path[sizeof ZONE_FOLDER + NAME_LIMIT] = ZONE_FOLDER;
    memcpy(path + sizeof ZONE_FOLDER - 1, name.data, name.size);
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return auk_fail(err, AUK_INVALID, "Unknown time-zone ID: %.*s", AUK_SPAN_ARG(name));
    char *bytes = malloc(FILE_LIMIT);
    size_t size = 0;
    ssize_t got = 0;
    while (bytes && size < FILE_LIMIT && (got = read(fd, bytes + size, FILE_LIMIT - size)) > 0)
        size += (size_t)got;
    close(fd);
    auk_code code =
        got < 0 ? auk_fail(err, AUK_INVALID, "Unknown time-zone ID: %.*s", AUK_SPAN_ARG(name))
                : auk_region_create(name, auk_span_make(bytes, size), out, err);
    free(bytes);
    return code;
}

static _Atomic(auk_region *) regions;
static pthread_mutex_t regions_mutex = PTHREAD_MUTEX_INITIALIZER;

static const auk_region *find_loaded(auk_span name)
{
    for (auk_region *r = atomic_load_explicit(&regions, memory_order_acquire); r; r = r->next)
        if (auk_span_is(name, r->name))
            return r;
    return NULL;
}

static auk_code find_region(auk_span name, const auk_region **out, auk_error *err)
{
    *out = find_loaded(name);
    if (*out)
        return AUK_OK;
    if (!is_region_name(name))
        return auk_fail(err, AUK_INVALID,
                        "Invalid ID for region-based ZoneId, invalid format: %.*s",
                        AUK_SPAN_ARG(name));
    pthread_mutex_lock(&regions_mutex);
    auk_code code = AUK_OK;
    *out = find_loaded(name);
    if (!*out) {
        auk_region *loaded = NULL;
        code = load_region(name, &loaded, err);
        if (code == AUK_OK) {
            loaded->next = atomic_load_explicit(&regions, memory_order_relaxed);
            atomic_store_explicit(&regions, loaded, memory_order_release);
            *out = loaded;
        }
    }
    pthread_mutex_unlock(&regions_mutex);
    return code;
}

static bool two_digits(const char *at, const char *end, int most, int *out)
{
    if (end - at < 2 || at[0] < '0' || at[0] > '9' || at[1] < '0' || at[1] > '9')
        return false;
    *out = (at[0] - '0') * 10 + (at[1] - '0');
    return *out <= most;
}

size_t auk_zone_scan_offset(auk_span text, int32_t *offset_s)
{
    if (text.size < 2 || (text.data[0] != '+' && text.data[0] != '-'))
        return 0;
    const char *at = text.data + 1, *end = text.data + text.size;
    int hours, minutes = 0, seconds = 0;
    if (two_digits(at, end, 18, &hours)) {
        at += 2;
        bool colon = at < end && *at == ':';
        if (two_digits(at + colon, end, 59, &minutes)) {
            at += colon + 2;
            if ((at < end && *at == ':') == colon && two_digits(at + colon, end, 59, &seconds))
                at += colon + 2;
        } else {
            minutes = 0;
        }
    } else if (*at >= '0' && *at <= '9' && (end - at == 1 || at[1] < '0' || at[1] > '9')) {
        hours = *at++ - '0';
    } else {
        return 0;
    }
    int32_t total = hours * 3600 + minutes * 60 + seconds;
    *offset_s = text.data[0] == '-' ? -total : total;
    return (size_t)(at - text.data);
}

auk_code auk_zone_find(auk_span name, auk_zone *out, auk_error *err)
{
    *out = AUK_ZONE_UTC;
    if (name.size == 0 || auk_span_is(name, "Z") || auk_span_is(name, "z"))
        return AUK_OK;
    auk_span rest = name;
    static const char *const prefixes[] = {"UTC", "GMT", "UT"};
    for (size_t i = 0; i < 3; i++)
        if (auk_span_starts_with(name, auk_span_of(prefixes[i]))) {
            rest = auk_span_from(name, strlen(prefixes[i]));
            break;
        }
    if (rest.size == 0)
        return AUK_OK;
    if (auk_zone_scan_offset(rest, &out->offset_s) == rest.size)
        return AUK_OK;
    *out = AUK_ZONE_UTC;
    return find_region(name, &out->region, err);
}

/* ---- offsets ---- */

int32_t auk_zone_offset_s(auk_zone zone, int64_t utc_s)
{
    const auk_region *region = zone.region;
    if (!region)
        return zone.offset_s;
    if (region->count == 0 || utc_s >= region->moments[region->count - 1]) {
        if (region->has_rule)
            return auk_tz_rule_offset_s(&region->rule, utc_s);
        return region->count ? region->offsets[region->count - 1] : region->first_s;
    }
    if (utc_s < region->moments[0])
        return region->first_s;
    uint32_t low = 0, high = region->count - 1; /* moments[low] <= utc_s < moments[high] */
    while (high - low > 1) {
        uint32_t middle = low + (high - low) / 2;
        if (region->moments[middle] <= utc_s)
            low = middle;
        else
            high = middle;
    }
    return region->offsets[low];
}

int64_t auk_zone_local_to_utc_s(auk_zone zone, int64_t local_s)
{
    if (!zone.region)
        return local_s - zone.offset_s;
    /* The offsets that hold a day before and after bracket any single jump. */
    int32_t before = auk_zone_offset_s(zone, local_s - 86400);
    int32_t after = auk_zone_offset_s(zone, local_s + 86400);
    int64_t earlier = local_s - before;
    if (auk_zone_offset_s(zone, earlier) == before)
        return earlier;
    int64_t later = local_s - after;
    if (auk_zone_offset_s(zone, later) == after)
        return later;
    return earlier; /* skipped local time: the old offset lands past the jump by what is left of it
                     */
}
