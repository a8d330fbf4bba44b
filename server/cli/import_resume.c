#include "import_resume.h"

#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/random.h>
#include <unistd.h>

#include "auk/arena.h"
#include "auk/clock.h"
#include "auk/json.h"

#define FORMAT      1
#define WRITE_US    200000u
#define STATE_LIMIT 65536

/* ---- the file ---- */

static void append_state(const auk_import_resume *resume, bool done, auk_buffer *out)
{
    auk_json_writer writer;
    auk_json_writer_init(&writer, out, false);
    auk_json_begin_object(&writer);
    auk_json_member_int(&writer, "format", FORMAT);
    auk_json_member_string(&writer, "index", resume->index);
    auk_json_member_uint(&writer, "file_bytes", resume->file_bytes);
    auk_json_member_string(&writer, "modified", auk_span_of(resume->modified));
    auk_json_member_string(&writer, "token", auk_span_of(resume->token));
    auk_json_member_uint(&writer, "records", resume->records);
    auk_json_member_uint(&writer, "line", resume->line);
    auk_json_member_bool(&writer, "done", done);
    auk_json_end_object(&writer);
    auk_buffer_append_byte(out, '\n');
}

static bool sync_folder(const char *path)
{
    char *folder = strdup(path);
    char *slash = folder ? strrchr(folder, '/') : NULL;
    if (slash != NULL)
        slash[slash == folder] = '\0';
    FILE *open = fopen(slash != NULL ? folder : ".", "re");
    bool synced = open != NULL && fsync(fileno(open)) == 0;
    if (open != NULL)
        (void)fclose(open);
    free(folder);
    return synced;
}

static auk_code write_state(auk_import_resume *resume, bool done, auk_error *err)
{
    auk_buffer text, building;
    auk_buffer_init(&text, STATE_LIMIT);
    auk_buffer_init(&building, 2 * STATE_LIMIT);
    append_state(resume, done, &text);
    auk_buffer_printf(&building, "%s.new", resume->path.data);
    auk_buffer_append_byte(&building, '\0');
    FILE *file = fopen(building.data, "wbe");
    bool written = file != NULL && fwrite(text.data, 1, text.size, file) == text.size &&
                   fflush(file) == 0 && fsync(fileno(file)) == 0;
    if (file != NULL)
        written = fclose(file) == 0 && written;
    written =
        written && rename(building.data, resume->path.data) == 0 && sync_folder(resume->path.data);
    auk_code code = written ? AUK_OK
                            : auk_fail(err, AUK_IO, "cannot write \"%s\": %s", resume->path.data,
                                       strerror(errno));
    auk_buffer_deinit(&building);
    auk_buffer_deinit(&text);
    return code;
}

static bool read_file(const char *path, auk_buffer *out)
{
    FILE *file = fopen(path, "rbe");
    if (file == NULL)
        return false;
    char *into = auk_buffer_reserve(out, STATE_LIMIT);
    out->size = fread(into, 1, STATE_LIMIT, file);
    (void)fclose(file);
    return true;
}

static bool take_text(const auk_json *state, const char *key, char *out, size_t size)
{
    const auk_json *value = auk_json_get(state, key);
    if (value == NULL || value->type != AUK_JSON_STRING || value->text.size >= size)
        return false;
    (void)snprintf(out, size, "%.*s", AUK_SPAN_ARG(value->text));
    return true;
}

static bool take_count(const auk_json *state, const char *key, uint64_t *out)
{
    int64_t value = -1;
    if (!auk_json_to_int64(auk_json_get(state, key), &value) || value < 0)
        return false;
    *out = (uint64_t)value;
    return true;
}

/* ---- going on ---- */

static auk_code refuse(const auk_import_resume *resume, auk_error *err, const char *why)
{
    auk_fail(err, AUK_CONFLICT, "cannot go on from \"%s\": %s", resume->path.data, why);
    auk_hint(err, "remove that file to import everything from the beginning");
    return AUK_CONFLICT;
}

static auk_code read_state(auk_import_resume *resume, const auk_json *state, auk_error *err)
{
    char modified[sizeof resume->modified];
    uint64_t format = 0, bytes = 0;
    const auk_json *index = auk_json_get(state, "index");
    const auk_json *done = auk_json_get(state, "done");
    if (!take_count(state, "format", &format) || format != FORMAT ||
        !take_text(state, "token", resume->token, sizeof resume->token) ||
        !take_text(state, "modified", modified, sizeof modified) || resume->token[0] == '\0' ||
        !take_count(state, "file_bytes", &bytes) ||
        !take_count(state, "records", &resume->records) ||
        !take_count(state, "line", &resume->line) || index == NULL || done == NULL)
        return refuse(resume, err, "it is damaged, or of another version");
    if (bytes != resume->file_bytes || strcmp(modified, resume->modified) != 0)
        return refuse(resume, err, "the file has changed since its import began");
    if (!auk_span_equal(index->text, resume->index))
        return refuse(resume, err, "that import went to another index");
    resume->goes_on = true;
    resume->is_done = done->type == AUK_JSON_TRUE;
    return AUK_OK;
}

