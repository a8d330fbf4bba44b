/*
 * Hindi, Bengali.
 *
 * Hindi: A. Ramanathan and D. D. Rao, "A Lightweight Stemmer for Hindi", EACL 2003. Bengali: Md. Z.
 * Islam, Md. N. Uddin and M. Khan, "A Light Weight Stemmer for Bengali and Its Use in Spelling
 * Checker", 2007. Words are normalized before (normalize.h).
 */
#include "light_stemmers.h"

void auk_stem_hindi(auk_stem_word *word)
{
    static const auk_stem_rule endings[] = {
        {6, 0, u"ाएंगी ाएंगे ाऊंगी ाऊंगा ाइयाँ ाइयों ाइयां", NULL},
        {5, 0,
         u"ाएगी ाएगा ाओगी ाओगे एंगी ेंगी एंगे ेंगे ूंगी ूंगा ातीं नाओं नाएं ताओं ताएं ियाँ "
         u"ियों ियां",
         NULL},
        {4, 0, u"ाकर ाइए ाईं ाया ेगी ेगा ोगी ोगे ाने ाना ाते ाती ाता तीं ाओं ाएं ुओं ुएं ुआं", NULL},
        {3, 0, u"कर ाओ िए ाई ाए ने नी ना ते ीं ती ता ाँ ां ों ें", NULL},
        {2, 0, u"ो े ू ु ी ि ा", NULL},
    };
    (void)AUK_STEM_APPLY(word, endings);
}

void auk_stem_bengali(auk_stem_word *word)
{
    static const auk_stem_rule endings[] = {
        {9, 0, u"িয়াছিলাম িতেছিলাম িতেছিলেন ইতেছিলেন িয়াছিলেন ইয়াছিলেন", NULL},
        {8, 0, u"িতেছিলি িতেছিলে িয়াছিলা িয়াছিলে িতেছিলা িয়াছিলি য়েদেরকে", NULL},
        {7, 0, u"িতেছিস িতেছেন িয়াছিস িয়াছেন েছিলাম েছিলেন েদেরকে", NULL},
        {6, 0, u"িতেছি িতেছা িতেছে ছিলাম ছিলেন িয়াছি িয়াছা িয়াছে েছিলে েছিলা য়েদের দেরকে", NULL},
        {5, 0, u"িলাম িলেন িতাম িতেন িবেন ছিলি ছিলে ছিলা তেছে িতেছ খানা খানি গুলো গুলি য়েরা েদের",
         NULL},
        {4, 0,
         u"লাম িলি ইলি িলে ইলে লেন িলা ইলা তাম িতি ইতি িতে ইতে তেন িতা িবা ইবা িবি ইবি বেন "
         u"িবে ইবে ছেন য়োন য়ের েরা দের",
         NULL},
        {3, 0, u"িস েন লি লে লা তি তে তা বি বে বা ছি ছা ছে ুন ুক টা টি নি ের তে রা কে", NULL},
        {2, 0, u"ি ী া ো ে ব ত", NULL},
    };
    (void)AUK_STEM_APPLY(word, endings);
}
