/* Cells are kept as texts; order, columns and form are decided at the end. */
#include <stdlib.h>

#include "admin.h"

struct auk_cat {
    auk_call *call;
    const auk_cat_column *columns;
    uint32_t column_count;
    auk_span *cells;
    uint32_t cell_count, capacity;
};

auk_cat *auk_cat_create(auk_call *call, const auk_cat_column *columns, uint32_t count)
{
    auk_cat *table = AUK_ARENA_NEW(call->arena, auk_cat);
    table->call = call;
    table->columns = columns;
    table->column_count = count;
    return table;
}

void auk_cat_row(auk_cat *table)
{
    while (table->cell_count % table->column_count != 0)
        auk_cat_text(table, AUK_SPAN(""));
}

void auk_cat_text(auk_cat *table, auk_span text)
{
    if (table->cell_count == table->capacity) {
        uint32_t grown = table->capacity ? table->capacity * 2 : 64;
        auk_span *cells = AUK_ARENA_ARRAY(table->call->arena, auk_span, grown);
        if (table->cell_count)
            memcpy(cells, table->cells, sizeof(*cells) * table->cell_count);
        table->cells = cells;
        table->capacity = grown;
    }
    table->cells[table->cell_count++] = text;
}

void auk_cat_number(auk_cat *table, uint64_t value)
{
    auk_cat_text(table, auk_arena_printf(table->call->arena, "%llu", (unsigned long long)value));
}

void auk_cat_bytes(auk_cat *table, uint64_t bytes)
{
    static const char units[] = "bkmgt";
    auk_span unit = auk_call_parameter(table->call, "bytes");
    const char *at = unit.size ? strchr(units, unit.data[0]) : NULL;
    if (at) {
        auk_cat_number(table, bytes >> (10 * (unsigned)(at - units)));
        return;
    }
    char text[16];
    auk_bytes_format(bytes, text);
    auk_cat_text(table, auk_arena_copy(table->call->arena, auk_span_of(text)));
}

/* ---- which columns ---- */

typedef struct layout {
    uint32_t *columns;
    auk_span *titles;
    uint32_t count;
} layout;

static bool is_alias(const char *aliases, auk_span word)
{
    auk_span rest = auk_span_of(aliases), one;
    while (auk_span_cut(&rest, ',', &one))
        if (auk_span_equal(word, one))
            return true;
    return false;
}

static void choose_word(const auk_cat *table, auk_span word, layout *out, uint32_t limit)
{
    for (uint32_t i = 0; i < table->column_count && out->count < limit; i++) {
        const auk_cat_column *column = &table->columns[i];
        bool alias = is_alias(column->alias, word);
        if (!alias && !auk_pattern_matches(word, auk_span_of(column->name)))
            continue;
        out->titles[out->count] = alias ? word : auk_span_of(column->name);
        out->columns[out->count++] = i;
    }
}

static layout choose_columns(const auk_cat *table)
{
    auk_span wanted = auk_call_parameter(table->call, "h");
    uint32_t limit = table->column_count * 4;
    layout out = {AUK_ARENA_ARRAY(table->call->arena, uint32_t, limit),
                  AUK_ARENA_ARRAY(table->call->arena, auk_span, limit), 0};
    for (uint32_t i = 0; !wanted.size && i < table->column_count; i++) {
        if (table->columns[i].hidden)
            continue;
        out.titles[out.count] = auk_span_of(table->columns[i].name);
        out.columns[out.count++] = i;
    }
    auk_span word;
    while (auk_span_cut(&wanted, ',', &word))
        choose_word(table, word, &out, limit);
    return out;
}

/* ---- order of rows: s=column:desc,other ---- */

typedef struct sort_context {
    const auk_cat *table;
    uint32_t column;
    bool descending, number;
} sort_context;

static int compare_rows(const void *a, const void *b, void *context)
{
    const sort_context *sort = context;
    auk_span left =
        sort->table->cells[*(const uint32_t *)a * sort->table->column_count + sort->column];
    auk_span right =
        sort->table->cells[*(const uint32_t *)b * sort->table->column_count + sort->column];
    double x, y;
    int order = auk_span_compare(left, right);
    if (sort->number && auk_number_parse_double(left, &x) && auk_number_parse_double(right, &y))
        order = (x > y) - (x < y);
    if (order == 0)
        order = *(const uint32_t *)a < *(const uint32_t *)b ? -1 : 1;
    else if (sort->descending)
        order = -order;
    return order;
}

