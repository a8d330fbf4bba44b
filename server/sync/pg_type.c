/* Types: those that are built in, those that the catalog tells of. See pg_type.h. */
#include "pg_type.h"

#include <stdlib.h>

#include "auk/hash.h"

/* ---- built-in ones: OID, OID of its array, how it is read ---- */

typedef struct builtin {
    uint32_t oid, array;
    auk_pg_kind kind;
} builtin;

static const builtin builtins[] = {
    {16, 1000, AUK_PG_BOOL},        {17, 1001, AUK_PG_BYTEA},
    {18, 1002, AUK_PG_CHAR},        {19, 1003, AUK_PG_KEYWORD}, /* name */
    {20, 1016, AUK_PG_INT8},        {21, 1005, AUK_PG_INT2},
    {23, 1007, AUK_PG_INT4},        {25, 1009, AUK_PG_TEXT},
    {26, 1028, AUK_PG_OID},         {28, 1011, AUK_PG_OID},  /* xid */
    {29, 1012, AUK_PG_OID},                                  /* cid */
    {114, 199, AUK_PG_JSON},        {142, 143, AUK_PG_TEXT}, /* xml */
    {5069, 271, AUK_PG_XID8},       {650, 651, AUK_PG_CIDR},
    {700, 1021, AUK_PG_FLOAT4},     {701, 1022, AUK_PG_FLOAT8},
    {774, 775, AUK_PG_MACADDR},     {790, 791, AUK_PG_MONEY},
    {829, 1040, AUK_PG_MACADDR},    {869, 1041, AUK_PG_INET},
    {1042, 1014, AUK_PG_KEYWORD},   {1043, 1015, AUK_PG_TEXT}, /* bpchar, varchar */
    {1082, 1182, AUK_PG_DATE},      {1083, 1183, AUK_PG_TIME},
    {1114, 1115, AUK_PG_TIMESTAMP}, {1184, 1185, AUK_PG_TIMESTAMPTZ},
    {1186, 1187, AUK_PG_INTERVAL},  {1266, 1270, AUK_PG_TIMETZ},
    {1560, 1561, AUK_PG_BIT},       {1562, 1563, AUK_PG_BIT}, /* varbit */
    {1700, 1231, AUK_PG_NUMERIC},   {2950, 2951, AUK_PG_UUID},
    {3220, 3221, AUK_PG_LSN},       {3614, 3643, AUK_PG_TSVECTOR},
    {3615, 3645, AUK_PG_WORDS},     {3802, 3807, AUK_PG_JSONB}, /* tsquery */
    {4072, 4073, AUK_PG_VERSIONED},                             /* jsonpath */
    {600, 1017, AUK_PG_WORDS},      {601, 1018, AUK_PG_WORDS},  /* point, lseg */
    {602, 1019, AUK_PG_WORDS},      {603, 1020, AUK_PG_WORDS},  /* path, box */
    {604, 1027, AUK_PG_WORDS},      {628, 629, AUK_PG_WORDS},   /* polygon, line */
    {718, 719, AUK_PG_WORDS},                                   /* circle */
};

/* ranges: OID, array, subtype, multirange, its array */
static const uint32_t ranges[][5] = {
    {3904, 3905, 23, 4451, 6150},   {3906, 3907, 1700, 4532, 6151}, {3908, 3909, 1114, 4533, 6152},
    {3910, 3911, 1184, 4534, 6153}, {3912, 3913, 1082, 4535, 6155}, {3926, 3927, 20, 4536, 6157},
};

#define BOX         603
#define MONEY_OID   790
#define MONEY_ARRAY 791

/* ---- the table: open addressing by OID ---- */

struct auk_pg_types {
    auk_arena *arena; /* of what was learnt */
    auk_pg_type *slots;
    uint32_t capacity, count;
    uint32_t money_digits;
    bool has_money; /* the server was asked for its digits */
};

static auk_pg_type *slot_of(auk_pg_type *slots, uint32_t capacity, uint32_t oid)
{
    uint32_t at = (oid * UINT32_C(2654435761)) & (capacity - 1);
    while (slots[at].oid != 0 && slots[at].oid != oid)
        at = (at + 1) & (capacity - 1);
    return &slots[at];
}

