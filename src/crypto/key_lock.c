#include "crypto/key.h"

#include <string.h>

#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/pkcs12.h>
#include <openssl/x509.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/random.h"
#include "crypto/secret.h"

/* What scrypt costs: 16 MiB, as `openssl pkcs8 -scrypt` has it. */
enum { SCRYPT_N = 16384, SCRYPT_R = 8, SCRYPT_P = 1, SALT_LEN = 16 };

static const char begin[] = "-----BEGIN ENCRYPTED PRIVATE KEY-----";

bool
key_is_locked(const void *data, size_t len)
{
	const char *text = data;

	for (size_t i = 0; i + sizeof(begin) - 1 <= len; i++)
		if (memcmp(text + i, begin, sizeof(begin) - 1) == 0)
			return true;
	return false;
}

static X509_SIG *
read_locked(const void *data, size_t len)
{
	BIO *bio = BIO_new_mem_buf(data, (int)len);
	X509_SIG *locked = NULL;

	if (bio != NULL)
		locked = PEM_read_bio_PKCS8(bio, NULL, NULL, NULL);
	BIO_free(bio);
	return locked;
}

int
key_unlock(const void *data, size_t len, const char *passphrase,
    struct key **ret_key, struct error *err)
{
	X509_SIG *locked = read_locked(data, len);
	PKCS8_PRIV_KEY_INFO *info = NULL;
	unsigned char *der = NULL;
	int der_len;
	int rc;

	if (locked == NULL) {
		ERR_clear_error();
		return error_set(err, ERROR_MALFORMED,
		    "not a PKCS #8 private key with a passphrase");
	}
	info = PKCS8_decrypt(locked, passphrase, (int)strlen(passphrase));
	X509_SIG_free(locked);
	ERR_clear_error();
	if (info == NULL)
		return error_set_id(err, "E7033", ERROR_DENIED,
		    "the passphrase does not open the key");
	der_len = i2d_PKCS8_PRIV_KEY_INFO(info, &der);
	PKCS8_PRIV_KEY_INFO_free(info);
	if (der_len <= 0)
		return error_set_memory(err);
	rc = key_parse(der, (size_t)der_len, ret_key, err);
	secret_wipe(der, (size_t)der_len);
	OPENSSL_free(der);
	return rc;
}

static X509_SIG *
lock(const struct key *key, const char *passphrase, uint8_t *salt)
{
	PKCS8_PRIV_KEY_INFO *info = EVP_PKEY2PKCS8(key_pkey(key));
	X509_ALGOR *scheme = PKCS5_pbe2_set_scrypt(EVP_aes_256_cbc(), salt,
	    SALT_LEN, NULL, SCRYPT_N, SCRYPT_R, SCRYPT_P);
	X509_SIG *locked = NULL;

	/* Owns the scheme when it succeeds. */
	if (info != NULL && scheme != NULL)
		locked = PKCS8_set0_pbe(passphrase, (int)strlen(passphrase),
		    info, scheme);
	if (locked == NULL)
		X509_ALGOR_free(scheme);
	PKCS8_PRIV_KEY_INFO_free(info);
	return locked;
}

int
key_put_locked_pem(const struct key *key, const char *passphrase,
    struct bytes *to, struct error *err)
{
	uint8_t salt[SALT_LEN];
	X509_SIG *locked;
	BIO *bio;
	char *text = NULL;
	long len;
	int rc = -1;

	if (random_fill(salt, sizeof(salt), err) < 0)
		return -1;
	locked = lock(key, passphrase, salt);
	bio = BIO_new(BIO_s_mem());
	if (locked == NULL || bio == NULL ||
	    PEM_write_bio_PKCS8(bio, locked) != 1) {
		ERR_clear_error();
		error_set(err, ERROR_SYSTEM, "cannot lock a private key");
		goto done;
	}
	len = BIO_get_mem_data(bio, &text);
	bytes_put(to, text, (size_t)len);
	rc = bytes_failed(to, err);
done:
	X509_SIG_free(locked);
	BIO_free(bio);
	return rc;
}
