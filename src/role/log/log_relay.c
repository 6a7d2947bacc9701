#include "role/log/log_relay.h"

#include <stdlib.h>
#include <string.h>

#include "base/attr.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/directory_network.h"
#include "role/log/log_answer.h"
#include "role/message.h"
#include "role/spool/spool.h"
#include "sys/ipc.h"

enum { UNDER_WAY_MAX = 16, TIMEOUT_MS = 20 * 1000 };

static const char prefix[] = "/v1/logs/";
static const char log_path[] = "/v1/log";

struct asking {
	struct log_relay *relay;
	struct peer *peer;
	uint32_t id;
	const char *type;
};

static void
on_called(void *ctx, struct ipc_message *message)
{
	struct asking *asking = ctx;
	struct message_response response = { .status = 200 };
	struct message_called called;
	struct error err = { 0 };

	asking->relay->under_way--;
	if (message_read(message, MESSAGE_CALLED, &called, &err) == 0 &&
	    called.status != 200)
		error_set_id(&err, "E4034", ERROR_NOT_FOUND,
		    "the other host answers %u", called.status);
	if (err.code == ERROR_NONE) {
		text_copy(response.type, sizeof(response.type), asking->type);
		response.body = called.body;
		peer_tell(asking->peer, MESSAGE_RESPONSE, asking->id, &response,
		    -1);
	} else {
		peer_refuse(asking->peer, asking->id, &err);
	}
	free(asking);
}

/* Entries are for the host itself and the tier above it. */
static bool
may_relay(const char *rest)
{
	static const char *const parts[] = { "/cosigned", "/stamps", "/status/",
		"/checkpoint", "/tile/" };

	if (text_starts(rest, "/tile/entries"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (text_starts(rest, parts[i]))
			return true;
	return false;
}

static bool
is_management(const struct directory *directory, const char *name)
{
	for (uint32_t i = 0; i < directory_management_count(directory); i++)
		if (text_equal(directory_management_at(directory, i).name,
			name))
			return true;
	return false;
}

/* Whom to ask for the log of `name`; "" for nobody. */
static const char *
peer_for(const struct log_relay *relay, const char *name)
{
	const struct directory *directory = spool_directory(relay->spool);
	struct directory_center center;

	if (relay->upstream != NULL)
		return relay->upstream;
	if (directory == NULL || text_equal(name, relay->name))
		return "";
	if (directory_find_center(directory, name, &center))
		return center.name;
	return is_management(directory, name) ? "management" : "";
}

/* "/v1/logs/center-b/cosigned?from=1" is its "/v1/log/cosigned?from=1". */
static int
translate(const struct log_relay *relay, const char *path,
    struct message_call *call, struct error *err)
{
	const char *name = path + sizeof(prefix) - 1;
	const char *rest = strchr(name, '/');
	char host[sizeof(call->peer)];

	if (rest == NULL || !may_relay(rest) ||
	    !text_copy_len(host, sizeof(host), name, (size_t)(rest - name)) ||
	    !text_copy(call->peer, sizeof(call->peer), peer_for(relay, host)) ||
	    call->peer[0] == '\0')
		return error_set_id(err, "E4034", ERROR_NOT_FOUND,
		    "no log of another host: %.60s", path);
	/* A center that is not the one asked for relays in its turn. */
	if (relay->upstream != NULL && !text_equal(relay->upstream, host)) {
		text_copy(call->path, sizeof(call->path), path);
		return 0;
	}
	text_copy(call->path, sizeof(call->path), log_path);
	return text_copy(call->path + sizeof(log_path) - 1,
		   sizeof(call->path) - sizeof(log_path) + 1, rest)
	    ? 0
	    : error_set_id(err, "E6204", ERROR_MALFORMED,
		  "the path is too long");
}

static int
ask(struct log_relay *relay, struct peer *peer, uint32_t id, const char *path,
    struct error *err)
{
	struct message_call call = { .method = "GET",
		.timeout_ms = TIMEOUT_MS };
	struct asking *asking;

	if (translate(relay, path, &call, err) < 0)
		return -1;
	if (relay->under_way == UNDER_WAY_MAX)
		return error_set_id(err, "E6301", ERROR_BUSY,
		    "%d requests to other hosts are under way", UNDER_WAY_MAX);
	asking = calloc(1, sizeof(*asking));
	if (asking == NULL)
		return error_set_memory(err);
	*asking = (struct asking){ relay, peer, id,
		strstr(path, "/tile/") != NULL
		    ? log_answer_type("/v1/log/tile/")
		    : log_answer_type(path) };
	if (peer_ask(relay->spool->courier, MESSAGE_CALL, &call, -1, on_called,
		asking, NULL, err) < 0) {
		free(asking);
		return -1;
	}
	relay->under_way++;
	return 0;
}

bool
log_relay_answer(struct log_relay *relay, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct error err = { 0 };

	if (!text_starts(request->path, prefix) ||
	    !text_equal(request->method, "GET"))
		return false;
	if (ask(relay, peer, id, request->path, &err) < 0)
		peer_refuse(peer, id, &err);
	return true;
}
