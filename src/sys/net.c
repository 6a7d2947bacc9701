#define _GNU_SOURCE
#include "sys/net.h"

#include <arpa/inet.h>
#include <errno.h>
#include <fcntl.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <string.h>
#include <sys/ioctl.h>
#include <sys/socket.h>
#include <sys/un.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"

/* All the families we speak, in one place of the right size. */
union address {
	struct sockaddr any;
	struct sockaddr_in v4;
	struct sockaddr_in6 v6;
	struct sockaddr_un local;
};

static int
parse_address(const char *host, uint16_t port, union address *ret_address,
    socklen_t *ret_len, struct error *err)
{
	union address address;

	memset(&address, 0, sizeof(address));
	if (inet_pton(AF_INET, host, &address.v4.sin_addr) == 1) {
		address.v4.sin_family = AF_INET;
		address.v4.sin_port = htons(port);
		*ret_len = sizeof(address.v4);
	} else if (inet_pton(AF_INET6, host, &address.v6.sin6_addr) == 1) {
		address.v6.sin6_family = AF_INET6;
		address.v6.sin6_port = htons(port);
		*ret_len = sizeof(address.v6);
	} else {
		return error_set(err, ERROR_MALFORMED,
		    "\"%s\" is not an address", host);
	}
	*ret_address = address;
	return 0;
}

static void
set_no_delay(int fd)
{
	int on = 1;

	/* It only costs latency if the system refuses. */
	(void)setsockopt(fd, IPPROTO_TCP, TCP_NODELAY, &on, sizeof(on));
}

static int
describe_local(int fd, struct net_peer *peer, struct error *err)
{
	struct ucred who;
	socklen_t len = sizeof(who);

	if (getsockopt(fd, SOL_SOCKET, SO_PEERCRED, &who, &len) < 0)
		return error_set_errno(err, "who connected");
	peer->is_local = true;
	peer->uid = who.uid;
	return 0;
}

static int
describe(int fd, const union address *address, struct net_peer *ret_peer,
    struct error *err)
{
	struct net_peer peer = { .uid = (uid_t)-1 };

	if (address->any.sa_family == AF_INET) {
		inet_ntop(AF_INET, &address->v4.sin_addr, peer.host,
		    sizeof(peer.host));
		peer.port = ntohs(address->v4.sin_port);
	} else if (address->any.sa_family == AF_INET6) {
		const struct in6_addr *v6 = &address->v6.sin6_addr;

		/* One spelling per address: registers hold the IPv4 one. */
		if (IN6_IS_ADDR_V4MAPPED(v6))
			inet_ntop(AF_INET, &v6->s6_addr[12], peer.host,
			    sizeof(peer.host));
		else
			inet_ntop(AF_INET6, v6, peer.host, sizeof(peer.host));
		peer.port = ntohs(address->v6.sin6_port);
	} else if (describe_local(fd, &peer, err) < 0) {
		return -1;
	}
	if (!peer.is_local)
		set_no_delay(fd);
	*ret_peer = peer;
	return 0;
}

/* True for what befell one connection, not the listening socket. */
static bool
is_lost_connection(int number)
{
	return number == EINTR || number == ECONNABORTED || number == EPROTO ||
	    number == ENETDOWN || number == EHOSTDOWN || number == ENONET ||
	    number == EHOSTUNREACH || number == ENETUNREACH ||
	    number == ENOPROTOOPT || number == EOPNOTSUPP;
}

int
net_accept(int listen_fd, int *ret_fd, struct net_peer *ret_peer,
    struct error *err)
{
	union address address;
	socklen_t len;
	int fd;

	do {
		memset(&address, 0, sizeof(address));
		len = sizeof(address);
		fd = accept4(listen_fd, &address.any, &len,
		    SOCK_NONBLOCK | SOCK_CLOEXEC);
	} while (fd < 0 && is_lost_connection(errno));
	if (fd < 0 && errno == EAGAIN)
		return 0;
	if (fd < 0)
		return error_set(err, ERROR_BUSY, "accept: %s",
		    strerrordesc_np(errno));
	if (describe(fd, &address, ret_peer, err) < 0) {
		close(fd);
		return -1;
	}
	*ret_fd = fd;
	return 1;
}

