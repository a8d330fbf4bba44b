/* Values of a real Postgres: each literal as text and in binary gives the same JSON, the expected
 * one; and binary gives the text that Postgres itself writes. */
#include "auk/date_format.h"
#include "pg_value.h"
#include "test.h"

static auk_pg *pg;
static auk_pg_types *types;

static const char *const prepare[] = {
    "CREATE EXTENSION hstore SCHEMA public",
    "CREATE EXTENSION citext SCHEMA public",
    "CREATE EXTENSION ltree SCHEMA public",
    "CREATE TYPE public.mood AS ENUM ('sad', 'so \"so\"', 'happy')",
    "CREATE DOMAIN public.positive AS numeric(10,2) CHECK (VALUE > 0)",
    "CREATE DOMAIN public.small AS public.positive CHECK (VALUE < 1000)",
    "CREATE TYPE public.pair AS (a int, \"b c\" text)",
    "CREATE TYPE public.nest AS (p public.pair, l int[], d public.small, m public.mood, gone int)",
    "ALTER TYPE public.nest DROP ATTRIBUTE gone",
    "CREATE DOMAIN public.pairs AS public.pair[]",
    "CREATE TYPE public.floatrange AS RANGE (subtype = float8)",
    "CREATE TYPE public.\"odd, name\" AS (\"x \"\"y\"\"\" int)",
};

typedef struct value_case {
    const char *sql, *json;
    uint32_t unmapped;
    bool text_only;
} value_case;

#define SAME(s, j)                                                                                 \
    {                                                                                              \
        .sql = (s), .json = (j)                                                                    \
    }
#define ODD(s, j)                                                                                  \
    {                                                                                              \
        .sql = (s), .json = (j), .unmapped = 1                                                     \
    }
#define WORDS(s, j)                                                                                \
    {                                                                                              \
        .sql = (s), .json = (j), .text_only = true                                                 \
    }
#define ODD_WORDS(s, j)                                                                            \
    {                                                                                              \
        .sql = (s), .json = (j), .text_only = true, .unmapped = 1                                  \
    }

