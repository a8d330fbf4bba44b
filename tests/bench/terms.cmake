add_executable(bench_postings bench_postings.c)
target_link_libraries(bench_postings PRIVATE auk_codec auk_base)
target_include_directories(bench_postings PRIVATE ${PROJECT_SOURCE_DIR}/engine/codec)
