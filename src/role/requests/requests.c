#include "role/requests/requests.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/random.h"
#include "crypto/sha256.h"
#include "directory/directory.h"
#include "json/json_decode.h"
#include "json/json_read.h"
#include "json/json_write.h"
#include "role/env.h"
#include "role/listener/listener.h"
#include "role/message.h"
#include "role/people/people_admit.h"
#include "role/query/queries.h"
#include "role/requests/requests_internal.h"
#include "role/spool/spool.h"
#include "service/config.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

static const char path[] = "/v1/case-requests";

/* A request that is being taken: signed or verified, then kept. */
struct taking {
	struct group_op op; /* first: the group hands it back */
	struct requests *requests;
	struct peer *peer;
	uint32_t id;
	char key[MESSAGE_IDEMPOTENCY_SIZE];
	struct case_request request;
	struct case_request_sent sent;
	struct bytes statement; /* ours, as it is signed */
	struct bytes body;      /* what is kept and handed up */
	bool is_local;
	int kept;
};

struct rows *
requests_rows_of(const struct requests *requests)
{
	return store_rows(requests->spool->store);
}

void
requests_wake(struct requests *requests)
{
	requests->wait_ms = REQUESTS_TICK_MS;
	if (!requests->is_busy)
		loop_timer_start(requests->timer, 0);
}

static void
taking_free(struct taking *taking)
{
	case_request_free(&taking->request);
	case_request_sent_free(&taking->sent);
	bytes_free(&taking->statement);
	bytes_free(&taking->body);
	free(taking);
}

static void
refuse(struct taking *taking, const struct error *why)
{
	peer_refuse(taking->peer, taking->id, why);
	taking_free(taking);
}

/* ---- keeping --------------------------------------------------------------------- */

static int
apply_taking(struct group_op *op, struct error *err)
{
	struct taking *taking = (struct taking *)(void *)op;

	taking->kept = requests_keep(requests_rows_of(taking->requests),
	    &taking->request, &taking->body, taking->key,
	    spool_now(taking->requests->spool), err);
	return taking->kept < 0 ? -1 : 0;
}

static void
answer_kept(struct peer *peer, uint32_t id, int status, const char *request)
{
	struct bytes json = { 0 };
	struct json_writer writer = json_writer_to(&json);
	struct error err = { 0 };

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "id", request);
	json_write_end(&writer);
	if (json_write_done(&writer, &err) < 0) {
		bytes_free(&json);
		peer_refuse(peer, id, &err);
	} else {
		queries_reply(peer, id, status, &json);
	}
}

static void
finish_taking(struct group_op *op, const struct error *failure)
{
	struct taking *taking = (struct taking *)(void *)op;
	struct requests *requests = taking->requests;
	char id[ID_TEXT_SIZE];
	struct log_line line;

	if (failure != NULL) {
		refuse(taking, failure);
		return;
	}
	id_format(&taking->request.id, id);
	log_begin(&line, &requests->spool->env->log, LOG_LEVEL_NOTICE,
	    "request.kept");
	log_text(&line, "request", id);
	log_text(&line, "host", taking->request.host);
	log_text(&line, "definition", taking->request.definition);
	log_end(&line);
	/* 202: management does not have it yet. */
	answer_kept(taking->peer, taking->id,
	    taking->is_local ? (taking->kept > 0 ? 201 : 200) : 202, id);
	taking_free(taking);
	requests_wake(requests);
}

static void
keep(struct taking *taking)
{
	struct error err = { 0 };

	if (case_request_sent_encode(&taking->sent, &taking->body, &err) < 0) {
		refuse(taking, &err);
		return;
	}
	taking->op.apply = apply_taking;
	taking->op.finish = finish_taking;
	group_add(taking->requests->spool->group, &taking->op);
}

/* ---- of people and programs here ---------------------------------------------------- */

#define REQUEST_AT(member) offsetof(struct case_request, member)
#define TEXT(key, member, bytes)                               \
	{                                                      \
		.name = key, .kind = JSON_FIELD_TEXT,          \
		.offset = REQUEST_AT(member), .size = (bytes), \
		.optional = true                               \
	}

static const struct json_field local_fields[] = {
	TEXT("case", target, CASE_REQUEST_TARGET_SIZE),
	TEXT("definition", definition, CASE_CONSENT_MOVE_SIZE),
	TEXT("move", move, CASE_CONSENT_MOVE_SIZE),
	TEXT("note", note, CASE_CONSENT_NOTE_SIZE),
	TEXT("evidence", evidence, CASE_CONSENT_MOVE_SIZE),
	TEXT("name", file_name, CASE_REQUEST_FILE_NAME_SIZE),
};

struct local_rest {
	const struct json_value *fields;
	struct bytes file;
};

static const struct json_field rest_fields[] = {
	{ .name = "fields",
	    .kind = JSON_FIELD_VALUE,
	    .offset = offsetof(struct local_rest, fields),
	    .optional = true },
	{ .name = "file",
	    .kind = JSON_FIELD_BASE64,
	    .offset = offsetof(struct local_rest, file),
	    .max = CASE_REQUEST_FILE_MAX,
	    .optional = true },
};

