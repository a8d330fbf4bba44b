#include "auk/json.h"

static bool same_value(const auk_json *a, const auk_json *b)
{
    if (a->type != b->type)
        return false;
    if (a->type != AUK_JSON_OBJECT && a->type != AUK_JSON_ARRAY)
        return auk_span_equal(a->text, b->text);
    if (a->count != b->count)
        return false;
    const auk_json *other = b->child;
    for (const auk_json *item = a->child; item; item = item->next) {
        if (a->type == AUK_JSON_OBJECT)
            other = auk_json_find(b, item->key);
        if (!other || !same_value(item, other))
            return false;
        other = other->next;
    }
    return true;
}

/* Depth is bounded by the reader's limit. */
bool auk_json_merge(const auk_json *base, const auk_json *over, auk_json_writer *out)
{
    bool changed = false;
    auk_json_begin_object(out);
    for (const auk_json *member = base->child; member; member = member->next) {
        const auk_json *later = auk_json_find(over, member->key);
        auk_json_key(out, member->key);
        if (!later) {
            auk_json_value(out, member);
        } else if (member->type == AUK_JSON_OBJECT && later->type == AUK_JSON_OBJECT) {
            changed = auk_json_merge(member, later, out) || changed;
        } else {
            changed = changed || !same_value(member, later);
            auk_json_value(out, later);
        }
    }
    for (const auk_json *later = over->child; later; later = later->next) {
        if (auk_json_find(base, later->key))
            continue;
        changed = true;
        auk_json_key(out, later->key);
        auk_json_value(out, later);
    }
    auk_json_end_object(out);
    return changed;
}
