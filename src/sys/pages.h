/*
 * Whole pages from the kernel, zeros: only those that were written to take
 * memory, and all of it is given back at once.
 */
#ifndef SYS_PAGES_H
#define SYS_PAGES_H

#include <stddef.h>

/* NULL when memory ran out. */
void *pages_map(size_t len);
void pages_unmap(void *pages, size_t len);

#endif
