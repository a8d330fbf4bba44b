/* The field type that a column of a type gets. See pg_value.h. */
#include "pg_type.h"

#define NUMERIC_HEADER 4 /* of a type modifier */

static void write_type(auk_json_writer *out, const char *type, bool may_be_odd)
{
    auk_json_begin_object(out);
    auk_json_member_text(out, "type", type);
    if (may_be_odd) /* NaN, an address with a mask: kept, not indexed */
        auk_json_member_bool(out, "ignore_malformed", true);
    auk_json_end_object(out);
}

static void write_words(auk_json_writer *out)
{
    auk_json_begin_object(out);
    auk_json_member_text(out, "type", "text");
    auk_json_member_object(out, "fields");
    auk_json_member_object(out, "keyword");
    auk_json_member_text(out, "type", "keyword");
    auk_json_member_int(out, "ignore_above", 256);
    auk_json_end_object(out);
    auk_json_end_object(out);
    auk_json_end_object(out);
}

static void write_keyword(auk_json_writer *out)
{
    auk_json_begin_object(out);
    auk_json_member_text(out, "type", "keyword");
    auk_json_member_int(out, "ignore_above", 8191); /* the longest term that is taken */
    auk_json_end_object(out);
}

/* Kept and shown, never searched. */
static void write_unsearched(auk_json_writer *out)
{
    auk_json_begin_object(out);
    auk_json_member_text(out, "type", "keyword");
    auk_json_member_bool(out, "index", false);
    auk_json_member_bool(out, "doc_values", false);
    auk_json_end_object(out);
}

/* numeric(precision, scale): whole ones that fit are long. */
static void write_numeric(auk_json_writer *out, int32_t modifier)
{
    int32_t precision = 0, scale = -1;
    if (modifier >= NUMERIC_HEADER) {
        precision = (modifier - NUMERIC_HEADER) >> 16 & 0xffff;
        scale = (((modifier - NUMERIC_HEADER) & 0x7ff) ^ 1024) - 1024; /* signed, 11 bits */
    }
    bool whole = scale == 0 && precision > 0 && precision <= 18;
    write_type(out, whole ? "long" : "double", true);
}

static bool write_mapping(const auk_pg_types *types, uint32_t oid, int32_t modifier, uint32_t depth,
                          auk_json_writer *out);

static void write_member(const auk_pg_types *types, auk_span name, uint32_t oid, int32_t modifier,
                         uint32_t depth, auk_json_writer *out)
{
    auk_buffer one; /* a type may have nothing to say: then there is no member */
    auk_json_writer inner;
    auk_buffer_init(&one, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&inner, &one, false);
    if (write_mapping(types, oid, modifier, depth, &inner)) {
        auk_json_key(out, name);
        auk_json_raw(out, auk_buffer_span(&one));
    }
    auk_buffer_deinit(&one);
}

static void write_composite(const auk_pg_types *types, const auk_pg_type *type, uint32_t depth,
                            auk_json_writer *out)
{
    auk_json_begin_object(out);
    auk_json_member_object(out, "properties");
    for (uint32_t i = 0; i < type->attribute_count; i++)
        write_member(types, type->attributes[i].name, type->attributes[i].type,
                     type->attributes[i].modifier, depth, out);
    auk_json_end_object(out);
    auk_json_end_object(out);
}

static void write_range(const auk_pg_types *types, const auk_pg_type *type, uint32_t depth,
                        auk_json_writer *out)
{
    static const char *const bounds[] = {"gte", "gt", "lt", "lte"};
    auk_json_begin_object(out);
    auk_json_member_object(out, "properties");
    for (size_t i = 0; i < sizeof bounds / sizeof *bounds; i++)
        write_member(types, auk_span_of(bounds[i]), type->element, -1, depth, out);
    auk_json_end_object(out);
    auk_json_end_object(out);
}

static const struct {
    auk_pg_kind kind;
    const char *type;
    bool may_be_odd;
} plain[] = {
    {AUK_PG_BOOL, "boolean", false},    {AUK_PG_INT2, "short", false},
    {AUK_PG_INT4, "integer", false},    {AUK_PG_INT8, "long", false},
    {AUK_PG_OID, "long", false},        {AUK_PG_XID8, "long", true},
    {AUK_PG_FLOAT4, "float", true},     {AUK_PG_FLOAT8, "double", true},
    {AUK_PG_MONEY, "double", false},    {AUK_PG_INET, "ip", true},
    {AUK_PG_DATE, "date", true},        {AUK_PG_TIMESTAMP, "date", true},
    {AUK_PG_TIMESTAMPTZ, "date", true},
};

static bool write_mapping(const auk_pg_types *types, uint32_t oid, int32_t modifier, uint32_t depth,
                          auk_json_writer *out)
{
    const auk_pg_type *type = auk_pg_types_find(types, oid, &modifier);
    if (depth == AUK_PG_NESTED_MOST)
        return false;
    for (size_t i = 0; i < sizeof plain / sizeof *plain; i++)
        if (plain[i].kind == type->kind) {
            write_type(out, plain[i].type, plain[i].may_be_odd);
            return true;
        }
    switch (type->kind) {
    case AUK_PG_NUMERIC:
        write_numeric(out, modifier);
        return true;
    case AUK_PG_TEXT:
    case AUK_PG_TSVECTOR:
    case AUK_PG_UNKNOWN:
        write_words(out);
        return true;
    case AUK_PG_BYTEA:
    case AUK_PG_VECTOR:
    case AUK_PG_HALFVEC:
        write_unsearched(out);
        return true;
    case AUK_PG_ARRAY:
    case AUK_PG_MULTIRANGE:
        return write_mapping(types, type->element, modifier, depth + 1, out);
    case AUK_PG_COMPOSITE:
        write_composite(types, type, depth + 1, out);
        return true;
    case AUK_PG_RANGE:
        write_range(types, type, depth + 1, out);
        return true;
    case AUK_PG_JSON:
    case AUK_PG_JSONB:
    case AUK_PG_HSTORE:
        return false;
    default:
        write_keyword(out);
        return true;
    }
}

bool auk_pg_type_write_mapping(const auk_pg_types *types, uint32_t oid, int32_t modifier,
                               auk_json_writer *out)
{
    return write_mapping(types, oid, modifier, 0, out);
}
