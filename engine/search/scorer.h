/*
 * scorer.h - the documents of one segment that match a plan, ascending, with their scores.
 *
 * A scorer is a table of functions and a current document. It can be walked (next, seek) or drained
 * window by window (fill). A new evaluator is a new class: a block kernel replaces fill, a cheaper
 * bound makes fill skip more, and nothing else changes.
 *
 *   stands   An open scorer stands on a match: ->doc, or AUK_DOC_END when there is none. Opening
 *            answers NULL where nothing in the segment can match.
 *   vague    An open scorer, and one that was filled, may be ->vague: then ->doc is no more than a
 *            document that no match lies in front of. _seek and _approach settle it; until then
 *            only fills, marks, batches and bounds may follow.
 *   walks    _next goes to the first match behind ->doc, _seek to the first >= target (and stays
 *            where ->doc is that far already). Both answer the new ->doc.
 *   doubts   A class with approach and confirm can be asked in two steps: approach goes to the
 *            first candidate >= target, ->doc; confirm says whether it matches. Conjunctions agree
 *            on candidates first and confirm last, so positions are read and columns are looked up
 *            for few documents. After one was not confirmed only approach or seek may follow.
 *   scores   _score is the float score of ->doc, as Lucene's scorer of the same shape computes it.
 *            Scorers opened without scores answer the constant boost or 0.
 *   fills    _fill takes every match in [->doc, limit) out of the scorer: documents and scores
 *            (NULL: not wanted) go into arrays of AUK_WINDOW, and ->doc is then the first match >=
 *            limit. limit is at most the next multiple of AUK_WINDOW above ->doc. Matches below
 *            limit that score below `floor` may be left out; floor 0: none is. The floor of one
 *            window says nothing of the next, where other clauses may add more. A seek behind a
 *            fill starts from ->doc.
 *   marks    _mark takes every match in [base, limit) out of the scorer as bits, doc - base, that
 *            are or-ed into those of a window; without scores. base is a multiple of AUK_WINDOW at
 *            or below ->doc, limit as for _fill, or anywhere for a class that marks_far.
 *   batches  _batch takes the next matches out, at most AUK_WINDOW of them however far they lie,
 *            with scores or (NULL) as documents alone: for lists that leave most of a window empty.
 *            0: there are no more. Of matches that score below floor, which lasts, any may be left
 *            out. Nothing but batches may follow.
 *   extents  _extent tells of the block that ->doc lies in, all of which the next batch takes: its
 *            last document, or AUK_DOC_END behind the last block, and a bound of its scores.
 *   sieves   _sieve is a batch of that block with a floor: what stays below it is left out, most of
 *            it unscored.
 *   skips    _skip may pass over any matches that score below `floor`, however far: for a floor
 *            that holds to the end of the segment.
 *   best     _fill_best takes matches that reach floor out best blocks first, in no order of
 *            documents: those of a block or a few, 0 when no block is left that reaches floor.
 *            Nothing else may follow.
 *   again    _rewind leads back in front of the first match, vague, whatever was taken out.
 *   adds     _add is asked about candidates, ascending and below limit: the sum of each that
 *            matches rises by its score. Those whose sums stay below floor, with at most `rest` to
 *            come from elsewhere, may be dropped; of a required scorer also those that it does not
 *            match.
 *            A union that is not required adds what its children give one by one: where its score
 *            is to count as one float, it is summed apart or asked about one candidate at a time.
 *   retains  _retain is asked about ascending documents as _add is, and keeps, in their order,
 *            those that match, or those that do not; scores (NULL: none) move with them.
 *   bounds   _bound is a number that no score in [from, limit) exceeds; ->max_score one for all.
 *
 *   Lifetime  arena; borrowed from plan, view and statistics.
 *   Threads   one.
 *   Memory    arena at open and at the first fill; nothing a document.
 *   Errors    sticky: damaged bytes end the walk; _status tells, once, at the end.
 */
#ifndef AUK_SCORER_H
#define AUK_SCORER_H

#include <math.h>

#include "auk/shard.h"
#include "resolve.h"
#include "statistics.h"

#define AUK_WINDOW 4096u

