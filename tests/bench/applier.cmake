# Rows into an index, without a Postgres.
add_executable(bench_applier bench_applier.c)
target_link_libraries(bench_applier PRIVATE auk_sync auk_catalog auk_index auk_schema auk_analyzers
    auk_codec auk_store auk_json auk_base Threads::Threads)
target_include_directories(bench_applier PRIVATE ${PROJECT_SOURCE_DIR}/server/sync)
