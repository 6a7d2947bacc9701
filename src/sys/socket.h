/*
 * Listening and connecting sockets: non-blocking, close-on-exec.
 */
#ifndef SYS_SOCKET_H
#define SYS_SOCKET_H

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

/* Take `path` as ours alone, by a lock that ends with this process. */
int socket_lock(const char *path, int *ret_fd, struct error *err) MUST_CHECK;

#endif
