#include "gateway/sending/letterhead.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "gateway/gateway.h"
#include "gateway/sending/ask.h"
#include "json/json_write.h"
#include "role/people/people_rows.h"
#include "role/people/people_units.h"
#include "store/query.h"
#include "store/rows.h"

const char letterhead_schema[] =
    "CREATE TABLE letterhead ("
    " organisation TEXT NOT NULL, unit TEXT NOT NULL, person INTEGER NOT NULL,"
    " address TEXT NOT NULL, contact TEXT NOT NULL, phone TEXT NOT NULL,"
    " fax TEXT NOT NULL, email TEXT NOT NULL, prefix TEXT NOT NULL,"
    " signature TEXT NOT NULL, at INTEGER NOT NULL, actor TEXT NOT NULL,"
    " PRIMARY KEY (organisation, unit, person)) STRICT, WITHOUT ROWID;";

static const char *const names[LETTERHEAD_FIELDS] = {
	[LETTERHEAD_ADDRESS] = "address",
	[LETTERHEAD_CONTACT] = "contact",
	[LETTERHEAD_PHONE] = "phone",
	[LETTERHEAD_FAX] = "fax",
	[LETTERHEAD_EMAIL] = "email",
	[LETTERHEAD_PREFIX] = "prefix",
	[LETTERHEAD_SIGNATURE] = "signature",
};

/* "" where nothing is said. */
struct letterhead {
	char fields[LETTERHEAD_FIELDS][LETTERHEAD_SIZE];
};

/* ---- rows --------------------------------------------------------------- */

