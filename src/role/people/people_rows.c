#include "role/people/people_rows.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "store/query.h"
#include "store/rows.h"

const char people_schema[] =
    "CREATE TABLE person ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL UNIQUE,"
    " organisation TEXT NOT NULL, role INTEGER NOT NULL,"
    " unit TEXT NOT NULL,"
    " certificate BLOB UNIQUE, certificate_ends INTEGER NOT NULL,"
    " created_at INTEGER NOT NULL, seen_at INTEGER NOT NULL,"
    " disabled_at INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE TABLE person_link ("
    " hash BLOB PRIMARY KEY, person INTEGER NOT NULL REFERENCES person,"
    " ends_at INTEGER NOT NULL) STRICT, WITHOUT ROWID;"
    "CREATE TABLE session ("
    " hash BLOB PRIMARY KEY, person INTEGER NOT NULL REFERENCES person,"
    " certificate BLOB NOT NULL, used_at INTEGER NOT NULL,"
    " ends_at INTEGER NOT NULL, deputy INTEGER NOT NULL DEFAULT 0)"
    " STRICT, WITHOUT ROWID;"
    "CREATE INDEX session_person ON session (person, used_at);"
    "CREATE TABLE token ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, name TEXT NOT NULL,"
    " prefix TEXT NOT NULL, organisation TEXT NOT NULL,"
    " scopes INTEGER NOT NULL, hash BLOB NOT NULL UNIQUE,"
    " created_at INTEGER NOT NULL, ends_at INTEGER NOT NULL,"
    " revoked_at INTEGER NOT NULL DEFAULT 0) STRICT;"
    "CREATE TABLE lockout ("
    " address TEXT PRIMARY KEY, failures INTEGER NOT NULL,"
    " since INTEGER NOT NULL, until INTEGER NOT NULL)"
    " STRICT, WITHOUT ROWID;"
    "CREATE TABLE asked_act ("
    " id INTEGER PRIMARY KEY AUTOINCREMENT, at INTEGER NOT NULL,"
    " actor TEXT NOT NULL, behalf TEXT NOT NULL, scope TEXT NOT NULL, method TEXT NOT NULL,"
    " path TEXT NOT NULL, address TEXT NOT NULL) STRICT;"
    "CREATE INDEX asked_act_path ON asked_act (path, id);";

/* ---- persons ----------------------------------------------------------- */

#define PERSON_COLUMNS                                                        \
	"SELECT id, name, organisation, role, certificate, certificate_ends," \
	" seen_at, disabled_at, unit FROM person"

/* Takes the query's row and ends it. */
static int
read_person(struct query *query, struct person *ret_person, struct error *err)
{
	struct person person = { 0 };
	int more = query_next(query, err);
	int64_t role;

	if (more > 0) {
		role = query_int(query, 3);
		person.row = query_int(query, 0);
		if (!text_copy(person.name, sizeof(person.name),
			query_text(query, 1)) ||
		    (query_text(query, 2)[0] != '\0' &&
			!org_code_parse(query_text(query, 2),
			    &person.organisation)) ||
		    !text_copy(person.unit, sizeof(person.unit),
			query_text(query, 8)) ||
		    role < 0 || role >= ACCESS_ROLE_COUNT)
			more = error_set(err, ERROR_SYSTEM,
			    "person %lld is not as it was written",
			    (long long)person.row);
		person.role = (enum access_role)role;
		if (!query_is_null(query, 4))
			query_digest(query, 4, &person.certificate);
		person.certificate_ends = query_int(query, 5);
		person.seen_at = query_int(query, 6);
		person.disabled_at = query_int(query, 7);
	}
	query_end(query);
	if (more > 0)
		*ret_person = person;
	return more;
}

int
person_find(struct rows *rows, int64_t row, struct person *ret_person,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows, PERSON_COLUMNS " WHERE id = ?1", &query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	return read_person(query, ret_person, err);
}

int
person_find_certificate(struct rows *rows, const struct digest *certificate,
    struct person *ret_person, struct error *err)
{
	struct query *query;

