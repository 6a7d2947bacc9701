/*
 * What a program from outside says that it needs.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "release/elf_needed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static int
take(void *context, const char *soname, struct error *err)
{
	size_t *all = context;

	(void)err;
	*all += strlen(soname);
	return 0;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct error err = { 0 };
	size_t all = 0;

	if (elf_needed(data, len, take, &all, &err) < 0 &&
	    err.code != ERROR_MALFORMED)
		abort();
	return 0;
}
