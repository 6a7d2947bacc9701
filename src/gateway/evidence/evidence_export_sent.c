/*
 * The evidence of a delivery that was sent here.
 */
#include "gateway/evidence/evidence_export.h"

#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/merkle.h"
#include "evidence/evidence_make.h"
#include "gateway/evidence/evidence_export_internal.h"
#include "model/event.h"
#include "role/message.h"
#include "store/query.h"
#include "store/rows.h"

/* A delivery that was sent. */
struct sent {
	int64_t waybill, delivery;
	struct id waybill_id;
	char center[MESSAGE_HOST_SIZE];
};

static int
find_sent(struct rows *rows, const struct id *document,
    struct evidence_export *making, struct sent *ret_sent, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT w.id, w.waybill_id, d.id, d.center, o.sender"
		" FROM outbox_document AS o"
		" JOIN outbox_waybill AS w ON w.document = o.id"
		" JOIN outbox_delivery AS d ON d.waybill = w.id"
		" WHERE o.document_id = ?1 AND o.is_draft = 0"
		" AND d.recipient = ?2 ORDER BY d.id LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, document);
	query_bind_text(query, 2, making->recipient.text);
	more = query_next(query, err);
	if (more > 0) {
		ret_sent->waybill = query_int(query, 0);
		query_id(query, 1, &ret_sent->waybill_id);
		ret_sent->delivery = query_int(query, 2);
		if (!text_copy(ret_sent->center, sizeof(ret_sent->center),
			query_text(query, 3)) ||
		    !org_code_parse(query_text(query, 4), &making->sender))
			more = error_set(err, ERROR_SYSTEM, "center or sender");
	}
	query_end(query);
	if (more == 0)
		return error_set_id(err, "E4208", ERROR_NOT_FOUND,
		    "no such letter was sent from here to %s",
		    making->recipient.text);
	return more < 0 ? -1 : 0;
}

static int
add_sent_waybill(const struct evidence_export *making, const struct sent *sent,
    struct error *err)
{
	struct query *query;
	const void *cms;
	size_t len;
	int rc = -1;

	if (query_begin(making->rows,
		"SELECT cms FROM outbox_waybill WHERE id = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, sent->waybill);
	if (query_next(query, err) > 0) {
		cms = query_data(query, 0, &len);
		rc = evidence_put_waybill(making->maker, cms, len, err);
	}
	query_end(query);
	return rc;
}

/* The leaves of the waybill, in the order of its tree; where ours is. */
static int
load_leaves(const struct evidence_export *making, const struct sent *sent,
    struct digest **ret_leaves, struct evidence_path *path, struct error *err)
{
	struct digest *leaves = NULL;
	struct query *query;
	size_t count = 0, size = 0;
	int more;

	if (query_begin(making->rows,
		"SELECT id, leaf FROM outbox_delivery WHERE waybill = ?1"
		" ORDER BY id",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, sent->waybill);
	while ((more = query_next(query, err)) > 0) {
		if (count == size) {
			struct digest *list;

			size = size * 2 + 16;
			list = realloc(leaves, size * sizeof(*list));
			if (list == NULL) {
				more = error_set_memory(err);
				break;
			}
			leaves = list;
		}
		if (query_int(query, 0) == sent->delivery)
			path->index = count;
		query_digest(query, 1, &leaves[count++]);
	}
	query_end(query);
	if (more < 0) {
		free(leaves);
		return -1;
	}
	path->count = count;
	*ret_leaves = leaves;
	return 0;
}

static int
add_sent_leaf(const struct evidence_export *making, const struct sent *sent,
    struct error *err)
{
	struct evidence_path path = { 0 };
	struct merkle_tree *tree = NULL;
	struct digest *leaves = NULL;
	struct query *query = NULL;
	const void *json;
	size_t len;
	int rc = -1;

	if (load_leaves(making, sent, &leaves, &path, err) < 0 ||
	    merkle_tree_new(leaves, (size_t)path.count, &tree, err) < 0)
		goto done;
	path.path_count = merkle_tree_path(tree, (size_t)path.index, path.path);
	if (query_begin(making->rows,
		"SELECT leaf_json FROM outbox_delivery WHERE id = ?1", &query,
		err) < 0)
		goto done;
	query_bind_int(query, 1, sent->delivery);
	if (query_next(query, err) > 0) {
		json = query_data(query, 0, &len);
		rc = evidence_put_leaf(making->maker, json, len, &path, err);
	}
	query_end(query);
done:
	merkle_tree_free(tree);
	free(leaves);
	return rc;
}

/*
 * Those of this delivery, and of the whole waybill those that touch it: its
 * acceptance, and the relay to its own center.
 */
static int
add_sent_receipts(struct evidence_export *making, const struct sent *sent,
    struct error *err)
{
	struct query *query;
	int rc;

	if (query_begin(making->rows,
		"SELECT json FROM outbox_receipt WHERE waybill = ?1"
		" AND (delivery = ?2 OR (delivery = 0"
		" AND (event = ?4 OR at = ?3))) ORDER BY id",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, sent->waybill);
	query_bind_int(query, 2, sent->delivery);
	query_bind_text(query, 3, sent->center);
	query_bind_int(query, 4, EVENT_ACCEPTED);
	making->side = WORDS_SENT;
	making->row = sent->delivery;
	rc = evidence_export_receipts(making, query, err);
	query_end(query);
	return rc;
}

int
evidence_export_sent(struct rows *rows, const struct directory *directory,
    const char *environment, const struct id *document,
    const struct org_code *recipient, struct bytes *to, struct error *err)
{
	struct evidence_export making = { .rows = rows,
		.directory = directory,
		.recipient = *recipient };
	struct sent sent;
	int rc = -1;

	if (find_sent(rows, document, &making, &sent, err) == 0 &&
	    evidence_export_begin(&making, environment, &sent.waybill_id,
		err) == 0 &&
	    add_sent_waybill(&making, &sent, err) == 0 &&
	    add_sent_leaf(&making, &sent, err) == 0 &&
	    add_sent_receipts(&making, &sent, err) == 0)
		rc = evidence_export_finish(&making, to, err);
	evidence_maker_free(making.maker);
	return rc;
}
