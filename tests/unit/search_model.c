#include "search_model.h"

const char model_mapping[] = "{\"properties\":{"
                             "\"t\":{\"type\":\"text\",\"analyzer\":\"whitespace\"},"
                             "\"k\":{\"type\":\"keyword\"},"
                             "\"n\":{\"type\":\"long\"},"
                             "\"f\":{\"type\":\"double\"}}}";

/* ---- randomness ---- */

uint64_t model_seed;

uint32_t model_draw(uint32_t below)
{
    model_seed = model_seed * UINT64_C(6364136223846793005) + UINT64_C(1442695040888963407);
    return (uint32_t)(model_seed >> 33) % below;
}

uint32_t model_draw_skewed(uint32_t below)
{
    return model_draw(model_draw(below) + 1);
}

/* ---- documents ---- */

static auk_span random_source(auk_arena *arena, uint32_t words)
{
    auk_buffer out;
    auk_buffer_init(&out, 1 << 16);
    auk_buffer_append_text(&out, "{");
    const char *comma = "";
    if (model_draw(10) > 0) {
        auk_buffer_append_text(&out, "\"t\":\"");
        for (uint32_t left = 1 + model_draw_skewed(40); left > 0; left--)
            auk_buffer_printf(&out, "w%u ", model_draw_skewed(words));
        auk_buffer_append_text(&out, "\"");
        comma = ",";
    }
    if (model_draw(4) > 0) {
        auk_buffer_printf(&out, "%s\"k\":[", comma);
        for (uint32_t i = 0, most = 1 + model_draw_skewed(3); i < most; i++)
            auk_buffer_printf(&out, "%s\"k%u\"", i ? "," : "", model_draw_skewed(12));
        auk_buffer_append_text(&out, "]");
        comma = ",";
    }
    if (model_draw(5) > 0) {
        auk_buffer_printf(&out, "%s\"n\":%d", comma, (int)model_draw(200) - 100);
        comma = ",";
    }
    if (model_draw(3) > 0)
        auk_buffer_printf(&out, "%s\"f\":%d.25", comma, (int)model_draw(50) - 25);
    auk_buffer_append_text(&out, "}");
    auk_span source = auk_arena_copy(arena, auk_buffer_span(&out));
    auk_buffer_deinit(&out);
    return source;
}

void model_init(model *m, uint32_t shards, uint32_t segments, uint32_t docs, uint32_t words)
{
    uint32_t next_id = 0;
    *m = (model){.words = words};
    test_index_init(&m->index, "i", model_mapping, shards);
    m->docs = calloc((size_t)shards * segments * docs, sizeof *m->docs);
    for (uint32_t s = 0; s < shards; s++) {
        for (uint32_t g = 0; g < segments; g++) {
            uint32_t count = 1 + model_draw(docs);
            auk_span *sources = calloc(count, sizeof *sources);
            for (uint32_t i = 0; i < count; i++) {
                model_doc *doc = &m->docs[m->count++];
                sources[i] = random_source(m->index.arena, words);
                *doc = (model_doc){.id = next_id + i, .shard = s, .segment = g, .doc = i};
                assert_int_equal(auk_json_parse(sources[i], m->index.arena, &doc->source, NULL),
                                 AUK_OK);
            }
            test_index_add(&m->index, s, sources, count, &next_id);
            free(sources);
        }
    }
}

void model_kill(model *m, uint32_t one_in)
{
    for (uint32_t i = 0; i < m->count; i++) {
        if (model_draw(one_in) > 0)
            continue;
        m->docs[i].deleted = true;
        test_index_kill(&m->index, m->docs[i].shard, m->docs[i].segment, m->docs[i].doc);
    }
}

void model_deinit(model *m)
{
    test_index_deinit(&m->index);
    free(m->docs);
}
