#include <sys/wait.h>

#include "base/error.h"
#include "base/text.h"
#include "role/parent/parent_internal.h"
#include "sys/activation.h"
#include "sys/process.h"

void
parent_renewal_begin(struct parent *parent)
{
	char program[] = "yizhan";
	char words[3][8] = { "config", "check", "-c" };
	char path[PARENT_PATH_SIZE];
	char *argv[] = { program, words[0], words[1], words[2], path, NULL };
	struct error err = { 0 };

	if (parent->goal != GOAL_SERVE || parent->check_pid != 0)
		return;
	if (!text_copy(path, sizeof(path), parent->config_path))
		error_set(&err, ERROR_SYSTEM, "path of the configuration");
	else if (process_spawn_path(parent->program, argv, &parent->check_pid,
		     &err) == 0)
		return;
	log_failure(&parent->log, LOG_LEVEL_ERROR, "host.renewal", &err);
}

void
parent_renewal_checked(struct parent *parent, int status)
{
	parent->check_pid = 0;
	if (parent->goal != GOAL_SERVE)
		return;
	if (!WIFEXITED(status) || WEXITSTATUS(status) != 0) {
		log_event(&parent->log, LOG_LEVEL_ERROR,
		    "host.renewal_refused");
		return;
	}
	log_event(&parent->log, LOG_LEVEL_NOTICE, "host.renewal");
	parent_leave(parent, GOAL_RENEWAL);
}

void
parent_renew(struct parent *parent, struct error *err)
{
	char program[] = "yizhan";
	char words[2][8] = { "serve", "-c" };
	char path[PARENT_PATH_SIZE];
	char *argv[] = { program, words[0], words[1], path, NULL };
	int fds[PARENT_SOCKETS_MAX];
	size_t count = parent_sockets_list(&parent->sockets, fds);

	if (!text_copy(path, sizeof(path), parent->config_path) ||
	    activation_announce(count, parent->sockets.is_lent, err) < 0)
		return;
	process_hold_signals(parent_signals);
	process_replace(parent->program, argv, fds, count);
	error_set_errno(err, "going on as %s", parent->program);
}
