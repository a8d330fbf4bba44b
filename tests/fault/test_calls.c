/*
 * The n-th call fails: writes, fsyncs, renames, opens, truncations, mappings and allocations, one
 * in each run of a program that writes through the catalog, for n = 1, 2, 3 ... until a run has no
 * such call any more. Two libraries that are preloaded do it (fail_point.h).
 *
 * What must hold of every run: it ends, by itself, with status 0, or with a last word that says
 * why; what it acknowledged is there after a start without the libraries, what it refused is absent
 * or whole, nothing else is there; a file whose fsync failed is not synced again, and what that
 * fsync should have covered may be gone (the test cuts it off) without harm to anything
 * acknowledged.
 *
 * AUK_SOAK_ROUNDS: so many times more runs, which is every n of the files' calls. Otherwise every
 * p-th, p a prime that is chosen by the number of calls; AUK_TEST_FAULTS=few: of the largest.
 */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "auk/error.h"
#include "store_support.h"

#include "calls_script.h"

#define PATIENCE_MS 60000 /* longer is a hang */
#define RUNS        6     /* about so many of each kind and error, without AUK_SOAK_ROUNDS */
#define WRONG_MOST  20    /* failures shown of one kind and error */
#define FATAL       70
#define MAYBE_MOST  (SCRIPT_CALLS + 2)

typedef struct fault {
    const char *kind, *error;
    const char *library;
    const char *mode; /* of the child: run, or check over a directory that a crash left */
    uint32_t runs;    /* times RUNS */
} fault;

typedef struct place {
    char *root;
    char data[300], template[300], records[300], report[300], errors[300];
} place;

/* What is known of one document: the last acknowledged value, and what may have replaced it. */
typedef struct expected {
    uint32_t value; /* 0: absent */
    uint32_t maybe[MAYBE_MOST];
    uint32_t maybe_count;
} expected;

typedef struct oracle {
    expected documents[SCRIPT_DOCUMENTS + 1];
    bool opened, ended, index_acknowledged;
    bool create_acknowledged, delete_tried, delete_acknowledged;
    int32_t ended_code;
    uint32_t counted;
} oracle;

typedef struct outcome {
    int status;
    bool is_hung;
    bool failed, again;
    char failed_path[300];
    char errors[2000];
} outcome;

static const char *library_files, *library_allocations, *child_program;

/* ---- files ---- */

static size_t read_text(const char *path, char *into, size_t capacity)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read(fd, into, capacity - 1) : 0;
    if (fd >= 0)
        close(fd);
    into[size > 0 ? size : 0] = '\0';
    return size > 0 ? (size_t)size : 0;
}

