add_executable(auk-race race/auk_race.c race/race_columns.c race/race_index.c race/race_query.c race/race_syntax.c)
target_link_libraries(auk-race PRIVATE auk_catalog auk_search auk_query auk_index auk_schema auk_analyzers
    auk_codec auk_store auk_json auk_base Threads::Threads m)
