/*
 * Texts of the form that is taken apart where they lie: the library must
 * read the same out of them, or refuse them as well.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_canonical.h"
#include "json/json_decode_internal.h"
#include "model/digest.h"
#include "model/event.h"
#include "model/id.h"
#include "model/org.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

enum { TEXT_SIZE = 24, DIGESTS = 3 };

struct inner {
	uint16_t small;
	struct id id;
	struct id maybe;
};

struct outer {
	char text[TEXT_SIZE];
	char *heap;
	int64_t number;
	bool truth;
	struct digest digest;
	struct org_code org;
	int64_t time;
	enum event event;
	uint8_t hex[4];
	struct bytes data;
	struct inner inner;
	struct digest digests[DIGESTS];
	size_t digest_count;
	int8_t last;
};

static const struct json_field inner_fields[] = {
	{ .name = "small",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct inner, small),
	    .size = 2,
	    .max = UINT16_MAX },
	{ .name = "id",
	    .kind = JSON_FIELD_ID,
	    .offset = offsetof(struct inner, id) },
	{ .name = "maybe",
	    .kind = JSON_FIELD_ID,
	    .offset = offsetof(struct inner, maybe),
	    .may_empty = true,
	    .optional = true },
};

static const struct json_field fields[] = {
	{ .name = "format", .kind = JSON_FIELD_FORMAT, .format = "f" },
	{ .name = "text",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct outer, text),
	    .size = TEXT_SIZE },
	{ .name = "heap",
	    .kind = JSON_FIELD_TEXT_HEAP,
	    .offset = offsetof(struct outer, heap),
	    .max = 64,
	    .optional = true },
	{ .name = "number",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct outer, number),
	    .size = 8,
	    .max = INT64_MAX },
	{ .name = "truth",
	    .kind = JSON_FIELD_BOOL,
	    .offset = offsetof(struct outer, truth) },
	{ .name = "digest",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct outer, digest),
	    .may_empty = true },
	{ .name = "org",
	    .kind = JSON_FIELD_ORG,
	    .offset = offsetof(struct outer, org) },
	{ .name = "time",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct outer, time) },
	{ .name = "event",
	    .kind = JSON_FIELD_EVENT,
	    .offset = offsetof(struct outer, event) },
	{ .name = "hex",
	    .kind = JSON_FIELD_HEX,
	    .offset = offsetof(struct outer, hex),
	    .size = 4 },
	{ .name = "data",
	    .kind = JSON_FIELD_BASE64,
	    .offset = offsetof(struct outer, data),
	    .max = 64 },
	{ .name = "inner",
	    .kind = JSON_FIELD_OBJECT,
	    .offset = offsetof(struct outer, inner),
	    .fields = inner_fields,
	    .field_count = ARRAY_LEN(inner_fields) },
	{ .name = "digests",
	    .kind = JSON_FIELD_DIGESTS,
	    .offset = offsetof(struct outer, digests),
	    .count_offset = offsetof(struct outer, digest_count),
	    .max = DIGESTS },
	{ .name = "last",
	    .kind = JSON_FIELD_INT,
	    .offset = offsetof(struct outer, last),
	    .size = 1,
	    .min = -1,
	    .max = 9,
	    .optional = true },
};

static bool
are_same(const struct outer *a, const struct outer *b)
{
	return strcmp(a->text, b->text) == 0 &&
	    (a->heap == NULL) == (b->heap == NULL) &&
	    (a->heap == NULL || strcmp(a->heap, b->heap) == 0) &&
	    a->number == b->number && a->truth == b->truth &&
	    digest_equal(&a->digest, &b->digest) &&
	    org_code_equal(&a->org, &b->org) && a->time == b->time &&
	    a->event == b->event && memcmp(a->hex, b->hex, 4) == 0 &&
	    a->data.len == b->data.len &&
	    (a->data.len == 0 ||
		memcmp(a->data.data, b->data.data, a->data.len) == 0) &&
	    a->inner.small == b->inner.small &&
	    id_equal(&a->inner.id, &b->inner.id) &&
	    id_equal(&a->inner.maybe, &b->inner.maybe) &&
	    a->digest_count == b->digest_count &&
	    memcmp(a->digests, b->digests,
		a->digest_count * sizeof(a->digests[0])) == 0 &&
	    a->last == b->last;
}

static void
release(struct outer *outer)
{
	free(outer->heap);
	bytes_free(&outer->data);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct outer here = { .last = 0 };
	struct outer there = { .last = 0 };
	struct json_canonical found;
	struct error err = { 0 };
	int rc;

	if (!json_canonical_scan(data, len, fields, ARRAY_LEN(fields), &found))
		return 0;
	rc = json_decode(data, len, 65536, fields, ARRAY_LEN(fields), &here,
	    &err);
	if (rc !=
		json_decode_read(data, len, 65536, fields, ARRAY_LEN(fields),
		    &there, &err) ||
	    (rc == 0 && !are_same(&here, &there)))
		abort();
	release(&here);
	release(&there);
	return 0;
}
