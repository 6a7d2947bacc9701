/*
 * Lay out the demo network in a folder: keys, bulletins, configurations.
 *
 *   DIR/HOST.conf          configuration of each host
 *   DIR/HOST/              its data folder
 *   DIR/HOST.keys/NAME.pem its keys: tls, module, log, sign.CODE, seal.CODE ...
 *   DIR/officers/NAME.pem  keys of the roles that sign bulletins
 *   DIR/bulletins/N-NAME   the first bulletins, in an order that can be taken
 */
#ifndef DEMO_DEMO_SETUP_H
#define DEMO_DEMO_SETUP_H

#include <stdint.h>

#include "base/attr.h"

struct error;

struct demo_options {
	const char *folder; /* absolute; must not exist or be empty */
	int64_t now_ms;
	int64_t valid_ms; /* of certificates; 0: DEMO_VALID_MS */
	const char *keys; /* folder of a network whose organisations' keys are
			     taken; NULL: new ones, which take longest */
	const char
	    *extra; /* INI text that goes into every host.conf.d, or NULL */
};

/*
 * Fails with ERROR_EXISTS when something of it is there already.  A folder
 * that could not be finished is left for the caller to remove.
 */
int demo_setup(const struct demo_options *options,
    struct error *err) MUST_CHECK;

#endif
