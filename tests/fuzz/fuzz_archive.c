#include <stddef.h>
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "archive/archive_inspect.h"
#include "base/error.h"
#include "document/finding.h"
#include "document/pool.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

struct input {
	const uint8_t *data;
	size_t len;
};

static int
read_at(void *ctx, uint64_t offset, void *to, size_t size, size_t *ret_len,
    struct error *err)
{
	const struct input *input = ctx;
	size_t left = offset < input->len ? input->len - (size_t)offset : 0;

	(void)err;
	*ret_len = size < left ? size : left;
	if (*ret_len > 0)
		memcpy(to, input->data + offset, *ret_len);
	return 0;
}

/* The first byte says what is allowed and what the file is called. */
int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static const char *const names[] = { "a.zip", "a.docx", "a.odt",
		"a.7z" };
	struct pool pool = { 0 };
	struct findings findings = { .pool = &pool };
	struct archive_spent spent = { 0 };
	struct error err = { 0 };
	struct input input = { data + 1, len - 1 };
	struct archive_source source = { read_at, &input, len - 1 };

	if (len == 0)
		return 0;
	if (archive_inspect(&source, names[data[0] >> 4 & 3], data[0] & 7,
		&spent, &findings, &err) < 0 &&
	    err.code != ERROR_BUSY)
		abort();
	pool_free(&pool);
	return 0;
}
