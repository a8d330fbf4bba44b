/*
 * analyzer.h - text to tokens: the analyzers and normalizers of one index.
 *
 * An analyzer is an immutable program: char filters rewrite the text, a tokenizer cuts it, token
 * filters transform the list of tokens, a stage at a time over the whole text. auk_analysis holds
 * all programs of one index: the built-in ones and those that the settings "index.analysis.*"
 * define under Elasticsearch's names. What changes while a program runs (break iterators, stemmers,
 * caches) is in a scratch, one a thread, good for every analyzer.
 *
 *   Lifetime  an analysis is counted; its analyzers live as long as it does. Tokens live until the
 *             next run into the same auk_tokens, its _reset or _deinit; their texts may also point
 *             into the text that was analysed.
 *   Threads   analyses and analyzers: any number at once. A scratch and an auk_tokens: one thread.
 *   Memory    everything is made at first use: an idle process holds no break iterator, stemmer or
 *             table. Nothing is allocated per token: the list and its arena grow and are kept, up
 *             to what auk_tokens_allow says.
 *   Errors    AUK_INVALID for names and settings, in Elasticsearch's words, with the nearest valid
 *             name as hint, and for a text whose tokens are more than may be held; AUK_BUSY when
 *             nobody pays for them; AUK_TOO_LARGE for a text above AUK_ANALYZER_TEXT_LIMIT; AUK_IO
 *             when ICU or Snowball fails. A byte that is no UTF-8 counts as a space: it reaches no
 *             token.
 *
 * Positions and offsets, "The the-fox" with the stop words "the":
 *
 *      bytes       0   4   8   11
 *                  The the-fox
 *      position    0   1   2            a removed word leaves a hole: the one token is
 *                                       {text "fox", start 8, end 11, position 2}, end_position 3
 */
#ifndef AUK_ANALYZER_H
#define AUK_ANALYZER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auk/arena.h"
#include "auk/error.h"
#include "auk/settings.h"
#include "auk/span.h"

#define AUK_ANALYZER_TEXT_LIMIT   ((size_t)1 << 30)
#define AUK_ANALYZER_POSITION_GAP 100
#define AUK_TOKENS_LIMIT          ((size_t)32 << 20) /* bytes of one text's tokens, unless allowed */

/* name, Lucene's word for it */
#define AUK_TOKEN_TYPE_MAP(X)                                                                      \
    X(WORD, "word")                                                                                \
    X(ALPHANUM, "<ALPHANUM>")                                                                      \
    X(NUM, "<NUM>")                                                                                \
    X(SOUTHEAST_ASIAN, "<SOUTHEAST_ASIAN>")                                                        \
    X(IDEOGRAPHIC, "<IDEOGRAPHIC>")                                                                \
    X(HIRAGANA, "<HIRAGANA>")                                                                      \
    X(KATAKANA, "<KATAKANA>")                                                                      \
    X(HANGUL, "<HANGUL>")                                                                          \
    X(EMOJI, "<EMOJI>")                                                                            \
    X(SYNONYM, "SYNONYM")                                                                          \
    X(SHINGLE, "shingle")                                                                          \
    X(GRAM, "gram")                                                                                \
    X(FINGERPRINT, "fingerprint")                                                                  \
    X(SINGLE, "<SINGLE>")                                                                          \
    X(DOUBLE, "<DOUBLE>")                                                                          \
    X(APOSTROPHE, "<APOSTROPHE>")                                                                  \
    X(ACRONYM, "<ACRONYM>")                                                                        \
    X(ACRONYM_DEP, "<ACRONYM_DEP>")                                                                \
    X(COMPANY, "<COMPANY>")                                                                        \
    X(EMAIL, "<EMAIL>")                                                                            \
    X(HOST, "<HOST>")                                                                              \
    X(URL, "<URL>")                                                                                \
    X(CJ, "<CJ>")                                                                                  \
    X(MIN_HASH, "MIN_HASH")

typedef enum auk_token_type {
#define X(name, text) AUK_TOKEN_##name,
    AUK_TOKEN_TYPE_MAP(X)
#undef X
        AUK_TOKEN_TYPE_COUNT
} auk_token_type;

enum {
    AUK_TOKEN_KEYWORD = 1, /* stemmers leave it alone */
    AUK_TOKEN_ASCII = 2    /* every byte of the text is known to be below 0x80 */
};

typedef struct auk_token {
    const char *text; /* valid UTF-8, in the analysed text or in the list's arena */
    uint32_t size;
    uint32_t start; /* bytes in the original text, before any char filter */
    uint32_t end;
    uint32_t position; /* from 0 in this text, holes of removed words included; never descends */
    uint16_t position_length;
    uint8_t type;  /* auk_token_type */
    uint8_t flags; /* AUK_TOKEN_KEYWORD, AUK_TOKEN_ASCII */
} auk_token;

