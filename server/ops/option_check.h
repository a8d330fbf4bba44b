/* option_check.h - whether a text is a value of an option, and which. */
#ifndef AUK_OPTION_CHECK_H
#define AUK_OPTION_CHECK_H

#include "auk/option.h"

/* Fills number and is_bytes of *value. where names the flag, variable or line, for the message. */
AUK_MUST_CHECK auk_code auk_option_check(const auk_option *row, auk_span text, const char *where,
                                         auk_option_value *value, auk_error *err);

/* AUK_INVALID with the message and the row's accepted form behind it. */
auk_code auk_option_fail(const auk_option *row, auk_error *err, const char *format, ...)
    AUK_PRINTF(3, 4);

#endif
