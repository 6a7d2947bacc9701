#include "gateway/sending/desk_group.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "gateway/gateway.h"
#include "gateway/sending/ask.h"
#include "role/listener/web_files.h"
#include "store/rows.h"

static const struct directory *
directory_of(const struct sending_ask *ask)
{
	return spool_directory(&ask->gateway->spool);
}

/* ---- what a group shall be ------------------------------------------- */

/* Names are those of the directory; who is not in it is nobody to write to. */
static int
complete_member(const struct sending_ask *ask, const struct desk_group *group,
    struct desk_member *member, struct error *err)
{
	struct directory_org org;

	for (const struct desk_member *other = group->members; other < member;
	     other++)
		if (org_code_equal(&other->code, &member->code))
			return error_set_id(err, "E6615", ERROR_MALFORMED,
			    "%s is in it twice", member->code.text);
	if (directory_of(ask) == NULL ||
	    !directory_find_org(directory_of(ask), &member->code, &org))
		return error_set_id(err, "E6615", ERROR_MALFORMED,
		    "the directory has no %s", member->code.text);
	if (!text_copy(member->name, sizeof(member->name), org.name))
		return error_set(err, ERROR_SYSTEM, "a name is too long");
	return 0;
}

static int
complete(const struct sending_ask *ask, struct desk_group *group,
    struct error *err)
{
	for (size_t i = 0; i < group->count; i++)
		if (complete_member(ask, group, &group->members[i], err) < 0)
			return -1;
	return 0;
}

static int
read_member(const struct json_value *item, struct desk_group *group,
    struct error *err)
{
	const struct json_value *with =
	    json_value_member(item, "with_attachments");
	const struct json_value *copy = json_value_member(item, "copy");
	const char *code = json_value_text(item);
	struct desk_member *member = desk_group_add_member(group, err);

	if (member == NULL)
		return -1;
	if (code == NULL)
		code = json_value_text(json_value_member(item, "code"));
	if (code != NULL && org_code_parse(code, &member->code) &&
	    (with == NULL ||
		json_value_bool(with, &member->with_attachments)) &&
	    (copy == NULL || json_value_bool(copy, &member->is_copy)))
		return 0;
	return error_set_id(err, "E6615", ERROR_MALFORMED,
	    "member %zu is no organisation", group->count);
}

static int
read_members(const struct sending_ask *ask, struct desk_group *group,
    struct error *err)
{
	const struct json_value *list = sending_ask_member(ask, "members");

	if (!json_value_is_array(list))
		return error_set_id(err, "E6615", ERROR_MALFORMED,
		    "members must be a list");
	group->count = 0;
	for (size_t i = 0; i < json_value_count(list); i++)
		if (read_member(json_value_item(list, i), group, err) < 0)
			return -1;
	return complete(ask, group, err);
}

/* ---- saving ---------------------------------------------------------- */

/* A new one has a place, and a member at least has every one. */
static int
check_room(struct sending_ask *ask, const struct desk_group *group,
    struct error *err)
{
	int64_t count;

	if (group->count == 0)
		return error_set_id(err, "E6615", ERROR_MALFORMED,
		    "a group has a member at least");
	if (group->row != 0)
		return 0;
	if (desk_group_count(sending_ask_rows(ask), &group->organisation,
		&count, err) < 0)
		return -1;
	if (count >= DESK_GROUPS_MAX)
		return error_set_id(err, "E6417", ERROR_DENIED,
		    "%d groups are kept already", DESK_GROUPS_MAX);
	return 0;
}

static int
put(struct sending_ask *ask, struct desk_group *group, struct error *err)
{
	group->changed_at = sending_ask_now(ask);
	if (check_room(ask, group, err) < 0 ||
	    sending_ask_actor(ask, group->changed_by, sizeof(group->changed_by),
		err) < 0)
		return -1;
	return desk_group_save(sending_ask_rows(ask), group, err);
}

