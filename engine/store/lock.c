/*
 * lock.c - one process a data directory, one store a process.
 *
 * A record lock on a file of our own tells a second opener who holds it (F_GETLK), which RocksDB's
 * own lock does not. Such a lock belongs to the process and is gone as soon as the process closes
 * *any* descriptor of the file: so a list of what this process holds is asked first, without
 * opening.
 */
#include <errno.h>
#include <fcntl.h>
#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_private.h"

#define LOCK_FILE  "auk.lock"
#define LOCK_TRIES 10

struct store_lock {
    int fd;
    dev_t device;
    ino_t inode;
    store_lock *next;
};

static pthread_mutex_t held_mutex = PTHREAD_MUTEX_INITIALIZER;
static store_lock *held;

static bool is_held_here(const char *path)
{
    struct stat status;
    if (stat(path, &status) != 0)
        return false;

    for (const store_lock *lock = held; lock != NULL; lock = lock->next) {
        if (lock->device == status.st_dev && lock->inode == status.st_ino)
            return true;
    }
    return false;
}

static auk_code fail_held(const char *directory, pid_t holder, auk_error *err)
{
    if (holder > 0)
        return auk_fail_type(err, AUK_CONFLICT, "lock_obtain_failed_exception",
                             "data directory \"%s\" is in use by process %ld", directory,
                             (long)holder);
    return auk_fail_type(
        err, AUK_CONFLICT, "lock_obtain_failed_exception",
        "data directory \"%s\" is in use by a process of another machine or container", directory);
}

/* 0: ours now; > 0: errno; < 0: somebody else's, *holder says whose. */
static int try_lock(int fd, pid_t *holder)
{
    for (int i = 0; i < LOCK_TRIES; i++) {
        struct flock lock = {.l_type = F_WRLCK, .l_whence = SEEK_SET};
        if (fcntl(fd, F_SETLK, &lock) == 0)
            return 0;
        if (errno != EACCES && errno != EAGAIN)
            return errno;
        if (fcntl(fd, F_GETLK, &lock) != 0)
            return errno;
        if (lock.l_type != F_UNLCK) { /* it may have gone between the two calls */
            *holder = lock.l_pid;
            return -1;
        }
    }
    *holder = 0;
    return -1;
}

static auk_code open_locked(const char *directory, const char *path, store_lock **out,
                            auk_error *err)
{
    int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);
    if (fd < 0)
        return store_fail_errno(STORE_OPENING, errno, err, "cannot open \"%s\"", path);

    pid_t holder = 0;
    int answer = try_lock(fd, &holder);
    if (answer != 0) {
        close(fd);
        if (answer < 0)
            return fail_held(directory, holder, err);
        return store_fail_errno(STORE_OPENING, answer, err, "cannot lock \"%s\"", path);
    }

    struct stat status;
    if (fstat(fd, &status) != 0) {
        int number = errno;
        close(fd);
        return store_fail_errno(STORE_OPENING, number, err, "cannot read \"%s\"", path);
    }

    store_lock *lock = malloc(sizeof *lock);
    if (lock == NULL)
        abort();
    *lock = (store_lock){fd, status.st_dev, status.st_ino, held};
    held = lock;
    *out = lock;
    return AUK_OK;
}

auk_code store_lock_acquire(const char *directory, store_lock **out, auk_error *err)
{
    char *path = store_path(directory, LOCK_FILE);
    pthread_mutex_lock(&held_mutex);
    auk_code code = is_held_here(path) ? fail_held(directory, getpid(), err)
                                       : open_locked(directory, path, out, err);
    pthread_mutex_unlock(&held_mutex);
    free(path);
    return code;
}

void store_lock_release(store_lock *lock)
{
    if (lock == NULL)
        return;

    pthread_mutex_lock(&held_mutex);
    store_lock **at = &held;
    while (*at != lock)
        at = &(*at)->next;
    *at = lock->next;
    close(lock->fd);
    pthread_mutex_unlock(&held_mutex);
    free(lock);
}
