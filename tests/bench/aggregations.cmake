add_executable(bench_aggregations bench_aggregations.c)
target_link_libraries(bench_aggregations PRIVATE auk_search auk_query auk_schema auk_codec auk_json auk_analyzers auk_base)
target_include_directories(bench_aggregations PRIVATE ${PROJECT_SOURCE_DIR}/engine/search
    ${PROJECT_SOURCE_DIR}/include/index ${PROJECT_SOURCE_DIR}/include/store)
