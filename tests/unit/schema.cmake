foreach(noun date_format date_math zone)
    auk_unit_test(${noun} LINKS auk_schema auk_json auk_analyzers auk_base)
endforeach()
foreach(noun mapping document field_value)
    auk_unit_test(${noun} SOURCES schema_support.c LINKS auk_schema auk_json auk_analyzers auk_base)
endforeach()
# Zones have a header of the folder's own.
target_include_directories(test_zone PRIVATE ${PROJECT_SOURCE_DIR}/engine/schema)
