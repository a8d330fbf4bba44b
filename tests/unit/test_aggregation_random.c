/* Aggregations over a random corpus in segments of very different sizes, against naive counts. */
#include <math.h>

#include "aggregation_support.h"
#include "auk/date_format.h"
#include "test.h"

#define DOCS    12000u
#define TAGS    40u
#define MOST    3u  /* values of one document */
#define NUMBERS 101 /* of them, around 0 */

static const char mapping[] =
    "{'properties':{'tag':{'type':'keyword'},'wide':{'type':'keyword'},'num':{'type':'long'},"
    "'one':{'type':'long'},'val':{'type':'double'},'at':{'type':'date'}}}";

typedef struct item {
    uint32_t tags[MOST], tag_count; /* ascending, no two alike */
    int nums[MOST], num_count;      /* ascending, may repeat */
    int64_t one;
    bool has_val, has_at;
    double val;
    int64_t at;
    uint32_t wide;
} item;

static item items[DOCS];
static aggregation_fixture f;
static uint64_t seed = 88172645463325252u;

static uint32_t pick(uint32_t below)
{
    seed ^= seed << 13;
    seed ^= seed >> 7;
    seed ^= seed << 17;
    return (uint32_t)(seed >> 20) % below;
}

static void make_item(item *out)
{
    uint32_t tags = pick(MOST + 1), nums = pick(MOST + 1);
    for (uint32_t t = 0, last = 0; t < tags; t++) {
        last += pick(10) + (t > 0);
        out->tags[out->tag_count++] = last;
    }
    for (uint32_t n = 0; n < nums; n++) {
        int least = n ? out->nums[n - 1] : -NUMBERS / 2;
        out->nums[out->num_count++] = least + (int)pick((uint32_t)(NUMBERS / 2 - least + 1));
    }
    out->one = (int64_t)pick(2000) - 1000;
    out->has_val = pick(4) != 0;
    out->val = (double)((int)pick(4000) - 2000) / 4;
    out->has_at = pick(5) != 0;
    out->at = 1680000000000 + (int64_t)pick(1000) * 86400000 + pick(86400000);
    out->wide = pick(9000);
}

static const char *describe(const item *from)
{
    auk_buffer text;
    auk_buffer_init(&text, 4096);
    auk_buffer_printf(&text, "{'one':%lld,'wide':'w%u','tag':[", (long long)from->one, from->wide);
    for (uint32_t i = 0; i < from->tag_count; i++)
        auk_buffer_printf(&text, "%s'tag-%02u'", i ? "," : "", from->tags[i]);
    auk_buffer_append_text(&text, "],'num':[");
    for (int i = 0; i < from->num_count; i++)
        auk_buffer_printf(&text, "%s%d", i ? "," : "", from->nums[i]);
    auk_buffer_append_byte(&text, ']');
    if (from->has_val)
        auk_buffer_printf(&text, ",'val':%.2f", from->val);
    if (from->has_at)
        auk_buffer_printf(&text, ",'at':%lld", (long long)from->at);
    auk_buffer_append_byte(&text, '}');
    const char *copy = auk_arena_copy(f.schema.arena, auk_buffer_span(&text)).data;
    auk_buffer_deinit(&text);
    return copy;
}

static int setup(void **state)
{
    static const uint32_t sizes[] = {5000, 1, 300, 4096, 2, 2601};
    static const char *texts[DOCS];
    (void)state;
    aggregation_setup(&f, mapping);
    for (uint32_t i = 0; i < DOCS; i++) {
        make_item(&items[i]);
        texts[i] = describe(&items[i]);
    }
    for (uint32_t s = 0, at = 0; s < sizeof sizes / sizeof sizes[0]; at += sizes[s++])
        aggregation_add(&f, texts + at, sizes[s]);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    aggregation_teardown(&f);
    return 0;
}

/* ---- expected texts ---- */

static auk_buffer expected;

