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

/*
 * Who comes while a host starts anew waits in this queue.  The system may have
 * a smaller limit (net.core.somaxconn).
 */
enum { BACKLOG = 4096 };

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

static bool
parse_address(const char *address, uint16_t port, union address *ret_address,
    socklen_t *ret_len)
{
	union address to = { 0 };

	if (inet_pton(AF_INET, address, &to.in.sin_addr) == 1) {
		to.in.sin_family = AF_INET;
		to.in.sin_port = htons(port);
		*ret_len = sizeof(to.in);
	} else if (inet_pton(AF_INET6, address, &to.in6.sin6_addr) == 1) {
		to.in6.sin6_family = AF_INET6;
		to.in6.sin6_port = htons(port);
		*ret_len = sizeof(to.in6);
	} else {
		return false;
	}
	*ret_address = to;
	return true;
}

int
socket_listen(const char *address, uint16_t port, int *ret_fd,
    struct error *err)
{
	union address to;
	socklen_t len;

	if (!parse_address(address, port, &to, &len))
		return error_set(err, ERROR_MALFORMED,
		    "\"%s\" is not an IP address", address);
	return listen_on(to.any.sa_family, &to, len, address, ret_fd, err);
}

/* Where a socket listens; false if it does not. */
static bool
listens_at(int fd, union address *ret_address)
{
	union address address = { 0 };
	socklen_t len = sizeof(address);
	int is_listening = 0;
	socklen_t is_listening_len = sizeof(is_listening);

	if (getsockopt(fd, SOL_SOCKET, SO_ACCEPTCONN, &is_listening,
		&is_listening_len) < 0 ||
	    !is_listening || getsockname(fd, &address.any, &len) < 0)
		return false;
	*ret_address = address;
	return true;
}

bool
socket_is_at(int fd, const char *address, uint16_t port)
{
	union address wanted;
	union address found;
	socklen_t len;

	if (!parse_address(address, port, &wanted, &len) ||
	    !listens_at(fd, &found) ||
	    wanted.any.sa_family != found.any.sa_family)
		return false;
	if (wanted.any.sa_family == AF_INET)
		return wanted.in.sin_port == found.in.sin_port &&
		    wanted.in.sin_addr.s_addr == found.in.sin_addr.s_addr;
	return wanted.in6.sin6_port == found.in6.sin6_port &&
	    memcmp(&wanted.in6.sin6_addr, &found.in6.sin6_addr,
		sizeof(wanted.in6.sin6_addr)) == 0;
}

bool
socket_is_unix_at(int fd, const char *path)
{
	union address found;

	return listens_at(fd, &found) && found.any.sa_family == AF_UNIX &&
	    strncmp(found.un.sun_path, path, sizeof(found.un.sun_path)) == 0;
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
