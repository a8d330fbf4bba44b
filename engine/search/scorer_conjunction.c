/* All of several: the rarest leads, the others follow; doubts are settled once all agree. */
#include <stdlib.h>

#include "scorer.h"

/* A child so many times as frequent as the lead is asked instead of filled. */
#define MERGE_RATIO 8

/* Of a lead's block of which most reaches what is needed, the scores were for nothing: so many
 * blocks are then looked up in the others before they are scored. */
#define BLIND_BLOCKS  8
#define MOST_OF_BLOCK (AUK_BLOCK_DOCS / 4 * 3)

/* A block of the lead that reaches over more documents than WIDE is taken so many at a time: a
 * floor may rise between them, and the others' bounds are those of a shorter stretch. */
#define PIECE 64u
#define WIDE  32768u

typedef struct conjunction_window {
    double sums[AUK_WINDOW];  /* of the candidates, in their order */
    auk_doc docs[AUK_WINDOW]; /* of one child */
    float scores[AUK_WINDOW];
} conjunction_window;

typedef struct conjunction {
    auk_scorer base;
    auk_scorer **children; /* cheapest first */
    uint32_t count;
    auk_scorer **doubtful; /* those with a confirm, cheapest first */
    uint32_t doubtful_count;
    auk_scorer **scoring; /* in clause order */
    uint32_t scoring_count;
    auk_arena *arena;
    conjunction_window *window; /* made at the first fill */
    bool lead_scores;           /* the lead is one of scoring */
    double others_most;         /* that all but the lead can add */
    double *bounds;             /* by child, in the lead's block in hand; with scored batches */
    uint32_t blind;
    auk_doc *held; /* documents of a wide block, from held_at on not looked at yet */
    uint32_t held_at, held_count;
    double held_most;
} conjunction;

static auk_doc agree(conjunction *self, auk_doc doc)
{
    auk_scorer *lead = self->children[0];
    uint32_t agreed = 1;
    while (doc != AUK_DOC_END && agreed < self->count) {
        auk_doc other = auk_scorer_approach(self->children[agreed], doc);
        if (other == doc) {
            agreed++;
        } else {
            doc = auk_scorer_approach(lead, other);
            agreed = 1;
        }
    }
    return doc;
}

static auk_doc settle(conjunction *self, auk_doc doc)
{
    for (;;) {
        doc = agree(self, doc);
        uint32_t sure = 0;
        while (doc != AUK_DOC_END && sure < self->doubtful_count &&
               self->doubtful[sure]->class->confirm(self->doubtful[sure]))
            sure++;
        self->base.vague = false;
        if (doc == AUK_DOC_END || sure == self->doubtful_count)
            return self->base.doc = doc;
        doc = auk_scorer_approach(self->children[0], doc + 1);
    }
}

static auk_doc conjunction_seek(auk_scorer *scorer, auk_doc target)
{
    conjunction *self = (conjunction *)scorer;
    return settle(self, auk_scorer_approach(self->children[0], target));
}

static auk_doc conjunction_next(auk_scorer *scorer)
{
    return scorer->doc == AUK_DOC_END ? AUK_DOC_END : conjunction_seek(scorer, scorer->doc + 1);
}

static float conjunction_score(auk_scorer *scorer)
{
    conjunction *self = (conjunction *)scorer;
    double sum = 0;
    for (uint32_t i = 0; i < self->scoring_count; i++)
        sum += (double)auk_scorer_score(self->scoring[i]);
    return (float)sum;
}

static float conjunction_bound(auk_scorer *scorer, auk_doc from, auk_doc limit)
{
    conjunction *self = (conjunction *)scorer;
    double sum = 0;
    for (uint32_t i = 0; i < self->scoring_count; i++)
        sum += (double)auk_scorer_bound(self->scoring[i], from, limit);
    return (float)sum;
}

/* ---- windows ---- */

static bool is_scoring(const conjunction *self, const auk_scorer *child)
{
    for (uint32_t i = 0; i < self->scoring_count; i++)
        if (self->scoring[i] == child)
            return true;
    return false;
}

