/*
 * The JSON form of a letter (docs/api.md), which a program or a page fills in,
 * into the model that document/make.h writes.
 *
 * Reading is strict: a member that no field takes, a value of another type or
 * outside its list is a finding (E2175) with the path of the member
 * ("/sections/0/items/1/text").  Blanks at the ends of texts are dropped, and
 * CR LF becomes LF, as XML itself does it.
 */
#ifndef ROLE_LETTER_JSON_H
#define ROLE_LETTER_JSON_H

#include <stddef.h>

#include "base/attr.h"
#include "document/document.h"

struct error;
struct findings;
struct pool;

enum {
	LETTER_JSON_MAX = 4 * 1024 * 1024,
	LETTER_JSON_STEM_MAX = 64, /* bytes of the files' common name */
};

struct letter_json {
	const char *name; /* of the files, without extension: "1" */
	struct document document;
	struct roster *rosters; /* the first one is the document's */
	size_t roster_count;
	const struct doc_message *message; /* or NULL */
};

/*
 * Returns 1, or 0 when findings tell why not, or -1 if memory ran out.  All
 * texts lie in `pool`.
 */
int letter_json_read(const void *data, size_t len, struct pool *pool,
    struct findings *findings, struct letter_json *ret_letter,
    struct error *err) MUST_CHECK;

#endif
