/*
 * The log of a center's data folder, audited with the keys that the bulletins
 * in the same folder name; these are believed from the pinned root on.
 */
#ifndef CLI_LOG_AUDIT_H
#define CLI_LOG_AUDIT_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "store/leaves_audit.h"

struct error;

struct log_audit_terms {
	const char *folder; /* of the data, or a copy of it */
	const char *center; /* its name */
	bool is_management; /* it is a management host, and no center */
	const char *root;   /* digest of the first root, 64 hex digits */
	const char *environment;
	/* Files with checkpoints that others kept. */
	char *const *kept;
	int kept_count;
	int64_t now;
	void (*tell)(void *ctx, const struct leaves_finding *finding);
	void *ctx;
};

/*
 * As leaves_audit().  Fails besides with ERROR_NOT_FOUND (E3405) when no
 * bulletin names a log key of the center, with what offline_open_parts() refuses,
 * and with E5021 for a kept checkpoint that the log did not sign.
 */
int log_audit(const struct log_audit_terms *terms,
    struct leaves_summary *ret_summary, struct error *err) MUST_CHECK;

#endif
