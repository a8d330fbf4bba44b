/*
 * records_table.c - rows of a table with a header to JSON objects.
 *
 * A quote counts only where a field begins; within quotes a doubled quote is one, and delimiters
 * and line breaks are text. An empty field is left out of its document. A column whose first rows
 * hold only JSON numbers (or only true and false) is written as such where a value allows it; all
 * else is text, so "007" stays what it is.
 */
#include "auk/json.h"
#include "json_scan.h"
#include "records.h"

#define SAMPLE_ROWS   1000u
#define SAMPLE_BYTES  ((size_t)256 << 10)
#define COLUMNS_LIMIT 10000u

typedef struct row_end {
    size_t at;                                                  /* how far it has been looked */
    enum { AT_START, IN_PLAIN, IN_QUOTES, BEHIND_QUOTE } state; /* of the field there */
    uint64_t lines;
} row_end;

/* True when a row ends at end->at, behind its line feed. */
static bool find_row_end(row_end *end, auk_span window, char delimiter)
{
    while (end->at < window.size) {
        char c = window.data[end->at++];
        end->lines += c == '\n';
        if (end->state == IN_QUOTES)
            end->state = c == '"' ? BEHIND_QUOTE : IN_QUOTES;
        else if (c == '\n')
            return true;
        else if (c == delimiter)
            end->state = AT_START;
        else if (c == '"' && end->state != IN_PLAIN) /* the field's first, or a doubled one */
            end->state = IN_QUOTES;
        else
            end->state = IN_PLAIN;
    }
    return false;
}

static auk_span without_line_end(auk_span row)
{
    if (row.size > 0 && row.data[row.size - 1] == '\n')
        row.size--;
    if (row.size > 0 && row.data[row.size - 1] == '\r')
        row.size--;
    return row;
}

/* The next row that is not empty; borrowed from the window. */
static auk_code next_row(auk_records *records, auk_span *row, uint64_t *line, bool *found,
                         const char **problem, auk_error *err)
{
    auk_source *source = records->source;
    row_end end = {0};
    for (;;) {
        auk_span window = auk_source_window(source);
        bool is_whole = find_row_end(&end, window, records->delimiter);
        if (!is_whole && !source->at_end) {
            auk_code code = auk_source_more(source, err);
            if (code != AUK_OK)
                return code;
            continue;
        }
        *found = end.at > 0;
        *line = source->line;
        *problem = !is_whole && end.state == IN_QUOTES ? "a quote is not closed" : NULL;
        *row = without_line_end((auk_span){window.data, end.at});
        source->from += end.at;
        source->line += end.lines;
        if (!*found || row->size > 0)
            return AUK_OK;
        end = (row_end){0};
    }
}

/* The text of a quoted field that begins at data[1]; *used is what it took, with both quotes. */
static auk_span unquote(auk_arena *arena, auk_span row, size_t *used)
{
    char *text = auk_arena_alloc(arena, row.size);
    size_t size = 0;
    size_t at = 1;
    for (; at < row.size; at++) {
        if (row.data[at] == '"' && (at + 1 == row.size || row.data[at + 1] != '"'))
            break;
        at += row.data[at] == '"';
        text[size++] = row.data[at];
    }
    *used = at < row.size ? at + 1 : row.size;
    return (auk_span){text, size};
}

/* Takes a field off the front of *row; *more says whether a delimiter stood behind it. */
static auk_span take_field(auk_arena *arena, auk_span *row, char delimiter, bool *more)
{
    auk_span text = {0};
    size_t used = 0;
    if (row->size > 0 && row->data[0] == '"')
        text = unquote(arena, *row, &used);
    const char *end =
        row->size > used ? memchr(row->data + used, delimiter, row->size - used) : NULL;
    size_t size = end ? (size_t)(end - row->data) : row->size;
    if (size > used || used == 0) { /* no quotes, or text behind them: all of it as it stands */
        text = (auk_span){row->data, size};
    }
    *more = end != NULL;
    *row = auk_span_from(*row, size + *more);
    return text;
}

/* The fields of a row, up to limit; the count is of all. */
static uint32_t split(auk_arena *arena, auk_span row, char delimiter, auk_span *fields,
                      uint32_t limit)
{
    uint32_t count = 0;
    bool more = true;
    while (more) {
        auk_span field = take_field(arena, &row, delimiter, &more);
        if (count < limit)
            fields[count] = field;
        count++;
    }
    return count;
}

/* ---- the header ---- */

static char choose_delimiter(auk_span window)
{
    static const char candidates[] = {',', ';', '\t', '|'};
    const char *feed = memchr(window.data, '\n', window.size);
    size_t size = feed ? (size_t)(feed - window.data) : window.size;
    char best = ',';
    size_t most = 0;
    for (size_t c = 0; c < sizeof candidates; c++) {
        size_t count = 0;
        for (size_t i = 0; i < size; i++)
            count += window.data[i] == candidates[c];
        if (count > most) {
            most = count;
            best = candidates[c];
        }
    }
    return best;
}

static auk_code name_columns(auk_records *records, const auk_span *names, auk_error *err)
{
    for (uint32_t i = 0; i < records->column_count; i++) {
        if (names[i].size == 0)
            return auk_fail(err, AUK_INVALID, "column %u of the header has no name", i + 1);
        for (uint32_t k = 0; k < i; k++)
            if (auk_span_equal(names[i], names[k]))
                return auk_fail(err, AUK_INVALID, "columns %u and %u are both named \"%.*s\"",
                                k + 1, i + 1, AUK_SPAN_ARG(names[i]));
        auk_buffer_reset(&records->line);
        auk_json_escape(&records->line, names[i]);
        records->columns[i].name = auk_arena_copy(records->arena, auk_buffer_span(&records->line));
    }
    return AUK_OK;
}

