/*
 * English: J. B. Lovins, "Development of a stemming algorithm", Mechanical Translation and
 * Computational Linguistics 11, 1968: the longest of the endings of her appendix A whose condition
 * of appendix B holds goes, a double consonant becomes single, and the rules of appendix C mend
 * what is left. As in Snowball's form of it, a stem has at least two letters.
 */
#include "light_stemmers.h"

/* Endings by their condition, which is a letter or two in the paper too. */
struct group {
    const char *condition;
    const char16_t *endings;
};

/* clang-format off */
static const struct group groups[] = {
    {"A",
     u"antialness arisations arizations entialness antaneous antiality arisation arization "
     u"ativeness entations entiality entialize entiation ionalness istically itousness "
     u"izability izational arizability ableness arizable entation entially eousness ibleness "
     u"icalness ionalism ionality ionalize iousness izations lessness ability aically alities "
     u"aristic arizing ateness atingly atively ativism encible entally entials entiate entness "
     u"fulness ibility icalism icalist icality icalize icianry ination ingness ionally isation "
     u"ishness istical iteness iveness ivistic ivities izement oidally ousness aceous alness "
     u"ancial ancies ariser arized arizer atable atives efully encies encing ential entist "
     u"eously ialist iality ialize ically icance icians icists ifully ionals ioning ionist "
     u"iously istics lessly nesses oidism acies acity aical alist ality alize arial aries arily "
     u"arize aroid ately ative ators atory ehood eless elity ement enced ences ental ently "
     u"fully ially icant ician icide icism icist icity iedly ihood inate iness ional ioned "
     u"ished istic ities itous ively ivity oidal oides otide ously able ably aric ates ator "
     u"eful eity ence ency eous hood ials ians ible ibly ical iers iful ious ists less lily "
     u"ness ogen ward wise yish acy aic ata ate ese ful ial ian ics ied ier ily ist ity ium ive "
     u"oid ous ae ia ic is 's s' a e i o"},
    {"B",
     u"alistically izationally ationally ational alistic acious ancing ations aging alism anced "
     u"ances arity ation ingly ages ally ance ancy ants atic ions isms ying age ant ism as ly y"},
    {"C", u"allically enting antic ented ent ish"},
    {"D", u"ionate"},
    {"E",
     u"eableness ariness elihood izable ature eness ening edly ened enly ely ene ery ed es"},
    {"F", u"ization izers izing ized izer ary ize en"},
    {"G", u"ication action"},
    {"H", u"itic"},
    {"I", u"ating idine ated"},
    {"J", u"inism"},
    {"K", u"arly"},
    {"L", u"ides ide"},
    {"M", u"ines ine"},
    {"N", u"ings ing"},
    {"O", u"ars"},
    {"P", u"ies"},
    {"Q", u"ion"},
    {"R", u"one yl"},
    {"S", u"on"},
    {"T", u"or"},
    {"U", u"um"},
    {"V", u"us"},
    {"W", u"s"},
    {"X", u"ar"},
    {"Y", u"early ealy eal ear"},
    {"Z", u"eature"},
    {"a", u"ite"},         /* AA */
    {"b", u"allic als al"}, /* BB */
    {"c", u"inity"},       /* CC */
};
/* clang-format on */

/* The stem ends in one of the units. */
static bool is_last(const auk_stem_word *stem, const char16_t *units)
{
    return auk_stem_in(auk_stem_last(stem, 1), units);
}

static bool ends_u_e(const auk_stem_word *stem)
{
    return auk_stem_last(stem, 1) == 'e' && auk_stem_last(stem, 3) == 'u';
}

/* Conditions that only say which letters may not come before. */
static const char16_t *excluded(char condition)
{
    switch (condition) {
    case 'E':
    case 'F':
        return u"e";
    case 'I':
        return u"oe";
    case 'J':
        return u"ae";
    case 'M':
        return u"acem";
    case 'P':
        return u"c";
    case 'Q':
        return u"ln";
    case 'W':
        return u"su";
    case 'Z':
        return u"f";
    default:
        return u"";
    }
}

static size_t least_size(char condition)
{
    switch (condition) {
    case 'B':
    case 'F':
    case 'G':
    case 'K':
    case 'N':
    case 'Q':
    case 'b':
        return 3;
    case 'C':
        return 4;
    case 'D':
        return 5;
    default:
        return 2;
    }
}

