/*
 * What a keeper proves of itself before it serves: known answers of the
 * algorithms, and that each key belongs to its certificate.
 */
#ifndef ROLE_KEEPER_SELFTEST_H
#define ROLE_KEEPER_SELFTEST_H

#include "base/attr.h"

struct error;
struct keeper_keys;

/*
 * SHA-256 and AES-256-GCM with HKDF against known answers; then every key with
 * its certificate: sign and verify; for a seal key, seal and open.
 * ERROR_SYSTEM E3309 names what failed: a keeper that fails must not serve.
 */
int keeper_selftest(const struct keeper_keys *keys,
    struct error *err) MUST_CHECK;

#endif
