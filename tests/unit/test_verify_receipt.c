#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "bulletin/bulletin_make.h"
#include "crypto/cert_cache.h"
#include "crypto/key.h"
#include "crypto/merkle.h"
#include "crypto/signed.h"
#include "crypto/trust.h"
#include "directory/directory.h"
#include "directory/directory_image.h"
#include "envelope/act.h"
#include "envelope/receipt.h"
#include "envelope/statement.h"
#include "harness/pki.h"
#include "json/json_write.h"
#include "log/note.h"
#include "role/verifier/checkpoint_cache.h"
#include "role/verifier/verify.h"

enum { LOG_SIZE = 7, LOG_INDEX = 4 };

static const char origin[] = "yizhan/demo/center-b/1";
static const char *registered = origin; /* in the network bulletin */

/*
 * A receipt of center-b about what 376470000A did with a delivery, and a
 * directory that registers its keys.  Tests alter the parts and make() it.
 */
struct fixture {
	struct pki pki;
	struct pki_holder log;
	struct pki_holder module;
	struct pki_holder sign;
	struct pki_holder seal;
	struct pki_holder tls;
	struct pki_holder stranger;
	struct cert_cache *certs;
	struct checkpoint_cache *checkpoints;
	struct bytes image;
	struct directory *directory;
	struct verify_context context;

	struct act act;
	const struct pki_holder *act_signer;
	struct statement statement;
	const struct pki_holder *log_signer;
	const char *log_origin;
	const char *module_state; /* in the directory */

	struct receipt receipt;
	struct bytes json;
	struct error refusal; /* of the last verify() */
};

static void
write_cert(struct json_writer *json, const char *key,
    const struct pki_holder *holder)
{
	size_t len;
	const uint8_t *der = cert_der(holder->cert, &len);

	json_write_base64(json, key, der, len);
}

static void
write_key(struct json_writer *json, const char *use, const char *state,
    const struct pki_holder *holder)
{
	json_write_begin_object(json, NULL);
	json_write_text(json, "use", use);
	json_write_text(json, "state", state);
	json_write_time(json, "not_after", pki_now + 86400000);
	write_cert(json, "certificate", holder);
	json_write_end(json);
}

/* The organisation, and a unit of it that has no keys of its own. */
static void
write_org(const struct fixture *fixture, struct json_writer *json,
    const char *code, bool has_keys)
{
	json_write_begin_object(json, NULL);
	json_write_text(json, "code", code);
	json_write_text(json, "name", code);
	json_write_text(json, "kind", "agency");
	json_write_text(json, "status", "active");
	json_write_text(json, "center", "center-b");
	json_write_text(json, "supervisor", "");
	json_write_text(json, "successor", "");
	json_write_text(json, "host", "gateway-b");
	json_write_begin_object(json, "accepts");
	json_write_int(json, "letter_bytes", 1000000);
	json_write_end(json);
	json_write_begin_array(json, "keys");
	if (has_keys) {
		write_key(json, "seal", "active", &fixture->seal);
		write_key(json, "sign", "active", &fixture->sign);
		write_key(json, "module", fixture->module_state,
		    &fixture->module);
	}
	json_write_end(json);
	json_write_end(json);
}

static void
directory_body(void *context, struct json_writer *json)
{
	json_write_begin_array(json, "organisations");
	write_org(context, json, "376470000A", true);
	write_org(context, json, "376470000AUN00001", false);
	json_write_end(json);
}

static void
network_body(void *context, struct json_writer *json)
{
	const struct fixture *fixture = context;

	json_write_begin_array(json, "centers");
	json_write_begin_object(json, NULL);
	json_write_text(json, "name", "center-b");
	json_write_text(json, "kind", "shared");
	json_write_text(json, "conformance", "yizhan");
	json_write_text(json, "address", "127.0.0.1");
	json_write_int(json, "port", 7443);
	json_write_begin_array(json, "tls");
	write_cert(json, NULL, &fixture->tls);
	json_write_end(json);
	write_cert(json, "log", &fixture->log);
	json_write_text(json, "origin", registered);
	json_write_end(json);
	json_write_end(json);
	json_write_begin_array(json, "management");
	json_write_end(json);
}

