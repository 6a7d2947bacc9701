#include <fcntl.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "harness/scratch.h"
#include "release/release_history.h"
#include "sys/file.h"

static char box[SCRATCH_PATH_SIZE];
static int dir;

static int
set_up(void **state)
{
	struct error err = { 0 };

	(void)state;
	scratch_make(box);
	return file_open_dir(box, &dir, &err);
}

static int
tear_down(void **state)
{
	(void)state;
	file_close(dir);
	scratch_remove(box);
	return 0;
}

static void
add(enum release_act act, int64_t at, const char *detail)
{
	struct release_note note = { .act = act,
		.at = at,
		.version = "1.2.3",
		.by = "王小明",
		.detail = detail };
	struct error err = { 0 };

	if (release_history_add(dir, &note, &err) < 0)
		fail_msg("%s", err.text);
}

static int
alarm_of(struct release_alarm *alarm)
{
	struct error err = { 0 };

	return release_history_alarm(dir, alarm, &err);
}

static void
without_a_history_there_is_no_alarm(void **state)
{
	struct release_alarm alarm;

	(void)state;
	assert_int_equal(alarm_of(&alarm), 0);
}

static void
what_was_refused_is_told_until_all_was_right(void **state)
{
	struct release_alarm alarm;

	(void)state;
	add(RELEASE_VERIFIED, 1000, "");
	assert_int_equal(alarm_of(&alarm), 0);
	add(RELEASE_REFUSED, 2000, "E7602 changed \"here\"");
	assert_int_equal(alarm_of(&alarm), 1);
	assert_int_equal(alarm.at, 2000);
	assert_string_equal(alarm.version, "1.2.3");
	assert_string_equal(alarm.detail, "E7602 changed \"here\"");
	/* That other files came, or that somebody went back, says nothing. */
	add(RELEASE_FETCHED, 3000, "");
	add(RELEASE_RETURNED, 4000, "");
	assert_int_equal(alarm_of(&alarm), 1);
	assert_int_equal(alarm.at, 2000);
	add(RELEASE_VERIFIED, 5000, "");
	assert_int_equal(alarm_of(&alarm), 0);
}

static void
a_torn_line_hides_no_alarm(void **state)
{
	static const char torn[] = "{\"time\":\"2026-";
	struct release_alarm alarm;
	char path[SCRATCH_PATH_SIZE + 16];
	int fd;

	(void)state;
	add(RELEASE_REFUSED, 2000, "E7604");
	snprintf(path, sizeof(path), "%s/history", box);
	fd = open(path, O_WRONLY | O_APPEND);
	assert_true(fd >= 0);
	assert_int_equal(write(fd, torn, strlen(torn)), strlen(torn));
	close(fd);
	assert_int_equal(alarm_of(&alarm), 1);
	assert_string_equal(alarm.detail, "E7604");
}

static void
only_the_end_of_a_long_history_is_read(void **state)
{
	struct release_alarm alarm;

	(void)state;
	for (int i = 0; i < 200; i++)
		add(RELEASE_VERIFIED, 1000 + i, "");
	add(RELEASE_REFUSED, 9000, "E7607");
	assert_int_equal(alarm_of(&alarm), 1);
	assert_int_equal(alarm.at, 9000);
	add(RELEASE_STAGED, 9001, "");
	assert_int_equal(alarm_of(&alarm), 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		TEST(without_a_history_there_is_no_alarm),
		TEST(what_was_refused_is_told_until_all_was_right),
		TEST(a_torn_line_hides_no_alarm),
		TEST(only_the_end_of_a_long_history_is_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
