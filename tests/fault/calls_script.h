/*
 * calls_script.h - what the program under test does, and how it tells of it.
 *
 * Bulks of items whose values are never used twice, so that whoever reads a document knows which
 * item wrote it; between them the steps that move data: refresh, flush, merge, mappings, aliases,
 * settings, an index made and deleted.
 *
 *   Lifetime, threads, memory, errors  none: functions of their arguments.
 */
#ifndef AUK_CALLS_SCRIPT_H
#define AUK_CALLS_SCRIPT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define SCRIPT_CALLS     14
#define SCRIPT_ITEMS     5 /* of a call */
#define SCRIPT_DOCUMENTS 12
#define SCRIPT_SHARDS    2
#define SCRIPT_LAST      1000 /* value of the document that is written last, until it is taken */
#define SCRIPT_SOURCE    6000 /* most bytes of a source */

typedef struct script_item {
    uint32_t document;
    uint32_t value;
    bool deletes;
} script_item;

script_item script_item_of(uint32_t call, uint32_t item);
/* The source of a value, terminated; its size. Some are large. */
size_t script_source(uint32_t value, char source[SCRIPT_SOURCE]);

/* What comes after the call of the same number. */
typedef enum script_step {
    STEP_NOTHING,
    STEP_REFRESH,
    STEP_FLUSH,
    STEP_MERGE,
    STEP_MAPPING,
    STEP_SETTINGS,
    STEP_CREATE, /* of the index "other", with a document and an alias */
    STEP_DELETE, /* of it */
} script_step;
script_step script_step_of(uint32_t call);

/* ---- what is told, as fixed records in a file ---- */

typedef enum script_kind {
    SCRIPT_OPENED,
    SCRIPT_INTENT, /* a call, or with step: the step after it */
    SCRIPT_ITEM,   /* answered; code */
    SCRIPT_STEP,   /* answered; code */
    SCRIPT_ENDED,  /* all of it, the last document included */
    SCRIPT_COUNT,  /* value: calls that the preloaded library counted */
    SCRIPT_FOUND,  /* of a check: a document with its value, 0 for absent */
    SCRIPT_LIVE,   /* of a check: live documents of the view */
    SCRIPT_OTHER,  /* of a check: is the index "other" there? its document? */
    SCRIPT_INDEX,  /* of a check: is the index there at all? */
} script_kind;

typedef struct script_record {
    uint8_t kind;
    uint8_t is_step;
    uint16_t call, item;
    int32_t code;
    uint32_t value;
} script_record;

#endif
