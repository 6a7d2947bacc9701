#include "gateway/sending/ask.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "gateway/gateway.h"
#include "role/people/people_admit.h"
#include "role/problem.h"
#include "service/config.h"
#include "store/store.h"

static void
free_ask(struct sending_ask *ask)
{
	if (ask == NULL)
		return;
	http_target_free(&ask->target);
	json_document_free(ask->body);
	bytes_free(&ask->json);
	bytes_free(&ask->raw);
	free(ask);
}

struct rows *
sending_ask_rows(const struct sending_ask *ask)
{
	return store_rows(ask->gateway->spool.store);
}

int64_t
sending_ask_now(const struct sending_ask *ask)
{
	return spool_now(&ask->gateway->spool);
}

const struct json_value *
sending_ask_member(const struct sending_ask *ask, const char *name)
{
	return json_value_member(json_root(ask->body), name);
}

/* ---- what is asked --------------------------------------------------- */

int
sending_ask_text(const struct sending_ask *ask, const char *name,
    bool is_needed, char *to, size_t size, struct error *err)
{
	return sending_text(name,
	    json_value_text(sending_ask_member(ask, name)), is_needed, to, size,
	    err);
}

int
sending_text(const char *name, const char *text, bool is_needed, char *to,
    size_t size, struct error *err)
{
	if (text == NULL)
		text = "";
	for (const char *at = text; *at != '\0'; at++)
		if ((unsigned char)*at < ' ' || *at == 0x7f)
			return error_set_id(err, "E6204", ERROR_MALFORMED,
			    "%s holds a control character", name);
	if ((is_needed && *text == '\0') || !text_copy(to, size, text))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "%s must be a text of at most %zu bytes", name, size - 1);
	return 0;
}

/* The only organisation that signs here: true. */
static bool
find_only(const struct config *config, struct org_code *ret_code)
{
	size_t count = 0;

	for (size_t i = 0; i < config->key_count; i++)
		if (text_starts(config->keys[i].name, "sign.") &&
		    org_code_parse(config->keys[i].name + 5, ret_code))
			count++;
	return count == 1;
}

int
sending_organisation(const struct config *config, const char *scope,
    const char *code, struct org_code *ret_code, struct error *err)
{
	char name[MESSAGE_KEY_NAME_SIZE] = "sign.";
	struct org_code parent;

	if (code[0] == '\0')
		code = scope;
	if (code[0] == '\0')
		return find_only(config, ret_code)
		    ? 0
		    : error_set_id(err, "E6204", ERROR_MALFORMED,
			  "organisation must say whose it is");
	if (!org_code_parse(code, ret_code))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "organisation must be a code");
	if (!people_may_see(scope, ret_code->text))
		return error_set_id(err, "E6403", ERROR_DENIED,
		    "%s is another organisation", ret_code->text);
	parent = org_code_parent(ret_code);
	memcpy(name + 5, parent.text, strlen(parent.text) + 1);
	if (config_key_source(config, name) == NULL)
		return error_set_id(err, "E6414", ERROR_DENIED,
		    "%s has no key here", ret_code->text);
	return 0;
}

int
sending_ask_organisation(const struct sending_ask *ask,
    struct org_code *ret_code, struct error *err)
{
	char code[ORG_TEXT_SIZE];

	if (sending_ask_text(ask, "organisation", false, code, sizeof(code),
		err) < 0)
		return -1;
	return sending_organisation(ask->gateway->spool.env->config, ask->scope,
	    code, ret_code, err);
}

int
sending_ask_actor(const struct sending_ask *ask, char *to, size_t size,
    struct error *err)
{
	if (ask->actor[0] == '\0')
		return sending_ask_text(ask, "by", false, to, size, err);
	if (text_copy(to, size, ask->actor))
		return 0;
	return error_set_id(err, "E6204", ERROR_MALFORMED,
	    "the name of who asks is too long");
}

/* ---- durable --------------------------------------------------------- */

static int
apply(struct group_op *op, struct error *err)
{
	struct sending_ask *ask = (struct sending_ask *)(void *)op;

	bytes_clear(&ask->json);
	ask->writer = json_writer_to(&ask->json);
	if (ask->change(ask, err) < 0)
		return -1;
	return json_write_done(&ask->writer, err);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct sending_ask *ask = (struct sending_ask *)(void *)op;
	struct message_response response = { .status = ask->status };

	text_copy(response.type, sizeof(response.type), ask->type);
	response.body = blob_of_bytes(&ask->json);
	if (failure != NULL)
		peer_refuse(ask->peer, ask->id, failure);
	else
		peer_tell(ask->peer, MESSAGE_RESPONSE, ask->id, &response, -1);
	free_ask(ask);
}

/* ---- the request ----------------------------------------------------- */

static int
read_request(struct sending_ask *ask, const struct message_request *request,
    struct error *err)
{
	static const struct digest none = { { 0 } };
	struct blob body = request->body;

	text_copy(ask->actor, sizeof(ask->actor), request->actor);
	text_copy(ask->scope, sizeof(ask->scope), request->scope);
	text_copy(ask->match, sizeof(ask->match), request->match);
	text_copy(ask->unit, sizeof(ask->unit), request->unit);
	ask->person = request->person;
	ask->is_person = !digest_equal(&request->session, &none);
	ask->is_english = problem_is_english(request->language);
	if (text_equal(request->type, "text/csv")) {
		bytes_put(&ask->raw, body.data, body.len);
		body.len = 0;
	}
	if (body.len == 0)
		body = blob_of("{}", 2);
	if (bytes_failed(&ask->raw, err) < 0 ||
	    http_target_parse(request->path, strlen(request->path),
		&ask->target, err) < 0 ||
	    json_read(body.data, body.len, SENDING_BODY_MAX, &ask->body, err) <
		0)
		return -1;
	if (json_value_is_object(json_root(ask->body)))
		return 0;
	return error_set_id(err, "E6204", ERROR_MALFORMED,
	    "the body must be an object");
}

void
sending_ask_begin(struct gateway *gateway, struct peer *peer, uint32_t id,
    const struct message_request *request,
    int (*change)(struct sending_ask *ask, struct error *err))
{
	struct sending_ask *ask = calloc(1, sizeof(*ask));
	struct error err = { 0 };

	if (ask == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return;
	}
	ask->gateway = gateway;
	ask->peer = peer;
	ask->id = id;
	ask->status = 200;
	ask->type = "application/json";
	ask->change = change;
	ask->op.apply = apply;
	ask->op.finish = finish;
	if (read_request(ask, request, &err) < 0) {
		peer_refuse(peer, id, &err);
		free_ask(ask);
		return;
	}
	group_add(gateway->spool.group, &ask->op);
}

bool
sending_names_next(const char **at, char *to, size_t size)
{
	size_t len;

	if (*at == NULL || **at == '\0')
		return false;
	len = strcspn(*at, "/");
	if (!text_copy_len(to, size, *at, len))
		to[0] = '\0';
	*at += len + ((*at)[len] == '/');
	return true;
}

bool
sending_names_have(const char *names, const char *name)
{
	size_t len = strlen(name);

	while (names != NULL && *names != '\0') {
		size_t one = strcspn(names, "/");

		if (one == len && memcmp(names, name, len) == 0)
			return true;
		names += one + (names[one] == '/');
	}
	return false;
}