/* Keeps the candidates that child matches, by walking both lists. */
static uint32_t merge_child(conjunction *self, auk_scorer *child, bool scored, auk_doc limit,
                            auk_doc *docs, uint32_t count)
{
    conjunction_window *w = self->window;
    auk_scorer_seek(child, docs[0]); /* the lead may have left windows out */
    uint32_t others = auk_scorer_fill(child, limit, 0, w->docs, scored ? w->scores : NULL);
    uint32_t kept = 0;
    for (uint32_t i = 0, j = 0; i < count && j < others;) {
        auk_doc mine = docs[i], theirs = w->docs[j];
        bool both = mine == theirs;
        /* kept may still be i: then what is written without a match is what was there */
        docs[kept] = mine;
        w->sums[kept] = w->sums[i] + (both && scored ? (double)w->scores[j] : 0);
        kept += both;
        i += mine <= theirs;
        j += theirs <= mine;
    }
    return kept;
}

/* The same by asking child about each. */
static uint32_t probe_child(conjunction *self, auk_scorer *child, bool scored,
                            const auk_trial *trial, auk_doc *docs, uint32_t count)
{
    auk_candidates candidates = {docs, self->window->sums, NULL, count};
    if (scored) {
        auk_scorer_add(child, &candidates, trial);
        return candidates.count;
    }
    double least = auk_trial_least(trial);
    auk_doc *asked = self->window->docs;
    uint32_t hopeful = 0, kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool hope = candidates.sums[i] >= least;
        auk_candidates_move(&candidates, hopeful, i);
        hopeful += hope;
    }
    memcpy(asked, docs, sizeof *asked * hopeful);
    uint32_t matching = auk_scorer_retain(child, asked, NULL, hopeful, true);
    for (uint32_t i = 0; kept < matching; i++) {
        auk_candidates_move(&candidates, kept, i);
        kept += docs[kept] == asked[kept];
    }
    return kept;
}

/* The lead fills, the others thin out: those about as frequent by a merge, more frequent ones and
 * those with doubts document by document. */
static uint32_t conjunction_fill(auk_scorer *scorer, auk_doc limit, float floor, auk_doc *docs,
                                 float *scores)
{
    conjunction *self = (conjunction *)scorer;
    auk_scorer *lead = self->children[0];
    if (scorer->doc >= limit)
        return 0;
    if (!self->window)
        self->window = auk_arena_alloc(self->arena, sizeof *self->window);
    conjunction_window *w = self->window;
    auk_doc from = scorer->doc;
    double rest = floor > 0 ? (double)conjunction_bound(scorer, from, limit) : 0;
    bool hopeless = rest * AUK_SUM_MARGIN < (double)floor;
    scorer->vague = true;
    /* The lead of a window without hope is not looked at, unless it may have come to its end. */
    if (hopeless && rest > 0) {
        scorer->doc = limit;
        return 0;
    }
    scorer->doc = auk_scorer_seek(lead, hopeless ? limit : from);
    if (hopeless || scorer->doc >= limit)
        return 0;
    bool scored = scores && is_scoring(self, lead);
    if (scored && floor > 0)
        rest -= (double)auk_scorer_bound(lead, from, limit);
    float needed = scored ? (float)((double)floor - rest * AUK_SUM_MARGIN) * 0.99999f : 0;
    uint32_t count =
        auk_scorer_fill(lead, limit, needed > 0 ? needed : 0, docs, scored ? w->scores : NULL);
    for (uint32_t i = 0; i < count; i++)
        w->sums[i] = scored ? (double)w->scores[i] : 0;
    for (uint32_t c = 1; c < self->count && count > 0; c++) {
        auk_scorer *child = self->children[c];
        scored = scores && is_scoring(self, child);
        bool merges = scored && !child->class->add && child->class->fill &&
                      !child->class->confirm && floor <= 0 &&
                      child->cost <= lead->cost * MERGE_RATIO;
        auk_trial trial = {.limit = limit, .floor = floor, .required = true};
        if (scored && floor > 0)
            trial.most = (double)auk_scorer_bound(child, from, limit);
        rest -= trial.most;
        trial.rest = rest;
        count = merges ? merge_child(self, child, scored, limit, docs, count)
                       : probe_child(self, child, scored, &trial, docs, count);
    }
    for (uint32_t i = 0; scores && i < count; i++)
        scores[i] = (float)w->sums[i];
    scorer->doc = lead->doc;
    return count;
}