static void
make_bulletin(enum bulletin_type type, bulletin_body_fn body, void *context,
    struct bulletin *ret_bulletin)
{
	struct bulletin_draft draft = { .environment = "demo",
		.type = type,
		.name = "",
		.serial = 1,
		.issued_ms = pki_now,
		.expires_ms = pki_now + 86400000 };
	struct bytes json = { 0 };
	struct error err = { 0 };

	if (bulletin_format(&draft, body, context, &json, &err) < 0 ||
	    bulletin_parse(json.data, json.len, ret_bulletin, &err) < 0)
		fail_msg("%s", err.text);
	bytes_free(&json);
}

static void
make_directory(struct fixture *fixture)
{
	struct bulletin directory = { 0 };
	struct bulletin network = { 0 };
	struct directory_sources sources = { .directory = &directory,
		.network = &network };
	struct error err = { 0 };

	directory_close(fixture->directory);
	bytes_free(&fixture->image);
	make_bulletin(BULLETIN_DIRECTORY, directory_body, fixture, &directory);
	make_bulletin(BULLETIN_NETWORK, network_body, fixture, &network);
	if (directory_image_build(&sources, &fixture->image, &err) < 0 ||
	    directory_open(fixture->image.data, fixture->image.len,
		&fixture->directory, &err) < 0)
		fail_msg("%s", err.text);
	fixture->context.directory = fixture->directory;
	bulletin_free(&directory);
	bulletin_free(&network);
}

static void
state_act(struct fixture *fixture, enum event event)
{
	struct act *act = &fixture->act;
	struct statement *statement = &fixture->statement;

	memset(act, 0, sizeof(*act));
	snprintf(act->environment, sizeof(act->environment), "%s", "demo");
	act->event = event;
	memset(&act->waybill, 1, sizeof(act->waybill));
	memset(&act->waybill_id, 2, sizeof(act->waybill_id));
	memset(&act->leaf, 3, sizeof(act->leaf));
	memset(&act->content, 4, sizeof(act->content));
	assert_true(org_code_parse("376470000A", &act->recipient));
	if (event != EVENT_FETCHED)
		memset(&act->package, 5, sizeof(act->package));
	if (event == EVENT_RETURNED)
		act->reason = ACT_REASON_MISDIRECTED;
	act->time_at = pki_now;
	fixture->act_signer =
	    act_is_of_organisation(event) ? &fixture->sign : &fixture->module;
	statement->event = event;
	statement->waybill = act->waybill;
	statement->waybill_id = act->waybill_id;
	statement->leaf = act->leaf;
	statement->recipient = act->recipient;
	statement->signer = act_is_of_organisation(event)
	    ? STATEMENT_ORGANISATION
	    : STATEMENT_MODULE;
}

static void
set_up(struct fixture *fixture)
{
	struct statement *statement = &fixture->statement;
	struct error err = { 0 };

	memset(fixture, 0, sizeof(*fixture));
	pki_new(&fixture->pki);
	fixture->log =
	    pki_issue(&fixture->pki, ISSUE_SIGN, CERT_KEY_ED25519, "log");
	fixture->module =
	    pki_issue(&fixture->pki, ISSUE_SIGN, CERT_KEY_P256, "module");
	fixture->sign =
	    pki_issue(&fixture->pki, ISSUE_SIGN, CERT_KEY_P256, "sign");
	fixture->seal =
	    pki_issue(&fixture->pki, ISSUE_SEAL, CERT_KEY_P256, "seal");
	fixture->tls =
	    pki_issue(&fixture->pki, ISSUE_TLS, CERT_KEY_P256, "center-b");
	fixture->stranger =
	    pki_issue(&fixture->pki, ISSUE_SIGN, CERT_KEY_ED25519, "stranger");
	assert_int_equal(cert_cache_new(16, &fixture->certs, &err), 0);
	assert_int_equal(checkpoint_cache_new(4, &fixture->checkpoints, &err),
	    0);
	fixture->context = (struct verify_context){ .environment = "demo",
		.certs = fixture->certs,
		.checkpoints = fixture->checkpoints,
		.now = pki_now };
	fixture->module_state = "active";
	make_directory(fixture);
	snprintf(statement->environment, sizeof(statement->environment), "%s",
	    "demo");
	snprintf(statement->center, sizeof(statement->center), "%s",
	    "center-b");
	snprintf(statement->at, sizeof(statement->at), "%s", "gateway-b");
	assert_true(org_code_parse("376490000A", &statement->sender));
	statement->time_ms = pki_now;
	state_act(fixture, EVENT_FETCHED);
	fixture->log_signer = &fixture->log;
	fixture->log_origin = origin;
}

