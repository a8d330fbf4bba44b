/* What is refused, and in which words; limits of buckets and of memory; damaged columns. */
#include "aggregation_support.h"
#include "test.h"

static aggregation_fixture f;

static int setup(void **state)
{
    static const char *const documents[] = {
        "{'tag':'a','n':1,'at':'2024-01-01','text':'some words','p':0.5}",
        "{'tag':'b','n':200000,'at':'2024-12-31','p':1e300}",
    };
    (void)state;
    aggregation_setup(&f, "{'properties':{'tag':{'type':'keyword'},'n':{'type':'long'},"
                          "'at':{'type':'date'},'text':{'type':'text'},'p':{'type':'double'},"
                          "'plain':{'type':'keyword','doc_values':false}}}");
    aggregation_add(&f, documents, 2);
    aggregation_add(&f, documents, 2);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    aggregation_teardown(&f);
    return 0;
}

struct refusal {
    const char *name, *body, *type, *message; /* message: how it begins */
};

#define ARGUMENT "illegal_argument_exception"
#define PARSING  "parsing_exception"
#define CONTENT  "x_content_parse_exception"
#define RUNNING  "aggregation_execution_exception"

static const struct refusal refusals[] = {
    {"no object", "[]", PARSING, "Expected [START_OBJECT] but got a"},
    {"an unknown kind", "{'x':{'trems':{'field':'n'}}}", PARSING,
     "Unknown aggregation type [trems] did you mean [terms]?"},
    {"a kind far from all", "{'x':{'zzzzzzzz':{'field':'n'}}}", PARSING,
     "Unknown aggregation type [zzzzzzzz]"},
    {"no kind", "{'x':{}}", PARSING, "Missing definition for aggregation [x]"},
    {"two kinds", "{'x':{'min':{'field':'n'},'max':{'field':'n'}}}", PARSING,
     "Found two aggregation type definitions in [x]: [min] and [max]"},
    {"two lists of subs", "{'x':{'terms':{'field':'n'},'aggs':{},'aggregations':{}}}", PARSING,
     "Found two sub aggregation definitions under [x]"},
    {"a kind that is no object", "{'x':{'terms':'n'}}", PARSING,
     "Expected [START_OBJECT] under [terms], but got a string in [x]"},
    {"a name with a bracket", "{'x>y':{'min':{'field':'n'}}}", PARSING,
     "Invalid aggregation name [x>y]. Aggregation names can contain any character except"},
    {"subs of a figure", "{'x':{'min':{'field':'n'},'aggs':{'y':{'min':{'field':'n'}}}}}",
     "aggregation_initialization_exception",
     "Aggregator [x] of type [min] cannot accept sub-aggregations"},
    {"no field", "{'x':{'terms':{}}}", ARGUMENT,
     "Required one of fields [field, script], but none were specified."},
    {"an unknown member", "{'x':{'terms':{'field':'n','siz':3}}}", CONTENT,
     "[terms] unknown field [siz] did you mean [size]?"},
    {"a member of a wrong type", "{'x':{'terms':{'field':'n','size':'many'}}}", CONTENT,
     "[terms] size doesn't support values of type: VALUE_STRING"},
    {"size 0", "{'x':{'terms':{'field':'n','size':0}}}", ARGUMENT,
     "[size] must be greater than 0. Found [0] in [x]"},
    {"a negative min_doc_count", "{'x':{'terms':{'field':'n','min_doc_count':-1}}}", ARGUMENT,
     "[minDocCount] must be greater than or equal to 0. Found [-1] in [x]"},
    {"an order nowhere", "{'x':{'terms':{'field':'n','order':{'y':'asc'}}}}", RUNNING,
     "Invalid aggregation order path [y]. The provided aggregation [y] either does not exist"},
    {"an order without the figure",
     "{'x':{'terms':{'field':'n','order':{'y':'asc'}},'aggs':{'y':{'stats':{'field':'n'}}}}}",
     RUNNING, "Invalid aggregation order path [y]. When ordering on a multi-value metrics"},
    {"an order by an unknown figure",
     "{'x':{'terms':{'field':'n','order':{'y.p':'asc'}},'aggs':{'y':{'stats':{'field':'n'}}}}}",
     RUNNING, "Invalid aggregation order path [y.p]. Unknown metric name [p]"},
    {"an order by buckets",
     "{'x':{'terms':{'field':'n','order':{'y':'asc'}},'aggs':{'y':{'terms':{'field':'n'}}}}}",
     RUNNING, "Invalid aggregation order path [y]. Can't sort by a [terms] aggregation [y]"},
    {"an order through buckets",
     "{'x':{'terms':{'field':'n','order':{'y>z':'asc'}},'aggs':{'y':{'terms':{'field':'n'},"
     "'aggs':{'z':{'min':{'field':'n'}}}}}}}",
     RUNNING, "Invalid aggregation order path [y>z]. Can't sort by a descendant of a [terms]"},
    {"an order in no direction", "{'x':{'terms':{'field':'n','order':{'_key':'up'}}}}", PARSING,
     "Unknown order direction [up]"},
    {"a regular expression", "{'x':{'terms':{'field':'tag','include':'a|b'}}}", ARGUMENT,
     "regular expression [a|b] is not supported"},
    {"a pattern for numbers", "{'x':{'terms':{'field':'n','include':'1.*'}}}", ARGUMENT,
     "Aggregation [x] cannot support regular expression style include/exclude"},
    {"partitions", "{'x':{'terms':{'field':'tag','include':{'partition':0}}}}", ARGUMENT,
     "[terms] [include] by partitions is not supported"},
    {"text", "{'x':{'terms':{'field':'text'}}}", ARGUMENT,
     "Fielddata is disabled on [text] in [things]. Text fields are not optimised for operations "
     "that require per-document field data like aggregations and sorting"},
    {"a field without a column", "{'x':{'terms':{'field':'plain'}}}", ARGUMENT,
     "Can't load fielddata on [plain] because fielddata is unsupported on fields of type "
     "[keyword]. Use doc values instead."},
    {"a figure of keywords", "{'x':{'avg':{'field':'tag'}}}", ARGUMENT,
     "Field [tag] of type [keyword] is not supported for aggregation [avg]"},
    {"a reserved field", "{'x':{'terms':{'field':'_id'}}}", ARGUMENT,
     "Fielddata access on the _id field is disallowed"},
    {"a missing value of another type", "{'x':{'avg':{'field':'n','missing':'much'}}}", NULL, ""},
    {"no interval", "{'x':{'date_histogram':{'field':'at'}}}", ARGUMENT,
     "Required one of fields [interval, calendar_interval, fixed_interval], but none"},
    {"the old interval", "{'x':{'date_histogram':{'field':'at','interval':'1d'}}}", CONTENT,
     "[date_histogram] unknown field [interval]"},
    {"two days of the calendar", "{'x':{'date_histogram':{'field':'at','calendar_interval':'2d'}}}",
     ARGUMENT, "The supplied interval [2d] could not be parsed as a calendar interval."},
    {"a fixed month", "{'x':{'date_histogram':{'field':'at','fixed_interval':'1M'}}}", ARGUMENT,
     "failed to parse setting [date_histogram.fixedInterval] with value [1M] as a time value"},
    {"no time at all", "{'x':{'date_histogram':{'field':'at','fixed_interval':'0ms'}}}", ARGUMENT,
     "Zero or negative time interval not supported"},
    {"both intervals",
     "{'x':{'date_histogram':{'field':'at','fixed_interval':'1d','calendar_interval':'1d'}}}",
     ARGUMENT, "Cannot use [calendar_interval] with [fixed_interval] configuration option."},
    {"an unknown zone",
     "{'x':{'date_histogram':{'field':'at','fixed_interval':'1d','time_zone':'Atlantis/City'}}}",
     ARGUMENT, "Unknown time-zone ID: Atlantis/City"},
    {"bounds the wrong way",
     "{'x':{'date_histogram':{'field':'at','fixed_interval':'1d','extended_bounds':{"
     "'min':'2024-02','max':'2024-01'}}}}",
     ARGUMENT, "[extended_bounds.min][2024-02] cannot be greater than [extended_bounds.max]"},
    {"an unknown bound", "{'x':{'histogram':{'field':'n','interval':1,'hard_bounds':{'mn':1}}}}",
     CONTENT, "[bounds] unknown field [mn] did you mean [min]?"},
    {"an interval of 0", "{'x':{'histogram':{'field':'n','interval':0}}}", ARGUMENT,
     "[interval] must be >0 for histogram aggregation [x]"},
    {"a histogram without interval", "{'x':{'histogram':{'field':'n'}}}", ARGUMENT,
     "Required [interval]"},
    {"a format that is none", "{'x':{'sum':{'field':'n','format':'abc'}}}", ARGUMENT,
     "Malformed pattern \"abc\""},
    {"a date format that is none", "{'x':{'max':{'field':'at','format':'bb'}}}", ARGUMENT,
     "Invalid format: [bb]"},
    {"no ranges", "{'x':{'range':{'field':'n'}}}", ARGUMENT, "No [ranges] specified for the [x]"},
    {"a range without numbers", "{'x':{'range':{'field':'n','ranges':[{'from':'z'}]}}}",
     "number_format_exception", "For input string: \"z\""},
    {"no filters", "{'x':{'filters':{'filters':[]}}}", ARGUMENT, "[filters] cannot be empty."},
    {"a filter that is none", "{'x':{'filter':{'trem':{'tag':'a'}}}}", PARSING,
     "unknown query [trem] did you mean [term]?"},
    {"a member deep inside", "{'x':{'missing':{'field':'n'},'aggs':{'y':{'min':{'fild':'n'}}}}}",
     CONTENT, "[min] unknown field [fild] did you mean [field]?"},
    {"too many buckets in gaps", "{'x':{'histogram':{'field':'n','interval':1}}}",
     "too_many_buckets_exception",
     "Trying to create too many buckets. Must be less than or equal to: [65536] but was [65537]. "
     "This limit can be set by changing the [search.max_buckets] cluster level setting."},
    {"no end of buckets", "{'x':{'histogram':{'field':'p','interval':0.001}}}",
     "too_many_buckets_exception", "Trying to create too many buckets."},
    {"a minute each", "{'x':{'date_histogram':{'field':'at','calendar_interval':'minute'}}}",
     "too_many_buckets_exception", "Trying to create too many buckets."},
};
#define REFUSALS (sizeof refusals / sizeof refusals[0])

