/*
 * T-SBX-01: a probe enters the sandbox of each role and tries what that role
 * may do and what it may not.
 */
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
#include <sys/ptrace.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "service/roles.h"

enum { PATH_SIZE = 128 };

/* What a probe tries; a bit of its answer is set when it worked. */
enum {
	TRY_READ_OPEN_FILE,
	TRY_OPEN_INSIDE,
	TRY_CREATE_INSIDE,
	TRY_OPEN_OUTSIDE,
	TRY_CREATE_OUTSIDE,
	TRY_SOCKET_INET,
	TRY_SOCKET_UNIX,
	TRY_ACCEPT,
	TRY_FORK,
	TRY_KILL_PARENT,
	TRY_EXEC_MEMORY,
	TRY_CHOWN,
	TRY_COUNT
};

static const char *const names[TRY_COUNT] = { "read an open file",
	"open inside", "create inside", "open outside", "create outside",
	"internet socket", "unix socket", "accept", "fork", "kill the parent",
	"executable memory", "change an owner" };

/* Stated again here, so that a slip in service/roles.c is seen. */
static const struct {
	enum role role;
	unsigned may; /* beside reading what is open */
} wanted[] = {
	{ ROLE_LISTENER, 1u << TRY_ACCEPT },
	{ ROLE_SPOOLER, 1u << TRY_OPEN_INSIDE | 1u << TRY_CREATE_INSIDE },
	{ ROLE_QUERY, 1u << TRY_OPEN_INSIDE | 1u << TRY_CREATE_INSIDE },
	{ ROLE_KEEPER, 0 },
	{ ROLE_VERIFIER, 0 },
	{ ROLE_COURIER, 1u << TRY_SOCKET_INET },
	{ ROLE_READER, 1u << TRY_FORK | 1u << TRY_KILL_PARENT },
	{ ROLE_PRINTER, 1u << TRY_FORK | 1u << TRY_KILL_PARENT },
};

/* What a probe starts with. */
struct probe {
	char folder[64];
	char inside[PATH_SIZE];
	char fresh[PATH_SIZE];
	int open_fd;   /* of `inside` */
	int listen_fd; /* non-blocking, nobody calls */
};

struct answer {
	unsigned worked;
	bool has_landlock;
};

static bool
may_open(const char *path, int flags)
{
	int fd = open(path, flags | O_CLOEXEC, 0600);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool
may_socket(int family)
{
	int fd = socket(family, SOCK_STREAM, 0);

	if (fd >= 0)
		close(fd);
	return fd >= 0;
}

static bool
may_fork(void)
{
	pid_t pid = fork();

	if (pid == 0)
		_exit(0);
	if (pid > 0)
		waitpid(pid, NULL, 0);
	return pid > 0;
}

static unsigned
bit(bool worked, int what)
{
	return worked ? 1u << what : 0;
}

static unsigned
try_all(const struct probe *probe)
{
	char byte;
	void *memory = mmap(NULL, 4096, PROT_READ | PROT_EXEC,
	    MAP_PRIVATE | MAP_ANONYMOUS, -1, 0);

	return bit(pread(probe->open_fd, &byte, 1, 0) == 1,
		   TRY_READ_OPEN_FILE) |
	    bit(may_open(probe->inside, O_RDONLY), TRY_OPEN_INSIDE) |
	    bit(may_open(probe->fresh, O_WRONLY | O_CREAT), TRY_CREATE_INSIDE) |
	    bit(may_open("/etc/passwd", O_RDONLY), TRY_OPEN_OUTSIDE) |
	    bit(may_open("/tmp/test_sandbox.escaped", O_WRONLY | O_CREAT),
		TRY_CREATE_OUTSIDE) |
	    bit(may_socket(AF_INET), TRY_SOCKET_INET) |
	    bit(may_socket(AF_UNIX), TRY_SOCKET_UNIX) |
	    bit(accept(probe->listen_fd, NULL, NULL) < 0 && errno == EAGAIN,
		TRY_ACCEPT) |
	    bit(may_fork(), TRY_FORK) |
	    bit(kill(getppid(), 0) == 0, TRY_KILL_PARENT) |
	    bit(memory != MAP_FAILED, TRY_EXEC_MEMORY) |
	    bit(chown(probe->inside, 1, 1) == 0, TRY_CHOWN);
}

/* In a child: enter the role's sandbox. */
static bool
enter(enum role role, const struct probe *probe)
{
	struct sandbox sandbox = role_sandbox(role);
	struct error err = { 0 };
	bool has_landlock = false;

	if (sandbox.may_open)
		sandbox.folder = probe->folder;
	if (sandbox_enter(&sandbox, &has_landlock, &err) < 0)
		_exit(1);
	return has_landlock;
}

static struct answer
probe_role(enum role role, const struct probe *probe)
{
	struct answer answer = { 0 };
	int fds[2];
	int status;
	pid_t pid;

	assert_int_equal(pipe(fds), 0);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		answer.has_landlock = enter(role, probe);
		answer.worked = try_all(probe);
		_exit(write(fds[1], &answer, sizeof(answer)) < 0);
	}
	close(fds[1]);
	assert_int_equal(read(fds[0], &answer, sizeof(answer)), sizeof(answer));
	close(fds[0]);
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	return answer;
}

