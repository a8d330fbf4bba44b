auk_unit_test(query LINKS auk_query auk_json auk_base)