static value_case cases[] = {
    SAME("true", "true"),
    SAME("false", "false"),
    SAME("NULL::int", "null"),
    SAME("(-32768)::int2", "-32768"),
    SAME("2147483647", "2147483647"),
    SAME("(-2147483648)::int4", "-2147483648"),
    SAME("9223372036854775807", "9223372036854775807"),
    SAME("(-9223372036854775808)::int8", "-9223372036854775808"),
    SAME("9007199254740993::int8", "9007199254740993"),
    SAME("4294967295::oid", "4294967295"),
    SAME("'123'::xid", "123"),
    SAME("'18446744073709551615'::xid8", "18446744073709551615"),
    SAME("'16/B374D848'::pg_lsn", "\"16/B374D848\""),
    SAME("'0/0'::pg_lsn", "\"0/0\""),
    SAME("0.1::float4", "0.1"),
    SAME("16777216::float4", "1.6777216E7"),
    SAME("'1e-45'::float4", "1.0E-45"),
    SAME("3.4028235e38::float4", "3.4028235E38"),
    SAME("'-0'::float4", "-0.0"),
    SAME("0.1::float8", "0.1"),
    SAME("(-1.5)::float8", "-1.5"),
    SAME("1e300::float8", "1.0E300"),
    SAME("123456789012345::float8", "1.23456789012345E14"),
    SAME("1234567890123456::float8", "1.234567890123456E15"),
    SAME("0.0001::float8", "1.0E-4"),
    SAME("0.00001::float8", "1.0E-5"),
    SAME("'5e-324'::float8", "5.0E-324"),
    SAME("0::float8", "0.0"),
    SAME("100::float8", "100.0"),
    ODD("'NaN'::float8", "\"NaN\""),
    ODD("'-Infinity'::float4", "\"-Infinity\""),
    SAME("0::numeric", "0"),
    SAME("0.00::numeric", "0.00"),
    SAME("1.10::numeric", "1.10"),
    SAME("(-0.000123)::numeric", "-0.000123"),
    SAME("0.00001234500::numeric", "0.00001234500"),
    SAME("10000::numeric", "10000"),
    SAME("100000000::numeric", "100000000"),
    SAME("12345678901234567890.123456789012345678901234567890::numeric",
         "12345678901234567890.123456789012345678901234567890"),
    SAME("1e40::numeric", "10000000000000000000000000000000000000000"),
    SAME("1e-20::numeric", "0.00000000000000000001"),
    SAME("(-99999.9999)::numeric", "-99999.9999"),
    SAME("5.5::numeric(10,3)", "5.500"),
    ODD("'NaN'::numeric", "\"NaN\""),
    ODD("'Infinity'::numeric", "\"Infinity\""),
    ODD("'-Infinity'::numeric", "\"-Infinity\""),
    SAME("1234567.89::numeric::money", "1234567.89"),
    SAME("(-0.05)::numeric::money", "-0.05"),
    SAME("'92233720368547758.07'::money", "92233720368547758.07"),
    SAME("'a \"quoted\" \\ text'::text", "\"a \\\"quoted\\\" \\\\ text\""),
    SAME("E'line\\nbreak\\ttab \\u00e9 \\U0001F600'::varchar", "\"line\\nbreak\\ttab é 😀\""),
    SAME("''::text", "\"\""),
    SAME("'ab'::char(4)", "\"ab  \""),
    SAME("'x'::\"char\"", "\"x\""),
    SAME("''::\"char\"", "\"\""),
    SAME("'a_name'::name", "\"a_name\""),
    SAME("'MiXed'::public.citext", "\"MiXed\""),
    SAME("'top.sub.leaf'::public.ltree", "\"top.sub.leaf\""),
    SAME("'\\x'::bytea", "\"\""),
    SAME("'\\x00'::bytea", "\"AA==\""),
    SAME("'\\x00ff'::bytea", "\"AP8=\""),
    SAME("'\\xdeadbeef0102'::bytea", "\"3q2+7wEC\""),
    SAME("B'10110'", "\"10110\""),
    SAME("B''::varbit", "\"\""),
    SAME("B'1011011101'::varbit(20)", "\"1011011101\""),
    SAME("'a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11'::uuid",
         "\"a0eebc99-9c0b-4ef8-bb6d-6bb9bd380a11\""),
    SAME("'192.168.1.5'::inet", "\"192.168.1.5\""),
    SAME("'192.168.1.5/24'::inet", "\"192.168.1.5/24\""),
    SAME("'::1'::inet", "\"::1\""),
    SAME("'2001:db8::ff00:42:8329/64'::inet", "\"2001:db8::ff00:42:8329/64\""),
    SAME("'::ffff:1.2.3.4'::inet", "\"::ffff:1.2.3.4\""),
    SAME("'10.0.0.0/8'::cidr", "\"10.0.0.0/8\""),
    SAME("'10.1.2.3/32'::cidr", "\"10.1.2.3/32\""),
    SAME("'2001:db8::/32'::cidr", "\"2001:db8::/32\""),
    SAME("'08:00:2b:01:02:03'::macaddr", "\"08:00:2b:01:02:03\""),
    SAME("'08:00:2b:01:02:03:04:05'::macaddr8", "\"08:00:2b:01:02:03:04:05\""),
    SAME("'<a b=\"c\">d</a>'::xml", "\"<a b=\\\"c\\\">d</a>\""),
    SAME("'a:1A fat:2B,4C cat:5'::tsvector", "\"'a':1A 'cat':5 'fat':2B,4C\""),
    SAME("$$'it''s' '\\\\back':3$$::tsvector", "\"'\\\\\\\\back':3 'it''s'\""),
    WORDS("'fat & rat'::tsquery", "\"'fat' & 'rat'\""),
    WORDS("'(1,2.5)'::point", "\"(1,2.5)\""),
    WORDS("'(1,2),(0,0)'::box", "\"(1,2),(0,0)\""),
    SAME("'$.a[*] ? (@ > 2)'::jsonpath", "\"$.\\\"a\\\"[*]?(@ > 2)\""),
    ODD_WORDS("'int4'::regtype", "\"integer\""),
    /* moments */
    SAME("date '2024-02-29'", "\"2024-02-29\""),
    SAME("date '1970-01-01'", "\"1970-01-01\""),
    SAME("date '1600-03-01'", "\"1600-03-01\""),
    SAME("date '0001-01-01'", "\"0001-01-01\""),
    SAME("date '0001-12-31 BC'", "\"0000-12-31\""),
    SAME("date '0044-03-15 BC'", "\"-0043-03-15\""),
    SAME("date '4713-11-24 BC'", "\"-4712-11-24\""),
    SAME("date '12345-06-07'", "\"+12345-06-07\""),
    SAME("date '5874897-12-31'", "\"+5874897-12-31\""),
    SAME("date 'infinity'", "\"+999999-12-31\""),
    SAME("date '-infinity'", "\"-9999-01-01\""),
    SAME("time '00:00'", "\"00:00:00\""),
    SAME("time '23:59:59.999999'", "\"23:59:59.999999\""),
    SAME("time '24:00'", "\"24:00:00\""),
    SAME("time '10:11:12.5'", "\"10:11:12.5\""),
    SAME("timetz '10:11:12.25+02'", "\"10:11:12.25+02:00\""),
    SAME("timetz '10:11:12-03:30'", "\"10:11:12-03:30\""),
    SAME("timetz '10:11:12+00'", "\"10:11:12Z\""),
    SAME("timetz '10:11:12+01:02:03'", "\"10:11:12+01:02:03\""),
    SAME("timestamp '2024-01-02 03:04:05'", "\"2024-01-02T03:04:05\""),
    SAME("timestamp '2024-01-02 03:04:05.000001'", "\"2024-01-02T03:04:05.000001\""),
    SAME("timestamp '1999-12-31 23:59:59.12'", "\"1999-12-31T23:59:59.12\""),
    SAME("timestamp '0044-03-15 12:00:00 BC'", "\"-0043-03-15T12:00:00\""),
    SAME("timestamp '0001-02-03 01:02:03 BC'", "\"0000-02-03T01:02:03\""),
    SAME("timestamp '294276-12-31 23:59:59'", "\"+294276-12-31T23:59:59\""),
    SAME("timestamp 'infinity'", "\"+999999-12-31T23:59:59.999\""),
    SAME("timestamp '-infinity'", "\"-9999-01-01T00:00:00\""),
    SAME("timestamptz '2024-01-02 03:04:05.678901+02'", "\"2024-01-02T01:04:05.678901Z\""),
    SAME("timestamptz '0044-03-15 12:00:00+00 BC'", "\"-0043-03-15T12:00:00Z\""),
    SAME("timestamptz '4714-11-24 00:00:00+00 BC'", "\"-4713-11-24T00:00:00Z\""),
    SAME("timestamptz 'infinity'", "\"+999999-12-31T23:59:59.999Z\""),
    SAME("timestamptz '-infinity'", "\"-9999-01-01T00:00:00Z\""),
    SAME("interval '0'", "\"PT0S\""),
    SAME("interval '1 year 2 mons 3 days 04:05:06.7'", "\"P1Y2M3DT4H5M6.7S\""),
    SAME("interval '-1 year 2 days -00:00:00.5'", "\"P-1Y2DT-0.5S\""),
    SAME("interval '-13 months -25:01:02'", "\"P-1Y-1MT-25H-1M-2S\""),
    SAME("interval '1000000 hours'", "\"PT1000000H\""),
    SAME("interval '3 weeks'", "\"P21D\""),
    /* json */
    SAME("'{\"a\": [1, 2.50, null], \"a b\": {\"c\": \"d\"}}'::json",
         "{\"a\": [1, 2.50, null], \"a b\": {\"c\": \"d\"}}"),
    SAME("' [1,  2]'::json", " [1,  2]"),
    SAME("'{\"b\":1,\"a\":12345678901234567890123}'::jsonb",
         "{\"a\": 12345678901234567890123, \"b\": 1}"),
    SAME("'\"text\"'::jsonb", "\"text\""),
    SAME("'null'::jsonb", "null"),
    SAME("'3.10'::jsonb", "3.10"),
    /* arrays */
    SAME("'{}'::int[]", "[]"),
    SAME("ARRAY[1,NULL,3]", "[1,null,3]"),
    SAME("ARRAY[[1,2],[3,4]]", "[[1,2],[3,4]]"),
    SAME("'[2:3]={7,8}'::int[]", "[7,8]"),
    SAME("'[0:0][-1:0]={{1,2}}'::int[]", "[[1,2]]"),
    SAME("ARRAY[[['a'],['b']]]", "[[[\"a\"],[\"b\"]]]"),
    SAME("ARRAY['a b', '', 'NULL', 'null', NULL, '{x}', 'c,d', 'q\"q', 'b\\s', ' ']",
         "[\"a b\",\"\",\"NULL\",\"null\",null,\"{x}\",\"c,d\",\"q\\\"q\",\"b\\\\s\",\" \"]"),
    ODD("ARRAY[1.10, 'NaN'::numeric]", "[1.10,\"NaN\"]"),
    SAME("ARRAY[true,false]", "[true,false]"),
    SAME("ARRAY[timestamptz '2024-01-02 03:04:05+00', NULL]", "[\"2024-01-02T03:04:05Z\",null]"),
    SAME("ARRAY['\\x01'::bytea]", "[\"AQ==\"]"),
    SAME("ARRAY['{\"a\": \"b, c\"}'::jsonb]", "[{\"a\": \"b, c\"}]"),
    SAME("ARRAY['happy','so \"so\"']::public.mood[]", "[\"happy\",\"so \\\"so\\\"\"]"),
    WORDS("ARRAY['(1,1),(0,0)'::box, '(3,3),(2,2)'::box]", "[\"(1,1),(0,0)\",\"(3,3),(2,2)\"]"),
    ODD_WORDS("'1 2 3'::int2vector", "\"1 2 3\""),
    /* enums, domains, composites */
    SAME("'happy'::public.mood", "\"happy\""),
    SAME("12.3::public.positive", "12.30"),
    SAME("12.3::public.small", "12.30"),
    SAME("ROW(1,'x y')::public.pair", "{\"a\":1,\"b c\":\"x y\"}"),
    SAME("ROW(NULL,NULL)::public.pair", "{\"a\":null,\"b c\":null}"),
    SAME("ROW(-5,'')::public.pair", "{\"a\":-5,\"b c\":\"\"}"),
    SAME("ROW(1,'q\"q, (b) \\ c')::public.pair", "{\"a\":1,\"b c\":\"q\\\"q, (b) \\\\ c\"}"),
    SAME("ROW(ROW(1,'a,\"b')::public.pair, ARRAY[1,2], 3, 'sad')::public.nest",
         "{\"p\":{\"a\":1,\"b c\":\"a,\\\"b\"},\"l\":[1,2],\"d\":3.00,\"m\":\"sad\"}"),
    SAME("ARRAY[ROW(1,'a'),NULL,ROW(2,'b,\"c')]::public.pair[]",
         "[{\"a\":1,\"b c\":\"a\"},null,{\"a\":2,\"b c\":\"b,\\\"c\"}]"),
    SAME("ARRAY[ROW(1,'a')]::public.pairs", "[{\"a\":1,\"b c\":\"a\"}]"),
    SAME("ROW(7)::public.\"odd, name\"", "{\"x \\\"y\\\"\":7}"),
    /* hstore */
    SAME("''::public.hstore", "{}"),
    SAME("'a=>1, \"b c\"=>NULL, d=>\"x, \\\"y\\\" => \\\\z\"'::public.hstore",
         "{\"a\":\"1\",\"d\":\"x, \\\"y\\\" => \\\\z\",\"b c\":null}"),
    SAME("'a=>\"\", b=>\"NULL\"'::public.hstore", "{\"a\":\"\",\"b\":\"NULL\"}"),
    /* ranges */
    SAME("'[1,5]'::int4range", "{\"gte\":1,\"lt\":6}"),
    SAME("'(,5)'::int8range", "{\"lt\":5}"),
    SAME("'[3,)'::int8range", "{\"gte\":3}"),
    SAME("'(,)'::int4range", "{}"),
    SAME("'empty'::int4range", "null"),
    SAME("'(1.5,2.50]'::numrange", "{\"gt\":1.5,\"lte\":2.50}"),
    SAME("'[2024-01-01,2024-02-01)'::daterange", "{\"gte\":\"2024-01-01\",\"lt\":\"2024-02-01\"}"),
    SAME("'[2024-01-01 10:00,infinity)'::tsrange",
         "{\"gte\":\"2024-01-01T10:00:00\",\"lt\":\"+999999-12-31T23:59:59.999\"}"),
    SAME("'[2024-01-01 10:00+00,2024-01-01 11:00+00]'::tstzrange",
         "{\"gte\":\"2024-01-01T10:00:00Z\",\"lte\":\"2024-01-01T11:00:00Z\"}"),
    SAME("'[0.5,1.5)'::public.floatrange", "{\"gte\":0.5,\"lt\":1.5}"),
    SAME("ARRAY['[1,2)'::int4range, 'empty']", "[{\"gte\":1,\"lt\":2},null]"),
    SAME("'{}'::int4multirange", "[]"),
    SAME("'{[1,3),[5,9)}'::int4multirange", "[{\"gte\":1,\"lt\":3},{\"gte\":5,\"lt\":9}]"),
    SAME("'{[2024-01-01 10:00,2024-01-01 11:00)}'::tsmultirange",
         "[{\"gte\":\"2024-01-01T10:00:00\",\"lt\":\"2024-01-01T11:00:00\"}]"),
    SAME("'{[0.5,1.5)}'::public.floatmultirange", "[{\"gte\":0.5,\"lt\":1.5}]"),
};
#define CASES (sizeof cases / sizeof *cases)

