/*
 * Private keys that stay in tokens, used by their PKCS #11 library in a copy of
 * this process (sys/helper.h), since a library needs files, devices or the
 * network, and is somebody else's code.  What it answers is checked: a
 * signature must hold before it is used, a secret must open what it is for.
 *
 * A token that goes makes its own keys fail, and nothing else; when it is back
 * they work again.  A PIN that was refused is not tried again.
 */
#ifndef TOKEN_TOKEN_KEYS_H
#define TOKEN_TOKEN_KEYS_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"

struct cert;
struct error;
struct key;
struct token_place;
struct token_uri;

struct token_keys;

/*
 * Where a key is, and its PIN: the first line of a file that nobody but its
 * owner, and at most its group for reading, may see.  ERROR_MALFORMED E3730
 * (the URI; no line, or one that is too long); ERROR_DENIED E3304.
 */
int token_place_read(const char *uri, struct token_place *ret_place,
    struct error *err) MUST_CHECK;

/*
 * Start the copy for these keys, before the sandbox closes; it becomes `user`
 * when this process is root.  The PINs are then in the copy alone: `places` is
 * overwritten.
 */
int token_keys_start(struct token_place *places, size_t count, const char *user,
    struct token_keys **ret_keys, struct error *err) MUST_CHECK;
void token_keys_stop(struct token_keys *keys);

/*
 * The key of place `at` and its certificate, which stands in the token beside
 * it.  `keys` must outlive the key.  ERROR_BUSY E3731 (the token is not there),
 * ERROR_DENIED E3732 (its PIN is refused), ERROR_NOT_FOUND E3733 (no such key,
 * or no certificate of it); later uses of the key fail so, too, and with
 * ERROR_SYSTEM E3734 when the token does not do what is asked, or does it wrong.
 */
int token_keys_open(struct token_keys *keys, size_t at, struct key **ret_key,
    struct cert **ret_cert, struct error *err) MUST_CHECK;

/*
 * The certificate alone, of one key, as it can be seen without the PIN: nothing
 * is tried that a token counts.  Fails as token_keys_open().
 */
int token_look(const char *uri, struct cert **ret_cert,
    struct error *err) MUST_CHECK;

#endif
