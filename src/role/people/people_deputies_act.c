/* Naming and ending deputies, and acting as one. */
#include "role/people/people_deputies.h"

#include "base/text.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "model/times.h"
#include "policy/deputy_rules.h"
#include "role/listener/listener.h"
#include "role/people/people_admit.h"
#include "role/people/people_internal.h"
#include "role/spool/spool.h"

/* A person that the caller may know of. */
static int
find_person(const struct people_op *op, int64_t row, struct person *ret_person,
    struct error *err)
{
	int found = person_find(people_rows(op), row, ret_person, err);

	if (found > 0 &&
	    (ret_person->disabled_at != 0 ||
		!people_may_see(op->request.scope,
		    ret_person->organisation.text)))
		found = 0;
	if (found == 0)
		return error_set(err, ERROR_NOT_FOUND, "no person %lld",
		    (long long)row);
	return found < 0 ? -1 : 0;
}

static int
read_time(const struct people_op *op, const char *name, int64_t otherwise,
    int64_t *ret_at, struct error *err)
{
	const struct json_value *value = people_member(op, name);
	const char *text = json_value_text(value);

	*ret_at = otherwise;
	if (value == NULL)
		return 0;
	if (text == NULL || !times_read(text, ret_at))
		return people_bad(err, name, "a time");
	return 0;
}

static int
read_reason(const struct people_op *op, struct deputy *deputy,
    struct error *err)
{
	const struct json_value *value = people_member(op, "reason");
	const char *text = json_value_text(value);

	if (value != NULL &&
	    (text == NULL ||
		!text_copy(deputy->reason, sizeof(deputy->reason), text)))
		return people_bad(err, "reason", "a text of at most 96 bytes");
	return 0;
}

static int
check_naming(const struct people_op *op, const struct deputy *deputy,
    const struct person *principal, const struct person *person,
    struct error *err)
{
	const struct message_request *request = &op->request;
	struct deputy_naming naming = {
		.is_local = request->door == LISTENER_LOCAL,
		.by_deputy = request->behalf[0] != '\0',
		.by_principal = request->person == principal->row,
		.is_same = principal->row == person->row,
		.is_one_organisation = org_code_equal(&principal->organisation,
		    &person->organisation),
		.principal_role = principal->role,
		.deputy_role = person->role,
		.time = { deputy->starts_at, deputy->ends_at, 0 },
	};
	struct person by;
	int found = person_find(people_rows(op), request->person, &by, err);

	if (found < 0)
		return -1;
	/* Without a person it is asked at the machine itself. */
	naming.by_role = found > 0 ? by.role : ACCESS_AUDITOR;
	return deputy_check_naming(&naming, people_now(op), err);
}

static int
write_deputy(struct people_op *op, const struct deputy *deputy,
    const struct person *principal, const struct person *person,
    struct error *err)
{
	const struct deputy_time time = { deputy->starts_at, deputy->ends_at,
		deputy->ended_at };
	struct json_writer writer = json_writer_to(&op->json);

	json_write_begin_object(&writer, NULL);
	json_write_int(&writer, "id", deputy->row);
	json_write_text(&writer, "deputy", person->name);
	json_write_text(&writer, "for", principal->name);
	json_write_time(&writer, "from", deputy->starts_at);
	json_write_time(&writer, "until", deputy->ends_at);
	json_write_text(&writer, "state",
	    deputy_state_name(deputy_state(&time, people_now(op))));
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

int
people_name_deputy(struct people_op *op, struct error *err)
{
	struct deputy deputy = { 0 };
	struct person principal;
	struct person person;

	if (people_read_number(op, "deputy", INT64_MAX, 0, &deputy.person,
		err) < 0 ||
	    people_read_number(op, "for", INT64_MAX, op->request.person,
		&deputy.principal, err) < 0 ||
	    read_time(op, "from", people_now(op), &deputy.starts_at, err) < 0 ||
	    read_time(op, "until", 0, &deputy.ends_at, err) < 0 ||
	    read_reason(op, &deputy, err) < 0 ||
	    find_person(op, deputy.principal, &principal, err) < 0 ||
	    find_person(op, deputy.person, &person, err) < 0 ||
	    check_naming(op, &deputy, &principal, &person, err) < 0)
		return -1;
	deputy.organisation = principal.organisation;
	(void)text_copy(deputy.by, sizeof(deputy.by), op->request.actor);
	if (deputy_add(people_rows(op), &deputy, people_now(op), err) < 0)
		return -1;
	op->status = 201;
	return write_deputy(op, &deputy, &principal, &person, err);
}

/* The two of them, who sits at the machine, and supervisors. */
static int
check_ending(const struct people_op *op, const struct deputy *deputy,
    struct error *err)
{
	const struct message_request *request = &op->request;
	struct person by;
	int found;

