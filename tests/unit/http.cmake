# The parts of the server have headers of their own folder, which their tests may see.
foreach(noun http_head http_chunk http_body http_inbox)
    auk_unit_test(${noun} LINKS auk_http auk_base)
    target_include_directories(test_${noun} PRIVATE ${PROJECT_SOURCE_DIR}/server/http)
endforeach()
auk_unit_test(http_server LINKS auk_http auk_base Threads::Threads)
auk_unit_test(http_client LINKS auk_http auk_base Threads::Threads)
