#include "hits.h"

#include "auk/utf8.h"
#include "command.h"

#define ID_MOST      28u
#define FIELDS_SHOWN 3u
#define TEXT_LEAST   30u
#define RANK_WIDTH   4u
#define SCORE_WIDTH  9u

/* How marks look. */
typedef struct style {
    const char *mark_on, *mark_off, *dim_on, *dim_off;
    unsigned width;
} style;

/* A field of one hit with what was found in it. */
typedef struct shown {
    auk_span name, text;
    const auk_mark *marks;
    size_t count;
} shown;

/* ---- texts ---- */

static size_t character_size(auk_span text, size_t at)
{
    unsigned char lead = (unsigned char)text.data[at];
    size_t size = lead < 0x80 ? 1 : lead < 0xe0 ? 2 : lead < 0xf0 ? 3 : 4;
    return at + size <= text.size ? size : text.size - at;
}

/* A character that would move the cursor or worse is shown as a space. */
static bool is_control(auk_span text, size_t at, size_t size)
{
    unsigned char lead = (unsigned char)text.data[at];
    return lead < 0x20 || lead == 0x7f ||
           (size == 2 && lead == 0xc2 && (unsigned char)text.data[at + 1] < 0xa0);
}

static size_t columns_of(auk_span text)
{
    size_t columns = 0;
    for (size_t at = 0; at < text.size; at += character_size(text, at))
        columns++;
    return columns;
}

/* Prints up to columns characters; the marks count from the text's begin. Answers columns used. */
static size_t print_text(FILE *out, const shown *field, size_t from, size_t columns,
                         const style *look)
{
    size_t used = 0;
    size_t mark = 0;
    bool is_on = false;
    size_t at = from;
    for (; at < field->text.size && used < columns; used++) {
        while (mark < field->count && at >= field->marks[mark].to) {
            if (is_on)
                (void)fputs(look->mark_off, out);
            is_on = false;
            mark++;
        }
        if (!is_on && mark < field->count && at >= field->marks[mark].from) {
            (void)fputs(look->mark_on, out);
            is_on = true;
        }
        size_t size = character_size(field->text, at);
        if (is_control(field->text, at, size))
            (void)fputc(' ', out);
        else
            (void)fwrite(field->text.data + at, 1, size, out);
        at += size;
    }
    if (is_on)
        (void)fputs(look->mark_off, out);
    if (at < field->text.size)
        (void)fputs("...", out);
    return used;
}

/* Where to begin so that the first mark is seen with some words before it. */
static size_t snippet_start(const shown *field, size_t columns)
{
    if (field->count == 0 || columns_of(field->text) <= columns)
        return 0;
    size_t first = field->marks[0].from;
    size_t back = columns / 4;
    if (first <= back)
        return 0;
    size_t at = first - back;
    while (at < first && field->text.data[at] != ' ')
        at++;
    return at < first ? at + 1 : first;
}

static void print_field(FILE *out, const shown *field, size_t columns, const style *look)
{
    size_t label = columns_of(field->name) + 2;
    size_t room = columns > label + TEXT_LEAST ? columns - label : TEXT_LEAST;
    size_t from = snippet_start(field, room - 3);
    (void)fprintf(out, "%s%.*s:%s ", look->dim_on, AUK_SPAN_ARG(field->name), look->dim_off);
    if (from > 0) {
        (void)fputs("...", out);
        room -= 3;
    }
    bool fits = columns_of(auk_span_from(field->text, from)) <= room;
    (void)print_text(out, field, from, fits ? room : room - 3, look);
    (void)fputc('\n', out);
}

/* ---- hits ---- */

/* Strings, and lists of them joined; empty for anything else. */
static auk_span text_of(const auk_json *value, auk_arena *arena)
{
    if (value == NULL || value->type == AUK_JSON_NULL || value->type == AUK_JSON_OBJECT)
        return (auk_span){0};
    if (value->type != AUK_JSON_ARRAY)
        return value->text;
    auk_span joined = {0};
    for (const auk_json *item = value->child; item != NULL; item = item->next) {
        if (item->type == AUK_JSON_STRING)
            joined = joined.size ? auk_arena_printf(arena, "%.*s, %.*s", AUK_SPAN_ARG(joined),
                                                    AUK_SPAN_ARG(item->text))
                                 : item->text;
    }
    return joined;
}

