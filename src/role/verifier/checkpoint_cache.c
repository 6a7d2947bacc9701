#include "role/verifier/checkpoint_cache.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "log/note.h"

struct entry {
	bool is_used;
	struct digest key; /* of public key, origin and note */
	uint64_t size;
	struct digest root;
};

struct checkpoint_cache {
	size_t size;
	struct entry entries[];
};

int
checkpoint_cache_new(size_t size, struct checkpoint_cache **ret_cache,
    struct error *err)
{
	struct checkpoint_cache *cache =
	    calloc(1, sizeof(*cache) + size * sizeof(cache->entries[0]));

	if (cache == NULL)
		return error_set_memory(err);
	cache->size = size;
	*ret_cache = cache;
	return 0;
}

void
checkpoint_cache_free(struct checkpoint_cache *cache)
{
	free(cache);
}

static struct entry *
place_of(struct checkpoint_cache *cache, const struct digest *key)
{
	uint32_t number;

	memcpy(&number, key->bytes, sizeof(number));
	return &cache->entries[number % cache->size];
}

int
checkpoint_cache_verify(struct checkpoint_cache *cache, const char *note,
    const char *origin, const uint8_t public_key[32], uint64_t *ret_size,
    struct digest *ret_root, struct error *err)
{
	struct sha256_part parts[] = { { public_key, 32 },
		{ origin, strlen(origin) + 1 }, { note, strlen(note) } };
	struct digest key;
	struct entry *entry;
	struct note parsed;

	sha256_parts(parts, ARRAY_LEN(parts), &key);
	entry = place_of(cache, &key);
	if (!entry->is_used || !digest_equal(&entry->key, &key)) {
		if (note_verify(note, strlen(note), origin, public_key, &parsed,
			err) < 0)
			return -1;
		if (!text_equal(parsed.checkpoint.origin, origin))
			return error_set_id(err, "E3406", ERROR_UNTRUSTED,
			    "checkpoint of log %s where %s was due",
			    parsed.checkpoint.origin, origin);
		*entry = (struct entry){ true, key, parsed.checkpoint.size,
			parsed.checkpoint.root };
	}
	*ret_size = entry->size;
	*ret_root = entry->root;
	return 0;
}
