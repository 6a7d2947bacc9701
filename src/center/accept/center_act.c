#include "center/accept/center_act.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/accept/center_event.h"
#include "center/center.h"
#include "center/center_rows.h"
#include "center/center_status.h"
#include "center/epoch/center_epoch.h"
#include "center/hold/center_hold.h"
#include "center/log/center_log.h"
#include "center/move/center_move.h"
#include "center/rewrap/center_rewrap_rows.h"
#include "center/send/center_send_rows.h"
#include "directory/directory.h"
#include "envelope/act.h"
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
	struct digest status;        /* revocation answer that was used */
	bool is_repeat;
	uint64_t entry;
	struct bytes key_part;
	struct center_rewrap rewrap; /* the delivery's, empty for none */
	bool gets_rewrap;            /* its key part, and not the first one */
	bool is_passed_on; /* to the center that decides; nothing is stated */
	struct center_news news;
	bool goes_on; /* to the center that has the delivery: submit.center */
};

static void
free_acting(struct acting *acting)
{
	bytes_free(&acting->key_part);
	center_rewrap_free(&acting->rewrap);
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

/*
 * Who took a delivery over: he for whom its key part was made anew, if the
 * directory still says that he receives for the recipient.
 */
static bool
find_heir(const struct acting *acting, const struct directory *directory,
    const struct org_code *recipient, struct org_code *ret_heir)
{
	struct directory_org receiver;
	struct directory_key seal;

	if (acting->rewrap.serial == 0 ||
	    !directory_find_receiver(directory, recipient, &receiver, &seal) ||
	    !org_code_equal(&receiver.code, &acting->rewrap.receiver))
		return false;
	*ret_heir = receiver.code;
	return true;
}

/* Is the certificate registered for the side, its parent, or who took over? */
static bool
find_signer(struct acting *acting, const struct directory *directory,
    const struct org_code *side)
{
	struct org_code parent = org_code_parent(side);
	struct org_code heir;

	return find_key(acting, directory, side) ||
	    find_key(acting, directory, &parent) ||
	    (!act_is_of_sender((enum event)acting->act.event) &&
		find_heir(acting, directory, side, &heir) &&
		find_key(acting, directory, &heir));
}

/*
 * The side's own host, or a center with what its host stated: the sender's, or
 * the one that serves the side by now.
 */
static bool
is_side_host(const struct acting *acting, const struct directory *directory,
    const struct center_waybill *waybill, const struct org_code *side)
{
	const char *center;
	struct directory_caller caller = directory_identify(directory,
	    &acting->submit.fingerprint, "", acting->request.center->name);
	struct directory_org receiver;
	struct directory_key seal;
	struct org_code heir;

	if (caller.kind == HOST_CENTER)
		return (act_is_of_sender((enum event)acting->act.event) &&
			   text_equal(caller.name, waybill->origin)) ||
		    (center_move_where(directory, side, &center) &&
			text_equal(caller.name, center));
	if (caller.kind != HOST_GATEWAY)
		return false;
	if (act_is_of_sender((enum event)acting->act.event))
		return directory_host_serves(directory, &caller.host, side);
	/* What leads to a key is for who receives today alone. */
	if ((acting->act.event == EVENT_FETCHED ||
		acting->act.event == EVENT_REWRAP) &&
	    directory_find_receiver(directory, side, &receiver, &seal))
		return text_equal(receiver.host, caller.name) &&
		    (directory_host_serves(directory, &caller.host, side) ||
			find_heir(acting, directory, side, &heir));
	return directory_host_serves(directory, &caller.host, side) ||
	    (find_heir(acting, directory, side, &heir) &&
		directory_host_serves(directory, &caller.host, &heir));
}

static int
judge(struct acting *acting, const struct center_waybill *waybill,
    const struct center_delivery *delivery, struct error *err)
{
	struct center *center = acting->request.center;
	const struct directory *directory = spool_directory(&center->spool);
	const struct org_code *side =
	    act_is_of_sender((enum event)acting->act.event)
	    ? &waybill->sender
	    : &delivery->recipient;
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
	facts.host_serves_side = is_side_host(acting, directory, waybill, side);
	facts.signer_known = find_signer(acting, directory, side);
	facts.signer_use = acting->signer.use;
	facts.signer_state = acting->signer.state;
	verdict = admission_judge_act(&facts, spool_now(&center->spool));
	if (verdict_check(&verdict, side->text, err) < 0)
		return -1;
	/* What is handed in again was stated before, and judged then. */
	return center_status_check(center, &acting->act.signer,
	    acting->signer.use,
	    acting->submit.is_again ? acting->act.time
				    : spool_now(&center->spool),
	    &acting->status, err);
}

/* The recipient's center decides, and it has not answered our relay yet. */
static int
pass_on(struct acting *acting, const struct center_delivery *delivery,
    struct error *err)
{
	struct rows *rows = store_rows(acting->request.center->spool.store);
	struct center_send send = { .kind = CENTER_SEND_WITHDRAWAL,
		.waybill = delivery->row };

	acting->is_passed_on = true;
	acting->news.is_for_others = true;
	text_copy(send.center, sizeof(send.center), delivery->center);
	return center_withdrawal_add(rows, delivery->row, acting->submit.cms,
		   err) < 0
	    ? -1
	    : center_send_add(rows, &send, err);
}

static int
refuse_move(const struct acting *acting, const struct center_delivery *delivery,
    struct error *err)
{
	enum event event = (enum event)acting->act.event;

	return error_set_id(err, "E4102", ERROR_DENIED,
	    "%s of a delivery that is %s", event_name(event),
	    delivery_state_name(delivery->life.state));
}

/* No key for what is held: the rules count, also before the sweep came by. */
static int
check_hold(const struct acting *acting, const struct center_waybill *waybill,
    const struct center_delivery *delivery, struct error *err)
{
	if (acting->act.event != EVENT_FETCHED ||
	    delivery_state_is_terminal(delivery->life.state) ||
	    (!delivery->life.is_suspended &&
		!center_holds_stop(acting->request.center, waybill, delivery)))
		return 0;
	return error_set_id(err, "E4036", ERROR_BUSY, "the delivery is held");
}

/*
 * Its recipient is served here once more, and the delivery is not: had it been
 * open where it was handed to, it would have come with him.  So it has ended
 * there, or will come soon; that center answers, as it does for what we never
 * had.
 */
static bool
is_back(const struct center *center, const struct center_delivery *delivery)
{
	const char *to;

	return delivery->life.state == DELIVERY_PASSED_ON &&
	    center_move_where(spool_directory(&center->spool),
		&delivery->recipient, &to) &&
	    text_equal(to, center->name);
}

/*
 * What is at another center by now, or is about to go there, is decided there:
 * the asker is told where.  What the sender states goes on by itself.
 */
static int
check_place(struct acting *acting, const struct center_delivery *delivery,
    const struct center_waybill *waybill, struct error *err)
{
	const struct center *center = acting->request.center;
	enum delivery_role role = center_role(center, waybill, delivery);
	const char *at = delivery->center;

	if (delivery_state_is_terminal(delivery->life.state) &&
	    delivery->life.state != DELIVERY_PASSED_ON)
		return 0;
	if (role != DELIVERY_FORMER &&
	    (role != DELIVERY_ORIGIN || delivery->hops == 0 ||
		act_is_of_sender((enum event)acting->act.event)) &&
	    !center_move_is_due(center, delivery, &at))
		return 0;
	if (is_back(center, delivery))
		acting->goes_on = text_copy(acting->submit.center,
		    sizeof(acting->submit.center), delivery->center);
	return error_set_id(err, "E4401", ERROR_BUSY,
	    "the delivery is at %s now", at);
}

static int
write_act(struct acting *acting, const struct center_waybill *waybill,
    struct center_delivery *delivery, struct error *err)
{
	struct center *center = acting->request.center;
	enum event event = (enum event)acting->act.event;
	enum delivery_effect effect;
	const struct center_event stated = {
		.event = event,
		.signer = acting->signer.use == KEY_SIGN
		    ? STATEMENT_ORGANISATION
		    : STATEMENT_MODULE,
		.at = acting->submit.host,
		.act = acting->submit.cms,
		.status = acting->status,
	};

	if (check_hold(acting, waybill, delivery, err) < 0)
		return -1;
	effect = delivery_apply(&delivery->life,
	    center_role(center, waybill, delivery), event, false);
	if (effect == DELIVERY_FOREIGN && event == EVENT_WITHDRAWN)
		return pass_on(acting, delivery, err);
	/* It ended at the center that its host names: that one answers. */
	if (effect == DELIVERY_FOREIGN && acting->submit.center[0] != '\0')
		return error_set_id(err, "E4032", ERROR_NOT_FOUND,
		    "%s has that delivery", delivery->center);
	if (effect == DELIVERY_DENIED || effect == DELIVERY_FOREIGN)
		return refuse_move(acting, delivery, err);
	if (effect == DELIVERY_LATE && event == EVENT_REWRAP)
		return refuse_move(acting, delivery, err);
	if (effect == DELIVERY_NOTED && event == EVENT_REWRAP &&
	    center_rewrap_ask(store_rows(center->spool.store), delivery->row,
		spool_now(&center->spool), err) < 0)
		return -1;
	/*
	 * What came too late is logged as evidence, but it must not change
	 * anything: no key for what was withdrawn, no withdrawal of what was
	 * fetched.
	 */
	if (effect == DELIVERY_LATE &&
	    (event == EVENT_FETCHED || event == EVENT_WITHDRAWN))
		return refuse_move(acting, delivery, err);
	return center_event_write(center, waybill, delivery, &stated,
	    &acting->entry, &acting->news, err);
}

/* The key part that is here is for the key that the directory names today. */
static bool
has_latest_key(const struct acting *acting,
    const struct center_delivery *delivery)
{
	const struct directory *directory =
	    spool_directory(&acting->request.center->spool);
	struct directory_org receiver;
	struct directory_key seal;

	return acting->rewrap.serial > 0 &&
	    directory_find_receiver(directory, &delivery->recipient, &receiver,
		&seal) &&
	    digest_equal(&seal.fingerprint, &acting->rewrap.seal);
}

/* 1 if it was stated, or passed on, before. */
static int
find_first(struct acting *acting, const struct center_delivery *delivery,
    struct error *err)
{
	struct rows *rows = store_rows(acting->request.center->spool.store);
	enum event event = (enum event)acting->act.event;
	struct bytes cms = { 0 };
	int found =
	    center_act_find(rows, delivery->row, event, &acting->entry, err);

	/* Another key is lost than the one that was made up for. */
	if (found > 0 && event == EVENT_REWRAP &&
	    !delivery->life.wants_rewrap && !has_latest_key(acting, delivery))
		return 0;

	if (found == 0 && event == EVENT_WITHDRAWN &&
	    !delivery_state_is_terminal(delivery->life.state)) {
		found = center_withdrawal_find(rows, delivery->row, &cms, err);
		acting->is_passed_on = found > 0;
	}
	bytes_free(&cms);
	return found;
}

/*
 * After a restore a waybill that we do not know may yet come again, and nothing
 * new is stated of a delivery before all that was stated of it is back.  Who
 * does not know of the break yet must not go on from what we do not have.
 */
static int
check_epoch(const struct acting *acting, bool is_known, struct error *err)
{
	const struct center_epoch *epoch = acting->request.center->epoch;

	if (!center_epoch_is_newest(epoch, acting->submit.epoch))
		return error_set_id(err, "E5047", ERROR_BUSY,
		    "the host goes by epoch %llu of our log",
		    (unsigned long long)acting->submit.epoch);
	return is_known && acting->submit.is_again
	    ? center_epoch_check(epoch, err)
	    : center_epoch_check_serves(epoch, err);
}

static int
apply(struct group_op *op, struct error *err)
{
	struct acting *acting = (struct acting *)(void *)op;
	struct rows *rows = store_rows(acting->request.center->spool.store);
	enum event event = (enum event)acting->act.event;
	struct center_waybill waybill;
	struct center_delivery delivery;
	int found = center_waybill_find_named(rows, &acting->act.waybill_id,
	    &acting->act.waybill, &waybill, err);

	if (found > 0)
		found = center_delivery_find(rows, waybill.row,
		    &acting->recipient, &delivery, err);
	if (found < 0 || check_epoch(acting, found > 0, err) < 0)
		return -1;
	if (found == 0)
		return error_set_id(err, "E4032", ERROR_NOT_FOUND,
		    "no delivery of that waybill to %s here",
		    acting->recipient.text);
	if (center_rewrap_find(rows, delivery.row, &acting->rewrap, err) < 0 ||
	    check_place(acting, &delivery, &waybill, err) < 0 ||
	    judge(acting, &waybill, &delivery, err) < 0)
		return -1;
	if (event == EVENT_FETCHED && acting->rewrap.serial == 0 &&
	    center_key_part(rows, delivery.row, &acting->key_part, err) < 0)
		return -1;
	found = find_first(acting, &delivery, err);
	acting->gets_rewrap = acting->rewrap.serial > 0 &&
	    (event == EVENT_FETCHED ||
		(event == EVENT_REWRAP && found > 0 &&
		    !delivery.life.wants_rewrap &&
		    delivery.life.reached >= DELIVERY_FETCHED));
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

	/* Against `fetched` alone, and to who asks again after it. */
	if (acting->gets_rewrap) {
		acted.key_part = blob_of_bytes(&acting->rewrap.key_part);
		acted.addendum = blob_of_bytes(&acting->rewrap.addendum);
	}

	if (!acting->is_passed_on &&
	    host_log_receipt(store_leaves(center->spool.store), acting->entry,
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

	if (failure != NULL) {
		if ((!text_equal(failure->id, "E4032") && !acting->goes_on) ||
		    !center_act_relay(acting->request.center,
			acting->request.peer, acting->request.id,
			&acting->submit))
			refuse(acting, failure);
		free_acting(acting);
		return;
	}
	answer(acting);
	center_news_tell(acting->request.center, &acting->news);
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
	acting->op.judges_first = true;
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
