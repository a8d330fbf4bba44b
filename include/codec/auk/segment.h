/*
 * segment.h - one immutable segment: opened from its values, asked for terms, postings, columns,
 * sources.
 *
 * A segment is a table of values (value.h), in a mapped file or on the heap, and the readers below
 * decode in place: no copy of postings, no allocation a document. Fields are numbers here; names
 * belong to the schema. Documents are 0 .. doc_count - 1; deletions are not the segment's business
 * (see shard.h: live).
 *
 *   Lifetime  counted; spans and readers are borrowed from the segment.
 *   Threads   immutable; any number of readers. A cursor belongs to one thread.
 *   Memory    a few words a field at open, cursors in the caller's arena.
 *   Errors    AUK_CORRUPT for bytes that break their format: at open for tables and headers, sticky
 * in a cursor for what is met on the way (the walk ends; ask _status once after it).
 *
 * Reserved fields (their numbers never change; the schema hands out numbers from
 * AUK_FIELD_FIRST_USER):
 */
#ifndef AUK_SEGMENT_H
#define AUK_SEGMENT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "auk/arena.h"
#include "auk/error.h"
#include "auk/span.h"
#include "auk/value.h"

#define AUK_FIELD_ID           0 /* _id: terms with one posting each, id filter */
#define AUK_FIELD_SEQ_NO       1 /* _seq_no: column */
#define AUK_FIELD_VERSION      2 /* _version: column */
#define AUK_FIELD_PRIMARY_TERM 3 /* _primary_term: column */
#define AUK_FIELD_FIELD_NAMES                                                                      \
    4 /* _field_names: terms = paths of the fields a document has a value for */
#define AUK_FIELD_ROUTING 5 /* _routing: terms, only for documents written with routing */
#define AUK_FIELD_IGNORED                                                                          \
    6 /* _ignored: terms = paths of fields whose malformed value was ignored */
#define AUK_FIELD_FIRST_USER 16

/* What a value of a segment holds; the files named draw the formats. */
typedef enum auk_kind {
    AUK_KIND_META = 1,    /* meta.h: version, counts, and each value's checksum; last value put */
    AUK_KIND_TERM_INDEX,  /* dictionary.h: block prefixes */
    AUK_KIND_TERM_BLOCKS, /* dictionary.h: front-coded blocks */
    AUK_KIND_POSTINGS,    /* postings.h */
    AUK_KIND_POSITIONS,   /* positions.h */
    AUK_KIND_NORMS,  /* one byte a document, Lucene's length code; 0 also where the field is absent
                      */
    AUK_KIND_COLUMN, /* column.h */
    AUK_KIND_STORED, /* stored.h: zstd frames */
    AUK_KIND_STORED_INDEX, /* stored.h: where each frame starts, the dictionary */
    AUK_KIND_ID_FILTER,    /* id_filter.h */
    AUK_KIND_TOMBSTONES,   /* tombstones.h: ids deleted since, with seq_no and version */
    AUK_KIND_HEAD,         /* meta.h: magic and format version; first value put */
    AUK_KIND_RANKS,        /* ranks.h; older segments have none */
} auk_kind;

typedef uint32_t auk_doc;
/* Sorts after every document. */
#define AUK_DOC_END UINT32_MAX
/* Documents in a segment, and bytes of a term, at most; schema and analysis keep below. */
#define AUK_DOC_LIMIT       (1u << 31)
#define AUK_TERM_SIZE_LIMIT 65535u

typedef struct auk_segment auk_segment;

/*
 * values: borrowed until the segment is gone; `release(owner)` is then called once (NULL: nothing).
 * When opening fails, nothing is released: the values stay the caller's.
 */
AUK_MUST_CHECK auk_code auk_segment_open(const auk_value *values, uint32_t count,
                                         void (*release)(void *), void *owner, auk_segment **out,
                                         auk_error *err);
/* A damaged one: opens as long as META is sound; fields and documents that do not open are as if
 * they were not there. For reading out what is left, with _doubt. */