/* Keeps the best fields in front: more marks first, then the order in the document. */
static size_t insert(shown *best, size_t count, shown field)
{
    size_t at = count;
    while (at > 0 && best[at - 1].count < field.count)
        at--;
    if (at == FIELDS_SHOWN)
        return count;
    size_t last = count < FIELDS_SHOWN ? count : FIELDS_SHOWN - 1;
    memmove(&best[at + 1], &best[at], (last - at) * sizeof *best);
    best[at] = field;
    return last + 1;
}

/* Whether the path begins in this member of the document. */
static bool begins_in(auk_span path, auk_span key)
{
    return auk_span_starts_with(path, key) && (path.size == key.size || path.data[key.size] == '.');
}

static shown look_at(const auk_json *hit, auk_span name, auk_marks *marks, auk_arena *arena)
{
    shown field = {.name = name};
    const auk_json *index = auk_json_get(hit, "_index");
    field.text = text_of(auk_json_path(auk_json_get(hit, "_source"), name), arena);
    if (field.text.size == 0 || marks == NULL || index == NULL)
        return field;
    const auk_mark *found = auk_marks_find(marks, index->text, name, field.text, &field.count);
    auk_mark *copy = AUK_ARENA_ARRAY(arena, auk_mark, field.count + 1);
    memcpy(copy, found, field.count * sizeof *copy);
    field.marks = copy;
    return field;
}

static size_t choose_fields(const auk_json *hit, const auk_text_fields *fields, auk_marks *marks,
                            auk_arena *arena, shown *best)
{
    const auk_json *source = auk_json_get(hit, "_source");
    size_t count = 0;
    for (const auk_json *at = source ? source->child : NULL; at != NULL; at = at->next) {
        for (size_t i = 0; i < fields->count; i++) {
            if (!begins_in(fields->names[i], at->key))
                continue;
            shown field = look_at(hit, fields->names[i], marks, arena);
            if (field.text.size > 0)
                count = insert(best, count, field);
        }
    }
    while (count > 1 && best[0].count > 0 && best[count - 1].count == 0)
        count--; /* beside fields with found words the others say little */
    return count;
}

static void print_hit(FILE *out, const auk_json *hit, size_t rank, size_t id_width,
                      const shown *best, size_t count, const style *look)
{
    double score = 0;
    const auk_json *id = auk_json_get(hit, "_id");
    auk_span text = id != NULL ? id->text : AUK_SPAN("");
    shown name = {.text = text};
    (void)fprintf(out, "%*zu", (int)RANK_WIDTH, rank);
    if (auk_json_to_double(auk_json_get(hit, "_score"), &score))
        (void)fprintf(out, "%*.3f  ", (int)SCORE_WIDTH, score);
    else
        (void)fprintf(out, "%*s  ", (int)SCORE_WIDTH, "-");
    bool fits = columns_of(text) <= id_width;
    size_t used = print_text(out, &name, 0, fits ? id_width : id_width - 3, look) + (fits ? 0 : 3);
    size_t before = RANK_WIDTH + SCORE_WIDTH + 2 + id_width + 2;
    size_t columns = look->width > before ? look->width - before : TEXT_LEAST;
    if (count == 0)
        (void)fputc('\n', out);
    for (size_t i = 0; i < count; i++) {
        (void)fprintf(out, "%*s", (int)(i == 0 ? id_width - used + 2 : before), "");
        print_field(out, &best[i], columns, look);
    }
}

void auk_hits_print(FILE *out, const auk_json *hits, const auk_text_fields *fields,
                    auk_marks *marks, auk_arena *arena)
{
    style look = {"*", "*", "", "", auk_terminal_width(out, 110)};
    if (auk_terminal_has_colour(out))
        look = (style){"\x1b[1m", "\x1b[0m", "\x1b[2m", "\x1b[0m", look.width};
    size_t id_width = 4;
    for (const auk_json *hit = hits->child; hit != NULL; hit = hit->next) {
        const auk_json *id = auk_json_get(hit, "_id");
        size_t columns = id != NULL ? columns_of(id->text) : 0;
        id_width = columns > id_width ? columns : id_width;
    }
    id_width = id_width < ID_MOST ? id_width : ID_MOST;
    (void)fprintf(out, "%s%*s%*s  %-*s  text%s\n", look.dim_on, (int)RANK_WIDTH, "rank",
                  (int)SCORE_WIDTH, "score", (int)id_width, "id", look.dim_off);
    size_t rank = 1;
    for (const auk_json *hit = hits->child; hit != NULL; hit = hit->next, rank++) {
        shown best[FIELDS_SHOWN + 1];
        size_t count = choose_fields(hit, fields, marks, arena, best);
        print_hit(out, hit, rank, id_width, best, count, &look);
    }
}
