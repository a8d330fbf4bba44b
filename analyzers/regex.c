#include "regex.h"

#include <stdlib.h>
#include <unicode/uregex.h>
#include <unicode/ustring.h>

#include "auk/buffer.h"
#include "auk/log.h"
#include "regex_dialect.h"
#include "scratch.h"

enum {
    PATTERN_LIMIT = 64 << 10,
    TIME_LIMIT = 2000 /* ICU's steps, about a millisecond each */
};

struct auk_regex {
    uint64_t id; /* in scratches: an address may come back */
    URegularExpression *icu;
    uint32_t groups;
};

struct auk_matcher {
    URegularExpression *icu;
    UText text;
};

struct piece {
    auk_span text;
    uint32_t group; /* when text is NULL */
};

struct auk_replacement {
    struct piece *pieces;
    size_t count;
};

static auk_code read_flags(auk_span names, uint32_t *flags, bool *unicode, auk_error *err)
{
    static const struct {
        const char *name;
        uint32_t flag;
    } known[] = {{"CASE_INSENSITIVE", UREGEX_CASE_INSENSITIVE},
                 {"MULTILINE", UREGEX_MULTILINE},
                 {"DOTALL", UREGEX_DOTALL},
                 {"UNICODE_CASE", 0},
                 {"UNIX_LINES", UREGEX_UNIX_LINES},
                 {"LITERAL", UREGEX_LITERAL},
                 {"COMMENTS", UREGEX_COMMENTS},
                 {"UNICODE_CHAR_CLASS", 0},
                 {"UNICODE_CHARACTER_CLASS", 0}};
    auk_span name;
    while (auk_span_cut(&names, '|', &name)) {
        size_t i = 0;
        while (i < sizeof known / sizeof known[0] && !auk_span_is(name, known[i].name))
            i++;
        if (i == sizeof known / sizeof known[0] && name.size > 0)
            return auk_fail(err, AUK_INVALID, "Unknown regex flag [%.*s]", AUK_SPAN_ARG(name));
        if (name.size > 0)
            *flags |= known[i].flag;
        *unicode |= auk_span_starts_with(name, AUK_SPAN("UNICODE_CHAR"));
    }
    return AUK_OK;
}

static void close_regex(void *icu)
{
    uregex_close(icu);
}

static URegularExpression *open_regex(auk_span pattern, uint32_t flags, UParseError *place,
                                      UErrorCode *status)
{
    UText text = UTEXT_INITIALIZER;
    utext_openUTF8(&text, pattern.data, (int64_t)pattern.size, status);
    URegularExpression *icu = uregex_openUText(&text, flags, place, status);
    utext_close(&text);
    return icu;
}

auk_code auk_regex_compile(auk_arena *arena, auk_span pattern, auk_span flags,
                           const auk_regex **out, auk_error *err)
{
    uint32_t bits = 0;
    bool unicode = false;
    auk_code code = read_flags(flags, &bits, &unicode, err);
    if (code != AUK_OK)
        return code;
    auk_buffer icu_pattern;
    auk_buffer_init(&icu_pattern, PATTERN_LIMIT);
    if (bits & UREGEX_LITERAL)
        auk_buffer_append(&icu_pattern, pattern);
    else
        auk_regex_to_icu(pattern, unicode, &icu_pattern);
    if (auk_buffer_status(&icu_pattern) != AUK_OK) {
        auk_buffer_deinit(&icu_pattern);
        return auk_fail(err, AUK_INVALID, "pattern of more than %d bytes", PATTERN_LIMIT);
    }
    if (icu_pattern.size == 0)
        auk_buffer_append_text(&icu_pattern, "(?:)"); /* ICU takes no empty one */
    UErrorCode status = U_ZERO_ERROR;
    UParseError place = {0};
    auk_regex *regex = AUK_ARENA_NEW(arena, auk_regex);
    regex->id = auk_scratch_new_id();
    regex->icu = open_regex(auk_buffer_span(&icu_pattern), bits, &place, &status);
    auk_buffer_deinit(&icu_pattern);
    if (U_FAILURE(status))
        return auk_fail_type(err, AUK_INVALID, "pattern_syntax_exception", "%s near index %d\n%.*s",
                             u_errorName(status), place.offset, AUK_SPAN_ARG(pattern));
    auk_arena_defer(arena, close_regex, regex->icu);
    regex->groups = (uint32_t)uregex_groupCount(regex->icu, &status);
    *out = regex;
    return AUK_OK;
}

auk_code auk_name_regex_create(auk_arena *arena, auk_span pattern, const auk_regex **out,
                               auk_error *err)
{
    return auk_regex_compile(arena, pattern, AUK_SPAN(""), out, err);
}

/* Names of new fields are few: a clone for each is cheap enough. */
bool auk_name_regex_matches(const auk_regex *regex, auk_span name)
{
    UErrorCode status = U_ZERO_ERROR;
    UText text = UTEXT_INITIALIZER;
    URegularExpression *icu = uregex_clone(regex->icu, &status);
    uregex_setTimeLimit(icu, TIME_LIMIT, &status);
    utext_openUTF8(&text, name.data ? name.data : "", (int64_t)name.size, &status);
    uregex_setUText(icu, &text, &status);
    bool matches = uregex_matches64(icu, -1, &status) && U_SUCCESS(status);
    uregex_close(icu);
    utext_close(&text);
    return matches;
}

uint32_t auk_regex_groups(const auk_regex *regex)
{
    return regex->groups;
}

static void close_matcher(void *object)
{
    auk_matcher *matcher = object;
    uregex_close(matcher->icu);
    utext_close(&matcher->text);
    free(matcher);
}

