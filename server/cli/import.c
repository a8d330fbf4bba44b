/* import.c - the command: what is to be imported where, the look on while it runs, the last words.
 */
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "auk/clock.h"
#include "auk/compress.h"
#include "client.h"
#include "command.h"
#include "import_name.h"
#include "import_progress.h"
#include "import_run.h"

#define TICK_MS     100
#define BATCH_BYTES ((size_t)4 << 20)

enum { INDEX, ID, FORMAT, MAPPING, BATCH, PARALLEL, RESUME, URL, ROW_COUNT };

static const auk_option rows[ROW_COUNT] = {
    [INDEX] = {.name = "index",
               .form = "NAME",
               .kind = AUK_OPTION_TEXT,
               .flag_only = true,
               .fallback_note = "the file's name without its ending",
               .help = "The index or alias to import into; made when absent."},
    [ID] = {.name = "id",
            .form = "FIELD",
            .kind = AUK_OPTION_TEXT,
            .flag_only = true,
            .fallback_note = "the server makes ids",
            .help = "The top-level field that holds each document's id. With it an import can be "
                    "run again without doubling anything."},
    [FORMAT] = {.name = "format",
                .form = AUK_FORMAT_NAMES,
                .kind = AUK_OPTION_CHOICE,
                .flag_only = true,
                .fallback = "auto",
                .help = "What the file holds; auto looks at its content and name."},
    [MAPPING] = {.name = "mapping",
                 .form = "FILE",
                 .kind = AUK_OPTION_TEXT,
                 .flag_only = true,
                 .help = "Make the index with this body (settings, mappings, aliases) when it does "
                         "not exist."},
    [BATCH] = {.name = "batch",
               .form = "SIZE|N",
               .kind = AUK_OPTION_BATCH,
               .flag_only = true,
               .fallback = "4mb",
               .least = 1024,
               .most = 64 << 20,
               .help = "How much goes in one request: bytes, or documents when it is a bare "
                       "number."},
    [PARALLEL] = {.name = "parallel",
                  .form = "N",
                  .kind = AUK_OPTION_COUNT,
                  .flag_only = true,
                  .fallback = "2",
                  .least = 1,
                  .most = 64,
                  .help = "Requests under way at a time."},
    [RESUME] = {.name = "resume",
                .form = "",
                .kind = AUK_OPTION_SWITCH,
                .flag_only = true,
                .fallback = "false",
                .help =
                    "Keep in FILE.import how far the import has come, and go on from there when "
                    "that file exists: nothing is imported twice, nothing is left out. Give it "
                    "from the first run on."},
    [URL] = AUK_URL_OPTION,
};

typedef struct job {
    auk_options options;
    const char *path; /* "-": standard input */
    int fd;
    uint64_t file_bytes;
    auk_inflater *inflater;
    _Atomic uint64_t consumed;
    auk_source source;
    auk_records records;
    auk_rejects rejects;
    auk_buffer index;        /* name */
    auk_buffer target;       /* path of the bulk */
    auk_buffer rejects_path; /* terminated */
    auk_http_client *client;
    auk_import *import;
    auk_import_resume resume;
    bool resumes;
    struct stat status; /* of the file */
    uint64_t started_us;
} job;

/* The reader may outlive main's wish to end, so all it touches stays where it is. */
static job the_job;

/* ---- the file ---- */

static auk_code read_inflated(void *context, char *into, size_t capacity, size_t *size,
                              auk_error *err)
{
    job *j = context;
    auk_code code = auk_inflater_read(j->inflater, into, capacity, size, err);
    atomic_store_explicit(&j->consumed, auk_inflater_consumed(j->inflater), memory_order_relaxed);
    return code;
}

