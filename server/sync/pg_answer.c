/* What a server answers, as values. */
#include "auk/json.h"
#include "pg.h"

auk_code auk_pg_ask(auk_pg *pg, const char *sql, const auk_span *parameters, uint32_t count,
                    auk_pg_result **out, auk_error *err)
{
    auk_code code = auk_pg_query(pg, sql, parameters, count, out, err);
    if (code == AUK_OK && auk_pg_rows(*out) == 0) {
        auk_pg_clear(*out);
        *out = NULL;
    }
    return code;
}

uint64_t auk_pg_number(const auk_pg_result *result, uint32_t row, uint32_t column)
{
    uint64_t value = 0;
    return auk_number_parse_uint64(auk_pg_cell(result, row, column), &value) ? value : 0;
}

bool auk_pg_is_true(const auk_pg_result *result, uint32_t row, uint32_t column)
{
    return auk_span_is(auk_pg_cell(result, row, column), "t");
}

int64_t auk_pg_integer(const auk_pg_result *result, uint32_t row, uint32_t column)
{
    int64_t value = 0;
    return auk_number_parse_int64(auk_pg_cell(result, row, column), &value) ? value : 0;
}

void auk_pg_append_element(auk_buffer *array, auk_span text)
{
    bool is_first = array->size > 0 && array->data[array->size - 1] == '{';
    auk_buffer_append_text(array, is_first ? "\"" : ",\"");
    for (size_t i = 0; i < text.size; i++) {
        if (auk_byte_among(text.data[i], "\"\\"))
            auk_buffer_append_byte(array, '\\');
        auk_buffer_append_byte(array, text.data[i]);
    }
    auk_buffer_append_byte(array, '"');
}
