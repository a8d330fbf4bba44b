# Each family of aggregations over segments in memory, through the seam of engine/search.
foreach(noun shapes random errors)
    auk_unit_test(aggregation_${noun} SOURCES aggregation_support.c schema_support.c
        LINKS auk_search auk_query auk_schema auk_codec auk_json auk_analyzers auk_base m)
    target_include_directories(test_aggregation_${noun} PRIVATE
        ${PROJECT_SOURCE_DIR}/engine/search ${PROJECT_SOURCE_DIR}/include/index
        ${PROJECT_SOURCE_DIR}/include/store)
endforeach()
