#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include <cmocka.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "bulletin/bulletin_make.h"
#include "crypto/sha256.h"
#include "directory/directory.h"
#include "directory/directory_image.h"
#include "envelope/keypart.h"
#include "gateway/inbox/inbox_judge.h"
#include "gateway/inbox/inbox_rows.h"
#include "json/json_write.h"
#include "role/spool/spool.h"

static const char us[] = "376470000A";
static const char them[] = "376490000A";
static const char gone[] = "376480000A"; /* dissolved: we took over */

/* A stand-in for a certificate: the directory does not look inside. */
static const uint8_t *
der_of(const char *id, uint8_t der[4])
{
	der[0] = 0x30;
	der[1] = 2;
	memcpy(der + 2, id, 2);
	return der;
}

static struct digest
fingerprint_of(const char *id)
{
	struct digest digest;
	uint8_t der[4];

	sha256(der_of(id, der), sizeof(der), &digest);
	return digest;
}

static void
write_key(struct json_writer *writer, const char *use, const char *state,
    const char *id)
{
	uint8_t der[4];

	json_write_begin_object(writer, NULL);
	json_write_text(writer, "use", use);
	json_write_text(writer, "state", state);
	json_write_time(writer, "not_after", INT64_C(1893456000000));
	json_write_base64(writer, "certificate", der_of(id, der), sizeof(der));
	/* Those whose name ends with 5 say when. */
	if (id[1] == '5') {
		json_write_begin_object(writer, "revoked");
		json_write_text(writer, "reason", "key_compromise");
		json_write_time(writer, "at", 2000);
		json_write_end(writer);
	}
	json_write_end(writer);
}

static void
write_org(struct json_writer *writer, const char *code, const char *host,
    const char *ids[4], const char *successor)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "code", code);
	json_write_text(writer, "name", "機關");
	json_write_text(writer, "kind", "agency");
	json_write_text(writer, "status",
	    successor[0] != '\0' ? "dissolved" : "active");
	json_write_text(writer, "center", "");
	json_write_text(writer, "supervisor", "");
	json_write_text(writer, "successor", successor);
	json_write_text(writer, "host", host);
	json_write_begin_object(writer, "accepts");
	json_write_int(writer, "letter_bytes", 0);
	json_write_end(writer);
	json_write_begin_array(writer, "keys");
	write_key(writer, "sign", "retiring", ids[0]);
	write_key(writer, "sign", "revoked", ids[1]);
	write_key(writer, "seal", "active", ids[2]);
	write_key(writer, "module", "active", ids[3]);
	if (ids[0][0] == 'b')
		write_key(writer, "sign", "revoked", "b5");
	if (ids[0][0] == 'b')
		write_key(writer, "module", "revoked", "m5");
	json_write_end(writer);
	json_write_end(writer);
}

static void
body(void *context, struct json_writer *writer)
{
	const char *ours[] = { "a1", "a2", "a3", "a4" };
	const char *theirs[] = { "b1", "b2", "b3", "b4" };
	const char *past[] = { "c1", "c2", "c3", "c4" };

	(void)context;
	json_write_begin_array(writer, "organisations");
	write_org(writer, us, "gateway-b", ours, "");
	write_org(writer, them, "gateway-a", theirs, "");
	write_org(writer, gone, "gateway-c", past, us);
	json_write_end(writer);
}

static struct {
	struct bytes image;
	struct directory *directory;
	struct spool_key keys[2];
	struct inbox_place place;
	struct inbox_row row;
	struct message_waybill waybill;
	struct message_leaf leaf;
	struct message_receipt receipt;
	struct message_key key;
	struct message_addendum addendum;
	struct message_unpacked unpacked;
	struct error err;
} box;

