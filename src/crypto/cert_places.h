/*
 * Where a certificate says that its revocation can be asked: responders of its
 * authority (authority information access) and lists (CRL distribution points),
 * RFC 5280 4.2.1.13 and 4.2.2.1.  Nobody asks there because a certificate says
 * so: what may be asked is for the configuration to allow.
 */
#ifndef CRYPTO_CERT_PLACES_H
#define CRYPTO_CERT_PLACES_H

#include <stddef.h>

struct cert;

enum { CERT_PLACES_MAX = 8, CERT_PLACE_SIZE = 512 };

/* URLs of http and https; others, and longer ones, are left out. */
struct cert_places {
	char ocsp[CERT_PLACES_MAX][CERT_PLACE_SIZE];
	size_t ocsp_count;
	char crl[CERT_PLACES_MAX][CERT_PLACE_SIZE];
	size_t crl_count;
};

void cert_places(const struct cert *cert, struct cert_places *ret_places);

#endif
