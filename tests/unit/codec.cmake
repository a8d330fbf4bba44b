# The codec's parts are tested by their private headers as well: a damaged block is seen best without a segment.
foreach(noun column ranks stored id_filter)
    auk_unit_test(${noun} LINKS auk_codec auk_base)
    target_include_directories(test_${noun} PRIVATE ${PROJECT_SOURCE_DIR}/engine/codec)
endforeach()

auk_unit_test(segment SOURCES ../support/sample_segment.c LINKS auk_codec auk_base)
target_include_directories(test_segment PRIVATE ${PROJECT_SOURCE_DIR}/engine/codec)
