/*
 * Messages between roles: two bytes choose the type, the rest is the body.
 * What decodes must encode to the same bytes.
 */
#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "role/codec.h"
#include "role/message.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

union body {
	max_align_t align;
	uint8_t bytes[6144];
};

static void
try_one(const struct codec_field *fields, const uint8_t *data, size_t len)
{
	struct bytes again = { 0 };
	struct error err = { 0 };
	union body body;

	if (codec_decode(fields, data, len, &body, &err) < 0)
		return;
	codec_encode(fields, &body, &again);
	if (again.len != len || (len > 0 && memcmp(again.data, data, len) != 0))
		abort();
	bytes_free(&again);
}

static void
try_list(const struct codec_field *fields, const uint8_t *data, size_t len)
{
	struct blob left = blob_of(data, len);
	struct error err = { 0 };
	union body body;

	if (fields->kind == CODEC_END)
		return;
	while (codec_next(fields, &left, &body, &err) > 0)
		;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	const struct codec_field *fields;

	if (len < 2)
		return 0;
	fields = message_fields((uint16_t)(data[0] << 8 | data[1]));
	if (fields == NULL)
		return 0;
	try_one(fields, data + 2, len - 2);
	try_list(fields, data + 2, len - 2);
	return 0;
}
