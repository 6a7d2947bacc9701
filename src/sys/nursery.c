#define _GNU_SOURCE
#include "sys/nursery.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "sys/confine.h"
#include "sys/loop.h"

enum {
	RESULT_FD = 0, /* in the copy */
	INPUT_FD = 1,
	FDS_IN_COPY = 2,
	HIGH_FD = 16,   /* out of the way of those */
	HEADER_LEN = 4, /* length of the result, in front of it */
	READ_LEN = 65536,
	FIRST_LEN = 8192, /* most results end there */
};

struct copy {
	struct copy *next;
	struct nursery *nursery;
	pid_t pid;
	int fd; /* of the result */
	struct loop_watch *watch;
	struct loop_timer *timer;
	struct bytes result;
	size_t result_max;
	nursery_done_fn done;
	void *ctx;
};

struct nursery {
	struct loop *loop;
	struct confine *confine;
	struct copy *copies;
	size_t running;
	size_t copies_max;
	uint64_t own_memory; /* address space of this process */
};

/* How a copy is told apart from what it was copied from. */
struct start {
	const struct nursery *nursery;
	const struct nursery_limits *limits;
	nursery_work_fn work;
	void *ctx;
	int input_fd;
	int result_fd;
};

/* Sanitizers reserve terabytes, so the limit counts from what there is. */
static uint64_t
own_memory(void)
{
	FILE *file = fopen("/proc/self/statm", "re");
	long page = sysconf(_SC_PAGESIZE);
	unsigned long pages = 0;

	if (file == NULL)
		return 0;
	if (fscanf(file, "%lu", &pages) != 1)
		pages = 0;
	fclose(file);
	return page > 0 ? (uint64_t)pages * (uint64_t)page : 0;
}

int
nursery_new(struct loop *loop, size_t copies_max, struct nursery **ret_nursery,
    struct error *err)
{
	struct nursery *nursery = calloc(1, sizeof(*nursery));

	if (nursery == NULL)
		return error_set_memory(err);
	nursery->loop = loop;
	nursery->copies_max = copies_max;
	nursery->own_memory = own_memory();
	if (nursery->own_memory == 0)
		error_set(err, ERROR_SYSTEM, "reading /proc/self/statm");
	if (nursery->own_memory == 0 ||
	    confine_new(&nursery->confine, err) < 0) {
		free(nursery);
		return -1;
	}
	*ret_nursery = nursery;
	return 0;
}

static void
kill_and_wait(pid_t pid)
{
	kill(pid, SIGKILL);
	while (waitpid(pid, NULL, 0) < 0 && errno == EINTR)
		;
}

/* Forget the copy, dead or alive. */
static void
end_copy(struct copy *copy)
{
	struct copy **at = &copy->nursery->copies;

	while (*at != copy)
		at = &(*at)->next;
	*at = copy->next;
	copy->nursery->running--;
	loop_watch_free(copy->watch);
	loop_timer_free(copy->timer);
	close(copy->fd);
	kill_and_wait(copy->pid);
	bytes_free(&copy->result);
	free(copy);
}

void
nursery_free(struct nursery *nursery)
{
	if (nursery == NULL)
		return;
	while (nursery->copies != NULL)
		end_copy(nursery->copies);
	confine_free(nursery->confine);
	free(nursery);
}

size_t
nursery_running(const struct nursery *nursery)
{
	return nursery->running;
}

static void
fail(struct copy *copy, const struct error *failure)
{
	nursery_done_fn done = copy->done;
	void *ctx = copy->ctx;

	end_copy(copy);
	done(ctx, NULL, 0, failure);
}

static void
succeed(struct copy *copy)
{
	struct bytes result = copy->result;
	nursery_done_fn done = copy->done;
	void *ctx = copy->ctx;

	copy->result = (struct bytes){ 0 };
	end_copy(copy);
	done(ctx, result.data + HEADER_LEN, result.len - HEADER_LEN, NULL);
	bytes_free(&result);
}

static void
on_late(void *ctx)
{
	struct error failure = { 0 };

	error_set_id(&failure, "E2291", ERROR_MALFORMED,
	    "reading the file took too long");
	fail(ctx, &failure);
}

/* Bytes read, 0 at the end, -1 for none yet. */
static ssize_t
read_some(struct copy *copy)
{
	size_t most = copy->result.len == 0 ? FIRST_LEN : READ_LEN;
	uint8_t *room = bytes_extend(&copy->result, most);
	ssize_t len;

	if (room == NULL)
		return 0;
	do
		len = read(copy->fd, room, most);
	while (len < 0 && errno == EINTR);
	copy->result.len -= most - (size_t)(len > 0 ? len : 0);
	if (len < 0)
		return errno == EAGAIN ? -1 : 0;
	return len;
}

