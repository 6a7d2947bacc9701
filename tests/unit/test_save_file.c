#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "cli/save_file.h"
#include "harness/scratch.h"

static void
names_of_letters_are_good(void **state)
{
	static const char *const good[] = { "letter.di", "1.sw",
		"376490000A_1150012345A0C_ATTCH1.pdf", "報名表（一）.odt",
		"a b.csv" };

	(void)state;
	for (size_t i = 0; i < sizeof(good) / sizeof(good[0]); i++)
		assert_true(save_name_is_good(good[i]));
}

static void
names_that_lead_elsewhere_or_deceive_are_not(void **state)
{
	static const char *const bad[] = { "", ".", "..", ".bashrc",
		"../letter.di", "/etc/passwd", "a/b", "a\\b", "a\nb",
		"a\x1b[2Jb", "annex\xe2\x80\xae.exe", "\xff.pdf",
		"quote\".pdf" };
	char long_name[300];

	(void)state;
	for (size_t i = 0; i < sizeof(bad) / sizeof(bad[0]); i++)
		assert_false(save_name_is_good(bad[i]));
	memset(long_name, 'a', sizeof(long_name));
	long_name[256] = '\0';
	assert_false(save_name_is_good(long_name));
	long_name[255] = '\0';
	assert_true(save_name_is_good(long_name));
}

static void
nothing_is_written_over_or_through_a_link(void **state)
{
	char path[SCRATCH_PATH_SIZE];
	struct error err = { 0 };
	int dir, fd;

	(void)state;
	scratch_make(path);
	assert_int_equal(save_open_folder(path, &dir, &err), 0);
	assert_int_equal(save_create(dir, "a.pdf", &fd, &err), 0);
	close(fd);
	assert_int_equal(save_create(dir, "a.pdf", &fd, &err), -1);
	assert_int_equal(err.code, ERROR_EXISTS);
	assert_int_equal(symlinkat("outside", dir, "b.pdf"), 0);
	assert_int_equal(save_create(dir, "b.pdf", &fd, &err), -1);
	assert_int_equal(save_create(dir, "../c.pdf", &fd, &err), -1);
	assert_int_equal(err.code, ERROR_DENIED);
	close(dir);
	scratch_remove(path);
}

static void
bytes_that_were_not_signed_are_found(void **state)
{
	/* Of "abc": FIPS 180-2, appendix B.1. */
	static const char abc[] = "ba7816bf8f01cfea414140de5dae2223"
				  "b00361a396177a9cb410ff61f20015ad";
	char path[SCRATCH_PATH_SIZE];
	struct error err = { 0 };
	int dir, fd;

	(void)state;
	scratch_make(path);
	assert_int_equal(save_open_folder(path, &dir, &err), 0);
	assert_int_equal(save_create(dir, "a.pdf", &fd, &err), 0);
	assert_int_equal(write(fd, "abc", 3), 3);
	assert_int_equal(save_check_digest(dir, "a.pdf", abc, &err), 0);
	assert_int_equal(write(fd, "d", 1), 1);
	assert_int_equal(save_check_digest(dir, "a.pdf", abc, &err), -1);
	assert_int_equal(err.code, ERROR_UNTRUSTED);
	assert_int_equal(save_check_digest(dir, "a.pdf", "", &err), -1);
	close(fd);
	close(dir);
	scratch_remove(path);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(names_of_letters_are_good),
		cmocka_unit_test(names_that_lead_elsewhere_or_deceive_are_not),
		cmocka_unit_test(nothing_is_written_over_or_through_a_link),
		cmocka_unit_test(bytes_that_were_not_signed_are_found),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
