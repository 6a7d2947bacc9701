/* What the commands of the receiving desk share. */
#ifndef CLI_DESK_DESK_ASK_H
#define CLI_DESK_DESK_ASK_H

#include "base/attr.h"
#include "cli/answer.h"

struct cli;
struct error;

typedef void (*desk_put_fn)(const struct cli *cli,
    const struct json_value *root, struct bytes *to);

/* POST `body`; the text is ended here. */
int desk_post(struct answer *answer, const char *target, struct bytes *body,
    struct error *err) MUST_CHECK;

/* What came back: as JSON with --json, else by `put`. */
int desk_show(const struct answer *answer, desk_put_fn put,
    struct error *err) MUST_CHECK;

/*
 * POST `target` with "letters" from the command's arguments, and whatever
 * `rest` (members with commas before them, or "") says; shows what came of
 * each.  ERROR_EXISTS (E6707) when some failed.
 */
int desk_post_letters(struct cli *cli, const char *target, const char *rest,
    struct error *err) MUST_CHECK;

#endif
