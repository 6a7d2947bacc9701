/*
 * What somebody says about letters of a list: who, and a note.  Who is logged in
 * is who says it, whatever the request names.
 */
#ifndef GATEWAY_REMARK_H
#define GATEWAY_REMARK_H

#include <stdbool.h>

#include "base/attr.h"

struct error;
struct json_value;
struct message_request;

enum {
	REMARK_BY_SIZE = 128, /* bytes of a name, with the NUL */
	REMARK_NOTE_SIZE = 512,
};

struct remark {
	char by[REMARK_BY_SIZE];
	bool is_person; /* logged in; else said at this machine */
	char note[REMARK_NOTE_SIZE];
};

/* `reviewer` and `note` of a request's JSON; E6204. */
int remark_read(const struct message_request *request,
    const struct json_value *root, struct remark *ret_remark,
    struct error *err) MUST_CHECK;

#endif
