#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "service/log.h"

static int pipe_fds[2];
static char got[4096];

static int64_t
fixed_clock(void *context)
{
	(void)context;
	return 1000;
}

static struct log
log_to_pipe(void)
{
	return (struct log){ .fd = pipe_fds[1],
		.level = LOG_LEVEL_NOTICE,
		.role = "courier",
		.clock = fixed_clock };
}

static const char *
written(void)
{
	ssize_t len;

	assert_int_equal(write(pipe_fds[1], "|", 1), 1);
	len = read(pipe_fds[0], got, sizeof(got) - 1);
	assert_true(len > 0);
	got[len - 1] = '\0';
	return got;
}

static int
setup(void **state)
{
	(void)state;
	return pipe(pipe_fds);
}

static int
teardown(void **state)
{
	(void)state;
	close(pipe_fds[0]);
	close(pipe_fds[1]);
	return 0;
}

static void
an_event_is_one_line(void **state)
{
	struct log log = log_to_pipe();
	struct log_line line;

	(void)state;
	log_begin(&line, &log, LOG_LEVEL_NOTICE, "delivery.accepted");
	log_text(&line, "org", "376490000A");
	log_u64(&line, "bytes", 12);
	log_i64(&line, "offset_ms", -3);
	log_end(&line);

	assert_string_equal(written(),
	    "time=1970-01-01T00:00:01.000Z level=notice role=courier "
	    "event=delivery.accepted org=\"376490000A\" bytes=12 "
	    "offset_ms=-3\n");
}

static void
hostile_text_cannot_forge_a_line(void **state)
{
	struct log log = log_to_pipe();
	struct log_line line;

	(void)state;
	log_begin(&line, &log, LOG_LEVEL_ERROR, "E1004");
	log_text(&line, "name", "a\" level=notice\ntime=0");
	log_end(&line);

	assert_non_null(
	    strstr(written(), "name=\"a\\\" level=notice\\x0atime=0\"\n"));
	assert_ptr_equal(strchr(got, '\n'), strrchr(got, '\n'));
}

static void
a_long_value_is_cut_and_marked(void **state)
{
	struct log log = log_to_pipe();
	struct log_line line;
	char value[1501];

	(void)state;
	memset(value, 'v', sizeof(value) - 1);
	value[sizeof(value) - 1] = '\0';
	log_begin(&line, &log, LOG_LEVEL_NOTICE, "x");
	log_text(&line, "name", value);
	log_end(&line);

	assert_non_null(strstr(written(), "v\" name_cut=476\n"));
}

static void
a_level_that_is_off_writes_nothing(void **state)
{
	struct log log = log_to_pipe();
	struct log_line line;

	(void)state;
	log_begin(&line, &log, LOG_LEVEL_DEBUG, "x");
	log_text(&line, "name", "value");
	log_end(&line);
	log_event(NULL, LOG_LEVEL_ERROR, "x");

	assert_string_equal(written(), "");
}

static void
a_failure_names_id_reaction_and_text(void **state)
{
	struct log log = log_to_pipe();
	struct error err = { 0 };

	(void)state;
	log.format = LOG_FORMAT_JOURNAL;
	error_set(&err, ERROR_BUSY, "disk full");
	log_failure(&log, LOG_LEVEL_WARNING, "storing", &err);

	assert_string_equal(written(),
	    "<4>level=warning role=courier event=E1001 doing=\"storing\" "
	    "id=E1001 code=busy text=\"disk full\"\n");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test_setup_teardown(an_event_is_one_line, setup,
		    teardown),
		cmocka_unit_test_setup_teardown(
		    hostile_text_cannot_forge_a_line, setup, teardown),
		cmocka_unit_test_setup_teardown(a_long_value_is_cut_and_marked,
		    setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_level_that_is_off_writes_nothing, setup, teardown),
		cmocka_unit_test_setup_teardown(
		    a_failure_names_id_reaction_and_text, setup, teardown),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
