/* One score for all: over another scorer, over every document, over a set of bits. */
#include "scorer.h"

static void set_all(float *scores, uint32_t count, float score)
{
    for (uint32_t i = 0; scores && i < count; i++)
        scores[i] = score;
}

static float constant_score(auk_scorer *scorer)
{
    return scorer->max_score;
}

void auk_scorer_skip_constant(auk_scorer *scorer, float floor)
{
    if (floor > scorer->max_score)
        scorer->doc = AUK_DOC_END;
}

/* ---- over a child ---- */

typedef struct constant {
    auk_scorer base;
    auk_scorer *child;
} constant;

static auk_doc follow_child(constant *self)
{
    self->base.vague = self->child->vague;
    return self->base.doc = self->child->doc;
}

static auk_doc constant_next(auk_scorer *scorer)
{
    return scorer->doc = auk_scorer_next(((constant *)scorer)->child);
}

static auk_doc constant_seek(auk_scorer *scorer, auk_doc target)
{
    auk_scorer_seek(((constant *)scorer)->child, target);
    return follow_child((constant *)scorer);
}

static auk_doc constant_approach(auk_scorer *scorer, auk_doc target)
{
    return scorer->doc = auk_scorer_approach(((constant *)scorer)->child, target);
}

static bool constant_confirm(auk_scorer *scorer)
{
    auk_scorer *child = ((constant *)scorer)->child;
    return child->class->confirm(child);
}

static uint32_t constant_fill(auk_scorer *scorer, auk_doc limit, float floor, auk_doc *docs,
                              float *scores)
{
    constant *self = (constant *)scorer;
    if (floor > scorer->max_score) {
        auk_scorer_seek(scorer, limit);
        return 0;
    }
    uint32_t count = auk_scorer_fill(self->child, limit, 0, docs, NULL);
    set_all(scores, count, scorer->max_score);
    follow_child(self);
    return count;
}

static void constant_mark(auk_scorer *scorer, auk_doc base, auk_doc limit, uint64_t *bits)
{
    constant *self = (constant *)scorer;
    auk_scorer_mark(self->child, base, limit, bits);
    follow_child(self);
}

static uint32_t constant_batch(auk_scorer *scorer, float floor, auk_doc *docs, float *scores)
{
    if (scores && floor > scorer->max_score)
        return 0;
    uint32_t count = auk_scorer_batch(((constant *)scorer)->child, 0, docs, NULL);
    set_all(scores, count, scorer->max_score);
    return count;
}

static uint32_t constant_retain(auk_scorer *scorer, auk_doc *docs, float *scores, uint32_t count,
                                bool matching)
{
    constant *self = (constant *)scorer;
    count = auk_scorer_retain(self->child, docs, scores, count, matching);
    follow_child(self);
    return count;
}

static auk_code constant_status(const auk_scorer *scorer)
{
    return auk_scorer_status(((const constant *)scorer)->child);
}

static const auk_scorer_class constant_class = {
    .name = "constant",
    .next = constant_next,
    .seek = constant_seek,
    .score = constant_score,
    .fill = constant_fill,
    .mark = constant_mark,
    .batch = constant_batch,
    .retain = constant_retain,
    .skip = auk_scorer_skip_constant,
    .status = constant_status,
};

static const auk_scorer_class doubtful_class = {
    .name = "constant",
    .next = constant_next,
    .seek = constant_seek,
    .approach = constant_approach,
    .confirm = constant_confirm,
    .score = constant_score,
    .fill = constant_fill,
    .mark = constant_mark,
    .batch = constant_batch,
    .retain = constant_retain,
    .skip = auk_scorer_skip_constant,
    .status = constant_status,
};

auk_scorer *auk_scorer_constant(auk_scorer *child, float score, auk_arena *arena)
{
    if (!child)
        return NULL;
    constant *self = AUK_ARENA_NEW(arena, constant);
    const auk_scorer_class *class = child->class->confirm ? &doubtful_class : &constant_class;
    self->base = (auk_scorer){.class = class,
                              .doc = child->doc,
                              .vague = child->vague,
                              .cost = child->cost,
                              .max_score = score,
                              .lists = child->lists};
    self->child = child;
    return &self->base;
}

/* ---- every document ---- */

typedef struct every {
    auk_scorer base;
    uint32_t doc_count;
} every;

static auk_doc every_seek(auk_scorer *scorer, auk_doc target)
{
    return scorer->doc = target < ((every *)scorer)->doc_count ? target : AUK_DOC_END;
}

static auk_doc every_next(auk_scorer *scorer)
{
    return scorer->doc == AUK_DOC_END ? AUK_DOC_END : every_seek(scorer, scorer->doc + 1);
}

