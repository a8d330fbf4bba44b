# Writes the lists of stop/*.txt as C: cmake -DFOLDER=.../stop -DOUT=stop_lists.c -P stop_lists.cmake
file(GLOB files ${FOLDER}/*.txt)
list(SORT files)
set(words "")
set(rows "")
foreach(file ${files})
    get_filename_component(name ${file} NAME_WE)
    file(STRINGS ${file} lines ENCODING UTF-8)
    list(FILTER lines EXCLUDE REGEX "^#")
    list(TRANSFORM lines REPLACE "^(.+)$" "    AUK_SPAN_INIT(\"\\1\"),\n")
    list(JOIN lines "" lines)
    string(APPEND words "static const auk_span ${name}[] = {\n${lines}};\n\n")
    string(APPEND rows "    {AUK_SPAN_INIT(\"_${name}_\"), ${name}, sizeof ${name} / sizeof ${name}[0]},\n")
endforeach()
file(WRITE ${OUT} "/* Written from stop/ by stop_lists.cmake. */\n#include \"stop_lists.h\"\n\n${words}"
    "const auk_stop_list auk_stop_lists[] = {\n${rows}};\n\n"
    "const size_t auk_stop_list_count = sizeof auk_stop_lists / sizeof auk_stop_lists[0];\n")
