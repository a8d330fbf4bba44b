#include "hopes.h"

#include <stdbool.h>

#include "auk/segment_writer.h"
#include "bm25.h"

/*
 * A share of s takes a frequency of s / (1 - s) * K, with K as in the codec's bound.h, so a length
 * of at most frequency * slope - start. What rounding may do to a score is taken off its share
 * first, and the next longer code of a length is let through as well.
 */
void auk_hopes_find(auk_hopes *hopes, float floor, float weight, float average_length)
{
    const double k1 = (double)AUK_BM25_K1, b = (double)AUK_BM25_B, longest = 1e9;
    double share = (double)floor / (double)weight - 2e-6, average = (double)average_length;
    double slope = average / (k1 * b) * ((1 - share) / share), start = average * ((1 - b) / b);
    bool all = !(share > 0);
    hopes->least = 1;
    hopes->limits[0] = UINT8_MAX;
    for (uint32_t freq = 1; freq < AUK_HOPES_FREQS; freq++) {
        double length = (double)freq * slope - start;
        uint8_t limit = 0;
        if (all || !(length < longest))
            limit = UINT8_MAX;
        else if (length > 0)
            limit = (uint8_t)(auk_norm_encode((uint32_t)length) + 1);
        hopes->limits[freq] = limit;
        hopes->least += limit == 0;
    }
    hopes->limits[AUK_HOPES_FREQS] = hopes->limits[AUK_HOPES_FREQS + 1] = UINT8_MAX;
}
