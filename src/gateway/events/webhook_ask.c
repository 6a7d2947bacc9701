/* What people and systems ask about webhooks. */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/random.h"
#include "gateway/events/happenings.h"
#include "gateway/events/webhook_internal.h"
#include "gateway/events/webhook_rows.h"
#include "http/http_path.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "role/env.h"
#include "role/people/people_admit.h"
#include "role/spool/spool.h"
#include "service/config.h"
#include "store/store.h"

enum { BODY_MAX = 4096, SECRET_LEN = 32, SIGN_NAME_SIZE = 24 };

struct asking {
	struct group_op op; /* first: the group hands it back */
	struct webhooks *webhooks;
	struct peer *peer;
	uint32_t id;
	int (*act)(struct asking *asking, struct error *err);
	char scope[ORG_TEXT_SIZE];
	struct json_document *body;
	struct webhook webhook;
	struct bytes secret; /* of a new one */
	struct bytes sealed;
	struct bytes json;
	uint16_t status;
};

static struct rows *
rows_of(const struct asking *asking)
{
	return store_rows(asking->webhooks->spool->store);
}

static void
end(struct asking *asking, const struct error *failure)
{
	struct message_response response = { .status = asking->status,
		.type = "application/json",
		.body = blob_of_bytes(&asking->json) };
	struct error err = { 0 };

	if (failure == NULL && bytes_failed(&asking->json, &err) < 0)
		failure = &err;
	if (failure != NULL)
		peer_refuse(asking->peer, asking->id, failure);
	else
		peer_tell(asking->peer, MESSAGE_RESPONSE, asking->id, &response,
		    -1);
	json_document_free(asking->body);
	bytes_wipe(&asking->secret);
	bytes_free(&asking->sealed);
	bytes_wipe(&asking->json);
	free(asking);
}

static int
apply(struct group_op *op, struct error *err)
{
	struct asking *asking = (struct asking *)(void *)op;

	bytes_clear(&asking->json);
	return asking->act(asking, err);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct asking *asking = (struct asking *)(void *)op;
	struct webhooks *webhooks = asking->webhooks;

	webhooks_forget(webhooks, asking->webhook.row);
	end(asking, failure);
	webhooks_wake(webhooks);
}

static void
store(struct asking *asking)
{
	asking->op.apply = apply;
	asking->op.finish = finish;
	group_add(asking->webhooks->spool->group, &asking->op);
}

/* ---- a new one ------------------------------------------------------------- */

static int
add(struct asking *asking, struct error *err)
{
	struct json_writer writer = json_writer_to(&asking->json);
	struct webhook *webhook = &asking->webhook;
	struct bytes secret = { 0 };

	if (happenings_newest(rows_of(asking), &webhook->after, err) < 0 ||
	    webhook_add(rows_of(asking), webhook, &asking->sealed,
		spool_now(asking->webhooks->spool), err) < 0)
		return -1;
	bytes_put_text(&secret, "whsec_");
	base64_put(&secret, asking->secret.data, asking->secret.len);
	asking->status = 201;
	json_write_begin_object(&writer, NULL);
	json_write_int(&writer, "id", webhook->row);
	json_write_text(&writer, "url", webhook->url);
	json_write_org(&writer, "organisation", &webhook->organisation);
	json_write_text_len(&writer, "secret", (const char *)secret.data,
	    secret.failed ? 0 : secret.len);
	json_write_int(&writer, "after", webhook->after);
	json_write_end(&writer);
	bytes_wipe(&secret);
	return json_write_done(&writer, err);
}

static void
on_sealed(void *ctx, struct ipc_message *message)
{
	struct asking *asking = ctx;
	struct message_kept kept;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_KEPT, &kept, &err) == 0) {
		bytes_put(&asking->sealed, kept.secret.data, kept.secret.len);
		if (bytes_failed(&asking->sealed, &err) == 0) {
			store(asking);
			return;
		}
	}
	end(asking, &err);
}

/* The secret never lies in the store as it is. */
static int
seal_secret(struct asking *asking, struct error *err)
{
	struct message_keep keep = { .is_open = false };
	uint8_t random[SECRET_LEN];

	if (random_fill(random, sizeof(random), err) < 0)
		return -1;
	bytes_put(&asking->secret, random, sizeof(random));
	if (bytes_failed(&asking->secret, err) < 0)
		return -1;
	keep.secret = blob_of_bytes(&asking->secret);
	return peer_ask(asking->webhooks->spool->keeper, MESSAGE_KEEP, &keep,
	    -1, on_sealed, asking, NULL, err);
}

static int
read_organisation(const struct asking *asking, struct org_code *ret_code,
    struct error *err)
{
	const char *text = json_value_text(
	    json_value_member(json_root(asking->body), "organisation"));
	char key[SIGN_NAME_SIZE];

