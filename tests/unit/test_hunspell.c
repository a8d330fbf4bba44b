/* libhunspell's door: which folders are dictionaries, several threads on one, words it cannot take.
 */
#include "test.h"

#include <pthread.h>
#include <sys/stat.h>
#include <unistd.h>

#include "analysis_text.h"
#include "auk/buffer.h"
#include "hunspell.h"

enum { THREADS = 4, ROUNDS = 500 };

static char base[] = "/tmp/auk-hunspell-XXXXXX"; /* as the directory of configuration files */
static char folder[sizeof base + sizeof "/hunspell"];

static void write_file(const char *name, const char *text)
{
    char path[128];
    snprintf(path, sizeof path, "%s/%s", folder, name);
    FILE *file = fopen(path, "we");
    assert_non_null(file);
    fputs(text, file);
    fclose(file);
}

static int make_folders(void **state)
{
    static const char *const names[] = {"good", "bare", "twice", "wordless", "odd"};
    (void)state;
    if (!mkdtemp(base))
        return -1;
    snprintf(folder, sizeof folder, "%s/hunspell", base);
    if (mkdir(folder, 0700) != 0)
        return -1;
    for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
        char path[128];
        snprintf(path, sizeof path, "%s/%s", folder, names[i]);
        if (mkdir(path, 0700) != 0)
            return -1;
    }
    write_file("good/x.aff", "SET UTF-8\nSFX S Y 1\nSFX S 0 s .\n");
    write_file("good/x.dic", "2\ncat/S\ndog/S\n");
    write_file("bare/x.dic", "1\ncat\n");
    write_file("twice/x.aff", "SET UTF-8\n");
    write_file("twice/y.aff", "SET UTF-8\n");
    write_file("wordless/x.aff", "SET UTF-8\n");
    write_file("odd/x.aff", "SET UTF-8\n");
    write_file("odd/x.dic", "1\ncat\n");
    write_file("odd/settings.yml", "---\nstrict_affix_parsing: true\n");
    return 0;
}

static int remove_folders(void **state)
{
    (void)state;
    char command[128];
    snprintf(command, sizeof command, "rm -r %s", base);
    return system(command);
}

static auk_code open_locale(const char *locale, auk_hunspell **out, auk_error *err)
{
    return auk_hunspell_open(auk_span_of(folder), auk_span_of(locale), NULL, 0, out, err);
}

static void refuses_what_is_no_dictionary(void **state)
{
    (void)state;
    static const struct {
        const char *locale;
        const char *message;
    } rows[] = {
        {"none", "Unknown hunspell dictionary for locale [none]"},
        {"..", "Unknown hunspell dictionary for locale [..]"},
        {"good/../bare", "Unknown hunspell dictionary for locale [good/../bare]"},
        {"", "Unknown hunspell dictionary for locale []"},
        {"bare", "Missing affix file for hunspell dictionary [bare]"},
        {"twice", "Too many affix files exist for hunspell dictionary [twice]"},
        {"wordless", "Missing dictionary file for hunspell dictionary [wordless]"},
    };
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++) {
        auk_hunspell *hunspell = NULL;
        auk_error err = {0};
        assert_int_equal(open_locale(rows[i].locale, &hunspell, &err), AUK_INVALID);
        assert_string_equal(err.message, rows[i].message);
    }
}

static void refuses_settings_it_would_not_obey(void **state)
{
    (void)state;
    auk_hunspell *hunspell = NULL;
    auk_error err = {0};
    assert_int_equal(open_locale("odd", &hunspell, &err), AUK_INVALID);
    assert_non_null(strstr(err.message, "unsupported setting [strict_affix_parsing: true]"));
}

