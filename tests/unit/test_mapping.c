/* Mappings: what is shown, what is refused and in which words, what a merge keeps. */
#include "test.h"

#include "auk/date_format.h"
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

struct show_case {
    const char *name;
    const char *body;
    const char *want; /* NULL: as given */
};

static const struct show_case show_cases[] = {
    {"an empty mapping", "{}", NULL},
    {"fields in name order", "{'properties':{'b':{'type':'long'},'a':{'type':'text'}}}",
     "{'properties':{'a':{'type':'text'},'b':{'type':'long'}}}"},
    {"multi-fields and copy_to",
     "{'properties':{'t':{'type':'text','fields':{'raw':{'type':'keyword','ignore_above':256}},'"
     "copy_to':['all']}}}",
     NULL},
    {"copy_to is a list", "{'properties':{'t':{'type':'text','copy_to':'all'}}}",
     "{'properties':{'t':{'type':'text','copy_to':['all']}}}"},
    {"defaults are not shown",
     "{'properties':{'t':{'type':'text','index':true,'norms':true,'analyzer':'default'},'k':{'type'"
     ":'keyword',"
     "'doc_values':'true','norms':false,'ignore_above':2147483647},'d':{'type':'date','format':"
     "'strict_date_optional_time||epoch_millis'},'n':{'type':'long','coerce':true}}}",
     "{'properties':{'d':{'type':'date'},'k':{'type':'keyword'},'n':{'type':'long'},'t':{'type':'"
     "text'}}}"},
    {"parameters of text",
     "{'properties':{'t':{'type':'text','index':false,'store':true,'analyzer':'english','search_"
     "analyzer':'simple',"
     "'index_options':'docs','norms':false,'term_vector':'with_positions','fielddata':true,'"
     "position_increment_gap':0,"
     "'eager_global_ordinals':true,'meta':{'unit':'ms'}}}}",
     NULL},
    {"a search analyzer shows the default one",
     "{'properties':{'t':{'type':'text','search_analyzer':'simple'}}}",
     "{'properties':{'t':{'type':'text','analyzer':'default','search_analyzer':'simple'}}}"},
    {"null values of each kind",
     "{'properties':{'a':{'type':'ip','null_value':'::1'},'b':{'type':'boolean','null_value':true},"
     "'d':{'type':'date',"
     "'null_value':'2024-01-01'},'k':{'type':'keyword','null_value':'NULL'},'n':{'type':'integer','"
     "null_value':-1}}}",
     NULL},
    {"objects", "{'properties':{'u':{'properties':{'n':{'type':'text'}}},'v':{'type':'object'}}}",
     NULL},
    {"a type beside properties is not shown",
     "{'properties':{'u':{'type':'object','properties':{'n':{'type':'text'}}}}}",
     "{'properties':{'u':{'properties':{'n':{'type':'text'}}}}}"},
    {"dotted names are objects", "{'properties':{'u.n':{'type':'text'},'u.m.x':{'type':'long'}}}",
     "{'properties':{'u':{'properties':{'m':{'properties':{'x':{'type':'long'}}},'n':{'type':'text'"
     "}}}}}"},
    {"dynamic and enabled",
     "{'dynamic':false,'properties':{'u':{'type':'object','dynamic':'strict'},'v':{'type':'object',"
     "'enabled':false}}}",
     "{'dynamic':'false','properties':{'u':{'type':'object','dynamic':'strict'},'v':{'type':'"
     "object','enabled':false}}}"},
    {"what the root has",
     "{'dynamic':'true','dynamic_date_formats':['yyyy'],'dynamic_templates':[{'s':{'match_mapping_"
     "type':'string','mapping':"
     "{'type':'keyword'}}}],'date_detection':false,'numeric_detection':true,'_meta':{'a':[1]},'_"
     "routing':{'required':true},"
     "'_source':{'enabled':false}}",
     NULL},
};

static void shows(void **state)
{
    const struct show_case *c = *state;
    auk_mapping *mapping = NULL;
    auk_error err = {0};
    auk_code code = schema_mapping(&fixture, c->body, &mapping, &err);
    assert_string_equal(err.message, "");
    assert_int_equal(code, AUK_OK);
    assert_string_equal(schema_show(&fixture, mapping, false), c->want ? c->want : c->body);

    /* The stored form gives the same back, numbers and version included. */
    const char *stored = schema_show(&fixture, mapping, true);
    auk_mapping *again = NULL;
    assert_int_equal(schema_mapping(&fixture, stored, &again, NULL), AUK_OK);
    assert_string_equal(schema_show(&fixture, again, true), stored);
    auk_mapping_release(again);
    auk_mapping_release(mapping);
}

