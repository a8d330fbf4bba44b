add_executable(bench_background bench_background.c)
target_link_libraries(bench_background PRIVATE auk_catalog auk_search auk_query auk_index auk_schema auk_analyzers
    auk_codec auk_store auk_json auk_base Threads::Threads m)