/* The lead's marks, thinned out. */
static void conjunction_mark(auk_scorer *scorer, auk_doc base, auk_doc limit, uint64_t *bits)
{
    conjunction *self = (conjunction *)scorer;
    auk_scorer *lead = self->children[0];
    uint64_t marks[AUK_WINDOW_WORDS] = {0};
    auk_scorer_mark(lead, base, limit, marks);
    for (uint32_t c = 1; c < self->count; c++)
        auk_scorer_sift(self->children[c], base, limit, lead->cost, true, marks);
    for (uint32_t i = 0; i < AUK_WINDOW_WORDS; i++)
        bits[i] |= marks[i];
    scorer->doc = lead->doc;
    scorer->vague = true;
}

/* ---- batches ---- */

static uint32_t batch_docs(conjunction *self, auk_doc *docs)
{
    for (;;) {
        uint32_t count = auk_scorer_batch(self->children[0], 0, docs, NULL);
        if (count == 0)
            return 0;
        for (uint32_t c = 1; c < self->count && count > 0; c++)
            count = auk_scorer_retain(self->children[c], docs, NULL, count, true);
        if (count > 0)
            return count;
    }
}

/* A block of the lead: what the lead can give to the score of a document there, and the others. */
typedef struct lead_block {
    double most, rest;
    bool wide;
} lead_block;

static double bound_others(conjunction *self, auk_doc from, auk_doc limit)
{
    double rest = 0;
    for (uint32_t c = 1; c < self->count; c++) {
        auk_scorer *child = self->children[c];
        self->bounds[c] =
            is_scoring(self, child) ? (double)auk_scorer_bound(child, from, limit) : 0;
        rest += self->bounds[c];
    }
    return rest;
}

/* Goes over the lead's blocks that cannot hold what reaches floor; false: there are no more. */
static bool find_block(conjunction *self, float floor, lead_block *out)
{
    auk_scorer *lead = self->children[0];
    double least = (double)floor / AUK_SUM_MARGIN;
    while (lead->doc != AUK_DOC_END) {
        auk_doc last;
        float bound = lead->class->extent(lead, &last);
        if (last == AUK_DOC_END)
            break;
        *out = (lead_block){self->lead_scores ? (double)bound : 0, 0, last - lead->doc > WIDE};
        if (floor <= 0)
            return true;
        if (out->most + self->others_most >= least) {
            out->rest = bound_others(self, lead->doc, last + 1);
            if (out->most + out->rest >= least)
                return true;
        }
        lead->doc = last + 1;
    }
    return false;
}

/* The lead's documents and what they have of their sums: the lead's scores, where these are likely
 * to tell, or nothing yet. */
static uint32_t take_lead(conjunction *self, double needed, bool *scored, auk_doc *docs)
{
    conjunction_window *w = self->window;
    auk_scorer *lead = self->children[0];
    *scored = self->lead_scores && needed > 0 && self->blind == 0;
    uint32_t count;
    if (*scored) {
        count = auk_scorer_sieve(lead, (float)needed * 0.99999f, docs, w->scores);
        self->blind = count > MOST_OF_BLOCK ? BLIND_BLOCKS : 0;
    } else {
        count = auk_scorer_batch(lead, 0, docs, NULL);
        if (self->blind > 0)
            self->blind--;
    }
    for (uint32_t i = 0; i < count; i++)
        w->sums[i] = *scored ? (double)w->scores[i] : 0;
    return count;
}

