#include "center/log/center_log.h"

#include "base/bytes.h"
#include "base/text.h"
#include "center/center.h"

int
center_log_state(struct center *center, struct statement *statement,
    uint64_t *ret_entry, struct error *err)
{
	struct bulletin_serials serials =
	    bulletins_serials(center->spool.bulletins);
	struct bytes json = { 0 };
	int rc = -1;

	text_copy(statement->environment, sizeof(statement->environment),
	    center->environment);
	text_copy(statement->center, sizeof(statement->center), center->name);
	statement->time_ms = spool_now(&center->spool);
	statement->serials = (struct statement_serials){ serials.root,
		serials.directory, serials.network, serials.timestamp };
	statement->fresh_ms = bulletins_fresh_at(center->spool.bulletins);
	if (statement_encode(statement, &json, err) == 0)
		rc = host_log_append(&center->log, &json, ret_entry, err);
	bytes_free(&json);
	return rc;
}
