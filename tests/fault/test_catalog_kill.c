/*
 * Durability of the whole catalog: a child opens it and writes from several threads (index, create,
 * update, delete in bulks over two indices and six shards) while others refresh, flush, merge,
 * extend mappings, change settings, create and delete indices and move an alias. It tells through a
 * pipe what it is about to do and what was acknowledged, and is killed at a random moment. The next
 * child opens the directory and reports what it finds: every acknowledged operation, at most the
 * operations that were on their way, nothing else; sequence numbers that rise; get and the searched
 * view in agreement; an alias that has always exactly one index.
 *
 * Only children open the store, because it does not survive a fork. AUK_SOAK_ROUNDS: kills.
 */
#include <poll.h>
#include <signal.h>
#include <sys/wait.h>
#include <time.h>
#include <unistd.h>

#include "catalog_kill.h"
#include "store_support.h"

#define ROUNDS     10
#define LEAST_LIFE 50
#define MOST_LIFE  550 /* ms */

typedef struct expected {
    model_state state; /* after the acknowledged operations */
    int64_t seq_no;    /* of the last acknowledged one that is known; -1: none */
} expected;

typedef struct parent {
    char *directory;
    expected documents[MODEL_WRITERS][MODEL_DOCUMENTS];
    uint32_t calls[MODEL_WRITERS]; /* the next one */
    bool in_flight[MODEL_WRITERS]; /* the call before it was not acknowledged */
    uint32_t done[MODEL_WRITERS];  /* operations of it */
    int64_t highest[KILL_INDICES][KILL_SHARDS],
        floor[KILL_INDICES][KILL_SHARDS]; /* acknowledged; before this child */
    uint32_t step;                        /* the next one */
    bool step_in_flight;
    bool is_ready;
    uint64_t existing, acknowledged;
    uint32_t step_alternatives; /* bit 0: as acknowledged, bit 1: with the step on its way */
} parent;

/* What was found must be the acknowledged state, or one that the call on its way passes through. */
static void check_document(parent *p, const message *m)
{
    expected *want = &p->documents[m->writer][m->document];
    model_state state = want->state;
    bool as_acknowledged = model_same(&state, &m->state);
    bool possible = as_acknowledged;
    model_operation operations[MODEL_CALL_MOST];
    uint32_t count =
        p->in_flight[m->writer] ? model_call(m->writer, p->calls[m->writer] - 1, operations) : 0;
    for (uint32_t i = 0; i < count; i++) {
        if (operations[i].document != m->document)
            continue;
        model_apply(&state, &operations[i]);
        possible |= model_same(&state, &m->state);
    }
    if (!possible)
        fail_msg("writer %u document %u: found %d v=%lld u=%lld, acknowledged %d v=%lld u=%lld",
                 m->writer, m->document, m->state.exists, (long long)m->state.v,
                 (long long)m->state.u, want->state.exists, (long long)want->state.v,
                 (long long)want->state.u);
    if (m->state.exists && want->seq_no >= 0)
        assert_true(as_acknowledged ? m->seq_no == want->seq_no : m->seq_no > want->seq_no);
    want->state = m->state;
    want->seq_no = m->seq_no > want->seq_no ? m->seq_no : want->seq_no;
    p->existing += m->state.exists;
}

static void check_done(parent *p, const message *m)
{
    expected *want = &p->documents[m->writer][m->document];
    model_operation operations[MODEL_CALL_MOST];
    uint32_t count = model_call(m->writer, m->call, operations);
    uint32_t at = p->done[m->writer]++; /* they come in the call's order */
    assert_true(at < count && operations[at].document == m->document);
    bool taken = model_apply(&want->state, &operations[at]);
    assert_int_equal(taken, m->code == AUK_OK);
    if (taken) {
        int64_t *highest = &p->highest[m->document % KILL_INDICES][m->shard];
        assert_true(m->seq_no > want->seq_no);
        assert_true(m->seq_no > p->floor[m->document % KILL_INDICES][m->shard]);
        want->seq_no = m->seq_no;
        *highest = m->seq_no > *highest ? m->seq_no : *highest;
        p->acknowledged++;
    }
    if (m->last) {
        p->done[m->writer] = 0;
        p->in_flight[m->writer] = false;
    }
}

static void check_generation(parent *p, const message *m)
{
    uint32_t fits = 0;
    for (uint32_t more = 0; more <= (p->step_in_flight ? 1u : 0u); more++) {
        model_generation want = model_admin_state(p->step + more, m->document);
        if (memcmp(&want, &m->generation, sizeof want) == 0)
            fits |= 1u << more;
    }
    p->step_alternatives &= fits;
    if (p->step_alternatives == 0)
        fail_msg("generation %u after %u steps: exists %d, document %d, alias %d", m->document,
                 p->step, m->generation.exists, m->generation.has_document,
                 m->generation.has_alias);
}

