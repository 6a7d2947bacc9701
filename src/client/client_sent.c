/* Letters that are sent. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "client/client_internal.h"

/* What the caller sees, and what its texts lie in. */
struct letter {
	struct yizhan_letter open; /* first */
	json_t *root;
	char *json;
	char etag[CLIENT_ETAG_SIZE];
	struct yizhan_delivery deliveries[];
};

struct letters {
	struct yizhan_letters open; /* first */
	char *next;
	struct yizhan_letter *list[];
};

void
yizhan_letter_free(struct yizhan_letter *letter)
{
	struct letter *own = (struct letter *)(void *)letter;

	if (own == NULL)
		return;
	json_decref(own->root);
	free(own->json);
	free(own);
}

static void
read_delivery(const json_t *from, struct yizhan_delivery *to)
{
	*to = (struct yizhan_delivery){
		.waybill_id = client_member(from, "waybill_id"),
		.recipient = client_member(from, "recipient"),
		.name = client_member(from, "name"),
		.center = client_member(from, "center"),
		.state = client_member(from, "state"),
		.reason = client_member(from, "reason"),
		.since = client_member(from, "since"),
	};
}

/* Keeps `root`; NULL if there is no memory. */
static struct yizhan_letter *
letter_new(json_t *root, const char *etag)
{
	const json_t *list = json_object_get(root, "deliveries");
	size_t count = json_array_size(list);
	struct letter *letter =
	    calloc(1, sizeof(*letter) + count * sizeof(*letter->deliveries));
	char *json = client_dump(root);

	if (letter == NULL || json == NULL) {
		free(letter);
		free(json);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		read_delivery(json_array_get(list, i), &letter->deliveries[i]);
	letter->root = json_incref(root);
	letter->json = json;
	snprintf(letter->etag, sizeof(letter->etag), "%s", etag);
	letter->open = (struct yizhan_letter){
		.id = client_member(root, "id"),
		.reference = client_member(root, "reference"),
		.subject = client_member(root, "subject"),
		.sender = client_member(root, "sender"),
		.created_at = client_member(root, "created_at"),
		.state = client_member(root, "state"),
		.delivery_count = count,
		.deliveries = letter->deliveries,
		.etag = letter->etag,
		.json = json,
	};
	return &letter->open;
}

enum yizhan_result
client_letter_ask(struct yizhan *yizhan, const struct client_request *request,
    struct yizhan_letter **ret_letter)
{
	struct client_answer answer = { 0 };
	struct yizhan_letter *letter;
	json_t *root = NULL;
	enum yizhan_result result =
	    client_ask_json(yizhan, request, &answer, &root);

	if (result == YIZHAN_OK) {
		letter = letter_new(root, answer.etag);
		if (letter != NULL)
			*ret_letter = letter;
		else
			result = client_no_memory(yizhan);
	}
	json_decref(root);
	client_answer_free(&answer);
	return result;
}

/* ---- handing in --------------------------------------------------------- */

enum yizhan_result
yizhan_key(struct yizhan *yizhan, const struct yizhan_file *files, size_t count,
    char key[YIZHAN_KEY_SIZE])
{
	struct client_upload *upload = NULL;
	enum yizhan_result result =
	    client_upload_new(yizhan, files, count, &upload);

	if (result == YIZHAN_OK)
		memcpy(key, client_upload_key(upload), YIZHAN_KEY_SIZE);
	client_upload_free(upload);
	return result;
}

enum yizhan_result
yizhan_validate(struct yizhan *yizhan, const struct yizhan_file *files,
    size_t count, char **ret_json)
{
	struct client_upload *upload = NULL;
	struct client_request request = { .method = "POST",
		.target = "/v1/documents:validate" };
	struct client_answer answer = { 0 };
	json_t *root = NULL;
	enum yizhan_result result =
	    client_upload_new(yizhan, files, count, &upload);

	request.upload = upload;
	if (result == YIZHAN_OK)
		result = client_ask_json(yizhan, &request, &answer, &root);
	if (result == YIZHAN_OK) {
		*ret_json = answer.text.data;
		answer.text = (struct client_text){ 0 };
	}
	json_decref(root);
	client_answer_free(&answer);
	client_upload_free(upload);
	return result;
}

bool
client_submit_add(char target[CLIENT_TARGET_SIZE], char mark,
    const struct yizhan_submit_options *options)
{
	char name[32];

	if (options == NULL)
		return true;
	if (options->accept != NULL) {
		snprintf(name, sizeof(name), "%caccept=", mark);
		if (!client_path_add(target, name, options->accept, ""))
			return false;
		mark = '&';
	}
	snprintf(name, sizeof(name), "%cundo=%u", mark, options->undo_s);
	if (options->undo_s != 0) {
		if (!client_path_add(target, name, "", ""))
			return false;
		mark = '&';
	}
	snprintf(name, sizeof(name), "%capart=1", mark);
	return !options->is_apart || client_path_add(target, name, "", "");
}

enum yizhan_result
yizhan_submit(struct yizhan *yizhan, const struct yizhan_file *files,
    size_t count, const struct yizhan_submit_options *options,
    struct yizhan_letter **ret_letter)
{
	char target[CLIENT_TARGET_SIZE] = "";
	struct client_upload *upload = NULL;
	struct client_request request = { .method = "POST", .target = target };
	enum yizhan_result result;

	if (!client_path_add(target, "/v1/documents", "", "") ||
	    !client_submit_add(target, '?', options))
		return client_too_long(yizhan);
	result = client_upload_new(yizhan, files, count, &upload);
	if (result != YIZHAN_OK)
		return result;
	request.upload = upload;
	request.key = options != NULL && options->key != NULL
	    ? options->key
	    : client_upload_key(upload);
	result = client_letter_ask(yizhan, &request, ret_letter);
	client_upload_free(upload);
	return result;
}

/* ---- how they stand ------------------------------------------------------- */

enum yizhan_result
yizhan_letter_get(struct yizhan *yizhan, const char *id,
    struct yizhan_letter **ret_letter)
{
	char target[CLIENT_TARGET_SIZE] = "";
	struct client_request request = { .method = "GET", .target = target };

	if (!client_path_add(target, "/v1/outbox/", id, ""))
		return client_too_long(yizhan);
	return client_letter_ask(yizhan, &request, ret_letter);
}

/* At most a minute at a time, so that a link that died is found out. */
static enum yizhan_result
wait_once(struct yizhan *yizhan, const char *id, const char *state,
    unsigned seconds, struct yizhan_letter **ret_letter)
{
	char target[CLIENT_TARGET_SIZE] = "";
	char wait[24];
	struct client_request request = { .method = "GET",
		.target = target,
		.wait_s = seconds };

	snprintf(wait, sizeof(wait), "&wait=%u", seconds);
	if (!client_path_add(target, "/v1/outbox/", id, "") ||
	    !client_path_add(target, "?for=", state, wait))
		return client_too_long(yizhan);
	return client_letter_ask(yizhan, &request, ret_letter);
}

/* How far along: those behind `opened` count as past each before them. */
static int
rank(const char *state)
{
	static const char *const order[] = { "queued", "accepted", "relayed",
		"fetched", "opened", "confirmed", "returned", "refused",
		"expired", "withdrawn", "quarantined", "paper" };

	for (size_t i = 0; i < sizeof(order) / sizeof(order[0]); i++)
		if (strcmp(order[i], state) == 0)
			return (int)i;
	return -1;
}

static bool
is_there(const struct yizhan_letter *letter, const char *state)
{
	for (size_t i = 0; i < letter->delivery_count; i++)
		if (rank(letter->deliveries[i].state) < rank(state))
			return false;
	return true;
}

enum yizhan_result
yizhan_letter_wait(struct yizhan *yizhan, const char *id, const char *state,
    unsigned seconds, struct yizhan_letter **ret_letter)
{
	enum { STEP_S = 60 };
	struct yizhan_letter *letter = NULL;

	for (;;) {
		unsigned step = seconds < STEP_S ? seconds : STEP_S;
		enum yizhan_result result;

		yizhan_letter_free(letter);
		result = wait_once(yizhan, id, state, step, &letter);
		if (result != YIZHAN_OK)
			return result;
		seconds -= step;
		if (seconds == 0 || is_there(letter, state))
			break;
	}
	*ret_letter = letter;
	return YIZHAN_OK;
}

static enum yizhan_result
act(struct yizhan *yizhan, const char *id, const char *recipient,
    const char *verb, struct yizhan_letter **ret_letter)
{
	char target[CLIENT_TARGET_SIZE] = "";
	struct client_request request = { .method = "POST", .target = target };

	if (!client_path_add(target, "/v1/outbox/", id, "/") ||
	    !client_path_add(target, "", recipient, verb))
		return client_too_long(yizhan);
	return client_letter_ask(yizhan, &request, ret_letter);
}

enum yizhan_result
yizhan_withdraw(struct yizhan *yizhan, const char *id, const char *recipient,
    struct yizhan_letter **ret_letter)
{
	return act(yizhan, id, recipient, ":withdraw", ret_letter);
}

enum yizhan_result
yizhan_paper(struct yizhan *yizhan, const char *id, const char *recipient,
    struct yizhan_letter **ret_letter)
{
	return act(yizhan, id, recipient, ":paper", ret_letter);
}

enum yizhan_result
yizhan_undo(struct yizhan *yizhan, const char *id,
    struct yizhan_letter **ret_letter)
{
	char target[CLIENT_TARGET_SIZE] = "";
	struct client_request request = { .method = "POST", .target = target };

	if (!client_path_add(target, "/v1/outbox/", id, ":undo"))
		return client_too_long(yizhan);
	return client_letter_ask(yizhan, &request, ret_letter);
}

/* ---- the list --------------------------------------------------------------- */

void
yizhan_letters_free(struct yizhan_letters *letters)
{
	struct letters *own = (struct letters *)(void *)letters;

	if (own == NULL)
		return;
	for (size_t i = 0; i < own->open.count; i++)
		yizhan_letter_free(own->list[i]);
	free(own->next);
	free(own);
}

static struct yizhan_letters *
letters_new(const json_t *root)
{
	const json_t *list = json_object_get(root, "documents");
	size_t count = json_array_size(list);
	struct letters *letters =
	    calloc(1, sizeof(*letters) + count * sizeof(letters->list[0]));

	if (letters == NULL)
		return NULL;
	letters->next = strdup(client_member(root, "next"));
	for (; letters->open.count < count; letters->open.count++) {
		struct yizhan_letter *letter =
		    letter_new(json_array_get(list, letters->open.count), "");

		letters->list[letters->open.count] = letter;
		if (letter == NULL)
			break;
	}
	if (letters->next == NULL || letters->open.count < count) {
		yizhan_letters_free(&letters->open);
		return NULL;
	}
	letters->open.letters =
	    (const struct yizhan_letter *const *)(void *)letters->list;
	letters->open.next = letters->next;
	return &letters->open;
}

static void *
read_letters(const json_t *root)
{
	return letters_new(root);
}

enum yizhan_result
yizhan_outbox(struct yizhan *yizhan, const char *cursor, unsigned limit,
    struct yizhan_letters **ret_letters)
{
	const struct client_list list = { .path = "/v1/outbox",
		.cursor = cursor,
		.limit = limit,
		.read = read_letters };
	void *letters = NULL;
	enum yizhan_result result = client_list_ask(yizhan, &list, &letters);

	if (result == YIZHAN_OK)
		*ret_letters = letters;
	return result;
}
