/* What the commands of the receiving desk share. */
#ifndef CLI_DESK_DESK_ASK_H
#define CLI_DESK_DESK_ASK_H

#include "base/attr.h"
#include "cli/answer.h"

struct cli;
struct error;

/*
 * POST `target` with "letters" from the command's arguments, and whatever
 * `rest` (members with commas before them, or "") says; shows what came of
 * each.  ERROR_EXISTS (E6707) when some failed.
 */
int desk_post_letters(struct cli *cli, const char *target, const char *rest,
    struct error *err) MUST_CHECK;

#endif
