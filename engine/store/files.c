/* files.c - the few things that the store does with directories and files by itself. */
#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "store_private.h"

char *store_path(const char *directory, const char *name)
{
    char *path = NULL;
    if (asprintf(&path, "%s/%s", directory, name) < 0)
        abort();
    return path;
}

auk_code store_make_directory(const char *path, auk_error *err)
{
    if (mkdir(path, 0700) == 0)
        return store_sync_parent(path, err);
    if (errno != EEXIST)
        return store_fail_errno(STORE_OPENING, errno, err, "cannot create directory \"%s\"", path);

    struct stat status;
    if (stat(path, &status) != 0 || !S_ISDIR(status.st_mode))
        return auk_fail(err, AUK_INVALID, "\"%s\" is not a directory", path);
    return AUK_OK;
}

auk_code store_sync_path(const char *path, auk_error *err)
{
    int fd = open(path, O_RDONLY | O_CLOEXEC);
    if (fd < 0)
        return store_fail_errno(STORE_OPENING, errno, err, "cannot open \"%s\"", path);

    int failed = fsync(fd) != 0 ? errno : 0;
    close(fd);
    if (failed)
        return store_fail_errno(STORE_SYNCING, failed, err, "fsync of \"%s\"", path);
    return AUK_OK;
}

auk_code store_sync_parent(const char *path, auk_error *err)
{
    char *parent = strdup(path);
    if (parent == NULL)
        abort();
    size_t size = strlen(parent);
    while (size > 1 && parent[size - 1] == '/')
        parent[--size] = 0;

    char *slash = strrchr(parent, '/');
    if (slash == parent)
        slash[1] = 0;
    else if (slash != NULL)
        *slash = 0;
    auk_code code = store_sync_path(slash ? parent : ".", err);
    free(parent);
    return code;
}

static bool ends(const char *name, const char *ending)
{
    size_t size = strlen(name);
    size_t wanted = strlen(ending);
    return size >= wanted && strcmp(name + size - wanted, ending) == 0;
}

auk_code store_sync_files(const char *directory, const char *ending, auk_error *err)
{
    DIR *listing = opendir(directory);
    if (listing == NULL)
        return store_fail_errno(STORE_OPENING, errno, err, "cannot list \"%s\"", directory);

    auk_code code = AUK_OK;
    struct dirent *entry;
    while (code == AUK_OK && (entry = readdir(listing)) != NULL) {
        if (entry->d_name[0] == '.' || !ends(entry->d_name, ending))
            continue;
        char *path = store_path(directory, entry->d_name);
        code = store_sync_path(path, err);
        free(path);
    }
    closedir(listing);
    return code == AUK_OK ? store_sync_path(directory, err) : code;
}

void store_empty_directory(const char *directory)
{
    DIR *listing = opendir(directory);
    if (listing == NULL)
        return;

    struct dirent *entry;
    while ((entry = readdir(listing)) != NULL) {
        if (entry->d_name[0] != '.')
            unlinkat(dirfd(listing), entry->d_name, 0);
    }
    closedir(listing);
}

uint64_t store_bytes_of(const char *directory, const char *ending)
{
    DIR *listing = opendir(directory);
    if (listing == NULL)
        return 0;

    uint64_t bytes = 0;
    struct dirent *entry;
    while ((entry = readdir(listing)) != NULL) {
        struct stat status;
        if (ends(entry->d_name, ending) && fstatat(dirfd(listing), entry->d_name, &status, 0) == 0)
            bytes += (uint64_t)status.st_size;
    }
    closedir(listing);
    return bytes;
}
