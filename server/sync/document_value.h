/*
 * document_value.h - values that a configuration converts on their way into a document.
 *
 *   Lifetime, threads, memory  none.   Errors  AUK_INVALID: the text is not what it should be.
 */
#ifndef AUK_SYNC_DOCUMENT_VALUE_H
#define AUK_SYNC_DOCUMENT_VALUE_H

#include "tree.h"

AUK_MUST_CHECK auk_code auk_document_convert(const auk_tree_field *field, auk_span text,
                                             auk_arena *arena, auk_json_writer *out,
                                             auk_error *err);

#endif
