/*
 * fail_files.c - preloaded: makes the n-th call on a file below one directory fail.
 *
 * The real calls are made by number, so that nothing has to be looked up. A short write does half
 * of it and says so; the caller has to come back for the rest.
 */
#include <errno.h>
#include <fcntl.h>
#include <limits.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <sys/syscall.h>
#include <sys/uio.h>
#include <unistd.h>

#include "fail_point.h"

#define FILES 4096

/* What is known of a descriptor. A new file at the same number begins anew in note_open. */
static struct {
    atomic_bool is_below;
    atomic_long synced; /* bytes that an fsync covered */
} files[FILES];

static struct {
    dev_t device;
    ino_t inode;
    atomic_bool is_set;
} failed_sync;

static bool is_below(int fd)
{
    return fd >= 0 && fd < FILES && atomic_load(&files[fd].is_below);
}

static void path_of(int fd, char path[PATH_MAX])
{
    char link[64];
    snprintf(link, sizeof link, "/proc/self/fd/%d", fd);
    ssize_t size = readlink(link, path, PATH_MAX - 1);
    path[size > 0 ? size : 0] = '\0';
}

/* -1 and errno when this one is to fail; FAIL_SHORT: half of it; 0: as it is. */
static int pass_fd(fail_kind kind, int fd, const char *name)
{
    char path[PATH_MAX];
    int failure = is_below(fd) ? fail_point_pass(kind) : 0;
    if (failure == 0)
        return 0;
    path_of(fd, path);
    fail_point_report("failed %s %s\n", name, path);
    if (failure != FAIL_SHORT)
        errno = failure;
    return failure;
}

static bool pass_path(fail_kind kind, const char *path, const char *name)
{
    int failure = fail_point_is_below(path) ? fail_point_pass(kind) : 0;
    if (failure == 0)
        return true;
    fail_point_report("failed %s %s\n", name, path);
    errno = failure == FAIL_SHORT ? EIO : failure;
    return false;
}

/* ---- open, rename ---- */

static int note_open(long fd, const char *path)
{
    if (fd >= 0 && fd < FILES) {
        struct stat status;
        long size =
            syscall(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH) == 0 ? (long)status.st_size : 0;
        atomic_store(&files[fd].synced, size);
        atomic_store(&files[fd].is_below, fail_point_is_below(path));
    }
    return (int)fd;
}

#define MODE_OF(flags, mode)                                                                       \
    if ((flags) & (O_CREAT | O_TMPFILE)) {                                                         \
        va_list arguments;                                                                         \
        va_start(arguments, flags);                                                                \
        mode = va_arg(arguments, mode_t);                                                          \
        va_end(arguments);                                                                         \
    }

int open(const char *path, int flags, ...)
{
    mode_t mode = 0;
    MODE_OF(flags, mode)
    if (!pass_path(FAIL_OPEN, path, "open"))
        return -1;
    return note_open(syscall(SYS_openat, AT_FDCWD, path, flags, mode), path);
}

int openat(int directory, const char *path, int flags, ...)
{
    mode_t mode = 0;
    MODE_OF(flags, mode)
    if (path[0] == '/' && !pass_path(FAIL_OPEN, path, "openat"))
        return -1;
    return note_open(syscall(SYS_openat, directory, path, flags, mode), path);
}

int open64(const char *path, int flags, ...) __attribute__((alias("open")));
int openat64(int directory, const char *path, int flags, ...) __attribute__((alias("openat")));

int rename(const char *from, const char *to)
{
    if (!pass_path(FAIL_RENAME, to, "rename"))
        return -1;
    return (int)syscall(SYS_renameat2, AT_FDCWD, from, AT_FDCWD, to, 0);
}

/* How an ingested file gets its name. */
int link(const char *from, const char *to)
{
    if (!pass_path(FAIL_RENAME, to, "link"))
        return -1;
    return (int)syscall(SYS_linkat, AT_FDCWD, from, AT_FDCWD, to, 0);
}

int mkdir(const char *path, mode_t mode)
{
    if (!pass_path(FAIL_RENAME, path, "mkdir"))
        return -1;
    return (int)syscall(SYS_mkdirat, AT_FDCWD, path, mode);
}

/* ---- write ---- */

static size_t half(size_t size)
{
    return size > 1 ? size / 2 : size;
}

ssize_t write(int fd, const void *bytes, size_t size)
{
    int failure = pass_fd(FAIL_WRITE, fd, "write");
    if (failure > 0)
        return -1;
    return syscall(SYS_write, fd, bytes, failure ? half(size) : size);
}

