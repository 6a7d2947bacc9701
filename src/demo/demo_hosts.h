/*
 * The demo's hosts as processes: each `yizhan serve` of its own, with its log
 * in DIR/HOST.log and its number in DIR/HOST.pid.
 */
#ifndef DEMO_DEMO_HOSTS_H
#define DEMO_DEMO_HOSTS_H

#include <sys/types.h>

#include "base/attr.h"
#include "demo/demo_network.h"

struct error;

struct demo_hosts {
	const char *folder;
	pid_t pids[DEMO_HOSTS];    /* 0: not running */
	int ready_fds[DEMO_HOSTS]; /* -1: told already */
};

/* Start all at once. */
int demo_hosts_start(const char *folder, struct demo_hosts *ret_hosts,
    struct error *err) MUST_CHECK;

/*
 * Wait until host `index` says that it is ready.  ERROR_SYSTEM with the last
 * line of its log when it ended, or after 30 s.
 */
int demo_hosts_wait(struct demo_hosts *hosts, int index,
    struct error *err) MUST_CHECK;

/* Stop all and wait for their end. */
void demo_hosts_stop(struct demo_hosts *hosts);

#endif
