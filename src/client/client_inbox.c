/* Letters that came in. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

#include <openssl/evp.h>

#include "client/client_internal.h"

enum { DIGEST_LEN = 32 };

struct arrival {
	struct yizhan_arrival open; /* first */
	json_t *root;
	char *json;
	char etag[CLIENT_ETAG_SIZE];
	struct yizhan_part parts[];
};

struct arrivals {
	struct yizhan_arrivals open; /* first */
	char *next;
	struct yizhan_arrival *list[];
};

void
yizhan_arrival_free(struct yizhan_arrival *arrival)
{
	struct arrival *own = (struct arrival *)(void *)arrival;

	if (own == NULL)
		return;
	json_decref(own->root);
	free(own->json);
	free(own);
}

static void
read_members(const json_t *root, struct yizhan_arrival *to)
{
	to->waybill_id = client_member(root, "waybill_id");
	to->recipient = client_member(root, "recipient");
	to->document_id = client_member(root, "document_id");
	to->sender = client_member(root, "sender");
	to->sender_name = client_member(root, "sender_name");
	to->reference = client_member(root, "reference");
	to->subject = client_member(root, "subject");
	to->speed = client_member(root, "speed");
	to->receive_number = client_member(root, "receive_number");
	to->received_at = client_member(root, "received_at");
	to->state = client_member(root, "state");
}

