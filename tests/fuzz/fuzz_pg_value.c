/*
 * Any bytes as a value of Postgres: the first chooses the type, the second text or binary. What is
 * taken is JSON; what is taken in binary gives the same JSON by way of its text.
 */
#include <stdlib.h>

#include "pg_type.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

#define PAIR      100001
#define PAIRS     100002
#define DOMAIN    100003
#define HSTORE    100004
#define VECTOR    100005
#define HALFVEC   100006
#define LTREE     100007
#define GEOMETRY  100008
#define ENUM      100009
#define TEXTRANGE 100010

static const uint32_t oids[] = {
    16,     17,     18,     20,      21,    23,       25,   26,        114,  142,  5069, 650,
    700,    701,    774,    790,     829,   869,      1042, 1082,      1083, 1114, 1184, 1186,
    1266,   1560,   1700,   2950,    3220,  3614,     3802, 4072,      3904, 3906, 3908, 3912,
    4451,   4532,   1007,   1009,    1231,  1185,     3807, 3905,      1001, 600,  PAIR, PAIRS,
    DOMAIN, HSTORE, VECTOR, HALFVEC, LTREE, GEOMETRY, ENUM, TEXTRANGE,
};

static auk_pg_types *make_types(void)
{
    static const auk_pg_attribute attributes[] = {{AUK_SPAN_INIT("a"), 23, -1},
                                                  {AUK_SPAN_INIT("b c"), 25, -1},
                                                  {AUK_SPAN_INIT("d"), 1007, -1}};
    static const auk_pg_type made[] = {
        {.oid = PAIR, .kind = AUK_PG_COMPOSITE, .attributes = attributes, .attribute_count = 3},
        {.oid = PAIRS, .kind = AUK_PG_ARRAY, .element = PAIR},
        {.oid = DOMAIN, .kind = AUK_PG_DOMAIN, .element = PAIRS, .modifier = -1},
        {.oid = HSTORE, .kind = AUK_PG_HSTORE},
        {.oid = VECTOR, .kind = AUK_PG_VECTOR},
        {.oid = HALFVEC, .kind = AUK_PG_HALFVEC},
        {.oid = LTREE, .kind = AUK_PG_VERSIONED},
        {.oid = GEOMETRY, .kind = AUK_PG_GEOMETRY},
        {.oid = ENUM, .kind = AUK_PG_ENUM},
        {.oid = TEXTRANGE, .kind = AUK_PG_RANGE, .element = 25},
    };
    auk_pg_types *types = auk_pg_types_create();
    for (size_t i = 0; i < sizeof made / sizeof *made; i++)
        auk_pg_types_put(types, &made[i]);
    return types;
}

static auk_code write(const auk_pg_types *types, uint32_t oid, const auk_datum *datum,
                      auk_buffer *out)
{
    auk_json_writer writer;
    uint64_t unmapped = 0;
    auk_error err = {0};
    auk_buffer_init(out, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, out, false);
    auk_code code = auk_pg_value_write(types, oid, -1, datum, &writer, &unmapped, &err);
    if ((code == AUK_OK) != (err.message[0] == '\0'))
        abort();
    return code;
}

static void check(const auk_pg_types *types, uint32_t oid, const auk_datum *datum)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_buffer json, again;
    const auk_json *tree;
    auk_span text;
    if (write(types, oid, datum, &json) == AUK_OK) {
        /* keys of hstore and of json may come twice where no server made them; JSON in JSON is deep
         */
        if (oid != HSTORE && oid != 114 && oid != 3802 && oid != 3807 &&
            auk_json_parse(auk_buffer_span(&json), arena, &tree, NULL) != AUK_OK)
            abort();
        bool has_text = auk_pg_value_text(types, oid, -1, datum, arena, &text, NULL) == AUK_OK;
        if (!has_text)
            abort();
        const auk_datum as_text = {AUK_DATUM_TEXT, text};
        if (datum->state == AUK_DATUM_BINARY && oid != 790) {
            if (write(types, oid, &as_text, &again) != AUK_OK ||
                !auk_span_equal(auk_buffer_span(&json), auk_buffer_span(&again)))
                abort();
            auk_buffer_deinit(&again);
        }
    }
    auk_buffer_deinit(&json);
    auk_arena_destroy(arena);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    static auk_pg_types *types;
    if (!types)
        types = make_types();
    if (size < 2)
        return 0;
    uint32_t oid = oids[data[0] % (sizeof oids / sizeof *oids)];
    auk_datum datum = {data[1] & 1 ? AUK_DATUM_BINARY : AUK_DATUM_TEXT,
                       auk_span_make(data + 2, size - 2)};
    check(types, oid, &datum);
    return 0;
}
