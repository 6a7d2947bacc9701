/*
 * Version of the program: one to four numbers with dots between, "0.2.0".  No
 * number is so large that nothing could follow it (T-REL-02b).
 */
#ifndef MODEL_VERSION_H
#define MODEL_VERSION_H

#include <stdbool.h>

enum {
	VERSION_PARTS = 4,
	VERSION_PART_MAX = 99999,
	VERSION_SIZE = 24, /* of the longest, with its NUL */
};

bool version_is_good(const char *text);

/* Below, at or above 0 as `a` is older than, the same as, or newer than `b`. */
int version_compare(const char *a, const char *b);

#endif
