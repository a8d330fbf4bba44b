/*
 * Any bytes as JSON. What parses is written and parsed again: the same tree, the same bytes when
 * written once more, compact and pretty. The first byte chooses the way in.
 */
#include <stdlib.h>
#include <string.h>

#include "auk/json.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static bool same(const auk_json *a, const auk_json *b)
{
    bool container = a->type == AUK_JSON_OBJECT || a->type == AUK_JSON_ARRAY;
    if (a->type != b->type || a->count != b->count || !auk_span_equal(a->key, b->key))
        return false;
    if (!container && !auk_span_equal(a->text, b->text))
        return false;
    const auk_json *other = b->child;
    uint32_t count = 0;
    for (const auk_json *child = a->child; child; child = child->next, other = other->next, count++)
        if (!other || !same(child, other))
            return false;
    return !other && count == a->count;
}

static void write_tree(const auk_json *tree, bool pretty, auk_buffer *out)
{
    auk_json_writer writer;
    auk_buffer_init(out, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&writer, out, pretty);
    auk_json_value(&writer, tree);
}

static void check_again(const auk_json *tree, bool pretty, auk_arena *arena)
{
    auk_buffer first, second;
    const auk_json *again;
    write_tree(tree, pretty, &first);
    if (auk_json_parse(auk_buffer_span(&first), arena, &again, NULL) != AUK_OK ||
        !same(tree, again))
        abort();
    write_tree(again, pretty, &second);
    if (!auk_span_equal(auk_buffer_span(&first), auk_buffer_span(&second)))
        abort();
    auk_buffer_deinit(&first);
    auk_buffer_deinit(&second);
}

/* The raw bytes of a container are a whole text themselves. */
static void check_values(const auk_json *value, auk_arena *arena)
{
    int64_t whole;
    double number;
    bool truth;
    const auk_json *again;
    (void)auk_json_to_int64(value, &whole);
    (void)auk_json_to_bool(value, &truth);
    if (value->type == AUK_JSON_NUMBER && auk_json_to_double(value, &number) && number != number)
        abort();
    if (value->type == AUK_JSON_OBJECT || value->type == AUK_JSON_ARRAY) {
        if (auk_json_parse(value->text, arena, &again, NULL) != AUK_OK ||
            again->count != value->count)
            abort();
    }
    for (const auk_json *child = value->child; child; child = child->next) {
        if (value->type == AUK_JSON_OBJECT && auk_json_find(value, child->key) != child)
            abort();
        if (value->child->next == NULL || child->child == NULL)
            check_values(child, arena);
    }
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    if (size < 1)
        return 0;
    auk_span text = auk_span_make(data + 1, size - 1);
    auk_arena *arena = auk_arena_create(1 << 14);
    const auk_json *tree;
    auk_error err = {0};
    auk_code code = data[0] & 1 ? auk_json_parse_own(text, arena, &tree, &err)
                                : auk_json_parse(text, arena, &tree, &err);
    if ((code == AUK_OK) != (err.code == AUK_OK))
        abort();
    if (code == AUK_OK && !(data[0] & 1)) {
        check_again(tree, false, arena);
        check_again(tree, true, arena);
        check_values(tree, arena);
    }
    auk_arena_destroy(arena);
    return 0;
}
