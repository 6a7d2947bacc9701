/*
 * The crypto module as one: its state, what it proved of itself, and the
 * program that it runs as (docs/crypto-module.md).  A module that is not ready
 * signs and opens nothing.
 */
#ifndef ROLE_KEEPER_MODULE_H
#define ROLE_KEEPER_MODULE_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/error.h"
#include "crypto/known_answers.h"
#include "model/digest.h"
#include "role/codec.h"

struct config;
struct keeper_keys;

enum keeper_state {
	KEEPER_READY,
	KEEPER_WAITS,  /* for a release bulletin that names this program */
	KEEPER_FAILED, /* a self-test failed: until the next start */
	KEEPER_ZEROISED,
	KEEPER_STATE_COUNT
};

/* By what the program was found to be the one that was released. */
enum keeper_integrity {
	KEEPER_UNCHECKED,   /* nothing names it */
	KEEPER_BY_MANIFEST, /* PROGRAM.sha256 beside it, of its build */
	KEEPER_BY_RELEASE,  /* the release bulletin in force */
	KEEPER_DIFFERS,     /* it is another one */
	KEEPER_INTEGRITY_COUNT
};

struct keeper_module {
	enum keeper_state state;
	struct error failure; /* why it has failed */
	bool has_passed[KNOWN_ANSWER_COUNT];
	enum keeper_integrity integrity;
	struct digest program; /* the file that runs; zeros if unreadable */
	bool is_required;      /* [module] integrity = require */
	int wrong;             /* [test] wrong_answer, or -1 */
	uint64_t uses_max;     /* of one key since the start; 0: no limit */
};

/* "ready", "release" ... */
const char *keeper_state_name(enum keeper_state state);
const char *keeper_integrity_name(enum keeper_integrity integrity);

/*
 * Read the running program and its manifest: before the sandbox closes.  Never
 * fails: what is wrong is the module's state.
 */
void keeper_module_open(struct keeper_module *module,
    const struct config *config);

/*
 * All known answers, and each key with its certificate.  After a failure the
 * module has failed, whatever it was before.
 */
void keeper_module_test(struct keeper_module *module,
    const struct keeper_keys *keys);

/* It cannot be used: the first reason is the one that is told. */
void keeper_module_fail(struct keeper_module *module, const struct error *why);

/*
 * Digests of programs, one behind another, that the release bulletin in force
 * names.  `is_ours`: it is of the version that runs, so another program than
 * these is no release.
 */
void keeper_module_release(struct keeper_module *module,
    const struct blob *digests, bool is_ours);

/*
 * 0 when it is ready; E3621 (failed; of a token E3731 to E3734), E3622 (waits), E3623 (zeroised).
 */
int keeper_module_check(const struct keeper_module *module,
    struct error *err) MUST_CHECK;

#endif
