/*
 * Items of batches, and what is signed for them; the first byte chooses.  An
 * item that is taken apart gives the same bytes when it is put together; no
 * item opens that its path does not lead to the signed root.
 */
#include <stdint.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/cert_cache.h"
#include "crypto/merkle.h"
#include "crypto/signed.h"
#include "envelope/batch_open.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
try_batch(const uint8_t *data, size_t len)
{
	struct batch batch;
	struct bytes once = { 0 };
	struct bytes twice = { 0 };
	struct error err = { 0 };

	if (batch_decode(data, len, &batch, &err) == 0 &&
	    (batch_encode(&batch, &once, &err) < 0 ||
		batch_decode(once.data, once.len, &batch, &err) < 0 ||
		batch_encode(&batch, &twice, &err) < 0 ||
		once.len != twice.len ||
		memcmp(once.data, twice.data, once.len) != 0))
		abort();
	bytes_free(&once);
	bytes_free(&twice);
}

/* With the root that the path leads to it is one of the batch. */
static void
must_fit(const struct batch_item *item)
{
	struct digest leaf =
	    batch_leaf(BATCH_ACT, item->statement, item->statement_len);
	struct batch batch = { .type = BATCH_ACT, .count = item->count };
	struct error err = { 0 };

	if (!merkle_root_of_path(&leaf, item->index, item->count, item->path,
		item->path_count, &batch.root)) {
		if (batch_check_item(&batch, BATCH_ACT, item, &err) == 0)
			abort();
		return;
	}
	if (batch_check_item(&batch, BATCH_ACT, item, &err) < 0)
		abort();
	batch.root.bytes[0] ^= 1;
	if (batch_check_item(&batch, BATCH_ACT, item, &err) == 0)
		abort();
}

static void
try_item(struct batch_cache *cache, struct cert_cache *certs,
    const uint8_t *data, size_t len)
{
	struct signed_object object;
	struct batch_item item;
	struct bytes again = { 0 };
	struct error err = { 0 };

	if (batch_item_parse(data, len, &item, &err) == 0) {
		batch_item_put(&item, &again);
		if (again.len != len || memcmp(again.data, data, len) != 0)
			abort();
		must_fit(&item);
	}
	if (batch_open(cache, certs, "demo", BATCH_WAYBILL, data, len, &object,
		&err) == 0 &&
	    (object.count != 1 || object.content_len == 0))
		abort();
	bytes_free(&again);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	static struct cert_cache *certs;
	static struct batch_cache *cache;
	struct error err = { 0 };

	if (certs == NULL &&
	    (cert_cache_new(16, &certs, &err) < 0 ||
		batch_cache_new(16, &cache, &err) < 0))
		abort();
	if (len == 0)
		return 0;
	if (data[0] % 2 == 0)
		try_batch(data + 1, len - 1);
	else
		try_item(cache, certs, data + 1, len - 1);
	return 0;
}