typedef struct auk_scorer auk_scorer;

/* Above the rounding of a sum of bounds. */
#define AUK_SUM_MARGIN 1.000001

/* Documents on trial, three arrays side by side. */
typedef struct auk_candidates {
    auk_doc *docs;
    double *sums;
    float *scores; /* NULL; else moved with them, for whoever asks */
    uint32_t count;
} auk_candidates;

typedef struct auk_trial {
    auk_doc limit;
    float floor; /* 0: none is dropped for its sum */
    double most; /* that this scorer can add; not looked at without a floor */
    double rest; /* that can come from elsewhere */
    bool required;
} auk_trial;

typedef struct auk_scorer_class {
    const char *name;      /* for a profile */
    const char *best_pass; /* the same of _fill_best; NULL: best blocks first */
    auk_doc (*next)(auk_scorer *scorer);
    auk_doc (*seek)(auk_scorer *scorer, auk_doc target);
    auk_doc (*approach)(auk_scorer *scorer, auk_doc target); /* NULL: seek is as cheap */
    bool (*confirm)(auk_scorer *scorer);                     /* NULL with approach NULL */
    float (*score)(auk_scorer *scorer);
    uint32_t (*fill)(auk_scorer *scorer, auk_doc limit, float floor, auk_doc *docs,
                     float *scores); /* NULL: by next and score */
    void (*mark)(auk_scorer *scorer, auk_doc base, auk_doc limit, uint64_t *bits); /* NULL: fills */
    uint32_t (*batch)(auk_scorer *scorer, float floor, auk_doc *docs,
                      float *scores);                   /* NULL: fills */
    float (*extent)(auk_scorer *scorer, auk_doc *last); /* NULL: batches are of any size */
    uint32_t (*sieve)(auk_scorer *scorer, float floor, auk_doc *docs,
                      float *scores);              /* NULL: batches; with extent */
    void (*skip)(auk_scorer *scorer, float floor); /* NULL: stays */
    uint32_t (*fill_best)(auk_scorer *scorer, float floor, auk_doc *docs, float *scores); /* NULL */
    void (*rewind)(auk_scorer *scorer); /* NULL: it goes no way but up */
    void (*add)(auk_scorer *scorer, auk_candidates *candidates, const auk_trial *trial); /* NULL */
    uint32_t (*retain)(auk_scorer *scorer, auk_doc *docs, float *scores, uint32_t count,
                       bool matching);                               /* NULL: one by one */
    float (*bound)(auk_scorer *scorer, auk_doc from, auk_doc limit); /* NULL: max_score */
    auk_code (*status)(const auk_scorer *scorer);                    /* NULL: always sound */
    bool marks_blocks; /* for all its doubts, to mark a window costs about a look at each value */
    bool marks_far;    /* the more documents it marks at once, the less each takes */
} auk_scorer_class;

struct auk_scorer {
    const auk_scorer_class *class;
    auk_doc doc;
    bool vague;      /* see above */
    uint64_t cost;   /* documents it may visit, about */
    float max_score; /* INFINITY: unknown */
    bool lists;      /* a fill without scores takes less than marks do: of a list that is sparse */
    bool batches;    /* with scores, batches take less than windows do */
    bool leaps; /* behind a fill or an add it may be made vague further on, by its ->doc alone: of a
                   list that is dense, where to seek is to decode */
};

typedef struct auk_scorer_context {
    const auk_segment_view *view;
    const auk_statistics *statistics; /* NULL: no scores, terms are looked up here */
    uint32_t segment;                 /* index in the shard, for statistics */
    bool scores;
    bool vague;    /* a term may be left vague: its list is not looked at before the first fill */
    uint32_t best; /* nothing is wanted of a term but so many of its best live documents; 0: more */
    auk_arena *arena;
} auk_scorer_context;

/* Scores that this thread has computed from frequencies since it began: one for each clause that a
 * document was scored by. */
extern _Thread_local uint64_t auk_scores_computed __attribute__((tls_model("initial-exec")));

/* *out NULL: nothing matches in this segment. */
AUK_MUST_CHECK auk_code auk_scorer_open(const auk_plan *plan, const auk_scorer_context *context,
                                        auk_scorer **out, auk_error *err);

