/* Events, asked for and told. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/evp.h>
#include <openssl/hmac.h>

#include "client/client_internal.h"

enum {
	MAC_LEN = 32,
	MAC_TEXT_SIZE = 48, /* of base64 */
	SECRET_MAX = 128,
	FIELD_MAX = 256,
};

struct events {
	struct yizhan_events open; /* first */
	json_t *root;
	char *json;
	struct yizhan_event list[];
};

void
yizhan_events_free(struct yizhan_events *events)
{
	struct events *own = (struct events *)(void *)events;

	if (own == NULL)
		return;
	json_decref(own->root);
	free(own->json);
	free(own);
}

static void
read_event(const json_t *from, struct yizhan_event *to)
{
	*to = (struct yizhan_event){
		.id = json_integer_value(json_object_get(from, "id")),
		.type = client_member(from, "type"),
		.at = client_member(from, "at"),
		.organisation = client_member(from, "organisation"),
		.document_id = client_member(from, "document_id"),
		.waybill_id = client_member(from, "waybill_id"),
		.recipient = client_member(from, "recipient"),
		.state = client_member(from, "state"),
		.reason = client_member(from, "reason"),
	};
}

static struct yizhan_events *
events_new(json_t *root)
{
	const json_t *list = json_object_get(root, "events");
	size_t count = json_array_size(list);
	struct events *events =
	    calloc(1, sizeof(*events) + count * sizeof(events->list[0]));
	char *json = client_dump(root);

	if (events == NULL || json == NULL) {
		free(events);
		free(json);
		return NULL;
	}
	for (size_t i = 0; i < count; i++)
		read_event(json_array_get(list, i), &events->list[i]);
	events->root = json_incref(root);
	events->json = json;
	events->open = (struct yizhan_events){ .count = count,
		.events = events->list,
		.next = client_member(root, "next"),
		.json = json };
	return &events->open;
}

enum yizhan_result
yizhan_events(struct yizhan *yizhan, const char *after, unsigned limit,
    unsigned seconds, struct yizhan_events **ret_events)
{
	char target[CLIENT_TARGET_SIZE] = "";
	char numbers[64];
	struct client_request request = { .method = "GET",
		.target = target,
		.wait_s = seconds };
	struct client_answer answer = { 0 };
	struct yizhan_events *events = NULL;
	json_t *root = NULL;
	enum yizhan_result result;

	snprintf(numbers, sizeof(numbers), "/v1/events?limit=%u",
	    limit > 0 ? limit : 100);
	if (!client_path_add(target, numbers, "", ""))
		return YIZHAN_LOCAL;
	snprintf(numbers, sizeof(numbers), "&wait=%u", seconds);
	if (after != NULL &&
	    !client_path_add(target, "&after=", after,
		seconds > 0 ? numbers : ""))
		return client_problem_set(yizhan, YIZHAN_LOCAL,
		    "the cursor is too long");
	result = client_ask_json(yizhan, &request, &answer, &root);
	if (result == YIZHAN_OK) {
		events = events_new(root);
		if (events != NULL)
			*ret_events = events;
		else
			result = client_problem_set(yizhan, YIZHAN_LOCAL,
			    "no memory");
	}
	json_decref(root);
	client_answer_free(&answer);
	return result;
}

enum yizhan_result
yizhan_events_read(const char *body, size_t len,
    struct yizhan_events **ret_events)
{
	json_t *root = json_loadb(body, len, JSON_REJECT_DUPLICATES, NULL);
	struct yizhan_events *events =
	    json_is_object(root) ? events_new(root) : NULL;

	json_decref(root);
	if (events == NULL)
		return YIZHAN_REFUSED;
	*ret_events = events;
	return YIZHAN_OK;
}

/* ---- webhooks ------------------------------------------------------------- */

/* The key behind "whsec_"; its length, or 0. */
static size_t
read_secret(const char *secret, unsigned char key[SECRET_MAX])
{
	static const char prefix[] = "whsec_";
	size_t len;
	int count;

	if (strncmp(secret, prefix, sizeof(prefix) - 1) != 0)
		return 0;
	secret += sizeof(prefix) - 1;
	len = strlen(secret);
	if (len == 0 || len % 4 != 0 || len / 4 * 3 > SECRET_MAX)
		return 0;
	count = EVP_DecodeBlock(key, (const unsigned char *)secret, (int)len);
	/* It counts what fills the last group as well. */
	for (size_t i = len; count > 0 && i > len - 2; i--)
		count -= secret[i - 1] == '=';
	return count > 0 ? (size_t)count : 0;
}

static bool
make_mac(const unsigned char *key, size_t key_len, const char *id,
    const char *timestamp, const void *body, size_t len, char to[MAC_TEXT_SIZE])
{
	unsigned char mac[EVP_MAX_MD_SIZE];
	struct client_text text = { 0 };
	unsigned mac_len = 0;
	bool is_made = client_text_add(&text, id, strlen(id)) &&
	    client_text_add(&text, ".", 1) &&
	    client_text_add(&text, timestamp, strlen(timestamp)) &&
	    client_text_add(&text, ".", 1) &&
	    client_text_add(&text, body, len) &&
	    HMAC(EVP_sha256(), key, (int)key_len,
		(const unsigned char *)text.data, text.len, mac,
		&mac_len) != NULL &&
	    mac_len == MAC_LEN;

	client_text_free(&text);
	if (is_made)
		EVP_EncodeBlock((unsigned char *)to, mac, MAC_LEN);
	return is_made;
}

/* In the same time whatever differs. */
static bool
is_equal(const char *text, size_t len, const char *other)
{
	unsigned char differs = 0;

	if (len != strlen(other))
		return false;
	for (size_t i = 0; i < len; i++)
		differs |= (unsigned char)(text[i] ^ other[i]);
	return differs == 0;
}

/* One of "v1,... v1,...": a receiver may have been given two secrets. */
static bool
is_among(const char *signature, const char *mac)
{
	while (*signature != '\0') {
		size_t len = strcspn(signature, " ");

		if (len > 3 && strncmp(signature, "v1,", 3) == 0 &&
		    is_equal(signature + 3, len - 3, mac))
			return true;
		signature += len;
		signature += strspn(signature, " ");
	}
	return false;
}

enum yizhan_result
yizhan_webhook_check(const char *secret, const char *id, const char *timestamp,
    const char *signature, const void *body, size_t len, int64_t now)
{
	unsigned char key[SECRET_MAX];
	char mac[MAC_TEXT_SIZE];
	size_t key_len;
	int64_t at;

	if (secret == NULL || id == NULL || timestamp == NULL ||
	    signature == NULL || strlen(id) > FIELD_MAX ||
	    strlen(signature) > 4 * FIELD_MAX)
		return YIZHAN_DENIED;
	at = client_number(timestamp, INT64_MAX);
	if (at <= 0 || at < now - YIZHAN_WEBHOOK_WINDOW_S ||
	    at > now + YIZHAN_WEBHOOK_WINDOW_S)
		return YIZHAN_DENIED;
	key_len = read_secret(secret, key);
	if (key_len == 0)
		return YIZHAN_LOCAL;
	if (!make_mac(key, key_len, id, timestamp, body, len, mac))
		return YIZHAN_LOCAL;
	return is_among(signature, mac) ? YIZHAN_OK : YIZHAN_DENIED;
}