/* One list of members for both structs, so that unknown ones are refused. */
struct local_body {
	struct case_request request;
	struct local_rest rest;
};

static int
read_local(const struct message_request *asked, struct taking *taking,
    struct error *err)
{
	struct json_field all[ARRAY_LEN(local_fields) + ARRAY_LEN(rest_fields)];
	struct local_body body = { .rest = { 0 } };
	struct json_document *document = NULL;
	struct error why = { 0 };
	size_t count = 0;
	int rc = 0;

	for (size_t i = 0; i < ARRAY_LEN(local_fields); i++) {
		all[count] = local_fields[i];
		all[count++].offset += offsetof(struct local_body, request);
	}
	for (size_t i = 0; i < ARRAY_LEN(rest_fields); i++) {
		all[count] = rest_fields[i];
		all[count++].offset += offsetof(struct local_body, rest);
	}
	if (json_read(asked->body.data, asked->body.len, CASE_REQUEST_BODY_MAX,
		&document, &why) < 0 ||
	    json_decode_value(json_root(document), all, count, &body, &why) < 0)
		rc =
		    error_set_id(err, "E7301", ERROR_MALFORMED, "%s", why.text);
	if (rc == 0 && body.rest.fields != NULL)
		rc =
		    json_value_put(body.rest.fields, &body.request.fields, err);
	if (rc == 0)
		rc = bytes_failed(&body.request.fields, err);
	json_document_free(document);
	taking->request = body.request;
	taking->sent.file = body.rest.file;
	taking->request.file_len = (int64_t)body.rest.file.len;
	if (body.rest.file.len > 0)
		sha256(body.rest.file.data, body.rest.file.len,
		    &taking->request.file);
	return rc;
}

/* Of the organisation that the asker is of, and this host serves. */
static int
check_scope(const struct taking *taking, const struct message_request *asked,
    struct error *err)
{
	char organisation[ORG_TEXT_SIZE];
	int found = 1;

	if (asked->door == LISTENER_LOCAL)
		return 0;
	if (taking->request.target[0] != '\0')
		found = requests_find_target(requests_rows_of(taking->requests),
		    taking->request.target, organisation, err);
	else
		requests_organisation(&taking->request, organisation);
	if (found < 0)
		return -1;
	/* A case that was opened elsewhere: management knows whose it is. */
	if (found == 0)
		organisation[0] = '\0';
	if (asked->scope[0] == '\0' ||
	    people_may_see(asked->scope, organisation))
		return 0;
	return error_set_id(err, "E6403", ERROR_DENIED,
	    "a case of another organisation");
}

static int
fill_in(struct taking *taking, struct error *err)
{
	const struct spool *spool = taking->requests->spool;
	struct case_request *request = &taking->request;
	uint8_t random[ID_RANDOM_LEN];

	if (random_fill(random, sizeof(random), err) < 0)
		return -1;
	request->time_ms = spool_now(spool);
	request->id = id_make(request->time_ms, random);
	text_copy(request->environment, sizeof(request->environment),
	    spool->env->config->host.environment);
	text_copy(request->host, sizeof(request->host),
	    spool->env->config->host.name);
	return case_request_encode(request, &taking->statement, err);
}

static void
on_signed(void *ctx, struct ipc_message *message)
{
	struct taking *taking = ctx;
	struct message_signature answer;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_SIGNATURE, &answer, &err) == 0) {
		bytes_put(&taking->sent.cms, answer.signature.data,
		    answer.signature.len);
		if (bytes_failed(&taking->sent.cms, &err) == 0) {
			keep(taking);
			return;
		}
	}
	refuse(taking, &err);
}

/* A gateway's module signs; a center is known by its connection. */
static int
sign(struct taking *taking, struct error *err)
{
	struct spool *spool = taking->requests->spool;
	struct message_sign ask = { .key = "module",
		.kind = KEEPER_REQUEST,
		.time = taking->request.time_ms,
		.statement = blob_of_bytes(&taking->statement) };

	if (config_has_kind(spool->env->config, CONFIG_CENTER)) {
		bytes_put(&taking->sent.statement, taking->statement.data,
		    taking->statement.len);
		if (bytes_failed(&taking->sent.statement, err) < 0)
			return -1;
		keep(taking);
		return 0;
	}
	return peer_ask(spool->keeper, MESSAGE_SIGN, &ask, -1, on_signed,
	    taking, NULL, err);
}

