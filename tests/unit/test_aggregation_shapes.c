/* The answers' JSON, kind by kind, over a few documents in three segments. */
#include "aggregation_support.h"
#include "test.h"

static aggregation_fixture f;

static const char mapping[] =
    "{'properties':{'tag':{'type':'keyword'},'n':{'type':'long'},'price':{'type':'double'},"
    "'ok':{'type':'boolean'},'at':{'type':'date'},'ip':{'type':'ip'},'text':{'type':'text'},"
    "'weight':{'type':'float'},'empty':{'type':'keyword'},'none':{'type':'long'}}}";

static int setup(void **state)
{
    static const char *const first[] = {
        "{'tag':['a','b'],'n':1,'price':1.5,'ok':true,'at':'2024-01-15T10:00:00Z','ip':'10.0.0.1'}",
        "{'tag':'b','n':[2,3],'price':2.5,'ok':false,'at':'2024-01-31T23:30:00Z','ip':'10.0.0.2'}",
    };
    static const char *const second[] = {
        "{'tag':'c','n':3,'at':'2024-03-31T12:00:00Z','ip':'10.0.0.1','weight':0.1}",
        "{'n':-4,'price':-7.25,'ok':true}",
    };
    static const char *const third[] = {
        "{'tag':'b','n':3,'price':1.5,'at':'2024-04-01T00:00:00Z'}"};
    (void)state;
    aggregation_setup(&f, mapping);
    aggregation_add(&f, first, 2);
    aggregation_add(&f, second, 2);
    aggregation_add(&f, third, 1);
    return 0;
}

static int teardown(void **state)
{
    (void)state;
    aggregation_teardown(&f);
    return 0;
}

struct shape {
    const char *name, *body, *answer;
};