/* ---- how a case is asked for ---- */

static auk_datum read_text(const char *sql, uint32_t *oid, auk_arena *arena)
{
    auk_span ask =
        auk_arena_printf(arena, "SELECT v, pg_typeof(v)::oid FROM (SELECT %s) t(v)", sql);
    auk_pg_result *result;
    auk_error err;
    if (auk_pg_query(pg, ask.data, NULL, 0, &result, &err) != AUK_OK)
        fail_msg("%s: %s", sql, err.message);
    auk_datum datum = {AUK_DATUM_NULL, {0}};
    if (!auk_pg_is_null(result, 0, 0))
        datum = (auk_datum){AUK_DATUM_TEXT, auk_arena_copy(arena, auk_pg_cell(result, 0, 0))};
    int64_t number;
    assert_true(auk_number_parse_int64(auk_pg_cell(result, 0, 1), &number));
    *oid = (uint32_t)number;
    auk_pg_clear(result);
    return datum;
}

/* 19 bytes of header, count of columns, size and bytes of the one. */
static auk_datum read_binary(const char *sql, auk_arena *arena)
{
    auk_span ask = auk_arena_printf(arena, "COPY (SELECT %s) TO STDOUT (FORMAT binary)", sql);
    auk_error err;
    if (auk_pg_copy_begin(pg, ask.data, &err) != AUK_OK)
        fail_msg("%s: %s", sql, err.message);
    auk_datum datum = {AUK_DATUM_NULL, {0}};
    bool first = true;
    for (;;) {
        auk_span row;
        bool end;
        assert_int_equal(auk_pg_copy_next(pg, &row, &end, NULL), AUK_OK);
        if (end)
            return datum;
        if (first && row.size > 19 + 6)
            datum =
                (auk_datum){AUK_DATUM_BINARY, auk_arena_copy(arena, auk_span_from(row, 19 + 6))};
        else if (first && memcmp(row.data + 19 + 2, "\0\0\0\0", 4) == 0)
            datum.state = AUK_DATUM_BINARY;
        first = false;
    }
}

