#include "role/parent/no_printer.h"

#include "base/error.h"
#include "role/env.h"
#include "role/peer.h"
#include "sys/ipc.h"

static void
on_render(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct error err = { 0 };

	(void)ctx;
	error_set_id(&err, "E2299", ERROR_SYSTEM,
	    "yizhan-printer of version " YIZHAN_VERSION " was not found beside "
	    "yizhan");
	peer_refuse(peer, message->id, &err);
}

static const struct peer_handler handlers[] = {
	{ MESSAGE_RENDER, on_render },
	{ MESSAGE_NONE, NULL },
};

int
no_printer_start(struct role_env *env, struct error *err)
{
	struct peer *spooler = NULL;
	struct peer *query = NULL;
	int rc = -1;

	log_event(&env->log, LOG_LEVEL_WARNING, "printer.missing");
	if (role_env_peer(env, ROLE_SPOOLER, handlers, NULL, &spooler, err) ==
		0 &&
	    role_env_peer(env, ROLE_QUERY, handlers, NULL, &query, err) == 0)
		rc = role_env_run(env, err);
	peer_close(spooler);
	peer_close(query);
	return rc;
}
