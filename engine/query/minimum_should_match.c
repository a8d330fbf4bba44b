/*
 * "3", "-2", "75%", "-25%", and conditions "2<75% 9<-3": above 2 clauses three quarters of them,
 * above 9 all but three (Elasticsearch reference, minimum_should_match; Lucene
 * Queries.calculateMinShouldMatch).
 */
#include "parse.h"

static auk_code refuse(auk_span specification, auk_error *err)
{
    return auk_fail_type(err, AUK_INVALID, "illegal_argument_exception",
                         "Failed to parse [minimum_should_match] [%.*s]",
                         AUK_SPAN_ARG(specification));
}

static auk_span trim(auk_span text)
{
    while (text.size && text.data[0] == ' ')
        text = auk_span_from(text, 1);
    while (text.size && text.data[text.size - 1] == ' ')
        text.size--;
    return text;
}

/* A part without '<'; the result may lie outside 0 .. count. */
static bool plain(auk_span part, int64_t count, int64_t *out)
{
    int64_t number;
    part = trim(part);
    bool percent = part.size && part.data[part.size - 1] == '%';
    if (percent)
        part.size--;
    if (!auk_number_parse_int64(part, &number) || number < -1000000000 || number > 1000000000)
        return false;
    if (percent) {
        int64_t share = count * number / 100; /* towards zero, as a cast from float does */
        *out = share < 0 ? count + share : share;
        if (number < 0 && share == 0)
            *out = count;
    } else {
        *out = number < 0 ? count + number : number;
    }
    return true;
}

static bool conditional(auk_span specification, int64_t count, int64_t *out)
{
    *out = count; /* below every condition: all */
    while (specification.size) {
        const char *space = memchr(specification.data, ' ', specification.size);
        auk_span part =
            space ? auk_span_make(specification.data, (size_t)(space - specification.data))
                  : specification;
        specification = trim(auk_span_from(specification, part.size));
        const char *less = memchr(part.data, '<', part.size);
        int64_t above;
        if (!less)
            return false;
        size_t at = (size_t)(less - part.data);
        if (!auk_number_parse_int64(auk_span_make(part.data, at), &above))
            return false;
        if (count <= above)
            return true;
        if (!plain(auk_span_from(part, at + 1), count, out))
            return false;
    }
    return true;
}

auk_code auk_minimum_should_match(auk_span specification, uint32_t optional_count, uint32_t *out,
                                  auk_error *err)
{
    int64_t result;
    auk_span text = trim(specification);
    bool has_condition = text.size && memchr(text.data, '<', text.size);
    bool understood = has_condition ? conditional(text, optional_count, &result)
                                    : plain(text, optional_count, &result);
    if (!understood)
        return refuse(specification, err);
    *out = result < 0 ? 0 : result > UINT32_MAX ? UINT32_MAX : (uint32_t)result;
    return AUK_OK;
}
