/*
 * What the sender's module made of a `rewrap`: judged, stored and stated by the
 * center that decides, passed on by the sender's.
 */
#include "center/rewrap/center_rewrap.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "center/accept/center_event.h"
#include "center/center.h"
#include "center/center_feeds.h"
#include "center/center_rows.h"
#include "center/center_status.h"
#include "center/center_watch.h"
#include "center/move/center_move.h"
#include "center/rewrap/center_rewrap_rows.h"
#include "center/send/center_send.h"
#include "center/send/center_send_rows.h"
#include "directory/directory.h"
#include "policy/admission.h"
#include "store/store.h"
#include "sys/ipc.h"

struct rewrapping {
	struct group_op op; /* first: the group hands it back */
	struct center_request request;
	struct message_rewrap_submit submit;
	struct message_addendum addendum;
	struct digest status; /* the revocation answer that was used */
	struct org_code recipient;
	struct center_news news;
	char host[MESSAGE_HOST_SIZE]; /* the receiver's, to be woken */
};

/* The sender's own host, or its center with what its host stated. */
static bool
is_of_sender(const struct rewrapping *rewrapping,
    const struct directory *directory, const struct center_waybill *waybill)
{
	struct directory_caller caller =
	    directory_identify(directory, &rewrapping->submit.fingerprint, "",
		rewrapping->request.center->name);

	if (caller.kind == HOST_CENTER)
		return text_equal(caller.name, waybill->origin);
	return caller.kind == HOST_GATEWAY &&
	    text_equal(waybill->origin, rewrapping->request.center->name) &&
	    directory_host_serves(directory, &caller.host, &waybill->sender);
}

/*
 * The new leaf names the center that has the delivery, or where the directory
 * has its recipient by now.
 */
static bool
names_center(const struct rewrapping *rewrapping,
    const struct center_delivery *delivery)
{
	const struct directory *directory =
	    spool_directory(&rewrapping->request.center->spool);
	const char *center;

	return text_equal(rewrapping->addendum.center, delivery->center) ||
	    (directory != NULL &&
		center_move_where(directory, &delivery->recipient, &center) &&
		text_equal(rewrapping->addendum.center, center));
}

