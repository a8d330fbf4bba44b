#include "hunspell.h"

#include <dirent.h>
#include <errno.h>
#include <hunspell/hunspell.h>
#include <iconv.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/mman.h>
#include <unistd.h>

#include "auk/arena.h"
#include "auk/log.h"
#include "auk/utf8.h"
#include "scratch.h"
#include "unicode.h"

enum { MOST_FILES = 64, LONGEST_UTF8 = 250, LONGEST_BYTES = 99 };

struct auk_hunspell {
    auk_hunspell *next; /* of all that are open */
    unsigned users;
    char *key; /* folder and files */
    uint64_t id;
    bool ignore_case;
    pthread_mutex_t lock; /* of everything below */
    Hunhandle *handle;
    iconv_t to, from; /* the dictionary's encoding; unused when it is UTF-8 */
    bool utf8;
    auk_buffer word, converted;
};

static pthread_mutex_t all_lock = PTHREAD_MUTEX_INITIALIZER;
static auk_hunspell *all;

/* What a folder holds, before it is loaded. */
struct files {
    auk_arena *arena;
    auk_span folder;
    auk_span affix;
    auk_span dictionaries[MOST_FILES];
    size_t count;
    bool ignore_case;
};

static bool ends_with(auk_span name, const char *end)
{
    size_t size = strlen(end);
    return name.size > size && memcmp(name.data + name.size - size, end, size) == 0;
}

static bool is_wanted(auk_span name, const auk_span *only, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (auk_span_equal(only[i], name))
            return true;
    return count == 0;
}

static int compare_names(const void *a, const void *b)
{
    return auk_span_compare(*(const auk_span *)a, *(const auk_span *)b);
}

static auk_code take_file(struct files *files, auk_span name, auk_span locale, const auk_span *only,
                          size_t count, auk_error *err)
{
    if (ends_with(name, ".aff")) {
        if (files->affix.size > 0)
            return auk_fail(err, AUK_INVALID,
                            "Too many affix files exist for hunspell dictionary [%.*s]",
                            AUK_SPAN_ARG(locale));
        files->affix = auk_arena_copy(files->arena, name);
    } else if (ends_with(name, ".dic") && is_wanted(name, only, count)) {
        if (files->count == MOST_FILES)
            return auk_fail(err, AUK_INVALID, "more than %d files for hunspell dictionary [%.*s]",
                            MOST_FILES, AUK_SPAN_ARG(locale));
        files->dictionaries[files->count++] = auk_arena_copy(files->arena, name);
    }
    return AUK_OK;
}

static auk_code list_files(struct files *files, auk_span locale, const auk_span *only, size_t count,
                           auk_error *err)
{
    DIR *folder = opendir(files->folder.data);
    if (!folder)
        return auk_fail(err, AUK_INVALID, "Unknown hunspell dictionary for locale [%.*s]",
                        AUK_SPAN_ARG(locale));
    auk_code code = AUK_OK;
    for (struct dirent *entry; code == AUK_OK && (entry = readdir(folder));)
        code = take_file(files, auk_span_of(entry->d_name), locale, only, count, err);
    closedir(folder);
    if (code != AUK_OK)
        return code;
    if (files->affix.size == 0)
        return auk_fail(err, AUK_INVALID, "Missing affix file for hunspell dictionary [%.*s]",
                        AUK_SPAN_ARG(locale));
    if (files->count == 0 || (count > 0 && files->count < count))
        return auk_fail(err, AUK_INVALID, "Missing dictionary file for hunspell dictionary [%.*s]",
                        AUK_SPAN_ARG(locale));
    qsort(files->dictionaries, files->count, sizeof files->dictionaries[0], compare_names);
    return AUK_OK;
}

/* "ignore_case: true", one a line. */
static auk_code take_setting(struct files *files, auk_span line, auk_error *err)
{
    auk_span key, value = line;
    auk_span_cut(&value, ':', &key);
    while (value.size > 0 && (uint8_t)value.data[0] <= ' ')
        value = auk_span_from(value, 1);
    while (value.size > 0 && (uint8_t)value.data[value.size - 1] <= ' ')
        value.size--;
    files->ignore_case = auk_span_is(value, "true");
    if (auk_span_is(key, "ignore_case") && (files->ignore_case || auk_span_is(value, "false")))
        return AUK_OK;
    auk_fail(err, AUK_INVALID, "unsupported setting [%.*s] of a hunspell dictionary in [%.*s]",
             AUK_SPAN_ARG(line), AUK_SPAN_ARG(files->folder));
    auk_hint(err, "settings.yml may say [ignore_case: true] or [ignore_case: false]");
    return AUK_INVALID;
}

