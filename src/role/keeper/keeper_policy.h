/*
 * What the keeper signs with which key (docs/protocol.md 2): pure decisions
 * over the name of the key and the first bytes of the statement.
 *
 * The keeper parses nothing.  It compares literals in the one order in which
 * this program writes statements, so a role that was taken over can have
 * nothing signed but what such a role signs anyway.
 */
#ifndef ROLE_KEEPER_POLICY_H
#define ROLE_KEEPER_POLICY_H

#include <stdbool.h>

#include "base/attr.h"
#include "role/codec.h"
#include "role/message.h"

struct error;

/* What a key is for, by its name in the configuration. */
enum keeper_use {
	KEEPER_USE_NONE,
	KEEPER_USE_SIGN, /* sign.CODE */
	KEEPER_USE_SEAL, /* seal.CODE, seal.CODE.2 ... */
	KEEPER_USE_MODULE,
	KEEPER_USE_LOG,
	KEEPER_USE_TIMESTAMP,
	KEEPER_USE_WITNESS,
	KEEPER_USE_ISSUER, /* of crypto modules, at management */
};

/* KEEPER_USE_NONE for a name that is no key's. */
enum keeper_use keeper_policy_use(const char *key);

/*
 * May `key` sign `statement` as one of this kind, on a host of `environment`?
 * ERROR_DENIED (E3307) names what did not fit.
 */
int keeper_policy_check(enum keeper_kind kind, const char *key,
    const char *environment, const struct blob *statement,
    struct error *err) MUST_CHECK;

/* For logs: "waybill"; "unknown" for a number that is none. */
const char *keeper_policy_kind_name(unsigned kind);

#endif
