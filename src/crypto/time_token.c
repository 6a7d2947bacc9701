#include "crypto/time_token.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include <openssl/asn1.h>
#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/pkcs7.h>
#include <openssl/ts.h>
#include <openssl/x509_vfy.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/asn1_time.h"
#include "crypto/cert.h"
#include "crypto/der.h"

enum { CHAIN_DEPTH_MAX = 6, SECURITY_LEVEL = 2, GRANTED_MAX = 1 };

static const uint8_t sha256_oid[] = { 0x60, 0x86, 0x48, 0x01, 0x65, 0x03, 0x04,
	0x02, 0x01 };

static int
malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E3601", ERROR_MALFORMED, "time stamp: %s",
	    what);
}

static int
untrusted(struct error *err, const char *what)
{
	return error_set_id(err, "E3603", ERROR_UNTRUSTED, "time stamp: %s",
	    what);
}

/* ---- asking ---------------------------------------------------------- */

static void
put_nonce(struct bytes *to, uint64_t nonce)
{
	uint8_t octets[9] = { 0 };
	size_t at = 1;

	for (int i = 0; i < 8; i++)
		octets[1 + i] = (uint8_t)(nonce >> (56 - 8 * i));
	/* No zeros in front but the one that keeps it positive. */
	while (at < 8 && octets[at] == 0)
		at++;
	if (octets[at] >= 0x80)
		at--;
	der_put(to, DER_INTEGER, octets + at, sizeof(octets) - at);
}

int
time_token_request(const struct digest *digest, uint64_t nonce,
    struct bytes *to, struct error *err)
{
	static const uint8_t yes[] = { 0x01, 0x01, 0xff }; /* BOOLEAN */
	size_t request = der_begin(to, DER_SEQUENCE);
	size_t imprint, algorithm;

	der_put_small(to, 1);
	imprint = der_begin(to, DER_SEQUENCE);
	algorithm = der_begin(to, DER_SEQUENCE);
	der_put(to, DER_OID, sha256_oid, sizeof(sha256_oid));
	der_put(to, DER_NULL, NULL, 0);
	der_end(to, algorithm);
	der_put(to, DER_OCTET_STRING, digest->bytes, DIGEST_LEN);
	der_end(to, imprint);
	put_nonce(to, nonce);
	bytes_put(to, yes, sizeof(yes));
	der_end(to, request);
	return bytes_failed(to, err);
}

int
time_token_take(const void *response, size_t len, const uint8_t **ret_token,
    size_t *ret_len, struct error *err)
{
	struct der outer = der_of(response, len);
	struct der inner, status;
	struct der_item token;
	int granted;

	if (len > TIME_TOKEN_MAX)
		return malformed(err, "the answer is too long");
	inner = der_enter(&outer, DER_SEQUENCE);
	status = der_enter(&inner, DER_SEQUENCE);
	granted = der_small(&status);
	if (status.failed || inner.failed)
		return malformed(err, "the answer is none of RFC 3161");
	if (granted > GRANTED_MAX)
		return malformed(err, "the authority refused");
	token = der_take(&inner, DER_SEQUENCE);
	if (!der_leave(&outer, &inner) || !der_done(&outer))
		return malformed(err, "the answer is none of RFC 3161");
	*ret_token = token.whole;
	*ret_len = token.whole_len;
	return 0;
}

/* ---- what a token says ----------------------------------------------- */

static int
check_imprint(TS_TST_INFO *info, const struct digest *digest, struct error *err)
{
	TS_MSG_IMPRINT *imprint = TS_TST_INFO_get_msg_imprint(info);
	const ASN1_OBJECT *algorithm;
	ASN1_OCTET_STRING *octets;

	if (imprint == NULL)
		return malformed(err, "no imprint");
	X509_ALGOR_get0(&algorithm, NULL, NULL,
	    TS_MSG_IMPRINT_get_algo(imprint));
	octets = TS_MSG_IMPRINT_get_msg(imprint);
	if (OBJ_obj2nid(algorithm) != NID_sha256 ||
	    ASN1_STRING_length(octets) != DIGEST_LEN ||
	    memcmp(ASN1_STRING_get0_data(octets), digest->bytes, DIGEST_LEN) !=
		0)
		return error_set_id(err, "E3602", ERROR_UNTRUSTED,
		    "time stamp: of something else");
	return 0;
}

static int
check_nonce(TS_TST_INFO *info, uint64_t nonce, struct error *err)
{
	const ASN1_INTEGER *found = TS_TST_INFO_get_nonce(info);
	uint64_t value;

	if (nonce != 0 &&
	    (found == NULL || ASN1_INTEGER_get_uint64(&value, found) != 1 ||
		value != nonce))
		return error_set_id(err, "E3602", ERROR_UNTRUSTED,
		    "time stamp: not the nonce that was sent");
	return 0;
}

/* Fractions of a second are dropped: then it existed before the next one. */
static int
read_time(TS_TST_INFO *info, int64_t *ret_time, struct error *err)
{
	if (!asn1_time_read(TS_TST_INFO_get_time(info), ret_time))
		return malformed(err, "unreadable time");
	*ret_time += 1000;
	return 0;
}

