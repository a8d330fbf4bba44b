# The bulk's parser needs no server around it, so it is built by itself.
set(AUK_REST ${PROJECT_SOURCE_DIR}/server/rest)
auk_unit_test(bulk SOURCES ${AUK_REST}/bulk.c ${AUK_REST}/bulk_line.c ${AUK_REST}/document_check.c
    LINKS auk_catalog auk_index auk_schema auk_store auk_codec auk_analyzers auk_json auk_base)
target_include_directories(test_bulk PRIVATE ${AUK_REST} ${PROJECT_SOURCE_DIR}/include/sync)

if(TARGET auk_search)
    auk_unit_test(rest SOURCES catalog_support.c store_support.c
        LINKS auk_rest auk_sync auk_rebuild auk_ops auk_http auk_search auk_query auk_catalog auk_index auk_store
              auk_schema auk_codec auk_analyzers auk_json auk_base Threads::Threads)
    target_include_directories(test_rest PRIVATE ${AUK_REST} ${PROJECT_SOURCE_DIR}/include/sync)
endif()
