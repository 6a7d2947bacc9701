/*
 * T-SBX-01 for printing: a renderer opens its fonts when it is made, and
 * nothing afterwards; so it works behind a sandbox and in copies of the
 * process.
 */
#include <dirent.h>
#include <fcntl.h>
#include <setjmp.h>
#include <signal.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>
#include <seccomp.h>

#include "base/error.h"
#include "harness/render_fixture.h"
#include "sys/loop.h"
#include "sys/nursery.h"
#include "sys/sandbox.h"

enum { LAST_ACT_NONE, LAST_ACT_OPEN };

static const char *const names[] = { "deep", "received", "meeting", "lists" };

/* What a process works with that may open nothing any more. */
struct work {
	struct renderer *renderer;
	struct document_report *reports[ARRAY_LEN(names)];
};

static int
prepare(struct work *work)
{
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		work->reports[i] = render_case_read(render_case_find(names[i]));
	return renderer_new(NULL, 0, &work->renderer, &err);
}

static void
discard(struct work *work)
{
	for (size_t i = 0; i < ARRAY_LEN(names); i++)
		document_report_free(work->reports[i]);
	renderer_free(work->renderer);
}

/* Print all documents, one behind the other. */
static int
print_all(const struct work *work, struct bytes *to)
{
	struct error err = { 0 };

	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		const struct render_case *render_case =
		    render_case_find(names[i]);
		const struct document_report *report = work->reports[i];
		struct render_input input = { .document =
						  render_case->lists_only
			    ? NULL
			    : report->document,
			.message = report->message,
			.rosters = report->rosters,
			.roster_count = report->roster_count };
		struct render_report drawn;

		if (render_pdf(work->renderer, &input, &render_case->options,
			to, &drawn, &err) < 0)
			return -1;
	}
	return 0;
}

/* From now on the process dies when it opens a file or a socket. */
static int
die_of_opening(void)
{
	static const int calls[] = { SCMP_SYS(open), SCMP_SYS(openat),
		SCMP_SYS(openat2), SCMP_SYS(creat), SCMP_SYS(socket),
		SCMP_SYS(connect), SCMP_SYS(execve), SCMP_SYS(clone3),
		SCMP_SYS(readlink), SCMP_SYS(readlinkat), SCMP_SYS(access),
		SCMP_SYS(faccessat), SCMP_SYS(stat), SCMP_SYS(statx) };
	scmp_filter_ctx filter = seccomp_init(SCMP_ACT_ALLOW);
	int rc = filter == NULL ? -1 : 0;

	for (size_t i = 0; rc == 0 && i < ARRAY_LEN(calls); i++)
		rc = seccomp_rule_add(filter, SCMP_ACT_KILL_PROCESS, calls[i],
		    0);
	if (rc == 0)
		rc = seccomp_load(filter);
	seccomp_release(filter);
	return rc;
}

/* How a process ends that prints behind the filter, and then does `act`. */
static int
print_behind_filter(const struct work *work, size_t len, int act)
{
	int status = -1;
	pid_t pid = fork();

	if (pid == 0) {
		struct bytes pdf = { 0 };

		if (die_of_opening() < 0 || print_all(work, &pdf) < 0)
			_exit(2);
		if (act == LAST_ACT_OPEN)
			open("/dev/null", O_RDONLY);
		_exit(pdf.len == len ? 0 : 3);
	}
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	return status;
}

static void
a_renderer_opens_nothing(void **state)
{
	struct work work = { 0 };
	struct bytes pdf = { 0 };
	int status;

	(void)state;
	assert_int_equal(prepare(&work), 0);
	/* Behind the filter first: here nothing has been printed yet. */
	{
		struct work other = { 0 };

		assert_int_equal(prepare(&other), 0);
		assert_int_equal(print_all(&other, &pdf), 0);
		discard(&other);
	}
	status = print_behind_filter(&work, pdf.len, LAST_ACT_NONE);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	/* The filter is there. */
	status = print_behind_filter(&work, pdf.len, LAST_ACT_OPEN);
	assert_true(WIFSIGNALED(status));
	assert_int_equal(WTERMSIG(status), SIGSYS);
	bytes_free(&pdf);
	discard(&work);
}