/* ---- who says so ----------------------------------------------------- */

/* One signer, by a digest that is not broken. */
static int
check_algorithm(PKCS7 *token, struct error *err)
{
	STACK_OF(PKCS7_SIGNER_INFO) *signers = PKCS7_get_signer_info(token);
	const ASN1_OBJECT *object;
	X509_ALGOR *digest;
	int nid;

	if (signers == NULL || sk_PKCS7_SIGNER_INFO_num(signers) != 1)
		return untrusted(err, "not exactly one signer");
	PKCS7_SIGNER_INFO_get0_algs(sk_PKCS7_SIGNER_INFO_value(signers, 0),
	    NULL, &digest, NULL);
	X509_ALGOR_get0(&object, NULL, NULL, digest);
	nid = OBJ_obj2nid(object);
	if (nid != NID_sha256 && nid != NID_sha384 && nid != NID_sha512)
		return untrusted(err, "signed with a digest that is too weak");
	return 0;
}

static X509_STORE *
store_of(const struct cert *authority, int64_t at)
{
	X509_STORE *store = X509_STORE_new();
	X509_VERIFY_PARAM *param;

	if (store == NULL ||
	    X509_STORE_add_cert(store, cert_x509(authority)) != 1) {
		X509_STORE_free(store);
		return NULL;
	}
	param = X509_STORE_get0_param(store);
	X509_VERIFY_PARAM_set_time(param, (time_t)(at / 1000));
	X509_VERIFY_PARAM_set_depth(param, CHAIN_DEPTH_MAX);
	X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
	/* The root names a certificate, of whatever kind. */
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	return store;
}

/* Signature, signing-certificate attribute, chain and purpose. */
static int
check_signature(PKCS7 *token, const struct cert *authority, int64_t at,
    struct error *err)
{
	TS_VERIFY_CTX *ctx = TS_VERIFY_CTX_new();
	X509_STORE *store = store_of(authority, at);
	int rc = -1;

	if (ctx == NULL || store == NULL) {
		X509_STORE_free(store);
		error_set_memory(err);
		goto done;
	}
	TS_VERIFY_CTX_set_flags(ctx, TS_VFY_VERSION | TS_VFY_SIGNATURE);
	TS_VERIFY_CTX_set_store(ctx, store); /* which is the context's now */
	rc = TS_RESP_verify_token(ctx, token) == 1
	    ? 0
	    : untrusted(err, "not signed by an authority that the root names");
done:
	TS_VERIFY_CTX_free(ctx);
	return rc;
}

/* The signer's certificate, which the token must carry. */
static int
check_signer(PKCS7 *token, struct digest *ret_signer, struct error *err)
{
	STACK_OF(X509) *signers = PKCS7_get0_signers(token, NULL, 0);
	unsigned char *der = NULL;
	struct cert *cert = NULL;
	int rc = -1;
	int len = signers != NULL && sk_X509_num(signers) == 1
	    ? i2d_X509(sk_X509_value(signers, 0), &der)
	    : 0;

	if (len <= 0)
		untrusted(err, "not exactly one signer");
	else if (cert_parse(der, (size_t)len, &cert, err) == 0 &&
	    cert_check_policy(cert, err) == 0)
		rc = 0;
	if (rc == 0)
		*ret_signer = *cert_fingerprint(cert);
	cert_free(cert);
	OPENSSL_free(der);
	sk_X509_free(signers);
	return rc;
}

static int
check(PKCS7 *token, TS_TST_INFO *info, const struct digest *digest,
    uint64_t nonce, const struct cert *authority, struct time_token *ret_token,
    struct error *err)
{
	struct time_token found = { .time = 0 };

	if (check_imprint(info, digest, err) < 0 ||
	    check_nonce(info, nonce, err) < 0 ||
	    read_time(info, &found.time, err) < 0 ||
	    check_algorithm(token, err) < 0 ||
	    check_signature(token, authority, found.time, err) < 0 ||
	    check_signer(token, &found.signer, err) < 0)
		return -1;
	*ret_token = found;
	return 0;
}

int
time_token_check(const void *token, size_t len, const struct digest *digest,
    uint64_t nonce, const struct cert *authority, struct time_token *ret_token,
    struct error *err)
{
	const unsigned char *at = token;
	TS_TST_INFO *info = NULL;
	PKCS7 *pkcs7 = NULL;
	int rc = -1;

	if (len == 0 || len > TIME_TOKEN_MAX)
		return malformed(err, "too long");
	pkcs7 = d2i_PKCS7(NULL, &at, (long)len);
	if (pkcs7 == NULL || at != (const unsigned char *)token + len ||
	    !PKCS7_type_is_signed(pkcs7))
		malformed(err, "no signed token");
	else if ((info = PKCS7_to_TS_TST_INFO(pkcs7)) == NULL)
		malformed(err, "no TSTInfo in it");
	else
		rc = check(pkcs7, info, digest, nonce, authority, ret_token,
		    err);
	TS_TST_INFO_free(info);
	PKCS7_free(pkcs7);
	ERR_clear_error();
	return rc;
}