static void assert_json(const value_case *c, uint32_t oid, const auk_datum *datum)
{
    auk_buffer out;
    auk_json_writer writer;
    uint64_t unmapped = 0;
    auk_error err;
    auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, &out, false);
    auk_code code = auk_pg_value_write(types, oid, -1, datum, &writer, &unmapped, &err);
    if (code != AUK_OK)
        fail_msg("%s: %s", c->sql, err.message);
    if (!auk_span_is(auk_buffer_span(&out), c->json))
        fail_msg("%s as %s: want %s, got %.*s", c->sql,
                 datum->state == AUK_DATUM_TEXT ? "text" : "binary", c->json,
                 AUK_SPAN_ARG(auk_buffer_span(&out)));
    assert_int_equal(unmapped, c->unmapped);
    auk_buffer_deinit(&out);
}

static void assert_same_text(const value_case *c, uint32_t oid, const auk_datum *text,
                             const auk_datum *binary, auk_arena *arena)
{
    auk_span a, b;
    auk_error err;
    assert_int_equal(auk_pg_value_text(types, oid, -1, text, arena, &a, &err), AUK_OK);
    if (auk_pg_value_text(types, oid, -1, binary, arena, &b, &err) != AUK_OK)
        fail_msg("%s: %s", c->sql, err.message);
    if (!auk_span_equal(a, b))
        fail_msg("%s: text %.*s, but from binary %.*s", c->sql, AUK_SPAN_ARG(a), AUK_SPAN_ARG(b));
}

