# What follows Postgres, as far as it needs none.
function(auk_sync_test noun)
    auk_unit_test(${noun} LINKS auk_sync auk_catalog auk_index auk_schema auk_store auk_json auk_base Threads::Threads)
    target_include_directories(test_${noun} PRIVATE ${PROJECT_SOURCE_DIR}/server/sync)
endfunction()

auk_sync_test(sync_visibility)
auk_sync_test(sync_config)
auk_sync_test(sync_copy_row)
auk_sync_test(sync_rows)
target_sources(test_sync_rows PRIVATE store_support.c)
auk_sync_test(sync_predicate)
target_sources(test_sync_predicate PRIVATE store_support.c)
auk_sync_test(sync_pgoutput)
auk_sync_test(sync_spool)
auk_sync_test(sync_spool_log)
auk_sync_test(sync_xid_window)
auk_sync_test(sync_timeline)

# The same beside a Postgres of its own.
function(auk_postgres_test noun)
    auk_sync_test(${noun})
    set(test ${AUK_TEST_BUILD}unit.${noun})
    set_property(TARGET test_${noun} PROPERTY CROSSCOMPILING_EMULATOR
        ${PROJECT_SOURCE_DIR}/tests/support/with_postgres.sh)
    set_tests_properties(${test} PROPERTIES SKIP_RETURN_CODE 77)
endfunction()

auk_postgres_test(sync_pg)
auk_postgres_test(sync_pg_value)
auk_postgres_test(sync_stream)
target_sources(test_sync_stream PRIVATE stream_support.c)

# The applier over hand-made transactions.
function(auk_applier_test noun)
    auk_unit_test(${noun} SOURCES applier_support.c applier_random.c catalog_support.c store_support.c
        LINKS auk_sync ${AUK_CATALOG_TEST_LINKS})
    target_include_directories(test_${noun} PRIVATE ${PROJECT_SOURCE_DIR}/server/sync)
endfunction()
auk_applier_test(sync_applier)
auk_applier_test(sync_applier_model)
auk_applier_test(sync_applier_kill)
auk_applier_test(sync_applier_chunks)
