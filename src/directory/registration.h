/*
 * A request file: what a new host, or one that changes, says of itself, as the
 * entries that the bulletins are to have, signed by its own keys
 * (docs/protocol.md 6.4).  The JSON; the signature is crypto/signed.h.
 */
#ifndef DIRECTORY_REGISTRATION_H
#define DIRECTORY_REGISTRATION_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "directory/directory_entry.h"
#include "model/digest.h"

struct bytes;
struct error;

enum {
	REGISTRATION_MAX = 1 << 20, /* bytes of JSON, and of the file */
	REGISTRATION_ORGS_MAX = 100,
	REGISTRATION_ENVIRONMENT_SIZE = 41,
	REGISTRATION_CODE_SIZE = 20, /* "73KQ-20LD-9XVT-A4ME" */
};

/* Start it as `{ 0 }`; release it with registration_free(). */
struct registration {
	char environment[REGISTRATION_ENVIRONMENT_SIZE];
	int64_t made_ms;
	struct digest proof; /* that the maker knew the one-time code */
	bool has_host;
	struct entry_host host;
	bool has_center;
	struct entry_center center;
	struct entry_org *organisations;
	size_t organisation_count;
};

void registration_free(struct registration *registration);

/* Append the JSON that is to be signed. */
int registration_encode(const struct registration *registration,
    struct bytes *to, struct error *err) MUST_CHECK;

/*
 * Decode it.  ERROR_MALFORMED E7114: also when it names neither host nor
 * center, or both, an organisation twice, or one whose host is another.
 */
int registration_decode(const void *json, size_t len,
    struct registration *ret_registration, struct error *err) MUST_CHECK;

/*
 * Whether all keys that sign (TLS, module, organisations' `sign`) are among the
 * signers: certificate digests, DIGEST_LEN bytes each.  ERROR_UNTRUSTED E7114.
 */
int registration_check_signers(const struct registration *registration,
    const uint8_t *signers, size_t len, struct error *err) MUST_CHECK;

/* What binds a one-time code to the host's first TLS certificate. */
void registration_proof(const char *code,
    const struct registration *registration, struct digest *ret_proof);

/*
 * A one-time code as it is compared: capitals, without blanks and hyphens, O as
 * 0, I and L as 1.  False if it has other characters or another length.
 */
bool registration_code_fold(const char *typed, char to[REGISTRATION_CODE_SIZE]);

#endif
