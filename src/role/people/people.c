#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "http/http_path.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "model/times.h"
#include "role/env.h"
#include "role/listener/listener.h"
#include "role/people/people_admit.h"
#include "role/people/people_internal.h"
#include "role/people/people_rows.h"
#include "role/spool/spool.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/ipc.h"

enum {
	BODY_MAX = 16384,
	CODE_LEN = 16,
	LINK_MINUTES = 15,
	LINK_MINUTES_MAX = 15,
	LINK_MINUTES_MAX_TEST = 24 * 60, /* not in production */
	SIGN_NAME_SIZE = ORG_TEXT_SIZE + 8,
};

struct rows *
people_rows(const struct people_op *op)
{
	return store_rows(op->spool->store);
}

int64_t
people_now(const struct people_op *op)
{
	return spool_now(op->spool);
}

const struct config *
people_config(const struct people_op *op)
{
	return op->spool->env->config;
}

/* ---- the body --------------------------------------------------------------- */

const struct json_value *
people_member(const struct people_op *op, const char *name)
{
	return op->body != NULL ? json_value_member(json_root(op->body), name)
				: NULL;
}

int
people_bad(struct error *err, const char *name, const char *what)
{
	return error_set_id(err, "E6418", ERROR_MALFORMED, "%s must be %s",
	    name, what);
}

/* A name of people: something, and no control characters. */
int
people_read_name(const struct people_op *op, char to[PEOPLE_NAME_SIZE],
    struct error *err)
{
	const char *text = json_value_text(people_member(op, "name"));

	if (text == NULL || *text == '\0' ||
	    !text_copy(to, PEOPLE_NAME_SIZE, text))
		return people_bad(err, "name", "a text of 1 to 96 bytes");
	for (; *text != '\0'; text++)
		if ((unsigned char)*text < ' ' || *text == 0x7f)
			return people_bad(err, "name",
			    "without control characters");
	return 0;
}

/* One that has its keys here, and that the caller is of. */
int
people_read_organisation(const struct people_op *op, struct org_code *ret_code,
    struct error *err)
{
	const char *text = json_value_text(people_member(op, "organisation"));
	char key[SIGN_NAME_SIZE];

	if (text == NULL || !org_code_parse(text, ret_code))
		return people_bad(err, "organisation", "a code");
	snprintf(key, sizeof(key), "sign.%.10s", ret_code->text);
	/* Management has keys of none, and tokens for all. */
	if (op->spool->tier->offices_of == NULL &&
	    spool_key_find(op->spool, key) == NULL)
		return error_set_id(err, "E6414", ERROR_MALFORMED,
		    "there is no key %s here", key);
	if (!people_may_see(op->request.scope, ret_code->text))
		return error_set_id(err, "E6403", ERROR_DENIED,
		    "%s is another organisation", ret_code->text);
	return 0;
}

int
people_read_number(const struct people_op *op, const char *name, int64_t max,
    int64_t otherwise, int64_t *ret_number, struct error *err)
{
	const struct json_value *value = people_member(op, name);

	*ret_number = otherwise;
	if (value == NULL)
		return 0;
	if (!json_value_integer(value, ret_number) || *ret_number < 1 ||
	    *ret_number > max)
		return error_set_id(err, "E6418", ERROR_MALFORMED,
		    "%s must be a number from 1 to %lld", name, (long long)max);
	return 0;
}

/* ---- secrets ----------------------------------------------------------------- */

int
people_make_secret(const char *prefix, size_t len, char *to, size_t size,
    struct digest *ret_hash, struct error *err)
{
	uint8_t random[PEOPLE_SECRET_LEN];
	size_t prefix_len = strlen(prefix);

	if (random_fill(random, len, err) < 0)
		return -1;
	if (prefix_len + 2 * len + 1 > size)
		return error_set(err, ERROR_SYSTEM, "no room for a secret");
	memcpy(to, prefix, prefix_len);
	hex_format(random, len, to + prefix_len);
	sha256(to, strlen(to), ret_hash);
	return 0;
}

void
people_put_header(struct people_op *op, const char *name, const char *value)
{
	bytes_put(&op->headers, name, strlen(name) + 1);
	bytes_put(&op->headers, value, strlen(value) + 1);
}

/* ---- persons ------------------------------------------------------------------ */

void
people_write_person(const struct person *person, struct json_writer *writer)
{
	json_write_begin_object(writer, NULL);
	json_write_int(writer, "id", person->row);
	json_write_text(writer, "name", person->name);
	json_write_text(writer, "role", access_role_name(person->role));
	json_write_text(writer, "unit", person->unit);
	json_write_org(writer, "organisation", &person->organisation);
	json_write_bool(writer, "enabled", person->disabled_at == 0);
	json_write_end(writer);
}