AUK_MUST_CHECK auk_code auk_segment_open_rescue(const auk_value *values, uint32_t count,
                                                void (*release)(void *), void *owner,
                                                auk_segment **out, auk_error *err);
auk_segment *auk_segment_acquire(const auk_segment *segment);
void auk_segment_release(const auk_segment *segment); /* NULL is fine */

/* Copies bytes of the segment's values out of their file, given the segment's owner: for what is
 * read as a whole. A mapped page stays with the process once it was looked at. False when the file
 * cannot be read. */
typedef bool (*auk_segment_read)(const void *owner, auk_span bytes, char *into);

/*
 * The values lie in a file, where bytes may change: each is compared with its checksum before its
 * first use, and one that differs is AUK_CORRUPT for whoever needs it (guard.h). Call it before the
 * segment is shared. file: copied, for messages. read: see below; may be NULL.
 */
AUK_MUST_CHECK auk_code auk_segment_doubt(auk_segment *segment, const char *file,
                                          auk_segment_read read, auk_error *err);
/* Answers code; when it is AUK_CORRUPT, and a value was found damaged, err names the file. */
auk_code auk_segment_explain(const auk_segment *segment, auk_code code, auk_error *err);

uint32_t auk_segment_doc_count(const auk_segment *segment);
uint64_t auk_segment_bytes(const auk_segment *segment);
int64_t auk_segment_max_seq_no(const auk_segment *segment); /* -1: none */
const auk_value *auk_segment_values(const auk_segment *segment, uint32_t *count);
/* Compares every value with the checksum in META: at ingest, and on request. */
AUK_MUST_CHECK auk_code auk_segment_verify(const auk_segment *segment, auk_error *err);

/* ---- terms ---- */

typedef struct auk_terms auk_terms; /* the terms of one field */

typedef struct auk_terms_stats {
    uint64_t term_count;
    uint64_t doc_count; /* documents with at least one term */
    uint64_t sum_doc_freq;
    uint64_t sum_total_freq; /* sum of lengths, for the average */
    bool has_freqs;
    bool has_positions;
} auk_terms_stats;

const auk_terms *auk_segment_terms(const auk_segment *segment,
                                   uint16_t field); /* NULL: none here */
const auk_terms_stats *auk_terms_read_stats(const auk_terms *terms);
/* One byte a document, or NULL when the field keeps no norms. */
const uint8_t *auk_segment_norms(const auk_segment *segment, uint16_t field);

/* Where one term's postings are; a plain value, valid as long as the segment. */
typedef struct auk_term {
    const auk_terms *terms;
    uint64_t ordinal; /* rank among the field's terms, which are in byte order */
    uint32_t doc_freq;
    uint64_t total_freq;
    uint64_t postings; /* codec's own addresses */
    uint64_t positions;
    auk_doc single_doc; /* when doc_freq is 1: the document and its frequency are kept here */
    uint32_t single_freq;
} auk_term;

/*
 * Begins to load what it takes to find a term, and says where that is; for _find_at. Whoever wants
 * several terms lets all be loaded before the first is looked at.
 */
uint32_t auk_terms_expect(const auk_terms *terms, auk_span text);
AUK_MUST_CHECK auk_code auk_terms_find_at(const auk_terms *terms, uint32_t expected, auk_span text,
                                          auk_term *out, bool *found, auk_error *err);
/* Begins to load the beginning of a term's list. */
void auk_term_expect(const auk_term *term);
/* *found false: the field has no such term. */
AUK_MUST_CHECK auk_code auk_terms_find(const auk_terms *terms, auk_span text, auk_term *out,
                                       bool *found, auk_error *err);
/* The text of an ordinal (columns of keywords), copied into the arena. */
AUK_MUST_CHECK auk_code auk_terms_text(const auk_terms *terms, uint64_t ordinal, auk_arena *arena,
                                       auk_span *out, auk_error *err);