static const struct shape shapes[] = {
    {"terms of keywords", "{'x':{'terms':{'field':'tag'}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':'b','doc_count':3},{'key':'a','doc_count':1},{'key':'c','doc_count':1}]}}"},
    {"terms are cut to size", "{'x':{'terms':{'field':'tag','size':1}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':2,'buckets':["
     "{'key':'b','doc_count':3}]}}"},
    {"terms by key descending", "{'x':{'terms':{'field':'tag','order':{'_key':'desc'}}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':'c','doc_count':1},{'key':'b','doc_count':3},{'key':'a','doc_count':1}]}}"},
    {"terms with a missing value that is new",
     "{'x':{'terms':{'field':'tag','missing':'bb','order':{'_key':'asc'}}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':'a','doc_count':1},{'key':'b','doc_count':3},{'key':'bb','doc_count':1},"
     "{'key':'c','doc_count':1}]}}"},
    {"terms with a missing value that is there", "{'x':{'terms':{'field':'tag','missing':'c'}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':'b','doc_count':3},{'key':'c','doc_count':2},{'key':'a','doc_count':1}]}}"},
    {"terms of longs", "{'x':{'terms':{'field':'n'}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':3,'doc_count':3},{'key':-4,'doc_count':1},{'key':1,'doc_count':1},"
     "{'key':2,'doc_count':1}]}}"},
    {"terms of doubles", "{'x':{'terms':{'field':'price','size':2}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':1,'buckets':["
     "{'key':1.5,'doc_count':2},{'key':-7.25,'doc_count':1}]}}"},
    {"terms of floats show the double", "{'x':{'terms':{'field':'weight'}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':0.10000000149011612,'doc_count':1}]}}"},
    {"terms of booleans", "{'x':{'terms':{'field':'ok'}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':1,'key_as_string':'true','doc_count':2},"
     "{'key':0,'key_as_string':'false','doc_count':1}]}}"},
    {"terms of dates",
     "{'x':{'terms':{'field':'at','size':1,'order':{'_key':'asc'},'format':'yyyy/MM/dd'}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':3,'buckets':["
     "{'key':1705312800000,'key_as_string':'2024/01/15','doc_count':1}]}}"},
    {"terms of addresses", "{'x':{'terms':{'field':'ip'}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':'10.0.0.1','doc_count':2},{'key':'10.0.0.2','doc_count':1}]}}"},
    {"terms of a field without values", "{'x':{'terms':{'field':'empty'}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':[]}}"},
    {"terms of no field", "{'x':{'terms':{'field':'nowhere'}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':[]}}"},
    {"terms of no field with a missing value",
     "{'x':{'terms':{'field':'nowhere','missing':'N/A'}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':'N/A','doc_count':5}]}}"},
    {"include a list", "{'x':{'terms':{'field':'tag','include':['c','a','zz']}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':'a','doc_count':1},{'key':'c','doc_count':1}]}}"},
    {"include a prefix, exclude a list",
     "{'x':{'terms':{'field':'ip','include':'.*','exclude':['10.0.0.2']}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':'10.0.0.1','doc_count':2}]}}"},
    {"exclude numbers", "{'x':{'terms':{'field':'n','exclude':[3,'1']}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':-4,'doc_count':1},{'key':2,'doc_count':1}]}}"},
    {"min_doc_count", "{'x':{'terms':{'field':'tag','min_doc_count':2}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':'b','doc_count':3}]}}"},
    {"min_doc_count 0 shows what did not match",
     "{'f':{'filter':{'term':{'n':-4}},'aggs':{'x':{'terms':{'field':'tag','min_doc_count':0}}}}}",
     "{'f':{'doc_count':1,'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':'a','doc_count':0},{'key':'b','doc_count':0},{'key':'c','doc_count':0}]}}}"},
    {"min_doc_count 0 inside buckets shows the terms of all segments",
     "{'n':{'terms':{'field':'n','include':[1,-4]},"
     "'aggs':{'x':{'terms':{'field':'tag','min_doc_count':0}}}}}",
     "{'n':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':-4,'doc_count':1,'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,"
     "'buckets':[{'key':'a','doc_count':0},{'key':'b','doc_count':0},{'key':'c','doc_count':0}]}},"
     "{'key':1,'doc_count':1,'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,"
     "'buckets':[{'key':'a','doc_count':1},{'key':'b','doc_count':1},{'key':'c','doc_count':0}]}}"
     "]}}"},
    {"terms ordered by a metric",
     "{'x':{'terms':{'field':'tag','order':{'m':'desc'}},'aggs':{'m':{'max':{'field':'n'}}}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':'b','doc_count':3,'m':{'value':3.0}},{'key':'c','doc_count':1,'m':{'value':3.0}},"
     "{'key':'a','doc_count':1,'m':{'value':1.0}}]}}"},
    {"terms ordered by one of several figures; no value comes last",
     "{'x':{'terms':{'field':'tag','size':2,'order':[{'s.avg':'asc'},{'_count':'desc'}]},"
     "'aggs':{'s':{'stats':{'field':'price'}}}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':1,'buckets':["
     "{'key':'a','doc_count':1,'s':{'count':1,'min':1.5,'max':1.5,'avg':1.5,'sum':1.5}},"
     "{'key':'b','doc_count':3,'s':{'count':3,'min':1.5,'max':2.5,'avg':1.8333333333333333,"
     "'sum':5.5}}]}}"},
    {"terms ordered through a single bucket",
     "{'x':{'terms':{'field':'tag','order':{'f>m':'asc'}},'aggs':{'f':{'filter':{'match_all':{}},"
     "'aggs':{'m':{'min':{'field':'n'}}}}}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':'a','doc_count':1,'f':{'doc_count':1,'m':{'value':1.0}}},"
     "{'key':'b','doc_count':3,'f':{'doc_count':3,'m':{'value':1.0}}},"
     "{'key':'c','doc_count':1,'f':{'doc_count':1,'m':{'value':3.0}}}]}}"},
    {"stats", "{'x':{'stats':{'field':'n'}}}",
     "{'x':{'count':6,'min':-4.0,'max':3.0,'avg':1.3333333333333333,'sum':8.0}}"},
    {"stats of nothing", "{'x':{'stats':{'field':'none'}}}",
     "{'x':{'count':0,'min':null,'max':null,'avg':null,'sum':0.0}}"},
    {"stats of no field, with a missing value", "{'x':{'stats':{'field':'nowhere','missing':2}}}",
     "{'x':{'count':5,'min':2.0,'max':2.0,'avg':2.0,'sum':10.0}}"},
    {"single figures",
     "{'a':{'min':{'field':'price'}},'b':{'max':{'field':'price'}},'c':{'sum':{'field':'price'}},"
     "'d':{'avg':{'field':'price'}},'e':{'value_count':{'field':'tag'}},"
     "'f':{'cardinality':{'field':'tag'}},'g':{'cardinality':{'field':'n'}}}",
     "{'a':{'value':-7.25},'b':{'value':2.5},'c':{'value':-1.75},'d':{'value':-0.4375},"
     "'e':{'value':5},'f':{'value':3},'g':{'value':4}}"},
    {"single figures of nothing",
     "{'a':{'min':{'field':'none'}},'b':{'avg':{'field':'none'}},'c':{'sum':{'field':'none'}},"
     "'d':{'value_count':{'field':'empty'}},'e':{'cardinality':{'field':'empty'}}}",
     "{'a':{'value':null},'b':{'value':null},'c':{'value':0.0},'d':{'value':0},'e':{'value':0}}"},
    {"figures of dates",
     "{'x':{'max':{'field':'at'}},'y':{'stats':{'field':'at','format':'yyyy'}}}",
     "{'x':{'value':1.7119296E12,'value_as_string':'2024-04-01T00:00:00.000Z'},"
     "'y':{'count':4,'min':1.7053128E12,'max':1.7119296E12,'avg':1.70896815E12,"
     "'sum':6.8358726E12,'min_as_string':'2024','max_as_string':'2024','avg_as_string':'2024',"
     "'sum_as_string':'2186'}}"},
    {"figures in a format", "{'x':{'sum':{'field':'price','format':'#,##0.00 EUR','missing':1e6}}}",
     "{'x':{'value':999998.25,'value_as_string':'999,998.25 EUR'}}"},
    {"extended stats", "{'x':{'extended_stats':{'field':'price'}}}",
     "{'x':{'count':4,'min':-7.25,'max':2.5,'avg':-0.4375,'sum':-1.75,'sum_of_squares':63.3125,"
     "'variance':15.63671875,'variance_population':15.63671875,"
     "'variance_sampling':20.848958333333332,'std_deviation':3.954329115033295,"
     "'std_deviation_population':3.954329115033295,'std_deviation_sampling':4.5660659580576946,"
     "'std_deviation_bounds':{'upper':7.47115823006659,'lower':-8.346158230066589,"
     "'upper_population':7.47115823006659,'lower_population':-8.346158230066589,"
     "'upper_sampling':8.694631916115389,'lower_sampling':-9.569631916115389}}}"},
    {"extended stats of nothing", "{'x':{'extended_stats':{'field':'none'}}}",
     "{'x':{'count':0,'min':null,'max':null,'avg':null,'sum':0.0,'sum_of_squares':null,"
     "'variance':null,'variance_population':null,'variance_sampling':null,'std_deviation':null,"
     "'std_deviation_population':null,'std_deviation_sampling':null,"
     "'std_deviation_bounds':{'upper':null,'lower':null,'upper_population':null,"
     "'lower_population':null,'upper_sampling':null,'lower_sampling':null}}}"},
    {"months, the empty one among them",
     "{'x':{'date_histogram':{'field':'at','calendar_interval':'month'}}}",
     "{'x':{'buckets':["
     "{'key_as_string':'2024-01-01T00:00:00.000Z','key':1704067200000,'doc_count':2},"
     "{'key_as_string':'2024-02-01T00:00:00.000Z','key':1706745600000,'doc_count':0},"
     "{'key_as_string':'2024-03-01T00:00:00.000Z','key':1709251200000,'doc_count':1},"
     "{'key_as_string':'2024-04-01T00:00:00.000Z','key':1711929600000,'doc_count':1}]}}"},
    {"months in a zone with summer time, filled ones left out",
     "{'x':{'date_histogram':{'field':'at','calendar_interval':'1M','time_zone':'Europe/Paris',"
     "'min_doc_count':1}}}",
     "{'x':{'buckets':["
     "{'key_as_string':'2024-01-01T00:00:00.000+01:00','key':1704063600000,'doc_count':1},"
     "{'key_as_string':'2024-02-01T00:00:00.000+01:00','key':1706742000000,'doc_count':1},"
     "{'key_as_string':'2024-03-01T00:00:00.000+01:00','key':1709247600000,'doc_count':1},"
     "{'key_as_string':'2024-04-01T00:00:00.000+02:00','key':1711922400000,'doc_count':1}]}}"},
    {"days keyed, in a format, with subs",
     "{'x':{'date_histogram':{'field':'at','fixed_interval':'60d','format':'yyyy-MM-dd',"
     "'keyed':true},'aggs':{'s':{'sum':{'field':'n'}}}}}",
     "{'x':{'buckets':{"
     "'2023-11-19':{'key_as_string':'2023-11-19','key':1700352000000,'doc_count':1,"
     "'s':{'value':1.0}},"
     "'2024-01-18':{'key_as_string':'2024-01-18','key':1705536000000,'doc_count':1,"
     "'s':{'value':5.0}},"
     "'2024-03-18':{'key_as_string':'2024-03-18','key':1710720000000,'doc_count':2,"
     "'s':{'value':6.0}}}}}"},
    {"bounds, extended and hard",
     "{'x':{'date_histogram':{'field':'at','calendar_interval':'month','format':'yyyy-MM',"
     "'extended_bounds':{'min':'2023-12','max':'2024-05'}}},"
     "'y':{'date_histogram':{'field':'at','calendar_interval':'month','format':'yyyy-MM',"
     "'hard_bounds':{'min':'2024-01','max':'2024-03'}}}}",
     "{'x':{'buckets':[{'key_as_string':'2023-12','key':1701388800000,'doc_count':0},"
     "{'key_as_string':'2024-01','key':1704067200000,'doc_count':2},"
     "{'key_as_string':'2024-02','key':1706745600000,'doc_count':0},"
     "{'key_as_string':'2024-03','key':1709251200000,'doc_count':1},"
     "{'key_as_string':'2024-04','key':1711929600000,'doc_count':1},"
     "{'key_as_string':'2024-05','key':1714521600000,'doc_count':0}]},"
     "'y':{'buckets':[{'key_as_string':'2024-01','key':1704067200000,'doc_count':2}]}}"},
    {"an offset, and order by count",
     "{'x':{'date_histogram':{'field':'at','calendar_interval':'day','offset':'-2h',"
     "'min_doc_count':1,'order':{'_count':'desc'}}}}",
     "{'x':{'buckets':["
     "{'key_as_string':'2024-01-14T22:00:00.000Z','key':1705269600000,'doc_count':1},"
     "{'key_as_string':'2024-01-31T22:00:00.000Z','key':1706738400000,'doc_count':1},"
     "{'key_as_string':'2024-03-30T22:00:00.000Z','key':1711836000000,'doc_count':1},"
     "{'key_as_string':'2024-03-31T22:00:00.000Z','key':1711922400000,'doc_count':1}]}}"},
    {"a date histogram of no field",
     "{'x':{'date_histogram':{'field':'nowhere','calendar_interval':'day'}}}",
     "{'x':{'buckets':[]}}"},
    {"histogram", "{'x':{'histogram':{'field':'n','interval':3}}}",
     "{'x':{'buckets':[{'key':-6.0,'doc_count':1},{'key':-3.0,'doc_count':0},"
     "{'key':0.0,'doc_count':2},{'key':3.0,'doc_count':3}]}}"},
    {"histogram with everything",
     "{'x':{'histogram':{'field':'price','interval':2.5,'offset':1,'keyed':true,'missing':100,"
     "'hard_bounds':{'min':-10,'max':3},'extended_bounds':{'min':-8,'max':8},'format':'0.0'}}}",
     "{'x':{'buckets':{'-9.0':{'key_as_string':'-9.0','key':-9.0,'doc_count':1},"
     "'-6.5':{'key_as_string':'-6.5','key':-6.5,'doc_count':0},"
     "'-4.0':{'key_as_string':'-4.0','key':-4.0,'doc_count':0},"
     "'-1.5':{'key_as_string':'-1.5','key':-1.5,'doc_count':0},"
     "'1.0':{'key_as_string':'1.0','key':1.0,'doc_count':3},"
     "'3.5':{'key_as_string':'3.5','key':3.5,'doc_count':0},"
     "'6.0':{'key_as_string':'6.0','key':6.0,'doc_count':0}}}}"},
    {"ranges, a document once in each",
     "{'x':{'range':{'field':'n','ranges':[{'from':2,'to':4},{'to':2},{'key':'all'},{'from':100}]}}"
     "}",
     "{'x':{'buckets':[{'key':'*-2.0','to':2.0,'doc_count':2},{'key':'all','doc_count':5},"
     "{'key':'2.0-4.0','from':2.0,'to':4.0,'doc_count':3},"
     "{'key':'100.0-*','from':100.0,'doc_count':0}]}}"},
    {"ranges keyed, with subs",
     "{'x':{'range':{'field':'price','keyed':true,'ranges':[{'from':0}]},"
     "'aggs':{'t':{'value_count':{'field':'tag'}}}}}",
     "{'x':{'buckets':{'0.0-*':{'from':0.0,'doc_count':3,'t':{'value':4}}}}}"},
    {"ranges of dates",
     "{'x':{'date_range':{'field':'at','format':'MM-yyyy','ranges':[{'to':'02-2024'},"
     "{'from':'02-2024||+1M'}]}}}",
     "{'x':{'buckets':[{'key':'*-02-2024','to':1.7067456E12,'to_as_string':'02-2024',"
     "'doc_count':2},{'key':'03-2024-*','from':1.7092512E12,'from_as_string':'03-2024',"
     "'doc_count':2}]}}"},
    {"a filter", "{'x':{'filter':{'term':{'tag':'b'}},'aggs':{'s':{'sum':{'field':'price'}}}}}",
     "{'x':{'doc_count':3,'s':{'value':5.5}}}"},
    {"filters with names, and the others",
     "{'x':{'filters':{'other_bucket_key':'rest','filters':{'b':{'term':{'tag':'b'}},"
     "'a':{'term':{'ok':true}}}}}}",
     "{'x':{'buckets':{'a':{'doc_count':2},'b':{'doc_count':3},'rest':{'doc_count':1}}}}"},
    {"filters without names",
     "{'x':{'filters':{'other_bucket':true,'filters':[{'term':{'tag':'b'}},{'match_all':{}}]}}}",
     "{'x':{'buckets':[{'doc_count':3},{'doc_count':5},{'doc_count':0}]}}"},
    {"missing", "{'x':{'missing':{'field':'tag'}},'y':{'missing':{'field':'nowhere'}}}",
     "{'x':{'doc_count':1},'y':{'doc_count':5}}"},
    {"meta is passed through, in front",
     "{'x':{'meta':{'color':'red','n':[1]},'max':{'field':'n'}}}",
     "{'x':{'meta':{'color':'red','n':[1]},'value':3.0}}"},
    {"filters below buckets of several values",
     "{'x':{'terms':{'field':'tag'},'aggs':{'f':{'filters':{'filters':{'t':{'term':{'ok':true}},"
     "'p':{'range':{'price':{'gte':1}}}}}}}}}",
     "{'x':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':'b','doc_count':3,'f':{'buckets':{'p':{'doc_count':3},'t':{'doc_count':1}}}},"
     "{'key':'a','doc_count':1,'f':{'buckets':{'p':{'doc_count':1},'t':{'doc_count':1}}}},"
     "{'key':'c','doc_count':1,'f':{'buckets':{'p':{'doc_count':0},'t':{'doc_count':0}}}}]}}"},
    {"empty buckets have empty subs",
     "{'x':{'histogram':{'field':'n','interval':3,'extended_bounds':{'min':6,'max':6}},"
     "'aggs':{'s':{'stats':{'field':'price'}},'t':{'terms':{'field':'tag'}}}}}",
     "{'x':{'buckets':["
     "{'key':-6.0,'doc_count':1,'s':{'count':1,'min':-7.25,'max':-7.25,'avg':-7.25,'sum':-7.25},"
     "'t':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':[]}},"
     "{'key':-3.0,'doc_count':0,'s':{'count':0,'min':null,'max':null,'avg':null,'sum':0.0},"
     "'t':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':[]}},"
     "{'key':0.0,'doc_count':2,'s':{'count':2,'min':1.5,'max':2.5,'avg':2.0,'sum':4.0},"
     "'t':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':'b','doc_count':2},{'key':'a','doc_count':1}]}},"
     "{'key':3.0,'doc_count':3,'s':{'count':2,'min':1.5,'max':2.5,'avg':2.0,'sum':4.0},"
     "'t':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
     "{'key':'b','doc_count':2},{'key':'c','doc_count':1}]}},"
     "{'key':6.0,'doc_count':0,'s':{'count':0,'min':null,'max':null,'avg':null,'sum':0.0},"
     "'t':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':[]}}]}}"},
};
#define SHAPES (sizeof shapes / sizeof shapes[0])

