#include "center/center_act.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "center/center_log.h"
#include "center/center_rows.h"
#include "center/center_send.h"
#include "center/center_watch.h"
#include "directory/directory.h"
#include "policy/admission.h"
#include "store/store.h"
#include "sys/ipc.h"

struct acting {
	struct group_op op;
	struct center_request request;
	struct message_act_submit submit;
	struct message_act act;
	struct org_code recipient;
	struct directory_key signer; /* what it is registered for */
	bool is_repeat;
	uint64_t entry;
	struct bytes key_part;
	char woken[MESSAGE_HOST_SIZE]; /* host to wake; "" for none */
	bool is_for_others;            /* another center must be told */
};

static void
free_acting(struct acting *acting)
{
	bytes_free(&acting->key_part);
	center_request_free(&acting->request);
	free(acting);
}

static bool
find_key(struct acting *acting, const struct directory *directory,
    const struct org_code *code)
{
	static const enum key_use uses[] = { KEY_SIGN, KEY_MODULE };
	struct directory_org org;

	if (!directory_find_org(directory, code, &org))
		return false;
	for (size_t i = 0; i < ARRAY_LEN(uses); i++)
		if (directory_find_org_key(directory, &org, uses[i],
			&acting->act.signer, &acting->signer))
			return true;
	return false;
}

/* Is the signer's certificate registered for the recipient or its parent? */
static bool
find_signer(struct acting *acting, const struct directory *directory)
{
	struct org_code parent = org_code_parent(&acting->recipient);

	return find_key(acting, directory, &acting->recipient) ||
	    find_key(acting, directory, &parent);
}

