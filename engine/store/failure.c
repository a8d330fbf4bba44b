/* failure.c - RocksDB's messages and errno as our errors; which of them end the process. */
#include <errno.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>

#include "auk/log.h"
#include "store_private.h"

static atomic_bool surviving;

void store_survive(void)
{
    atomic_store(&surviving, true);
}

/* A quota that is used up is a full disk for us: nothing is wrong with the bytes that are there. */
static bool is_disk_full(const char *message)
{
    return strstr(message, "No space left on device") || strstr(message, "Disk quota exceeded");
}

static bool begins(const char *message, const char *word)
{
    return strncmp(message, word, strlen(word)) == 0;
}

/*
 * After a failed fsync nobody can say which pages are on the disk, whatever the reason: the kernel
 * may count them as written, so that the next fsync succeeds without them.
 */
static bool is_failed_sync(const char *message)
{
    return strstr(message, "While fsync") || strstr(message, "While fdatasync") ||
           strstr(message, "While sync_file_range");
}

#define AFTER_FATAL                                                                                \
    "ending, because what is on the disk is not certain any more; look at the disk and its file "  \
    "system, then start again: what was acknowledged is recovered from the log"

static auk_code fail_disk_full(auk_error *err, const char *what)
{
    auk_code code = auk_fail(err, AUK_FULL, "%s: no space left on device", what);
    auk_hint(err, "free some space in the data directory's file system");
    return code;
}

auk_code store_fail(store_doing doing, char *message, auk_error *err, const char *format, ...)
{
    char what[192];
    char text[320];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);
    snprintf(text, sizeof text, "%s", message);
    rocksdb_free(message);

    bool may_end = !atomic_load(&surviving);
    if (may_end && doing == STORE_WRITING && is_failed_sync(text))
        auk_fatal("%s: %s; " AFTER_FATAL, what, text);
    if (is_disk_full(text))
        return fail_disk_full(err, what);
    if (may_end && doing == STORE_WRITING &&
        (begins(text, "IO error") || begins(text, "Corruption")))
        auk_fatal("%s: %s; " AFTER_FATAL, what, text);
    if (begins(text, "Corruption")) {
        auk_fail(err, AUK_CORRUPT, "%s: %s", what, text);
        auk_hint(err, "auk check says more; auk check --repair keeps what can be kept");
        return AUK_CORRUPT;
    }
    if (may_end && doing == STORE_READING && begins(text, "IO error"))
        auk_fatal("%s: %s; " AFTER_FATAL, what, text);
    if (begins(text, "Resource busy") || begins(text, "Operation timed out") ||
        begins(text, "Shutdown in progress"))
        return auk_fail(err, AUK_BUSY, "%s: %s", what, text);
    return auk_fail(err, AUK_IO, "%s: %s", what, text);
}

bool store_is_full_in_background(const char *message)
{
    bool full = is_disk_full(message);
    if (!atomic_load(&surviving) &&
        (is_failed_sync(message) ||
         (!full && (begins(message, "IO error") || begins(message, "Corruption")))))
        auk_fatal("the store cannot write in the background: %s; " AFTER_FATAL, message);
    return full;
}

auk_code store_fail_errno(store_doing doing, int number, auk_error *err, const char *format, ...)
{
    char what[256];
    va_list arguments;
    va_start(arguments, format);
    vsnprintf(what, sizeof what, format, arguments);
    va_end(arguments);

    if (doing == STORE_SYNCING && !atomic_load(&surviving))
        auk_fatal("%s: %s (errno %d); " AFTER_FATAL, what, strerror(number), number);
    if (number == ENOSPC || number == EDQUOT)
        return fail_disk_full(err, what);
    if (doing == STORE_WRITING && !atomic_load(&surviving))
        auk_fatal("%s: %s (errno %d); " AFTER_FATAL, what, strerror(number), number);
    return auk_fail(err, AUK_IO, "%s: %s", what, strerror(number));
}
