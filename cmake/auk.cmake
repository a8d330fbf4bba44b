# The build's own words: compiler flags, and one function for a folder's library and one for a unit test.

set(CMAKE_C_STANDARD 17)
set(CMAKE_C_STANDARD_REQUIRED ON)
set(CMAKE_C_EXTENSIONS OFF)
set(CMAKE_CXX_STANDARD 20)
set(CMAKE_CXX_STANDARD_REQUIRED ON)
set(CMAKE_CXX_EXTENSIONS OFF)
set(CMAKE_POSITION_INDEPENDENT_CODE ON)

option(AUK_WERROR "treat warnings as errors" OFF)
option(AUK_FUZZ "build the fuzz targets (clang)" OFF)
option(AUK_FAULT_POINTS "let the environment kill the process at named places (fault_point.h)" OFF)
set(AUK_SANITIZE "" CACHE STRING "sanitizers, as for -fsanitize=")

add_compile_definitions(_GNU_SOURCE AUK_VERSION="${PROJECT_VERSION}")
add_compile_options(
    -Wall -Wextra -Wpedantic -Wshadow -Wconversion -Wvla -Wundef -Wpointer-arith -Wwrite-strings
    -Wcast-qual -Wimplicit-fallthrough -Wformat=2 -Wdouble-promotion -fno-omit-frame-pointer
    $<$<COMPILE_LANGUAGE:C>:-Wstrict-prototypes>
    $<$<COMPILE_LANGUAGE:C>:-Wmissing-prototypes>
    "$<$<COMPILE_LANGUAGE:C>:SHELL:-include ${PROJECT_SOURCE_DIR}/include/base/auk/banned.h>")
if(AUK_WERROR)
    add_compile_options(-Werror)
endif()
if(AUK_FAULT_POINTS)
    add_compile_definitions(AUK_FAULT_POINTS)
endif()
if(AUK_SANITIZE)
    add_compile_options(-fsanitize=${AUK_SANITIZE} -fno-sanitize-recover=all)
    add_link_options(-fsanitize=${AUK_SANITIZE})
endif()
if(AUK_FUZZ)
    add_compile_options(-fsanitize=fuzzer-no-link) # coverage of the libraries guides the fuzzer
endif()

# Tests of a sanitizer build carry its name, so that one ctest run can hold several builds.
string(REGEX MATCH "^[a-z]+" AUK_TEST_BUILD "${AUK_SANITIZE}")
if(AUK_TEST_BUILD)
    string(APPEND AUK_TEST_BUILD ".")
endif()

find_package(Threads REQUIRED)
find_package(PkgConfig REQUIRED)

# auk_library(<noun> SOURCES <file>... [LINKS <library>...])
#
# A folder's library. It links its neighbours privately and each library's contracts live in an
# include directory of their own (include/<noun>/auk), so a header that is not linked is not found.
function(auk_library noun)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
    add_library(auk_${noun} STATIC ${ARG_SOURCES})
    target_include_directories(auk_${noun} PUBLIC ${PROJECT_SOURCE_DIR}/include/${noun})
    target_include_directories(auk_${noun} PRIVATE ${CMAKE_CURRENT_SOURCE_DIR})
    target_link_libraries(auk_${noun} PRIVATE ${ARG_LINKS})
endfunction()

# auk_unit_test(<noun> [SOURCES <more>...] LINKS <library>...): tests/unit/test_<noun>.c, label "unit".
function(auk_unit_test noun)
    cmake_parse_arguments(ARG "" "" "SOURCES;LINKS" ${ARGN})
    add_executable(test_${noun} test_${noun}.c ${ARG_SOURCES})
    target_link_libraries(test_${noun} PRIVATE auk_test_support ${ARG_LINKS})
    set(test ${AUK_TEST_BUILD}unit.${noun})
    add_test(NAME ${test} COMMAND test_${noun})
    set_tests_properties(${test} PROPERTIES LABELS unit TIMEOUT 300)
    if(AUK_SANITIZE MATCHES thread)
        set_tests_properties(${test} PROPERTIES ENVIRONMENT
            "TSAN_OPTIONS=suppressions=${PROJECT_SOURCE_DIR}/tests/support/tsan.supp")
    endif()
endfunction()
