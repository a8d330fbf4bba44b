/*
 * banned.h - calls that we do not make, each with what to call instead.
 *
 * The build includes it in front of every C source. It declares the functions as libc does and
 * marks them, so the compiler names the replacement at the call, while libc's own headers stay
 * silent.
 */
#ifndef AUK_BANNED_H
#define AUK_BANNED_H

#include <time.h>

#define AUK_BANNED(instead) __attribute__((deprecated("banned in Auk: " instead)))

char *strcpy(char *to, const char *from) AUK_BANNED("memcpy a span, or auk_buffer_append");
char *strncpy(char *to, const char *from, __SIZE_TYPE__ size) AUK_BANNED("memcpy a span");
char *strcat(char *to, const char *from) AUK_BANNED("auk_buffer_append");
char *strncat(char *to, const char *from, __SIZE_TYPE__ size) AUK_BANNED("auk_buffer_append");
int sprintf(char *to, const char *format, ...) AUK_BANNED("snprintf, or auk_buffer_printf");
int vsprintf(char *to, const char *format, __builtin_va_list list) AUK_BANNED("vsnprintf");
char *strtok(char *text, const char *delimiters) AUK_BANNED("memchr over a span");
int atoi(const char *text) AUK_BANNED("auk_number_parse_int64");
long atol(const char *text) AUK_BANNED("auk_number_parse_int64");
double atof(const char *text) AUK_BANNED("auk_number_parse_double");
struct tm *gmtime(const time_t *time) AUK_BANNED("gmtime_r");
struct tm *localtime(const time_t *time) AUK_BANNED("localtime_r");
char *ctime(const time_t *time) AUK_BANNED("strftime");
char *asctime(const struct tm *time) AUK_BANNED("strftime");

#undef AUK_BANNED

#endif
