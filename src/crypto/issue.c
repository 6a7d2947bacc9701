#include "crypto/issue.h"

#include <limits.h>
#include <string.h>
#include <time.h>

#include <openssl/asn1.h>
#include <openssl/bio.h>
#include <openssl/err.h>
#include <openssl/evp.h>
#include <openssl/objects.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/cert.h"
#include "crypto/der.h"
#include "crypto/key.h"
#include "crypto/random.h"

enum { RANDOM_SERIAL_LEN = 16 };

static int
refuse(struct error *err, const char *what)
{
	ERR_clear_error();
	return error_set(err, ERROR_MALFORMED, "certificate request: %s", what);
}

static int
set_serial(X509 *x509, const struct issue_request *request, struct error *err)
{
	uint8_t serial[ISSUE_SERIAL_MAX];
	size_t len = request->serial_len;
	BIGNUM *number;
	int good;

	if (len > ISSUE_SERIAL_MAX)
		return refuse(err, "serial number too long");
	memcpy(serial, request->serial, len);
	if (len == 0) {
		len = RANDOM_SERIAL_LEN;
		if (random_fill(serial, len, err) < 0)
			return -1;
		/* Positive, and never shorter by a leading zero. */
		serial[0] = (uint8_t)((serial[0] & 0x7f) | 0x40);
	}
	number = BN_bin2bn(serial, (int)len, NULL);
	if (number == NULL)
		return error_set_memory(err);
	good = BN_to_ASN1_INTEGER(number, X509_get_serialNumber(x509)) != NULL;
	BN_free(number);
	return good ? 0 : error_set_memory(err);
}

static int
set_subject(X509 *x509, const struct issue_request *request, struct error *err)
{
	const struct {
		int nid;
		const char *text;
	} parts[] = {
		{ NID_countryName, request->country },
		{ NID_organizationName, request->organization },
		{ NID_organizationalUnitName, request->unit },
		{ NID_commonName, request->common_name },
		{ NID_serialNumber, request->serial_name },
	};
	X509_NAME *name = X509_get_subject_name(x509);

	if (request->common_name == NULL)
		return refuse(err, "no common name");
	for (size_t i = 0; i < ARRAY_LEN(parts); i++)
		if (parts[i].text != NULL &&
		    X509_NAME_add_entry_by_NID(name, parts[i].nid,
			MBSTRING_UTF8, (const unsigned char *)parts[i].text, -1,
			-1, 0) != 1)
			return refuse(err, "name cannot be written");
	return 0;
}

static int
set_dates(X509 *x509, const struct issue_request *request, struct error *err)
{
	time_t from = (time_t)(request->not_before_at / 1000);
	time_t to = (time_t)(request->not_after_at / 1000);

	if (to < from)
		return refuse(err, "ends before it begins");
	if (ASN1_TIME_adj(X509_getm_notBefore(x509), from, 0, 0) == NULL ||
	    ASN1_TIME_adj(X509_getm_notAfter(x509), to, 0, 0) == NULL)
		return refuse(err, "date cannot be written");
	return 0;
}

static int
add_text_extension(X509 *x509, X509V3_CTX *ctx, int nid, const char *text,
    struct error *err)
{
	X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, ctx, nid, text);
	int good;

	if (extension == NULL)
		return refuse(err, "extension cannot be written");
	good = X509_add_ext(x509, extension, -1);
	X509_EXTENSION_free(extension);
	return good == 1 ? 0 : error_set_memory(err);
}

/* Extensions that follow from the kind, each NULL where there is none. */
static const struct {
	const char *constraints;
	const char *usage;
	const char *extended;
} profiles[] = {
	[ISSUE_ROOT_CA] = { "critical,CA:TRUE", "critical,keyCertSign,cRLSign",
	    NULL },
	[ISSUE_SUB_CA] = { "critical,CA:TRUE,pathlen:0",
	    "critical,keyCertSign,cRLSign", NULL },
	[ISSUE_SIGN] = { "critical,CA:FALSE",
	    "critical,digitalSignature,nonRepudiation", NULL },
	[ISSUE_SEAL] = { "critical,CA:FALSE", NULL, NULL },
	[ISSUE_TLS] = { "critical,CA:FALSE", "critical,digitalSignature",
	    "serverAuth,clientAuth" },
};

