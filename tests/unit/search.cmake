# Indices on the heap are made by the shard's own inverter and encoder.
foreach(part search search_model search_model_reordered search_pruning search_phrase search_columns search_profile golden_queries token_graph)
    auk_unit_test(${part} SOURCES search_support.c golden_text.c
        LINKS auk_search auk_query auk_index auk_schema auk_analyzers auk_codec auk_store auk_json
            auk_base Threads::Threads m)
    target_include_directories(test_${part} PRIVATE ${PROJECT_SOURCE_DIR}/engine/index)
endforeach()
foreach(part search_model search_model_reordered)
    target_sources(test_${part} PRIVATE search_model.c search_model_query.c search_model_score.c)
endforeach()
target_include_directories(test_token_graph PRIVATE ${PROJECT_SOURCE_DIR}/engine/search)
target_compile_definitions(test_golden_queries PRIVATE
    AUK_GOLDEN_TABLES="${PROJECT_SOURCE_DIR}/tests/golden/analysis/tables")

auk_unit_test(search_live SOURCES catalog_support.c store_support.c
    LINKS auk_search auk_query auk_catalog auk_index auk_schema auk_analyzers auk_codec auk_store
        auk_json auk_base Threads::Threads m)

auk_unit_test(wildcard LINKS auk_search auk_base)
target_include_directories(test_wildcard PRIVATE ${PROJECT_SOURCE_DIR}/engine/search)

auk_unit_test(column_kernels LINKS auk_search auk_base)
target_include_directories(test_column_kernels PRIVATE ${PROJECT_SOURCE_DIR}/engine/search)
# What the portable kernels make of the same requests.
if(NOT AUK_SANITIZE MATCHES thread)
    set(test ${AUK_TEST_BUILD}unit.search_columns_portable)
    add_test(NAME ${test} COMMAND test_search_columns)
    set_tests_properties(${test} PROPERTIES LABELS unit TIMEOUT 300 ENVIRONMENT AUK_CPU=portable)
endif()

auk_unit_test(score_kernels LINKS auk_search auk_codec auk_base)
target_include_directories(test_score_kernels PRIVATE ${PROJECT_SOURCE_DIR}/engine/search)
