/*
 * The log of a host: what it states becomes a leaf in the transaction of what
 * it speaks of; a checkpoint over each group of them is signed by the keeper
 * and durable before anybody is told (docs/protocol.md 5).  Centers and
 * management keep one each.
 */
#ifndef ROLE_HOST_LOG_H
#define ROLE_HOST_LOG_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "log/note.h"

struct error;
struct host_log;
struct leaves;
struct spool;

/* Start it as `{ 0 }` but for `spool` and `on_checkpoint`. */
struct host_log {
	struct spool *spool;         /* not ours */
	char origin[NOTE_NAME_SIZE]; /* of the checkpoints */
	uint8_t public_key[NOTE_PUBLIC_LEN];
	bool has_public; /* the directory names it */
	bool has_key;    /* and we sign with it */
	/* A newer checkpoint is durable; or NULL. */
	void (*on_checkpoint)(struct host_log *log);

	/* Signed, and not kept yet: over `size` leaves. */
	struct bytes note;
	uint64_t size;
};

/* The certificate of the log's key, DER, as the network bulletin has it. */
void host_log_take_key(struct host_log *log, const void *der, size_t len);

/* Append an entry with a salt of its own, in the store's open group. */
int host_log_append(struct host_log *log, const struct bytes *json,
    uint64_t *ret_entry, struct error *err) MUST_CHECK;

/* For the hooks of the group: sign the checkpoint of the log as it is; keep it.
 */
void host_log_attest(struct host_log *log);
int host_log_keep(struct host_log *log, struct error *err) MUST_CHECK;

/*
 * Write the receipt of an entry as JSON.  ERROR_NOT_FOUND before its group was
 * attested.  Also used by query, over leaves of its own.
 */
int host_log_receipt(struct leaves *leaves, uint64_t entry, struct bytes *to,
    struct error *err) MUST_CHECK;

/* The same by a certain checkpoint, over `size` leaves. */
int host_log_receipt_by(struct leaves *leaves, uint64_t entry, uint64_t size,
    const struct bytes *note, struct bytes *to, struct error *err) MUST_CHECK;

#endif
