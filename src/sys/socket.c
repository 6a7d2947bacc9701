#define _GNU_SOURCE
#include "sys/socket.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <string.h>
#include <sys/file.h>
#include <sys/socket.h>
#include <sys/stat.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

enum { BACKLOG = 1024 };

union address {
	struct sockaddr any;
	struct sockaddr_in in;
	struct sockaddr_in6 in6;
	struct sockaddr_un un;
};

static int
listen_on(int family, const union address *address, socklen_t len,
    const char *name, int *ret_fd, struct error *err)
{
	int on = 1;
	int fd = socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);

	if (fd < 0)
		return error_set_errno(err, "opening a socket");
	if ((family != AF_UNIX &&
		setsockopt(fd, SOL_SOCKET, SO_REUSEADDR, &on, sizeof(on)) <
		    0) ||
	    bind(fd, &address->any, len) < 0 || listen(fd, BACKLOG) < 0) {
		error_set_errno(err, "listening on %s", name);
		close(fd);
		return -1;
	}
	*ret_fd = fd;
	return 0;
}

int
socket_listen(const char *address, uint16_t port, int *ret_fd,
    struct error *err)
{
	union address to = { 0 };

	if (inet_pton(AF_INET, address, &to.in.sin_addr) == 1) {
		to.in.sin_family = AF_INET;
		to.in.sin_port = htons(port);
		return listen_on(AF_INET, &to, sizeof(to.in), address, ret_fd,
		    err);
	}
	if (inet_pton(AF_INET6, address, &to.in6.sin6_addr) == 1) {
		to.in6.sin6_family = AF_INET6;
		to.in6.sin6_port = htons(port);
		return listen_on(AF_INET6, &to, sizeof(to.in6), address, ret_fd,
		    err);
	}
	return error_set(err, ERROR_MALFORMED, "\"%s\" is not an IP address",
	    address);
}

int
socket_listen_unix(const char *path, int *ret_fd, struct error *err)
{
	union address to = { 0 };
	mode_t mask;
	int rc;

	to.un.sun_family = AF_UNIX;
	if (!text_copy(to.un.sun_path, sizeof(to.un.sun_path), path))
		return error_set(err, ERROR_MALFORMED,
		    "socket path of more than %zu characters: %s",
		    sizeof(to.un.sun_path) - 1, path);
	if (unlink(path) < 0 && errno != ENOENT)
		return error_set_errno(err, "replacing %s", path);
	mask = umask(0177);
	rc = listen_on(AF_UNIX, &to, sizeof(to.un), path, ret_fd, err);
	umask(mask);
	return rc;
}

int
socket_lock(const char *path, int *ret_fd, struct error *err)
{
	int fd = open(path, O_RDWR | O_CREAT | O_CLOEXEC, 0600);

	if (fd < 0)
		return error_set_errno(err, "opening %s", path);
	if (flock(fd, LOCK_EX | LOCK_NB) < 0) {
		if (errno == EWOULDBLOCK)
			error_set(err, ERROR_EXISTS,
			    "%s is locked: another process serves this folder",
			    path);
		else
			error_set_errno(err, "locking %s", path);
		close(fd);
		return -1;
	}
	*ret_fd = fd;
	return 0;
}
