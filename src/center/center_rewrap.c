#include "center/center_rewrap.h"

#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "center/center_event.h"
#include "center/center_rewrap_rows.h"
#include "center/center_rows.h"
#include "center/center_send.h"
#include "center/center_watch.h"
#include "directory/directory.h"
#include "policy/admission.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum {
	DELIVERIES_MAX = 200, /* looked at in one group */
	LOOK_AGAIN_MS = 1000,
};

/* ---- what the directory says ----------------------------------------- */

static bool
has_seal(const struct directory *directory, const struct directory_org *org,
    const struct digest *seal)
{
	struct directory_key key;

	return directory_find_org_key(directory, org, KEY_SEAL, seal, &key) &&
	    key.state != KEY_REVOKED;
}

bool
center_rewrap_is_wanted(const struct directory *directory,
    const struct org_code *recipient, const struct digest *seal,
    const struct org_code *receiver)
{
	struct directory_org org;
	struct directory_key key;

	if (directory_find_receiver(directory, recipient, &org, &key))
		return !has_seal(directory, &org, seal) ||
		    (directory_is_heir(&org, recipient) &&
			!org_code_equal(&org.code, receiver));
	return directory_find_org(directory, recipient, &org) &&
	    !has_seal(directory, &org, seal);
}

/* ---- marking --------------------------------------------------------- */

/* One page of the unopened deliveries. */
struct marking {
	struct group_op op; /* first: the group hands it back */
	struct center_rewrapper *rewrapper;
	int64_t after;
	size_t count; /* looked at */
	struct center_news *news;
	size_t news_count;
};

struct center_rewrapper {
	struct center *center;
	struct loop_timer *timer;
	int64_t after;    /* row up to which was looked */
	bool is_started;  /* receipts can be stated */
	bool is_marking;  /* a page is under way */
	bool is_outdated; /* begin again when it is done */
};

static int
mark(struct marking *marking, struct center_delivery *delivery,
    struct error *err)
{
	struct center *center = marking->rewrapper->center;
	struct rows *rows = store_rows(center->spool.store);
	const struct directory *directory = spool_directory(&center->spool);
	const struct center_event event = { .event = EVENT_REWRAP,
		.signer = STATEMENT_CENTER,
		.at = center->name };
	struct center_rewrap rewrap = { 0 };
	struct center_waybill waybill;
	uint64_t entry;
	int found = center_rewrap_find(rows, delivery->row, &rewrap, err);
	bool is_wanted = found >= 0 &&
	    center_rewrap_is_wanted(directory, &delivery->recipient,
		rewrap.serial > 0 ? &rewrap.seal : &delivery->seal,
		&rewrap.receiver);

	center_rewrap_free(&rewrap);
	if (found < 0 || !is_wanted)
		return found < 0 ? -1 : 0;
	found = center_waybill_find_row(rows, delivery->waybill, &waybill, err);
	if (found <= 0)
		return found;
	if (delivery_apply(&delivery->life,
		center_role(center, &waybill, delivery), EVENT_REWRAP,
		false) != DELIVERY_NOTED)
		return 0;
	if (center_rewrap_ask(rows, delivery->row, spool_now(&center->spool),
		err) < 0)
		return -1;
	return center_event_write(center, &waybill, delivery, &event, &entry,
		   &marking->news[marking->news_count], err) < 0
	    ? -1
	    : (marking->news_count++, 0);
}

/* Another host receives it now, with the same key: it gets the delivery. */
static int
follow_host(struct marking *marking, const struct center_delivery *delivery,
    struct error *err)
{
	struct center *center = marking->rewrapper->center;
	const struct directory *directory = spool_directory(&center->spool);
	struct center_news *news = &marking->news[marking->news_count];
	struct directory_org receiver;
	struct directory_key seal;

	if (delivery->life.wants_rewrap ||
	    !directory_find_receiver(directory, &delivery->recipient, &receiver,
		&seal) ||
	    text_equal(receiver.host, delivery->host))
		return 0;
	marking->news_count++;
	*news = (struct center_news){ 0 };
	text_copy(news->host, sizeof(news->host), receiver.host);
	return center_delivery_announce(store_rows(center->spool.store),
	    delivery->row, receiver.host, 0, err);
}

static int
apply_marking(struct group_op *op, struct error *err)
{
	struct marking *marking = (struct marking *)(void *)op;
	struct center *center = marking->rewrapper->center;
	struct rows *rows = store_rows(center->spool.store);
	struct center_delivery delivery;
	int64_t row;
	int more = 1;

	if (spool_directory(&center->spool) == NULL)
		return 0;
	while (marking->count < DELIVERIES_MAX &&
	    (more = center_unopened_next(rows, center->name, marking->after,
		 &row, err)) > 0) {
		marking->count++;
		marking->after = row;
		more = center_delivery_find_row(rows, row, &delivery, err);
		if (more > 0 &&
		    (mark(marking, &delivery, err) < 0 ||
			follow_host(marking, &delivery, err) < 0))
			more = -1;
		if (more < 0)
			break;
	}
	return more < 0 ? -1 : 0;
}

