#include "crypto/trust.h"

#include <stdbool.h>
#include <stdlib.h>
#include <string.h>

#include <openssl/err.h>
#include <openssl/x509.h>
#include <openssl/x509_vfy.h>

#include "base/error.h"
#include "crypto/cert.h"

enum { VERDICTS = 4096, CHAIN_DEPTH_MAX = 6, SECURITY_LEVEL = 2 };

/* A chain that was found good, and when it is. */
struct verdict {
	struct digest fingerprint;
	int64_t from_at;
	int64_t to_at;
};

struct trust {
	X509_STORE *anchors;
	STACK_OF(X509) * intermediates;
	struct verdict verdicts[VERDICTS]; /* at the fingerprint modulo */
};

int
trust_new(struct trust **ret_trust, struct error *err)
{
	struct trust *trust = calloc(1, sizeof(*trust));

	if (trust == NULL)
		return error_set_memory(err);
	trust->anchors = X509_STORE_new();
	trust->intermediates = sk_X509_new_null();
	if (trust->anchors == NULL || trust->intermediates == NULL) {
		trust_free(trust);
		return error_set_memory(err);
	}
	*ret_trust = trust;
	return 0;
}

void
trust_free(struct trust *trust)
{
	if (trust == NULL)
		return;
	X509_STORE_free(trust->anchors);
	sk_X509_pop_free(trust->intermediates, X509_free);
	free(trust);
}

static int
check_ca(const struct cert *cert, struct error *err)
{
	if (cert_check_policy(cert, err) < 0)
		return -1;
	if (!cert_info(cert)->is_ca)
		return error_set_id(err, "E3004", ERROR_UNTRUSTED,
		    "certificate of %s is not that of a CA",
		    cert_info(cert)->subject);
	return 0;
}

int
trust_add_anchor(struct trust *trust, const struct cert *anchor,
    struct error *err)
{
	if (check_ca(anchor, err) < 0)
		return -1;
	if (X509_STORE_add_cert(trust->anchors, cert_x509(anchor)) != 1)
		return error_set_memory(err);
	memset(trust->verdicts, 0, sizeof(trust->verdicts));
	return 0;
}

int
trust_add_intermediate(struct trust *trust, const struct cert *ca,
    struct error *err)
{
	X509 *x509 = cert_x509(ca);

	if (check_ca(ca, err) < 0)
		return -1;
	if (X509_up_ref(x509) != 1)
		return error_set_memory(err);
	if (sk_X509_push(trust->intermediates, x509) <= 0) {
		X509_free(x509);
		return error_set_memory(err);
	}
	return 0;
}

static struct verdict *
place_of(struct trust *trust, const struct digest *fingerprint)
{
	uint32_t place;

	memcpy(&place, fingerprint->bytes, sizeof(place));
	return &trust->verdicts[place % VERDICTS];
}

static int
explain(X509_STORE_CTX *ctx, const struct cert *cert, struct error *err)
{
	int why = X509_STORE_CTX_get_error(ctx);
	bool dates = why == X509_V_ERR_CERT_HAS_EXPIRED ||
	    why == X509_V_ERR_CERT_NOT_YET_VALID;

	return error_set_id(err, dates ? "E3003" : "E3004", ERROR_UNTRUSTED,
	    "certificate of %s: %s (depth %d)", cert_info(cert)->subject,
	    X509_verify_cert_error_string(why),
	    X509_STORE_CTX_get_error_depth(ctx));
}

/* Keep the verdict for the span in which all of the chain is valid. */
static int
remember(struct trust *trust, const struct cert *cert, X509_STORE_CTX *ctx,
    struct error *err)
{
	STACK_OF(X509) *chain = X509_STORE_CTX_get0_chain(ctx);
	struct verdict verdict = { .fingerprint = *cert_fingerprint(cert),
		.from_at = cert_info(cert)->not_before_at,
		.to_at = cert_info(cert)->not_after_at };

	for (int i = 1; i < sk_X509_num(chain); i++) {
		unsigned char *der = NULL;
		int len = i2d_X509(sk_X509_value(chain, i), &der);
		struct cert *ca = NULL;
		int rc;

		if (len <= 0)
			return error_set_memory(err);
		rc = cert_parse(der, (size_t)len, &ca, err);
		OPENSSL_free(der);
		if (rc < 0)
			return -1;
		if (cert_info(ca)->not_before_at > verdict.from_at)
			verdict.from_at = cert_info(ca)->not_before_at;
		if (cert_info(ca)->not_after_at < verdict.to_at)
			verdict.to_at = cert_info(ca)->not_after_at;
		cert_free(ca);
	}
	*place_of(trust, cert_fingerprint(cert)) = verdict;
	return 0;
}

static int
build_chain(struct trust *trust, const struct cert *cert, int64_t at_ms,
    struct error *err)
{
	X509_STORE_CTX *ctx = X509_STORE_CTX_new();
	X509_VERIFY_PARAM *param;
	int rc = -1;

	if (ctx == NULL ||
	    X509_STORE_CTX_init(ctx, trust->anchors, cert_x509(cert),
		trust->intermediates) != 1) {
		error_set_memory(err);
		goto done;
	}
	param = X509_STORE_CTX_get0_param(ctx);
	X509_VERIFY_PARAM_set_time(param, (time_t)(at_ms / 1000));
	X509_VERIFY_PARAM_set_depth(param, CHAIN_DEPTH_MAX);
	X509_VERIFY_PARAM_set_auth_level(param, SECURITY_LEVEL);
	/* An anchor may be an intermediate CA: the bulletin says so. */
	X509_VERIFY_PARAM_set_flags(param, X509_V_FLAG_PARTIAL_CHAIN);
	if (X509_verify_cert(ctx) != 1) {
		explain(ctx, cert, err);
		goto done;
	}
	rc = remember(trust, cert, ctx, err);
done:
	X509_STORE_CTX_free(ctx);
	ERR_clear_error();
	return rc;
}

int
trust_check(struct trust *trust, const struct cert *cert, int64_t at_ms,
    struct error *err)
{
	const struct verdict *known = place_of(trust, cert_fingerprint(cert));

	if (digest_equal(&known->fingerprint, cert_fingerprint(cert)) &&
	    at_ms >= known->from_at && at_ms <= known->to_at)
		return 0;
	if (cert_check_policy(cert, err) < 0 ||
	    cert_check_dates(cert, at_ms, err) < 0)
		return -1;
	return build_chain(trust, cert, at_ms, err);
}

bool
trust_is_issuer(const struct cert *issuer, const struct cert *cert)
{
	size_t name_len, subject_len;
	const uint8_t *name = cert_issuer_der(cert, &name_len);
	const uint8_t *subject = cert_subject_der(issuer, &subject_len);
	bool is_issuer = cert_info(issuer)->is_ca && name_len == subject_len &&
	    memcmp(name, subject, name_len) == 0 &&
	    X509_verify(cert_x509(cert), cert_pkey(issuer)) == 1;

	ERR_clear_error();
	return is_issuer;
}
