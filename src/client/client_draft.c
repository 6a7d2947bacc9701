/* Letters before they are sent. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client_shape.h"

static const struct client_field part_fields[] = {
	CLIENT_FIELD("name", CLIENT_TEXT, yizhan_part, name),
	CLIENT_FIELD("length", CLIENT_LENGTH, yizhan_part, len),
	CLIENT_FIELD("sha256", CLIENT_TEXT, yizhan_part, sha256),
	CLIENT_END,
};
const struct client_shape client_part_shape = { sizeof(struct yizhan_part),
	part_fields };
static const struct client_field draft_fields[] = {
	CLIENT_FIELD("id", CLIENT_TEXT, yizhan_draft, id),
	CLIENT_FIELD("organisation", CLIENT_TEXT, yizhan_draft, organisation),
	CLIENT_FIELD("title", CLIENT_TEXT, yizhan_draft, title),
	CLIENT_FIELD("state", CLIENT_TEXT, yizhan_draft, state),
	CLIENT_FIELD("version", CLIENT_NUMBER, yizhan_draft, version),
	CLIENT_FIELD("document_id", CLIENT_TEXT, yizhan_draft, document_id),
	CLIENT_LIST("files", CLIENT_RECORDS, yizhan_draft, part_count, parts,
	    &client_part_shape),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_draft, json),
	CLIENT_END,
};
static const struct client_shape draft_shape = { sizeof(struct yizhan_draft),
	draft_fields };
static const struct client_field drafts_fields[] = {
	CLIENT_LIST("drafts", CLIENT_RECORDS, yizhan_drafts, count, drafts,
	    &draft_shape),
	CLIENT_FIELD("next", CLIENT_TEXT, yizhan_drafts, next),
	CLIENT_FIELD("", CLIENT_WHOLE, yizhan_drafts, json),
	CLIENT_END,
};
static const struct client_shape drafts_shape = { sizeof(struct yizhan_drafts),
	drafts_fields };

void
yizhan_draft_free(struct yizhan_draft *draft)
{
	client_shape_free(draft);
}

void
yizhan_drafts_free(struct yizhan_drafts *drafts)
{
	client_shape_free(drafts);
}

static enum yizhan_result
ask(struct yizhan *yizhan, const struct client_request *request,
    struct yizhan_draft **ret_draft)
{
	return client_shape_ask(yizhan, request, &draft_shape, ret_draft);
}

enum yizhan_result
yizhan_drafts(struct yizhan *yizhan, const char *state, const char *cursor,
    unsigned limit, struct yizhan_drafts **ret_drafts)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, "/v1/drafts") ||
	    !client_param_number(target, "limit", limit > 0 ? limit : 50) ||
	    !client_param(target, "state", state) ||
	    !client_param(target, "cursor", cursor))
		return client_too_long(yizhan);
	return client_get(yizhan, target, &drafts_shape, ret_drafts);
}

/* "/v1/drafts/ID" and what is asked of it, about the version that was read. */
static bool
set_target(char target[CLIENT_TARGET_SIZE], const struct yizhan_draft *draft,
    const char *verb)
{
	char version[40];

	snprintf(version, sizeof(version), "%s?version=%" PRId64, verb,
	    draft->version);
	return client_path_add(target, "/v1/drafts/", draft->id, version);
}

/* ---- drafts ---------------------------------------------------------------- */

enum yizhan_result
yizhan_draft_new(struct yizhan *yizhan, const char *title,
    const struct yizhan_file *files, size_t count, const char *key,
    struct yizhan_draft **ret_draft)
{
	char target[CLIENT_TARGET_SIZE] = "";
	struct client_upload *upload = NULL;
	struct client_request request = { .method = "POST", .target = target };
	enum yizhan_result result;

	if (!client_path_add(target,
		"/v1/drafts?title=", title != NULL ? title : "", ""))
		return client_too_long(yizhan);
	result = client_upload_new(yizhan, files, count, &upload);
	if (result != YIZHAN_OK)
		return result;
	request.upload = upload;
	request.key = key != NULL ? key : client_upload_key(upload);
	result = ask(yizhan, &request, ret_draft);
	client_upload_free(upload);
	return result;
}

enum yizhan_result
yizhan_draft_get(struct yizhan *yizhan, const char *id,
    struct yizhan_draft **ret_draft)
{
	char target[CLIENT_TARGET_SIZE] = "";
	struct client_request request = { .method = "GET", .target = target };

