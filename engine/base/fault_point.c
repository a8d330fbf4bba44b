/* fault_point.c - in test builds only; the environment is read once, at the first place passed. */
#include "auk/fault_point.h"

#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "auk/log.h"

#define NAME(id, name) name,
static const char *const point_names[] = {AUK_FAULT_POINT_MAP(NAME)};
static const char *const skip_names[] = {AUK_FAULT_SKIP_MAP(NAME)};
#undef NAME

static pthread_once_t once = PTHREAD_ONCE_INIT;
static int armed = -1;       /* a point */
static atomic_long left = 1; /* passages until it kills */
static int stalling = -1;
static long stall_ms;
static int skipped = -1;

static int find(const char *const *names, int count, const char *name, size_t size)
{
    for (int i = 0; i < count; i++)
        if (strlen(names[i]) == size && memcmp(names[i], name, size) == 0)
            return i;
    auk_fatal("[%s] is no fault point", name);
}

/* A point, and the number behind the colon when there is one. */
static int find_point(const char *text, long *number)
{
    const char *colon = strchr(text, ':');
    if (colon != NULL)
        *number = strtol(colon + 1, NULL, 10);
    return find(point_names, AUK_FAULT_COUNT, text,
                colon != NULL ? (size_t)(colon - text) : strlen(text));
}

static void write_list(const char *path)
{
    FILE *file = fopen(path, "we");
    if (file == NULL)
        auk_fatal("cannot write the list of fault points to \"%s\"", path);
    for (int i = 0; i < AUK_FAULT_COUNT; i++)
        fprintf(file, "%s\n", point_names[i]);
    fclose(file);
}

static void arm(void)
{
    const char *list = getenv("AUK_FAULT_POINTS_LIST");
    const char *at = getenv("AUK_KILL_AT");
    const char *stall = getenv("AUK_FAULT_STALL");
    const char *skip = getenv("AUK_FAULT_SKIP");
    long passage = 1;
    if (list != NULL)
        write_list(list);
    if (skip != NULL && *skip != '\0')
        skipped = find(skip_names, AUK_FAULT_SKIP_COUNT, skip, strlen(skip));
    if (stall != NULL && *stall != '\0')
        stalling = find_point(stall, &stall_ms);
    if (at != NULL && *at != '\0')
        armed = find_point(at, &passage);
    atomic_store(&left, passage);
}

bool auk_fault_is_armed(auk_fault_point point)
{
    pthread_once(&once, arm);
    return (int)point == armed;
}

bool auk_fault_skips(auk_fault_skip step)
{
    pthread_once(&once, arm);
    return (int)step == skipped;
}

void auk_fault_pass(auk_fault_point point)
{
    bool kills = auk_fault_is_armed(point);
    if ((int)point == stalling)
        usleep((useconds_t)stall_ms * 1000);
    if (!kills || atomic_fetch_sub(&left, 1) != 1)
        return;
    kill(getpid(), SIGKILL);
    for (;;) /* not one step further */
        pause();
}