static auk_code go_on(auk_import_resume *resume, auk_span text, auk_error *err)
{
    const auk_json *state = NULL;
    auk_arena *arena = auk_arena_create(4096);
    auk_code code = auk_json_parse_own(text, arena, &state, NULL) == AUK_OK
                        ? read_state(resume, state, err)
                        : refuse(resume, err, "it is damaged");
    auk_arena_destroy(arena);
    return code;
}

/* Digits that stand for themselves in a URL and in JSON. */
static auk_code draw_token(auk_import_resume *resume, auk_error *err)
{
    static const char digits[] = "0123456789ABCDEFGHJKMNPQRSTVWXYZ";
    uint8_t bytes[16];
    if (getrandom(bytes, sizeof bytes, 0) != sizeof bytes)
        return auk_fail(err, AUK_IO, "no random numbers: %s", strerror(errno));
    for (size_t i = 0; i < sizeof bytes; i++)
        resume->token[i] = digits[bytes[i] % 32];
    resume->token[sizeof bytes] = '\0';
    return AUK_OK;
}

auk_code auk_import_resume_open(auk_import_resume *resume, const char *file,
                                const struct stat *status, auk_span index, auk_error *err)
{
    *resume = (auk_import_resume){.file_bytes = (uint64_t)status->st_size,
                                  .index = index,
                                  .line = 1,
                                  .written_us = auk_clock_monotonic_us()};
    (void)pthread_mutex_init(&resume->mutex, NULL);
    (void)snprintf(resume->modified, sizeof resume->modified, "%lld.%09ld",
                   (long long)status->st_mtim.tv_sec, status->st_mtim.tv_nsec);
    auk_buffer_init(&resume->path, STATE_LIMIT);
    auk_buffer_printf(&resume->path, "%s.import", file);
    auk_buffer_append_byte(&resume->path, '\0');
    auk_buffer text;
    auk_buffer_init(&text, 2 * STATE_LIMIT);
    auk_code code = AUK_OK;
    if (read_file(resume->path.data, &text)) {
        code = go_on(resume, auk_buffer_span(&text), err);
    } else {
        code = draw_token(resume, err);
        if (code == AUK_OK)
            code = write_state(resume, false, err);
    }
    auk_buffer_deinit(&text);
    return code;
}

/* ---- settling ---- */

/* Takes in what now follows without a gap. */
static void advance(auk_import_resume *resume)
{
    for (size_t i = 0; i < resume->ahead_count;) {
        if (resume->ahead[i].from != resume->records) {
            i++;
            continue;
        }
        resume->records = resume->ahead[i].to;
        resume->line = resume->ahead[i].line;
        resume->ahead[i] = resume->ahead[--resume->ahead_count];
        i = 0;
    }
}

void auk_import_resume_settle(auk_import_resume *resume, const auk_settled *batch)
{
    pthread_mutex_lock(&resume->mutex);
    if (resume->ahead_count == resume->ahead_capacity) {
        resume->ahead_capacity = resume->ahead_capacity ? 2 * resume->ahead_capacity : 16;
        resume->ahead = realloc(resume->ahead, resume->ahead_capacity * sizeof *resume->ahead);
        if (resume->ahead == NULL)
            abort();
    }
    resume->ahead[resume->ahead_count++] = *batch;
    advance(resume);
    uint64_t now_us = auk_clock_monotonic_us();
    if (now_us > resume->written_us + WRITE_US) {
        /* What is not written down is sent again: that costs time, nothing else. */
        if (resume->failure.code == AUK_OK)
            (void)!write_state(resume, false, &resume->failure);
        resume->written_us = auk_clock_monotonic_us();
    }
    pthread_mutex_unlock(&resume->mutex);
}

auk_code auk_import_resume_close(auk_import_resume *resume, bool done, auk_error *err)
{
    /* An interrupted import leaves its reader behind, which may still settle something: so nothing
     * is freed that it could touch. */
    pthread_mutex_lock(&resume->mutex);
    auk_code code = write_state(resume, done, err);
    pthread_mutex_unlock(&resume->mutex);
    return code;
}

void auk_import_resume_append_id(const auk_import_resume *resume, uint64_t record, auk_buffer *out)
{
    auk_buffer_printf(out, "%s-%" PRIu64, resume->token, record);
}