static size_t
thread_count(void)
{
	DIR *dir = opendir("/proc/self/task");
	struct dirent *entry;
	size_t count = 0;

	assert_non_null(dir);
	while ((entry = readdir(dir)) != NULL)
		count += entry->d_name[0] != '.';
	closedir(dir);
	return count;
}

/* A seccomp filter holds for one thread, and copies have but one. */
static void
a_renderer_starts_no_thread(void **state)
{
	size_t before = thread_count();
	struct work work = { 0 };
	struct bytes pdf = { 0 };

	(void)state;
	assert_int_equal(prepare(&work), 0);
	assert_int_equal(print_all(&work, &pdf), 0);
	assert_int_equal(thread_count(), before);
	bytes_free(&pdf);
	discard(&work);
}

/* ---- as the reader works --------------------------------------------- */

struct copies {
	struct work work;
	struct loop *loop;
	struct nursery *nursery;
	const struct bytes *wanted;
	int right, wrong;
};

static void
print_in_copy(void *ctx, int fd, struct bytes *result)
{
	const struct copies *copies = ctx;

	(void)fd;
	/* Let the caller see that this copy may open nothing. */
	if (open("/dev/null", O_RDONLY) >= 0 ||
	    print_all(&copies->work, result) < 0)
		_exit(1);
}

static void
on_done(void *ctx, const uint8_t *result, size_t len,
    const struct error *failure)
{
	struct copies *copies = ctx;

	if (failure == NULL && len == copies->wanted->len &&
	    memcmp(result, copies->wanted->data, len) == 0)
		copies->right++;
	else
		copies->wrong++;
	if (nursery_running(copies->nursery) == 0)
		loop_stop(copies->loop);
}

/* In a process of its own, since there is no way back from a sandbox. */
static int
print_as_reader(const struct bytes *wanted)
{
	static const struct nursery_limits limits = { .memory = 256U << 20,
		.cpu_s = 60,
		.wall_ms = 120000,
		.result = 32U << 20 };
	static const struct sandbox reader = { .may_fork = true };
	struct copies copies = { .wanted = wanted };
	struct error err = { 0 };
	bool has_landlock;

	if (prepare(&copies.work) < 0 || loop_new(&copies.loop, &err) < 0 ||
	    nursery_new(copies.loop, 4, &copies.nursery, &err) < 0 ||
	    sandbox_enter(&reader, &has_landlock, &err) < 0)
		return 2;
	for (int round = 0; round < 2; round++) {
		for (int i = 0; i < 3; i++)
			if (nursery_run(copies.nursery, &limits, print_in_copy,
				&copies, -1, on_done, &copies, &err) < 0)
				return 3;
		if (loop_run(copies.loop, &err) < 0)
			return 4;
	}
	return copies.right == 6 && copies.wrong == 0 ? 0 : 5;
}

static void
copies_of_a_walled_in_process_print(void **state)
{
	struct work work = { 0 };
	struct bytes wanted = { 0 };
	int status = -1;
	pid_t pid;

	(void)state;
	assert_int_equal(prepare(&work), 0);
	assert_int_equal(print_all(&work, &wanted), 0);
	discard(&work);
	pid = fork();
	if (pid == 0)
		_exit(print_as_reader(&wanted));
	assert_true(pid > 0);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status));
	assert_int_equal(WEXITSTATUS(status), 0);
	bytes_free(&wanted);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_renderer_opens_nothing),
		cmocka_unit_test(a_renderer_starts_no_thread),
		cmocka_unit_test(copies_of_a_walled_in_process_print),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
