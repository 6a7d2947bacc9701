/*
 * Who asked for a change, written down before the change begins, and so never
 * missing where there is one.
 */
#include "role/people/people.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
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

static int
apply(struct group_op *op, struct error *err)
{
	const struct recording *recording = (struct recording *)(void *)op;
	const struct message_request *request = &recording->request;
	const struct asked_act act = {
		.at = spool_now(recording->spool),
		.actor = request->actor,
		.behalf = request->behalf,
		.scope = request->scope,
		.method = request->method,
		.path = request->path,
		.address = request->address,
	};

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
