#include "center/log/center_query_log.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "center/log/center_stamp.h"
#include "log/add_checkpoint.h"
#include "log/tile_path.h"
#include "role/log/cosign.h"
#include "role/message.h"
#include "role/query/queries.h"
#include "role/status/status_rows.h"
#include "store/leaves.h"
#include "store/store_view.h"

enum { PROOFS_MAX = 64 };
enum { ENTRY_MAX = UINT16_MAX, BUNDLE_MAX = 32 * 1024 * 1024 };

static const char checkpoint_path[] = "/v1/log/checkpoint";
static const char cosigned_path[] = "/v1/log/cosigned";
static const char stamps_path[] = "/v1/log/stamps";
static const char status_prefix[] = "/v1/log/status/";
static const char tile_prefix[] = "/v1/log/tile/";

static int
no_tile(const char *name, struct error *err)
{
	return error_set_id(err, "E4034", ERROR_NOT_FOUND,
	    "no tile of this log: %.60s", name);
}

/* Salt and statement are what a leaf is the hash of. */
static int
put_entry(struct leaves *leaves, uint64_t index, struct bytes *to,
    struct error *err)
{
	struct bytes statement = { 0 };
	struct digest salt;
	int rc = leaves_find(leaves, index, &salt, &statement, err);

	if (rc == 0 && statement.len > ENTRY_MAX - DIGEST_LEN)
		rc = error_set(err, ERROR_SYSTEM, "record %llu is too long",
		    (unsigned long long)index);
	if (rc == 0) {
		bytes_put_u16(to, (uint16_t)(DIGEST_LEN + statement.len));
		bytes_put(to, salt.bytes, DIGEST_LEN);
		bytes_put(to, statement.data, statement.len);
		rc = bytes_failed(to, err);
	}
	bytes_free(&statement);
	return rc;
}

static int
put_entries(struct leaves *leaves, const struct tile_path *path,
    const char *name, struct bytes *to, struct error *err)
{
	uint64_t size = leaves_size(leaves);
	uint64_t first = path->index * TILE_WIDTH;

	if (path->index > size / TILE_WIDTH || size - first < path->width)
		return no_tile(name, err);
	for (uint64_t i = 0; i < path->width && to->len < BUNDLE_MAX; i++)
		if (put_entry(leaves, first + i, to, err) < 0)
			return -1;
	return 0;
}

static int
put_tile(struct leaves *leaves, const char *name, struct bytes *to,
    struct error *err)
{
	struct error why = { 0 };
	struct tile_path path;

	if (!tile_path_parse(name, &path))
		return no_tile(name, err);
	if (path.is_entries)
		return put_entries(leaves, &path, name, to, err);
	if (leaves_tile(leaves, path.level, path.index, path.width, to, &why) ==
	    0)
		return 0;
	if (why.code == ERROR_NOT_FOUND)
		return no_tile(name, err);
	*err = why;
	return -1;
}

/* Proofs from the sizes "12,34" to that of the cosigned checkpoint. */
static int
put_proofs(struct leaves *leaves, const char *from, uint64_t size,
    struct bytes *to, struct error *err)
{
	char number[24];

	for (int i = 0; i < PROOFS_MAX && *from != '\0'; i++) {
		struct digest proof[MERKLE_PATH_MAX];
		size_t len = strcspn(from, ",");
		size_t count;
		uint64_t old;

		if (!text_copy_len(number, sizeof(number), from, len) ||
		    !text_parse_u64(number, INT64_MAX, &old) || old == 0)
			return error_set_id(err, "E6204", ERROR_MALFORMED,
			    "from must be sizes");
		from += from[len] == ',' ? len + 1 : len;
		if (old > size)
			continue;
		if (leaves_conflict(leaves, old, size, proof, &count, err) < 0)
			return -1;
		add_checkpoint_put_proof(old, proof, count, to);
	}
	return 0;
}

static int
put_cosigned(struct rows *rows, struct leaves *leaves, const char *from,
    struct bytes *to, struct error *err)
{
	struct bytes note = { 0 };
	uint64_t size;
	int found = cosign_read(rows, &size, &note, err);
	int rc = -1;

