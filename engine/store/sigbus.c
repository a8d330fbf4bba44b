/*
 * sigbus.c - which segment a bus error belongs to.
 *
 * A page of a mapped file that cannot be read (disk error, file cut from outside) arrives as SIGBUS
 * in the middle of a search. The handler may only touch what needs no lock: a list of chunks of
 * slots, grown under a mutex, never freed, each slot published by its end.
 */
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "store_private.h"

#define CHUNK_SLOTS 256
#define EXIT_STATUS 70

struct mapping_slot {
    atomic_uintptr_t end; /* 0: free */
    uintptr_t base;
    uint64_t id;
    const char *path;
};

typedef struct slot_chunk {
    struct slot_chunk *next; /* older; set before the chunk is published */
    mapping_slot slots[CHUNK_SLOTS];
} slot_chunk;

static _Atomic(slot_chunk *) newest;
static pthread_mutex_t slots_mutex = PTHREAD_MUTEX_INITIALIZER;

static mapping_slot *find_free(void)
{
    for (slot_chunk *chunk = atomic_load(&newest); chunk != NULL; chunk = chunk->next) {
        for (int i = 0; i < CHUNK_SLOTS; i++) {
            if (atomic_load(&chunk->slots[i].end) == 0)
                return &chunk->slots[i];
        }
    }
    slot_chunk *chunk = calloc(1, sizeof *chunk);
    if (chunk == NULL)
        abort();
    chunk->next = atomic_load(&newest);
    atomic_store(&newest, chunk);
    return &chunk->slots[0];
}

mapping_slot *sigbus_remember(const void *base, size_t size, uint64_t id, const char *path)
{
    pthread_mutex_lock(&slots_mutex);
    mapping_slot *slot = find_free();
    slot->base = (uintptr_t)base;
    slot->id = id;
    slot->path = path;
    atomic_store(&slot->end, (uintptr_t)base + size);
    pthread_mutex_unlock(&slots_mutex);
    return slot;
}

void sigbus_forget(mapping_slot *slot)
{
    pthread_mutex_lock(&slots_mutex);
    atomic_store(&slot->end, 0);
    pthread_mutex_unlock(&slots_mutex);
}

static void say(const char *text)
{
    ssize_t written = write(STDERR_FILENO, text, strlen(text));
    (void)written; /* nobody is left to be told */
}

static void say_number(uint64_t number)
{
    char digits[24];
    char *at = digits + sizeof digits;
    *--at = 0;
    do
        *--at = (char)('0' + number % 10);
    while ((number /= 10) != 0);
    say(at);
}

/* The faulting thread holds a count of the mapping it touched, so that its slot stands still. */
static const mapping_slot *find_address(uintptr_t address)
{
    for (const slot_chunk *chunk = atomic_load(&newest); chunk != NULL; chunk = chunk->next) {
        for (int i = 0; i < CHUNK_SLOTS; i++) {
            const mapping_slot *slot = &chunk->slots[i];
            uintptr_t end = atomic_load(&slot->end);
            if (end != 0 && address < end && address >= slot->base)
                return slot;
        }
    }
    return NULL;
}

static void on_sigbus(int number, siginfo_t *info, void *context)
{
    (void)context;
    const mapping_slot *slot = find_address((uintptr_t)info->si_addr);
    if (slot == NULL) {
        signal(number, SIG_DFL); /* not ours: the access is made again and ends the process */
        return;
    }
    say("auk: fatal: segment ");
    say_number(slot->id);
    say(", file \"");
    say(slot->path);
    say("\": bytes at offset ");
    say_number((uintptr_t)info->si_addr - slot->base);
    say(" cannot be read (disk error, or the file was cut)\n");
    _exit(EXIT_STATUS);
}

void auk_store_install_sigbus_handler(void)
{
    struct sigaction action = {.sa_sigaction = on_sigbus, .sa_flags = SA_SIGINFO};
    sigemptyset(&action.sa_mask);
    sigaction(SIGBUS, &action, NULL);
}