#define AUK_TERMS_ROW 32
/* How many documents have the terms from an ordinal on, which is a multiple of AUK_TERMS_ROW, up to
 * that many of them. Answers how many; 0: there is none, or the dictionary is damaged. */
uint32_t auk_terms_doc_freqs(const auk_terms *terms, uint64_t ordinal, uint32_t out[AUK_TERMS_ROW]);

/* Walks terms in byte order. */
typedef struct auk_terms_cursor auk_terms_cursor;
auk_terms_cursor *auk_terms_cursor_open(const auk_terms *terms, auk_arena *arena);
/* Stands on the first term >= text; false at the end. An empty text: the first term. */
bool auk_terms_cursor_seek(auk_terms_cursor *cursor, auk_span text);
bool auk_terms_cursor_next(auk_terms_cursor *cursor);
auk_span auk_terms_cursor_text(const auk_terms_cursor *cursor); /* until the next step */
const auk_term *auk_terms_cursor_term(const auk_terms_cursor *cursor);
auk_code auk_terms_cursor_status(const auk_terms_cursor *cursor);

/* ---- postings ---- */

/*
 * Documents of one term, ascending, decoded a block of up to 256 at a time. Evaluators that work on
 * batches use _block; those that step use _next and _seek. Both views stay in step.
 */
typedef struct auk_postings auk_postings;

typedef enum auk_postings_want {
    AUK_WANT_DOCS,
    AUK_WANT_FREQS,
    AUK_WANT_POSITIONS
} auk_postings_want;

/* Allocates once in the arena. Stands before the first document. */
AUK_MUST_CHECK auk_code auk_postings_open(const auk_term *term, auk_postings_want want,
                                          auk_arena *arena, auk_postings **out, auk_error *err);
auk_doc auk_postings_next(auk_postings *postings);
auk_doc auk_postings_seek(auk_postings *postings, auk_doc target); /* first >= target, never back */
/* Back in front of the first document; a walk that damage ended stays there. */
void auk_postings_rewind(auk_postings *postings);
/* AUK_DOC_END also before the first step. */
auk_doc auk_postings_doc(const auk_postings *postings);
/* 1 where the field keeps none, and when opened with AUK_WANT_DOCS. */
uint32_t auk_postings_freq(auk_postings *postings);
/* Positions of the current document, freq of them, ascending; borrowed until the next step. NULL
 * when the bytes are damaged, or when the list was opened without them or keeps none. */
const uint32_t *auk_postings_positions(auk_postings *postings);

#define AUK_BLOCK_DOCS 256
/* The block that holds the first document >= target: its documents, frequencies (NULL unless
 * wanted) and count, borrowed until the next call. 0 at the end. Blocks come in ascending order.
 * The walk then stands on that document: _next goes on behind it. */
uint32_t auk_postings_block(auk_postings *postings, auk_doc target, const auk_doc **docs,
                            const uint32_t **freqs);
/* The index in its block of the document where the walk stands. */
uint32_t auk_postings_index(auk_postings *postings);
/* How often the documents of that block have the term, by index; NULL when the bytes are damaged or
 * frequencies were not asked for. Borrowed until the walk leaves the block. */
const uint32_t *auk_postings_block_freqs(auk_postings *postings);
/* The last document of that block. */
auk_doc auk_postings_block_last(const auk_postings *postings);
/*
 * Which of count ascending documents are in that block, from the walk's document on: for each such
 * one its number in docs and its index in the block. Answers how many; the walk does not move.
 */
uint32_t auk_postings_match(auk_postings *postings, const auk_doc *docs, uint32_t count,
                            uint8_t *numbers, uint8_t *indices);
/*
 * Goes to the block of the first document >= docs[0] and names those of the first *taken of count
 * (> 0) ascending documents that it holds, as _match does; indices NULL: not wanted. *taken is at
 * least 1 and at most AUK_BLOCK_DOCS; the arrays have room for one more than that. The walk stands
 * on that first document.
 */
