#define _GNU_SOURCE
#include "sys/pages.h"

#include <sys/mman.h>

void *
pages_map(size_t len)
{
	void *pages = mmap(NULL, len, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return pages == MAP_FAILED ? NULL : pages;
}

void
pages_unmap(void *pages, size_t len)
{
	munmap(pages, len);
}
