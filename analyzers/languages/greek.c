/*
 * Greek: G. Ntais, "Development of a Stemmer for the Greek Language", Stockholm 2006, with S.
 * Saroukos, "Enhancing a Greek Language Stemmer", Tampere 2008. Words are in lower case without
 * accents and with a plain sigma at their end.
 *
 * Each step cuts an ending, and puts a part of it back behind stems that it knows.
 */
#include "light_stemmers.h"

enum vowels { NO_VOWEL, ANY_VOWEL, ANY_BUT_UPSILON };

/* When an ending's part comes back: behind a vowel, one of these stems, or these ends of stems. */
struct back {
    const char16_t *text; /* NULL: never */
    enum vowels vowels;
    const char16_t *stems;
    const char16_t *ends;
    const char16_t *unless; /* but not behind these ends, nor two words of rule 15 */
};

struct step {
    const auk_stem_rule *rules;
    size_t count;
    struct back back;
};

/* clang-format off */
static const auk_stem_rule words[] = {
    {9, 4, u"καθεστωτοσ καθεστωτων", NULL},
    {8, 4, u"γεγονοτοσ γεγονοτων", NULL},
    {8, 3, u"καθεστωτα", NULL},
    {7, 4, u"τατογιου τατογιων", NULL},
    {7, 3, u"γεγονοτα", NULL},
    {7, 2, u"καθεστωσ", NULL},
    {6, 4,
     u"σκαγιου σκαγιων ολογιου ολογιων κρεατοσ κρεατων περατοσ περατων τερατοσ τερατων",
     NULL},
    {6, 3, u"τατογια", NULL},
    {6, 2, u"γεγονοσ", NULL},
    {5, 4, u"φαγιου φαγιων σογιου σογιων", NULL},
    {5, 3, u"σκαγια ολογια κρεατα περατα τερατα", NULL},
    {4, 3, u"φαγια σογια φωτοσ φωτων", NULL},
    {4, 2, u"κρεασ περασ τερασ", NULL},
    {3, 2, u"φωτα", NULL},
    {2, 1, u"φωσ", NULL},
};

static const auk_stem_rule ades[] = {
    {4, 0, u"αδεσ αδων", NULL},
};

static const auk_stem_rule edes[] = {
    {4, 0, u"εδεσ εδων", NULL},
};

static const auk_stem_rule oudes[] = {
    {5, 0, u"ουδεσ ουδων", NULL},
};

static const auk_stem_rule eos[] = {
    {3, 0, u"εωσ εων", NULL},
};

static const auk_stem_rule ia[] = {
    {2, 0, u"ια", NULL},
    {3, 0, u"ιου ιων", NULL},
};

static const auk_stem_rule ika[] = {
    {3, 0, u"ικα ικο", NULL},
    {4, 0, u"ικου ικων", NULL},
};

static const auk_stem_rule agame[] = {
    {7, 0, u"ηθηκαμε", NULL},
    {6, 0, u"ουσαμε", NULL},
    {5, 0, u"αγαμε ησαμε ηκαμε", NULL},
};

static const auk_stem_rule ame[] = {
    {3, 0, u"αμε", NULL},
};

static const auk_stem_rule agane[] = {
    {8, 0, u"ιουντανε", NULL},
    {7, 0, u"ιοντανε", NULL},
    {0, 0, u"ουντανε ηθηκανε", NULL},
    {6, 0, u"ιοτανε", NULL},
    {0, 0, u"οντανε ουσανε", NULL},
    {5, 0, u"αγανε", NULL},
    {0, 0, u"ησανε οτανε ηκανε", NULL},
};

static const auk_stem_rule ane[] = {
    {3, 0, u"ανε", NULL},
};

static const auk_stem_rule isete[] = {
    {5, 0, u"ησετε", NULL},
};

static const auk_stem_rule ete[] = {
    {3, 0, u"ετε", NULL},
};

static const auk_stem_rule omaste[] = {
    {6, 0, u"ομαστε", NULL},
};

static const auk_stem_rule ieste[] = {
    {5, 0, u"ιεστε", NULL},
};

