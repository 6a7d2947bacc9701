#include "crypto/ocsp.h"

#include <stdbool.h>
#include <string.h>
#include <time.h>

#include <openssl/err.h>
#include <openssl/objects.h>
#include <openssl/ocsp.h>
#include <openssl/x509_vfy.h>

#include "base/bytes.h"
#include "base/error.h"
#include "crypto/asn1_time.h"
#include "crypto/cert.h"
#include "crypto/der.h"

enum { SECURITY_LEVEL = 2, CHAIN_DEPTH_MAX = 2, SINGLES_MAX = 16 };

static int
malformed(struct error *err, const char *what)
{
	return error_set_id(err, "E3701", ERROR_MALFORMED, "OCSP: %s", what);
}

static int
untrusted(struct error *err, const char *what)
{
	return error_set_id(err, "E3703", ERROR_UNTRUSTED, "OCSP: %s", what);
}

static int
of_other(struct error *err, const char *what)
{
	return error_set_id(err, "E3702", ERROR_UNTRUSTED, "OCSP: %s", what);
}

/* ---- asking ---------------------------------------------------------- */

int
ocsp_request(const struct cert *cert, const struct cert *issuer,
    const struct digest *nonce, struct bytes *to, struct error *err)
{
	OCSP_REQUEST *request = OCSP_REQUEST_new();
	/* SHA-1 names the issuer here, as RFC 5019 wants; it proves nothing. */
	OCSP_CERTID *id =
	    OCSP_cert_to_id(NULL, cert_x509(cert), cert_x509(issuer));
	unsigned char value[DIGEST_LEN];
	unsigned char *der = NULL;
	int len = 0;

	memcpy(value, nonce->bytes, sizeof(value));
	if (request != NULL && id != NULL &&
	    OCSP_request_add0_id(request, id) != NULL) {
		id = NULL; /* the request's now */
		if (OCSP_request_add1_nonce(request, value, sizeof(value)) == 1)
			len = i2d_OCSP_REQUEST(request, &der);
	}
	if (len > 0)
		bytes_put(to, der, (size_t)len);
	OPENSSL_free(der);
	OCSP_CERTID_free(id);
	OCSP_REQUEST_free(request);
	ERR_clear_error();
	return len > 0 ? bytes_failed(to, err) : error_set_memory(err);
}

bool
ocsp_is_answer(const void *answer, size_t len)
{
	enum { ENUMERATED = 0x0a };
	struct der outer = der_of(answer, len);
	struct der inner = der_enter(&outer, DER_SEQUENCE);

	return der_peek(&inner) == ENUMERATED;
}

/* ---- what an answer is about ----------------------------------------- */

static bool
is_about(const OCSP_SINGLERESP *single, const struct cert *cert,
    const struct cert *issuer)
{
	const OCSP_CERTID *theirs = OCSP_SINGLERESP_get0_id(single);
	ASN1_OBJECT *algorithm;
	OCSP_CERTID *ours;
	const EVP_MD *md;
	bool is_same;
	int nid;

	if (OCSP_id_get0_info(NULL, &algorithm, NULL, NULL,
		(OCSP_CERTID *)(uintptr_t)theirs) != 1)
		return false;
	nid = OBJ_obj2nid(algorithm);
	md = nid == NID_sha1 || nid == NID_sha256 ? EVP_get_digestbynid(nid)
						  : NULL;
	if (md == NULL)
		return false;
	ours = OCSP_cert_to_id(md, cert_x509(cert), cert_x509(issuer));
	is_same = ours != NULL && OCSP_id_cmp(ours, theirs) == 0;
	OCSP_CERTID_free(ours);
	return is_same;
}

/* Exactly one must be about it. */
static OCSP_SINGLERESP *
find_single(OCSP_BASICRESP *basic, const struct cert *cert,
    const struct cert *issuer, struct error *err)
{
	OCSP_SINGLERESP *found = NULL;
	int count = OCSP_resp_count(basic);

	if (count > SINGLES_MAX) {
		malformed(err, "too many answers in one");
		return NULL;
	}
	for (int i = 0; i < count; i++) {
		OCSP_SINGLERESP *single = OCSP_resp_get0(basic, i);

		if (!is_about(single, cert, issuer))
			continue;
		if (found != NULL) {
			malformed(err, "two answers about one certificate");
			return NULL;
		}
		found = single;
	}
	if (found == NULL)
		of_other(err, "the answer is about another certificate");
	return found;
}

/* The value is an OCTET STRING inside the extension's one (RFC 9654). */
static int
check_nonce(OCSP_BASICRESP *basic, const struct digest *nonce,
    struct error *err)
{
	int at =
	    OCSP_BASICRESP_get_ext_by_NID(basic, NID_id_pkix_OCSP_Nonce, -1);
	const ASN1_OCTET_STRING *value;
	const uint8_t *data;

	if (nonce == NULL || at < 0)
		return 0;
	value = X509_EXTENSION_get_data(OCSP_BASICRESP_get_ext(basic, at));
	data = ASN1_STRING_get0_data(value);
	if (ASN1_STRING_length(value) != 2 + DIGEST_LEN || data[0] != 0x04 ||
	    data[1] != DIGEST_LEN ||
	    memcmp(data + 2, nonce->bytes, DIGEST_LEN) != 0)
		return of_other(err, "not the nonce that was sent");
	return 0;
}

