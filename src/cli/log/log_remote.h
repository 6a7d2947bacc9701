/*
 * The log of another host, audited over the network: its checkpoints and the
 * hashes of its records, as our host's control socket relays them
 * (role/log/log_relay.h), against its keys, its witnesses and what was kept.
 */
#ifndef CLI_LOG_REMOTE_H
#define CLI_LOG_REMOTE_H

#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "cli/log/log_trust.h"
#include "store/leaves_audit.h"

struct error;
struct local;

struct log_remote_terms {
	const struct log_trust_terms *by; /* our host; `name` is the other */
	const struct local *local;
	char *const *kept; /* files with checkpoints */
	int kept_count;
	const char *memory; /* one more, which need not be there; or NULL */
	void (*tell)(void *ctx, const struct leaves_finding *finding);
	void *ctx;
};

/* Free both with bytes_free(). */
struct log_remote_found {
	struct bytes note;   /* the newest checkpoint that witnesses cosigned */
	struct bytes proofs; /* for `yizhan log prove`, one after the other */
	unsigned authorities, quorum; /* who cosigned, and who must */
};

/*
 * 0 also when there are findings.  Fails as log_trust_open() does, with what
 * hosts refuse, with E5021 for a checkpoint that the log did not sign, and with
 * ERROR_DENIED for a log too long to be audited so.
 */
int log_remote_audit(const struct log_remote_terms *terms,
    struct leaves_summary *ret_summary, struct log_remote_found *found,
    struct error *err) MUST_CHECK;

#endif
