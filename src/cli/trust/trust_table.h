/*
 * A table of changes to the directory becomes the body of its next bulletin: by
 * the management host, which has every entry; or here, without --config, from a
 * --before that says the whole of a small directory.
 */
#ifndef CLI_TRUST_TABLE_H
#define CLI_TRUST_TABLE_H

#include "base/attr.h"

struct bulletin;
struct bytes;
struct cli;
struct error;

/*
 * Append the body, and the entries that it changes as they were, a JSON array.
 * `before` is the directory in force; of serial 0 there is none.
 *
 * E3915 when rows cannot be taken: each is printed with line, column, why and
 * what to do, and nothing comes of the others either.
 */
int trust_table_read(const struct cli *cli, const char *path,
    const struct bulletin *before, struct bytes *body, struct bytes *was,
    struct error *err) MUST_CHECK;

/*
 * The same of the certificates that ended three months ago, which the management
 * host takes out: ERROR_NOT_FOUND (E3714) if there is none.
 */
int trust_table_ended(const struct cli *cli, struct bytes *body,
    struct bytes *was, struct error *err) MUST_CHECK;

#endif
