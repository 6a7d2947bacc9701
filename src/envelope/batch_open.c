#include "envelope/batch_open.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"

/* A signature that holds, and what it is over. */
struct entry {
	bool is_used;
	struct digest cms;
	struct batch batch;
	struct signed_by by; /* `cert` is NULL: it lies `cert_at` in the CMS */
	size_t cert_at;
};

struct batch_cache {
	size_t size;
	struct entry entries[];
};

int
batch_cache_new(size_t size, struct batch_cache **ret_cache, struct error *err)
{
	struct batch_cache *cache;

	if (size == 0)
		size = 1;
	cache = calloc(1, sizeof(*cache) + size * sizeof(cache->entries[0]));
	if (cache == NULL)
		return error_set_memory(err);
	cache->size = size;
	*ret_cache = cache;
	return 0;
}

void
batch_cache_free(struct batch_cache *cache)
{
	free(cache);
}

static int
check_batch(struct cert_cache *certs, const struct batch_item *item,
    struct entry *ret_entry, struct error *err)
{
	struct signed_object object;

	if (signed_verify(certs, item->cms, item->cms_len, 1, &object, err) < 0)
		return -1;
	if (object.content == NULL)
		return error_set_id(err, "E3801", ERROR_MALFORMED,
		    "batch without content");
	if (batch_decode(object.content, object.content_len, &ret_entry->batch,
		err) < 0)
		return -1;
	ret_entry->by = object.by[0];
	ret_entry->by.cert = NULL;
	ret_entry->cert_at = (size_t)(object.by[0].cert - item->cms);
	ret_entry->is_used = true;
	return 0;
}

/* Only what holds is kept: who sends rubbish pays for each check of it. */
static int
find_batch(struct batch_cache *cache, struct cert_cache *certs,
    const struct batch_item *item, struct entry *ret_entry, struct error *err)
{
	struct entry *place;
	uint32_t number;

	sha256(item->cms, item->cms_len, &ret_entry->cms);
	if (cache == NULL)
		return check_batch(certs, item, ret_entry, err);
	memcpy(&number, ret_entry->cms.bytes, sizeof(number));
	place = &cache->entries[number % cache->size];
	if (place->is_used && digest_equal(&place->cms, &ret_entry->cms)) {
		*ret_entry = *place;
		return 0;
	}
	if (check_batch(certs, item, ret_entry, err) < 0)
		return -1;
	*place = *ret_entry;
	return 0;
}

int
batch_open(struct batch_cache *cache, struct cert_cache *certs,
    const char *environment, enum batch_type type, const void *data, size_t len,
    struct signed_object *ret_object, struct error *err)
{
	struct batch_item item;
	struct entry entry = { .is_used = false };

	if (!batch_is_item(data, len))
		return signed_verify(certs, data, len, 1, ret_object, err);
	if (batch_item_parse(data, len, &item, err) < 0 ||
	    find_batch(cache, certs, &item, &entry, err) < 0)
		return -1;
	if (!text_equal(entry.batch.environment, environment))
		return error_set_id(err, "E3411", ERROR_UNTRUSTED,
		    "batch of environment %s", entry.batch.environment);
	if (batch_check_item(&entry.batch, type, &item, err) < 0)
		return -1;
	*ret_object = (struct signed_object){ .content = item.statement,
		.content_len = item.statement_len,
		.count = 1 };
	ret_object->by[0] = entry.by;
	ret_object->by[0].cert = item.cms + entry.cert_at;
	return 0;
}
