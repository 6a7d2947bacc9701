/*
 * The first process of a host: binds the sockets, starts the roles with the
 * channels that service/roles.c allows, and starts them all again when one
 * ends.  It parses its configuration and nothing else, and carries no data.
 */
#ifndef ROLE_PARENT_H
#define ROLE_PARENT_H

#include "base/attr.h"

struct config;
struct error;

/*
 * Run the host until SIGTERM or SIGINT: then the listener takes nothing new
 * and finishes what runs, and all end.  After SIGHUP the same happens, and this
 * process goes on as the program that lies in its place by then, with the
 * configuration of `config_path` as it is by then, provided that it can be
 * read; then this does not return.  Listening sockets stay open meanwhile, and
 * when roles are started again, so a connection waits instead of being refused.
 * `ready_fd` (-1 for none) gets the line "ready\n" when every role is.
 *
 * Fails with ERROR_EXISTS when another process runs this data folder, with
 * ERROR_DENIED when it lies on storage that forgets (tmpfs, network).
 */
int parent_run(const struct config *config, const char *config_path,
    int ready_fd, struct error *err) MUST_CHECK;

#endif
