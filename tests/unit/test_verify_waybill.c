#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cmocka.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/cert_cache.h"
#include "crypto/merkle.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "crypto/trust.h"
#include "envelope/batch_open.h"
#include "envelope/leaf.h"
#include "envelope/waybill.h"
#include "harness/pki.h"
#include "role/verifier/verify.h"
#include "service/roles.h"

enum { RECIPIENTS = 5 };

static const char *const codes[RECIPIENTS] = { "376470000A", "A01010000A",
	"A01020000A", "A01020000AUN00001", "A01030000A" };

/* A waybill, and the records that can go with it. */
struct fixture {
	struct pki pki;
	struct pki_holder module;
	struct pki_holder other;
	struct cert_cache *certs;
	struct batch_cache *batches; /* NULL: none */
	struct trust *trust;
	struct verify_context context;
	struct waybill waybill;
	struct leaf leaves[RECIPIENTS];
	struct bytes leaf_json[RECIPIENTS];
	struct bytes key_parts[RECIPIENTS];
	struct bytes paths[RECIPIENTS];
	struct bytes cms;
	struct bytes records;
	struct error refusal; /* of the last verify() */
};

static void
make_leaf(struct fixture *fixture, size_t i)
{
	struct leaf *leaf = &fixture->leaves[i];
	struct error err = { 0 };

	assert_true(org_code_parse(codes[i], &leaf->recipient));
	snprintf(leaf->center, sizeof(leaf->center), "%s",
	    i < 2 ? "center-a" : "center-b");
	memset(&leaf->seal, (int)i, sizeof(leaf->seal));
	bytes_put_format(&fixture->key_parts[i], "key part %zu", i);
	sha256(fixture->key_parts[i].data, fixture->key_parts[i].len,
	    &leaf->key_part);
	assert_int_equal(leaf_encode(leaf, &fixture->leaf_json[i], &err), 0);
}

static void
make_tree(struct fixture *fixture)
{
	struct digest hashes[RECIPIENTS];
	struct digest path[MERKLE_PATH_MAX];
	struct merkle_tree *tree = NULL;
	struct error err = { 0 };

	for (size_t i = 0; i < RECIPIENTS; i++)
		hashes[i] = merkle_leaf(fixture->leaf_json[i].data,
		    fixture->leaf_json[i].len);
	assert_int_equal(merkle_tree_new(hashes, RECIPIENTS, &tree, &err), 0);
	fixture->waybill.root = merkle_tree_root(tree);
	fixture->waybill.count = RECIPIENTS;
	for (size_t i = 0; i < RECIPIENTS; i++) {
		struct bytes record = { 0 };
		size_t count = merkle_tree_path(tree, i, path);

		bundle_put_path(&record, (uint32_t)i, path, count);
		/* The record's body, without kind and length. */
		bytes_put(&fixture->paths[i],
		    record.data + BUNDLE_RECORD_HEAD_LEN,
		    record.len - BUNDLE_RECORD_HEAD_LEN);
		bytes_free(&record);
	}
	merkle_tree_free(tree);
}

/* Sign what the fixture's waybill says now. */
static void
sign(struct fixture *fixture, const struct pki_holder *holder)
{
	struct signer signer = signer_of(holder->cert, holder->key);
	struct bytes head = { 0 };
	struct bytes json = { 0 };
	struct error err = { 0 };

	assert_int_equal(head_encode(&fixture->waybill.head, &head, &err), 0);
	assert_true(text_copy_len(fixture->waybill.head_text,
	    sizeof(fixture->waybill.head_text), (const char *)head.data,
	    head.len));
	assert_int_equal(waybill_encode(&fixture->waybill, &json, &err), 0);
	bytes_clear(&fixture->cms);
	assert_int_equal(signed_make(&signer, 1, json.data, json.len, pki_now,
			     &fixture->cms, &err),
	    0);
	bytes_free(&head);
	bytes_free(&json);
}

