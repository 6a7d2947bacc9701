#include "role/status/status_rows.h"

#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "store/query.h"
#include "store/rows.h"

const char status_schema[] =
    "CREATE TABLE certificate_status ("
    " fingerprint BLOB PRIMARY KEY, owner TEXT NOT NULL,"
    " certificate BLOB NOT NULL, not_after INTEGER NOT NULL,"
    " round INTEGER NOT NULL, added INTEGER NOT NULL,"
    " ocsp TEXT NOT NULL DEFAULT '', crl TEXT NOT NULL DEFAULT '',"
    " state INTEGER NOT NULL DEFAULT 0,"
    " revoked_at INTEGER NOT NULL DEFAULT 0,"
    " reason INTEGER NOT NULL DEFAULT 0,"
    " this_update INTEGER NOT NULL DEFAULT 0,"
    " next_update INTEGER NOT NULL DEFAULT 0,"
    " answer BLOB, checked INTEGER NOT NULL DEFAULT 0,"
    " failures INTEGER NOT NULL DEFAULT 0,"
    " failure TEXT NOT NULL DEFAULT '',"
    " due INTEGER NOT NULL, step INTEGER NOT NULL DEFAULT -1,"
    " told INTEGER NOT NULL DEFAULT 0) STRICT, WITHOUT ROWID;"
    "CREATE INDEX certificate_status_due ON certificate_status (due);"
    "CREATE INDEX certificate_status_crl ON certificate_status (crl, due)"
    " WHERE crl <> '';"
    "CREATE INDEX certificate_status_end ON certificate_status (not_after);"
    "CREATE INDEX certificate_status_answer ON certificate_status (answer);"
    "CREATE TABLE revocation_answer ("
    " digest BLOB PRIMARY KEY, body BLOB NOT NULL, at INTEGER NOT NULL, kept INTEGER NOT NULL)"
    " STRICT;"
    "CREATE INDEX revocation_answer_kept ON revocation_answer (kept);";

#define COLUMNS                                                                    \
	"fingerprint, owner, not_after, round, ocsp, crl, state, revoked_at,"      \
	" reason, this_update, next_update, answer, checked, failures, step, due," \
	" failure"

static void
read_row(struct query *query, struct status_row *to)
{
	struct revocation *newest = &to->facts.newest;
	int64_t state = query_int(query, 6);

	*to = (struct status_row){ .not_after = query_int(query, 2),
		.is_listed = query_int(query, 3) > 0,
		.checked_at = query_int(query, 12),
		.failures = (uint32_t)query_int(query, 13),
		.step = (int)query_int(query, 14),
		.was_asked = query_int(query, 15) > 0 };
	query_digest(query, 0, &to->fingerprint);
	text_copy(to->owner, sizeof(to->owner), query_text(query, 1));
	text_copy(to->failure, sizeof(to->failure), query_text(query, 16));
	text_copy(to->ocsp, sizeof(to->ocsp), query_text(query, 4));
	text_copy(to->crl, sizeof(to->crl), query_text(query, 5));
	if (!query_is_null(query, 11))
		query_digest(query, 11, &to->answer);
	to->facts.is_watched = to->ocsp[0] != '\0' || to->crl[0] != '\0';
	*newest = (struct revocation){
		.state = state >= 0 && state < REVOCATION_STATE_COUNT
		    ? (enum revocation_state)state
		    : REVOCATION_UNKNOWN,
		.revoked_at = query_int(query, 7),
		.reason = (int)query_int(query, 8),
		.this_update = query_int(query, 9),
		.next_update = query_int(query, 10),
	};
}

int
status_row_find(struct rows *rows, const struct digest *fingerprint,
    struct status_row *ret_row, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT " COLUMNS " FROM certificate_status"
		" WHERE fingerprint = ?1",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, fingerprint);
	more = query_next(query, err);
	if (more > 0) {
		read_row(query, ret_row);
		if (query_failed(query, err) < 0)
			more = -1;
	}
	query_end(query);
	return more;
}

