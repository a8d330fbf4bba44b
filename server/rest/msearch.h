/*
 * msearch.h - several searches in one body: a line that says where, then a line that says what.
 * What fails for one of them is told in its place.
 */
#ifndef AUK_REST_MSEARCH_H
#define AUK_REST_MSEARCH_H

#include "call.h"

auk_code auk_msearch(auk_call *call, auk_error *err);

#endif