static int
read_certificate(const struct people_op *op, struct person *person,
    struct error *err)
{
	const struct json_value *digest = people_member(op, "certificate");
	const struct json_value *ends = people_member(op, "certificate_ends");
	const char *text;

	if (digest != NULL &&
	    ((text = json_value_text(digest)) == NULL ||
		!digest_parse(text, &person->certificate)))
		return people_bad(err, "certificate", "its SHA-256 in hex");
	if (ends != NULL &&
	    ((text = json_value_text(ends)) == NULL ||
		!times_read(text, &person->certificate_ends)))
		return people_bad(err, "certificate_ends", "a time");
	return 0;
}

static int
add_person(struct people_op *op, struct error *err)
{
	struct json_writer writer = json_writer_to(&op->json);
	struct person person = { 0 };
	const char *role = json_value_text(people_member(op, "role"));

	if (people_read_name(op, person.name, err) < 0 ||
	    people_read_organisation(op, &person.organisation, err) < 0 ||
	    read_certificate(op, &person, err) < 0 ||
	    people_read_unit(op, &person.organisation, person.unit, err) < 0)
		return -1;
	if (role == NULL || !access_role_parse(role, &person.role))
		return people_bad(err, "role",
		    "clerk, supervisor, operator or auditor");
	if (person_add(people_rows(op), &person, people_now(op), err) < 0)
		return -1;
	op->status = 201;
	people_write_person(&person, &writer);
	return json_write_done(&writer, err);
}

int
people_find_person(const struct people_op *op, struct person *ret_person,
    struct error *err)
{
	int found = person_find(people_rows(op), op->row, ret_person, err);

	if (found > 0 &&
	    !people_may_see(op->request.scope, ret_person->organisation.text))
		found = 0;
	if (found == 0)
		return error_set(err, ERROR_NOT_FOUND, "no person %lld",
		    (long long)op->row);
	return found < 0 ? -1 : 0;
}

static int
set_enabled(struct people_op *op, bool is_enabled, struct error *err)
{
	struct json_writer writer = json_writer_to(&op->json);
	struct person person;

	if (people_find_person(op, &person, err) < 0)
		return -1;
	if (is_enabled) {
		person.disabled_at = 0;
		person.seen_at = people_now(op);
	} else if (person.disabled_at == 0) {
		person.disabled_at = people_now(op);
	}
	/* Whoever is logged in no longer is. */
	if (person_save(people_rows(op), &person, err) < 0 ||
	    (!is_enabled &&
		session_remove_all(people_rows(op), person.row, err) < 0))
		return -1;
	people_write_person(&person, &writer);
	return json_write_done(&writer, err);
}

static int
disable_person(struct people_op *op, struct error *err)
{
	return set_enabled(op, false, err);
}

static int
enable_person(struct people_op *op, struct error *err)
{
	return set_enabled(op, true, err);
}

static int
link_person(struct people_op *op, struct error *err)
{
	struct json_writer writer = json_writer_to(&op->json);
	bool is_production = config_is_production(people_config(op));
	char code[2 * CODE_LEN + 1];
	struct digest hash;
	struct person person;
	int64_t minutes;
	int64_t ends_at;

	if (people_find_person(op, &person, err) < 0 ||
	    people_read_number(op, "minutes",
		is_production ? LINK_MINUTES_MAX : LINK_MINUTES_MAX_TEST,
		LINK_MINUTES, &minutes, err) < 0 ||
	    people_make_secret("", CODE_LEN, code, sizeof(code), &hash, err) <
		0)
		return -1;
	ends_at = people_now(op) + minutes * 60 * 1000;
	if (person_link_add(people_rows(op), &hash, person.row, ends_at, err) <
	    0)
		return -1;
	op->status = 201;
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "code", code);
	json_write_time(&writer, "expires_at", ends_at);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

/* ---- the life of a request -------------------------------------------------------- */

static void
log_access(const struct people_op *op, const struct error *failure)
{
	struct log_line line;

	log_begin(&line, &op->spool->env->log,
	    failure != NULL ? LOG_LEVEL_WARNING : LOG_LEVEL_NOTICE,
	    "people.asked");
	if (failure != NULL)
		log_error(&line, failure);
	log_text(&line, "method", op->request.method);
	log_text(&line, "path", op->request.path);
	log_text(&line, "actor", op->request.actor);
	log_text(&line, "address", op->request.address);
	log_end(&line);
}

