/*
 * The JSON objects of the envelope; the first byte chooses which.  What one
 * accepts is written, read and written again: the two texts must be the same.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "envelope/act.h"
#include "envelope/addendum.h"
#include "envelope/epoch_record.h"
#include "envelope/head.h"
#include "envelope/hold_record.h"
#include "envelope/keypart.h"
#include "envelope/leaf.h"
#include "envelope/receipt.h"
#include "envelope/statement.h"
#include "envelope/waybill.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* Decode, and append the encoding; -1 if it was refused. */
typedef int (*pass_fn)(const void *json, size_t len, struct bytes *to,
    struct error *err);

static int
pass_head(const void *json, size_t len, struct bytes *to, struct error *err)
{
	struct head head;

	return head_decode(json, len, &head, err) < 0
	    ? -1
	    : head_encode(&head, to, err);
}

static int
pass_waybill(const void *json, size_t len, struct bytes *to, struct error *err)
{
	struct waybill waybill;

	return waybill_decode(json, len, &waybill, err) < 0
	    ? -1
	    : waybill_encode(&waybill, to, err);
}

static int
pass_leaf(const void *json, size_t len, struct bytes *to, struct error *err)
{
	struct leaf leaf;

	return leaf_decode(json, len, &leaf, err) < 0
	    ? -1
	    : leaf_encode(&leaf, to, err);
}

static int
pass_keypart(const void *json, size_t len, struct bytes *to, struct error *err)
{
	struct keypart part;

	return keypart_decode(json, len, &part, err) < 0
	    ? -1
	    : keypart_encode(&part, to, err);
}

static int
pass_act(const void *json, size_t len, struct bytes *to, struct error *err)
{
	struct act act;

	return act_decode(json, len, &act, err) < 0 ? -1
						    : act_encode(&act, to, err);
}

static int
pass_addendum(const void *json, size_t len, struct bytes *to, struct error *err)
{
	struct addendum addendum;

	return addendum_decode(json, len, &addendum, err) < 0
	    ? -1
	    : addendum_encode(&addendum, to, err);
}

static int
pass_statement(const void *json, size_t len, struct bytes *to,
    struct error *err)
{
	struct statement statement = { 0 };
	int rc = statement_decode(json, len, &statement, err);

	if (rc == 0)
		rc = statement_encode(&statement, to, err);
	statement_free(&statement);
	return rc;
}

static int
pass_receipt(const void *json, size_t len, struct bytes *to, struct error *err)
{
	struct receipt receipt = { 0 };
	int rc = receipt_decode(json, len, &receipt, err);

	if (rc == 0)
		rc = receipt_encode(&receipt, to, err);
	receipt_free(&receipt);
	return rc;
}

static int
pass_hold(const void *json, size_t len, struct bytes *to, struct error *err)
{
	struct hold_record record;

	return hold_record_decode(json, len, &record, err) < 0
	    ? -1
	    : hold_record_encode(&record, to, err);
}

static int
pass_epoch(const void *json, size_t len, struct bytes *to, struct error *err)
{
	struct epoch_record record = { 0 };
	int rc = epoch_record_decode(json, len, &record, err);

	if (rc == 0)
		rc = epoch_record_encode(&record, to, err);
	epoch_record_free(&record);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const pass_fn passes[] = { pass_head, pass_waybill, pass_leaf,
		pass_keypart, pass_act, pass_statement, pass_receipt, pass_hold,
		pass_epoch, pass_addendum };
	struct bytes once = { 0 };
	struct bytes twice = { 0 };
	struct error err = { 0 };
	pass_fn pass;

	if (len == 0)
		return 0;
	pass = passes[data[0] % ARRAY_LEN(passes)];
	if (pass(data + 1, len - 1, &once, &err) == 0 &&
	    (pass(once.data, once.len, &twice, &err) < 0 ||
		once.len != twice.len ||
		memcmp(once.data, twice.data, once.len) != 0))
		abort();
	bytes_free(&once);
	bytes_free(&twice);
	return 0;
}
