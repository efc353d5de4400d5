/* test/unit/suite.h -- the frame of a test program. */
#ifndef HA_TEST_SUITE_H
#define HA_TEST_SUITE_H

#include <check.h>

/* A test case of the suite, to add tests to. */
TCase *suite_case(Suite *suite, const char *name);

/* Runs it all and frees it. Returns the program's exit status. */
int suite_run(Suite *suite);

#endif
