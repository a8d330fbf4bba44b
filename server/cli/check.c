/* check.c - the command: is a data directory whole, and what can be kept when it is not. */
#include <inttypes.h>
#include <stdlib.h>

#include "auk/catalog_check.h"
#include "auk/json.h"
#include "auk/log.h"
#include "auk/process.h"
#include "command.h"
#include "import_progress.h"

#define EXIT_DAMAGED 1
#define EXIT_NO_WAY  2

enum { REPAIR, JSON, QUIET, ROW_COUNT };

static const auk_option rows[ROW_COUNT] = {
    [REPAIR] = {.name = "repair",
                .form = "",
                .kind = AUK_OPTION_SWITCH,
                .fallback = "false",
                .flag_only = true,
                .help = "Take out what is damaged, put back what can be put back, and say what was "
                        "lost. The files as they were are kept in DIR/before-repair."},
    [JSON] = {.name = "json",
              .form = "",
              .kind = AUK_OPTION_SWITCH,
              .fallback = "false",
              .flag_only = true,
              .help = "Print one JSON object instead of lines."},
    [QUIET] = {.name = "quiet",
               .form = "",
               .kind = AUK_OPTION_SWITCH,
               .fallback = "false",
               .flag_only = true,
               .help = "Print no progress and no shards, only what was found."},
};

typedef struct job {
    const auk_option_value *values;
    auk_findings findings;
    auk_json_writer json;
    auk_buffer findings_text, shards_text; /* JSON, items parted by commas */
    bool is_repairing;
} job;

/* ---- findings ---- */

static const char *kind_name(auk_finding_kind kind)
{
    static const char *const names[] = {"step", "note", "damage", "repaired", "lost"};
    return names[kind];
}

static void append_item(auk_buffer *list, auk_json_writer *writer)
{
    if (list->size > 0)
        auk_buffer_append_byte(list, ',');
    auk_json_writer_init(writer, list, false);
    auk_json_begin_object(writer);
}

static void tell(void *context, const auk_finding *finding)
{
    job *j = context;
    if (j->values[JSON].number) {
        if (finding->kind == AUK_FINDING_STEP)
            return;
        append_item(&j->findings_text, &j->json);
        auk_json_member_string(&j->json, "kind", auk_span_of(kind_name(finding->kind)));
        auk_json_member_string(&j->json, "where", auk_span_of(finding->where));
        auk_json_member_string(&j->json, "message", auk_span_of(finding->message));
        auk_json_end_object(&j->json);
    } else if (finding->kind != AUK_FINDING_STEP) {
        (void)printf("%s: %s: %s\n", kind_name(finding->kind), finding->where, finding->message);
    } else if (!j->values[QUIET].number && !j->is_repairing) {
        (void)printf("%s: %s\n", finding->where, finding->message);
        (void)fflush(stdout);
    }
}

/* ---- shards ---- */

static void add_segments(auk_json_writer *out, const auk_checked_shard *checked)
{
    auk_json_member_array(out, "segments");
    for (uint32_t i = 0; i < checked->segment_count; i++) {
        const auk_checked_segment *segment = &checked->segments[i];
        auk_json_begin_object(out);
        auk_json_member_uint(out, "id", segment->id);
        auk_json_member_uint(out, "documents", segment->doc_count);
        auk_json_member_uint(out, "deleted", segment->deleted_count);
        auk_json_member_uint(out, "bytes", segment->bytes);
        auk_json_member_bool(out, "sound", segment->is_sound);
        auk_json_end_object(out);
    }
    auk_json_end_array(out);
}

static void add_shard(job *j, auk_span index, uint32_t number, const auk_checked_shard *checked)
{
    auk_json_writer *out = &j->json;
    append_item(&j->shards_text, out);
    auk_json_member_string(out, "index", index);
    auk_json_member_uint(out, "shard", number);
    auk_json_member_uint(out, "documents", checked->live_count);
    auk_json_member_uint(out, "deleted", checked->deleted_count);
    auk_json_member_int(out, "checkpoint", checked->checkpoint);
    auk_json_member_int(out, "max_seq_no", checked->max_seq_no);
    auk_json_member_uint(out, "journal_entries", checked->journal_entries);
    auk_json_member_uint(out, "journal_operations", checked->journal_operations);
    add_segments(out, checked);
    auk_json_end_object(out);
}

static void tell_shard(void *context, auk_span index, uint32_t number,
                       const auk_checked_shard *checked)
{
    job *j = context;
    if (j->values[JSON].number)
        add_shard(j, index, number, checked);
    else if (!j->values[QUIET].number)
        (void)printf("index [%.*s] shard [%u]: %u segments, %" PRIu64 " documents, %" PRIu64
                     " deleted, %" PRIu64 " operations in the journal\n",
                     AUK_SPAN_ARG(index), number, checked->segment_count, checked->live_count,
                     checked->deleted_count, checked->journal_operations);
}

/* ---- the last words ---- */

static uint64_t count(const job *j, auk_finding_kind kind)
{
    return j->findings.count[kind];
}