/* A result is complete when it is as long as its first bytes say. */
static void
on_result(void *ctx, unsigned events)
{
	struct copy *copy = ctx;
	struct error failure = { 0 };
	ssize_t len = read_some(copy);
	struct cursor cursor = cursor_of(copy->result.data, copy->result.len);
	uint32_t wanted;

	(void)events;
	if (len < 0)
		return;
	wanted = cursor_u32(&cursor);
	if (!cursor.failed && wanted > copy->result_max) {
		error_set_id(&failure, "E2292", ERROR_MALFORMED,
		    "reading the file gave more than %zu bytes",
		    copy->result_max);
		fail(copy, &failure);
	} else if (!cursor.failed && cursor.left == wanted) {
		succeed(copy);
	} else if (len == 0 || cursor.left > wanted) {
		error_set_id(&failure, "E2290", ERROR_MALFORMED,
		    "the process that read the file ended abnormally");
		fail(copy, &failure);
	}
}

static void
limit(int resource, uint64_t value)
{
	struct rlimit rlimit = { value, value };

	if (setrlimit((__rlimit_resource_t)resource, &rlimit) < 0)
		_exit(1);
}

/* Leave the copy nothing but its input and its way out. */
static void
wall_in(const struct start *start)
{
	int result = fcntl(start->result_fd, F_DUPFD, HIGH_FD);
	int input =
	    start->input_fd < 0 ? -1 : fcntl(start->input_fd, F_DUPFD, HIGH_FD);
	struct error err = { 0 };

	if (result < 0 || dup2(result, RESULT_FD) < 0 ||
	    (input >= 0 && dup2(input, INPUT_FD) < 0) ||
	    close_range(input >= 0 ? FDS_IN_COPY : INPUT_FD, ~0U, 0) < 0)
		_exit(1);
	limit(RLIMIT_AS, start->nursery->own_memory + start->limits->memory);
	limit(RLIMIT_CPU, start->limits->cpu_s);
	limit(RLIMIT_CORE, 0);
	limit(RLIMIT_FSIZE, 0);
	limit(RLIMIT_NOFILE, FDS_IN_COPY);
	if (confine_enter(start->nursery->confine, &err) < 0)
		_exit(1);
}

static void
write_all(const uint8_t *data, size_t len)
{
	while (len > 0) {
		ssize_t done = write(RESULT_FD, data, len);

		if (done < 0)
			_exit(1);
		data += done;
		len -= (size_t)done;
	}
}

static void
run_copy(const struct start *start)
{
	struct bytes result = { 0 };
	uint32_t len;

	wall_in(start);
	bytes_put_u32(&result, 0);
	start->work(start->ctx, start->input_fd < 0 ? -1 : INPUT_FD, &result);
	if (result.failed)
		_exit(1);
	len = (uint32_t)(result.len - HEADER_LEN);
	for (int i = 0; i < HEADER_LEN; i++)
		result.data[i] = (uint8_t)(len >> (8 * (HEADER_LEN - 1 - i)));
	write_all(result.data, result.len);
	_exit(0);
}

/* Fork; `*ret_fd` is where the result comes out. */
static int
start_copy(struct start *start, pid_t *ret_pid, int *ret_fd, struct error *err)
{
	int fds[2];
	pid_t pid;

	if (pipe2(fds, O_CLOEXEC) < 0)
		return error_set_errno(err, "making a pipe");
	start->result_fd = fds[1];
	pid = fork();
	if (pid == 0)
		run_copy(start);
	close(fds[1]);
	if (pid < 0 || fcntl(fds[0], F_SETFL, O_NONBLOCK) < 0) {
		error_set_errno(err, "copying this process");
		close(fds[0]);
		if (pid > 0)
			kill_and_wait(pid);
		return -1;
	}
	*ret_pid = pid;
	*ret_fd = fds[0];
	return 0;
}

int
nursery_run(struct nursery *nursery, const struct nursery_limits *limits,
    nursery_work_fn work, void *work_ctx, int fd, nursery_done_fn done,
    void *done_ctx, struct error *err)
{
	struct start start = { nursery, limits, work, work_ctx, fd, -1 };
	struct copy *copy;

	if (nursery->running >= nursery->copies_max)
		return error_set_id(err, "E2293", ERROR_BUSY,
		    "%zu files are being read", nursery->running);
	copy = calloc(1, sizeof(*copy));
	if (copy == NULL)
		return error_set_memory(err);
	if (start_copy(&start, &copy->pid, &copy->fd, err) < 0) {
		free(copy);
		return -1;
	}
	copy->nursery = nursery;
	copy->result_max = limits->result;
	copy->done = done;
	copy->ctx = done_ctx;
	copy->next = nursery->copies;
	nursery->copies = copy;
	nursery->running++;
	if (loop_timer_new(nursery->loop, on_late, copy, &copy->timer, err) <
		0 ||
	    loop_watch_new(nursery->loop, copy->fd, LOOP_READ, on_result, copy,
		&copy->watch, err) < 0) {
		end_copy(copy);
		return -1;
	}
	loop_timer_start(copy->timer, limits->wall_ms);
	return 0;
}