static void leaves_words_that_it_cannot_take(void **state)
{
    (void)state;
    auk_hunspell *hunspell = NULL;
    auk_buffer out;
    auk_buffer_init(&out, AUK_BUFFER_NO_LIMIT);
    assert_int_equal(open_locale("good", &hunspell, NULL), AUK_OK);
    char longest[1000];
    memset(longest, 'a', sizeof longest);
    assert_int_equal(auk_hunspell_stems(hunspell, AUK_SPAN(""), &out), 0);
    assert_int_equal(auk_hunspell_stems(hunspell, AUK_SPAN("cat\0s"), &out), 0);
    assert_int_equal(auk_hunspell_stems(hunspell, auk_span_make(longest, 250), &out), 0);
    assert_int_equal(auk_hunspell_stems(hunspell, auk_span_make(longest, sizeof longest), &out), 0);
    assert_int_equal(out.size, 0);
    assert_int_equal(auk_hunspell_stems(hunspell, AUK_SPAN("cats"), &out), 1);
    assert_true(auk_span_equal(auk_buffer_span(&out), AUK_SPAN("cat\0")));
    auk_buffer_deinit(&out);
    auk_hunspell_close(hunspell);
}

static void shares_what_is_loaded(void **state)
{
    (void)state;
    auk_hunspell *first = NULL, *second = NULL, *later = NULL;
    assert_int_equal(open_locale("good", &first, NULL), AUK_OK);
    assert_int_equal(open_locale("good", &second, NULL), AUK_OK);
    assert_ptr_equal(first, second);
    uint64_t id = auk_hunspell_id(first);
    auk_hunspell_close(first);
    assert_int_equal(auk_hunspell_id(second), id);
    auk_hunspell_close(second);
    assert_int_equal(open_locale("good", &later, NULL), AUK_OK);
    assert_int_not_equal(auk_hunspell_id(later), id);
    auk_hunspell_close(later);
}

static void *stem_many(void *analysis)
{
    auk_analyzer_scratch *scratch = auk_analyzer_scratch_create();
    auk_tokens tokens;
    auk_tokens_init(&tokens);
    size_t wrong = 0;
    for (int i = 0; i < ROUNDS; i++) {
        char text[32];
        snprintf(text, sizeof text, "cats dogs%d dogs", i);
        if (auk_analyzer_run(auk_analysis_find(analysis, AUK_SPAN("a")), scratch, auk_span_of(text),
                             &tokens, NULL) != AUK_OK ||
            tokens.count != 3 || !auk_span_is(auk_token_text(&tokens.items[0]), "cat") ||
            !auk_span_is(auk_token_text(&tokens.items[2]), "dog"))
            wrong++;
    }
    auk_tokens_deinit(&tokens);
    auk_analyzer_scratch_destroy(scratch);
    return wrong == 0 ? NULL : analysis;
}

static void serves_several_threads(void **state)
{
    (void)state;
    auk_analysis_set_directory(auk_span_of(base));
    auk_settings *settings =
        auk_settings_from_text("index.analysis.", "filter.f.type=hunspell\n"
                                                  "filter.f.locale=good\n"
                                                  "analyzer.a.tokenizer=standard\n"
                                                  "analyzer.a.filter=[f]");
    auk_analysis *analysis = NULL;
    assert_int_equal(auk_analysis_create(settings, &analysis, NULL), AUK_OK);
    pthread_t threads[THREADS];
    for (int i = 0; i < THREADS; i++)
        assert_int_equal(pthread_create(&threads[i], NULL, stem_many, analysis), 0);
    for (int i = 0; i < THREADS; i++) {
        void *wrong;
        assert_int_equal(pthread_join(threads[i], &wrong), 0);
        assert_null(wrong);
    }
    auk_analysis_release(analysis);
    auk_settings_destroy(settings);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(refuses_what_is_no_dictionary),
        cmocka_unit_test(refuses_settings_it_would_not_obey),
        cmocka_unit_test(leaves_words_that_it_cannot_take),
        cmocka_unit_test(shares_what_is_loaded),
        cmocka_unit_test(serves_several_threads),
    };
    return cmocka_run_group_tests_name("hunspell", tests, make_folders, remove_folders);
}
