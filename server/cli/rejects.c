#include "rejects.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

#include "auk/json.h"

void auk_rejects_init(auk_rejects *rejects, const char *path)
{
    *rejects = (auk_rejects){.path = path};
    (void)pthread_mutex_init(&rejects->mutex, NULL);
}

static uint64_t line_of(const char *text)
{
    static const char head[] = "{\"line\":";
    return strncmp(text, head, sizeof head - 1) == 0 ? strtoull(text + sizeof head - 1, NULL, 10)
                                                     : UINT64_MAX;
}

auk_code auk_rejects_keep(auk_rejects *rejects, uint64_t line, auk_error *err)
{
    FILE *old = fopen(rejects->path, "rbe");
    char *text = NULL;
    size_t capacity = 0;
    if (old == NULL)
        return AUK_OK;
    /* Beside it, under its own name only when whole. */
    char *building = NULL;
    if (asprintf(&building, "%s.new", rejects->path) < 0)
        abort();
    FILE *kept = fopen(building, "wbe");
    bool written = kept != NULL;
    for (ssize_t size; written && (size = getline(&text, &capacity, old)) > 0;)
        if (line_of(text) < line)
            written = fwrite(text, 1, (size_t)size, kept) == (size_t)size;
    free(text);
    (void)fclose(old);
    written = written && fflush(kept) == 0 && rename(building, rejects->path) == 0;
    free(building);
    rejects->file = kept;
    return written
               ? AUK_OK
               : auk_fail(err, AUK_IO, "cannot write \"%s\": %s", rejects->path, strerror(errno));
}

/* JSON as it stands, anything else as a string. */
static void write_member(auk_json_writer *writer, const char *key, auk_span text)
{
    const auk_json *parsed;
    auk_arena *arena = auk_arena_create(4096);
    if (text.size > 0 && auk_json_parse(text, arena, &parsed, NULL) == AUK_OK)
        auk_json_member_raw(writer, key, text);
    else if (text.size > 0)
        auk_json_member_string(writer, key, text);
    auk_arena_destroy(arena);
}

static void write_line(auk_rejects *rejects, auk_span line)
{
    if (rejects->file == NULL && rejects->failure.code == AUK_OK)
        rejects->file = fopen(rejects->path, "wbe");
    if (rejects->file != NULL && fwrite(line.data, 1, line.size, rejects->file) == line.size)
        return;
    if (rejects->failure.code == AUK_OK)
        auk_fail(&rejects->failure, AUK_IO, "cannot write \"%s\": %s", rejects->path,
                 strerror(errno));
}

void auk_rejects_add(auk_rejects *rejects, uint64_t line, int status, auk_span reason,
                     auk_span action, auk_span document)
{
    auk_buffer text;
    auk_json_writer writer;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &text, false);
    auk_json_begin_object(&writer);
    auk_json_member_uint(&writer, "line", line);
    if (status != 0)
        auk_json_member_int(&writer, "status", status);
    auk_json_member_string(&writer, "reason", reason);
    write_member(&writer, "action", action);
    write_member(&writer, "document", document);
    auk_json_end_object(&writer);
    auk_buffer_append_byte(&text, '\n');

    pthread_mutex_lock(&rejects->mutex);
    if (rejects->count++ == 0 || line < rejects->first_line) {
        rejects->first_line = line;
        (void)snprintf(rejects->first_reason, sizeof rejects->first_reason, "%.*s",
                       AUK_SPAN_ARG(reason));
    }
    write_line(rejects, auk_buffer_span(&text));
    pthread_mutex_unlock(&rejects->mutex);
    auk_buffer_deinit(&text);
}

auk_code auk_rejects_close(auk_rejects *rejects, auk_error *err)
{
    if (rejects->file != NULL && fclose(rejects->file) != 0 && rejects->failure.code == AUK_OK)
        auk_fail(&rejects->failure, AUK_IO, "cannot write \"%s\": %s", rejects->path,
                 strerror(errno));
    rejects->file = NULL;
    (void)pthread_mutex_destroy(&rejects->mutex);
    if (rejects->failure.code != AUK_OK && err != NULL)
        *err = rejects->failure;
    return rejects->failure.code;
}