static const auk_stem_rule este[] = {
    {4, 0, u"εστε", NULL},
};

static const auk_stem_rule ithika[] = {
    {6, 0, u"ηθηκεσ", NULL},
    {5, 0, u"ηθηκα ηθηκε", NULL},
};

static const auk_stem_rule ika_verbs[] = {
    {4, 0, u"ηκεσ", NULL},
    {3, 0, u"ηκα ηκε", NULL},
};

static const auk_stem_rule ousa[] = {
    {5, 0, u"ουσεσ", NULL},
    {4, 0, u"ουσα ουσε", NULL},
};

static const auk_stem_rule aga[] = {
    {4, 0, u"αγεσ", NULL},
    {3, 0, u"αγα αγε", NULL},
};

static const auk_stem_rule isou[] = {
    {4, 0, u"ησου", NULL},
    {3, 0, u"ησε ησα", NULL},
};

static const auk_stem_rule iste[] = {
    {4, 0, u"ηστε", NULL},
};

static const auk_stem_rule oune[] = {
    {6, 0, u"ησουνε ηθουνε", NULL},
    {4, 0, u"ουνε", NULL},
};

static const auk_stem_rule oume[] = {
    {6, 0, u"ησουμε ηθουμε", NULL},
    {4, 0, u"ουμε", NULL},
};

static const auk_stem_rule mata[] = {
    {5, 3, u"ματων ματοσ", NULL},
    {4, 2, u"ματα", NULL},
};

static const auk_stem_rule others[] = {
    {9, 0, u"ιοντουσαν", NULL},
    {8, 0, u"ιομασταν ιοσασταν ιουμαστε οντουσαν", NULL},
    {7, 0,
     u"ιεμαστε ιεσαστε ιομουνα ιοσαστε ιοσουνα ιουνται ιουνταν ηθηκατε ομασταν οσασταν ουμαστε",
     NULL},
    {6, 0, u"ιομουν ιονταν ιοσουν ηθειτε ηθηκαν ομουνα οσαστε οσουνα ουνται ουνταν ουσατε", NULL},
    {5, 0,
     u"αγατε ιεμαι ιεται ιεσαι ιοταν ιουμα ηθεισ ηθουν ηκατε ησατε ησουν ομουν ονται ονταν "
     u"οσουν ουμαι ουσαν",
     NULL},
    {4, 0,
     u"αγαν αμαι ασαι αται ειτε εσαι εται ηδεσ ηδων ηθει ηκαν ησαν ησει ησεσ ομαι οταν",
     NULL},
    {3, 0, u"αει εισ ηθω ησω ουν ουσ", NULL},
    {2, 0, u"αν ασ αω ει εσ ησ οι οσ ου υσ ων", NULL},
    {1, 0, u"α ε η ι ο υ ω", NULL},
};

static const auk_stem_rule comparison[] = {
    {0, 0, u"εστερ εστατ", NULL},
    {0, 0, u"οτερ οτατ υτερ υτατ ωτερ ωτατ", NULL},
};

#define RULES(rules) rules, sizeof(rules) / sizeof((rules)[0])