static uint32_t keep_sums(conjunction *self, double least, auk_doc *docs, uint32_t count)
{
    auk_candidates candidates = {docs, self->window->sums, NULL, count};
    uint32_t kept = 0;
    for (uint32_t i = 0; i < count; i++) {
        bool keep = candidates.sums[i] >= least;
        auk_candidates_move(&candidates, kept, i);
        kept += keep;
    }
    return kept;
}

/* The lead stays in front of its next block. */
static uint32_t add_lead(conjunction *self, const auk_trial *trial, auk_doc *docs, uint32_t count)
{
    auk_scorer *lead = self->children[0];
    auk_doc behind = lead->doc;
    auk_candidates candidates = {docs, self->window->sums, NULL, count};
    auk_scorer_add(lead, &candidates, trial);
    if (auk_scorer_status(lead) == AUK_OK)
        lead->doc = behind;
    return candidates.count;
}

/* Of documents of the lead, which has given its share of the sums or not, what all match. */
static uint32_t thin_out(conjunction *self, const lead_block *block, bool scored, float floor,
                         auk_doc *docs, uint32_t count)
{
    auk_trial trial = {.limit = count ? docs[count - 1] + 1 : 0, .floor = floor, .required = true};
    trial.rest = block->rest + (scored ? 0 : block->most);
    for (uint32_t c = 1; c < self->count && count > 0; c++) {
        auk_scorer *child = self->children[c];
        trial.most = floor > 0 ? self->bounds[c] : 0;
        trial.rest -= trial.most;
        count = probe_child(self, child, is_scoring(self, child), &trial, docs, count);
    }
    if (scored || !self->lead_scores || count == 0)
        return count;
    trial.most = block->most;
    trial.rest = 0;
    return add_lead(self, &trial, docs, count);
}

static double needed_of_lead(const lead_block *block, float floor)
{
    return (double)floor / AUK_SUM_MARGIN - block->rest * AUK_SUM_MARGIN;
}

/* The next documents of the wide block in hand. */
static uint32_t batch_piece(conjunction *self, float floor, auk_doc *docs)
{
    uint32_t from = self->held_at, count = self->held_count - from;
    lead_block block = {.most = self->held_most};
    count = count < PIECE ? count : PIECE;
    self->held_at += count;
    memcpy(docs, self->held + from, sizeof *docs * count);
    memset(self->window->sums, 0, sizeof *self->window->sums * count);
    if (floor > 0)
        block.rest = bound_others(self, docs[0], docs[count - 1] + 1);
    if (block.most + block.rest < (double)floor / AUK_SUM_MARGIN)
        return 0;
    double needed = needed_of_lead(&block, floor);
    bool scored = self->lead_scores && needed > 0;
    if (scored) {
        auk_trial trial = {.limit = docs[count - 1] + 1,
                           .floor = floor,
                           .most = block.most,
                           .rest = block.rest};
        trial.required = true;
        count = add_lead(self, &trial, docs, count);
        count = keep_sums(self, needed * 0.999999, docs, count);
    }
    return thin_out(self, &block, scored, floor, docs, count);
}

static uint32_t batch_block(conjunction *self, const lead_block *block, float floor, auk_doc *docs)
{
    bool scored;
    if (!block->wide) {
        uint32_t count = take_lead(self, needed_of_lead(block, floor), &scored, docs);
        return thin_out(self, block, scored, floor, docs, count);
    }
    self->held_at = 0;
    self->held_count = auk_scorer_batch(self->children[0], 0, self->held, NULL);
    self->held_most = block->most;
    return self->held_count ? batch_piece(self, floor, docs) : 0;
}

/* What lies in hand comes first; false: there is nothing more. */
static bool batch_next(conjunction *self, float floor, auk_doc *docs, uint32_t *count)
{
    lead_block block;
    if (self->held_at < self->held_count)
        *count = batch_piece(self, floor, docs);
    else if (find_block(self, floor, &block))
        *count = batch_block(self, &block, floor, docs);
    else
        return false;
    return true;
}

