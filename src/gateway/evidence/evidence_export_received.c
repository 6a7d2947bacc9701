/*
 * The evidence of a delivery that came in.
 */
#include "gateway/evidence/evidence_export.h"

#include "base/bytes.h"
#include "base/error.h"
#include "envelope/bundle.h"
#include "evidence/evidence_make.h"
#include "gateway/evidence/evidence_export_internal.h"
#include "gateway/inbox/inbox_rows.h"
#include "store/query.h"
#include "store/rows.h"

/* Records L and P, as they were verified. */
static int
add_received_leaf(const struct evidence_export *making,
    const struct inbox_row *row, const void *records, size_t len,
    struct error *err)
{
	struct cursor cursor = cursor_of(records, len);
	uint8_t kind = cursor_u8(&cursor);
	size_t leaf_len = (size_t)cursor_u64(&cursor);
	const uint8_t *leaf = cursor_take(&cursor, leaf_len);
	uint8_t path_kind = cursor_u8(&cursor);
	size_t path_len = (size_t)cursor_u64(&cursor);
	const uint8_t *record = cursor_take(&cursor, path_len);
	struct evidence_path path = { .count = row->recipients };
	uint32_t index;

	if (kind != BUNDLE_LEAF || path_kind != BUNDLE_PATH ||
	    !cursor_done(&cursor))
		return error_set(err, ERROR_SYSTEM, "records of the waybill");
	if (bundle_parse_path(record, path_len, &index, path.path,
		&path.path_count, err) < 0)
		return -1;
	path.index = index;
	return evidence_put_leaf(making->maker, leaf, leaf_len, &path, err);
}

static int
add_received_waybill(const struct evidence_export *making,
    const struct inbox_row *row, struct error *err)
{
	const void *cms, *records;
	size_t cms_len = 0, records_len;
	struct query *query;
	int found;
	int rc = -1;

	if (query_begin(making->rows,
		"SELECT cms, records FROM inbox_part WHERE letter = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, row->row);
	found = query_next(query, err);
	if (found > 0) {
		cms = query_data(query, 0, &cms_len);
		records = query_data(query, 1, &records_len);
		if (cms_len > 0 &&
		    evidence_put_waybill(making->maker, cms, cms_len, err) == 0)
			rc = add_received_leaf(making, row, records,
			    records_len, err);
	}
	if (found >= 0 && cms_len == 0)
		error_set_id(err, "E3507", ERROR_NOT_FOUND,
		    "its waybill was not kept here");
	query_end(query);
	return rc;
}

static int
add_received_receipts(struct evidence_export *making,
    const struct inbox_row *row, struct error *err)
{
	struct query *query;
	int rc;

	if (query_begin(making->rows,
		"SELECT receipt FROM inbox_event WHERE letter = ?1"
		" AND receipt IS NOT NULL ORDER BY time, event",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row->row);
	making->side = WORDS_RECEIVED;
	making->row = row->row;
	rc = evidence_export_receipts(making, query, err);
	query_end(query);
	return rc;
}

int
evidence_export_received(struct rows *rows, const struct directory *directory,
    const char *environment, const struct id *waybill_id,
    const struct org_code *recipient, struct bytes *to, struct error *err)
{
	struct evidence_export making = { .rows = rows,
		.directory = directory,
		.recipient = *recipient };
	struct inbox_row row;
	int found = inbox_row_find_name(rows, waybill_id, recipient, &row, err);
	int rc = -1;

	if (found <= 0)
		return found < 0
		    ? -1
		    : error_set_id(err, "E4314", ERROR_NOT_FOUND,
			  "no such letter for %s", recipient->text);
	if (row.sender.text[0] == '\0')
		return error_set_id(err, "E3507", ERROR_NOT_FOUND,
		    "it has not been fetched yet");
	making.sender = row.sender;
	if (evidence_export_begin(&making, environment, waybill_id, err) == 0 &&
	    add_received_waybill(&making, &row, err) == 0 &&
	    add_received_receipts(&making, &row, err) == 0)
		rc = evidence_export_finish(&making, to, err);
	evidence_maker_free(making.maker);
	return rc;
}
