/* Each chain is Lucene's of the analyzer with that name. */
#include "language_chains.h"

#define ROW(name, ...)                                                                             \
    {                                                                                              \
        AUK_SPAN_INIT(name),                                                                       \
        {                                                                                          \
            __VA_ARGS__, NULL                                                                      \
        }                                                                                          \
    }
#define SNOWBALL(name, language)                                                                   \
    ROW(name, "lowercase", "stop", "exclude", "snowball language=" language)
#define STEMMER(name)   ROW(name, "lowercase", "stop", "exclude", "stemmer language=" name)
#define LIGHT(name)     ROW(name, "lowercase", "stop", "exclude", "stemmer language=light_" name)

#define FRENCH_ARTICLES "l,m,t,qu,n,s,j,d,c,jusqu,quoiqu,lorsqu,puisqu"
#define ITALIAN_ARTICLES                                                                           \
    "c,l,all,dall,dell,nell,sull,coll,pell,gl,agl,dagl,degl,negl,sugl,un,m,t,s,v,d"
#define ELISION(articles) "elision articles_case=true articles=" articles

/* Macros join texts on purpose. NOLINTBEGIN(bugprone-suspicious-missing-comma) */
const auk_language_chain auk_language_chains[] = {
    ROW("arabic", "lowercase", "decimal_digit", "stop", "arabic_normalization", "exclude",
        "stemmer language=arabic"),
    SNOWBALL("armenian", "Armenian"),
    SNOWBALL("basque", "Basque"),
    ROW("bengali", "lowercase", "decimal_digit", "exclude", "indic_normalization",
        "bengali_normalization", "stop", "stemmer language=bengali"),
    STEMMER("brazilian"),
    STEMMER("bulgarian"),
    ROW("catalan", ELISION("d,l,m,n,s,t"), "lowercase", "stop", "exclude",
        "snowball language=Catalan"),
    ROW("cjk", "cjk_width", "lowercase", "cjk_bigram", "stop"),
    STEMMER("czech"),
    SNOWBALL("danish", "Danish"),
    ROW("dutch", "lowercase", "stop", "exclude",
        "stemmer_override rules=fiets=>fiets,bromfiets=>bromfiets,ei=>eier,kind=>kinder",
        "snowball language=Dutch"),
    STEMMER("estonian"),
    SNOWBALL("finnish", "Finnish"),
    ROW("french", ELISION(FRENCH_ARTICLES), "lowercase", "stop", "exclude",
        "stemmer language=light_french"),
    STEMMER("galician"),
    ROW("german", "lowercase", "stop", "exclude", "german_normalization",
        "stemmer language=light_german"),
    ROW("greek", "lowercase language=greek", "stop", "stemmer language=greek"),
    ROW("hindi", "lowercase", "decimal_digit", "exclude", "indic_normalization",
        "hindi_normalization", "stop", "stemmer language=hindi"),
    SNOWBALL("hungarian", "Hungarian"),
    STEMMER("indonesian"),
    ROW("irish", "stop ignore_case=true stopwords=h,n,t", ELISION("d,m,b"),
        "lowercase language=irish", "stop", "exclude", "snowball language=Irish"),
    ROW("italian", ELISION(ITALIAN_ARTICLES), "lowercase", "stop", "exclude",
        "stemmer language=light_italian"),
    STEMMER("latvian"),
    SNOWBALL("lithuanian", "Lithuanian"),
    SNOWBALL("norwegian", "Norwegian"),
    ROW("persian", "mapping mappings=\\u200c=>\\u0020", "lowercase", "decimal_digit",
        "arabic_normalization", "persian_normalization", "stop"),
    LIGHT("portuguese"),
    SNOWBALL("romanian", "Romanian"),
    SNOWBALL("russian", "Russian"),
    ROW("serbian", "lowercase", "stop", "exclude", "snowball language=Serbian",
        "serbian_normalization"),
    ROW("sorani", "sorani_normalization", "lowercase", "decimal_digit", "stop", "exclude",
        "stemmer language=sorani"),
    LIGHT("spanish"),
    SNOWBALL("swedish", "Swedish"),
    ROW("turkish", "apostrophe", "lowercase language=turkish", "stop", "exclude",
        "snowball language=Turkish"),
};
/* NOLINTEND(bugprone-suspicious-missing-comma) */

const size_t auk_language_chain_count = sizeof auk_language_chains / sizeof auk_language_chains[0];

const auk_language_chain *auk_language_chain_find(auk_span name)
{
    for (size_t i = 0; i < auk_language_chain_count; i++)
        if (auk_span_equal(auk_language_chains[i].name, name))
            return &auk_language_chains[i];
    return NULL;
}

bool auk_language_chain_excludes(const auk_language_chain *chain)
{
    for (const char *const *stage = chain->stages; *stage; stage++)
        if (auk_span_is(auk_span_of(*stage), "exclude"))
            return true;
    return false;
}