static void
make_directory(void)
{
	struct digest previous = { { 1 } };
	struct bulletin_draft draft = { .environment = "demo",
		.type = BULLETIN_DIRECTORY,
		.name = "",
		.serial = 4,
		.issued_ms = 1000,
		.expires_ms = 2000,
		.previous = &previous };
	struct bulletin bulletin = { 0 };
	struct directory_sources sources = { .directory = &bulletin,
		.root_serial = 1,
		.timestamp_serial = 2 };
	struct bytes json = { 0 };

	if (bulletin_format(&draft, body, NULL, &json, &box.err) < 0 ||
	    bulletin_parse(json.data, json.len, &bulletin, &box.err) < 0 ||
	    directory_image_build(&sources, &box.image, &box.err) < 0 ||
	    directory_open(box.image.data, box.image.len, &box.directory,
		&box.err) < 0)
		fail_msg("%s", box.err.text);
	bulletin_free(&bulletin);
	bytes_free(&json);
}

static void
make_key(void)
{
	struct keypart part = { .head = { { 5 } },
		.key = { { 6 } },
		.random = { 7 },
		.package = { { 8 } } };

	box.key = (struct message_key){ .head = part.head,
		.key = { { 6 } },
		.random = { { 7 } },
		.package = part.package,
		.seal = fingerprint_of("a3") };
	text_copy(box.key.recipient, sizeof(box.key.recipient), us);
	box.row.head = part.head;
	box.row.commitment = keypart_commitment(&part);
	box.row.seal = box.key.seal;
}

static int
set_up(void **state)
{
	(void)state;
	memset(&box, 0, sizeof(box));
	make_directory();
	box.keys[0] = (struct spool_key){ "module", fingerprint_of("a4") };
	box.keys[1] =
	    (struct spool_key){ "seal.376470000A", fingerprint_of("a3") };
	box.place = (struct inbox_place){ "demo", "gateway-b", "center-b",
		box.directory, box.keys, 2 };
	box.row.waybill_id.bytes[0] = 1;
	box.row.waybill.bytes[0] = 2;
	box.row.leaf.bytes[0] = 3;
	box.row.document_id.bytes[0] = 4;
	assert_true(org_code_parse(us, &box.row.recipient));
	assert_true(org_code_parse(them, &box.row.sender));

	box.waybill.waybill_id = box.row.waybill_id;
	box.waybill.waybill = box.row.waybill;
	box.waybill.signer = box.waybill.module = fingerprint_of("b4");
	text_copy(box.waybill.environment, sizeof(box.waybill.environment),
	    "demo");
	text_copy(box.waybill.sender, sizeof(box.waybill.sender), them);
	text_copy(box.leaf.recipient, sizeof(box.leaf.recipient), us);
	box.leaf.seal = fingerprint_of("a3");

	box.receipt.event = EVENT_FETCHED;
	box.receipt.waybill_id = box.row.waybill_id;
	box.receipt.waybill = box.row.waybill;
	box.receipt.leaf = box.row.leaf;
	text_copy(box.receipt.center, sizeof(box.receipt.center), "center-b");
	text_copy(box.receipt.sender, sizeof(box.receipt.sender), them);
	text_copy(box.receipt.recipient, sizeof(box.receipt.recipient), us);

	make_key();
	box.addendum = (struct message_addendum){
		.signer = fingerprint_of("b4"),
		.environment = "demo",
		.waybill = box.row.waybill,
		.waybill_id = box.row.waybill_id,
		.old_leaf = box.row.leaf,
		.seal = fingerprint_of("a3"),
		.directory = 4,
	};
	text_copy(box.addendum.recipient, sizeof(box.addendum.recipient), us);
	text_copy(box.addendum.receiver, sizeof(box.addendum.receiver), us);
	box.unpacked.document_id = box.row.document_id;
	text_copy(box.unpacked.environment, sizeof(box.unpacked.environment),
	    "demo");
	text_copy(box.unpacked.sender, sizeof(box.unpacked.sender), them);
	box.unpacked.recipients = blob_of("379000000A\n376470000A", 21);
	box.row.recipients = 2;
	return 0;
}

static int
tear_down(void **state)
{
	(void)state;
	directory_close(box.directory);
	bytes_free(&box.image);
	return 0;
}

static int
judge_waybill(void)
{
	box.err = (struct error){ 0 };
	return inbox_judge_waybill(&box.place, &box.row, &box.waybill,
	    &box.leaf, &box.err);
}

static int
judge_module(int64_t at)
{
	box.err = (struct error){ 0 };
	return inbox_judge_module(&box.place, &box.waybill, at, &box.err);
}

