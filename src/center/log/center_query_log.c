#include "center/log/center_query_log.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "center/log/center_stamp.h"
#include "role/log/log_answer.h"
#include "role/message.h"
#include "role/query/queries.h"
#include "role/status/status_rows.h"
#include "store/leaves.h"
#include "store/store_view.h"

static const char stamps_path[] = "/v1/log/stamps";
static const char status_prefix[] = "/v1/log/status/";

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
		rc = log_answer_proofs(leaves, from, size, to, err);
	if (rc == 0) {
		bytes_put(to, stamps.data, stamps.len);
		rc = bytes_failed(to, err);
	}
	bytes_free(&stamps);
	return rc;
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
put_stamps(struct queries *queries, const char *from, struct bytes *to,
    struct error *err)
{
	struct rows *rows = queries_rows(queries, err);
	struct leaves *leaves;

	if (rows == NULL || store_view_leaves(queries->view, &leaves, err) < 0)
		return -1;
	return put_stamped(rows, leaves, from, to, err);
}

static void
answer_status(struct queries *queries, struct peer *peer, uint32_t id,
    const char *digest)
{
	struct bytes body = { 0 };
	struct error err = { 0 };
	struct rows *rows = queries_rows(queries, &err);
	int rc = rows == NULL ? -1 : put_status(rows, digest, &body, &err);

	log_answer_send(peer, id, "application/octet-stream", rc, &body, &err);
}

bool
center_query_log(struct queries *queries, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	const char *path = request->path;
	const char *stamps = log_answer_from(path, stamps_path);
	struct bytes body = { 0 };
	struct error err = { 0 };
	int rc;

	if (!text_equal(request->method, "GET"))
		return false;
	if (text_starts(path, status_prefix)) {
		answer_status(queries, peer, id,
		    path + sizeof(status_prefix) - 1);
		return true;
	}
	if (stamps == NULL && !log_answer_knows(request))
		return false;
	rc = stamps != NULL ? put_stamps(queries, stamps, &body, &err)
			    : log_answer(queries, path, true, &body, &err);
	log_answer_send(peer, id, log_answer_type(path), rc, &body, &err);
	return true;
}
