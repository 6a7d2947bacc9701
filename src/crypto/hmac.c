#include "crypto/hmac.h"

#include <openssl/evp.h>

#include "base/error.h"

int
hmac_sha256(const struct secret_key *key, const void *data, size_t len,
    struct digest *ret_mac, struct error *err)
{
	size_t out = 0;

	if (EVP_Q_mac(NULL, "HMAC", NULL, "SHA256", NULL, key->bytes,
		sizeof(key->bytes), data, len, ret_mac->bytes,
		sizeof(ret_mac->bytes), &out) == NULL ||
	    out != sizeof(ret_mac->bytes))
		return error_set(err, ERROR_SYSTEM, "HMAC-SHA-256 fails");
	return 0;
}
