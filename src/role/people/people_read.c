/* What is read of persons, tokens and acts, from rows that may be read-only. */
#include "role/people/people.h"

#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "json/json_write.h"
#include "policy/office.h"
#include "role/people/people_admit.h"
#include "store/query.h"
#include "store/rows.h"

enum { PLACE_SIZE = 24 };

static void
write_scopes(unsigned scopes, struct json_writer *writer)
{
	json_write_begin_array(writer, "scopes");
	for (int i = 0; i < ACCESS_SCOPE_COUNT; i++)
		if (scopes & (1u << i))
			json_write_text(writer, NULL,
			    access_scope_name((enum access_scope)i));
	json_write_end(writer);
}

void
people_write_session(const struct people_caller *caller,
    const struct directory *directory, struct json_writer *writer)
{
	const struct org_code *code = caller->is_token
	    ? &caller->token.organisation
	    : &caller->person.organisation;
	char guard[DIGEST_TEXT_SIZE] = "";

	json_write_begin_object(writer, NULL);
	json_write_text(writer, "person",
	    caller->is_token ? "" : caller->person.name);
	json_write_text(writer, "token",
	    caller->is_token ? caller->token.prefix : "");
	json_write_begin_array(writer, "roles");
	for (int i = 0; i < OFFICE_COUNT; i++)
		if ((caller->offices & (1u << i)) != 0)
			json_write_text(writer, NULL,
			    office_name((enum office)i));
	if (!caller->is_token && caller->offices == 0)
		json_write_text(writer, NULL,
		    access_role_name(people_rights(caller)->role));
	json_write_end(writer);
	write_scopes(caller->is_token ? caller->token.scopes : 0, writer);
	json_write_begin_array(writer, "organisations");
	json_write_begin_object(writer, NULL);
	json_write_org(writer, "code", code);
	json_write_text(writer, "name",
	    directory_name_of(directory, code->text));
	json_write_end(writer);
	json_write_end(writer);
	json_write_text(writer, "unit", people_rights(caller)->unit);
	json_write_int(writer, "deputy",
	    caller->is_deputy ? caller->session.deputy : 0);
	json_write_text(writer, "for",
	    caller->is_deputy ? caller->principal.name : "");
	if (!caller->is_token)
		people_guard(&caller->session.hash, guard);
	json_write_text(writer, "csrf", guard);
	json_write_time(writer, "expires_at",
	    caller->is_token ? caller->token.ends_at : caller->session.ends_at);
	json_write_end(writer);
}

/* ---- lists ------------------------------------------------------------------ */

static void
write_person(struct query *query, struct json_writer *writer)
{
	int64_t role = query_int(query, 3);

	json_write_text(writer, "name", query_text(query, 1));
	json_write_text(writer, "organisation", query_text(query, 2));
	json_write_text(writer, "role",
	    role >= 0 && role < ACCESS_ROLE_COUNT
		? access_role_name((enum access_role)role)
		: "");
	json_write_bool(writer, "has_certificate", query_int(query, 4) != 0);
	json_write_time(writer, "seen_at", query_int(query, 5));
	json_write_bool(writer, "enabled", query_int(query, 6) == 0);
	json_write_int(writer, "sessions", query_int(query, 7));
	json_write_text(writer, "unit", query_text(query, 8));
}

static void
write_token(struct query *query, struct json_writer *writer)
{
	json_write_text(writer, "name", query_text(query, 1));
	json_write_text(writer, "organisation", query_text(query, 2));
	json_write_text(writer, "prefix", query_text(query, 3));
	write_scopes((unsigned)query_int(query, 4), writer);
	json_write_time(writer, "created_at", query_int(query, 5));
	json_write_time(writer, "expires_at", query_int(query, 6));
	json_write_bool(writer, "revoked", query_int(query, 7) != 0);
}

static void
write_act(struct query *query, struct json_writer *writer)
{
	json_write_time(writer, "at", query_int(query, 1));
	json_write_text(writer, "actor", query_text(query, 2));
	json_write_text(writer, "organisation", query_text(query, 3));
	json_write_text(writer, "method", query_text(query, 4));
	json_write_text(writer, "path", query_text(query, 5));
	json_write_text(writer, "address", query_text(query, 6));
	json_write_text(writer, "for", query_text(query, 7));
}

/* Each with the id first; ?1 is the cursor, ?2 the scope. */
static const struct {
	const char *path;
	const char *key;
	const char *sql;
	void (*write)(struct query *query, struct json_writer *writer);
} lists[] = {
	{ "/v1/persons", "persons",
	    "SELECT id, name, organisation, role, certificate IS NOT NULL,"
	    " seen_at, disabled_at, (SELECT count(*) FROM session"
	    " WHERE session.person = person.id), unit FROM person"
	    " WHERE id < ?1 AND substr(organisation, 1, length(?2)) = ?2"
	    " ORDER BY id DESC",
	    write_person },
	{ "/v1/tokens", "tokens",
	    "SELECT id, name, organisation, prefix, scopes, created_at, ends_at,"
	    " revoked_at FROM token"
	    " WHERE id < ?1 AND substr(organisation, 1, length(?2)) = ?2"
	    " ORDER BY id DESC",
	    write_token },
	{ "/v1/acts", "acts",
	    "SELECT id, at, actor, scope, method, path, address, behalf"
	    " FROM asked_act"
	    " WHERE id < ?1 AND substr(scope, 1, length(?2)) = ?2"
	    " ORDER BY id DESC",
	    write_act },
};

static int
write_list(const struct people_reading *reading, size_t list, uint64_t before,
    struct json_writer *writer, struct error *err)
{
	char next[PLACE_SIZE] = "";
	int64_t last = 0;
	unsigned count = 0;
	struct query *query;
	int more;

	if (query_begin(reading->rows, lists[list].sql, &query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)before);
	query_bind_text(query, 2, reading->scope);
	json_write_begin_object(writer, NULL);
	json_write_begin_array(writer, lists[list].key);
	while (
	    (more = query_next(query, err)) > 0 && count++ < reading->limit) {
		last = query_int(query, 0);
		json_write_begin_object(writer, NULL);
		json_write_int(writer, "id", last);
		lists[list].write(query, writer);
		json_write_end(writer);
	}
	query_end(query);
	json_write_end(writer);
	if (more > 0)
		snprintf(next, sizeof(next), "%" PRId64, last);
	json_write_text(writer, "next", next);
	json_write_end(writer);
	return more < 0 ? -1 : 0;
}

int
people_read(const struct people_reading *reading, const char *path,
    struct json_writer *writer, struct error *err)
{
	uint64_t before = INT64_MAX;

	if (reading->cursor[0] != '\0' &&
	    !text_parse_u64(reading->cursor, INT64_MAX, &before))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "cursor is none that a list gave");
	for (size_t i = 0; i < ARRAY_LEN(lists); i++)
		if (text_equal(path, lists[i].path))
			return write_list(reading, i, before, writer, err);
	return error_set_id(err, "E6201", ERROR_NOT_FOUND,
	    "there is nothing at %s", path);
}