static void
end(struct people_op *op, const struct error *failure)
{
	struct message_response response = { .status = op->status,
		.type = "application/json",
		.body = blob_of_bytes(&op->json),
		.headers = blob_of_bytes(&op->headers) };
	struct error err = { 0 };

	if (failure == NULL && op->refusal.code != ERROR_NONE)
		failure = &op->refusal;
	if (failure == NULL &&
	    (bytes_failed(&op->json, &err) < 0 ||
		bytes_failed(&op->headers, &err) < 0))
		failure = &err;
	log_access(op, failure);
	if (failure != NULL)
		peer_refuse(op->peer, op->id, failure);
	else
		peer_tell(op->peer, MESSAGE_RESPONSE, op->id, &response, -1);
	json_document_free(op->body);
	bytes_wipe(&op->json);
	bytes_wipe(&op->headers);
	free(op);
}

static int
apply(struct group_op *group_op, struct error *err)
{
	struct people_op *op = (struct people_op *)(void *)group_op;

	bytes_clear(&op->json);
	bytes_clear(&op->headers);
	op->refusal = (struct error){ 0 };
	return op->act(op, err);
}

static void
finish(struct group_op *group_op, const struct error *failure)
{
	end((struct people_op *)(void *)group_op, failure);
}

static const struct {
	const char *pattern;
	int (*act)(struct people_op *op, struct error *err);
} acts[] = {
	{ "/v1/persons", add_person },
	{ "/v1/persons/{}:link", link_person },
	{ "/v1/persons/{}:disable", disable_person },
	{ "/v1/persons/{}:enable", enable_person },
	{ "/v1/tokens", people_add_token },
	{ "/v1/tokens/{}:revoke", people_revoke_token },
	{ "/v1/session", people_log_in },
	{ "/v1/session:end", people_log_out },
	{ "/v1/session:act", people_act_for },
	{ "/v1/persons/{}:unit", people_set_unit },
	{ "/v1/persons/{}:role", people_set_role },
	{ "/v1/units", people_add_unit },
	{ "/v1/units/{}:close", people_close_unit },
	{ "/v1/units/{}:open", people_open_unit },
	{ "/v1/deputies", people_name_deputy },
	{ "/v1/deputies/{}:end", people_end_deputy },
};

static int
begin(struct people_op *op, const struct message_request *request,
    const struct http_segments *segments, struct error *err)
{
	uint64_t row = 0;

	op->request = *request;
	op->request.body = op->request.files = blob_of(NULL, 0);
	if (segments->count > 0 &&
	    !text_parse_u64(segments->text[0], INT64_MAX, &row))
		return error_set(err, ERROR_NOT_FOUND, "%s is no number",
		    segments->text[0]);
	op->row = (int64_t)row;
	if (request->body.len == 0)
		return 0;
	return json_read(request->body.data, request->body.len, BODY_MAX,
	    &op->body, err);
}

bool
people_answer(struct spool *spool, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	struct http_segments segments = { 0 };
	struct error err = { 0 };
	struct people_op *op;
	size_t found = 0;

	while (found < ARRAY_LEN(acts) &&
	    !http_path_match(acts[found].pattern, request->path, &segments))
		found++;
	if (found == ARRAY_LEN(acts) || !text_equal(request->method, "POST"))
		return false;
	op = calloc(1, sizeof(*op));
	if (op == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return true;
	}
	op->spool = spool;
	op->peer = peer;
	op->id = id;
	op->act = acts[found].act;
	op->status = 200;
	op->op.apply = apply;
	op->op.finish = finish;
	if (begin(op, request, &segments, &err) < 0)
		end(op, &err);
	else
		group_add(spool->group, &op->op);
	return true;
}

/* ---- a session is in use ------------------------------------------------------------ */

struct touch {
	struct group_op op; /* first: the group hands it back */
	struct spool *spool;
	struct digest session;
};

static int
apply_touch(struct group_op *op, struct error *err)
{
	const struct touch *touch = (struct touch *)(void *)op;

	return session_touch(store_rows(touch->spool->store), &touch->session,
	    spool_now(touch->spool), err);
}

static void
finish_touch(struct group_op *op, const struct error *failure)
{
	struct touch *touch = (struct touch *)(void *)op;

	if (failure != NULL)
		log_failure(&touch->spool->env->log, LOG_LEVEL_WARNING,
		    "people.touch", failure);
	free(touch);
}

void
people_on_touch(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct spool *spool = ctx;
	struct touch *touch = calloc(1, sizeof(*touch));
	struct message_touch told;
	struct error err = { 0 };

	(void)peer;
	if (touch == NULL ||
	    message_read(message, MESSAGE_TOUCH, &told, &err) < 0) {
		free(touch);
		return;
	}
	touch->spool = spool;
	touch->session = told.session;
	touch->op.apply = apply_touch;
	touch->op.finish = finish_touch;
	group_add(spool->group, &touch->op);
}
