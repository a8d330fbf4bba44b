#include "stemmer_names.h"

#include "auk/nearest.h"

struct row {
    auk_span name;
    auk_stemmer_id id;
};

/* clang-format off */
static const struct row stemmers[] = {
    {AUK_SPAN_INIT("arabic"), AUK_STEMMER_ARABIC},
    {AUK_SPAN_INIT("armenian"), AUK_STEMMER_ARMENIAN},
    {AUK_SPAN_INIT("basque"), AUK_STEMMER_BASQUE},
    {AUK_SPAN_INIT("bengali"), AUK_STEMMER_BENGALI},
    {AUK_SPAN_INIT("brazilian"), AUK_STEMMER_BRAZILIAN},
    {AUK_SPAN_INIT("bulgarian"), AUK_STEMMER_BULGARIAN},
    {AUK_SPAN_INIT("catalan"), AUK_STEMMER_CATALAN},
    {AUK_SPAN_INIT("czech"), AUK_STEMMER_CZECH},
    {AUK_SPAN_INIT("danish"), AUK_STEMMER_DANISH},
    {AUK_SPAN_INIT("dutch"), AUK_STEMMER_DUTCH},
    {AUK_SPAN_INIT("dutch_kp"), AUK_STEMMER_DUTCH_KP},
    {AUK_SPAN_INIT("english"), AUK_STEMMER_PORTER_LUCENE},
    {AUK_SPAN_INIT("estonian"), AUK_STEMMER_ESTONIAN},
    {AUK_SPAN_INIT("finnish"), AUK_STEMMER_FINNISH},
    {AUK_SPAN_INIT("french"), AUK_STEMMER_FRENCH},
    {AUK_SPAN_INIT("galician"), AUK_STEMMER_GALICIAN},
    {AUK_SPAN_INIT("german"), AUK_STEMMER_GERMAN},
    {AUK_SPAN_INIT("german2"), AUK_STEMMER_GERMAN2},
    {AUK_SPAN_INIT("greek"), AUK_STEMMER_GREEK},
    {AUK_SPAN_INIT("hindi"), AUK_STEMMER_HINDI},
    {AUK_SPAN_INIT("hungarian"), AUK_STEMMER_HUNGARIAN},
    {AUK_SPAN_INIT("indonesian"), AUK_STEMMER_INDONESIAN},
    {AUK_SPAN_INIT("irish"), AUK_STEMMER_IRISH},
    {AUK_SPAN_INIT("italian"), AUK_STEMMER_ITALIAN},
    {AUK_SPAN_INIT("kp"), AUK_STEMMER_DUTCH_KP},
    {AUK_SPAN_INIT("latvian"), AUK_STEMMER_LATVIAN},
    {AUK_SPAN_INIT("light_finish"), AUK_STEMMER_LIGHT_FINNISH},
    {AUK_SPAN_INIT("light_finnish"), AUK_STEMMER_LIGHT_FINNISH},
    {AUK_SPAN_INIT("light_french"), AUK_STEMMER_LIGHT_FRENCH},
    {AUK_SPAN_INIT("light_german"), AUK_STEMMER_LIGHT_GERMAN},
    {AUK_SPAN_INIT("light_hungarian"), AUK_STEMMER_LIGHT_HUNGARIAN},
    {AUK_SPAN_INIT("light_italian"), AUK_STEMMER_LIGHT_ITALIAN},
    {AUK_SPAN_INIT("light_norwegian"), AUK_STEMMER_LIGHT_NORWEGIAN},
    {AUK_SPAN_INIT("light_nynorsk"), AUK_STEMMER_LIGHT_NYNORSK},
    {AUK_SPAN_INIT("light_portuguese"), AUK_STEMMER_LIGHT_PORTUGUESE},
    {AUK_SPAN_INIT("light_russian"), AUK_STEMMER_LIGHT_RUSSIAN},
    {AUK_SPAN_INIT("light_spanish"), AUK_STEMMER_LIGHT_SPANISH},
    {AUK_SPAN_INIT("light_swedish"), AUK_STEMMER_LIGHT_SWEDISH},
    {AUK_SPAN_INIT("lithuanian"), AUK_STEMMER_LITHUANIAN},
    {AUK_SPAN_INIT("lovins"), AUK_STEMMER_LOVINS},
    {AUK_SPAN_INIT("minimal_english"), AUK_STEMMER_MINIMAL_ENGLISH},
    {AUK_SPAN_INIT("minimal_french"), AUK_STEMMER_MINIMAL_FRENCH},
    {AUK_SPAN_INIT("minimal_galician"), AUK_STEMMER_MINIMAL_GALICIAN},
    {AUK_SPAN_INIT("minimal_german"), AUK_STEMMER_MINIMAL_GERMAN},
    {AUK_SPAN_INIT("minimal_norwegian"), AUK_STEMMER_MINIMAL_NORWEGIAN},
    {AUK_SPAN_INIT("minimal_nynorsk"), AUK_STEMMER_MINIMAL_NYNORSK},
    {AUK_SPAN_INIT("minimal_portuguese"), AUK_STEMMER_MINIMAL_PORTUGUESE},
    {AUK_SPAN_INIT("minimal_swedish"), AUK_STEMMER_MINIMAL_SWEDISH},
    {AUK_SPAN_INIT("nepali"), AUK_STEMMER_SNOWBALL_NEPALI},
    {AUK_SPAN_INIT("norwegian"), AUK_STEMMER_NORWEGIAN},
    {AUK_SPAN_INIT("persian"), AUK_STEMMER_PERSIAN},
    {AUK_SPAN_INIT("porter2"), AUK_STEMMER_ENGLISH},
    {AUK_SPAN_INIT("porter"), AUK_STEMMER_PORTER_LUCENE},
    {AUK_SPAN_INIT("portuguese"), AUK_STEMMER_PORTUGUESE},
    {AUK_SPAN_INIT("portuguese_rslp"), AUK_STEMMER_PORTUGUESE_RSLP},
    {AUK_SPAN_INIT("possessive_english"), AUK_STEMMER_COUNT}, /* filters/stem.c takes it, here for the hint */
    {AUK_SPAN_INIT("romanian"), AUK_STEMMER_ROMANIAN},
    {AUK_SPAN_INIT("russian"), AUK_STEMMER_RUSSIAN},
    {AUK_SPAN_INIT("serbian"), AUK_STEMMER_SERBIAN},
    {AUK_SPAN_INIT("sorani"), AUK_STEMMER_SORANI},
    {AUK_SPAN_INIT("spanish"), AUK_STEMMER_SPANISH},
    {AUK_SPAN_INIT("spanish_plural"), AUK_STEMMER_PLURAL_SPANISH},
    {AUK_SPAN_INIT("swedish"), AUK_STEMMER_SWEDISH},
    {AUK_SPAN_INIT("tamil"), AUK_STEMMER_TAMIL},
    {AUK_SPAN_INIT("turkish"), AUK_STEMMER_TURKISH},
    {AUK_SPAN_INIT("yiddish"), AUK_STEMMER_YIDDISH},
};

