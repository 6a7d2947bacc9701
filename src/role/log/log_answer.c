#include "role/log/log_answer.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "log/add_checkpoint.h"
#include "log/tile_path.h"
#include "role/log/cosign.h"
#include "role/message.h"
#include "role/query/queries.h"
#include "store/leaves.h"
#include "store/store_view.h"

enum { PROOFS_MAX = 64 };
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
put_tile(struct leaves *leaves, const char *name, bool has_entries,
    struct bytes *to, struct error *err)
{
	struct error why = { 0 };
	struct tile_path path;

	if (!tile_path_parse(name, &path) || (path.is_entries && !has_entries))
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

int
log_answer_proofs(struct leaves *leaves, const char *from, uint64_t size,
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
		if (old > leaves_size(leaves))
			continue;
		if (leaves_conflict(leaves, old < size ? old : size,
			old < size ? size : old, proof, &count, err) < 0)
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
		rc = log_answer_proofs(leaves, from, size, to, err);
	if (rc == 0) {
		bytes_put(to, note.data, note.len);
		rc = bytes_failed(to, err);
	}
	bytes_free(&note);
	return rc;
}

const char *
log_answer_from(const char *path, const char *wanted)
{
	static const char parameter[] = "?from=";

	if (!text_starts(path, wanted))
		return NULL;
	path += strlen(wanted);
	if (text_starts(path, parameter))
		return path + sizeof(parameter) - 1;
	return *path == '\0' ? path : NULL;
}

bool
log_answer_knows(const struct message_request *request)
{
	return text_equal(request->method, "GET") &&
	    (text_starts(request->path, tile_prefix) ||
		text_equal(request->path, checkpoint_path) ||
		log_answer_from(request->path, cosigned_path) != NULL);
}

static int
put_checkpoint(struct leaves *leaves, struct bytes *to, struct error *err)
{
	uint64_t size;

	if (leaves_checkpoint_find(leaves, UINT64_MAX, &size, to, err) == 0)
		return 0;
	return err->code == ERROR_NOT_FOUND
	    ? error_set_id(err, "E4034", ERROR_NOT_FOUND,
		  "nothing is in the log yet")
	    : -1;
}

int
log_answer(struct queries *queries, const char *path, bool has_entries,
    struct bytes *to, struct error *err)
{
	struct rows *rows = queries_rows(queries, err);
	const char *from = log_answer_from(path, cosigned_path);
	struct leaves *leaves;

	if (rows == NULL || store_view_leaves(queries->view, &leaves, err) < 0)
		return -1;
	if (from != NULL)
		return put_cosigned(rows, leaves, from, to, err);
	if (text_equal(path, checkpoint_path))
		return put_checkpoint(leaves, to, err);
	return put_tile(leaves, path + sizeof(tile_prefix) - 1, has_entries, to,
	    err);
}

void
log_answer_send(struct peer *peer, uint32_t id, const char *type, int rc,
    struct bytes *body, const struct error *err)
{
	struct message_response response = { .status = 200 };

	text_copy(response.type, sizeof(response.type), type);
	if (rc < 0) {
		peer_refuse(peer, id, err);
	} else {
		response.body = blob_of_bytes(body);
		peer_tell(peer, MESSAGE_RESPONSE, id, &response, -1);
	}
	bytes_free(body);
}

const char *
log_answer_type(const char *path)
{
	return text_starts(path, tile_prefix) ? "application/octet-stream"
					      : "text/plain";
}