uint32_t auk_postings_join(auk_postings *postings, const auk_doc *docs, uint32_t count,
                           uint32_t *taken, uint8_t *numbers, uint8_t *indices);
/* Where the positions in up to a block of documents are, in the order of their list. */
typedef struct auk_position_chunk {
    const uint8_t *at; /* NULL: `first` of its one document is the only position */
    uint32_t gaps;     /* in the chunk */
    uint32_t end;      /* documents up to it, from that of the chunk before on; there may be none */
} auk_position_chunk;

typedef struct auk_position_places {
    uint32_t count, chunk_count;
    uint32_t firsts[AUK_BLOCK_DOCS]; /* gap of its chunk with which a document begins */
    uint32_t counts[AUK_BLOCK_DOCS]; /* of its gaps: how often it has the term */
    auk_position_chunk chunks[AUK_BLOCK_DOCS];
} auk_position_places;

/*
 * Which of count (at most AUK_BLOCK_DOCS) ascending documents the list holds, from the block of the
 * walk on: for each such one its number in docs, and their places; numbers has room for count and
 * one more. Answers how many; 0 also when the bytes are damaged, or when the list was opened
 * without positions. The walk stands on the first document >= one of docs, or stays where it is.
 */
uint32_t auk_postings_locate(auk_postings *postings, const auk_doc *docs, uint32_t count,
                             uint8_t *numbers, auk_position_places *places);
/* The same of count documents of the block in hand, by rising index. False: as above. */
bool auk_postings_block_places(auk_postings *postings, const uint8_t *indices, uint32_t count,
                               auk_position_places *places);
/* Keeps those of count rising numbers. */
void auk_position_places_keep(auk_position_places *places, const uint8_t *numbers, uint32_t count);

/* Positions of several documents, a row each; begins as zeros. */
typedef struct auk_position_rows {
    uint32_t *positions; /* of the arena of a list */
    uint32_t capacity;
    uint32_t count;
    uint32_t starts[AUK_BLOCK_DOCS], counts[AUK_BLOCK_DOCS]; /* of each row in positions */
} auk_position_rows;

/*
 * The positions in documents of the list, in place of what rows held. Up to the next multiple of
 * eight behind a row's start, numbers can be read and written, whatever they are. False when the
 * bytes are damaged.
 */
bool auk_postings_read_places(auk_postings *postings, const auk_position_places *places,
                              auk_position_rows *rows);
/*
 * For windows of documents: sets bit (doc - base) for each document in [base, limit) that the walk
 * has not passed, and answers the first one >= limit, where the walk then stands. base is a
 * multiple of 64; limit may lie as far above it as there are bits, and the further the better.
 */
auk_doc auk_postings_mark(auk_postings *postings, auk_doc base, auk_doc limit, uint64_t *bits);
/*
 * An upper bound of tf / (tf + K) in the block that holds target, under the average length the
 * segment was written with, and the last document of that block. Bounds never read the block
 * itself. See postings.h for the scaling under another average length.
 */
float auk_postings_bound(auk_postings *postings, auk_doc target, auk_doc *last_doc);
/* The number of that block; those of the list: there is none, or the list is short. */
uint32_t auk_postings_block_at(auk_postings *postings, auk_doc target);
/* The greatest of the blocks that may hold documents in [from, limit). */
float auk_postings_bound_between(auk_postings *postings, auk_doc from, auk_doc limit);
/*
 * For a walk in an order of the caller's: a byte a block that rises with its bound (NULL: a list of
 * one block), and any block by its number. After _block_frequent only further calls of it are
 * allowed.
 */
const uint8_t *auk_postings_bounds(const auk_postings *postings, uint32_t *count);
float auk_postings_bound_of(uint8_t bound);
/* Of a block those documents that have the term often: the i-th is docs[indices[i]], with a
 * frequency of freqs[indices[i]] + more. Borrowed until the next call. */
