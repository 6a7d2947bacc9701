#define _DEFAULT_SOURCE /* MAP_ANONYMOUS */
#include <errno.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/socket.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "sys/clock.h"
#include "sys/loop.h"
#include "sys/nursery.h"

struct fixture {
	struct loop *loop;
	struct nursery *nursery;
	struct nursery_limits limits;
	int done;
	struct bytes result;
	struct error failure;
};

static void
set_up(struct fixture *fixture)
{
	struct error err = { 0 };

	memset(fixture, 0, sizeof(*fixture));
	fixture->limits = (struct nursery_limits){ .memory = 64 << 20,
		.cpu_s = 5,
		.wall_ms = 5000,
		.result = 1 << 20 };
	assert_int_equal(loop_new(&fixture->loop, &err), 0);
	assert_int_equal(nursery_new(fixture->loop, 2, &fixture->nursery, &err),
	    0);
}

static void
tear_down(struct fixture *fixture)
{
	nursery_free(fixture->nursery);
	bytes_free(&fixture->result);
	loop_free(fixture->loop);
}

static void
on_done(void *ctx, const uint8_t *result, size_t len,
    const struct error *failure)
{
	struct fixture *fixture = ctx;

	fixture->done++;
	bytes_clear(&fixture->result);
	memset(&fixture->failure, 0, sizeof(fixture->failure));
	if (failure != NULL)
		fixture->failure = *failure;
	else
		bytes_put(&fixture->result, result, len);
	if (nursery_running(fixture->nursery) == 0)
		loop_stop(fixture->loop);
}

static void
run_with_fd(struct fixture *fixture, nursery_work_fn work, void *ctx, int fd)
{
	struct error err = { 0 };

	assert_int_equal(nursery_run(fixture->nursery, &fixture->limits, work,
			     ctx, fd, on_done, fixture, &err),
	    0);
	assert_int_equal(loop_run(fixture->loop, &err), 0);
}

static void
run(struct fixture *fixture, nursery_work_fn work, void *ctx)
{
	run_with_fd(fixture, work, ctx, -1);
}

static void
say_it_again(void *ctx, int fd, struct bytes *result)
{
	(void)fd;
	bytes_put_text(result, ctx);
}

static void
the_result_of_a_copy_arrives(void **state)
{
	struct fixture fixture;
	char text[] = "letter";

	(void)state;
	set_up(&fixture);
	run(&fixture, say_it_again, text);

	assert_int_equal(fixture.done, 1);
	assert_int_equal(fixture.result.len, 6);
	assert_memory_equal(fixture.result.data, "letter", 6);
	assert_int_equal(nursery_running(fixture.nursery), 0);
	tear_down(&fixture);
}

static void
say_much(void *ctx, int fd, struct bytes *result)
{
	size_t len = *(size_t *)ctx;
	uint8_t *room = bytes_extend(result, len);

	(void)fd;
	if (room != NULL)
		memset(room, 'x', len);
}

static void
a_result_may_be_as_long_as_the_limit(void **state)
{
	struct fixture fixture;
	size_t len = 1 << 20;

	(void)state;
	set_up(&fixture);
	run(&fixture, say_much, &len);
	assert_int_equal(fixture.result.len, 1 << 20);

	len++;
	run(&fixture, say_much, &len);
	assert_string_equal(fixture.failure.id, "E2292");
	tear_down(&fixture);
}

static void
crash(void *ctx, int fd, struct bytes *result)
{
	(void)ctx;
	(void)fd;
	bytes_put_text(result, "half");
	abort();
}

static void
leave_early(void *ctx, int fd, struct bytes *result)
{
	(void)ctx;
	(void)fd;
	(void)result;
	_exit(0);
}

/* T-CRY-10: the copy is gone, the next document is read. */
static void
a_crash_is_a_refusal_and_work_goes_on(void **state)
{
	struct fixture fixture;
	char text[] = "next";

	(void)state;
	set_up(&fixture);
	run(&fixture, leave_early, NULL);
	assert_string_equal(fixture.failure.id, "E2290");
	assert_int_equal(fixture.failure.code, ERROR_MALFORMED);

	run(&fixture, crash, NULL);
	assert_string_equal(fixture.failure.id, "E2290");
	run(&fixture, say_it_again, text);
	assert_int_equal(fixture.done, 3);
	assert_int_equal(fixture.result.len, 4);
	tear_down(&fixture);
}

static void
never_end(void *ctx, int fd, struct bytes *result)
{
	volatile const uint8_t *stop = ctx;

	(void)fd;
	while (*stop == 0)
		;
	bytes_put_u8(result, 0);
}

