/* Letters before they are sent: drafts, and large files of them in parts. */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client_internal.h"

enum {
	PART_LEN = 4 * 1024 * 1024, /* what a cut costs at most */
	PLACE_SIZE = 1200,          /* of an upload, with its file's name */
	ROUNDS_MAX = 5,             /* without a byte more */
};

/* What the caller sees, and what its texts lie in. */
struct draft {
	struct yizhan_draft open; /* first */
	json_t *root;
	char *json;
	struct yizhan_part parts[];
};

void
yizhan_draft_free(struct yizhan_draft *draft)
{
	struct draft *own = (struct draft *)(void *)draft;

	if (own == NULL)
		return;
	json_decref(own->root);
	free(own->json);
	free(own);
}

/* Keeps `root`; NULL if there is no memory. */
static struct yizhan_draft *
draft_new(json_t *root)
{
	const json_t *list = json_object_get(root, "files");
	size_t count = json_array_size(list);
	struct draft *draft =
	    calloc(1, sizeof(*draft) + count * sizeof(*draft->parts));
	char *json = client_dump(root);

	if (draft == NULL || json == NULL) {
		free(draft);
		free(json);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		draft->parts[i] = client_part(json_array_get(list, i));
	draft->root = json_incref(root);
	draft->json = json;
	draft->open = (struct yizhan_draft){
		.id = client_member(root, "id"),
		.organisation = client_member(root, "organisation"),
		.title = client_member(root, "title"),
		.state = client_member(root, "state"),
		.version = json_integer_value(json_object_get(root, "version")),
		.document_id = client_member(root, "document_id"),
		.part_count = count,
		.parts = draft->parts,
		.json = json,
	};
	return &draft->open;
}

static enum yizhan_result
give(struct yizhan *yizhan, json_t *root, struct yizhan_draft **ret_draft)
{
	struct yizhan_draft *draft = draft_new(root);

	if (draft == NULL)
		return client_no_memory(yizhan);
	*ret_draft = draft;
	return YIZHAN_OK;
}

static enum yizhan_result
ask(struct yizhan *yizhan, const struct client_request *request,
    struct yizhan_draft **ret_draft)
{
	struct client_answer answer = { 0 };
	json_t *root = NULL;
	enum yizhan_result result =
	    client_ask_json(yizhan, request, &answer, &root);

	if (result == YIZHAN_OK)
		result = give(yizhan, root, ret_draft);
	json_decref(root);
	client_answer_free(&answer);
	return result;
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

/* ---- a file in parts ---------------------------------------------------------- */

/* One file on its way up. */
struct transfer {
	struct yizhan *yizhan;
	const struct yizhan_draft *draft;
	struct client_upload *upload; /* digest and bytes of the file */
	char place[PLACE_SIZE];
	int64_t length;
	int64_t offset; /* from which on the gateway wants it */
	char *buffer;   /* of PART_LEN */
};

static enum yizhan_result
take_offset(struct transfer *transfer, const json_t *root)
{
	const json_t *offset = json_object_get(root, "offset");

	if (!json_is_integer(offset) || json_integer_value(offset) < 0 ||
	    json_integer_value(offset) > transfer->length)
		return client_problem_set(transfer->yizhan, YIZHAN_BUSY,
		    "the answer does not say how far the file is");
	transfer->offset = json_integer_value(offset);
	return YIZHAN_OK;
}

static enum yizhan_result
take_place(struct transfer *transfer, const char *place)
{
	size_t len = strlen(place);

	if (place[0] != '/' || len >= sizeof(transfer->place))
		return client_problem_set(transfer->yizhan, YIZHAN_BUSY,
		    "the answer does not say where the file goes");
	memcpy(transfer->place, place, len + 1);
	return YIZHAN_OK;
}

/* What it is known by, as JSON; NULL if its name is not UTF-8. */
static char *
describe(const struct transfer *transfer, const struct yizhan_file *file,
    char sha256[YIZHAN_KEY_SIZE])
{
	json_t *body;
	char *text;

	client_upload_file_sha256(transfer->upload, sha256);
	body = json_pack("{sssIss}", "name", file->name, "length",
	    (json_int_t)transfer->length, "sha256", sha256);
	text = body != NULL ? client_dump(body) : NULL;
	json_decref(body);
	return text;
}

static enum yizhan_result
begin(struct transfer *transfer, const struct yizhan_file *file)
{
	char target[CLIENT_TARGET_SIZE] = "";
	char sha256[YIZHAN_KEY_SIZE];
	char *text = describe(transfer, file, sha256);
	struct client_request request = { .method = "POST",
		.target = target,
		.json = text };
	struct client_answer answer = { 0 };
	json_t *root = NULL;
	enum yizhan_result result;

	if (text == NULL)
		return client_problem_set(transfer->yizhan, YIZHAN_LOCAL,
		    "%.100s: its name is not UTF-8", file->name);
	result = client_path_add(target, "/v1/drafts/", transfer->draft->id,
		     "/uploads")
	    ? client_ask_json(transfer->yizhan, &request, &answer, &root)
	    : client_too_long(transfer->yizhan);
	if (result == YIZHAN_OK)
		result = take_place(transfer, client_member(root, "upload"));
	if (result == YIZHAN_OK)
		result = take_offset(transfer, root);
	json_decref(root);
	client_answer_free(&answer);
	free(text);
	return result;
}

/* Where to go on, after a request of which nobody knows what became. */
static enum yizhan_result
look(struct transfer *transfer)
{
	struct client_request request = { .method = "GET",
		.target = transfer->place };
	struct client_answer answer = { 0 };
	json_t *root = NULL;
	enum yizhan_result result =
	    client_ask_json(transfer->yizhan, &request, &answer, &root);

	if (result == YIZHAN_OK)
		result = take_offset(transfer, root);
	json_decref(root);
	client_answer_free(&answer);
	return result;
}

static enum yizhan_result
put(struct transfer *transfer, size_t len)
{
	char target[PLACE_SIZE + 40];
	char offset[40];
	const char *headers[] = { offset };
	struct client_request request = { .method = "PATCH",
		.target = target,
		.is_raw = true,
		.headers = headers,
		.header_count = 1,
		.raw_type = "application/partial-upload",
		.raw = transfer->buffer,
		.raw_len = len };
	struct client_answer answer = { 0 };
	enum yizhan_result result;

	snprintf(offset, sizeof(offset), "upload-offset: %" PRId64,
	    transfer->offset);
	snprintf(target, sizeof(target), "%s&version=%" PRId64, transfer->place,
	    transfer->draft->version);
	result = client_ask_once(transfer->yizhan, &request, &answer);
	client_answer_free(&answer);
	return result;
}

/* One part; what was cut, or stood otherwise, is looked for and goes on. */
static enum yizhan_result
go_on(struct transfer *transfer, int *rounds)
{
	int64_t before = transfer->offset;
	int64_t left = transfer->length - before;
	size_t len = left < PART_LEN ? (size_t)left : PART_LEN;
	enum yizhan_result result;

	if (!client_upload_slice(transfer->upload, (uint64_t)before,
		transfer->buffer, len))
		return client_problem_set(transfer->yizhan, YIZHAN_LOCAL, "%s",
		    client_upload_failure(transfer->upload));
	result = put(transfer, len);
	if (result == YIZHAN_OK) {
		transfer->offset += (int64_t)len;
		*rounds = 0;
		return YIZHAN_OK;
	}
	if ((result != YIZHAN_BUSY && result != YIZHAN_CONFLICT) ||
	    transfer->yizhan->patience_ms == 0 || ++*rounds >= ROUNDS_MAX)
		return result;
	result = look(transfer);
	if (transfer->offset > before)
		*rounds = 0;
	return result;
}

static enum yizhan_result
transfer_all(struct transfer *transfer, const struct yizhan_file *file)
{
	enum yizhan_result result = begin(transfer, file);
	int rounds = 0;

	while (result == YIZHAN_OK && transfer->offset < transfer->length)
		result = go_on(transfer, &rounds);
	return result;
}

enum yizhan_result
yizhan_draft_upload(struct yizhan *yizhan, const struct yizhan_draft *draft,
    const struct yizhan_file *file, struct yizhan_draft **ret_draft)
{
	struct transfer transfer = { .yizhan = yizhan, .draft = draft };
	enum yizhan_result result =
	    client_upload_new(yizhan, file, 1, &transfer.upload);

	if (result != YIZHAN_OK)
		return result;
	transfer.length = (int64_t)client_upload_file_len(transfer.upload);
	transfer.buffer = malloc(PART_LEN);
	result = transfer.buffer != NULL ? transfer_all(&transfer, file)
					 : client_no_memory(yizhan);
	if (result == YIZHAN_OK)
		result = yizhan_draft_get(yizhan, draft->id, ret_draft);
	free(transfer.buffer);
	client_upload_free(transfer.upload);
	return result;
}
