/*
 * POST /v1/webhooks/{id}:test: one event that nothing happened for, told now,
 * beside the queue of real ones, and what the receiver made of it.
 */
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "gateway/events/webhook_internal.h"
#include "gateway/events/webhook_rows.h"
#include "json/json_write.h"
#include "role/people/people_admit.h"
#include "role/spool/spool.h"
#include "store/store.h"

enum { ID_SIZE = 64 };

struct testing {
	struct webhooks *webhooks;
	struct peer *peer;
	uint32_t request;
	struct webhook webhook;
	struct bytes secret;
	struct bytes body;
};

static void
end(struct testing *testing, int64_t status, const struct error *failure)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct message_response response = { .status = 200,
		.type = "application/json" };
	struct error err = { 0 };

	json_write_begin_object(&writer, NULL);
	json_write_bool(&writer, "taken", status >= 200 && status <= 299);
	json_write_int(&writer, "status", status);
	json_write_text(&writer, "why", failure != NULL ? failure->text : "");
	json_write_end(&writer);
	response.body = blob_of_bytes(&json);
	if (json_write_done(&writer, &err) < 0)
		peer_refuse(testing->peer, testing->request, &err);
	else
		peer_tell(testing->peer, MESSAGE_RESPONSE, testing->request,
		    &response, -1);
	bytes_free(&json);
	bytes_wipe(&testing->secret);
	bytes_free(&testing->body);
	free(testing);
}

static void
on_fetched(void *ctx, struct ipc_message *message)
{
	struct message_fetched fetched;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_FETCHED, &fetched, &err) < 0)
		end(ctx, 0, &err);
	else
		end(ctx, fetched.status, NULL);
}

/* As an event looks, of a type and number that no event has. */
static int
put_body(struct testing *testing, struct error *err)
{
	struct json_writer writer = json_writer_to(&testing->body);
	const struct webhook *webhook = &testing->webhook;
	char next[ID_SIZE];

	snprintf(next, sizeof(next), "%" PRId64, webhook->after);
	json_write_begin_object(&writer, NULL);
	json_write_begin_array(&writer, "events");
	json_write_begin_object(&writer, NULL);
	json_write_int(&writer, "id", 0);
	json_write_text(&writer, "type", "test");
	json_write_time(&writer, "at", spool_now(testing->webhooks->spool));
	json_write_org(&writer, "organisation", &webhook->organisation);
	json_write_end(&writer);
	json_write_end(&writer);
	json_write_text(&writer, "next", next);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static void
on_opened(void *ctx, struct ipc_message *message)
{
	struct testing *testing = ctx;
	struct message_kept kept;
	char id[ID_SIZE];
	struct error err = { 0 };

	snprintf(id, sizeof(id), "test_%" PRId64 "_%" PRId64,
	    testing->webhook.row, spool_now(testing->webhooks->spool));
	if (message_read(message, MESSAGE_KEPT, &kept, &err) == 0) {
		bytes_put(&testing->secret, kept.secret.data, kept.secret.len);
		if (bytes_failed(&testing->secret, &err) == 0 &&
		    put_body(testing, &err) == 0 &&
		    webhook_post(testing->webhooks, testing->webhook.url, id,
			&testing->secret, &testing->body, on_fetched, testing,
			&err) == 0)
			return;
	}
	end(testing, 0, &err);
}

static int
open_secret(struct testing *testing, struct error *err)
{
	struct spool *spool = testing->webhooks->spool;
	struct message_keep ask = { .is_open = true };
	struct bytes sealed = { 0 };
	int rc = webhook_secret(store_rows(spool->store), testing->webhook.row,
	    &sealed, err);

	ask.secret = blob_of_bytes(&sealed);
	if (rc == 0)
		rc = peer_ask(spool->keeper, MESSAGE_KEEP, &ask, -1, on_opened,
		    testing, NULL, err);
	bytes_free(&sealed);
	return rc;
}

int
webhook_test(struct webhooks *webhooks, struct peer *peer, uint32_t id,
    const char *scope, const char *name, struct error *err)
{
	struct testing *testing;
	struct webhook webhook;
	uint64_t row;
	int found;

	if (!text_parse_u64(name, INT64_MAX, &row))
		return error_set(err, ERROR_NOT_FOUND, "%.40s is no number",
		    name);
	found = webhook_find(store_rows(webhooks->spool->store), (int64_t)row,
	    &webhook, err);
	if (found > 0 && !people_may_see(scope, webhook.organisation.text))
		found = 0;
	if (found == 0)
		return error_set(err, ERROR_NOT_FOUND, "no webhook %.40s",
		    name);
	if (found < 0)
		return -1;
	testing = calloc(1, sizeof(*testing));
	if (testing == NULL)
		return error_set_memory(err);
	testing->webhooks = webhooks;
	testing->peer = peer;
	testing->request = id;
	testing->webhook = webhook;
	if (open_secret(testing, err) < 0) {
		free(testing);
		return -1;
	}
	return 0;
}