	if (found == 0)
		error_set_id(err, "E4034", ERROR_NOT_FOUND,
		    "no checkpoint is cosigned yet");
	else if (found > 0)
		rc = put_proofs(leaves, from, size, to, err);
	if (rc == 0) {
		bytes_put(to, note.data, note.len);
		rc = bytes_failed(to, err);
	}
	bytes_free(&note);
	return rc;
}

/* The oldest stamp that has the first of the sizes, whose order is the asker's. */
static int
put_stamped(struct rows *rows, struct leaves *leaves, const char *from,
    struct bytes *to, struct error *err)
{
	struct bytes stamps = { 0 };
	char number[24];
	uint64_t first = INT64_MAX, size;
	int found = -1;
	int rc = -1;

	if (*from != '\0' &&
	    (!text_copy_len(number, sizeof(number), from, strcspn(from, ",")) ||
		!text_parse_u64(number, INT64_MAX, &first)))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "from must be sizes");
	found = center_stamp_read(rows, first, &size, &stamps, err);
	if (found == 0)
		error_set_id(err, "E4034", ERROR_NOT_FOUND,
		    "no checkpoint is stamped yet");
	else if (found > 0)
		rc = put_proofs(leaves, from, size, to, err);
	if (rc == 0) {
		bytes_put(to, stamps.data, stamps.len);
		rc = bytes_failed(to, err);
	}
	bytes_free(&stamps);
	return rc;
}

/* "?from=" after this path; "" without it, NULL for another path. */
static const char *
from_of(const char *path, const char *wanted)
{
	static const char parameter[] = "?from=";

	if (!text_starts(path, wanted))
		return NULL;
	path += strlen(wanted);
	if (text_starts(path, parameter))
		return path + sizeof(parameter) - 1;
	return *path == '\0' ? path : NULL;
}

/* A revocation answer that a statement names; for its evidence. */
static int
put_status(struct rows *rows, const char *text, struct bytes *to,
    struct error *err)
{
	struct digest digest;
	int found = 0;

	if (digest_parse(text, &digest))
		found = status_answer_find(rows, &digest, to, err);
	if (found == 0)
		return error_set_id(err, "E4034", ERROR_NOT_FOUND,
		    "no such revocation answer");
	return found < 0 ? -1 : 0;
}

static int
answer(struct queries *queries, const char *path, struct bytes *to,
    struct error *err)
{
	struct rows *rows = queries_rows(queries, err);
	struct leaves *leaves;
	uint64_t size;

	if (rows == NULL)
		return -1;
	if (text_starts(path, status_prefix))
		return put_status(rows, path + sizeof(status_prefix) - 1, to,
		    err);
	if (store_view_leaves(queries->view, &leaves, err) < 0)
		return -1;
	if (from_of(path, cosigned_path) != NULL)
		return put_cosigned(rows, leaves, from_of(path, cosigned_path),
		    to, err);
	if (from_of(path, stamps_path) != NULL)
		return put_stamped(rows, leaves, from_of(path, stamps_path), to,
		    err);
	if (!text_equal(path, checkpoint_path))
		return put_tile(leaves, path + sizeof(tile_prefix) - 1, to,
		    err);
	if (leaves_checkpoint_find(leaves, UINT64_MAX, &size, to, err) == 0)
		return 0;
	return err->code == ERROR_NOT_FOUND
	    ? error_set_id(err, "E4034", ERROR_NOT_FOUND,
		  "nothing is in the log yet")
	    : -1;
}

bool
center_query_log(struct queries *queries, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	bool is_status = text_starts(request->path, status_prefix);
	bool is_tile = text_starts(request->path, tile_prefix);
	struct message_response response = { .status = 200 };
	struct bytes body = { 0 };
	struct error err = { 0 };

	if (!text_equal(request->method, "GET") ||
	    (!is_tile && !is_status &&
		!text_equal(request->path, checkpoint_path) &&
		from_of(request->path, cosigned_path) == NULL &&
		from_of(request->path, stamps_path) == NULL))
		return false;
	text_copy(response.type, sizeof(response.type),
	    is_tile || is_status ? "application/octet-stream" : "text/plain");
	if (answer(queries, request->path, &body, &err) < 0) {
		peer_refuse(peer, id, &err);
	} else {
		response.body = blob_of_bytes(&body);
		peer_tell(peer, MESSAGE_RESPONSE, id, &response, -1);
	}
	bytes_free(&body);
	return true;
}