static void begin(const char *text)
{
    auk_buffer_init(&expected, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_text(&expected, text);
}

static void put_double(double value)
{
    auk_json_writer writer;
    auk_json_writer_init(&writer, &expected, false);
    auk_json_double(&writer, value);
}

/* In one go and in odd batches. */
static void check(const char *body)
{
    static const uint32_t steps[] = {0, 1, 7, 1024, 1500};
    auk_buffer_append_byte(&expected, '\0');
    for (size_t i = 0; i < sizeof steps / sizeof steps[0]; i++) {
        f.step = steps[i];
        assert_aggregates(&f, body, expected.data);
    }
    f.step = 0;
    f.windows = true;
    assert_aggregates(&f, body, expected.data);
    f.windows = false;
    auk_buffer_deinit(&expected);
}

static bool has_tag(const item *from, uint32_t tag)
{
    for (uint32_t i = 0; i < from->tag_count; i++)
        if (from->tags[i] == tag)
            return true;
    return false;
}

static bool has_num(const item *from, int num)
{
    for (int i = 0; i < from->num_count; i++)
        if (from->nums[i] == num)
            return true;
    return false;
}

/* ---- tests ---- */

typedef struct counted {
    int64_t key;
    uint64_t count;
} counted;

static int by_count(const void *a, const void *b)
{
    const counted *left = a, *right = b;
    if (left->count != right->count)
        return left->count > right->count ? -1 : 1;
    return (left->key > right->key) - (left->key < right->key);
}

static void terms_of_keywords_with_stats(void **state)
{
    (void)state;
    counted tags[TAGS] = {{0}};
    uint64_t total = 0, shown = 0;
    for (uint32_t t = 0; t < TAGS; t++)
        tags[t].key = t;
    for (uint32_t i = 0; i < DOCS; i++)
        for (uint32_t t = 0; t < items[i].tag_count; t++, total++)
            tags[items[i].tags[t]].count++;
    qsort(tags, TAGS, sizeof *tags, by_count);
    for (uint32_t t = 0; t < 7; t++)
        shown += tags[t].count;
    begin("{'x':{'doc_count_error_upper_bound':0,");
    auk_buffer_printf(&expected, "'sum_other_doc_count':%llu,'buckets':[",
                      (unsigned long long)(total - shown));
    for (uint32_t t = 0; t < 7; t++) {
        uint64_t count = 0;
        int64_t sum = 0, min = INT64_MAX, max = INT64_MIN;
        for (uint32_t i = 0; i < DOCS; i++)
            if (has_tag(&items[i], (uint32_t)tags[t].key)) {
                count++;
                sum += items[i].one;
                min = items[i].one < min ? items[i].one : min;
                max = items[i].one > max ? items[i].one : max;
            }
        auk_buffer_printf(&expected,
                          "%s{'key':'tag-%02d','doc_count':%llu,'s':{'count':%llu,'min':",
                          t ? "," : "", (int)tags[t].key, (unsigned long long)tags[t].count,
                          (unsigned long long)count);
        put_double((double)min);
        auk_buffer_append_text(&expected, ",'max':");
        put_double((double)max);
        auk_buffer_append_text(&expected, ",'avg':");
        put_double((double)sum / (double)count);
        auk_buffer_append_text(&expected, ",'sum':");
        put_double((double)sum);
        auk_buffer_append_text(&expected, "}}");
    }
    auk_buffer_append_text(&expected, "]}}");
    check("{'x':{'terms':{'field':'tag','size':7},'aggs':{'s':{'stats':{'field':'one'}}}}}");
}

static void terms_of_numbers_count_a_document_once(void **state)
{
    (void)state;
    begin("{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':[");
    bool first = true;
    for (int n = -NUMBERS / 2; n <= NUMBERS / 2; n++) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < DOCS; i++)
            count += has_num(&items[i], n);
        if (count)
            auk_buffer_printf(&expected, "%s{'key':%d,'doc_count':%u}", first ? "" : ",", n, count);
        first &= count == 0;
    }
    auk_buffer_append_text(&expected, "]}}");
    check("{'x':{'terms':{'field':'num','size':1000,'order':{'_key':'asc'}}}}");
}

