/*
 * Chains to the anchors that the root bulletin names.  Being registered in a
 * bulletin is compared elsewhere; this is the other half.
 */
#ifndef CRYPTO_TRUST_H
#define CRYPTO_TRUST_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"

struct cert;
struct error;

struct trust;

int trust_new(struct trust **ret_trust, struct error *err) MUST_CHECK;
void trust_free(struct trust *trust);

/*
 * Trust chains that end in `anchor`, a root or an intermediate CA.  Forgets all
 * verdicts.  ERROR_UNTRUSTED if it is no CA or breaks cert_check_policy().
 */
int trust_add_anchor(struct trust *trust, const struct cert *anchor,
    struct error *err) MUST_CHECK;

/* A CA certificate that may help to build chains but proves nothing. */
int trust_add_intermediate(struct trust *trust, const struct cert *ca,
    struct error *err) MUST_CHECK;

/*
 * Whether a chain leads from `cert` to an anchor, every certificate of it
 * valid at `at_ms` and acceptable by cert_check_policy().  A good verdict is
 * kept by fingerprint with the span of time it holds for.  ERROR_UNTRUSTED
 * (E3003 dates, E3004 chain).
 */
int trust_check(struct trust *trust, const struct cert *cert, int64_t at_ms,
    struct error *err) MUST_CHECK;

/* True if the CA certificate `issuer` made `cert`: by name and signature. */
bool trust_is_issuer(const struct cert *issuer, const struct cert *cert);

#endif
