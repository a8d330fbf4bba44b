/* Files that settings name: words and rules, one a line. */
#include <errno.h>
#include <stdio.h>
#include <stdlib.h>

#include "auk/buffer.h"
#include "auk/log.h"
#include "auk/utf8.h"
#include "component.h"
#include "unicode.h"
#include "word_set.h"

enum { FILE_LIMIT = 64 << 20 };

static char *directory; /* written once, at start */

void auk_analysis_set_directory(auk_span path)
{
    free(directory);
    directory = strndup(path.data, path.size);
    if (!directory)
        auk_fatal("no memory for a path");
}

/* Below the directory: neither absolute nor upwards. */
static bool is_inside(auk_span path)
{
    if (path.size == 0 || path.data[0] == '/' || memchr(path.data, '\0', path.size))
        return false;
    auk_span part;
    while (auk_span_cut(&path, '/', &part))
        if (auk_span_is(part, ".."))
            return false;
    return true;
}

static auk_code read_file(FILE *file, auk_arena *arena, auk_span *out)
{
    auk_buffer buffer;
    auk_buffer_init(&buffer, FILE_LIMIT);
    char piece[4096];
    for (size_t size; (size = fread(piece, 1, sizeof piece, file)) > 0;)
        auk_buffer_append(&buffer, auk_span_make(piece, size));
    auk_code code = ferror(file) ? AUK_IO : auk_buffer_status(&buffer);
    *out = auk_arena_copy(arena, auk_buffer_span(&buffer));
    auk_buffer_deinit(&buffer);
    return code;
}

auk_code auk_definition_bytes(const auk_definition *definition, const char *path_key, auk_span *out,
                              auk_error *err)
{
    auk_span path = auk_definition_text(definition, path_key, AUK_SPAN(""));
    if (!directory || !is_inside(path))
        return auk_fail(err, AUK_INVALID, "file [%.*s] of [%.*s%s] is not below the %s",
                        AUK_SPAN_ARG(path), AUK_SPAN_ARG(definition->prefix), path_key,
                        "directory of configuration files");
    auk_span name = auk_arena_printf(definition->arena, "%s/%.*s", directory, AUK_SPAN_ARG(path));
    FILE *file = fopen(name.data, "re");
    if (!file)
        return auk_fail(err, AUK_INVALID, "IOException while reading %s: %.*s: %s", path_key,
                        AUK_SPAN_ARG(name), strerror(errno));
    auk_code code = read_file(file, definition->arena, out);
    int why = errno; /* a folder opens, and says what it is when it is read */
    fclose(file);
    if (code == AUK_IO)
        return auk_fail(err, AUK_INVALID, "IOException while reading %s: %.*s: %s", path_key,
                        AUK_SPAN_ARG(name), strerror(why));
    if (code != AUK_OK)
        return auk_fail(err, AUK_INVALID, "%s: %.*s is longer than %d bytes", path_key,
                        AUK_SPAN_ARG(name), FILE_LIMIT);
    return AUK_OK;
}

auk_code auk_definition_file(const auk_definition *definition, const char *path_key, auk_span *out,
                             auk_error *err)
{
    auk_code code = auk_definition_bytes(definition, path_key, out, err);
    if (code != AUK_OK || auk_utf8_valid(*out))
        return code;
    return auk_fail(err, AUK_INVALID,
                    "Unsupported character encoding detected while reading %s: %s/%.*s - files "
                    "must be UTF-8 encoded",
                    path_key, directory,
                    AUK_SPAN_ARG(auk_definition_text(definition, path_key, AUK_SPAN(""))));
}

auk_code auk_definition_folder(const auk_definition *definition, const char *name, auk_span *out,
                               auk_error *err)
{
    if (!directory)
        return auk_fail(err, AUK_INVALID, "there is no directory of configuration files");
    *out = auk_arena_printf(definition->arena, "%s/%s", directory, name);
    return AUK_OK;
}

static auk_span trim(auk_span line)
{
    while (line.size > 0 && (uint8_t)line.data[line.size - 1] <= ' ')
        line.size--;
    while (line.size > 0 && (uint8_t)line.data[0] <= ' ')
        line = auk_span_from(line, 1);
    return line;
}

static auk_span *split(auk_arena *arena, auk_span text, size_t *count)
{
    size_t lines = 1;
    for (size_t i = 0; i < text.size; i++)
        lines += text.data[i] == '\n';
    auk_span *list = AUK_ARENA_ARRAY(arena, auk_span, lines);
    auk_span line;
    *count = 0;
    while (auk_span_cut(&text, '\n', &line)) {
        line = trim(line);
        if (line.size > 0 && line.data[0] != '#')
            list[(*count)++] = line;
    }
    return list;
}

auk_code auk_definition_words(const auk_definition *definition, const char *key,
                              const char *path_key, auk_span **out, size_t *count, auk_error *err)
{
    *out = NULL;
    *count = 0;
    if (path_key && auk_definition_find(definition, path_key)) {
        auk_span text;
        auk_code code = auk_definition_file(definition, path_key, &text, err);
        if (code == AUK_OK)
            *out = split(definition->arena, text, count);
        return code;
    }
    if (auk_definition_find(definition, key))
        *out = auk_definition_list(definition, key, count);
    return AUK_OK;
}

auk_code auk_definition_set(const auk_definition *definition, const char *key, const char *path_key,
                            bool ignore_case, const auk_word_set **out, auk_error *err)
{
    auk_span *words;
    size_t count;
    *out = NULL;
    auk_code code = auk_definition_words(definition, key, path_key, &words, &count, err);
    if (code == AUK_OK && words)
        *out = auk_word_set_create(definition->arena, words, count, ignore_case);
    return code;
}

auk_code auk_definition_character(const auk_definition *definition, const char *key,
                                  uint32_t fallback, uint32_t *out, auk_error *err)
{
    *out = fallback;
    const auk_setting *setting = auk_definition_find(definition, key);
    if (!setting || setting->count == 0)
        return AUK_OK;
    auk_span text = setting->values[0];
    size_t bytes = auk_utf8_decode(text, out);
    if (bytes > 0 && bytes == text.size)
        return AUK_OK;
    return auk_fail(err, AUK_INVALID, "%s can only be a one char value", key);
}
