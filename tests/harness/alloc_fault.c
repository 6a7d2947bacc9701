#include "harness/alloc_fault.h"

#include <assert.h>
#include <stddef.h>
#include <stdint.h>

#include <sqlite3.h>

void *__real_malloc(size_t len);
void *__real_calloc(size_t count, size_t len);
void *__real_realloc(void *old, size_t len);
void *__real_aligned_alloc(size_t alignment, size_t len);
void *__wrap_malloc(size_t len);
void *__wrap_calloc(size_t count, size_t len);
void *__wrap_realloc(void *old, size_t len);
void *__wrap_aligned_alloc(size_t alignment, size_t len);

static struct {
	bool is_set, is_for_ever;
	unsigned at, count;
} fault;

static bool
runs_out(void)
{
	unsigned at = fault.count;

	if (!fault.is_set)
		return false;
	fault.count++;
	return at == fault.at || (at > fault.at && fault.is_for_ever);
}

void
alloc_fault_set(unsigned nth, bool for_ever)
{
	fault.is_set = true;
	fault.is_for_ever = for_ever;
	fault.at = nth;
	fault.count = 0;
}

unsigned
alloc_fault_clear(void)
{
	fault.is_set = false;
	return fault.count;
}

void *
__wrap_malloc(size_t len)
{
	return runs_out() ? NULL : __real_malloc(len);
}

void *
__wrap_calloc(size_t count, size_t len)
{
	return runs_out() ? NULL : __real_calloc(count, len);
}

void *
__wrap_realloc(void *old, size_t len)
{
	return runs_out() ? NULL : __real_realloc(old, len);
}

void *
__wrap_aligned_alloc(size_t alignment, size_t len)
{
	return runs_out() ? NULL : __real_aligned_alloc(alignment, len);
}

/* SQLite's, over whatever it had before. */
static sqlite3_mem_methods before;

static void *
rows_malloc(int len)
{
	return runs_out() ? NULL : before.xMalloc(len);
}

static void *
rows_realloc(void *old, int len)
{
	return runs_out() ? NULL : before.xRealloc(old, len);
}

void
alloc_fault_init(void)
{
	sqlite3_mem_methods own;

	assert(sqlite3_config(SQLITE_CONFIG_GETMALLOC, &before) == SQLITE_OK);
	own = before;
	own.xMalloc = rows_malloc;
	own.xRealloc = rows_realloc;
	assert(sqlite3_config(SQLITE_CONFIG_MALLOC, &own) == SQLITE_OK);
	/* Small pieces too, which SQLite would take from blocks of its own. */
	assert(sqlite3_config(SQLITE_CONFIG_LOOKASIDE, 0, 0) == SQLITE_OK);
}
