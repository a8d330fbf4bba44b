/*
 * Estonian: L. Freienthal's algorithm of 2019, published by the Snowball project, in the form that
 * Lucene has; libraries of Snowball lack it still. Endings are looked for behind the first
 * consonant that follows a vowel; of several the longest counts.
 */
#include "light_stemmers.h"

struct verb {
    const char16_t *stem;
    const char16_t *forms;
};

/* clang-format off */
static const struct verb verbs[] = {
    {u"joo",
     u"joob jood joodakse jooma joomata joome joon joote joovad juua juuakse jõi jõid jõime "
     u"jõin jõite"},
    {u"saa",
     u"saab saad saada saadakse saadi saaks saaksid saaksime saaksin saaksite saama saamata "
     u"saame saan saate saavad sai said saime sain saite"},
    {u"viima",
     u"viia viiakse viib viid viidi viiks viiksid viiksime viiksin viiksite viima viimata "
     u"viime viin viisime viisin viisite viite viivad"},
    {u"keesi",
     u"keeb keed keedakse keeks keeksid keeksime keeksin keeksite keema keemata keeme keen "
     u"kees keeta keete keevad"},
    {u"löö",
     u"lööb lööd löödakse löödi lööks lööksid lööksime lööksin lööksite lööma löömata lööme "
     u"löön lööte löövad lüüa lüüakse"},
    {u"löi",
     u"lõi lõid lõime lõin lõite"},
    {u"loo",
     u"loob lood loodi looks looksid looksime looksin looksite looma loomata loome loon loote "
     u"loovad luua luuakse"},
    {u"käisi",
     u"käia käiakse käib käid käidi käiks käiksid käiksime käiksin käiksite käima käimata "
     u"käime käin käis käite käivad"},
    {u"söö",
     u"sõi sõid sõime sõin sõite sööb sööd söödakse söödi sööks sööksid sööksime sööksin "
     u"sööksite sööma söömata sööme söön sööte söövad süüa süüakse"},
    {u"too",
     u"toob tood toodi tooks tooksid tooksime tooksin tooksite tooma toomata toome toon toote "
     u"toovad tuua tuuakse tõi tõid tõime tõin tõite"},
    {u"võisi",
     u"võib võid võida võidakse võidi võiks võiksid võiksime võiksin võiksite võima võimata "
     u"võime võin võis võite võivad"},
    {u"jääma",
     u"jäi jäid jäime jäin jäite jääb jääd jääda jäädakse jäädi jääks jääksid jääksime jääksin "
     u"jääksite jääma jäämata jääme jään jääte jäävad"},
    {u"müüsi",
     u"müüa müüakse müüb müüd müüdi müüks müüksid müüksime müüksin müüksite müüma müümata "
     u"müüme müün müüs müüte müüvad"},
    {u"luge",
     u"loeb loed loeks loeksid loeksime loeksin loeksite loeme loen loete loevad"},
    {u"põde",
     u"põeb põed põeks põeksid põeksime põeksin põeksite põeme põen põete põevad"},
    {u"ladu",
     u"laob laod laoks laoksid laoksime laoksin laoksite laome laon laote laovad"},
    {u"tegi",
     u"teeb teed teeks teeksid teeksime teeksin teeksite teeme teen teete teevad tegema "
     u"tegemata teha tehakse tehti"},
    {u"nägi",
     u"näeb näed näeks näeksid näeksime näeksin näeksite näeme näen näete näevad nägema "
     u"nägemata näha nähakse nähti"},
};
/* clang-format on */

static bool is_vowel(char16_t unit)
{
    return auk_stem_in(unit, u"aeiouõäöü");
}

static size_t find_region(const auk_stem_word *word)
{
    size_t at = 0;
    while (at < word->size && !is_vowel(word->at[at]))
        at++;
    while (at < word->size && is_vowel(word->at[at]))
        at++;
    return at < word->size ? at + 1 : word->size;
}

/* The longest ending of the list that lies in the region; 0: none. Lists begin with the longest. */
static size_t find_ending(const auk_stem_word *word, size_t region, const char16_t *list)
{
    if (word->size < region)
        return 0;
    auk_stem_word end = {word->at + region, word->size - region};
    return auk_stem_ends_in(&end, list);
}

/* Is there a long vowel, or with it one of a, e, i, o, u, in front of the last size letters? */
static bool is_behind_long(const auk_stem_word *word, size_t size)
{
    char16_t before = auk_stem_last(word, size + 1);
    return is_vowel(before) && before == auk_stem_last(word, size + 2);
}