/* Snowball's classes, without their capital. */
static const struct row snowballs[] = {
    {AUK_SPAN_INIT("arabic"), AUK_STEMMER_SNOWBALL_ARABIC},
    {AUK_SPAN_INIT("armenian"), AUK_STEMMER_ARMENIAN},
    {AUK_SPAN_INIT("basque"), AUK_STEMMER_BASQUE},
    {AUK_SPAN_INIT("catalan"), AUK_STEMMER_CATALAN},
    {AUK_SPAN_INIT("danish"), AUK_STEMMER_DANISH},
    {AUK_SPAN_INIT("dutch"), AUK_STEMMER_DUTCH},
    {AUK_SPAN_INIT("english"), AUK_STEMMER_ENGLISH},
    {AUK_SPAN_INIT("estonian"), AUK_STEMMER_ESTONIAN},
    {AUK_SPAN_INIT("finnish"), AUK_STEMMER_FINNISH},
    {AUK_SPAN_INIT("french"), AUK_STEMMER_FRENCH},
    {AUK_SPAN_INIT("german"), AUK_STEMMER_GERMAN},
    {AUK_SPAN_INIT("german2"), AUK_STEMMER_GERMAN2},
    {AUK_SPAN_INIT("greek"), AUK_STEMMER_SNOWBALL_GREEK},
    {AUK_SPAN_INIT("hindi"), AUK_STEMMER_SNOWBALL_HINDI},
    {AUK_SPAN_INIT("hungarian"), AUK_STEMMER_HUNGARIAN},
    {AUK_SPAN_INIT("indonesian"), AUK_STEMMER_SNOWBALL_INDONESIAN},
    {AUK_SPAN_INIT("irish"), AUK_STEMMER_IRISH},
    {AUK_SPAN_INIT("italian"), AUK_STEMMER_ITALIAN},
    {AUK_SPAN_INIT("kp"), AUK_STEMMER_DUTCH_KP},
    {AUK_SPAN_INIT("lithuanian"), AUK_STEMMER_LITHUANIAN},
    {AUK_SPAN_INIT("lovins"), AUK_STEMMER_LOVINS},
    {AUK_SPAN_INIT("nepali"), AUK_STEMMER_SNOWBALL_NEPALI},
    {AUK_SPAN_INIT("norwegian"), AUK_STEMMER_NORWEGIAN},
    {AUK_SPAN_INIT("porter"), AUK_STEMMER_PORTER},
    {AUK_SPAN_INIT("portuguese"), AUK_STEMMER_PORTUGUESE},
    {AUK_SPAN_INIT("romanian"), AUK_STEMMER_ROMANIAN},
    {AUK_SPAN_INIT("russian"), AUK_STEMMER_RUSSIAN},
    {AUK_SPAN_INIT("serbian"), AUK_STEMMER_SERBIAN},
    {AUK_SPAN_INIT("spanish"), AUK_STEMMER_SPANISH},
    {AUK_SPAN_INIT("swedish"), AUK_STEMMER_SWEDISH},
    {AUK_SPAN_INIT("tamil"), AUK_STEMMER_TAMIL},
    {AUK_SPAN_INIT("turkish"), AUK_STEMMER_TURKISH},
    {AUK_SPAN_INIT("yiddish"), AUK_STEMMER_YIDDISH},
};