auk_code auk_regex_matcher(const auk_regex *regex, auk_analyzer_scratch *scratch, auk_matcher **out,
                           auk_error *err)
{
    *out = auk_scratch_local(scratch, regex->id);
    if (*out)
        return AUK_OK;
    UErrorCode status = U_ZERO_ERROR;
    URegularExpression *icu = uregex_clone(regex->icu, &status);
    uregex_setTimeLimit(icu, TIME_LIMIT, &status);
    if (U_FAILURE(status)) {
        uregex_close(icu);
        return auk_fail(err, AUK_IO, "ICU cannot clone a regular expression: %s",
                        u_errorName(status));
    }
    auk_matcher *matcher = calloc(1, sizeof *matcher);
    if (!matcher)
        auk_fatal("no memory for a matcher");
    matcher->icu = icu;
    matcher->text = (UText)UTEXT_INITIALIZER;
    auk_scratch_keep_local(scratch, regex->id, matcher, close_matcher);
    *out = matcher;
    return AUK_OK;
}

static auk_code fail(UErrorCode status, auk_error *err)
{
    if (status == U_REGEX_TIME_OUT || status == U_REGEX_STACK_OVERFLOW)
        return auk_fail(err, AUK_INVALID, "a regular expression takes too long on this text");
    return auk_fail(err, AUK_IO, "ICU cannot match: %s", u_errorName(status));
}

auk_code auk_matcher_start(auk_matcher *matcher, auk_span text, auk_error *err)
{
    UErrorCode status = U_ZERO_ERROR;
    utext_openUTF8(&matcher->text, text.data ? text.data : "", (int64_t)text.size, &status);
    uregex_setUText(matcher->icu, &matcher->text, &status);
    return U_SUCCESS(status) ? AUK_OK : fail(status, err);
}

auk_code auk_matcher_find(auk_matcher *matcher, bool *found, auk_error *err)
{
    UErrorCode status = U_ZERO_ERROR;
    *found = uregex_findNext(matcher->icu, &status);
    return U_SUCCESS(status) ? AUK_OK : fail(status, err);
}

bool auk_matcher_group(const auk_matcher *matcher, uint32_t group, uint32_t *start, uint32_t *end)
{
    UErrorCode status = U_ZERO_ERROR;
    int64_t from = uregex_start64(matcher->icu, (int32_t)group, &status);
    int64_t to = uregex_end64(matcher->icu, (int32_t)group, &status);
    if (U_FAILURE(status) || from < 0)
        return false;
    *start = (uint32_t)from;
    *end = (uint32_t)to;
    return true;
}

/* "1" or "12" as far as there are so many groups; returns the digits taken. */
static size_t read_number(const auk_regex *regex, auk_span text, uint32_t *group)
{
    size_t digits = 0;
    *group = 0;
    while (digits < text.size && text.data[digits] >= '0' && text.data[digits] <= '9') {
        uint32_t more = *group * 10 + (uint32_t)(text.data[digits] - '0');
        if (digits > 0 && more > regex->groups)
            break;
        *group = more;
        digits++;
    }
    return digits;
}

static size_t read_name(const auk_regex *regex, auk_span text, uint32_t *group)
{
    const char *close =
        text.size > 0 && text.data[0] == '{' ? memchr(text.data, '}', text.size) : NULL;
    if (!close)
        return 0;
    UErrorCode status = U_ZERO_ERROR;
    int32_t size = (int32_t)(close - text.data) - 1;
    int32_t number = uregex_groupNumberFromCName(regex->icu, text.data + 1, size, &status);
    if (U_FAILURE(status))
        return 0;
    *group = (uint32_t)number;
    return (size_t)size + 2;
}

auk_code auk_replacement_parse(auk_arena *arena, const auk_regex *regex, auk_span text,
                               const auk_replacement **out, auk_error *err)
{
    auk_replacement *replacement = AUK_ARENA_NEW(arena, auk_replacement);
    replacement->pieces = AUK_ARENA_ARRAY(arena, struct piece, text.size + 1);
    char *literal = auk_arena_alloc(arena, text.size + 1);
    size_t size = 0, begun = 0;
    for (size_t at = 0; at < text.size;) {
        if (text.data[at] == '\\' && at + 1 < text.size) {
            literal[size++] = text.data[at + 1];
            at += 2;
            continue;
        }
        if (text.data[at] != '$') {
            literal[size++] = text.data[at++];
            continue;
        }
        uint32_t group;
        auk_span rest = auk_span_from(text, at + 1);
        size_t taken = read_number(regex, rest, &group);
        if (taken == 0)
            taken = read_name(regex, rest, &group);
        if (taken == 0)
            return auk_fail(err, AUK_INVALID, "Illegal group reference in [%.*s]",
                            AUK_SPAN_ARG(text));
        if (group > regex->groups)
            return auk_fail(err, AUK_INVALID, "No group %u", group);
        if (size > begun)
            replacement->pieces[replacement->count++].text =
                auk_span_make(literal + begun, size - begun);
        begun = size;
        replacement->pieces[replacement->count++].group = group;
        at += 1 + taken;
    }
    if (size > begun)
        replacement->pieces[replacement->count++].text =
            auk_span_make(literal + begun, size - begun);
    *out = replacement;
    return AUK_OK;
}

void auk_replacement_append(const auk_replacement *replacement, const auk_matcher *matcher,
                            auk_span text, auk_buffer *out)
{
    for (size_t i = 0; i < replacement->count; i++) {
        const struct piece *piece = &replacement->pieces[i];
        uint32_t start, end;
        if (piece->text.data)
            auk_buffer_append(out, piece->text);
        else if (auk_matcher_group(matcher, piece->group, &start, &end))
            auk_buffer_append(out, auk_span_make(text.data + start, end - start));
    }
}
