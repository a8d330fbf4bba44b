/*
 * race.h - auk-race: Auk's engine without its server, as one side of a race against other engines.
 *
 *   auk-race index CORPUS.ndjson DIR     documents with their line number as _id, merged at the end
 *   auk-race query DIR QUERIES.jsonl     each query in several shuffled rounds, one thread
 *   auk-race columns DIR TASKS.jsonl     search bodies by name, in rounds, one thread
 *
 * Errors end the program: it is a stopwatch, and a stopwatch that goes on after an error lies.
 */
#ifndef AUK_RACE_H
#define AUK_RACE_H

#include "auk/catalog.h"
#include "auk/search.h"

#define RACE_INDEX "race"

/* Default: as a user gets it, which is by the number of documents. */
typedef enum race_reorder {
    RACE_REORDER_DEFAULT,
    RACE_REORDER_ON,
    RACE_REORDER_OFF,
} race_reorder;

typedef struct race_options {
    const char *corpus, *directory, *queries, *mapping, *out, *mode, *field;
    unsigned threads;
    uint32_t segments; /* 0: as the merge policy leaves them */
    unsigned rounds;
    race_reorder reorder;
} race_options;

AUK_PRINTF(1, 2) _Noreturn void race_fail(const char *format, ...);
void race_check(auk_code code, const auk_error *err);
/* The whole file, with AUK_JSON_PADDING readable bytes behind it. */
auk_span race_read_file(const char *path);
/* Takes the next line off the text; false at its end. */
bool race_next_line(auk_span *text, auk_span *line);

auk_catalog *race_open(const race_options *options, auk_budget *budget, auk_pool *writers,
                       auk_pool *background);

/* The public game's syntax as Elasticsearch's query DSL: bare words: any of them, +: all, -: none,
 * quotes: a phrase. In the arena. */
const auk_query *race_parse_query(auk_span text, const char *field, auk_arena *arena);

void race_index(const race_options *options);
void race_query(const race_options *options);
void race_columns(const race_options *options);

#endif