static int
judge(struct rewrapping *rewrapping, const struct center_waybill *waybill,
    const struct center_delivery *delivery, uint64_t last, struct error *err)
{
	struct center *center = rewrapping->request.center;
	const struct directory *directory = spool_directory(&center->spool);
	const struct message_addendum *addendum = &rewrapping->addendum;
	struct admission_rewrap facts = {
		.environment = addendum->environment,
		.our_environment = center->environment,
		.names_delivery =
		    id_equal(&addendum->waybill_id, &waybill->waybill_id) &&
		    digest_equal(&addendum->old_leaf, &delivery->leaf) &&
		    names_center(rewrapping, delivery),
		.serial = addendum->directory,
		.last = last,
		.time_ms = addendum->time,
	};
	struct directory_org org;
	struct directory_key key;
	struct verdict verdict;

	if (directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	if (!is_of_sender(rewrapping, directory, waybill))
		return error_set_id(err, "E4003", ERROR_DENIED,
		    "%s may not speak for %s", rewrapping->submit.host,
		    waybill->sender.text);
	facts.our_serial = directory_serials(directory).directory;
	if (directory_find_org(directory, &waybill->sender, &org) &&
	    directory_find_org_key(directory, &org, KEY_MODULE,
		&addendum->signer, &key)) {
		facts.module_known = true;
		facts.module_state = key.state;
	}
	if (directory_find_receiver(directory, &rewrapping->recipient, &org,
		&key)) {
		facts.key_is_receiver =
		    text_equal(org.code.text, addendum->receiver);
		facts.key_is_known = directory_find_org_key(directory, &org,
		    KEY_SEAL, &addendum->seal, &key);
		facts.key_state = key.state;
	}
	verdict = admission_judge_rewrap(&facts, spool_now(&center->spool));
	if (verdict_check(&verdict, rewrapping->recipient.text, err) < 0)
		return -1;
	return center_status_check(center, &addendum->signer, KEY_MODULE,
	    spool_now(&center->spool), &rewrapping->status, err);
}

/* Another center decides: as it came, with what it has said so far. */
static int
pass_on(struct rewrapping *rewrapping, const struct center_delivery *delivery,
    struct error *err)
{
	struct rows *rows = store_rows(rewrapping->request.center->spool.store);
	struct center_send send = { .kind = CENTER_SEND_REWRAP,
		.waybill = delivery->row };

	rewrapping->news.is_for_others = true;
	text_copy(send.center, sizeof(send.center), delivery->center);
	return center_send_add(rows, &send, err);
}

int
center_rewrap_pass_again(struct center *center,
    const struct center_delivery *delivery, struct error *err)
{
	struct rows *rows = store_rows(center->spool.store);
	struct center_send send = { .kind = CENTER_SEND_REWRAP,
		.waybill = delivery->row };
	struct center_rewrap known = { 0 };
	int rc = center_rewrap_find(rows, delivery->row, &known, err);

	if (rc > 0 && known.serial > 0) {
		text_copy(send.center, sizeof(send.center), delivery->center);
		rc = center_send_add(rows, &send, err);
	}
	center_rewrap_free(&known);
	return rc < 0 ? -1 : 0;
}

static int
write_rewrapped(struct rewrapping *rewrapping,
    const struct center_waybill *waybill, struct center_delivery *delivery,
    struct error *err)
{
	struct center *center = rewrapping->request.center;
	enum delivery_effect effect = delivery_apply(&delivery->life,
	    center_role(center, waybill, delivery), EVENT_REWRAPPED, false);
	const struct center_event event = {
		.event = EVENT_REWRAPPED,
		.signer = STATEMENT_MODULE,
		.at = rewrapping->submit.host,
		.act = rewrapping->submit.cms,
		.status = rewrapping->status,
	};
	struct directory_org receiver;
	struct directory_key seal;
	uint64_t entry;

	if (effect == DELIVERY_FOREIGN)
		return pass_on(rewrapping, delivery, err);
	if (effect != DELIVERY_NOTED)
		return error_set_id(err, "E4102", ERROR_DENIED,
		    "a key part for a delivery that is %s and waits for none",
		    delivery_state_name(delivery->life.state));
	if (center_event_write(center, waybill, delivery, &event, &entry,
		&rewrapping->news, err) < 0)
		return -1;
	if (!directory_find_receiver(spool_directory(&center->spool),
		&rewrapping->recipient, &receiver, &seal))
		return 0; /* judged a moment ago: cannot be */
	text_copy(rewrapping->host, sizeof(rewrapping->host), receiver.host);
	return center_feed_announce(center, delivery->row, receiver.host, entry,
	    err);
}

static bool
is_same(const struct center_rewrap *known, struct blob cms)
{
	return known->addendum.len == cms.len &&
	    memcmp(known->addendum.data, cms.data, cms.len) == 0;
}

static int
take(struct rewrapping *rewrapping, const struct center_waybill *waybill,
    struct center_delivery *delivery, struct error *err)
{
	struct rows *rows = store_rows(rewrapping->request.center->spool.store);
	struct center_rewrap known = { 0 };
	int rc = center_rewrap_find(rows, delivery->row, &known, err);

	/* A repeat, durable before; but who decides may have lost it. */
	if (rc > 0 && is_same(&known, rewrapping->submit.cms))
		rc = text_equal(delivery->center,
			 rewrapping->request.center->name)
		    ? 0
		    : pass_on(rewrapping, delivery, err);
	else if (rc >= 0)
		rc = judge(rewrapping, waybill, delivery, known.serial, err) <
			    0 ||
			center_rewrap_set(rows, delivery->row,
			    &rewrapping->addendum, rewrapping->submit.cms,
			    rewrapping->submit.key_part, err) < 0
		    ? -1
		    : write_rewrapped(rewrapping, waybill, delivery, err);
	center_rewrap_free(&known);
	return rc;
}

static int
apply_rewrapping(struct group_op *op, struct error *err)
{
	struct rewrapping *rewrapping = (struct rewrapping *)(void *)op;
	struct rows *rows = store_rows(rewrapping->request.center->spool.store);
	struct center_waybill waybill;
	struct center_delivery delivery;
	int found =
	    center_waybill_find_named(rows, &rewrapping->addendum.waybill_id,
		&rewrapping->addendum.waybill, &waybill, err);

	if (found > 0)
		found = center_delivery_find(rows, waybill.row,
		    &rewrapping->recipient, &delivery, err);
	if (found < 0)
		return -1;
	if (found == 0)
		return error_set_id(err, "E4032", ERROR_NOT_FOUND,
		    "no delivery of that waybill to %s here",
		    rewrapping->recipient.text);
	return take(rewrapping, &waybill, &delivery, err);
}

static void
end(struct rewrapping *rewrapping, const struct error *failure)
{
	struct center *center = rewrapping->request.center;
	struct log_line line;

	log_begin(&line, &center->spool.env->log,
	    failure != NULL ? LOG_LEVEL_WARNING : LOG_LEVEL_NOTICE,
	    failure != NULL ? error_message_id(failure) : "rewrap.taken");
	log_text(&line, "org", rewrapping->recipient.text);
	log_text(&line, "host", rewrapping->submit.host);
	if (failure != NULL)
		log_error(&line, failure);
	log_end(&line);
	if (failure != NULL)
		peer_refuse(rewrapping->request.peer, rewrapping->request.id,
		    failure);
	else
		peer_tell(rewrapping->request.peer, MESSAGE_DONE,
		    rewrapping->request.id, NULL, -1);
	center_request_free(&rewrapping->request);
	free(rewrapping);
}

static void
finish_rewrapping(struct group_op *op, const struct error *failure)
{
	struct rewrapping *rewrapping = (struct rewrapping *)(void *)op;
	struct center *center = rewrapping->request.center;

	if (failure == NULL) {
		center_news_tell(center, &rewrapping->news);
		if (rewrapping->host[0] != '\0')
			center_watch_wake(center->watch, rewrapping->host);
	}
	end(rewrapping, failure);
}

static int
read_submit(struct rewrapping *rewrapping, struct error *err)
{
	const struct bytes *body = &rewrapping->request.body;

	if (codec_decode(message_fields(MESSAGE_REWRAP_SUBMIT), body->data,
		body->len, &rewrapping->submit, err) < 0 ||
	    codec_decode(message_fields(MESSAGE_ADDENDUM),
		rewrapping->submit.addendum.data,
		rewrapping->submit.addendum.len, &rewrapping->addendum,
		err) < 0)
		return -1;
	if (!org_code_parse(rewrapping->addendum.recipient,
		&rewrapping->recipient))
		return error_set(err, ERROR_MALFORMED, "addendum of %s",
		    rewrapping->addendum.recipient);
	return 0;
}

void
center_rewrap_on_submit(void *ctx, struct peer *peer,
    struct ipc_message *message)
{
	struct rewrapping *rewrapping = calloc(1, sizeof(*rewrapping));
	struct error err = { 0 };

	if (rewrapping == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, message->id, &err);
		return;
	}
	rewrapping->op.apply = apply_rewrapping;
	rewrapping->op.finish = finish_rewrapping;
	if (center_request_keep(ctx, peer, message, &rewrapping->request,
		&err) < 0) {
		peer_refuse(peer, message->id, &err);
		free(rewrapping);
		return;
	}
	if (read_submit(rewrapping, &err) < 0)
		end(rewrapping, &err);
	else
		group_add(rewrapping->request.center->spool.group,
		    &rewrapping->op);
}
