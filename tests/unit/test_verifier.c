#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "bulletin/bulletin_make.h"
#include "crypto/cert.h"
#include "crypto/key.h"
#include "crypto/sealed.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "envelope/keypart.h"
#include "harness/pki.h"
#include "json/json_write.h"
#include "role/keeper/keeper_internal.h"
#include "role/verifier/verifier_internal.h"
#include "role/verifier/verify.h"
#include "service/config.h"
#include "sys/ipc.h"
#include "sys/loop.h"
#include "sys/process.h"

/*
 * A spooler that asks a verifier, which asks a keeper, all on one loop.  The
 * keeper has one seal key and no file.
 */
struct fixture {
	struct pki pki;
	struct pki_holder seal;
	struct pki_holder officer;
	struct config config;
	char environment[8];
	char pin[DIGEST_TEXT_SIZE];
	struct bytes root; /* CMS of the first root */
	struct keeper keeper;
	struct keeper_key key;
	struct verifier verifier;
	struct loop *loop;
	struct peer *spooler, *verifier_of_spooler;
	struct peer *keeper_of_verifier;
	struct message_key answer;
	struct error failed;
	int answers;
};

static const struct peer_handler no_handlers[] = { { MESSAGE_NONE, NULL } };

static void
on_gone(void *ctx)
{
	(void)ctx;
}

static void
join(struct fixture *fixture, const struct peer_handler *handlers, void *ctx,
    struct peer **ret_asker, struct peer **ret_asked)
{
	struct error err = { 0 };
	int fds[2];

	assert_int_equal(process_socketpair(fds, &err), 0);
	assert_int_equal(peer_open(fixture->loop, fds[0], "asked", no_handlers,
			     NULL, on_gone, NULL, ret_asker, &err),
	    0);
	assert_int_equal(peer_open(fixture->loop, fds[1], "asker", handlers,
			     ctx, on_gone, NULL, ret_asked, &err),
	    0);
}

static void
write_role(struct json_writer *json, const char *name,
    const struct pki_holder *holder)
{
	json_write_begin_object(json, name);
	json_write_int(json, "threshold", 1);
	json_write_begin_array(json, "certificates");
	json_write_digest(json, NULL, cert_fingerprint(holder->cert));
	json_write_end(json);
	json_write_end(json);
}

static void
write_certs(struct json_writer *json, const char *key, const struct cert *cert)
{
	size_t len;
	const uint8_t *der = cert_der(cert, &len);

	json_write_begin_array(json, key);
	json_write_base64(json, NULL, der, len);
	json_write_end(json);
}

static void
root_body(void *context, struct json_writer *json)
{
	const struct fixture *fixture = context;

	json_write_begin_object(json, "roles");
	write_role(json, "root", &fixture->officer);
	write_role(json, "directory", &fixture->officer);
	json_write_end(json);
	write_certs(json, "certificates", fixture->officer.cert);
	write_certs(json, "anchors", fixture->pki.sub.cert);
	json_write_begin_array(json, "witnesses");
	json_write_end(json);
	json_write_int(json, "quorum", 0);
}

static void
make_root(struct fixture *fixture)
{
	struct bulletin_draft draft = { .environment = "demo",
		.type = BULLETIN_ROOT,
		.name = "",
		.serial = 1,
		.issued_ms = pki_now,
		.expires_ms = pki_now + 86400000 };
	struct signer signer =
	    signer_of(fixture->officer.cert, fixture->officer.key);
	struct bytes json = { 0 };
	struct error err = { 0 };
	struct digest digest;

	if (bulletin_format(&draft, root_body, fixture, &json, &err) < 0 ||
	    bulletin_sign(json.data, json.len, &signer, 1, pki_now,
		&fixture->root, &err) < 0)
		fail_msg("%s", err.text);
	sha256(json.data, json.len, &digest);
	digest_format(&digest, fixture->pin);
	bytes_free(&json);
}

