/* Any bytes as an edit of a MANIFEST, as records of a log, and as the location of a segment. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "auk/hash.h"
#include "log_file.h"
#include "store_private.h"
#include "version_edit.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void apply(void *context, auk_span bytes, uint64_t offset, bool behind_break)
{
    (void)offset;
    (void)behind_break;
    version_state_apply(context, bytes);
}

static void read_location(auk_span bytes)
{
    segment_location location;
    auk_value *values;
    auk_error err;
    char *sealed = malloc(bytes.size + 4);
    if (!sealed)
        abort();
    memcpy(sealed, bytes.data, bytes.size);
    uint32_t crc = auk_crc32c(0, bytes);
    memcpy(sealed + bytes.size, &crc, sizeof crc);
    if (location_decode(auk_span_make(sealed, bytes.size + 4), &location, &values, &err) == AUK_OK)
        free(values);
    free(sealed);
}

/* The log reader wants a file; the bytes as they are, and behind them as a record that is whole. */
static void read_log(auk_span bytes, version_state *state)
{
    static char path[] = "/tmp/auk-fuzz-log-XXXXXX";
    static int fd = -1;
    auk_error err;
    log_report report;
    if (fd < 0 && (fd = mkstemp(path)) >= 0)
        (void)unlink(path);
    char here[64];
    (void)snprintf(here, sizeof here, "/proc/self/fd/%d", fd);
    auk_buffer file;
    auk_buffer_init(&file, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append(&file, bytes);
    log_file_append(&file, bytes);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, file.data, file.size, 0) != (ssize_t)file.size ||
        log_file_read(here, SIZE_MAX, apply, state, &report, &err) != AUK_OK)
        abort();
    if (report.size != file.size || report.followed > report.records)
        abort();
    auk_buffer_deinit(&file);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    version_state state;
    auk_span bytes = auk_span_make(data, size);
    version_state_init(&state);
    version_state_apply(&state, bytes);
    read_log(bytes, &state);
    (void)version_state_first_log(&state);
    version_state_deinit(&state);
    read_location(bytes);
    return 0;
}
