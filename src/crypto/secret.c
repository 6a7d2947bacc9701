#include "crypto/secret.h"

#include <openssl/crypto.h>

void
secret_wipe(void *data, size_t len)
{
	OPENSSL_cleanse(data, len);
}

bool
secret_equal(const void *a, const void *b, size_t len)
{
	return CRYPTO_memcmp(a, b, len) == 0;
}