struct refuse_case {
    const char *name;
    const char *before; /* NULL: create, else merge into this */
    const char *body;
    const char *type;
    const char *message;
    const char *hint;
};

#define MAPPER     "mapper_parsing_exception"
#define ILLEGAL    "illegal_argument_exception"
#define ONE(field) "{'properties':{'f':" field "}}"

static const struct refuse_case refuse_cases[] = {
    {"unknown parameter", NULL, ONE("{'type':'text','analyser':'x'}"), MAPPER,
     "unknown parameter [analyser] on mapper [f] of type [text]", "did you mean [analyzer]?"},
    {"parameter of another type", NULL, ONE("{'type':'long','analyzer':'standard'}"), MAPPER,
     "unknown parameter [analyzer] on mapper [f] of type [long]", ""},
    {"unknown type", NULL, ONE("{'type':'keywrod'}"), MAPPER,
     "No handler for type [keywrod] declared on field [f]", "did you mean [keyword]?"},
    {"no type", NULL, ONE("{'analyzer':'standard'}"), MAPPER, "No type specified for field [f]",
     ""},
    {"unknown analyzer", NULL, ONE("{'type':'text','analyzer':'standart'}"), MAPPER,
     "Failed to parse mapping: analyzer [standart] has not been configured in mappings",
     "did you mean [standard]?"},
    {"unknown normalizer", NULL, ONE("{'type':'keyword','normalizer':'nix'}"), MAPPER,
     "Failed to parse mapping: normalizer [nix] not found for field [f]", ""},
    {"unknown similarity", NULL, ONE("{'type':'text','similarity':'DFR'}"), MAPPER,
     "Failed to parse mapping: Unknown Similarity type [DFR] for field [f]", ""},
    {"bad date format", NULL, ONE("{'type':'date','format':'yyyy-bb'}"), MAPPER,
     "Failed to parse mapping: Error parsing [format] on field [f]: Invalid format: [yyyy-bb]: "
     "Unknown pattern letter: b",
     ""},
    {"bad null_value", NULL, ONE("{'type':'byte','null_value':300}"), MAPPER,
     "Failed to parse mapping: Error parsing [null_value] on field [f]: Value [300] is out of "
     "range for a byte",
     ""},
    {"a null parameter", NULL, ONE("{'type':'text','index':null}"), MAPPER,
     "[index] on mapper [f] of type [text] must not have a [null] value", ""},
    {"index_prefixes", NULL, ONE("{'type':'text','index_prefixes':{}}"), MAPPER,
     "parameter [index_prefixes] on mapper [f] of type [text] is not supported", ""},
    {"dynamic: runtime", NULL, "{'dynamic':'runtime'}", MAPPER,
     "[dynamic: runtime] is not supported", ""},
    {"unknown root parameter", NULL, "{'propertys':{}}", MAPPER,
     "Root mapping definition has unsupported parameters:  [propertys : {}]",
     "did you mean [properties]?"},
    {"unknown object parameter", NULL, ONE("{'type':'object','fields':{}}"), MAPPER,
     "Mapping definition for [f] has unsupported parameters:  [fields : {}]", ""},
    {"_source includes", NULL, "{'_source':{'includes':['a']}}", MAPPER,
     "parameter [includes] on [_source] is not supported", ""},
    {"metadata as a property", NULL, "{'properties':{'_id':{'type':'keyword'}}}", MAPPER,
     "Field [_id] is defined more than once", ""},
    {"multi-field in a multi-field", NULL,
     ONE("{'type':'text','fields':{'a':{'type':'text','fields':{'b':{'type':'text'}}}}}"), MAPPER,
     "Encountered a multi-field [a] which itself contains a multi-field. Defining chained "
     "multi-fields is not supported.",
     ""},
    {"copy to an object", NULL,
     "{'properties':{'o':{'type':'object'},'t':{'type':'text','copy_to':'o'}}}", ILLEGAL,
     "Cannot copy to field [o] since it is mapped as an object", ""},
    {"copy to a multi-field", NULL,
     "{'properties':{'a':{'type':'text','fields':{'raw':{'type':'keyword'}}},'t':{'type':'text','"
     "copy_to':'a.raw'}}}",
     ILLEGAL, "[copy_to] may not be used to copy to a multi-field: [a.raw]", ""},
    {"an empty name", NULL, "{'properties':{'':{'type':'text'}}}", MAPPER,
     "Failed to parse mapping: field name cannot be an empty string", ""},
    {"a field that is an object, too", NULL,
     "{'properties':{'a':{'type':'text'},'a.b':{'type':'text'}}}", MAPPER,
     "Field [a] is defined both as an object and a field", ""},
    {"a number twice", NULL,
     "{'properties':{'a':{'type':'text','auk_number':16},'b':{'type':'text','auk_number':16}}}",
     MAPPER, "[auk_number] 16 of [b] is taken", ""},
    {"template with a broken regex", NULL,
     "{'dynamic_templates':[{'a':{'match':'x(','match_pattern':'regex','mapping':{'type':'long'}}}]"
     "}",
     MAPPER, "Pattern [x(] of type [regex] is invalid. Cannot create dynamic template [a].", ""},
    {"template with an unknown kind of pattern", NULL,
     "{'dynamic_templates':[{'a':{'match':'x','match_pattern':'glob','mapping':{'type':'long'}}}]"
     "}",
     MAPPER, "No matching pattern matched on [glob]", ""},
    {"template with a runtime field", NULL,
     "{'dynamic_templates':[{'a':{'match':'x','runtime':{'type':'long'}}}]}", MAPPER,
     "[runtime: {\"type\":\"long\"}] in dynamic template [a] is not supported", ""},
    {"template with an unknown type", NULL,
     "{'dynamic_templates':[{'a':{'match_mapping_type':'strin','mapping':{'type':'long'}}}]}",
     MAPPER,
     "No field type matched on [strin], possible values are [object, string, long, double, "
     "boolean, date, binary]",
     "did you mean [string]?"},

    {"another type", ONE("{'type':'text'}"), ONE("{'type':'long'}"), ILLEGAL,
     "mapper [f] cannot be changed from type [text] to [long]", ""},
    {"a field to an object", ONE("{'type':'text'}"), ONE("{'properties':{'a':{'type':'long'}}}"),
     ILLEGAL, "mapper [f] cannot be changed from type [text] to [ObjectMapper]", ""},
    {"an object to a field", ONE("{'type':'object'}"), ONE("{'type':'long'}"), ILLEGAL,
     "can't merge a non object mapping [f] with an object mapping", ""},
    {"another type deeper down", "{'properties':{'o':{'properties':{'f':{'type':'byte'}}}}}",
     "{'properties':{'o.f':{'type':'long'}}}", ILLEGAL,
     "mapper [o.f] cannot be changed from type [byte] to [long]", ""},
    {"fixed parameters", ONE("{'type':'text'}"),
     ONE("{'type':'text','index':false,'analyzer':'english'}"), ILLEGAL,
     "Mapper for [f] conflicts with existing mapper:\n\tCannot update parameter [index] from "
     "[true] to [false]\n\tCannot "
     "update parameter [analyzer] from [default] to [english]",
     ""},
    {"another date format", ONE("{'type':'date'}"), ONE("{'type':'date','format':'yyyy'}"), ILLEGAL,
     "Mapper for [f] conflicts with existing mapper:\n\tCannot update parameter [format] from "
     "[strict_date_optional_time||epoch_millis] to [yyyy]",
     ""},
    {"norms back on", ONE("{'type':'text','norms':false}"), ONE("{'type':'text'}"), ILLEGAL,
     "Mapper for [f] conflicts with existing mapper:\n\tCannot update parameter [norms] from "
     "[false] to [true]",
     ""},
    {"enabled", ONE("{'type':'object'}"), ONE("{'type':'object','enabled':false}"),
     "mapper_exception", "the [enabled] parameter can't be updated for the object mapping [f]", ""},
};

