#define _XOPEN_SOURCE 700 /* kill() */
/*
 * Cards of a running demo that are lost, or end.  One that ends is the card as it
 * is with another certificate: officers publish it in the directory, as after
 * every renewal, and the gateway begins anew with it.
 */
#include "demo/demo_trouble.h"

#include <poll.h>
#include <signal.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "demo/demo_trouble_internal.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "sys/clock.h"

enum {
	TARGET_SIZE = 128,
	SECONDS_DEFAULT = 5,
	SECONDS_MAX = 3600,
	STEP_MS = 100,
	LIMIT_MS = 30000,
};

/* ---- lose-card --------------------------------------------------------- */

static int
lose(const struct trouble *trouble, const char *certificate, struct error *err)
{
	struct json_document *document = NULL;
	char target[TARGET_SIZE];
	int rc;

	snprintf(target, sizeof(target), "/v1/cards/%.64s:lost", certificate);
	rc = trouble_ask(trouble, trouble->gateway, target,
	    "{\"reason\":\"demo: 皮夾遺失\"}", &document, err);
	json_document_free(document);
	return rc;
}

static int
run_lose_card(struct cli *cli, struct error *err)
{
	struct json_document *document = NULL;
	struct trouble trouble = { 0 };
	const struct json_value *cards = NULL;
	int rc;

	if (trouble_begin_about(&trouble, cli, err) < 0)
		return -1;
	rc = trouble_ask(&trouble, trouble.gateway, "/v1/cards", NULL,
	    &document, err);
	if (rc == 0)
		cards = json_value_member(json_root(document), "cards");
	if (rc == 0 && json_value_count(cards) == 0)
		rc = error_set(err, ERROR_NOT_FOUND, "%s has no card",
		    trouble.gateway->org);
	if (rc == 0)
		rc = lose(&trouble,
		    json_value_text(json_value_member(json_value_item(cards, 0),
			"certificate")),
		    err);
	json_document_free(document);
	if (rc == 0)
		trouble_tell(&trouble, trouble.gateway,
		    "憑證 IC 卡已通報遺失並立即停用；換發前不能簽章。",
		    "The card was reported lost and is blocked at once; until "
		    "there is another, nothing can be signed.",
		    "certificates");
	return rc;
}

/* ---- expire-card ------------------------------------------------------- */

/* The card of the agency with its new certificate, until the end. */
struct renewal {
	const struct trouble *trouble;
	struct demo_pair card;
	int64_t ends_at;
};

/* The same key, certified anew. */
static int
certify(struct renewal *renewal, struct error *err)
{
	const struct demo_host *gateway = renewal->trouble->gateway;
	struct demo_subject subject = { ISSUE_SIGN, CERT_KEY_RSA, gateway->org,
		gateway->org, NULL, 0, NULL };
	struct demo_pair anchor = { 0 };
	struct cert *cert = NULL;
	char name[64];
	int rc = -1;

	snprintf(name, sizeof(name), "%s.keys/sign.%s", gateway->name,
	    gateway->code);
	if (trouble_read_pair(renewal->trouble, "officers/anchor", &anchor,
		err) == 0 &&
	    trouble_read_pair(renewal->trouble, name, &renewal->card, err) == 0)
		rc = demo_certify(&subject, renewal->card.key, &anchor,
		    clock_now_ms(), renewal->ends_at, &cert, err);
	demo_pair_free(&anchor);
	if (rc == 0) {
		cert_free(renewal->card.cert);
		renewal->card.cert = cert;
	}
	return rc;
}

static void
write_key(const struct renewal *renewal, const struct json_value *key,
    struct json_writer *writer)
{
	static const char *const members[] = { "use", "state", "not_after",
		"certificate" };
	bool is_card =
	    text_equal(json_value_text(json_value_member(key, "use")), "sign");

	json_write_begin_object(writer, NULL);
	for (size_t i = 0; i < (is_card ? 2 : ARRAY_LEN(members)); i++)
		json_write_text(writer, members[i],
		    json_value_text(json_value_member(key, members[i])));
	if (is_card) {
		json_write_time(writer, "not_after", renewal->ends_at);
		demo_pair_put_cert(writer, "certificate", &renewal->card);
	}
	json_write_end(writer);
}

/* Its keys as they are in force, with this certificate of the card. */
static int
put_entry(const struct renewal *renewal, struct bytes *to, struct error *err)
{
	const struct trouble *trouble = renewal->trouble;
	struct json_writer writer = json_writer_to(to);
	struct json_document *document = NULL;
	const struct json_value *keys;
	char target[TARGET_SIZE];

	snprintf(target, sizeof(target), "/v1/directory/%s",
	    trouble->gateway->code);
	if (trouble_ask(trouble, demo_host_find("management"), target, NULL,
		&document, err) < 0)
		return -1;
	keys =
	    json_value_member(json_value_member(json_root(document), "entry"),
		"keys");
	json_write_begin_object(&writer, NULL);
	json_write_begin_array(&writer, "entries");
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "code", trouble->gateway->code);
	json_write_begin_array(&writer, "keys");
	for (size_t i = 0; i < json_value_count(keys); i++)
		write_key(renewal, json_value_item(keys, i), &writer);
	json_write_end(&writer);
	json_write_end(&writer);
	json_write_end(&writer);
	json_write_end(&writer);
	bytes_put_u8(to, '\0');
	json_document_free(document);
	return bytes_failed(to, err);
}

static int
change_directory(const struct renewal *renewal, struct error *err)
{
	struct bytes entries = { 0 };
	int rc = put_entry(renewal, &entries, err);

	if (rc == 0)
		rc = trouble_publish_directory(renewal->trouble,
		    (const char *)entries.data, err);
	bytes_free(&entries);
	return rc;
}