static int
read_single(OCSP_SINGLERESP *single, struct revocation *to, struct error *err)
{
	ASN1_GENERALIZEDTIME *revoked, *this_update, *next_update;
	int reason = -1;
	int status = OCSP_single_get0_status(single, &reason, &revoked,
	    &this_update, &next_update);

	*to = (struct revocation){ .state = REVOCATION_UNKNOWN };
	if (!asn1_time_read(this_update, &to->this_update))
		return malformed(err, "unreadable time");
	to->next_update = to->this_update + OCSP_NO_NEXT_MS;
	if (next_update != NULL &&
	    !asn1_time_read(next_update, &to->next_update))
		return malformed(err, "unreadable time");
	if (status == V_OCSP_CERTSTATUS_GOOD)
		to->state = REVOCATION_GOOD;
	if (status != V_OCSP_CERTSTATUS_REVOKED)
		return 0;
	to->state = REVOCATION_REVOKED;
	to->reason = reason > 0 && reason <= REVOCATION_REASON_MAX ? reason : 0;
	return asn1_time_read(revoked, &to->revoked_at)
	    ? 0
	    : malformed(err, "unreadable time");
}

/* ---- who says so ----------------------------------------------------- */

static int
check_algorithm(const OCSP_BASICRESP *basic, struct error *err)
{
	const X509_ALGOR *algorithm = OCSP_resp_get0_tbs_sigalg(basic);
	const ASN1_OBJECT *object;
	int digest, key;

	X509_ALGOR_get0(&object, NULL, NULL, algorithm);
	if (OBJ_find_sigid_algs(OBJ_obj2nid(object), &digest, &key) != 1 ||
	    (digest != NID_sha256 && digest != NID_sha384 &&
		digest != NID_sha512 && key != NID_ED25519))
		return untrusted(err,
		    "signed by an algorithm that is too weak");
	return 0;
}

static X509_STORE *
store_of(const struct cert *issuer, int64_t at_ms)
{
	X509_STORE *store = X509_STORE_new();
	X509_VERIFY_PARAM *param;

	if (store == NULL ||
	    X509_STORE_add_cert(store, cert_x509(issuer)) != 1) {
		X509_STORE_free(store);
		return NULL;
	}
	param = X509_STORE_get0_param(store);
	X509_VERIFY_PARAM_set_time(param, (time_t)(at_ms / 1000));
	X509_VERIFY_PARAM_set_depth(param, CHAIN_DEPTH_MAX);
	X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
	/* The root bulletin names the issuer, which may be no root itself. */
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	return store;
}

/*
 * The library finds the signer among the answer's certificates and the issuer,
 * leads it to the issuer, and wants of another one that it is made by the issuer
 * of this very certificate, for OCSP signing (RFC 6960 4.2.2.2).
 */
static int
check_signature(OCSP_BASICRESP *basic, const struct cert *issuer, int64_t at_ms,
    struct error *err)
{
	X509_STORE *store = store_of(issuer, at_ms);
	STACK_OF(X509) *known = sk_X509_new_null();
	int rc = -1;

	if (store == NULL || known == NULL ||
	    sk_X509_push(known, cert_x509(issuer)) <= 0)
		error_set_memory(err);
	else if (OCSP_basic_verify(basic, known, store, OCSP_NOEXPLICIT) != 1)
		untrusted(err, "not signed by the certificate's authority");
	else
		rc = 0;
	sk_X509_free(known); /* without what is in it */
	X509_STORE_free(store);
	return rc;
}

static int
check_times(const struct revocation *revocation, int64_t at_ms,
    struct error *err)
{
	if (revocation->next_update < revocation->this_update)
		return malformed(err, "it ends before it begins");
	if (at_ms == 0)
		return 0;
	if (revocation->this_update > at_ms + OCSP_SKEW_MS)
		return error_set_id(err, "E3704", ERROR_UNTRUSTED,
		    "OCSP: the answer is from the future");
	if (revocation->next_update + OCSP_SKEW_MS < at_ms)
		return error_set_id(err, "E3704", ERROR_UNTRUSTED,
		    "OCSP: the answer is an old one");
	return 0;
}

static int
check(OCSP_BASICRESP *basic, const struct cert *cert, const struct cert *issuer,
    const struct digest *nonce, int64_t at_ms, struct revocation *to,
    struct error *err)
{
	OCSP_SINGLERESP *single = find_single(basic, cert, issuer, err);

	if (single == NULL || read_single(single, to, err) < 0 ||
	    check_algorithm(basic, err) < 0 ||
	    check_signature(basic, issuer, at_ms != 0 ? at_ms : to->this_update,
		err) < 0 ||
	    check_nonce(basic, nonce, err) < 0)
		return -1;
	return check_times(to, at_ms, err);
}

int
ocsp_check(const void *response, size_t len, const struct cert *cert,
    const struct cert *issuer, const struct digest *nonce, int64_t at_ms,
    struct revocation *ret_revocation, struct error *err)
{
	const unsigned char *at = response;
	struct revocation found = { .state = REVOCATION_UNKNOWN };
	OCSP_RESPONSE *whole = NULL;
	OCSP_BASICRESP *basic = NULL;
	int rc = -1;

	if (len == 0 || len > OCSP_ANSWER_MAX)
		return malformed(err, "no answer, or too long");
	whole = d2i_OCSP_RESPONSE(NULL, &at, (long)len);
	if (whole == NULL || at != (const unsigned char *)response + len)
		malformed(err, "no answer of RFC 6960");
	else if (OCSP_response_status(whole) != OCSP_RESPONSE_STATUS_SUCCESSFUL)
		malformed(err, "the responder refused");
	else if ((basic = OCSP_response_get1_basic(whole)) == NULL)
		malformed(err, "not a basic answer");
	else
		rc = check(basic, cert, issuer, nonce, at_ms, &found, err);
	OCSP_BASICRESP_free(basic);
	OCSP_RESPONSE_free(whole);
	ERR_clear_error();
	if (rc == 0)
		*ret_revocation = found;
	return rc;
}