	if (text == NULL)
		text = asking->scope;
	if (!org_code_parse(text, ret_code))
		return error_set_id(err, "E6418", ERROR_MALFORMED,
		    "organisation must be a code");
	snprintf(key, sizeof(key), "sign.%.10s", ret_code->text);
	if (spool_key_find(asking->webhooks->spool, key) == NULL)
		return error_set_id(err, "E6414", ERROR_MALFORMED,
		    "there is no key %s here", key);
	if (!people_may_see(asking->scope, ret_code->text))
		return error_set_id(err, "E6403", ERROR_DENIED,
		    "%s is another organisation", ret_code->text);
	return 0;
}

static int
begin_add(struct asking *asking, struct error *err)
{
	struct webhook *webhook = &asking->webhook;
	const char *url = asking->body != NULL
	    ? json_value_text(json_value_member(json_root(asking->body), "url"))
	    : NULL;

	if (url == NULL || !text_copy(webhook->url, sizeof(webhook->url), url))
		return error_set_id(err, "E6418", ERROR_MALFORMED,
		    "url must be a text of at most %d bytes",
		    WEBHOOK_URL_SIZE - 1);
	if (read_organisation(asking, &webhook->organisation, err) < 0 ||
	    webhook_address_check(url,
		asking->webhooks->spool->env->config->webhook.addresses,
		err) < 0)
		return -1;
	asking->act = add;
	return seal_secret(asking, err);
}

/* ---- those that are there ------------------------------------------------------ */

/* Of another organisation, a webhook is not there. */
static int
change(struct asking *asking, struct error *err)
{
	struct webhook wanted = asking->webhook;
	struct json_writer writer = json_writer_to(&asking->json);
	struct webhook *webhook = &asking->webhook;
	int found = webhook_find(rows_of(asking), wanted.row, webhook, err);

	if (found > 0 &&
	    !people_may_see(asking->scope, webhook->organisation.text))
		found = 0;
	if (found == 0)
		return error_set(err, ERROR_NOT_FOUND, "no webhook %lld",
		    (long long)wanted.row);
	if (found < 0)
		return -1;
	webhook->is_enabled = wanted.is_enabled;
	if (wanted.after >= 0)
		webhook->after = wanted.after;
	webhook->failures = 0;
	webhook->retry_at = 0;
	webhook_write(webhook, &writer);
	return webhook_save(rows_of(asking), webhook, err) < 0
	    ? -1
	    : json_write_done(&writer, err);
}

static int
begin_change(struct asking *asking, const char *name, bool is_enabled,
    bool is_replay, struct error *err)
{
	const struct json_value *after = asking->body != NULL
	    ? json_value_member(json_root(asking->body), "after")
	    : NULL;
	uint64_t row;

	if (!text_parse_u64(name, INT64_MAX, &row))
		return error_set(err, ERROR_NOT_FOUND, "%.40s is no number",
		    name);
	asking->webhook.row = (int64_t)row;
	asking->webhook.is_enabled = is_enabled;
	asking->webhook.after = -1;
	if (is_replay &&
	    (!json_value_integer(after, &asking->webhook.after) ||
		asking->webhook.after < 0))
		return error_set_id(err, "E6418", ERROR_MALFORMED,
		    "after must be the number of an event");
	asking->act = change;
	store(asking);
	return 0;
}

/* ---- the request ------------------------------------------------------------------ */

static int
begin(struct asking *asking, const struct message_request *request,
    struct error *err)
{
	struct http_segments names = { 0 };

	if (request->body.len > 0 &&
	    json_read(request->body.data, request->body.len, BODY_MAX,
		&asking->body, err) < 0)
		return -1;
	if (text_equal(request->path, "/v1/webhooks"))
		return begin_add(asking, err);
	if (http_path_match("/v1/webhooks/{}:replay", request->path, &names))
		return begin_change(asking, names.text[0], true, true, err);
	if (http_path_match("/v1/webhooks/{}:enable", request->path, &names))
		return begin_change(asking, names.text[0], true, false, err);
	if (http_path_match("/v1/webhooks/{}:disable", request->path, &names))
		return begin_change(asking, names.text[0], false, false, err);
	return error_set_id(err, "E6201", ERROR_NOT_FOUND, "nothing at %s",
	    request->path);
}

bool
webhooks_answer(struct webhooks *webhooks, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct http_segments names = { 0 };
	struct asking *asking;
	struct error err = { 0 };

	if (!text_equal(request->method, "POST") ||
	    !text_starts(request->path, "/v1/webhooks"))
		return false;
	if (http_path_match("/v1/webhooks/{}:test", request->path, &names)) {
		if (webhook_test(webhooks, peer, id, request->scope,
			names.text[0], &err) < 0)
			peer_refuse(peer, id, &err);
		return true;
	}
	asking = calloc(1, sizeof(*asking));
	if (asking == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return true;
	}
	asking->webhooks = webhooks;
	asking->peer = peer;
	asking->id = id;
	asking->status = 200;
	text_copy(asking->scope, sizeof(asking->scope), request->scope);
	if (begin(asking, request, &err) < 0)
		end(asking, &err);
	return true;
}
