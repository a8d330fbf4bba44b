auk_unit_test(store SOURCES store_support.c LINKS auk_store auk_base)
auk_unit_test(store_segments SOURCES store_support.c LINKS auk_store auk_base)
auk_unit_test(store_threads SOURCES store_support.c LINKS auk_store auk_base Threads::Threads)
auk_unit_test(store_kill SOURCES store_support.c LINKS auk_store auk_base)
auk_unit_test(store_cut SOURCES store_support.c LINKS auk_store auk_base)

auk_unit_test(version_edit LINKS auk_store auk_base)
target_include_directories(test_version_edit PRIVATE ${PROJECT_SOURCE_DIR}/engine/store)
