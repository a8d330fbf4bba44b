set(AUK_INDEX_TEST_LINKS auk_index auk_schema auk_analyzers auk_codec auk_store auk_json auk_base
    Threads::Threads)
auk_unit_test(shard SOURCES shard_support.c store_support.c LINKS ${AUK_INDEX_TEST_LINKS})
auk_unit_test(change SOURCES shard_support.c store_support.c LINKS ${AUK_INDEX_TEST_LINKS})
auk_unit_test(shard_model SOURCES shard_support.c store_support.c LINKS ${AUK_INDEX_TEST_LINKS})
auk_unit_test(shard_kill SOURCES shard_support.c store_support.c LINKS ${AUK_INDEX_TEST_LINKS})
auk_unit_test(shard_full SOURCES shard_support.c store_support.c LINKS ${AUK_INDEX_TEST_LINKS})

# Parts with headers of their own.
foreach(noun live journal manifest merge_policy term_order)
    auk_unit_test(${noun} LINKS auk_index auk_codec auk_schema auk_analyzers auk_store auk_json auk_base)
    target_include_directories(test_${noun} PRIVATE ${PROJECT_SOURCE_DIR}/engine/index)
endforeach()

auk_unit_test(journal_gaps SOURCES shard_support.c store_support.c LINKS ${AUK_INDEX_TEST_LINKS})
target_include_directories(test_journal_gaps PRIVATE ${PROJECT_SOURCE_DIR}/engine/index)

auk_unit_test(reorder SOURCES store_support.c LINKS ${AUK_INDEX_TEST_LINKS})
target_include_directories(test_reorder PRIVATE ${PROJECT_SOURCE_DIR}/engine/index)
