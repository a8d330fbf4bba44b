#include "test.h"

#include <pthread.h>
#include <sched.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <unistd.h>

#include "auk/pool.h"

typedef struct gate {
    pthread_mutex_t lock;
    pthread_cond_t changed;
    bool open;
    unsigned waiting;
} gate;

static void gate_init(gate *g)
{
    *g = (gate){.open = false};
    assert_int_equal(pthread_mutex_init(&g->lock, NULL), 0);
    assert_int_equal(pthread_cond_init(&g->changed, NULL), 0);
}

static void wait_at_gate(void *context)
{
    gate *g = context;
    pthread_mutex_lock(&g->lock);
    g->waiting++;
    pthread_cond_broadcast(&g->changed);
    while (!g->open)
        pthread_cond_wait(&g->changed, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

static void wait_for_waiting(gate *g, unsigned count)
{
    pthread_mutex_lock(&g->lock);
    while (g->waiting < count)
        pthread_cond_wait(&g->changed, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

static void open_gate(gate *g)
{
    pthread_mutex_lock(&g->lock);
    g->open = true;
    pthread_cond_broadcast(&g->changed);
    pthread_mutex_unlock(&g->lock);
}

static void gate_deinit(gate *g)
{
    pthread_cond_destroy(&g->changed);
    pthread_mutex_destroy(&g->lock);
}

static void count_up(void *context)
{
    atomic_fetch_add((atomic_size_t *)context, 1);
}

static void every_task_runs_before_destroy_returns(void **state)
{
    (void)state;
    atomic_size_t ran = 0;
    auk_pool *pool = auk_pool_create("test", 3, 1000);
    for (int i = 0; i < 1000; i++)
        assert_int_equal(auk_pool_submit(pool, count_up, &ran, NULL), AUK_OK);
    auk_pool_destroy(pool);
    assert_int_equal(atomic_load(&ran), 1000);
}

static void a_full_queue_answers_busy_and_takes_tasks_again_later(void **state)
{
    (void)state;
    gate g;
    gate_init(&g);
    atomic_size_t ran = 0;
    auk_pool *pool = auk_pool_create("test", 1, 2);
    assert_int_equal(auk_pool_submit(pool, wait_at_gate, &g, NULL), AUK_OK);
    wait_for_waiting(&g, 1);
    assert_int_equal(auk_pool_submit(pool, count_up, &ran, NULL), AUK_OK);
    assert_int_equal(auk_pool_submit(pool, count_up, &ran, NULL), AUK_OK);
    auk_error err = {0};
    assert_int_equal(auk_pool_submit(pool, count_up, &ran, &err), AUK_BUSY);
    assert_string_equal(auk_error_type(&err), "es_rejected_execution_exception");
    auk_pool_stats stats;
    auk_pool_read_stats(pool, &stats);
    assert_int_equal(stats.threads, 1);
    assert_int_equal(stats.active, 1);
    assert_int_equal(stats.queued, 2);
    assert_int_equal(stats.queue_limit, 2);
    assert_int_equal(stats.rejected, 1);
    open_gate(&g);
    while (atomic_load(&ran) < 2)
        sched_yield();
    assert_int_equal(auk_pool_submit(pool, count_up, &ran, NULL), AUK_OK);
    auk_pool_destroy(pool);
    assert_int_equal(atomic_load(&ran), 3);
    gate_deinit(&g);
}

typedef struct sum {
    auk_pool *pool;
    size_t seen[2000];
    atomic_size_t total;
} sum;

static void mark(void *context, size_t index)
{
    sum *s = context;
    s->seen[index]++;
    atomic_fetch_add(&s->total, index);
}

static void a_loop_runs_each_index_once(void **state)
{
    (void)state;
    auk_pool *pool = auk_pool_create("test", 3, 10);
    static const size_t counts[] = {0, 1, 2, 3, 50, 2000};
    for (size_t i = 0; i < sizeof counts / sizeof counts[0]; i++) {
        for (int use_pool = 0; use_pool < 2; use_pool++) {
            static sum s;
            memset(s.seen, 0, sizeof s.seen);
            atomic_store(&s.total, 0);
            auk_pool_for(use_pool ? pool : NULL, counts[i], mark, &s);
            for (size_t j = 0; j < 2000; j++)
                assert_int_equal(s.seen[j], j < counts[i]);
        }
    }
    auk_pool_destroy(pool);
}

static void meet_another(void *context, size_t index)
{
    (void)index;
    gate *g = context;
    pthread_mutex_lock(&g->lock);
    g->waiting++;
    pthread_cond_broadcast(&g->changed);
    while (g->waiting < 2)
        pthread_cond_wait(&g->changed, &g->lock);
    pthread_mutex_unlock(&g->lock);
}

/* Hangs (and so fails) unless two threads are inside the body at the same time. */
static void an_idle_thread_joins_a_loop(void **state)
{
    (void)state;
    gate g;
    gate_init(&g);
    auk_pool *pool = auk_pool_create("test", 1, 1);
    auk_pool_for(pool, 2, meet_another, &g);
    auk_pool_destroy(pool);
    gate_deinit(&g);
}

typedef struct late_loop {
    auk_pool *pool;
    gate met;
} late_loop;

/* Late enough that _destroy has begun, most of the time. */
static void loop_late(void *context)
{
    late_loop *late = context;
    usleep(50000);
    auk_pool_for(late->pool, 2, meet_another, &late->met);
}

/* Hangs unless the idle thread stays as long as the other one's task. */
static void the_last_task_is_helped_while_the_pool_stops(void **state)
{
    (void)state;
    late_loop late;
    gate_init(&late.met);
    late.pool = auk_pool_create("test", 2, 1);
    assert_int_equal(auk_pool_submit(late.pool, loop_late, &late, NULL), AUK_OK);
    auk_pool_destroy(late.pool);
    gate_deinit(&late.met);
}

static void inner_loop(void *context, size_t index)
{
    (void)index;
    sum *s = context;
    atomic_fetch_add(&s->total, 1);
}

static void outer_loop(void *context, size_t index)
{
    (void)index;
    sum *s = context;
    auk_pool_for(s->pool, 20, inner_loop, s);
}

static void loop_in_task(void *context)
{
    sum *s = context;
    auk_pool_for(s->pool, 5, outer_loop, s);
}

/* All threads are inside tasks that loop, and the loops are nested: nobody is left to help. */
static void loops_inside_tasks_and_loops_do_not_deadlock(void **state)
{
    (void)state;
    static sum s;
    atomic_store(&s.total, 0);
    s.pool = auk_pool_create("test", 2, 200);
    for (int i = 0; i < 200; i++)
        assert_int_equal(auk_pool_submit(s.pool, loop_in_task, &s, NULL), AUK_OK);
    loop_in_task(&s);
    auk_pool_destroy(s.pool);
    assert_int_equal(atomic_load(&s.total), 201 * 5 * 20);
}

static void a_loop_ends_while_every_thread_is_busy(void **state)
{
    (void)state;
    gate g;
    gate_init(&g);
    static sum s;
    memset(s.seen, 0, sizeof s.seen);
    atomic_store(&s.total, 0);
    auk_pool *pool = auk_pool_create("test", 2, 4);
    assert_int_equal(auk_pool_submit(pool, wait_at_gate, &g, NULL), AUK_OK);
    assert_int_equal(auk_pool_submit(pool, wait_at_gate, &g, NULL), AUK_OK);
    wait_for_waiting(&g, 2);
    auk_pool_for(pool, 100, mark, &s);
    assert_int_equal(atomic_load(&s.total), 99 * 100 / 2);
    open_gate(&g);
    auk_pool_destroy(pool);
    gate_deinit(&g);
}

int main(void)
{
    const struct CMUnitTest tests[] = {
        cmocka_unit_test(every_task_runs_before_destroy_returns),
        cmocka_unit_test(a_full_queue_answers_busy_and_takes_tasks_again_later),
        cmocka_unit_test(the_last_task_is_helped_while_the_pool_stops),
        cmocka_unit_test(a_loop_runs_each_index_once),
        cmocka_unit_test(an_idle_thread_joins_a_loop),
        cmocka_unit_test(loops_inside_tasks_and_loops_do_not_deadlock),
        cmocka_unit_test(a_loop_ends_while_every_thread_is_busy),
    };
    return cmocka_run_group_tests_name("pool", tests, NULL, NULL);
}
