add_executable(bench_search bench_search.c ${PROJECT_SOURCE_DIR}/tests/unit/search_support.c)
target_include_directories(bench_search PRIVATE ${PROJECT_SOURCE_DIR}/tests/unit ${PROJECT_SOURCE_DIR}/engine/index)
target_link_libraries(bench_search PRIVATE auk_test_support auk_search auk_query auk_index auk_schema
    auk_analyzers auk_codec auk_store auk_json auk_base Threads::Threads m)
