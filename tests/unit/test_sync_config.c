#include "test.h"

#include "config.h"

static auk_code parse(const char *text, auk_arena *arena, auk_sync_config **out, auk_error *err)
{
    const auk_json *body;
    auk_code code = auk_json_parse(auk_span_of(text), arena, &body, err);
    return code == AUK_OK ? auk_sync_config_parse(AUK_SPAN("shop-1"), body, arena, out, err) : code;
}

static const char whole[] =
    "{\"connection\": \"postgres://app@db/shop\", \"password_file\": \"/run/secrets/shop\","
    " \"spool_memory\": \"16mb\", \"publish_interval\": \"20ms\", \"documents\": ["
    " {\"index\": \"products\", \"table\": \"public.product\", \"columns\": [\"*\", \"-secret\","
    "   {\"column\": \"price\", \"as\": \"cost\", \"convert\": \"number\"},"
    "   {\"as\": \"kind\", \"constant\": {\"a\": [1]}}],"
    "  \"filter\": \"published\", \"id\": \"{id}\", \"children\": ["
    "   {\"table\": \"maker\", \"as\": \"maker\", \"shape\": \"object\", \"on\": {\"maker_id\": "
    "\"id\"}},"
    "   {\"table\": \"sales.review\", \"as\": \"reviews\", \"on\": {\"id\": \"product_id\"},"
    "    \"order\": \"-id\", \"limit\": 100, \"children\": [{\"table\": \"author\","
    "     \"shape\": \"scalar\", \"scalar\": \"name\", \"on\": {\"author_id\": \"id\"}}]},"
    "   {\"table\": \"tag\", \"as\": \"tags\", \"through\": {\"table\": \"product_tag\","
    "    \"on\": {\"id\": \"product_id\"}, \"to\": {\"tag_id\": \"id\"}}}]}]}";

static void a_tree_is_read_with_its_edges_in_preorder(void **state)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_sync_config *config;
    auk_error err = {0};
    (void)state;
    if (parse(whole, arena, &config, &err) != AUK_OK)
        fail_msg("%s", err.message);
    assert_true(auk_span_is(config->slot, "auk_shop_1"));
    assert_int_equal(config->spool_memory_bytes, 16 << 20);
    assert_int_equal(config->publish_ms, 20);
    assert_int_equal(config->document_count, 1);
    const auk_sync_document *document = &config->documents[0];
    const auk_sync_node *root = &document->root;
    assert_int_equal(document->node_count, 5);
    assert_true(root->all_columns);
    assert_int_equal(root->column_count, 3);
    assert_true(auk_span_is(root->columns[0].convert, "drop"));
    assert_true(auk_span_is(root->columns[1].as, "cost"));
    assert_true(auk_span_is(root->columns[2].constant, "{\"a\":[1]}"));
    assert_true(auk_span_is(root->filter, "published"));
    assert_int_equal(root->child_count, 3);
    assert_int_equal(root->children[0].shape, AUK_SYNC_OBJECT);
    assert_true(auk_span_is(root->children[0].on.from[0], "maker_id"));
    const auk_sync_node *reviews = &root->children[1];
    assert_true(auk_span_is(reviews->table.schema, "sales"));
    assert_true(reviews->descending && auk_span_is(reviews->order, "id"));
    assert_int_equal(reviews->limit, 100);
    assert_int_equal(reviews->children[0].number, 3);
    assert_true(auk_span_is(reviews->children[0].scalar, "name"));
    const auk_sync_node *tags = &root->children[2];
    assert_true(tags->has_through && auk_span_is(tags->through.name, "product_tag"));
    assert_true(auk_span_is(tags->through_to.to[0], "id"));
    assert_int_equal(tags->number, 4);
    auk_arena_destroy(arena);
}

static void tables_are_a_short_form_of_documents(void **state)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_sync_config *config;
    auk_error err = {0};
    (void)state;
    assert_int_equal(parse("{\"connection\": \"host=x\", \"tables\": \"products\"}", arena, &config,
                           &err),
                     AUK_OK);
    assert_int_equal(config->document_count, 1);
    assert_true(auk_span_is(config->documents[0].index, "{table}"));
    assert_int_equal(
        parse(
            "{\"connection\": \"host=x\", \"tables\": [\"a\", \"s.b\"], \"index\": \"x_{table}\"}",
            arena, &config, &err),
        AUK_OK);
    assert_int_equal(config->document_count, 2);
    assert_true(auk_span_is(config->documents[1].root.table.schema, "s"));
    auk_arena_destroy(arena);
}

typedef struct refused {
    const char *body, *words;
} refused;

#define HEAD "{\"connection\": \"host=x\", "

