# The term half of engine/codec: its tests read the folder's own headers too.
foreach(noun kernels norm postings leaders dictionary terms_damage)
    auk_unit_test(${noun} SOURCES terms_image.c LINKS auk_codec auk_base m)
    target_include_directories(test_${noun} PRIVATE ${PROJECT_SOURCE_DIR}/engine/codec)
endforeach()
