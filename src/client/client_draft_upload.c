/* A large file of a draft, in parts: what is cut goes on where it was cut. */
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
