/*
 * What the files evidence_check*.c share.
 */
#ifndef CLI_EVIDENCE_CHECK_INTERNAL_H
#define CLI_EVIDENCE_CHECK_INTERNAL_H

#include "base/attr.h"
#include "cli/evidence_check.h"

struct error;
struct offline;

struct checking {
	const struct evidence_terms *terms;
	struct evidence evidence;
	struct offline *offline;
	struct evidence_verdict *verdict;
	struct digest entries[EVIDENCE_RECEIPTS_MAX]; /* log leaf hashes */
	struct digest remotes[EVIDENCE_RECEIPTS_MAX]; /* that they repeat */
};

/* Steps and times of the events make one story (E3504). */
int evidence_check_order(const struct checking *checking,
    struct error *err) MUST_CHECK;

/* Names of bulletins and certificates say what they are (E3501, E3506). */
int evidence_check_bulletins(const struct checking *checking,
    struct error *err) MUST_CHECK;
int evidence_check_certificates(const struct checking *checking,
    struct error *err) MUST_CHECK;

#endif
