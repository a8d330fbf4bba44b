#include "profile_watch.h"

#include "auk/segment.h"

#include "scorer.h"

static auk_profile_watch now(auk_profile_entry *entry)
{
    return (auk_profile_watch){
        .entry = entry,
        .ns = auk_profile_now(),
        .columns = auk_columns_work(),
        .scores = auk_scores_computed,
        .blocks = {auk_postings_blocks_listed(), auk_postings_blocks_read()},
    };
}

void auk_profile_watch_start(auk_profile_watch *watch, auk_profile_entry *entry)
{
    *watch = entry ? now(entry) : (auk_profile_watch){0};
}

void auk_profile_watch_lap(auk_profile_watch *watch, uint64_t *ns, auk_profile_blocks *blocks)
{
    auk_profile_entry *entry = watch->entry;
    auk_profile_watch at = now(entry);
    entry->columns.blocks += at.columns.blocks - watch->columns.blocks;
    entry->columns.decoded += at.columns.decoded - watch->columns.decoded;
    entry->columns.compared += at.columns.compared - watch->columns.compared;
    entry->columns.picked += at.columns.picked - watch->columns.picked;
    entry->scored += at.scores - watch->scores;
    *ns += at.ns - watch->ns;
    if (blocks) {
        blocks->listed += at.blocks.listed - watch->blocks.listed;
        blocks->decoded += at.blocks.decoded - watch->blocks.decoded;
    }
    *watch = at;
}

void auk_profile_watch_return(auk_profile_watch *watch, uint64_t left_ns)
{
    if (!watch->entry)
        return;
    uint64_t away_ns = auk_profile_now() - left_ns;
    watch->entry->aggregate_ns += away_ns;
    watch->ns += away_ns;
}