static void numbers_of_different_values_are_exact(void **state)
{
    (void)state;
    static bool wide[9000];
    bool nums[NUMBERS] = {0}, tags[TAGS] = {0};
    uint32_t wides = 0, num_count = 0, value_count = 0, tag_count = 1; /* with the missing one */
    for (uint32_t i = 0; i < DOCS; i++) {
        wides += !wide[items[i].wide];
        wide[items[i].wide] = true;
        for (uint32_t t = 0; t < items[i].tag_count; t++) {
            tag_count += !tags[items[i].tags[t]];
            tags[items[i].tags[t]] = true;
        }
        for (int n = 0; n < items[i].num_count; n++, value_count++) {
            bool *seen = &nums[items[i].nums[n] + NUMBERS / 2];
            num_count += !*seen;
            *seen = true;
        }
    }
    begin("{");
    auk_buffer_printf(&expected,
                      "'a':{'value':%u},'b':{'value':%u},'c':{'value':%u},'d':{'value':%u}}", wides,
                      num_count, value_count, tag_count);
    check("{'a':{'cardinality':{'field':'wide'}},'b':{'cardinality':{'field':'num'}},"
          "'c':{'value_count':{'field':'num'}},"
          "'d':{'cardinality':{'field':'tag','missing':'none'}}}");
}

static int by_term(const void *a, const void *b)
{
    char left[16], right[16];
    const counted *one = a, *other = b;
    if (one->count != other->count)
        return one->count > other->count ? -1 : 1;
    snprintf(left, sizeof left, "w%d", (int)one->key);
    snprintf(right, sizeof right, "w%d", (int)other->key);
    return strcmp(left, right);
}

static void many_terms_are_cut_after_they_are_joined(void **state)
{
    (void)state;
    static counted wides[9000];
    uint64_t others = DOCS;
    for (uint32_t w = 0; w < 9000; w++)
        wides[w] = (counted){w, 0};
    for (uint32_t i = 0; i < DOCS; i++)
        wides[items[i].wide].count++;
    qsort(wides, 9000, sizeof *wides, by_term);
    for (uint32_t w = 0; w < 12; w++)
        others -= wides[w].count;
    begin("{'x':{'doc_count_error_upper_bound':0,");
    auk_buffer_printf(&expected, "'sum_other_doc_count':%llu,'buckets':[",
                      (unsigned long long)others);
    for (uint32_t w = 0; w < 12; w++)
        auk_buffer_printf(&expected, "%s{'key':'w%d','doc_count':%llu}", w ? "," : "",
                          (int)wides[w].key, (unsigned long long)wides[w].count);
    auk_buffer_append_text(&expected, "]}}");
    check("{'x':{'terms':{'field':'wide','size':12}}}");
}

static void put_histogram_of_one(uint32_t wide)
{
    static uint32_t counts[2000];
    memset(counts, 0, sizeof counts);
    for (uint32_t i = 0; i < DOCS; i++)
        if (items[i].wide == wide)
            counts[items[i].one + 1000]++;
    for (int n = 0, some = 0; n < 2000; n++)
        if (counts[n])
            auk_buffer_printf(&expected, "%s{'key':%d.0,'doc_count':%u}", some++ ? "," : "",
                              n - 1000, counts[n]);
}

