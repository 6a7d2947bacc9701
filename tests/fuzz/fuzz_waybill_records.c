/*
 * The records that come with a waybill: the first byte chooses the bundle.  A
 * tree of leaves that fits the input is made up, so that what is behind the
 * first digest is reached too: with a root of zeros nothing would be.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/merkle.h"
#include "envelope/waybill.h"
#include "role/verifier/verify.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { LEAVES_MAX = 16 };

/* Root and count over all L records. */
static void
fit_tree(const uint8_t *data, size_t len, struct waybill *waybill)
{
	struct cursor cursor = cursor_of(data, len);
	struct digest leaves[LEAVES_MAX];
	size_t count = 0;

	while (cursor.left > 0 && count < LEAVES_MAX) {
		uint8_t kind = cursor_u8(&cursor);
		uint64_t record_len = cursor_u64(&cursor);
		const uint8_t *record = record_len <= cursor.left
		    ? cursor_take(&cursor, (size_t)record_len)
		    : NULL;

		if (record == NULL)
			break;
		if (kind == BUNDLE_LEAF)
			leaves[count++] =
			    merkle_leaf(record, (size_t)record_len);
	}
	waybill->root = merkle_root(leaves, count);
	waybill->count = (uint32_t)count;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct waybill waybill = { .count = 0 };
	struct bytes leaves = { 0 };
	struct error err = { 0 };
	struct blob records;

	if (len == 0)
		return 0;
	records = blob_of(data + 1, len - 1);
	fit_tree(records.data, records.len, &waybill);
	if (verify_records(&waybill, data[0], &records, &leaves, &err) == 0 &&
	    leaves.len == 0)
		abort();
	bytes_free(&leaves);
	return 0;
}
