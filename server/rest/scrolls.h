/* scrolls.h - pages of one search over views that stay: what _search?scroll= begins. */
#ifndef AUK_REST_SCROLLS_H
#define AUK_REST_SCROLLS_H

#include "call.h"

auk_code auk_scroll_begin(auk_call *call, auk_error *err); /* _search?scroll=1m */

#endif
