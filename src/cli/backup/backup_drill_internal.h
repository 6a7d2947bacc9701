/*
 * What backup_drill.c and backup_drill_signed.c share.
 */
#ifndef CLI_BACKUP_DRILL_INTERNAL_H
#define CLI_BACKUP_DRILL_INTERNAL_H

#include "cli/backup/backup_drill.h"
#include "cli/host_store.h"

struct drill {
	const struct drill_terms *terms;
	const struct backup_manifest *manifest;
	struct host_store host;
	struct store *store;
	struct drill_counts counts;
};

void drill_tell(struct drill *drill, const char *what, const char *why);

/*
 * Check everything that somebody signed: bulletins from the root on, waybills,
 * the log's records as receipts, and the receipts of others.
 */
int drill_check_signed(struct drill *drill, struct error *err) MUST_CHECK;

#endif
