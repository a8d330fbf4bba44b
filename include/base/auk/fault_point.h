/*
 * fault_point.h - named places around every durable step, at which tests have the process killed.
 *
 * In test builds (CMake's AUK_FAULT_POINTS) the environment arms them; elsewhere each line is
 * nothing:
 *
 *   AUK_KILL_AT=journal.append.after:3   the process kills itself with SIGKILL when the place is
 *                                        passed for the third time (without a number: the first)
 *   AUK_FAULT_STALL=journal.append.before:300   whoever passes the place sleeps so many ms there
 *   AUK_FAULT_SKIP=journal.sync          leaves the step out, so that tests can be seen to fail
 *   AUK_FAULT_POINTS_LIST=FILE           writes the names of all places to the file, a line each
 *
 * A name that is not in the table ends the process: a test that kills nothing would prove nothing.
 *
 *   Threads   any.   Memory, errors   none.
 */
#ifndef AUK_FAULT_POINT_H
#define AUK_FAULT_POINT_H

#include <stdbool.h>

/* In the order of a write's way: first start, start, write, flush and merge, changes of what
 * exists, tasks, rebuilds. */
#define AUK_FAULT_POINT_MAP(X)                                                                     \
    X(FORMAT_WRITE_BEFORE, "format.write.before")                                                  \
    X(FORMAT_WRITE_AFTER, "format.write.after")                                                    \
    X(NODE_WRITE_BEFORE, "node.write.before")                                                      \
    X(NODE_WRITE_AFTER, "node.write.after")                                                        \
    X(LOG_CARRY_BEFORE, "log.carry.before")                                                        \
    X(LOG_CARRY_AFTER, "log.carry.after")                                                          \
    X(ORPHANS_DROP_BEFORE, "orphans.drop.before")                                                  \
    X(ORPHANS_DROP_AFTER, "orphans.drop.after")                                                    \
    X(RECOVER_REPLAY_AFTER, "recover.replay.after")                                                \
    X(TERM_WRITE_BEFORE, "term.write.before")                                                      \
    X(TERM_WRITE_AFTER, "term.write.after")                                                        \
    X(JOURNAL_APPEND_BEFORE, "journal.append.before")                                              \
    X(JOURNAL_APPEND_AFTER, "journal.append.after")                                                \
    X(LOG_SYNC_BEFORE, "log.sync.before")                                                          \
    X(LOG_SYNC_AFTER, "log.sync.after")                                                            \
    X(IDS_RESERVE_BEFORE, "ids.reserve.before")                                                    \
    X(IDS_RESERVE_AFTER, "ids.reserve.after")                                                      \
    X(SEGMENT_BEGIN, "segment.begin")                                                              \
    X(SEGMENT_PUT, "segment.put")                                                                  \
    X(SEGMENT_FINISH_BEFORE, "segment.finish.before")                                              \
    X(SEGMENT_FINISH_AFTER, "segment.finish.after")                                                \
    X(INGEST_BEFORE, "ingest.before")                                                              \
    X(INGEST_AFTER, "ingest.after")                                                                \
    X(MANIFEST_WRITE_BEFORE, "manifest.write.before")                                              \
    X(MANIFEST_WRITE_AFTER, "manifest.write.after")                                                \
    X(SEGMENT_DROP_BEFORE, "segment.drop.before")                                                  \
    X(SEGMENT_DROP_AFTER, "segment.drop.after")                                                    \
    X(JOURNAL_TRIM_BEFORE, "journal.trim.before")                                                  \
    X(JOURNAL_TRIM_AFTER, "journal.trim.after")                                                    \
    X(INDEX_CREATE_BEFORE, "index.create.before")                                                  \
    X(INDEX_CREATE_AFTER, "index.create.after")                                                    \
    X(INDEX_DELETE_BEFORE, "index.delete.before")                                                  \
    X(INDEX_DELETE_AFTER, "index.delete.after")                                                    \
    X(DEFINITION_WRITE_BEFORE, "definition.write.before")                                          \
    X(DEFINITION_WRITE_AFTER, "definition.write.after")                                            \
    X(MAPPING_WRITE_BEFORE, "mapping.write.before")                                                \
    X(MAPPING_WRITE_AFTER, "mapping.write.after")                                                  \
    X(CLUSTER_WRITE_BEFORE, "cluster.write.before")                                                \
    X(CLUSTER_WRITE_AFTER, "cluster.write.after")                                                  \
    X(TASK_NUMBERS_BEFORE, "task.numbers.before")                                                  \
    X(TASK_NUMBERS_AFTER, "task.numbers.after")                                                    \
    X(TASK_BEGIN_BEFORE, "task.begin.before")                                                      \
    X(TASK_BEGIN_AFTER, "task.begin.after")                                                        \
    X(TASK_ANSWER_BEFORE, "task.answer.before")                                                    \
    X(TASK_ANSWER_AFTER, "task.answer.after")                                                      \
    X(SYNONYMS_WRITE_BEFORE, "synonyms.write.before")                                              \
    X(SYNONYMS_WRITE_AFTER, "synonyms.write.after")                                                \
    X(TEMPLATE_WRITE_BEFORE, "template.write.before")                                              \
    X(TEMPLATE_WRITE_AFTER, "template.write.after")                                                \
    X(LEASE_WRITE_BEFORE, "lease.write.before")                                                    \
    X(LEASE_WRITE_AFTER, "lease.write.after")                                                      \
    X(RESIZE_NOTE_BEFORE, "resize.note.before")                                                    \
    X(RESIZE_NOTE_AFTER, "resize.note.after")                                                      \
    X(REBUILD_SAVE_BEFORE, "rebuild.save.before")                                                  \
    X(REBUILD_SAVE_AFTER, "rebuild.save.after")                                                    \
    X(REBUILD_SWITCH_BEFORE, "rebuild.switch.before")                                              \
    X(REBUILD_SWITCH_AFTER, "rebuild.switch.after")                                                \
    X(PUBLISH_BEFORE, "publish.before")                                                            \
    X(PUBLISH_AFTER, "publish.after")