static void
set_up(struct probe *probe)
{
	struct sockaddr_storage any = { .ss_family = AF_INET };

	snprintf(probe->folder, sizeof(probe->folder), "%s",
	    "/tmp/test_sandbox.XXXXXX");
	assert_non_null(mkdtemp(probe->folder));
	snprintf(probe->inside, PATH_SIZE, "%s/rows", probe->folder);
	snprintf(probe->fresh, PATH_SIZE, "%s/fresh", probe->folder);
	probe->open_fd = open(probe->inside, O_RDWR | O_CREAT, 0600);
	assert_int_equal(write(probe->open_fd, "x", 1), 1);
	probe->listen_fd = socket(AF_INET, SOCK_STREAM | SOCK_NONBLOCK, 0);
	assert_int_equal(bind(probe->listen_fd, (struct sockaddr *)&any,
			     sizeof(any)),
	    0);
	assert_int_equal(listen(probe->listen_fd, 1), 0);
}

static void
tear_down(struct probe *probe)
{
	close(probe->open_fd);
	close(probe->listen_fd);
	unlink(probe->inside);
	unlink(probe->fresh);
	rmdir(probe->folder);
}

static void
each_role_can_do_what_it_must_and_no_more(void **state)
{
	struct probe probe;

	(void)state;
	set_up(&probe);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		struct answer answer = probe_role(wanted[i].role, &probe);
		unsigned may = wanted[i].may | 1u << TRY_READ_OPEN_FILE;

		/* Without Landlock a role that opens files opens any file. */
		if (!answer.has_landlock && (may & 1u << TRY_OPEN_INSIDE) != 0)
			may |=
			    1u << TRY_OPEN_OUTSIDE | 1u << TRY_CREATE_OUTSIDE;
		for (unsigned j = 0; j < TRY_COUNT; j++) {
			bool has = (answer.worked >> j & 1) != 0;
			bool should = (may >> j & 1) != 0;

			if (has != should)
				fail_msg("%s %s: %s", role_name(wanted[i].role),
				    has ? "can" : "cannot", names[j]);
		}
	}
	tear_down(&probe);
}

static void
run_program(void)
{
	static char *const argv[] = { NULL };

	execv("/bin/true", argv);
}

static void
trace_parent(void)
{
	ptrace(PTRACE_ATTACH, getppid(), NULL, NULL);
}

static void
dies(enum role role, const struct probe *probe, void (*deed)(void))
{
	int status;
	pid_t pid = fork();

	assert_true(pid >= 0);
	if (pid == 0) {
		enter(role, probe);
		deed();
		_exit(0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	if (!WIFSIGNALED(status) || WTERMSIG(status) != SIGSYS)
		fail_msg("%s survived", role_name(role));
}

static void
a_role_that_starts_a_program_or_traces_is_killed(void **state)
{
	struct probe probe;

	(void)state;
	set_up(&probe);
	for (size_t i = 0; i < ARRAY_LEN(wanted); i++) {
		dies(wanted[i].role, &probe, run_program);
		dies(wanted[i].role, &probe, trace_parent);
	}
	tear_down(&probe);
}

/* The copy of a reader is as walled in as the reader. */
static void
a_copy_of_a_reader_inherits_its_walls(void **state)
{
	struct probe probe;
	int status;
	pid_t pid;

	(void)state;
	set_up(&probe);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		enter(ROLE_READER, &probe);
		pid = fork();
		if (pid == 0)
			_exit(may_open(probe.inside, O_RDONLY) ||
			    may_socket(AF_INET));
		waitpid(pid, &status, 0);
		_exit(WIFEXITED(status) ? WEXITSTATUS(status) : 2);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	tear_down(&probe);
}

/* Memory of a process that holds keys must not end up in a file. */
static void
a_role_leaves_no_core(void **state)
{
	struct probe probe;
	int status;
	pid_t pid;

	(void)state;
	set_up(&probe);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		struct rlimit limit = { 1, 1 };

		enter(ROLE_READER, &probe);
		_exit(
		    getrlimit(RLIMIT_CORE, &limit) != 0 || limit.rlim_max != 0);
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	tear_down(&probe);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(each_role_can_do_what_it_must_and_no_more),
		cmocka_unit_test(
		    a_role_that_starts_a_program_or_traces_is_killed),
		cmocka_unit_test(a_copy_of_a_reader_inherits_its_walls),
		cmocka_unit_test(a_role_leaves_no_core),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
