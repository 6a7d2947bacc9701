/*
 * Logging in and out.  Failures are counted by address in the store, so a
 * restart forgets none (T-ACC-10), and say the same whoever is meant.
 */
#include <stdio.h>
#include <string.h>

#include "base/text.h"
#include "crypto/sha256.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "role/listener/listener_people.h"
#include "role/people/people_admit.h"
#include "role/people/people_internal.h"
#include "role/spool/spool.h"
#include "service/config.h"

/* Who the code, or else the certificate, is of.  1, 0 or -1. */
static int
find_login(struct people_op *op, struct person *ret_person, struct error *err)
{
	static const struct digest none;
	const char *code = json_value_text(people_member(op, "code"));
	struct digest hash;
	int64_t row;
	int found;

	if (code == NULL)
		return digest_equal(&op->request.fingerprint, &none)
		    ? 0
		    : person_find_certificate(people_rows(op),
			  &op->request.fingerprint, ret_person, err);
	sha256(code, strlen(code), &hash);
	found =
	    person_link_take(people_rows(op), &hash, people_now(op), &row, err);
	return found <= 0 ? found
			  : person_find(people_rows(op), row, ret_person, err);
}

/* Where people hold offices instead of a role: which ones. */
static unsigned
offices_of(const struct people_op *op, const struct person *person)
{
	const struct spool_tier *tier = op->spool->tier;

	return tier->offices_of != NULL ? tier->offices_of(op->spool, person)
					: 0;
}

/* May it log in?  Else the refusal is set. */
static void
judge_login(struct people_op *op, const struct person *person, bool is_by_code)
{
	const struct config *config = people_config(op);
	struct error *refusal = &op->refusal;

	if (person->disabled_at != 0)
		error_set_id(refusal, "E6416", ERROR_DENIED, "%s was disabled",
		    person->name);
	else if (op->spool->tier->offices_of != NULL &&
	    offices_of(op, person) == 0)
		error_set_id(refusal, "E6416", ERROR_DENIED,
		    "%s holds no office here", person->name);
	else if (person->seen_at + config->people.inactive_s * 1000 <=
	    people_now(op))
		error_set_id(refusal, "E6416", ERROR_DENIED,
		    "%s has not logged in for too long", person->name);
	else if (!is_by_code && person->certificate_ends != 0 &&
	    person->certificate_ends <= people_now(op))
		error_set_id(refusal, "E6408", ERROR_DENIED,
		    "the certificate of %s has expired", person->name);
}

static int
begin_session(struct people_op *op, struct person *person, bool is_by_code,
    struct error *err)
{
	struct json_writer writer = json_writer_to(&op->json);
	struct people_caller caller = { 0 };
	struct session *session = &caller.session;
	int64_t now = people_now(op);
	char secret[2 * PEOPLE_SECRET_LEN + 1];
	char cookie[256];

	if (people_make_secret("", PEOPLE_SECRET_LEN, secret, sizeof(secret),
		&session->hash, err) < 0)
		return -1;
	session->person = person->row;
	session->used_at = now;
	session->ends_at = now + people_config(op)->people.session_s * 1000;
	if (!is_by_code)
		session->certificate = op->request.fingerprint;
	person->seen_at = now;
	if (session_sweep(people_rows(op), now,
		now - people_config(op)->people.idle_s * 1000, err) < 0 ||
	    lockout_clear(people_rows(op), op->request.address, err) < 0 ||
	    person_save(people_rows(op), person, err) < 0 ||
	    session_add(people_rows(op), session, err) < 0)
		return -1;
	snprintf(cookie, sizeof(cookie),
	    "%s=%s; Path=/; Secure; HttpOnly; SameSite=Strict", LISTENER_COOKIE,
	    secret);
	people_put_header(op, "set-cookie", cookie);
	caller.person = *person;
	caller.offices = offices_of(op, person);
	op->status = 201;
	people_write_session(&caller, spool_directory(op->spool), &writer);
	return json_write_done(&writer, err);
}

/* The same refusal, and the same work, for whoever is not known (T-ACC-12). */
int
people_log_in(struct people_op *op, struct error *err)
{
	bool is_by_code = people_member(op, "code") != NULL;
	struct person person = { 0 };
	int64_t until;
	int found;

	if (lockout_until(people_rows(op), op->request.address, people_now(op),
		&until, err) < 0)
		return -1;
	if (until != 0) {
		error_set_id(err, "E6405", ERROR_DENIED,
		    "%s is locked for some minutes", op->request.address);
		err->retry_after_s =
		    (uint32_t)((until - people_now(op)) / 1000 + 1);
		return -1;
	}
	found = find_login(op, &person, err);
	if (found < 0)
		return -1;
	if (found == 0)
		error_set_id(&op->refusal, is_by_code ? "E6409" : "E6408",
		    ERROR_DENIED, "nobody is known by that %s",
		    is_by_code ? "code" : "certificate");
	else
		judge_login(op, &person, is_by_code);
	if (op->refusal.code != ERROR_NONE)
		return lockout_count(people_rows(op), op->request.address,
		    people_now(op), err);
	return begin_session(op, &person, is_by_code, err);
}

int
people_log_out(struct people_op *op, struct error *err)
{
	char cookie[128];

	snprintf(cookie, sizeof(cookie),
	    "%s=; Path=/; Secure; HttpOnly; SameSite=Strict; Max-Age=0",
	    LISTENER_COOKIE);
	people_put_header(op, "set-cookie", cookie);
	bytes_put_text(&op->json, "{}");
	return session_remove(people_rows(op), &op->request.session, err);
}