static const char *
usage_text(enum issue_kind kind, X509 *x509)
{
	if (kind != ISSUE_SEAL)
		return profiles[kind].usage;
	return EVP_PKEY_is_a(X509_get0_pubkey(x509), "RSA")
	    ? "critical,keyEncipherment"
	    : "critical,keyAgreement";
}

static int
add_names(X509 *x509, X509V3_CTX *ctx, const struct issue_request *request,
    struct error *err)
{
	struct bytes text = { 0 };
	int rc;

	if (request->address_count == 0 && request->host_count == 0)
		return 0;
	for (size_t i = 0; i < request->address_count; i++)
		bytes_put_format(&text, "%sIP:%s", text.len > 0 ? "," : "",
		    request->addresses[i]);
	for (size_t i = 0; i < request->host_count; i++)
		bytes_put_format(&text, "%sDNS:%s", text.len > 0 ? "," : "",
		    request->hosts[i]);
	bytes_put_u8(&text, '\0');
	rc = bytes_failed(&text, err) < 0
	    ? -1
	    : add_text_extension(x509, ctx, NID_subject_alt_name,
		  (const char *)text.data, err);
	bytes_free(&text);
	return rc;
}

/* SubjectDirectoryAttributes with one attribute of one UTF8String. */
static int
add_directory(X509 *x509, const struct issue_request *request,
    struct error *err)
{
	ASN1_OBJECT *type = OBJ_txt2obj(request->directory_oid, 1);
	struct bytes der = { 0 };
	ASN1_OCTET_STRING *value = ASN1_OCTET_STRING_new();
	X509_EXTENSION *extension = NULL;
	size_t all, attribute, values;
	int rc = -1;

	if (type == NULL || value == NULL) {
		refuse(err, "attribute type cannot be written");
		goto done;
	}
	all = der_begin(&der, DER_SEQUENCE);
	attribute = der_begin(&der, DER_SEQUENCE);
	der_put(&der, DER_OID, OBJ_get0_data(type), OBJ_length(type));
	values = der_begin(&der, DER_SET);
	der_put(&der, V_ASN1_UTF8STRING, request->directory_text,
	    strlen(request->directory_text));
	der_end(&der, values);
	der_end(&der, attribute);
	der_end(&der, all);
	if (bytes_failed(&der, err) < 0)
		goto done;
	if (ASN1_OCTET_STRING_set(value, der.data, (int)der.len) != 1 ||
	    (extension = X509_EXTENSION_create_by_NID(NULL,
		 NID_subject_directory_attributes, 0, value)) == NULL ||
	    X509_add_ext(x509, extension, -1) != 1) {
		error_set_memory(err);
		goto done;
	}
	rc = 0;
done:
	X509_EXTENSION_free(extension);
	ASN1_OCTET_STRING_free(value);
	ASN1_OBJECT_free(type);
	bytes_free(&der);
	return rc;
}

static int
add_extensions(X509 *x509, X509 *issuer, const struct issue_request *request,
    struct error *err)
{
	const char *extended = profiles[request->kind].extended;
	X509V3_CTX ctx;

	X509V3_set_ctx(&ctx, issuer, x509, NULL, NULL, 0);
	if (add_text_extension(x509, &ctx, NID_basic_constraints,
		profiles[request->kind].constraints, err) < 0 ||
	    add_text_extension(x509, &ctx, NID_key_usage,
		usage_text(request->kind, x509), err) < 0 ||
	    add_text_extension(x509, &ctx, NID_subject_key_identifier, "hash",
		err) < 0 ||
	    add_text_extension(x509, &ctx, NID_authority_key_identifier,
		"keyid", err) < 0)
		return -1;
	if (extended != NULL &&
	    add_text_extension(x509, &ctx, NID_ext_key_usage, extended, err) <
		0)
		return -1;
	if (add_names(x509, &ctx, request, err) < 0)
		return -1;
	return request->directory_oid == NULL
	    ? 0
	    : add_directory(x509, request, err);
}