static void grow(auk_pg_types *types)
{
    uint32_t capacity = types->capacity ? types->capacity * 2 : 512;
    auk_pg_type *slots = (auk_pg_type *)calloc(capacity, sizeof *slots);
    if (!slots)
        abort();
    for (uint32_t i = 0; i < types->capacity; i++)
        if (types->slots[i].oid != 0)
            *slot_of(slots, capacity, types->slots[i].oid) = types->slots[i];
    free(types->slots);
    types->slots = slots;
    types->capacity = capacity;
}

void auk_pg_types_put(auk_pg_types *types, const auk_pg_type *type)
{
    if (type->oid == 0)
        return;
    if ((types->count + 1) * 2 > types->capacity)
        grow(types);
    auk_pg_type *slot = slot_of(types->slots, types->capacity, type->oid);
    types->count += slot->oid == 0;
    *slot = *type;
}

static void put_builtin(auk_pg_types *types, uint32_t oid, auk_pg_kind kind, uint32_t element)
{
    auk_pg_types_put(types, &(auk_pg_type){.oid = oid,
                                           .kind = kind,
                                           .element = element,
                                           .modifier = -1,
                                           .delimiter = oid == BOX ? ';' : ',',
                                           .builtin = true});
}

static void put_builtins(auk_pg_types *types)
{
    for (size_t i = 0; i < sizeof builtins / sizeof *builtins; i++) {
        put_builtin(types, builtins[i].oid, builtins[i].kind, 0);
        put_builtin(types, builtins[i].array, AUK_PG_ARRAY, builtins[i].oid);
    }
    for (size_t i = 0; i < sizeof ranges / sizeof *ranges; i++) {
        put_builtin(types, ranges[i][0], AUK_PG_RANGE, ranges[i][2]);
        put_builtin(types, ranges[i][1], AUK_PG_ARRAY, ranges[i][0]);
        put_builtin(types, ranges[i][3], AUK_PG_MULTIRANGE, ranges[i][0]);
        put_builtin(types, ranges[i][4], AUK_PG_ARRAY, ranges[i][3]);
    }
}

auk_pg_types *auk_pg_types_create(void)
{
    auk_pg_types *types = (auk_pg_types *)calloc(1, sizeof *types);
    if (!types)
        abort();
    types->arena = auk_arena_create(4096);
    types->money_digits = 2;
    put_builtins(types);
    return types;
}

void auk_pg_types_destroy(auk_pg_types *types)
{
    if (!types)
        return;
    auk_arena_destroy(types->arena);
    free(types->slots);
    free(types);
}

void auk_pg_types_forget(auk_pg_types *types)
{
    auk_arena_reset(types->arena);
    memset(types->slots, 0, types->capacity * sizeof *types->slots);
    types->count = 0;
    put_builtins(types);
}

const auk_pg_type *auk_pg_types_find(const auk_pg_types *types, uint32_t oid, int32_t *modifier)
{
    static const auk_pg_type unknown = {.kind = AUK_PG_UNKNOWN, .modifier = -1, .delimiter = ','};
    for (uint32_t depth = 0; depth < AUK_PG_NESTED_MOST; depth++) {
        const auk_pg_type *type = slot_of(types->slots, types->capacity, oid);
        if (oid == 0 || type->oid == 0)
            return &unknown;
        if (type->kind != AUK_PG_DOMAIN)
            return type;
        if (type->modifier != -1)
            *modifier = type->modifier;
        oid = type->element;
    }
    return &unknown;
}

uint32_t auk_pg_types_money_digits(const auk_pg_types *types)
{
    return types->money_digits;
}

