/*
 * What somebody says about letters of a list: who, and a note.  Who is logged in
 * is who says it, whatever the request names.
 */
#ifndef GATEWAY_REMARK_H
#define GATEWAY_REMARK_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "base/attr.h"
#include "model/id.h"

struct error;
struct json_value;
struct message_request;
struct peer;

enum {
	REMARK_BY_SIZE = 128, /* bytes of a name, with the NUL */
	REMARK_NOTE_SIZE = 512,
	REMARK_LETTERS_MAX = 500, /* of one request */
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

/*
 * A request that says the same of several letters, {"action","reviewer","note"}
 * and their names in `member`: POST /v1/review, POST /v1/lost.
 */
struct remark_form {
	const char *member;
	const char *name;    /* how a letter is named, for people */
	const char *actions; /* what there are, for people */
	bool (*take_action)(void *ctx, const char *action);
	/* The letter at that place, below REMARK_LETTERS_MAX. */
	bool (*take_name)(void *ctx, size_t place, const char *name);
};

/* E6204 for what `form` does not take. */
int remark_read_form(const struct message_request *request,
    const struct remark_form *form, void *ctx, struct remark *ret_remark,
    size_t *ret_count, struct error *err) MUST_CHECK;

/* Answer it with {"`key`":count}, or with the failure. */
void remark_answer(struct peer *peer, uint32_t id, const char *key,
    int64_t count, const struct error *failure);

/*
 * "id/rest": sets `ret_rest`, to NULL without a slash.  False when it does not
 * begin with an id.
 */
bool remark_cut_name(const char *name, struct id *ret_id,
    const char **ret_rest);

#endif
