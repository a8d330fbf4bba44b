/* Any JSON as the settings of an index, as aliases, as the record of an index; any text as a file
 * of settings of the process, as a duration or size, as a list of names. */
#include <stdio.h>
#include <stdlib.h>
#include <unistd.h>

#include "auk/option.h"
#include "auk/units.h"
#include "catalog_private.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static void read_json(auk_span text, auk_arena *arena)
{
    const auk_json *json;
    auk_error err;
    auk_alias alias;
    auk_definition *definition;
    if (auk_json_parse(text, arena, &json, &err) != AUK_OK)
        return;
    auk_settings *settings = auk_settings_create();
    if (json->type == AUK_JSON_OBJECT &&
        auk_index_settings_from_json(json, settings, &err) == AUK_OK &&
        auk_index_settings_check(settings, &err) == AUK_OK) {
        (void)auk_index_settings_shards(settings);
        (void)auk_index_settings_async(settings);
    }
    auk_settings_destroy(settings);
    (void)!auk_alias_read(AUK_SPAN("a"), json, &alias, &err);
    if (auk_definition_read(AUK_SPAN("i"), text, &definition, &err) == AUK_OK)
        auk_definition_release(definition);
    (void)!auk_index_name_check(text, &err);
}

static void read_file(auk_span text)
{
    static const auk_option rows[] = {
        {.name = "data", .form = "DIR", .kind = AUK_OPTION_TEXT, .in_file = true},
        {.name = "memory",
         .form = "SIZE",
         .kind = AUK_OPTION_SIZE,
         .most = 1 << 30,
         .in_file = true},
        {.name = "idle", .form = "TIME", .kind = AUK_OPTION_TIME, .most = 1 << 30, .in_file = true},
        {.name = "http", .form = "HOST", .kind = AUK_OPTION_ADDRESS, .in_file = true},
    };
    static char path[] = "/tmp/auk-fuzz-yaml-XXXXXX";
    static int fd = -1;
    auk_options options;
    auk_error err;
    char here[64];
    if (fd < 0 && (fd = mkstemp(path)) >= 0)
        (void)unlink(path);
    (void)snprintf(here, sizeof here, "/proc/self/fd/%d", fd);
    if (ftruncate(fd, 0) != 0 || pwrite(fd, text.data, text.size, 0) != (ssize_t)text.size)
        abort();
    auk_options_init(&options, rows, sizeof rows / sizeof *rows);
    (void)!auk_options_read_file(&options, here, &err);
    for (size_t i = 0; i < sizeof rows / sizeof *rows; i++)
        (void)!auk_options_set(&options, i, AUK_FROM_FLAG, text, "fuzz", &err);
    auk_options_deinit(&options);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_span text = auk_span_make(size ? (const char *)data : "", size);
    read_json(text, arena);
    read_file(text);
    auk_arena_destroy(arena);
    return 0;
}