static void
set_up(struct fixture *fixture)
{
	struct head *head = &fixture->waybill.head;
	struct error err = { 0 };

	memset(fixture, 0, sizeof(*fixture));
	pki_new(&fixture->pki);
	fixture->module =
	    pki_issue(&fixture->pki, ISSUE_SIGN, CERT_KEY_P256, "module");
	fixture->other =
	    pki_issue(&fixture->pki, ISSUE_SIGN, CERT_KEY_P256, "other");
	assert_int_equal(cert_cache_new(16, &fixture->certs, &err), 0);
	assert_int_equal(trust_new(&fixture->trust, &err), 0);
	assert_int_equal(trust_add_anchor(fixture->trust, fixture->pki.sub.cert,
			     &err),
	    0);
	fixture->context = (struct verify_context){ .environment = "demo",
		.certs = fixture->certs,
		.trust = fixture->trust,
		.now = pki_now };
	for (size_t i = 0; i < RECIPIENTS; i++)
		make_leaf(fixture, i);
	make_tree(fixture);
	snprintf(head->environment, sizeof(head->environment), "%s", "demo");
	snprintf(head->center, sizeof(head->center), "%s", "center-a");
	memset(&head->waybill_id, 1, sizeof(head->waybill_id));
	memset(&head->document_id, 2, sizeof(head->document_id));
	assert_true(org_code_parse("376490000A", &head->sender));
	head->module = *cert_fingerprint(fixture->module.cert);
	head->created_at = pki_now;
	head->not_after_at = pki_now + 86400000;
	fixture->waybill.content_len = 4096;
	sign(fixture, &fixture->module);
}

static void
tear_down(struct fixture *fixture)
{
	for (size_t i = 0; i < RECIPIENTS; i++) {
		bytes_free(&fixture->leaf_json[i]);
		bytes_free(&fixture->key_parts[i]);
		bytes_free(&fixture->paths[i]);
	}
	bytes_free(&fixture->cms);
	bytes_free(&fixture->records);
	trust_free(fixture->trust);
	cert_cache_free(fixture->certs);
	batch_cache_free(fixture->batches);
	pki_holder_free(&fixture->module);
	pki_holder_free(&fixture->other);
	pki_free(&fixture->pki);
}

static void
put(struct fixture *fixture, enum bundle_kind kind, const struct bytes *body)
{
	bundle_put(&fixture->records, kind, body->data, body->len);
}

static void
put_submission(struct fixture *fixture)
{
	bytes_clear(&fixture->records);
	for (size_t i = 0; i < RECIPIENTS; i++) {
		put(fixture, BUNDLE_LEAF, &fixture->leaf_json[i]);
		put(fixture, BUNDLE_KEY_PART, &fixture->key_parts[i]);
	}
}

static void
put_relay(struct fixture *fixture)
{
	bytes_clear(&fixture->records);
	for (size_t i = 2; i < RECIPIENTS; i++) {
		put(fixture, BUNDLE_LEAF, &fixture->leaf_json[i]);
		put(fixture, BUNDLE_KEY_PART, &fixture->key_parts[i]);
		put(fixture, BUNDLE_PATH, &fixture->paths[i]);
	}
}

static void
put_delivery(struct fixture *fixture, size_t i)
{
	bytes_clear(&fixture->records);
	put(fixture, BUNDLE_LEAF, &fixture->leaf_json[i]);
	put(fixture, BUNDLE_PATH, &fixture->paths[i]);
}

/* Leaves go to `leaves`; NULL when they do not matter. */
static bool
verify_as(struct fixture *fixture, unsigned type, struct message_waybill *to,
    struct bytes *leaves)
{
	struct message_verify_waybill request = { .kind = (uint8_t)type,
		.waybill = blob_of_bytes(&fixture->cms),
		.records = blob_of_bytes(&fixture->records) };
	struct message_waybill waybill;
	struct bytes ours = { 0 };
	int rc;

	memset(&fixture->refusal, 0, sizeof(fixture->refusal));
	rc = verify_waybill(&fixture->context, &request,
	    to != NULL ? to : &waybill, leaves != NULL ? leaves : &ours,
	    &fixture->refusal);
	bytes_free(&ours);
	return rc == 0;
}

static void
refused(struct fixture *fixture, enum bundle_type type, const char *id)
{
	assert_false(verify_as(fixture, type, NULL, NULL));
	assert_string_equal(fixture->refusal.id, id);
}

