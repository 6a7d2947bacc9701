/*
 * By what a log is audited: its keys, as the bulletins in a host's data folder
 * name them, which are believed from the pinned root on; and checkpoints of it
 * that others kept.
 */
#ifndef CLI_LOG_TRUST_H
#define CLI_LOG_TRUST_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "log/note.h"
#include "store/leaves_audit.h"

struct error;
struct offline;
struct rows;

enum { LOG_TRUST_BULLETINS = 256, LOG_TRUST_KEYS = 32, LOG_TRUST_KEPT = 64 };

struct log_trust_terms {
	const char *folder; /* of the data of a host, or a copy of it */
	int64_t kinds;      /* of that host */
	const char *name;   /* of the host whose log it is */
	const char *root;   /* digest of the first root, 64 hex digits */
	const char *environment;
	int64_t now;
};

struct log_trust {
	struct rows *rows;                     /* of the folder */
	struct bytes cms[LOG_TRUST_BULLETINS]; /* roots and networks */
	size_t cms_count;
	struct offline *offline;
	struct leaves_log_key keys[LOG_TRUST_KEYS];
	size_t key_count;
	struct note_checkpoint kept[LOG_TRUST_KEPT]; /* by size */
	struct bytes texts[LOG_TRUST_KEPT];          /* of each, the note */
	size_t kept_count;
};

/*
 * ERROR_NOT_FOUND (E3405) when no bulletin names a log key of the host, and what
 * offline_open_parts() refuses.
 */
int log_trust_open(const struct log_trust_terms *terms,
    struct log_trust **ret_trust, struct error *err) MUST_CHECK;
void log_trust_close(struct log_trust *trust);

/*
 * Keep a checkpoint of the log.  ERROR_UNTRUSTED (E5021) for one that the log did
 * not sign.  `ret_checkpoint` may be NULL.
 */
int log_trust_keep(struct log_trust *trust, const void *data, size_t len,
    struct note_checkpoint *ret_checkpoint, struct error *err) MUST_CHECK;
int log_trust_keep_file(struct log_trust *trust, const char *path,
    struct error *err) MUST_CHECK;

#endif
