/*
 * Spanish plurals only, so that a search keeps the gender: the rules of the Real Academia's
 * "Diccionario panhispánico de dudas" (entry "plural") with the words that they spare, as Lucene
 * has them.
 */
#include "light_stemmers.h"

static const char16_t invariable[] =
    u"abrebotellas abrecartas abrelatas afueras albatros albricias aledaños alexis alicates "
    u"analisis andurriales antitesis añicos apendicitis apocalipsis arcoiris aries bilis "
    u"boletus boris brindis cactus canutas caries cascanueces cascarrabias ciempies cifosis "
    u"cortaplumas corpus cosmos cosquillas creces crisis cuatrocientas cuatrocientos "
    u"cuelgacapas cuentacuentos cuentapasos cumpleaños doscientas doscientos dosis enseres "
    u"entonces esponsales estatus exequias fauces forceps fotosintesis gafas gafotas gargaras "
    u"gris honorarios ictus jueves lapsus lavacoches lavaplatos limpiabotas lunes maitines "
    u"martes mondadientes novecientas novecientos nupcias ochocientas ochocientos pais paris "
    u"parabrisas paracaidas parachoques paraguas pararrayos pisapapeles piscis portaaviones "
    u"portamaletas portamantas quinientas quinientos quitamanchas recogepelotas rictus "
    u"rompeolas sacacorchos sacapuntas saltamontes salvavidas seis seiscientas seiscientos "
    u"setecientas setecientos sintesis tenis tifus trabalenguas vacaciones venus versus "
    u"viacrucis virus viveres volandas";
static const char16_t irregular[] =
    u"yoes noes sies clubes faralaes albalaes itemes albumes sandwiches relojes bojes "
    u"contrarreloj carcajes";

static bool is_vowel(char16_t unit)
{
    return auk_stem_in(unit, u"aeiou");
}

/* A word in "s". */
static void cut_plural(auk_stem_word *word)
{
    static const auk_stem_rule endings[] = {
        {3, 2, u"yes ues uies lies ries ties nies ses", NULL},
        {3, 0, u"dis", u"dy"},
        {3, 0, u"ces", u"z"},
        {3, 0, u"s", NULL},
    };
    char16_t second = auk_stem_last(word, 2), third = auk_stem_last(word, 3);
    char16_t fourth = auk_stem_last(word, 4);
    if (!is_vowel(second) || fourth == 'q' ||
        (fourth == 'g' && third == 'u' && auk_stem_in(second, u"ie")))
        word->size--;
    else if (is_vowel(fourth) && second == 'e' && auk_stem_in(third, u"rdlnx"))
        word->size -= 2;
    else if (second == 'i' && is_vowel(third))
        auk_stem_replace(word, 2, u"y");
    else
        (void)AUK_STEM_APPLY(word, endings);
}

void auk_stem_plural_spanish(auk_stem_word *word)
{
    if (word->size < 4)
        return;
    auk_stem_map(word, u"àaáaâaäaòoóoôoöoèeéeêeëeùuúuûuüuìiíiîiïi");
    if (auk_stem_is_one_of(word, invariable))
        return;
    if (auk_stem_is_one_of(word, irregular))
        word->size -= 2;
    else if (auk_stem_last(word, 1) == 's')
        cut_plural(word);
}
