/*
 * Tokens of time-stamping authorities, which the root names.
 */
#include "role/verifier/verify.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/root.h"
#include "crypto/cert.h"
#include "crypto/time_token.h"

static int
check_by(const struct root_stamper *stamper, const struct blob *token,
    const struct digest *digest, uint64_t nonce, struct time_token *ret_found,
    struct error *err)
{
	struct cert *authority = NULL;
	int rc = -1;

	if (cert_parse(stamper->certificate.data, stamper->certificate.len,
		&authority, err) == 0)
		rc = time_token_check(token->data, token->len, digest, nonce,
		    authority, ret_found, err);
	cert_free(authority);
	if (rc == 0 && !root_stamper_counts(stamper, ret_found->time))
		return error_set_id(err, "E3603", ERROR_UNTRUSTED,
		    "the root ends the trust in %s before that time",
		    stamper->name);
	return rc;
}

int
verify_token(const struct root *root, const struct blob *token,
    const struct digest *digest, uint64_t nonce,
    struct message_stamp *ret_stamp, struct error *err)
{
	struct time_token found;

	if (root == NULL || root->stamper_count == 0)
		return error_set_id(err, "E3603", ERROR_UNTRUSTED,
		    "the root names no time-stamping authority");
	for (size_t i = 0; i < root->stamper_count; i++) {
		struct error why = { 0 };

		if (check_by(&root->stampers[i], token, digest, nonce, &found,
			&why) == 0) {
			*ret_stamp = (struct message_stamp){ .time = found.time,
				.token = *token };
			text_copy(ret_stamp->authority,
			    sizeof(ret_stamp->authority),
			    root->stampers[i].name);
			return 0;
		}
		*err = why;
		/* Another authority may have signed it; all else is final. */
		if (!text_equal(why.id, "E3603"))
			return -1;
	}
	return -1;
}

int
verify_stamp(const struct root *root,
    const struct message_verify_stamp *request, struct message_stamp *ret_stamp,
    struct error *err)
{
	struct blob token;

	if (time_token_take(request->response.data, request->response.len,
		&token.data, &token.len, err) < 0)
		return -1;
	return verify_token(root, &token, &request->digest, request->nonce,
	    ret_stamp, err);
}
