/*
 * Words near each other. Each word stands at one of its positions, less its offset in the phrase,
 * so that words in their right order stand at one number; the distance between the least and the
 * greatest is the number of moves that the match needs. The least one is advanced until no better
 * match with the same greatest can come; what the walk then shows counts when it is within the
 * slop. Lucene defines the order of these steps, and so which matches count.
 */
#include "phrase_words.h"

typedef struct place {
    auk_phrase_word *word;
    int64_t position; /* less the offset */
    uint32_t order;   /* in the phrase */
    uint32_t next;    /* index of the position to take next */
    bool queued;
    int32_t group; /* of repeated words; -1: none */
} place;

struct auk_sloppy {
    place *places;
    uint32_t count;
    int64_t slop;
    int64_t end; /* greatest position */
    bool repeats;
    bool repeats_several; /* a repeated word is one of several at its place */
};

static bool advance(place *at)
{
    if (at->next >= at->word->count)
        return false;
    at->position = (int64_t)at->word->positions[at->next++] - (int64_t)at->word->offset;
    return true;
}

static bool advance_to_end(auk_sloppy *self, place *at)
{
    if (!advance(at))
        return false;
    if (at->position > self->end)
        self->end = at->position;
    return true;
}

static bool before(const place *a, const place *b)
{
    if (a->position != b->position)
        return a->position < b->position;
    return a->word->offset != b->word->offset ? a->word->offset < b->word->offset
                                              : a->order < b->order;
}

static place *top(auk_sloppy *self)
{
    place *least = NULL;
    for (uint32_t i = 0; i < self->count; i++)
        if (self->places[i].queued && (!least || before(&self->places[i], least)))
            least = &self->places[i];
    return least;
}

static place *pop(auk_sloppy *self)
{
    place *least = top(self);
    least->queued = false;
    return least;
}

/* ---- repeated words ---- */

static int64_t text_position(const place *at)
{
    return at->position + (int64_t)at->word->offset;
}

static place *collision(auk_sloppy *self, const place *at)
{
    for (uint32_t i = 0; i < self->count; i++) {
        place *other = &self->places[i];
        if (other != at && other->group == at->group && text_position(other) == text_position(at))
            return other;
    }
    return NULL;
}

/* Two of one group may not stand at one position: the lesser goes on. */
static bool part(auk_sloppy *self, place *at)
{
    place *other;
    if (at->group < 0)
        return true;
    while ((other = collision(self, at)) != NULL) {
        bool lesser = at->position < other->position ||
                      (at->position == other->position && at->word->offset < other->word->offset);
        at = lesser ? at : other;
        if (!advance_to_end(self, at))
            return false;
    }
    return true;
}

/* The n-th of a group starts at the n-th position. */
static bool spread_groups(auk_sloppy *self)
{
    for (uint32_t i = 0; i < self->count; i++) {
        place *at = &self->places[i];
        uint32_t earlier = 0;
        for (uint32_t j = 0; j < i && at->group >= 0; j++)
            earlier += self->places[j].group == at->group;
        for (; earlier > 0; earlier--)
            if (!advance(at))
                return false;
    }
    return true;
}

static uint32_t index_in_group(const auk_sloppy *self, const place *at)
{
    uint32_t earlier = 0;
    for (const place *other = self->places; other < at; other++)
        earlier += other->group == at->group;
    return earlier;
}

/* Places that share only some of their words may start at different ones: those that collide go
 * on, the lesser first. One that was settled before and had to move is settled anew. */
static bool part_group(auk_sloppy *self, int32_t group)
{
    for (uint32_t i = 0; i < self->count; i++) {
        place *at = &self->places[i], *other;
        if (at->group != group)
            continue;
        while ((other = collision(self, at)) != NULL) {
            bool lesser =
                at->position < other->position ||
                (at->position == other->position && at->word->offset < other->word->offset);
            place *moved = lesser ? at : other;
            if (!advance_to_end(self, moved))
                return false;
            if (index_in_group(self, moved) < index_in_group(self, at)) {
                i--; /* this one again */
                break;
            }
        }
    }
    return true;
}