/* So many owners that their rows of counters give way to a hash table. */
static void many_owners_with_many_keys(void **state)
{
    (void)state;
    static counted wides[9000];
    for (uint32_t w = 0; w < 9000; w++)
        wides[w] = (counted){w, 0};
    for (uint32_t i = 0; i < DOCS; i++)
        wides[items[i].wide].count++;
    qsort(wides, 9000, sizeof *wides, by_term);
    uint32_t others = DOCS;
    for (uint32_t w = 0; w < 9; w++)
        others -= (uint32_t)wides[w].count;
    begin("{'x':{'doc_count_error_upper_bound':0,");
    auk_buffer_printf(&expected, "'sum_other_doc_count':%u,'buckets':[", others);
    for (uint32_t w = 0; w < 9; w++) {
        auk_buffer_printf(&expected, "%s{'key':'w%d','doc_count':%u,'y':{'buckets':[", w ? "," : "",
                          (int)wides[w].key, (unsigned)wides[w].count);
        put_histogram_of_one((uint32_t)wides[w].key);
        auk_buffer_append_text(&expected, "]}}");
    }
    auk_buffer_append_text(&expected, "]}}");
    check("{'x':{'terms':{'field':'wide','size':9},'aggs':{'y':{'histogram':{'field':'one',"
          "'interval':1,'min_doc_count':1}}}}}");
}

static int by_key(const void *a, const void *b)
{
    int64_t left = *(const int64_t *)a, right = *(const int64_t *)b;
    return (left > right) - (left < right);
}

struct dates {
    const char *name, *parameters, *zone;
    char unit;
    int64_t interval_ms, offset_ms;
};

static const struct dates dates[] = {
    {"years", "'calendar_interval':'year'", "", 'y', 0, 0},
    {"quarters of New York", "'calendar_interval':'quarter'", "America/New_York", 'q', 0, 0},
    {"months of Kathmandu", "'calendar_interval':'month'", "Asia/Kathmandu", 'M', 0, 0},
    {"months late by a day", "'calendar_interval':'month','offset':'1d'", "", 'M', 0, 86400000},
    {"weeks", "'calendar_interval':'week'", "", 'w', 0, 0},
    {"weeks of Paris", "'calendar_interval':'1w'", "Europe/Paris", 'w', 0, 0},
    {"weeks ahead of Greenwich", "'calendar_interval':'1w'", "+05:30", 'w', 0, 0},
    {"days of Paris", "'calendar_interval':'day'", "Europe/Paris", 'd', 0, 0},
    {"days from six", "'calendar_interval':'day','offset':'+6h'", "Europe/Paris", 'd', 0, 21600000},
    {"days of Lord Howe", "'calendar_interval':'day'", "Australia/Lord_Howe", 'd', 0, 0},
    {"hours of Paris", "'calendar_interval':'hour'", "Europe/Paris", 'h', 0, 0},
    {"minutes of a region", "'calendar_interval':'minute'", "Europe/Paris", 'm', 0, 0},
    {"intervals", "'fixed_interval':'36h'", "", 0, 129600000, 0},
    {"intervals, moved", "'fixed_interval':'7m','offset':'-3s'", "", 0, 420000, -3000},
};

static void dates_fall_into_their_buckets(void **state)
{
    const struct dates *how = *state;
    static int64_t starts[DOCS];
    uint32_t count = 0;
    for (uint32_t i = 0; i < DOCS; i++) {
        if (!items[i].has_at)
            continue;
        int64_t shifted = items[i].at - how->offset_ms, start;
        if (how->unit)
            assert_int_equal(auk_date_floor(shifted, how->unit, auk_span_of(how->zone), &start,
                                            NULL),
                             AUK_OK);
        else
            start = shifted - shifted % how->interval_ms;
        starts[count++] = start + how->offset_ms;
    }
    qsort(starts, count, sizeof *starts, by_key);
    begin("{'x':{'buckets':[");
    for (uint32_t i = 0, last = 0; i < count; i = last) {
        while (last < count && starts[last] == starts[i])
            last++;
        auk_buffer_printf(&expected, "%s{'key_as_string':'%lld','key':%lld,'doc_count':%u}",
                          i ? "," : "", (long long)starts[i], (long long)starts[i], last - i);
    }
    auk_buffer_append_text(&expected, "]}}");
    auk_span body = auk_arena_printf(f.schema.arena,
                                     "{'x':{'date_histogram':{'field':'at','min_doc_count':1,'"
                                     "format':'epoch_millis',%s%s%s%s}}}",
                                     how->parameters, *how->zone ? ",'time_zone':'" : "", how->zone,
                                     *how->zone ? "'" : "");
    check(body.data);
}

