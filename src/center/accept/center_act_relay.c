/*
 * Acts of deliveries that are not here, because they ended at the center that
 * served the organisation before, or are still there: that center answers, and
 * its answer goes back as it came (docs/protocol.md 5, Moving).
 */
#include "center/accept/center_act.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "directory/directory.h"
#include "role/problem.h"
#include "sys/ipc.h"

enum { TIMEOUT_MS = 60000, UNDER_WAY_MAX = 256 };

struct asking {
	struct center *center;
	struct peer *peer;
	uint32_t id;
};

static void
on_called(void *ctx, struct ipc_message *message)
{
	struct asking *asking = ctx;
	struct message_acted acted = { 0 };
	struct message_called called;
	char code[ERROR_ID_SIZE];
	struct error err = { 0 };

	asking->center->act_relays--;
	if (message_read(message, MESSAGE_CALLED, &called, &err) == 0 &&
	    called.status >= 300) {
		problem_code(called.body, code, sizeof(code));
		error_set_id(&err, code, ERROR_DENIED,
		    "the center that had it answers %u", called.status);
	}
	if (err.code == ERROR_NONE) {
		acted.is_repeat = called.status == 200;
		acted.answer = called.body;
		peer_tell(asking->peer, MESSAGE_ACTED, asking->id, &acted, -1);
	} else {
		peer_refuse(asking->peer, asking->id, &err);
	}
	free(asking);
}

static bool
is_another_center(const struct center *center, const char *name)
{
	const struct directory *directory = spool_directory(&center->spool);
	struct directory_center other;

	return name[0] != '\0' && !text_equal(name, center->name) &&
	    directory != NULL && directory_find_center(directory, name, &other);
}

bool
center_act_relay(struct center *center, struct peer *peer, uint32_t id,
    const struct message_act_submit *submit)
{
	struct message_call call = { .method = "POST",
		.path = "/v1/acts",
		.type = "application/pkcs7-mime",
		.body = submit->cms,
		.timeout_ms = TIMEOUT_MS };
	struct asking *asking;
	struct error err = { 0 };

	if (!is_another_center(center, submit->center) ||
	    center->act_relays == UNDER_WAY_MAX)
		return false;
	asking = calloc(1, sizeof(*asking));
	if (asking == NULL)
		return false;
	*asking = (struct asking){ center, peer, id };
	text_copy(call.peer, sizeof(call.peer), submit->center);
	if (peer_ask(center->spool.courier, MESSAGE_CALL, &call, -1, on_called,
		asking, NULL, &err) < 0) {
		free(asking);
		return false;
	}
	center->act_relays++;
	return true;
}