static auk_code open_file(job *j, auk_error *err)
{
    struct stat status;
    j->path = j->options.arguments[0];
    j->resumes = j->options.values[RESUME].number != 0;
    bool is_stdin = strcmp(j->path, "-") == 0;
    j->fd = is_stdin ? STDIN_FILENO : open(j->path, O_RDONLY | O_CLOEXEC);
    if (j->fd < 0 || fstat(j->fd, &status) != 0)
        return auk_fail(err, AUK_IO, "cannot open \"%s\": %s", j->path, strerror(errno));
    if (S_ISDIR(status.st_mode))
        return auk_fail(err, AUK_INVALID, "\"%s\" is a directory, expected a file", j->path);
    if (j->resumes && (is_stdin || !S_ISREG(status.st_mode))) {
        auk_fail(err, AUK_INVALID,
                 "--resume needs a file: %s cannot be read again from its beginning",
                 is_stdin ? "standard input" : j->path);
        auk_hint(err, "write it to a file first; or give --id, and run it all again");
        return AUK_INVALID;
    }
    j->status = status;
    j->file_bytes = S_ISREG(status.st_mode) ? (uint64_t)status.st_size : 0;
    (void)posix_fadvise(j->fd, 0, 0, POSIX_FADV_SEQUENTIAL);
    auk_buffer_printf(&j->rejects_path, "%s.rejected.ndjson", is_stdin ? "stdin" : j->path);
    auk_buffer_append_byte(&j->rejects_path, '\0');
    return auk_inflater_open(j->fd, &j->inflater, err);
}

static auk_code open_records(job *j, auk_error *err)
{
    auk_source_init(&j->source, read_inflated, j);
    auk_format format = (auk_format)j->options.values[FORMAT].number;
    auk_code code =
        auk_records_init(&j->records, &j->source, format, auk_import_base_name(j->path), err);
    if (code == AUK_OK && j->records.format == AUK_FORMAT_BULK && j->options.values[ID].text)
        return auk_fail(err, AUK_INVALID, "--id: the bulk form says the ids itself");
    return code == AUK_OK ? AUK_OK : auk_wrap(err, code, "%s", j->path);
}

/* ---- the index ---- */

static auk_code create_index(job *j, const char *path, auk_error *err)
{
    auk_buffer target;
    auk_buffer body;
    auk_http_answer answer;
    auk_buffer_init(&target, 4096);
    auk_buffer_init(&body, AUK_BUFFER_NO_LIMIT);
    auk_buffer_append_byte(&target, '/');
    auk_http_encode(&target, auk_buffer_span(&j->index));
    auk_code code = auk_client_read_file(path, &body, err);
    if (code == AUK_OK)
        code = auk_client_explain(auk_http_client_call(j->client, AUK_HTTP_HEAD,
                                                       auk_buffer_span(&target), NULL, 0,
                                                       (auk_span){0}, &answer, err),
                                  err);
    if (code == AUK_OK && answer.status == 200) {
        (void)fprintf(stderr, "auk import: \"%.*s\" exists and keeps its mapping; %s is not used\n",
                      AUK_SPAN_ARG(auk_buffer_span(&j->index)), path);
    } else if (code == AUK_OK) {
        code = auk_client_call(j->client, AUK_HTTP_PUT, auk_buffer_span(&target),
                               auk_buffer_span(&body), NULL, err);
        if (code != AUK_OK)
            code = auk_wrap(err, code, "cannot make the index from %s", path);
    }
    auk_buffer_deinit(&body);
    auk_buffer_deinit(&target);
    return code;
}

/* The server is there, and the index where a mapping asks for one. */
static auk_code prepare_server(job *j, auk_error *err)
{
    const char *mapping = j->options.values[MAPPING].text;
    auk_code code = auk_client_open(j->options.values[URL].text, &j->client, err);
    if (code == AUK_OK)
        code = auk_client_call(j->client, AUK_HTTP_GET, AUK_SPAN("/"), (auk_span){0}, NULL, err);
    return code == AUK_OK && mapping != NULL ? create_index(j, mapping, err) : code;
}

