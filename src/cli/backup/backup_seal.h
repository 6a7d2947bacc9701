/*
 * A backup that only the holders of certain keys can read (docs/backup.md,
 * Encrypted; docs/decisions/0024).  Each of its files is a stream of
 * crypto/stream.h, under a key made of the backup's own and the file's name; the
 * backup's key lies beside them for each recipient, in CMS AuthEnvelopedData.
 * Memory is a segment of a stream, whatever the size.
 */
#ifndef CLI_BACKUP_SEAL_H
#define CLI_BACKUP_SEAL_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "crypto/stream.h"

struct cert;
struct error;
struct key;

enum { BACKUP_RECIPIENTS_MAX = 8, BACKUP_SEALED_NAME_SIZE = 64 };

/* The key of one backup, and for whom it is. */
struct backup_key;

/* Is the backup in this folder encrypted. */
bool backup_is_sealed(const char *path);

/* "NAME.sealed" */
void backup_sealed_name(const char *name, char to[BACKUP_SEALED_NAME_SIZE]);

/* True for the name of a file with the backup's key for a recipient. */
bool backup_is_key_name(const char *name);

/*
 * A new key, for the certificates of the PEM file `path`, one or more.
 * Failures: reading them; ERROR_UNTRUSTED (E3002, E3711) for one whose key
 * cannot receive.
 */
int backup_key_new(const char *path, struct backup_key **ret_key,
    struct error *err) MUST_CHECK;
void backup_key_free(struct backup_key *key);

/* Put it into the folder, for each recipient, synced. */
int backup_key_write(const struct backup_key *key, int dir,
    struct error *err) MUST_CHECK;

/*
 * The key of the backup in the folder `path`, by the private key of a
 * recipient.  ERROR_DENIED (E4602) when none of its files is for that key, or
 * the one that is was changed.
 */
int backup_key_open(const char *path, const struct key *own,
    const struct cert *cert, struct backup_key **ret_key,
    struct error *err) MUST_CHECK;

/* Called with each mebibyte that was dealt with; stops by failing. */
typedef int (
    *backup_seal_step_fn)(void *ctx, uint64_t bytes, struct error *err);

/* Encrypt the file `from` as `name` into the empty file `to`, synced. */
int backup_seal_file(const struct backup_key *key, const char *name, int from,
    int to, backup_seal_step_fn step, void *ctx, struct error *err) MUST_CHECK;
int backup_seal_bytes(const struct backup_key *key, const char *name,
    const void *data, size_t len, struct bytes *to,
    struct error *err) MUST_CHECK;

/*
 * Decrypt.  ERROR_UNTRUSTED (E3030) if anything of it was changed, moved, cut or
 * added, or it is another file's; what `sink` got by then counts for nothing.
 */
int backup_open_file(const struct backup_key *key, const char *name, int from,
    stream_sink_fn sink, void *ctx, struct error *err) MUST_CHECK;

#endif