static void
set_up(struct fixture *fixture)
{
	struct error err = { 0 };

	memset(fixture, 0, sizeof(*fixture));
	pki_new(&fixture->pki);
	fixture->seal =
	    pki_issue(&fixture->pki, ISSUE_SEAL, CERT_KEY_P256, "seal");
	fixture->officer =
	    pki_issue(&fixture->pki, ISSUE_SIGN, CERT_KEY_P256, "officer");
	make_root(fixture);
	snprintf(fixture->environment, sizeof(fixture->environment), "%s",
	    "demo");
	fixture->config.host.environment = fixture->environment;
	fixture->config.trust.fingerprint = fixture->pin;
	if (verifier_open(&fixture->verifier, &fixture->config, NULL, &err) < 0)
		fail_msg("%s", err.text);
	snprintf(fixture->key.name, sizeof(fixture->key.name), "%s",
	    "seal.376470000A");
	fixture->key.use = KEEPER_USE_SEAL;
	fixture->key.key = fixture->seal.key;
	fixture->key.cert = fixture->seal.cert;
	fixture->keeper.environment = fixture->environment;
	fixture->keeper.keys =
	    (struct keeper_keys){ .items = &fixture->key, .count = 1 };
	assert_int_equal(loop_new(&fixture->loop, &err), 0);
	join(fixture, verifier_spooler_handlers, &fixture->verifier,
	    &fixture->spooler, &fixture->verifier_of_spooler);
	join(fixture, keeper_verifier_handlers, &fixture->keeper,
	    &fixture->verifier.keeper, &fixture->keeper_of_verifier);
}

static void
tear_down(struct fixture *fixture)
{
	peer_close(fixture->spooler);
	peer_close(fixture->verifier_of_spooler);
	peer_close(fixture->verifier.keeper);
	peer_close(fixture->keeper_of_verifier);
	loop_free(fixture->loop);
	verifier_close(&fixture->verifier);
	bytes_free(&fixture->root);
	pki_holder_free(&fixture->seal);
	pki_holder_free(&fixture->officer);
	pki_free(&fixture->pki);
}

static void
on_key(void *ctx, struct ipc_message *message)
{
	struct fixture *fixture = ctx;

	fixture->answers++;
	memset(&fixture->failed, 0, sizeof(fixture->failed));
	if (message_read(message, MESSAGE_KEY, &fixture->answer,
		&fixture->failed) < 0)
		memset(&fixture->answer, 0, sizeof(fixture->answer));
}

static void
open_key(struct fixture *fixture, const struct bytes *key_part)
{
	struct message_open_key request = { blob_of_bytes(key_part) };
	struct error err = { 0 };
	int before = fixture->answers;

	assert_int_equal(peer_ask(fixture->spooler, MESSAGE_OPEN_KEY, &request,
			     -1, on_key, fixture, NULL, &err),
	    0);
	for (int i = 0; i < 8; i++)
		assert_int_equal(loop_run_once(fixture->loop, &err), 0);
	assert_int_equal(fixture->answers, before + 1);
}

static void
make_key_part(const struct cert *recipient, struct bytes *to)
{
	struct keypart part = { 0 };
	struct bytes json = { 0 };
	struct error err = { 0 };

	memset(&part.head, 1, sizeof(part.head));
	memset(part.key.bytes, 2, sizeof(part.key.bytes));
	memset(part.random, 3, sizeof(part.random));
	memset(&part.package, 4, sizeof(part.package));
	assert_true(org_code_parse("376470000A", &part.recipient));
	if (keypart_encode(&part, &json, &err) < 0 ||
	    sealed_make(recipient, json.data, json.len, to, &err) < 0)
		fail_msg("%s", err.text);
	bytes_wipe(&json);
}

