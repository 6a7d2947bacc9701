#include "role/env.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "role/peer.h"
#include "service/config.h"
#include "sys/clock.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum { CONFIG_TEXT_MAX = 1 << 20 };

/* The effective configuration, as the parent read it. */
static int
read_config(int fd, struct config **ret_config, struct error *err)
{
	struct bytes text = { 0 };
	int rc = -1;

	while (text.len < CONFIG_TEXT_MAX) {
		uint8_t *room = bytes_extend(&text, 4096);
		ssize_t count;

		if (bytes_failed(&text, err) < 0)
			goto done;
		count = pread(fd, room, 4096, (off_t)(text.len - 4096));
		if (count < 0) {
			error_set_errno(err, "reading the configuration");
			goto done;
		}
		text.len -= 4096 - (size_t)count;
		if (count == 0)
			break;
	}
	bytes_put_u8(&text, '\0');
	if (bytes_failed(&text, err) == 0)
		rc = config_parse_text((const char *)text.data, "parent",
		    ret_config, err);
done:
	bytes_free(&text);
	close(fd);
	return rc;
}

/* Where the descriptor named `name` is kept; NULL for a name of nothing. */
static int *
place_of(struct role_env *env, const char *name, int *config_fd)
{
	enum role role;

	if (text_equal(name, "config"))
		return config_fd;
	if (text_equal(name, "hosts"))
		return &env->hosts_fd;
	if (text_equal(name, "people"))
		return &env->people_fd;
	if (text_equal(name, "operators"))
		return &env->operators_fd;
	if (text_equal(name, "control"))
		return &env->control_fd;
	return role_parse(name, &role) ? &env->peer_fds[role] : NULL;
}

static int
read_words(struct role_env *env, char *const *words, int *config_fd,
    struct error *err)
{
	for (; *words != NULL; words++) {
		const char *equals = strchr(*words, '=');
		char name[32];
		uint64_t fd;
		int *place;

		if (equals == NULL ||
		    !text_copy_len(name, sizeof(name), *words,
			(size_t)(equals - *words)) ||
		    !text_parse_u64(equals + 1, 1000, &fd) ||
		    (place = place_of(env, name, config_fd)) == NULL)
			return error_set(err, ERROR_MALFORMED,
			    "role started with \"%s\"", *words);
		*place = (int)fd;
	}
	return 0;
}

/* Whoever went first is logged by the parent; the rest just follow. */
static void
on_parent_gone(void *ctx)
{
	(void)ctx;
	_exit(EXIT_FAILURE);
}

static void
on_stop(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct role_env *env = ctx;

	(void)peer;
	(void)message;
	loop_stop(env->loop);
}

static void
on_drain(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct role_env *env = ctx;

	(void)peer;
	(void)message;
	if (env->on_drain != NULL)
		env->on_drain(env->ctx);
	else
		role_env_drained(env);
}

static const struct peer_handler parent_handlers[] = {
	{ MESSAGE_DRAIN, on_drain },
	{ MESSAGE_STOP, on_stop },
	{ MESSAGE_NONE, NULL },
};

static int64_t
log_clock(void *context)
{
	return role_env_now(context);
}

int
role_env_open(enum role role, char *const *words, struct role_env *env,
    struct error *err)
{
	int config_fd = -1;

	memset(env, 0, sizeof(*env));
	env->role = role;
	for (int i = 0; i < ROLE_COUNT; i++)
		env->peer_fds[i] = -1;
	env->hosts_fd = env->people_fd = env->operators_fd = env->control_fd =
	    -1;
	if (read_words(env, words, &config_fd, err) < 0 ||
	    read_config(config_fd, &env->config, err) < 0 ||
	    loop_new(&env->loop, err) < 0)
		return -1;
	env->log = (struct log){ .fd = STDERR_FILENO,
		.level = (enum log_level)env->config->log.level,
		.format = (enum log_format)env->config->log.format,
		.role = role_name(role),
		.clock = log_clock,
		.clock_context = env };
	return peer_open(env->loop, env->peer_fds[ROLE_PARENT], "parent",
	    parent_handlers, env, on_parent_gone, &env->log, &env->parent, err);
}

int
role_env_peer(struct role_env *env, enum role role,
    const struct peer_handler *handlers, void *ctx, struct peer **ret_peer,
    struct error *err)
{
	int fd = env->peer_fds[role];

	*ret_peer = NULL;
	if (fd < 0)
		return 0;
	env->peer_fds[role] = -1;
	/*
	 * Without the other role this one ends, in order: while stopping, others
	 * may be faster, even than the word that tells this one.  Otherwise what
	 * was asked of it will never be answered, and both start afresh.
	 */
	return peer_open(env->loop, fd, role_name(role), handlers, ctx, NULL,
	    &env->log, ret_peer, err);
}

int
role_env_run(struct role_env *env, struct error *err)
{
	struct sandbox sandbox = role_sandbox(env->role);
	struct message_ready ready = { 0 };

	sandbox.user = env->config->host.user;
	if (sandbox.may_open)
		sandbox.folder = env->config->host.data;
	if (sandbox_enter(&sandbox, &ready.has_landlock, err) < 0)
		return -1;
	peer_tell(env->parent, MESSAGE_READY, 0, &ready, -1);
	return loop_run(env->loop, err);
}

void
role_env_drained(struct role_env *env)
{
	/* A listener in a test has nobody to tell. */
	if (env->parent != NULL)
		peer_tell(env->parent, MESSAGE_DRAINED, 0, NULL, -1);
}

int64_t
role_env_now(const struct role_env *env)
{
	return clock_now_ms() + env->config->test.clock_offset_ms;
}
