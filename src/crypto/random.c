#include "crypto/random.h"

#include <openssl/rand.h>

#include "base/error.h"

int
random_fill(void *to, size_t len, struct error *err)
{
	if (RAND_bytes_ex(NULL, to, len, 0) != 1)
		return error_set(err, ERROR_SYSTEM, "no random bytes");
	return 0;
}