static auk_code read_settings(struct files *files, auk_error *err)
{
    auk_span name = auk_arena_printf(files->arena, "%s/settings.yml", files->folder.data);
    FILE *file = fopen(name.data, "re");
    if (!file)
        return AUK_OK;
    char line[256];
    auk_code code = AUK_OK;
    while (code == AUK_OK && fgets(line, sizeof line, file)) {
        auk_span text = auk_span_make(line, strcspn(line, "\r\n"));
        if (text.size > 0 && text.data[0] != '#' && !auk_span_is(text, "---"))
            code = take_setting(files, text, err);
    }
    fclose(file);
    return code;
}

/* Appends text in another encoding. False: it cannot be said there. */
static bool convert(iconv_t way, auk_span text, auk_buffer *out)
{
    size_t in_left = text.size, room = text.size * 4 + 16;
    char *bytes = auk_buffer_reserve(out, room), *at = bytes;
    if (!bytes)
        return false;
    union {
        const char *read;
        char *iconv_wants;
    } in = {text.data};
    iconv(way, NULL, NULL, NULL, NULL);
    if (iconv(way, &in.iconv_wants, &in_left, &at, &room) == (size_t)-1)
        return false;
    out->size += (size_t)(at - bytes);
    return true;
}

static void lower(auk_span word, auk_buffer *out)
{
    const char *end = word.data + word.size;
    for (const char *at = word.data; at < end;) {
        uint32_t character;
        char bytes[4];
        at += auk_unicode_next(at, end, &character);
        auk_buffer_append(out, auk_span_make(bytes,
                                             auk_utf8_encode(auk_unicode_lower(character), bytes)));
    }
}

/* The word of a dictionary's line in lower case, in the dictionary's encoding. */
static void write_lowered(auk_hunspell *hunspell, auk_span line, auk_buffer *out)
{
    size_t size = 0;
    while (size < line.size && line.data[size] != '/' && line.data[size] != '\t' &&
           line.data[size] != '\r')
        size++;
    auk_span word = auk_span_make(line.data, size);
    size_t before = out->size;
    auk_buffer_reset(&hunspell->word);
    auk_buffer_reset(&hunspell->converted);
    bool good = hunspell->utf8 || convert(hunspell->from, word, &hunspell->converted);
    if (good)
        lower(hunspell->utf8 ? word : auk_buffer_span(&hunspell->converted), &hunspell->word);
    if (good && hunspell->utf8)
        auk_buffer_append(out, auk_buffer_span(&hunspell->word));
    else if (good)
        good = convert(hunspell->to, auk_buffer_span(&hunspell->word), out);
    if (!good) {
        out->size = before;
        auk_buffer_append(out, word);
    }
    auk_buffer_append(out, auk_span_from(line, size));
    auk_buffer_append_byte(out, '\n');
}

/* A file in memory with the dictionary in lower case; -1: errno says why. */
static int open_lowered(auk_hunspell *hunspell, const char *path)
{
    FILE *file = fopen(path, "re");
    if (!file)
        return -1;
    auk_buffer out;
    auk_buffer_init(&out, (size_t)256 << 20);
    char *line = NULL;
    size_t capacity = 0;
    for (ssize_t size; (size = getline(&line, &capacity, file)) > 0;)
        write_lowered(hunspell, auk_span_make(line, (size_t)size - (line[size - 1] == '\n')), &out);
    free(line);
    fclose(file);
    int copy = auk_buffer_status(&out) == AUK_OK ? memfd_create("auk-hunspell", MFD_CLOEXEC) : -1;
    if (copy >= 0 && write(copy, out.data, out.size) != (ssize_t)out.size) {
        close(copy);
        copy = -1;
    }
    auk_buffer_deinit(&out);
    return copy;
}

