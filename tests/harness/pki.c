#include "harness/pki.h"

#include <stdio.h>
#include <stdlib.h>

#include <openssl/bn.h>
#include <openssl/evp.h>
#include <openssl/rsa.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/key.h"

const int64_t pki_now = 1795316645678; /* 2026-11-22T03:04:05.678Z */

enum {
	YEAR_2020_S = 1577836800,
	YEAR_2026_S = 1767225600,
	YEAR_2030_S = 1893456000,
};
static const int64_t year_2040_ms = 2208988800000;
static const int64_t day_s = INT64_C(24) * 3600;

static void
give_up(const char *what, const struct error *err)
{
	fprintf(stderr, "pki: %s: %s\n", what, err->text);
	abort();
}

struct issue_request
pki_request(enum issue_kind kind, const char *name)
{
	return (struct issue_request){
		.kind = kind,
		.country = "TW",
		.organization = "行政院",
		.common_name = name,
		.not_before_at = (int64_t)YEAR_2026_S * 1000,
		.not_after_at = (int64_t)YEAR_2030_S * 1000,
	};
}

struct pki_holder
pki_issue_as(const struct pki_holder *issuer,
    const struct issue_request *request, enum cert_key key)
{
	struct pki_holder made = { 0 };
	struct error err = { 0 };
	struct bytes spki = { 0 };

	if (key_generate(key, &made.key, &err) < 0 ||
	    key_put_spki(made.key, &spki, &err) < 0 ||
	    issue_cert(request, spki.data, spki.len,
		issuer != NULL ? issuer->cert : NULL,
		issuer != NULL ? issuer->key : made.key, &made.cert, &err) < 0)
		give_up(request->common_name, &err);
	bytes_free(&spki);
	return made;
}

struct pki_holder
pki_issue(const struct pki *pki, enum issue_kind kind, enum cert_key key,
    const char *name)
{
	struct issue_request request = pki_request(kind, name);

	return pki_issue_as(&pki->sub, &request, key);
}

struct pki_holder
pki_issue_rsa(const struct pki_holder *issuer,
    const struct issue_request *request, int bits, unsigned exponent)
{
	EVP_PKEY_CTX *ctx = EVP_PKEY_CTX_new_from_name(NULL, "RSA", NULL);
	BIGNUM *e = BN_new();
	EVP_PKEY *pkey = NULL;
	unsigned char *spki = NULL;
	struct pki_holder made = { 0 };
	struct error err = { 0 };
	int len;

	if (ctx == NULL || e == NULL || BN_set_word(e, exponent) != 1 ||
	    EVP_PKEY_keygen_init(ctx) != 1 ||
	    EVP_PKEY_CTX_set_rsa_keygen_bits(ctx, bits) != 1 ||
	    EVP_PKEY_CTX_set1_rsa_keygen_pubexp(ctx, e) != 1 ||
	    EVP_PKEY_keygen(ctx, &pkey) != 1 ||
	    (len = i2d_PUBKEY(pkey, &spki)) <= 0 ||
	    issue_cert(request, spki, (size_t)len, issuer->cert, issuer->key,
		&made.cert, &err) < 0)
		give_up(request->common_name, &err);
	OPENSSL_free(spki);
	EVP_PKEY_free(pkey);
	EVP_PKEY_CTX_free(ctx);
	BN_free(e);
	return made;
}

static struct pki_holder
make_ca(const struct pki_holder *issuer, enum issue_kind kind, const char *name)
{
	struct issue_request request = pki_request(kind, name);

	request.not_before_at = (int64_t)YEAR_2020_S * 1000;
	request.not_after_at = year_2040_ms;
	return pki_issue_as(issuer, &request, CERT_KEY_P256);
}

void
pki_new(struct pki *ret_pki)
{
	ret_pki->root = make_ca(NULL, ISSUE_ROOT_CA, "Test Root CA");
	ret_pki->sub = make_ca(&ret_pki->root, ISSUE_SUB_CA, "Test Sub CA");
	ret_pki->foreign = make_ca(NULL, ISSUE_ROOT_CA, "Foreign Root CA");
}

void
pki_holder_free(struct pki_holder *holder)
{
	key_free(holder->key);
	cert_free(holder->cert);
	*holder = (struct pki_holder){ 0 };
}

void
pki_free(struct pki *pki)
{
	pki_holder_free(&pki->root);
	pki_holder_free(&pki->sub);
	pki_holder_free(&pki->foreign);
}

struct pki_holder
pki_issue_for(const struct pki_holder *issuer, const char *purposes,
    int from_days, int to_days)
{
	struct pki_holder holder = { NULL, NULL };
	struct error err = { 0 };
	X509 *x509 = X509_new();
	unsigned char *der = NULL;
	int len;

	if (x509 == NULL || key_generate(CERT_KEY_P256, &holder.key, &err) < 0)
		give_up("responder", &err);
	X509_set_version(x509, X509_VERSION_3);
	ASN1_INTEGER_set(X509_get_serialNumber(x509), 4711);
	X509_set_issuer_name(x509,
	    X509_get_subject_name(cert_x509(issuer->cert)));
	X509_NAME_add_entry_by_txt(X509_get_subject_name(x509), "CN",
	    MBSTRING_UTF8, (const unsigned char *)"responder", -1, -1, 0);
	ASN1_TIME_set(X509_getm_notBefore(x509),
	    (time_t)(pki_now / 1000 + from_days * day_s));
	ASN1_TIME_set(X509_getm_notAfter(x509),
	    (time_t)(pki_now / 1000 + to_days * day_s));
	X509_set_pubkey(x509, key_pkey(holder.key));
	if (purposes != NULL) {
		X509_EXTENSION *extension = X509V3_EXT_conf_nid(NULL, NULL,
		    NID_ext_key_usage, purposes);

		X509_add_ext(x509, extension, -1);
		X509_EXTENSION_free(extension);
	}
	X509_sign(x509, key_pkey(issuer->key), EVP_sha256());
	len = i2d_X509(x509, &der);
	if (len <= 0 || cert_parse(der, (size_t)len, &holder.cert, &err) < 0)
		give_up("responder", &err);
	OPENSSL_free(der);
	X509_free(x509);
	return holder;
}