static void
a_key_part_is_opened_with_the_keepers_help(void **state)
{
	struct fixture fixture;
	struct bytes key_part = { 0 };

	(void)state;
	set_up(&fixture);
	make_key_part(fixture.seal.cert, &key_part);
	open_key(&fixture, &key_part);

	assert_int_equal(fixture.failed.code, ERROR_NONE);
	assert_string_equal(fixture.answer.recipient, "376470000A");
	assert_int_equal(fixture.answer.head.bytes[31], 1);
	assert_int_equal(fixture.answer.key.bytes[31], 2);
	assert_int_equal(fixture.answer.random.bytes[31], 3);
	assert_int_equal(fixture.answer.package.bytes[31], 4);
	assert_true(digest_equal(&fixture.answer.seal,
	    cert_fingerprint(fixture.seal.cert)));
	assert_int_equal(fixture.key.uses, 1);
	bytes_free(&key_part);
	tear_down(&fixture);
}

static void
a_key_part_for_another_key_is_refused(void **state)
{
	struct fixture fixture;
	struct pki_holder other;
	struct bytes key_part = { 0 };

	(void)state;
	set_up(&fixture);
	other = pki_issue(&fixture.pki, ISSUE_SEAL, CERT_KEY_P256, "other");
	make_key_part(other.cert, &key_part);
	open_key(&fixture, &key_part);

	assert_string_equal(fixture.failed.id, "E3301");
	assert_int_equal(fixture.key.uses, 0);
	bytes_free(&key_part);
	pki_holder_free(&other);
	tear_down(&fixture);
}

static void
a_changed_key_part_is_refused(void **state)
{
	struct fixture fixture;
	struct bytes key_part = { 0 };

	(void)state;
	set_up(&fixture);
	make_key_part(fixture.seal.cert, &key_part);
	for (size_t i = 0; i < key_part.len; i += 11) {
		key_part.data[i] ^= 4;
		open_key(&fixture, &key_part);
		assert_int_not_equal(fixture.failed.code, ERROR_NONE);
		key_part.data[i] ^= 4;
	}
	bytes_free(&key_part);
	tear_down(&fixture);
}

static void
the_root_brings_its_anchors_into_force(void **state)
{
	struct fixture fixture;
	struct message_bulletin_take request = { .now = pki_now };
	struct message_bulletin_taken taken;
	struct bytes json = { 0 };
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	assert_null(verifier_context(&fixture.verifier).trust);
	request.cms = blob_of_bytes(&fixture.root);
	if (verifier_take(&fixture.verifier, &request, &taken, &json, &err) < 0)
		fail_msg("%s", err.text);

	assert_true(taken.is_new);
	assert_int_equal(taken.kind, BULLETIN_ROOT);
	assert_int_equal(taken.serial, 1);
	assert_true(taken.json.len > 0);
	assert_non_null(verifier_context(&fixture.verifier).trust);

	bytes_clear(&json);
	assert_int_equal(verifier_take(&fixture.verifier, &request, &taken,
			     &json, &err),
	    0);
	assert_false(taken.is_new);
	bytes_free(&json);
	tear_down(&fixture);
}

static void
a_root_that_is_not_pinned_is_refused(void **state)
{
	struct fixture fixture;
	struct message_bulletin_take request = { .now = pki_now };
	struct message_bulletin_taken taken;
	struct bytes json = { 0 };
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	peer_close(fixture.verifier.keeper);
	verifier_close(&fixture.verifier);
	fixture.pin[0] = fixture.pin[0] == '0' ? '1' : '0';
	assert_int_equal(verifier_open(&fixture.verifier, &fixture.config, NULL,
			     &err),
	    0);
	request.cms = blob_of_bytes(&fixture.root);
	assert_int_equal(verifier_take(&fixture.verifier, &request, &taken,
			     &json, &err),
	    -1);
	assert_string_equal(err.id, "E7004");
	assert_null(verifier_context(&fixture.verifier).trust);
	bytes_free(&json);
	tear_down(&fixture);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_key_part_is_opened_with_the_keepers_help),
		cmocka_unit_test(a_key_part_for_another_key_is_refused),
		cmocka_unit_test(a_changed_key_part_is_refused),
		cmocka_unit_test(the_root_brings_its_anchors_into_force),
		cmocka_unit_test(a_root_that_is_not_pinned_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