static void name_index(job *j)
{
    if (j->options.values[INDEX].text != NULL)
        auk_buffer_append_text(&j->index, j->options.values[INDEX].text);
    else
        auk_import_append_index(&j->index, j->path);
    auk_buffer_append_byte(&j->target, '/');
    auk_http_encode(&j->target, auk_buffer_span(&j->index));
    auk_buffer_append_text(&j->target, "/_bulk");
}

/* ---- while it runs ---- */

static auk_import_figures read_figures(const job *j)
{
    const auk_import *import = j->import;
    return (auk_import_figures){
        .file_bytes = j->file_bytes,
        .consumed_bytes = atomic_load(&j->consumed),
        .read_bytes = atomic_load(&import->read_bytes),
        .taken_bytes = atomic_load(&import->taken_bytes),
        .documents = atomic_load(&import->taken_documents),
        .rejected = atomic_load(&import->rejected_documents),
        .elapsed_us = auk_clock_monotonic_us() - j->started_us,
    };
}

static sigset_t watched_signals(void)
{
    sigset_t set;
    (void)sigemptyset(&set);
    (void)sigaddset(&set, SIGINT);
    (void)sigaddset(&set, SIGTERM);
    (void)sigaddset(&set, AUK_IMPORT_DONE_SIGNAL);
    return set;
}

/* Until the senders are done; true when a signal asked for the end. */
static bool look_on(job *j, auk_import_progress *progress)
{
    const struct timespec tick = {.tv_nsec = TICK_MS * 1000000L};
    sigset_t set = watched_signals();
    bool interrupted = false;
    while (!atomic_load(&j->import->finished)) {
        int number = sigtimedwait(&set, NULL, &tick);
        if (number == SIGINT || number == SIGTERM) {
            if (interrupted)
                _exit(EXIT_INTERRUPTED);
            interrupted = true;
            auk_import_stop(j->import);
        }
        auk_import_figures figures = read_figures(j);
        auk_import_progress_draw(progress, &figures);
    }
    auk_import_progress_clear(progress);
    return interrupted;
}

static bool run(job *j)
{
    const auk_option_value *values = j->options.values;
    const auk_option_value *batch = &values[BATCH];
    auk_import_plan plan = {
        .url = values[URL].text,
        .target = auk_buffer_span(&j->target),
        .id_field = auk_span_of(values[ID].text),
        .batch_bytes = batch->is_bytes ? (size_t)batch->number : 4 * BATCH_BYTES,
        .batch_documents = batch->is_bytes ? SIZE_MAX : (size_t)batch->number,
        .parallel = (unsigned)values[PARALLEL].number,
        .records = &j->records,
        .rejects = &j->rejects,
        .resume = j->resumes ? &j->resume : NULL,
    };
    auk_import_progress progress;
    sigset_t set = watched_signals();
    (void)signal(SIGPIPE, SIG_IGN);
    (void)pthread_sigmask(SIG_BLOCK, &set, NULL);
    auk_import_progress_init(&progress, stderr);
    j->started_us = auk_clock_monotonic_us();
    j->import = auk_import_create(&plan);
    auk_import_start(j->import);
    bool interrupted = look_on(j, &progress);
    auk_import_join(j->import);
    return interrupted;
}

/* ---- the last words ---- */

static void print_totals(const job *j, const auk_import_figures *figures)
{
    double seconds = (double)figures->elapsed_us / 1e6;
    auk_buffer text;
    auk_buffer_init(&text, 4096);
    auk_buffer_append_text(&text, "imported ");
    auk_append_count(&text, figures->documents);
    auk_buffer_printf(&text, " documents into %.*s in %.1f s: %.1f MB, %.1f MB/s, ",
                      AUK_SPAN_ARG(auk_buffer_span(&j->index)), seconds,
                      (double)figures->taken_bytes / 1e6,
                      (double)figures->taken_bytes / 1e6 / seconds);
    auk_append_count(&text, (uint64_t)((double)figures->documents / seconds));
    auk_buffer_append_text(&text, " documents/s\n");
    if (figures->rejected > 0) {
        auk_buffer_append_text(&text, "rejected ");
        auk_append_count(&text, figures->rejected);
        auk_buffer_printf(&text, ", written to %s; the first, line %llu: %s\n",
                          j->rejects_path.data, (unsigned long long)j->rejects.first_line,
                          j->rejects.first_reason);
    }
    if (atomic_load(&j->import->repeated_batches) > 0 && j->options.values[ID].text == NULL &&
        !j->resumes && j->records.format != AUK_FORMAT_BULK)
        auk_buffer_append_text(&text,
                               "a connection broke and its request was sent again: without --id "
                               "some documents may be in twice\n");
    (void)fwrite(text.data, 1, text.size, stdout);
    auk_buffer_deinit(&text);
}