static void become_ready(parent *p)
{
    for (uint32_t w = 0; w < MODEL_WRITERS; w++)
        p->in_flight[w] = false;
    if (p->step_in_flight && (p->step_alternatives & 1) == 0)
        p->step++;
    p->step_in_flight = false;
    p->is_ready = true;
}

static void hear(parent *p, const message *m)
{
    switch (m->kind) {
    case TELL_READY:
        become_ready(p);
        break;
    case TELL_INTENT:
        p->calls[m->writer] = m->call + 1;
        p->in_flight[m->writer] = true;
        break;
    case TELL_DONE:
        check_done(p, m);
        break;
    case TELL_DOCUMENT:
        check_document(p, m);
        break;
    case TELL_LIVE:
        assert_int_equal(m->document, p->existing);
        break;
    case TELL_STEP:
        p->step = m->call;
        p->step_in_flight = true;
        break;
    case TELL_STEPPED:
        p->step = m->call + 1;
        p->step_in_flight = false;
        break;
    case TELL_INDEX:
        check_generation(p, m);
        break;
    default:
        fail_msg("the alias led to %u indices", m->document);
    }
}

static pid_t start_child(const parent *p, bool closes, int *from)
{
    int ends[2];
    assert_int_equal(pipe(ends), 0);
    pid_t pid = fork();
    if (pid == 0) {
        close(ends[0]);
        kill_child_run(p->directory, p->calls, p->step, closes, ends[1]);
    }
    close(ends[1]);
    *from = ends[0];
    return pid;
}

static int64_t now_ms(void)
{
    struct timespec now;
    clock_gettime(CLOCK_MONOTONIC, &now);
    return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

static bool read_message(int from, message *m)
{
    size_t got = 0;
    while (got < sizeof *m) {
        ssize_t n = read(from, (char *)m + got, sizeof *m - got);
        if (n <= 0)
            return false;
        got += (size_t)n;
    }
    return true;
}

/* Hears the child until it is gone, and kills it when its time is up. */
static void hear_until(parent *p, int from, pid_t pid, int64_t life_ms)
{
    int64_t deadline = INT64_MAX;
    message m;
    for (;;) {
        struct pollfd wait = {.fd = from, .events = POLLIN};
        int64_t left = deadline == INT64_MAX ? 1000 : deadline - now_ms();
        if (left <= 0) {
            kill(pid, SIGKILL);
            deadline = INT64_MAX;
        } else if (poll(&wait, 1, (int)left) > 0) {
            bool was_ready = p->is_ready;
            if (!read_message(from, &m))
                return;
            hear(p, &m);
            if (!was_ready && p->is_ready && life_ms > 0)
                deadline = now_ms() + life_ms;
        }
    }
}

/* life_ms 0: it reports and closes by itself. */
static void run_child(parent *p, int64_t life_ms)
{
    int from, status;
    p->is_ready = false;
    p->existing = 0;
    p->step_alternatives = 3;
    memset(p->done, 0, sizeof p->done);
    memcpy(p->floor, p->highest, sizeof p->floor);
    pid_t pid = start_child(p, life_ms == 0, &from);
    hear_until(p, from, pid, life_ms);
    close(from);
    waitpid(pid, &status, 0);
    bool as_meant = life_ms > 0 ? WIFSIGNALED(status) && WTERMSIG(status) == SIGKILL
                                : WIFEXITED(status) && WEXITSTATUS(status) == 0;
    if (!as_meant || !p->is_ready)
        fail_msg("the child ended with status %#x", (unsigned)status);
}

static int rounds(void)
{
    const char *text = getenv("AUK_SOAK_ROUNDS");
    long asked = text != NULL ? strtol(text, NULL, 10) : 0;
    return asked > 0 ? (int)asked : ROUNDS;
}

static void a_killed_catalog_keeps_what_it_acknowledged(void **state)
{
    (void)state;
    parent p = {.directory = support_directory()};
    for (uint32_t w = 0; w < MODEL_WRITERS; w++)
        for (uint32_t d = 0; d < MODEL_DOCUMENTS; d++)
            p.documents[w][d] = (expected){.state = {false, -1, -1}, .seq_no = -1};
    memset(p.highest, -1, sizeof p.highest);
    unsigned seed = (unsigned)now_ms();
    for (int round = 0; round < rounds(); round++)
        run_child(&p, LEAST_LIFE + rand_r(&seed) % (MOST_LIFE - LEAST_LIFE));
    run_child(&p, 0); /* recovers and closes */
    run_child(&p, 0); /* opens what was closed */
    print_message("%llu operations acknowledged, %u steps on indices\n",
                  (unsigned long long)p.acknowledged, p.step);
    assert_true(p.acknowledged > 0);
    support_remove(p.directory);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(a_killed_catalog_keeps_what_it_acknowledged)};
    return cmocka_run_group_tests_name("catalog_kill", tests, NULL, NULL);
}