static void gives_one_json_for_text_and_binary(void **state)
{
    const value_case *c = (const value_case *)*state;
    auk_arena *arena = auk_arena_create(4096);
    uint32_t oid;
    auk_datum text = read_text(c->sql, &oid, arena);
    assert_int_equal(auk_pg_types_learn(types, pg, &oid, 1, NULL), AUK_OK);
    assert_json(c, oid, &text);
    assert_int_equal(auk_pg_types_has_binary(types, oid), !c->text_only);
    if (!c->text_only) {
        auk_datum binary = read_binary(c->sql, arena);
        assert_int_equal(binary.state == AUK_DATUM_NULL, text.state == AUK_DATUM_NULL);
        assert_json(c, oid, &binary);
        assert_same_text(c, oid, &text, &binary, arena);
    }
    auk_arena_destroy(arena);
}

/* ---- others ---- */

static void infinities_are_dates_that_sort(void **state)
{
    (void)state;
    static const char *const texts[] = {"-9999-01-01T00:00:00Z",  "-4713-11-24T00:00:00Z",
                                        "0000-02-03T01:02:03",    "2024-01-02T03:04:05.678901Z",
                                        "+294276-12-31T23:59:59", "+999999-12-31T23:59:59.999Z"};
    int64_t before = INT64_MIN;
    for (size_t i = 0; i < sizeof texts / sizeof *texts; i++) {
        int64_t ms;
        auk_error err;
        if (auk_date_parse(auk_date_format_default(), auk_span_of(texts[i]), AUK_SPAN(""), false,
                           &ms, &err) != AUK_OK)
            fail_msg("%s: %s", texts[i], err.message);
        assert_true(ms > before);
        before = ms;
    }
}