static void print_search(const job *j)
{
    const auk_option_value *url = &j->options.values[URL];
    auk_buffer text;
    auk_buffer words;
    auk_buffer_init(&text, 8192);
    auk_buffer_init(&words, 1024);
    auk_import_append_words(&words, auk_buffer_span(&j->import->sample));
    auk_buffer_append_text(&text, "try: auk search ");
    auk_append_shell_word(&text, auk_buffer_span(&j->index));
    auk_buffer_append_byte(&text, ' ');
    if (words.size > 0)
        auk_append_shell_word(&text, auk_buffer_span(&words));
    else
        auk_buffer_append_text(&text, "--query '{\"match_all\":{}}'");
    if (url->source == AUK_FROM_FLAG) {
        auk_buffer_append_text(&text, " --url ");
        auk_append_shell_word(&text, auk_span_of(url->text));
    }
    (void)printf("%.*s\n", AUK_SPAN_ARG(auk_buffer_span(&text)));
    auk_buffer_deinit(&words);
    auk_buffer_deinit(&text);
}

/* What was imported can be found from now on, not a second later. */
static auk_code refresh(job *j, auk_error *err)
{
    auk_buffer target;
    auk_buffer_init(&target, 4096);
    auk_buffer_append_byte(&target, '/');
    auk_http_encode(&target, auk_buffer_span(&j->index));
    auk_buffer_append_text(&target, "/_refresh");
    auk_code code = auk_client_call(j->client, AUK_HTTP_POST, auk_buffer_span(&target),
                                    (auk_span){0}, NULL, err);
    auk_buffer_deinit(&target);
    /* A bulk may have gone to other indices only. */
    return code == AUK_NOT_FOUND ? AUK_OK : code;
}

static int finish(const auk_command *command, job *j, bool interrupted)
{
    pthread_mutex_lock(&j->import->mutex);
    auk_error err = j->import->failure;
    pthread_mutex_unlock(&j->import->mutex);
    auk_import_figures figures = read_figures(j);
    auk_code code = err.code;
    if (code == AUK_OK && !interrupted && figures.documents > 0)
        code = refresh(j, &err);
    auk_error rejects_err = {0};
    if (auk_rejects_close(&j->rejects, &rejects_err) != AUK_OK && code == AUK_OK) {
        code = rejects_err.code;
        err = rejects_err;
    }
    if (j->resumes) {
        auk_error resume_err = {0};
        if (auk_import_resume_close(&j->resume, code == AUK_OK && !interrupted, &resume_err) !=
                AUK_OK &&
            code == AUK_OK) {
            code = resume_err.code;
            err = resume_err;
        }
    }
    print_totals(j, &figures);
    if (interrupted) {
        (void)fflush(stdout);
        (void)fprintf(stderr, "auk import: interrupted; what is counted above is in%s\n",
                      j->resumes ? "; the same command goes on from there" : "");
        return EXIT_INTERRUPTED;
    }
    if (code != AUK_OK)
        return auk_complain(command, &err);
    if (figures.documents > 0)
        print_search(j);
    return figures.rejected > 0 ? EXIT_REJECTED : EXIT_FINE;
}