typedef struct auk_frequent {
    const auk_doc *docs;
    const uint32_t *freqs;
    uint32_t more;
    uint32_t size; /* of the block */
    uint32_t count;
    uint8_t indices[AUK_BLOCK_DOCS];
} auk_frequent;
/* Those with a frequency of at least `least`, which is above 0; where there is none, the block's
 * documents are not decoded. */
void auk_postings_block_frequent(auk_postings *postings, uint32_t block, uint32_t least,
                                 auk_frequent *out);
/* That block is soon asked for: begins to load it. */
void auk_postings_expect(const auk_postings *postings, uint32_t block);
/* Those documents, ascending, are soon looked up: in a large segment, begins to load the blocks
 * that may hold them. */
void auk_postings_foresee(const auk_postings *postings, const auk_doc *docs, uint32_t count);
float auk_term_bound(const auk_term *term); /* over all its blocks */
/* What the share of at least `rank` documents of the segment reaches, under that same average
 * length; 0: the list does not say. */
float auk_term_reached(const auk_term *term, uint32_t rank);

/*
 * Documents of a term that may be among its best, with what their scores depend on, so that no
 * block is read for them: pair by pair of frequency and length code, in each by rising document.
 * Whatever the average length is, as long as _leaders answers them for it, the best k documents by
 * BM25 are among them, equal scores by rising document; where d of them do not count, the best k -
 * d of those that do.
 */
#define AUK_LEADERS_MOST  255u
#define AUK_LEADERS_PAIRS 96u

typedef struct auk_leaders {
    uint32_t k;
    uint32_t pair_count, doc_count;
    uint32_t freqs[AUK_LEADERS_PAIRS]; /* by pair */
    const uint8_t *norms, *counts;     /* by pair; borrowed from the segment */
    const auk_terms *terms;
    const uint8_t *gaps; /* codec's own */
} auk_leaders;

/* *found false: the list keeps none for a field of that average length. */
AUK_MUST_CHECK auk_code auk_term_leaders(const auk_term *term, double average, auk_leaders *out,
                                         bool *found, auk_error *err);
#define AUK_LEADERS_ROOM (AUK_LEADERS_MOST + 17u)
/* Those of the first pairs, into an array of AUK_LEADERS_ROOM; 0: the bytes are damaged. */
uint32_t auk_leaders_docs(const auk_leaders *leaders, uint32_t pair_count, auk_doc *docs);

double auk_terms_written_average(
    const auk_terms *terms); /* average length that the bounds assume */
auk_code auk_postings_status(const auk_postings *postings);
/* Blocks that this thread has decoded since it began, and those of all lists that it has opened. */
uint64_t auk_postings_blocks_read(void);
uint64_t auk_postings_blocks_listed(void);

/* ---- columns ---- */

typedef struct auk_column auk_column;

typedef struct auk_column_stats {
    uint32_t doc_count; /* documents with a value */
    uint64_t value_count;
    int64_t min, max; /* of all values */
    bool single;      /* no document has two */
    bool dense;       /* every document has one */
    bool ordinals;    /* values are ordinals of the field's terms */
} auk_column_stats;

#define AUK_COLUMN_BLOCK 4096 /* rows */

const auk_column *auk_segment_column(const auk_segment *segment,
                                     uint16_t field); /* NULL: none here */
const auk_column_stats *auk_column_read_stats(const auk_column *column);
/* Least and greatest value among rows [block * 4096, +4096); false: no row there has one. */
bool auk_column_zone(const auk_column *column, uint32_t block, int64_t *min, int64_t *max);
/* How many values those rows have; 0 also where the directory is damaged. */
uint32_t auk_column_zone_values(const auk_column *column, uint32_t block);
/* Every row there has one value and no more. */
bool auk_column_zone_full(const auk_column *column, uint32_t block);
/*
 * How many documents have a value in from .. to, where stats.single and the segment keeps the
 * column's values sorted (ranks.h): two look-ups, whatever the range. False: it does not keep them,
 * or they are damaged; count otherwise.
 */
AUK_MUST_CHECK bool auk_column_count(const auk_column *column, int64_t from, int64_t to,
                                     uint64_t *out);