/* Was there room for all tokens? */
typedef enum auk_tokens_fill {
    AUK_TOKENS_FIT,
    AUK_TOKENS_FULL,  /* above the limit */
    AUK_TOKENS_UNPAID /* below it, and refused by who pays */
} auk_tokens_fill;

typedef struct auk_tokens {
    auk_token *items;
    size_t count;
    size_t capacity;
    uint32_t end_position; /* one past the last position, trailing holes included */
    uint32_t end_offset;   /* bytes of the original text */
    auk_arena *arena;      /* owns the texts that a stage changed; NULL until there is one */

    /* The rest belongs to the analyzers. */
    auk_token *spare; /* where a stage that makes more tokens writes, then swapped with items */
    size_t spare_capacity;
    auk_span source;     /* what the tokenizer was given, after char filters */
    auk_span original;   /* what offsets are in */
    const char *lowered; /* source in lower case, see _all; NULL: not made */
    bool lowered_all;    /* false: only its letters of one and two bytes that keep their length */
    char *room;          /* what is left of the arena's last piece for texts */
    size_t room_left;
    size_t limit_bytes; /* 0: AUK_TOKENS_LIMIT */
    size_t paid_bytes;
    auk_arena *payer;
    auk_tokens_fill fill; /* until _reset */
    auk_token sink;       /* what does not fit is written here */
} auk_tokens;

void auk_tokens_init(auk_tokens *tokens);
void auk_tokens_deinit(auk_tokens *tokens);
void auk_tokens_reset(auk_tokens *tokens); /* empties, keeps capacity */
void auk_tokens_trim(auk_tokens *tokens);  /* empties, and keeps what nobody pays for */

/*
 * What the tokens of one text may take, on the way and at the end: the list, what stages wrote, and
 * the texts together. A chain of ngrams makes billions of tokens of a thousand letters, so a run
 * that comes to this stops there and fails.
 *
 * paid_bytes  of these nobody is asked
 * payer       admits what is above (auk_arena_admit), borrowed; NULL: nobody needs to
 */
void auk_tokens_allow(auk_tokens *tokens, size_t limit_bytes, size_t paid_bytes, auk_arena *payer);

static inline auk_span auk_token_text(const auk_token *token)
{
    return (auk_span){token->text, token->size};
}

/* "<ALPHANUM>", "word", ... static */
const char *auk_token_type_name(uint8_t type);

typedef struct auk_analyzer auk_analyzer;
typedef struct auk_analysis auk_analysis;
typedef struct auk_analyzer_scratch auk_analyzer_scratch;

/*
 * Where files that settings name ("stopwords_path") lie. Once, before the first analysis; without
 * it such settings are refused. Copied.
 */
void auk_analysis_set_directory(auk_span directory);

/* Where the rules of named sets come from ("synonyms_set"). */
typedef struct auk_synonym_sets {
    /* false: there is none of that name. The rules are borrowed for the call that asks. */
    bool (*find)(void *context, auk_span name, const auk_span **rules, size_t *count);
    void *context;
} auk_synonym_sets;

/*
 * Compiles what "index.analysis.{char_filter,tokenizer,filter,analyzer,normalizer}.NAME.*" define.
 * settings  borrowed for the call, NULL: only what is built in. Other keys are not looked at.
 */
AUK_MUST_CHECK auk_code auk_analysis_create(const auk_settings *settings, auk_analysis **out,
                                            auk_error *err);
/* The same where sets of synonyms have names; sets are borrowed for the call, NULL: none. */
AUK_MUST_CHECK auk_code auk_analysis_create_with(const auk_settings *settings,
                                                 const auk_synonym_sets *sets, auk_analysis **out,
                                                 auk_error *err);
auk_analysis *auk_analysis_acquire(auk_analysis *analysis);
void auk_analysis_release(auk_analysis *analysis); /* NULL is fine */

/*
 * NULL: there is none of that name. "default" is always found (standard, unless the settings define
 * it); "default_search" only when defined.
 */
const auk_analyzer *auk_analysis_find(const auk_analysis *analysis, auk_span name);
const auk_analyzer *auk_analysis_find_normalizer(const auk_analysis *analysis, auk_span name);

/* The defined or built-in analyzer (normalizer) name nearest to a mistyped one, or an empty span.
 */
auk_span auk_analysis_nearest(const auk_analysis *analysis, auk_span name, bool normalizer);

/*
 * A chain of one's own, as _analyze takes it. Keys of spec, with values as in index settings:
 *   tokenizer, char_filter, filter        names, from analysis or built in
 *   tokenizer.type, tokenizer.SETTING     defined in place
 *   filter.N, filter.N.type, ...          the same for entry N of a list that holds definitions
 *                                         (char_filter likewise)
 * Without a tokenizer it is a normalizer: the text is one token.
 *
 * analysis  where names are looked up, held until _destroy; NULL: what is built in
 */
