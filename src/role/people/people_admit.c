#include "role/people/people_admit.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "http/http_path.h"
#include "policy/deputy_rules.h"
#include "role/listener/listener.h"
#include "role/listener/listener_route.h"
#include "role/people/people_deputies.h"
#include "service/config.h"

enum { TOUCH_MS = 60 * 1000 };

static const struct digest none;

void
people_guard(const struct digest *session, char to[DIGEST_TEXT_SIZE])
{
	static const char context[] = "yizhan-csrf";
	const struct sha256_part parts[] = {
		{ context, sizeof(context) },
		{ session->bytes, DIGEST_LEN },
	};
	struct digest guard;

	sha256_parts(parts, ARRAY_LEN(parts), &guard);
	digest_format(&guard, to);
}

bool
people_may_see(const char *scope, const char *code)
{
	/* A code is 10 or 17 characters: only its own units begin with it. */
	return text_starts(code, scope);
}

bool
people_wants_touch(const struct people_caller *caller, int64_t now)
{
	return !caller->is_token && caller->session.used_at + TOUCH_MS <= now;
}

/* ---- who it is ------------------------------------------------------------ */

static int
by_token(struct rows *rows, const struct message_request *request, int64_t now,
    struct people_caller *caller, struct error *err)
{
	int found = token_find_hash(rows, &request->token, &caller->token, err);

	if (found < 0)
		return -1;
	if (found == 0)
		return error_set_id(err, "E6407", ERROR_DENIED,
		    "there is no such token");
	if (caller->token.revoked_at != 0)
		return error_set_id(err, "E6407", ERROR_DENIED,
		    "token %s was revoked", caller->token.prefix);
	if (caller->token.ends_at <= now)
		return error_set_id(err, "E6407", ERROR_DENIED,
		    "token %s has expired", caller->token.prefix);
	caller->is_token = true;
	return 0;
}

static int
check_person(const struct person *person, int64_t now, struct error *err)
{
	if (person->disabled_at != 0)
		return error_set_id(err, "E6416", ERROR_DENIED,
		    "%s was disabled", person->name);
	if (person->certificate_ends != 0 && person->certificate_ends <= now)
		return error_set_id(err, "E6408", ERROR_DENIED,
		    "the certificate of %s has expired", person->name);
	return 0;
}

static int
by_session(struct rows *rows, const struct config *config,
    const struct message_request *request, int64_t now,
    struct people_caller *caller, struct error *err)
{
	struct session *session = &caller->session;
	int found = session_find(rows, &request->session, session, err);

	if (found < 0)
		return -1;
	if (found == 0)
		return error_set_id(err, "E6406", ERROR_DENIED,
		    "there is no such session");
	if (session->ends_at <= now ||
	    session->used_at + config->people.idle_s * 1000 <= now)
		return error_set_id(err, "E6406", ERROR_DENIED,
		    "the session was %s for too long",
		    session->ends_at <= now ? "open" : "idle");
	/* Opened with a card, it is of no use without it. */
	if (!digest_equal(&session->certificate, &none) &&
	    !digest_equal(&session->certificate, &request->fingerprint))
		return error_set_id(err, "E6406", ERROR_DENIED,
		    "the session belongs to another certificate");
	found = person_find(rows, session->person, &caller->person, err);
	if (found <= 0)
		return found < 0 ? -1
				 : error_set_id(err, "E6406", ERROR_DENIED,
				       "the session's person is gone");
	return check_person(&caller->person, now, err);
}

static int
identify(struct rows *rows, const struct config *config,
    const struct message_request *request, int64_t now,
    struct people_caller *caller, struct error *err)
{
	if (!digest_equal(&request->token, &none))
		return by_token(rows, request, now, caller, err);
	if (!digest_equal(&request->session, &none))
		return by_session(rows, config, request, now, caller, err);
	return error_set_id(err, "E6402", ERROR_DENIED,
	    "neither a session nor a token came with it");
}

const struct person *
people_rights(const struct people_caller *caller)
{
	return caller->is_deputy ? &caller->principal : &caller->person;
}

/* Who may not is nobody to whoever goes on with the request. */
static int
forget_actor(struct message_request *request)
{
	request->actor[0] = request->behalf[0] = '\0';
	request->scope[0] = request->unit[0] = '\0';
	request->person = 0;
	request->is_limited = false;
	return -1;
}

