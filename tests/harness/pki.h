/*
 * A certification hierarchy for tests: root, sub CA, and certificates of every
 * kind, good ones and broken ones.  What cannot be made ends the test program.
 */
#ifndef HARNESS_PKI_H
#define HARNESS_PKI_H

#include <stdint.h>

#include "crypto/cert.h"
#include "crypto/issue.h"

struct key;

/*
 * 2026-11-22T03:04:05.678Z.  Certificates hold from 2026 to 2030, those of the
 * CAs from 2020 to 2040.
 */
extern const int64_t pki_now;

/* A private key and its certificate. */
struct pki_holder {
	struct key *key;
	struct cert *cert;
};

struct pki {
	struct pki_holder root;
	struct pki_holder sub;
	struct pki_holder foreign; /* a root that nobody trusts */
};

/* Make the CAs, with P-256 keys; release with pki_free(). */
void pki_new(struct pki *ret_pki);
void pki_free(struct pki *pki);

/* Make a key of `key` and a certificate of `kind` for `name` by the sub CA. */
struct pki_holder pki_issue(const struct pki *pki, enum issue_kind kind,
    enum cert_key key, const char *name);

/* The same with all of the request chosen by the test, by `issuer`. */
struct pki_holder pki_issue_as(const struct pki_holder *issuer,
    const struct issue_request *request, enum cert_key key);

/* What pki_issue() asks for: a request for tests to alter. */
struct issue_request pki_request(enum issue_kind kind, const char *name);

/* An RSA key of any length; a key that policy refuses can be made no other
 * way. */
struct pki_holder pki_issue_rsa(const struct pki_holder *issuer,
    const struct issue_request *request, int bits, unsigned exponent);

/*
 * A P-256 key that `issuer` certified for these purposes ("OCSPSigning" as the
 * library's configuration has it; NULL: for any), over these days around pki_now.
 */
struct pki_holder pki_issue_for(const struct pki_holder *issuer,
    const char *purposes, int from_days, int to_days);

void pki_holder_free(struct pki_holder *holder);

#endif