static void
finish_marking(struct group_op *op, const struct error *failure)
{
	struct marking *marking = (struct marking *)(void *)op;
	struct center_rewrapper *rewrapper = marking->rewrapper;
	struct center *center = rewrapper->center;
	bool is_last = marking->count < DELIVERIES_MAX;

	rewrapper->is_marking = false;
	if (failure != NULL) {
		log_failure(&center->spool.env->log, LOG_LEVEL_WARNING,
		    "rewrap.later", failure);
		loop_timer_start(rewrapper->timer, LOOK_AGAIN_MS);
	} else {
		for (size_t i = 0; i < marking->news_count; i++)
			center_news_tell(center, &marking->news[i]);
		rewrapper->after = marking->after;
	}
	free(marking->news);
	free(marking);
	if (rewrapper->is_outdated) {
		rewrapper->is_outdated = false;
		rewrapper->after = 0;
		is_last = false;
	}
	if (failure == NULL && !is_last)
		loop_timer_start(rewrapper->timer, 0);
}

static void
look(void *ctx)
{
	struct center_rewrapper *rewrapper = ctx;
	struct marking *marking;

	if (rewrapper->is_marking)
		return;
	marking = calloc(1, sizeof(*marking));
	if (marking != NULL)
		marking->news = calloc(DELIVERIES_MAX, sizeof(*marking->news));
	if (marking == NULL || marking->news == NULL) {
		free(marking);
		loop_timer_start(rewrapper->timer, LOOK_AGAIN_MS);
		return;
	}
	rewrapper->is_marking = true;
	marking->rewrapper = rewrapper;
	marking->after = rewrapper->after;
	marking->op.apply = apply_marking;
	marking->op.finish = finish_marking;
	group_add(rewrapper->center->spool.group, &marking->op);
}

int
center_rewrapper_new(struct center *center,
    struct center_rewrapper **ret_rewrapper, struct error *err)
{
	struct center_rewrapper *rewrapper = calloc(1, sizeof(*rewrapper));

	if (rewrapper == NULL)
		return error_set_memory(err);
	rewrapper->center = center;
	if (loop_timer_new(center->spool.env->loop, look, rewrapper,
		&rewrapper->timer, err) < 0) {
		free(rewrapper);
		return -1;
	}
	*ret_rewrapper = rewrapper;
	return 0;
}

void
center_rewrapper_free(struct center_rewrapper *rewrapper)
{
	if (rewrapper == NULL)
		return;
	loop_timer_free(rewrapper->timer);
	free(rewrapper);
}

void
center_rewrapper_start(struct center_rewrapper *rewrapper)
{
	rewrapper->is_started = true;
	loop_timer_start(rewrapper->timer, 0);
}

void
center_rewrapper_on_directory(struct center_rewrapper *rewrapper)
{
	if (!rewrapper->is_started)
		return;
	if (rewrapper->is_marking) {
		rewrapper->is_outdated = true;
		return;
	}
	rewrapper->after = 0;
	loop_timer_start(rewrapper->timer, 0);
}

/* ---- what the sender's module made ----------------------------------- */

struct rewrapping {
	struct group_op op; /* first: the group hands it back */
	struct center_request request;
	struct message_rewrap_submit submit;
	struct message_addendum addendum;
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
	    directory_identify(directory, &rewrapping->submit.fingerprint, "");

	if (caller.kind == HOST_CENTER)
		return text_equal(caller.name, waybill->origin);
	return caller.kind == HOST_GATEWAY &&
	    text_equal(waybill->origin, rewrapping->request.center->name) &&
	    directory_host_serves(directory, &caller.host, &waybill->sender);
}

static int
judge(const struct rewrapping *rewrapping, const struct center_waybill *waybill,
    const struct center_delivery *delivery, uint64_t last, struct error *err)
{
	const struct center *center = rewrapping->request.center;
	const struct directory *directory = spool_directory(&center->spool);
	const struct message_addendum *addendum = &rewrapping->addendum;
	struct admission_rewrap facts = {
		.environment = addendum->environment,
		.our_environment = center->environment,
		.names_delivery =
		    id_equal(&addendum->waybill_id, &waybill->waybill_id) &&
		    digest_equal(&addendum->old_leaf, &delivery->leaf) &&
		    text_equal(addendum->center, delivery->center),
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
	return verdict_check(&verdict, rewrapping->recipient.text, err);
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

static int
write_rewrapped(struct rewrapping *rewrapping,
    const struct center_waybill *waybill, struct center_delivery *delivery,
    struct error *err)
{
	struct center *center = rewrapping->request.center;
	struct rows *rows = store_rows(center->spool.store);
	enum delivery_effect effect = delivery_apply(&delivery->life,
	    center_role(center, waybill, delivery), EVENT_REWRAPPED, false);
	const struct center_event event = {
		.event = EVENT_REWRAPPED,
		.signer = STATEMENT_MODULE,
		.at = rewrapping->submit.host,
		.act = rewrapping->submit.cms,
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
	return center_delivery_announce(rows, delivery->row, receiver.host,
	    entry, err);
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
	int found = center_waybill_find_digest(rows,
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