static void
refused(int rc, const char *id)
{
	assert_int_equal(rc, -1);
	assert_string_equal(box.err.id, id);
	assert_int_equal(box.err.code, ERROR_UNTRUSTED);
}

static void
our_delivery_is_let_in(void **state)
{
	(void)state;
	assert_int_equal(judge_waybill(), 0);
	assert_int_equal(judge_module(1000), 0);
}

static void
another_delivery_than_announced_is_refused(void **state)
{
	(void)state;
	box.waybill.waybill_id.bytes[5] ^= 1;
	refused(judge_waybill(), "E4301");
	box.waybill.waybill_id.bytes[5] ^= 1;
	text_copy(box.leaf.recipient, sizeof(box.leaf.recipient), them);
	refused(judge_waybill(), "E4301");
	text_copy(box.leaf.recipient, sizeof(box.leaf.recipient), us);
	text_copy(box.waybill.environment, sizeof(box.waybill.environment),
	    "production");
	refused(judge_waybill(), "E4301");
}

static void
a_delivery_for_another_host_is_refused(void **state)
{
	(void)state;
	box.place.host = "gateway-c";
	refused(judge_waybill(), "E4302");
}

static void
only_the_senders_module_signs_waybills(void **state)
{
	(void)state;
	/* A module, but another organisation's. */
	box.waybill.signer = box.waybill.module = fingerprint_of("a4");
	refused(judge_module(1000), "E4303");
	/* The sender's, but its sign key. */
	box.waybill.signer = box.waybill.module = fingerprint_of("b1");
	refused(judge_module(1000), "E4303");
	/* The head names another module than signed. */
	box.waybill.signer = fingerprint_of("b4");
	refused(judge_module(1000), "E4303");
}

static void
a_module_counts_until_it_was_revoked(void **state)
{
	(void)state;
	/* Revoked at 2000: what was taken before stays good. */
	box.waybill.signer = box.waybill.module = fingerprint_of("m5");
	assert_int_equal(judge_module(1999), 0);
	refused(judge_module(2000), "E4303");
	refused(judge_module(3000), "E4303");
}

static void
only_a_key_that_is_here_opens(void **state)
{
	(void)state;
	assert_true(inbox_judge_can_open(&box.place, &box.row));
	box.row.seal = fingerprint_of("b3");
	assert_false(inbox_judge_can_open(&box.place, &box.row));
	/* Ours, but no seal key. */
	box.row.seal = fingerprint_of("a4");
	assert_false(inbox_judge_can_open(&box.place, &box.row));
	box.row.seal = fingerprint_of("a3");
	box.place.directory = NULL;
	assert_false(inbox_judge_can_open(&box.place, &box.row));
}

/* Addressed to an organisation that was dissolved, with us as successor. */
static void
be_an_heir(void)
{
	assert_true(org_code_parse(gone, &box.row.recipient));
	text_copy(box.addendum.recipient, sizeof(box.addendum.recipient), gone);
}

static void
an_heir_opens_only_by_the_senders_word(void **state)
{
	(void)state;
	be_an_heir();
	/* With the very key of the predecessor in hand. */
	assert_false(inbox_judge_can_open(&box.place, &box.row));
	box.row.serial = 4;
	assert_true(org_code_parse(them, &box.row.receiver));
	assert_false(inbox_judge_can_open(&box.place, &box.row));
	assert_true(org_code_parse(us, &box.row.receiver));
	assert_true(inbox_judge_can_open(&box.place, &box.row));
}

static int
judge_addendum(void)
{
	box.err = (struct error){ 0 };
	return inbox_judge_addendum(&box.place, &box.row, &box.addendum, 5000,
	    &box.err);
}

static void
refused_as(const char *id, enum error_code code)
{
	assert_int_equal(judge_addendum(), -1);
	assert_string_equal(box.err.id, id);
	assert_int_equal(box.err.code, code);
}

