/*
 * The DTDs of document targets: read for the first input, as a reader does for
 * its first document, so that an execution measures the document alone.
 */
#ifndef FUZZ_DTDS_H
#define FUZZ_DTDS_H

#include <stdlib.h>

#include "base/error.h"
#include "document/dtd.h"

static inline const struct dtd_set *
fuzz_dtds(void)
{
	static struct dtd_set *set;
	struct error err = { 0 };

	if (set == NULL && dtd_set_new(&set, &err) < 0)
		abort();
	return set;
}

#endif
