/*
 * Listening and connecting sockets: non-blocking, close-on-exec.
 */
#ifndef SYS_SOCKET_H
#define SYS_SOCKET_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct error;

/* Listen on a numeric IPv4 or IPv6 address. */
int socket_listen(const char *address, uint16_t port, int *ret_fd,
    struct error *err) MUST_CHECK;

/*
 * Listen on a Unix socket at `path`, which is replaced; only this user and
 * root may connect.
 */
int socket_listen_unix(const char *path, int *ret_fd,
    struct error *err) MUST_CHECK;

/*
 * Whether `fd` is a socket that listens at this address, or at this path: one
 * that was opened before, perhaps by somebody else.
 */
bool socket_is_at(int fd, const char *address, uint16_t port);
bool socket_is_unix_at(int fd, const char *path);

/* Take `path` as ours alone, by a lock that ends with this process. */
int socket_lock(const char *path, int *ret_fd, struct error *err) MUST_CHECK;

#endif