static void answers(void **state)
{
    const struct shape *shape = *state;
    assert_aggregates(&f, shape->body, shape->answer);
}

/* The same, document by document: batches have no say in it. */
static void answers_in_small_steps(void **state)
{
    const struct shape *shape = *state;
    f.step = 1;
    assert_aggregates(&f, shape->body, shape->answer);
    f.step = 0;
}

static void keys_are_typed(void **state)
{
    (void)state;
    f.typed_keys = true;
    assert_aggregates(&f,
                      "{'a':{'terms':{'field':'tag','size':1},'aggs':{'b':{'max':{'field':'n'}}}},"
                      "'c':{'terms':{'field':'n','include':[9]}},"
                      "'d':{'terms':{'field':'price','include':[9]}},"
                      "'e':{'terms':{'field':'nowhere'}},"
                      "'f':{'histogram':{'field':'none','interval':1}}}",
                      "{'sterms#a':{'doc_count_error_upper_bound':0,'sum_other_doc_count':2,"
                      "'buckets':[{'key':'b','doc_count':3,'max#b':{'value':3.0}}]},"
                      "'lterms#c':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,"
                      "'buckets':[]},"
                      "'dterms#d':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,"
                      "'buckets':[]},"
                      "'umterms#e':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,"
                      "'buckets':[]},'histogram#f':{'buckets':[]}}");
    f.typed_keys = false;
}