static bool part_groups(auk_sloppy *self)
{
    bool parted = true;
    for (uint32_t i = 0; i < self->count && parted; i++) {
        bool first = self->places[i].group >= 0 && index_in_group(self, &self->places[i]) == 0;
        parted = !first || part_group(self, self->places[i].group);
    }
    return parted;
}

/* ---- matching ---- */

static bool start(auk_sloppy *self)
{
    self->end = INT64_MIN;
    for (uint32_t i = 0; i < self->count; i++) {
        self->places[i].next = 0;
        if (!advance(&self->places[i]))
            return false;
    }
    if (self->repeats && !(self->repeats_several ? part_groups(self) : spread_groups(self)))
        return false;
    for (uint32_t i = 0; i < self->count; i++) {
        self->places[i].queued = true;
        if (self->places[i].position > self->end)
            self->end = self->places[i].position;
    }
    return true;
}

/* *exhausted: this was the last there can be. The length of the match, or -1. */
static int64_t next_match(auk_sloppy *self, bool *exhausted)
{
    place *at = pop(self);
    int64_t length = self->end - at->position;
    int64_t next = top(self)->position;
    while (advance_to_end(self, at)) {
        if (self->repeats && !part(self, at))
            break;
        if (at->position > next) {
            at->queued = true;
            if (length <= self->slop)
                return length;
            at = pop(self);
            next = top(self)->position;
            length = self->end - at->position;
        } else if (self->end - at->position < length) {
            length = self->end - at->position;
        }
    }
    *exhausted = true;
    return length <= self->slop ? length : -1;
}

float auk_sloppy_freq(auk_sloppy *self, bool first_only)
{
    float freq = 0;
    bool exhausted = !start(self);
    while (!exhausted) {
        int64_t length = next_match(self, &exhausted);
        if (length >= 0)
            freq += 1.0f / (1.0f + (float)length);
        if (freq > 0 && first_only)
            break;
    }
    return freq;
}

static bool share_a_term(const auk_phrase_word *a, const auk_phrase_word *b)
{
    for (uint32_t i = 0; i < a->named; i++)
        for (uint32_t j = 0; j < b->named; j++)
            if (auk_span_equal(a->first[i].text, b->first[j].text))
                return true;
    return false;
}

static void join_groups(auk_sloppy *self, int32_t kept, int32_t gone)
{
    for (uint32_t i = 0; i < self->count; i++)
        if (self->places[i].group == gone)
            self->places[i].group = kept;
}

/* Places that share a word, directly or through others, are one group. */
static void group_repeats(auk_sloppy *self)
{
    int32_t groups = 0;
    for (uint32_t i = 0; i < self->count; i++) {
        place *at = &self->places[i];
        for (uint32_t j = 0; j < i; j++) {
            place *other = &self->places[j];
            if (!share_a_term(at->word, other->word))
                continue;
            if (other->group < 0)
                other->group = groups++;
            if (at->group >= 0 && at->group != other->group)
                join_groups(self, other->group, at->group);
            at->group = other->group;
            self->repeats = true;
            if (at->word->named > 1 || other->word->named > 1)
                self->repeats_several = true;
        }
    }
}

auk_sloppy *auk_sloppy_create(auk_phrase_word *words, uint32_t count, uint32_t slop,
                              auk_arena *arena)
{
    auk_sloppy *self = AUK_ARENA_NEW(arena, auk_sloppy);
    self->places = AUK_ARENA_ARRAY(arena, place, count);
    self->count = count;
    self->slop = slop;
    for (uint32_t i = 0; i < count; i++)
        self->places[i] = (place){.word = &words[i], .order = i, .group = -1};
    group_repeats(self);
    return self;
}
