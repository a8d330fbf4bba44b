/*
 * vector.h - a typed array that grows: AUK_VECTOR(int) numbers; auk_vector_push(&numbers, 7).
 *
 *   Lifetime  all zero is empty; auk_vector_free gives the memory back.
 *   Threads   one owner.   Memory  doubles; aborts when the system has none.   Errors  none.
 */
#ifndef AUK_VECTOR_H
#define AUK_VECTOR_H

#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#define AUK_VECTOR(type)                                                                           \
    struct {                                                                                       \
        type *items;                                                                               \
        uint32_t count;                                                                            \
        uint32_t capacity;                                                                         \
    }

static inline void *auk_vector_grown(void *items, uint32_t *capacity, uint32_t least, size_t size)
{
    uint32_t wanted = *capacity < 8 ? 16 : *capacity * 2;
    if (wanted < least)
        wanted = least;
    items = realloc(items, wanted * size);
    if (items == NULL)
        abort();
    *capacity = wanted;
    return items;
}

static inline void *auk_vector_copy(const void *items, uint32_t count, size_t size)
{
    if (count == 0)
        return NULL;
    void *copy = malloc(count * size);
    if (copy == NULL)
        abort();
    return memcpy(copy, items, count * size);
}

/* Room for more items behind the last. */
#define auk_vector_reserve(vector, more)                                                           \
    ((vector)->capacity - (vector)->count >= (more)                                                \
         ? (void)0                                                                                 \
         : (void)((vector)->items = auk_vector_grown((vector)->items, &(vector)->capacity,         \
                                                     (vector)->count + (uint32_t)(more),           \
                                                     sizeof *(vector)->items)))

#define auk_vector_push(vector, ...)                                                               \
    (auk_vector_reserve(vector, 1), (void)((vector)->items[(vector)->count++] = (__VA_ARGS__)))

/* The items move to memory of their exact size; what they stood in goes, empty, to `kept`, an empty
 * vector. Past most_bytes nothing moves. */
#define auk_vector_shrink_into(vector, kept, most_bytes)                                           \
    do {                                                                                           \
        if (auk_vector_bytes(vector) > (most_bytes))                                               \
            break;                                                                                 \
        (kept)->items = (vector)->items;                                                           \
        (kept)->capacity = (vector)->capacity;                                                     \
        (vector)->items = auk_vector_copy((kept)->items, (vector)->count, sizeof *(kept)->items);  \
        (vector)->capacity = (vector)->count;                                                      \
    } while (0)

/* The empty vector `kept` gives its room. */
#define auk_vector_reuse(vector, kept)                                                             \
    ((vector)->items = (kept)->items, (vector)->capacity = (kept)->capacity, (vector)->count = 0,  \
     (kept)->items = NULL, (void)((kept)->capacity = 0))

#define auk_vector_free(vector)                                                                    \
    (free((vector)->items), (void)((vector)->items = NULL), (vector)->count = 0,                   \
     (vector)->capacity = 0)

#define auk_vector_bytes(vector) ((size_t)(vector)->capacity * sizeof *(vector)->items)

#endif
