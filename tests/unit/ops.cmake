auk_unit_test(option LINKS auk_ops auk_base)
auk_unit_test(log_writer LINKS auk_ops auk_json auk_base)
