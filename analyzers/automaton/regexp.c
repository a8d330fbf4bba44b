#include "auk/regexp.h"

#include "automaton.h"
#include "unicode.h"

enum { LONGEST_BEGINNING = 64 };

_Static_assert(AUK_REGEXP_INTERSECTION == (int)AUK_SYNTAX_INTERSECTION &&
                   AUK_REGEXP_COMPLEMENT == (int)AUK_SYNTAX_COMPLEMENT &&
                   AUK_REGEXP_EMPTY == (int)AUK_SYNTAX_EMPTY &&
                   AUK_REGEXP_ANYSTRING == (int)AUK_SYNTAX_ANYSTRING &&
                   AUK_REGEXP_AUTOMATON == (int)AUK_SYNTAX_AUTOMATON &&
                   AUK_REGEXP_INTERVAL == (int)AUK_SYNTAX_INTERVAL,
               "one numbering");

struct auk_regexp {
    const auk_automaton *automaton;
    char beginning[LONGEST_BEGINNING];
    size_t beginning_size;
};

static bool is_beyond_ascii(const auk_automaton *automaton, uint32_t class)
{
    for (uint32_t i = 0; i < automaton->interval_count; i++) {
        bool goes_beyond = i + 1 == automaton->interval_count || automaton->starts[i + 1] > 0x80;
        if (automaton->classes[i] == class && goes_beyond)
            return true;
    }
    return false;
}

/* The one character of ASCII that goes on from a state, or 0: there are others, or none. */
static char only_way(const auk_automaton *automaton, uint16_t state)
{
    const uint16_t *next = automaton->next + (size_t)state * automaton->class_count;
    uint32_t alive = UINT32_MAX;
    char way = 0;
    for (uint32_t class = 0; class < automaton->class_count; class ++) {
        if (next[class] == AUK_AUTOMATON_DEAD)
            continue;
        if (alive != UINT32_MAX)
            return 0;
        alive = class;
    }
    if (alive == UINT32_MAX || is_beyond_ascii(automaton, alive))
        return 0;
    for (uint32_t byte = 0; byte < 128; byte++) {
        if (automaton->ascii[byte] != alive)
            continue;
        if (way)
            return 0;
        way = (char)byte;
    }
    return way;
}

static void find_beginning(auk_regexp *regexp)
{
    const auk_automaton *automaton = regexp->automaton;
    uint16_t state = AUK_AUTOMATON_START;
    while (regexp->beginning_size < LONGEST_BEGINNING && !automaton->accepts[state]) {
        char way = only_way(automaton, state);
        if (!way)
            return;
        regexp->beginning[regexp->beginning_size++] = way;
        state = auk_automaton_step(automaton, state, (uint32_t)way);
    }
}

auk_code auk_regexp_compile(auk_span expression, unsigned operators, bool any_case,
                            auk_arena *arena, const auk_regexp **out, auk_error *err)
{
    auk_regexp *regexp = AUK_ARENA_NEW(arena, auk_regexp);
    auk_automaton_syntax syntax = {.without = AUK_REGEXP_ALL & ~operators, .any_case = any_case};
    auk_code code = auk_automaton_compile_one(arena, expression, syntax, &regexp->automaton, err);
    if (code != AUK_OK)
        return code;
    find_beginning(regexp);
    *out = regexp;
    return AUK_OK;
}

bool auk_regexp_fits(const auk_regexp *regexp, auk_span text, size_t *dead)
{
    const auk_automaton *automaton = regexp->automaton;
    const char *end = text.data + text.size;
    uint16_t state = AUK_AUTOMATON_START;
    *dead = 0;
    for (size_t at = 0; at < text.size;) {
        uint32_t character;
        at += auk_unicode_next(text.data + at, end, &character);
        state = auk_automaton_step(automaton, state, character);
        if (state == AUK_AUTOMATON_DEAD) {
            *dead = at;
            return false;
        }
    }
    return automaton->accepts[state] != 0;
}

auk_span auk_regexp_beginning(const auk_regexp *regexp)
{
    return auk_span_make(regexp->beginning, regexp->beginning_size);
}
