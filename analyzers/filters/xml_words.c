#include "xml_words.h"

#include "auk/utf8.h"

static bool is_space(char byte)
{
    return byte == ' ' || byte == '\t' || byte == '\n' || byte == '\r';
}

void auk_xml_words_open(auk_xml_words *xml, auk_arena *arena, auk_span file)
{
    *xml = (auk_xml_words){.rest = file, .arena = arena};
    if (auk_span_starts_with(file, AUK_SPAN("\xef\xbb\xbf")))
        xml->rest = auk_span_from(file, 3);
}

static auk_xml_kind fail(auk_xml_words *xml, const char *why)
{
    xml->broken = why;
    return AUK_XML_END;
}

/* Passes over everything up to the end of the text. */
static bool skip_past(auk_xml_words *xml, const char *text)
{
    auk_span end = auk_span_of(text);
    const char *at = memmem(xml->rest.data, xml->rest.size, end.data, end.size);
    if (!at)
        return false;
    xml->rest = auk_span_from(xml->rest, (size_t)(at - xml->rest.data) + end.size);
    return true;
}

/* <!DOCTYPE ... [ ... ]> */
static bool skip_document_type(auk_xml_words *xml)
{
    int depth = 0;
    char quote = 0;
    for (size_t i = 0; i < xml->rest.size; i++) {
        char byte = xml->rest.data[i];
        if (quote) {
            quote = byte == quote ? 0 : quote;
        } else if (byte == '"' || byte == '\'') {
            quote = byte;
        } else if (byte == '[') {
            depth++;
        } else if (byte == ']') {
            depth--;
        } else if (byte == '>' && depth <= 0) {
            xml->rest = auk_span_from(xml->rest, i + 1);
            return true;
        }
    }
    return false;
}

/* "lt", "#228", "#xe4" to bytes at out; 0: nothing we know. */
static size_t write_entity(auk_span name, char out[4])
{
    static const struct {
        const char *name;
        char byte;
    } named[] = {{"lt", '<'}, {"gt", '>'}, {"amp", '&'}, {"quot", '"'}, {"apos", '\''}};
    for (size_t i = 0; i < sizeof named / sizeof named[0]; i++)
        if (auk_span_is(name, named[i].name)) {
            out[0] = named[i].byte;
            return 1;
        }
    bool hex = name.size > 2 && name.data[1] == 'x';
    if (name.size < 2 || name.data[0] != '#' || name.size > 9)
        return 0;
    uint32_t character = 0;
    for (size_t i = hex ? 2 : 1; i < name.size; i++) {
        char byte = name.data[i];
        int digit = byte >= '0' && byte <= '9'                            ? byte - '0'
                    : hex && (byte | 0x20) >= 'a' && (byte | 0x20) <= 'f' ? (byte | 0x20) - 'a' + 10
                                                                          : -1;
        if (digit < 0)
            return 0;
        character = character * (hex ? 16 : 10) + (uint32_t)digit;
    }
    if (character == 0 || character > 0x10ffff || character >> 11 == 0x1b)
        return 0;
    return auk_utf8_encode(character, out);
}

/* A word with "&...;" in it, written anew. */
static bool resolve(auk_xml_words *xml)
{
    auk_span raw = xml->word;
    char *out = auk_arena_alloc(xml->arena, raw.size + 4);
    size_t size = 0;
    for (size_t i = 0; i < raw.size; i++) {
        if (raw.data[i] != '&') {
            out[size++] = raw.data[i];
            continue;
        }
        const char *end = memchr(raw.data + i, ';', raw.size - i);
        size_t from = i + 1;
        if (!end)
            return false;
        i = (size_t)(end - raw.data);
        char bytes[4];
        size_t written = write_entity(auk_span_make(raw.data + from, i - from), bytes);
        if (written == 0)
            return false;
        memcpy(out + size, bytes, written);
        size += written;
    }
    xml->word = auk_span_make(out, size);
    return true;
}

static auk_xml_kind read_word(auk_xml_words *xml)
{
    size_t size = 0;
    while (size < xml->rest.size && !is_space(xml->rest.data[size]) && xml->rest.data[size] != '<')
        size++;
    xml->word = auk_span_make(xml->rest.data, size);
    xml->rest = auk_span_from(xml->rest, size);
    if (memchr(xml->word.data, '&', size) && !resolve(xml))
        return fail(xml, "a character reference that is not known");
    return AUK_XML_WORD;
}

static auk_xml_kind read_tag(auk_xml_words *xml)
{
    const char *end = memchr(xml->rest.data, '>', xml->rest.size);
    if (!end)
        return fail(xml, "a tag without end");
    auk_span tag = auk_span_make(xml->rest.data + 1, (size_t)(end - xml->rest.data) - 1);
    xml->rest = auk_span_from(xml->rest, tag.size + 2);
    bool closing = tag.size > 0 && tag.data[0] == '/';
    if (closing)
        tag = auk_span_from(tag, 1);
    else if (tag.size > 0 && tag.data[tag.size - 1] == '/') {
        xml->closes = true;
        tag.size--;
    }
    size_t size = 0;
    while (size < tag.size && !is_space(tag.data[size]))
        size++;
    xml->name = auk_span_make(tag.data, size);
    xml->attributes = auk_span_from(tag, size);
    return size == 0 ? fail(xml, "a tag without name") : closing ? AUK_XML_CLOSE : AUK_XML_OPEN;
}

/* Comments, instructions and the like; true: there was one. */
static bool skip_other(auk_xml_words *xml)
{
    static const struct {
        const char *start;
        const char *end;
    } others[] = {{"<!--", "-->"}, {"<?", "?>"}};
    for (size_t i = 0; i < sizeof others / sizeof others[0]; i++)
        if (auk_span_starts_with(xml->rest, auk_span_of(others[i].start))) {
            if (!skip_past(xml, others[i].end))
                fail(xml, "a comment or instruction without end");
            return true;
        }
    if (!auk_span_starts_with(xml->rest, AUK_SPAN("<!")))
        return false;
    if (!skip_document_type(xml))
        fail(xml, "a declaration without end");
    return true;
}

auk_xml_kind auk_xml_words_next(auk_xml_words *xml)
{
    if (xml->closes) {
        xml->closes = false;
        return AUK_XML_CLOSE;
    }
    while (!xml->broken && xml->rest.size > 0) {
        if (is_space(xml->rest.data[0]))
            xml->rest = auk_span_from(xml->rest, 1);
        else if (xml->rest.data[0] != '<')
            return read_word(xml);
        else if (!skip_other(xml))
            return read_tag(xml);
    }
    return AUK_XML_END;
}

auk_span auk_xml_words_attribute(auk_xml_words *xml, const char *name)
{
    auk_span key = auk_arena_printf(xml->arena, "%s=", name), text = xml->attributes;
    const char *at = memmem(text.data, text.size, key.data, key.size);
    if (!at)
        return AUK_SPAN("");
    text = auk_span_from(text, (size_t)(at - text.data) + key.size);
    char quote = text.size > 0 ? text.data[0] : 0;
    const char *end =
        quote == '"' || quote == '\'' ? memchr(text.data + 1, quote, text.size - 1) : NULL;
    return end ? auk_span_make(text.data + 1, (size_t)(end - text.data) - 1) : AUK_SPAN("");
}
