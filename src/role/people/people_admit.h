/*
 * Who asks, by what they show, and whether they may (policy/access.h): the one
 * decision that listener, query and spooler share.  The listener has it made
 * before it reads a body; query and spooler make it again for themselves.
 */
#ifndef ROLE_PEOPLE_ADMIT_H
#define ROLE_PEOPLE_ADMIT_H

#include <stdbool.h>
#include <stdint.h>

#include "base/attr.h"
#include "role/message.h"
#include "role/people/people_rows.h"

struct config;
struct digest;
struct error;
struct rows;

struct people_caller {
	bool is_token;
	struct person person; /* of a session */
	struct session session;
	struct token token;
	/* At management: bits of policy/office.h instead of a role. */
	unsigned offices;
	bool is_deputy; /* acts for `principal` (people_deputies.h) */
	struct person principal;
};

/* The person whose rights count: the principal's, of a deputy. */
const struct person *people_rights(const struct people_caller *caller);

/*
 * Who `request` is of, by its session or token; fills in its actor and scope.
 * ERROR_DENIED: E6402 when nothing is shown, E6406 (session), E6407 (token),
 * E6416 (account).
 */
int people_identify(struct rows *rows, const struct config *config, int64_t now,
    struct message_request *request, struct people_caller *ret_caller,
    struct error *err) MUST_CHECK;

/*
 * Admit `request` and fill in its actor and scope: at the control socket
 * without a question, with neither.  `ret_caller` may be NULL.  ERROR_DENIED:
 * E6402 when nothing is shown, E6406 (session), E6407 (token), E6416 (account),
 * E6403 (not for them), E6717 (a deputy whose time is over: only the session
 * itself can be asked about); ERROR_NOT_FOUND (E6201) when there is no such route.
 */
int people_admit(struct rows *rows, const struct config *config, int64_t now,
    struct message_request *request, struct people_caller *ret_caller,
    struct error *err) MUST_CHECK;

/* Whether a letter of `code` is within `scope` ("": everything is). */
bool people_may_see(const char *scope, const char *code);

/* The session's use should be noted. */
bool people_wants_touch(const struct people_caller *caller, int64_t now);

/*
 * The value that a page must send back with what it changes (T-WEB-03): only
 * who can read our answers knows it.
 */
void people_guard(const struct digest *session, char to[DIGEST_TEXT_SIZE]);

#endif
