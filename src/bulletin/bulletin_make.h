/*
 * Make bulletins: management publishes with it, demo and tests too.
 */
#ifndef BULLETIN_BULLETIN_MAKE_H
#define BULLETIN_BULLETIN_MAKE_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "bulletin/bulletin.h"

struct error;
struct json_writer;
struct signer;

/* The header of a bulletin to be made; texts are borrowed. */
struct bulletin_draft {
	const char *environment;
	enum bulletin_type type;
	const char *name; /* the center for access lists, else "" */
	uint64_t serial;
	int64_t issued_ms;
	int64_t expires_ms;
	const struct digest *previous; /* of serial - 1; NULL for serial 1 */
};

/* Write the members of the body; its object has been begun. */
typedef void (*bulletin_body_fn)(void *context, struct json_writer *writer);

/*
 * Append the JSON: the bytes that the officers see, and sign.  It is read back
 * as every host will: ERROR_MALFORMED E7001 before anything is signed.
 */
int bulletin_format(const struct bulletin_draft *draft, bulletin_body_fn body,
    void *context, struct bytes *to, struct error *err) MUST_CHECK;

/* The draft of the bulletin that follows `before`. */
struct bulletin_draft bulletin_successor(const struct bulletin *before,
    int64_t issued_ms, int64_t expires_ms);

/* Append the CMS of all `signers` over the JSON. */
int bulletin_sign(const void *json, size_t len, const struct signer *signers,
    size_t count, int64_t now_ms, struct bytes *to,
    struct error *err) MUST_CHECK;

#endif