static void close_job(job *j)
{
    bool is_reader_left = j->import != NULL && atomic_load(&j->import->stop);
    auk_http_client_close(j->client);
    if (is_reader_left)
        return; /* it may still read; the process ends now */
    if (j->import != NULL)
        auk_import_destroy(j->import);
    if (j->source.data != NULL) {
        auk_records_deinit(&j->records);
        auk_source_deinit(&j->source);
    }
    auk_inflater_close(j->inflater);
    auk_buffer_deinit(&j->index);
    auk_buffer_deinit(&j->target);
    auk_buffer_deinit(&j->rejects_path);
    auk_options_deinit(&j->options);
}

static auk_code resume(job *j, auk_error *err)
{
    if (!j->resumes)
        return AUK_OK;
    auk_code code =
        auk_import_resume_open(&j->resume, j->path, &j->status, auk_buffer_span(&j->index), err);
    if (code != AUK_OK || !j->resume.goes_on || j->resume.is_done)
        return code;
    (void)fprintf(stderr, "auk import: goes on behind record %llu\n",
                  (unsigned long long)j->resume.records);
    return auk_rejects_keep(&j->rejects, j->resume.line, err);
}

static int import_file(const auk_command *command, int argc, const char *const *argv)
{
    job *j = &the_job;
    int status;
    if (!auk_command_read(command, argc, argv, &j->options, &status))
        return status;
    auk_error err = {0};
    auk_buffer_init(&j->index, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&j->target, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&j->rejects_path, AUK_BUFFER_NO_LIMIT);
    auk_code code = open_file(j, &err);
    if (code == AUK_OK) {
        name_index(j);
        code = prepare_server(j, &err);
    }
    if (code == AUK_OK)
        code = open_records(j, &err);
    if (code == AUK_OK) {
        auk_rejects_init(&j->rejects, j->rejects_path.data);
        code = resume(j, &err);
    }
    if (code == AUK_OK && j->resumes && j->resume.is_done) {
        (void)printf("all %llu records of %s are in %.*s already\n",
                     (unsigned long long)j->resume.records, j->path,
                     AUK_SPAN_ARG(auk_buffer_span(&j->index)));
        status = EXIT_FINE;
    } else if (code == AUK_OK) {
        status = finish(command, j, run(j));
    } else {
        status = auk_complain(command, &err);
    }
    close_job(j);
    return status;
}

const auk_command auk_import_command = {
    .name = "import",
    .arguments = "FILE|-",
    .summary = "import documents from a file or standard input",
    .description =
        "Reads NDJSON, a JSON array, CSV or TSV with a header row, or the lines of a _bulk "
        "request; "
        "plain, gzip or zstd. The form is seen from content and name.\n"
        "\n"
        "A busy server and a lost connection are waited for and tried again. Documents that the "
        "server does not take go to FILE.rejected.ndjson (from standard input: "
        "stdin.rejected.ndjson), each with its line and the reason.\n"
        "\n"
        "With `--resume` an import that was interrupted, killed or lost its server goes on where "
        "it "
        "ended when the same command is given again. Documents without `--id` get ids that follow "
        "from their place in the file. Standard input cannot be resumed.\n"
        "\n"
        "In tables, columns of numbers or of true and false become such, all else is text; empty "
        "fields are left out.\n"
        "\n"
        "On a terminal a bar shows the progress, elsewhere a line every few seconds on standard "
        "error. The last lines on standard output say what was imported and a search to try.",
    .examples =
        "auk import packages.ndjson --id name --mapping mapping.json\n"
        "auk import orders.csv.gz --index orders --resume\n"
        "psql -Atc \"select to_json(p) from people p\" | auk import - --index people --id id",
    .exits = "0    all documents are in\n"
             "1    failed; the reason is on standard error\n"
             "2    some documents were rejected\n"
             "130  interrupted",
    .options = rows,
    .option_count = ROW_COUNT,
    .least_arguments = 1,
    .most_arguments = 1,
    .run = import_file,
};
