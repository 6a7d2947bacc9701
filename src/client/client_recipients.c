/* To whom: the directory, groups, and what reaches whom. */
#include <stdio.h>
#include <string.h>

#include "client/client_shape.h"

/* ---- the directory ------------------------------------------------------------ */

static const struct client_field organisation_fields[] = {
	CLIENT_FIELD("code", CLIENT_TEXT, yizhan_organisation, code),
	CLIENT_FIELD("name", CLIENT_TEXT, yizhan_organisation, name),
	CLIENT_FIELD("kind", CLIENT_TEXT, yizhan_organisation, kind),
	CLIENT_FIELD("status", CLIENT_TEXT, yizhan_organisation, status),
	CLIENT_FIELD("center", CLIENT_TEXT, yizhan_organisation, center),
	CLIENT_FIELD("receiver", CLIENT_TEXT, yizhan_organisation, receiver),
	CLIENT_FIELD("successor", CLIENT_TEXT, yizhan_organisation, successor),
	CLIENT_FIELD("letter_bytes", CLIENT_NUMBER, yizhan_organisation,
	    letter_bytes),
	CLIENT_END,
};
static const struct client_shape organisation = {
	sizeof(struct yizhan_organisation), organisation_fields
};
static const struct client_field organisations_fields[] = {
	CLIENT_FIELD("serial", CLIENT_NUMBER, yizhan_organisations, serial),
	CLIENT_FIELD("total", CLIENT_NUMBER, yizhan_organisations, total),
	CLIENT_LIST("organisations", CLIENT_RECORDS, yizhan_organisations,
	    count, organisations, &organisation),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_organisations, json),
	CLIENT_END,
};
static const struct client_shape organisations = {
	sizeof(struct yizhan_organisations), organisations_fields
};

void
yizhan_organisations_free(struct yizhan_organisations *given)
{
	client_shape_free(given);
}

enum yizhan_result
yizhan_directory(struct yizhan *yizhan, const char *text, unsigned limit,
    unsigned offset, struct yizhan_organisations **ret_organisations)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, "/v1/directory?q={}",
		text != NULL ? text : "") ||
	    !client_param_number(target, "limit", limit > 0 ? limit : 50) ||
	    !client_param_number(target, "offset", offset))
		return client_too_long(yizhan);
	return client_get(yizhan, target, &organisations, ret_organisations);
}

enum yizhan_result
yizhan_directory_entry(struct yizhan *yizhan, const char *code, int64_t serial,
    char **ret_json)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, "/v1/directory/{}", code) ||
	    !client_param_number(target, "serial", serial))
		return client_too_long(yizhan);
	return client_get_text(yizhan, target, ret_json);
}

enum yizhan_result
yizhan_directory_history(struct yizhan *yizhan, const char *code,
    char **ret_json)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, "/v1/directory/{}/history", code))
		return client_too_long(yizhan);
	return client_get_text(yizhan, target, ret_json);
}

/* ---- before sending -------------------------------------------------------------- */

static const struct client_field way_fields[] = {
	CLIENT_FIELD("asked", CLIENT_TEXT, yizhan_way, asked),
	CLIENT_FIELD("group", CLIENT_TEXT, yizhan_way, group),
	CLIENT_FIELD("code", CLIENT_TEXT, yizhan_way, code),
	CLIENT_FIELD("name", CLIENT_TEXT, yizhan_way, name),
	CLIENT_FIELD("with_attachments", CLIENT_TRUTH, yizhan_way,
	    with_attachments),
	CLIENT_FIELD("copy", CLIENT_TRUTH, yizhan_way, is_copy),
	CLIENT_FIELD("way", CLIENT_TEXT, yizhan_way, way),
	CLIENT_FIELD("rule", CLIENT_TEXT, yizhan_way, rule),
	CLIENT_FIELD("title", CLIENT_TEXT, yizhan_way, title),
	CLIENT_FIELD("remedy", CLIENT_TEXT, yizhan_way, remedy),
	CLIENT_FIELD("center", CLIENT_TEXT, yizhan_way, center),
	CLIENT_END,
};
static const struct client_shape way = { sizeof(struct yizhan_way),
	way_fields };
static const struct client_field ways_fields[] = {
	CLIENT_FIELD("serial", CLIENT_NUMBER, yizhan_ways, serial),
	CLIENT_LIST("recipients", CLIENT_RECORDS, yizhan_ways, count, ways,
	    &way),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_ways, json),
	CLIENT_END,
};
static const struct client_shape ways = { sizeof(struct yizhan_ways),
	ways_fields };

void
yizhan_ways_free(struct yizhan_ways *given)
{
	client_shape_free(given);
}

