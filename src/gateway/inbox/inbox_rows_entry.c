/*
 * What a letter has once it is an entry: its subject, signer and files, and to
 * whom it is assigned.
 */
#include "gateway/inbox/inbox_rows.h"

#include "base/error.h"
#include "base/text.h"
#include "store/query.h"
#include "store/rows.h"

int
inbox_row_set_letter(struct rows *rows, int64_t row, const char *subject,
    const char *reference, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE inbox_letter SET subject = ?2, reference = ?3"
		" WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_text(query, 2, subject);
	query_bind_text(query, 3, reference);
	return query_finish(query, err);
}

int
inbox_row_letter(struct rows *rows, int64_t row,
    char ret_subject[MESSAGE_SUBJECT_SIZE],
    char ret_reference[MESSAGE_REFERENCE_SIZE], struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT subject, reference FROM inbox_letter WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	found = query_next(query, err);
	if (found > 0) {
		text_copy(ret_subject, MESSAGE_SUBJECT_SIZE,
		    query_text(query, 0));
		text_copy(ret_reference, MESSAGE_REFERENCE_SIZE,
		    query_text(query, 1));
	}
	query_end(query);
	if (found == 0)
		return error_set(err, ERROR_SYSTEM, "row %lld is missing",
		    (long long)row);
	return found < 0 ? -1 : 0;
}

int
inbox_row_assign(struct rows *rows, int64_t row, const char *unit,
    int64_t assignee, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE inbox_letter SET unit = ?2, assignee = ?3"
		" WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_text(query, 2, unit);
	query_bind_int(query, 3, assignee);
	return query_finish(query, err);
}

int
inbox_row_set_signer(struct rows *rows, int64_t row,
    const struct digest *signer, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE inbox_letter SET signer = ?2 WHERE id = ?1", &query,
		err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_digest(query, 2, signer);
	return query_finish(query, err);
}

int
inbox_row_signer(struct rows *rows, int64_t row, struct digest *ret_signer,
    struct error *err)
{
	struct query *query;
	int found;

	if (query_begin(rows,
		"SELECT signer FROM inbox_letter WHERE id = ?1"
		" AND signer IS NOT NULL",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	found = query_next(query, err);
	if (found > 0) {
		query_digest(query, 0, ret_signer);
		if (query_failed(query, err) < 0)
			found = -1;
	}
	query_end(query);
	return found;
}

int
inbox_row_set_failure(struct rows *rows, int64_t row,
    const struct error *failure, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE inbox_letter SET failure_id = ?2, failure = ?3"
		" WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_text(query, 2, error_message_id(failure));
	query_bind_text(query, 3, failure->text);
	return query_finish(query, err);
}

int
inbox_file_add(struct rows *rows, int64_t row, unsigned index,
    const struct message_packed_file *file, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO inbox_file (letter, position, name, offset, len,"
		" digest) VALUES (?1, ?2, ?3, ?4, ?5, ?6)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_int(query, 2, index);
	query_bind_text(query, 3, file->name);
	query_bind_int(query, 4, (int64_t)file->offset);
	query_bind_int(query, 5, (int64_t)file->len);
	query_bind_digest(query, 6, &file->digest);
	return query_finish(query, err);
}
