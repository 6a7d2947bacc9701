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
#include "crypto/merkle.h"
#include "envelope/hold_record.h"
#include "envelope/receipt.h"
#include "envelope/statement.h"

/* docs/protocol.md 5, byte for byte. */
static const char json[] =
    "{\"format\":\"yizhan-statement-1\",\"environment\":\"demo\","
    "\"center\":\"center-a\",\"event\":\"accepted\","
    "\"waybill\":\"1111111111111111111111111111111111111111111111111111111111111111"
    "\",\"waybill_id\":\"019aa9f5-4e4e-7001-8203-040506070809\","
    "\"sender\":\"376490000A\",\"recipient\":\"\",\"leaf\":\"\","
    "\"at\":\"center-a\",\"time\":\"2026-11-22T03:04:05.678Z\","
    "\"signer\":\"center\",\"serials\":{\"root\":1,\"directory\":4,\"network\":2,"
    "\"timestamp\":77},\"fresh\":\"2026-11-22T03:00:00.000Z\","
    "\"status\":\"\",\"act\":\"\",\"remote\":\"\"}";

static const char hold_json[] =
    "{\"format\":\"yizhan-hold-1\",\"environment\":\"demo\","
    "\"center\":\"center-a\",\"action\":\"renew\",\"hold\":7,"
    "\"scope\":\"organisation\",\"name\":\"376490000A\","
    "\"direction\":\"sending\",\"wait\":true,\"reason\":\"x\","
    "\"by\":\"uid 0\",\"from\":\"2026-11-22T03:04:05.678Z\","
    "\"until\":\"2026-11-23T03:04:05.678Z\","
    "\"time\":\"2026-11-22T03:04:05.678Z\"}";

static void
a_hold_is_written_as_it_was_read(void **state)
{
	struct hold_record record;
	struct bytes out = { 0 };
	struct error err = { 0 };

	(void)state;
	if (hold_record_decode(hold_json, strlen(hold_json), &record, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(record.action, HOLD_RENEW);
	assert_true(record.hold.waits);
	assert_int_equal(hold_record_encode(&record, &out, &err), 0);
	assert_int_equal(out.len, strlen(hold_json));
	assert_memory_equal(out.data, hold_json, out.len);
	bytes_free(&out);
	assert_int_equal(hold_record_decode(json, strlen(json), &record, &err),
	    -1);
}

static void
a_statement_is_written_as_it_was_read(void **state)
{
	struct statement statement = { 0 };
	struct bytes out = { 0 };
	struct error err = { 0 };

	(void)state;
	if (statement_decode(json, strlen(json), &statement, &err) < 0)
		fail_msg("%s", err.text);
	assert_int_equal(statement.event, EVENT_ACCEPTED);
	assert_int_equal(statement.serials.timestamp, 77);
	assert_int_equal(statement.time_ms - statement.fresh_ms, 245678);
	assert_int_equal(statement_encode(&statement, &out, &err), 0);
	assert_int_equal(out.len, strlen(json));
	assert_memory_equal(out.data, json, out.len);
	statement_free(&statement);
	bytes_free(&out);
}

static void
a_statement_carries_an_act(void **state)
{
	struct statement statement = { 0 };
	struct bytes out = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(statement_decode(json, strlen(json), &statement, &err),
	    0);
	statement.event = EVENT_CONFIRMED;
	statement.signer = STATEMENT_ORGANISATION;
	org_code_parse("376490000B", &statement.recipient);
	statement.leaf.bytes[0] = 1;
	bytes_put(&statement.act, "\x30\x03\x02\x01\x01", 5);
	assert_int_equal(statement_encode(&statement, &out, &err), 0);
	statement_free(&statement);
	assert_int_equal(statement_decode(out.data, out.len, &statement, &err),
	    0);
	assert_int_equal(statement.act.len, 5);
	assert_int_equal(statement.signer, STATEMENT_ORGANISATION);
	statement_free(&statement);
	bytes_free(&out);
}

static void
a_statement_speaks_of_the_waybill_or_of_one_delivery(void **state)
{
	struct statement statement = { 0 };
	struct bytes out = { 0 };
	struct error err = { 0 };

	(void)state;
	assert_int_equal(statement_decode(json, strlen(json), &statement, &err),
	    0);
	statement.event = EVENT_FETCHED;
	assert_int_equal(statement_encode(&statement, &out, &err), 0);
	assert_int_equal(statement_decode(out.data, out.len, &statement, &err),
	    -1);
	assert_string_equal(err.id, "E3110");
	statement.event = EVENT_ACCEPTED;
	statement.leaf.bytes[0] = 1;
	out.len = 0;
	assert_int_equal(statement_encode(&statement, &out, &err), 0);
	assert_int_equal(statement_decode(out.data, out.len, &statement, &err),
	    -1);
	bytes_free(&out);
}

static void
a_receipt_is_read_back_and_leads_to_its_root(void **state)
{
	struct receipt receipt = { 0 };
	struct receipt back = { 0 };
	struct digest hashes[3];
	struct digest want, got;
	struct merkle_tree *tree;
	struct bytes out = { 0 };
	struct error err = { 0 };

	(void)state;
	receipt.statement = strdup(json);
	receipt.checkpoint = strdup("yizhan/demo/center-a/1\n3\n…\n");
	receipt.salt.bytes[0] = 7;
	receipt.index = 1;
	hashes[0] = merkle_leaf("x", 1);
	hashes[1] = receipt_leaf(&receipt);
	hashes[2] = merkle_leaf("z", 1);
	assert_int_equal(merkle_tree_new(hashes, 3, &tree, &err), 0);
	receipt.path_count = merkle_tree_path(tree, 1, receipt.path);
	want = merkle_tree_root(tree);
	assert_int_equal(receipt_encode(&receipt, &out, &err), 0);
	if (receipt_decode(out.data, out.len, &back, &err) < 0)
		fail_msg("%s", err.text);
	assert_string_equal(back.statement, json);
	assert_string_equal(back.checkpoint, receipt.checkpoint);
	assert_int_equal(back.path_count, 2);
	assert_true(receipt_root(&back, 3, &got));
	assert_true(digest_equal(&want, &got));
	/* Another word, salt or place leads elsewhere or nowhere. */
	back.statement[10] ^= 1;
	assert_true(receipt_root(&back, 3, &got));
	assert_false(digest_equal(&want, &got));
	back.statement[10] ^= 1;
	back.salt.bytes[31] ^= 1;
	assert_true(receipt_root(&back, 3, &got));
	assert_false(digest_equal(&want, &got));
	assert_false(receipt_root(&back, 2, &got));
	receipt_free(&back);
	receipt_free(&receipt);
	merkle_tree_free(tree);
	bytes_free(&out);
}

int
main(void)
{
	static const struct CMUnitTest tests[] = {
		cmocka_unit_test(a_hold_is_written_as_it_was_read),
		cmocka_unit_test(a_statement_is_written_as_it_was_read),
		cmocka_unit_test(a_statement_carries_an_act),
		cmocka_unit_test(
		    a_statement_speaks_of_the_waybill_or_of_one_delivery),
		cmocka_unit_test(a_receipt_is_read_back_and_leads_to_its_root),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