static void
tear_down(struct fixture *fixture)
{
	struct pki_holder *holders[] = { &fixture->log, &fixture->module,
		&fixture->sign, &fixture->seal, &fixture->tls,
		&fixture->stranger };

	receipt_free(&fixture->receipt);
	statement_free(&fixture->statement);
	bytes_free(&fixture->json);
	directory_close(fixture->directory);
	bytes_free(&fixture->image);
	cert_cache_free(fixture->certs);
	checkpoint_cache_free(fixture->checkpoints);
	for (size_t i = 0; i < ARRAY_LEN(holders); i++)
		pki_holder_free(holders[i]);
	pki_free(&fixture->pki);
}

/* Sign the act into the statement. */
static void
make_act(struct fixture *fixture)
{
	struct signer signer =
	    signer_of(fixture->act_signer->cert, fixture->act_signer->key);
	struct bytes json = { 0 };
	struct error err = { 0 };

	if (act_encode(&fixture->act, &json, &err) < 0 ||
	    signed_make(&signer, 1, json.data, json.len, pki_now,
		&fixture->statement.act, &err) < 0)
		fail_msg("%s", err.text);
	bytes_free(&json);
}

/* Sign a checkpoint over a log of others' leaves and this one. */
static void
make_log(struct fixture *fixture)
{
	struct receipt *receipt = &fixture->receipt;
	struct note_checkpoint checkpoint = { .size = LOG_SIZE };
	struct digest leaves[LOG_SIZE];
	struct merkle_tree *tree = NULL;
	struct bytes text = { 0 };
	struct bytes signature = { 0 };
	struct bytes note = { 0 };
	struct error err = { 0 };
	uint8_t public_key[32];

	memset(leaves, 9, sizeof(leaves));
	leaves[LOG_INDEX] = receipt_leaf(receipt);
	assert_int_equal(merkle_tree_new(leaves, LOG_SIZE, &tree, &err), 0);
	receipt->index = LOG_INDEX;
	receipt->path_count = merkle_tree_path(tree, LOG_INDEX, receipt->path);
	checkpoint.root = merkle_tree_root(tree);
	assert_true(text_copy(checkpoint.origin, sizeof(checkpoint.origin),
	    fixture->log_origin));
	assert_true(cert_ed25519(fixture->log_signer->cert, public_key));
	if (note_put_text(&checkpoint, &text, &err) < 0 ||
	    key_sign(fixture->log_signer->key, text.data, text.len, &signature,
		&err) < 0 ||
	    note_put(&checkpoint, public_key, signature.data, &note, &err) < 0)
		fail_msg("%s", err.text);
	receipt->checkpoint = text_dup_len((const char *)note.data, note.len);
	merkle_tree_free(tree);
	bytes_free(&text);
	bytes_free(&signature);
	bytes_free(&note);
}

static void
encode(struct fixture *fixture)
{
	struct error err = { 0 };

	bytes_clear(&fixture->json);
	if (receipt_encode(&fixture->receipt, &fixture->json, &err) < 0)
		fail_msg("%s", err.text);
}

/* The statement as it is now, logged and receipted. */
static void
make_logged(struct fixture *fixture)
{
	struct bytes text = { 0 };
	struct error err = { 0 };

	receipt_free(&fixture->receipt);
	memset(&fixture->receipt, 0, sizeof(fixture->receipt));
	memset(&fixture->receipt.salt, 8, sizeof(fixture->receipt.salt));
	if (statement_encode(&fixture->statement, &text, &err) < 0)
		fail_msg("%s", err.text);
	fixture->receipt.statement =
	    text_dup_len((const char *)text.data, text.len);
	make_log(fixture);
	encode(fixture);
	bytes_free(&text);
}

