#include <string.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/asn1_time.h"
#include "crypto/cert_internal.h"
#include "crypto/object.h"
#include "crypto/sha256.h"

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 4096, RSA_EXPONENT_MIN = 65537 };

int
cert_malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E3001", ERROR_MALFORMED, "certificate: %s",
	    what);
}

/*
 * Find the parts that are compared byte by byte.  The library would also take
 * BER; here what encloses the parts must be DER.
 */
int
cert_read_spans(struct cert *cert, struct error *err)
{
	struct der der = der_of(cert->der, cert->der_len);
	struct der whole = der_enter(&der, DER_SEQUENCE);
	struct der body = der_enter(&whole, DER_SEQUENCE);
	struct der_item inner, outer;

	der_take(&body, DER_CONTEXT_CONSTRUCTED);
	cert->serial = der_take(&body, DER_INTEGER);
	inner = der_take(&body, DER_SEQUENCE);
	cert->issuer = der_take(&body, DER_SEQUENCE);
	der_take(&body, DER_SEQUENCE);
	cert->subject = der_take(&body, DER_SEQUENCE);
	cert->spki = der_take(&body, DER_SEQUENCE);
	outer = der_take(&whole, DER_SEQUENCE);
	der_take_bits(&whole);
	if (body.failed || !der_done(&whole) || !der_done(&der))
		return cert_malformed(err,
		    "not DER, not version 3, or not whole");
	if (!der_item_equal(&inner, outer.whole, outer.whole_len))
		return cert_malformed(err, "names two signature algorithms");
	if (cert->serial.body_len * 2 >= CERT_SERIAL_SIZE)
		return cert_malformed(err, "serial number too long");
	hex_format(cert->serial.body, cert->serial.body_len, cert->info.serial);
	return 0;
}

static int
read_name(const X509_NAME *name, char to[CERT_NAME_SIZE], struct error *err)
{
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long len;
	int rc = -1;

	if (bio == NULL)
		return error_set_memory(err);
	if (X509_NAME_print_ex(bio, name, 0,
		XN_FLAG_RFC2253 & ~(unsigned long)ASN1_STRFLGS_ESC_MSB) < 0) {
		cert_malformed(err, "unreadable name");
		goto done;
	}
	len = BIO_get_mem_data(bio, &text);
	if (!text_is_utf8(text, (size_t)len) ||
	    !text_copy_len(to, CERT_NAME_SIZE, text, (size_t)len)) {
		cert_malformed(err, "name too long or not UTF-8");
		goto done;
	}
	rc = 0;
done:
	BIO_free(bio);
	return rc;
}

static int
read_time(const ASN1_TIME *time, int64_t *ret_at, struct error *err)
{
	if (!asn1_time_read(time, ret_at))
		return cert_malformed(err, "unreadable date");
	return 0;
}

static bool
exponent_is_sane(const EVP_PKEY *pkey)
{
	BIGNUM *exponent = NULL;
	bool sane;

	if (EVP_PKEY_get_bn_param(pkey, OSSL_PKEY_PARAM_RSA_E, &exponent) != 1)
		return false;
	sane = BN_is_odd(exponent) && BN_num_bits(exponent) <= 64 &&
	    BN_get_word(exponent) >= RSA_EXPONENT_MIN;
	BN_free(exponent);
	return sane;
}

/* The kind by the algorithm's whole encoding: no explicit parameters. */
static void
read_key(struct cert *cert)
{
	struct der der = der_of(cert->spki.body, cert->spki.body_len);
	struct der_item algorithm = der_take(&der, DER_SEQUENCE);
	enum object object = object_of(&algorithm);
	EVP_PKEY *pkey = X509_get0_pubkey(cert->x509);
	struct cert_info *info = &cert->info;

	info->key = CERT_KEY_OTHER;
	if (pkey == NULL)
		return;
	info->key_bits = EVP_PKEY_get_bits(pkey);
	if (object == OBJECT_EC_P256)
		info->key = CERT_KEY_P256;
	else if (object == OBJECT_EC_P384)
		info->key = CERT_KEY_P384;
	else if (object == OBJECT_ED25519)
		info->key = CERT_KEY_ED25519;
	else if (object == OBJECT_RSA && info->key_bits >= RSA_BITS_MIN &&
	    info->key_bits <= RSA_BITS_MAX && exponent_is_sane(pkey))
		info->key = CERT_KEY_RSA;
}

static unsigned
usage_of(X509 *x509)
{
	static const struct {
		uint32_t theirs;
		unsigned ours;
	} bits[] = {
		{ KU_DIGITAL_SIGNATURE, CERT_USAGE_SIGNATURE },
		{ KU_NON_REPUDIATION, CERT_USAGE_NON_REPUDIATION },
		{ KU_KEY_ENCIPHERMENT, CERT_USAGE_KEY_ENCIPHERMENT },
		{ KU_KEY_AGREEMENT, CERT_USAGE_KEY_AGREEMENT },
		{ KU_KEY_CERT_SIGN, CERT_USAGE_CERT_SIGN },
		{ KU_CRL_SIGN, CERT_USAGE_CRL_SIGN },
	};
	uint32_t usage = X509_get_key_usage(x509);
	unsigned ours = 0;

	for (size_t i = 0; i < ARRAY_LEN(bits); i++)
		if ((usage & bits[i].theirs) != 0)
			ours |= bits[i].ours;
	return ours;
}

static int
read_extensions(struct cert *cert, struct error *err)
{
	const ASN1_OCTET_STRING *key_id;
	size_t len;

	if ((X509_get_extension_flags(cert->x509) & EXFLAG_INVALID) != 0)
		return cert_malformed(err, "broken extensions");
	cert->info.is_ca = X509_check_ca(cert->x509) == 1;
	cert->info.usage = usage_of(cert->x509);
	key_id = X509_get0_subject_key_id(cert->x509);
	if (key_id == NULL)
		return 0;
	len = (size_t)ASN1_STRING_length(key_id);
	if (len == 0 || len > CERT_KEY_ID_MAX)
		return cert_malformed(err, "key identifier of unusual length");
	memcpy(cert->info.key_id, ASN1_STRING_get0_data(key_id), len);
	cert->info.key_id_len = len;
	return 0;
}

int
cert_read_info(struct cert *cert, struct error *err)
{
	struct cert_info *info = &cert->info;

	sha256(cert->der, cert->der_len, &info->fingerprint);
	if (read_name(X509_get_subject_name(cert->x509), info->subject, err) <
		0 ||
	    read_name(X509_get_issuer_name(cert->x509), info->issuer, err) <
		0 ||
	    read_time(X509_get0_notBefore(cert->x509), &info->not_before_at,
		err) < 0 ||
	    read_time(X509_get0_notAfter(cert->x509), &info->not_after_at,
		err) < 0 ||
	    read_extensions(cert, err) < 0)
		return -1;
	/* The last second is part of the validity, all of it. */
	info->not_after_at += 999;
	read_key(cert);
	return 0;
}
