auk_unit_test(hash LINKS auk_base)
auk_unit_test(zstd LINKS auk_base)