#define AUK_FAULT_SKIP_MAP(X)                                                                      \
    X(JOURNAL_APPEND, "journal.append")                                                            \
    X(JOURNAL_SYNC, "journal.sync")                                                                \
    X(LOG_CARRY, "log.carry")

#ifdef AUK_FAULT_POINTS

#define AUK_FAULT_POINT_ROW(id, name) AUK_FAULT_##id,
typedef enum auk_fault_point {
    AUK_FAULT_POINT_MAP(AUK_FAULT_POINT_ROW) AUK_FAULT_COUNT
} auk_fault_point;
#undef AUK_FAULT_POINT_ROW

#define AUK_FAULT_SKIP_ROW(id, name) AUK_FAULT_SKIP_##id,
typedef enum auk_fault_skip {
    AUK_FAULT_SKIP_MAP(AUK_FAULT_SKIP_ROW) AUK_FAULT_SKIP_COUNT
} auk_fault_skip;
#undef AUK_FAULT_SKIP_ROW

void auk_fault_pass(auk_fault_point point);
bool auk_fault_is_armed(auk_fault_point point);
bool auk_fault_skips(auk_fault_skip step);

/* Does not return when the environment says so. */
#define AUK_FAULT_POINT(id) auk_fault_pass(AUK_FAULT_##id)
/* For steps that take two calls when a place lies between their halves, and else one. */
#define AUK_FAULT_IS_ARMED(id) auk_fault_is_armed(AUK_FAULT_##id)
/* True: the step must be left out. */
#define AUK_FAULT_SKIPS(id) auk_fault_skips(AUK_FAULT_SKIP_##id)

#else

#define AUK_FAULT_POINT(id)    ((void)0)
#define AUK_FAULT_IS_ARMED(id) false
#define AUK_FAULT_SKIPS(id)    false

#endif

#endif
