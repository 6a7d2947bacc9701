/*
 * Making drafts: from a body, and what is in force before it.
 */
#ifndef CLI_TRUST_DRAFT_H
#define CLI_TRUST_DRAFT_H

#include <stdint.h>

#include "base/attr.h"
#include "bulletin/bulletin_make.h"

struct bulletin;
struct bytes;
struct cli;
struct error;
struct json_writer;

/*
 * The newest of a type and name: from the file of --before or --root if that
 * option is given (`option`), else from the management host of -c.
 * ERROR_NOT_FOUND if the host has none.
 */
int trust_newest(const struct cli *cli, const char *option,
    enum bulletin_type type, const char *name, struct bulletin *ret_bulletin,
    struct error *err) MUST_CHECK;

/* Days that a bulletin lasts: --days, else what is usual for its type. */
int trust_days(const struct cli *cli, enum bulletin_type type, int64_t *ret_ms,
    struct error *err) MUST_CHECK;

/*
 * Write the draft of a bulletin to the file of --to and say what it does.
 * `before` is NULL for serial 1; `root` is NULL for a root; `was`, the entries
 * that a directory changes as they were, is NULL if that is not known.
 */
int trust_write_draft(const struct cli *cli, const struct bulletin_draft *draft,
    bulletin_body_fn body, void *context, const struct bulletin *before,
    const struct bulletin *root, const struct bytes *was,
    struct error *err) MUST_CHECK;

/* A bulletin_body_fn; `context` is the struct root. */
void trust_put_root(void *context, struct json_writer *writer);

#endif
