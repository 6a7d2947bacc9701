#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "harness/scratch.h"
#include "sys/file.h"
#include "sys/scratch_file.h"

static char dir_path[SCRATCH_PATH_SIZE];
static int dir;

static int
set_up(void **state)
{
	struct error err = { 0 };

	(void)state;
	scratch_make(dir_path);
	return file_open_dir(dir_path, &dir, &err);
}

static int
tear_down(void **state)
{
	(void)state;
	file_close(dir);
	scratch_remove(dir_path);
	return 0;
}

static int
count_name(void *context, const char *name, struct error *err)
{
	(void)name;
	(void)err;
	++*(unsigned *)context;
	return 0;
}

/* Two at a time, so that one does not stand in the other's way. */
static void
check(uint64_t len_max)
{
	struct scratch_file a = scratch_file_none();
	struct scratch_file b = scratch_file_none();
	struct error err = { 0 };
	char read[8];
	size_t len;
	unsigned names = 0;

	assert_int_equal(scratch_file_open(dir, len_max, &a, &err), 0);
	assert_int_equal(scratch_file_open(dir, len_max, &b, &err), 0);
	assert_int_equal(scratch_file_put(&a, "abc", 3, &err), 0);
	assert_int_equal(scratch_file_put(&b, "xyz", 3, &err), 0);
	assert_int_equal(scratch_file_put(&a, "def", 3, &err), 0);
	assert_int_equal(scratch_file_finish(&a, &err), 0);

	assert_int_equal(file_list(dir, count_name, &names, &err), 0);
	assert_int_equal(names, 0);
	assert_int_equal(a.len, 6);
	assert_int_equal(file_read_at(a.read_fd, read, sizeof(read), 0, &len,
			     &err),
	    0);
	assert_int_equal(len, 6);
	assert_memory_equal(read, "abcdef", 6);
	assert_int_equal(pwrite(a.read_fd, "!", 1, 0), -1);
	assert_int_equal(a.write_fd, -1);
	scratch_file_close(&a);
	scratch_file_close(&b);
}

static void
a_small_one_is_sealed_memory(void **state)
{
	(void)state;
	check(SCRATCH_FILE_MEMORY_MAX);
}

static void
a_large_one_has_no_name_and_only_reads(void **state)
{
	(void)state;
	check(SCRATCH_FILE_MEMORY_MAX + 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_small_one_is_sealed_memory),
		cmocka_unit_test(a_large_one_has_no_name_and_only_reads),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
