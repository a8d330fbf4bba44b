/* Documents through a mapping: values, new fields, errors in Elasticsearch's words. */
#include "test.h"

#include "schema_support.h"

static schema_fixture fixture;

static int setup(void **state)
{
    (void)state;
    return schema_fixture_setup(&fixture);
}

static int teardown(void **state)
{
    (void)state;
    schema_fixture_teardown(&fixture);
    return 0;
}

#define ONE(field) "{'properties':{'f':" field "}}"

struct document_case {
    const char *name;
    const char *mapping;
    const char *source;
    const char *want; /* as schema_show_document; or the error's message */
    const char *hint; /* not NULL: it fails */
};

static const struct document_case cases[] = {
    {"text", ONE("{'type':'text'}"), "{'f':'a b'}", "f=a b", NULL},
    {"text from a number", ONE("{'type':'text'}"), "{'f':1.50}", "f=1.50", NULL},
    {"text from a boolean", ONE("{'type':'text'}"), "{'f':true}", "f=true", NULL},
    {"arrays, flattened", ONE("{'type':'text'}"), "{'f':['a',['b',null,'c'],[]]}", "f=a f=b f=c",
     NULL},
    {"an object for text", ONE("{'type':'text'}"), "{'f':{'a':[1,'x'],'b':null}}",
     "[1:6] failed to parse field [f] of type [text] in document with id '7'. Preview of field's "
     "value: '{a=[1, x], b=null}'",
     "Can't get text on a START_OBJECT"},
    {"multi-fields",
     ONE("{'type':'text','fields':{'raw':{'type':'keyword','ignore_above':3},'n':{'type':'long',"
         "'ignore_malformed':true}}}"),
     "{'f':['abcd','12']}", "f=abcd f=12 f.n=12 f.raw=12 !f.n !f.raw", NULL},
    {"ignore_above counts characters", ONE("{'type':'keyword','ignore_above':3}"),
     "{'f':['\xc3\xa4\xc3\xa4\xc3\xa4','abcd']}", "f=\xc3\xa4\xc3\xa4\xc3\xa4 !f", NULL},
    {"null", ONE("{'type':'keyword'}"), "{'f':null}", "", NULL},
    {"null_value", ONE("{'type':'keyword','null_value':'none'}"), "{'f':['a',null]}", "f=a f=none",
     NULL},
    {"null_value of a number", ONE("{'type':'integer','null_value':'-1'}"), "{'f':[null,'']}",
     "f=-1 f=-1", NULL},
    {"neither index nor column", ONE("{'type':'keyword','index':false,'doc_values':false}"),
     "{'f':'a'}", "", NULL},

    {"long", ONE("{'type':'long'}"), "{'f':[1,'2',3.9,-9223372036854775808]}",
     "f=1 f=2 f=3 f=-9223372036854775808", NULL},
    {"long in words", ONE("{'type':'long'}"), "{'f':'x'}",
     "[1:6] failed to parse field [f] of type [long] in document with id '7'. Preview of field's "
     "value: 'x'",
     "For input string: \"x\""},
    {"long past its end", ONE("{'type':'long'}"), "{'f':9223372036854775808}",
     "[1:6] failed to parse field [f] of type [long] in document with id '7'. Preview of field's "
     "value: "
     "'9223372036854775808'",
     "Value [9223372036854775808] is out of range for a long"},
    {"integer at its ends", ONE("{'type':'integer'}"), "{'f':[-2147483648,2147483647]}",
     "f=-2147483648 f=2147483647", NULL},
    {"integer past its end", ONE("{'type':'integer'}"), "{'f':2147483648}",
     "[1:6] failed to parse field [f] of type [integer] in document with id '7'. Preview of "
     "field's value: '2147483648'",
     "Value [2147483648] is out of range for an integer"},
    {"short past its end", ONE("{'type':'short'}"), "{'f':-32769}",
     "[1:6] failed to parse field [f] of type [short] in document with id '7'. Preview of field's "
     "value: '-32769'",
     "Value [-32769] is out of range for a short"},
    {"byte past its end", ONE("{'type':'byte'}"), "{'f':'128'}",
     "[1:6] failed to parse field [f] of type [byte] in document with id '7'. Preview of field's "
     "value: '128'",
     "Value [128] is out of range for a byte"},
    {"a fraction without coerce", ONE("{'type':'integer','coerce':false}"), "{'f':1.5}",
     "[1:6] failed to parse field [f] of type [integer] in document with id '7'. Preview of "
     "field's value: '1.5'",
     "Value [1.5] has a decimal part"},
    {"a whole fraction without coerce", ONE("{'type':'integer','coerce':false}"), "{'f':1.0}",
     "f=1", NULL},
    {"a string without coerce", ONE("{'type':'integer','coerce':false}"), "{'f':'1'}",
     "[1:6] failed to parse field [f] of type [integer] in document with id '7'. Preview of "
     "field's value: '1'",
     "Integer value passed as String"},
    {"a boolean for a number", ONE("{'type':'integer'}"), "{'f':true}",
     "[1:6] failed to parse field [f] of type [integer] in document with id '7'. Preview of "
     "field's value: 'true'",
     "Current token (VALUE_TRUE) not numeric, can not use numeric value accessors"},
    {"ignore_malformed", ONE("{'type':'integer','ignore_malformed':true}"),
     "{'f':[1,'x',{'a':1},2,1e99]}", "f=1 f=2 !f", NULL},
    {"double", ONE("{'type':'double'}"), "{'f':[1,-2.5,'3e2',1e-300]}", "f=1 f=-2.5 f=300 f=1e-300",
     NULL},
    {"double past its end", ONE("{'type':'double'}"), "{'f':1e400}",
     "[1:6] failed to parse field [f] of type [double] in document with id '7'. Preview of field's "
     "value: '1e400'",
     "[double] supports only finite values, but got [1e400]"},
    {"float is rounded", ONE("{'type':'float'}"), "{'f':0.1}", "f=0.100000001", NULL},
    {"float past its end", ONE("{'type':'float'}"), "{'f':1e39}",
     "[1:6] failed to parse field [f] of type [float] in document with id '7'. Preview of field's "
     "value: '1e39'",
     "[float] supports only finite values, but got [1e39]"},
    {"boolean", ONE("{'type':'boolean'}"), "{'f':[true,false,'true','false','']}",
     "f=1 f=0 f=1 f=0 f=0", NULL},
    {"no boolean", ONE("{'type':'boolean'}"), "{'f':'yes'}",
     "[1:6] failed to parse field [f] of type [boolean] in document with id '7'. Preview of "
     "field's value: 'yes'",
     "Failed to parse value [yes] as only [true] or [false] are allowed."},
    {"date", ONE("{'type':'date'}"), "{'f':['2024-01-31T23:59:59Z',1704067200000,'1704067200000']}",
     "f=1706745599000 f=1704067200000 f=1704067200000", NULL},
    {"date of an own format", ONE("{'type':'date','format':'dd.MM.yyyy'}"), "{'f':'29.02.2024'}",
     "f=1709164800000", NULL},
    {"no date", ONE("{'type':'date'}"), "{'f':'now'}",
     "[1:6] failed to parse field [f] of type [date] in document with id '7'. Preview of field's "
     "value: 'now'",
     "failed to parse date field [now] with format [strict_date_optional_time||epoch_millis]"},
    {"ip", ONE("{'type':'ip'}"), "{'f':['1.2.3.4','2001:db8::1']}",
     "f=00000000000000000000ffff01020304 f=20010db8000000000000000000000001", NULL},
    {"no ip", ONE("{'type':'ip'}"), "{'f':'1.2.3'}",
     "[1:6] failed to parse field [f] of type [ip] in document with id '7'. Preview of field's "
     "value: '1.2.3'",
     "'1.2.3' is not an IP string literal."},

    {"copy_to",
     "{'properties':{'a':{'type':'text','copy_to':['all','n']},'all':{'type':'text','fields':{'k':{"
     "'type':"
     "'keyword'}}},'n':{'type':'long','ignore_malformed':true}}}",
     "{'a':'5'}", "a=5 all=5 all.k=5 n=5", NULL},
    {"copy_to a new field", "{'properties':{'a':{'type':'long','copy_to':'o.all'}}}", "{'a':5}",
     "a=5 +{'properties':{'o':{'properties':{'all':{'type':'long'}}}}}", NULL},
    {"objects and dotted names", "{'properties':{'u.n':{'type':'text'}}}",
     "{'u':[{'n':'a'},{'n':'b'}],'u.n':'c'}", "u.n=a u.n=b u.n=c", NULL},
    {"a disabled object", ONE("{'type':'object','enabled':false}"), "{'f':{'a':1},'f.b':2}", "",
     NULL},
    {"a value for an object", "{'properties':{'o.p.q':{'type':'long'}}}", "{'o':\n{ 'p':\n  3}}",
     "[3:3] object mapping for [o.p] tried to parse field [p] as object, but found a concrete "
     "value",
     ""},
    {"null for an object", "{'properties':{'o.p':{'type':'long'}}}", "{'o':null}", "", NULL},
    {"strict", "{'dynamic':'strict'}", "{'a':{'b':1}}",
     "[1:6] mapping set to strict, dynamic introduction of [a] within [_doc] is not allowed", ""},
    {"strict deeper down", "{'properties':{'o':{'type':'object','dynamic':'strict'}}}",
     "{'o':{'x':[1]}}",
     "[1:11] mapping set to strict, dynamic introduction of [x] within [o] is not allowed", ""},
    {"dynamic false", "{'dynamic':false,'properties':{'a':{'type':'long'}}}",
     "{'a':1,'b':2,'c.d':{'e':1}}", "a=1", NULL},
    {"true below false", "{'dynamic':false,'properties':{'o':{'type':'object','dynamic':true}}}",
     "{'a':1,'o':{'b':2}}", " +{'properties':{'o':{'properties':{'b':{'type':'long'}}}}}", NULL},
    {"metadata", "{}", "{'_id':1}",
     "[1:8] Field [_id] is a metadata field and cannot be added inside a document. Use the index "
     "API request parameters.",
     ""},
    {"an empty name", "{}", "{'':1}", "[1:5] failed to parse: field name cannot be an empty string",
     ""},
    {"a name that ends in a dot", "{}", "{'a..b':1}",
     "[1:9] failed to parse: field name starting or ending with a [.] makes object resolution "
     "ambiguous: [a..b]",
     ""},
    {"a dotted name below a field", "{'properties':{'a':{'type':'text'}}}", "{'a.b':1}",
     "[1:8] failed to parse: Could not dynamically add mapping for field [a.b]. Existing mapping "
     "for [a] must be of type "
     "object but found [text].",
     ""},
    {"no object", "{}", "[1]",
     "[1:1] failed to parse: Malformed content, must start with an object", ""},

    {"new fields of each kind", "{}",
     "{'s':'x','l':1,'d':1.5,'b':true,'n':null,'e':[],'t':'2024-01-01','u':'2024/01/01'}",
     " +{'properties':{'s':{'type':'text','fields':{'keyword':{'type':'keyword','ignore_above':256}"
     "}},'l':{'type':'long'},"
     "'d':{'type':'float'},'b':{'type':'boolean'},'t':{'type':'date'},'u':{'type':'date','format':"
     "'yyyy/MM/dd HH:mm:ss||yyyy/MM/dd||epoch_millis'}}}",
     NULL},
    {"digits are no date", "{}", "{'s':'2024'}",
     " +{'properties':{'s':{'type':'text','fields':{'keyword':{'type':'keyword','ignore_above':256}"
     "}}}}",
     NULL},
    {"without date detection", "{'date_detection':false}", "{'s':'2024-01-01'}",
     " +{'properties':{'s':{'type':'text','fields':{'keyword':{'type':'keyword','ignore_above':256}"
     "}}}}",
     NULL},
    {"with numeric detection", "{'numeric_detection':true}", "{'s':'1','t':'1.5'}",
     " +{'properties':{'s':{'type':'long'},'t':{'type':'float'}}}", NULL},
    {"new objects, each field once", "{}",
     "{'o':[{'a':1},{'a':2,'b':{'c':true}}],'p':{},'o.b.d':1}",
     " +{'properties':{'o':{'properties':{'a':{'type':'long'},'b':{'properties':{'c':{'type':'"
     "boolean'},'d':{'type':'long'}}}"
     "}},'p':{'type':'object'}}}",
     NULL},
    {"templates",
     "{'dynamic_templates':[{'ids':{'match':'*_id','mapping':{'type':'keyword'}}},{'en':{'path_"
     "match':'en.*',"
     "'match_mapping_type':'string','mapping':{'type':'text','analyzer':'english','meta':{'n':'{"
     "name}'}}}},{'all':"
     "{'match_mapping_type':'*','unmatch':'x*','mapping':{'type':'{dynamic_type}','index':false}}}]"
     "}",
     "{'a_id':1,'en':{'t':'x'},'l':2,'xl':3}",
     " +{'properties':{'a_id':{'type':'keyword'},'en':{'type':'object','index':false,'properties':{"
     "'t':{'type':'text',"
     "'analyzer':'english','meta':{'n':'t'}}}},'l':{'type':'long','index':false},'xl':{'type':'"
     "long'}}}",
     NULL},
};

