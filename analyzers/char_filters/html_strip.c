/*
 * html_strip: text without its HTML. Tags within a line vanish, others become a line feed; entities
 * become their characters; comments, declarations, scripts and styles go.
 */
#include <stdlib.h>
#include <strings.h>

#include "auk/buffer.h"
#include "auk/error.h"
#include "auk/utf8.h"
#include "char_filters.h"
#include "html_entities.h"
#include "scratch.h"
#include "unicode.h"

typedef struct html_state {
    auk_span *kept; /* tags that stay */
    size_t kept_count;
} html_state;

struct page {
    const html_state *html;
    auk_rewrite *rewrite;
    auk_span text;
    auk_buffer *out;
    size_t copied; /* text up to here is in out */
};

/* One tag: its name, whether it ends an element, and where it ends. */
struct tag {
    auk_span name;
    bool closing;
    size_t end;
};

static auk_code compile(const auk_definition *definition, const void **state, auk_error *err)
{
    (void)err;
    html_state *html = AUK_ARENA_NEW(definition->arena, html_state);
    html->kept = auk_definition_list(definition, "escaped_tags", &html->kept_count);
    for (size_t i = 0; i < html->kept_count; i++)
        html->kept[i] = auk_arena_copy(definition->arena, html->kept[i]);
    *state = html;
    return AUK_OK;
}

/* text[from, to) becomes `with`. */
static void replace(struct page *page, size_t from, size_t to, auk_span with)
{
    auk_buffer_append(page->out,
                      auk_span_make(page->text.data + page->copied, from - page->copied));
    auk_rewrite_replaced(page->rewrite, auk_span_make(page->text.data + from, to - from), from,
                         with, page->out->size);
    auk_buffer_append(page->out, with);
    page->copied = to;
}

static bool is_same(auk_span a, const char *b)
{
    return strlen(b) == a.size && strncasecmp(a.data, b, a.size) == 0;
}

static bool is_inline(auk_span name)
{
    static const char *const names[] = {
        "a",      "abbr", "acronym", "b",        "basefont", "bdo",   "big",   "cite",
        "code",   "dfn",  "em",      "font",     "i",        "img",   "input", "kbd",
        "label",  "q",    "s",       "samp",     "select",   "small", "span",  "strike",
        "strong", "sub",  "sup",     "textarea", "tt",       "u",     "var",
    };
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++)
        if (is_same(name, names[i]))
            return true;
    return false;
}

static bool is_kept(const html_state *html, auk_span name)
{
    for (size_t i = 0; i < html->kept_count; i++)
        if (is_same(name, html->kept[i].data))
            return true;
    return false;
}

static bool is_space(char byte)
{
    return byte == ' ' || (byte >= '\t' && byte <= '\r');
}

static size_t skip_spaces(auk_span text, size_t at)
{
    while (at < text.size && is_space(text.data[at]))
        at++;
    return at;
}

static bool is_name_start(char byte)
{
    return (uint8_t)((byte | 0x20) - 'a') < 26 || byte == '_' || byte == ':' ||
           (uint8_t)byte >= 0x80;
}

static size_t skip_name(auk_span text, size_t at)
{
    while (at < text.size && (is_name_start(text.data[at]) || (uint8_t)(text.data[at] - '0') < 10 ||
                              text.data[at] == '-' || text.data[at] == '.'))
        at++;
    return at;
}

/* Behind "=": quoted, or up to a space or ">". 0: broken. */
static size_t skip_value(auk_span text, size_t at)
{
    at = skip_spaces(text, at);
    if (at < text.size && (text.data[at] == '"' || text.data[at] == '\'')) {
        const char *close = memchr(text.data + at + 1, text.data[at], text.size - at - 1);
        return close ? (size_t)(close - text.data) + 1 : 0;
    }
    while (at < text.size && !is_space(text.data[at]) && text.data[at] != '>' &&
           text.data[at] != '<')
        at++;
    return at;
}

/* The attributes of a tag, to behind its ">". 0: it is no tag. */
static size_t skip_attributes(auk_span text, size_t at, bool closing)
{
    for (;;) {
        size_t next = skip_spaces(text, at);
        if (next >= text.size)
            return 0;
        if (text.data[next] == '>')
            return next + 1;
        if (text.data[next] == '/' && !closing && next + 1 < text.size &&
            text.data[next + 1] == '>')
            return next + 2;
        if (!is_name_start(text.data[next]) || closing)
            return 0;
        at = skip_name(text, next);
        next = skip_spaces(text, at);
        if (next < text.size && text.data[next] == '=') {
            at = skip_value(text, next + 1);
            if (at == 0)
                return 0;
        }
    }
}

static bool read_tag(auk_span text, size_t at, struct tag *tag)
{
    tag->closing = at + 1 < text.size && text.data[at + 1] == '/';
    size_t name = skip_spaces(text, at + 1 + tag->closing);
    if (name >= text.size || !is_name_start(text.data[name]))
        return false;
    size_t end = skip_name(text, name);
    tag->name = auk_span_make(text.data + name, end - name);
    tag->end = end == text.size ? end : skip_attributes(text, end, tag->closing);
    return tag->end != 0;
}

/* The end tag of a script or style: where it begins, and what is behind it. The text's end when
 * there is none. */
static size_t skip_element(auk_span text, size_t at, auk_span name, size_t *end)
{
    *end = text.size;
    while (at < text.size) {
        const char *open = memchr(text.data + at, '<', text.size - at);
        if (!open)
            return text.size;
        struct tag tag;
        at = (size_t)(open - text.data);
        if (read_tag(text, at, &tag) && tag.closing && tag.name.size == name.size &&
            strncasecmp(tag.name.data, name.data, name.size) == 0) {
            *end = tag.end;
            return at;
        }
        at++;
    }
    return at;
}