static void
take_local(struct requests *requests, struct peer *peer, uint32_t id,
    const struct message_request *asked)
{
	struct taking *taking = calloc(1, sizeof(*taking));
	struct case_request probe = { .file_len = 0 };
	char known[ID_TEXT_SIZE];
	struct error err = { 0 };
	int found = 0;

	if (taking == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return;
	}
	taking->requests = requests;
	taking->peer = peer;
	taking->id = id;
	taking->is_local = true;
	text_copy(taking->key, sizeof(taking->key), asked->key);
	if (asked->key[0] != '\0')
		found = requests_find_key(requests_rows_of(requests),
		    asked->key, known, &err);
	if (found > 0) {
		answer_kept(peer, id, 200, known);
		taking_free(taking);
		return;
	}
	/* What is not as it must be is said now, not by management later. */
	if (found < 0 || read_local(asked, taking, &err) < 0 ||
	    fill_in(taking, &err) < 0 ||
	    case_request_decode(taking->statement.data, taking->statement.len,
		&probe, &err) < 0) {
		refuse(taking, &err);
		return;
	}
	case_request_free(&probe);
	if (check_scope(taking, asked, &err) < 0 || sign(taking, &err) < 0)
		refuse(taking, &err);
}

/* ---- of hosts below -------------------------------------------------------------------- */

/* The host asks for itself; whose organisation it is, management judges. */
static int
check_host(struct taking *taking, const struct message_signed *answer,
    struct error *err)
{
	const struct spool *spool = taking->requests->spool;
	struct case_request *request = &taking->request;
	char host[ENVELOPE_NAME_SIZE];

	memcpy(host, request->host, sizeof(host));
	if (case_request_decode(answer->content.data, answer->content.len,
		request, err) < 0)
		return -1;
	if (!text_equal(request->environment,
		spool->env->config->host.environment) ||
	    !text_equal(request->host, host))
		return error_set_id(err, "E7302", ERROR_DENIED,
		    "a request of host %s, handed up by %s", request->host,
		    host);
	return case_request_check_file(request, &taking->sent.file, err);
}

static void
on_verified(void *ctx, struct ipc_message *message)
{
	struct taking *taking = ctx;
	struct message_signed answer;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_SIGNED, &answer, &err) < 0 ||
	    check_host(taking, &answer, &err) < 0)
		refuse(taking, &err);
	else
		keep(taking);
}

static int
verify(struct taking *taking, const struct message_request *asked,
    struct error *err)
{
	struct spool *spool = taking->requests->spool;
	const struct directory *directory = spool_directory(spool);
	struct message_verify_signed ask = { .signers_max = 1 };
	struct directory_caller caller;

	if (directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	caller = directory_identify(directory, &asked->fingerprint, "",
	    spool->env->config->host.name);
	if (caller.kind != HOST_GATEWAY ||
	    !text_copy(taking->request.host, sizeof(taking->request.host),
		caller.name))
		return error_set_id(err, "E7302", ERROR_DENIED,
		    "not from a gateway");
	if (case_request_sent_decode(asked->body.data, asked->body.len,
		&taking->sent, err) < 0)
		return -1;
	if (taking->sent.cms.len == 0)
		return error_set_id(err, "E7302", ERROR_DENIED,
		    "nobody has signed it");
	ask.cms = blob_of_bytes(&taking->sent.cms);
	return peer_ask(spool->verifier, MESSAGE_VERIFY_SIGNED, &ask, -1,
	    on_verified, taking, NULL, err);
}

static void
take_of_host(struct requests *requests, struct peer *peer, uint32_t id,
    const struct message_request *asked)
{
	struct taking *taking = calloc(1, sizeof(*taking));
	struct error err = { 0 };

	if (taking == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return;
	}
	taking->requests = requests;
	taking->peer = peer;
	taking->id = id;
	if (verify(taking, asked, &err) < 0)
		refuse(taking, &err);
}

bool
requests_answer(struct requests *requests, struct peer *peer, uint32_t id,
    const struct message_request *request)
{
	if (requests->upstream == NULL ||
	    !text_equal(request->method, "POST") ||
	    !text_equal(request->path, path))
		return false;
	if (request->door == LISTENER_HOSTS)
		take_of_host(requests, peer, id, request);
	else
		take_local(requests, peer, id, request);
	return true;
}

/* ---- starting ------------------------------------------------------------------------------ */

int
requests_new(struct spool *spool, const char *upstream,
    struct requests **ret_requests, struct error *err)
{
	struct requests *requests = calloc(1, sizeof(*requests));

	if (requests == NULL)
		return error_set_memory(err);
	requests->spool = spool;
	requests->upstream = upstream;
	requests->wait_ms = REQUESTS_TICK_MS;
	if (loop_timer_new(spool->env->loop, requests_on_tick, requests,
		&requests->timer, err) < 0) {
		free(requests);
		return -1;
	}
	*ret_requests = requests;
	return 0;
}

void
requests_free(struct requests *requests)
{
	if (requests == NULL)
		return;
	loop_timer_free(requests->timer);
	bytes_free(&requests->due.body);
	bytes_free(&requests->answer);
	free(requests);
}

void
requests_start(struct requests *requests)
{
	if (requests->upstream != NULL)
		loop_timer_start(requests->timer, 0);
}
