add_executable(bench_shard bench_shard.c)
target_link_libraries(bench_shard PRIVATE auk_index auk_schema auk_analyzers auk_codec auk_store
    auk_json auk_base Threads::Threads)
