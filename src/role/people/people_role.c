/* Another role for a person that is registered. */
#include "base/error.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "role/listener/listener.h"
#include "role/people/people_deputies.h"
#include "role/people/people_internal.h"
#include "role/spool/spool.h"

/* Nobody's rights grow by their own hand, nor by that of who stands in for somebody. */
static int
check_by(const struct people_op *op, const struct person *person,
    struct error *err)
{
	const struct message_request *request = &op->request;

	if (request->door == LISTENER_LOCAL ||
	    (request->person != person->row && request->behalf[0] == '\0'))
		return 0;
	return error_set_id(err, "E6920", ERROR_DENIED,
	    "the role of %s is for another operator to change", person->name);
}

/*
 * What was given under the role before ends with it: sessions and links, and
 * deputies, who were named by somebody with the rights of that role.
 */
int
people_set_role(struct people_op *op, struct error *err)
{
	const char *text = json_value_text(people_member(op, "role"));
	struct json_writer writer = json_writer_to(&op->json);
	struct person person;
	enum access_role role;

	if (people_find_person(op, &person, err) < 0)
		return -1;
	if (text == NULL || !access_role_parse(text, &role))
		return people_bad(err, "role",
		    "clerk, supervisor, operator or auditor");
	if (check_by(op, &person, err) < 0)
		return -1;
	if (role != person.role) {
		person.role = role;
		if (person_save(people_rows(op), &person, err) < 0 ||
		    session_remove_all(people_rows(op), person.row, err) < 0 ||
		    deputy_end_all(people_rows(op), person.row, people_now(op),
			err) < 0)
			return -1;
	}
	people_write_person(&person, &writer);
	return json_write_done(&writer, err);
}
