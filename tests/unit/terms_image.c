#include "terms_image.h"

#include "test.h"

void image_init(image_values *image)
{
    memset(image, 0, sizeof *image);
}

void image_deinit(image_values *image)
{
    for (uint32_t i = 0; i < image->count; i++)
        free((void *)(uintptr_t)image->values[i].bytes.data);
    image_init(image);
}

static auk_code put(void *context, uint8_t kind, uint16_t field, uint32_t part, auk_span bytes,
                    auk_error *err)
{
    image_values *image = context;
    if (image->fail_at != 0 && image->count + 1 >= image->fail_at)
        return auk_fail(err, AUK_IO, "no room");
    assert_true(image->count < IMAGE_VALUES);
    assert_true(bytes.size > 0);
    char *copy = malloc(bytes.size);
    memcpy(copy, bytes.data, bytes.size);
    image->values[image->count++] =
        (auk_value){.kind = kind, .field = field, .part = part, .bytes = {copy, bytes.size}};
    return AUK_OK;
}

auk_sink image_sink(image_values *image)
{
    return (auk_sink){.put = put, .context = image};
}

static uint32_t collect(const image_values *image, uint8_t kind, uint16_t field, auk_span *out)
{
    uint32_t count = 0;
    for (uint32_t i = 0; i < image->count; i++) {
        const auk_value *value = &image->values[i];
        if (value->kind != kind || value->field != field)
            continue;
        assert_int_equal(value->part, count);
        out[count++] = value->bytes;
    }
    return count;
}

auk_code image_open(image_values *image, uint16_t field, uint32_t doc_count, auk_span norms,
                    auk_arena *arena, const auk_terms **out)
{
    auk_span index = {0};
    assert_int_equal(collect(image, AUK_KIND_TERM_INDEX, field, &index), 1);
    auk_terms_values values = {.index = index,
                               .blocks = image->parts[0],
                               .postings = image->parts[1],
                               .positions = image->parts[2],
                               .norms = norms,
                               .doc_count = doc_count};
    values.block_parts = collect(image, AUK_KIND_TERM_BLOCKS, field, image->parts[0]);
    values.postings_parts = collect(image, AUK_KIND_POSTINGS, 0, image->parts[1]);
    values.positions_parts = collect(image, AUK_KIND_POSITIONS, 0, image->parts[2]);
    auk_error err;
    return auk_terms_open(&values, arena, out, &err);
}

uint32_t random_below(uint64_t *state, uint32_t limit)
{
    *state += UINT64_C(0x9e3779b97f4a7c15);
    uint64_t mixed = (*state ^ (*state >> 30)) * UINT64_C(0xbf58476d1ce4e5b9);
    mixed = (mixed ^ (mixed >> 27)) * UINT64_C(0x94d049bb133111eb);
    return (uint32_t)(((mixed ^ (mixed >> 31)) >> 32) * limit >> 32);
}

static uint32_t random_gap(uint64_t *state, uint32_t shape, uint32_t room)
{
    uint32_t most = 1;
    switch (shape % 5) {
    case 0: /* runs */
        return 1;
    case 1: /* dense */
        most = 3;
        break;
    case 2: /* even */
        most = room;
        break;
    case 3: /* dense with leaps */
        most = random_below(state, 200) == 0 ? room : 2;
        break;
    default: /* every width */
        most = 1u << random_below(state, 31);
        break;
    }
    most = most < room ? most : room;
    return 1 + random_below(state, most ? most : 1);
}

static uint32_t random_freq(uint64_t *state, uint32_t shape)
{
    switch (shape / 5 % 4) {
    case 0:
        return 1;
    case 1:
        return 1 + random_below(state, 4);
    case 2:
        return random_below(state, 50) == 0 ? 1 + random_below(state, 300) : 1;
    default:
        return random_below(state, 100) == 0 ? 1 + random_below(state, 1000)
                                             : 1 + random_below(state, 3);
    }
}

model_list list_random(uint64_t *state, uint32_t count, uint32_t doc_count, uint32_t shape)
{
    model_list out = {.count = count};
    out.docs = malloc(sizeof(uint32_t) * count);
    out.freqs = malloc(sizeof(uint32_t) * count);
    out.starts = malloc(sizeof(uint32_t) * (count + 1));
    uint32_t next = 0, total = 0;
    for (uint32_t i = 0; i < count; i++) {
        /* What is left after room for the documents still to come, shared out evenly at most. */
        uint32_t spare = doc_count - next - (count - i);
        uint32_t room = shape % 5 == 2 ? 2 * (spare / (count - i)) : spare;
        next += random_gap(state, shape, room < spare ? room : spare) - 1;
        out.docs[i] = next++;
        out.freqs[i] = random_freq(state, shape);
        out.starts[i] = total;
        total += out.freqs[i];
    }
    out.starts[count] = total;
    out.positions = malloc(sizeof(uint32_t) * total);
    for (uint32_t i = 0; i < count; i++) {
        uint32_t position = random_below(state, 400);
        for (uint32_t j = 0; j < out.freqs[i]; j++) {
            out.positions[out.starts[i] + j] = position;
            position += random_below(state, random_below(state, 64) == 0 ? 100000 : 30);
        }
    }
    return out;
}

void list_free(model_list *list)
{
    free(list->docs);
    free(list->freqs);
    free(list->starts);
    free(list->positions);
}

void list_write(const model_list *list, auk_terms_writer *writer, auk_span text, bool freqs,
                bool positions)
{
    auk_terms_writer_begin_term(writer, text);
    for (uint32_t i = 0; i < list->count; i++)
        auk_terms_writer_posting(writer, list->docs[i], freqs ? list->freqs[i] : 1,
                                 positions ? list->positions + list->starts[i] : NULL);
    auk_terms_writer_end_term(writer);
}
