#include "center/log/center_log_relay.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "directory/directory_network.h"
#include "role/message.h"
#include "sys/ipc.h"

enum { UNDER_WAY_MAX = 16, TIMEOUT_MS = 20 * 1000 };

static const char prefix[] = "/v1/logs/";

struct asking {
	struct center *center;
	struct peer *peer;
	uint32_t id;
};

static void
on_called(void *ctx, struct ipc_message *message)
{
	struct asking *asking = ctx;
	struct message_response response = { .status = 200 };
	struct message_called called;
	struct error err = { 0 };

	asking->center->log_relays--;
	if (message_read(message, MESSAGE_CALLED, &called, &err) == 0 &&
	    called.status != 200)
		error_set_id(&err, "E4034", ERROR_NOT_FOUND,
		    "the other center answers %u", called.status);
	if (err.code == ERROR_NONE) {
		text_copy(response.type, sizeof(response.type), "text/plain");
		response.body = called.body;
		peer_tell(asking->peer, MESSAGE_RESPONSE, asking->id, &response,
		    -1);
	} else {
		peer_refuse(asking->peer, asking->id, &err);
	}
	free(asking);
}

/* "/v1/logs/center-b/cosigned?from=1" is its "/v1/log/cosigned?from=1". */
static int
translate(const struct center *center, const char *path,
    struct message_call *call, struct error *err)
{
	const struct directory *directory = spool_directory(&center->spool);
	const char *name = path + sizeof(prefix) - 1;
	struct directory_center other;
	const char *rest = strchr(name, '/');

	if (rest == NULL ||
	    !(text_starts(rest, "/cosigned") || text_starts(rest, "/stamps") ||
		text_starts(rest, "/status/")) ||
	    !text_copy_len(call->peer, sizeof(call->peer), name,
		(size_t)(rest - name)) ||
	    text_equal(call->peer, center->name) || directory == NULL ||
	    !directory_find_center(directory, call->peer, &other))
		return error_set_id(err, "E4034", ERROR_NOT_FOUND,
		    "no log of another center: %.60s", path);
	text_copy(call->path, sizeof(call->path), "/v1/log");
	return text_copy(call->path + strlen(call->path),
		   sizeof(call->path) - strlen(call->path), rest)
	    ? 0
	    : error_set_id(err, "E6204", ERROR_MALFORMED,
		  "the path is too long");
}

static int
ask(struct center *center, struct peer *peer, uint32_t id, const char *path,
    struct error *err)
{
	struct message_call call = { .method = "GET",
		.timeout_ms = TIMEOUT_MS };
	struct asking *asking;

	if (translate(center, path, &call, err) < 0)
		return -1;
	if (center->log_relays == UNDER_WAY_MAX)
		return error_set_id(err, "E6301", ERROR_BUSY,
		    "%d requests to other centers are under way",
		    UNDER_WAY_MAX);
	asking = calloc(1, sizeof(*asking));
	if (asking == NULL)
		return error_set_memory(err);
	*asking = (struct asking){ center, peer, id };
	if (peer_ask(center->spool.courier, MESSAGE_CALL, &call, -1, on_called,
		asking, NULL, err) < 0) {
		free(asking);
		return -1;
	}
	center->log_relays++;
	return 0;
}

bool
center_log_relay_answer(struct center *center, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct error err = { 0 };

	if (!text_starts(request->path, prefix))
		return false;
	if (ask(center, peer, id, request->path, &err) < 0)
		peer_refuse(peer, id, &err);
	return true;
}
