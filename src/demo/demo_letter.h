/*
 * The letter that `yizhan demo` sends: the files of data/demo.
 */
#ifndef DEMO_DEMO_LETTER_H
#define DEMO_DEMO_LETTER_H

#include <stddef.h>

struct demo_file {
	const char *name;
	const unsigned char *data;
	size_t len;
};

extern const struct demo_file demo_letter[];
extern const size_t demo_letter_count;

#endif