/* Keeps `root`; NULL if there is no memory. */
static struct yizhan_arrival *
arrival_new(json_t *root, const char *etag)
{
	const json_t *list = json_object_get(root, "files");
	size_t count = json_array_size(list);
	struct arrival *arrival =
	    calloc(1, sizeof(*arrival) + count * sizeof(arrival->parts[0]));
	char *json = client_dump(root);

	if (arrival == NULL || json == NULL) {
		free(arrival);
		free(json);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		arrival->parts[i] = client_part(json_array_get(list, i));
	arrival->root = json_incref(root);
	arrival->json = json;
	snprintf(arrival->etag, sizeof(arrival->etag), "%s", etag);
	read_members(root, &arrival->open);
	arrival->open.part_count = count;
	arrival->open.parts = arrival->parts;
	arrival->open.etag = arrival->etag;
	arrival->open.json = json;
	return &arrival->open;
}

static enum yizhan_result
ask(struct yizhan *yizhan, const struct client_request *request,
    struct yizhan_arrival **ret_arrival)
{
	struct client_answer answer = { 0 };
	struct yizhan_arrival *arrival;
	json_t *root = NULL;
	enum yizhan_result result =
	    client_ask_json(yizhan, request, &answer, &root);

	if (result == YIZHAN_OK) {
		arrival = arrival_new(root, answer.etag);
		if (arrival != NULL)
			*ret_arrival = arrival;
		else
			result = client_no_memory(yizhan);
	}
	json_decref(root);
	client_answer_free(&answer);
	return result;
}

/* ---- the list --------------------------------------------------------------- */

void
yizhan_arrivals_free(struct yizhan_arrivals *arrivals)
{
	struct arrivals *own = (struct arrivals *)(void *)arrivals;

	if (own == NULL)
		return;
	for (size_t i = 0; i < own->open.count; i++)
		yizhan_arrival_free(own->list[i]);
	free(own->next);
	free(own);
}

static struct yizhan_arrivals *
arrivals_new(const json_t *root)
{
	const json_t *list = json_object_get(root, "documents");
	size_t count = json_array_size(list);
	struct arrivals *arrivals =
	    calloc(1, sizeof(*arrivals) + count * sizeof(arrivals->list[0]));

	if (arrivals == NULL)
		return NULL;
	arrivals->next = strdup(client_member(root, "next"));
	for (; arrivals->open.count < count; arrivals->open.count++) {
		struct yizhan_arrival *arrival =
		    arrival_new(json_array_get(list, arrivals->open.count), "");

		arrivals->list[arrivals->open.count] = arrival;
		if (arrival == NULL)
			break;
	}
	if (arrivals->next == NULL || arrivals->open.count < count) {
		yizhan_arrivals_free(&arrivals->open);
		return NULL;
	}
	arrivals->open.arrivals =
	    (const struct yizhan_arrival *const *)(void *)arrivals->list;
	arrivals->open.next = arrivals->next;
	return &arrivals->open;
}

static void *
read_arrivals(const json_t *root)
{
	return arrivals_new(root);
}

enum yizhan_result
yizhan_inbox(struct yizhan *yizhan, const char *state, const char *cursor,
    unsigned limit, struct yizhan_arrivals **ret_arrivals)
{
	const struct client_list list = { .path = "/v1/inbox",
		.state = state,
		.cursor = cursor,
		.limit = limit,
		.read = read_arrivals };
	void *arrivals = NULL;
	enum yizhan_result result = client_list_ask(yizhan, &list, &arrivals);

	if (result == YIZHAN_OK)
		*ret_arrivals = arrivals;
	return result;
}

/* ---- one ---------------------------------------------------------------------- */

static bool
put_place(char target[CLIENT_TARGET_SIZE], const char *waybill_id,
    const char *recipient, const char *rest)
{
	return client_path_add(target, "/v1/inbox/", waybill_id, "/") &&
	    client_path_add(target, "", recipient, rest);
}

enum yizhan_result
yizhan_arrival_get(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, struct yizhan_arrival **ret_arrival)
{
	char target[CLIENT_TARGET_SIZE] = "";
	struct client_request request = { .method = "GET", .target = target };

	if (!put_place(target, waybill_id, recipient, ""))
		return client_too_long(yizhan);
	return ask(yizhan, &request, ret_arrival);
}

struct reading {
	yizhan_take_fn take;
	void *context;
	EVP_MD_CTX *sha;
	uint64_t len;
};

static int
take(void *context, const void *data, size_t len)
{
	struct reading *reading = context;

	EVP_DigestUpdate(reading->sha, data, len);
	reading->len += len;
	return reading->take(reading->context, data, len);
}

static bool
is_as_promised(const struct reading *reading, const struct yizhan_part *part)
{
	unsigned char digest[DIGEST_LEN];
	char text[2 * DIGEST_LEN + 1];

	EVP_DigestFinal_ex(reading->sha, digest, NULL);
	for (size_t i = 0; i < DIGEST_LEN; i++)
		snprintf(text + 2 * i, 3, "%02x", digest[i]);
	return reading->len == part->len && strcasecmp(text, part->sha256) == 0;
}

enum yizhan_result
yizhan_read_part(struct yizhan *yizhan, const struct yizhan_arrival *arrival,
    size_t number, yizhan_take_fn take_fn, void *context)
{
	struct reading reading = { take_fn, context, EVP_MD_CTX_new(), 0 };
	char target[CLIENT_TARGET_SIZE] = "";
	char rest[40];
	enum yizhan_result result;

	snprintf(rest, sizeof(rest), "/files/%zu", number);
	if (reading.sha == NULL ||
	    EVP_DigestInit_ex(reading.sha, EVP_sha256(), NULL) != 1)
		result = client_no_memory(yizhan);
	else if (number >= arrival->part_count ||
	    !put_place(target, arrival->waybill_id, arrival->recipient, rest))
		result = client_problem_set(yizhan, YIZHAN_LOCAL,
		    "there is no part %zu", number);
	else
		result = yizhan_fetch(yizhan, target, take, &reading);
	if (result == YIZHAN_OK &&
	    !is_as_promised(&reading, &arrival->parts[number]))
		result = client_problem_set(yizhan, YIZHAN_BUSY,
		    "part %zu came otherwise than its digest says", number);
	EVP_MD_CTX_free(reading.sha);
	return result;
}

/* ---- acts --------------------------------------------------------------------- */

enum yizhan_result
client_arrival_act(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, const char *verb, json_t *body,
    struct yizhan_arrival **ret_arrival)
{
	char target[CLIENT_TARGET_SIZE] = "";
	char *json = body != NULL ? client_dump(body) : NULL;
	const struct client_request request = { .method = "POST",
		.target = target,
		.json = json };
	enum yizhan_result result;

	if (body != NULL && json == NULL)
		result = client_no_memory(yizhan);
	else if (!put_place(target, waybill_id, recipient, verb))
		result = client_too_long(yizhan);
	else
		result = ask(yizhan, &request, ret_arrival);
	json_decref(body);
	free(json);
	return result;
}

/* Of a reason that is no UTF-8 there is no body. */
static enum yizhan_result
act_for(struct yizhan *yizhan, const char *waybill_id, const char *recipient,
    const char *verb, const char *reason, struct yizhan_arrival **ret_arrival)
{
	json_t *body =
	    json_pack("{s:s}", "reason", reason != NULL ? reason : "");

	if (body == NULL)
		return client_problem_set(yizhan, YIZHAN_LOCAL,
		    "the reason is no text");
	return client_arrival_act(yizhan, waybill_id, recipient, verb, body,
	    ret_arrival);
}

enum yizhan_result
yizhan_confirm(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, struct yizhan_arrival **ret_arrival)
{
	return client_arrival_act(yizhan, waybill_id, recipient, ":confirm",
	    NULL, ret_arrival);
}

enum yizhan_result
yizhan_return(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, const char *reason,
    struct yizhan_arrival **ret_arrival)
{
	return act_for(yizhan, waybill_id, recipient, ":return", reason,
	    ret_arrival);
}

enum yizhan_result
yizhan_notice(struct yizhan *yizhan, const char *waybill_id,
    const char *recipient, const char *reason,
    struct yizhan_arrival **ret_arrival)
{
	return act_for(yizhan, waybill_id, recipient, ":notice", reason,
	    ret_arrival);
}
