/*
 * Certificates of crypto modules: bound to a host and to the organisations that
 * send there (R5.1.6).
 */
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/cert.h"
#include "crypto/issue.h"
#include "crypto/p256.h"
#include "role/keeper/keeper_internal.h"

/* The attribute that names the organisations: an arc of a UUID (X.667). */
static const char codes_oid[] = "2.25.83888904522889629704966870513600048145";

static int
refuse(struct error *err, const char *why)
{
	return error_set_id(err, "E3626", ERROR_MALFORMED,
	    "no certificate of a crypto module: %s", why);
}

static bool
is_good_text(const char *text, const char *allowed)
{
	return text[0] != '\0' && strspn(text, allowed) == strlen(text);
}

int
keeper_issue(struct keeper *keeper, const struct message_issue *request,
    struct bytes *certificate, struct error *err)
{
	struct keeper_key *issuer = keeper_keys_find(&keeper->keys, "issuer");
	struct issue_request asked = { .kind = ISSUE_SIGN,
		.country = "TW",
		.unit = "crypto module",
		.directory_oid = codes_oid,
		.directory_text = request->codes,
		.common_name = request->host,
		.not_before_at = request->not_before_at,
		.not_after_at = request->not_after_at };
	struct bytes spki = { 0 };
	struct cert *cert = NULL;
	const uint8_t *der;
	size_t len;
	int rc;

	if (keeper_module_check(&keeper->module, err) < 0)
		return -1;
	if (issuer == NULL)
		return error_set_id(err, "E3301", ERROR_NOT_FOUND,
		    "no key issuer is configured");
	if (!is_good_text(request->host,
		"abcdefghijklmnopqrstuvwxyz0123456789-") ||
	    !is_good_text(request->codes,
		"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789 "))
		return refuse(err, "host or organisations");
	if (request->public_key.len != P256_POINT_LEN ||
	    request->public_key.data[0] != P256_UNCOMPRESSED)
		return refuse(err, "the key is no point on P-256");
	if (keeper_count_use(keeper, issuer, err) < 0)
		return -1;
	p256_put_spki(request->public_key.data, &spki);
	rc = bytes_failed(&spki, err);
	if (rc == 0)
		rc = issue_cert(&asked, spki.data, spki.len, issuer->cert,
		    issuer->key, &cert, err);
	bytes_free(&spki);
	if (rc < 0)
		return -1;
	der = cert_der(cert, &len);
	bytes_put(certificate, der, len);
	cert_free(cert);
	return bytes_failed(certificate, err);
}
