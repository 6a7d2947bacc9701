#include "role/parent/parent.h"

#include <errno.h>
#include <signal.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/stat.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "role/parent/parent_internal.h"
#include "role/peer.h"
#include "service/config.h"
#include "service/log.h"
#include "service/roles.h"
#include "sys/activation.h"
#include "sys/ipc.h"
#include "sys/loop.h"
#include "sys/process.h"
#include "sys/socket.h"

const int parent_signals[5] = { SIGCHLD, SIGTERM, SIGINT, SIGHUP, 0 };

enum {
	RESTART_FIRST_MS = 50,
	RESTART_MAX_MS = 5000,
	STEADY_MS = 10000, /* ran so long: the next restart is quick again */
	DRAIN_MS = 6000,   /* above what the listener allows itself */
	STOP_MS = 20000,   /* a slow disk may hold up what they close */
};

static bool
is_running(const struct parent *parent)
{
	for (int i = 0; i < ROLE_COUNT; i++)
		if (parent->children[i].pid != 0)
			return true;
	return false;
}

static void
kill_all(struct parent *parent)
{
	for (int i = 0; i < ROLE_COUNT; i++)
		if (parent->children[i].pid != 0)
			kill(parent->children[i].pid, SIGKILL);
}

static void
tell_ready(struct parent *parent)
{
	uint64_t ms = loop_now_ms(parent->loop) - parent->started_at;
	struct log_line line;

	for (int i = 1; i < ROLE_COUNT; i++)
		if (parent->children[i].pid != 0 &&
		    !parent->children[i].is_ready)
			return;
	log_begin(&line, &parent->log, LOG_LEVEL_NOTICE, "host.ready");
	log_text(&line, "host", parent->config->host.name);
	log_u64(&line, "ms", ms);
	log_end(&line);
	if (parent->ready_fd >= 0 && write(parent->ready_fd, "ready\n", 6) < 0)
		log_event(&parent->log, LOG_LEVEL_DEBUG, "host.unwatched");
	activation_tell("READY=1");
	/* Said once: after a restart nobody may be reading any more. */
	parent->ready_fd = -1;
}

static void
on_ready(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct child *child = ctx;
	struct message_ready ready;
	struct error err = { 0 };

	(void)peer;
	if (message_read(message, MESSAGE_READY, &ready, &err) < 0)
		return;
	child->is_ready = true;
	if (!ready.has_landlock)
		log_event(&child->parent->log, LOG_LEVEL_WARNING,
		    "sandbox.no_landlock");
	tell_ready(child->parent);
}

static void stop_all(struct parent *parent);

static void
on_drained(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct child *child = ctx;

	(void)peer;
	(void)message;
	stop_all(child->parent);
}

static const struct peer_handler child_handlers[] = {
	{ MESSAGE_READY, on_ready },
	{ MESSAGE_DRAINED, on_drained },
	{ MESSAGE_NONE, NULL },
};

static void
log_end_of(const struct parent *parent, const struct child *child, int status)
{
	bool is_failure = !parent->is_stopping;
	struct log_line line;

	log_begin(&line, &parent->log,
	    is_failure ? LOG_LEVEL_ERROR : LOG_LEVEL_DEBUG, "role.ended");
	log_text(&line, "ended", role_name(child->role));
	if (WIFSIGNALED(status))
		log_i64(&line, "signal", WTERMSIG(status));
	else
		log_i64(&line, "exit", WEXITSTATUS(status));
	log_end(&line);
}

static void
reap(struct parent *parent, pid_t pid, int status)
{
	for (int i = 1; i < ROLE_COUNT; i++) {
		struct child *child = &parent->children[i];

		if (child->pid != pid)
			continue;
		log_end_of(parent, child, status);
		child->pid = 0;
		peer_close(child->peer);
		child->peer = NULL;
	}
}

static void
start_again_later(struct parent *parent)
{
	if (loop_now_ms(parent->loop) - parent->started_at > STEADY_MS)
		parent->restart_ms = RESTART_FIRST_MS;
	loop_timer_start(parent->restart, parent->restart_ms);
	parent->restart_ms = parent->restart_ms * 2 > RESTART_MAX_MS
	    ? RESTART_MAX_MS
	    : parent->restart_ms * 2;
}

/*
 * One role's end ends all: requests under way between them are lost, and every
 * one of them can be asked again after a restart.
 */
static void
on_role_end(struct parent *parent)
{
	if (!parent->is_stopping)
		kill_all(parent);
	if (is_running(parent))
		return;
	if (parent->goal == GOAL_SERVE)
		start_again_later(parent);
	else
		loop_stop(parent->loop);
}

static void
on_restart(void *ctx)
{
	struct parent *parent = ctx;
	struct error err = { 0 };

	if (parent_start_roles(parent, child_handlers, &err) < 0) {
		log_failure(&parent->log, LOG_LEVEL_ERROR, "host.start", &err);
		kill_all(parent);
	}
}

/* ---- ending ----------------------------------------------------------- */

static void
stop_all(struct parent *parent)
{
	if (parent->is_stopping)
		return;
	parent->is_stopping = true;
	for (int i = 1; i < ROLE_COUNT; i++)
		if (parent->children[i].peer != NULL)
			peer_tell(parent->children[i].peer, MESSAGE_STOP, 0,
			    NULL, -1);
	loop_timer_start(parent->deadline, STOP_MS);
	if (!is_running(parent))
		loop_stop(parent->loop);
}