static void what_is_wrong_is_named_with_its_place(void **state)
{
    static const refused cases[] = {
        {"{\"tables\": \"a\"}", "needs [connection]"},
        {HEAD "\"tabels\": \"a\"}", "[_sync] unknown field [tabels] did you mean [tables]?"},
        {"{\"connection\": \"host=x\"}", "needs [documents], [tables] or [include]"},
        {HEAD "\"documents\": [{\"index\": \"x\"}]}", "[documents[0]] needs [table]"},
        {HEAD "\"documents\": [{\"table\": \"a\", \"childern\": []}]}",
         "[documents[0]] unknown field [childern] did you mean [children]?"},
        {HEAD "\"documents\": [{\"table\": \"a\", \"children\": [{\"table\": \"b\"}]}]}",
         "[documents[0].children[0]] needs [on]"},
        {HEAD "\"documents\": [{\"table\": \"a\", \"children\": [{\"table\": \"b\", \"on\": "
              "{\"a\": \"b\"}, "
              "\"shape\": \"list\"}]}]}",
         "[shape] must be one of [object, array, scalar], but is [list]"},
        {HEAD "\"documents\": [{\"table\": \"a\", \"children\": [{\"table\": \"b\", \"on\": "
              "{\"a\": \"b\"}, "
              "\"shape\": \"scalar\"}]}]}",
         "[scalar] names the column"},
        {HEAD "\"documents\": [{\"table\": \"a\", \"children\": ["
              "{\"table\": \"b\", \"on\": {\"a\": \"b\"}}, {\"table\": \"b\", \"on\": {\"c\": "
              "\"b\"}}]}]}",
         "a field [b] is there already"},
        {HEAD "\"documents\": [{\"table\": \"a\", \"id\": \"{id\"}]}",
         "must name a column between"},
        {HEAD "\"documents\": [{\"table\": \"a\", \"id\": \"x\"}]}", "[id] must name a column"},
        {HEAD "\"documents\": [{\"table\": \"a\", \"columns\": [{\"column\": \"x\", \"convert\": "
              "\"up\"}]}]}",
         "[documents[0].columns[0]] [convert] must be one of"},
        {HEAD "\"documents\": [{\"table\": \"a.b.c\"}]}", "must be [table] or [schema.table]"},
        {HEAD "\"tables\": [\"a\", \"b\"], \"index\": \"one\"}", "must hold {table}"},
        {HEAD "\"tables\": \"a\", \"index\": \"{tabel}\"}", "may hold {schema} and {table}"},
        {HEAD "\"tables\": \"a\", \"slot\": \"A b\"}", "[slot] must be at most"},
        {HEAD "\"tables\": \"a\", \"spool_limit\": \"many\"}", "must be a size such as"},
        {HEAD "\"tables\": \"a\", \"ack\": \"never\"}", "[ack] must be one of"},
        {HEAD "\"tables\": \"a\", \"password_file\": \"f\", \"password_env\": \"e\"}",
         "takes either"},
        {HEAD "\"tables\": \"a\", \"exclude\": [\"b\"]}", "[exclude] takes from [include]"},
        {"[]", "must be an object"},
    };
    (void)state;
    for (size_t i = 0; i < sizeof cases / sizeof *cases; i++) {
        auk_arena *arena = auk_arena_create(4096);
        auk_sync_config *config;
        auk_error err = {0};
        assert_int_equal(parse(cases[i].body, arena, &config, &err), AUK_INVALID);
        if (!strstr(err.message, cases[i].words))
            fail_msg("%s: %s", cases[i].body, err.message);
        auk_arena_destroy(arena);
    }
}

static void a_name_is_one_that_a_slot_can_have(void **state)
{
    static const char *const names[] = {"", "Shop", "_shop", "a b", "-x", "s\xc3\xa4"};
    (void)state;
    for (size_t i = 0; i < sizeof names / sizeof *names; i++) {
        auk_arena *arena = auk_arena_create(4096);
        const auk_json *body;
        auk_sync_config *config;
        auk_error err;
        assert_int_equal(auk_json_parse(AUK_SPAN("{}"), arena, &body, &err), AUK_OK);
        assert_int_equal(auk_sync_config_parse(auk_span_of(names[i]), body, arena, &config, &err),
                         AUK_INVALID);
        auk_arena_destroy(arena);
    }
}

static void a_tree_has_a_bound(void **state)
{
    auk_arena *arena = auk_arena_create(4096);
    auk_buffer text;
    auk_sync_config *config;
    auk_error err;
    (void)state;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_text(&text, HEAD "\"documents\": [{\"table\": \"a\", \"children\": [");
    for (int i = 0; i < AUK_SYNC_NODES_MOST; i++)
        auk_buffer_printf(&text, "%s{\"table\": \"t%d\", \"on\": {\"a\": \"b\"}}", i ? "," : "", i);
    auk_buffer_append_text(&text, "]}]}");
    auk_buffer_append_byte(&text, '\0');
    assert_int_equal(parse(text.data, arena, &config, &err), AUK_INVALID);
    assert_non_null(strstr(err.message, "no more than 64 tables"));
    auk_buffer_deinit(&text);
    auk_arena_destroy(arena);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_tree_is_read_with_its_edges_in_preorder),
        cmocka_unit_test(tables_are_a_short_form_of_documents),
        cmocka_unit_test(what_is_wrong_is_named_with_its_place),
        cmocka_unit_test(a_name_is_one_that_a_slot_can_have),
        cmocka_unit_test(a_tree_has_a_bound),
    };
    return cmocka_run_group_tests(tests, NULL, NULL);
}