static void
a_copy_that_takes_too_long_is_ended(void **state)
{
	struct fixture fixture;
	uint8_t stop = 0;

	(void)state;
	set_up(&fixture);
	fixture.limits.wall_ms = 50;
	run(&fixture, never_end, &stop);
	assert_string_equal(fixture.failure.id, "E2291");

	fixture.limits.wall_ms = 30000;
	fixture.limits.cpu_s = 1;
	run(&fixture, never_end, &stop);
	assert_string_equal(fixture.failure.id, "E2290");
	tear_down(&fixture);
}

static void
take_memory(void *ctx, int fd, struct bytes *result)
{
	void *memory;

	(void)ctx;
	(void)fd;
	memory = mmap(NULL, 256 << 20, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);
	bytes_put_text(result, memory == MAP_FAILED ? "no" : "yes");
}

static void
memory_is_limited(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	run(&fixture, take_memory, NULL);
	assert_memory_equal(fixture.result.data, "no", 2);

	fixture.limits.memory = 1 << 30;
	run(&fixture, take_memory, NULL);
	assert_memory_equal(fixture.result.data, "yes", 3);
	tear_down(&fixture);
}

/* T-SBX-01: each letter is a thing that was tried, upper case when it worked.
 */
static void
try_everything(void *ctx, int fd, struct bytes *result)
{
	static char *const argv[] = { NULL };

	bytes_put_text(result, open("/etc/passwd", O_RDONLY) < 0 ? "o" : "O");
	bytes_put_text(result,
	    open("/tmp/x", O_WRONLY | O_CREAT, 0600) < 0 ? "w" : "W");
	bytes_put_text(result, socket(AF_INET, SOCK_STREAM, 0) < 0 ? "s" : "S");
	bytes_put_text(result, socket(AF_UNIX, SOCK_STREAM, 0) < 0 ? "u" : "U");
	bytes_put_text(result, fork() < 0 ? "f" : "F");
	bytes_put_text(result, execv("/bin/true", argv) < 0 ? "e" : "E");
	bytes_put_text(result, kill(getppid(), 0) < 0 ? "k" : "K");
	bytes_put_text(result, fcntl(*(int *)ctx, F_GETFD) < 0 ? "d" : "D");
	bytes_put_text(result, write(STDERR_FILENO, "", 0) < 0 ? "l" : "L");
	bytes_put_text(result, lseek(fd, 0, SEEK_END) == 6 ? "R" : "r");
	bytes_put_text(result,
	    mmap(NULL, 4096, PROT_READ | PROT_EXEC, MAP_PRIVATE | MAP_ANONYMOUS,
		-1, 0) == MAP_FAILED
		? "x"
		: "X");
}

static void
a_copy_reaches_nothing_but_its_input(void **state)
{
	struct fixture fixture;
	FILE *file = tmpfile();
	int other = open("/dev/null", O_RDWR);

	(void)state;
	assert_non_null(file);
	assert_true(fputs("letter", file) >= 0 && fflush(file) == 0);
	set_up(&fixture);
	run_with_fd(&fixture, try_everything, &other, fileno(file));

	assert_int_equal(fixture.result.len, 11);
	assert_memory_equal(fixture.result.data, "owsufekdlRx", 11);
	close(other);
	fclose(file);
	tear_down(&fixture);
}

static void
more_copies_than_allowed_are_refused_as_busy(void **state)
{
	struct fixture fixture;
	struct error err = { 0 };
	char text[] = "a";

	(void)state;
	set_up(&fixture);
	for (int i = 0; i < 2; i++)
		assert_int_equal(nursery_run(fixture.nursery, &fixture.limits,
				     say_it_again, text, -1, on_done, &fixture,
				     &err),
		    0);
	assert_int_equal(nursery_run(fixture.nursery, &fixture.limits,
			     say_it_again, text, -1, on_done, &fixture, &err),
	    -1);
	assert_true(error_is_temporary(&err));
	assert_string_equal(err.id, "E2293");
	assert_int_equal(loop_run(fixture.loop, &err), 0);
	assert_int_equal(fixture.done, 2);
	tear_down(&fixture);
}

static void
an_end_with_copies_running_leaves_none(void **state)
{
	struct fixture fixture;
	struct error err = { 0 };
	uint8_t stop = 0;

	(void)state;
	set_up(&fixture);
	assert_int_equal(nursery_run(fixture.nursery, &fixture.limits,
			     never_end, &stop, -1, on_done, &fixture, &err),
	    0);
	tear_down(&fixture);
	assert_int_equal(fixture.done, 0);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(the_result_of_a_copy_arrives),
		cmocka_unit_test(a_result_may_be_as_long_as_the_limit),
		cmocka_unit_test(a_crash_is_a_refusal_and_work_goes_on),
		cmocka_unit_test(a_copy_that_takes_too_long_is_ended),
		cmocka_unit_test(memory_is_limited),
		cmocka_unit_test(a_copy_reaches_nothing_but_its_input),
		cmocka_unit_test(more_copies_than_allowed_are_refused_as_busy),
		cmocka_unit_test(an_end_with_copies_running_leaves_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
