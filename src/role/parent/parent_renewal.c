#include <stdio.h>
#include <stdlib.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "role/parent/parent_internal.h"
#include "service/config.h"
#include "sys/activation.h"
#include "sys/process.h"

/*
 * The program of the version that was installed by now; where this one does not
 * lie in the folder of releases, whatever lies in its own place.
 */
static void
follow_release(struct parent *parent)
{
	const char *folder = parent->config->release.folder;
	char real[PARENT_PATH_SIZE], path[PARENT_PATH_SIZE];
	char *found = folder[0] != '\0' ? realpath(folder, NULL) : NULL;
	bool is_below = found != NULL &&
	    snprintf(real, sizeof(real), "%s/", found) < (int)sizeof(real) &&
	    text_starts(parent->program, real);

	free(found);
	if (is_below &&
	    snprintf(path, sizeof(path), "%scurrent/bin/yizhan", real) <
		(int)sizeof(path) &&
	    access(path, X_OK) == 0)
		(void)text_copy(parent->program, sizeof(parent->program), path);
}

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
	follow_release(parent);
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
