#include <string.h>

#include <openssl/evp.h>
#include <openssl/rsa.h>

#include "base/bytes.h"
#include "crypto/der.h"
#include "crypto/object.h"
#include "crypto/sealed_internal.h"
#include "crypto/sha256.h"

bool
sealed_set_oaep(EVP_PKEY_CTX *ctx)
{
	return EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_OAEP_PADDING) == 1 &&
	    EVP_PKEY_CTX_set_rsa_oaep_md(ctx, EVP_sha256()) == 1 &&
	    EVP_PKEY_CTX_set_rsa_mgf1_md(ctx, EVP_sha256()) == 1;
}

/* ECC-CMS-SharedInfo (RFC 5753 7.2). */
static void
put_shared_info(struct bytes *to, const uint8_t *ukm, size_t ukm_len)
{
	static const uint8_t key_bits[] = { 0, 0, 1, 0 };
	size_t all = der_begin(to, DER_SEQUENCE);
	size_t inner;

	object_put(to, OBJECT_AES256_WRAP);
	if (ukm_len > 0) {
		inner = der_begin(to, DER_CONTEXT_CONSTRUCTED);
		der_put(to, DER_OCTET_STRING, ukm, ukm_len);
		der_end(to, inner);
	}
	inner = der_begin(to, DER_CONTEXT_CONSTRUCTED | 2);
	der_put(to, DER_OCTET_STRING, key_bits, sizeof(key_bits));
	der_end(to, inner);
	der_end(to, all);
}

static bool
derive_shared(EVP_PKEY *own, EVP_PKEY *peer, uint8_t *to, size_t *len)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_pkey(NULL, own, NULL);
	bool good = ctx != NULL && EVP_PKEY_derive_init(ctx) == 1 &&
	    EVP_PKEY_derive_set_peer(ctx, peer) == 1 &&
	    EVP_PKEY_derive(ctx, to, len) == 1;

	EVP_PKEY_CTX_free(ctx);
	return good;
}

bool
sealed_derive(const uint8_t *shared, size_t shared_len, const uint8_t *ukm,
    size_t ukm_len, struct secret_key *ret_key)
{
	static const uint8_t counter[] = { 0, 0, 0, 1 };
	struct bytes info = { 0 };
	bool good;

	put_shared_info(&info, ukm, ukm_len);
	good = !info.failed;
	if (good) {
		/* 32 bytes are one block of the X9.63 derivation. */
		const struct sha256_part parts[] = { { shared, shared_len },
			{ counter, sizeof(counter) }, { info.data, info.len } };
		struct digest digest;

		sha256_parts(parts, 3, &digest);
		memcpy(ret_key->bytes, digest.bytes, SECRET_KEY_LEN);
		secret_wipe(&digest, sizeof(digest));
	}
	bytes_free(&info);
	return good;
}

bool
sealed_agree(EVP_PKEY *own, EVP_PKEY *peer, const uint8_t *ukm, size_t ukm_len,
    struct secret_key *ret_key)
{
	uint8_t shared[SEALED_SHARED_MAX];
	size_t shared_len = sizeof(shared);
	bool good = derive_shared(own, peer, shared, &shared_len) &&
	    sealed_derive(shared, shared_len, ukm, ukm_len, ret_key);

	secret_wipe(shared, sizeof(shared));
	return good;
}

static bool
run_wrap(const struct secret_key *with, bool wrapping, const uint8_t *from,
    size_t from_len, uint8_t *to, size_t to_len)
{
	EVP_CIPHER *cipher = EVP_CIPHER_fetch(NULL, "AES-256-WRAP", NULL);
	EVP_CIPHER_CTX *ctx = EVP_CIPHER_CTX_new();
	uint8_t out[SEALED_WRAP_LEN + 8];
	int len = 0;
	int rest = 0;
	bool good = false;

	if (cipher == NULL || ctx == NULL)
		goto done;
	EVP_CIPHER_CTX_set_flags(ctx, EVP_CIPHER_CTX_FLAG_WRAP_ALLOW);
	good = EVP_CipherInit_ex2(ctx, cipher, with->bytes, NULL, wrapping,
		   NULL) == 1 &&
	    EVP_CipherUpdate(ctx, out, &len, from, (int)from_len) == 1 &&
	    EVP_CipherFinal_ex(ctx, out + len, &rest) == 1 &&
	    (size_t)(len + rest) == to_len;
	if (good)
		memcpy(to, out, to_len);
done:
	secret_wipe(out, sizeof(out));
	EVP_CIPHER_CTX_free(ctx);
	EVP_CIPHER_free(cipher);
	return good;
}

bool
sealed_wrap(const struct secret_key *with, const struct secret_key *key,
    uint8_t to[SEALED_WRAP_LEN])
{
	return run_wrap(with, true, key->bytes, SECRET_KEY_LEN, to,
	    SEALED_WRAP_LEN);
}

bool
sealed_wrap_open(const struct secret_key *with,
    const uint8_t wrapped[SEALED_WRAP_LEN], struct secret_key *ret_key)
{
	return run_wrap(with, false, wrapped, SEALED_WRAP_LEN, ret_key->bytes,
	    SECRET_KEY_LEN);
}
