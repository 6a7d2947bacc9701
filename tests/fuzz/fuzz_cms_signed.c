/*
 * The verifier of signatures.  What it accepts, the library must be able to
 * decode and to verify as well.
 */
#include <stdint.h>
#include <stdlib.h>

#include <openssl/cms.h>

#include "base/error.h"
#include "crypto/cert_cache.h"
#include "crypto/signed.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t len);

static void
must_hold(const uint8_t *data, size_t len)
{
	const unsigned char *at = data;
	CMS_ContentInfo *info = d2i_CMS_ContentInfo(NULL, &at, (long)len);

	if (info == NULL || at != data + len ||
	    CMS_verify(info, NULL, NULL, NULL, NULL,
		CMS_NO_SIGNER_CERT_VERIFY | CMS_BINARY) != 1)
		abort();
	CMS_ContentInfo_free(info);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t len)
{
	struct digest digest = { { 0 } };
	struct cert_cache *cache;
	struct signed_object object;
	struct error err = { 0 };

	if (cert_cache_new(4, &cache, &err) < 0)
		return 0;
	if (signed_verify(cache, data, len, 2, &object, &err) == 0)
		must_hold(data, len);
	else if (err.code == ERROR_NONE)
		abort();
	if (signed_verify_detached(cache, data, len, &digest, 1, &object,
		&err) == 0)
		abort();
	cert_cache_free(cache);
	return 0;
}