static auk_code read_header(auk_records *records, auk_error *err)
{
    auk_span row;
    uint64_t line;
    bool found;
    const char *problem;
    auk_code code = next_row(records, &row, &line, &found, &problem, err);
    if (code != AUK_OK || !found)
        return code;
    if (problem != NULL)
        return auk_fail(err, AUK_INVALID, "the header: %s", problem);
    auk_span *names = AUK_ARENA_ARRAY(records->arena, auk_span, COLUMNS_LIMIT);
    records->column_count = split(records->arena, row, records->delimiter, names, COLUMNS_LIMIT);
    if (records->column_count > COLUMNS_LIMIT)
        return auk_fail(err, AUK_TOO_LARGE, "the header has more than %u columns", COLUMNS_LIMIT);
    records->columns = AUK_ARENA_ARRAY(records->arena, auk_column, records->column_count);
    return name_columns(records, names, err);
}

/* ---- types ---- */

static bool is_boolean(auk_span text)
{
    return auk_span_is(text, "true") || auk_span_is(text, "false");
}

/* What the first rows in the window say of each column; they are not consumed. */
static void guess_types(auk_records *records)
{
    uint32_t count = records->column_count;
    bool *numbers = AUK_ARENA_ARRAY(records->arena, bool, 3 * count + 1);
    bool *others = numbers + count;
    bool *booleans = others + count;
    auk_span *fields = AUK_ARENA_ARRAY(records->arena, auk_span, count + 1);
    auk_span window = auk_source_window(records->source);
    for (size_t rows = 0; rows < SAMPLE_ROWS; rows++) {
        row_end end = {0};
        bool is_whole = find_row_end(&end, window, records->delimiter);
        if (!is_whole && (end.at == 0 || !records->source->at_end))
            break;
        auk_arena_reset(records->row_arena);
        auk_span row = without_line_end((auk_span){window.data, end.at});
        uint32_t found = split(records->row_arena, row, records->delimiter, fields, count);
        for (uint32_t i = 0; i < count && found == count; i++) {
            if (fields[i].size == 0)
                continue;
            bool is_number = auk_json_scan_is_number(fields[i]);
            numbers[i] |= is_number;
            booleans[i] |= is_boolean(fields[i]);
            others[i] |= !is_number && !is_boolean(fields[i]);
        }
        window.data += end.at;
        window.size -= end.at;
    }
    for (uint32_t i = 0; i < count; i++) {
        if (numbers[i] && !others[i] && !booleans[i])
            records->columns[i].type = COLUMN_NUMBER;
        else if (booleans[i] && !others[i] && !numbers[i])
            records->columns[i].type = COLUMN_BOOLEAN;
    }
}

auk_code auk_records_begin_table(auk_records *records, auk_error *err)
{
    auk_source *source = records->source;
    auk_span window = auk_source_window(source);
    if (window.size == 0)
        return AUK_OK;
    records->delimiter = records->format == AUK_FORMAT_TSV ? '\t' : choose_delimiter(window);
    auk_code code = read_header(records, err);
    while (code == AUK_OK && !source->at_end && source->to - source->from < SAMPLE_BYTES)
        code = auk_source_more(source, err);
    if (code == AUK_OK)
        guess_types(records);
    return code;
}

/* ---- rows ---- */

static void write_row(auk_records *records, const auk_span *fields)
{
    auk_buffer *out = &records->line;
    auk_buffer_reset(out);
    auk_buffer_append_byte(out, '{');
    for (uint32_t i = 0; i < records->column_count; i++) {
        const auk_column *column = &records->columns[i];
        if (fields[i].size == 0)
            continue;
        if (out->size > 1)
            auk_buffer_append_byte(out, ',');
        auk_buffer_append(out, column->name);
        auk_buffer_append_byte(out, ':');
        if ((column->type == COLUMN_NUMBER && auk_json_scan_is_number(fields[i])) ||
            (column->type == COLUMN_BOOLEAN && is_boolean(fields[i])))
            auk_buffer_append(out, fields[i]);
        else
            auk_json_escape(out, fields[i]);
    }
    auk_buffer_append_byte(out, '}');
}

auk_code auk_records_next_row(auk_records *records, auk_record *out, bool *found, auk_error *err)
{
    auk_span row;
    *found = false;
    if (records->column_count == 0)
        return AUK_OK;
    auk_code code = next_row(records, &row, &out->line, found, &out->problem, err);
    if (code != AUK_OK || !*found)
        return code;
    auk_arena_reset(records->row_arena);
    auk_span *fields = AUK_ARENA_ARRAY(records->row_arena, auk_span, records->column_count);
    uint32_t count =
        split(records->row_arena, row, records->delimiter, fields, records->column_count);
    out->document = row;
    if (out->problem == NULL && count < records->column_count)
        out->problem = "fewer fields than the header has columns";
    if (out->problem == NULL && count > records->column_count)
        out->problem = "more fields than the header has columns";
    if (out->problem == NULL) {
        write_row(records, fields);
        out->document = auk_buffer_span(&records->line);
    }
    return AUK_OK;
}
