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
#include "crypto/key.h"
#include "crypto/merkle.h"
#include "crypto/random.h"
#include "crypto/sealed.h"
#include "crypto/sha256.h"
#include "crypto/stream.h"
#include "envelope/act.h"
#include "envelope/binding.h"
#include "envelope/keypart.h"
#include "envelope/leaf.h"
#include "envelope/waybill.h"
#include "harness/pki.h"

/*
 * One letter to two recipients, made as a gateway makes it; every test of
 * docs/protocol.md 9 alters one thing.
 */
enum { RECIPIENTS = 2 };

static const char package_text[] = "the package, signed and whole";

struct letter {
	struct waybill waybill;
	struct keypart parts[RECIPIENTS];
	struct bytes sealed[RECIPIENTS];
	struct leaf leaves[RECIPIENTS];
	struct digest hashes[RECIPIENTS];
	struct bytes content;
};

static struct pki pki;
static struct pki_holder recipients[RECIPIENTS];
static struct letter letter;

static int
collect(void *context, const uint8_t *data, size_t len, struct error *err)
{
	bytes_put(context, data, len);
	return bytes_failed(context, err);
}

static void
check(int rc, const struct error *err)
{
	if (rc < 0)
		fail_msg("%s", err->text);
}

static void
make_head(struct letter *to, const char *environment)
{
	struct error err = { 0 };
	struct bytes text = { 0 };
	struct head *head = &to->waybill.head;

	snprintf(head->environment, sizeof(head->environment), "%s",
	    environment);
	snprintf(head->center, sizeof(head->center), "center-a");
	head->waybill_id = id_make(pki_now, (const uint8_t *)"0123456789");
	head->document_id = id_make(pki_now, (const uint8_t *)"9876543210");
	org_code_parse("376490000A", &head->sender);
	head->created_at = pki_now;
	head->not_after_at = pki_now + 1000;
	check(head_encode(head, &text, &err), &err);
	memcpy(to->waybill.head_text, text.data, text.len);
	to->waybill.head_text[text.len] = '\0';
	sha256(text.data, text.len, &to->waybill.head_digest);
	bytes_free(&text);
}

static void
make_content(struct letter *to, const struct secret_key *key)
{
	struct stream *stream;
	struct error err = { 0 };

	check(stream_new(NULL, &stream, &err), &err);
	check(stream_begin_encrypt(stream, key, to->waybill.head_digest.bytes,
		  DIGEST_LEN, collect, &to->content, &err),
	    &err);
	check(stream_push(stream, package_text, strlen(package_text), &err),
	    &err);
	check(stream_finish(stream, &err), &err);
	stream_free(stream);
	sha256(to->content.data, to->content.len, &to->waybill.content);
	to->waybill.content_len = to->content.len;
}

static void
make_recipient(struct letter *to, size_t i, const char *code)
{
	struct bytes json = { 0 };
	struct error err = { 0 };
	struct leaf *leaf = &to->leaves[i];

	to->parts[i] = to->parts[0];
	to->parts[i].head = to->waybill.head_digest;
	org_code_parse(code, &to->parts[i].recipient);
	check(keypart_encode(&to->parts[i], &json, &err), &err);
	check(sealed_make(recipients[i].cert, json.data, json.len,
		  &to->sealed[i], &err),
	    &err);
	org_code_parse(code, &leaf->recipient);
	snprintf(leaf->center, sizeof(leaf->center), "center-b");
	leaf->seal = *cert_fingerprint(recipients[i].cert);
	sha256(to->sealed[i].data, to->sealed[i].len, &leaf->key_part);
	json.len = 0;
	check(leaf_encode(leaf, &json, &err), &err);
	to->hashes[i] = merkle_leaf(json.data, json.len);
	bytes_wipe(&json);
}

static void
make_letter(struct letter *to)
{
	struct error err = { 0 };
	struct keypart *first = &to->parts[0];

	memset(to, 0, sizeof(*to));
	make_head(to, "demo");
	check(random_fill(&first->key, sizeof(first->key), &err), &err);
	check(random_fill(first->random, sizeof(first->random), &err), &err);
	sha256(package_text, strlen(package_text), &first->package);
	make_content(to, &first->key);
	make_recipient(to, 0, "376490000B");
	make_recipient(to, 1, "376490000C");
	to->waybill.count = RECIPIENTS;
	to->waybill.root = merkle_root(to->hashes, RECIPIENTS);
	to->waybill.commitment = keypart_commitment(first);
}

static void
free_letter(struct letter *old)
{
	bytes_free(&old->content);
	for (size_t i = 0; i < RECIPIENTS; i++)
		bytes_free(&old->sealed[i]);
}

