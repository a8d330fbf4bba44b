#include "predicate_private.h"

uint32_t auk_predicate_column_count(const auk_predicate *predicate)
{
    return predicate ? predicate->column_count : 0;
}

auk_span auk_predicate_column(const auk_predicate *predicate, uint32_t number)
{
    const auk_part *part = predicate->columns;
    while (number-- > 0)
        part = part->next_with_column;
    return part->column;
}

/* ---- binding ---- */

static auk_code check_kind(const auk_part *part, auk_error *err)
{
    bool compared = part->kind == AUK_PART_COMPARE || part->kind == AUK_PART_IN;
    bool ordered = part->kind == AUK_PART_COMPARE && part->comparison > AUK_UNEQUAL;
    bool truth = part->kind == AUK_PART_COLUMN || part->kind == AUK_PART_IS_TRUE ||
                 part->kind == AUK_PART_IS_FALSE;
    if (truth && part->value_kind != AUK_VALUE_BOOL)
        return auk_fail(err, AUK_INVALID,
                        "column [%.*s] at position %u is not boolean: compare it with a value",
                        AUK_SPAN_ARG(part->column), part->at);
    if (compared && part->value_kind == AUK_VALUE_REAL)
        return auk_fail(err, AUK_INVALID,
                        "column [%.*s] at position %u is of type real, which no constant equals",
                        AUK_SPAN_ARG(part->column), part->at);
    if (ordered && (part->value_kind == AUK_VALUE_TEXT || part->value_kind == AUK_VALUE_PADDED ||
                    part->value_kind == AUK_VALUE_OTHER))
        return auk_fail(err, AUK_INVALID,
                        "column [%.*s] at position %u has an order that depends on the database: "
                        "only =, != and in are taken",
                        AUK_SPAN_ARG(part->column), part->at);
    return AUK_OK;
}

static auk_code check_literal(const auk_part *part, const auk_literal *literal, auk_error *err)
{
    bool is_text = part->value_kind == AUK_VALUE_TEXT || part->value_kind == AUK_VALUE_PADDED ||
                   part->value_kind == AUK_VALUE_OTHER;
    bool fits;
    if (literal->form == AUK_LITERAL_NUMBER)
        fits = part->value_kind == AUK_VALUE_INTEGER || part->value_kind == AUK_VALUE_NUMERIC ||
               part->value_kind == AUK_VALUE_DOUBLE;
    else if (literal->form == AUK_LITERAL_BOOL)
        fits = part->value_kind == AUK_VALUE_BOOL;
    else
        fits = is_text || auk_value_is(part->value_kind, literal->text);
    if (!fits)
        return auk_fail(err, AUK_INVALID,
                        "[%.*s] at position %u is no value of the type of column [%.*s]",
                        AUK_SPAN_ARG(literal->text), literal->at, AUK_SPAN_ARG(part->column));
    return AUK_OK;
}

auk_code auk_predicate_bind(auk_predicate *predicate, const auk_table_column *columns,
                            uint32_t count, auk_error *err)
{
    for (auk_part *part = predicate->columns; part; part = part->next_with_column) {
        uint32_t i = 0;
        while (i < count && !auk_span_equal(columns[i].name, part->column))
            i++;
        if (i == count)
            return auk_fail(err, AUK_INVALID,
                            "no column [%.*s], which the condition names at "
                            "position %u",
                            AUK_SPAN_ARG(part->column), part->at);
        part->position = i;
        part->value_kind = auk_value_kind_of(columns[i].type);
        auk_code code = check_kind(part, err);
        for (uint32_t k = 0; code == AUK_OK && k < part->literal_count; k++)
            code = check_literal(part, &part->literals[k], err);
        if (code != AUK_OK)
            return code;
    }
    return AUK_OK;
}

/* ---- asking ---- */

typedef enum truth { NO, YES, UNKNOWN } truth;

static truth of_bool(bool is)
{
    return is ? YES : NO;
}

static truth compare(const auk_part *part, const auk_literal *literal, auk_span value)
{
    int order;
    if (!auk_value_compare(part->value_kind, value, literal->text, &order))
        return UNKNOWN;
    switch (part->kind == AUK_PART_IN ? AUK_EQUAL : part->comparison) {
    case AUK_EQUAL:
        return of_bool(order == 0);
    case AUK_UNEQUAL:
        return of_bool(order != 0);
    case AUK_LESS:
        return of_bool(order < 0);
    case AUK_LESS_EQUAL:
        return of_bool(order <= 0);
    case AUK_GREATER:
        return of_bool(order > 0);
    case AUK_GREATER_EQUAL:
        return of_bool(order >= 0);
    }
    return UNKNOWN;
}

static truth ask_column(const auk_part *part, const auk_datum *values)
{
    const auk_datum *datum = &values[part->position];
    bool null = datum->state == AUK_DATUM_NULL;
    bool yes = !null && datum->bytes.size > 0 && datum->bytes.data[0] == 't';
    switch (part->kind) {
    case AUK_PART_IS_NULL:
        return of_bool(null);
    case AUK_PART_IS_TRUE:
        return of_bool(yes);
    case AUK_PART_IS_FALSE:
        return of_bool(!null && !yes);
    case AUK_PART_COLUMN:
        return null ? UNKNOWN : of_bool(yes);
    default:
        break;
    }
    truth answer = null ? UNKNOWN : NO;
    for (uint32_t i = 0; answer == NO && i < part->literal_count; i++)
        answer = compare(part, &part->literals[i], datum->bytes);
    return answer;
}

static truth ask(const auk_part *part, const auk_datum *values)
{
    truth left, right;
    switch (part->kind) {
    case AUK_PART_NOT:
        left = ask(part->left, values);
        return left == UNKNOWN ? UNKNOWN : of_bool(left == NO);
    case AUK_PART_CONSTANT:
        return of_bool(part->literal_count > 0);
    case AUK_PART_AND:
    case AUK_PART_OR: {
        truth decides = part->kind == AUK_PART_AND ? NO : YES;
        left = ask(part->left, values);
        if (left == decides)
            return left;
        right = ask(part->right, values);
        return right == decides ? right : left == UNKNOWN ? left : right;
    }
    default:
        return ask_column(part, values);
    }
}

auk_predicate_answer auk_predicate_ask(const auk_predicate *predicate, const auk_datum *values)
{
    if (!predicate)
        return AUK_PREDICATE_TRUE;
    for (const auk_part *part = predicate->columns; part; part = part->next_with_column)
        if (values[part->position].state == AUK_DATUM_UNCHANGED)
            return AUK_PREDICATE_UNSURE;
    return ask(predicate->root, values) == YES ? AUK_PREDICATE_TRUE : AUK_PREDICATE_FALSE;
}
