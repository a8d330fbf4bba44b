set(AUK_CATALOG_TEST_LINKS auk_catalog auk_index auk_schema auk_analyzers auk_codec auk_store
    auk_json auk_base Threads::Threads)
foreach(part names indices aliases documents threads recovery pressure races generations synonyms templates publication)
    auk_unit_test(catalog_${part} SOURCES catalog_support.c store_support.c
        LINKS ${AUK_CATALOG_TEST_LINKS})
endforeach()
