/*
 * T-STO-02, T-STO-08: the n-th call on the disk fails, once or from then on.
 * Nothing is acknowledged that is not there afterwards: neither for whoever
 * opens the files as they are, nor after a power cut on top.
 */
#define _DEFAULT_SOURCE

#include <assert.h>
#include <errno.h>
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "crash/crash_center.h"
#include "crash/crash_store.h"

enum { SAID_MAX = 20000 };

struct fault {
	const char *name;
	enum crash_call call;
	int number;
	bool for_ever;
};

static const struct fault faults[] = {
	{ "EIO once", CRASH_CALL_ANY, EIO, false },
	{ "EIO for ever", CRASH_CALL_ANY, EIO, true },
	{ "ENOSPC once", CRASH_CALL_ANY, ENOSPC, false },
	{ "ENOSPC for ever", CRASH_CALL_ANY, ENOSPC, true },
	{ "EINTR once", CRASH_CALL_ANY, EINTR, false },
	{ "half written once", CRASH_CALL_WRITE, CRASH_SHORT, false },
	{ "half written for ever", CRASH_CALL_WRITE, CRASH_SHORT, true },
	{ "sync EIO once", CRASH_CALL_SYNC, EIO, false },
};
enum { FAULTS = sizeof(faults) / sizeof(faults[0]) };

/* The work under test; it may end its process with a failure, not die. */
struct subject {
	const char *name;
	void (*work)(const char *dir);
	int (*check)(const char *dir, const struct crash_said *said,
	    size_t count, char complaint[CRASH_COMPLAINT_SIZE]);
};

static struct {
	struct crash_history *history;
	struct crash_said *said;
	size_t said_count;
	char dir[CRASH_PATH_SIZE], cut[CRASH_PATH_SIZE];
	unsigned runs, hit, acknowledged;
} box;

static void
work_letters(const char *dir)
{
	letters_work(dir, 0, 3, 12, true);
}

static void
work_center(const char *dir)
{
	if (crash_center_run(dir, 0, 1) < 0)
		_exit(1);
}

static const struct subject letters = { "store", work_letters, letters_check };
static const struct subject center = { "center", work_center,
	crash_center_check };

/* Calls of the kind that a run without faults makes. */
static unsigned
run_once(const struct subject *subject, const struct fault *fault, unsigned nth)
{
	int status = 0, calls[2];
	unsigned count = 0;
	pid_t child;

	crash_dir_remove(box.dir);
	assert_int_equal(mkdir(box.dir, 0700), 0);
	assert_int_equal(pipe(calls), 0);
	fflush(NULL);
	child = fork();
	assert_true(child >= 0);
	if (child == 0) {
		crash_disk_begin(box.history, box.dir);
		if (fault != NULL)
			crash_disk_fail(fault->call, nth, fault->for_ever,
			    fault->number);
		subject->work(box.dir);
		for (int call = 0; call <= CRASH_CALL_ANY; call++)
			count = crash_disk_calls((enum crash_call)call);
		assert(write(calls[1], &count, sizeof(count)) > 0);
		_exit(0);
	}
	assert_int_equal(waitpid(child, &status, 0), child);
	close(calls[1]);
	if (read(calls[0], &count, sizeof(count)) <= 0)
		count = 0;
	close(calls[0]);
	if (WIFSIGNALED(status))
		fail_msg("%s, %s at %u: died of signal %d", subject->name,
		    fault == NULL ? "" : fault->name, nth, WTERMSIG(status));
	box.runs++;
	return count;
}

static void
check_here(const struct subject *subject, const struct fault *fault,
    unsigned nth, const char *dir)
{
	char complaint[CRASH_COMPLAINT_SIZE] = "";

	if (subject->check(dir, box.said, box.said_count, complaint) < 0)
		fail_msg("%s, %s at call %u, %s: %s", subject->name,
		    fault->name, nth,
		    dir == box.dir ? "files as they are" : "power cut",
		    complaint);
}

static void
check_run(const struct subject *subject, const struct fault *fault,
    unsigned nth)
{
	struct crash_state *state = crash_state_new(box.history);

	box.said_count = 0;
	crash_said_before(box.history, box.history->count, box.said, SAID_MAX,
	    &box.said_count);
	box.acknowledged += (unsigned)box.said_count;
	while (crash_state_next(state))
		continue;
	crash_state_lay_out(state, CRASH_LOSE_ALL, box.cut);
	check_here(subject, fault, nth, box.cut);
	crash_state_lay_out(state, 2 + nth, box.cut);
	check_here(subject, fault, nth, box.cut);
	crash_state_free(state);
	check_here(subject, fault, nth, box.dir);
}

static void
fail_all(const struct subject *subject, unsigned stride)
{
	struct fault none = { "none", CRASH_CALL_ANY, 0, false };
	unsigned calls;

	box.runs = box.acknowledged = 0;
	calls = run_once(subject, NULL, 0);
	assert_true(calls > 100);
	check_run(subject, &none, 0);
	/* Each kind at calls of its own. */
	for (unsigned i = 0; i < FAULTS; i++)
		for (unsigned nth = i * stride / FAULTS; nth < calls;
		     nth += stride) {
			run_once(subject, &faults[i], nth);
			check_run(subject, &faults[i], nth);
		}
	fprintf(stderr,
	    "failing calls, %s: %u calls, %u runs, %u acknowledged, 0 lost\n",
	    subject->name, calls, box.runs, box.acknowledged);
}

static void
no_failing_call_loses_a_letter_of_a_store(void **state)
{
	(void)state;
	fail_all(&letters, crash_option("FAULT_STRIDE", 21));
}

static void
no_failing_call_loses_a_letter_of_a_center(void **state)
{
	(void)state;
	fail_all(&center, crash_option("FAULT_STRIDE_CENTER", 183));
}

static int
set_up(void **state)
{
	(void)state;
	crash_center_set_up();
	box.history = crash_history_new();
	box.said = calloc(SAID_MAX, sizeof(*box.said));
	assert_non_null(box.said);
	crash_dir_make(box.dir);
	crash_dir_make(box.cut);
	return 0;
}

static int
tear_down(void **state)
{
	char root[CRASH_PATH_SIZE + 8];

	(void)state;
	snprintf(root, sizeof(root), "%s.root", box.dir);
	unlink(root);
	crash_dir_remove(box.dir);
	crash_dir_remove(box.cut);
	crash_history_free(box.history);
	free(box.said);
	crash_center_tear_down();
	return 0;
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(no_failing_call_loses_a_letter_of_a_store),
		cmocka_unit_test(no_failing_call_loses_a_letter_of_a_center),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
