#include "optional_stages.h"

#include <stdlib.h>

/* A word is worth a stage of its own where the required one is so many times as frequent. */
enum { RARER = 2 };

/* Blocks that reach over more documents are bound by what their words reach anywhere. */
#define WIDE 32768u

struct auk_optional_stages {
    auk_scorer *required;
    auk_scorer **words; /* the rarest first */
    uint32_t count, rarer;
    uint32_t at;    /* the stage in hand */
    bool begun;     /* all are rewound for it */
    double *bounds; /* by word, in the block in hand */
    double *sums;   /* of a batch */
    auk_arena *arena;
};

static int by_cost(const void *a, const void *b)
{
    const auk_scorer *left = *(auk_scorer *const *)a, *right = *(auk_scorer *const *)b;
    return (left->cost > right->cost) - (left->cost < right->cost);
}

auk_optional_stages *auk_optional_stages_create(auk_scorer *required, auk_scorer *const *optional,
                                                uint32_t count, auk_arena *arena)
{
    uint32_t rarer = 0;
    bool rewinds = required->class->rewind != NULL;
    for (uint32_t i = 0; i < count; i++) {
        rewinds = rewinds && optional[i]->class->rewind != NULL;
        rarer += optional[i]->cost <= required->cost / RARER;
    }
    if (!rewinds || rarer == 0)
        return NULL;
    auk_optional_stages *self = AUK_ARENA_NEW(arena, auk_optional_stages);
    *self = (auk_optional_stages){
        .required = required,
        .words = AUK_ARENA_ARRAY(arena, auk_scorer *, count),
        .count = count,
        .rarer = rarer,
        .bounds = AUK_ARENA_ARRAY(arena, double, count),
        .arena = arena,
    };
    memcpy(self->words, optional, sizeof *optional * count);
    qsort(self->words, count, sizeof *self->words, by_cost);
    return self;
}

static void rewind_all(auk_optional_stages *self)
{
    self->required->class->rewind(self->required);
    for (uint32_t i = 0; i < self->count; i++)
        self->words[i]->class->rewind(self->words[i]);
}

/* What a document can score that has none of the words in front of the stage in hand. */
static double most_from_here(const auk_optional_stages *self)
{
    double most = (double)self->required->max_score;
    for (uint32_t i = self->at; i < self->count; i++)
        most += (double)self->words[i]->max_score;
    return most;
}

static bool reaches(double most, float floor)
{
    return most * AUK_SUM_MARGIN >= (double)floor;
}

/* What the required word and those behind the stage's can add in the documents from .. last. */
static double bound_others(auk_optional_stages *self, auk_doc from, auk_doc last, double *required)
{
    bool wide = last - from > WIDE;
    auk_scorer *word = self->required;
    double rest = *required =
        (double)(wide ? word->max_score : auk_scorer_bound(word, from, last + 1));
    for (uint32_t i = self->at + 1; i < self->count; i++) {
        word = self->words[i];
        self->bounds[i] = (double)(wide ? word->max_score : auk_scorer_bound(word, from, last + 1));
        rest += self->bounds[i];
    }
    return rest;
}

/* Goes over the stage's blocks that cannot hold what reaches floor; false: there are no more. */
static bool find_block(auk_optional_stages *self, float floor, double *required, double *rest)
{
    auk_scorer *lead = self->words[self->at];
    double others = most_from_here(self) - (double)lead->max_score;
    while (lead->doc != AUK_DOC_END) {
        auk_doc last;
        double most = (double)lead->class->extent(lead, &last);
        if (last == AUK_DOC_END)
            break;
        if (reaches(most + others, floor)) {
            *rest = bound_others(self, lead->doc, last, required);
            if (reaches(most + *rest, floor))
                return true;
        }
        lead->doc = last + 1;
    }
    return false;
}

/* The required word's score is one float, and what all optional ones give another, as Lucene has
 * it: sums are of both, scores what the required word gives. */
static uint32_t add_others(auk_optional_stages *self, double required, double rest, float floor,
                           auk_candidates *candidates)
{
    double *sums = self->sums;
    float *scores = candidates->scores;
    auk_trial trial = {.limit = candidates->docs[candidates->count - 1] + 1, .floor = floor};
    trial.most = required;
    trial.rest = rest - required;
    trial.required = true;
    for (uint32_t i = 0; i < candidates->count; i++)
        sums[i] = (double)scores[i];
    auk_scorer_add(self->required, candidates, &trial);
    for (uint32_t i = 0; i < candidates->count; i++)
        scores[i] = (float)(sums[i] - (double)scores[i]);
    trial.required = false;
    for (uint32_t w = self->at + 1; w < self->count && candidates->count > 0; w++) {
        trial.most = self->bounds[w];
        trial.rest -= trial.most;
        trial.rest = trial.rest > 0 ? trial.rest : 0;
        auk_scorer_add(self->words[w], candidates, &trial);
    }
    for (uint32_t i = 0; i < candidates->count; i++)
        scores[i] += (float)(sums[i] - (double)scores[i]);
    return candidates->count;
}

/* Of the stage's next block what may reach floor and none of the stages before had. */
static uint32_t take_block(auk_optional_stages *self, double needed, auk_doc *docs, float *scores)
{
    float least = needed > 0 ? (float)needed * 0.99999f : 0;
    uint32_t count = auk_scorer_sieve(self->words[self->at], least, docs, scores);
    for (uint32_t i = 0; i < self->at && count > 0; i++)
        count = auk_scorer_retain(self->words[i], docs, scores, count, false);
    return count;
}

static uint32_t take_stage(auk_optional_stages *self, float floor, auk_doc *docs, float *scores)
{
    double required = 0, rest = 0;
    while (find_block(self, floor, &required, &rest)) {
        double needed = (double)floor - rest * AUK_SUM_MARGIN;
        uint32_t count = take_block(self, needed, docs, scores);
        auk_candidates candidates = {docs, self->sums, scores, count};
        if (count > 0)
            count = add_others(self, required, rest, floor, &candidates);
        if (count > 0)
            return count;
        if (auk_scorer_status(self->words[self->at]) != AUK_OK)
            break;
    }
    return 0;
}

uint32_t auk_optional_stages_take(auk_optional_stages *self, float floor, auk_doc *docs,
                                  float *scores)
{
    if (!self->sums)
        self->sums = auk_arena_alloc(self->arena, sizeof *self->sums * AUK_WINDOW);
    while (self->at < self->rarer && reaches(most_from_here(self), floor)) {
        if (!self->begun)
            rewind_all(self);
        self->begun = true;
        uint32_t count = take_stage(self, floor, docs, scores);
        if (count > 0)
            return count;
        self->begun = false;
        self->at++;
    }
    self->at = self->rarer;
    return 0;
}

bool auk_optional_stages_leave(auk_optional_stages *self, float floor, auk_scorer **rest)
{
    uint32_t others = self->count - self->rarer;
    if (!reaches(most_from_here(self), floor))
        return false;
    rewind_all(self);
    *rest = others ? auk_scorer_disjunction(self->words + self->rarer, others, 1, true, self->arena)
                   : NULL;
    return true;
}

uint32_t auk_optional_stages_keep_new(const auk_optional_stages *self, auk_doc *docs, float *scores,
                                      uint32_t count)
{
    for (uint32_t i = 0; i < self->rarer && count > 0; i++)
        count = auk_scorer_retain(self->words[i], docs, scores, count, false);
    return count;
}