static void
an_addendum_is_let_in_for_us_and_for_our_key_alone(void **state)
{
	struct message_addendum good = box.addendum;
	struct inbox_row row = box.row;

	(void)state;
	assert_int_equal(judge_addendum(), 0);
	/* Another organisation's module, and a key of ours that is none. */
	box.addendum.signer = fingerprint_of("a4");
	refused_as("E4009", ERROR_UNTRUSTED);
	box.addendum.signer = fingerprint_of("b1");
	refused_as("E4009", ERROR_UNTRUSTED);
	box.addendum = good;
	box.addendum.seal = fingerprint_of("b3");
	refused_as("E4021", ERROR_UNTRUSTED);
	box.addendum.seal = fingerprint_of("zz");
	refused_as("E4021", ERROR_UNTRUSTED);
	box.addendum = good;
	text_copy(box.addendum.receiver, sizeof(box.addendum.receiver), them);
	refused_as("E4021", ERROR_UNTRUSTED);
	box.addendum = good;
	box.addendum.waybill.bytes[3] ^= 1;
	refused_as("E4032", ERROR_UNTRUSTED);
	box.addendum = good;
	box.addendum.waybill_id.bytes[3] ^= 1;
	refused_as("E4032", ERROR_UNTRUSTED);
	box.addendum = good;
	box.addendum.old_leaf.bytes[3] ^= 1;
	refused_as("E4032", ERROR_UNTRUSTED);
	box.addendum = good;
	text_copy(box.addendum.recipient, sizeof(box.addendum.recipient), them);
	refused_as("E4032", ERROR_UNTRUSTED);
	box.addendum = good;
	text_copy(box.addendum.environment, sizeof(box.addendum.environment),
	    "production");
	refused_as("E4004", ERROR_DENIED);
	box.addendum = good;
	box.addendum.directory = 5;
	refused_as("E4061", ERROR_BUSY);
	box.addendum = good;
	box.row.serial = 4;
	refused_as("E4060", ERROR_DENIED);
	box.row = row;
	box.addendum.time = INT64_C(1) << 40;
	refused_as("E4025", ERROR_MALFORMED);
	box.addendum = good;
	box.place.host = "gateway-c";
	refused_as("E4021", ERROR_UNTRUSTED);
	box.place.host = "gateway-b";
	be_an_heir();
	assert_int_equal(judge_addendum(), 0);
}

static int
judge_receipt(void)
{
	return inbox_judge_receipt(&box.place, &box.row, EVENT_FETCHED,
	    &box.receipt, &box.err);
}

static void
a_receipt_must_be_of_our_act(void **state)
{
	(void)state;
	assert_int_equal(judge_receipt(), 0);
	box.receipt.event = EVENT_OPENED;
	refused(judge_receipt(), "E4306");
	box.receipt.event = EVENT_FETCHED;
	box.receipt.leaf.bytes[9] ^= 1;
	refused(judge_receipt(), "E4306");
	box.receipt.leaf.bytes[9] ^= 1;
	box.receipt.waybill.bytes[9] ^= 1;
	refused(judge_receipt(), "E4306");
	box.receipt.waybill.bytes[9] ^= 1;
	text_copy(box.receipt.recipient, sizeof(box.receipt.recipient), them);
	refused(judge_receipt(), "E4306");
	text_copy(box.receipt.recipient, sizeof(box.receipt.recipient), us);
	text_copy(box.receipt.center, sizeof(box.receipt.center), "center-a");
	refused(judge_receipt(), "E4306");
}

static void
the_origins_receipt_must_be_of_the_waybill(void **state)
{
	(void)state;
	refused(inbox_judge_origin(&box.place, &box.waybill, &box.receipt,
		    &box.err),
	    "E4306");
	box.receipt.event = EVENT_RELAYED;
	assert_int_equal(inbox_judge_origin(&box.place, &box.waybill,
			     &box.receipt, &box.err),
	    0);
	box.receipt.waybill.bytes[9] ^= 1;
	refused(inbox_judge_origin(&box.place, &box.waybill, &box.receipt,
		    &box.err),
	    "E4306");
}