static void parses(void **state)
{
    const struct document_case *c = *state;
    auk_mapping *mapping = NULL;
    auk_error err = {0};
    auk_document document;
    assert_int_equal(schema_mapping(&fixture, c->mapping, &mapping, &err), AUK_OK);
    auk_code code = auk_document_parse(mapping, schema_json(&fixture, c->source), AUK_SPAN("7"),
                                       fixture.arena, &document, &err);
    if (c->hint) {
        assert_string_equal(err.message, c->want);
        assert_string_equal(err.hint, c->hint);
        assert_int_equal(code, AUK_INVALID);
    } else {
        assert_string_equal(err.message, "");
        assert_string_equal(schema_show_document(&fixture, &document), c->want);
    }
    auk_mapping_release(mapping);
}

static void additions_merge_and_parse_again(void **state)
{
    (void)state;
    auk_mapping *one, *two;
    auk_document document;
    assert_int_equal(schema_mapping(&fixture,
                                    "{'properties':{'o':{'properties':{'a':{'type':'long'}}}}}",
                                    &one, NULL),
                     AUK_OK);
    const auk_json *source =
        schema_json(&fixture, "{'o':{'a':1,'t':'hi','p':{'q':2.5}},'x.y':'2024-01-01'}");
    assert_int_equal(auk_document_parse(one, source, AUK_SPAN("1"), fixture.arena, &document, NULL),
                     AUK_OK);
    assert_int_equal(auk_mapping_merge(one, document.additions, &two, NULL), AUK_OK);
    assert_int_equal(auk_document_parse(two, source, AUK_SPAN("1"), fixture.arena, &document, NULL),
                     AUK_OK);
    assert_string_equal(schema_show_document(&fixture, &document),
                        "o.a=1 o.t=hi o.t.keyword=hi o.p.q=2.5 x.y=1704067200000");
    auk_mapping_release(one);
    auk_mapping_release(two);
}

