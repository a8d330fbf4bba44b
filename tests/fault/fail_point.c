#include "fail_point.h"

#include <errno.h>
#include <fcntl.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/syscall.h>
#include <unistd.h>

static const char *const names[FAIL_KINDS] = {"write",    "fsync", "rename",  "open",
                                              "truncate", "map",   "allocate"};

static atomic_bool armed;
static atomic_ulong count;
static fail_kind kind_wanted = FAIL_KINDS;
static unsigned long wanted;
static int failure;
static const char *directory, *report_path;

static const char *text_of(const char *name)
{
    const char *text = getenv(name);
    return text != NULL ? text : "";
}

/* Of the highest priority: allocations of other constructors come after it. */
__attribute__((constructor(101))) static void begin(void)
{
    const char *kind = text_of("AUK_CALLS_KIND");
    const char *error = text_of("AUK_CALLS_ERROR");
    wanted = strtoul(text_of("AUK_CALLS_AT"), NULL, 10);
    failure = strcmp(error, "short") == 0 ? FAIL_SHORT : (int)strtol(error, NULL, 10);
    directory = text_of("AUK_CALLS_DIR");
    report_path = text_of("AUK_CALLS_REPORT");
    for (int i = 0; i < FAIL_KINDS; i++)
        if (strcmp(kind, names[i]) == 0)
            kind_wanted = (fail_kind)i;
    atomic_store(&armed, strcmp(text_of("AUK_CALLS_FROM"), "start") == 0);
}

bool fail_point_is_below(const char *path)
{
    size_t size = directory != NULL ? strlen(directory) : 0;
    return size > 0 && path != NULL && strncmp(path, directory, size) == 0 &&
           (path[size] == '/' || path[size] == '\0');
}

bool fail_point_counts(fail_kind kind)
{
    return kind == kind_wanted;
}

/* By the system call itself: the libraries replace write and open. */
void fail_point_report(const char *format, ...)
{
    char line[4400];
    va_list arguments;
    va_start(arguments, format);
    int size = vsnprintf(line, sizeof line, format, arguments);
    va_end(arguments);
    long fd =
        syscall(SYS_openat, AT_FDCWD, report_path, O_WRONLY | O_CREAT | O_APPEND | O_CLOEXEC, 0600);
    if (fd < 0 || size < 0)
        return;
    (void)syscall(SYS_write, fd, line, (size_t)size < sizeof line ? (size_t)size : sizeof line - 1);
    (void)syscall(SYS_close, fd);
}

int fail_point_pass(fail_kind kind)
{
    if (kind != kind_wanted || !atomic_load_explicit(&armed, memory_order_relaxed))
        return 0;
    return atomic_fetch_add(&count, 1) + 1 == wanted ? failure : 0;
}

void auk_calls_arm(void)
{
    atomic_store(&armed, true);
}

unsigned long auk_calls_count(void)
{
    return atomic_load(&count);
}