/* As GET gives it: its tag is that of these bytes. */
static int
check_version(const struct sending_ask *ask, const struct desk_group *group,
    struct error *err)
{
	const char *text = http_target_param(&ask->target, "version");
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	char tag[WEB_TAG_SIZE];
	uint64_t version = 0;
	int rc = 0;

	if (ask->match[0] == '\0' && text == NULL)
		return error_set_id(err, "E6605", ERROR_MALFORMED,
		    "which version of the group?");
	if (text != NULL &&
	    (!text_parse_u64(text, INT64_MAX, &version) ||
		version != (uint64_t)group->version))
		return error_set_id(err, "E6410", ERROR_EXISTS,
		    "the group is version %lld now", (long long)group->version);
	if (ask->match[0] == '\0')
		return 0;
	desk_group_write(group, directory_of(ask), &writer);
	rc = json_write_done(&writer, err);
	if (rc == 0) {
		web_tag(json.data, json.len, tag);
		if (!web_matches(ask->match, tag))
			rc = error_set_id(err, "E6410", ERROR_EXISTS,
			    "the group is %s now", tag);
	}
	bytes_free(&json);
	return rc;
}

/* ---- acts ------------------------------------------------------------ */

/* What an act is about; released by act_on(). */
typedef int (*group_act)(struct sending_ask *ask, struct desk_group *group,
    struct error *err);

/* The organisation, which may stand in the body or in the path's query. */
static int
read_organisation(const struct sending_ask *ask, struct desk_group *group,
    struct error *err)
{
	const char *param = http_target_param(&ask->target, "organisation");
	struct org_code code;

	if ((param != NULL
		    ? sending_organisation(ask->gateway->spool.env->config,
			  ask->scope, param, &code, err)
		    : sending_ask_organisation(ask, &code, err)) < 0)
		return -1;
	group->organisation = org_code_parent(&code);
	return 0;
}

static int
act_on(struct sending_ask *ask, group_act act, struct error *err)
{
	struct desk_group group = { 0 };
	struct http_segments segments = { 0 };
	int rc = -1;

	(void)http_path_match("/v1/groups/{}", ask->target.path, &segments);
	segments.text[0][strcspn(segments.text[0], ":")] = '\0';
	if (read_organisation(ask, &group, err) == 0 &&
	    desk_group_load(sending_ask_rows(ask), &group.organisation,
		segments.text[0], &group, err) == 0 &&
	    check_version(ask, &group, err) == 0)
		rc = act(ask, &group, err);
	desk_group_free(&group);
	return rc;
}

static int
change_group(struct sending_ask *ask, struct desk_group *group,
    struct error *err)
{
	if ((sending_ask_member(ask, "title") != NULL &&
		sending_ask_text(ask, "title", false, group->title,
		    sizeof(group->title), err) < 0) ||
	    (sending_ask_member(ask, "members") != NULL &&
		read_members(ask, group, err) < 0) ||
	    put(ask, group, err) < 0)
		return -1;
	desk_group_write(group, directory_of(ask), &ask->writer);
	return 0;
}

static int
change(struct sending_ask *ask, struct error *err)
{
	return act_on(ask, change_group, err);
}

static int
remove_group(struct sending_ask *ask, struct desk_group *group,
    struct error *err)
{
	json_write_begin_object(&ask->writer, NULL);
	json_write_end(&ask->writer);
	return desk_group_remove(sending_ask_rows(ask), group->row, err);
}

static int
drop(struct sending_ask *ask, struct error *err)
{
	return act_on(ask, remove_group, err);
}

/* A group of that code must not be there. */
static int
check_new(struct sending_ask *ask, const struct desk_group *group,
    struct error *err)
{
	struct desk_group known = { 0 };
	int found;