static int
begin_connect(int fd, const union address *to, socklen_t len, struct error *err)
{
	if (connect(fd, &to->any, len) < 0 && errno != EINPROGRESS)
		return error_set(err, ERROR_BUSY, "connect: %s",
		    strerrordesc_np(errno));
	return 0;
}

static int
bind_source(int fd, const char *source, struct error *err)
{
	union address from;
	socklen_t len;
	int on = 1;

	if (parse_address(source, 0, &from, &len, err) < 0)
		return -1;
	/* Lets the kernel choose the port late, per destination. */
	(void)setsockopt(fd, IPPROTO_IP, IP_BIND_ADDRESS_NO_PORT, &on,
	    sizeof(on));
	if (bind(fd, &from.any, len) < 0)
		return error_set_errno(err, "coming from %s", source);
	return 0;
}

int
net_connect(const char *host, uint16_t port, const char *source, int *ret_fd,
    struct error *err)
{
	union address to;
	socklen_t len;
	int fd = -1;
	int rc = -1;

	if (parse_address(host, port, &to, &len, err) < 0)
		goto done;
	fd = socket(to.any.sa_family,
	    SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0) {
		error_set_errno(err, "socket");
		goto done;
	}
	if (source != NULL && bind_source(fd, source, err) < 0)
		goto done;
	set_no_delay(fd);
	if (begin_connect(fd, &to, len, err) < 0)
		goto done;
	*ret_fd = fd;
	fd = -1;
	rc = 0;
done:
	if (rc < 0)
		error_prefix(err, "%s port %u", host, (unsigned)port);
	if (fd >= 0)
		close(fd);
	return rc;
}

int
net_connect_unix(const char *path, int *ret_fd, struct error *err)
{
	union address to;
	int fd;

	memset(&to, 0, sizeof(to));
	to.local.sun_family = AF_UNIX;
	if (!text_copy(to.local.sun_path, sizeof(to.local.sun_path), path))
		return error_set(err, ERROR_MALFORMED,
		    "socket path %s is too long", path);
	fd = socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0);
	if (fd < 0)
		return error_set_errno(err, "socket");
	if (begin_connect(fd, &to, sizeof(to.local), err) < 0) {
		close(fd);
		return error_prefix(err, "%s", path);
	}
	*ret_fd = fd;
	return 0;
}

int
net_connect_result(int fd, struct error *err)
{
	int cause = 0;
	socklen_t len = sizeof(cause);

	if (getsockopt(fd, SOL_SOCKET, SO_ERROR, &cause, &len) < 0)
		return error_set_errno(err, "connect");
	if (cause != 0)
		return error_set(err, ERROR_BUSY, "connect: %s",
		    strerrordesc_np(cause));
	return 0;
}

int
net_set_nonblocking(int fd, struct error *err)
{
	int flags = fcntl(fd, F_GETFL);

	if (flags < 0 || fcntl(fd, F_SETFL, flags | O_NONBLOCK) < 0)
		return error_set_errno(err, "descriptor %d", fd);
	return 0;
}

static ssize_t
outcome(ssize_t count, const char *what, struct error *err)
{
	if (count >= 0)
		return count;
	if (errno == EAGAIN || errno == EINTR)
		return 0;
	return error_set(err, ERROR_BUSY, "%s: %s", what,
	    strerrordesc_np(errno));
}

ssize_t
net_read(int fd, void *to, size_t size, struct error *err)
{
	ssize_t count = recv(fd, to, size, 0);

	if (count == 0)
		return error_set(err, ERROR_NOT_FOUND, "end of stream");
	return outcome(count, "read", err);
}

ssize_t
net_peek(int fd, void *to, size_t size, struct error *err)
{
	ssize_t count = recv(fd, to, size, MSG_PEEK);

	if (count == 0)
		return error_set(err, ERROR_NOT_FOUND, "end of stream");
	return outcome(count, "read", err);
}

size_t
net_available(int fd)
{
	int count = 0;

	return ioctl(fd, FIONREAD, &count) < 0 || count < 0 ? 0 : (size_t)count;
}

void
net_wake_at(int fd, size_t count)
{
	int value = (int)count;

	/* It only costs turns of the loop if the system refuses. */
	(void)setsockopt(fd, SOL_SOCKET, SO_RCVLOWAT, &value, sizeof(value));
}

ssize_t
net_write(int fd, const void *data, size_t len, struct error *err)
{
	return outcome(send(fd, data, len, MSG_NOSIGNAL), "write", err);
}
