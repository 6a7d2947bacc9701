/*
 * What stands inside a key part (docs/protocol.md 3): the content key and what
 * ties it to one head, one recipient and one package.  Its encryption is
 * crypto/sealed.h.  Secret: wipe structs and buffers, and let the process begin
 * with json_wipe_memory().
 */
#ifndef ENVELOPE_KEYPART_H
#define ENVELOPE_KEYPART_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "crypto/secret.h"
#include "model/digest.h"
#include "model/org.h"

struct bytes;
struct error;

enum { KEYPART_MAX = 1024, KEYPART_RANDOM_LEN = 32, KEYPART_CMS_MAX = 4096 };

struct keypart {
	struct digest head; /* SHA-256 of the head */
	struct org_code recipient;
	struct secret_key key;              /* K: opens the content part */
	uint8_t random[KEYPART_RANDOM_LEN]; /* r: of the commitment */
	struct digest package;              /* SHA-256 of the package */
};

/* Append the JSON; wipe `to` with bytes_wipe(). */
int keypart_encode(const struct keypart *part, struct bytes *to,
    struct error *err) MUST_CHECK;

/* ERROR_MALFORMED (E3103); the text of the error holds nothing secret. */
int keypart_decode(const void *json, size_t len, struct keypart *ret_part,
    struct error *err) MUST_CHECK;

/*
 * SHA-256("yizhan-commitment-1" || 0x00 || r || K || SHA-256(package)): the
 * signed waybill says it, so nobody gets another letter than the others.
 */
struct digest keypart_commitment(const struct keypart *part);

#endif
