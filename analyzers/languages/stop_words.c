#include "stop_words.h"

#include "auk/nearest.h"

static const auk_span english[] = {
    AUK_SPAN_INIT("a"),    AUK_SPAN_INIT("an"),    AUK_SPAN_INIT("and"),   AUK_SPAN_INIT("are"),
    AUK_SPAN_INIT("as"),   AUK_SPAN_INIT("at"),    AUK_SPAN_INIT("be"),    AUK_SPAN_INIT("but"),
    AUK_SPAN_INIT("by"),   AUK_SPAN_INIT("for"),   AUK_SPAN_INIT("if"),    AUK_SPAN_INIT("in"),
    AUK_SPAN_INIT("into"), AUK_SPAN_INIT("is"),    AUK_SPAN_INIT("it"),    AUK_SPAN_INIT("no"),
    AUK_SPAN_INIT("not"),  AUK_SPAN_INIT("of"),    AUK_SPAN_INIT("on"),    AUK_SPAN_INIT("or"),
    AUK_SPAN_INIT("such"), AUK_SPAN_INIT("that"),  AUK_SPAN_INIT("the"),   AUK_SPAN_INIT("their"),
    AUK_SPAN_INIT("then"), AUK_SPAN_INIT("there"), AUK_SPAN_INIT("these"), AUK_SPAN_INIT("they"),
    AUK_SPAN_INIT("this"), AUK_SPAN_INIT("to"),    AUK_SPAN_INIT("was"),   AUK_SPAN_INIT("will"),
    AUK_SPAN_INIT("with"),
};

struct list {
    auk_span name;
    const auk_span *words;
    size_t count;
};

static const struct list lists[] = {
    {AUK_SPAN_INIT("_english_"), english, sizeof english / sizeof english[0]},
    {AUK_SPAN_INIT("_none_"), NULL, 0},
};

enum { LISTS = sizeof lists / sizeof lists[0] };

static auk_code refuse(auk_span name, auk_error *err)
{
    auk_span names[LISTS];
    for (size_t i = 0; i < LISTS; i++)
        names[i] = lists[i].name;
    auk_span nearest = auk_nearest(name, names, LISTS);
    auk_code code =
        auk_fail(err, AUK_INVALID, "unknown list of stop words [%.*s]", AUK_SPAN_ARG(name));
    if (nearest.size > 0)
        auk_hint(err, "did you mean [%.*s]?", AUK_SPAN_ARG(nearest));
    else
        auk_hint(err, "lists are [_english_] and [_none_]; other words can be given one by one");
    return code;
}

static const struct list *find(auk_span name)
{
    for (size_t i = 0; i < LISTS; i++)
        if (auk_span_equal(lists[i].name, name))
            return &lists[i];
    return NULL;
}

static bool is_name(auk_span word)
{
    return word.size > 2 && word.data[0] == '_' && word.data[word.size - 1] == '_';
}

auk_code auk_stop_words_read(const auk_definition *definition, auk_span fallback, bool ignore_case,
                             const auk_word_set **out, auk_error *err)
{
    size_t given_count = 1, count = 0, room = 0;
    auk_span *given = &fallback;
    if (auk_definition_find(definition, "stopwords"))
        given = auk_definition_list(definition, "stopwords", &given_count);

    for (size_t i = 0; i < given_count; i++) {
        const struct list *list = is_name(given[i]) ? find(given[i]) : NULL;
        if (is_name(given[i]) && !list)
            return refuse(given[i], err);
        room += list ? list->count : 1;
    }
    auk_span *words = AUK_ARENA_ARRAY(definition->arena, auk_span, room + 1);
    for (size_t i = 0; i < given_count; i++) {
        const struct list *list = is_name(given[i]) ? find(given[i]) : NULL;
        for (size_t j = 0; list && j < list->count; j++)
            words[count++] = list->words[j];
        if (!list)
            words[count++] = given[i];
    }
    *out = count ? auk_word_set_create(definition->arena, words, count, ignore_case) : NULL;
    return AUK_OK;
}
