/* One POST to a webhook, signed. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/hmac.h"
#include "crypto/secret.h"
#include "gateway/events/webhook_internal.h"
#include "policy/webhook_address.h"
#include "role/env.h"
#include "role/spool/spool.h"
#include "service/config.h"

enum {
	ANSWER_MAX = 4096, /* nothing of it is looked at */
	TIMEOUT_MS = 15000,
	TIME_SIZE = 24,
};

/* "v1,<base64>" of id.timestamp.body. */
static int
put_signature(const struct bytes *secret, const char *id, const char *time,
    const struct bytes *body, struct bytes *to, struct error *err)
{
	struct secret_key key;
	struct bytes text = { 0 };
	struct digest mac;
	int rc = -1;

	if (secret->len != sizeof(key.bytes))
		return error_set(err, ERROR_SYSTEM, "a secret of %zu bytes",
		    secret->len);
	memcpy(key.bytes, secret->data, sizeof(key.bytes));
	bytes_put_format(&text, "%s.%s.", id, time);
	bytes_put(&text, body->data, body->len);
	if (bytes_failed(&text, err) == 0)
		rc = hmac_sha256(&key, text.data, text.len, &mac, err);
	secret_wipe(&key, sizeof(key));
	bytes_free(&text);
	if (rc < 0)
		return -1;
	bytes_put_text(to, "v1,");
	base64_put(to, mac.bytes, DIGEST_LEN);
	bytes_put_u8(to, '\0');
	return 0;
}

static int
put_headers(int64_t now, const char *id, const struct bytes *secret,
    const struct bytes *body, struct bytes *to, struct error *err)
{
	char time[TIME_SIZE];

	snprintf(time, sizeof(time), "%" PRId64, now / 1000);
	bytes_put(to, "webhook-id", sizeof("webhook-id"));
	bytes_put(to, id, strlen(id) + 1);
	bytes_put(to, "webhook-timestamp", sizeof("webhook-timestamp"));
	bytes_put(to, time, strlen(time) + 1);
	bytes_put(to, "webhook-signature", sizeof("webhook-signature"));
	if (put_signature(secret, id, time, body, to, err) < 0)
		return -1;
	return bytes_failed(to, err);
}

int
webhook_post(struct webhooks *webhooks, const char *url, const char *id,
    const struct bytes *secret, const struct bytes *body, peer_answer_fn fn,
    void *ctx, struct error *err)
{
	struct spool *spool = webhooks->spool;
	struct message_fetch fetch = { .type = "application/json",
		.body = blob_of_bytes(body),
		.answer_max = ANSWER_MAX,
		.timeout_ms = TIMEOUT_MS };
	struct bytes headers = { 0 };
	/* Judged again: the configuration may be another one. */
	int rc = webhook_address_check(url,
	    spool->env->config->webhook.addresses, err);

	if (rc == 0)
		rc = put_headers(spool_now(spool), id, secret, body, &headers,
		    err);
	if (rc == 0) {
		text_copy(fetch.url, sizeof(fetch.url), url);
		fetch.headers = blob_of_bytes(&headers);
		rc = peer_ask(spool->courier, MESSAGE_FETCH, &fetch, -1, fn,
		    ctx, NULL, err);
	}
	bytes_free(&headers);
	return rc;
}
