/*
 * A request of the local API that changes rows of the desk and nothing else:
 * its body is read, the change is made in the next group, and the answer is
 * what the change wrote.
 */
#ifndef GATEWAY_SENDING_ASK_H
#define GATEWAY_SENDING_ASK_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "base/bytes.h"
#include "http/http_path.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "model/org.h"
#include "role/message.h"
#include "role/spool/group.h"

struct config;
struct error;
struct gateway;
struct peer;
struct rows;

enum { SENDING_BODY_MAX = 4 * 1024 * 1024 };

struct sending_ask {
	struct group_op op; /* first: the group hands it back */
	struct gateway *gateway;
	struct peer *peer;
	uint32_t id;

	/* Who asks, as admitted. */
	char actor[MESSAGE_NAME_SIZE]; /* "" at the control socket */
	char scope[ORG_TEXT_SIZE];     /* "": all */
	bool is_person;                /* is logged in */
	int64_t person; /* with whose rights: its row; 0: no person */
	char unit[MESSAGE_UNIT_SIZE]; /* of that person; "": none */
	char match[MESSAGE_MATCH_SIZE];
	bool is_english; /* in which language to answer */

	struct http_target target;
	struct json_document *body; /* an object; {} without one */
	struct bytes raw;           /* of text/csv */

	/* The answer. */
	uint16_t status;  /* 200 */
	const char *type; /* JSON; for another one `json` has the bytes */
	struct bytes json;
	struct json_writer writer;

	/* Within the group; writes the answer. */
	int (*change)(struct sending_ask *ask, struct error *err);
};

/* Take the request up, or refuse it. */
void sending_ask_begin(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request,
    int (*change)(struct sending_ask *ask, struct error *err));

struct rows *sending_ask_rows(const struct sending_ask *ask);
int64_t sending_ask_now(const struct sending_ask *ask);
const struct json_value *sending_ask_member(const struct sending_ask *ask,
    const char *name);

/*
 * Copy the text of a member: characters, none of them a control; "" when it is
 * missing and not `is_needed`.  E6204.
 */
int sending_ask_text(const struct sending_ask *ask, const char *name,
    bool is_needed, char *to, size_t size, struct error *err) MUST_CHECK;

/*
 * Names of files in a parameter, with "/" between them, which no name has: the
 * next one, "" if it is too long for one, or false.  NULL is an empty list.
 */
bool sending_names_next(const char **at, char *to, size_t size);
bool sending_names_have(const char *names, const char *name);

/* The same for a text that stands elsewhere; NULL is "". */
int sending_text(const char *name, const char *text, bool is_needed, char *to,
    size_t size, struct error *err) MUST_CHECK;

/*
 * Whose it is: the member "organisation", else of the caller, else the only one
 * whose keys are here.  E6204, E6403, E6414.
 */
int sending_ask_organisation(const struct sending_ask *ask,
    struct org_code *ret_code, struct error *err) MUST_CHECK;

/* The same for `code`, which somebody named; "" for none. */
int sending_organisation(const struct config *config, const char *scope,
    const char *code, struct org_code *ret_code, struct error *err) MUST_CHECK;

/* Who did it, for the record: who is logged in, else the member "by". */
int sending_ask_actor(const struct sending_ask *ask, char *to, size_t size,
    struct error *err) MUST_CHECK;

#endif
