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

/* Room for more items behind the last. */
#define auk_vector_reserve(vector, more)                                                           \
    ((vector)->capacity - (vector)->count >= (more)                                                \
         ? (void)0                                                                                 \
         : (void)((vector)->items = auk_vector_grown((vector)->items, &(vector)->capacity,         \
                                                     (vector)->count + (uint32_t)(more),           \
                                                     sizeof *(vector)->items)))

#define auk_vector_push(vector, ...)                                                               \
    (auk_vector_reserve(vector, 1), (void)((vector)->items[(vector)->count++] = (__VA_ARGS__)))

#define auk_vector_free(vector)                                                                    \
    (free((vector)->items), (void)((vector)->items = NULL), (vector)->count = 0,                   \
     (vector)->capacity = 0)

#define auk_vector_bytes(vector) ((size_t)(vector)->capacity * sizeof *(vector)->items)

#endif
