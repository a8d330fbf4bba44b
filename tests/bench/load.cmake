add_executable(bench_load bench_load.c load_client.c)
target_link_libraries(bench_load PRIVATE Threads::Threads)
# What the loops are held against is libevent itself, so this program alone goes past our door to it.
pkg_check_modules(EVENT_BENCH REQUIRED IMPORTED_TARGET libevent_core)
add_executable(bench_echo bench_echo.c)
target_link_libraries(bench_echo PRIVATE PkgConfig::EVENT_BENCH Threads::Threads)
