/*
 * How a gateway asks for the certificate of its crypto module, as a file that is
 * carried or mailed to management (docs/crypto-module.md), three lines:
 *
 *	{"format":"yizhan-module-request-1", ...}
 *	<HMAC-SHA-256 of that line under the one-time code, hex>
 *	<signature of that line by the new key, base64>
 */
#ifndef ROLE_MODULE_TEXT_H
#define ROLE_MODULE_TEXT_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "bulletin/bulletin.h"
#include "crypto/p256.h"
#include "crypto/secret.h"
#include "model/digest.h"
#include "role/message.h"

struct error;
struct key;

enum {
	MODULE_TEXT_MAX = 8192,
	MODULE_CODE_SIZE = 25, /* "ABCD-EFGH-JKMN-PQRS-TVWX" and a NUL */
};

struct module_text {
	char environment[BULLETIN_ENVIRONMENT_SIZE];
	char host[MESSAGE_HOST_SIZE];
	char codes[MESSAGE_CODES_SIZE]; /* organisations, a blank between */
	struct bytes public_key;        /* P256_POINT_LEN */
	int64_t time_ms;
	struct digest mac;
	/* Of module_text_read(): the first line, borrowed. */
	const uint8_t *json;
	size_t json_len;
};

void module_text_free(struct module_text *text);

/* Append the three lines; the key is the module's new one. */
int module_text_put(const struct module_text *text,
    const struct secret_key *code, const struct key *key, struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * Take it apart and check that the holder of the key signed it; whether the
 * code is right is for who made it.  ERROR_MALFORMED E3627, ERROR_UNTRUSTED
 * E3005.
 */
int module_text_read(const void *data, size_t len, struct module_text *ret_text,
    struct error *err) MUST_CHECK;

/* A fresh code of 100 random bits, to be read aloud. */
int module_code_make(char to[MODULE_CODE_SIZE], struct error *err) MUST_CHECK;

/*
 * What the code authenticates with, however it was typed: case, blanks and
 * hyphens do not matter.  ERROR_MALFORMED E3627 for what is no code.
 */
int module_code_key(const char *code, struct secret_key *ret_key,
    struct error *err) MUST_CHECK;

#endif
