/*
 * The reader of evidence files: what it accepts has its parts inside the input,
 * and every receipt that can be put together says the same again.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "envelope/receipt.h"
#include "evidence/evidence.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_receipt(const struct evidence *evidence, size_t index)
{
	const struct evidence_receipt *parts = &evidence->receipts[index];
	struct receipt receipt = { 0 };
	struct bytes json = { 0 };
	struct error err = { 0 };

	if (evidence_put_receipt(evidence, index, &json, &err) == 0 &&
	    receipt_decode(json.data, json.len, &receipt, &err) == 0 &&
	    (strlen(receipt.statement) != parts->statement->len ||
		memcmp(receipt.salt.bytes, parts->salt->data, DIGEST_LEN) != 0))
		abort();
	receipt_free(&receipt);
	bytes_free(&json);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct evidence evidence; /* too large for the stack */
	struct error err = { 0 };

	memset(&evidence, 0, sizeof(evidence));
	if (evidence_read(data, len, &evidence, &err) == 0) {
		for (size_t i = 0; i < evidence.zip.count; i++)
			if (evidence.zip.parts[i].data < data ||
			    evidence.zip.parts[i].data +
				    evidence.zip.parts[i].len >
				data + len)
				abort();
		for (size_t i = 0; i < evidence.receipt_count; i++)
			check_receipt(&evidence, i);
	} else if (err.code != ERROR_MALFORMED) {
		abort();
	}
	evidence_free(&evidence);
	return 0;
}
