/*
 * What people.c (persons, tokens, the life of a request) and people_login.c
 * (sessions) share.
 */
#ifndef ROLE_PEOPLE_INTERNAL_H
#define ROLE_PEOPLE_INTERNAL_H

#include "base/bytes.h"
#include "base/error.h"
#include "role/message.h"
#include "role/people/people.h"
#include "role/people/people_rows.h"
#include "role/spool/group.h"

struct config;
struct json_document;
struct json_value;
struct json_writer;

enum { PEOPLE_SECRET_LEN = 32 };

/* One request, until it is answered. */
struct people_op {
	struct group_op op; /* first: the group hands it back */
	struct spool *spool;
	struct peer *peer;
	uint32_t id;
	int (*act)(struct people_op *op, struct error *err);
	struct message_request request; /* its blobs are gone */
	struct json_document *body;
	int64_t row; /* of the person or token that the path names */

	/* The answer. */
	uint16_t status;
	struct bytes json;
	struct bytes headers;
	struct error refusal; /* though something was written */
};

struct rows *people_rows(const struct people_op *op);
int64_t people_now(const struct people_op *op);
const struct config *people_config(const struct people_op *op);

/* A member of the body; NULL when it is not there. */
const struct json_value *people_member(const struct people_op *op,
    const char *name);

/*
 * `len` random bytes (PEOPLE_SECRET_LEN at most) in hex behind `prefix`, and
 * the digest of that text.
 */
int people_make_secret(const char *prefix, size_t len, char *to, size_t size,
    struct digest *ret_hash, struct error *err) MUST_CHECK;

/* One more field of the answer. */
void people_put_header(struct people_op *op, const char *name,
    const char *value);

/*
 * Members of the body: E6418 for what is not as it must be (people_bad()),
 * E6414 for an organisation without keys here, E6403 for another's.
 */
int people_bad(struct error *err, const char *name, const char *what);
int people_read_name(const struct people_op *op, char to[PEOPLE_NAME_SIZE],
    struct error *err) MUST_CHECK;
int people_read_organisation(const struct people_op *op,
    struct org_code *ret_code, struct error *err) MUST_CHECK;
int people_read_number(const struct people_op *op, const char *name,
    int64_t max, int64_t otherwise, int64_t *ret_number,
    struct error *err) MUST_CHECK;

/* The body of a person. */
void people_write_person(const struct person *person,
    struct json_writer *writer);

/* The one that the path names; of another organisation it is not there. */
int people_find_person(const struct people_op *op, struct person *ret_person,
    struct error *err) MUST_CHECK;

/* The member "unit", an open one of the organisation, or "" without; E6711. */
int people_read_unit(const struct people_op *op,
    const struct org_code *organisation, char to[PEOPLE_UNIT_SIZE],
    struct error *err) MUST_CHECK;

/* POST /v1/units, /v1/units/{}:close and :open, /v1/persons/{}:unit. */
int people_add_unit(struct people_op *op, struct error *err) MUST_CHECK;
int people_close_unit(struct people_op *op, struct error *err) MUST_CHECK;
int people_open_unit(struct people_op *op, struct error *err) MUST_CHECK;
int people_set_unit(struct people_op *op, struct error *err) MUST_CHECK;

/* POST /v1/persons/{}:role; E6920. */
int people_set_role(struct people_op *op, struct error *err) MUST_CHECK;

/* POST /v1/deputies, /v1/deputies/{}:end, /v1/session:act. */
int people_name_deputy(struct people_op *op, struct error *err) MUST_CHECK;
int people_end_deputy(struct people_op *op, struct error *err) MUST_CHECK;
int people_act_for(struct people_op *op, struct error *err) MUST_CHECK;

/* POST /v1/tokens and /v1/tokens/{}:revoke. */
int people_add_token(struct people_op *op, struct error *err) MUST_CHECK;
int people_revoke_token(struct people_op *op, struct error *err) MUST_CHECK;

/* POST /v1/session and /v1/session:end. */
int people_log_in(struct people_op *op, struct error *err) MUST_CHECK;
int people_log_out(struct people_op *op, struct error *err) MUST_CHECK;

#endif
