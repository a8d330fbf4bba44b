add_executable(bench_kernels bench_kernels.c)
target_include_directories(bench_kernels PRIVATE ${PROJECT_SOURCE_DIR}/engine/codec ${PROJECT_SOURCE_DIR}/engine/search)
target_link_libraries(bench_kernels PRIVATE auk_search auk_query auk_index auk_schema auk_analyzers
    auk_codec auk_store auk_json auk_base Threads::Threads m)
