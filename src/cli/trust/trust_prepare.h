/*
 * The draft of a bulletin from its body, for commands that make one.
 */
#ifndef CLI_TRUST_PREPARE_H
#define CLI_TRUST_PREPARE_H

#include "base/attr.h"
#include "bulletin/bulletin.h"

struct bytes;
struct cli;
struct error;
struct json_value;
struct json_writer;

/*
 * What is in force, for the draft of its successor: of the file of --before, or
 * of the management host; with --first it stays empty, since no predecessor is
 * the exception that a person must ask for.
 */
int trust_find_before(const struct cli *cli, enum bulletin_type type,
    const char *name, struct bulletin *ret_before,
    struct error *err) MUST_CHECK;

/*
 * Write the draft to the file of --to and say what it does.  `before` has the
 * serial 0 for the first one; `was` are the entries that a directory changes, as
 * they were, or NULL.
 */
int trust_prepare_body(const struct cli *cli, enum bulletin_type type,
    const char *name, const struct json_value *body,
    const struct bulletin *before, const struct bytes *was,
    struct error *err) MUST_CHECK;

/* A bulletin_body_fn: the members of the struct json_value that is its context. */
void trust_write_body(void *context, struct json_writer *writer);

#endif
