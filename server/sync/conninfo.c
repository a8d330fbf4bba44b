/* The conninfo or URL of a source with what other members of its configuration add. */
#include <errno.h>
#include <fcntl.h>
#include <stdlib.h>
#include <unistd.h>

#include "source.h"

#define PASSWORD_MOST 4096

static bool is_url(auk_span text)
{
    return auk_span_starts_with(text, AUK_SPAN("postgres://")) ||
           auk_span_starts_with(text, AUK_SPAN("postgresql://"));
}

static void append_encoded(auk_buffer *out, auk_span value)
{
    static const char plain[] =
        "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-._~";
    for (size_t i = 0; i < value.size; i++) {
        if (auk_byte_among(value.data[i], plain))
            auk_buffer_append_byte(out, value.data[i]);
        else
            auk_buffer_printf(out, "%%%02X", (unsigned)(uint8_t)value.data[i]);
    }
}

static void append_quoted(auk_buffer *out, auk_span value)
{
    auk_buffer_append_byte(out, '\'');
    for (size_t i = 0; i < value.size; i++) {
        if (auk_byte_among(value.data[i], "'\\"))
            auk_buffer_append_byte(out, '\\');
        auk_buffer_append_byte(out, value.data[i]);
    }
    auk_buffer_append_byte(out, '\'');
}

static void add(auk_buffer *out, const char *name, auk_span value)
{
    if (value.size == 0)
        return;
    if (!is_url(auk_buffer_span(out))) {
        auk_buffer_printf(out, " %s=", name);
        append_quoted(out, value);
        return;
    }
    bool first = !memchr(out->data, '?', out->size);
    auk_buffer_printf(out, "%c%s=", first ? '?' : '&', name);
    append_encoded(out, value);
}

static auk_code read_file(auk_span path, auk_arena *arena, auk_span *out, auk_error *err)
{
    char text[PASSWORD_MOST];
    int file = open(path.data, O_RDONLY | O_CLOEXEC);
    ssize_t size = file >= 0 ? read(file, text, sizeof text) : -1;
    int number = errno;
    if (file >= 0)
        close(file);
    if (size < 0)
        return auk_fail(err, AUK_INVALID, "cannot read [password_file] [%.*s]: %s",
                        AUK_SPAN_ARG(path), strerrordesc_np(number));
    while (size > 0 && auk_byte_among(text[size - 1], "\r\n"))
        size--;
    *out = auk_arena_copy(arena, auk_span_make(text, (size_t)size));
    return AUK_OK;
}

static auk_code read_password(const auk_sync_config *config, auk_arena *arena, auk_span *out,
                              auk_error *err)
{
    *out = AUK_SPAN("");
    if (config->password_file.size)
        return read_file(config->password_file, arena, out, err);
    if (config->password_env.size == 0)
        return AUK_OK;
    const char *value = getenv(config->password_env.data);
    if (!value)
        return auk_fail(err, AUK_INVALID,
                        "the server's environment has no [%.*s], which [password_env] names",
                        AUK_SPAN_ARG(config->password_env));
    *out = auk_arena_copy(arena, auk_span_of(value));
    return AUK_OK;
}

auk_code auk_source_conninfo(const auk_sync_config *config, auk_arena *arena, auk_span *out,
                             auk_error *err)
{
    auk_span password;
    auk_buffer text;
    auk_code code = read_password(config, arena, &password, err);
    if (code != AUK_OK)
        return code;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append(&text, config->connection);
    add(&text, "password", password);
    add(&text, "sslmode", config->sslmode);
    add(&text, "sslrootcert", config->sslrootcert);
    *out = auk_arena_copy(arena, auk_buffer_span(&text));
    auk_buffer_deinit(&text);
    return AUK_OK;
}
