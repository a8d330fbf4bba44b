#include "fault_model.h"

static uint64_t next_random(uint64_t *state)
{
    *state = *state * 6364136223846793005u + 1442695040888963407u;
    return *state >> 33;
}

static model_kind pick_kind(uint64_t number)
{
    static const struct {
        uint64_t below;
        model_kind kind;
    } shares[] = {{45, MODEL_INDEX}, {55, MODEL_CREATE}, {65, MODEL_UPDATE}, {80, MODEL_UPSERT}};
    for (unsigned i = 0; i < sizeof shares / sizeof shares[0]; i++)
        if (number < shares[i].below)
            return shares[i].kind;
    return MODEL_DELETE;
}

uint32_t model_call(uint32_t writer, uint32_t call, model_operation out[MODEL_CALL_MOST])
{
    uint64_t random = (uint64_t)writer << 40 ^ call;
    (void)next_random(&random);
    (void)next_random(&random);
    uint32_t count = 1 + (uint32_t)(next_random(&random) % MODEL_CALL_MOST);
    for (uint32_t i = 0; i < count; i++)
        out[i] = (model_operation){.kind = pick_kind(next_random(&random) % 100),
                                   .document = (uint32_t)(next_random(&random) % MODEL_DOCUMENTS),
                                   .value = (int64_t)call * MODEL_CALL_MOST + i};
    return count;
}

bool model_apply(model_state *state, const model_operation *operation)
{
    bool existed = state->exists;
    switch (operation->kind) {
    case MODEL_CREATE:
        if (existed)
            return false;
        *state = (model_state){true, operation->value, -1};
        return true;
    case MODEL_INDEX:
        *state = (model_state){true, operation->value, -1};
        return true;
    case MODEL_UPDATE:
        if (existed)
            state->u = operation->value;
        return existed;
    case MODEL_UPSERT:
        *state = (model_state){true, existed ? state->v : -1, operation->value};
        return true;
    default:
        *state = (model_state){false, -1, -1};
        return true; /* of nothing is an answer, too */
    }
}

bool model_same(const model_state *a, const model_state *b)
{
    return a->exists == b->exists && (!a->exists || (a->v == b->v && a->u == b->u));
}

model_admin model_admin_step(uint32_t step)
{
    return (model_admin){step / 4, (model_admin_kind)(step % 4)};
}

model_generation model_admin_state(uint32_t steps, uint32_t generation)
{
    uint32_t first = generation * 4;
    model_generation state = {.exists = steps > first + MODEL_NEW_INDEX,
                              .has_document = steps > first + MODEL_NEW_DOCUMENT,
                              .has_alias = steps > first + MODEL_MOVE_ALIAS};
    uint32_t next = first + 4; /* of whose steps one takes the alias, and one the index */
    bool moved = steps > next + MODEL_MOVE_ALIAS;
    bool removed = (generation + 1) % 2 == 1 ? moved : steps > next + MODEL_DROP_OLD;
    state.has_alias = state.has_alias && !moved;
    if (removed)
        state = (model_generation){0};
    return state;
}