static int
fill(X509 *x509, const struct issue_request *request, const uint8_t *spki,
    size_t spki_len, struct error *err)
{
	const unsigned char *at = spki;
	EVP_PKEY *pkey;
	int good;

	if (spki_len > LONG_MAX)
		return refuse(err, "public key too long");
	pkey = d2i_PUBKEY(NULL, &at, (long)spki_len);
	if (pkey == NULL)
		return refuse(err, "public key cannot be read");
	good = X509_set_version(x509, X509_VERSION_3) == 1 &&
	    X509_set_pubkey(x509, pkey) == 1;
	EVP_PKEY_free(pkey);
	if (!good)
		return error_set_memory(err);
	if (set_serial(x509, request, err) < 0 ||
	    set_subject(x509, request, err) < 0)
		return -1;
	return set_dates(x509, request, err);
}

static int
sign_and_wrap(X509 *x509, const struct issue_request *request,
    const struct key *key, struct cert **ret_cert, struct error *err)
{
	const EVP_MD *digest = EVP_sha256();
	unsigned char *der = NULL;
	int len;
	int rc;

	if (request->digest != NULL)
		digest = EVP_get_digestbyname(request->digest);
	if (key_kind(key) == CERT_KEY_ED25519)
		digest = NULL;
	if (X509_sign(x509, key_pkey(key), digest) <= 0)
		return refuse(err, "cannot be signed");
	len = i2d_X509(x509, &der);
	if (len <= 0)
		return error_set_memory(err);
	rc = cert_parse(der, (size_t)len, ret_cert, err);
	OPENSSL_free(der);
	return rc;
}

int
issue_cert(const struct issue_request *request, const void *spki,
    size_t spki_len, const struct cert *issuer, const struct key *issuer_key,
    struct cert **ret_cert, struct error *err)
{
	X509 *x509 = X509_new();
	X509 *by = issuer != NULL ? cert_x509(issuer) : x509;
	int rc = -1;

	if (x509 == NULL)
		return error_set_memory(err);
	if (fill(x509, request, spki, spki_len, err) < 0)
		goto done;
	if (X509_set_issuer_name(x509, X509_get_subject_name(by)) != 1) {
		error_set_memory(err);
		goto done;
	}
	if (add_extensions(x509, by, request, err) < 0)
		goto done;
	rc = sign_and_wrap(x509, request, issuer_key, ret_cert, err);
done:
	X509_free(x509);
	return rc;
}

/* The same subject, key and extensions, but those that name an issuer. */
static int
put_request(X509 *x509, const struct key *key, struct bytes *pem,
    struct error *err)
{
	const EVP_MD *digest =
	    key_kind(key) == CERT_KEY_ED25519 ? NULL : EVP_sha256();
	const STACK_OF(X509_EXTENSION) * extensions;
	X509_REQ *req = X509_to_X509_REQ(x509, NULL, NULL);
	BIO *bio = BIO_new(BIO_s_mem());
	char *text = NULL;
	long len;
	int at;
	int rc = -1;

	if (req == NULL || bio == NULL) {
		error_set_memory(err);
		goto done;
	}
	at = X509_get_ext_by_NID(x509, NID_authority_key_identifier, -1);
	if (at >= 0)
		X509_EXTENSION_free(X509_delete_ext(x509, at));
	extensions = X509_get0_extensions(x509);
	if (X509_REQ_add_extensions(req, extensions) != 1 ||
	    X509_REQ_sign(req, key_pkey(key), digest) <= 0 ||
	    PEM_write_bio_X509_REQ(bio, req) != 1) {
		refuse(err, "cannot be signed");
		goto done;
	}
	len = BIO_get_mem_data(bio, &text);
	bytes_put(pem, text, (size_t)len);
	rc = bytes_failed(pem, err);
done:
	X509_REQ_free(req);
	BIO_free(bio);
	return rc;
}

int
issue_put_request(const struct issue_request *request, const struct key *key,
    struct bytes *pem, struct error *err)
{
	struct bytes spki = { 0 };
	struct cert *cert = NULL;
	int rc = -1;

	if (key_put_spki(key, &spki, err) == 0 &&
	    issue_cert(request, spki.data, spki.len, NULL, key, &cert, err) ==
		0)
		rc = put_request(cert_x509(cert), key, pem, err);
	bytes_free(&spki);
	cert_free(cert);
	return rc;
}
