/* option.c - the set of values, and reading it from flags and environment. */
#include "auk/option.h"

#include <ctype.h>
#include <stdio.h>

#include "auk/log.h"
#include "auk/nearest.h"
#include "option_check.h"

#define VARIABLE_PREFIX AUK_SPAN("AUK_")
#define NAMES_LIMIT     64u

void auk_options_init(auk_options *options, const auk_option *rows, size_t count)
{
    *options = (auk_options){.rows = rows, .count = count, .arena = auk_arena_create(1024)};
    options->values = AUK_ARENA_ARRAY(options->arena, auk_option_value, count + 1);
    for (size_t i = 0; i < count; i++) {
        auk_error err = {0};
        if (rows[i].fallback != NULL &&
            auk_options_set(options, i, AUK_FROM_DEFAULT, auk_span_of(rows[i].fallback), "default",
                            &err) != AUK_OK)
            auk_fatal("%s", err.message);
    }
}

void auk_options_deinit(auk_options *options)
{
    auk_arena_destroy(options->arena);
    *options = (auk_options){0};
}

auk_code auk_options_set(auk_options *options, size_t row, auk_option_source source, auk_span text,
                         const char *where, auk_error *err)
{
    auk_option_value value = {.source = source};
    auk_code code = auk_option_check(&options->rows[row], text, where, &value, err);
    if (code != AUK_OK || source < options->values[row].source)
        return code;
    value.text = auk_arena_copy(options->arena, text).data;
    options->values[row] = value;
    return AUK_OK;
}

/* Flags are written with '-', variables in capitals; a name in the form of the file. */
static void fold(auk_span text, char *out, size_t capacity)
{
    size_t size = text.size < capacity - 1 ? text.size : capacity - 1;
    for (size_t i = 0; i < size; i++)
        out[i] = text.data[i] == '-' ? '_' : (char)tolower((unsigned char)text.data[i]);
    out[size] = '\0';
}

size_t auk_options_find(const auk_options *options, auk_span name)
{
    size_t i = 0;
    while (i < options->count && !auk_span_is(name, options->rows[i].name))
        i++;
    return i;
}

/* The row whose name is nearest, or count. */
static size_t find_nearest(const auk_options *options, auk_span name,
                           bool (*fits)(const auk_option *))
{
    auk_span names[NAMES_LIMIT];
    size_t count = 0;
    for (size_t i = 0; i < options->count && count < NAMES_LIMIT; i++)
        if (fits(&options->rows[i]))
            names[count++] = auk_span_of(options->rows[i].name);
    auk_span nearest = auk_nearest(name, names, count);
    return nearest.data == NULL ? options->count : auk_options_find(options, nearest);
}

/* ---- flags ---- */

static bool has_flag(const auk_option *row)
{
    (void)row;
    return true;
}

void auk_option_append_flag(auk_buffer *out, const auk_option *row)
{
    auk_buffer_append_text(out, "--");
    for (const char *c = row->name; *c != '\0'; c++)
        auk_buffer_append_byte(out, *c == '_' ? '-' : *c);
}

static auk_code refuse_flag(const auk_options *options, auk_span flag, auk_span name,
                            auk_error *err)
{
    auk_fail(err, AUK_INVALID, "unknown option \"%.*s\"", AUK_SPAN_ARG(flag));
    size_t nearest = find_nearest(options, name, has_flag);
    if (nearest < options->count) {
        char text[64] = {0};
        auk_buffer spelled;
        auk_buffer_init(&spelled, sizeof text - 1);
        auk_option_append_flag(&spelled, &options->rows[nearest]);
        auk_hint(err, "did you mean %.*s?", AUK_SPAN_ARG(auk_buffer_span(&spelled)));
        auk_buffer_deinit(&spelled);
    }
    return AUK_INVALID;
}

/* One flag at argv[*at]; moves *at past a value of its own. */
static auk_code read_flag(auk_options *options, int argc, const char *const *argv, int *at,
                          auk_error *err)
{
    auk_span whole = auk_span_of(argv[*at]);
    const char *equals = memchr(whole.data, '=', whole.size);
    auk_span flag = {whole.data, equals ? (size_t)(equals - whole.data) : whole.size};
    char name[64];
    fold(auk_span_from(flag, 2), name, sizeof name);
    size_t row = auk_options_find(options, auk_span_of(name));
    if (row == options->count || memchr(flag.data, '_', flag.size) != NULL)
        return refuse_flag(options, flag, auk_span_of(name), err);

    char where[80];
    (void)snprintf(where, sizeof where, "%.*s", AUK_SPAN_ARG(flag));
    auk_span value = AUK_SPAN("true");
    if (equals != NULL) {
        value = auk_span_from(whole, flag.size + 1);
    } else if (options->rows[row].kind != AUK_OPTION_SWITCH) {
        if (*at + 1 >= argc)
            return auk_option_fail(&options->rows[row], err, "%s needs a value", where);
        value = auk_span_of(argv[++*at]);
    }
    return auk_options_set(options, row, AUK_FROM_FLAG, value, where, err);
}