/* The path that libhunspell reads, and a file to close afterwards or -1. */
static auk_code path_of(auk_hunspell *hunspell, const struct files *files, size_t i, auk_span *path,
                        int *copy, auk_error *err)
{
    *path =
        auk_arena_printf(files->arena, "%s/%s", files->folder.data, files->dictionaries[i].data);
    *copy = -1;
    if (!files->ignore_case)
        return AUK_OK;
    *copy = open_lowered(hunspell, path->data);
    if (*copy < 0)
        return auk_fail(err, AUK_INVALID, "cannot read hunspell dictionary %s: %s", path->data,
                        strerror(errno));
    *path = auk_arena_printf(files->arena, "/proc/self/fd/%d", *copy);
    return AUK_OK;
}

/* Names of libhunspell that iconv has under another. */
static const char *encoding_of(Hunhandle *handle)
{
    const char *name = Hunspell_get_dic_encoding(handle);
    static const char microsoft[] = "microsoft-cp";
    if (strncmp(name, microsoft, sizeof microsoft - 1) == 0)
        return name + sizeof microsoft - 3;
    return strcmp(name, "TIS620-2533") == 0 ? "TIS-620" : name;
}

static auk_code open_encoding(auk_hunspell *hunspell, const char *encoding, auk_error *err)
{
    hunspell->utf8 = strcmp(encoding, "UTF-8") == 0;
    if (hunspell->utf8)
        return AUK_OK;
    hunspell->to = iconv_open(encoding, "UTF-8");
    hunspell->from = iconv_open("UTF-8", encoding);
    if (hunspell->to == (iconv_t)-1 || hunspell->from == (iconv_t)-1)
        return auk_fail(err, AUK_INVALID, "unsupported encoding [%s] of a hunspell dictionary",
                        encoding);
    return AUK_OK;
}

/* Only the affixes first: they say what encoding the words are in. */
static auk_code load(auk_hunspell *hunspell, const struct files *files, auk_error *err)
{
    auk_span affix = auk_arena_printf(files->arena, "%s/%s", files->folder.data, files->affix.data);
    Hunhandle *head = Hunspell_create(affix.data, "/dev/null");
    auk_code code = open_encoding(hunspell, encoding_of(head), err);
    Hunspell_destroy(head);
    for (size_t i = 0; code == AUK_OK && i < files->count; i++) {
        auk_span path;
        int copy;
        code = path_of(hunspell, files, i, &path, &copy, err);
        if (code != AUK_OK)
            return code;
        if (i == 0)
            hunspell->handle = Hunspell_create(affix.data, path.data);
        else
            Hunspell_add_dic(hunspell->handle, path.data);
        if (copy >= 0)
            close(copy);
    }
    return code;
}

static void destroy(auk_hunspell *hunspell)
{
    if (hunspell->handle)
        Hunspell_destroy(hunspell->handle);
    if (hunspell->to != (iconv_t)-1)
        iconv_close(hunspell->to);
    if (hunspell->from != (iconv_t)-1)
        iconv_close(hunspell->from);
    auk_buffer_deinit(&hunspell->word);
    auk_buffer_deinit(&hunspell->converted);
    pthread_mutex_destroy(&hunspell->lock);
    free(hunspell->key);
    free(hunspell);
}

static auk_code create(const struct files *files, auk_span key, auk_hunspell **out, auk_error *err)
{
    auk_hunspell *hunspell = calloc(1, sizeof *hunspell);
    if (!hunspell || !(hunspell->key = strndup(key.data, key.size)))
        auk_fatal("no memory for a hunspell dictionary");
    hunspell->to = hunspell->from = (iconv_t)-1;
    hunspell->id = auk_scratch_new_id();
    hunspell->ignore_case = files->ignore_case;
    pthread_mutex_init(&hunspell->lock, NULL);
    auk_buffer_init(&hunspell->word, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&hunspell->converted, AUK_BUFFER_NO_LIMIT);
    auk_code code = load(hunspell, files, err);
    if (code == AUK_OK)
        *out = hunspell;
    else
        destroy(hunspell);
    return code;
}

static auk_span key_of(const struct files *files)
{
    auk_span key = files->folder;
    for (size_t i = 0; i < files->count; i++)
        key = auk_arena_printf(files->arena, "%s\n%s", key.data, files->dictionaries[i].data);
    return key;
}

static auk_code find_or_create(const struct files *files, auk_hunspell **out, auk_error *err)
{
    auk_span key = key_of(files);
    auk_code code = AUK_OK;
    pthread_mutex_lock(&all_lock);
    auk_hunspell *found = all;
    while (found && !auk_span_is(key, found->key))
        found = found->next;
    if (!found) {
        code = create(files, key, &found, err);
        if (code == AUK_OK) {
            found->next = all;
            all = found;
        }
    }
    if (code == AUK_OK) {
        found->users++;
        *out = found;
    }
    pthread_mutex_unlock(&all_lock);
    return code;
}

