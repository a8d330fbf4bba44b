/*
 * terms_image.h - the values of a field's terms on the heap, each in a block of its own exact size,
 * so that a sanitizer sees every byte read too far; and lists to fill them with.
 *
 *   Lifetime  _init .. _deinit.   Threads  one.   Memory  malloc.   Errors  asserted.
 */
#ifndef AUK_TERMS_IMAGE_H
#define AUK_TERMS_IMAGE_H

#include "terms_reader.h"
#include "terms_writer.h"

#define IMAGE_VALUES 256

typedef struct image_values {
    auk_value values[IMAGE_VALUES];
    uint32_t count;
    uint32_t fail_at;                /* put number that fails; 0: none */
    auk_span parts[3][IMAGE_VALUES]; /* blocks, postings, positions, as opened */
} image_values;

void image_init(image_values *image);
void image_deinit(image_values *image);
auk_sink image_sink(image_values *image);
auk_code image_open(image_values *image, uint16_t field, uint32_t doc_count, auk_span norms,
                    auk_arena *arena, const auk_terms **out);

uint32_t random_below(uint64_t *state, uint32_t limit);

/* One term's postings as plain arrays. */
typedef struct model_list {
    auk_doc *docs;
    uint32_t *freqs;
    uint32_t *starts; /* index of a document's first position */
    uint32_t *positions;
    uint32_t count;
} model_list;

/* count documents below doc_count; shape: how gaps, frequencies and positions vary, any number. */
model_list list_random(uint64_t *state, uint32_t count, uint32_t doc_count, uint32_t shape);
void list_free(model_list *list);
void list_write(const model_list *list, auk_terms_writer *writer, auk_span text, bool freqs,
                bool positions);

#endif
