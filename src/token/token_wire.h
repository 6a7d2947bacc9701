/*
 * What is said between a keeper and the copy of it that has the token's
 * library (token_keys.h).  The library is somebody else's code: what comes back
 * is read as bytes from outside.
 */
#ifndef TOKEN_TOKEN_WIRE_H
#define TOKEN_TOKEN_WIRE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct bytes;
struct error;

enum {
	TOKEN_INPUT_MAX = 8192,    /* Ed25519 signs texts, all else digests */
	TOKEN_OUTPUT_MAX = 16384,  /* a certificate */
	TOKEN_MESSAGE_MAX = 20000, /* a request or reply */
};

enum token_op {
	TOKEN_LOOK, /* the certificate, without the PIN: of what is not open */
	TOKEN_OPEN, /* the certificate */
	TOKEN_SIGN, /* what the mechanism of the kind of key takes */
	TOKEN_DECRYPT, /* RSAES-OAEP with SHA-256 */
	TOKEN_DERIVE,  /* ECDH with a point: the shared secret */
	TOKEN_OP_COUNT
};

enum token_status {
	TOKEN_GOOD,
	TOKEN_GONE,    /* it is not there, or does not answer; may come back */
	TOKEN_PIN,     /* it refuses the PIN: nobody tries that twice */
	TOKEN_MISSING, /* it has no such key, or no certificate of it */
	TOKEN_REFUSED, /* it does not do this */
	TOKEN_STATUS_COUNT
};

struct token_request {
	uint32_t number; /* the reply has the same */
	enum token_op op;
	uint16_t key;         /* as the keeper was configured */
	const uint8_t *input; /* borrowed */
	size_t input_len;
};

struct token_reply {
	uint32_t number; /* 0: of none, the library's process went */
	enum token_status status;
	uint32_t code;         /* CK_RV, 0 when it is no word of the library */
	const uint8_t *output; /* borrowed */
	size_t output_len;
};

void token_request_put(const struct token_request *request, struct bytes *to);
void token_reply_put(const struct token_reply *reply, struct bytes *to);

/* ERROR_MALFORMED. */
int token_request_read(const void *data, size_t len,
    struct token_request *ret_request, struct error *err) MUST_CHECK;
int token_reply_read(const void *data, size_t len,
    struct token_reply *ret_reply, struct error *err) MUST_CHECK;

#endif
