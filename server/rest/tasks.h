/* tasks.h - what the routes that begin long work share with those that show it (routes_tasks.c). */
#ifndef AUK_REST_TASKS_H
#define AUK_REST_TASKS_H

#include "admin.h"

auk_span auk_call_task_id(const auk_call *call, uint64_t number); /* "node:7" */
/* {"task": "node:7"} for work that goes on behind the answer. */
void auk_call_write_task(auk_call *call, uint64_t number);

/* The job of the path's {task_id}; acquired. */
AUK_MUST_CHECK auk_code auk_call_find_job(auk_call *call, auk_job **out, auk_error *err);
/* Takes the job; the route runs again, with it in call->kept, when it is over or the server drains.
 */
void auk_call_await_job(auk_call *call, auk_job *job);
/* Then: how it ended, with its answer in *out; its error; or AUK_CANCELLED, because the server
 * stops while it runs, and with it what nobody can ask for again. */
AUK_MUST_CHECK auk_code auk_call_job_end(auk_call *call, auk_job *job, auk_job_state *out,
                                         auk_error *err);
/* One job in the form of a list of tasks, grouped as the call asks for. */
AUK_MUST_CHECK auk_code auk_call_write_job(auk_call *call, const auk_job_state *job,
                                           auk_error *err);

#endif