static void refuses(void **state)
{
    const struct refuse_case *c = *state;
    auk_mapping *before = NULL, *mapping = NULL;
    auk_error err = {0};
    auk_code code;
    if (c->before) {
        assert_int_equal(schema_mapping(&fixture, c->before, &before, NULL), AUK_OK);
        code = schema_merge(&fixture, before, c->body, &mapping, &err);
    } else {
        code = schema_mapping(&fixture, c->body, &mapping, &err);
    }
    assert_int_equal(code, AUK_INVALID);
    assert_string_equal(err.message, c->message);
    assert_string_equal(err.hint, c->hint);
    assert_string_equal(auk_error_type(&err), c->type);
    assert_null(mapping);
    auk_mapping_release(before);
}

static void a_merge_keeps_numbers_and_adds(void **state)
{
    (void)state;
    auk_mapping *one, *two, *three;
    assert_int_equal(schema_mapping(&fixture,
                                    "{'properties':{'m':{'type':'text'},'x':{'type':'long'}}}",
                                    &one, NULL),
                     AUK_OK);
    assert_int_equal(auk_mapping_find(one, AUK_SPAN("m"))->number, 16);
    assert_int_equal(auk_mapping_find(one, AUK_SPAN("x"))->number, 17);
    assert_int_equal(
        schema_merge(
            &fixture, one,
            "{'properties':{'a':{'type':'keyword'},'m':{'type':'text','fields':{'raw':{'type':"
            "'keyword'}}}}}",
            &two, NULL),
        AUK_OK);
    assert_int_equal(auk_mapping_version(two), 2);
    assert_int_equal(auk_mapping_find(two, AUK_SPAN("m"))->number, 16);
    assert_int_equal(auk_mapping_find(two, AUK_SPAN("x"))->number, 17);
    assert_int_equal(auk_mapping_find(two, AUK_SPAN("a"))->number, 18);
    assert_int_equal(auk_mapping_find(two, AUK_SPAN("m.raw"))->number, 19);
    assert_ptr_equal(auk_mapping_by_number(two, 19), auk_mapping_find(two, AUK_SPAN("m.raw")));
    assert_null(auk_mapping_by_number(two, 20));
    assert_null(auk_mapping_by_number(two, 3));
    assert_ptr_equal(auk_mapping_find(two, AUK_SPAN("m.raw"))->parent,
                     auk_mapping_find(two, AUK_SPAN("m")));
    assert_int_equal(auk_mapping_field_count(one), 2);
    assert_null(auk_mapping_find(one, AUK_SPAN("a")));
    /* The older version outlives nothing it needs. */
    auk_mapping_release(one);
    const char *stored = schema_show(&fixture, two, true);
    assert_int_equal(schema_mapping(&fixture, stored, &three, NULL), AUK_OK);
    assert_int_equal(auk_mapping_version(three), 2);
    assert_int_equal(auk_mapping_find(three, AUK_SPAN("a"))->number, 18);
    auk_mapping_release(two);
    auk_mapping_release(three);
}

