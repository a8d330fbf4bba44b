/* What is written for SQL and for people: quoting, connection strings without their secrets. */
#include <libpq-fe.h>
#include <stdlib.h>

#include "auk/buffer.h"
#include "pg.h"

/* Between quotes, with the quotes in it doubled. */
static auk_span quoted(auk_span text, char quote, const char *before, auk_arena *arena)
{
    size_t lead = strlen(before), n = 0;
    char *out = (char *)auk_arena_alloc(arena, 2 * text.size + lead + 3);
    memcpy(out, before, lead);
    n = lead;
    out[n++] = quote;
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == quote || (quote == '\'' && text.data[i] == '\\'))
            out[n++] = text.data[i];
        out[n++] = text.data[i];
    }
    out[n++] = quote;
    out[n] = '\0';
    return auk_span_make(out, n);
}

auk_span auk_pg_identifier(auk_span name, auk_arena *arena)
{
    return quoted(name, '"', "", arena);
}

/* E'' only where there is a backslash: so it is read alike whatever the session's settings are. */
auk_span auk_pg_literal(auk_span text, auk_arena *arena)
{
    bool escaped = text.size > 0 && memchr(text.data, '\\', text.size);
    return quoted(text, '\'', escaped ? " E" : "", arena);
}

/* ---- connection strings ---- */

static bool is_url(auk_span conninfo)
{
    return auk_span_starts_with(conninfo, AUK_SPAN("postgres://")) ||
           auk_span_starts_with(conninfo, AUK_SPAN("postgresql://"));
}

static bool is_secret(auk_span key)
{
    return auk_span_is(key, "password") || auk_span_is(key, "passfile") ||
           auk_span_is(key, "sslpassword");
}

/* libpq's words quote what they stumble on, which may be a piece of a password: only those about
 * names of options are passed on. */
auk_code auk_pg_conninfo_check(const char *conninfo, auk_error *err)
{
    char *why = NULL;
    PQconninfoOption *options = PQconninfoParse(conninfo, &why);
    auk_code code = AUK_OK;
    if (!options) {
        auk_span words = auk_span_of(why ? why : "");
        while (words.size > 0 && words.data[words.size - 1] == '\n')
            words.size--;
        if (auk_span_starts_with(words, AUK_SPAN("invalid connection option")) ||
            auk_span_starts_with(words, AUK_SPAN("invalid URI query parameter")))
            code = auk_fail(err, AUK_INVALID, "[connection] cannot be read: %.*s",
                            AUK_SPAN_ARG(words));
        else
            code = auk_fail(err, AUK_INVALID,
                            "[connection] is neither a URL postgres://user@host/database nor a "
                            "list of key=value");
    }
    PQfreemem(why);
    PQconninfoFree(options);
    return code;
}

static void append_parameters(auk_span query, auk_buffer *out)
{
    char separator = '?';
    auk_span one;
    while (auk_span_cut(&query, '&', &one)) {
        auk_span rest = one, key;
        if (!auk_span_cut(&rest, '=', &key) || is_secret(key))
            continue;
        auk_buffer_append_byte(out, separator);
        auk_buffer_append(out, one);
        separator = '&';
    }
}

/* Cuts off the front what lies before the first of these characters; all when there is none. */
static auk_span cut_before(auk_span *rest, const char *characters)
{
    size_t size = 0;
    while (size < rest->size && !auk_byte_among(rest->data[size], characters))
        size++;
    auk_span part = auk_span_make(rest->data, size);
    *rest = auk_span_from(*rest, size);
    return part;
}

/* postgres://user:password@host/database?key=value */
static void append_url(auk_span url, auk_buffer *out)
{
    size_t scheme = (size_t)(strstr(url.data, "://") + 3 - url.data);
    auk_buffer_append(out, auk_span_make(url.data, scheme));
    auk_span rest = auk_span_from(url, scheme), after = rest;
    auk_span user = cut_before(&after, "@/"); /* as libpq looks for it */
    if (auk_span_starts_with(after, AUK_SPAN("@"))) {
        auk_buffer_append(out, cut_before(&user, ":"));
        rest = after;
    }
    auk_buffer_append(out, cut_before(&rest, "?"));
    if (rest.size)
        append_parameters(auk_span_from(rest, 1), out);
}

static void append_pairs(const PQconninfoOption *options, auk_buffer *out)
{
    for (; options->keyword; options++) {
        if (!options->val || is_secret(auk_span_of(options->keyword)))
            continue;
        auk_buffer_printf(out, "%s%s=", out->size ? " " : "", options->keyword);
        bool plain = *options->val && !strpbrk(options->val, " '\\");
        if (!plain)
            auk_buffer_append_byte(out, '\'');
        for (const char *at = options->val; *at; at++) {
            if (*at == '\'' || *at == '\\')
                auk_buffer_append_byte(out, '\\');
            auk_buffer_append_byte(out, *at);
        }
        if (!plain)
            auk_buffer_append_byte(out, '\'');
    }
}

auk_span auk_pg_conninfo_without_secrets(auk_span conninfo, auk_arena *arena)
{
    auk_span copy = auk_arena_copy(arena, conninfo); /* terminated */
    copy.size = strlen(copy.data);
    PQconninfoOption *options = PQconninfoParse(copy.data, NULL);
    if (!options)
        return (auk_span){0};
    auk_buffer out;
    auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
    if (is_url(copy))
        append_url(copy, &out);
    else
        append_pairs(options, &out);
    PQconninfoFree(options);
    auk_span text = auk_arena_copy(arena, auk_buffer_span(&out));
    auk_buffer_deinit(&out);
    return text;
}
