#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "harness/scratch.h"
#include "sys/file.h"

struct box {
	char path[SCRATCH_PATH_SIZE];
	int dir;
};

static int
set_up(void **state)
{
	struct box *box = calloc(1, sizeof(*box));
	struct error err = { 0 };

	scratch_make(box->path);
	assert_int_equal(file_open_dir(box->path, &box->dir, &err), 0);
	*state = box;
	return 0;
}

static int
tear_down(void **state)
{
	struct box *box = *state;

	file_close(box->dir);
	scratch_remove(box->path);
	free(box);
	return 0;
}

static void
check_content(struct box *box, const char *name, const char *wanted)
{
	struct bytes bytes = { 0 };
	struct error err = { 0 };

	assert_int_equal(file_read_all(box->dir, name, 100, &bytes, &err), 0);
	assert_int_equal(bytes.len, strlen(wanted));
	assert_memory_equal(bytes.data, wanted, bytes.len);
	bytes_free(&bytes);
}

static void
replacing_leaves_one_file_with_the_new_content(void **state)
{
	struct box *box = *state;
	struct error err = { 0 };
	int fd = -1;

	assert_int_equal(file_replace(box->dir, "a", "old", 3, &err), 0);
	check_content(box, "a", "old");
	/* What a crash of an earlier replacement left is no obstacle. */
	assert_int_equal(file_open(box->dir, "a.tmp", FILE_CREATE, &fd, &err),
	    0);
	file_close(fd);
	assert_int_equal(file_replace(box->dir, "a", "newer", 5, &err), 0);
	check_content(box, "a", "newer");
	assert_int_equal(file_open(box->dir, "a.tmp", FILE_READ, &fd, &err),
	    -1);
	assert_int_equal(err.code, ERROR_NOT_FOUND);
}

static void
a_file_above_the_limit_is_refused(void **state)
{
	struct box *box = *state;
	struct bytes bytes = { 0 };
	struct error err = { 0 };

	assert_int_equal(file_replace(box->dir, "a", "12345", 5, &err), 0);
	assert_int_equal(file_read_all(box->dir, "a", 4, &bytes, &err), -1);
	assert_int_equal(err.code, ERROR_MALFORMED);
	assert_int_equal(bytes.len, 0);
	bytes_free(&bytes);
}

static void
creating_never_takes_an_existing_file(void **state)
{
	struct box *box = *state;
	struct error err = { 0 };
	int fd = -1;

	assert_int_equal(file_replace(box->dir, "a", "1", 1, &err), 0);
	assert_int_equal(file_open(box->dir, "a", FILE_CREATE, &fd, &err), -1);
	assert_int_equal(err.code, ERROR_EXISTS);
}

static void
links_are_not_followed(void **state)
{
	struct box *box = *state;
	struct error err = { 0 };
	int fd = -1;

	assert_int_equal(file_replace(box->dir, "a", "1", 1, &err), 0);
	assert_int_equal(symlinkat("a", box->dir, "b"), 0);
	assert_int_equal(file_open(box->dir, "b", FILE_WRITE, &fd, &err), -1);
	assert_int_equal(fd, -1);
}

static void
descriptors_do_not_survive_an_exec(void **state)
{
	struct box *box = *state;
	struct error err = { 0 };
	int fd = -1;

	assert_true((fcntl(box->dir, F_GETFD) & FD_CLOEXEC) != 0);
	assert_int_equal(file_open(box->dir, "a", FILE_CREATE, &fd, &err), 0);
	assert_true((fcntl(fd, F_GETFD) & FD_CLOEXEC) != 0);
	file_close(fd);
}

static void
reading_stops_at_the_end(void **state)
{
	struct box *box = *state;
	struct error err = { 0 };
	uint8_t data[10];
	size_t got = 0;
	uint64_t len = 0;
	int fd = -1;

	assert_int_equal(file_open(box->dir, "a", FILE_CREATE, &fd, &err), 0);
	assert_int_equal(file_write_at(fd, "xyz", 3, 2, &err), 0);
	assert_int_equal(file_read_at(fd, data, 10, 1, &got, &err), 0);
	assert_int_equal(got, 4);
	assert_memory_equal(data, "\0xyz", 4);
	assert_int_equal(file_allocate(fd, 5000, &err), 0);
	assert_int_equal(file_size(fd, &len, &err), 0);
	assert_int_equal(len, 5000);
	assert_int_equal(file_sync_data(fd, &err), 0);
	file_close(fd);
}

static void
a_lock_is_held_by_one_descriptor(void **state)
{
	struct box *box = *state;
	struct error err = { 0 };
	int one = -1, two = -1;

	assert_int_equal(file_open(box->dir, "a", FILE_CREATE, &one, &err), 0);
	assert_int_equal(file_open(box->dir, "a", FILE_WRITE, &two, &err), 0);
	assert_int_equal(file_lock(one, &err), 0);
	assert_int_equal(file_lock(two, &err), -1);
	assert_int_equal(err.code, ERROR_BUSY);
	file_close(one);
	assert_int_equal(file_lock(two, &err), 0);
	file_close(two);
}

static int
count_name(void *context, const char *name, struct error *err)
{
	(void)err;
	assert_true(name[0] != '.');
	++*(int *)context;
	return 0;
}

static void
a_directory_lists_its_names(void **state)
{
	struct box *box = *state;
	struct error err = { 0 };
	int count = 0;

	assert_int_equal(file_replace(box->dir, "a", "", 0, &err), 0);
	assert_int_equal(file_make_dir(box->dir, "b", &err), 0);
	assert_int_equal(file_make_dir(box->dir, "b", &err), 0);
	assert_int_equal(file_rename(box->dir, "a", box->dir, "c", &err), 0);
	assert_int_equal(file_list(box->dir, count_name, &count, &err), 0);
	assert_int_equal(count, 2);
	assert_int_equal(file_remove(box->dir, "c", &err), 0);
	assert_int_equal(file_remove(box->dir, "c", &err), 0);
}

static void
memory_file_systems_are_recognised(void **state)
{
	enum file_system kind = FILE_SYSTEM_LOCAL;
	struct error err = { 0 };
	uint64_t room = 0;
	int dir = -1;

	(void)state;
	if (access("/dev/shm", R_OK) != 0)
		skip();
	assert_int_equal(file_open_dir("/dev/shm", &dir, &err), 0);
	assert_int_equal(file_system_of(dir, &kind, &room, &err), 0);
	assert_int_equal(kind, FILE_SYSTEM_MEMORY);
	assert_string_equal(file_system_name(kind), "memory");
	file_close(dir);
}

#define BOX_TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		BOX_TEST(replacing_leaves_one_file_with_the_new_content),
		BOX_TEST(a_file_above_the_limit_is_refused),
		BOX_TEST(creating_never_takes_an_existing_file),
		BOX_TEST(links_are_not_followed),
		BOX_TEST(descriptors_do_not_survive_an_exec),
		BOX_TEST(reading_stops_at_the_end),
		BOX_TEST(a_lock_is_held_by_one_descriptor),
		BOX_TEST(a_directory_lists_its_names),
		BOX_TEST(memory_file_systems_are_recognised),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
