/* test.h - cmocka with the headers that it wants before its own. */
#ifndef AUK_TEST_H
#define AUK_TEST_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#endif
