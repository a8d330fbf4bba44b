#include "bm25.h"

#include <math.h>
#include <pthread.h>
#include <string.h>

#include "auk/segment_writer.h"

static pthread_once_t once = PTHREAD_ONCE_INIT;
static float lengths[256]; /* by code */

static void decode_lengths(void)
{
    for (unsigned code = 0; code < 256; code++)
        lengths[code] = (float)auk_norm_decode((uint8_t)code);
}

/* What this thread made last: the same average makes the same table, and 512 divisions are a part
 * of every small query's time. */
static _Thread_local struct {
    bool is_made;
    float average;
    float inverse[256];
} made __attribute__((tls_model("initial-exec")));

static void make_inverse(float average)
{
    pthread_once(&once, decode_lengths);
    for (unsigned code = 0; code < 256; code++)
        made.inverse[code] =
            1.0f / (AUK_BM25_K1 * ((1.0f - AUK_BM25_B) + AUK_BM25_B * lengths[code] / average));
    made.average = average;
    made.is_made = true;
}

void auk_bm25_field_init(auk_bm25_field *field, uint64_t doc_count, uint64_t sum_total_freq,
                         bool scores)
{
    field->doc_count = doc_count;
    field->sum_total_freq = sum_total_freq;
    field->average_length = doc_count ? (float)((double)sum_total_freq / (double)doc_count) : 1.0f;
    if (!scores)
        return;
    if (!made.is_made || made.average != field->average_length)
        make_inverse(field->average_length);
    memcpy(field->inverse, made.inverse, sizeof field->inverse);
}

float auk_bm25_idf(uint64_t doc_freq, uint64_t doc_count)
{
    double rest = (double)doc_count - (double)doc_freq;
    return (float)log(1.0 + (rest + 0.5) / ((double)doc_freq + 0.5));
}

float auk_bm25_bound_scale(const auk_bm25_field *field, double written_average)
{
    double ratio =
        written_average > 0 ? (double)field->average_length / written_average : (double)INFINITY;
    return ratio > 1 ? (float)ratio * AUK_BM25_BOUND_MARGIN : 1.0f;
}

float auk_bm25_reached_scale(const auk_bm25_field *field, double written_average)
{
    double ratio = written_average > 0 ? (double)field->average_length / written_average : 0;
    return ratio < 1 ? (float)ratio * (2 - AUK_BM25_BOUND_MARGIN) : 1.0f;
}
