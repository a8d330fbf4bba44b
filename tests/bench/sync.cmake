add_executable(sync_null sync_null.c)
target_link_libraries(sync_null PRIVATE auk_sync auk_base Threads::Threads)
target_include_directories(sync_null PRIVATE ${PROJECT_SOURCE_DIR}/server/sync)
