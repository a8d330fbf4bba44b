#include "bound.h"

#include <math.h>

#include "auk/segment_writer.h"

float auk_bound_inverse(float k1, float b, double average, uint8_t norm)
{
    double length = average > 0 ? (double)auk_norm_decode(norm) / average : 0;
    return (float)(1 / ((double)k1 * (1 - (double)b + (double)b * length)));
}

void auk_bound_model_init(auk_bound_model *model, float k1, float b, double average)
{
    for (unsigned norm = 0; norm < 256; norm++)
        model->inverse[norm] = auk_bound_inverse(k1, b, average, (uint8_t)norm);
}

uint8_t auk_bound_encode(float best)
{
    double share = (double)best / (1 + (double)best);
    double scaled = ceil(255 * share * (1 + 1e-6));
    /* Also for K = 0, where best is infinite and share is not a number. */
    return scaled < 255 ? (uint8_t)scaled : 255;
}

float auk_bound_decode(uint8_t bound)
{
    /* A score is a difference from weight, rounded as numbers of that size are. */
    float share = (float)bound / 255.0f + 1e-6f;
    return share < 1.0f ? share : 1.0f;
}
