#define _GNU_SOURCE
#include "sys/process.h"

#include <errno.h>
#include <fcntl.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <unistd.h>

#include "base/error.h"

enum { FIRST_FD = 3, FDS_MAX = 64, PATH_SIZE = 4096, FDS_FALLBACK = 1024 };

static const char self_path[] = "/proc/self/exe";

/*
 * Move `fds` to 3, 4, ...: first out of the way of all targets, then onto
 * them, so that no move destroys a descriptor that is still to be moved.
 */
static int
place_fds(const int *fds, size_t count)
{
	int high[FDS_MAX];

	for (size_t i = 0; i < count; i++) {
		high[i] = fcntl(fds[i], F_DUPFD_CLOEXEC, FIRST_FD + FDS_MAX);
		if (high[i] < 0)
			return -1;
	}
	for (size_t i = 0; i < count; i++)
		if (dup2(high[i], FIRST_FD + (int)i) < 0)
			return -1;
	return close_range(FIRST_FD + (unsigned)count, ~0U, 0);
}

static void
run_child(const char *path, char *const argv[], const int *fds, size_t count,
    pid_t parent)
{
	int null_fd = open("/dev/null", O_RDWR);
	sigset_t none;

	sigemptyset(&none);
	sigprocmask(SIG_SETMASK, &none, NULL);
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(127);
	if (null_fd < 0 || dup2(null_fd, STDIN_FILENO) < 0 ||
	    dup2(null_fd, STDOUT_FILENO) < 0)
		_exit(127);
	if (place_fds(fds, count) < 0)
		_exit(127);
	execv(path, argv);
	_exit(127);
}

static int
spawn(const char *path, char *const argv[], const int *fds, size_t fd_count,
    pid_t *ret_pid, struct error *err)
{
	pid_t parent = getpid();
	pid_t pid;

	if (fd_count > FDS_MAX)
		return error_set(err, ERROR_SYSTEM, "%zu descriptors to pass",
		    fd_count);
	pid = fork();
	if (pid < 0)
		return error_set_errno(err, "starting %s", argv[0]);
	if (pid == 0)
		run_child(path, argv, fds, fd_count, parent);
	*ret_pid = pid;
	return 0;
}

int
process_spawn(char *const argv[], const int *fds, size_t fd_count,
    pid_t *ret_pid, struct error *err)
{
	return spawn(self_path, argv, fds, fd_count, ret_pid, err);
}

int
process_spawn_path(const char *path, char *const argv[], pid_t *ret_pid,
    struct error *err)
{
	return spawn(path, argv, NULL, 0, ret_pid, err);
}

int
process_path(char *to, size_t size, struct error *err)
{
	ssize_t len = readlink(self_path, to, size);

	if (len < 0)
		return error_set_errno(err, "%s", self_path);
	if ((size_t)len >= size)
		return error_set(err, ERROR_SYSTEM, "path of the executable");
	to[len] = '\0';
	return 0;
}

void
process_replace(const char *path, char *const argv[], const int *fds,
    size_t count)
{
	if (place_fds(fds, count) < 0)
		return;
	execv(path, argv);
	execv(self_path, argv);
}

static void
mask_signals(int how, const int *numbers)
{
	sigset_t set;

	sigemptyset(&set);
	for (; *numbers != 0; numbers++)
		sigaddset(&set, *numbers);
	sigprocmask(how, &set, NULL);
}

void
process_hold_signals(const int *numbers)
{
	mask_signals(SIG_BLOCK, numbers);
}

void
process_release_signals(const int *numbers)
{
	mask_signals(SIG_UNBLOCK, numbers);
}

size_t
process_raise_descriptors(void)
{
	struct rlimit limit;

	if (getrlimit(RLIMIT_NOFILE, &limit) < 0)
		return FDS_FALLBACK;
	if (limit.rlim_cur < limit.rlim_max) {
		rlim_t before = limit.rlim_cur;

		limit.rlim_cur = limit.rlim_max;
		if (setrlimit(RLIMIT_NOFILE, &limit) < 0)
			limit.rlim_cur = before;
	}
	return (size_t)limit.rlim_cur;
}

void
process_become(const char *name, char *const argv[])
{
	char path[PATH_SIZE];
	ssize_t len = readlink(self_path, path, sizeof(path));
	char *slash;
	size_t room;

	if (len <= 0 || (size_t)len >= sizeof(path))
		return;
	path[len] = '\0';
	slash = strrchr(path, '/');
	if (slash == NULL)
		return;
	room = sizeof(path) - (size_t)(slash + 1 - path);
	if ((size_t)snprintf(slash + 1, room, "%s", name) < room)
		execv(path, argv);
}

int
process_socketpair(int ret_fds[2], struct error *err)
{
	if (socketpair(AF_UNIX, SOCK_SEQPACKET | SOCK_NONBLOCK | SOCK_CLOEXEC,
		0, ret_fds) < 0)
		return error_set_errno(err, "making a socket pair");
	return 0;
}

int
process_seal(const void *data, size_t len, int *ret_fd, struct error *err)
{
	const unsigned char *at = data;
	int fd = memfd_create("sealed", MFD_CLOEXEC | MFD_ALLOW_SEALING);

	if (fd < 0)
		return error_set_errno(err, "creating a memory file");
	while (len > 0) {
		ssize_t count = write(fd, at, len);

		if (count < 0 && errno == EINTR)
			continue;
		if (count <= 0)
			goto fail;
		at += count;
		len -= (size_t)count;
	}
	if (fcntl(fd, F_ADD_SEALS,
		F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL) < 0)
		goto fail;
	*ret_fd = fd;
	return 0;
fail:
	error_set_errno(err, "filling a memory file");
	close(fd);
	return -1;
}