static json_t *
pack_whom(const struct yizhan_whom *whom)
{
	json_t *except = json_array();

	if (whom->name != NULL) {
		json_decref(except);
		return json_string(whom->name);
	}
	for (size_t i = 0; i < whom->except_count; i++)
		json_array_append_new(except, json_string(whom->except[i]));
	return json_pack("{s:s,s:o}", "group",
	    whom->group != NULL ? whom->group : "", "except", except);
}

enum yizhan_result
yizhan_recipients_check(struct yizhan *yizhan, const struct yizhan_whom *whom,
    size_t count, const struct yizhan_part *files, size_t file_count,
    struct yizhan_ways **ret_ways)
{
	json_t *body = json_object();
	json_t *recipients = json_array();
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(recipients, pack_whom(&whom[i]));
	for (size_t i = 0; i < file_count; i++)
		json_array_append_new(list,
		    json_pack("{s:s,s:I}", "name", files[i].name, "length",
			(json_int_t)files[i].len));
	json_object_set_new(body, "recipients", recipients);
	json_object_set_new(body, "files", list);
	return client_post(yizhan, "/v1/recipients:check", body, &ways,
	    ret_ways);
}

/* ---- groups ---------------------------------------------------------------------- */

static const struct client_field member_fields[] = {
	CLIENT_FIELD("code", CLIENT_TEXT, yizhan_member, code),
	CLIENT_FIELD("name", CLIENT_TEXT, yizhan_member, name),
	CLIENT_FIELD("with_attachments", CLIENT_TRUTH, yizhan_member,
	    with_attachments),
	CLIENT_FIELD("copy", CLIENT_TRUTH, yizhan_member, is_copy),
	CLIENT_FIELD("status", CLIENT_TEXT, yizhan_member, status),
	CLIENT_FIELD("name_now", CLIENT_TEXT, yizhan_member, name_now),
	CLIENT_END,
};
static const struct client_shape member = { sizeof(struct yizhan_member),
	member_fields };
static const struct client_field group_fields[] = {
	CLIENT_FIELD("organisation", CLIENT_TEXT, yizhan_group, organisation),
	CLIENT_FIELD("code", CLIENT_TEXT, yizhan_group, code),
	CLIENT_FIELD("title", CLIENT_TEXT, yizhan_group, title),
	CLIENT_FIELD("version", CLIENT_NUMBER, yizhan_group, version),
	CLIENT_FIELD("changed_by", CLIENT_TEXT, yizhan_group, changed_by),
	CLIENT_FIELD("changed_at", CLIENT_TEXT, yizhan_group, changed_at),
	CLIENT_FIELD("count", CLIENT_NUMBER, yizhan_group, size),
	CLIENT_FIELD("changed", CLIENT_NUMBER, yizhan_group, changed),
	CLIENT_LIST("members", CLIENT_RECORDS, yizhan_group, count, members,
	    &member),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_group, json),
	CLIENT_END,
};
static const struct client_shape group = { sizeof(struct yizhan_group),
	group_fields };
static const struct client_field groups_fields[] = {
	CLIENT_LIST("groups", CLIENT_RECORDS, yizhan_groups, count, groups,
	    &group),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_groups, json),
	CLIENT_END,
};
static const struct client_shape groups = { sizeof(struct yizhan_groups),
	groups_fields };

void
yizhan_group_free(struct yizhan_group *given)
{
	client_shape_free(given);
}

void
yizhan_groups_free(struct yizhan_groups *given)
{
	client_shape_free(given);
}

enum yizhan_result
yizhan_groups(struct yizhan *yizhan, struct yizhan_groups **ret_groups)
{
	return client_get(yizhan, "/v1/groups", &groups, ret_groups);
}

enum yizhan_result
yizhan_group_get(struct yizhan *yizhan, const char *code, int64_t version,
    struct yizhan_group **ret_group)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, "/v1/groups/{}", code) ||
	    !client_param_number(target, "version", version))
		return client_too_long(yizhan);
	return client_get(yizhan, target, &group, ret_group);
}

enum yizhan_result
yizhan_group_history(struct yizhan *yizhan, const char *code, char **ret_json)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, "/v1/groups/{}/history", code))
		return client_too_long(yizhan);
	return client_get_text(yizhan, target, ret_json);
}

static json_t *
pack_members(const struct yizhan_member *members, size_t count)
{
	json_t *list = json_array();

	for (size_t i = 0; i < count; i++)
		json_array_append_new(list,
		    json_pack("{s:s,s:b,s:b}", "code", members[i].code,
			"with_attachments", members[i].with_attachments, "copy",
			members[i].is_copy));
	return list;
}

enum yizhan_result
yizhan_group_new(struct yizhan *yizhan, const char *code, const char *title,
    const struct yizhan_member *members, size_t count,
    struct yizhan_group **ret_group)
{
	json_t *body = json_pack("{s:s,s:s,s:o}", "code", code, "title", title,
	    "members", pack_members(members, count));

