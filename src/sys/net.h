/*
 * Stream connections: taken from a listening socket (sys/socket.h), or made
 * from a given local address.  Every descriptor is non-blocking and
 * close-on-exec; TCP ones send without delay.
 */
#ifndef SYS_NET_H
#define SYS_NET_H

#include <stdbool.h>
#include <stdint.h>
#include <sys/types.h>

#include "base/attr.h"

struct error;

enum { NET_HOST_SIZE = 46 };

/* The other end of a connection. */
struct net_peer {
	bool is_local;            /* a Unix socket: `uid` is meant */
	char host[NET_HOST_SIZE]; /* numeric; "" for a Unix socket */
	uint16_t port;
	uid_t uid; /* of the process that connected, as the kernel says */
};

/*
 * Take the next waiting connection: 1, or 0 when none waits, or -1 when the
 * system is short of something (ERROR_BUSY: pause accepting for a while).
 */
int net_accept(int listen_fd, int *ret_fd, struct net_peer *ret_peer,
    struct error *err) MUST_CHECK;

/*
 * Begin to connect to a numeric address; `source` is the numeric local address
 * to come from, or NULL.  When the descriptor becomes writable,
 * net_connect_result() tells how it went.
 */
int net_connect(const char *host, uint16_t port, const char *source,
    int *ret_fd, struct error *err) MUST_CHECK;
int net_connect_unix(const char *path, int *ret_fd,
    struct error *err) MUST_CHECK;

/* 0 when connected; -1 with ERROR_BUSY when the peer could not be reached. */
int net_connect_result(int fd, struct error *err) MUST_CHECK;

/* Make a descriptor from elsewhere non-blocking. */
int net_set_nonblocking(int fd, struct error *err) MUST_CHECK;

/*
 * Read or write some bytes: their number, 0 when it would block, or -1.
 * Reading at the end of the stream is -1 with ERROR_NOT_FOUND; a broken
 * connection is ERROR_BUSY.  Writing never raises SIGPIPE.
 */
ssize_t net_read(int fd, void *to, size_t size, struct error *err) MUST_CHECK;

/* As net_read(), but the bytes stay where they are. */
ssize_t net_peek(int fd, void *to, size_t size, struct error *err) MUST_CHECK;

/* Bytes that have come and were not read. */
size_t net_available(int fd);

/* Let `fd` count as readable when `count` bytes have come, or the end. */
void net_wake_at(int fd, size_t count);

ssize_t net_write(int fd, const void *data, size_t len,
    struct error *err) MUST_CHECK;

#endif
