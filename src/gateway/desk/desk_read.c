#include "gateway/desk/desk_read.h"

#include "base/error.h"
#include "base/text.h"
#include "gateway/desk/desk_settings.h"
#include "gateway/gateway_query_internal.h"
#include "gateway/inbox/inbox_schedule.h"
#include "role/people/people_admit.h"
#include "role/people/people_deputies.h"
#include "role/people/people_units.h"

int
desk_check_whole(const struct gateway_asked *asked, struct error *err)
{
	if (!asked->view.is_limited)
		return 0;
	return error_set_id(err, "E6710", ERROR_DENIED,
	    "a person of unit %s sees what is assigned to it",
	    asked->view.unit);
}

int
desk_read_organisation(const struct gateway_asked *asked,
    struct org_code *ret_code, struct error *err)
{
	const char *text = gateway_query_param(asked, "organisation");

	if (text[0] == '\0')
		text = asked->scope;
	if (!org_code_parse(text, ret_code))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "organisation must be a code");
	if (!people_may_see(asked->scope, ret_code->text))
		return error_set_id(err, "E6403", ERROR_DENIED,
		    "%s is another organisation", ret_code->text);
	return 0;
}

int
desk_read_settings(struct gateway_asked *asked, struct error *err)
{
	struct desk_settings settings;
	struct org_code code;

	if (desk_read_organisation(asked, &code, err) < 0 ||
	    desk_settings_find(asked->reading.rows, &code, &settings, err) < 0)
		return -1;
	desk_settings_write(&settings, &asked->writer);
	return 0;
}

int
desk_read_waiting(struct gateway_asked *asked, struct error *err)
{
	unsigned limit;

	if (desk_check_whole(asked, err) < 0 ||
	    gateway_query_limit(asked, &limit, err) < 0)
		return -1;
	return inbox_schedule_write(asked->reading.rows, asked->scope,
	    gateway_query_param(asked, "cursor"), limit, &asked->writer, err);
}

int
desk_read_units(struct gateway_asked *asked, struct error *err)
{
	struct org_code code;

	if (desk_read_organisation(asked, &code, err) < 0)
		return -1;
	return unit_write_list(asked->reading.rows, asked->reading.directory,
	    &code, &asked->writer, err);
}

int
desk_read_deputies(struct gateway_asked *asked, struct error *err)
{
	struct deputy_list_ask ask = { .scope = asked->scope,
		.before = INT64_MAX,
		.now = asked->reading.now };
	const char *cursor = gateway_query_param(asked, "cursor");
	uint64_t before = INT64_MAX;

	if (cursor[0] != '\0' && !text_parse_u64(cursor, INT64_MAX, &before))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "cursor is none that a list gave");
	ask.before = (int64_t)before;
	if (text_equal(gateway_query_param(asked, "mine"), "1"))
		ask.person = asked->caller.person.row;
	if (gateway_query_limit(asked, &ask.limit, err) < 0)
		return -1;
	return deputy_write_list(asked->reading.rows, &ask, &asked->writer,
	    err);
}