static void refuses(void **state)
{
    const struct refusal *refusal = *state;
    auk_error err;
    assert_int_equal(aggregation_fails(&f, refusal->body, &err), AUK_INVALID);
    if (refusal->type)
        assert_string_equal(auk_error_type(&err), refusal->type);
    if (strncmp(err.message, refusal->message, strlen(refusal->message)) != 0)
        assert_string_equal(err.message, refusal->message);
}

static void the_limit_counts_all_levels(void **state)
{
    (void)state;
    const char *body = "{'x':{'terms':{'field':'tag'},'aggs':{'y':{'terms':{'field':'n'}}}}}";
    auk_error err;
    f.max_buckets = 4;
    assert_non_null(strstr(aggregation_run(&f, body), "'key':200000,'doc_count':2"));
    f.max_buckets = 3;
    assert_int_equal(aggregation_fails(&f, body, &err), AUK_INVALID);
    assert_non_null(strstr(err.message, "[3] but was [4]"));
    f.max_buckets = 0;
}

static void memory_is_charged_before_it_is_used(void **state)
{
    (void)state;
    const char *body =
        "{'x':{'terms':{'field':'n'},'aggs':{'y':{'date_histogram':{'field':'at',"
        "'calendar_interval':'month'},'aggs':{'z':{'cardinality':{'field':'tag'}}}}}}}";
    auk_error err;
    f.budget = NULL;
    const char *expected = aggregation_run(&f, body);
    size_t needed = f.charged;
    assert_true(needed > 1000);
    /* a search may take 40 % of the whole */
    for (size_t least = 0; least < needed; least += needed / 50) {
        f.budget = auk_budget_create(least * 10 / 4);
        assert_int_equal(aggregation_fails(&f, body, &err), AUK_BUSY);
        assert_string_equal(auk_error_type(&err), "circuit_breaking_exception");
        assert_int_equal(auk_budget_used(f.budget, AUK_PURPOSE_SEARCH), 0);
        auk_budget_destroy(f.budget);
    }
    f.budget = auk_budget_create(needed * 3);
    assert_string_equal(aggregation_run(&f, body), expected);
    auk_budget_destroy(f.budget);
    f.budget = NULL;
}

