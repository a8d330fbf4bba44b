/*
 * catalog_kill.h - what the killed child tells its parent, and how it is begun.
 *
 *   Lifetime  the child's process.   Threads  any of the child's tell.   Memory  none.
 *   Errors    the child ends itself with another status than a kill's.
 */
#ifndef AUK_CATALOG_KILL_H
#define AUK_CATALOG_KILL_H

#include "auk/error.h"

#include "fault_model.h"

#define KILL_INDICES 2
#define KILL_SHARDS  3 /* of an index */

/* Those of one call come in one atomic write. */
typedef enum message_kind {
    TELL_READY,    /* all is open and reported */
    TELL_INTENT,   /* writer is about to make `call` */
    TELL_DONE,     /* one operation of the call; the last one acknowledges the call */
    TELL_DOCUMENT, /* found at start */
    TELL_LIVE,     /* found at start: live documents of the view */
    TELL_STEP,     /* admin step `call` is about to be made */
    TELL_STEPPED,  /* it was acknowledged */
    TELL_INDEX,    /* found at start: generation `document` */
    TELL_WRONG     /* the child saw what must not be */
} message_kind;

typedef struct message {
    message_kind kind;
    uint32_t writer, call, document, shard;
    uint32_t last; /* of the call */
    auk_code code;
    model_state state;
    model_generation generation;
    int64_t seq_no;
} message;

/*
 * Opens the catalog, tells what is there, tells READY, and then writes until it is killed. calls,
 * step: the next ones; step may be one that was on its way when the last child died. closes: no
 * more than the report, then a clean end with status 0.
 */
_Noreturn void kill_child_run(const char *directory, const uint32_t calls[MODEL_WRITERS],
                              uint32_t step, bool closes, int pipe);

#endif
