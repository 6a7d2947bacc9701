/*
 * The files of a key ceremony: read with a limit, since they come on a stick;
 * written once, never over something.
 */
#ifndef CLI_TRUST_FILES_H
#define CLI_TRUST_FILES_H

#include <stdbool.h>
#include <stddef.h>

#include "base/attr.h"

struct bulletin;
struct bytes;
struct cert;
struct cli;
struct draft;
struct error;
struct key;

/* Append the whole file; ERROR_MALFORMED beyond `max` bytes. */
int trust_read(const char *path, size_t max, struct bytes *to,
    struct error *err) MUST_CHECK;

/* Make a new file of mode 0600, durably; ERROR_EXISTS. */
int trust_write(const char *path, const void *data, size_t len,
    struct error *err) MUST_CHECK;

/* The certificate that stands in a PEM file, alone or beside a key. */
int trust_read_cert(const char *path, struct cert **ret_cert,
    struct error *err) MUST_CHECK;

/*
 * Key and certificate of a holder.  If the key is locked the passphrase comes
 * from --passphrase-file, else from the terminal.  ERROR_UNTRUSTED when they
 * do not belong together.
 */
int trust_read_holder(const struct cli *cli, const char *path,
    struct key **ret_key, struct cert **ret_cert, struct error *err) MUST_CHECK;

int trust_read_draft(const char *path, struct draft *ret_draft,
    struct error *err) MUST_CHECK;

/*
 * A bulletin as it is published: its signatures hold, whose they are is not
 * asked.
 */
int trust_parse_bulletin(const void *data, size_t len,
    struct bulletin *ret_bulletin, struct error *err) MUST_CHECK;

/*
 * A passphrase, without the end of its line; wipe it.  From the file of
 * --passphrase-file, else from the terminal without showing it, twice for a
 * new one.
 */
enum { TRUST_PASSPHRASE_SIZE = 256, TRUST_PASSPHRASE_MIN = 12 };
int trust_read_passphrase(const struct cli *cli, bool is_new,
    char to[TRUST_PASSPHRASE_SIZE], struct error *err) MUST_CHECK;

/* One line from the terminal, or standard input; shown as it is typed. */
int trust_ask(const struct cli *cli, const char *question, char *to,
    size_t size, struct error *err) MUST_CHECK;

#endif