static void
make(struct fixture *fixture)
{
	bytes_free(&fixture->statement.act);
	make_act(fixture);
	make_logged(fixture);
}

static bool
verifies(struct fixture *fixture)
{
	struct blob json = blob_of_bytes(&fixture->json);
	struct message_receipt receipt;
	struct bytes act = { 0 };
	struct bytes act_cms = { 0 };
	int rc;

	memset(&fixture->refusal, 0, sizeof(fixture->refusal));
	rc = verify_receipt(&fixture->context, &json, &receipt, &act, &act_cms,
	    &fixture->refusal);
	bytes_free(&act);
	bytes_free(&act_cms);
	return rc == 0;
}

static void
refused(struct fixture *fixture, const char *id)
{
	assert_false(verifies(fixture));
	assert_string_equal(fixture->refusal.id, id);
}

/*
 * The center knew the signer by a directory that is not here yet: nobody may say
 * by an older one that he is none.
 */
static void
what_was_stated_by_newer_bulletins_waits_for_them(void **state)
{
	struct fixture fixture;
	struct statement_serials *serials = &fixture.statement.serials;

	(void)state;
	set_up(&fixture);
	fixture.act_signer = &fixture.stranger;
	serials->directory = 1;
	serials->network = 1;
	make(&fixture);
	refused(&fixture, "E3408");
	serials->directory = 2;
	make(&fixture);
	refused(&fixture, "E4222");
	assert_int_equal(fixture.refusal.code, ERROR_BUSY);

	/* So it is with a log key, and nothing else. */
	fixture.act_signer = &fixture.module;
	fixture.log_signer = &fixture.stranger;
	make(&fixture);
	assert_false(verifies(&fixture));
	assert_int_equal(fixture.refusal.code, ERROR_UNTRUSTED);
	serials->network = 2;
	make(&fixture);
	refused(&fixture, "E4222");

	fixture.log_signer = &fixture.log;
	make(&fixture);
	assert_true(verifies(&fixture));
	tear_down(&fixture);
}

static void
a_receipt_says_what_was_stated_and_signed(void **state)
{
	struct fixture fixture;
	struct blob json;
	struct message_receipt receipt;
	struct message_act act;
	struct bytes act_body = { 0 };
	struct bytes act_cms = { 0 };
	struct error err = { 0 };
	struct digest entry;

	(void)state;
	set_up(&fixture);
	make(&fixture);
	json = blob_of_bytes(&fixture.json);
	if (verify_receipt(&fixture.context, &json, &receipt, &act_body,
		&act_cms, &err) < 0)
		fail_msg("%s", err.text);

	entry = receipt_leaf(&fixture.receipt);
	assert_string_equal(receipt.center, "center-b");
	assert_string_equal(receipt.recipient, "376470000A");
	assert_int_equal(receipt.event, EVENT_FETCHED);
	assert_int_equal(receipt.signer_class, STATEMENT_MODULE);
	assert_int_equal(receipt.index, LOG_INDEX);
	assert_true(digest_equal(&receipt.entry, &entry));
	assert_int_equal(receipt.act_cms.len, fixture.statement.act.len);
	assert_int_equal(codec_decode(message_fields(MESSAGE_ACT),
			     receipt.act.data, receipt.act.len, &act, &err),
	    0);
	assert_true(
	    digest_equal(&act.signer, cert_fingerprint(fixture.module.cert)));
	bytes_free(&act_body);
	bytes_free(&act_cms);
	tear_down(&fixture);
}

static void
every_act_is_taken_from_the_key_it_belongs_to(void **state)
{
	static const enum event events[] = { EVENT_FETCHED, EVENT_OPENED,
		EVENT_UNREADABLE, EVENT_CONFIRMED, EVENT_RETURNED };
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	for (size_t i = 0; i < ARRAY_LEN(events); i++) {
		state_act(&fixture, events[i]);
		if (events[i] == EVENT_UNREADABLE) {
			fixture.act.reason = ACT_REASON_KEY;
			memset(&fixture.act.package, 0,
			    sizeof(fixture.act.package));
		}
		make(&fixture);
		if (!verifies(&fixture))
			fail_msg("%s", fixture.refusal.text);

		fixture.act_signer = fixture.act_signer == &fixture.sign
		    ? &fixture.module
		    : &fixture.sign;
		make(&fixture);
		refused(&fixture, "E3408");
	}
	tear_down(&fixture);
}

