auk_unit_test(json_reader LINKS auk_json auk_base)
auk_unit_test(json_writer LINKS auk_json auk_base)
