#include "role/verifier/verify.h"

#include "base/error.h"
#include "base/text.h"
#include "crypto/cert_cache.h"
#include "crypto/sha256.h"
#include "crypto/signed.h"
#include "crypto/trust.h"

int
verify_signer(const struct verify_context *context, const struct signed_by *by,
    struct error *err)
{
	const struct cert *cert;
	struct error at_once = { 0 };

	if (context->trust == NULL)
		return 0;
	if (cert_cache_get(context->certs, by->cert, by->cert_len, &cert, err) <
	    0)
		return -1;
	if (trust_check(context->trust, cert, context->now, &at_once) == 0)
		return 0;
	if (context->stated_at != 0 && text_equal(at_once.id, "E3003"))
		return trust_check(context->trust, cert, context->stated_at,
		    err);
	*err = at_once;
	return -1;
}

static int
check(const struct verify_context *context,
    const struct message_verify_signed *request, struct signed_object *object,
    struct error *err)
{
	struct digest content;

	if (request->content.len == 0)
		return signed_verify(context->certs, request->cms.data,
		    request->cms.len, request->signers_max, object, err);
	sha256(request->content.data, request->content.len, &content);
	return signed_verify_detached(context->certs, request->cms.data,
	    request->cms.len, &content, request->signers_max, object, err);
}

int
verify_signed(const struct verify_context *context,
    const struct message_verify_signed *request,
    struct message_signed *ret_signed, struct bytes *content,
    struct bytes *signers, struct error *err)
{
	struct signed_object object;

	if (request->signers_max == 0 ||
	    request->signers_max > SIGNED_SIGNERS_MAX)
		return error_set(err, ERROR_MALFORMED, "%u signers",
		    (unsigned)request->signers_max);
	if (check(context, request, &object, err) < 0)
		return -1;
	if (request->signers_max == 1 &&
	    verify_signer(context, &object.by[0], err) < 0)
		return -1;
	bytes_put(content, object.content, object.content_len);
	for (size_t i = 0; i < object.count; i++)
		bytes_put(signers, object.by[i].fingerprint.bytes, DIGEST_LEN);
	if (bytes_failed(content, err) < 0 || bytes_failed(signers, err) < 0)
		return -1;
	ret_signed->content = blob_of_bytes(content);
	ret_signed->signers = blob_of_bytes(signers);
	return 0;
}