/* Elasticsearch's, which we do not have. */
static const struct row refused[] = {
    {AUK_SPAN_INIT("kstem"), AUK_STEMMER_PORTER},
    {AUK_SPAN_INIT("light_english"), AUK_STEMMER_PORTER},
    {AUK_SPAN_INIT("plural_english"), AUK_STEMMER_MINIMAL_ENGLISH},
};
/* clang-format on */

enum { MOST_ROWS = 80, LONGEST_NAME = 32 };

/* "lightGerman" is "light_german", and case does not count. Longer ones are no name. */
static auk_span canonical(auk_span name, char room[2 * LONGEST_NAME])
{
    size_t size = 0;
    for (size_t i = 0; i < name.size && i < LONGEST_NAME; i++) {
        char byte = name.data[i];
        bool upper = byte >= 'A' && byte <= 'Z';
        bool inside = i > 0 && name.data[i - 1] >= 'a' && name.data[i - 1] <= 'z';
        if (upper && inside)
            room[size++] = '_';
        room[size++] = (char)(upper ? byte | 0x20 : byte);
    }
    return name.size > LONGEST_NAME ? name : auk_span_make(room, size);
}

static const struct row *find(const struct row *rows, size_t count, auk_span name)
{
    for (size_t i = 0; i < count; i++)
        if (auk_span_equal(rows[i].name, name) && rows[i].id != AUK_STEMMER_COUNT)
            return &rows[i];
    return NULL;
}

#define COUNT(rows) (sizeof(rows) / sizeof((rows)[0]))

static auk_code look_up(const struct row *rows, size_t count, const char *kind, auk_span given,
                        auk_stemmer_id *out, auk_error *err)
{
    char room[2 * LONGEST_NAME];
    auk_span name = canonical(given, room);
    const struct row *row = find(rows, count, name);
    if (row) {
        *out = row->id;
        return AUK_OK;
    }
    if (find(refused, COUNT(refused), name))
        return auk_fail(err, AUK_INVALID, "%s language [%.*s] is not supported", kind,
                        AUK_SPAN_ARG(given));
    auk_span names[MOST_ROWS];
    for (size_t i = 0; i < count; i++)
        names[i] = rows[i].name;
    auk_code code =
        auk_fail(err, AUK_INVALID, "Unknown %s language [%.*s]", kind, AUK_SPAN_ARG(given));
    auk_span nearest = auk_nearest(name, names, count);
    if (nearest.size > 0)
        auk_hint(err, "did you mean [%.*s]?", AUK_SPAN_ARG(nearest));
    return code;
}

_Static_assert(COUNT(stemmers) <= MOST_ROWS && COUNT(snowballs) <= MOST_ROWS, "room for names");

auk_code auk_stemmer_name_find(auk_span name, auk_stemmer_id *out, auk_error *err)
{
    return look_up(stemmers, COUNT(stemmers), "stemmer", name, out, err);
}

auk_code auk_snowball_name_find(auk_span name, auk_stemmer_id *out, auk_error *err)
{
    return look_up(snowballs, COUNT(snowballs), "snowball", name, out, err);
}
