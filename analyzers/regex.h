/*
 * regex.h - regular expressions in Java's dialect, by ICU; the door to them.
 *
 * A pattern compiles once; each thread matches with a clone, kept in its scratch. What ICU reads in
 * another way than Java is rewritten first: \w \d \s \b and POSIX classes mean ASCII unless the
 * flag UNICODE_CHARACTER_CLASS is given. Offsets are bytes of UTF-8.
 *
 *   Lifetime  a regex: its arena. A matcher: until its scratch has met some dozens of others; ask
 * for it where it is used. _start borrows the text. Threads   a regex: any. A matcher: one. Memory
 * ICU's. Errors    AUK_INVALID for a broken pattern and for one that takes too long.
 */
#ifndef AUK_REGEX_H
#define AUK_REGEX_H

#include "auk/analyzer.h"

typedef struct auk_matcher auk_matcher;

/* flags: Java's names with "|" between, as Elasticsearch takes them. */
AUK_MUST_CHECK auk_code auk_regex_compile(auk_arena *arena, auk_span pattern, auk_span flags,
                                          const auk_regex **out, auk_error *err);
uint32_t auk_regex_groups(const auk_regex *regex);

AUK_MUST_CHECK auk_code auk_regex_matcher(const auk_regex *regex, auk_analyzer_scratch *scratch,
                                          auk_matcher **out, auk_error *err);
AUK_MUST_CHECK auk_code auk_matcher_start(auk_matcher *matcher, auk_span text, auk_error *err);
/* The next match. found is false behind the last one. */
AUK_MUST_CHECK auk_code auk_matcher_find(auk_matcher *matcher, bool *found, auk_error *err);
/* Bytes of group n of the match, 0 for all of it. False: the group took no part. */
bool auk_matcher_group(const auk_matcher *matcher, uint32_t group, uint32_t *start, uint32_t *end);

/* "$1 and ${name}", parsed. */
typedef struct auk_replacement auk_replacement;

AUK_MUST_CHECK auk_code auk_replacement_parse(auk_arena *arena, const auk_regex *regex,
                                              auk_span text, const auk_replacement **out,
                                              auk_error *err);
struct auk_buffer;
/* Appends what the match in text becomes. */
void auk_replacement_append(const auk_replacement *replacement, const auk_matcher *matcher,
                            auk_span text, struct auk_buffer *out);

#endif
