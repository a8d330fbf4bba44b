/*
 * tree.h - a source's configuration laid over its tables: which columns are kept, which rows are
 * found by which values, and what each document is made of.
 *
 *        parent --down--> (through --step_down-->) child       to build a document
 *        parent <--up--   (through <--step_up--)   child       to learn which documents a row is in
 *
 * A link takes values of one row and finds rows of another table by them, over its key or over an
 * index, which is added to the table for it.
 *
 *   Lifetime  the arena's; borrows from the configuration.   Threads  immutable.
 *   Memory    the arena.
 *   Errors    AUK_INVALID: a document names what its tables have not.
 */
#ifndef AUK_SYNC_TREE_H
#define AUK_SYNC_TREE_H

#include "config.h"
#include "predicate.h"
#include "row_store.h"
#include "template.h"

typedef struct auk_tree auk_tree;
typedef struct auk_tree_node auk_tree_node;

typedef struct auk_tree_link {
    uint16_t from[AUK_SYNC_KEY_MOST]; /* positions in the row that is had */
    auk_row_lookup to;                /* what is found */
} auk_tree_link;

typedef enum auk_tree_convert {
    AUK_CONVERT_NONE,
    AUK_CONVERT_LOWERCASE,
    AUK_CONVERT_SPLIT,
    AUK_CONVERT_JSON,
    AUK_CONVERT_STRING,
    AUK_CONVERT_NUMBER,
    AUK_CONVERT_DROP,
} auk_tree_convert;

typedef enum auk_tree_field_kind {
    AUK_FIELD_COLUMN,
    AUK_FIELD_CONSTANT,
    AUK_FIELD_CHILD,
    AUK_FIELD_OBJECT, /* of dotted names */
} auk_tree_field_kind;

/* A member of the JSON that a row becomes. */
typedef struct auk_tree_field auk_tree_field;
struct auk_tree_field {
    auk_span name;
    auk_tree_field_kind kind;
    auk_tree_field *next;   /* in the same object */
    auk_tree_field *fields; /* OBJECT: its first */
    uint32_t position;      /* COLUMN */
    auk_tree_convert convert;
    auk_span separator; /* SPLIT */
    auk_span constant;
    const auk_tree_node *child;
};

struct auk_tree_node {
    const auk_sync_node *spec;
    const auk_tree *tree;
    const auk_tree_node *parent;
    auk_tree_node *children;
    uint32_t child_count;
    auk_row_table *table, *through; /* through NULL: none */
    auk_predicate *filter;          /* NULL: all rows */
    auk_tree_link down, step_down, up, step_up;
    auk_tree_field *fields;
    bool is_single; /* an object, or one scalar: not a list */
    bool has_order;
    uint32_t order;  /* position of the column */
    uint32_t scalar; /* position of the column of shape scalar */
};

struct auk_tree {
    uint32_t number; /* of the document in the configuration */
    const auk_sync_document *spec;
    auk_tree_node *root;
    auk_template *id;      /* NULL: the key */
    auk_template *routing; /* NULL: none */
    auk_predicate *deleted_if;
    bool is_plain; /* no children: the document is its row */
    /* Id and routing follow from the key, so that nothing need be kept of what was written. */
    bool is_named_by_key;
};

/* A node, or the through-table of a node, that rows of a table take part in. */
typedef struct auk_tree_use {
    const auk_tree_node *node;
    bool as_through;
} auk_tree_use;

typedef struct auk_model_table {
    auk_row_table row; /* first: tables of the row store are these */
    const auk_table *described;
    auk_tree_use *uses;
    uint32_t use_count;
    bool is_plain; /* of roots without children only */
    bool is_named_by_key;
    bool keeps_all; /* rows that no node takes are stored too: some of their values may lie out of
                       line, and will not be sent when a node takes the row after all */
} auk_model_table;

typedef struct auk_model {
    auk_model_table *tables;
    uint32_t table_count;
    auk_tree **trees; /* one a document; NULL: its tables are not all described yet */
    uint32_t tree_count;
} auk_model;

/* tables: borrowed as long as the arena. */
AUK_MUST_CHECK auk_code auk_model_create(const auk_sync_config *config, const auk_table *tables,
                                         uint32_t table_count, auk_arena *arena, auk_model **out,
                                         auk_error *err);
auk_model_table *auk_model_find(const auk_model *model, uint32_t table_id);

/* Is the row to be stored? Values as in the table. */
bool auk_model_stores(const auk_model_table *table, const auk_datum *values);

#endif