static void
a_submission_brings_every_leaf(void **state)
{
	struct fixture fixture;
	struct message_waybill waybill;
	struct message_leaf leaf;
	struct bytes leaves = { 0 };
	struct error err = { 0 };
	uint32_t count = 0;

	(void)state;
	set_up(&fixture);
	put_submission(&fixture);

	assert_true(verify_as(&fixture, BUNDLE_SUBMISSION, &waybill, &leaves));

	assert_string_equal(waybill.environment, "demo");
	assert_string_equal(waybill.center, "center-a");
	assert_string_equal(waybill.sender, "376490000A");
	assert_true(digest_equal(&waybill.signer,
	    cert_fingerprint(fixture.module.cert)));
	assert_int_equal(waybill.count, RECIPIENTS);
	assert_int_equal(waybill.content_len, 4096);
	while (codec_next(message_fields(MESSAGE_LEAF), &waybill.leaves, &leaf,
		   &err) > 0) {
		assert_string_equal(leaf.recipient, codes[count]);
		assert_int_equal(leaf.index, count);
		assert_int_equal(leaf.key.len, fixture.key_parts[count].len);
		assert_int_equal(leaf.path.len, 0);
		count++;
	}
	assert_int_equal(count, RECIPIENTS);
	bytes_free(&leaves);
	tear_down(&fixture);
}

static void
a_relay_brings_some_with_their_paths(void **state)
{
	struct fixture fixture;
	struct message_waybill waybill;
	struct message_leaf leaf;
	struct bytes leaves = { 0 };
	struct error err = { 0 };
	uint32_t count = 2;

	(void)state;
	set_up(&fixture);
	put_relay(&fixture);

	assert_true(verify_as(&fixture, BUNDLE_RELAY, &waybill, &leaves));
	while (codec_next(message_fields(MESSAGE_LEAF), &waybill.leaves, &leaf,
		   &err) > 0)
		assert_int_equal(leaf.index, count++);
	assert_int_equal(count, RECIPIENTS);
	bytes_free(&leaves);
	tear_down(&fixture);
}

static void
a_delivery_brings_one_with_its_path(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	for (size_t i = 0; i < RECIPIENTS; i++) {
		put_delivery(&fixture, i);
		assert_true(verify_as(&fixture, BUNDLE_DELIVERY, NULL, NULL));
	}
	tear_down(&fixture);
}

static void
a_bundle_under_another_kind_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	put_submission(&fixture);
	refused(&fixture, BUNDLE_RELAY, "E3401");
	refused(&fixture, BUNDLE_DELIVERY, "E3401");
	refused(&fixture, BUNDLE_RECEIPTS, "E3401");
	put_relay(&fixture);
	refused(&fixture, BUNDLE_SUBMISSION, "E3401");
	put_delivery(&fixture, 0);
	refused(&fixture, BUNDLE_RELAY, "E3401");
	bytes_clear(&fixture.records);
	refused(&fixture, BUNDLE_SUBMISSION, "E3401");
	tear_down(&fixture);
}

static void
records_cut_short_are_refused(void **state)
{
	struct fixture fixture;
	size_t whole;
	int passed = 0;

	(void)state;
	set_up(&fixture);
	put_relay(&fixture);
	whole = fixture.records.len;
	for (size_t len = 0; len < whole; len++) {
		fixture.records.len = len;
		/* It may end between recipients: it names a part of them. */
		if (verify_as(&fixture, BUNDLE_RELAY, NULL, NULL))
			passed++;
		else
			assert_int_equal(fixture.refusal.code, ERROR_MALFORMED);
	}
	assert_int_equal(passed, 2);
	put_submission(&fixture);
	whole = fixture.records.len;
	for (size_t len = 0; len < whole; len++) {
		fixture.records.len = len;
		assert_false(
		    verify_as(&fixture, BUNDLE_SUBMISSION, NULL, NULL));
	}
	tear_down(&fixture);
}

/* Whatever is changed, nothing else than what was signed gets through. */
static void
a_flipped_bit_in_the_records_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	put_submission(&fixture);
	for (size_t bit = 0; bit < fixture.records.len * 8; bit += 3) {
		fixture.records.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_false(
		    verify_as(&fixture, BUNDLE_SUBMISSION, NULL, NULL));
		fixture.records.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	put_relay(&fixture);
	for (size_t bit = 0; bit < fixture.records.len * 8; bit += 3) {
		fixture.records.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
		assert_false(verify_as(&fixture, BUNDLE_RELAY, NULL, NULL));
		fixture.records.data[bit / 8] ^= (uint8_t)(1u << (bit % 8));
	}
	tear_down(&fixture);
}

