/*
 * Who asked for a change, written down before the change begins, and so never
 * missing where there is one.
 */
#include "role/people/people.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "json/json_read.h"
#include "model/org.h"
#include "role/listener/listener.h"
#include "role/listener/listener_local.h"
#include "role/people/people_rows.h"
#include "role/spool/spool.h"
#include "store/store.h"

struct recording {
	struct group_op op; /* first: the group hands it back */
	struct spool *spool;
	struct peer *peer;
	uint32_t id;
	struct message_request request;
	struct bytes body;
	struct bytes files;
	people_go_on_fn go_on;
	void *ctx;
};

/* Whom the body names, where nobody logs in; "" for nobody. */
static void
read_about(const struct bytes *body, struct org_code *ret_code)
{
	struct json_document *document = NULL;
	struct error ignored = { 0 };
	const char *code = NULL;

	if (json_read(body->data, body->len, LISTENER_LOCAL_JSON_MAX, &document,
		&ignored) == 0)
		code = json_value_text(
		    json_value_member(json_root(document), "organisation"));
	if (code == NULL || !org_code_parse(code, ret_code))
		*ret_code = (struct org_code){ 0 };
	json_document_free(document);
}

/*
 * At the control socket it is a user of the operating system who asks: their
 * number is written down, and whom it is about as far as that is plain.
 */
static int
add_local(const struct recording *recording, struct asked_act *act,
    struct error *err)
{
	struct rows *rows = store_rows(recording->spool->store);
	struct org_code about;
	char actor[24];

	snprintf(actor, sizeof(actor), "uid %u",
	    (unsigned)recording->request.uid);
	if (asked_act_about(rows, act->path, &about, err) < 0)
		return -1;
	if (about.text[0] == '\0')
		read_about(&recording->body, &about);
	act->actor = actor;
	act->scope = about.text;
	act->address = "local";
	return asked_act_add(rows, act, err);
}

static int
apply(struct group_op *op, struct error *err)
{
	const struct recording *recording = (struct recording *)(void *)op;
	const struct message_request *request = &recording->request;
	struct asked_act act = {
		.at = spool_now(recording->spool),
		.actor = request->actor,
		.behalf = request->behalf,
		.scope = request->scope,
		.method = request->method,
		.path = request->path,
		.address = request->address,
	};

	if (request->door == LISTENER_LOCAL)
		return add_local(recording, &act, err);
	return asked_act_add(store_rows(recording->spool->store), &act, err);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct recording *recording = (struct recording *)(void *)op;

	recording->request.body = blob_of_bytes(&recording->body);
	recording->request.files = blob_of_bytes(&recording->files);
	if (failure != NULL)
		peer_refuse(recording->peer, recording->id, failure);
	else
		recording->go_on(recording->ctx, recording->peer, recording->id,
		    &recording->request);
	bytes_free(&recording->body);
	bytes_free(&recording->files);
	free(recording);
}

void
people_record(struct spool *spool, struct peer *peer, uint32_t id,
    const struct message_request *request, people_go_on_fn go_on, void *ctx)
{
	struct recording *recording = calloc(1, sizeof(*recording));
	struct error err = { 0 };

	if (recording == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, id, &err);
		return;
	}
	recording->spool = spool;
	recording->peer = peer;
	recording->id = id;
	recording->request = *request;
	recording->go_on = go_on;
	recording->ctx = ctx;
	bytes_put(&recording->body, request->body.data, request->body.len);
	bytes_put(&recording->files, request->files.data, request->files.len);
	if (bytes_failed(&recording->body, &err) < 0 ||
	    bytes_failed(&recording->files, &err) < 0) {
		bytes_free(&recording->body);
		bytes_free(&recording->files);
		free(recording);
		peer_refuse(peer, id, &err);
		return;
	}
	recording->op.apply = apply;
	recording->op.finish = finish;
	group_add(spool->group, &recording->op);
}