	if (request->door == LISTENER_LOCAL)
		return 0;
	found = person_find(people_rows(op), request->person, &by, err);
	if (found < 0)
		return -1;
	if (found > 0 && request->behalf[0] == '\0' &&
	    (by.row == deputy->principal || by.row == deputy->person ||
		by.role == ACCESS_SUPERVISOR))
		return 0;
	return error_set_id(err, "E6714", ERROR_DENIED,
	    "the deputy of others is theirs to end");
}

int
people_end_deputy(struct people_op *op, struct error *err)
{
	struct deputy deputy;
	struct person principal;
	struct person person;
	int found = deputy_find(people_rows(op), op->row, &deputy, err);

	if (found > 0 &&
	    !people_may_see(op->request.scope, deputy.organisation.text))
		found = 0;
	if (found == 0)
		return error_set(err, ERROR_NOT_FOUND, "no deputy %lld",
		    (long long)op->row);
	if (found < 0 || check_ending(op, &deputy, err) < 0 ||
	    deputy_end(people_rows(op), deputy.row, people_now(op), err) < 0 ||
	    deputy_find(people_rows(op), op->row, &deputy, err) < 0 ||
	    person_find(people_rows(op), deputy.principal, &principal, err) <=
		0 ||
	    person_find(people_rows(op), deputy.person, &person, err) <= 0)
		return -1;
	return write_deputy(op, &deputy, &principal, &person, err);
}

/* The session is written again as it is from now on. */
static int
write_session(struct people_op *op, struct people_caller *caller,
    struct error *err)
{
	struct json_writer writer = json_writer_to(&op->json);

	people_write_session(caller, spool_directory(op->spool), &writer);
	return json_write_done(&writer, err);
}

static int
find_deputy(struct people_op *op, int64_t row, struct people_caller *caller,
    struct error *err)
{
	struct deputy deputy;
	struct deputy_time time;
	int found = deputy_find(people_rows(op), row, &deputy, err);

	if (found > 0 && deputy.person != caller->person.row)
		found = 0;
	if (found == 0)
		return error_set(err, ERROR_NOT_FOUND, "no deputy %lld",
		    (long long)row);
	if (found < 0)
		return -1;
	time = (struct deputy_time){ deputy.starts_at, deputy.ends_at,
		deputy.ended_at };
	if (deputy_state(&time, people_now(op)) != DEPUTY_NOW)
		return error_set_id(err, "E6717", ERROR_DENIED,
		    "the time of the deputy has not begun, or is over");
	if (person_find(people_rows(op), deputy.principal, &caller->principal,
		err) <= 0)
		return -1;
	caller->is_deputy = true;
	return 0;
}

int
people_act_for(struct people_op *op, struct error *err)
{
	struct people_caller caller = { 0 };
	int64_t row = 0;
	int found = session_find(people_rows(op), &op->request.session,
	    &caller.session, err);

	if (found > 0)
		found = person_find(people_rows(op), caller.session.person,
		    &caller.person, err);
	if (found == 0)
		return error_set_id(err, "E6717", ERROR_DENIED,
		    "only who is logged in acts for another");
	if (found < 0)
		return -1;
	if (people_member(op, "deputy") != NULL &&
	    (!json_value_integer(people_member(op, "deputy"), &row) || row < 0))
		return people_bad(err, "deputy", "its number, or 0");
	if (row != 0 && find_deputy(op, row, &caller, err) < 0)
		return -1;
	caller.session.deputy = row;
	if (session_act(people_rows(op), &op->request.session, row, err) < 0)
		return -1;
	return write_session(op, &caller, err);
}