/* Only the sender's module withdraws, whoever else has a key. */
static void
a_withdrawal_is_of_the_senders_module(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	state_act(&fixture, EVENT_WITHDRAWN);
	memset(&fixture.act.package, 0, sizeof(fixture.act.package));
	assert_true(org_code_parse("376530000A", &fixture.statement.sender));
	make(&fixture);
	refused(&fixture, "E3408");

	assert_true(org_code_parse("376470000A", &fixture.statement.sender));
	assert_true(org_code_parse("376530000A", &fixture.act.recipient));
	fixture.statement.recipient = fixture.act.recipient;
	make(&fixture);
	if (!verifies(&fixture))
		fail_msg("%s", fixture.refusal.text);

	fixture.act_signer = &fixture.sign;
	make(&fixture);
	refused(&fixture, "E3408");
	fixture.statement.signer = STATEMENT_CENTER;
	make(&fixture);
	refused(&fixture, "E3409");
	tear_down(&fixture);
}

static void
a_center_speaks_for_itself_without_act(void **state)
{
	struct fixture fixture;
	struct statement *statement = &fixture.statement;

	(void)state;
	set_up(&fixture);
	statement->event = EVENT_RELAYED;
	statement->signer = STATEMENT_CENTER;
	memset(&statement->recipient, 0, sizeof(statement->recipient));
	memset(&statement->leaf, 0, sizeof(statement->leaf));
	make_logged(&fixture);
	if (!verifies(&fixture))
		fail_msg("%s", fixture.refusal.text);
	tear_down(&fixture);
}

/* A unit without keys: its organisation receives for it, and signs. */
static void
who_receives_for_a_unit_signs_for_it(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	assert_true(
	    org_code_parse("376470000AUN00001", &fixture.act.recipient));
	fixture.statement.recipient = fixture.act.recipient;
	make(&fixture);
	if (!verifies(&fixture))
		fail_msg("%s", fixture.refusal.text);

	assert_true(org_code_parse("A01010000A", &fixture.act.recipient));
	fixture.statement.recipient = fixture.act.recipient;
	make(&fixture);
	refused(&fixture, "E3408");
	tear_down(&fixture);
}

static void
a_statement_that_is_not_in_the_log_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	make(&fixture);
	fixture.receipt.index++;
	encode(&fixture);
	refused(&fixture, "E3404");
	fixture.receipt.index--;
	fixture.receipt.path[1].bytes[0] ^= 1;
	encode(&fixture);
	refused(&fixture, "E3404");
	fixture.receipt.path[1].bytes[0] ^= 1;
	fixture.receipt.path_count--;
	encode(&fixture);
	refused(&fixture, "E3404");
	fixture.receipt.path_count++;
	fixture.receipt.salt.bytes[0] ^= 1;
	encode(&fixture);
	refused(&fixture, "E3404");
	fixture.receipt.salt.bytes[0] ^= 1;
	encode(&fixture);
	assert_true(verifies(&fixture));
	tear_down(&fixture);
}

static void
a_checkpoint_by_another_key_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	fixture.log_signer = &fixture.stranger;
	make(&fixture);
	refused(&fixture, "E5021");

	/* Also after a good one of the same log was seen. */
	fixture.log_signer = &fixture.log;
	make(&fixture);
	assert_true(verifies(&fixture));
	assert_true(verifies(&fixture));
	fixture.log_signer = &fixture.stranger;
	make(&fixture);
	refused(&fixture, "E5021");
	tear_down(&fixture);
}

static void
a_checkpoint_of_another_log_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	fixture.log_origin = "yizhan/demo/center-c/1";
	make(&fixture);
	assert_false(verifies(&fixture));
	assert_int_equal(fixture.refusal.code, ERROR_UNTRUSTED);
	tear_down(&fixture);
}

