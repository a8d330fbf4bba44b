/*
 * Any bytes as messages of logical replication: a size of two bytes, then the message. What is
 * announced is kept as the receiver keeps it, and changes are read against it to the last column.
 */
#include <stdlib.h>

#include "auk/varint.h"
#include "pgoutput.h"
#include "relation_map.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

static unsigned sum;

static void touch(auk_span bytes)
{
    for (size_t i = 0; i < bytes.size; i++)
        sum += (uint8_t)bytes.data[i];
}

static void touch_tuple(const auk_tuple *tuple)
{
    for (uint32_t i = 0; i < tuple->count; i++)
        touch(tuple->columns[i].bytes);
}

static void read_change(const auk_relation_map *map, uint32_t number, const auk_pgoutput_head *head)
{
    const auk_relation *relation = auk_relation_map_at(map, number);
    auk_datum *datums = (auk_datum *)calloc(2 * relation->column_count + 1u, sizeof *datums);
    auk_row_change change = {0};
    if (!datums)
        abort();
    if (auk_pgoutput_read_change(head->kind, head->body, relation, datums, &change, NULL) ==
        AUK_OK) {
        touch_tuple(&change.before);
        touch_tuple(&change.after);
        if (!change.before.columns && !change.after.columns)
            abort();
    }
    free(datums);
}

static void take(auk_relation_map *map, auk_relation_overlay *overlay, auk_span message,
                 bool *streamed)
{
    auk_pgoutput_head head;
    auk_error err = {0};
    auk_span relations;
    auk_row_change change = {0};
    uint32_t number;
    auk_relation_overlay *own = *streamed ? overlay : NULL;
    auk_code code = auk_pgoutput_read(message, *streamed, &head, &err);
    if (code != AUK_OK && (code != AUK_CORRUPT || err.message[0] == '\0'))
        abort();
    if (code != AUK_OK)
        return;
    touch(head.body);
    if (head.kind == 'S' || head.kind == 'E')
        *streamed = head.kind == 'S';
    else if (head.kind == 'R')
        (void)(auk_relation_map_put(map, own, &head, NULL) == AUK_OK);
    else if (head.kind == 'c')
        auk_relation_map_merge(map, overlay);
    else if (head.kind == 'T' && auk_pgoutput_read_truncate(head.body, &relations, NULL) == AUK_OK)
        touch(relations);
    else if (head.kind == 'M' && auk_pgoutput_read_message(head.body, &change, NULL) == AUK_OK)
        touch(change.content);
    else if (auk_byte_among(head.kind, "IUD") &&
             auk_relation_map_find(map, own, head.relation, &number, NULL) == AUK_OK)
        read_change(map, number, &head);
}

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
    auk_relation_map *map = auk_relation_map_create();
    auk_relation_overlay overlay = {0};
    bool streamed = false;
    while (size >= 2) {
        size_t length = (size_t)(data[0] << 8 | data[1]);
        data += 2;
        size -= 2;
        if (length > size)
            length = size;
        take(map, &overlay, auk_span_make(data, length), &streamed);
        data += length;
        size -= length;
    }
    auk_relation_overlay_deinit(&overlay);
    auk_relation_map_destroy(map);
    return 0;
}