/* 1 once the gateway knows the certificate. */
static int
is_known(const struct renewal *renewal, struct error *err)
{
	const struct trouble *trouble = renewal->trouble;
	struct json_document *document = NULL;
	const struct json_value *cards;
	char digest[DIGEST_TEXT_SIZE];
	int found = 0;

	if (trouble_ask(trouble, trouble->gateway, "/v1/cards", NULL, &document,
		err) < 0)
		return -1;
	digest_format(cert_fingerprint(renewal->card.cert), digest);
	cards = json_value_member(json_root(document), "cards");
	for (size_t i = 0; i < json_value_count(cards); i++)
		found |=
		    text_equal(json_value_text(
				   json_value_member(json_value_item(cards, i),
				       "certificate")),
			digest);
	json_document_free(document);
	return found;
}

static int
wait_until_known(const struct renewal *renewal, struct error *err)
{
	for (int ms = 0; ms < LIMIT_MS; ms += STEP_MS) {
		int found = is_known(renewal, err);

		if (found != 0)
			return found < 0 ? -1 : 0;
		poll(NULL, 0, STEP_MS);
	}
	return error_set(err, ERROR_BUSY,
	    "%s does not know the new certificate after 30 s",
	    renewal->trouble->gateway->name);
}

/* In the place of the card's file; then the gateway begins anew with it. */
static int
insert_card(const struct renewal *renewal, struct error *err)
{
	const struct trouble *trouble = renewal->trouble;
	char path[TROUBLE_PATH_SIZE];
	char fresh[TROUBLE_PATH_SIZE];
	pid_t group;

	if (trouble_find_group(trouble, trouble->gateway->name, &group, err) <
	    0)
		return -1;
	if (snprintf(path, sizeof(path), "%s/%s.keys/sign.%s.pem",
		trouble->folder, trouble->gateway->name,
		trouble->gateway->code) >= (int)sizeof(path) ||
	    snprintf(fresh, sizeof(fresh), "%s.new", path) >=
		(int)sizeof(fresh))
		return error_set(err, ERROR_MALFORMED, "%s: path too long",
		    trouble->folder);
	unlink(fresh); /* of one that was interrupted */
	if (demo_pair_save(&renewal->card, fresh, err) < 0)
		return -1;
	if (rename(fresh, path) < 0)
		return error_set_errno(err, "replacing %s", path);
	return kill(group, SIGHUP) < 0
	    ? error_set_errno(err, "telling %s", trouble->gateway->name)
	    : 0;
}

static int
run_expire_card(struct cli *cli, struct error *err)
{
	const char *seconds = cli_value(cli, "seconds");
	bool is_renewal = cli_has(cli, "renew");
	uint64_t count = SECONDS_DEFAULT;
	struct trouble trouble = { 0 };
	struct renewal renewal = { .trouble = &trouble };
	int rc;

	if (seconds != NULL &&
	    (!text_parse_u64(seconds, SECONDS_MAX, &count) || count == 0))
		return cli_refuse(err, "--seconds wants 1 to %d", SECONDS_MAX);
	if (trouble_begin_about(&trouble, cli, err) < 0)
		return -1;
	renewal.ends_at = clock_now_ms() +
	    (is_renewal ? demo_long_ms : (int64_t)count * 1000);
	rc = certify(&renewal, err) < 0 ||
		change_directory(&renewal, err) < 0 ||
		wait_until_known(&renewal, err) < 0 ||
		insert_card(&renewal, err) < 0
	    ? -1
	    : 0;
	demo_pair_free(&renewal.card);
	if (rc == 0 && is_renewal)
		trouble_tell(&trouble, trouble.gateway,
		    "憑證 IC 卡已換發，地址簿已更新，可以簽章。",
		    "The card has a new certificate and the address book says "
		    "so; it signs again.",
		    "certificates");
	else if (rc == 0)
		trouble_tell(&trouble, trouble.gateway,
		    "憑證 IC 卡隨即到期：不能簽章與發文，收文照常。"
		    "以 --renew 換發。",
		    "The card ends now: nothing can be signed or sent, letters "
		    "still come in.  --renew gives it a new certificate.",
		    "certificates");
	return rc;
}

/* ---- commands ---------------------------------------------------------- */

static const struct command_option lose_options[] = {
	{ "config", 'c', "FILE", "any configuration of the demo" },
	{ NULL, 0, NULL, NULL },
};

const struct command demo_lose_card_command = {
	.name = "demo lose-card",
	.summary =
	    "the card of an agency of a running demo is lost and blocked",
	.summary_zh = "示範網路一個機關的憑證 IC 卡遺失停用",
	.arguments = "AGENCY",
	.arguments_max = 1,
	.examples = "yizhan demo lose-card 彰化縣政府\n",
	.options = lose_options,
	.run = run_lose_card,
};

static const struct command_option expire_options[] = {
	{ "config", 'c', "FILE", "any configuration of the demo" },
	{ "renew", 0, NULL, "give it a new certificate" },
	{ "seconds", 0, "N", "until it ends (5)" },
	{ NULL, 0, NULL, NULL },
};

const struct command demo_expire_card_command = {
	.name = "demo expire-card",
	.summary = "the card of an agency of a running demo ends",
	.summary_zh = "示範網路一個機關的憑證 IC 卡到期",
	.arguments = "AGENCY",
	.arguments_max = 1,
	.examples = "yizhan demo expire-card 彰化縣政府\n"
		    "yizhan demo expire-card 彰化縣政府 --renew\n",
	.options = expire_options,
	.run = run_expire_card,
};
