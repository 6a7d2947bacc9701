/*
 * What a keeper proves of its keys before it serves: that each belongs to its
 * certificate (the pairwise test of FIPS 140-3 for keys that are made).
 */
#ifndef ROLE_KEEPER_SELFTEST_H
#define ROLE_KEEPER_SELFTEST_H

#include "base/attr.h"

struct error;
struct keeper_keys;

/*
 * Every key with its certificate: sign and verify; for a seal key, seal and
 * open.  ERROR_SYSTEM E3309 names what failed: a keeper that fails must not
 * serve.
 */
int keeper_selftest(const struct keeper_keys *keys,
    struct error *err) MUST_CHECK;

#endif
