foreach(noun analyzer analysis automaton lexicon standard_tokenizer stemmer text_kernels token_limit word_break)
    auk_unit_test(${noun} SOURCES analysis_text.c LINKS auk_analyzers auk_base)
endforeach()
# The differential test runs both paths of one tokenizer, which no index can name.
target_include_directories(test_standard_tokenizer PRIVATE ${PROJECT_SOURCE_DIR}/analyzers)
target_include_directories(test_lexicon PRIVATE ${PROJECT_SOURCE_DIR}/analyzers)
target_include_directories(test_text_kernels PRIVATE ${PROJECT_SOURCE_DIR}/analyzers)
target_include_directories(test_automaton PRIVATE ${PROJECT_SOURCE_DIR}/analyzers)
auk_unit_test(hunspell SOURCES analysis_text.c LINKS auk_analyzers auk_base Threads::Threads)
target_include_directories(test_hunspell PRIVATE ${PROJECT_SOURCE_DIR}/analyzers)
auk_unit_test(filter_settings SOURCES analysis_text.c LINKS auk_analyzers auk_base)
# It walks over the table of all filters.
target_include_directories(test_filter_settings PRIVATE ${PROJECT_SOURCE_DIR}/analyzers)
target_compile_definitions(test_filter_settings PRIVATE
    AUK_GOLDEN_CONFIG="${PROJECT_SOURCE_DIR}/tests/golden/analysis/config")
auk_unit_test(golden_analysis SOURCES golden_text.c LINKS auk_analyzers auk_base)
target_include_directories(test_golden_analysis PRIVATE ${PROJECT_SOURCE_DIR}/analyzers)
auk_unit_test(golden_sentences SOURCES golden_text.c LINKS auk_analyzers auk_base)
target_compile_definitions(test_golden_sentences PRIVATE
    AUK_GOLDEN_TABLES="${PROJECT_SOURCE_DIR}/tests/golden/analysis/tables")
target_compile_definitions(test_golden_analysis PRIVATE
    AUK_GOLDEN_TABLES="${PROJECT_SOURCE_DIR}/tests/golden/analysis/tables"
    AUK_GOLDEN_CONFIG="${PROJECT_SOURCE_DIR}/tests/golden/analysis/config")
target_compile_definitions(test_lexicon PRIVATE
    AUK_GOLDEN_TEXTS="${PROJECT_SOURCE_DIR}/tests/golden/analysis/texts"
    AUK_BENCH_TEXTS="${PROJECT_SOURCE_DIR}/tests/bench/texts")
target_compile_definitions(test_standard_tokenizer PRIVATE
    AUK_GOLDEN_TEXTS="${PROJECT_SOURCE_DIR}/tests/golden/analysis/texts")