static void nothing_at_all_has_an_answer(void **state)
{
    (void)state;
    aggregation_fixture empty;
    aggregation_setup(&empty, mapping);
    assert_aggregates(
        &empty,
        "{'a':{'terms':{'field':'tag'}},'b':{'stats':{'field':'n'}},"
        "'c':{'date_histogram':{'field':'at','calendar_interval':'year','format':'yyyy',"
        "'extended_bounds':{'min':'2020','max':'2021'}}},"
        "'d':{'range':{'field':'n','ranges':[{'to':1}]}},"
        "'e':{'filter':{'match_all':{}},'aggs':{'f':{'min':{'field':'n'}}}},"
        "'g':{'cardinality':{'field':'n'}},'h':{'missing':{'field':'n'}}}",
        "{'a':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':[]},"
        "'b':{'count':0,'min':null,'max':null,'avg':null,'sum':0.0},"
        "'c':{'buckets':[{'key_as_string':'2020-01-01T00:00:00.000Z','key':1577836800000,"
        "'doc_count':0},{'key_as_string':'2021-01-01T00:00:00.000Z','key':1609459200000,"
        "'doc_count':0}]},"
        "'d':{'buckets':[{'key':'*-1.0','to':1.0,'doc_count':0}]},"
        "'e':{'doc_count':0,'f':{'value':null}},'g':{'value':0},'h':{'doc_count':0}}");
    aggregation_teardown(&empty);
}