static bool holds(char condition, const auk_stem_word *stem)
{
    char16_t before = auk_stem_last(stem, 2);
    if (stem->size < least_size(condition) || is_last(stem, excluded(condition)))
        return false;
    switch (condition) {
    case 'G':
        return is_last(stem, u"f");
    case 'H':
        return is_last(stem, u"t") || auk_stem_ends(stem, u"ll");
    case 'K':
    case 'X':
        return is_last(stem, u"li") || ends_u_e(stem);
    case 'L':
        return !is_last(stem, u"ux") && (!is_last(stem, u"s") || before == 'o');
    case 'N':
        return auk_stem_last(stem, 3) != 's' || stem->size > 3;
    case 'O':
        return is_last(stem, u"li");
    case 'R':
        return is_last(stem, u"nr");
    case 'S':
        return auk_stem_ends(stem, u"dr") || (is_last(stem, u"t") && before != 't');
    case 'T':
        return is_last(stem, u"s") || (is_last(stem, u"t") && before != 'o');
    case 'U':
        return is_last(stem, u"lmnr");
    case 'V':
        return is_last(stem, u"c");
    case 'Y':
        return auk_stem_ends(stem, u"in");
    case 'a':
        return auk_stem_ends_in(stem, u"d f ph th l er or es t") > 0;
    case 'b':
        return auk_stem_ends_in(stem, u"met ryst") == 0;
    case 'c':
        return is_last(stem, u"l");
    default:
        return true;
    }
}

static void cut_ending(auk_stem_word *word)
{
    size_t longest = 0;
    for (size_t i = 0; i < sizeof groups / sizeof groups[0]; i++) {
        for (const char16_t *at = groups[i].endings; *at;) {
            size_t size = auk_stem_entry_size(at);
            auk_stem_word stem = {word->at, word->size - size};
            if (size > longest && auk_stem_ends_entry(word, at, size) &&
                holds(groups[i].condition[0], &stem))
                longest = size;
            at += size + (at[size] == ' ');
        }
    }
    word->size -= longest;
}

/* Longer endings first where one ends another; "not" before it stops all of them. */
static const struct {
    const char16_t *ending;
    const char16_t *with;
    const char16_t *not_behind;
} respellings[] = {
    {u"iev", u"ief", u""},    {u"uct", u"uc", u""},    {u"umpt", u"um", u""},
    {u"rpt", u"rb", u""},     {u"urs", u"ur", u""},    {u"istr", u"ister", u""},
    {u"metr", u"meter", u""}, {u"olv", u"olut", u""},  {u"ul", u"l", u"aio"},
    {u"bex", u"bic", u""},    {u"dex", u"dic", u""},   {u"pex", u"pic", u""},
    {u"tex", u"tic", u""},    {u"ax", u"ac", u""},     {u"ex", u"ec", u""},
    {u"ix", u"ic", u""},      {u"lux", u"luc", u""},   {u"uad", u"uas", u""},
    {u"vad", u"vas", u""},    {u"cid", u"cis", u""},   {u"lid", u"lis", u""},
    {u"erid", u"eris", u""},  {u"pand", u"pans", u""}, {u"end", u"ens", u"s"},
    {u"ond", u"ons", u""},    {u"lud", u"lus", u""},   {u"rud", u"rus", u""},
    {u"her", u"hes", u"pt"},  {u"mit", u"mis", u""},   {u"ent", u"ens", u"m"},
    {u"ert", u"ers", u""},    {u"et", u"es", u"n"},    {u"yt", u"ys", u""},
    {u"yz", u"ys", u""},
};

static void respell(auk_stem_word *word)
{
    for (size_t i = 0; i < sizeof respellings / sizeof respellings[0]; i++) {
        if (!auk_stem_ends(word, respellings[i].ending))
            continue;
        size_t size = auk_stem_length(respellings[i].ending);
        char16_t before = auk_stem_last(word, size + 1);
        if (!before || !auk_stem_in(before, respellings[i].not_behind))
            auk_stem_replace(word, size, respellings[i].with);
        return;
    }
}

void auk_stem_lovins(auk_stem_word *word)
{
    cut_ending(word);
    if (auk_stem_ends_in(word, u"bb dd gg ll mm nn pp rr ss tt"))
        word->size--;
    respell(word);
}