static void
a_swapped_key_part_is_refused(void **state)
{
	struct fixture fixture;
	struct bytes first;

	(void)state;
	set_up(&fixture);
	first = fixture.key_parts[2];
	fixture.key_parts[2] = fixture.key_parts[3];
	fixture.key_parts[3] = first;
	put_submission(&fixture);
	refused(&fixture, BUNDLE_SUBMISSION, "E3123");
	put_relay(&fixture);
	refused(&fixture, BUNDLE_RELAY, "E3123");
	tear_down(&fixture);
}

static void
a_recipient_more_less_or_elsewhere_is_refused(void **state)
{
	struct fixture fixture;
	struct bytes first;

	(void)state;
	set_up(&fixture);
	put_submission(&fixture);
	fixture.records.len -= 2 * BUNDLE_RECORD_HEAD_LEN +
	    fixture.leaf_json[4].len + fixture.key_parts[4].len;
	refused(&fixture, BUNDLE_SUBMISSION, "E3122");

	first = fixture.leaf_json[0];
	fixture.leaf_json[0] = fixture.leaf_json[1];
	fixture.leaf_json[1] = first;
	put_submission(&fixture);
	refused(&fixture, BUNDLE_SUBMISSION, "E3122");
	tear_down(&fixture);
}

/* Passed on to a third party: its leaf is not in the tree. */
static void
a_foreign_leaf_is_refused(void **state)
{
	struct fixture fixture;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	assert_true(org_code_parse("A99990000A", &fixture.leaves[4].recipient));
	bytes_clear(&fixture.leaf_json[4]);
	assert_int_equal(leaf_encode(&fixture.leaves[4], &fixture.leaf_json[4],
			     &err),
	    0);
	put_submission(&fixture);
	refused(&fixture, BUNDLE_SUBMISSION, "E3122");
	put_relay(&fixture);
	refused(&fixture, BUNDLE_RELAY, "E3122");
	put_delivery(&fixture, 4);
	refused(&fixture, BUNDLE_DELIVERY, "E3122");
	tear_down(&fixture);
}

static void
the_path_of_another_leaf_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	bytes_clear(&fixture.records);
	put(&fixture, BUNDLE_LEAF, &fixture.leaf_json[1]);
	put(&fixture, BUNDLE_PATH, &fixture.paths[2]);
	refused(&fixture, BUNDLE_DELIVERY, "E3122");
	tear_down(&fixture);
}

static void
a_recipient_there_twice_is_refused(void **state)
{
	struct fixture fixture;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	put_relay(&fixture);
	put(&fixture, BUNDLE_LEAF, &fixture.leaf_json[2]);
	put(&fixture, BUNDLE_KEY_PART, &fixture.key_parts[2]);
	put(&fixture, BUNDLE_PATH, &fixture.paths[2]);
	refused(&fixture, BUNDLE_RELAY, "E3402");

	/* Also when the sender signed it so. */
	fixture.leaves[4].recipient = fixture.leaves[0].recipient;
	bytes_clear(&fixture.leaf_json[4]);
	assert_int_equal(leaf_encode(&fixture.leaves[4], &fixture.leaf_json[4],
			     &err),
	    0);
	for (size_t i = 0; i < RECIPIENTS; i++)
		bytes_clear(&fixture.paths[i]);
	make_tree(&fixture);
	sign(&fixture, &fixture.module);
	put_submission(&fixture);
	refused(&fixture, BUNDLE_SUBMISSION, "E3402");
	tear_down(&fixture);
}

static void
another_environment_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	snprintf(fixture.waybill.head.environment,
	    sizeof(fixture.waybill.head.environment), "%s", "production");
	sign(&fixture, &fixture.module);
	put_submission(&fixture);
	refused(&fixture, BUNDLE_SUBMISSION, "E3120");
	tear_down(&fixture);
}

static void
a_module_that_the_head_does_not_name_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	sign(&fixture, &fixture.other);
	put_submission(&fixture);
	refused(&fixture, BUNDLE_SUBMISSION, "E3403");
	tear_down(&fixture);
}

