/*
 * A form with files, cut at any place, tells the same names and bytes as read
 * at once, and never more than came.
 */
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "role/listener/multipart.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static const char type[] = "multipart/form-data; boundary=b";

static void
must(bool truth)
{
	if (!truth)
		abort();
}

static int
on_begin(void *ctx, enum bundle_kind kind, uint64_t len, struct error *err)
{
	(void)len;
	(void)err;
	bytes_put_u8(ctx, (uint8_t)kind);
	return 0;
}

static int
on_data(void *ctx, const uint8_t *data, size_t len, struct error *err)
{
	(void)err;
	bytes_put(ctx, data, len);
	return 0;
}

static int
on_end(void *ctx, struct error *err)
{
	(void)err;
	bytes_put_u8(ctx, 0);
	return 0;
}

static const struct bundle_handler handler = { on_begin, on_data, on_end };

static int
read_all(const uint8_t *data, size_t len, size_t piece, struct bytes *told)
{
	struct multipart reader;
	struct error err = { 0 };
	int rc = multipart_begin(&reader, type, len, &handler, told, &err);

	for (size_t at = 0; rc == 0 && at < len; at += piece)
		rc = multipart_push(&reader, data + at,
		    len - at < piece ? len - at : piece, &err);
	if (rc == 0)
		rc = multipart_finish(&reader, &err);
	bytes_free(&reader.head);
	must(rc == 0 || err.code != ERROR_NONE);
	return rc;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct bytes whole = { 0 };
	struct bytes cut = { 0 };

	if (len == 0 || len > 20000)
		return 0;
	must(read_all(data, len, len, &whole) == read_all(data, len, 1, &cut));
	must(whole.len == cut.len &&
	    (whole.len == 0 || memcmp(whole.data, cut.data, cut.len) == 0));
	must(whole.len <= 3 * len);
	bytes_free(&whole);
	bytes_free(&cut);
	return 0;
}
