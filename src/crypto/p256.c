#include "crypto/p256.h"

#include <string.h>

#include <openssl/evp.h>
#include <openssl/x509.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/key.h"

/* SubjectPublicKeyInfo of a point on P-256, up to the point. */
static const uint8_t head[] = { 0x30, 0x59, 0x30, 0x13, 0x06, 0x07, 0x2a, 0x86,
	0x48, 0xce, 0x3d, 0x02, 0x01, 0x06, 0x08, 0x2a, 0x86, 0x48, 0xce, 0x3d,
	0x03, 0x01, 0x07, 0x03, 0x42, 0x00 };

void
p256_put_spki(const uint8_t point[P256_POINT_LEN], struct bytes *to)
{
	bytes_put(to, head, sizeof(head));
	bytes_put(to, point, P256_POINT_LEN);
}

int
p256_point(const struct key *key, uint8_t to[P256_POINT_LEN], struct error *err)
{
	struct bytes spki = { 0 };
	int rc = -1;

	if (key_put_spki(key, &spki, err) == 0) {
		if (spki.len == sizeof(head) + P256_POINT_LEN &&
		    memcmp(spki.data, head, sizeof(head)) == 0) {
			memcpy(to, spki.data + sizeof(head), P256_POINT_LEN);
			rc = 0;
		} else {
			error_set(err, ERROR_MALFORMED,
			    "the key is not on P-256");
		}
	}
	bytes_free(&spki);
	return rc;
}

int
p256_verify(const uint8_t point[P256_POINT_LEN], const void *data, size_t len,
    const void *signature, size_t signature_len, struct error *err)
{
	uint8_t spki[sizeof(head) + P256_POINT_LEN];
	const unsigned char *at = spki;
	EVP_MD_CTX *ctx = EVP_MD_CTX_new();
	EVP_PKEY *pkey;
	bool good;

	memcpy(spki, head, sizeof(head));
	memcpy(spki + sizeof(head), point, P256_POINT_LEN);
	pkey = d2i_PUBKEY(NULL, &at, (long)sizeof(spki));
	good = ctx != NULL && pkey != NULL &&
	    EVP_DigestVerifyInit_ex(ctx, NULL, "SHA256", NULL, NULL, pkey,
		NULL) == 1 &&
	    EVP_DigestVerify(ctx, signature, signature_len, data, len) == 1;
	EVP_MD_CTX_free(ctx);
	EVP_PKEY_free(pkey);
	return good ? 0
		    : error_set_id(err, "E3005", ERROR_UNTRUSTED,
			  "the signature does not hold");
}