int
status_row_add(struct rows *rows, const struct status_row *row,
    struct blob certificate, int64_t round, int64_t now_ms, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO certificate_status (fingerprint, owner,"
		" certificate, not_after, round, added, due)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, 0)"
		" ON CONFLICT (fingerprint) DO UPDATE"
		" SET round = max(round, excluded.round),"
		" added = excluded.added, owner = excluded.owner",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, &row->fingerprint);
	query_bind_text(query, 2, row->owner);
	query_bind_data(query, 3, certificate.data, certificate.len);
	query_bind_int(query, 4, row->not_after);
	query_bind_int(query, 5, round);
	query_bind_int(query, 6, now_ms);
	return query_finish(query, err);
}

int
status_rows_forget(struct rows *rows, int64_t round, int64_t before_ms,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"DELETE FROM certificate_status WHERE (round > 0 AND"
		" round < ?1) OR (round = 0 AND added < ?2)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, round);
	query_bind_int(query, 2, before_ms);
	return query_finish(query, err);
}

/* The fingerprints of a query's rows. */
static int
take_list(struct query *query, struct digest *list, size_t max,
    size_t *ret_count, struct error *err)
{
	int more = 1;

	*ret_count = 0;
	while (*ret_count < max && (more = query_next(query, err)) > 0)
		query_digest(query, 0, &list[(*ret_count)++]);
	if (more >= 0 && query_failed(query, err) < 0)
		more = -1;
	query_end(query);
	return more < 0 ? -1 : 0;
}

int
status_rows_due(struct rows *rows, int64_t now_ms, struct digest *list,
    size_t max, size_t *ret_count, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"SELECT fingerprint FROM certificate_status WHERE due <= ?1"
		" ORDER BY due LIMIT ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, now_ms);
	query_bind_int(query, 2, (int64_t)max);
	return take_list(query, list, max, ret_count, err);
}

int
status_rows_of_list(struct rows *rows, const char *crl, int64_t now_ms,
    struct digest *list, size_t max, size_t *ret_count, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"SELECT fingerprint FROM certificate_status WHERE crl = ?1"
		" AND due <= ?2 AND ocsp = '' LIMIT ?3",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, crl);
	query_bind_int(query, 2, now_ms);
	query_bind_int(query, 3, (int64_t)max);
	return take_list(query, list, max, ret_count, err);
}

int
status_row_certificate(struct rows *rows, const struct digest *fingerprint,
    struct bytes *to, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT certificate FROM certificate_status"
		" WHERE fingerprint = ?1",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, fingerprint);
	more = query_next(query, err);
	if (more > 0) {
		size_t len;
		const void *data = query_data(query, 0, &len);

		bytes_put(to, data, len);
	}
	query_end(query);
	if (more == 0)
		return error_set(err, ERROR_NOT_FOUND, "no such certificate");
	return more < 0 ? -1 : bytes_failed(to, err);
}

int
status_rows_wake(struct rows *rows, struct error *err)
{
	return query_run(rows,
	    "UPDATE certificate_status SET due = 0"
	    " WHERE ocsp = '' AND crl = ''",
	    err);
}

int
status_row_places(struct rows *rows, const struct digest *fingerprint,
    const char *ocsp, const char *crl, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE certificate_status SET ocsp = ?2, crl = ?3"
		" WHERE fingerprint = ?1",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, fingerprint);
	query_bind_text(query, 2, ocsp);
	query_bind_text(query, 3, crl);
	return query_finish(query, err);
}

int
status_row_answer(struct rows *rows, const struct digest *fingerprint,
    const struct revocation *newest, const struct digest *answer,
    int64_t now_ms, int64_t due_at, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE certificate_status SET state = ?2, revoked_at = ?3,"
		" reason = ?4, this_update = ?5, next_update = ?6,"
		" answer = ?7, checked = ?8, failures = 0, failure = '',"
		" due = ?9 WHERE fingerprint = ?1",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, fingerprint);
	query_bind_int(query, 2, newest->state);
	query_bind_int(query, 3, newest->revoked_at);
	query_bind_int(query, 4, newest->reason);
	query_bind_int(query, 5, newest->this_update);
	query_bind_int(query, 6, newest->next_update);
	query_bind_digest(query, 7, answer);
	query_bind_int(query, 8, now_ms);
	query_bind_int(query, 9, due_at);
	return query_finish(query, err);
}