static void refuses_what_is_no_value(void **state)
{
    (void)state;
    static const struct {
        uint32_t oid;
        const char *text;
    } bad[] = {
        {16, "yes"},
        {23, "1e5"},
        {23, ""},
        {23, "0x"},
        {1700, "01"},
        {1700, "1."},
        {701, "x"},
        {701, "nan"},
        {1082, "now"},
        {1114, "2024"},
        {1184, "2024-01-02 03:04:05"},
        {17, "abc"},
        {17, "\\x0"},
        {17, "\\xzz"},
        {3802, "{"},
        {114, "{\"a\":1}}"},
        {1007, "{1"},
        {1007, "1}"},
        {1007, "{1,}"},
        {1007, "{{{{{{{1}}}}}}}"},
        {1007, "{1}{"},
        {3904, "[1"},
        {3904, "1,2"},
        {4451, "{[1,2)"},
        {1007, "[1:2]"},
        {1009, "{\"a"},
        {790, "none"},
    };
    for (size_t i = 0; i < sizeof bad / sizeof *bad; i++) {
        auk_datum datum = {AUK_DATUM_TEXT, auk_span_of(bad[i].text)};
        auk_buffer out;
        auk_json_writer writer;
        uint64_t unmapped = 0;
        auk_error err;
        auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
        auk_json_writer_init(&writer, &out, false);
        if (auk_pg_value_write(types, bad[i].oid, -1, &datum, &writer, &unmapped, &err) !=
            AUK_INVALID)
            fail_msg("%u took %s", bad[i].oid, bad[i].text);
        assert_non_null(err.message);
        auk_buffer_deinit(&out);
    }
}

