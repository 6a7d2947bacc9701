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
#include "envelope/receipt.h"
#include "envelope/statement.h"
#include "evidence/evidence.h"
#include "evidence/evidence_make.h"

static struct evidence_facts
good_facts(void)
{
	struct evidence_facts facts = { .environment = "demo",
		.sender = { "376490000A" },
		.recipient = { "376470000A" } };

	assert_true(id_parse("019a0000-0000-7000-8000-000000000001",
	    &facts.waybill_id));
	return facts;
}

static void
make_receipt(const char *center, enum event event, uint64_t directory,
    struct bytes *to)
{
	struct statement statement = { .environment = "demo",
		.event = event,
		.sender = { "376490000A" },
		.time_ms = 1000,
		.serials = { 1, directory, 2, 3 } };
	struct receipt receipt = { .index = 5, .path_count = 2 };
	struct bytes json = { 0 };
	struct error err = { 0 };

	assert_true(
	    text_copy(statement.center, sizeof(statement.center), center));
	assert_true(text_copy(statement.at, sizeof(statement.at), center));
	assert_true(id_parse("019a0000-0000-7000-8000-000000000001",
	    &statement.waybill_id));
	assert_int_equal(statement_encode(&statement, &json, &err), 0);
	receipt.statement = text_dup_len((const char *)json.data, json.len);
	receipt.checkpoint = text_dup("yizhan/demo/center-a/1\n7\n");
	memset(receipt.salt.bytes, 7, DIGEST_LEN);
	memset(receipt.path[1].bytes, 9, DIGEST_LEN);
	assert_int_equal(receipt_encode(&receipt, to, &err), 0);
	receipt_free(&receipt);
	bytes_free(&json);
}

/* A file with two receipts; `to` gets its bytes. */
static void
make_file(struct bytes *to)
{
	struct evidence_facts facts = good_facts();
	struct evidence_path path = { .index = 1, .count = 2, .path_count = 1 };
	struct evidence_maker *maker = NULL;
	struct bytes receipt = { 0 };
	struct error err = { 0 };
	bool is_new = false;

	assert_int_equal(evidence_maker_new(&facts, &maker, &err), 0);
	assert_int_equal(evidence_put_waybill(maker, "waybill", 7, &err), 0);
	assert_int_equal(evidence_put_leaf(maker, "leaf", 4, &path, &err), 0);
	make_receipt("center-a", EVENT_ACCEPTED, 4, &receipt);
	assert_int_equal(evidence_add_receipt(maker, receipt.data, receipt.len,
			     &err),
	    0);
	bytes_clear(&receipt);
	make_receipt("center-b", EVENT_RELAYED, 6, &receipt);
	assert_int_equal(evidence_add_receipt(maker, receipt.data, receipt.len,
			     &err),
	    0);
	assert_int_equal(evidence_add_cosigned(maker, "note", 4, path.path, 1,
			     &err),
	    0);
	assert_int_equal(evidence_add_stamped(maker, "stamped", 7, path.path, 1,
			     &is_new, &err),
	    0);
	assert_true(is_new);
	assert_int_equal(evidence_add_stamp(maker, "one", 3, &err), 0);
	assert_int_equal(evidence_add_stamp(maker, "two", 3, &err), 0);
	assert_int_equal(evidence_add_bulletin(maker, "root", 1, "root", 4,
			     &err),
	    0);
	assert_int_equal(evidence_finish(maker, to, &err), 0);
	evidence_maker_free(maker);
	bytes_free(&receipt);
}

static void
check_cosigned(const struct evidence *evidence)
{
	const struct evidence_part *part = evidence->receipts[1].cosigned;
	struct evidence_growth growth;
	struct error err = { 0 };

	assert_non_null(part);
	assert_int_equal(evidence_growth_decode(part->data, part->len, &growth,
			     &err),
	    0);
	assert_int_equal(growth.proof_count, 1);
	assert_int_equal(evidence->checkpoint_count, 2);
	assert_string_equal(evidence->checkpoints[0].note->name,
	    growth.checkpoint);
	assert_true(text_starts(growth.checkpoint, "checkpoints/center-b-"));
	assert_memory_equal(evidence->checkpoints[0].note->data, "note", 4);
}