/* After a restore the bulletin names the next epoch: protocol 5. */
static void
an_earlier_epoch_of_the_log_stays_evidence(void **state)
{
	static const struct {
		const char *origin;
		bool is_good;
	} cases[] = {
		{ "yizhan/demo/center-b/1", true },
		{ "yizhan/demo/center-b/2", true },
		{ "yizhan/demo/center-b/3", false },
		{ "yizhan/demo/center-c/1", false },
		{ "yizhan/demo/center-b/0", false },
	};

	(void)state;
	registered = "yizhan/demo/center-b/2";
	for (size_t i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
		struct fixture fixture;

		set_up(&fixture);
		fixture.log_origin = cases[i].origin;
		make(&fixture);
		assert_int_equal(verifies(&fixture), cases[i].is_good);
		tear_down(&fixture);
	}
	registered = origin;
}

static void
a_center_that_is_not_registered_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	snprintf(fixture.statement.center, sizeof(fixture.statement.center),
	    "%s", "center-c");
	make(&fixture);
	refused(&fixture, "E3405");
	tear_down(&fixture);
}

static void
a_statement_that_the_act_does_not_repeat_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	fixture.act.waybill.bytes[0] ^= 1;
	make(&fixture);
	refused(&fixture, "E3407");
	state_act(&fixture, EVENT_FETCHED);
	fixture.act.waybill_id.bytes[15] ^= 1;
	make(&fixture);
	refused(&fixture, "E3407");
	state_act(&fixture, EVENT_FETCHED);
	fixture.act.leaf.bytes[0] ^= 1;
	make(&fixture);
	refused(&fixture, "E3407");
	state_act(&fixture, EVENT_FETCHED);
	assert_true(
	    org_code_parse("376470000AUN00001", &fixture.act.recipient));
	make(&fixture);
	refused(&fixture, "E3407");
	tear_down(&fixture);
}

/* A center that makes `confirmed` out of a `fetched`. */
static void
an_act_on_another_event_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	fixture.statement.event = EVENT_OPENED;
	make(&fixture);
	refused(&fixture, "E3407");
	fixture.statement.event = EVENT_CONFIRMED;
	fixture.statement.signer = STATEMENT_ORGANISATION;
	make(&fixture);
	refused(&fixture, "E3407");
	tear_down(&fixture);
}

static void
a_statement_by_the_wrong_class_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	fixture.statement.signer = STATEMENT_CENTER;
	make(&fixture);
	refused(&fixture, "E3409");
	fixture.statement.signer = STATEMENT_ORGANISATION;
	make(&fixture);
	refused(&fixture, "E3409");
	fixture.statement.signer = STATEMENT_MODULE;
	bytes_free(&fixture.statement.act);
	make_logged(&fixture);
	refused(&fixture, "E3409");
	tear_down(&fixture);
}

static void
a_key_that_was_revoked_does_not_speak(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	make(&fixture);
	fixture.module_state = "retiring";
	make_directory(&fixture);
	assert_true(verifies(&fixture));
	fixture.module_state = "revoked";
	make_directory(&fixture);
	refused(&fixture, "E3408");
	tear_down(&fixture);
}

/* A receipt may come after a certificate's end; clocks may be behind. */
static void
who_signed_counts_as_of_the_statement_or_of_now(void **state)
{
	enum { DAY_MS = 86400000 };
	const int64_t early = pki_now - (int64_t)20000 * DAY_MS;
	const int64_t late = pki_now + (int64_t)20000 * DAY_MS;
	struct trust *trust = NULL;
	struct fixture fixture;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	assert_int_equal(trust_new(&trust, &err), 0);
	assert_int_equal(trust_add_anchor(trust, fixture.pki.root.cert, &err),
	    0);
	assert_int_equal(trust_add_intermediate(trust, fixture.pki.sub.cert,
			     &err),
	    0);
	fixture.context.trust = trust;
	make(&fixture);
	assert_true(verifies(&fixture));
	fixture.context.now = early;
	assert_true(verifies(&fixture));
	fixture.context.now = late;
	assert_true(verifies(&fixture));

	fixture.statement.time_ms = early;
	make(&fixture);
	refused(&fixture, "E3003");
	fixture.context.now = pki_now;
	assert_true(verifies(&fixture));
	trust_free(trust);
	tear_down(&fixture);
}