ssize_t pwrite(int fd, const void *bytes, size_t size, off_t at)
{
    int failure = pass_fd(FAIL_WRITE, fd, "pwrite");
    if (failure > 0)
        return -1;
    return syscall(SYS_pwrite64, fd, bytes, failure ? half(size) : size, at);
}

ssize_t pwrite64(int fd, const void *bytes, size_t size, off_t at) __attribute__((alias("pwrite")));

/* Short: all but the last piece, or half of the only one. */
ssize_t writev(int fd, const struct iovec *pieces, int count)
{
    int failure = pass_fd(FAIL_WRITE, fd, "writev");
    if (failure > 0)
        return -1;
    if (failure && count == 1)
        return syscall(SYS_write, fd, pieces->iov_base, half(pieces->iov_len));
    return syscall(SYS_writev, fd, pieces, failure ? count - 1 : count);
}

ssize_t pwritev(int fd, const struct iovec *pieces, int count, off_t at)
{
    int failure = pass_fd(FAIL_WRITE, fd, "pwritev");
    if (failure > 0)
        return -1;
    if (failure && count == 1)
        return syscall(SYS_pwrite64, fd, pieces->iov_base, half(pieces->iov_len), at);
    return syscall(SYS_pwritev, fd, pieces, failure ? count - 1 : count, at, 0);
}

ssize_t pwritev64(int fd, const struct iovec *pieces, int count, off_t at)
    __attribute__((alias("pwritev")));

/* ---- truncate, map ---- */

int ftruncate(int fd, off_t size)
{
    if (pass_fd(FAIL_TRUNCATE, fd, "ftruncate") != 0)
        return -1;
    return (int)syscall(SYS_ftruncate, fd, size);
}

int ftruncate64(int fd, off_t size) __attribute__((alias("ftruncate")));

int fallocate(int fd, int mode, off_t from, off_t size)
{
    if (pass_fd(FAIL_TRUNCATE, fd, "fallocate") != 0)
        return -1;
    return (int)syscall(SYS_fallocate, fd, mode, from, size);
}

int fallocate64(int fd, int mode, off_t from, off_t size) __attribute__((alias("fallocate")));

int posix_fallocate(int fd, off_t from, off_t size)
{
    if (pass_fd(FAIL_TRUNCATE, fd, "posix_fallocate") != 0)
        return errno;
    return syscall(SYS_fallocate, fd, 0, from, size) == 0 ? 0 : errno;
}

void *mmap(void *base, size_t size, int protection, int flags, int fd, off_t at)
{
    if (!(flags & MAP_ANONYMOUS) && pass_fd(FAIL_MAP, fd, "mmap") != 0)
        return MAP_FAILED;
    return (void *)syscall(SYS_mmap, base, size, protection, flags, fd, at);
}

void *mmap64(void *base, size_t size, int protection, int flags, int fd, off_t at)
    __attribute__((alias("mmap")));

/* ---- fsync ---- */

static bool failed_before(int fd, struct stat *status)
{
    if (syscall(SYS_newfstatat, fd, "", status, AT_EMPTY_PATH) != 0)
        return false;
    return atomic_load(&failed_sync.is_set) && failed_sync.device == status->st_dev &&
           failed_sync.inode == status->st_ino;
}

static int sync_file(int fd, const char *name, long number)
{
    struct stat status;
    char path[PATH_MAX];
    bool again = is_below(fd) && failed_before(fd, &status) && S_ISREG(status.st_mode);
    if (again) {
        path_of(fd, path);
        fail_point_report("again %s\n", path);
    }
    if (pass_fd(FAIL_FSYNC, fd, name) != 0) {
        path_of(fd, path);
        fail_point_report("synced %ld %s\n", atomic_load(&files[fd].synced), path);
        failed_sync.device = status.st_dev;
        failed_sync.inode = status.st_ino;
        atomic_store(&failed_sync.is_set, true);
        return -1;
    }
    if (is_below(fd) && syscall(SYS_newfstatat, fd, "", &status, AT_EMPTY_PATH) == 0)
        atomic_store(&files[fd].synced, (long)status.st_size);
    return (int)syscall(number, fd);
}

int fsync(int fd)
{
    return sync_file(fd, "fsync", SYS_fsync);
}

int fdatasync(int fd)
{
    return sync_file(fd, "fdatasync", SYS_fdatasync);
}
