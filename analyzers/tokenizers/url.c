#include "url.h"

#include <pthread.h>
#include <string.h>

#include "auk/analyzer.h"
#include "automaton/automaton.h"
#include "top_level_domains.h"
#include "unicode.h"

enum { CHUNK_BYTES = 64 << 10 };

static const auk_automaton_part parts[] = {
    {"hex", "[0-9A-Fa-f]{1,4}", NULL},
    {"octet", "0{0,2}[0-9]|0?[1-9][0-9]|1[0-9][0-9]|2([0-4][0-9]|5[0-5])", NULL},
    {"v4", "<octet>(\\.<octet>){3}", NULL},
    {"end", "<v4>|<hex>:<hex>", NULL},
    {"v6",
     "(<hex>:){6}<end>|::(<hex>:){5}<end>|<hex>?::(<hex>:){4}<end>"
     "|((<hex>:){0,1}<hex>)?::(<hex>:){3}<end>|((<hex>:){0,2}<hex>)?::(<hex>:){2}<end>"
     "|((<hex>:){0,3}<hex>)?::<hex>:<end>|((<hex>:){0,4}<hex>)?::<end>"
     "|((<hex>:){0,5}<hex>)?::<hex>|((<hex>:){0,6}<hex>)?::",
     NULL},
    {"label", "[A-Za-z0-9]([\\-A-Za-z0-9]*[A-Za-z0-9])?", NULL},
    {"host", "\\[<v6>\\]|<v4>|<label>(\\.<label>)*", NULL},
    {"plain", "[\\-._~A-Za-z0-9]|%[0-9A-Fa-f]{2}", NULL},
    {"text", "<plain>|[!$&'()*+,;=]", NULL},
    {"login", "<text>*(:<text>*)?\\@", NULL},
    {"port", ":[0-9]{1,5}", NULL},
    {"path", "(/(<plain>|[;:\\@&=])*)+", NULL},
    {"query", "\\?(<text>|[:\\@/?])*", NULL},
    {"fragment", "\\#(<text>|[:\\@/?])*", NULL},
    {"tail", "<port>?<path>?<query>?<fragment>?", NULL},
    {"file", "(/(<plain>|[?:\\@&=])*)+", NULL},
    {"http", "[hH][tT][tT][pP][sS]?://<login>?<host><tail>", NULL},
    {"type", ";[tT][yY][pP][eE]=[aAiIdD]", NULL},
    {"ftp", "[fF][tT][pP]://<login>?<host><port>?<file><type>?<fragment>?", NULL},
    {"files", "[fF][iI][lL][eE]://<host>?<file><fragment>?", NULL},
    {"atom", "[A-Za-z0-9!#$%&'*+-/=?\\^_`{|}~]", NULL},
    {"quotable", NULL,
     "[\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u0021\\u0023-\\u005b\\u005d-\\u007e]"},
    {"bracketable", NULL, "[\\u0001-\\u0008\\u000b\\u000c\\u000e-\\u005a\\u005e-\\u007f]"},
    {"ascii", NULL, "[\\u0000-\\u007f]"},
    {"name", "<atom>+|\\\"(<quotable>|\\\\<ascii>)*\\\"", NULL},
    {NULL, NULL, NULL},
};

enum { WITH_SCHEME, ADDRESS, TAIL, LOCAL_PART, BRACKETED, AUTOMATA };

static const char *const expressions[AUTOMATA] = {
    [WITH_SCHEME] = "<http>|<ftp>|<files>",
    [ADDRESS] = "\\[<v6>\\]|<v4>",
    [TAIL] = "<tail>",
    [LOCAL_PART] = "<name>(\\.<name>)*\\@",
    [BRACKETED] = "\\[(<bracketable>|\\\\<ascii>)*\\]",
};

static pthread_once_t made = PTHREAD_ONCE_INIT;
static const auk_automaton *automata[AUTOMATA]; /* they live as long as the process */
static auk_arena *made_arena;
static auk_code made_code;
static auk_error made_error;

static void make(void)
{
    made_arena = auk_arena_create(CHUNK_BYTES);
    for (size_t i = 0; i < AUTOMATA && made_code == AUK_OK; i++) {
        auk_span expression = auk_span_of(expressions[i]);
        made_code =
            auk_automaton_compile(made_arena, &expression, 1, parts, &automata[i], &made_error);
    }
}

auk_code auk_url_prepare(auk_error *err)
{
    pthread_once(&made, make);
    return made_code == AUK_OK ? AUK_OK : auk_fail(err, made_code, "%s", made_error.message);
}

static size_t longest(int which, auk_span text)
{
    return auk_automaton_longest(automata[which], text).size;
}

static bool is_label(char byte)
{
    return (uint8_t)((byte | 0x20) - 'a') < 26 || (uint8_t)(byte - '0') < 10;
}

/* Those top level domains that begin with what was read so far. */
struct domains {
    size_t first;
    size_t last; /* behind them */
    size_t size;
};

/* The first of those from low on whose next character is not below limit. */
static size_t bound(size_t low, size_t high, size_t at, int limit)
{
    while (low < high) {
        size_t middle = low + (high - low) / 2;
        if (auk_top_level_domains[middle][at] < limit)
            low = middle + 1;
        else
            high = middle;
    }
    return low;
}

static void narrow(struct domains *domains, char byte)
{
    char lower = byte >= 'A' && byte <= 'Z' ? (char)(byte | 0x20) : byte;
    size_t at = domains->size++;
    domains->first = bound(domains->first, domains->last, at, lower);
    domains->last = bound(domains->first, domains->last, at, lower + 1);
}

