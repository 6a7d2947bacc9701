#include "crypto/sha256.h"

#include <stdlib.h>

#include <openssl/evp.h>

#include "base/error.h"

struct sha256 {
	EVP_MD_CTX *ctx;
};

/*
 * Looking the algorithm up costs more than the digest of a short text, so
 * each process does it once: the one state here that outlives its call.
 * `spare` is the context of sha256_parts(), whose digests never interleave.
 */
static struct {
	EVP_MD *md;
	EVP_MD_CTX *spare;
} once;

static int
begin(EVP_MD_CTX *ctx)
{
	if (once.md == NULL)
		once.md = EVP_MD_fetch(NULL, "SHA2-256", NULL);
	if (ctx == NULL || once.md == NULL)
		return -1;
	return EVP_DigestInit_ex2(ctx, once.md, NULL) == 1 ? 0 : -1;
}

void
sha256_free(struct sha256 *sha)
{
	if (sha == NULL)
		return;
	EVP_MD_CTX_free(sha->ctx);
	free(sha);
}

int
sha256_new(struct sha256 **ret_sha, struct error *err)
{
	struct sha256 *sha = calloc(1, sizeof(*sha));

	if (sha == NULL)
		return error_set_memory(err);
	sha->ctx = EVP_MD_CTX_new();
	if (begin(sha->ctx) < 0) {
		sha256_free(sha);
		return error_set(err, ERROR_SYSTEM, "SHA-256 is not available");
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
	    begin(sha->ctx) < 0)
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
	if (once.spare == NULL)
		once.spare = EVP_MD_CTX_new();
	if (begin(once.spare) < 0)
		abort();
	for (size_t i = 0; i < count; i++)
		if (parts[i].len > 0 &&
		    EVP_DigestUpdate(once.spare, parts[i].data, parts[i].len) !=
			1)
			abort();
	if (EVP_DigestFinal_ex(once.spare, ret_digest->bytes, NULL) != 1)
		abort();
}