static void a_merge_changes_what_may_change(void **state)
{
    (void)state;
    auk_mapping *one, *two;
    assert_int_equal(
        schema_mapping(
            &fixture,
            "{'dynamic':'strict','properties':{'k':{'type':'keyword','ignore_above':5},'t':{'type':"
            "'text','fielddata':true},'d':{'type':'date'}}}",
            &one, NULL),
        AUK_OK);
    assert_int_equal(schema_merge(&fixture, one,
                                  "{'dynamic':true,'properties':{'k':{'type':'keyword','ignore_"
                                  "above':9},'t':{'type':'text'},"
                                  "'d':{'type':'date'}},'date_detection':false}",
                                  &two, NULL),
                     AUK_OK);
    assert_string_equal(schema_show(&fixture, two, false),
                        "{'dynamic':'true','date_detection':false,'properties':{'d':{'type':'date'}"
                        ",'k':"
                        "{'type':'keyword','ignore_above':9},'t':{'type':'text'}}}");
    assert_int_equal(auk_mapping_find(two, AUK_SPAN("k"))->ignore_above, 9);
    auk_mapping_release(one);
    auk_mapping_release(two);
}

static void fields_carry_their_parameters(void **state)
{
    (void)state;
    auk_mapping *m;
    assert_int_equal(
        schema_mapping(
            &fixture,
            "{'properties':{'t':{'type':'text','analyzer':'english','search_analyzer':'simple',"
            "'index_options':'freqs','norms':false,'position_increment_gap':7},'k':{'type':'"
            "keyword',"
            "'normalizer':'lower','index':false},'n':{'type':'long','coerce':false,'null_value':4}}"
            ","
            "'_routing':{'required':true}}",
            &m, NULL),
        AUK_OK);
    const auk_field *t = auk_mapping_find(m, AUK_SPAN("t"));
    assert_true(auk_span_is(auk_analyzer_name(t->analyzer), "english"));
    assert_true(auk_span_is(auk_analyzer_name(t->search_analyzer), "simple"));
    assert_ptr_equal(t->search_quote_analyzer, t->search_analyzer);
    assert_true(t->freqs && !t->positions && !t->norms && t->indexed && !t->doc_values);
    assert_int_equal(t->position_gap, 7);
    const auk_field *k = auk_mapping_find(m, AUK_SPAN("k"));
    assert_true(!k->indexed && k->doc_values && k->normalizer);
    const auk_field *n = auk_mapping_find(m, AUK_SPAN("n"));
    assert_true(!n->coerce && n->has_null_value && auk_span_is(n->null_value, "4"));
    assert_true(auk_mapping_routing_required(m) && auk_mapping_source_enabled(m));
    auk_mapping_release(m);
}

