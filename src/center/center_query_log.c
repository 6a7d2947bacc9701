#include "center/center_query_log.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "center/center_cosign.h"
#include "log/tile_path.h"
#include "role/message.h"
#include "role/queries.h"
#include "store/leaves.h"
#include "store/store_view.h"

enum { ENTRY_MAX = UINT16_MAX, BUNDLE_MAX = 32 * 1024 * 1024 };

static const char checkpoint_path[] = "/v1/log/checkpoint";
static const char cosigned_path[] = "/v1/log/cosigned";
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

static int
put_cosigned(struct rows *rows, struct bytes *to, struct error *err)
{
	int found = center_cosign_read(rows, to, err);

	if (found == 0)
		return error_set_id(err, "E4034", ERROR_NOT_FOUND,
		    "no checkpoint is cosigned yet");
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
	if (text_equal(path, cosigned_path))
		return put_cosigned(rows, to, err);
	if (store_view_leaves(queries->view, &leaves, err) < 0)
		return -1;
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
	bool is_tile = text_starts(request->path, tile_prefix);
	struct message_response response = { .status = 200 };
	struct bytes body = { 0 };
	struct error err = { 0 };

	if (!text_equal(request->method, "GET") ||
	    (!is_tile && !text_equal(request->path, checkpoint_path) &&
		!text_equal(request->path, cosigned_path)))
		return false;
	text_copy(response.type, sizeof(response.type),
	    is_tile ? "application/octet-stream" : "text/plain");
	if (answer(queries, request->path, &body, &err) < 0) {
		peer_refuse(peer, id, &err);
	} else {
		response.body = blob_of_bytes(&body);
		peer_tell(peer, MESSAGE_RESPONSE, id, &response, -1);
	}
	bytes_free(&body);
	return true;
}
