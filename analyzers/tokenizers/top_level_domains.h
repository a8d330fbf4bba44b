/*
 * top_level_domains.h - "com", "org", ...: what the last label of a host on the internet may be.
 *
 *   Lifetime  static.   Threads  any.   Memory  none.   Errors  none.
 */
#ifndef AUK_TOP_LEVEL_DOMAINS_H
#define AUK_TOP_LEVEL_DOMAINS_H

#include <stddef.h>

extern const char *const auk_top_level_domains[]; /* in lower case, ascending */
extern const size_t auk_top_level_domain_count;

#endif