static bool has_binary(const auk_pg_types *types, uint32_t oid, uint32_t depth)
{
    int32_t modifier;
    const auk_pg_type *type = auk_pg_types_find(types, oid, &modifier);
    if (depth == AUK_PG_NESTED_MOST)
        return false;
    switch (type->kind) {
    case AUK_PG_UNKNOWN:
    case AUK_PG_WORDS:
        return false;
    case AUK_PG_ARRAY:
    case AUK_PG_RANGE:
    case AUK_PG_MULTIRANGE:
        return has_binary(types, type->element, depth + 1);
    case AUK_PG_COMPOSITE:
        for (uint32_t i = 0; i < type->attribute_count; i++)
            if (!has_binary(types, type->attributes[i].type, depth + 1))
                return false;
        return true;
    default:
        return true;
    }
}

bool auk_pg_types_has_binary(const auk_pg_types *types, uint32_t oid)
{
    return has_binary(types, oid, 0);
}

/* ---- learning ---- */

/* Dependencies are followed in the server: one query whatever there is. Attributes come as "type
 * modifier size name" one behind the other, where size counts the bytes of the name. */
static const char *const learn_sql =
    "WITH RECURSIVE wanted(oid) AS ("
    " SELECT unnest($1::oid[])"
    " UNION"
    " SELECT needed.oid FROM wanted JOIN pg_type t ON t.oid = wanted.oid, LATERAL ("
    "  SELECT t.typelem UNION ALL SELECT t.typbasetype"
    "  UNION ALL SELECT rngsubtype FROM pg_range WHERE rngtypid = t.oid"
    "  UNION ALL SELECT rngtypid FROM pg_range r"
    "   WHERE t.typtype = 'm' AND (to_jsonb(r)->>'rngmultitypid')::oid = t.oid"
    "  UNION ALL SELECT atttypid FROM pg_attribute"
    "   WHERE attrelid = t.typrelid AND t.typtype = 'c' AND attnum > 0 AND NOT attisdropped"
    " ) needed(oid) WHERE needed.oid <> 0"
    ") SELECT t.oid, t.typname, t.typtype, t.typelem, t.typbasetype, t.typtypmod, t.typdelim,"
    " coalesce((SELECT rngsubtype FROM pg_range WHERE rngtypid = t.oid), 0),"
    " coalesce((SELECT rngtypid FROM pg_range r"
    "  WHERE t.typtype = 'm' AND (to_jsonb(r)->>'rngmultitypid')::oid = t.oid), 0),"
    " t.typoutput = 'array_out'::regproc,"
    " coalesce((SELECT string_agg(atttypid || ' ' || atttypmod || ' ' ||"
    "   octet_length(convert_to(attname::text, 'UTF8')) || ' ' || attname, '' ORDER BY attnum)"
    "  FROM pg_attribute WHERE attrelid = t.typrelid AND t.typtype = 'c' AND attnum > 0"
    "   AND NOT attisdropped), ''),"
    " scale('0'::numeric::money::numeric)"
    " FROM wanted JOIN pg_type t ON t.oid = wanted.oid";

enum {
    OID,
    NAME,
    TYPE,
    ELEMENT,
    BASE,
    MODIFIER,
    DELIMITER,
    SUBTYPE,
    RANGE,
    IS_ARRAY,
    ATTRIBUTES,
    MONEY
};

static auk_pg_kind kind_by_name(auk_span name)
{
    static const struct {
        const char *name;
        auk_pg_kind kind;
    } known[] = {
        {"citext", AUK_PG_TEXT},         {"hstore", AUK_PG_HSTORE},
        {"ltree", AUK_PG_VERSIONED},     {"lquery", AUK_PG_VERSIONED},
        {"ltxtquery", AUK_PG_VERSIONED}, {"geometry", AUK_PG_GEOMETRY},
        {"geography", AUK_PG_GEOMETRY},  {"vector", AUK_PG_VECTOR},
        {"halfvec", AUK_PG_HALFVEC},
    };
    for (size_t i = 0; i < sizeof known / sizeof *known; i++)
        if (auk_span_is(name, known[i].name))
            return known[i].kind;
    return AUK_PG_UNKNOWN;
}

static int64_t cell_number(const auk_pg_result *result, uint32_t row, uint32_t column)
{
    int64_t value = 0;
    (void)auk_number_parse_int64(auk_pg_cell(result, row, column), &value);
    return value;
}

