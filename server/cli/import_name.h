/* import_name.h - names that an import derives from its file and its documents. */
#ifndef AUK_IMPORT_NAME_H
#define AUK_IMPORT_NAME_H

#include "auk/buffer.h"

/* The file's own name: without folders and without .gz or .zst. */
auk_span auk_import_base_name(const char *path);
/* An index name from it: without its ending, in lower case, other bytes than [a-z0-9._-] as '-'. */
void auk_import_append_index(auk_buffer *out, const char *path);
/* Two words that stand in the document, from the field with the most words; nothing when none. */
void auk_import_append_words(auk_buffer *out, auk_span document);
/* The text as one word of the shell. */
void auk_append_shell_word(auk_buffer *out, auk_span text);

#endif