static bool is_complete(const struct domains *domains)
{
    return domains->first < domains->last &&
           auk_top_level_domains[domains->first][domains->size] == '\0';
}

/* What fronts of a text are hosts. */
struct hosts {
    size_t longest;
    size_t before_dot; /* the longest one that a dot follows in the text, or 0 */
    bool doubtful;     /* an address whose front is one too: "1.2.3.45" */
};

/* Names with a known last label; a dot for the root may follow. */
static void find_names(auk_span text, struct hosts *hosts)
{
    for (size_t at = 0, labels = 0; at < text.size && is_label(text.data[at]); labels++) {
        struct domains domains = {0, labels > 0 ? auk_top_level_domain_count : 0, 0};
        for (; at < text.size && (is_label(text.data[at]) || text.data[at] == '-'); at++) {
            narrow(&domains, text.data[at]);
            if (is_complete(&domains))
                hosts->longest = at + 1;
        }
        if (at == text.size || text.data[at] != '.' || text.data[at - 1] == '-')
            return;
        if (is_complete(&domains)) {
            hosts->before_dot = at;
            hosts->longest = at + 1;
        }
        at++;
    }
}

static struct hosts find_hosts(auk_span text)
{
    struct hosts hosts = {0};
    find_names(text, &hosts);
    if (text.data[0] != '[' && (uint8_t)(text.data[0] - '0') >= 10)
        return hosts;
    size_t address = longest(ADDRESS, text);
    if (address > hosts.before_dot && address < text.size && text.data[address] == '.')
        hosts.before_dot = address;
    if (address > hosts.longest) {
        auk_span front = {text.data, address - 1};
        hosts.longest = address;
        hosts.doubtful = longest(ADDRESS, front) == address - 1;
    }
    return hosts;
}

/* A candidate: how far its rule looked, which decides, and what the token would be. */
struct candidate {
    size_t reach;
    auk_url_match match;
    bool refused;
};

static void offer(struct candidate *best, size_t reach, size_t size, uint8_t type)
{
    if (size > 0 && reach > best->reach)
        *best = (struct candidate){reach, {size, type}, false};
}

static size_t character_at(auk_span text, size_t at, uint32_t *character)
{
    return auk_unicode_next(text.data + at, text.data + text.size, character);
}

/*
 * A host alone. What follows it is looked at and counts: no letter, digit, hyphen or the like
 * may, or the host is refused. An address at the end of the text is refused by the same rule for
 * the sake of the shorter address inside of it, which a digit follows.
 */
static void offer_host(auk_span text, const struct hosts *hosts, bool avoid, struct candidate *best)
{
    uint32_t character;
    if (hosts->before_dot > 0)
        offer(best, hosts->before_dot + 1, hosts->before_dot, AUK_TOKEN_URL);
    if (hosts->longest == 0)
        return;
    if (hosts->longest < text.size) {
        size_t reach = hosts->longest + character_at(text, hosts->longest, &character);
        if (character != '-' && !auk_unicode_is_word(character))
            offer(best, reach, hosts->longest, AUK_TOKEN_URL);
        else if (!avoid && reach > best->reach)
            *best = (struct candidate){.reach = reach, .refused = true};
        return;
    }
    if (avoid || hosts->longest <= best->reach)
        return;
    if (hosts->doubtful)
        *best = (struct candidate){.reach = hosts->longest, .refused = true};
    else
        offer(best, hosts->longest, hosts->longest, AUK_TOKEN_URL);
}

static size_t email(auk_span text)
{
    size_t local = longest(LOCAL_PART, text);
    if (local == 0 || local == text.size)
        return 0;
    auk_span rest = auk_span_from(text, local);
    struct hosts hosts = {0};
    if (rest.data[0] == '[')
        hosts.longest = longest(BRACKETED, rest);
    else
        find_names(rest, &hosts);
    return hosts.longest > 0 ? local + hosts.longest : 0;
}

static void offer_emails(auk_span text, struct candidate *best)
{
    static const char mailto[] = "mailto";
    size_t at = 0, size;
    while (at < sizeof mailto - 1 && at < text.size && (text.data[at] | 0x20) == mailto[at])
        at++;
    if (at == sizeof mailto - 1 && at < text.size && text.data[at] == ':') {
        size = email(auk_span_from(text, at + 1));
        offer(best, at + 1 + size, size > 0 ? at : 0, AUK_TOKEN_ALPHANUM);
    }
    size = email(text);
    offer(best, size, size, AUK_TOKEN_EMAIL);
}

static struct candidate find(auk_span text, size_t word_size, bool has_at, bool avoid)
{
    struct candidate best = {0};
    struct hosts hosts = find_hosts(text);
    char first = (char)(text.data[0] | 0x20);
    size_t url = first == 'h' || first == 'f' ? longest(WITH_SCHEME, text) : 0;
    offer(&best, url, url, AUK_TOKEN_URL);
    if (hosts.longest > 0) {
        size_t tail = longest(TAIL, auk_span_from(text, hosts.longest));
        url = tail > 0 ? hosts.longest + tail : 0;
        offer(&best, url, url, AUK_TOKEN_URL);
    }
    offer_host(text, &hosts, avoid, &best);
    if (has_at)
        offer_emails(text, &best);
    if (word_size > best.reach)
        best = (struct candidate){.reach = word_size};
    return best;
}

auk_url_match auk_url_find(auk_span text, size_t word_size, bool has_at, bool *avoid)
{
    struct candidate best = find(text, word_size, has_at, *avoid);
    if (best.refused) {
        *avoid = true;
        best = find(text, word_size, has_at, true);
    }
    return best.match;
}
