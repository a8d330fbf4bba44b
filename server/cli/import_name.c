#include "import_name.h"

#include <ctype.h>
#include <string.h>

#include "auk/json.h"

#define WORD_LEAST 4u

static bool drop_ending(auk_span *name, const char *ending)
{
    auk_span end = auk_span_of(ending);
    if (name->size <= end.size ||
        memcmp(name->data + name->size - end.size, end.data, end.size) != 0)
        return false;
    name->size -= end.size;
    return true;
}

auk_span auk_import_base_name(const char *path)
{
    const char *slash = strrchr(path, '/');
    auk_span name = auk_span_of(slash != NULL ? slash + 1 : path);
    (void)(drop_ending(&name, ".gz") || drop_ending(&name, ".zst"));
    return name;
}

void auk_import_append_index(auk_buffer *out, const char *path)
{
    auk_span name = strcmp(path, "-") == 0 ? AUK_SPAN("stdin") : auk_import_base_name(path);
    size_t before = out->size;
    const char *dot = name.size > 1 ? memrchr(name.data + 1, '.', name.size - 1) : NULL;
    if (dot != NULL)
        name.size = (size_t)(dot - name.data);
    for (size_t i = 0; i < name.size; i++) {
        char c = (char)tolower((unsigned char)name.data[i]);
        bool is_fine = isalnum((unsigned char)c) || auk_byte_among(c, "._-");
        if (out->size == before && !isalnum((unsigned char)c))
            continue; /* a name begins with a letter or a digit */
        auk_buffer_append_byte(out, is_fine ? c : '-');
    }
    if (out->size == before)
        auk_buffer_append_text(out, "import");
}

/* The next run between white space that is only letters; false at the end. */
static bool next_word(auk_span *text, auk_span *word)
{
    while (text->size > 0) {
        size_t size = 0;
        bool is_word = true;
        while (size < text->size && !isspace((unsigned char)text->data[size])) {
            is_word = is_word && isalpha((unsigned char)text->data[size]);
            size++;
        }
        *word = (auk_span){text->data, size};
        *text = auk_span_from(*text, size < text->size ? size + 1 : size);
        if (is_word && size >= WORD_LEAST)
            return true;
    }
    return false;
}

static size_t count_words(auk_span text)
{
    size_t count = 0;
    for (auk_span word; next_word(&text, &word);)
        count++;
    return count;
}

void auk_import_append_words(auk_buffer *out, auk_span document)
{
    const auk_json *parsed = NULL;
    auk_arena *arena = auk_arena_create(4096);
    auk_span best = {0};
    size_t most = 0;
    if (auk_json_parse(document, arena, &parsed, NULL) == AUK_OK &&
        parsed->type == AUK_JSON_OBJECT) {
        for (const auk_json *member = parsed->child; member != NULL; member = member->next) {
            size_t count = member->type == AUK_JSON_STRING ? count_words(member->text) : 0;
            if (count > most) {
                most = count;
                best = member->text;
            }
        }
    }
    auk_span word;
    for (int i = 0; i < 2 && next_word(&best, &word); i++) {
        if (i > 0)
            auk_buffer_append_byte(out, ' ');
        for (size_t k = 0; k < word.size; k++)
            auk_buffer_append_byte(out, (char)tolower((unsigned char)word.data[k]));
    }
    auk_arena_destroy(arena);
}

void auk_append_shell_word(auk_buffer *out, auk_span text)
{
    bool is_plain = text.size > 0;
    for (size_t i = 0; i < text.size; i++)
        is_plain = is_plain && (isalnum((unsigned char)text.data[i]) ||
                                auk_byte_among(text.data[i], "%+,-./:=@_"));
    if (is_plain) {
        auk_buffer_append(out, text);
        return;
    }
    auk_buffer_append_byte(out, '\'');
    for (size_t i = 0; i < text.size; i++) {
        if (text.data[i] == '\'')
            auk_buffer_append_text(out, "'\\''");
        else
            auk_buffer_append_byte(out, text.data[i]);
    }
    auk_buffer_append_byte(out, '\'');
}