AUK_MUST_CHECK auk_code auk_analyzer_build(const auk_settings *spec, auk_analysis *analysis,
                                           auk_analyzer **out, auk_error *err);
/* The same where sets of synonyms have names; sets are borrowed for the call, NULL: none. */
AUK_MUST_CHECK auk_code auk_analyzer_build_with(const auk_settings *spec, auk_analysis *analysis,
                                                const auk_synonym_sets *sets, auk_analyzer **out,
                                                auk_error *err);
/* What Elasticsearch has under this name and we have not: a hint at what does it here, in err.
 * false: nothing is known of it. */
bool auk_analysis_hint_missing(auk_span name, auk_error *err);
void auk_analyzer_destroy(auk_analyzer *built); /* only for those of _build; NULL is fine */

auk_span auk_analyzer_name(const auk_analyzer *analyzer);
/* The filters that may change while the index is open, so that only searches may run them: names
 * with ", " between. Empty: none. */
auk_span auk_analyzer_search_only(const auk_analyzer *analyzer, auk_arena *arena);
uint32_t auk_analyzer_position_gap(const auk_analyzer *analyzer); /* between values of a field */
/* True for those of type "custom": _analyze explains them by stage, others as a whole. */
bool auk_analyzer_is_custom(const auk_analyzer *analyzer);

auk_analyzer_scratch *auk_analyzer_scratch_create(void);
void auk_analyzer_scratch_destroy(auk_analyzer_scratch *scratch); /* NULL is fine */

/* Replaces what out holds. text is borrowed as long as the tokens are read. */
AUK_MUST_CHECK auk_code auk_analyzer_run(const auk_analyzer *analyzer,
                                         auk_analyzer_scratch *scratch, auk_span text,
                                         auk_tokens *out, auk_error *err);

/*
 * The token of a text that is one plain word, of ASCII letters and digits, where the analyzer does
 * no more than write it small: what most words of queries are, without a list of tokens.
 *
 * room  for text.size bytes where that is at most AUK_ANALYZER_WORD_MOST
 *
 * false: it takes a run to know its tokens
 */
#define AUK_ANALYZER_WORD_MOST 64u
bool auk_analyzer_run_word(const auk_analyzer *analyzer, auk_span text, char *room);

typedef enum auk_stage_kind {
    AUK_STAGE_CHAR_FILTER,
    AUK_STAGE_TOKENIZER,
    AUK_STAGE_FILTER
} auk_stage_kind;

typedef struct auk_stage {
    auk_stage_kind kind;
    auk_span name;          /* as the chain names it */
    auk_span text;          /* a char filter's result */
    const auk_token *items; /* a tokenizer's or filter's result */
    size_t count;
    uint32_t end_position; /* behind it, as in auk_tokens */
} auk_stage;

/* The same, keeping what each stage gave, in the order in which they ran. All copied to the arena.
 */
AUK_MUST_CHECK auk_code auk_analyzer_run_stages(const auk_analyzer *analyzer,
                                                auk_analyzer_scratch *scratch, auk_span text,
                                                auk_arena *arena, const auk_stage **stages,
                                                size_t *count, auk_error *err);

/*
 * One term, never cut: a keyword field's value through its normalizer, or the text of a prefix,
 * wildcard or range query through the char filters and those filters of an analyzer that only
 * rewrite characters (lowercase, asciifolding, ...).
 *
 * analyzer  NULL: nothing to do
 * out       the text itself when nothing changes, else in the arena
 */
AUK_MUST_CHECK auk_code auk_analyzer_normalize(const auk_analyzer *analyzer,
                                               auk_analyzer_scratch *scratch, auk_span text,
                                               auk_arena *arena, auk_span *out, auk_error *err);

/* Has the text no character that lower case would change? Sound UTF-8, any script. */
bool auk_text_is_lowercase(auk_span text);
/* The text in lower case, every script, whatever the language: Java's toLowerCase(Locale.ROOT). The
 * text itself when nothing changes, else in the arena. Sound UTF-8. */
auk_span auk_text_lowercase(auk_span text, auk_arena *arena);

/* A regular expression in Java's dialect, for names: it stands for the whole of one. Lives as long
 * as its arena; any thread may ask. AUK_INVALID: broken. */
typedef struct auk_regex auk_regex;
AUK_MUST_CHECK auk_code auk_name_regex_create(auk_arena *arena, auk_span pattern,
                                              const auk_regex **out, auk_error *err);
/* False also when it takes too long to tell. */
bool auk_name_regex_matches(const auk_regex *regex, auk_span name);

#endif