int
status_row_failed(struct rows *rows, const struct digest *fingerprint,
    const struct error *failure, int64_t due_at, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE certificate_status SET failures = failures + 1,"
		" failure = ?2, due = ?3 WHERE fingerprint = ?1",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, fingerprint);
	query_bind_text(query, 2, error_message_id(failure));
	query_bind_int(query, 3, due_at);
	return query_finish(query, err);
}

int
status_row_due_at(struct rows *rows, const struct digest *fingerprint,
    int64_t due_at, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE certificate_status SET due = ?2 WHERE fingerprint = ?1",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, fingerprint);
	query_bind_int(query, 2, due_at);
	return query_finish(query, err);
}

/* ---- the expiry watch ------------------------------------------------ */

/* What ends within the longest step, and was not looked at today. */
int
status_rows_to_tell(struct rows *rows, int64_t now_ms, struct status_row *list,
    size_t max, size_t *ret_count, struct error *err)
{
	static const int64_t day_ms = INT64_C(24) * 3600 * 1000;
	struct query *query;
	int more = 1;

	*ret_count = 0;
	if (query_begin(rows,
		"SELECT " COLUMNS " FROM certificate_status"
		" WHERE round > 0 AND not_after < ?1 AND (told < ?2"
		" OR (not_after < ?4 AND step <> 0))"
		" ORDER BY not_after LIMIT ?3",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, now_ms + 91 * day_ms);
	query_bind_int(query, 2, now_ms - day_ms + 1);
	query_bind_int(query, 3, (int64_t)max);
	query_bind_int(query, 4, now_ms);
	while (*ret_count < max && (more = query_next(query, err)) > 0)
		read_row(query, &list[(*ret_count)++]);
	if (more >= 0 && query_failed(query, err) < 0)
		more = -1;
	query_end(query);
	return more < 0 ? -1 : 0;
}

int
status_row_told(struct rows *rows, const struct digest *fingerprint, int step,
    int64_t told_at, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE certificate_status SET step = ?2, told = ?3"
		" WHERE fingerprint = ?1",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, fingerprint);
	query_bind_int(query, 2, step);
	query_bind_int(query, 3, told_at);
	return query_finish(query, err);
}

/* ---- answers --------------------------------------------------------- */

int
status_answer_put(struct rows *rows, const struct digest *digest,
    struct blob body, bool is_kept, int64_t now_ms, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO revocation_answer (digest, body, at, kept)"
		" VALUES (?1, ?2, ?3, ?4) ON CONFLICT (digest)"
		" DO UPDATE SET kept = max(kept, excluded.kept)",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, digest);
	query_bind_data(query, 2, body.data, body.len);
	query_bind_int(query, 3, now_ms);
	query_bind_int(query, 4, is_kept);
	return query_finish(query, err);
}

int
status_answer_keep(struct rows *rows, const struct digest *digest,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE revocation_answer SET kept = 1"
		" WHERE digest = ?1 AND kept = 0",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, digest);
	return query_finish(query, err);
}

int
status_answers_forget(struct rows *rows, struct error *err)
{
	return query_run(rows,
	    "DELETE FROM revocation_answer WHERE kept = 0 AND NOT EXISTS"
	    " (SELECT 1 FROM certificate_status AS s"
	    " WHERE s.answer = revocation_answer.digest)",
	    err);
}

int
status_answer_find(struct rows *rows, const struct digest *digest,
    struct bytes *to, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT body FROM revocation_answer WHERE digest = ?1", &query,
		err) < 0)
		return -1;
	query_bind_digest(query, 1, digest);
	more = query_next(query, err);
	if (more > 0) {
		size_t len;
		const void *data = query_data(query, 0, &len);

		bytes_put(to, data, len);
		if (bytes_failed(to, err) < 0)
			more = -1;
	}
	query_end(query);
	return more;
}