static const struct step first_steps[] = {
    {RULES(edes), {u"εδ", NO_VOWEL, NULL,
      u"οπ ιπ εμπ υπ γηπ δαπ κρασπ μιλ", NULL}},
    {RULES(oudes), {u"ουδ", NO_VOWEL, NULL,
      u"αρκ καλιακ πεταλ λιχ πλεξ σκ σ φλ φρ βελ λουλ χν σπ τραγ φε", NULL}},
    {RULES(eos), {u"ε", NO_VOWEL,
      u"θ δ ελ γαλ ν π ιδ παρ", NULL, NULL}},
    {RULES(ia), {u"ι", ANY_VOWEL, NULL, NULL, NULL}},
    {RULES(ika), {u"ικ", ANY_VOWEL,
      u"αλ αδ ενδ αμαν αμμοχαλ ηθ ανηθ αντιδ φυσ βρωμ γερ εξωδ καλπ καλλιν καταδ μουλ μπαν "
      u"μπαγιατ μπολ μποσ νιτ ξικ συνομηλ πετσ πιτσ πικαντ πλιατσ ποστελν πρωτοδ σερτ συναδ "
      u"τσαμ υποδ φιλον φυλοδ χασ", NULL, NULL}},
    {RULES(agame), {NULL, NO_VOWEL, NULL, NULL, NULL}},
    {RULES(ame), {u"αμ", NO_VOWEL,
      u"αναπ αποθ αποκ αποστ βουβ ξεθ ουλ πεθ πικρ ποτ σιχ χ", NULL, NULL}},
    {RULES(agane), {u"αγαν", NO_VOWEL,
      u"τρ τσ", NULL, NULL}},
    {RULES(ane), {u"αν", ANY_BUT_UPSILON,
      u"βετερ βουλκ βραχμ γ δραδουμ θ καλπουζ καστελ κορμορ λαοπλ μωαμεθ μ μουσουλμ ν ουλ π "
      u"πελεκ πλ πολισ πορτολ σαρακατσ σουλτ τσαρλατ ορφ τσιγγ τσοπ φωτοστεφ χ ψυχοπλ αγ γαλ "
      u"γερ δεκ διπλ αμερικαν ουρ πιθ πουριτ σ ζωντ ικ καστ κοπ λιχ λουθηρ μαιντ μελ σιγ σπ "
      u"στεγ τραγ τσαγ φ ερ αδαπ αθιγγ αμηχ ανικ ανοργ απηγ απιθ ατσιγγ βασ βασκ βαθυγαλ "
      u"βιομηχ βραχυκ διατ διαφ ενοργ θυσ καπνοβιομηχ καταγαλ κλιβ κοιλαρφ λιβ μεγλοβιομηχ "
      u"μικροβιομηχ νταβ ξηροκλιβ ολιγοδαμ ολογαλ πενταρφ περηφ περιτρ πλατ πολυδαπ πολυμηχ "
      u"στεφ ταβ τετ υπερηφ υποκοπ χαμηλοδαπ ψηλοταβ", NULL, NULL}},
    {RULES(isete), {NULL, NO_VOWEL, NULL, NULL, NULL}},
    {RULES(ete), {u"ετ", ANY_BUT_UPSILON,
      u"αβαρ βεν εναρ αβρ αδ αθ αν απλ βαρον ντρ σκ κοπ μπορ νιφ παγ παρακαλ σερπ σκελ συρφ "
      u"τοκ υ δ εμ θαρρ θ",
      u"οδ αιρ φορ ταθ διαθ σχ ενδ ευρ τιθ υπερθ ραθ ενθ ροθ σθ πυρ αιν συνδ συν συνθ χωρ πον "
      u"βρ καθ ευθ εκθ νετ ρον αρκ βαρ βολ ωφελ", NULL}},
};

