/*
 * Lists of batches of packages, and items; the first byte chooses.  A list that
 * is taken is, byte for byte, what we would write for the digests in it.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "package/package_batch.h"

enum { HEADING_LEN = 30, LINE_LEN = 95, HEX_LEN = DIGEST_TEXT_SIZE - 1 };

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

/* The digest on each line, as far as there are any; their number. */
static size_t
digests_of(const uint8_t *data, size_t len,
    struct digest digests[PACKAGE_BATCH_ITEMS_MAX])
{
	char hex[DIGEST_TEXT_SIZE];
	size_t count = 0;

	for (size_t at = HEADING_LEN;
	     at + LINE_LEN <= len && count < PACKAGE_BATCH_ITEMS_MAX;
	     at += LINE_LEN)
		if (!text_copy_len(hex, sizeof(hex), (const char *)data + at,
			HEX_LEN) ||
		    !digest_parse(hex, &digests[count++]))
			break;
	return count;
}

static void
try_list(const uint8_t *data, size_t len)
{
	static struct digest digests[PACKAGE_BATCH_ITEMS_MAX];
	size_t count = digests_of(data, len, digests);
	struct bytes again = { 0 };
	struct digest other;
	struct error err = { 0 };

	if (count == 0 ||
	    package_batch_check(data, len, "demo", count, &digests[count - 1],
		&err) < 0)
		return;
	package_batch_put_list("demo", digests, count, &again);
	if (bytes_failed(&again, &err) < 0)
		exit(0);
	if (again.len != len || memcmp(again.data, data, len) != 0)
		abort();
	other = digests[count - 1];
	other.bytes[0] ^= 1;
	if (package_batch_check(data, len, "demo", count, &other, &err) == 0 ||
	    package_batch_check(data, len, "demo", count + 1, &other, &err) ==
		0)
		abort();
	bytes_free(&again);
}

static void
try_item(const uint8_t *data, size_t len)
{
	struct package_batch_item item;
	struct bytes again = { 0 };
	struct error err = { 0 };

	if (package_batch_parse_item(data, len, &item, &err) < 0)
		return;
	package_batch_put_item(&item, &again);
	if (bytes_failed(&again, &err) < 0)
		exit(0);
	if (again.len != len || memcmp(again.data, data, len) != 0)
		abort();
	bytes_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	if (len == 0)
		return 0;
	if (data[0] % 2 == 0)
		try_list(data + 1, len - 1);
	else
		try_item(data + 1, len - 1);
	return 0;
}