static int
judge(struct acting *acting, const struct center_waybill *waybill,
    const struct center_delivery *delivery, struct error *err)
{
	struct center *center = acting->request.center;
	const struct directory *directory = spool_directory(&center->spool);
	struct directory_host host;
	struct verdict verdict;
	struct admission_act facts = {
		.environment = acting->act.environment,
		.our_environment = center->environment,
		.event = (enum event)acting->act.event,
		.names_delivery =
		    digest_equal(&acting->act.leaf, &delivery->leaf) &&
		    digest_equal(&acting->act.content, &waybill->content),
		.time_ms = acting->act.time,
	};

	if (directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	if (directory_find_host(directory, &acting->submit.fingerprint, &host))
		facts.host_serves_recipient =
		    directory_host_serves(directory, &host, &acting->recipient);
	facts.signer_known = find_signer(acting, directory);
	facts.signer_use = acting->signer.use;
	facts.signer_state = acting->signer.state;
	verdict = admission_judge_act(&facts, spool_now(&center->spool));
	return verdict_check(&verdict, acting->recipient.text, err);
}

static int
state(struct acting *acting, const struct center_waybill *waybill,
    const struct center_delivery *delivery, struct error *err)
{
	struct statement statement = {
		.event = (enum event)acting->act.event,
		.waybill = waybill->digest,
		.waybill_id = waybill->waybill_id,
		.sender = waybill->sender,
		.recipient = delivery->recipient,
		.leaf = delivery->leaf,
		.signer = acting->signer.use == KEY_SIGN
		    ? STATEMENT_ORGANISATION
		    : STATEMENT_MODULE,
	};
	int rc = -1;

	text_copy(statement.at, sizeof(statement.at), acting->submit.host);
	bytes_put(&statement.act, acting->submit.cms.data,
	    acting->submit.cms.len);
	if (bytes_failed(&statement.act, err) == 0)
		rc = center_log_state(acting->request.center, &statement,
		    &acting->entry, err);
	statement_free(&statement);
	return rc;
}

/* The sender is told: by its feed here, or through its own center. */
static int
tell_sender(struct acting *acting, const struct center_waybill *waybill,
    struct error *err)
{
	struct center *center = acting->request.center;
	struct rows *rows = store_rows(center->spool.store);
	struct center_send send = { .kind = CENTER_SEND_RECEIPT,
		.entry = acting->entry };

	if (text_equal(waybill->origin, center->name)) {
		text_copy(acting->woken, sizeof(acting->woken), waybill->host);
		return center_feed_add(rows, waybill->host, 0, acting->entry,
		    err);
	}
	acting->is_for_others = true;
	text_copy(send.center, sizeof(send.center), waybill->origin);
	return center_send_add(rows, &send, err);
}

static int
write_act(struct acting *acting, const struct center_waybill *waybill,
    struct center_delivery *delivery, struct error *err)
{
	struct center *center = acting->request.center;
	struct rows *rows = store_rows(center->spool.store);
	enum event event = (enum event)acting->act.event;
	enum delivery_role role = text_equal(waybill->origin, center->name)
	    ? DELIVERY_LOCAL
	    : DELIVERY_TARGET;
	enum delivery_effect effect =
	    delivery_apply(&delivery->life, role, event, false);

	if (effect == DELIVERY_DENIED || effect == DELIVERY_FOREIGN)
		return error_set_id(err, "E4102", ERROR_DENIED,
		    "%s of a delivery that is %s", event_name(event),
		    delivery_state_name(delivery->life.state));
	if (state(acting, waybill, delivery, err) < 0 ||
	    center_act_add(rows, delivery->row, event, acting->entry, err) <
		0 ||
	    center_delivery_save(rows, delivery, err) < 0)
		return -1;
	return tell_sender(acting, waybill, err);
}

static int
apply(struct group_op *op, struct error *err)
{
	struct acting *acting = (struct acting *)(void *)op;
	struct rows *rows = store_rows(acting->request.center->spool.store);
	enum event event = (enum event)acting->act.event;
	struct center_waybill waybill;
	struct center_delivery delivery;
	int found = center_waybill_find_digest(rows, &acting->act.waybill,
	    &waybill, err);

	if (found > 0)
		found = center_delivery_find(rows, waybill.row,
		    &acting->recipient, &delivery, err);
	if (found < 0)
		return -1;
	if (found == 0)
		return error_set_id(err, "E4032", ERROR_NOT_FOUND,
		    "no delivery of that waybill to %s here",
		    acting->recipient.text);
	if (judge(acting, &waybill, &delivery, err) < 0)
		return -1;
	if (event == EVENT_FETCHED &&
	    center_key_part(rows, delivery.row, &acting->key_part, err) < 0)
		return -1;
	found = center_act_find(rows, delivery.row, event, &acting->entry, err);
	if (found != 0) {
		acting->is_repeat = found > 0;
		return found < 0 ? -1 : 0;
	}
	return write_act(acting, &waybill, &delivery, err);
}

static void
refuse(const struct acting *acting, const struct error *failure)
{
	struct log_line line;

	log_begin(&line, &acting->request.center->spool.env->log,
	    LOG_LEVEL_WARNING, error_message_id(failure));
	log_text(&line, "org", acting->recipient.text);
	log_text(&line, "host", acting->submit.host);
	log_error(&line, failure);
	log_end(&line);
	peer_refuse(acting->request.peer, acting->request.id, failure);
}

static void
answer(const struct acting *acting)
{
	struct center *center = acting->request.center;
	struct message_acted acted = { .is_repeat = acting->is_repeat,
		.key_part = blob_of_bytes(&acting->key_part) };
	struct bytes json = { 0 };
	struct error err = { 0 };

	if (center_log_receipt(store_leaves(center->spool.store), acting->entry,
		&json, &err) < 0) {
		refuse(acting, &err);
	} else {
		acted.receipt = blob_of_bytes(&json);
		peer_tell(acting->request.peer, MESSAGE_ACTED,
		    acting->request.id, &acted, -1);
	}
	bytes_free(&json);
}

static void
finish(struct group_op *op, const struct error *failure)
{
	struct acting *acting = (struct acting *)(void *)op;
	struct center *center = acting->request.center;

	if (failure != NULL) {
		refuse(acting, failure);
		free_acting(acting);
		return;
	}
	answer(acting);
	if (acting->woken[0] != '\0')
		center_watch_wake(center->watch, acting->woken);
	if (acting->is_for_others)
		center_sender_wake(center->sender);
	free_acting(acting);
}

static int
read_submit(struct acting *acting, struct error *err)
{
	const struct bytes *body = &acting->request.body;

	if (codec_decode(message_fields(MESSAGE_ACT_SUBMIT), body->data,
		body->len, &acting->submit, err) < 0 ||
	    codec_decode(message_fields(MESSAGE_ACT), acting->submit.act.data,
		acting->submit.act.len, &acting->act, err) < 0)
		return -1;
	if (acting->act.event >= EVENT_COUNT ||
	    !org_code_parse(acting->act.recipient, &acting->recipient))
		return error_set(err, ERROR_MALFORMED, "act of %s",
		    acting->act.recipient);
	return 0;
}

void
center_act_on_submit(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct acting *acting = calloc(1, sizeof(*acting));
	struct error err = { 0 };

	if (acting == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, message->id, &err);
		return;
	}
	acting->op.apply = apply;
	acting->op.finish = finish;
	if (center_request_keep(ctx, peer, message, &acting->request, &err) <
	    0) {
		peer_refuse(peer, message->id, &err);
		free(acting);
		return;
	}
	if (read_submit(acting, &err) < 0) {
		refuse(acting, &err);
		free_acting(acting);
		return;
	}
	group_add(acting->request.center->spool.group, &acting->op);
}