	if (!desk_group_code_is_good(group->code))
		return error_set_id(err, "E6615", ERROR_MALFORMED,
		    "a group's code has 1 to %d letters, digits and -",
		    DESK_GROUP_CODE_SIZE - 1);
	found = desk_group_find(sending_ask_rows(ask), &group->organisation,
	    group->code, 0, &known, err);
	desk_group_free(&known);
	if (found > 0)
		return error_set_id(err, "E6617", ERROR_EXISTS,
		    "there is a group %s", group->code);
	return found;
}

static int
add(struct sending_ask *ask, struct error *err)
{
	struct desk_group group = { 0 };
	int rc = -1;

	if (read_organisation(ask, &group, err) == 0 &&
	    sending_ask_text(ask, "code", true, group.code, sizeof(group.code),
		err) == 0 &&
	    sending_ask_text(ask, "title", false, group.title,
		sizeof(group.title), err) == 0 &&
	    check_new(ask, &group, err) == 0 &&
	    read_members(ask, &group, err) == 0 && put(ask, &group, err) == 0) {
		desk_group_write(&group, directory_of(ask), &ask->writer);
		ask->status = 201;
		rc = 0;
	}
	desk_group_free(&group);
	return rc;
}

/* ---- tables ---------------------------------------------------------- */

struct importing {
	struct sending_ask *ask;
	struct org_code organisation;
	int64_t seen[DESK_GROUPS_MAX]; /* rows */
	size_t count;
};

static bool
is_seen(const struct importing *importing, int64_t row)
{
	for (size_t i = 0; i < importing->count; i++)
		if (importing->seen[i] == row)
			return true;
	return false;
}

/* Takes the place of the one with this code. */
static int
import_group(void *ctx, struct desk_group *group, struct error *err)
{
	struct importing *importing = ctx;
	struct rows *rows = sending_ask_rows(importing->ask);
	struct desk_group known = { 0 };
	int found;

	group->organisation = importing->organisation;
	found = desk_group_find(rows, &group->organisation, group->code, 0,
	    &known, err);
	if (found > 0) {
		group->row = known.row;
		group->version = known.version;
		if (group->title[0] == '\0')
			text_copy(group->title, sizeof(group->title),
			    known.title);
	}
	desk_group_free(&known);
	if (found < 0)
		return -1;
	if (found > 0 && is_seen(importing, group->row))
		return error_set_id(err, "E6618", ERROR_MALFORMED,
		    "the lines of group %s do not stand together", group->code);
	if (complete(importing->ask, group, err) < 0 ||
	    put(importing->ask, group, err) < 0)
		return -1;
	if (importing->count < DESK_GROUPS_MAX)
		importing->seen[importing->count++] = group->row;
	return 0;
}

static int
import(struct sending_ask *ask, struct error *err)
{
	struct importing *importing = calloc(1, sizeof(*importing));
	struct desk_group group = { 0 };
	int rc = -1;

	if (importing == NULL)
		return error_set_memory(err);
	importing->ask = ask;
	if (read_organisation(ask, &group, err) == 0) {
		importing->organisation = group.organisation;
		rc = desk_group_read_csv(blob_of_bytes(&ask->raw), import_group,
		    importing, err);
	}
	free(importing);
	if (rc < 0)
		return -1;
	return desk_group_write_list(sending_ask_rows(ask), &group.organisation,
	    directory_of(ask), &ask->writer, err);
}

/* ---- requests -------------------------------------------------------- */

bool
desk_group_request(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	char path[MESSAGE_PATH_SIZE];

	if (!text_starts(request->path, "/v1/groups"))
		return false;
	text_copy(path, sizeof(path), request->path);
	path[strcspn(path, "?")] = '\0';
	if (text_equal(path, "/v1/groups"))
		sending_ask_begin(gateway, peer, id, request, add);
	else if (text_equal(path, "/v1/groups:import"))
		sending_ask_begin(gateway, peer, id, request, import);
	else if (text_ends(path, ":change"))
		sending_ask_begin(gateway, peer, id, request, change);
	else
		sending_ask_begin(gateway, peer, id, request, drop);
	return true;
}