static bool is_behind_open(const auk_stem_word *word, size_t size)
{
    return auk_stem_in(auk_stem_last(word, size + 1), u"aeiou") || is_behind_long(word, size);
}

static void cut_emphasis(auk_stem_word *word, size_t region)
{
    size_t size = find_ending(word, region, u"gi ki");
    char16_t before = auk_stem_last(word, 3);
    if (size == 0 || word->size < 6)
        return;
    bool fits = word->at[word->size - 2] == 'g'
                    ? auk_stem_in(before, u"cjlmnqrvwxaeiouõäöü") && !is_behind_long(word, 2)
                    : auk_stem_in(before, u"kptgbdshfšzž");
    if (fits)
        word->size -= size;
}

static bool cut_verb(auk_stem_word *word, size_t region)
{
    static const char16_t endings[] =
        u"nuksime nuksite nuksin nuksid ksime ksite takse dakse akse ksin ksid mata taks daks sime "
        u"site sin me da n b";
    size_t size = find_ending(word, region, endings);
    if (size == 0 || (size < 3 && !is_vowel(auk_stem_last(word, size + 1))))
        return false;
    bool impersonal = size == 4 && auk_stem_ends(word, u"akse");
    auk_stem_replace(word, size, impersonal ? u"a" : NULL);
    return true;
}

static void unify_derived(auk_stem_word *word, size_t region)
{
    static const struct {
        const char16_t *endings, *with;
    } nouns[] = {
        {u"lasse last lane lasi", u"lase"},
        {u"misse mist mine misi", u"mise"},
        {u"lisse list line lisi", u"lise"},
    };
    for (size_t i = 0; i < sizeof nouns / sizeof nouns[0]; i++) {
        size_t size = find_ending(word, region, nouns[i].endings);
        if (size == 0)
            continue;
        auk_stem_replace(word, size, nouns[i].with);
        return;
    }
}

static void cut_case(auk_stem_word *word, size_t region)
{
    size_t size = find_ending(word, region, u"sse st le lt ga ks ta t s l");
    if (size > 0 && is_behind_open(word, size))
        word->size -= size;
}

/* Behind "te": the e of "-mise" and its like stays; in short words the t. */
static void cut_te(auk_stem_word *word)
{
    bool is_long = word->size >= 6;
    if (is_long && auk_stem_ends_in(word, u"miste laste liste"))
        auk_stem_replace(word, 2, u"e");
    else if (auk_stem_last(word, 3) != 't')
        auk_stem_replace(word, 2, is_long ? NULL : u"t");
}

static void cut_plural(auk_stem_word *word, size_t region)
{
    size_t size = find_ending(word, region, u"ikkude ikke ike sid te de d");
    if (size == 0)
        return;
    if (auk_stem_ends(word, u"te"))
        cut_te(word);
    else if (auk_stem_last(word, size) == 'i')
        auk_stem_replace(word, size, u"iku");
    else if (size == 3 ? !is_behind_long(word, size) : is_behind_open(word, size))
        word->size -= size;
}

static void cut_substantive(auk_stem_word *word, size_t region)
{
    unify_derived(word, region);
    cut_case(word, region);
    cut_plural(word, region);

    size_t size = find_ending(word, region, u"mai ma m");
    if (size == 2 || (size > 0 && auk_stem_in(auk_stem_last(word, size + 1), u"aeiou")))
        word->size -= size;
    if (find_ending(word, region, u"i") && auk_stem_in(auk_stem_last(word, 2), u"aeiou"))
        word->size--;
    word->size -= find_ending(word, region, u"nu tu du va");
}

void auk_stem_estonian(auk_stem_word *word)
{
    for (size_t i = 0; i < sizeof verbs / sizeof verbs[0]; i++)
        if (auk_stem_is_one_of(word, verbs[i].forms)) {
            auk_stem_replace(word, word->size, verbs[i].stem);
            return;
        }
    size_t region = find_region(word);
    cut_emphasis(word, region);
    if (!cut_verb(word, region))
        cut_substantive(word, region);
    char16_t before = auk_stem_last(word, 2);
    if (is_vowel(auk_stem_last(word, 1)) && auk_stem_in(before, u"kpt") && before != 0 &&
        before == auk_stem_last(word, 3))
        auk_stem_remove(word, word->size - 2);
}