static int
set_up(void **state)
{
	(void)state;
	pki_new(&pki);
	recipients[0] = pki_issue(&pki, ISSUE_SEAL, CERT_KEY_P256, "b");
	recipients[1] = pki_issue(&pki, ISSUE_SEAL, CERT_KEY_RSA, "c");
	make_letter(&letter);
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	free_letter(&letter);
	for (size_t i = 0; i < RECIPIENTS; i++)
		pki_holder_free(&recipients[i]);
	pki_free(&pki);
	return 0;
}

/* Open the key part of recipient `i` with its key. */
static int
open_part(const struct bytes *sealed, size_t i, struct keypart *ret_part,
    struct error *err)
{
	struct sealed_fields fields;
	struct secret_key cek;
	struct bytes json = { 0 };
	int rc = -1;

	if (sealed_parse(sealed->data, sealed->len, &fields, err) == 0 &&
	    sealed_unwrap(recipients[i].key, &fields, &cek, err) == 0 &&
	    sealed_open(&cek, &fields, &json, err) == 0)
		rc = keypart_decode(json.data, json.len, ret_part, err);
	bytes_wipe(&json);
	return rc;
}

static void
refused(int rc, const struct error *err, const char *id)
{
	assert_int_equal(rc, -1);
	assert_int_equal(err->code, ERROR_UNTRUSTED);
	assert_string_equal(err->id, id);
}

static void
a_whole_letter_passes_every_check(void **state)
{
	const struct waybill *waybill = &letter.waybill;
	struct digest digest;
	struct error err = { 0 };

	(void)state;
	sha256(letter.content.data, letter.content.len, &digest);
	check(binding_check_place(waybill, "demo", "center-a", &err), &err);
	check(binding_check_content(waybill, &digest, letter.content.len, &err),
	    &err);
	check(binding_check_leaves(waybill, letter.hashes, RECIPIENTS, &err),
	    &err);
	for (size_t i = 0; i < RECIPIENTS; i++) {
		struct keypart part;

		check(binding_check_leaf(waybill, &letter.hashes[i], i,
			  &letter.hashes[1 - i], 1, &err),
		    &err);
		check(binding_check_key_part(&letter.leaves[i],
			  letter.sealed[i].data, letter.sealed[i].len, &err),
		    &err);
		check(open_part(&letter.sealed[i], i, &part, &err), &err);
		check(binding_check_opened(waybill, &letter.leaves[i], &part,
			  &err),
		    &err);
		sha256(package_text, strlen(package_text), &digest);
		check(binding_check_package(&part, &digest, &err), &err);
	}
}

static void
another_letter_to_the_second_recipient_is_refused(void **state)
{
	struct keypart other = letter.parts[1];
	struct digest package;
	struct error err = { 0 };

	(void)state;
	/* Its own package under the same waybill ... */
	sha256("another package", 15, &other.package);
	refused(binding_check_opened(&letter.waybill, &letter.leaves[1], &other,
		    &err),
	    &err, "E3124");
	/* ... or its own key, which T-CRY-07 is about ... */
	other = letter.parts[1];
	other.key.bytes[0] ^= 1;
	refused(binding_check_opened(&letter.waybill, &letter.leaves[1], &other,
		    &err),
	    &err, "E3124");
	/* ... or an honest key part and another package. */
	sha256("another package", 15, &package);
	refused(binding_check_package(&letter.parts[1], &package, &err), &err,
	    "E3125");
}

static void
a_swapped_content_part_is_refused(void **state)
{
	struct letter other;
	struct stream *stream;
	struct bytes plain = { 0 };
	struct digest digest;
	struct error err = { 0 };

	(void)state;
	make_letter(&other);
	sha256(other.content.data, other.content.len, &digest);
	refused(binding_check_content(&letter.waybill, &digest,
		    other.content.len, &err),
	    &err, "E3121");
	refused(binding_check_content(&letter.waybill, &letter.waybill.content,
		    letter.content.len + 1, &err),
	    &err, "E3121");
	/* Even with the digest unchecked it does not decrypt. */
	check(stream_new(NULL, &stream, &err), &err);
	check(stream_begin_decrypt(stream, &letter.parts[0].key,
		  letter.waybill.head_digest.bytes, DIGEST_LEN, collect, &plain,
		  &err),
	    &err);
	check(stream_push(stream, other.content.data, other.content.len, &err),
	    &err);
	refused(stream_finish(stream, &err), &err, "E3030");
	assert_int_equal(plain.len, 0);
	stream_free(stream);
	free_letter(&other);
}

static void
a_swapped_key_part_is_refused(void **state)
{
	struct letter other;
	struct error err = { 0 };

	(void)state;
	make_letter(&other);
	refused(binding_check_key_part(&letter.leaves[0], other.sealed[0].data,
		    other.sealed[0].len, &err),
	    &err, "E3123");
	refused(binding_check_key_part(&letter.leaves[0], letter.sealed[1].data,
		    letter.sealed[1].len, &err),
	    &err, "E3123");
	/* A leaf that names it is no leaf of the waybill. */
	refused(binding_check_leaf(&letter.waybill, &other.hashes[0], 0,
		    &letter.hashes[1], 1, &err),
	    &err, "E3122");
	free_letter(&other);
}

