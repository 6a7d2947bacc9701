#include "sys/activation.h"

#include <errno.h>
#include <fcntl.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

static const char pid_name[] = "LISTEN_PID";
static const char count_name[] = "LISTEN_FDS";
static const char names_name[] = "LISTEN_FDNAMES";
static const char own_name[] = "own"; /* of the first descriptor */

size_t
activation_count(const char *listen_pid, const char *listen_fds, pid_t self)
{
	uint64_t pid;
	uint64_t count;

	if (listen_pid == NULL || listen_fds == NULL ||
	    !text_parse_u64(listen_pid, INT32_MAX, &pid) ||
	    (pid_t)pid != self ||
	    !text_parse_u64(listen_fds, ACTIVATION_MAX, &count))
		return 0;
	return (size_t)count;
}

static int
adopt(int fd, struct error *err)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0 ||
	    fcntl(fd, F_SETFD, FD_CLOEXEC) < 0)
		return error_set_errno(err, "descriptor %d of LISTEN_FDS", fd);
	return 0;
}

int
activation_take(int *ret_fds, size_t *ret_count, bool *ret_is_lent,
    struct error *err)
{
	const char *names = getenv(names_name);
	bool is_own = names != NULL && text_equal(names, own_name);
	size_t count =
	    activation_count(getenv(pid_name), getenv(count_name), getpid());

	for (size_t i = 0; i < count; i++) {
		ret_fds[i] = ACTIVATION_FIRST + (int)i;
		if (adopt(ret_fds[i], err) < 0)
			return -1;
	}
	unsetenv(pid_name);
	unsetenv(count_name);
	unsetenv(names_name);
	*ret_count = count;
	*ret_is_lent = count > 0 && !is_own;
	return 0;
}

int
activation_announce(size_t count, bool is_lent, struct error *err)
{
	char pid[24];
	char fds[24];

	snprintf(pid, sizeof(pid), "%ld", (long)getpid());
	snprintf(fds, sizeof(fds), "%zu", count);
	if (setenv(pid_name, pid, 1) < 0 || setenv(count_name, fds, 1) < 0 ||
	    setenv(names_name, is_lent ? "lent" : own_name, 1) < 0)
		return error_set_memory(err);
	return 0;
}

void
activation_tell(const char *state)
{
	const char *path = getenv("NOTIFY_SOCKET");
	struct sockaddr_un to = { .sun_family = AF_UNIX };
	size_t len = path == NULL ? 0 : strlen(path);
	int fd;

	/* '@' is the abstract one, whose name begins with a zero. */
	if (len < 2 || len >= sizeof(to.sun_path) ||
	    (path[0] != '/' && path[0] != '@'))
		return;
	memcpy(to.sun_path, path, len);
	if (path[0] == '@')
		to.sun_path[0] = '\0';
	fd = socket(AF_UNIX, SOCK_DGRAM | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return;
	(void)(sendto(fd, state, strlen(state), MSG_NOSIGNAL | MSG_DONTWAIT,
		   (const struct sockaddr *)&to,
		   (socklen_t)(offsetof(struct sockaddr_un, sun_path) + len)) <
	    0);
	close(fd);
}
