/*
 * Serials of bulletins as hosts tell them to each other (docs/protocol.md 8):
 * in the yizhan-serials of answers, and in the `have` of GET /v1/bulletins.
 */
#ifndef ROLE_SERIALS_H
#define ROLE_SERIALS_H

#include <stdbool.h>

#include "base/attr.h"

struct bytes;
struct error;
struct message_directory;

/* Append "root=1,directory=4,network=2,timestamp=77". */
void serials_put(const struct message_directory *serials, struct bytes *to);

/*
 * Read "root:1,directory:4,access/center-a:2"; what is not named is 0.  Measures
 * count, since they take effect before a timestamp names them; other types are
 * left out: whatever else is published, the timestamp moves with it.
 * ERROR_MALFORMED E6205.
 */
int serials_parse_have(const char *have, struct message_directory *ret_serials,
    struct error *err) MUST_CHECK;

/* True if any of `a` is above that of `b`. */
bool serials_is_newer(const struct message_directory *a,
    const struct message_directory *b);

#endif