static void shows_points_and_vectors(void **state)
{
    (void)state;
    auk_pg_types *own = auk_pg_types_create();
    assert_int_equal(auk_pg_run(pg, "CREATE DOMAIN public.unrelated AS text", NULL), AUK_OK);
    /* types of extensions that are not installed here are known by their name */
    static const char *const make[] = {
        "CREATE TYPE public.geometry",
        "CREATE FUNCTION public.geometry_in(cstring) RETURNS public.geometry LANGUAGE internal "
        "IMMUTABLE STRICT AS 'textin'",
        "CREATE FUNCTION public.geometry_out(public.geometry) RETURNS cstring LANGUAGE internal "
        "IMMUTABLE STRICT AS 'textout'",
        "CREATE TYPE public.geometry (INPUT = public.geometry_in, OUTPUT = public.geometry_out)",
        "CREATE TYPE public.vector",
        "CREATE FUNCTION public.vector_in(cstring) RETURNS public.vector LANGUAGE internal "
        "IMMUTABLE STRICT AS 'textin'",
        "CREATE FUNCTION public.vector_out(public.vector) RETURNS cstring LANGUAGE internal "
        "IMMUTABLE STRICT AS 'textout'",
        "CREATE TYPE public.vector (INPUT = public.vector_in, OUTPUT = public.vector_out)",
    };
    for (size_t i = 0; i < sizeof make / sizeof *make; i++)
        assert_int_equal(auk_pg_run(pg, make[i], NULL), AUK_OK);
    static const value_case shown[] = {
        WORDS("'0101000020E6100000000000000000F03F0000000000000040'::public.geometry", "\"2,1\""),
        ODD_WORDS("'0102000000'::public.geometry", "\"0102000000\""),
        WORDS("'[1,2.5,-3]'::public.vector", "[1.0,2.5,-3.0]"),
    };
    auk_arena *arena = auk_arena_create(1024);
    for (size_t i = 0; i < sizeof shown / sizeof *shown; i++) {
        uint32_t oid;
        auk_datum text = read_text(shown[i].sql, &oid, arena);
        assert_int_equal(auk_pg_types_learn(types, pg, &oid, 1, NULL), AUK_OK);
        assert_json(&shown[i], oid, &text);
        if (i == 2) {
            auk_datum binary = {AUK_DATUM_BINARY,
                                auk_span_make("\0\3\0\0\x3f\x80\0\0\x40\x20\0\0\xc0\x40\0\0", 16)};
            assert_json(&shown[i], oid, &binary);
        }
    }
    auk_arena_destroy(arena);
    auk_pg_types_destroy(own);
}