/* ---- damage ---- */

static void aggregate_damaged(const auk_value *sound, uint32_t count, uint32_t v, size_t at,
                              const char *body)
{
    auk_value values[64];
    assert_true(count <= 64);
    memcpy(values, sound, count * sizeof *values);
    char *bytes = malloc(sound[v].bytes.size);
    memcpy(bytes, sound[v].bytes.data, sound[v].bytes.size);
    bytes[at] = (char)(bytes[at] ^ (1 << (at + v) % 8));
    values[v].bytes.data = bytes;
    auk_segment *segment;
    if (auk_segment_open(values, count, NULL, NULL, &segment, NULL) == AUK_OK) {
        const char *answer;
        auk_error err = {0};
        f.views[0].segment = segment;
        (void)!aggregation_try(&f, body, &answer, &err);
        auk_segment_release(segment);
    }
    free(bytes);
}

/* Every byte of columns and dictionaries, one after the other: an answer or an error, no crash. */
static void damaged_bytes_end_in_an_error_or_an_answer(void **state)
{
    (void)state;
    const char *body =
        "{'x':{'terms':{'field':'tag','missing':'c','order':{'y':'asc'}},'aggs':{'y':{"
        "'max':{'field':'p'}}}},'d':{'date_histogram':{'field':'at','min_doc_count':1,"
        "'calendar_interval':'month','time_zone':'Europe/Paris'}},'h':{'histogram':{'field':'p',"
        "'interval':10,'min_doc_count':1}},'c':{'cardinality':{'field':'tag'}},"
        "'r':{'range':{'field':'n','ranges':[{'from':5}]}},'n':{'terms':{'field':'n'},"
        "'aggs':{'y':{'terms':{'field':'tag','min_doc_count':0}}}},'m':{'missing':{'field':'n'}}}";
    uint32_t count;
    const auk_value *sound = auk_segment_values(f.segments[0], &count);
    auk_segment_view kept = f.views[0];
    auk_arena *arena = f.schema.arena;
    f.schema.arena = auk_arena_create(1 << 16);
    for (uint32_t v = 0; v < count; v++) {
        uint8_t kind = sound[v].kind;
        if (kind != AUK_KIND_COLUMN && kind != AUK_KIND_TERM_INDEX && kind != AUK_KIND_TERM_BLOCKS)
            continue;
        for (size_t at = 0; at < sound[v].bytes.size; at++) {
            aggregate_damaged(sound, count, v, at, body);
            auk_arena_reset(f.schema.arena);
        }
    }
    auk_arena_destroy(f.schema.arena);
    f.schema.arena = arena;
    f.views[0] = kept;
}

int main(void)
{
    struct CMUnitTest tests[REFUSALS + 3] = {{0}};
    for (size_t i = 0; i < REFUSALS; i++) {
        tests[i].name = refusals[i].name;
        tests[i].test_func = refuses;
        tests[i].initial_state = (void *)(uintptr_t)&refusals[i];
    }
    tests[REFUSALS] = (struct CMUnitTest)cmocka_unit_test(the_limit_counts_all_levels);
    tests[REFUSALS + 1] = (struct CMUnitTest)cmocka_unit_test(memory_is_charged_before_it_is_used);
    tests[REFUSALS + 2] =
        (struct CMUnitTest)cmocka_unit_test(damaged_bytes_end_in_an_error_or_an_answer);
    return cmocka_run_group_tests_name("aggregation errors", tests, setup, teardown);
}