	if (query_begin(rows, PERSON_COLUMNS " WHERE certificate = ?1", &query,
		err) < 0)
		return -1;
	query_bind_digest(query, 1, certificate);
	return read_person(query, ret_person, err);
}

static int
count_rows(struct rows *rows, const char *sql, int64_t *ret_count,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows, sql, &query, err) < 0)
		return -1;
	more = query_next(query, err);
	*ret_count = more > 0 ? query_int(query, 0) : 0;
	query_end(query);
	return more < 0 ? -1 : 0;
}

static void
bind_certificate(struct query *query, int at, const struct digest *certificate)
{
	static const struct digest none;

	if (digest_equal(certificate, &none))
		query_bind_null(query, at);
	else
		query_bind_digest(query, at, certificate);
}

int
person_add(struct rows *rows, struct person *person, int64_t now,
    struct error *err)
{
	struct error why = { 0 };
	struct query *query;
	int64_t count;

	if (count_rows(rows, "SELECT count(*) FROM person", &count, err) < 0)
		return -1;
	if (count >= PEOPLE_PERSONS_MAX)
		return error_set_id(err, "E6417", ERROR_DENIED,
		    "%d persons are registered", PEOPLE_PERSONS_MAX);
	if (query_begin(rows,
		"INSERT INTO person (name, organisation, role, certificate,"
		" certificate_ends, created_at, seen_at, unit)"
		" VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?6, ?7)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, person->name);
	query_bind_text(query, 2, person->organisation.text);
	query_bind_int(query, 3, person->role);
	bind_certificate(query, 4, &person->certificate);
	query_bind_int(query, 5, person->certificate_ends);
	query_bind_int(query, 6, now);
	query_bind_text(query, 7, person->unit);
	if (query_finish(query, &why) < 0) {
		if (why.code == ERROR_EXISTS)
			return error_set_id(err, "E6415", ERROR_EXISTS,
			    "person %s or the certificate is registered",
			    person->name);
		*err = why;
		return -1;
	}
	person->row = rows_last_id(rows);
	return 0;
}

int
person_save(struct rows *rows, const struct person *person, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE person SET seen_at = ?2, disabled_at = ?3,"
		" unit = ?4, role = ?5 WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, person->row);
	query_bind_int(query, 2, person->seen_at);
	query_bind_int(query, 3, person->disabled_at);
	query_bind_text(query, 4, person->unit);
	query_bind_int(query, 5, person->role);
	return query_finish(query, err);
}

/* ---- links --------------------------------------------------------------- */

int
person_link_add(struct rows *rows, const struct digest *hash, int64_t person,
    int64_t ends_at, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO person_link (hash, person, ends_at)"
		" VALUES (?1, ?2, ?3)",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, hash);
	query_bind_int(query, 2, person);
	query_bind_int(query, 3, ends_at);
	return query_finish(query, err);
}

int
person_link_take(struct rows *rows, const struct digest *hash, int64_t now,
    int64_t *ret_person, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT person FROM person_link WHERE hash = ?1"
		" AND ends_at > ?2",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, hash);
	query_bind_int(query, 2, now);
	more = query_next(query, err);
	if (more > 0)
		*ret_person = query_int(query, 0);
	query_end(query);
	if (more <= 0)
		return more;
	if (query_begin(rows, "DELETE FROM person_link WHERE hash = ?1", &query,
		err) < 0)
		return -1;
	query_bind_digest(query, 1, hash);
	return query_finish(query, err) < 0 ? -1 : 1;
}

/* ---- tokens ------------------------------------------------------------------ */

int
token_add(struct rows *rows, struct token *token, int64_t now,
    struct error *err)
{
	struct query *query;
	int64_t count;

