#define _GNU_SOURCE
#include "sys/helper.h"

#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <stdlib.h>
#include <string.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "sys/process.h"
#include "sys/user.h"

enum { SOCKET_FD = 3, HIGH_FD = 64, GRACE_MS = 2000, ANEW_US = 200 * 1000 };

/* How each answer begins; what died is answered for. */
enum { DIED, WORKED };

struct helper {
	pid_t pid;
	int fd;
	unsigned work_s;
};

/* What the copies know. */
struct making {
	const char *user;
	unsigned work_s;
	helper_work_fn work;
	void *ctx;
	int fd;
};

/* ---- in the copies ------------------------------------------------------ */

static void
follow_parent(pid_t parent)
{
	if (prctl(PR_SET_PDEATHSIG, SIGKILL) < 0 || getppid() != parent)
		_exit(1);
}

/* Nothing of the process that was copied but its socket and its user. */
static void
enter(struct making *making)
{
	static const struct rlimit no_core = { 0, 0 };
	struct error err = { 0 };
	sigset_t none;
	int high = fcntl(making->fd, F_DUPFD, HIGH_FD);

	sigemptyset(&none);
	if (high < 0 || dup2(high, SOCKET_FD) < 0 ||
	    close_range(SOCKET_FD + 1, ~0U, 0) < 0 ||
	    fcntl(SOCKET_FD, F_SETFL, 0) < 0 ||
	    sigprocmask(SIG_SETMASK, &none, NULL) < 0 ||
	    setrlimit(RLIMIT_CORE, &no_core) < 0 ||
	    prctl(PR_SET_NO_NEW_PRIVS, 1, 0, 0, 0) < 0 ||
	    user_become(making->user, &err) < 0 ||
	    prctl(PR_SET_DUMPABLE, 0) < 0)
		_exit(1);
	making->fd = SOCKET_FD;
}

/* Until the socket ends.  The alarm kills whoever works too long. */
static void
serve(const struct making *making)
{
	struct bytes answer = { 0 };
	uint8_t *message = malloc(HELPER_MESSAGE_MAX);
	ssize_t len;

	if (message == NULL)
		_exit(1);
	signal(SIGALRM, SIG_DFL);
	while ((len = recv(making->fd, message, HELPER_MESSAGE_MAX, 0)) > 0 ||
	    (len < 0 && errno == EINTR)) {
		if (len < 0)
			continue;
		bytes_clear(&answer);
		bytes_put_u8(&answer, WORKED);
		alarm(making->work_s);
		making->work(making->ctx, message, (size_t)len, &answer);
		alarm(0);
		if (answer.failed || answer.len > HELPER_MESSAGE_MAX ||
		    send(making->fd, answer.data, answer.len, MSG_NOSIGNAL) < 0)
			_exit(1);
	}
	_exit(0);
}

/*
 * The first copy does nothing but make the one that works, over and over: who
 * asked may be walled in by then, and can make no more.
 */
static void
keep_alive(struct making *making, pid_t parent)
{
	const uint8_t died = DIED;

	follow_parent(parent);
	enter(making);
	for (;;) {
		pid_t self = getpid();
		pid_t pid = fork();
		int status;

		if (pid == 0) {
			follow_parent(self);
			serve(making);
		}
		if (pid < 0)
			_exit(1);
		while (waitpid(pid, &status, 0) < 0 && errno == EINTR)
			;
		if (WIFEXITED(status) && WEXITSTATUS(status) == 0)
			_exit(0);
		if (send(making->fd, &died, 1, MSG_NOSIGNAL) < 0)
			_exit(1);
		usleep(ANEW_US);
	}
}

/* ---- for who asks ------------------------------------------------------- */

int
helper_start(const char *user, unsigned work_s, helper_work_fn work, void *ctx,
    struct helper **ret_helper, struct error *err)
{
	struct making making = { user, work_s, work, ctx, -1 };
	struct helper *helper = calloc(1, sizeof(*helper));
	pid_t self = getpid();
	int fds[2];

	if (helper == NULL)
		return error_set_memory(err);
	if (process_socketpair(fds, err) < 0) {
		free(helper);
		return -1;
	}
	making.fd = fds[1];
	helper->pid = fork();
	if (helper->pid == 0)
		keep_alive(&making, self);
	close(fds[1]);
	helper->fd = fds[0];
	helper->work_s = work_s;
	if (helper->pid < 0) {
		error_set_errno(err, "copying this process");
		helper_stop(helper);
		return -1;
	}
	*ret_helper = helper;
	return 0;
}

/* What was said of an earlier message, and was waited for in vain. */
static void
forget_late(struct helper *helper)
{
	uint8_t rest;

	while (recv(helper->fd, &rest, sizeof(rest), MSG_DONTWAIT) > 0)
		;
}

static int
take_answer(struct helper *helper, struct bytes *answer, struct error *err)
{
	size_t before = answer->len;
	uint8_t *room = bytes_extend(answer, HELPER_MESSAGE_MAX);
	ssize_t len;

	if (bytes_failed(answer, err) < 0)
		return -1;
	do
		len = recv(helper->fd, room, HELPER_MESSAGE_MAX, 0);
	while (len < 0 && errno == EINTR);
	answer->len = before;
	if (len < 1 || room[0] != WORKED)
		return error_set(err, ERROR_BUSY,
		    "the process that was asked ended");
	memmove(room, room + 1, (size_t)len - 1);
	answer->len += (size_t)len - 1;
	return 0;
}

int
helper_ask(struct helper *helper, const void *message, size_t len,
    struct bytes *answer, struct error *err)
{
	struct pollfd poll_fd = { .fd = helper->fd, .events = POLLIN };
	int timeout = (int)helper->work_s * 1000 + GRACE_MS;
	int ready;

	forget_late(helper);
	if (send(helper->fd, message, len, MSG_NOSIGNAL) < 0)
		return error_set(err, ERROR_BUSY,
		    "the process that is to be asked is not there");
	do
		ready = poll(&poll_fd, 1, timeout);
	while (ready < 0 && errno == EINTR);
	if (ready <= 0)
		return error_set(err, ERROR_BUSY,
		    "the process that was asked does not answer");
	return take_answer(helper, answer, err);
}

void
helper_stop(struct helper *helper)
{
	if (helper == NULL)
		return;
	close(helper->fd);
	if (helper->pid > 0) {
		kill(helper->pid, SIGKILL);
		waitpid(helper->pid, NULL, 0);
	}
	free(helper);
}