static void indices_of_different_types_are_joined_or_refused(void **state)
{
    static const char *const whole[] = {"{'v':1,'k':'a'}", "{'v':2,'k':'b'}"};
    static const char *const real[] = {"{'v':2,'k':3}", "{'v':2.5}"};
    static const char *const other[] = {"{'z':1}"};
    (void)state;
    aggregation_fixture mixed;
    auk_error err;
    aggregation_setup(&mixed, "{'properties':{'v':{'type':'long'},'k':{'type':'keyword'}}}");
    aggregation_add(&mixed, whole, 2);
    aggregation_next_index(&mixed, "{'properties':{'v':{'type':'double'},'k':{'type':'long'}}}");
    aggregation_add(&mixed, real, 2);
    aggregation_next_index(&mixed, "{'properties':{'z':{'type':'long'}}}");
    aggregation_add(&mixed, other, 1);
    assert_aggregates(
        &mixed,
        "{'t':{'terms':{'field':'v','order':{'_key':'asc'}}},'c':{'cardinality':{'field':'v'}},"
        "'s':{'stats':{'field':'v'}},'h':{'histogram':{'field':'v','interval':2}},"
        "'r':{'range':{'field':'v','ranges':[{'to':2},{'from':2}]}},"
        "'n':{'value_count':{'field':'k'}}}",
        "{'t':{'doc_count_error_upper_bound':0,'sum_other_doc_count':0,'buckets':["
        "{'key':1.0,'doc_count':1},{'key':2.0,'doc_count':2},{'key':2.5,'doc_count':1}]},"
        "'c':{'value':3},'s':{'count':4,'min':1.0,'max':2.5,'avg':1.875,'sum':7.5},"
        "'h':{'buckets':[{'key':0.0,'doc_count':1},{'key':2.0,'doc_count':3}]},"
        "'r':{'buckets':[{'key':'*-2.0','to':2.0,'doc_count':1},"
        "{'key':'2.0-*','from':2.0,'doc_count':3}]},'n':{'value':3}}");
    assert_int_equal(aggregation_fails(&mixed, "{'x':{'terms':{'field':'k'}}}", &err), AUK_INVALID);
    assert_string_equal(auk_error_type(&err), "aggregation_execution_exception");
    aggregation_teardown(&mixed);
}

int main(void)
{
    struct CMUnitTest tests[2 * SHAPES + 3] = {{0}};
    for (size_t i = 0; i < SHAPES; i++) {
        tests[i] = (struct CMUnitTest){.name = shapes[i].name, .test_func = answers};
        tests[i].initial_state = (void *)(uintptr_t)&shapes[i];
        tests[SHAPES + i] = tests[i];
        tests[SHAPES + i].test_func = answers_in_small_steps;
    }
    tests[2 * SHAPES] = (struct CMUnitTest)cmocka_unit_test(keys_are_typed);
    tests[2 * SHAPES + 1] = (struct CMUnitTest)cmocka_unit_test(nothing_at_all_has_an_answer);
    tests[2 * SHAPES + 2] =
        (struct CMUnitTest)cmocka_unit_test(indices_of_different_types_are_joined_or_refused);
    return cmocka_run_group_tests_name("aggregation shapes", tests, setup, teardown);
}
