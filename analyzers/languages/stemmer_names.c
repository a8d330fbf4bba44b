#include "stemmer_names.h"

#include "auk/nearest.h"

struct row {
    auk_span name;
    auk_stemmer_id id;
};

/* clang-format off */
static const struct row stemmers[] = {
    {AUK_SPAN_INIT("armenian"), AUK_STEMMER_ARMENIAN},
    {AUK_SPAN_INIT("basque"), AUK_STEMMER_BASQUE},
    {AUK_SPAN_INIT("catalan"), AUK_STEMMER_CATALAN},
    {AUK_SPAN_INIT("danish"), AUK_STEMMER_DANISH},
    {AUK_SPAN_INIT("dutch"), AUK_STEMMER_DUTCH},
    {AUK_SPAN_INIT("english"), AUK_STEMMER_PORTER_LUCENE},
    {AUK_SPAN_INIT("finnish"), AUK_STEMMER_FINNISH},
    {AUK_SPAN_INIT("french"), AUK_STEMMER_FRENCH},
    {AUK_SPAN_INIT("german"), AUK_STEMMER_GERMAN},
    {AUK_SPAN_INIT("hungarian"), AUK_STEMMER_HUNGARIAN},
    {AUK_SPAN_INIT("irish"), AUK_STEMMER_IRISH},
    {AUK_SPAN_INIT("italian"), AUK_STEMMER_ITALIAN},
    {AUK_SPAN_INIT("lithuanian"), AUK_STEMMER_LITHUANIAN},
    {AUK_SPAN_INIT("minimal_english"), AUK_STEMMER_MINIMAL_ENGLISH},
    {AUK_SPAN_INIT("norwegian"), AUK_STEMMER_NORWEGIAN},
    {AUK_SPAN_INIT("porter"), AUK_STEMMER_PORTER_LUCENE},
    {AUK_SPAN_INIT("porter2"), AUK_STEMMER_ENGLISH},
    {AUK_SPAN_INIT("portuguese"), AUK_STEMMER_PORTUGUESE},
    {AUK_SPAN_INIT("possessive_english"), AUK_STEMMER_COUNT}, /* filters/stem.c takes it, here for the hint */
    {AUK_SPAN_INIT("romanian"), AUK_STEMMER_ROMANIAN},
    {AUK_SPAN_INIT("russian"), AUK_STEMMER_RUSSIAN},
    {AUK_SPAN_INIT("serbian"), AUK_STEMMER_SERBIAN},
    {AUK_SPAN_INIT("spanish"), AUK_STEMMER_SPANISH},
    {AUK_SPAN_INIT("swedish"), AUK_STEMMER_SWEDISH},
    {AUK_SPAN_INIT("turkish"), AUK_STEMMER_TURKISH},
};

static const struct row snowballs[] = {
    {AUK_SPAN_INIT("Armenian"), AUK_STEMMER_ARMENIAN},
    {AUK_SPAN_INIT("Basque"), AUK_STEMMER_BASQUE},
    {AUK_SPAN_INIT("Catalan"), AUK_STEMMER_CATALAN},
    {AUK_SPAN_INIT("Danish"), AUK_STEMMER_DANISH},
    {AUK_SPAN_INIT("Dutch"), AUK_STEMMER_DUTCH},
    {AUK_SPAN_INIT("English"), AUK_STEMMER_ENGLISH},
    {AUK_SPAN_INIT("Finnish"), AUK_STEMMER_FINNISH},
    {AUK_SPAN_INIT("French"), AUK_STEMMER_FRENCH},
    {AUK_SPAN_INIT("German"), AUK_STEMMER_GERMAN},
    {AUK_SPAN_INIT("Hungarian"), AUK_STEMMER_HUNGARIAN},
    {AUK_SPAN_INIT("Irish"), AUK_STEMMER_IRISH},
    {AUK_SPAN_INIT("Italian"), AUK_STEMMER_ITALIAN},
    {AUK_SPAN_INIT("Lithuanian"), AUK_STEMMER_LITHUANIAN},
    {AUK_SPAN_INIT("Norwegian"), AUK_STEMMER_NORWEGIAN},
    {AUK_SPAN_INIT("Porter"), AUK_STEMMER_PORTER},
    {AUK_SPAN_INIT("Portuguese"), AUK_STEMMER_PORTUGUESE},
    {AUK_SPAN_INIT("Romanian"), AUK_STEMMER_ROMANIAN},
    {AUK_SPAN_INIT("Russian"), AUK_STEMMER_RUSSIAN},
    {AUK_SPAN_INIT("Serbian"), AUK_STEMMER_SERBIAN},
    {AUK_SPAN_INIT("Spanish"), AUK_STEMMER_SPANISH},
    {AUK_SPAN_INIT("Swedish"), AUK_STEMMER_SWEDISH},
    {AUK_SPAN_INIT("Turkish"), AUK_STEMMER_TURKISH},
};
/* clang-format on */

enum { MOST_ROWS = 32 };

static auk_code find(const struct row *rows, size_t count, const char *kind, auk_span name,
                     auk_stemmer_id *out, auk_error *err)
{
    auk_span names[MOST_ROWS];
    for (size_t i = 0; i < count; i++) {
        names[i] = rows[i].name;
        if (auk_span_equal(rows[i].name, name) && rows[i].id != AUK_STEMMER_COUNT) {
            *out = rows[i].id;
            return AUK_OK;
        }
    }
    auk_code code =
        auk_fail(err, AUK_INVALID, "Unknown %s language [%.*s]", kind, AUK_SPAN_ARG(name));
    auk_span nearest = auk_nearest(name, names, count);
    if (nearest.size > 0)
        auk_hint(err, "did you mean [%.*s]?", AUK_SPAN_ARG(nearest));
    return code;
}

auk_code auk_stemmer_name_find(auk_span name, auk_stemmer_id *out, auk_error *err)
{
    return find(stemmers, sizeof stemmers / sizeof stemmers[0], "stemmer", name, out, err);
}

auk_code auk_snowball_name_find(auk_span name, auk_stemmer_id *out, auk_error *err)
{
    return find(snowballs, sizeof snowballs / sizeof snowballs[0], "snowball", name, out, err);
}