static size_t behind(auk_span text, size_t at, const char *mark)
{
    const char *found = memmem(text.data + at, text.size - at, mark, strlen(mark));
    return found ? (size_t)(found - text.data) + strlen(mark) : 0;
}

/* "<!...": a comment, CDATA, a declaration; "<?...". Returns where to go on, 0: it is text. */
static size_t strip_markup(struct page *page, size_t at)
{
    auk_span text = page->text, rest = auk_span_from(text, at);
    size_t end;
    if (auk_span_starts_with(rest, AUK_SPAN("<!--"))) {
        end = behind(text, at + 4, "-->");
        end = end ? end : text.size;
    } else if (auk_span_starts_with(rest, AUK_SPAN("<![CDATA["))) {
        end = behind(text, at + 9, "]]>");
        replace(page, at, at + 9, AUK_SPAN(""));
        if (end)
            replace(page, end - 3, end, AUK_SPAN(""));
        return end ? end : text.size;
    } else {
        end = behind(text, at + 2, text.data[at + 1] == '?' ? "?>" : ">");
    }
    if (end)
        replace(page, at, end, AUK_SPAN(""));
    return end;
}

static size_t strip_tag(struct page *page, size_t at)
{
    struct tag tag;
    if (at + 1 < page->text.size &&
        (page->text.data[at + 1] == '!' || page->text.data[at + 1] == '?'))
        return strip_markup(page, at);
    if (!read_tag(page->text, at, &tag))
        return 0;
    bool whole = !tag.closing && (is_same(tag.name, "script") || is_same(tag.name, "style"));
    bool at_end = tag.end == page->text.size && page->text.data[tag.end - 1] != '>';
    size_t begin = tag.end;
    if (whole)
        skip_element(page->text, begin, tag.name, &tag.end);
    if (is_kept(page->html, tag.name)) { /* a script's own text goes all the same */
        if (whole)
            replace(page, begin, skip_element(page->text, begin, tag.name, &tag.end), AUK_SPAN(""));
        return tag.end;
    }
    replace(page, at, tag.end, is_inline(tag.name) || at_end ? AUK_SPAN("") : AUK_SPAN("\n"));
    return tag.end;
}

/* The number behind "&#"; end stands at what follows it. */
static bool read_number(auk_span text, size_t at, size_t *end, uint32_t *character)
{
    uint32_t base = at < text.size && (text.data[at] | 0x20) == 'x' ? 16 : 10;
    uint64_t value = 0;
    at += base == 16;
    *end = at;
    for (; *end < text.size && *end - at < 10; ++*end) {
        char byte = text.data[*end];
        uint32_t digit = (uint8_t)(byte - '0') < 10           ? (uint32_t)(byte - '0')
                         : (uint8_t)((byte | 0x20) - 'a') < 6 ? (uint32_t)((byte | 0x20) - 'a') + 10
                                                              : 16;
        if (digit >= base)
            break;
        value = value * base + digit;
    }
    *character = (uint32_t)value;
    return *end > at && value <= 0x10ffff && (value < 0xd800 || value > 0xdfff);
}

static uint32_t named(auk_span name)
{
    static const struct {
        const char *name;
        uint32_t character;
    } more[] = {{"apos", '\''}, {"AMP", '&'},   {"LT", '<'},  {"GT", '>'},
                {"QUOT", '"'},  {"COPY", 0xa9}, {"REG", 0xae}};
    for (size_t i = 0; i < sizeof more / sizeof more[0]; i++)
        if (auk_span_is(name, more[i].name))
            return more[i].character;
    return auk_span_is(name, "nbsp") ? ' ' : auk_html_entity(name);
}

static size_t strip_entity(struct page *page, size_t at)
{
    auk_span text = page->text;
    size_t end = at + 1;
    uint32_t character;
    bool known;
    if (end < text.size && text.data[end] == '#') {
        known = read_number(text, end + 1, &end, &character);
    } else {
        while (end < text.size && ((uint8_t)((text.data[end] | 0x20) - 'a') < 26 ||
                                   (uint8_t)(text.data[end] - '0') < 10))
            end++;
        character = named(auk_span_make(text.data + at + 1, end - at - 1));
        known = character != 0;
    }
    if (!known || (end < text.size && text.data[end] != ';'))
        return 0;
    char bytes[4];
    size_t size = auk_utf8_encode(character, bytes);
    end += end < text.size;
    replace(page, at, end, auk_span_make(bytes, size));
    return end;
}

static auk_code run(const void *state, auk_rewrite *rewrite, auk_error *err)
{
    struct page page = {.html = state,
                        .rewrite = rewrite,
                        .text = rewrite->text,
                        .out = &rewrite->scratch->text};
    auk_buffer_reset(page.out);
    for (size_t at = 0; at < page.text.size;) {
        size_t next = 0;
        if (page.text.data[at] == '<')
            next = strip_tag(&page, at);
        else if (page.text.data[at] == '&')
            next = strip_entity(&page, at);
        at = next ? next : at + 1;
    }
    if (page.copied == 0)
        return AUK_OK;
    auk_buffer_append(page.out, auk_span_from(page.text, page.copied));
    if (auk_buffer_status(page.out) != AUK_OK)
        return auk_fail(err, AUK_TOO_LARGE, "text too long behind char filter [html_strip]");
    rewrite->text = auk_arena_copy(rewrite->arena, auk_buffer_span(page.out));
    return AUK_OK;
}

static const char *const settings[] = {"escaped_tags", NULL};

const auk_component_type auk_char_filter_html_strip = {
    .name = "html_strip",
    .flags = AUK_COMPONENT_PREBUILT,
    .settings = settings,
    .compile = compile,
    .rewrite = run,
};
