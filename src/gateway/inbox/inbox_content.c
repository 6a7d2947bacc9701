#include "gateway/inbox/inbox_content.h"

#include "base/error.h"
#include "gateway/inbox/inbox_internal.h"
#include "gateway/inbox/inbox_rows.h"
#include "gateway/inbox/inbox_share.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"

/* The steps at which a delivery still needs its content; 0 and 1 fetch it. */
#define NEEDS INBOX_CONTENT_NEEDS
_Static_assert(JOB_RECEIVE_CONTENT == 0 && JOB_RECEIVE_VERIFY == 1 &&
	JOB_RECEIVE_FETCHED == 2 && JOB_RECEIVE_KEY == 3 &&
	JOB_RECEIVE_OPEN == 4 && JOB_RECEIVE_SCAN == 5 &&
	JOB_RECEIVE_REWRAP == 10,
    "the numbers of steps in queries");

/* ---- rows ------------------------------------------------------------ */

int
inbox_content_is_awaited(struct rows *rows, const struct id *waybill_id,
    int64_t but, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT 1 FROM inbox_letter WHERE waybill_id = ?1"
		" AND " NEEDS " AND is_due = 1 AND step < 2"
		" AND id <> ?2 LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, waybill_id);
	query_bind_int(query, 2, but);
	found = query_next(query, err);
	query_end(query);
	return found;
}

int
inbox_content_find(struct rows *rows, const struct inbox_row *row,
    uint64_t *ret_content, struct error *err)
{
	struct query *query;
	int found;

	/* Before its waybill is here, any; then the one that it names. */
	if (query_begin(rows,
		"SELECT content FROM inbox_letter WHERE waybill_id = ?1"
		" AND content > 0 AND id <> ?2"
		" AND (?3 = 0 OR content_digest = ?4) LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, &row->waybill_id);
	query_bind_int(query, 2, row->row);
	query_bind_int(query, 3, row->content_len > 0);
	query_bind_digest(query, 4, &row->content_digest);
	found = query_next(query, err);
	if (found > 0)
		*ret_content = (uint64_t)query_int(query, 0);
	query_end(query);
	return found;
}

int
inbox_content_wake_all(struct rows *rows, const struct inbox_row *row,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE inbox_letter SET is_due = 1 WHERE waybill_id = ?1"
		" AND " NEEDS " AND is_due = 0 AND step < 2 AND id <> ?2",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, &row->waybill_id);
	query_bind_int(query, 2, row->row);
	return query_finish(query, err);
}

int
inbox_content_wake_one(struct rows *rows, const struct inbox_row *row,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE inbox_letter SET is_due = 1 WHERE id ="
		" (SELECT id FROM inbox_letter WHERE waybill_id = ?1"
		" AND " NEEDS " AND is_due = 0 AND step < 2 AND id <> ?2"
		" LIMIT 1)",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, &row->waybill_id);
	query_bind_int(query, 2, row->row);
	return query_finish(query, err);
}

/* Does another delivery of the waybill still need it: 1 or 0. */
static int
is_needed(struct rows *rows, const struct inbox_row *row, struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT 1 FROM inbox_letter WHERE waybill_id = ?1"
		" AND id <> ?2 AND " NEEDS " LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, &row->waybill_id);
	query_bind_int(query, 2, row->row);
	found = query_next(query, err);
	query_end(query);
	return found;
}

/* A payload is gone: nobody has it. */
static int
forget(struct rows *rows, const struct inbox_row *row, uint64_t content,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE inbox_letter SET content = 0"
		" WHERE waybill_id = ?1 AND content = ?2 AND content > 0",
		&query, err) < 0)
		return -1;
	query_bind_id(query, 1, &row->waybill_id);
	query_bind_int(query, 2, (int64_t)content);
	return query_finish(query, err);
}

int
inbox_content_drop(struct inbox_job *job, struct error *err)
{
	struct inbox_row *row = &job->row;
	struct error ignored = { 0 };

	if (row->content == 0)
		return 0;
	if (store_payload_remove(job->inbox->gateway->spool.store, row->content,
		&ignored) < 0 &&
	    ignored.code != ERROR_NOT_FOUND) {
		*err = ignored;
		return -1;
	}
	if (forget(inbox_rows(job->inbox), row, row->content, err) < 0)
		return -1;
	row->content = 0;
	return 0;
}

int
inbox_content_release(struct inbox_job *job, struct error *err)
{
	struct rows *rows = inbox_rows(job->inbox);
	struct inbox_row *row = &job->row;
	uint64_t content = row->content;
	int needed = is_needed(rows, row, err);

	if (needed != 0)
		return needed < 0 ? -1 : 0;
	if (inbox_share_forget(rows, &row->waybill_id, err) < 0)
		return -1;
	/* The last one may have none of its own, such as one that was withdrawn. */
	if (content == 0 && inbox_content_find(rows, row, &content, err) < 0)
		return -1;
	row->content = content;
	return inbox_content_drop(job, err);
}

/* ---- waiting aside --------------------------------------------------- */

bool
inbox_content_is_coming(const struct inbox_job *job)
{
	for (const struct inbox_job *other = job->inbox->first; other != NULL;
	     other = other->next)
		if (other != job && other->row.step <= JOB_RECEIVE_VERIFY &&
		    other->is_fetching &&
		    id_equal(&other->row.waybill_id, &job->row.waybill_id))
			return true;
	return false;
}

/* Unless it has come, or nobody is about to fetch it any more. */
static int
apply_wait(struct group_op *op, struct error *err)
{
	struct inbox_job *job = (struct inbox_job *)(void *)op;
	struct rows *rows = inbox_rows(job->inbox);
	struct inbox_row *row = &job->row;
	uint64_t content;
	int found = inbox_row_find(rows, row->row, row, err);
	int awaited;

	if (found <= 0 || row->step > JOB_RECEIVE_VERIFY)
		return found < 0 ? -1 : 0;
	found = inbox_content_find(rows, row, &content, err);
	awaited =
	    inbox_content_is_awaited(rows, &row->waybill_id, row->row, err);
	if (found < 0 || awaited < 0)
		return -1;
	row->is_due = found > 0 || awaited == 0;
	return inbox_row_save(rows, row, err);
}

void
inbox_content_wait(struct inbox_job *job)
{
	inbox_job_drop_after(job, apply_wait);
}
