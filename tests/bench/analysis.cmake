add_executable(bench_analysis bench_analysis.c)
target_link_libraries(bench_analysis PRIVATE auk_analyzers auk_base)
target_compile_definitions(bench_analysis PRIVATE AUK_BENCH_TEXTS="${CMAKE_CURRENT_SOURCE_DIR}/texts")