static void new_fields_stop_at_the_limit(void **state)
{
    (void)state;
    auk_settings *settings = auk_settings_create();
    auk_settings_put(settings, AUK_SPAN("index.mapping.total_fields.limit"), AUK_SPAN("3"));
    auk_mapping *m;
    auk_document document;
    auk_error err = {0};
    assert_int_equal(auk_mapping_create(NULL, settings, fixture.analysis, &m, NULL), AUK_OK);
    const auk_json *source = schema_json(&fixture, "{'a':'x','b':'y','c':'z'}");
    assert_int_equal(auk_document_parse(m, source, AUK_SPAN("1"), fixture.arena, &document, &err),
                     AUK_INVALID);
    assert_string_equal(err.message, "[1:14] failed to parse: Limit of total fields [3] has been "
                                     "exceeded while adding new fields [4]");
    assert_string_equal(auk_error_type(&err), "document_parsing_exception");
    auk_mapping_release(m);
    auk_settings_destroy(settings);
}

static void long_dotted_names_stop_at_the_depth(void **state)
{
    (void)state;
    static char text[20100];
    size_t size = 0;
    text[size++] = '{';
    text[size++] = '\'';
    for (int i = 0; i < 10000; i++) {
        text[size++] = 'a';
        text[size++] = '.';
    }
    memcpy(text + size, "a':1}", 6);
    auk_mapping *m, *unused;
    auk_document document;
    auk_error err = {0};
    assert_int_equal(schema_mapping(&fixture, "{}", &m, NULL), AUK_OK);
    assert_int_equal(auk_document_parse(m, schema_json(&fixture, text), AUK_SPAN("1"),
                                        fixture.arena, &document, &err),
                     AUK_INVALID);
    assert_non_null(strstr(err.message, "Limit of mapping depth [20] has been exceeded"));
    memcpy(text + size, "a':{}}", 7);
    const auk_json *properties[2] = {schema_json(&fixture, text), NULL};
    auk_json body = {.type = AUK_JSON_OBJECT, .count = 1};
    auk_json member = *properties[0];
    member.key = AUK_SPAN("properties");
    body.child = &member;
    assert_int_equal(auk_mapping_merge(m, &body, &unused, &err), AUK_INVALID);
    auk_mapping_release(m);
}

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define TEST(test)                                                                                 \
    (struct CMUnitTest)                                                                            \
    {                                                                                              \
#test, test, setup, teardown, NULL                                                         \
    }

int main(void)
{
    struct CMUnitTest tests[COUNT(cases) + 3] = {{0}};
    size_t n = 0;
    for (size_t i = 0; i < COUNT(cases); i++)
        tests[n++] = (struct CMUnitTest){cases[i].name, parses, setup, teardown,
                                         (void *)(uintptr_t)&cases[i]};
    tests[n++] = TEST(additions_merge_and_parse_again);
    tests[n++] = TEST(new_fields_stop_at_the_limit);
    tests[n++] = TEST(long_dotted_names_stop_at_the_depth);
    return cmocka_run_group_tests_name("document", tests, NULL, NULL);
}