static inline auk_doc auk_scorer_next(auk_scorer *scorer)
{
    return scorer->class->next(scorer);
}

static inline auk_doc auk_scorer_seek(auk_scorer *scorer, auk_doc target)
{
    if (target > scorer->doc)
        return scorer->class->seek(scorer, target);
    return scorer->vague ? scorer->class->seek(scorer, scorer->doc) : scorer->doc;
}

/* Like _seek, but what it stands on may need auk_scorer_confirm. */
static inline auk_doc auk_scorer_approach(auk_scorer *scorer, auk_doc target)
{
    if (target <= scorer->doc && !scorer->vague)
        return scorer->doc;
    target = target > scorer->doc ? target : scorer->doc;
    return scorer->class->approach ? scorer->class->approach(scorer, target)
                                   : scorer->class->seek(scorer, target);
}

/* Does it match doc? Asked of ascending documents, it settles doubts by itself. */
static inline bool auk_scorer_matches(auk_scorer *scorer, auk_doc doc)
{
    return auk_scorer_approach(scorer, doc) == doc &&
           (!scorer->class->confirm || scorer->class->confirm(scorer));
}

static inline float auk_scorer_score(auk_scorer *scorer)
{
    return scorer->class->score(scorer);
}

static inline void auk_scorer_skip(auk_scorer *scorer, float floor)
{
    if (scorer->class->skip)
        scorer->class->skip(scorer, floor);
}

static inline float auk_scorer_bound(auk_scorer *scorer, auk_doc from, auk_doc limit)
{
    return scorer->class->bound ? scorer->class->bound(scorer, from, limit) : scorer->max_score;
}

#define AUK_WINDOW_WORDS (AUK_WINDOW / 64)

uint32_t auk_scorer_fill(auk_scorer *scorer, auk_doc limit, float floor, auk_doc *docs,
                         float *scores);
/* The first index in from .. count with docs[index] >= limit, or count; docs ascend. */
uint32_t auk_scorer_find(const auk_doc *docs, uint32_t from, uint32_t count, auk_doc limit);
/* Drops what scores below floor; answers how many are left. */
uint32_t auk_scorer_keep_above(float floor, auk_doc *docs, float *scores, uint32_t count);
/* limit anywhere: by windows, unless the class marks far. */
void auk_scorer_mark(auk_scorer *scorer, auk_doc base, auk_doc limit, uint64_t *bits);
uint32_t auk_scorer_batch(auk_scorer *scorer, float floor, auk_doc *docs, float *scores);
/* By the class, or a batch of which what stays below floor is dropped. */
uint32_t auk_scorer_sieve(auk_scorer *scorer, float floor, auk_doc *docs, float *scores);
/* By fills. */
uint32_t auk_scorer_batch_windows(auk_scorer *scorer, float floor, auk_doc *docs, float *scores);
/* By the class, or one candidate after the other. */
void auk_scorer_add(auk_scorer *scorer, auk_candidates *candidates, const auk_trial *trial);
void auk_scorer_add_each(auk_scorer *scorer, auk_candidates *candidates, const auk_trial *trial);
uint32_t auk_scorer_retain(auk_scorer *scorer, auk_doc *docs, float *scores, uint32_t count,
                           bool matching);
/* The least sum with which a candidate that matches can reach the floor, and one that does not. */
static inline double auk_trial_least(const auk_trial *trial)
{
    double more = (trial->most + trial->rest) * AUK_SUM_MARGIN;
    return trial->floor > 0 ? (double)trial->floor / AUK_SUM_MARGIN - more : -1;
}

static inline double auk_trial_least_alone(const auk_trial *trial)
{
    if (trial->required)
        return (double)INFINITY;
    double more = trial->rest * AUK_SUM_MARGIN;
    return trial->floor > 0 ? (double)trial->floor / AUK_SUM_MARGIN - more : -1;
}

