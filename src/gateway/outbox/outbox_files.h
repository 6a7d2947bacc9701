/*
 * Files of a letter or of a draft (sending/desk_draft.h) on their way into the
 * store.
 */
#ifndef GATEWAY_OUTBOX_FILES_H
#define GATEWAY_OUTBOX_FILES_H

#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "document/document.h"
#include "model/digest.h"
#include "role/message.h"

struct error;
struct spool;
struct upload;

struct outbox_file {
	char name[MESSAGE_FILE_NAME_SIZE];
	enum document_input_kind kind;
	struct upload *upload; /* until it is stored */
	uint64_t payload;
	uint64_t len;
	struct digest digest; /* before it is stored: wanted, or zeros */
	uint32_t crc32;
};

/* Start it as `{ 0 }`; release it with outbox_files_free(). */
struct outbox_files {
	struct outbox_file *list;
	size_t count;
	uint64_t size; /* of all */
};

void outbox_files_free(struct outbox_files *files);

/*
 * Take the uploads of a list of struct message_file; those of a request that
 * is refused as well, since what is not taken stays for good.  E4205 for none
 * or too many, E3202 for one name twice.
 */
int outbox_files_take(const struct spool *spool, struct blob list,
    struct outbox_files *files, struct error *err) MUST_CHECK;

/*
 * Put them into the store's open group: payloads and digests are set.  What
 * was stored by then stays after a failure, for outbox_files_remove().
 */
int outbox_files_store(struct outbox_files *files,
    struct error *err) MUST_CHECK;

/* Remove what was stored of them, in the same group. */
int outbox_files_remove(const struct spool *spool,
    const struct outbox_files *files, struct error *err) MUST_CHECK;

/* The change that stored them fails. */
void outbox_files_undo(const struct spool *spool,
    const struct outbox_files *files);

/* Over names, lengths and digests (outbox_plan_digest()). */
int outbox_files_digest(const struct outbox_files *files,
    struct digest *ret_digest, struct error *err) MUST_CHECK;

#endif
