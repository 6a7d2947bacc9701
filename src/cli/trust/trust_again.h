/*
 * After a key was replaced: what it signed stays in use where it is, but a new
 * host refuses it, so whoever may now signs the newest of each type once more.
 */
#ifndef CLI_TRUST_AGAIN_H
#define CLI_TRUST_AGAIN_H

#include "base/attr.h"

struct cli;
struct error;

/*
 * Say which bulletins in force have too few signers left by the root of the
 * draft `path`.  With --again a draft of the successor of each, which says the
 * same, is written into that folder, to be signed together with the root and
 * published after it.
 */
int trust_again(const struct cli *cli, const char *path,
    struct error *err) MUST_CHECK;

#endif