static inline void auk_candidates_move(auk_candidates *candidates, uint32_t to, uint32_t from)
{
    candidates->docs[to] = candidates->docs[from];
    candidates->sums[to] = candidates->sums[from];
    if (candidates->scores)
        candidates->scores[to] = candidates->scores[from];
}
/* Of marked documents, those that match or those that do not: asks about them, or marks its own,
 * whichever takes less where the marks are those of a scorer of that cost. */
void auk_scorer_sift(auk_scorer *scorer, auk_doc base, auk_doc limit, uint64_t cost, bool matching,
                     uint64_t *marks);
/* The skip of classes that score every document max_score. */
void auk_scorer_skip_constant(auk_scorer *scorer, float floor);
auk_code auk_scorer_status(const auk_scorer *scorer); /* NULL is sound */
auk_code auk_scorer_status_all(auk_scorer *const *scorers, uint32_t count);

/* ---- the classes; each takes its children and answers NULL when nothing can match ---- */

/* scored by BM25 with weight, or constant when field is NULL: every document scores weight. vague:
 * it may be left so, which spares the first block of a list that is read best blocks first. */
AUK_MUST_CHECK auk_code auk_scorer_term(const auk_term *term, const auk_segment_view *view,
                                        const auk_bm25_field *field, uint16_t number, float weight,
                                        bool vague, auk_arena *arena, auk_scorer **out,
                                        auk_error *err);
/* Where the list keeps them, the best `best` live documents of a term and some more; only
 * _fill_best may follow. *out NULL: it does not, or too few of them live. */
AUK_MUST_CHECK auk_code auk_scorer_leaders(const auk_term *term, const auk_segment_view *view,
                                           const auk_bm25_field *field, float weight, uint32_t best,
                                           auk_arena *arena, auk_scorer **out, auk_error *err);
/* Several terms as one: scored by the sum of their frequencies. */
AUK_MUST_CHECK auk_code auk_scorer_synonym(const auk_plan *plan, const auk_scorer_context *context,
                                           auk_scorer **out, auk_error *err);
/* Of a synonym scorer that stands on a match: that sum. */
float auk_scorer_synonym_freq(const auk_scorer *scorer);
AUK_MUST_CHECK auk_code auk_scorer_phrase(const auk_plan *plan, const auk_scorer_context *context,
                                          auk_scorer **out, auk_error *err);
/* Of a phrase scorer that stands on a match: how often the phrase is in the document. */
float auk_scorer_phrase_freq(const auk_scorer *scorer);
/* All children; those of `scoring` (a part of children, in clause order) are summed. */
auk_scorer *auk_scorer_conjunction(auk_scorer **children, uint32_t count, auk_scorer **scoring,
                                   uint32_t scoring_count, auk_arena *arena);
/* At least minimum of the children, summed. */
auk_scorer *auk_scorer_disjunction(auk_scorer **children, uint32_t count, uint32_t minimum,
                                   bool scores, auk_arena *arena);
auk_scorer *auk_scorer_dis_max(auk_scorer **children, uint32_t count, float tie_breaker,
                               auk_arena *arena);
/* optional: the union of its children. */
auk_scorer *auk_scorer_optional(auk_scorer *required, auk_scorer *optional,
                                auk_scorer *const *children, uint32_t count, auk_arena *arena);
auk_scorer *auk_scorer_exclusion(auk_scorer *included, auk_scorer *excluded, auk_arena *arena);
auk_scorer *auk_scorer_constant(auk_scorer *child, float score, auk_arena *arena);
auk_scorer *auk_scorer_all(uint32_t doc_count, float score, auk_arena *arena);
/* A bit a document. */
auk_scorer *auk_scorer_bits(const uint64_t *bits, uint32_t doc_count, uint64_t cost, float score,
                            auk_arena *arena);
/* Documents with a column value in from..to. */
auk_scorer *auk_scorer_column_range(const auk_column *column, uint32_t doc_count, int64_t from,
                                    int64_t to, float score, auk_arena *arena);

/* TERMS, PREFIX, WILDCARD, REGEXP, RANGE, IDS: sets of terms. */
AUK_MUST_CHECK auk_code auk_scorer_expand(const auk_plan *plan, const auk_scorer_context *context,
                                          auk_scorer **out, auk_error *err);

#endif
