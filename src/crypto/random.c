#include "crypto/random.h"

#include <string.h>
#include <unistd.h>

#include <openssl/crypto.h>
#include <openssl/rand.h>

#include "base/error.h"

int
random_fill(void *to, size_t len, struct error *err)
{
	if (RAND_bytes_ex(NULL, to, len, 0) != 1)
		return error_set(err, ERROR_SYSTEM, "no random bytes");
	return 0;
}

enum { STOCK = 1024 };

/* A copy of the process must not draw what its original draws. */
static struct {
	pid_t pid;
	size_t left;
	unsigned char bytes[STOCK];
} stock;

int
random_draw(void *to, size_t len, struct error *err)
{
	pid_t pid = getpid();

	if (len > STOCK)
		return random_fill(to, len, err);
	if (stock.pid != pid || stock.left < len) {
		stock.left = 0;
		if (random_fill(stock.bytes, STOCK, err) < 0)
			return -1;
		stock.left = STOCK;
		stock.pid = pid;
	}
	stock.left -= len;
	memcpy(to, stock.bytes + stock.left, len);
	OPENSSL_cleanse(stock.bytes + stock.left, len);
	return 0;
}
