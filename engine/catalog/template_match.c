/* template_match.c - which templates are for a name, and which for some of the same names. */
#include "template_private.h"

static bool is_for_all(const auk_template *template)
{
    return auk_template_lists(template, "index_patterns", AUK_SPAN("*"));
}

/* What is for everything is not for what hides. */
bool auk_template_matches(const auk_template *template, auk_span index, bool hidden)
{
    if (hidden && is_for_all(template))
        return false;
    const auk_json *one = auk_template_texts(template, "index_patterns");
    while (one && !auk_pattern_matches(one->text, index))
        one = one->next;
    return one != NULL;
}

/*
 * reach[j]: what is read of `a` and the first j bytes of `b` can stand for the same text. A star
 * takes a byte of the other pattern, be it a star, or nothing.
 */
static bool patterns_overlap(auk_span a, auk_span b)
{
    bool reach[2][257] = {{false}};
    if (a.size > 255 || b.size > 255)
        return true;
    for (size_t i = 0; i <= a.size; i++) {
        bool *now = reach[i % 2], *before = reach[(i + 1) % 2];
        for (size_t j = 0; j <= b.size; j++) {
            bool star_a = i > 0 && a.data[i - 1] == '*', star_b = j > 0 && b.data[j - 1] == '*';
            bool same = i > 0 && j > 0 && a.data[i - 1] == b.data[j - 1];
            now[j] = (i == 0 && j == 0) || (same && before[j - 1]) ||
                     (star_a && (before[j] || (j > 0 && now[j - 1]))) ||
                     (star_b && (now[j - 1] || (i > 0 && before[j])));
        }
    }
    return reach[a.size % 2][b.size];
}

bool auk_templates_overlap(const auk_template *a, const auk_template *b)
{
    for (const auk_json *one = auk_template_texts(a, "index_patterns"); one; one = one->next)
        for (const auk_json *two = auk_template_texts(b, "index_patterns"); two; two = two->next)
            if (patterns_overlap(one->text, two->text))
                return true;
    return false;
}

const auk_template *auk_templates_find(const struct auk_templates *templates,
                                       auk_template_kind kind, auk_span name)
{
    for (uint32_t i = 0; i < templates->counts[kind]; i++)
        if (auk_span_equal(templates->items[kind][i]->name, name))
            return templates->items[kind][i];
    return NULL;
}

const auk_template *auk_templates_choose(const struct auk_templates *templates, auk_span index,
                                         bool hidden, const auk_template *extra)
{
    const auk_template *best = extra && auk_template_matches(extra, index, hidden) ? extra : NULL;
    for (uint32_t i = 0; i < templates->counts[AUK_TEMPLATE_INDEX]; i++) {
        const auk_template *one = templates->items[AUK_TEMPLATE_INDEX][i];
        bool replaced = extra && auk_span_equal(extra->name, one->name);
        if (!replaced && auk_template_matches(one, index, hidden) &&
            (!best || one->priority > best->priority))
            best = one;
    }
    return best;
}