	if (!client_path_add(target, "/v1/drafts/", id, ""))
		return client_too_long(yizhan);
	return ask(yizhan, &request, ret_draft);
}

enum yizhan_result
yizhan_draft_add(struct yizhan *yizhan, const struct yizhan_draft *draft,
    const struct yizhan_file *files, size_t count,
    struct yizhan_draft **ret_draft)
{
	char target[CLIENT_TARGET_SIZE] = "";
	struct client_upload *upload = NULL;
	struct client_request request = { .method = "POST", .target = target };
	enum yizhan_result result;

	if (!set_target(target, draft, ":files"))
		return client_too_long(yizhan);
	result = client_upload_new(yizhan, files, count, &upload);
	if (result != YIZHAN_OK)
		return result;
	request.upload = upload;
	result = ask(yizhan, &request, ret_draft);
	client_upload_free(upload);
	return result;
}

enum yizhan_result
yizhan_draft_send(struct yizhan *yizhan, const struct yizhan_draft *draft,
    const struct yizhan_submit_options *options,
    struct yizhan_letter **ret_letter)
{
	char target[CLIENT_TARGET_SIZE] = "";
	const struct client_request request = { .method = "POST",
		.target = target };

	if (!set_target(target, draft, ":send") ||
	    !client_submit_add(target, '&', options))
		return client_too_long(yizhan);
	return client_letter_ask(yizhan, &request, ret_letter);
}

enum yizhan_result
yizhan_draft_discard(struct yizhan *yizhan, const struct yizhan_draft *draft)
{
	char target[CLIENT_TARGET_SIZE] = "";
	struct client_request request = { .method = "POST", .target = target };
	struct client_answer answer = { 0 };
	enum yizhan_result result;

	if (!set_target(target, draft, ":discard"))
		return client_too_long(yizhan);
	result = client_ask(yizhan, &request, &answer);
	client_answer_free(&answer);
	return result;
}

/* Texts that are said, and names of files that go. */
static json_t *
pack_edit(const char *title, const char *note, const char *const *removed,
    size_t removed_count)
{
	json_t *body = json_object();
	json_t *list = json_array();

	if (title != NULL)
		json_object_set_new(body, "title", json_string(title));
	if (note != NULL)
		json_object_set_new(body, "note", json_string(note));
	for (size_t i = 0; i < removed_count; i++)
		json_array_append_new(list, json_string(removed[i]));
	json_object_set_new(body, "remove", list);
	return body;
}

enum yizhan_result
yizhan_draft_edit(struct yizhan *yizhan, const struct yizhan_draft *draft,
    const char *title, const char *note, const char *const *removed,
    size_t removed_count, struct yizhan_draft **ret_draft)
{
	char target[CLIENT_TARGET_SIZE] = "";

	if (!set_target(target, draft, ":edit"))
		return client_too_long(yizhan);
	return client_post(yizhan, target,
	    pack_edit(title, note, removed, removed_count), &draft_shape,
	    ret_draft);
}

enum yizhan_result
yizhan_draft_proofread(struct yizhan *yizhan, const struct yizhan_draft *draft,
    const char *note, struct yizhan_draft **ret_draft)
{
	char target[CLIENT_TARGET_SIZE] = "";

	if (!set_target(target, draft, ":submit"))
		return client_too_long(yizhan);
	return client_post(yizhan, target,
	    json_pack("{s:s}", "note", note != NULL ? note : ""), &draft_shape,
	    ret_draft);
}

static enum yizhan_result
check(struct yizhan *yizhan, const struct yizhan_draft *draft,
    const char *pattern, char **ret_json)
{
	char target[CLIENT_TARGET_SIZE];

	if (!client_target(target, pattern, draft->id))
		return client_too_long(yizhan);
	return yizhan_call(yizhan, "POST", target, "{}", ret_json, NULL);
}

enum yizhan_result
yizhan_draft_check(struct yizhan *yizhan, const struct yizhan_draft *draft,
    char **ret_json)
{
	return check(yizhan, draft, "/v1/drafts/{}:check", ret_json);
}

enum yizhan_result
yizhan_draft_check_apart(struct yizhan *yizhan,
    const struct yizhan_draft *draft, char **ret_json)
{
	return check(yizhan, draft, "/v1/drafts/{}:check-apart", ret_json);
}