static void
set_actor(struct message_request *request, const struct people_caller *caller)
{
	const char *name =
	    caller->is_token ? caller->token.name : caller->person.name;
	const struct person *rights = people_rights(caller);
	const struct org_code *scope = caller->is_token
	    ? &caller->token.organisation
	    : &rights->organisation;

	text_copy(request->actor, sizeof(request->actor), name);
	text_copy(request->scope, sizeof(request->scope), scope->text);
	if (caller->is_deputy)
		text_copy(request->behalf, sizeof(request->behalf),
		    rights->name);
	request->person = rights->row;
	text_copy(request->unit, sizeof(request->unit), rights->unit);
}

int
people_identify(struct rows *rows, const struct config *config, int64_t now,
    struct message_request *request, struct people_caller *ret_caller,
    struct error *err)
{
	struct people_caller caller = { 0 };

	(void)forget_actor(request);
	if (identify(rows, config, request, now, &caller, err) < 0)
		return -1;
	set_actor(request, &caller);
	*ret_caller = caller;
	return 0;
}

/* ---- for whom they act ----------------------------------------------------- */

static int
over(struct error *err, const char *why)
{
	return error_set_id(err, "E6717", ERROR_DENIED, "%s", why);
}

/*
 * With the rights of the principal as they are now.  Nobody falls back to their
 * own without saying so: an act would be under another name than was meant.
 */
static int
find_principal(struct rows *rows, int64_t now, struct people_caller *caller,
    struct error *err)
{
	struct deputy deputy;
	struct deputy_time time;
	int found = deputy_find(rows, caller->session.deputy, &deputy, err);

	if (found > 0)
		found = person_find(rows, deputy.principal, &caller->principal,
		    err);
	if (found < 0)
		return -1;
	if (found == 0 || deputy.person != caller->person.row)
		return over(err, "there is no such deputy");
	time = (struct deputy_time){ deputy.starts_at, deputy.ends_at,
		deputy.ended_at };
	if (deputy_state(&time, now) != DEPUTY_NOW)
		return over(err, "the time of the deputy is over");
	if (caller->principal.disabled_at != 0)
		return over(err, "the person acted for was disabled");
	caller->is_deputy = true;
	return 0;
}

/* What a session is asked about itself. */
static bool
is_of_session(const struct access_rule *rule)
{
	return rule != NULL && text_starts(rule->pattern, "/v1/session");
}

static int
act_for(struct rows *rows, const struct access_rule *rule, int64_t now,
    struct people_caller *caller, struct error *err)
{
	struct error why = { 0 };

	if (caller->is_token || caller->session.deputy == 0 ||
	    find_principal(rows, now, caller, &why) == 0)
		return 0;
	if (is_of_session(rule))
		return 0;
	*err = why;
	return -1;
}

/* ---- whether they may -------------------------------------------------------- */

static int
find_rule(const struct message_request *request,
    const struct access_rule **ret_rule, struct error *err)
{
	struct http_target target = { 0 };

	*ret_rule = NULL;
	if (http_target_parse(request->path, strlen(request->path), &target,
		err) < 0)
		return -1;
	for (const struct access_rule *rule = access_rules;
	     rule->method != NULL && *ret_rule == NULL; rule++)
		if (rule->class != ACCESS_PUBLIC &&
		    text_equal(rule->method, request->method) &&
		    listener_route_matches(rule->pattern, target.path))
			*ret_rule = rule;
	http_target_free(&target);
	return 0;
}

int
people_admit(struct rows *rows, const struct config *config, int64_t now,
    struct message_request *request, struct people_caller *ret_caller,
    struct error *err)
{
	struct people_caller caller = { 0 };
	struct access_caller facts = { 0 };
	const struct access_rule *rule;

	(void)forget_actor(request);
	if (request->door == LISTENER_LOCAL)
		return 0;
	if (people_identify(rows, config, now, request, &caller, err) < 0)
		return -1;
	if (find_rule(request, &rule, err) < 0 ||
	    act_for(rows, rule, now, &caller, err) < 0)
		return forget_actor(request);
	set_actor(request, &caller);
	facts.is_token = caller.is_token;
	facts.role = people_rights(&caller)->role;
	facts.scopes = caller.token.scopes;
	if (access_check(rule, &facts, err) < 0)
		return forget_actor(request);
	if (ret_caller != NULL)
		*ret_caller = caller;
	return 0;
}