static void copy_file(const char *from, const char *to)
{
    char bytes[65536];
    int in = open(from, O_RDONLY | O_CLOEXEC);
    int out = open(to, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    assert_true(in >= 0 && out >= 0);
    for (ssize_t size; (size = read(in, bytes, sizeof bytes)) > 0;)
        assert_int_equal(write(out, bytes, (size_t)size), size);
    close(in);
    close(out);
}

/* Two levels: a data directory has no more. */
static void copy_directory(const char *from, const char *to)
{
    char source[600], target[600];
    struct dirent *entry;
    struct stat status;
    DIR *listing = opendir(from);
    assert_non_null(listing);
    assert_int_equal(mkdir(to, 0700), 0);
    while ((entry = readdir(listing)) != NULL) {
        if (entry->d_name[0] == '.')
            continue;
        snprintf(source, sizeof source, "%s/%s", from, entry->d_name);
        snprintf(target, sizeof target, "%s/%s", to, entry->d_name);
        assert_int_equal(stat(source, &status), 0);
        if (S_ISDIR(status.st_mode))
            copy_directory(source, target);
        else
            copy_file(source, target);
    }
    closedir(listing);
}

static void place_init(place *at)
{
    const char *memory = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : NULL;
    if (memory != NULL && getenv("TMPDIR") == NULL)
        setenv("TMPDIR", memory, 1);
    at->root = support_directory();
    assert_int_equal(mkdir(at->root, 0700), 0);
    snprintf(at->data, sizeof at->data, "%s/data", at->root);
    snprintf(at->template, sizeof at->template, "%s/template", at->root);
    snprintf(at->records, sizeof at->records, "%s/records", at->root);
    snprintf(at->report, sizeof at->report, "%s/report", at->root);
    snprintf(at->errors, sizeof at->errors, "%s/errors", at->root);
}

/* ---- one run of the child ---- */

#define ENVIRONMENT 64

typedef struct environment {
    char *values[ENVIRONMENT];
    size_t count;
} environment;

static void add(environment *e, const char *name, const char *value)
{
    assert_true(e->count + 1 < ENVIRONMENT);
    assert_true(asprintf(&e->values[e->count++], "%s=%s", name, value) > 0);
}

static void environment_deinit(environment *e)
{
    for (size_t i = 0; i < e->count; i++)
        free(e->values[i]);
}

static void environment_init(environment *e, const place *at, const fault *f, uint64_t n)
{
    char number[32];
    *e = (environment){0};
    add(e, "PATH", "/usr/bin:/bin");
    if (getenv("ASAN_OPTIONS") != NULL)
        add(e, "ASAN_OPTIONS", getenv("ASAN_OPTIONS"));
    if (f == NULL)
        return;
    snprintf(number, sizeof number, "%llu", (unsigned long long)n);
    add(e, "LD_PRELOAD", f->library);
    add(e, "AUK_CALLS_KIND", f->kind);
    add(e, "AUK_CALLS_AT", number);
    add(e, "AUK_CALLS_ERROR", f->error);
    add(e, "AUK_CALLS_DIR", at->data);
    add(e, "AUK_CALLS_REPORT", at->report);
    add(e, "AUK_CALLS_FROM", "start");
}

static pid_t start(const place *at, const char *mode, char **values)
{
    pid_t pid;
    posix_spawn_file_actions_t actions;
    char *arguments[] = {(char *)(uintptr_t)child_program, (char *)(uintptr_t)mode,
                         (char *)(uintptr_t)at->data, (char *)(uintptr_t)at->records, NULL};
    posix_spawn_file_actions_init(&actions);
    posix_spawn_file_actions_addopen(&actions, STDERR_FILENO, at->errors,
                                     O_WRONLY | O_CREAT | O_TRUNC, 0600);
    int failed = posix_spawn(&pid, child_program, &actions, NULL, arguments, values);
    posix_spawn_file_actions_destroy(&actions);
    assert_int_equal(failed, 0);
    return pid;
}

static void wait_for(pid_t pid, outcome *out)
{
    for (unsigned waited = 0; waited < PATIENCE_MS; waited++) {
        if (waitpid(pid, &out->status, WNOHANG) == pid)
            return;
        nanosleep(&(struct timespec){.tv_nsec = 1000000}, NULL);
    }
    out->is_hung = true;
    kill(pid, SIGKILL);
    waitpid(pid, &out->status, 0);
}

/* What a failed fsync did not cover is gone, as after a power cut. */
static void lose(const char *path, long synced)
{
    struct stat status;
    if (stat(path, &status) == 0 && S_ISREG(status.st_mode) && status.st_size > synced)
        assert_int_equal(truncate(path, synced), 0);
}

static void read_report(const place *at, outcome *out)
{
    char text[4000], path[300];
    long synced;
    read_text(at->report, text, sizeof text);
    unlink(at->report);
    char *rest = NULL;
    for (char *line = strtok_r(text, "\n", &rest); line != NULL;
         line = strtok_r(NULL, "\n", &rest)) {
        if (sscanf(line, "failed %*s %299s", out->failed_path) == 1)
            out->failed = true;
        else if (sscanf(line, "synced %ld %299s", &synced, path) == 2)
            lose(path, synced);
        else
            out->again = true;
    }
}

static void run_child(const place *at, const char *mode, const fault *f, uint64_t n, outcome *out)
{
    environment e;
    *out = (outcome){0};
    environment_init(&e, at, f, n);
    unlink(at->records);
    wait_for(start(at, mode, e.values), out);
    environment_deinit(&e);
    read_text(at->errors, out->errors, sizeof out->errors);
    read_report(at, out);
}

/* ---- the oracle ---- */

static void tried(expected *e, uint32_t value)
{
    assert_true(e->maybe_count < MAYBE_MOST);
    e->maybe[e->maybe_count++] = value;
}

static void taken(expected *e, uint32_t value)
{
    e->value = value;
    e->maybe_count = 0;
}

static void hear_intent(oracle *o, const script_record *r)
{
    if (r->is_step) {
        o->delete_tried |= script_step_of(r->call) == STEP_DELETE;
        return;
    }
    for (uint32_t i = 0; i < SCRIPT_ITEMS; i++) {
        script_item item = script_item_of(r->call, i);
        tried(&o->documents[item.document], item.deletes ? 0 : item.value);
    }
}

static void hear(oracle *o, const script_record *r)
{
    script_item item;
    switch ((script_kind)r->kind) {
    case SCRIPT_OPENED:
        o->opened = true;
        tried(&o->documents[SCRIPT_DOCUMENTS], SCRIPT_LAST);
        break;
    case SCRIPT_INTENT:
        hear_intent(o, r);
        break;
    case SCRIPT_ITEM:
        item = script_item_of(r->call, r->item);
        if (r->code == AUK_OK)
            taken(&o->documents[item.document], item.deletes ? 0 : item.value);
        break;
    case SCRIPT_STEP:
        o->index_acknowledged |= r->call == SCRIPT_CALLS && r->code == AUK_OK;
        o->create_acknowledged |= script_step_of(r->call) == STEP_CREATE && r->code == AUK_OK;
        o->delete_acknowledged |= script_step_of(r->call) == STEP_DELETE && r->code == AUK_OK;
        break;
    case SCRIPT_ENDED:
        o->ended = true;
        o->ended_code = r->code;
        if (r->code == AUK_OK)
            taken(&o->documents[SCRIPT_DOCUMENTS], SCRIPT_LAST);
        break;
    case SCRIPT_COUNT:
        o->counted = r->value;
        break;
    default:
        break;
    }
}

static size_t read_records(const place *at, script_record *records, size_t most)
{
    int fd = open(at->records, O_RDONLY | O_CLOEXEC);
    ssize_t size = fd >= 0 ? read(fd, records, most * sizeof *records) : 0;
    if (fd >= 0)
        close(fd);
    return size > 0 ? (size_t)size / sizeof *records : 0;
}

static void hear_all(const place *at, oracle *o)
{
    script_record records[512];
    size_t count = read_records(at, records, 512);
    for (size_t i = 0; i < count; i++)
        hear(o, &records[i]);
}

static bool fits(const expected *e, uint32_t found)
{
    bool fit = found == e->value;
    for (uint32_t i = 0; i < e->maybe_count; i++)
        fit |= found == e->maybe[i];
    return fit;
}

static const char *check_other(const oracle *o, const script_record *r)
{
    bool is_there = r->item;
    if (o->delete_acknowledged && is_there)
        return "a deleted index is there";
    if (o->create_acknowledged && !o->delete_tried && !is_there)
        return "a created index is gone";
    if (is_there && o->create_acknowledged && r->value != 1)
        return "the document of an index is gone";
    return NULL;
}

/* What a check found, held against what is known. NULL: it fits. */
static const char *check(const place *at, const oracle *o, char words[200])
{
    script_record records[64];
    uint32_t found = 0, live = UINT32_MAX, seen = 0;
    size_t count = read_records(at, records, 64);
    for (size_t i = 0; i < count; i++) {
        const script_record *r = &records[i];
        if (r->kind == SCRIPT_INDEX && r->value == 0 && o->index_acknowledged)
            return "the index is gone";
        if (r->kind == SCRIPT_OTHER && check_other(o, r) != NULL)
            return check_other(o, r);
        if (r->kind == SCRIPT_LIVE)
            live = r->value;
        if (r->kind != SCRIPT_FOUND)
            continue;
        const expected *e = &o->documents[r->item];
        snprintf(words, 200, "document %u has value %u, acknowledged is %u (and %u tried since)",
                 r->item, r->value, e->value, e->maybe_count);
        if (!fits(e, r->value))
            return words;
        found += r->value != 0;
        seen++;
    }
    if (o->index_acknowledged && (seen != SCRIPT_DOCUMENTS + 1 || live == UINT32_MAX))
        return "the check did not come to its end";
    if (live != UINT32_MAX && live != found)
        return "searches see other documents than gets";
    return NULL;
}

static bool is_log(const char *path)
{
    size_t size = strlen(path);
    return size > 4 && strcmp(path + size - 4, ".log") == 0;
}

/*
 * RocksDB 7.8 looks at the first key of a compaction's output though there is none, when the output
 * turned out empty and writing its end failed. Nothing is lost by it, and flushes are not begun
 * when space is short (auk_store_flush), so that a full disk does not lead there.
 */
static bool is_known_assertion(const outcome *out)
{
    return strstr(out->errors, "internal_key.size() >= kNumInternalBytes") != NULL;
}

static bool ends_with_a_word(const fault *f, const outcome *out)
{
    bool has_word = strstr(out->errors, "fatal: ") != NULL;
    if (WIFEXITED(out->status) && WEXITSTATUS(out->status) == FATAL)
        return has_word;
    if (WIFEXITED(out->status) && WEXITSTATUS(out->status) == 1)
        return strstr(out->errors, "cannot open: ") != NULL;
    /* C++ libraries that get no memory abort, as we do for small things. */
    return WIFSIGNALED(out->status) && WTERMSIG(out->status) == SIGABRT &&
           (strcmp(f->kind, "allocate") == 0 || is_known_assertion(out)) && has_word;
}

/* NULL: the run ended as it may. */
static const char *check_end(const fault *f, const outcome *out, const oracle *o)
{
    bool is_fine = WIFEXITED(out->status) && WEXITSTATUS(out->status) == 0;
    if (out->is_hung)
        return "it hangs";
    if (out->again)
        return "a failed fsync was tried again";
    if (!is_fine && !ends_with_a_word(f, out))
        return "it ended without a word, or by a signal";
    if (!is_fine && !out->failed)
        return "it ended badly though nothing failed";
    if (is_fine && strcmp(f->kind, "fsync") == 0 && is_log(out->failed_path))
        return "a failed fsync of the log was survived";
    if (is_fine && strcmp(f->mode, "run") == 0 && (!o->ended || o->ended_code != AUK_OK))
        return "writes did not go on";
    return NULL;
}

/* True: a call was made to fail. *bad: it went wrong. */
static bool one_run(const place *at, const fault *f, const oracle *before, uint64_t n, bool *bad)
{
    oracle o = {0};
    outcome out, after;
    char words[200];
    support_remove(strdup(at->data));
    if (before != NULL) {
        copy_directory(at->template, at->data);
        o = *before;
    }
    run_child(at, f->mode, f, n, &out);
    if (before == NULL)
        hear_all(at, &o);
    const char *wrong = check_end(f, &out, &o);
    bool read_all = before != NULL && WIFEXITED(out.status) && WEXITSTATUS(out.status) == 0;
    if (wrong == NULL && read_all)
        wrong = check(at, &o, words);
    if (wrong == NULL) {
        run_child(at, "check", NULL, 0, &after);
        wrong = WIFEXITED(after.status) && WEXITSTATUS(after.status) == 0 ? check(at, &o, words)
                                                                          : "the next start fails";
        if (wrong != NULL)
            memcpy(out.errors, after.errors, sizeof out.errors);
    }
    *bad = wrong != NULL;
    if (*bad)
        print_error("%s %s, call %llu (%s, %s): %s; status %#x\n%s", f->kind, f->error,
                    (unsigned long long)n, f->mode, out.failed_path, wrong, (unsigned)out.status,
                    out.errors);
    return out.failed;
}

/* ---- every n, or every p-th ---- */

static uint64_t next_prime(uint64_t from)
{
    for (uint64_t n = from < 2 ? 2 : from;; n++) {
        uint64_t divisor = 2;
        while (divisor * divisor <= n && n % divisor != 0)
            divisor++;
        if (divisor * divisor > n)
            return n;
    }
}

/* How many calls there are when none fails. */
static uint64_t count_calls(const place *at, const fault *f, const oracle *before)
{
    oracle o = {0};
    outcome out;
    support_remove(strdup(at->data));
    if (before != NULL)
        copy_directory(at->template, at->data);
    run_child(at, f->mode, f, 0, &out);
    hear_all(at, &o);
    if (!WIFEXITED(out.status) || WEXITSTATUS(out.status) != 0)
        fail_msg("without a failure: status %#x\n%s", (unsigned)out.status, out.errors);
    return o.counted;
}

static void each_call(const place *at, const fault *f, const oracle *before)
{
    uint64_t calls = count_calls(at, f, before);
    const char *text = getenv("AUK_SOAK_ROUNDS");
    uint64_t rounds = text != NULL ? strtoul(text, NULL, 10) : 0;
    bool few = getenv("AUK_TEST_FAULTS") != NULL && strcmp(getenv("AUK_TEST_FAULTS"), "few") == 0;
    uint64_t wanted = few ? 2 : (uint64_t)RUNS * f->runs * (rounds > 0 ? rounds : 1);
    uint64_t stride = calls <= wanted ? 1 : next_prime(calls / wanted);
    uint64_t first = rounds > 0 ? (uint64_t)time(NULL) % stride : 0;
    uint64_t failures = 0;
    uint32_t wrong = 0;
    bool bad = false;
    for (uint64_t n = 1 + first; wrong < WRONG_MOST && one_run(at, f, before, n, &bad);
         n += stride) {
        failures++;
        wrong += bad;
    }
    print_message("%s %s (%s): %llu calls, %llu made to fail\n", f->kind, f->error, f->mode,
                  (unsigned long long)calls, (unsigned long long)failures);
    assert_true(failures > 0);
    assert_true(wrong == 0 && !bad);
}

static void run_fault(void **state)
{
    const fault *f = *state;
    place at;
    oracle before = {0};
    outcome out;
    bool recovers = strcmp(f->mode, "check") == 0;
    place_init(&at);
    if (recovers) {
        run_child(&at, "crash", NULL, 0, &out);
        assert_int_equal(out.status, 0);
        hear_all(&at, &before);
        assert_int_equal(rename(at.data, at.template), 0);
    }
    each_call(&at, f, recovers ? &before : NULL);
    support_remove(at.root);
}

#define FILES(kind, error, runs)                                                                   \
    {                                                                                              \
        kind, error, NULL, "run", runs                                                             \
    }
#define START(kind, error, runs)                                                                   \
    {                                                                                              \
        kind, error, NULL, "check", runs                                                           \
    }

static fault faults[] = {
    FILES("write", "5", 2),     FILES("write", "28", 2),    FILES("write", "4", 1),
    FILES("write", "short", 2), FILES("fsync", "5", 2),     FILES("fsync", "28", 2),
    FILES("fsync", "4", 1),     FILES("rename", "5", 1),    FILES("rename", "28", 1),
    FILES("open", "5", 1),      FILES("open", "28", 1),     FILES("open", "4", 1),
    FILES("truncate", "5", 1),  FILES("map", "5", 1),       FILES("map", "12", 1),
    FILES("allocate", "12", 6), START("write", "5", 1),     START("write", "28", 1),
    START("fsync", "5", 1),     START("rename", "5", 1),    START("open", "5", 1),
    START("map", "5", 1),       START("allocate", "12", 3),
};
#define FAULTS (sizeof faults / sizeof faults[0])

/* all, files for all but allocations, or one kind */
static bool is_asked_for(const fault *f, const char *what)
{
    bool allocates = strcmp(f->kind, "allocate") == 0;
    return strcmp(what, "all") == 0 || strcmp(what, f->kind) == 0 ||
           (strcmp(what, "files") == 0 && !allocates);
}

int main(int argc, char **argv)
{
    struct CMUnitTest tests[FAULTS] = {{0}};
    char names[FAULTS][64];
    size_t count = 0;
    if (argc < 4)
        return 2;
    child_program = argv[1];
    library_files = argv[2];
    library_allocations = argv[3];
    for (size_t i = 0; i < FAULTS; i++) {
        bool allocates = strcmp(faults[i].kind, "allocate") == 0;
        if (!is_asked_for(&faults[i], argc > 4 ? argv[4] : "all"))
            continue;
        faults[i].library = allocates ? library_allocations : library_files;
        snprintf(names[count], sizeof names[count], "%s %s, %s", faults[i].kind, faults[i].error,
                 faults[i].mode);
        tests[count] = (struct CMUnitTest){.name = names[count],
                                           .test_func = run_fault,
                                           .initial_state = &faults[i]};
        count++;
    }
    return _cmocka_run_group_tests("calls", tests, count, NULL, NULL);
}