static void
another_environment_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	snprintf(fixture.act.environment, sizeof(fixture.act.environment), "%s",
	    "production");
	make(&fixture);
	refused(&fixture, "E3411");
	snprintf(fixture.statement.environment,
	    sizeof(fixture.statement.environment), "%s", "production");
	make(&fixture);
	refused(&fixture, "E3411");
	tear_down(&fixture);
}

static void
without_a_directory_it_is_asked_again_later(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	make(&fixture);
	fixture.context.directory = NULL;
	refused(&fixture, "E3410");
	assert_true(error_is_temporary(&fixture.refusal));
	tear_down(&fixture);
}

static void
a_flipped_bit_anywhere_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	make(&fixture);
	for (size_t i = 0; i < fixture.json.len; i += 3) {
		fixture.json.data[i] ^= 0x02;
		assert_false(verifies(&fixture));
		fixture.json.data[i] ^= 0x02;
	}
	assert_true(verifies(&fixture));
	tear_down(&fixture);
}

static void
any_cms_is_verified_with_its_signers(void **state)
{
	struct fixture fixture;
	struct signer signers[2];
	struct message_verify_signed request = { .signers_max = 2 };
	struct message_signed answer;
	struct bytes cms = { 0 };
	struct bytes content = { 0 };
	struct bytes by = { 0 };
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	signers[0] = signer_of(fixture.sign.cert, fixture.sign.key);
	signers[1] = signer_of(fixture.module.cert, fixture.module.key);
	assert_int_equal(signed_make(signers, 2, "bulletin", 8, pki_now, &cms,
			     &err),
	    0);
	request.cms = blob_of_bytes(&cms);
	assert_int_equal(verify_signed(&fixture.context, &request, &answer,
			     &content, &by, &err),
	    0);
	assert_int_equal(answer.content.len, 8);
	assert_int_equal(answer.signers.len, 2 * DIGEST_LEN);

	request.signers_max = 1;
	assert_int_equal(verify_signed(&fixture.context, &request, &answer,
			     &content, &by, &err),
	    -1);
	assert_string_equal(err.id, "E3011");
	request.signers_max = 0;
	assert_int_equal(verify_signed(&fixture.context, &request, &answer,
			     &content, &by, &err),
	    -1);
	bytes_free(&cms);
	bytes_free(&content);
	bytes_free(&by);
	tear_down(&fixture);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(
		    what_was_stated_by_newer_bulletins_waits_for_them),
		cmocka_unit_test(a_receipt_says_what_was_stated_and_signed),
		cmocka_unit_test(every_act_is_taken_from_the_key_it_belongs_to),
		cmocka_unit_test(a_withdrawal_is_of_the_senders_module),
		cmocka_unit_test(a_center_speaks_for_itself_without_act),
		cmocka_unit_test(who_receives_for_a_unit_signs_for_it),
		cmocka_unit_test(a_statement_that_is_not_in_the_log_is_refused),
		cmocka_unit_test(a_checkpoint_by_another_key_is_refused),
		cmocka_unit_test(a_checkpoint_of_another_log_is_refused),
		cmocka_unit_test(an_earlier_epoch_of_the_log_stays_evidence),
		cmocka_unit_test(a_center_that_is_not_registered_is_refused),
		cmocka_unit_test(
		    a_statement_that_the_act_does_not_repeat_is_refused),
		cmocka_unit_test(an_act_on_another_event_is_refused),
		cmocka_unit_test(a_statement_by_the_wrong_class_is_refused),
		cmocka_unit_test(a_key_that_was_revoked_does_not_speak),
		cmocka_unit_test(
		    who_signed_counts_as_of_the_statement_or_of_now),
		cmocka_unit_test(another_environment_is_refused),
		cmocka_unit_test(without_a_directory_it_is_asked_again_later),
		cmocka_unit_test(a_flipped_bit_anywhere_is_refused),
		cmocka_unit_test(any_cms_is_verified_with_its_signers),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