static void
check_stamped(const struct evidence *evidence)
{
	const struct evidence_checkpoint *checkpoint =
	    &evidence->checkpoints[1];

	assert_non_null(evidence->receipts[1].stamped);
	assert_memory_equal(checkpoint->note->data, "stamped", 7);
	assert_int_equal(checkpoint->stamp_count, 2);
	assert_true(text_ends(checkpoint->note[2].name, ".2.tst"));
	assert_memory_equal(checkpoint->note[2].data, "two", 3);
}

static void
what_was_put_in_comes_out(void **state)
{
	static struct evidence evidence; /* too large for the stack */
	struct bytes file = { 0 };
	struct bytes again = { 0 };
	struct bytes receipt = { 0 };
	struct error err = { 0 };

	(void)state;
	make_file(&file);
	memset(&evidence, 0, sizeof(evidence));
	assert_int_equal(evidence_read(file.data, file.len, &evidence, &err),
	    0);
	assert_int_equal(evidence.receipt_count, 2);
	assert_string_equal(evidence.receipts[1].folder,
	    "receipts/02-relayed-center-b/");
	assert_null(evidence.receipts[1].act.cms);
	assert_null(evidence.receipts[0].cosigned);
	check_cosigned(&evidence);
	check_stamped(&evidence);
	assert_int_equal(evidence.bulletin_count, 1);
	assert_string_equal(evidence.bulletins[0]->name,
	    "bulletins/001-root-1.p7s");
	assert_memory_equal(evidence.waybill.cms->data, "waybill", 7);
	assert_int_equal(evidence.leaf_path.count, 2);
	assert_string_equal(evidence.facts.recipient.text, "376470000A");
	assert_false(evidence.facts.lacks_directory);
	assert_int_equal(evidence_put_receipt(&evidence, 1, &again, &err), 0);
	make_receipt("center-b", EVENT_RELAYED, 6, &receipt);
	assert_int_equal(again.len, receipt.len);
	assert_memory_equal(again.data, receipt.data, again.len);
	evidence_free(&evidence);
	bytes_free(&file);
	bytes_free(&again);
	bytes_free(&receipt);
}

static void
the_serials_of_receipts_are_told_once_each(void **state)
{
	struct evidence_facts facts = good_facts();
	struct evidence_maker *maker = NULL;
	struct bytes receipt = { 0 };
	struct error err = { 0 };
	uint64_t serials[8];

	(void)state;
	assert_int_equal(evidence_maker_new(&facts, &maker, &err), 0);
	for (int i = 0; i < 3; i++) {
		bytes_clear(&receipt);
		make_receipt("center-a", EVENT_ACCEPTED, i < 2 ? 4 : 9,
		    &receipt);
		assert_int_equal(evidence_add_receipt(maker, receipt.data,
				     receipt.len, &err),
		    0);
	}
	assert_int_equal(evidence_serials(maker, EVIDENCE_DIRECTORY, serials,
			     8),
	    2);
	assert_int_equal(serials[0], 4);
	assert_int_equal(serials[1], 9);
	assert_true(evidence_has_center(maker, "center-a"));
	assert_false(evidence_has_center(maker, "center-b"));
	evidence_maker_free(maker);
	bytes_free(&receipt);
}

/* T-CRY-05: not one bit of the container is of no matter. */
static void
every_flipped_bit_is_refused(void **state)
{
	struct bytes file = { 0 };

	(void)state;
	make_file(&file);
	/* One of each byte; the scenario flips others. */
	for (size_t i = 0; i < file.len * 8; i += 7) {
		static struct evidence evidence; /* too large for the stack */
		struct error err = { 0 };

		memset(&evidence, 0, sizeof(evidence));
		file.data[i / 8] ^= (uint8_t)(1 << i % 8);
		if (evidence_read(file.data, file.len, &evidence, &err) == 0)
			fail_msg("bit %zu", i);
		assert_int_equal(err.code, ERROR_MALFORMED);
		evidence_free(&evidence);
		file.data[i / 8] ^= (uint8_t)(1 << i % 8);
	}
	bytes_free(&file);
}