static void a_region_s_intervals_are_even_in_local_time(void **state)
{
    (void)state;
    const char *answer = aggregation_run(
        &f, "{'x':{'date_histogram':{'field':'at','fixed_interval':'1d','min_doc_count':1,"
            "'time_zone':'Europe/Paris','format':'HH:mm:ss'}}}");
    for (const char *at = answer; (at = strstr(at, "'key_as_string':'")) != NULL; at++)
        assert_memory_equal(at + 17, "00:00:00", 8);
}

#define GAP_HOURS 60

static void gaps_are_filled(void **state)
{
    (void)state;
    uint32_t counts[GAP_HOURS] = {0}, first = 0, last = GAP_HOURS - 1;
    int64_t hour = 3600000, from = 1680000000000 + 3 * 86400000;
    from -= from % hour;
    for (uint32_t i = 0; i < DOCS; i++)
        if (items[i].has_at && items[i].at >= from && items[i].at < from + GAP_HOURS * hour)
            counts[(items[i].at - from) / hour]++;
    while (!counts[first])
        first++;
    while (!counts[last])
        last--;
    begin("{'x':{'buckets':[");
    for (uint32_t i = first; i <= last; i++) {
        long long start = (long long)(from + i * hour);
        auk_buffer_printf(&expected, "%s{'key_as_string':'%lld','key':%lld,'doc_count':%u}",
                          i > first ? "," : "", start, start, counts[i]);
    }
    auk_buffer_append_text(&expected, "]}}");
    auk_span body = auk_arena_printf(
        f.schema.arena,
        "{'x':{'date_histogram':{'field':'at','fixed_interval':'1h','format':'epoch_millis',"
        "'hard_bounds':{'min':%lld,'max':%lld}}}}",
        (long long)from, (long long)(from + GAP_HOURS * hour));
    check(body.data);
}

static void histograms_of_doubles(void **state)
{
    (void)state;
    begin("{'x':{'buckets':[");
    bool first = true;
    for (int index = -120; index < 120; index++) {
        uint32_t count = 0;
        for (uint32_t i = 0; i < DOCS; i++)
            count += items[i].has_val && (int)floor((items[i].val - 1.5) / 6.25) == index;
        if (!count)
            continue;
        auk_buffer_append_text(&expected, first ? "{'key':" : ",{'key':");
        put_double((double)index * 6.25 + 1.5);
        auk_buffer_printf(&expected, ",'doc_count':%u}", count);
        first = false;
    }
    auk_buffer_append_text(&expected, "]}}");
    check("{'x':{'histogram':{'field':'val','interval':6.25,'offset':1.5,'min_doc_count':1}}}");
}

static void three_levels(void **state)
{
    (void)state;
    begin("{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':[");
    bool first = true;
    for (uint32_t tag = 0; tag < TAGS; tag++) {
        uint32_t all = 0, counts[3] = {0};
        double sums[3] = {0};
        for (uint32_t i = 0; i < DOCS; i++) {
            if (!has_tag(&items[i], tag))
                continue;
            all++;
            for (int n = 0; n < 3; n++)
                if (has_num(&items[i], n)) {
                    counts[n]++;
                    sums[n] += items[i].has_val ? items[i].val : 0;
                }
        }
        if (!all)
            continue;
        auk_buffer_printf(&expected,
                          "%s{'key':'tag-%02u','doc_count':%u,'y':{'doc_count_error_upper_bound':0,"
                          "'sum_other_doc_count':0,'buckets':[",
                          first ? "" : ",", tag, all);
        first = false;
        for (int n = 2, any = 0; n >= 0; n--) {
            if (!counts[n])
                continue;
            auk_buffer_printf(&expected, "%s{'key':%d,'doc_count':%u,'z':{'value':", any ? "," : "",
                              n, counts[n]);
            put_double(sums[n]);
            auk_buffer_append_text(&expected, "}}");
            any = 1;
        }
        auk_buffer_append_text(&expected, "]}}");
    }
    auk_buffer_append_text(&expected, "]}}");
    check("{'x':{'terms':{'field':'tag','size':100,'order':{'_key':'asc'}},'aggs':{'y':{"
          "'terms':{'field':'num','include':[0,1,2],'order':{'_key':'desc'}},"
          "'aggs':{'z':{'sum':{'field':'val'}}}}}}}");
}

