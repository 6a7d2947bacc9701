#include "gateway/desk/desk.h"

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "gateway/desk/desk_internal.h"
#include "gateway/inbox/inbox_rows.h"
#include "json/json_write.h"
#include "role/people/people_units.h"

static const struct {
	const char *pattern;
	void (*answer)(struct gateway *gateway, struct peer *peer, uint32_t id,
	    const struct http_segments *names,
	    const struct message_request *request);
} acts[] = {
	{ "/v1/inbox:assign", desk_assign_request },
	{ "/v1/inbox:hand-back", desk_hand_back_request },
	{ "/v1/inbox/{}/{}:assign", desk_assign_request },
	{ "/v1/inbox/{}/{}:hand-back", desk_hand_back_request },
	{ "/v1/inbox:fetch", desk_fetch_request },
	{ "/v1/desk", desk_settings_request },
};

bool
desk_answer(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct http_segments names;

	if (!text_equal(request->method, "POST"))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(acts); i++) {
		if (!http_path_match(acts[i].pattern, request->path, &names))
			continue;
		acts[i].answer(gateway, peer, id, &names, request);
		return true;
	}
	return false;
}

/* "" where it is at the registry desk, and for who is known no more. */
int
desk_write_assigned(struct rows *rows, const struct directory *directory,
    const struct inbox_row *row, struct json_writer *writer, struct error *err)
{
	struct person person = { 0 };
	struct unit unit = { 0 };

	if (row->unit[0] != '\0' &&
	    unit_find(rows, directory, &row->recipient, row->unit, &unit, err) <
		0)
		return -1;
	if (row->assignee != 0 &&
	    person_find(rows, row->assignee, &person, err) < 0)
		return -1;
	json_write_begin_object(writer, "assigned");
	json_write_text(writer, "unit", row->unit);
	json_write_text(writer, "unit_name", unit.name);
	json_write_int(writer, "person", row->assignee);
	json_write_text(writer, "name", person.name);
	json_write_end(writer);
	return 0;
}
