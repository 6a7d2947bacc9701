#include "crypto/sha256.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "base/error.h"

struct sha256 {
	EVP_MD *md;
	EVP_MD_CTX *ctx;
};

static void
release(struct sha256 *sha)
{
	EVP_MD_CTX_free(sha->ctx);
	EVP_MD_free(sha->md);
}

static int
prepare(struct sha256 *sha, struct error *err)
{
	sha->md = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	sha->ctx = EVP_MD_CTX_new();
	if (sha->md != NULL && sha->ctx != NULL &&
	    EVP_DigestInit_ex2(sha->ctx, sha->md, NULL) == 1)
		return 0;
	release(sha);
	return error_set(err, ERROR_SYSTEM, "SHA-256 is not available");
}

void
sha256_free(struct sha256 *sha)
{
	if (sha == NULL)
		return;
	release(sha);
	free(sha);
}

int
sha256_new(struct sha256 **ret_sha, struct error *err)
{
	struct sha256 *sha = calloc(1, sizeof(*sha));

	if (sha == NULL)
		return error_set_memory(err);
	if (prepare(sha, err) < 0) {
		free(sha);
		return -1;
	}
	*ret_sha = sha;
	return 0;
}

void
sha256_update(struct sha256 *sha, const void *data, size_t len)
{
	if (len > 0 && EVP_DigestUpdate(sha->ctx, data, len) != 1)
		abort();
}

void
sha256_final(struct sha256 *sha, struct digest *ret_digest)
{
	if (EVP_DigestFinal_ex(sha->ctx, ret_digest->bytes, NULL) != 1 ||
	    EVP_DigestInit_ex2(sha->ctx, sha->md, NULL) != 1)
		abort();
}

void
sha256(const void *data, size_t len, struct digest *ret_digest)
{
	struct sha256_part part = { data, len };

	sha256_parts(&part, 1, ret_digest);
}

void
sha256_parts(const struct sha256_part *parts, size_t count,
    struct digest *ret_digest)
{
	struct error err = { 0 };
	struct sha256 sha;

	if (prepare(&sha, &err) < 0)
		abort();
	for (size_t i = 0; i < count; i++)
		sha256_update(&sha, parts[i].data, parts[i].len);
	sha256_final(&sha, ret_digest);
	release(&sha);
}