static const struct step last_steps[] = {
    {RULES(omaste), {u"ομαστ", NO_VOWEL,
      u"ον", NULL, NULL}},
    {RULES(ieste), {u"ιεστ", NO_VOWEL,
      u"π απ συμπ ασυμπ ακαταπ αμεταμφ", NULL, NULL}},
    {RULES(este), {u"εστ", NO_VOWEL,
      u"αλ αρ εκτελ ζ μ ξ παρακαλ προ νισ", NULL, NULL}},
    {RULES(ithika), {NULL, NO_VOWEL, NULL, NULL, NULL}},
    {RULES(ika_verbs), {u"ηκ", NO_VOWEL,
      u"διαθ θ παρακαταθ προσθ συνθ",
      u"σκωλ σκουλ ναρθ σφ οθ πιθ", NULL}},
    {RULES(ousa), {u"ουσ", ANY_VOWEL,
      u"φαρμακ χαδ αγκ αναρρ βρομ εκλιπ λαμπιδ λεχ μ πατ ρ λ μεδ μεσαζ υποτειν αμ αιθ ανηκ "
      u"δεσποζ ενδιαφερ δε δευτερευ καθαρευ πλε τσα",
      u"ποδαρ βλεπ πανταχ φρυδ μαντιλ μαλλ κυματ λαχ ληγ φαγ ομ πρωτ", NULL}},
    {RULES(aga), {u"αγ", NO_VOWEL,
      u"αβαστ πολυφ αδηφ παμφ ρ ασπ αφ αμαλ αμαλλι ανυστ απερ ασπαρ αχαρ δερβεν δροσοπ ξεφ "
      u"νεοπ νομοτ ολοπ ομοτ προστ προσωποπ συμπ συντ τ υποτ χαρ αειπ αιμοστ ανυπ αποτ αρτιπ "
      u"διατ εν επιτ κροκαλοπ σιδηροπ λ ναυ ουλαμ ουρ π τρ μ",
      u"οφ πελ χορτ λλ σφ ρπ φρ πρ λοχ σμην", u"κολλ"}},
    {RULES(isou), {u"ησ", NO_VOWEL,
      u"ν χερσον δωδεκαν ερημον μεγαλον επταν", NULL, NULL}},
    {RULES(iste), {u"ηστ", NO_VOWEL,
      u"ασβ σβ αχρ χρ απλ αειμν δυσχρ ευχρ κοινοχρ παλιμψ", NULL, NULL}},
    {RULES(oune), {u"ουν", NO_VOWEL,
      u"ν ρ σπι στραβομουτσ κακομουτσ εξων", NULL, NULL}},
    {RULES(oume), {u"ουμ", NO_VOWEL,
      u"παρασουσ φ χ ωριοπλ αζ αλλοσουσ ασουσ", NULL, NULL}},
    {RULES(mata), {NULL, NO_VOWEL, NULL, NULL, NULL}},
};
/* clang-format on */

static bool ends_in_vowel(const auk_stem_word *word, enum vowels vowels)
{
    char16_t last = auk_stem_last(word, 1);
    return vowels != NO_VOWEL && last != 0 &&
           auk_stem_in(last, vowels == ANY_VOWEL ? u"αεηιουω" : u"αεηιοω");
}

static bool comes_back(const auk_stem_word *stem, const struct back *back)
{
    if (back->unless &&
        (auk_stem_ends_in(stem, back->unless) || auk_stem_is_one_of(stem, u"ψοφ ναυλοχ")))
        return false;
    return back->text && (ends_in_vowel(stem, back->vowels) ||
                          (back->stems && auk_stem_is_one_of(stem, back->stems)) ||
                          (back->ends && auk_stem_ends_in(stem, back->ends)));
}

static void run(auk_stem_word *word, const struct step *steps, size_t count)
{
    for (size_t i = 0; i < count; i++)
        if (auk_stem_apply(word, steps[i].rules, steps[i].count) &&
            comes_back(word, &steps[i].back))
            auk_stem_replace(word, 0, steps[i].back.text);
}

/* The other way round: it comes back unless the stem is known. */
static void cut_ades(auk_stem_word *word)
{
    if (AUK_STEM_APPLY(word, ades) &&
        !auk_stem_ends_in(word, u"οκ μαμ μαν μπαμπ πατερ γιαγι νταντ κυρ θει πεθερ"))
        auk_stem_replace(word, 0, u"αδ");
}

static void cut_ontas(auk_stem_word *word)
{
    static const auk_stem_rule ontas[] = {{5, 0, u"οντασ ωντασ", NULL}};
    if (!AUK_STEM_APPLY(word, ontas))
        return;
    if (auk_stem_is_one_of(word, u"αρχ"))
        auk_stem_replace(word, 0, u"οντ");
    else if (auk_stem_ends(word, u"κρε"))
        auk_stem_replace(word, 0, u"ωντ");
}

#define RUN(word, steps) run((word), (steps), sizeof(steps) / sizeof((steps)[0]))

void auk_stem_greek(auk_stem_word *word)
{
    size_t size = word->size;
    if (size < 4)
        return;
    if (auk_stem_is_one_of(word, u"αγαμε"))
        word->size--;
    (void)AUK_STEM_APPLY(word, words);
    cut_ades(word);
    RUN(word, first_steps);
    cut_ontas(word);
    RUN(word, last_steps);
    if (word->size == size)
        (void)AUK_STEM_APPLY(word, others);
    (void)AUK_STEM_APPLY(word, comparison);
}
