/*
 * Revocation: where a certificate's authority says it may be asked, and what the
 * answer is worth.  The authority must be an anchor of the root.
 */
#include "role/verifier/verify.h"

#include "base/error.h"
#include "bulletin/root.h"
#include "crypto/cert.h"
#include "crypto/cert_places.h"
#include "crypto/crl.h"
#include "crypto/ocsp.h"
#include "crypto/trust.h"

enum { CERTIFICATES_MAX = 256 };

/* The anchor that made it: by name, and by the signature under it. */
static int
find_issuer(const struct root *root, const struct cert *cert,
    struct cert **ret_issuer, struct error *err)
{
	for (size_t i = 0; root != NULL && i < root->anchor_count; i++) {
		struct cert *anchor = NULL;

		if (cert_parse(root->anchors[i].data, root->anchors[i].len,
			&anchor, err) < 0)
			return -1;
		if (trust_is_issuer(anchor, cert)) {
			*ret_issuer = anchor;
			return 0;
		}
		cert_free(anchor);
	}
	return error_set_id(err, "E3004", ERROR_UNTRUSTED,
	    "no anchor of the root made the certificate of %s",
	    cert_info(cert)->subject);
}

static int
open_pair(const struct root *root, const struct blob *der,
    struct cert **ret_cert, struct cert **ret_issuer, struct error *err)
{
	struct cert *cert = NULL;

	if (cert_parse(der->data, der->len, &cert, err) < 0)
		return -1;
	if (find_issuer(root, cert, ret_issuer, err) < 0) {
		cert_free(cert);
		return -1;
	}
	*ret_cert = cert;
	return 0;
}

static void
put_urls(char list[][CERT_PLACE_SIZE], size_t count, struct bytes *to)
{
	for (size_t i = 0; i < count; i++)
		bytes_put_format(to, "%s\n", list[i]);
}

int
verify_status_places(const struct root *root,
    const struct message_status_ask *request, struct bytes *ocsp,
    struct bytes *crl, struct bytes *ask, struct error *err)
{
	struct cert *cert = NULL, *issuer = NULL;
	struct cert_places places;
	int rc;

	if (open_pair(root, &request->certificate, &cert, &issuer, err) < 0)
		return -1;
	cert_places(cert, &places);
	put_urls(places.ocsp, places.ocsp_count, ocsp);
	put_urls(places.crl, places.crl_count, crl);
	rc = ocsp_request(cert, issuer, &request->nonce, ask, err);
	if (rc == 0 &&
	    (bytes_failed(ocsp, err) < 0 || bytes_failed(crl, err) < 0))
		rc = -1;
	cert_free(cert);
	cert_free(issuer);
	return rc;
}

int
verify_revocation(const struct root *root, bool is_list,
    const struct blob *answer, const struct digest *nonce,
    const struct blob *certificate, int64_t at_ms,
    struct revocation *ret_revocation, struct error *err)
{
	struct cert *cert = NULL, *issuer = NULL;
	struct crl crl;
	int rc = -1;

	if (open_pair(root, certificate, &cert, &issuer, err) < 0)
		return -1;
	if (!is_list)
		rc = ocsp_check(answer->data, answer->len, cert, issuer, nonce,
		    at_ms, ret_revocation, err);
	else if (crl_open(answer->data, answer->len, issuer, at_ms, &crl,
		     err) == 0)
		rc = crl_find(&crl, cert, issuer, ret_revocation, err);
	cert_free(cert);
	cert_free(issuer);
	return rc;
}

/* The signature of a long list is checked once for all. */
struct opened {
	struct cert *issuer;
	struct crl crl;
	struct error failure;
};

static int
check_in_list(const struct root *root, const struct message_verify_status *ask,
    int64_t now_ms, struct opened *opened, const struct cert *cert,
    struct revocation *to, struct error *err)
{
	if (opened->issuer == NULL || !trust_is_issuer(opened->issuer, cert)) {
		cert_free(opened->issuer);
		opened->issuer = NULL;
		opened->failure = (struct error){ 0 };
		if (find_issuer(root, cert, &opened->issuer, err) < 0)
			return -1;
		if (crl_open(ask->answer.data, ask->answer.len, opened->issuer,
			now_ms, &opened->crl, &opened->failure) < 0)
			opened->crl = (struct crl){ .entries = NULL };
	}
	if (opened->failure.code != ERROR_NONE) {
		*err = opened->failure;
		return -1;
	}
	return crl_find(&opened->crl, cert, opened->issuer, to, err);
}

static void
put_verdict(const struct revocation *found, const struct error *failure,
    struct bytes *list)
{
	struct message_status_one one = {
		.state = (uint8_t)found->state,
		.reason = (uint8_t)found->reason,
		.revoked_at = found->revoked_at,
		.this_update = found->this_update,
		.next_update = found->next_update,
		.failure = *failure,
	};

	message_list_add(list, MESSAGE_STATUS_ONE, &one);
}

static int
check_one(const struct root *root, const struct message_verify_status *request,
    const struct blob *certificate, int64_t now_ms, struct opened *opened,
    struct revocation *to, struct error *err)
{
	struct cert *cert = NULL;
	int rc;

	if (!request->is_list)
		return verify_revocation(root, false, &request->answer,
		    request->has_nonce ? &request->nonce : NULL, certificate,
		    now_ms, to, err);
	if (cert_parse(certificate->data, certificate->len, &cert, err) < 0)
		return -1;
	rc = check_in_list(root, request, now_ms, opened, cert, to, err);
	cert_free(cert);
	return rc;
}

int
verify_status(const struct root *root,
    const struct message_verify_status *request, int64_t now_ms,
    struct bytes *verdicts, struct error *err)
{
	struct blob list = request->certificates;
	struct opened opened = { .issuer = NULL };
	struct message_status_certificate one;
	size_t count = 0;
	int more;

	while ((more = codec_next(message_fields(MESSAGE_STATUS_CERTIFICATE),
		    &list, &one, err)) > 0) {
		struct revocation found = { .state = REVOCATION_UNKNOWN };
		struct error failure = { 0 };

		if (count++ == CERTIFICATES_MAX) {
			more = error_set(err, ERROR_MALFORMED,
			    "more than %d certificates", CERTIFICATES_MAX);
			break;
		}
		if (check_one(root, request, &one.certificate, now_ms, &opened,
			&found, &failure) < 0)
			found =
			    (struct revocation){ .state = REVOCATION_UNKNOWN };
		put_verdict(&found, &failure, verdicts);
	}
	cert_free(opened.issuer);
	return more < 0 ? -1 : bytes_failed(verdicts, err);
}
