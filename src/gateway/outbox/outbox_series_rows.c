/* Series in the store: which letters are of one, and how all of them stand. */
#include "gateway/outbox/outbox.h"

#include "base/error.h"
#include "base/text.h"
#include "gateway/outbox/outbox_hold.h"
#include "gateway/outbox/outbox_series.h"
#include "gateway/sending/desk_draft.h"
#include "json/json_write.h"
#include "model/event.h"
#include "store/query.h"
#include "store/rows.h"

/* The id of the draft that it was made of; NULL for a letter by itself. */
const char outbox_series_schema[] =
    "ALTER TABLE outbox_document ADD COLUMN series BLOB;"
    "CREATE INDEX outbox_document_series ON outbox_document (series, id)"
    " WHERE series IS NOT NULL;";

int
outbox_series_add(struct rows *rows, const struct id *series, int64_t document,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE outbox_document SET series = ?2 WHERE id = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, document);
	query_bind_id(query, 2, series);
	return query_finish(query, err);
}

int
outbox_series_forget(struct rows *rows, const struct id *series,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE outbox_document SET series = NULL WHERE series = ?1",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, series);
	return query_finish(query, err);
}

int
outbox_series_next(struct rows *rows, const struct id *series, int64_t after,
    int64_t *ret_document, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT id FROM outbox_document WHERE series = ?1 AND id > ?2"
		" ORDER BY id LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, series);
	query_bind_int(query, 2, after);
	found = query_next(query, err);
	if (found > 0)
		*ret_document = query_int(query, 0);
	query_end(query);
	return found;
}

/* ---- how it stands --------------------------------------------------- */

/* Of one that is held or was undone that counts; else its delivery. */
static const char *
state_of(int64_t hold, int64_t state)
{
	if (hold == OUTBOX_HOLD_HELD || hold == OUTBOX_HOLD_UNDONE)
		return outbox_hold_name((enum outbox_hold)hold);
	return state >= 0 && state < DELIVERY_STATE_COUNT
	    ? delivery_state_name((enum delivery_state)state)
	    : "";
}

static void
write_letter(struct query *query, struct json_writer *writer)
{
	struct id document;

	query_id(query, 0, &document);
	json_write_begin_object(writer, NULL);
	json_write_id(writer, "document_id", &document);
	json_write_text(writer, "reference", query_text(query, 1));
	json_write_text(writer, "subject", query_text(query, 2));
	json_write_text(writer, "recipient", query_text(query, 3));
	json_write_text(writer, "name", query_text(query, 4));
	json_write_text(writer, "state",
	    state_of(query_int(query, 7), query_int(query, 5)));
	json_write_text(writer, "reason", query_text(query, 6));
	json_write_time(writer, "since", query_int(query, 8));
	json_write_end(writer);
}

/* Its letters in their order; how many there are. */
static int
write_letters(struct rows *rows, const struct id *id,
    struct json_writer *writer, int64_t *ret_count, struct error *err)
{
	struct query *query;
	int more;

	*ret_count = 0;
	if (query_begin(rows,
		"SELECT o.document_id, o.reference, o.subject, d.recipient,"
		" d.name, d.state, d.reason, o.hold, d.since"
		" FROM outbox_document o"
		" CROSS JOIN outbox_waybill w ON w.document = o.id"
		" CROSS JOIN outbox_delivery d ON d.waybill = w.id"
		" WHERE o.series = ?1 ORDER BY o.id",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, id);
	json_write_begin_array(writer, "letters");
	while ((more = query_next(query, err)) > 0) {
		write_letter(query, writer);
		++*ret_count;
	}
	json_write_end(writer);
	query_end(query);
	return more;
}

int
outbox_series_read(const struct outbox_reading *reading, const char *id,
    const char *scope, struct json_writer *writer, struct error *err)
{
	struct desk_draft draft;
	int64_t count;

	if (desk_draft_load(reading->rows, id, scope, &draft, err) < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	json_write_id(writer, "id", &draft.id);
	json_write_org(writer, "organisation", &draft.organisation);
	json_write_text(writer, "title", draft.title);
	if (write_letters(reading->rows, &draft.id, writer, &count, err) < 0)
		return -1;
	json_write_int(writer, "count", count);
	json_write_end(writer);
	if (count == 0)
		return error_set_id(err, "E6604", ERROR_NOT_FOUND,
		    "the draft was not sent as a series");
	return 0;
}
