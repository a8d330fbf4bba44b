#include "hyphenation.h"

#include <strings.h>

#include "auk/utf8.h"
#include "xml_words.h"

enum { CLASSES = 0x10000, LONGEST_PATTERN = 128 };

/* A letter of the tree; those that may stand in its place are a list, what may follow another. */
struct branch {
    uint16_t unit;
    const uint8_t *values; /* NULL: no pattern ends here. One more than letters */
    struct branch *next;
    struct branch *below;
};

/* An exception: its letters, and how many stand before each cut. */
struct exception {
    const uint16_t *units;
    int32_t size;
    const int32_t *cuts;
    int32_t cut_count;
    struct exception *next;
};

struct auk_hyphenation {
    uint16_t *classes; /* what a unit counts as; 0: no letter */
    struct branch *patterns;
    struct exception *exceptions;
};

struct loading {
    auk_arena *arena;
    auk_hyphenation *to;
    uint16_t hyphen;
    auk_utf16 word;
};

static void add_class(struct loading *loading)
{
    for (int32_t i = 0; i < loading->word.size; i++)
        loading->to->classes[loading->word.units[i]] = loading->word.units[0];
}

static struct branch *grow(struct loading *loading, struct branch **list, uint16_t unit)
{
    for (struct branch *branch = *list; branch; branch = branch->next)
        if (branch->unit == unit)
            return branch;
    struct branch *added = AUK_ARENA_NEW(loading->arena, struct branch);
    added->unit = unit;
    added->next = *list;
    *list = added;
    return added;
}

/* "a1bc": the letters abc with the values 0 1 0 0. */
static auk_code add_pattern(struct loading *loading, auk_error *err)
{
    uint8_t values[LONGEST_PATTERN + 1] = {0};
    int32_t size = 0;
    struct branch **list = &loading->to->patterns, *last = NULL;
    for (int32_t i = 0; i < loading->word.size; i++) {
        uint16_t unit = loading->word.units[i];
        if (unit >= '0' && unit <= '9') {
            values[size] = (uint8_t)(unit - '0');
            continue;
        }
        if (++size == LONGEST_PATTERN)
            return auk_fail(err, AUK_INVALID, "a pattern has more than %d letters",
                            LONGEST_PATTERN);
        last = grow(loading, list, unit);
        list = &last->below;
    }
    if (last)
        last->values =
            (const uint8_t *)auk_arena_copy(loading->arena, auk_span_make(values, (size_t)size + 1))
                .data;
    return AUK_OK;
}

static void add_exception(struct loading *loading)
{
    const auk_utf16 *word = &loading->word;
    struct exception *added = AUK_ARENA_NEW(loading->arena, struct exception);
    uint16_t *units = AUK_ARENA_ARRAY(loading->arena, uint16_t, (size_t)word->size + 1);
    int32_t *cuts = AUK_ARENA_ARRAY(loading->arena, int32_t, (size_t)word->size + 1);
    for (int32_t i = 0; i < word->size; i++) {
        if (word->units[i] == loading->hyphen)
            cuts[added->cut_count++] = added->size;
        else
            units[added->size++] = word->units[i];
    }
    added->units = units;
    added->cuts = cuts;
    added->next = loading->to->exceptions;
    loading->to->exceptions = added;
}

static void set_hyphen(struct loading *loading, auk_xml_words *xml)
{
    auk_span value = auk_xml_words_attribute(xml, "value");
    if (value.size == 0)
        return;
    auk_utf16_read(&loading->word, value);
    if (loading->word.size == 1)
        loading->hyphen = loading->word.units[0];
}

static auk_code take_word(struct loading *loading, auk_span section, auk_span word, auk_error *err)
{
    auk_utf16_read(&loading->word, word);
    if (auk_span_is(section, "patterns"))
        return add_pattern(loading, err);
    if (auk_span_is(section, "classes"))
        add_class(loading);
    else if (auk_span_is(section, "exceptions"))
        add_exception(loading);
    return AUK_OK;
}

static auk_code load(struct loading *loading, auk_span file, auk_error *err)
{
    auk_xml_words xml;
    auk_span section = AUK_SPAN("");
    auk_code code = AUK_OK;
    bool any = false;
    auk_xml_words_open(&xml, loading->arena, file);
    for (auk_xml_kind kind; code == AUK_OK && (kind = auk_xml_words_next(&xml)) != AUK_XML_END;) {
        if (kind == AUK_XML_WORD) {
            code = take_word(loading, section, xml.word, err);
        } else if (auk_span_is(xml.name, "hyphen")) {
            return auk_fail(err, AUK_INVALID, "<hyphen> in an exception is not supported");
        } else {
            section = kind == AUK_XML_OPEN ? xml.name : AUK_SPAN("");
            any |= auk_span_is(xml.name, "hyphenation-info");
            if (auk_span_is(section, "hyphen-char"))
                set_hyphen(loading, &xml);
        }
    }
    if (code == AUK_OK && xml.broken)
        return auk_fail(err, AUK_INVALID, "%s", xml.broken);
    if (code == AUK_OK && !any)
        return auk_fail(err, AUK_INVALID, "there is no <hyphenation-info>");
    return code;
}

