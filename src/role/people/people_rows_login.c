/* Rows of sessions, and of log-ins that failed. */
#include "role/people/people_rows.h"

#include "store/query.h"

/* ---- sessions -------------------------------------------------------------- */

/* The oldest of a person make room. */
static int
make_room(struct rows *rows, int64_t person, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"DELETE FROM session WHERE hash IN (SELECT hash FROM session"
		" WHERE person = ?1 ORDER BY used_at DESC LIMIT -1 OFFSET ?2)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, person);
	query_bind_int(query, 2, PEOPLE_SESSIONS_MAX - 1);
	return query_finish(query, err);
}

int
session_add(struct rows *rows, const struct session *session, struct error *err)
{
	struct query *query;

	if (make_room(rows, session->person, err) < 0 ||
	    query_begin(rows,
		"INSERT INTO session (hash, person, certificate, used_at,"
		" ends_at) VALUES (?1, ?2, ?3, ?4, ?5)",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, &session->hash);
	query_bind_int(query, 2, session->person);
	query_bind_digest(query, 3, &session->certificate);
	query_bind_int(query, 4, session->used_at);
	query_bind_int(query, 5, session->ends_at);
	return query_finish(query, err);
}

int
session_find(struct rows *rows, const struct digest *hash,
    struct session *ret_session, struct error *err)
{
	struct session session = { .hash = *hash };
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT person, certificate, used_at, ends_at, deputy FROM session"
		" WHERE hash = ?1",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, hash);
	more = query_next(query, err);
	if (more > 0) {
		session.person = query_int(query, 0);
		query_digest(query, 1, &session.certificate);
		session.used_at = query_int(query, 2);
		session.ends_at = query_int(query, 3);
		session.deputy = query_int(query, 4);
		*ret_session = session;
	}
	query_end(query);
	return more;
}

int
session_act(struct rows *rows, const struct digest *hash, int64_t deputy,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows, "UPDATE session SET deputy = ?2 WHERE hash = ?1",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, hash);
	query_bind_int(query, 2, deputy);
	return query_finish(query, err);
}

int
session_touch(struct rows *rows, const struct digest *hash, int64_t now,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE session SET used_at = max(used_at, ?2)"
		" WHERE hash = ?1",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, hash);
	query_bind_int(query, 2, now);
	return query_finish(query, err);
}

int
session_remove(struct rows *rows, const struct digest *hash, struct error *err)
{
	struct query *query;

	if (query_begin(rows, "DELETE FROM session WHERE hash = ?1", &query,
		err) < 0)
		return -1;
	query_bind_digest(query, 1, hash);
	return query_finish(query, err);
}

static int
run_with(struct rows *rows, const char *sql, int64_t first, int64_t second,
    bool has_second, struct error *err)
{
	struct query *query;

	if (query_begin(rows, sql, &query, err) < 0)
		return -1;
	query_bind_int(query, 1, first);
	if (has_second)
		query_bind_int(query, 2, second);
	return query_finish(query, err);
}

int
session_remove_all(struct rows *rows, int64_t person, struct error *err)
{
	return run_with(rows, "DELETE FROM session WHERE person = ?1", person,
		   0, false, err) < 0 ||
		run_with(rows, "DELETE FROM person_link WHERE person = ?1",
		    person, 0, false, err) < 0
	    ? -1
	    : 0;
}

int
session_sweep(struct rows *rows, int64_t now, int64_t idle_since,
    struct error *err)
{
	return run_with(rows,
		   "DELETE FROM session WHERE ends_at <= ?1 OR used_at <= ?2",
		   now, idle_since, true, err) < 0 ||
		run_with(rows, "DELETE FROM person_link WHERE ends_at <= ?1",
		    now, 0, false, err) < 0 ||
		run_with(rows,
		    "DELETE FROM lockout WHERE until <= ?1 AND since <= ?2",
		    now, now - PEOPLE_LOCK_MS, true, err) < 0
	    ? -1
	    : 0;
}

/* ---- failed log-ins ---------------------------------------------------------- */

int
lockout_until(struct rows *rows, const char *address, int64_t now,
    int64_t *ret_until, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT until FROM lockout WHERE address = ?1 AND until > ?2",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, address);
	query_bind_int(query, 2, now);
	more = query_next(query, err);
	*ret_until = more > 0 ? query_int(query, 0) : 0;
	query_end(query);
	return more < 0 ? -1 : 0;
}

/* What is older than the lock would have been counts no more. */
int
lockout_count(struct rows *rows, const char *address, int64_t now,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO lockout (address, failures, since, until)"
		" VALUES (?1, 1, ?2, 0) ON CONFLICT (address) DO UPDATE SET"
		" failures = CASE WHEN since <= ?2 - ?3 THEN 1"
		" ELSE failures + 1 END,"
		" since = CASE WHEN since <= ?2 - ?3 THEN ?2 ELSE since END,"
		" until = CASE WHEN since > ?2 - ?3 AND failures + 1 >= ?4"
		" THEN ?2 + ?3 ELSE until END",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, address);
	query_bind_int(query, 2, now);
	query_bind_int(query, 3, PEOPLE_LOCK_MS);
	query_bind_int(query, 4, PEOPLE_FAILURES_MAX);
	return query_finish(query, err);
}

int
lockout_clear(struct rows *rows, const char *address, struct error *err)
{
	struct query *query;

	if (query_begin(rows, "DELETE FROM lockout WHERE address = ?1", &query,
		err) < 0)
		return -1;
	query_bind_text(query, 1, address);
	return query_finish(query, err);
}
