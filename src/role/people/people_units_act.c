/* What is asked about units, and to which one a person belongs. */
#include "role/people/people_units.h"

#include "base/text.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "role/people/people_admit.h"
#include "role/people/people_internal.h"
#include "role/spool/spool.h"

int
people_read_unit(const struct people_op *op,
    const struct org_code *organisation, char to[PEOPLE_UNIT_SIZE],
    struct error *err)
{
	const struct json_value *member = people_member(op, "unit");
	const char *text = json_value_text(member);
	struct unit unit;

	if (member == NULL)
		text = "";
	if (text == NULL || !text_copy(to, PEOPLE_UNIT_SIZE, text))
		return people_bad(err, "unit", "the code of a unit");
	return unit_check(people_rows(op), spool_directory(op->spool),
	    organisation, to, &unit, err);
}

int
people_set_unit(struct people_op *op, struct error *err)
{
	struct json_writer writer = json_writer_to(&op->json);
	struct person person;

	if (people_find_person(op, &person, err) < 0 ||
	    people_read_unit(op, &person.organisation, person.unit, err) < 0 ||
	    person_save(people_rows(op), &person, err) < 0)
		return -1;
	people_write_person(&person, &writer);
	return json_write_done(&writer, err);
}

static int
write_unit(struct people_op *op, const struct unit *unit, struct error *err)
{
	struct json_writer writer = json_writer_to(&op->json);

	json_write_begin_object(&writer, NULL);
	json_write_int(&writer, "id", unit->row);
	json_write_org(&writer, "organisation", &unit->organisation);
	json_write_text(&writer, "code", unit->code);
	json_write_text(&writer, "name", unit->name);
	json_write_bool(&writer, "open", !unit->is_closed);
	json_write_text(&writer, "source", "local");
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

int
people_add_unit(struct people_op *op, struct error *err)
{
	const char *code = json_value_text(people_member(op, "code"));
	struct unit unit = { 0 };
	struct unit known;
	int found;

	if (people_read_name(op, unit.name, err) < 0 ||
	    people_read_organisation(op, &unit.organisation, err) < 0)
		return -1;
	if (code == NULL || !unit_code_is_possible(code) ||
	    !text_copy(unit.code, sizeof(unit.code), code))
		return people_bad(err, "code",
		    "1 to 32 letters, digits, or . _ -");
	unit.organisation = org_code_parent(&unit.organisation);
	found = unit_find(people_rows(op), spool_directory(op->spool),
	    &unit.organisation, unit.code, &known, err);
	if (found > 0)
		return error_set_id(err, "E6712", ERROR_EXISTS,
		    "unit %s is there", unit.code);
	if (found < 0 ||
	    unit_add(people_rows(op), &unit, people_now(op), err) < 0)
		return -1;
	op->status = 201;
	return write_unit(op, &unit, err);
}

static int
set_closed(struct people_op *op, bool is_closed, struct error *err)
{
	struct unit unit;
	int found = unit_find_row(people_rows(op), op->row, &unit, err);

	if (found > 0 &&
	    !people_may_see(op->request.scope, unit.organisation.text))
		found = 0;
	if (found == 0)
		return error_set(err, ERROR_NOT_FOUND, "no unit %lld",
		    (long long)op->row);
	if (found < 0 ||
	    unit_close(people_rows(op), unit.row, is_closed, err) < 0)
		return -1;
	unit.is_closed = is_closed;
	return write_unit(op, &unit, err);
}

int
people_close_unit(struct people_op *op, struct error *err)
{
	return set_closed(op, true, err);
}

int
people_open_unit(struct people_op *op, struct error *err)
{
	return set_closed(op, false, err);
}
