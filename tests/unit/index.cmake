set(AUK_INDEX_TEST_LINKS auk_index auk_schema auk_analyzers auk_codec auk_store auk_json auk_base
    Threads::Threads)
auk_unit_test(shard SOURCES shard_support.c store_support.c LINKS ${AUK_INDEX_TEST_LINKS})
auk_unit_test(shard_model SOURCES shard_support.c store_support.c LINKS ${AUK_INDEX_TEST_LINKS})
auk_unit_test(shard_kill SOURCES shard_support.c store_support.c LINKS ${AUK_INDEX_TEST_LINKS})
auk_unit_test(shard_full SOURCES shard_support.c store_support.c LINKS ${AUK_INDEX_TEST_LINKS})