static void maps_types_to_fields(void **state)
{
    (void)state;
    static const struct {
        const char *type, *mapping; /* "": none */
    } wanted[] = {
        {"bool", "{\"type\":\"boolean\"}"},
        {"int8", "{\"type\":\"long\"}"},
        {"int2[]", "{\"type\":\"short\"}"},
        {"numeric", "{\"type\":\"double\",\"ignore_malformed\":true}"},
        {"numeric(10,2)", "{\"type\":\"double\",\"ignore_malformed\":true}"},
        {"numeric(18)", "{\"type\":\"long\",\"ignore_malformed\":true}"},
        {"public.positive", "{\"type\":\"double\",\"ignore_malformed\":true}"},
        {"timestamptz", "{\"type\":\"date\",\"ignore_malformed\":true}"},
        {"text", "{\"type\":\"text\",\"fields\":{\"keyword\":{\"type\":\"keyword\","
                 "\"ignore_above\":256}}}"},
        {"uuid", "{\"type\":\"keyword\",\"ignore_above\":8191}"},
        {"public.mood", "{\"type\":\"keyword\",\"ignore_above\":8191}"},
        {"bytea", "{\"type\":\"keyword\",\"index\":false,\"doc_values\":false}"},
        {"public.\"odd, name\"", "{\"properties\":{\"x \\\"y\\\"\":{\"type\":\"integer\"}}}"},
        {"int4range",
         "{\"properties\":{\"gte\":{\"type\":\"integer\"},\"gt\":{\"type\":\"integer\"},"
         "\"lt\":{\"type\":\"integer\"},\"lte\":{\"type\":\"integer\"}}}"},
        {"jsonb", ""},
        {"public.hstore", ""},
    };
    auk_arena *arena = auk_arena_create(1024);
    for (size_t i = 0; i < sizeof wanted / sizeof *wanted; i++) {
        auk_span run =
            auk_arena_printf(arena,
                             "DROP TABLE IF EXISTS public.one; CREATE TABLE public.one (c %s)",
                             wanted[i].type);
        assert_int_equal(auk_pg_run(pg, run.data, NULL), AUK_OK);
        auk_pg_result *result;
        assert_int_equal(
            auk_pg_query(pg,
                         "SELECT atttypid, atttypmod FROM pg_attribute WHERE attrelid = "
                         "'public.one'::regclass AND attnum = 1",
                         NULL, 0, &result, NULL),
            AUK_OK);
        int64_t oid, modifier;
        assert_true(auk_number_parse_int64(auk_pg_cell(result, 0, 0), &oid));
        assert_true(auk_number_parse_int64(auk_pg_cell(result, 0, 1), &modifier));
        auk_pg_clear(result);
        uint32_t one = (uint32_t)oid;
        assert_int_equal(auk_pg_types_learn(types, pg, &one, 1, NULL), AUK_OK);
        auk_buffer out;
        auk_json_writer writer;
        auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
        auk_json_writer_init(&writer, &out, false);
        bool written = auk_pg_type_write_mapping(types, one, (int32_t)modifier, &writer);
        assert_int_equal(written, wanted[i].mapping[0] != '\0');
        if (!auk_span_is(auk_buffer_span(&out), wanted[i].mapping))
            fail_msg("%s: want %s, got %.*s", wanted[i].type, wanted[i].mapping,
                     AUK_SPAN_ARG(auk_buffer_span(&out)));
        auk_buffer_deinit(&out);
    }
    auk_arena_destroy(arena);
}

static int open_all(void **state)
{
    (void)state;
    auk_error err;
    if (auk_pg_connect(&(auk_pg_options){.conninfo = ""}, &pg, &err) != AUK_OK)
        return print_error("%s\n", err.message), -1;
    types = auk_pg_types_create();
    for (size_t i = 0; i < sizeof prepare / sizeof *prepare; i++)
        if (auk_pg_run(pg, prepare[i], &err) != AUK_OK)
            return print_error("%s: %s\n", prepare[i], err.message), -1;
    return 0;
}

static int close_all(void **state)
{
    (void)state;
    auk_pg_types_destroy(types);
    auk_pg_close(pg);
    return 0;
}

int main(void)
{
    struct CMUnitTest tests[CASES + 4] = {
        cmocka_unit_test(infinities_are_dates_that_sort),
        cmocka_unit_test(refuses_what_is_no_value),
        cmocka_unit_test(maps_types_to_fields),
        cmocka_unit_test(shows_points_and_vectors),
    };
    for (size_t i = 0; i < CASES; i++)
        tests[4 + i] = (struct CMUnitTest){.name = cases[i].sql,
                                           .test_func = gives_one_json_for_text_and_binary,
                                           .initial_state = &cases[i]};
    return cmocka_run_group_tests_name("sync_pg_value", tests, open_all, close_all);
}