static uint32_t *order_rows(const auk_cat *table, uint32_t row_count)
{
    uint32_t *rows = AUK_ARENA_ARRAY(table->call->arena, uint32_t, row_count + 1);
    for (uint32_t i = 0; i < row_count; i++)
        rows[i] = i;
    auk_span key = auk_call_parameter(table->call, "s");
    const char *comma = key.size ? memchr(key.data, ',', key.size) : NULL;
    if (comma)
        key.size = (size_t)(comma - key.data);
    const char *colon = key.size ? memchr(key.data, ':', key.size) : NULL;
    sort_context sort = {.table = table};
    if (colon) {
        sort.descending = auk_span_is(auk_span_from(key, (size_t)(colon - key.data) + 1), "desc");
        key.size = (size_t)(colon - key.data);
    }
    for (uint32_t i = 0; key.size && i < table->column_count; i++) {
        if (!auk_span_is(key, table->columns[i].name) && !is_alias(table->columns[i].alias, key))
            continue;
        sort.column = i;
        sort.number = table->columns[i].number;
        qsort_r(rows, row_count, sizeof *rows, compare_rows, &sort);
        break;
    }
    return rows;
}

/* ---- forms ---- */

static auk_span cell(const auk_cat *table, uint32_t row, uint32_t column)
{
    return table->cells[row * table->column_count + column];
}

static void write_json(const auk_cat *table, const layout *shape, const uint32_t *rows,
                       uint32_t row_count)
{
    auk_json_writer *out = &table->call->out;
    auk_json_begin_array(out);
    for (uint32_t r = 0; r < row_count; r++) {
        auk_json_begin_object(out);
        for (uint32_t c = 0; c < shape->count; c++) {
            auk_json_key(out, shape->titles[c]);
            auk_json_string(out, cell(table, rows[r], shape->columns[c]));
        }
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
}

static void pad(auk_buffer *out, size_t count)
{
    while (count-- > 0)
        auk_buffer_append_byte(out, ' ');
}

static void write_cell(const auk_cat *table, const layout *shape, uint32_t c, auk_span text,
                       size_t width)
{
    auk_buffer *out = &table->call->exchange->response.body;
    bool right = table->columns[shape->columns[c]].number;
    bool last = c + 1 == shape->count;
    if (right)
        pad(out, width - text.size);
    auk_buffer_append(out, text);
    if (!right && !last)
        pad(out, width - text.size);
    auk_buffer_append_byte(out, last ? '\n' : ' ');
}

static void write_text(const auk_cat *table, const layout *shape, const uint32_t *rows,
                       uint32_t row_count, bool titles)
{
    size_t *widths = AUK_ARENA_ARRAY(table->call->arena, size_t, shape->count + 1);
    for (uint32_t c = 0; c < shape->count; c++) {
        widths[c] = titles ? shape->titles[c].size : 0;
        for (uint32_t r = 0; r < row_count; r++)
            if (cell(table, r, shape->columns[c]).size > widths[c])
                widths[c] = cell(table, r, shape->columns[c]).size;
    }
    for (uint32_t c = 0; titles && c < shape->count; c++)
        write_cell(table, shape, c, shape->titles[c], widths[c]);
    for (uint32_t r = 0; r < row_count; r++)
        for (uint32_t c = 0; c < shape->count; c++)
            write_cell(table, shape, c, cell(table, rows[r], shape->columns[c]), widths[c]);
}

static void write_help(const auk_cat *table)
{
    auk_buffer *out = &table->call->exchange->response.body;
    for (uint32_t i = 0; i < table->column_count; i++)
        auk_buffer_printf(out, "%-24s | %-16s | %s\n", table->columns[i].name,
                          table->columns[i].alias, table->columns[i].words);
}

auk_code auk_cat_finish(auk_cat *table, auk_error *err)
{
    bool titles, help;
    auk_code code = auk_call_bool(table->call, "v", false, &titles, err);
    if (code == AUK_OK)
        code = auk_call_bool(table->call, "help", false, &help, err);
    if (code != AUK_OK)
        return code;
    auk_cat_row(table);
    uint32_t row_count = table->cell_count / table->column_count;
    layout shape = choose_columns(table);
    const uint32_t *rows = order_rows(table, row_count);
    table->call->is_text = help || !auk_media_wants_json(table->call);
    if (help)
        write_help(table);
    else if (table->call->is_text)
        write_text(table, &shape, rows, row_count, titles);
    else
        write_json(table, &shape, rows, row_count);
    return AUK_OK;
}
