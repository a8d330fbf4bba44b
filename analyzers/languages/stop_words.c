#include "stop_words.h"

#include "auk/nearest.h"
#include "stop_lists.h"

enum { MOST_LISTS = 64 };

static const auk_stop_list none = {AUK_SPAN_INIT("_none_"), NULL, 0};

static auk_code refuse(auk_span name, auk_error *err)
{
    auk_span names[MOST_LISTS];
    size_t count = 0;
    names[count++] = none.name;
    for (size_t i = 0; i < auk_stop_list_count && count < MOST_LISTS; i++)
        names[count++] = auk_stop_lists[i].name;
    auk_span nearest = auk_nearest(name, names, count);
    auk_code code =
        auk_fail(err, AUK_INVALID, "unknown list of stop words [%.*s]", AUK_SPAN_ARG(name));
    if (nearest.size > 0)
        auk_hint(err, "did you mean [%.*s]?", AUK_SPAN_ARG(nearest));
    else
        auk_hint(err, "lists are named after languages, as [_german_]; other words can be given "
                      "one by one");
    return code;
}

static const auk_stop_list *find(auk_span name)
{
    for (size_t i = 0; i < auk_stop_list_count; i++)
        if (auk_span_equal(auk_stop_lists[i].name, name))
            return &auk_stop_lists[i];
    return auk_span_equal(none.name, name) ? &none : NULL;
}

static bool is_name(auk_span word)
{
    return word.size > 2 && word.data[0] == '_' && word.data[word.size - 1] == '_';
}

auk_code auk_stop_words_read(const auk_definition *definition, auk_span fallback, bool ignore_case,
                             const auk_word_set **out, auk_error *err)
{
    size_t given_count = 0, count = 0, room = 0;
    auk_span *given = NULL;
    auk_code code =
        auk_definition_words(definition, "stopwords", "stopwords_path", &given, &given_count, err);
    if (code != AUK_OK)
        return code;
    if (!given) {
        given = &fallback;
        given_count = auk_definition_find(definition, "stopwords") ? 0 : 1;
    }
    for (size_t i = 0; i < given_count; i++) {
        const auk_stop_list *list = is_name(given[i]) ? find(given[i]) : NULL;
        if (is_name(given[i]) && !list)
            return refuse(given[i], err);
        room += list ? list->count : 1;
    }
    auk_span *words = AUK_ARENA_ARRAY(definition->arena, auk_span, room + 1);
    for (size_t i = 0; i < given_count; i++) {
        const auk_stop_list *list = is_name(given[i]) ? find(given[i]) : NULL;
        for (size_t j = 0; list && j < list->count; j++)
            words[count++] = list->words[j];
        if (!list)
            words[count++] = given[i];
    }
    *out = count ? auk_word_set_create(definition->arena, words, count, ignore_case) : NULL;
    return AUK_OK;
}