static uint32_t every_fill(auk_scorer *scorer, auk_doc limit, float floor, auk_doc *docs,
                           float *scores)
{
    every *self = (every *)scorer;
    if (floor > scorer->max_score) {
        auk_scorer_seek(scorer, limit);
        return 0;
    }
    auk_doc end = limit < self->doc_count ? limit : self->doc_count;
    uint32_t count = 0;
    for (auk_doc doc = scorer->doc; doc < end; doc++)
        docs[count++] = doc;
    set_all(scores, count, scorer->max_score);
    if (count)
        every_seek(scorer, end);
    return count;
}

static void every_mark(auk_scorer *scorer, auk_doc base, auk_doc limit, uint64_t *bits)
{
    every *self = (every *)scorer;
    auk_doc end = limit < self->doc_count ? limit : self->doc_count;
    for (auk_doc doc = scorer->doc; doc < end; doc++)
        bits[(doc - base) / 64] |= UINT64_C(1) << (doc % 64);
    every_seek(scorer, end);
}

static const auk_scorer_class every_class = {
    .name = "every document",
    .next = every_next,
    .seek = every_seek,
    .score = constant_score,
    .fill = every_fill,
    .mark = every_mark,
    .skip = auk_scorer_skip_constant,
};

auk_scorer *auk_scorer_all(uint32_t doc_count, float score, auk_arena *arena)
{
    every *self = AUK_ARENA_NEW(arena, every);
    self->base = (auk_scorer){.class = &every_class,
                              .doc = doc_count ? 0 : AUK_DOC_END,
                              .cost = doc_count,
                              .max_score = score};
    self->doc_count = doc_count;
    return &self->base;
}

/* ---- bits ---- */

typedef struct bit_set {
    auk_scorer base;
    const uint64_t *bits;
    uint32_t words;
} bit_set;

static auk_doc bits_seek(auk_scorer *scorer, auk_doc target)
{
    bit_set *self = (bit_set *)scorer;
    uint32_t word = target / 64;
    if (word >= self->words)
        return scorer->doc = AUK_DOC_END;
    uint64_t bits = self->bits[word] >> (target % 64) << (target % 64);
    while (!bits && ++word < self->words)
        bits = self->bits[word];
    return scorer->doc = bits ? word * 64 + (auk_doc)__builtin_ctzll(bits) : AUK_DOC_END;
}

static auk_doc bits_next(auk_scorer *scorer)
{
    return scorer->doc == AUK_DOC_END ? AUK_DOC_END : bits_seek(scorer, scorer->doc + 1);
}

static uint32_t bits_fill(auk_scorer *scorer, auk_doc limit, float floor, auk_doc *docs,
                          float *scores)
{
    bit_set *self = (bit_set *)scorer;
    if (floor > scorer->max_score) {
        auk_scorer_seek(scorer, limit);
        return 0;
    }
    uint32_t count = 0;
    for (auk_doc doc = scorer->doc; doc < limit;) {
        uint32_t word = doc / 64;
        if (word >= self->words)
            break;
        uint64_t bits = self->bits[word] >> (doc % 64) << (doc % 64);
        auk_doc behind = (word + 1) * 64;
        if (behind > limit)
            bits &= ~(UINT64_MAX << (limit % 64));
        for (; bits; bits &= bits - 1)
            docs[count++] = word * 64 + (auk_doc)__builtin_ctzll(bits);
        doc = behind;
    }
    set_all(scores, count, scorer->max_score);
    if (scorer->doc < limit)
        bits_seek(scorer, limit);
    return count;
}

static void bits_mark(auk_scorer *scorer, auk_doc base, auk_doc limit, uint64_t *bits)
{
    bit_set *self = (bit_set *)scorer;
    uint32_t first = scorer->doc / 64, end = (limit + 63) / 64;
    end = end < self->words ? end : self->words;
    for (uint32_t word = first; word < end; word++) {
        uint64_t found = self->bits[word];
        if (word == first)
            found &= UINT64_MAX << (scorer->doc % 64);
        if (word == limit / 64)
            found &= ~(UINT64_MAX << (limit % 64));
        bits[word - base / 64] |= found;
    }
    bits_seek(scorer, limit);
}

static const auk_scorer_class bits_class = {
    .name = "bits",
    .next = bits_next,
    .seek = bits_seek,
    .score = constant_score,
    .fill = bits_fill,
    .mark = bits_mark,
    .skip = auk_scorer_skip_constant,
};

auk_scorer *auk_scorer_bits(const uint64_t *bits, uint32_t doc_count, uint64_t cost, float score,
                            auk_arena *arena)
{
    bit_set *self = AUK_ARENA_NEW(arena, bit_set);
    self->base = (auk_scorer){.class = &bits_class, .cost = cost, .max_score = score};
    self->bits = bits;
    self->words = doc_count / 64 + (doc_count % 64 != 0);
    return bits_seek(&self->base, 0) == AUK_DOC_END ? NULL : &self->base;
}