static void
a_signer_without_chain_or_out_of_date_is_refused(void **state)
{
	struct fixture fixture;
	struct trust *trust;
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	put_submission(&fixture);
	trust = fixture.context.trust;
	assert_int_equal(trust_new(&fixture.context.trust, &err), 0);
	assert_int_equal(trust_add_anchor(fixture.context.trust,
			     fixture.pki.foreign.cert, &err),
	    0);
	refused(&fixture, BUNDLE_SUBMISSION, "E3004");
	trust_free(fixture.context.trust);

	fixture.context.trust = trust;
	fixture.context.now = pki_now + INT64_C(10) * 365 * 86400000;
	refused(&fixture, BUNDLE_SUBMISSION, "E3003");

	fixture.context.trust = NULL; /* before the first root */
	assert_true(verify_as(&fixture, BUNDLE_SUBMISSION, NULL, NULL));
	tear_down(&fixture);
}

/* Algorithms that are fetched late must not need a file. */
static void
a_verifier_works_inside_its_sandbox(void **state)
{
	struct sandbox sandbox = role_sandbox(ROLE_VERIFIER);
	struct fixture fixture;
	struct error err = { 0 };
	bool has_landlock;
	int status;
	pid_t pid;

	(void)state;
	set_up(&fixture);
	put_submission(&fixture);
	pid = fork();
	assert_true(pid >= 0);
	if (pid == 0) {
		if (sandbox_enter(&sandbox, &has_landlock, &err) < 0)
			_exit(2);
		_exit(!verify_as(&fixture, BUNDLE_SUBMISSION, NULL, NULL));
	}
	assert_int_equal(waitpid(pid, &status, 0), pid);
	assert_true(WIFEXITED(status) && WEXITSTATUS(status) == 0);
	tear_down(&fixture);
}

static void
a_second_signature_is_refused(void **state)
{
	struct fixture fixture;
	struct signer signers[2];
	struct signed_object object;
	struct bytes json = { 0 };
	struct error err = { 0 };

	(void)state;
	set_up(&fixture);
	put_submission(&fixture);
	signers[0] = signer_of(fixture.module.cert, fixture.module.key);
	signers[1] = signer_of(fixture.other.cert, fixture.other.key);
	assert_int_equal(signed_verify(fixture.certs, fixture.cms.data,
			     fixture.cms.len, 1, &object, &err),
	    0);
	bytes_put(&json, object.content, object.content_len);
	bytes_clear(&fixture.cms);
	assert_int_equal(signed_make(signers, 2, json.data, json.len, pki_now,
			     &fixture.cms, &err),
	    0);
	refused(&fixture, BUNDLE_SUBMISSION, "E3011");
	bytes_free(&json);
	tear_down(&fixture);
}

static void
a_changed_waybill_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	put_submission(&fixture);
	for (size_t i = 0; i < fixture.cms.len; i += 5) {
		fixture.cms.data[i] ^= 1;
		assert_false(
		    verify_as(&fixture, BUNDLE_SUBMISSION, NULL, NULL));
		fixture.cms.data[i] ^= 1;
	}
	tear_down(&fixture);
}

/* In place of the CMS: the waybill as the second of three in a batch. */
static void
put_into_batch(struct fixture *fixture, enum batch_type type)
{
	struct signer signer =
	    signer_of(fixture->module.cert, fixture->module.key);
	struct batch batch = { .environment = "demo",
		.type = type,
		.count = 3 };
	struct batch_item item = { .index = 1, .count = 3 };
	struct signed_object object;
	struct digest leaves[3], path[MERKLE_PATH_MAX];
	struct merkle_tree *tree = NULL;
	struct bytes json = { 0 };
	struct bytes cms = { 0 };
	struct bytes whole = { 0 };
	struct error err = { 0 };

	assert_int_equal(signed_verify(fixture->certs, fixture->cms.data,
			     fixture->cms.len, 1, &object, &err),
	    0);
	item.statement = object.content;
	item.statement_len = object.content_len;
	memset(leaves, 7, sizeof(leaves));
	leaves[1] = batch_leaf(type, item.statement, item.statement_len);
	assert_int_equal(merkle_tree_new(leaves, 3, &tree, &err), 0);
	batch.root = merkle_tree_root(tree);
	item.path_count = merkle_tree_path(tree, 1, path);
	memcpy(item.path, path, item.path_count * sizeof(*path));
	assert_int_equal(batch_encode(&batch, &json, &err), 0);
	assert_int_equal(signed_make(&signer, 1, json.data, json.len, pki_now,
			     &cms, &err),
	    0);
	item.cms = cms.data;
	item.cms_len = cms.len;
	batch_item_put(&item, &whole);
	bytes_free(&fixture->cms);
	fixture->cms = whole;
	merkle_tree_free(tree);
	bytes_free(&json);
	bytes_free(&cms);
}