/* What this thread has done with columns since it began. */
typedef struct auk_column_work {
    uint64_t blocks;   /* looked into */
    uint64_t decoded;  /* of them, as a whole */
    uint64_t compared; /* of them, by their packed numbers */
    uint64_t picked;   /* single values, from blocks that were not */
} auk_column_work;
auk_column_work auk_columns_work(void);
/*
 * The values of a document, ascending; count 0: none. Random access, no allocation: single values
 * come through `one`, more are decoded into the cursor. A cursor caches the block it stands in, so
 * ascending access is cheapest.
 */
typedef struct auk_column_cursor auk_column_cursor;
auk_column_cursor *auk_column_cursor_open(const auk_column *column, auk_arena *arena);
uint32_t auk_column_cursor_values(auk_column_cursor *cursor, auk_doc doc, const int64_t **values);
/*
 * For passes over whole blocks of columns where stats.single: the values of rows [block * 4096, ..)
 * one a row, and a bit a row that says whether it has one (present may come back NULL: all have).
 * Borrowed until the next call. Answers the number of rows in the block, 0 past the end or when the
 * bytes are damaged.
 */
uint32_t auk_column_cursor_block(auk_column_cursor *cursor, uint32_t block, const int64_t **values,
                                 const uint64_t **present);
/*
 * The same question without the values: a bit a row, is the value in from .. to? Whole words are
 * written. False: nothing was, as the block's bytes do not tell it, or are damaged; ask for rows.
 */
AUK_MUST_CHECK bool auk_column_cursor_mark(auk_column_cursor *cursor, uint32_t block, int64_t from,
                                           int64_t to, uint64_t bits[AUK_COLUMN_BLOCK / 64]);
/*
 * For some documents of a block where stats.single: of docs[0 .. count), which ascend and lie in
 * one block, the values of those that have one, side by side. Answers how many; where some have
 * none, numbers (NULL: not wanted) says which have: values[i] is of docs[numbers[i]]. 0 also when
 * the bytes are damaged.
 */
uint32_t auk_column_cursor_pick(auk_column_cursor *cursor, const auk_doc *docs, uint32_t count,
                                uint16_t *numbers, int64_t *values);
auk_code auk_column_cursor_status(const auk_column_cursor *cursor);

/* ---- stored ---- */

typedef struct auk_stored_document {
    auk_span id;
    auk_span routing; /* empty: none */
    auk_span source;  /* the JSON as it was sent; empty when the index does not keep it */
} auk_stored_document;

/*
 * Decompressed into the arena. `cache` may be NULL, or keeps the last frame of a series of calls.
 * With a cache, `arena` may be NULL: the spans are then borrowed from the cache until its next use
 * (a merge passes through a segment without growing anything). AUK_NOT_FOUND: the segment was
 * written without documents.
 */
typedef struct auk_stored_cache auk_stored_cache;
auk_stored_cache *auk_stored_cache_create(auk_arena *arena);
AUK_MUST_CHECK auk_code auk_segment_read_stored(const auk_segment *segment, auk_doc doc,
                                                auk_stored_cache *cache, auk_arena *arena,
                                                auk_stored_document *out, auk_error *err);

/* The document with this _id (filter first, then dictionary); *found false: none. A segment holds
 * an id once. */
AUK_MUST_CHECK auk_code auk_segment_find_id(const auk_segment *segment, auk_span id, auk_doc *doc,
                                            bool *found, auk_error *err);

/* ---- tombstones ---- */

typedef struct auk_tombstone {
    auk_span id;
    int64_t seq_no;
    int64_t version;
    int64_t primary_term;
    int64_t time_ms;
} auk_tombstone;

uint32_t auk_segment_tombstone_count(const auk_segment *segment);
AUK_MUST_CHECK auk_code auk_segment_tombstone(const auk_segment *segment, uint32_t index,
                                              auk_tombstone *out, auk_error *err);

#endif