auk_code auk_options_read_flags(auk_options *options, int argc, const char *const *argv,
                                auk_error *err)
{
    auk_code code = AUK_OK;
    bool only_arguments = false;
    options->arguments =
        AUK_ARENA_ARRAY(options->arena, const char *, argc > 0 ? (size_t)argc + 1 : 1);
    for (int i = 0; i < argc && code == AUK_OK; i++) {
        if (only_arguments || argv[i][0] != '-' || argv[i][1] == '\0')
            options->arguments[options->argument_count++] =
                auk_arena_copy(options->arena, auk_span_of(argv[i])).data;
        else if (strcmp(argv[i], "--") == 0)
            only_arguments = true;
        else if (strcmp(argv[i], "--help") == 0 || strcmp(argv[i], "-h") == 0)
            options->wants_help = true;
        else if (argv[i][1] != '-')
            code = auk_fail(err, AUK_INVALID, "unknown option \"%s\"", argv[i]);
        else
            code = read_flag(options, argc, argv, &i, err);
    }
    return code;
}

/* ---- environment ---- */

static bool has_variable(const auk_option *row)
{
    return !row->flag_only;
}

void auk_option_append_variable(auk_buffer *out, const auk_option *row)
{
    auk_buffer_append(out, VARIABLE_PREFIX);
    for (const char *c = row->name; *c != '\0'; c++)
        auk_buffer_append_byte(out, (char)toupper((unsigned char)*c));
}

/* Variables that begin with AUK_ and are none of ours; a '*' at the end stands for anything. */
static bool is_foreign(auk_span name, const char *const *others)
{
    static const char *const foreign[] = {
        "BINARY",  "TEST_*",  "BENCH_*", "SOAK_*", "PORT", "PORT_*", "SERVICE_*",
#ifdef AUK_FAULT_POINTS
        "KILL_AT", "FAULT_*", /* fault_point.h; where they do nothing they are refused */
#endif
        NULL,
    };
    const char *const *lists[] = {foreign, others};
    for (size_t l = 0; l < 2; l++) {
        for (const char *const *at = lists[l]; at != NULL && *at != NULL; at++) {
            auk_span pattern = auk_span_of(*at);
            bool open = pattern.data[pattern.size - 1] == '*';
            pattern.size -= open;
            if (open ? auk_span_starts_with(name, pattern) : auk_span_equal(name, pattern))
                return true;
        }
    }
    return false;
}

static auk_code refuse_variable(const auk_options *options, auk_span variable, auk_span name,
                                auk_error *err)
{
    auk_fail(err, AUK_INVALID, "unknown setting \"%.*s\" in the environment",
             AUK_SPAN_ARG(variable));
    size_t nearest = find_nearest(options, name, has_variable);
    if (nearest < options->count) {
        auk_buffer spelled;
        auk_buffer_init(&spelled, NAMES_LIMIT);
        auk_option_append_variable(&spelled, &options->rows[nearest]);
        auk_hint(err, "did you mean %.*s?", AUK_SPAN_ARG(auk_buffer_span(&spelled)));
        auk_buffer_deinit(&spelled);
    }
    return AUK_INVALID;
}

static auk_code read_variable(auk_options *options, auk_span entry, const char *const *others,
                              auk_error *err)
{
    const char *equals = memchr(entry.data, '=', entry.size);
    if (equals == NULL)
        return AUK_OK;
    auk_span variable = {entry.data, (size_t)(equals - entry.data)};
    auk_span rest = auk_span_from(variable, VARIABLE_PREFIX.size);
    char name[64];
    fold(rest, name, sizeof name);
    size_t row = auk_options_find(options, auk_span_of(name));
    if (row == options->count || !has_variable(&options->rows[row]))
        return is_foreign(rest, others)
                   ? AUK_OK
                   : refuse_variable(options, variable, auk_span_of(name), err);
    char where[80];
    size_t shown = variable.size < sizeof where ? variable.size : sizeof where - 1;
    memcpy(where, variable.data, shown);
    where[shown] = '\0';
    return auk_options_set(options, row, AUK_FROM_ENVIRONMENT,
                           auk_span_from(entry, variable.size + 1), where, err);
}

auk_code auk_options_read_environment(auk_options *options, const char *const *environment,
                                      const char *const *others, auk_error *err)
{
    auk_code code = AUK_OK;
    for (; environment != NULL && *environment != NULL && code == AUK_OK; environment++) {
        auk_span entry = auk_span_of(*environment);
        if (auk_span_starts_with(entry, VARIABLE_PREFIX))
            code = read_variable(options, entry, others, err);
    }
    return code;
}
