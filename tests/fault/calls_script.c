#include "calls_script.h"

#include <stdio.h>
#include <string.h>

script_item script_item_of(uint32_t call, uint32_t item)
{
    return (script_item){.document = (call * SCRIPT_ITEMS + item * 7) % SCRIPT_DOCUMENTS,
                         .value = call * 10 + item + 1,
                         .deletes = (call + item) % 6 == 5};
}

size_t script_source(uint32_t value, char source[SCRIPT_SOURCE])
{
    int size = snprintf(source, SCRIPT_SOURCE, "{\"v\":%u,\"text\":\"common word%u", value, value);
    uint64_t state = value;
    for (uint32_t i = 0; value % 10 == 3 && i < SCRIPT_SOURCE - 100; i++) {
        state = state * 6364136223846793005u + 1442695040888963407u;
        source[size++] = i % 9 == 8 ? ' ' : (char)('a' + (state >> 40) % 26);
    }
    memcpy(source + size, "\"}", 3);
    return (size_t)size + 2;
}

script_step script_step_of(uint32_t call)
{
    static const script_step steps[SCRIPT_CALLS] = {
        [1] = STEP_REFRESH, [2] = STEP_FLUSH,   [3] = STEP_MAPPING,  [4] = STEP_CREATE,
        [5] = STEP_FLUSH,   [7] = STEP_MERGE,   [8] = STEP_SETTINGS, [9] = STEP_FLUSH,
        [10] = STEP_MERGE,  [11] = STEP_DELETE,
    };
    return call < SCRIPT_CALLS ? steps[call] : STEP_NOTHING;
}