static bool in_range(const item *from, int least, int end)
{
    for (int n = 0; n < from->num_count; n++)
        if (from->nums[n] >= least && from->nums[n] < end)
            return true;
    return false;
}

static void ranges_and_filters_below_each_other(void **state)
{
    (void)state;
    uint32_t counts[2] = {0}, filtered[2][3] = {{0}}, none[2] = {0};
    for (uint32_t i = 0; i < DOCS; i++)
        for (int r = 0; r < 2; r++) {
            if (!in_range(&items[i], r ? -5 : -100, r ? 20 : 3))
                continue;
            bool tag = has_tag(&items[i], 3), high = items[i].one >= 100;
            counts[r]++;
            filtered[r][0] += high;
            filtered[r][1] += tag;
            filtered[r][2] += !tag && !high;
            none[r] += !items[i].has_val;
        }
    begin("{'x':{'buckets':[");
    for (int r = 0; r < 2; r++)
        auk_buffer_printf(&expected,
                          "%s,'doc_count':%u,'f':{'buckets':{'high':{'doc_count':%u},"
                          "'tag':{'doc_count':%u},'_other_':{'doc_count':%u}}},"
                          "'m':{'doc_count':%u}}",
                          r ? ",{'key':'-5.0-20.0','from':-5.0,'to':20.0"
                            : "{'key':'*-3.0','to':3.0",
                          counts[r], filtered[r][0], filtered[r][1], filtered[r][2], none[r]);
    auk_buffer_append_text(&expected, "]}}");
    check("{'x':{'range':{'field':'num','ranges':[{'from':-5,'to':20},{'to':3}]},'aggs':{"
          "'f':{'filters':{'other_bucket':true,'filters':{'tag':{'term':{'tag':'tag-03'}},"
          "'high':{'range':{'one':{'gte':100}}}}}},'m':{'missing':{'field':'val'}}}}}");
}

#define DATES (sizeof dates / sizeof dates[0])

int main(void)
{
    static const struct CMUnitTest single[] = {
        cmocka_unit_test(terms_of_keywords_with_stats),
        cmocka_unit_test(terms_of_numbers_count_a_document_once),
        cmocka_unit_test(numbers_of_different_values_are_exact),
        cmocka_unit_test(many_terms_are_cut_after_they_are_joined),
        cmocka_unit_test(many_owners_with_many_keys),
        cmocka_unit_test(a_region_s_intervals_are_even_in_local_time),
        cmocka_unit_test(gaps_are_filled),
        cmocka_unit_test(histograms_of_doubles),
        cmocka_unit_test(three_levels),
        cmocka_unit_test(ranges_and_filters_below_each_other),
    };
    enum { SINGLE = sizeof single / sizeof single[0] };
    struct CMUnitTest tests[SINGLE + DATES] = {{0}};
    memcpy(tests, single, sizeof single);
    for (size_t i = 0; i < DATES; i++) {
        tests[SINGLE + i].name = dates[i].name;
        tests[SINGLE + i].test_func = dates_fall_into_their_buckets;
        tests[SINGLE + i].initial_state = (void *)(uintptr_t)&dates[i];
    }
    return cmocka_run_group_tests_name("aggregation random", tests, setup, teardown);
}