static void
a_key_part_must_fit_in_all_it_says(void **state)
{
	struct digest *const digests[] = { &box.key.head, &box.key.key,
		&box.key.random, &box.key.package };

	(void)state;
	assert_int_equal(inbox_judge_key(&box.row, &box.key, &box.err), 0);
	for (size_t i = 0; i < 4; i++) {
		digests[i]->bytes[31] ^= 1;
		refused(inbox_judge_key(&box.row, &box.key, &box.err), "E3124");
		digests[i]->bytes[31] ^= 1;
	}
	text_copy(box.key.recipient, sizeof(box.key.recipient), them);
	refused(inbox_judge_key(&box.row, &box.key, &box.err), "E3124");
	text_copy(box.key.recipient, sizeof(box.key.recipient), us);
	box.key.seal.bytes[0] ^= 1;
	refused(inbox_judge_key(&box.row, &box.key, &box.err), "E4304");
}

static int
judge_package(void)
{
	return inbox_judge_package(&box.place, &box.row, &box.unpacked,
	    &box.err);
}

static void
a_package_must_say_what_the_waybill_says(void **state)
{
	(void)state;
	assert_int_equal(judge_package(), 0);
	box.unpacked.recipients = blob_of("379000000A\n376470000", 20);
	refused(judge_package(), "E4307");
	box.unpacked.recipients = blob_of("", 0);
	refused(judge_package(), "E4307");
	box.unpacked.recipients = blob_of("376470000A", 10);
	refused(judge_package(), "E4307");
	box.row.recipients = 1;
	assert_int_equal(judge_package(), 0);
	box.unpacked.message = 1;
	refused(judge_package(), "E4307");
	box.unpacked.message = 0;
	box.unpacked.document_id.bytes[3] ^= 1;
	refused(judge_package(), "E4307");
	box.unpacked.document_id.bytes[3] ^= 1;
	text_copy(box.unpacked.sender, sizeof(box.unpacked.sender), us);
	refused(judge_package(), "E4307");
}

static int
judge_signer_at(const char *id, size_t len, int64_t at_ms)
{
	struct digest signers[2] = { fingerprint_of(id), fingerprint_of(id) };

	return inbox_judge_signer(&box.place, &box.row, blob_of(signers, len),
	    at_ms, &box.err);
}

static int
judge_signer(const char *id, size_t len)
{
	return judge_signer_at(id, len, 1000);
}

static void
only_a_sign_key_of_the_sender_signs_packages(void **state)
{
	(void)state;
	assert_int_equal(judge_signer("b1", DIGEST_LEN), 0);
	refused(judge_signer("b2", DIGEST_LEN), "E4308"); /* revoked */
	refused(judge_signer("b4", DIGEST_LEN), "E4308"); /* module */
	refused(judge_signer("a1", DIGEST_LEN), "E4308"); /* another's */
	refused(judge_signer("b1", sizeof(struct digest) * 2), "E4308");
	refused(judge_signer("b1", 0), "E4308");
}

static void
what_was_signed_before_its_key_was_revoked_counts(void **state)
{
	(void)state;
	assert_int_equal(judge_signer_at("b5", DIGEST_LEN, 1999), 0);
	refused(judge_signer_at("b5", DIGEST_LEN, 2000), "E4308");
	/* Without a time it was never good. */
	refused(judge_signer_at("b2", DIGEST_LEN, 1), "E4308");
}

#define WITH_BOX(test) cmocka_unit_test_setup_teardown(test, set_up, tear_down)

int
main(void)
{
	const struct CMUnitTest tests[] = {
		WITH_BOX(our_delivery_is_let_in),
		WITH_BOX(another_delivery_than_announced_is_refused),
		WITH_BOX(a_delivery_for_another_host_is_refused),
		WITH_BOX(only_the_senders_module_signs_waybills),
		WITH_BOX(a_module_counts_until_it_was_revoked),
		WITH_BOX(only_a_key_that_is_here_opens),
		WITH_BOX(an_heir_opens_only_by_the_senders_word),
		WITH_BOX(an_addendum_is_let_in_for_us_and_for_our_key_alone),
		WITH_BOX(a_receipt_must_be_of_our_act),
		WITH_BOX(the_origins_receipt_must_be_of_the_waybill),
		WITH_BOX(a_key_part_must_fit_in_all_it_says),
		WITH_BOX(a_package_must_say_what_the_waybill_says),
		WITH_BOX(only_a_sign_key_of_the_sender_signs_packages),
		WITH_BOX(what_was_signed_before_its_key_was_revoked_counts),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
