/*
 * What a person says to the sender when a letter is returned, or with a notice of
 * a mistake (docs/protocol.md 5).  Centers log acts, and must not read letters;
 * words may tell of what is in one.  So the act has their digest, with 32 random
 * bytes before them, and both sealed for the sender's seal key: the signature
 * covers what was said, and whoever has the words and the random bytes can prove
 * it without a key.
 */
#ifndef ENVELOPE_ACT_WORDS_H
#define ENVELOPE_ACT_WORDS_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "envelope/act.h"

struct cert;
struct error;

enum {
	ACT_WORDS_CHARS_MAX = 500,
	ACT_WORDS_SIZE = 1501, /* bytes, with the NUL */
	ACT_WORDS_SALT_LEN = 32
};

/* UTF-8, not too long, nothing that a screen would not show as it is. */
bool act_words_are_good(const char *words);

/*
 * Put them into the act, with 32 random bytes; ERROR_MALFORMED E4504, or as
 * sealed_make().
 */
int act_words_seal(const struct cert *sender,
    const uint8_t salt[ACT_WORDS_SALT_LEN], const char *words, struct act *act,
    struct error *err) MUST_CHECK;

/*
 * What was opened: the salt and the words, if they are those of the digest;
 * ERROR_UNTRUSTED E4504.
 */
int act_words_read(const void *plain, size_t len, const struct digest *digest,
    uint8_t ret_salt[ACT_WORDS_SALT_LEN], char ret_words[ACT_WORDS_SIZE],
    struct error *err) MUST_CHECK;

/* The digest of both, for a proof. */
int act_words_digest(const uint8_t salt[ACT_WORDS_SALT_LEN], const char *words,
    struct digest *ret_digest, struct error *err) MUST_CHECK;

#endif
