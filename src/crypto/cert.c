#include "crypto/cert.h"

#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/cert_internal.h"
#include "model/times.h"

int
cert_parse(const void *der, size_t len, struct cert **ret_cert,
    struct error *err)
{
	struct cert *cert = calloc(1, sizeof(*cert));
	const unsigned char *at;

	if (cert == NULL)
		return error_set_memory(err);
	if (len == 0 || len > CERT_DER_MAX) {
		cert_malformed(err, "empty or too long");
		goto fail;
	}
	cert->der = malloc(len);
	cert->kept = calloc(1, sizeof(*cert->kept));
	if (cert->der == NULL || cert->kept == NULL) {
		error_set_memory(err);
		goto fail;
	}
	memcpy(cert->der, der, len);
	cert->der_len = len;
	if (cert_read_spans(cert, err) < 0)
		goto fail;
	at = cert->der;
	cert->x509 = d2i_X509(NULL, &at, (long)len);
	if (cert->x509 == NULL || at != cert->der + len) {
		cert_malformed(err, "cannot be decoded");
		goto fail;
	}
	if (cert_read_info(cert, err) < 0)
		goto fail;
	ERR_clear_error();
	*ret_cert = cert;
	return 0;
fail:
	/* What the library queued would be taken for an error of TLS. */
	ERR_clear_error();
	cert_free(cert);
	return -1;
}

int
cert_copy(const struct cert *cert, struct cert **ret_cert, struct error *err)
{
	return cert_parse(cert->der, cert->der_len, ret_cert, err);
}

void
cert_free(struct cert *cert)
{
	if (cert == NULL)
		return;
	if (cert->kept != NULL)
		EVP_PKEY_CTX_free(cert->kept->verifier);
	free(cert->kept);
	X509_free(cert->x509);
	free(cert->der);
	free(cert);
}

const struct cert_info *
cert_info(const struct cert *cert)
{
	return &cert->info;
}

const struct digest *
cert_fingerprint(const struct cert *cert)
{
	return &cert->info.fingerprint;
}

const uint8_t *
cert_der(const struct cert *cert, size_t *ret_len)
{
	*ret_len = cert->der_len;
	return cert->der;
}

static const uint8_t *
lend(const struct der_item *item, size_t *ret_len)
{
	*ret_len = item->whole_len;
	return item->whole;
}

const uint8_t *
cert_subject_der(const struct cert *cert, size_t *ret_len)
{
	return lend(&cert->subject, ret_len);
}

const uint8_t *
cert_issuer_der(const struct cert *cert, size_t *ret_len)
{
	return lend(&cert->issuer, ret_len);
}

const uint8_t *
cert_serial_der(const struct cert *cert, size_t *ret_len)
{
	return lend(&cert->serial, ret_len);
}

const uint8_t *
cert_spki_der(const struct cert *cert, size_t *ret_len)
{
	return lend(&cert->spki, ret_len);
}

bool
cert_ed25519(const struct cert *cert, uint8_t to[32])
{
	size_t len = 32;

	return cert->info.key == CERT_KEY_ED25519 &&
	    EVP_PKEY_get_raw_public_key(X509_get0_pubkey(cert->x509), to,
		&len) == 1;
}

static bool
signature_is_acceptable(X509 *x509)
{
	int digest, key;

	if (X509_get_signature_info(x509, &digest, &key, NULL, NULL) != 1)
		return false;
	return digest == NID_sha256 || digest == NID_sha384 ||
	    digest == NID_sha512 || key == NID_ED25519;
}

int
cert_check_policy(const struct cert *cert, struct error *err)
{
	if (cert->info.key == CERT_KEY_OTHER)
		return error_set_id(err, "E3002", ERROR_UNTRUSTED,
		    "certificate of %s: kind or length of key (%d bits) is "
		    "not acceptable",
		    cert->info.subject, cert->info.key_bits);
	if (!signature_is_acceptable(cert->x509))
		return error_set_id(err, "E3002", ERROR_UNTRUSTED,
		    "certificate of %s: signature algorithm is not acceptable",
		    cert->info.subject);
	return 0;
}

int
cert_check_dates(const struct cert *cert, int64_t at_ms, struct error *err)
{
	char at[TIMES_RFC3339_SIZE];

	if (at_ms >= cert->info.not_before_at &&
	    at_ms <= cert->info.not_after_at)
		return 0;
	times_format(at_ms, at);
	return error_set_id(err, "E3003", ERROR_UNTRUSTED,
	    "certificate of %s is not valid at %s", cert->info.subject, at);
}

static unsigned
usage_wanted(const struct cert *cert, enum cert_use use)
{
	if (use == CERT_USE_SIGN)
		return CERT_USAGE_SIGNATURE | CERT_USAGE_NON_REPUDIATION;
	return cert->info.key == CERT_KEY_RSA ? CERT_USAGE_KEY_ENCIPHERMENT
					      : CERT_USAGE_KEY_AGREEMENT;
}

/* One of those that go with letters and who writes them. */
static bool
has_purpose(X509 *x509)
{
	static const char documents[] = "1.3.6.1.5.5.7.3.36"; /* RFC 9336 */
	EXTENDED_KEY_USAGE *list;
	char name[80];
	bool found;

	if ((X509_get_extension_flags(x509) & EXFLAG_XKUSAGE) == 0)
		return true;
	found = (X509_get_extended_key_usage(x509) &
		    (XKU_SMIME | XKU_SSL_CLIENT | XKU_ANYEKU)) != 0;
	list = X509_get_ext_d2i(x509, NID_ext_key_usage, NULL, NULL);
	for (int i = 0; i < sk_ASN1_OBJECT_num(list); i++)
		if (OBJ_obj2txt(name, sizeof(name),
			sk_ASN1_OBJECT_value(list, i), 1) > 0 &&
		    text_equal(name, documents))
			found = true;
	EXTENDED_KEY_USAGE_free(list);
	return found;
}

int
cert_check_use(const struct cert *cert, enum cert_use use, struct error *err)
{
	if ((cert->info.usage & usage_wanted(cert, use)) != 0 &&
	    has_purpose(cert->x509))
		return 0;
	return error_set_id(err, "E3711", ERROR_UNTRUSTED,
	    "certificate of %s is not for %s", cert->info.subject,
	    use == CERT_USE_SIGN ? "signing" : "encryption");
}

X509 *
cert_x509(const struct cert *cert)
{
	return cert->x509;
}

EVP_PKEY *
cert_pkey(const struct cert *cert)
{
	return X509_get0_pubkey(cert->x509);
}

/* PKCS #1 for RSA; over SHA-256. */
static EVP_PKEY_CTX *
make_verifier(const struct cert *cert)
{
	EVP_PKEY_CTX *ctx =
	    EVP_PKEY_CTX_new_from_pkey(NULL, cert_pkey(cert), NULL);

	if (ctx != NULL && EVP_PKEY_verify_init(ctx) == 1 &&
	    (cert->info.key != CERT_KEY_RSA ||
		EVP_PKEY_CTX_set_rsa_padding(ctx, RSA_PKCS1_PADDING) == 1) &&
	    EVP_PKEY_CTX_set_signature_md(ctx, EVP_sha256()) == 1)
		return ctx;
	EVP_PKEY_CTX_free(ctx);
	return NULL;
}

EVP_PKEY_CTX *
cert_verifier(const struct cert *cert)
{
	if (cert->kept->verifier == NULL)
		cert->kept->verifier = make_verifier(cert);
	return cert->kept->verifier;
}
