/*
 * Where a key in a token is: a URI of RFC 7512, as far as it is of use here.
 *
 *   pkcs11:token=…;object=…?module-path=/…&pin-source=file:/…
 *
 * Needed: token or serial; object or id; module-path, the library that knows
 * the token; pin-source, a file whose first line is the PIN.  `type` may say
 * that it is the private key.  Everything else is refused, and so is a PIN that
 * stands in the URI itself.
 */
#ifndef TOKEN_TOKEN_URI_H
#define TOKEN_TOKEN_URI_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct error;

enum {
	TOKEN_LABEL_SIZE = 33,  /* 32 characters in the standard */
	TOKEN_SERIAL_SIZE = 17, /* 16 */
	TOKEN_OBJECT_SIZE = 129,
	TOKEN_ID_MAX = 64,
	TOKEN_PATH_SIZE = 512,
};

/* Texts are "" when they are not given. */
struct token_uri {
	char token[TOKEN_LABEL_SIZE];
	char serial[TOKEN_SERIAL_SIZE];
	char object[TOKEN_OBJECT_SIZE];
	uint8_t id[TOKEN_ID_MAX];
	size_t id_len;
	char module_path[TOKEN_PATH_SIZE];
	char pin_path[TOKEN_PATH_SIZE];
};

/* ERROR_MALFORMED E3730. */
int token_uri_parse(const char *text, struct token_uri *ret_uri,
    struct error *err) MUST_CHECK;

#endif