static bool is_name(auk_span text)
{
    return text.size > 0 && text.data[0] != '.' && !memchr(text.data, '/', text.size) &&
           !memchr(text.data, '\0', text.size);
}

auk_code auk_hunspell_open(auk_span folder, auk_span locale, const auk_span *only, size_t count,
                           auk_hunspell **out, auk_error *err)
{
    if (!is_name(locale))
        return auk_fail(err, AUK_INVALID, "Unknown hunspell dictionary for locale [%.*s]",
                        AUK_SPAN_ARG(locale));
    struct files files = {.arena = auk_arena_create(4096)};
    files.folder =
        auk_arena_printf(files.arena, "%.*s/%.*s", AUK_SPAN_ARG(folder), AUK_SPAN_ARG(locale));
    auk_code code = list_files(&files, locale, only, count, err);
    if (code == AUK_OK)
        code = read_settings(&files, err);
    if (code == AUK_OK)
        code = find_or_create(&files, out, err);
    auk_arena_destroy(files.arena);
    return code;
}

void auk_hunspell_close(auk_hunspell *hunspell)
{
    if (!hunspell)
        return;
    pthread_mutex_lock(&all_lock);
    bool last = --hunspell->users == 0;
    auk_hunspell **at = &all;
    while (last && *at != hunspell)
        at = &(*at)->next;
    if (last)
        *at = hunspell->next;
    pthread_mutex_unlock(&all_lock);
    if (last)
        destroy(hunspell);
}

uint64_t auk_hunspell_id(const auk_hunspell *hunspell)
{
    return hunspell->id;
}

/* The word as libhunspell reads it, terminated; NULL: it cannot. */
static const char *prepare(auk_hunspell *hunspell, auk_span word)
{
    auk_buffer_reset(&hunspell->word);
    auk_buffer_reset(&hunspell->converted);
    if (hunspell->ignore_case)
        lower(word, &hunspell->word);
    else
        auk_buffer_append(&hunspell->word, word);
    auk_buffer *ready = &hunspell->word;
    if (!hunspell->utf8) {
        if (!convert(hunspell->to, auk_buffer_span(&hunspell->word), &hunspell->converted))
            return NULL;
        ready = &hunspell->converted;
    }
    if (ready->size > (size_t)(hunspell->utf8 ? LONGEST_UTF8 : LONGEST_BYTES))
        return NULL;
    auk_buffer_append_byte(ready, '\0');
    return ready->data;
}

/* libhunspell gives UTF-8 that is sound if its dictionary is; what is not is left out. */
static bool append_stem(auk_hunspell *hunspell, auk_span stem, bool capital, auk_buffer *out)
{
    size_t before = out->size;
    if (hunspell->utf8)
        auk_buffer_append(out, stem);
    else if (!convert(hunspell->from, stem, out))
        return false;
    auk_span text = auk_span_make(out->data + before, out->size - before);
    uint32_t first = 0;
    bool good = text.size > 0 && auk_utf8_valid(text);
    if (good)
        auk_utf8_decode(text, &first);
    if (!good || (auk_unicode_lower(first) != first) != capital) {
        out->size = before;
        return false;
    }
    auk_buffer_append_byte(out, '\0');
    return true;
}

size_t auk_hunspell_stems(auk_hunspell *hunspell, auk_span word, auk_buffer *out)
{
    if (word.size == 0 || word.size > LONGEST_UTF8 * 2 || memchr(word.data, '\0', word.size))
        return 0;
    char **stems = NULL;
    size_t count = 0;
    uint32_t first;
    auk_unicode_next(word.data, word.data + word.size, &first);
    bool is_capital = auk_unicode_lower(first) != first;
    pthread_mutex_lock(&hunspell->lock);
    const char *ready = prepare(hunspell, word);
    int found = ready ? Hunspell_stem(hunspell->handle, &stems, ready) : 0;
    for (int round = 0; round < 2; round++)
        for (int i = 0; i < found; i++)
            count += append_stem(hunspell, auk_span_of(stems[i]), (round == 0) == is_capital, out);
    if (stems)
        Hunspell_free_list(hunspell->handle, &stems, found);
    pthread_mutex_unlock(&hunspell->lock);
    return count;
}