static int
find(struct rows *rows, const struct org_code *organisation, const char *unit,
    int64_t person, struct letterhead *head, struct error *err)
{
	struct query *query;
	int found;

	*head = (struct letterhead){ 0 };
	if (query_begin(rows,
		"SELECT address, contact, phone, fax, email, prefix, signature"
		" FROM letterhead WHERE organisation = ?1 AND unit = ?2"
		" AND person = ?3",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, organisation->text);
	query_bind_text(query, 2, unit);
	query_bind_int(query, 3, person);
	found = query_next(query, err);
	for (int i = 0; found > 0 && i < LETTERHEAD_FIELDS; i++)
		text_copy(head->fields[i], LETTERHEAD_SIZE,
		    query_text(query, i));
	query_end(query);
	return found < 0 ? -1 : 0;
}

static int
save(const struct sending_ask *ask, const struct letterhead_of *of,
    const struct letterhead *head, struct error *err)
{
	struct query *query;
	int at = 1;

	if (query_begin(sending_ask_rows(ask),
		"INSERT OR REPLACE INTO letterhead (organisation, unit,"
		" person, address, contact, phone, fax, email, prefix,"
		" signature, at, actor) VALUES (?1, ?2, ?3, ?4, ?5, ?6, ?7,"
		" ?8, ?9, ?10, ?11, ?12)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, at++, of->organisation.text);
	query_bind_text(query, at++, of->unit);
	query_bind_int(query, at++, of->person);
	for (size_t i = 0; i < LETTERHEAD_FIELDS; i++)
		query_bind_text(query, at++, head->fields[i]);
	query_bind_int(query, at++, sending_ask_now(ask));
	query_bind_text(query, at, ask->actor);
	return query_finish(query, err);
}

/* ---- what a letter begins with ------------------------------------------ */

/* What `over` says goes before what `under` says. */
static void
lay_over(struct letterhead *under, const struct letterhead *over)
{
	for (size_t i = 0; i < LETTERHEAD_FIELDS; i++)
		if (over->fields[i][0] != '\0')
			memcpy(under->fields[i], over->fields[i],
			    LETTERHEAD_SIZE);
}

/* Of the organisation and the unit; who works on it is the person, unless said. */
static int
find_shared(struct rows *rows, const struct letterhead_of *of,
    struct letterhead *organisation, struct letterhead *unit,
    struct letterhead *shared, struct error *err)
{
	*unit = (struct letterhead){ 0 };
	if (find(rows, &of->organisation, "", 0, organisation, err) < 0 ||
	    (of->unit[0] != '\0' &&
		find(rows, &of->organisation, of->unit, 0, unit, err) < 0))
		return -1;
	*shared = *organisation;
	lay_over(shared, unit);
	if (shared->fields[LETTERHEAD_CONTACT][0] == '\0')
		text_copy(shared->fields[LETTERHEAD_CONTACT], LETTERHEAD_SIZE,
		    of->name);
	return 0;
}

static void
write_head(struct json_writer *writer, const char *name,
    const struct letterhead *head)
{
	json_write_begin_object(writer, name);
	for (size_t i = 0; i < LETTERHEAD_FIELDS; i++)
		json_write_text(writer, names[i], head->fields[i]);
	json_write_end(writer);
}

int
letterhead_write(struct rows *rows, const struct letterhead_of *of,
    struct json_writer *writer, struct error *err)
{
	struct letterhead organisation, unit, shared;
	struct letterhead own = { 0 };

	if (find_shared(rows, of, &organisation, &unit, &shared, err) < 0 ||
	    (of->person != 0 &&
		find(rows, &of->organisation, "", of->person, &own, err) < 0))
		return -1;
	json_write_begin_object(writer, NULL);
	json_write_org(writer, "code", &of->organisation);
	json_write_text(writer, "unit_code", of->unit);
	write_head(writer, "organisation", &organisation);
	write_head(writer, "unit", &unit);
	write_head(writer, "own", &own);
	lay_over(&shared, &own);
	write_head(writer, "letter", &shared);
	json_write_end(writer);
	return 0;
}

/* ---- changing ----------------------------------------------------------- */

static int
read_fields(const struct sending_ask *ask, struct letterhead *head,
    struct error *err)
{
	for (size_t i = 0; i < LETTERHEAD_FIELDS; i++)
		if (sending_ask_member(ask, names[i]) != NULL &&
		    sending_ask_text(ask, names[i], false, head->fields[i],
			LETTERHEAD_SIZE, err) < 0)
			return -1;
	return 0;
}

static int
change(struct sending_ask *ask, struct error *err)
{
	struct rows *rows = sending_ask_rows(ask);
	char unit_code[PEOPLE_UNIT_SIZE];
	struct letterhead_of of = { .unit = unit_code, .name = "" };
	struct letterhead head;
	struct org_code code;
	struct unit unit;

	if (sending_ask_organisation(ask, &code, err) < 0 ||
	    sending_ask_text(ask, "unit", false, unit_code, sizeof(unit_code),
		err) < 0)
		return -1;
	of.organisation = org_code_parent(&code);
	if ((unit_code[0] != '\0' &&
		unit_check(rows, spool_directory(&ask->gateway->spool),
		    &of.organisation, unit_code, &unit, err) < 0) ||
	    find(rows, &of.organisation, unit_code, 0, &head, err) < 0 ||
	    read_fields(ask, &head, err) < 0 || save(ask, &of, &head, err) < 0)
		return -1;
	return letterhead_write(rows, &of, &ask->writer, err);
}

/*
 * What is the same as the others have is not kept: when they change it, it is
 * to change here too.
 */
static int
change_own(struct sending_ask *ask, struct error *err)
{
	struct rows *rows = sending_ask_rows(ask);
	struct letterhead_of of = { .unit = "", .person = ask->person };
	struct letterhead organisation, unit, shared, own;
	struct letterhead_of whole;
	struct person person;
	struct org_code code;

	if (ask->person == 0 ||
	    person_find(rows, ask->person, &person, err) <= 0)
		return error_set_id(err, "E6403", ERROR_DENIED,
		    "a head of one's own is a person's");
	if (sending_ask_organisation(ask, &code, err) < 0)
		return -1;
	of.organisation = org_code_parent(&code);
	of.name = person.name;
	whole = of;
	whole.unit = ask->unit;
	if (find(rows, &of.organisation, "", of.person, &own, err) < 0 ||
	    read_fields(ask, &own, err) < 0 ||
	    find_shared(rows, &whole, &organisation, &unit, &shared, err) < 0)
		return -1;
	for (size_t i = 0; i < LETTERHEAD_FIELDS; i++)
		if (text_equal(own.fields[i], shared.fields[i]))
			own.fields[i][0] = '\0';
	if (save(ask, &of, &own, err) < 0)
		return -1;
	return letterhead_write(rows, &whole, &ask->writer, err);
}

void
letterhead_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	sending_ask_begin(gateway, peer, id, request,
	    text_equal(request->path, "/v1/letterhead:own") ? change_own
							    : change);
}