static void print_json(const job *j, const char *directory, const auk_check_sums *sums, bool clean)
{
    auk_buffer text;
    auk_json_writer out;
    auk_buffer_init(&text, AUK_BUFFER_NO_LIMIT);
    auk_json_writer_init(&out, &text, false);
    auk_json_begin_object(&out);
    auk_json_member_string(&out, "directory", auk_span_of(directory));
    auk_json_member_bool(&out, "clean", clean);
    auk_json_member_uint(&out, "indices", sums->indices);
    auk_json_member_uint(&out, "documents", sums->documents);
    auk_json_member_uint(&out, "damages", count(j, AUK_FINDING_DAMAGE));
    auk_json_member_uint(&out, "lost", count(j, AUK_FINDING_LOST));
    auk_json_end_object(&out);
    text.size--; /* the lists are texts already */
    (void)printf("%.*s,\"findings\":[%.*s],\"shards\":[%.*s]}\n",
                 AUK_SPAN_ARG(auk_buffer_span(&text)),
                 AUK_SPAN_ARG(auk_buffer_span(&j->findings_text)),
                 AUK_SPAN_ARG(auk_buffer_span(&j->shards_text)));
    auk_buffer_deinit(&text);
}

static void print_text(const job *j, const char *directory, const auk_check_sums *sums, bool clean)
{
    auk_buffer text;
    auk_buffer_init(&text, 4096);
    auk_buffer_printf(&text, "%s: %s: %u indices, %u shards, %u segments, ", directory,
                      clean ? "clean" : "damaged", sums->indices, sums->shards, sums->segments);
    auk_append_count(&text, sums->documents);
    auk_buffer_printf(&text, " documents, %" PRIu64 " operations in journals",
                      sums->journal_operations);
    if (!clean)
        auk_buffer_printf(&text, "; %" PRIu64 " damages", count(j, AUK_FINDING_DAMAGE));
    if (count(j, AUK_FINDING_LOST) > 0)
        auk_buffer_printf(&text, "; lost: %" PRIu64 " lines above", count(j, AUK_FINDING_LOST));
    auk_buffer_append_byte(&text, '\n');
    (void)fwrite(text.data, 1, text.size, stdout);
    if (!clean && !j->values[REPAIR].number)
        (void)printf("auk check --repair keeps what can be kept and says what is lost\n");
    auk_buffer_deinit(&text);
}

/* ---- the work ---- */

static auk_code check(job *j, const char *directory, auk_check_sums *sums, auk_error *err)
{
    auk_check_watcher watcher = {&j->findings, tell_shard, j};
    return auk_catalog_check(directory, &watcher, sums, err);
}

/* A repair, and the check that shows what it is worth. */
static auk_code repair(job *j, const char *directory, auk_check_sums *sums, auk_error *err)
{
    j->is_repairing = true;
    auk_code code = auk_catalog_repair(directory, &j->findings, err);
    j->findings.count[AUK_FINDING_DAMAGE] = 0;
    auk_buffer_reset(&j->shards_text);
    return code == AUK_OK ? check(j, directory, sums, err) : code;
}

static int complain(const auk_command *command, const auk_error *err)
{
    (void)fflush(stdout);
    (void)auk_complain(command, err);
    return EXIT_NO_WAY;
}

static int run_job(const auk_command *command, job *j, const char *directory)
{
    auk_error err = {0};
    auk_check_sums sums = {0};
    auk_code code = check(j, directory, &sums, &err);
    if (code == AUK_OK && j->values[REPAIR].number && count(j, AUK_FINDING_DAMAGE) > 0)
        code = repair(j, directory, &sums, &err);
    if (code != AUK_OK)
        return complain(command, &err);
    bool clean = count(j, AUK_FINDING_DAMAGE) == 0;
    if (j->values[JSON].number)
        print_json(j, directory, &sums, clean);
    else
        print_text(j, directory, &sums, clean);
    return clean ? EXIT_FINE : EXIT_DAMAGED;
}

static void log_nothing(auk_log_level level, const char *message, const char *fields)
{
    (void)level;
    (void)message;
    (void)fields;
}

static int check_directory(const auk_command *command, int argc, const char *const *argv)
{
    auk_options options;
    int status;
    if (!auk_command_read(command, argc, argv, &options, &status))
        return status == EXIT_FAILED ? EXIT_NO_WAY : status;
    job j = {.values = options.values};
    j.findings = (auk_findings){.tell = tell, .context = &j};
    auk_buffer_init(&j.findings_text, AUK_BUFFER_NO_LIMIT);
    auk_buffer_init(&j.shards_text, AUK_BUFFER_NO_LIMIT);
    auk_log_set_hook(log_nothing); /* what it would say is told as a finding */
    (void)auk_process_raise_open_files();
    auk_store_install_sigbus_handler();
    status = run_job(command, &j, options.arguments[0]);
    auk_buffer_deinit(&j.findings_text);
    auk_buffer_deinit(&j.shards_text);
    auk_options_deinit(&options);
    return status;
}

const auk_command auk_check_command = {
    .name = "check",
    .arguments = "DIR",
    .summary = "look whether a data directory is whole, and repair it",
    .description =
        "Reads everything in a data directory that no server has open: the checksums of every "
        "file, "
        "the records of indices and mappings, and of each segment that terms, lists, positions, "
        "norms, columns, documents, ids and deletions fit each other. Nothing is changed.\n\n"
        "With `--repair` a damaged segment is taken out. Documents whose source is sound go back "
        "to "
        "the journal, from where the next start indexes them again; the others are named, one a "
        "line. Damaged records of logs are left out, those behind them kept. What was there before "
        "is kept in DIR/before-repair. Afterwards the directory is checked again.",
    .examples = "auk check ./auk-data\nauk check --repair ./auk-data",
    .exits = "0  whole\n1  damaged; with --repair: still damaged\n2  it could not be looked at",
    .options = rows,
    .option_count = ROW_COUNT,
    .least_arguments = 1,
    .most_arguments = 1,
    .run = check_directory,
};
