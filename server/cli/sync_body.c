#include "sync_body.h"

#include <stdio.h>
#include <string.h>

#include "client.h"

/* conninfos may hold a password: then it is in the history of the shell and in lists of processes.
 */
static void warn_of_password(const char *connection)
{
    const char *at = strstr(connection, "://");
    const char *host = at ? strchr(at, '@') : NULL;
    const char *colon = at ? strchr(at + 3, ':') : NULL;
    if ((host && colon && colon < host) || strstr(connection, "password="))
        (void)fprintf(stderr, "auk sync: a password among the arguments is seen by others; take "
                              "--password-file or --password-env\n");
}

static void write_tables(const char *list, auk_json_writer *out)
{
    auk_span names = auk_span_of(list), one;
    auk_json_member_array(out, strchr(list, '*') ? "include" : "tables");
    while (auk_span_cut(&names, ',', &one))
        auk_json_string(out, one);
    auk_json_end_array(out);
}

static void write_text(const char *name, const char *text, auk_json_writer *out)
{
    if (text)
        auk_json_member_text(out, name, text);
}

/* Of the file, what is not said. */
static void write_rest(const auk_json *config, const char *connection, auk_json_writer *out)
{
    for (const auk_json *m = config->child; m; m = m->next) {
        if (connection && auk_span_is(m->key, "connection"))
            continue;
        auk_json_key(out, m->key);
        auk_json_value(out, m);
    }
}

auk_code auk_sync_write_body(const auk_sync_words *words, auk_arena *arena, auk_buffer *body,
                             auk_error *err)
{
    auk_buffer file;
    auk_json_writer out;
    const auk_json *config = NULL;
    const char *path = words->config;
    auk_buffer_init(&file, AUK_BUFFER_NO_LIMIT);
    if (words->connection)
        warn_of_password(words->connection);
    auk_code code = path ? auk_client_read_file(path, &file, err) : AUK_OK;
    if (code == AUK_OK && path)
        code = auk_json_parse(auk_buffer_span(&file), arena, &config, err);
    if (code == AUK_OK && config && config->type != AUK_JSON_OBJECT)
        code = auk_fail(err, AUK_INVALID, "%s holds no JSON object", path);
    auk_json_writer_init(&out, body, false);
    auk_json_begin_object(&out);
    write_text("connection", words->connection, &out);
    if (code == AUK_OK && config)
        write_rest(config, words->connection, &out);
    if (words->table)
        write_tables(words->table, &out);
    write_text("index", words->index, &out);
    write_text("password_file", words->password_file, &out);
    write_text("password_env", words->password_env, &out);
    write_text("root", words->root, &out);
    auk_json_end_object(&out);
    auk_buffer_deinit(&file);
    return code;
}
