#include "envelope/receipt.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "envelope/envelope_field.h"
#include "envelope/statement.h"
#include "json/json_decode.h"
#include "json/json_read.h"
#include "json/json_write.h"

static const char format[] = "yizhan-receipt-1";

enum { CHECKPOINT_MAX = 4096 };

void
receipt_free(struct receipt *receipt)
{
	free(receipt->statement);
	free(receipt->checkpoint);
	receipt->statement = receipt->checkpoint = NULL;
}

int
receipt_encode(const struct receipt *receipt, struct bytes *to,
    struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "format", format);
	json_write_text(&writer, "statement", receipt->statement);
	json_write_digest(&writer, "salt", &receipt->salt);
	json_write_int(&writer, "index", (int64_t)receipt->index);
	json_write_begin_array(&writer, "path");
	for (size_t i = 0; i < receipt->path_count; i++)
		json_write_digest(&writer, NULL, &receipt->path[i]);
	json_write_end(&writer);
	json_write_text(&writer, "checkpoint", receipt->checkpoint);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = format },
	{ .name = "statement",
	    .kind = JSON_FIELD_TEXT_HEAP,
	    .offset = offsetof(struct receipt, statement),
	    .max = STATEMENT_MAX },
	{ .name = "salt",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct receipt, salt) },
	{ .name = "index",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct receipt, index),
	    .size = sizeof(uint64_t),
	    .max = INT64_MAX },
	{ .name = "path",
	    .kind = JSON_FIELD_DIGESTS,
	    .offset = offsetof(struct receipt, path),
	    .count_offset = offsetof(struct receipt, path_count),
	    .max = MERKLE_PATH_MAX },
	{ .name = "checkpoint",
	    .kind = JSON_FIELD_TEXT_HEAP,
	    .offset = offsetof(struct receipt, checkpoint),
	    .max = CHECKPOINT_MAX },
};

int
receipt_decode(const void *json, size_t len, struct receipt *receipt,
    struct error *err)
{
	if (envelope_field_decode(json, len, RECEIPT_MAX, fields,
		ARRAY_LEN(fields), "E3111", "receipt", receipt, err) == 0)
		return 0;
	receipt_free(receipt);
	return -1;
}

struct digest
receipt_leaf(const struct receipt *receipt)
{
	return merkle_leaf_salted(&receipt->salt, receipt->statement,
	    strlen(receipt->statement));
}

bool
receipt_root(const struct receipt *receipt, uint64_t size,
    struct digest *ret_root)
{
	struct digest leaf = receipt_leaf(receipt);

	return merkle_root_of_path(&leaf, receipt->index, size, receipt->path,
	    receipt->path_count, ret_root);
}