	return client_post(yizhan, "/v1/groups", body, &group, ret_group);
}

static bool
set_target(char target[CLIENT_TARGET_SIZE], const char *pattern,
    const struct yizhan_group *of)
{
	return client_target(target, pattern, of->code) &&
	    client_param_number(target, "version", of->version);
}

enum yizhan_result
yizhan_group_change(struct yizhan *yizhan, const struct yizhan_group *of,
    const char *title, const struct yizhan_member *members, size_t count,
    struct yizhan_group **ret_group)
{
	char target[CLIENT_TARGET_SIZE];
	json_t *body;

	if (!set_target(target, "/v1/groups/{}:change", of))
		return client_too_long(yizhan);
	body = json_object();
	if (title != NULL)
		json_object_set_new(body, "title", json_string(title));
	if (members != NULL)
		json_object_set_new(body, "members",
		    pack_members(members, count));
	return client_post(yizhan, target, body, &group, ret_group);
}

enum yizhan_result
yizhan_group_remove(struct yizhan *yizhan, const struct yizhan_group *of)
{
	char target[CLIENT_TARGET_SIZE];

	if (!set_target(target, "/v1/groups/{}:remove", of))
		return client_too_long(yizhan);
	return client_post(yizhan, target, NULL, NULL, NULL);
}

enum yizhan_result
yizhan_groups_export(struct yizhan *yizhan, yizhan_take_fn take, void *context)
{
	return yizhan_fetch(yizhan, "/v1/groups?as=csv", take, context);
}

enum yizhan_result
yizhan_groups_import(struct yizhan *yizhan, const void *csv, size_t len,
    struct yizhan_groups **ret_groups)
{
	char language[CLIENT_HEADER_SIZE];
	const char *const headers[] = { language };
	const struct client_request request = { .method = "POST",
		.target = "/v1/groups:import",
		.is_raw = true,
		.headers = headers,
		.header_count = 1,
		.raw_type = "text/csv",
		.raw = csv,
		.raw_len = len };

	snprintf(language, sizeof(language), "accept-language: %.40s",
	    yizhan->language);
	return client_shape_ask(yizhan, &request, &groups, ret_groups);
}

/* ---- limits ---------------------------------------------------------------------- */

static const struct client_field limit_fields[] = {
	CLIENT_FIELD("of", CLIENT_TEXT, yizhan_limit, of),
	CLIENT_FIELD("letter_bytes", CLIENT_NUMBER, yizhan_limit, letter_bytes),
	CLIENT_FIELD("attachments", CLIENT_NUMBER, yizhan_limit, attachments),
	CLIENT_FIELD("file_name", CLIENT_NUMBER, yizhan_limit, file_name),
	CLIENT_FIELD("plain_names", CLIENT_TRUTH, yizhan_limit, plain_names),
	CLIENT_FIELD("note", CLIENT_TEXT, yizhan_limit, note),
	CLIENT_END,
};
static const struct client_shape limit = { sizeof(struct yizhan_limit),
	limit_fields };
static const struct client_field limits_fields[] = {
	CLIENT_LIST("limits", CLIENT_RECORDS, yizhan_limits, count, limits,
	    &limit),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_limits, json),
	CLIENT_END,
};
static const struct client_shape limits = { sizeof(struct yizhan_limits),
	limits_fields };

void
yizhan_limits_free(struct yizhan_limits *given)
{
	client_shape_free(given);
}

enum yizhan_result
yizhan_limits(struct yizhan *yizhan, struct yizhan_limits **ret_limits)
{
	return client_get(yizhan, "/v1/recipient-limits", &limits, ret_limits);
}

enum yizhan_result
yizhan_limit_set(struct yizhan *yizhan, const struct yizhan_limit *of,
    struct yizhan_limits **ret_limits)
{
	json_t *body = json_pack("{s:s,s:I,s:I,s:I,s:b,s:s}", "of", of->of,
	    "letter_bytes", (json_int_t)of->letter_bytes, "attachments",
	    (json_int_t)of->attachments, "file_name", (json_int_t)of->file_name,
	    "plain_names", of->plain_names, "note",
	    of->note != NULL ? of->note : "");

	return client_post(yizhan, "/v1/recipient-limits", body, &limits,
	    ret_limits);
}

enum yizhan_result
yizhan_sending(struct yizhan *yizhan, char **ret_json)
{
	return client_get_text(yizhan, "/v1/sending", ret_json);
}

enum yizhan_result
yizhan_letterhead(struct yizhan *yizhan, char **ret_json)
{
	return client_get_text(yizhan, "/v1/letterhead", ret_json);
}
