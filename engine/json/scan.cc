#include "scan.h"

#include <charconv>
#include <cmath>
#include <cstdlib>
#include <cstring>
#include <memory>
#include <new>

#include <simdjson.h>

// Only the library's first stage is used: it is chosen for the processor at run time and does all
// that is wide. Its second stages check less than RFC 8259 asks (On-Demand) or refuse large numbers
// (DOM).
namespace
{

constexpr size_t least_capacity = 4096;
constexpr size_t kept_capacity = 1 << 20;

struct scanner {
    std::unique_ptr<simdjson::internal::dom_parser_implementation> stages;
    size_t capacity = 0;
};

thread_local scanner current;

bool make_room(size_t size)
{
    if (size <= current.capacity)
        return true;
    size_t capacity = current.capacity < least_capacity ? least_capacity : current.capacity;
    while (capacity < size)
        capacity *= 2;
    if (capacity > kept_capacity) // not kept, so no larger than needed
        capacity = size > kept_capacity ? size : kept_capacity;
    if (capacity > simdjson::SIMDJSON_MAXSIZE_BYTES)
        capacity = simdjson::SIMDJSON_MAXSIZE_BYTES;
    current.stages.reset();
    current.capacity = 0;
    simdjson::error_code error =
        simdjson::get_active_implementation()->create_dom_parser_implementation(capacity, 1,
                                                                                current.stages);
    if (error != simdjson::SUCCESS)
        return false;
    current.capacity = capacity;
    return true;
}

template <typename number>
int shortest_digits(number value, char digits[AUK_SCAN_DIGITS], int *exponent)
{
    char text[64];
    auto end = std::to_chars(text, text + sizeof text, value, std::chars_format::scientific).ptr;
    int count = 0;
    const char *at = text + (*text == '-');
    for (; at < end && *at != 'e'; at++) {
        if (*at != '.' && count < AUK_SCAN_DIGITS)
            digits[count++] = *at;
    }
    at += 1; // past the e
    at += at < end && *at == '+';
    *exponent = 0;
    std::from_chars(at, end, *exponent);
    while (count > 1 && digits[count - 1] == '0')
        count--;
    return count;
}

// What std::from_chars calls out of range: too large, which is no double, or too small, which is 0
// or nearly. Rare, so the copy does not matter.
bool extreme_double(const char *text, size_t size, double *out)
{
    char *copy = static_cast<char *>(std::malloc(size + 1));
    if (copy == nullptr)
        std::abort();
    std::memcpy(copy, text, size);
    copy[size] = '\0';
    double value = std::strtod(copy, nullptr);
    std::free(copy);
    if (!std::isfinite(value))
        return false;
    *out = value;
    return true;
}

} // namespace

extern "C" auk_scan_result auk_json_scan(const char *text, size_t size, auk_scan *out)
{
    if (size == 0)
        return AUK_SCAN_EMPTY;
    if (size > simdjson::SIMDJSON_MAXSIZE_BYTES || !make_room(size))
        return AUK_SCAN_TOO_LARGE;
    auto bytes = reinterpret_cast<const uint8_t *>(text);
    switch (current.stages->stage1(bytes, size, simdjson::stage1_mode::regular)) {
    case simdjson::SUCCESS:
        break;
    case simdjson::UNCLOSED_STRING:
        return AUK_SCAN_UNCLOSED_STRING;
    case simdjson::UNESCAPED_CHARS:
        return AUK_SCAN_CONTROL_CHARACTER;
    case simdjson::UTF8_ERROR:
        return AUK_SCAN_NOT_UTF8;
    case simdjson::EMPTY:
        return AUK_SCAN_EMPTY;
    default:
        return AUK_SCAN_TOO_LARGE;
    }
    out->offsets = current.stages->structural_indexes.get();
    out->count = current.stages->n_structural_indexes;
    current.stages->structural_indexes[out->count] = static_cast<uint32_t>(size);
    return AUK_SCAN_OK;
}

extern "C" void auk_json_scan_release(void)
{
    if (current.capacity <= kept_capacity)
        return;
    current.stages.reset();
    current.capacity = 0;
}

extern "C" bool auk_scan_double(const char *text, size_t size, double *out)
{
    const char *at = text;
    const char *end = text + size;
    if (at < end && *at == '+')
        at++;
    const char *first = at + (at < end && *at == '-' && at == text);
    if (first == end || !((*first >= '0' && *first <= '9') || *first == '.'))
        return false;
    double value = 0;
    auto result = std::from_chars(at, end, value);
    if (result.ptr != end || result.ec == std::errc::invalid_argument)
        return false;
    if (result.ec == std::errc::result_out_of_range)
        return extreme_double(at, static_cast<size_t>(end - at), out);
    *out = value;
    return true;
}

extern "C" int auk_scan_double_digits(double value, char digits[AUK_SCAN_DIGITS], int *exponent)
{
    return shortest_digits(value, digits, exponent);
}

extern "C" int auk_scan_float_digits(float value, char digits[AUK_SCAN_DIGITS], int *exponent)
{
    return shortest_digits(value, digits, exponent);
}
