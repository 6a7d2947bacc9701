/*
 * What is read back from disk: a list of extents, and a frame.  Every list that
 * is accepted has a place for each of its frames and is written the same; no
 * frame passes whose bytes are not exactly those that belong there.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/sha256.h"
#include "store/payload.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
check_extents(uint64_t length, const uint8_t *data, size_t len)
{
	struct payload payload = { .number = 1, .length = length };
	struct payload_extent place;
	struct bytes again = { 0 };
	struct error err = { 0 };
	uint64_t frames = payload_frame_count(length);

	if (payload_parse_extents(&payload, data, len, &err) == 0) {
		for (uint64_t i = 0; i < frames; i++)
			if (payload_locate(&payload, i, &place, &err) < 0)
				abort();
		payload_put_extents(&payload, &again);
		if (again.len != len || memcmp(again.data, data, len) != 0)
			abort();
	}
	bytes_free(&again);
	payload_free(&payload);
}

static void
check_frame(const uint8_t *data, size_t len)
{
	struct payload_frame_name name = { .generation = 1,
		.number = 2,
		.frame = 0,
		.segment = 3,
		.block = 4,
		.data_len = (uint32_t)(len - PAYLOAD_HEADER_LEN) };
	uint8_t wanted[PAYLOAD_HEADER_LEN];
	struct digest digest;
	struct error err = { 0 };

	if (payload_frame_check(&name, data, &err) < 0)
		return;
	sha256(data + PAYLOAD_HEADER_LEN, name.data_len, &digest);
	payload_header_write(&name, &digest, wanted);
	if (memcmp(wanted, data, sizeof(wanted)) != 0)
		abort();
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct cursor cursor = cursor_of(data, len);
	uint64_t length = cursor_u32(&cursor);

	if (len < 4)
		return 0;
	check_extents(length, cursor.data, cursor.left);
	if (cursor.left >= PAYLOAD_HEADER_LEN)
		check_frame(cursor.data, cursor.left);
	return 0;
}
