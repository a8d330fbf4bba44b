auk_unit_test(hash LINKS auk_base)
