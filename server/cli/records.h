/*
 * records.h - cuts a stream into documents, whatever form it has.
 *
 *   ndjson  a JSON object a line
 *   json    one array of objects, or objects one after another, laid out in any way
 *   csv     a header row, then a row a document; quotes as in RFC 4180; parted by , ; | or tab
 *   tsv     the same, parted by tabs
 *   bulk    the lines of a _bulk request
 *
 * Every document comes out as one line of JSON. Documents of ndjson and json are not parsed.
 *
 *   Lifetime  _init .. _deinit; a record ends at the next _next.
 *   Threads   one.
 *   Memory    the source's window, and a row or document that had to be written anew.
 *   Errors    AUK_INVALID for a stream that does not have its form, with the line; what is wrong
 *             with one document only is the record's problem.
 */
#ifndef AUK_RECORDS_H
#define AUK_RECORDS_H

#include "auk/arena.h"
#include "auk/buffer.h"
#include "source.h"

typedef enum auk_format {
    AUK_FORMAT_AUTO,
    AUK_FORMAT_NDJSON,
    AUK_FORMAT_JSON,
    AUK_FORMAT_CSV,
    AUK_FORMAT_TSV,
    AUK_FORMAT_BULK,
} auk_format;

#define AUK_FORMAT_NAMES "auto|ndjson|json|csv|tsv|bulk"

typedef struct auk_record {
    auk_span action;   /* bulk: its line; empty else */
    auk_span document; /* one line without its end; empty for a delete */
    auk_span id;       /* that it gets where nobody says one; empty: the server makes it */
    uint64_t line;
    const char *problem; /* why it cannot be sent, or NULL; static */
} auk_record;

/* How far the end of a document has been looked for; see records_json.c. */
typedef struct auk_json_cut {
    size_t at;
    size_t depth;
    bool in_string, escaped, broken_string, has_line_feed;
} auk_json_cut;

/* A column of a table. */
typedef struct auk_column {
    auk_span name; /* quoted and escaped as JSON */
    enum { COLUMN_TEXT, COLUMN_NUMBER, COLUMN_BOOLEAN } type;
} auk_column;

typedef struct auk_records {
    auk_source *source;
    auk_format format;
    auk_buffer line; /* a document written anew */
    auk_arena *arena;
    auk_arena *row_arena;
    auk_column *columns;
    uint32_t column_count;
    char delimiter;
    bool in_array, after_array, begun;
} auk_records;

/*
 * Looks at the first bytes to find the form, unless one is given. name is the file's, without .gz
 * or .zst; it decides where the content leaves a doubt.
 */
AUK_MUST_CHECK auk_code auk_records_init(auk_records *records, auk_source *source,
                                         auk_format format, auk_span name, auk_error *err);
void auk_records_deinit(auk_records *records);

/* *found false at the end. */
AUK_MUST_CHECK auk_code auk_records_next(auk_records *records, auk_record *out, bool *found,
                                         auk_error *err);

/* ---- one file a form ---- */

/* The next line that is not blank, without its end. */
AUK_MUST_CHECK auk_code auk_records_line(auk_source *source, auk_span *line, uint64_t *number,
                                         bool *found, auk_error *err);
AUK_MUST_CHECK auk_code auk_records_next_json(auk_records *records, auk_record *out, bool *found,
                                              auk_error *err);
/* Reads the header row and looks at the first rows for the columns' types. */
AUK_MUST_CHECK auk_code auk_records_begin_table(auk_records *records, auk_error *err);
AUK_MUST_CHECK auk_code auk_records_next_row(auk_records *records, auk_record *out, bool *found,
                                             auk_error *err);

#endif
