/*
 * scan.h - the C++ behind the JSON library: finding the tokens of a text, and numbers from and to
 * text.
 *
 * The scan gives the offset of each token's first byte: brackets, commas, colons, opening quotes,
 * and first bytes of whatever else stands between them. It has then checked that the text is UTF-8,
 * that each string is closed and that no string holds a control character. Between the last byte of
 * a token and the next offset there is only white space.
 *
 *   Lifetime  offsets end with the next scan of the same thread, or with _release.
 *   Threads   one scanner a thread.
 *   Memory    4 bytes a byte of the longest text so far; _release gives back what is large.
 *   Errors    an auk_scan_result; no exception leaves.
 */
#ifndef AUK_JSON_SCAN_H
#define AUK_JSON_SCAN_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#ifdef __cplusplus
extern "C" {
#endif

typedef enum auk_scan_result {
    AUK_SCAN_OK,
    AUK_SCAN_EMPTY,
    AUK_SCAN_NOT_UTF8,
    AUK_SCAN_CONTROL_CHARACTER,
    AUK_SCAN_UNCLOSED_STRING,
    AUK_SCAN_TOO_LARGE,
} auk_scan_result;

typedef struct auk_scan {
    const uint32_t *offsets; /* count of them, and one more: the size of the text */
    uint32_t count;
} auk_scan;

auk_scan_result auk_json_scan(const char *text, size_t size, auk_scan *out);
void auk_json_scan_release(void);

/* The whole text as a double, in any form that strtod takes but hexadecimal, infinity and NaN. */
bool auk_scan_double(const char *text, size_t size, double *out);

/*
 * The shortest digits that read back as the same finite value: digits d1d2d3... of d1.d2d3 *
 * 10^exponent, without trailing zeros, at least one. Returns how many.
 */
#define AUK_SCAN_DIGITS 24
int auk_scan_double_digits(double value, char digits[AUK_SCAN_DIGITS], int *exponent);
int auk_scan_float_digits(float value, char digits[AUK_SCAN_DIGITS], int *exponent);

#ifdef __cplusplus
}
#endif

#endif