/* First the listener, while the others still answer what it asks them. */
void
parent_leave(struct parent *parent, enum goal goal)
{
	struct child *listener = &parent->children[ROLE_LISTENER];

	parent->goal = goal;
	activation_tell(goal == GOAL_RENEWAL ? "RELOADING=1" : "STOPPING=1");
	loop_timer_cancel(parent->restart);
	if (listener->peer == NULL || !listener->is_ready) {
		stop_all(parent);
		return;
	}
	peer_tell(listener->peer, MESSAGE_DRAIN, 0, NULL, -1);
	loop_timer_start(parent->deadline, DRAIN_MS);
}

static void
on_deadline(void *ctx)
{
	struct parent *parent = ctx;

	if (!parent->is_stopping) {
		stop_all(parent);
		return;
	}
	log_event(&parent->log, LOG_LEVEL_WARNING, "roles.killed");
	kill_all(parent);
}

static void
on_terminate(void *ctx)
{
	struct parent *parent = ctx;

	/* It may be draining already, for a renewal: that is given up. */
	if (parent->goal == GOAL_SERVE)
		parent_leave(parent, GOAL_END);
	parent->goal = GOAL_END;
}

static void
on_hangup(void *ctx)
{
	parent_renewal_begin(ctx);
}

static void
on_child(void *ctx)
{
	struct parent *parent = ctx;
	bool is_role = false;
	int status;
	pid_t pid;

	while ((pid = waitpid(-1, &status, WNOHANG)) > 0) {
		if (pid == parent->check_pid) {
			parent_renewal_checked(parent, status);
			continue;
		}
		reap(parent, pid, status);
		is_role = true;
	}
	if (is_role)
		on_role_end(parent);
}

/* ---- the beginning ---------------------------------------------------- */

static int
take_folder(struct parent *parent, struct error *err)
{
	const char *data = parent->config->host.data;
	char path[4096];

	if (mkdir(data, 0700) < 0 && errno != EEXIST)
		return error_set_errno(err, "creating %s", data);
	snprintf(path, sizeof(path), "%s/lock", data);
	return socket_lock(path, &parent->lock_fd, err);
}

static int
seal_config(struct parent *parent, struct error *err)
{
	struct bytes text = { 0 };
	int rc = -1;

	config_format(parent->config, &text);
	if (bytes_failed(&text, err) == 0)
		rc = process_seal(text.data, text.len, &parent->config_fd, err);
	bytes_free(&text);
	return rc;
}

static int
watch_signals(struct parent *parent, struct error *err)
{
	static const loop_fn fns[] = { on_child, on_terminate, on_terminate,
		on_hangup };

	for (size_t i = 0; i < ARRAY_LEN(fns); i++)
		if (loop_signal_new(parent->loop, parent_signals[i], fns[i],
			parent, &parent->signals[i], err) < 0)
			return -1;
	process_release_signals(parent_signals);
	return 0;
}

static int
prepare(struct parent *parent, struct error *err)
{
	(void)process_raise_descriptors();
	if (process_path(parent->program, sizeof(parent->program), err) < 0 ||
	    parent_sockets_inherit(&parent->sockets, err) < 0 ||
	    take_folder(parent, err) < 0 || seal_config(parent, err) < 0 ||
	    parent_sockets_bind(&parent->sockets, parent->config, err) < 0 ||
	    loop_new(&parent->loop, err) < 0 || watch_signals(parent, err) < 0)
		return -1;
	if (loop_timer_new(parent->loop, on_restart, parent, &parent->restart,
		err) < 0 ||
	    loop_timer_new(parent->loop, on_deadline, parent, &parent->deadline,
		err) < 0)
		return -1;
	return 0;
}

static void
end_roles(struct parent *parent)
{
	kill_all(parent);
	if (parent->check_pid != 0)
		waitpid(parent->check_pid, NULL, 0);
	for (int i = 1; i < ROLE_COUNT; i++) {
		if (parent->children[i].pid != 0)
			waitpid(parent->children[i].pid, NULL, 0);
		peer_close(parent->children[i].peer);
	}
}

static void
clean_up(struct parent *parent)
{
	end_roles(parent);
	for (size_t i = 0; i < ARRAY_LEN(parent->signals); i++)
		loop_signal_free(parent->signals[i]);
	loop_timer_free(parent->restart);
	loop_timer_free(parent->deadline);
	loop_free(parent->loop);
	parent_sockets_close(&parent->sockets, parent->config);
	if (parent->config_fd >= 0)
		close(parent->config_fd);
	if (parent->lock_fd >= 0)
		close(parent->lock_fd);
}

int
parent_run(const struct config *config, const char *config_path, int ready_fd,
    struct error *err)
{
	struct parent parent = { .config = config,
		.config_path = config_path,
		.config_fd = -1,
		.lock_fd = -1,
		.sockets = PARENT_SOCKETS_NONE,
		.ready_fd = ready_fd,
		.restart_ms = RESTART_FIRST_MS };
	int rc = -1;

	parent.log = (struct log){ .fd = STDERR_FILENO,
		.level = (enum log_level)config->log.level,
		.format = (enum log_format)config->log.format,
		.role = "parent" };
	for (int i = 0; i < ROLE_COUNT; i++)
		parent.children[i] =
		    (struct child){ .parent = &parent, .role = (enum role)i };
	umask(077); /* whatever a role creates is ours alone */
	if (prepare(&parent, err) < 0 ||
	    parent_start_roles(&parent, child_handlers, err) < 0)
		goto done;
	rc = loop_run(parent.loop, err);
	if (rc == 0 && parent.goal == GOAL_RENEWAL) {
		end_roles(&parent);
		parent_renew(&parent, err);
		rc = -1;
	}
done:
	clean_up(&parent);
	return rc;
}
