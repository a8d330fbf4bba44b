/*
 * fail_allocations.c - preloaded: the n-th allocation of the process has no memory.
 *
 * The C library's own allocator does the work, under the names that it keeps for this purpose.
 * C++'s new comes here too, through malloc.
 */
#include <errno.h>
#include <malloc.h>
#include <stdlib.h>

#include "fail_point.h"

void *__libc_malloc(size_t size);
void *__libc_calloc(size_t count, size_t size);
void *__libc_realloc(void *memory, size_t size);
void *__libc_memalign(size_t alignment, size_t size);

static bool refuses(void)
{
    if (fail_point_pass(FAIL_ALLOCATE) == 0)
        return false;
    fail_point_report("failed allocate -\n");
    errno = ENOMEM;
    return true;
}

void *malloc(size_t size)
{
    return refuses() ? NULL : __libc_malloc(size);
}

void *calloc(size_t count, size_t size)
{
    return refuses() ? NULL : __libc_calloc(count, size);
}

void *realloc(void *memory, size_t size)
{
    return size > 0 && refuses() ? NULL : __libc_realloc(memory, size);
}

void *memalign(size_t alignment, size_t size)
{
    return refuses() ? NULL : __libc_memalign(alignment, size);
}

void *aligned_alloc(size_t alignment, size_t size)
{
    return memalign(alignment, size);
}

int posix_memalign(void **memory, size_t alignment, size_t size)
{
    if (refuses())
        return ENOMEM;
    *memory = __libc_memalign(alignment, size);
    return *memory != NULL ? 0 : ENOMEM;
}