static void
every_other_length_is_refused(void **state)
{
	struct bytes file = { 0 };
	size_t len;

	(void)state;
	make_file(&file);
	len = file.len;
	bytes_put_u8(&file, 0);
	for (size_t i = 0; i <= len + 1; i++) {
		static struct evidence evidence; /* too large for the stack */
		struct error err = { 0 };
		int rc;

		memset(&evidence, 0, sizeof(evidence));
		rc = evidence_read(file.data, i, &evidence, &err);
		assert_int_equal(rc, i == len ? 0 : -1);
		evidence_free(&evidence);
	}
	bytes_free(&file);
}

/* Parts with a list that fits them, as a forger would write it. */
static int
read_forged(const char *const *names, size_t count, struct error *err)
{
	struct evidence_zip_writer zip = { .count = 0 };
	struct evidence_facts facts = good_facts();
	static struct evidence evidence; /* too large for the stack */
	struct bytes json = { 0 };
	struct evidence_item items[8] = { { .name = "" } };
	struct error ignored = { 0 };
	struct digest digest;
	int rc;

	assert_true(digest_parse("ba7816bf8f01cfea414140de5dae2223b00361a396177"
				 "a9cb410ff61f20015ad",
	    &digest));
	for (size_t i = 0; i < count; i++) {
		text_copy(items[i].name, sizeof(items[i].name), names[i]);
		items[i].sha256 = digest;
		assert_int_equal(evidence_zip_add(&zip, names[i], "abc", 3,
				     &ignored),
		    0);
	}
	facts.parts = items;
	facts.part_count = count;
	assert_int_equal(evidence_facts_encode(&facts, &json, &ignored), 0);
	assert_int_equal(evidence_zip_add(&zip, "evidence.json", json.data,
			     json.len, &ignored),
	    0);
	assert_int_equal(evidence_zip_finish(&zip, &ignored), 0);
	memset(&evidence, 0, sizeof(evidence));
	rc = evidence_read(zip.out.data, zip.out.len, &evidence, err);
	evidence_free(&evidence);
	evidence_zip_writer_free(&zip);
	bytes_free(&json);
	return rc;
}

static void
parts_that_do_not_belong_are_refused(void **state)
{
	static const struct {
		const char *names[3];
		const char *id;
	} cases[] = {
		{ { "waybill.p7s", "leaf.json" }, "E3502" },
		{ { "waybill.p7s", "notes.txt" }, "E3501" },
		{ { "receipts/01-accepted-center-a/other.txt" }, "E3501" },
		{ { "receipts/salt.bin", "waybill.p7s", "leaf.json" },
		    "E3502" },
		{ { "waybill.p7s", "waybill.p7s" }, "E3501" },
		{ { "../waybill.p7s" }, "E3501" },
		{ { "leaf-path.json" }, "E3501" },
		{ { "checkpoints/a.1.tst" }, "E3501" },
		{ { "checkpoints/a.txt", "checkpoints/a.2.tst" }, "E3501" },
		{ { "checkpoints/a.txt", "checkpoints/b.1.tst" }, "E3501" },
	};

	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct error err = { 0 };
		size_t count = 0;

		while (count < 3 && cases[i].names[count] != NULL)
			count++;
		assert_int_equal(read_forged(cases[i].names, count, &err), -1);
		assert_string_equal(err.id, cases[i].id);
	}
}

static void
too_large_a_part_is_refused(void **state)
{
	struct evidence_facts facts = good_facts();
	struct evidence_maker *maker = NULL;
	struct error err = { 0 };
	uint8_t *large = calloc(1, EVIDENCE_BYTES_MAX + 1);

	(void)state;
	assert_non_null(large);
	assert_int_equal(evidence_maker_new(&facts, &maker, &err), 0);
	assert_int_equal(evidence_put_waybill(maker, large,
			     EVIDENCE_BYTES_MAX + 1, &err),
	    -1);
	assert_string_equal(err.id, "E3508");
	evidence_maker_free(maker);
	free(large);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(what_was_put_in_comes_out),
		cmocka_unit_test(the_serials_of_receipts_are_told_once_each),
		cmocka_unit_test(every_flipped_bit_is_refused),
		cmocka_unit_test(every_other_length_is_refused),
		cmocka_unit_test(parts_that_do_not_belong_are_refused),
		cmocka_unit_test(too_large_a_part_is_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