	if (count_rows(rows, "SELECT count(*) FROM token WHERE revoked_at = 0",
		&count, err) < 0)
		return -1;
	if (count >= PEOPLE_TOKENS_MAX)
		return error_set_id(err, "E6417", ERROR_DENIED,
		    "%d tokens are in force", PEOPLE_TOKENS_MAX);
	if (query_begin(rows,
		"INSERT INTO token (name, prefix, organisation, scopes, hash,"
		" created_at, ends_at) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, token->name);
	query_bind_text(query, 2, token->prefix);
	query_bind_text(query, 3, token->organisation.text);
	query_bind_int(query, 4, token->scopes);
	query_bind_digest(query, 5, &token->hash);
	query_bind_int(query, 6, now);
	query_bind_int(query, 7, token->ends_at);
	if (query_finish(query, err) < 0)
		return -1;
	token->row = rows_last_id(rows);
	return 0;
}

#define TOKEN_COLUMNS                                                   \
	"SELECT id, name, prefix, organisation, scopes, hash, ends_at," \
	" revoked_at FROM token"

/* Takes the query's row and ends it. */
static int
read_token(struct query *query, struct token *ret_token, struct error *err)
{
	struct token token = { 0 };
	int more = query_next(query, err);

	if (more > 0) {
		token.row = query_int(query, 0);
		if (!text_copy(token.name, sizeof(token.name),
			query_text(query, 1)) ||
		    !text_copy(token.prefix, sizeof(token.prefix),
			query_text(query, 2)) ||
		    !org_code_parse(query_text(query, 3), &token.organisation))
			more = error_set(err, ERROR_SYSTEM,
			    "token %lld is not as it was written",
			    (long long)token.row);
		token.scopes = (unsigned)query_int(query, 4);
		query_digest(query, 5, &token.hash);
		token.ends_at = query_int(query, 6);
		token.revoked_at = query_int(query, 7);
	}
	query_end(query);
	if (more > 0)
		*ret_token = token;
	return more;
}

int
token_find(struct rows *rows, int64_t row, struct token *ret_token,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows, TOKEN_COLUMNS " WHERE id = ?1", &query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	return read_token(query, ret_token, err);
}

int
token_find_hash(struct rows *rows, const struct digest *hash,
    struct token *ret_token, struct error *err)
{
	struct query *query;

	if (query_begin(rows, TOKEN_COLUMNS " WHERE hash = ?1", &query, err) <
	    0)
		return -1;
	query_bind_digest(query, 1, hash);
	return read_token(query, ret_token, err);
}

int
token_revoke(struct rows *rows, int64_t row, int64_t now, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"UPDATE token SET revoked_at = ?2 WHERE id = ?1"
		" AND revoked_at = 0",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, row);
	query_bind_int(query, 2, now);
	return query_finish(query, err);
}

/* ---- what was asked ----------------------------------------------------------- */

int
asked_act_add(struct rows *rows, const struct asked_act *act, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO asked_act (at, actor, scope, method, path,"
		" address, behalf) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, act->at);
	query_bind_text(query, 2, act->actor);
	query_bind_text(query, 3, act->scope);
	query_bind_text(query, 4, act->method);
	query_bind_text(query, 5, act->path);
	query_bind_text(query, 6, act->address);
	query_bind_text(query, 7, act->behalf);
	return query_finish(query, err);
}

/* The number behind `prefix`, up to a colon or the end; 0 for none. */
static uint64_t
number_in(const char *path, const char *prefix)
{
	char digits[24];
	uint64_t number;
	size_t len;

	if (!text_starts(path, prefix))
		return 0;
	path += strlen(prefix);
	len = strcspn(path, ":?");
	if (len >= sizeof(digits))
		return 0;
	memcpy(digits, path, len);
	digits[len] = '\0';
	return text_parse_u64(digits, INT64_MAX, &number) ? number : 0;
}

int
asked_act_about(struct rows *rows, const char *path, struct org_code *ret_code,
    struct error *err)
{
	uint64_t person = number_in(path, "/v1/persons/");
	uint64_t token = number_in(path, "/v1/tokens/");
	struct query *query;
	int found;

	*ret_code = (struct org_code){ 0 };
	if (person == 0 && token == 0)
		return 0;
	if (query_begin(rows,
		person != 0 ? "SELECT organisation FROM person WHERE id = ?1"
			    : "SELECT organisation FROM token WHERE id = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)(person != 0 ? person : token));
	found = query_next(query, err);
	if (found > 0 && !org_code_parse(query_text(query, 0), ret_code))
		*ret_code = (struct org_code){ 0 };
	query_end(query);
	return found < 0 ? -1 : 0;
}