static void
recipients_added_left_out_or_moved_are_refused(void **state)
{
	struct digest three[3] = { letter.hashes[0], letter.hashes[1],
		letter.hashes[1] };
	struct digest moved[2] = { letter.hashes[1], letter.hashes[0] };
	struct error err = { 0 };

	(void)state;
	refused(binding_check_leaves(&letter.waybill, three, 3, &err), &err,
	    "E3122");
	refused(binding_check_leaves(&letter.waybill, three, 1, &err), &err,
	    "E3122");
	refused(binding_check_leaves(&letter.waybill, moved, 2, &err), &err,
	    "E3122");
	refused(binding_check_leaf(&letter.waybill, &letter.hashes[0], 1,
		    &letter.hashes[1], 1, &err),
	    &err, "E3122");
}

static void
encrypting_it_anew_to_a_third_party_is_refused_t_cry_04(void **state)
{
	struct bytes json = { 0 };
	struct bytes sealed = { 0 };
	struct leaf third = letter.leaves[1];
	struct keypart part;
	struct error err = { 0 };

	(void)state;
	/* B passes its opened key part on, encrypted to C. */
	check(keypart_encode(&letter.parts[0], &json, &err), &err);
	check(sealed_make(recipients[1].cert, json.data, json.len, &sealed,
		  &err),
	    &err);
	check(open_part(&sealed, 1, &part, &err), &err);
	refused(binding_check_opened(&letter.waybill, &third, &part, &err),
	    &err, "E3124");
	bytes_wipe(&json);
	bytes_free(&sealed);
}

static void
a_key_part_of_another_waybill_is_refused_t_cry_08(void **state)
{
	struct keypart part = letter.parts[0];
	struct error err = { 0 };

	(void)state;
	part.head.bytes[0] ^= 1;
	refused(binding_check_opened(&letter.waybill, &letter.leaves[0], &part,
		    &err),
	    &err, "E3124");
}

static void
replay_to_another_center_or_environment_is_refused_t_cry_08(void **state)
{
	struct error err = { 0 };

	(void)state;
	refused(binding_check_place(&letter.waybill, "demo", "center-b", &err),
	    &err, "E3120");
	refused(binding_check_place(&letter.waybill, "production", "center-a",
		    &err),
	    &err, "E3120");
	check(binding_check_place(&letter.waybill, "demo", NULL, &err), &err);
}

static void
an_act_of_another_delivery_is_refused(void **state)
{
	struct act good = { .event = EVENT_FETCHED,
		.waybill = letter.waybill.digest,
		.waybill_id = letter.waybill.head.waybill_id,
		.leaf = letter.hashes[0],
		.content = letter.waybill.content,
		.recipient = letter.leaves[0].recipient };
	static struct act bad[7];
	struct error err = { 0 };

	(void)state;
	snprintf(good.environment, sizeof(good.environment), "demo");
	check(binding_check_act(&letter.waybill, &letter.leaves[0],
		  &letter.hashes[0], &good, &err),
	    &err);
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		bad[i] = good;
	bad[0].environment[0] = 'x';
	bad[1].waybill.bytes[0] ^= 1;
	bad[2].waybill_id.bytes[15] ^= 1;
	bad[3].leaf = letter.hashes[1];
	bad[4].content.bytes[0] ^= 1;
	bad[5].recipient = letter.leaves[1].recipient;
	bad[6].recipient.text[0] = '\0';
	for (size_t i = 0; i < ARRAY_LEN(bad); i++)
		refused(binding_check_act(&letter.waybill, &letter.leaves[0],
			    &letter.hashes[0], &bad[i], &err),
		    &err, "E3126");
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_whole_letter_passes_every_check),
		cmocka_unit_test(
		    another_letter_to_the_second_recipient_is_refused),
		cmocka_unit_test(a_swapped_content_part_is_refused),
		cmocka_unit_test(a_swapped_key_part_is_refused),
		cmocka_unit_test(
		    recipients_added_left_out_or_moved_are_refused),
		cmocka_unit_test(
		    encrypting_it_anew_to_a_third_party_is_refused_t_cry_04),
		cmocka_unit_test(
		    a_key_part_of_another_waybill_is_refused_t_cry_08),
		cmocka_unit_test(
		    replay_to_another_center_or_environment_is_refused_t_cry_08),
		cmocka_unit_test(an_act_of_another_delivery_is_refused),
	};

	return cmocka_run_group_tests(tests, set_up, tear_down);
}