static uint32_t conjunction_batch(auk_scorer *scorer, float floor, auk_doc *docs, float *scores)
{
    conjunction *self = (conjunction *)scorer;
    if (!scores)
        return batch_docs(self, docs);
    if (!self->children[0]->class->extent)
        return auk_scorer_batch_windows(scorer, floor, docs, scores);
    if (!self->bounds) {
        self->window = auk_arena_alloc(self->arena, sizeof *self->window);
        self->bounds = AUK_ARENA_ARRAY(self->arena, double, self->count);
        self->held = AUK_ARENA_ARRAY(self->arena, auk_doc, AUK_BLOCK_DOCS);
    }
    for (uint32_t count; batch_next(self, floor, docs, &count);) {
        for (uint32_t i = 0; i < count; i++)
            scores[i] = (float)self->window->sums[i];
        if (count > 0)
            return count;
    }
    return 0;
}

/* No match lies in front of what one of them begins with. */
static auk_doc latest_doc(const conjunction *self)
{
    auk_doc latest = 0;
    for (uint32_t i = 0; i < self->count; i++)
        latest = self->children[i]->doc > latest ? self->children[i]->doc : latest;
    return latest;
}

static auk_code conjunction_status(const auk_scorer *scorer)
{
    const conjunction *self = (const conjunction *)scorer;
    return auk_scorer_status_all(self->children, self->count);
}

static const auk_scorer_class conjunction_class = {
    .name = "intersection",
    .next = conjunction_next,
    .seek = conjunction_seek,
    .score = conjunction_score,
    .fill = conjunction_fill,
    .mark = conjunction_mark,
    .batch = conjunction_batch,
    .bound = conjunction_bound,
    .status = conjunction_status,
};

/* A column leads nothing but columns: to ask it about documents costs least, and a union that says
 * it visits more than there are counts those of several words several times. */
static uint64_t cost_to_lead(const auk_scorer *scorer)
{
    return scorer->class->marks_blocks ? UINT64_MAX : scorer->cost;
}

static int by_cost(const void *a, const void *b)
{
    const auk_scorer *left = *(auk_scorer *const *)a, *right = *(auk_scorer *const *)b;
    uint64_t a_cost = cost_to_lead(left), b_cost = cost_to_lead(right);
    return (a_cost > b_cost) - (a_cost < b_cost);
}

auk_scorer *auk_scorer_conjunction(auk_scorer **children, uint32_t count, auk_scorer **scoring,
                                   uint32_t scoring_count, auk_arena *arena)
{
    if (count == 1 && scoring_count == 1)
        return children[0];
    if (count == 1)
        return auk_scorer_constant(children[0], 0, arena);
    conjunction *self = AUK_ARENA_NEW(arena, conjunction);
    self->base.class = &conjunction_class;
    self->children = AUK_ARENA_ARRAY(arena, auk_scorer *, count);
    self->doubtful = AUK_ARENA_ARRAY(arena, auk_scorer *, count);
    memcpy(self->children, children, sizeof *children * count);
    self->count = count;
    qsort(self->children, count, sizeof *self->children, by_cost);
    for (uint32_t i = 0; i < count; i++)
        if (self->children[i]->class->confirm)
            self->doubtful[self->doubtful_count++] = self->children[i];
    self->scoring = scoring;
    self->scoring_count = scoring_count;
    self->arena = arena;
    self->lead_scores = is_scoring(self, self->children[0]);
    self->base.cost = self->children[0]->cost;
    self->base.batches = self->children[0]->class->extent != NULL;
    double most = 0;
    for (uint32_t i = 0; i < scoring_count; i++)
        most += (double)scoring[i]->max_score;
    self->others_most = most - (self->lead_scores ? (double)self->children[0]->max_score : 0);
    self->base.max_score = (float)most;
    self->base.doc = latest_doc(self);
    self->base.vague = true;
    bool none = self->base.doc == AUK_DOC_END && conjunction_status(&self->base) == AUK_OK;
    return none ? NULL : &self->base;
}
