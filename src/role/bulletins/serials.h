/*
 * Serials of bulletins as hosts tell them to each other (docs/protocol.md 8):
 * in the yizhan-serials of answers, and in the `have` of GET /v1/bulletins.
 */
#ifndef ROLE_SERIALS_H
#define ROLE_SERIALS_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "bulletin/bulletin.h"

struct bytes;
struct digest;
struct error;
struct message_directory;

/* Append "root=1,directory=4,network=2,timestamp=77". */
void serials_put(const struct message_directory *serials, struct bytes *to);

enum { SERIALS_MARK_SIZE = 9 };

/* What a host has of one type and name, as `have` says it. */
struct serials_item {
	uint64_t serial; /* 0 for none */
	/*
	 * How the digest of one begins whose signers a root disowned, since
	 * another one may take its place under the same serial; else "".
	 */
	char mark[SERIALS_MARK_SIZE];
};

/* Append "access/center-a:2" or, with a mark, "rules:3-0123abcd". */
void serials_put_item(enum bulletin_type type, const char *name,
    const struct serials_item *item, struct bytes *to);

/* What a good `have` says of that. */
struct serials_item serials_find_item(const char *have, enum bulletin_type type,
    const char *name);

/* How the digest of a bulletin begins. */
void serials_mark(const struct digest *digest, char to[SERIALS_MARK_SIZE]);

/*
 * Read "root:1,directory:4,access/center-a:2"; what is not named is 0.  Measures
 * count, since they take effect before a timestamp names them; other types are
 * left out: whatever else is published, the timestamp moves with it.
 * ERROR_MALFORMED E6205.
 */
int serials_parse_have(const char *have, struct message_directory *ret_serials,
    struct error *err) MUST_CHECK;

/* The directory's serial in a yizhan-serials; 0 if it names none. */
uint64_t serials_told_directory(const char *told);

/* True if any of `a` is above that of `b`. */
bool serials_is_newer(const struct message_directory *a,
    const struct message_directory *b);

#endif