static int64_t cut_number(auk_span *rest)
{
    int64_t value = 0;
    auk_span part;
    if (auk_span_cut(rest, ' ', &part))
        (void)auk_number_parse_int64(part, &value);
    return value;
}

static void read_attributes(auk_span text, auk_arena *arena, auk_pg_type *type)
{
    auk_pg_attribute *attributes = AUK_ARENA_ARRAY(arena, auk_pg_attribute, text.size / 6 + 1);
    while (text.size > 0) {
        auk_pg_attribute *one = &attributes[type->attribute_count++];
        one->type = (uint32_t)cut_number(&text);
        one->modifier = (int32_t)cut_number(&text);
        size_t size = (size_t)cut_number(&text);
        if (size > text.size)
            size = text.size;
        one->name = auk_arena_copy(arena, auk_span_make(text.data, size));
        text = auk_span_from(text, size);
    }
    type->attributes = attributes;
}

static void learn_row(auk_pg_types *types, const auk_pg_result *result, uint32_t row)
{
    auk_pg_type type = {.oid = (uint32_t)cell_number(result, row, OID),
                        .modifier = (int32_t)cell_number(result, row, MODIFIER)};
    if (slot_of(types->slots, types->capacity, type.oid)->oid != 0)
        return;
    auk_span delimiter = auk_pg_cell(result, row, DELIMITER);
    type.delimiter = delimiter.size == 1 ? delimiter.data[0] : ',';
    uint32_t what = ELEMENT;
    switch (auk_pg_cell(result, row, TYPE).data[0]) {
    case 'e':
        type.kind = AUK_PG_ENUM;
        break;
    case 'd':
        type.kind = AUK_PG_DOMAIN;
        what = BASE;
        break;
    case 'r':
        type.kind = AUK_PG_RANGE;
        what = SUBTYPE;
        break;
    case 'm':
        type.kind = AUK_PG_MULTIRANGE;
        what = RANGE;
        break;
    case 'c':
        type.kind = AUK_PG_COMPOSITE;
        read_attributes(auk_pg_cell(result, row, ATTRIBUTES), types->arena, &type);
        break;
    default:
        if (auk_span_is(auk_pg_cell(result, row, IS_ARRAY), "t"))
            type.kind = AUK_PG_ARRAY;
        else
            type.kind = kind_by_name(auk_pg_cell(result, row, NAME));
    }
    type.element = (uint32_t)cell_number(result, row, what);
    auk_pg_types_put(types, &type);
}

/* {1,2,3} of those that are not known; *count 0: all are. */
static auk_span list_unknown(const auk_pg_types *types, const uint32_t *oids, uint32_t *count,
                             auk_arena *arena)
{
    auk_buffer list;
    auk_buffer_init(&list, AUK_BUFFER_NO_LIMIT);
    uint32_t unknown = 0;
    for (uint32_t i = 0; i < *count; i++)
        if ((oids[i] != 0 && slot_of(types->slots, types->capacity, oids[i])->oid == 0) ||
            ((oids[i] == MONEY_OID || oids[i] == MONEY_ARRAY) && !types->has_money))
            auk_buffer_printf(&list, "%c%u", unknown++ ? ',' : '{', oids[i]);
    auk_buffer_append_byte(&list, '}');
    auk_span text = auk_arena_copy(arena, auk_buffer_span(&list));
    auk_buffer_deinit(&list);
    *count = unknown;
    return text;
}

auk_code auk_pg_types_learn(auk_pg_types *types, auk_pg *pg, const uint32_t *oids, uint32_t count,
                            auk_error *err)
{
    auk_arena *arena = auk_arena_create(1024);
    auk_span list = list_unknown(types, oids, &count, arena);
    auk_pg_result *result = NULL;
    auk_code code = count ? auk_pg_query(pg, learn_sql, &list, 1, &result, err) : AUK_OK;
    for (uint32_t row = 0; result && row < auk_pg_rows(result); row++) {
        learn_row(types, result, row);
        types->money_digits = (uint32_t)cell_number(result, row, MONEY);
        types->has_money = true;
    }
    auk_pg_clear(result);
    auk_arena_destroy(arena);
    return code;
}
