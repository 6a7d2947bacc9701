/*
 * The reader of bundles; the first byte chooses the type.  Read in one piece or
 * byte by byte, the outcome must be the same.
 */
#include <stdint.h>
#include <stdlib.h>

#include "base/bytes.h"
#include "base/error.h"
#include "envelope/bundle.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct seen {
	uint64_t records;
	uint64_t told;
	uint64_t taken;
};

static int
on_begin(void *context, enum bundle_kind kind, uint64_t len, struct error *err)
{
	struct seen *seen = context;

	(void)kind;
	(void)err;
	seen->records++;
	seen->told += len;
	return 0;
}

static int
on_data(void *context, const uint8_t *data, size_t len, struct error *err)
{
	struct seen *seen = context;

	(void)err;
	if (len == 0)
		abort();
	seen->taken += len + (data[0] & 0u);
	return 0;
}

static int
on_end(void *context, struct error *err)
{
	struct seen *seen = context;

	(void)err;
	if (seen->told != seen->taken)
		abort();
	return 0;
}

static int
read_all(const uint8_t *data, size_t len, size_t piece, struct seen *seen)
{
	static const struct bundle_handler handler = { on_begin, on_data,
		on_end };
	struct error err = { 0 };
	struct bundle_reader reader =
	    bundle_reader_of((enum bundle_type)(data[0] % BUNDLE_TYPE_COUNT),
		1 << 20, &handler, seen);

	for (size_t at = 1; at < len; at += piece) {
		size_t left = len - at;

		if (bundle_reader_push(&reader, data + at,
			left < piece ? left : piece, &err) < 0)
			return -1;
	}
	return bundle_reader_finish(&reader, &err);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct seen whole = { 0 };
	struct seen pieces = { 0 };
	struct digest path[MERKLE_PATH_MAX];
	struct error err = { 0 };
	uint32_t index;
	size_t count;

	if (len == 0)
		return 0;
	if (read_all(data, len, len, &whole) != read_all(data, len, 1, &pieces))
		abort();
	if (whole.records != pieces.records)
		abort();
	if (bundle_parse_path(data, len, &index, path, &count, &err) == 0 &&
	    count > MERKLE_PATH_MAX)
		abort();
	return 0;
}
