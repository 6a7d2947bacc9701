/*
 * What the files token_library.c and token_use.c share: the types of PKCS #11
 * stay here.
 */
#ifndef TOKEN_TOKEN_LIBRARY_INTERNAL_H
#define TOKEN_TOKEN_LIBRARY_INTERNAL_H

#include <p11-kit/pkcs11.h>

#include "token/token_library.h"

/* How it went, and the library's word for it. */
struct token_outcome {
	enum token_status status;
	CK_RV code;
};

struct token_outcome token_outcome(enum token_status status, CK_RV code);

/* What an answer of the library means for who asked. */
struct token_outcome token_judge(CK_RV code);

CK_ATTRIBUTE token_attribute(CK_ATTRIBUTE_TYPE type, const void *value,
    size_t len);

CK_FUNCTION_LIST *token_api(const struct token_library *library);

/* Readers that were plugged in again are seen by a library that starts anew. */
void token_library_restart(struct token_worker *worker,
    struct token_library *library);

struct token_outcome token_log_in(CK_FUNCTION_LIST *api,
    CK_SESSION_HANDLE session, CK_USER_TYPE user, const char *pin);

/* Unless it is open: find its library, its token, and itself. */
struct token_outcome token_key_open(struct token_worker *worker, size_t at);

/* Append the certificate of a key that is open. */
struct token_outcome token_certificate_read(const struct token_session *key,
    const struct token_uri *uri, struct bytes *to);

/* The same without the PIN: one that is wrong is not tried for it. */
struct token_outcome token_certificate_look(struct token_worker *worker,
    size_t at, struct bytes *output);

#endif
