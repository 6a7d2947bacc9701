#include "management/management.h"

#include <stdlib.h>

#include "base/error.h"
#include "role/queries.h"
#include "sys/ipc.h"

static const struct peer_handler listener_handlers[] = {
	{ MESSAGE_BULLETINS_READ, queries_on_bulletins_read },
	{ MESSAGE_PAYLOAD_FREE, queries_on_payload_free },
	{ MESSAGE_REQUEST, queries_on_request },
	{ MESSAGE_NONE, NULL },
};

int
management_query_start(struct role_env *env, struct error *err)
{
	const struct queries_tier tier = {
		.application_id = MANAGEMENT_APPLICATION_ID,
		.migrations = management_migrations,
		.migration_count = MANAGEMENT_MIGRATIONS,
		.listener_handlers = listener_handlers,
		.has_conflicts = true,
	};
	struct queries *queries = calloc(1, sizeof(*queries));
	int rc = -1;

	if (queries == NULL)
		return error_set_memory(err);
	if (queries_open(queries, env, &tier, err) == 0)
		rc = role_env_run(env, err);
	free(queries);
	return rc;
}