/* encoding="..." of the first line, or an empty span. */
static auk_span encoding_of(auk_span file)
{
    if (!auk_span_starts_with(file, AUK_SPAN("<?xml")))
        return AUK_SPAN("");
    const char *end = memchr(file.data, '>', file.size);
    auk_span head = auk_span_make(file.data, end ? (size_t)(end - file.data) : file.size);
    static const char key[] = "encoding=";
    const char *at = memmem(head.data, head.size, key, sizeof key - 1);
    size_t name = at ? (size_t)(at - head.data) + sizeof key : 0; /* behind the quote */
    if (!at || name > head.size)
        return AUK_SPAN("");
    head = auk_span_from(head, name);
    size_t size = 0;
    while (size < head.size && head.data[size] != '"' && head.data[size] != '\'')
        size++;
    return auk_span_make(head.data, size);
}

static bool is_name(auk_span given, const char *name)
{
    return given.size == strlen(name) && strncasecmp(given.data, name, given.size) == 0;
}

static auk_code decode(auk_arena *arena, auk_span *file, auk_error *err)
{
    auk_span encoding = encoding_of(*file);
    if (encoding.size > 0 && is_name(encoding, "iso-8859-1")) {
        char *out = auk_arena_alloc(arena, file->size * 2);
        size_t size = 0;
        for (size_t i = 0; i < file->size; i++)
            size += auk_utf8_encode((uint8_t)file->data[i], out + size);
        *file = auk_span_make(out, size);
        return AUK_OK;
    }
    if (encoding.size > 0 && !is_name(encoding, "utf-8") && !is_name(encoding, "us-ascii"))
        return auk_fail(err, AUK_INVALID, "unsupported encoding [%.*s]", AUK_SPAN_ARG(encoding));
    if (!auk_utf8_valid(*file))
        return auk_fail(err, AUK_INVALID, "it is not UTF-8");
    return AUK_OK;
}

auk_code auk_hyphenation_read(auk_arena *arena, auk_span file, const auk_hyphenation **out,
                              auk_error *err)
{
    auk_hyphenation *hyphenation = AUK_ARENA_NEW(arena, auk_hyphenation);
    struct loading loading = {.arena = arena, .to = hyphenation, .hyphen = '-'};
    hyphenation->classes = AUK_ARENA_ARRAY(arena, uint16_t, CLASSES);
    auk_code code = decode(arena, &file, err);
    if (code == AUK_OK)
        code = load(&loading, file, err);
    auk_utf16_deinit(&loading.word);
    *out = hyphenation;
    return code;
}

/* The letters of a word, as their classes have them, between two dots. */
struct letters {
    uint16_t units[AUK_HYPHENATION_LONGEST + 3];
    int32_t size;   /* without the dots */
    int32_t before; /* what stands before the first */
};

/* False: there is something else between the letters. */
static bool read_letters(const auk_hyphenation *hyphenation, const auk_utf16 *word,
                         struct letters *letters)
{
    letters->size = letters->before = 0;
    bool ended = false;
    for (int32_t i = 0; i < word->size; i++) {
        uint16_t unit = hyphenation->classes[word->units[i]];
        if (unit && ended)
            return false;
        if (unit)
            letters->units[1 + letters->size++] = unit;
        else if (letters->size == 0)
            letters->before++;
        else
            ended = true;
    }
    letters->units[0] = letters->units[letters->size + 1] = '.';
    return true;
}

static const struct exception *find_exception(const auk_hyphenation *hyphenation,
                                              const struct letters *letters)
{
    for (const struct exception *at = hyphenation->exceptions; at; at = at->next)
        if (at->size == letters->size &&
            memcmp(at->units, letters->units + 1, (size_t)at->size * sizeof *at->units) == 0)
            return at;
    return NULL;
}

/* All patterns that stand at `from`: the highest value wins between each two letters. */
static void raise_values(const auk_hyphenation *hyphenation, const struct letters *letters,
                         int32_t from, uint8_t *values)
{
    const struct branch *list = hyphenation->patterns;
    for (int32_t i = from; i < letters->size + 2; i++) {
        while (list && list->unit != letters->units[i])
            list = list->next;
        if (!list)
            return;
        for (int32_t j = 0; list->values && j <= i - from + 1; j++)
            if (list->values[j] > values[from + j])
                values[from + j] = list->values[j];
        list = list->below;
    }
}

int auk_hyphenation_points(const auk_hyphenation *hyphenation, const auk_utf16 *word,
                           int32_t points[AUK_HYPHENATION_LONGEST + 2])
{
    struct letters letters;
    if (word->size > AUK_HYPHENATION_LONGEST || !read_letters(hyphenation, word, &letters) ||
        letters.size < 2)
        return 0;
    int count = 1;
    const struct exception *exception = find_exception(hyphenation, &letters);
    if (exception) {
        for (int32_t i = 0; i < exception->cut_count; i++)
            if (exception->cuts[i] >= 1 && exception->cuts[i] < letters.size - 1)
                points[count++] = exception->cuts[i] + letters.before;
    } else {
        uint8_t values[AUK_HYPHENATION_LONGEST + 4] = {0};
        for (int32_t i = 0; i < letters.size + 1; i++)
            raise_values(hyphenation, &letters, i, values);
        for (int32_t i = 1; i < letters.size; i++)
            if (values[i + 1] & 1)
                points[count++] = i + letters.before;
    }
    if (count == 1)
        return 0;
    points[0] = 0;
    points[count++] = letters.size;
    return count;
}
