#include "role/releases/release_relay.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "model/digest.h"
#include "release/release_pool.h"
#include "role/message.h"
#include "role/query/queries.h"
#include "role/spool/spool.h"
#include "service/config.h"
#include "sys/ipc.h"

enum { TIMEOUT_MS = 30 * 1000 };

static const char prefix[] = "/v1/releases/";
static const char offset_word[] = "?offset=";
static const char piece_type[] = "application/octet-stream";

/* "/v1/releases/{sha256}?offset=N"; nothing else is passed on. */
static bool
read_path(const char *path, struct digest *ret_digest, uint64_t *ret_offset)
{
	char text[DIGEST_TEXT_SIZE];
	const char *name = path + sizeof(prefix) - 1;
	size_t len = strcspn(name, "?");

	return text_copy_len(text, sizeof(text), name, len) &&
	    digest_parse(text, ret_digest) &&
	    text_starts(name + len, offset_word) &&
	    text_parse_u64(name + len + sizeof(offset_word) - 1, INT64_MAX,
		ret_offset);
}

static bool
is_ours(const struct message_request *request)
{
	return text_equal(request->method, "GET") &&
	    text_starts(request->path, prefix);
}

static int
refuse_path(struct error *err)
{
	return error_set_id(err, "E6204", ERROR_MALFORMED,
	    "it is /v1/releases/SHA256?offset=N");
}

static void
answer_piece(struct peer *peer, uint32_t id, struct blob piece)
{
	struct message_response response = { .status = 200, .body = piece };

	text_copy(response.type, sizeof(response.type), piece_type);
	peer_tell(peer, MESSAGE_RESPONSE, id, &response, -1);
}

/* ---- handing out ----------------------------------------------------------- */

bool
release_relay_hand_out(struct queries *queries, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct bytes piece = { 0 };
	struct digest digest;
	struct error err = { 0 };
	uint64_t offset;
	int rc;

	if (!is_ours(request))
		return false;
	rc = read_path(request->path, &digest, &offset)
	    ? release_pool_read(queries->env->config->host.data, &digest,
		  offset, &piece, &err)
	    : refuse_path(&err);
	if (rc < 0)
		peer_refuse(peer, id, &err);
	else
		answer_piece(peer, id, blob_of_bytes(&piece));
	bytes_free(&piece);
	return true;
}

/* ---- asking ---------------------------------------------------------------- */

struct asking {
	struct peer *peer;
	uint32_t id;
};

/* A refusal of the host above keeps its reason, if it is one of ours. */
static void
on_called(void *ctx, struct ipc_message *message)
{
	struct asking *asking = ctx;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) < 0)
		;
	else if (called.status == 404)
		error_set_id(&err, "E7603", ERROR_NOT_FOUND,
		    "the host above does not have it yet");
	else if (called.status != 200)
		error_set_id(&err, "E7615", ERROR_BUSY,
		    "the host above answers %u", called.status);
	else if (called.body.len > RELEASE_PIECE_MAX)
		error_set_id(&err, "E7602", ERROR_UNTRUSTED,
		    "a piece of %zu bytes", called.body.len);
	if (err.code != ERROR_NONE)
		peer_refuse(asking->peer, asking->id, &err);
	else
		answer_piece(asking->peer, asking->id, called.body);
	free(asking);
}

static int
ask(struct spool *spool, const char *above, struct peer *peer, uint32_t id,
    const char *path, struct error *err)
{
	struct message_call call = { .method = "GET",
		.timeout_ms = TIMEOUT_MS };
	struct asking *asking;
	struct digest digest;
	uint64_t offset;

	if (!read_path(path, &digest, &offset) ||
	    !text_copy(call.path, sizeof(call.path), path) ||
	    !text_copy(call.peer, sizeof(call.peer), above))
		return refuse_path(err);
	asking = calloc(1, sizeof(*asking));
	if (asking == NULL)
		return error_set_memory(err);
	*asking = (struct asking){ peer, id };
	if (peer_ask(spool->courier, MESSAGE_CALL, &call, -1, on_called, asking,
		NULL, err) == 0)
		return 0;
	free(asking);
	return -1;
}

bool
release_relay_ask(struct spool *spool, const char *above, struct peer *peer,
    uint32_t id, const struct message_request *request)
{
	struct error err = { 0 };

	if (!is_ours(request))
		return false;
	if (ask(spool, above, peer, id, request->path, &err) < 0)
		peer_refuse(peer, id, &err);
	return true;
}
