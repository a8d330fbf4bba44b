#include "auk/process.h"

#include <dirent.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <time.h>
#include <unistd.h>

#include "auk/clock.h"

/* A small file of /proc, terminated. */
static void read_text(const char *path, char *out, size_t capacity)
{
    out[0] = '\0';
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return;
    ssize_t size = read(fd, out, capacity - 1);
    out[size > 0 ? size : 0] = '\0';
    (void)close(fd);
}

static uint64_t number_after(const char *text, const char *label)
{
    const char *found = strstr(text, label);
    return found ? strtoull(found + strlen(label), NULL, 10) : 0;
}

static uint64_t count_files(void)
{
    uint64_t count = 0;
    DIR *directory = opendir("/proc/self/fd");
    if (directory == NULL)
        return 0;
    for (const struct dirent *entry; (entry = readdir(directory)) != NULL;)
        count += entry->d_name[0] != '.';
    (void)closedir(directory);
    return count - 1; /* without the directory's own */
}

/* Field 22 of /proc/self/stat: ticks from boot to start. The name in field 2 may hold spaces. */
static int64_t read_start_ms(void)
{
    char stat[1024];
    struct timespec now;
    read_text("/proc/self/stat", stat, sizeof stat);
    const char *at = strrchr(stat, ')');
    for (int field = 2; at != NULL && field < 22; field++)
        at = strchr(at + 1, ' ');
    long ticks = sysconf(_SC_CLK_TCK);
    if (at == NULL || ticks <= 0 || clock_gettime(CLOCK_BOOTTIME, &now) != 0)
        return 0;
    int64_t started_ms = (int64_t)(strtoull(at + 1, NULL, 10) * 1000 / (uint64_t)ticks);
    int64_t now_ms = (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
    return auk_clock_wall_ms() - (now_ms - started_ms);
}

static uint64_t micros(struct timeval time)
{
    return (uint64_t)time.tv_sec * 1000000 + (uint64_t)time.tv_usec;
}

void auk_process_read_stats(auk_process_stats *out)
{
    char status[4096];
    struct rusage usage = {0};
    struct rlimit files = {0};
    read_text("/proc/self/status", status, sizeof status);
    (void)getrusage(RUSAGE_SELF, &usage);
    (void)getrlimit(RLIMIT_NOFILE, &files);
    *out = (auk_process_stats){
        .resident_bytes = number_after(status, "VmRSS:") * 1024,
        .anonymous_bytes = number_after(status, "RssAnon:") * 1024,
        .virtual_bytes = number_after(status, "VmSize:") * 1024,
        .threads = number_after(status, "Threads:"),
        .cpu_user_us = micros(usage.ru_utime),
        .cpu_system_us = micros(usage.ru_stime),
        .open_files = count_files(),
        .open_files_limit = files.rlim_cur,
        .started_ms = read_start_ms(),
    };
}

uint64_t auk_process_anonymous_bytes(void)
{
    char text[128];
    char *at;
    read_text("/proc/self/statm", text, sizeof text);
    (void)strtoull(text, &at, 10); /* size */
    uint64_t resident = strtoull(at, &at, 10);
    uint64_t of_files = strtoull(at, &at, 10);
    long page = sysconf(_SC_PAGESIZE);
    return page > 0 && resident > of_files ? (resident - of_files) * (uint64_t)page : 0;
}

uint64_t auk_process_raise_open_files(void)
{
    struct rlimit limit;
    if (getrlimit(RLIMIT_NOFILE, &limit) != 0)
        return 0;
    if (limit.rlim_cur < limit.rlim_max) {
        struct rlimit raised = {.rlim_cur = limit.rlim_max, .rlim_max = limit.rlim_max};
        if (setrlimit(RLIMIT_NOFILE, &raised) == 0)
            return raised.rlim_cur;
    }
    return limit.rlim_cur;
}