static void limits_hold(void **state)
{
    (void)state;
    auk_settings *settings = auk_settings_create();
    auk_settings_put(settings, AUK_SPAN("index.mapping.total_fields.limit"), AUK_SPAN("3"));
    auk_settings_put(settings, AUK_SPAN("index.mapping.depth.limit"), AUK_SPAN("2"));
    auk_mapping *m = NULL, *next = NULL;
    auk_error err = {0};
    const auk_json *body =
        schema_json(&fixture, "{'properties':{'o':{'properties':{'a':{'type':'long'}}}}}");
    assert_int_equal(auk_mapping_create(body, settings, fixture.analysis, &m, &err), AUK_OK);
    assert_int_equal(
        schema_merge(&fixture, m,
                     "{'properties':{'b':{'type':'text','fields':{'c':{'type':'text'}}}}}", &next,
                     &err),
        AUK_INVALID);
    assert_string_equal(err.message, "Limit of total fields [3] has been exceeded");
    assert_int_equal(schema_merge(&fixture, m, "{'properties':{'o.p':{'type':'object'}}}", &next,
                                  &err),
                     AUK_INVALID);
    assert_string_equal(err.message,
                        "Limit of mapping depth [2] has been exceeded due to object field [o.p]");
    auk_mapping_release(m);
    auk_settings_destroy(settings);
}

static void patterns_match(void **state)
{
    (void)state;
    static const struct {
        const char *pattern, *text;
        bool want;
    } cases[] = {{"*", "", true},
                 {"a*", "abc", true},
                 {"*c", "abc", true},
                 {"a*c", "abc", true},
                 {"a*b*c", "aXbYbZc", true},
                 {"abc", "abc", true},
                 {"abc", "abd", false},
                 {"a*d", "abc", false},
                 {"", "", true},
                 {"", "a", false},
                 {"**", "x", true},
                 {"*ab", "aab", true},
                 {"user.*", "user.name", true},
                 {"user.*", "users", false}};
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++)
        assert_int_equal(auk_pattern_matches(auk_span_of(cases[i].pattern),
                                             auk_span_of(cases[i].text)),
                         cases[i].want);
}

#define COUNT(list) (sizeof(list) / sizeof *(list))
#define ROW(test, row)                                                                             \
    (struct CMUnitTest)                                                                            \
    {                                                                                              \
        (row).name, test, setup, teardown, (void *)(uintptr_t) & (row)                             \
    }
#define TEST(test)                                                                                 \
    (struct CMUnitTest)                                                                            \
    {                                                                                              \
#test, test, setup, teardown, NULL                                                         \
    }

int main(void)
{
    struct CMUnitTest tests[COUNT(show_cases) + COUNT(refuse_cases) + 5] = {{0}};
    size_t n = 0;
    for (size_t i = 0; i < COUNT(show_cases); i++)
        tests[n++] = ROW(shows, show_cases[i]);
    for (size_t i = 0; i < COUNT(refuse_cases); i++)
        tests[n++] = ROW(refuses, refuse_cases[i]);
    tests[n++] = TEST(a_merge_keeps_numbers_and_adds);
    tests[n++] = TEST(a_merge_changes_what_may_change);
    tests[n++] = TEST(fields_carry_their_parameters);
    tests[n++] = TEST(limits_hold);
    tests[n++] = TEST(patterns_match);
    return cmocka_run_group_tests_name("mapping", tests, NULL, NULL);
}