static void
a_waybill_of_a_batch_is_as_good(void **state)
{
	struct fixture fixture;
	struct message_waybill alone, waybill;

	(void)state;
	set_up(&fixture);
	put_submission(&fixture);
	assert_true(verify_as(&fixture, BUNDLE_SUBMISSION, &alone, NULL));
	put_into_batch(&fixture, BATCH_WAYBILL);
	assert_true(verify_as(&fixture, BUNDLE_SUBMISSION, &waybill, NULL));
	assert_true(digest_equal(&waybill.waybill, &alone.waybill));
	assert_true(digest_equal(&waybill.signer, &alone.signer));
	put_relay(&fixture);
	assert_true(verify_as(&fixture, BUNDLE_RELAY, NULL, NULL));
	put_delivery(&fixture, 4);
	assert_true(verify_as(&fixture, BUNDLE_DELIVERY, NULL, NULL));
	tear_down(&fixture);
}

/* A batch of acts, of which one reads like a waybill. */
static void
a_batch_of_acts_has_no_waybill(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	put_submission(&fixture);
	put_into_batch(&fixture, BATCH_ACT);
	refused(&fixture, BUNDLE_SUBMISSION, "E3802");
	tear_down(&fixture);
}

/* Another's batch does not lend its signature: the head names its module. */
static void
a_batch_of_another_module_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	fixture.waybill.head.module = *cert_fingerprint(fixture.other.cert);
	sign(&fixture, &fixture.other);
	put_submission(&fixture);
	assert_true(verify_as(&fixture, BUNDLE_SUBMISSION, NULL, NULL));
	put_into_batch(&fixture, BATCH_WAYBILL);
	refused(&fixture, BUNDLE_SUBMISSION, "E3403");
	tear_down(&fixture);
}

static void
a_changed_item_is_refused(void **state)
{
	struct fixture fixture;

	(void)state;
	set_up(&fixture);
	put_submission(&fixture);
	put_into_batch(&fixture, BATCH_WAYBILL);
	assert_int_equal(batch_cache_new(16, &fixture.batches,
			     &fixture.refusal),
	    0);
	fixture.context.batches = fixture.batches;
	assert_true(verify_as(&fixture, BUNDLE_SUBMISSION, NULL, NULL));
	for (size_t i = 0; i < fixture.cms.len; i++) {
		fixture.cms.data[i] ^= 1;
		assert_false(
		    verify_as(&fixture, BUNDLE_SUBMISSION, NULL, NULL));
		fixture.cms.data[i] ^= 1;
	}
	assert_true(verify_as(&fixture, BUNDLE_SUBMISSION, NULL, NULL));
	tear_down(&fixture);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_submission_brings_every_leaf),
		cmocka_unit_test(a_relay_brings_some_with_their_paths),
		cmocka_unit_test(a_delivery_brings_one_with_its_path),
		cmocka_unit_test(a_bundle_under_another_kind_is_refused),
		cmocka_unit_test(records_cut_short_are_refused),
		cmocka_unit_test(a_flipped_bit_in_the_records_is_refused),
		cmocka_unit_test(a_swapped_key_part_is_refused),
		cmocka_unit_test(a_recipient_more_less_or_elsewhere_is_refused),
		cmocka_unit_test(a_foreign_leaf_is_refused),
		cmocka_unit_test(the_path_of_another_leaf_is_refused),
		cmocka_unit_test(a_recipient_there_twice_is_refused),
		cmocka_unit_test(another_environment_is_refused),
		cmocka_unit_test(
		    a_module_that_the_head_does_not_name_is_refused),
		cmocka_unit_test(
		    a_signer_without_chain_or_out_of_date_is_refused),
		cmocka_unit_test(a_verifier_works_inside_its_sandbox),
		cmocka_unit_test(a_second_signature_is_refused),
		cmocka_unit_test(a_changed_waybill_is_refused),
		cmocka_unit_test(a_waybill_of_a_batch_is_as_good),
		cmocka_unit_test(a_batch_of_acts_has_no_waybill),
		cmocka_unit_test(a_batch_of_another_module_is_refused),
		cmocka_unit_test(a_changed_item_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
