/*
 * fault_model.h - what a catalog must hold after any prefix of a known run.
 *
 * Every writer owns documents of its own and makes calls whose operations follow from (writer, call
 * number), so that whoever knows which call was acknowledged last knows every document. A second
 * script, of indices and an alias, is a function of its step number alike.
 *
 *   Lifetime, threads, memory, errors  none: functions of their arguments.
 */
#ifndef AUK_FAULT_MODEL_H
#define AUK_FAULT_MODEL_H

#include <stdbool.h>
#include <stdint.h>

#define MODEL_WRITERS   3
#define MODEL_DOCUMENTS 40 /* of a writer */
#define MODEL_CALL_MOST 8  /* operations */

typedef enum model_kind {
    MODEL_INDEX,
    MODEL_CREATE,
    MODEL_UPDATE,
    MODEL_UPSERT,
    MODEL_DELETE
} model_kind;

typedef struct model_operation {
    model_kind kind;
    uint32_t document; /* of the writer */
    int64_t value;     /* never used twice by a writer */
} model_operation;

/* One document: "v" is set by index and create, "u" by updates; -1: absent. */
typedef struct model_state {
    bool exists;
    int64_t v, u;
} model_state;

uint32_t model_call(uint32_t writer, uint32_t call, model_operation out[MODEL_CALL_MOST]);
/* False: the operation must be refused, and the state stays as it was. */
bool model_apply(model_state *state, const model_operation *operation);
bool model_same(const model_state *a, const model_state *b);

/*
 * Steps on indices, four a generation: create index g, write its document, move the alias to it
 * (odd generations: and remove index g - 1 in the same call), delete index g - 1 (even ones).
 */
typedef enum model_admin_kind {
    MODEL_NEW_INDEX,
    MODEL_NEW_DOCUMENT,
    MODEL_MOVE_ALIAS,
    MODEL_DROP_OLD
} model_admin_kind;

typedef struct model_admin {
    uint32_t generation;
    model_admin_kind kind;
} model_admin;

model_admin model_admin_step(uint32_t step);

/* What is there of one generation when `steps` steps were done. */
typedef struct model_generation {
    bool exists, has_document, has_alias;
} model_generation;

model_generation model_admin_state(uint32_t steps, uint32_t generation);

#endif
