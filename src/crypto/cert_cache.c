#include "crypto/cert_cache.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "crypto/cert.h"
#include "crypto/sha256.h"

struct cert_cache {
	size_t size;
	struct cert *places[]; /* at the fingerprint modulo `size`, or NULL */
};

int
cert_cache_new(size_t size, struct cert_cache **ret_cache, struct error *err)
{
	struct cert_cache *cache;

	if (size == 0)
		size = 1;
	cache = calloc(1, sizeof(*cache) + size * sizeof(cache->places[0]));
	if (cache == NULL)
		return error_set_memory(err);
	cache->size = size;
	*ret_cache = cache;
	return 0;
}

void
cert_cache_free(struct cert_cache *cache)
{
	if (cache == NULL)
		return;
	for (size_t i = 0; i < cache->size; i++)
		cert_free(cache->places[i]);
	free(cache);
}

int
cert_cache_get(struct cert_cache *cache, const void *der, size_t len,
    const struct cert **ret_cert, struct error *err)
{
	struct digest fingerprint;
	struct cert *cert = NULL;
	uint64_t place;

	sha256(der, len, &fingerprint);
	memcpy(&place, fingerprint.bytes, sizeof(place));
	place %= cache->size;
	if (cache->places[place] != NULL &&
	    digest_equal(cert_fingerprint(cache->places[place]),
		&fingerprint)) {
		*ret_cert = cache->places[place];
		return 0;
	}
	if (cert_parse(der, len, &cert, err) < 0)
		return -1;
	if (cert_check_policy(cert, err) < 0) {
		cert_free(cert);
		return -1;
	}
	cert_free(cache->places[place]);
	cache->places[place] = cert;
	*ret_cert = cert;
	return 0;
}
