#include "crypto/cert.h"

#include <stdlib.h>
#include <string.h>
#include <time.h>

#include <openssl/bio.h>
#include <openssl/bn.h>
#include <openssl/core_names.h>
#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/der.h"
#include "crypto/object.h"
#include "crypto/sha256.h"
#include "model/times.h"

enum { RSA_BITS_MIN = 2048, RSA_BITS_MAX = 4096, RSA_EXPONENT_MIN = 65537 };

struct cert {
	struct cert_info info;
	X509 *x509;
	uint8_t *der;
	size_t der_len;
	struct der_item subject, issuer, serial, spki; /* into `der` */
};

static int
malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E3001", ERROR_MALFORMED, "certificate: %s",
	    what);
}

/*
 * Find the parts that are compared byte by byte.  The library would also take
 * BER; here what encloses the parts must be DER.
 */
static int
read_spans(struct cert *cert, struct error *err)
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
		return malformed(err, "not DER, not version 3, or not whole");
	if (!der_item_equal(&inner, outer.whole, outer.whole_len))
		return malformed(err, "names two signature algorithms");
	if (cert->serial.body_len * 2 >= CERT_SERIAL_SIZE)
		return malformed(err, "serial number too long");
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
		malformed(err, "unreadable name");
		goto done;
	}
	len = BIO_get_mem_data(bio, &text);
	if (!text_is_utf8(text, (size_t)len) ||
	    !text_copy_len(to, CERT_NAME_SIZE, text, (size_t)len)) {
		malformed(err, "name too long or not UTF-8");
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
	struct tm tm;
	int64_t days;

	if (ASN1_TIME_to_tm(time, &tm) != 1 ||
	    !times_days_of_date(tm.tm_year + 1900, tm.tm_mon + 1, tm.tm_mday,
		&days))
		return malformed(err, "unreadable date");
	*ret_at =
	    (((days * 24 + tm.tm_hour) * 60 + tm.tm_min) * 60 + tm.tm_sec) *
	    1000;
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
		return malformed(err, "broken extensions");
	cert->info.is_ca = X509_check_ca(cert->x509) == 1;
	cert->info.usage = usage_of(cert->x509);
	key_id = X509_get0_subject_key_id(cert->x509);
	if (key_id == NULL)
		return 0;
	len = (size_t)ASN1_STRING_length(key_id);
	if (len == 0 || len > CERT_KEY_ID_MAX)
		return malformed(err, "key identifier of unusual length");
	memcpy(cert->info.key_id, ASN1_STRING_get0_data(key_id), len);
	cert->info.key_id_len = len;
	return 0;
}

static int
read_info(struct cert *cert, struct error *err)
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

int
cert_parse(const void *der, size_t len, struct cert **ret_cert,
    struct error *err)
{
	struct cert *cert = calloc(1, sizeof(*cert));
	const unsigned char *at;

	if (cert == NULL)
		return error_set_memory(err);
	if (len == 0 || len > CERT_DER_MAX) {
		malformed(err, "empty or too long");
		goto fail;
	}
	cert->der = malloc(len);
	if (cert->der == NULL) {
		error_set_memory(err);
		goto fail;
	}
	memcpy(cert->der, der, len);
	cert->der_len = len;
	if (read_spans(cert, err) < 0)
		goto fail;
	at = cert->der;
	cert->x509 = d2i_X509(NULL, &at, (long)len);
	if (cert->x509 == NULL || at != cert->der + len) {
		malformed(err, "cannot be decoded");
		goto fail;
	}
	if (read_info(cert, err) < 0)
		goto fail;
	*ret_cert = cert;
	return 0;
fail:
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
	X509_free(cert->x509);
	free(cert->der);
	free(cert);
}

static bool
is_blank(const char *text, size_t len)
{
	while (len > 0 && strchr(" \t\r\n", text[len - 1]) != NULL &&
	    text[len - 1] != '\0')
		len--;
	return len == 0;
}

int
cert_parse_pem(const char *pem, size_t len, struct cert **ret_cert,
    struct error *err)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	static const char end[] = "-----END CERTIFICATE-----";
	size_t begin_len = sizeof(begin) - 1;
	size_t end_len = sizeof(end) - 1;
	struct bytes digits = { 0 };
	struct bytes der = { 0 };
	int rc = -1;

	while (len > 0 && is_blank(pem, 1))
		pem++, len--;
	while (len > 0 && is_blank(pem + len - 1, 1))
		len--;
	if (len < begin_len + end_len || len > 2 * CERT_DER_MAX ||
	    memcmp(pem, begin, begin_len) != 0 ||
	    memcmp(pem + len - end_len, end, end_len) != 0)
		return malformed(err, "not one PEM block CERTIFICATE");
	for (size_t i = begin_len; i < len - end_len; i++)
		if (!is_blank(pem + i, 1))
			bytes_put_u8(&digits, (uint8_t)pem[i]);
	if (bytes_failed(&digits, err) < 0)
		goto done;
	if (base64_parse((const char *)digits.data, digits.len, &der, err) <
	    0) {
		if (err->code == ERROR_MALFORMED)
			malformed(err, "PEM is not base64");
		goto done;
	}
	rc = cert_parse(der.data, der.len, ret_cert, err);
done:
	bytes_free(&digits);
	bytes_free(&der);
	return rc;
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

void
cert_put_pem(const struct cert *cert, struct bytes *to)
{
	struct bytes digits = { 0 };

	base64_put(&digits, cert->der, cert->der_len);
	bytes_put_text(to, "-----BEGIN CERTIFICATE-----\n");
	for (size_t at = 0; at < digits.len; at += 64) {
		size_t left = digits.len - at;

		bytes_put(to, digits.data + at, left < 64 ? left : 64);
		bytes_put_u8(to, '\n');
	}
	bytes_put_text(to, "-----END CERTIFICATE-----\n");
	to->failed |= digits.failed;
	bytes_free(&digits);
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
