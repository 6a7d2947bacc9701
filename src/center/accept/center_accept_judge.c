#include "base/error.h"
#include "base/text.h"
#include "bulletin/measures.h"
#include "center/accept/center_accept_internal.h"
#include "center/accept/center_quota.h"
#include "center/center_status.h"
#include "center/epoch/center_epoch.h"
#include "center/hold/center_hold.h"
#include "directory/directory.h"
#include "policy/admission.h"
#include "policy/hold_rules.h"

enum { LIFETIME_MAX_S = 45 * 24 * 3600 };

/* The signer must be a module that the directory registers for the sender. */
static bool
find_module(const struct accepting *accepting,
    const struct directory *directory, enum key_state *ret_state)
{
	struct directory_org org;
	struct directory_key key;

	if (!digest_equal(&accepting->waybill.signer,
		&accepting->waybill.module) ||
	    !directory_find_org(directory, &accepting->sender, &org) ||
	    !directory_find_org_key(directory, &org, KEY_MODULE,
		&accepting->waybill.signer, &key))
		return false;
	*ret_state = key.state;
	return true;
}

static const struct measures *
measures_of(const struct accepting *accepting)
{
	return bulletins_measures(accepting->request.center->spool.bulletins);
}

/* By a bulletin, itself or the organisation of a unit. */
static bool
is_suspended(const struct accepting *accepting, const struct org_code *code,
    int64_t now_ms)
{
	const struct measures *measures = measures_of(accepting);
	struct org_code parent = org_code_parent(code);

	return measures_judge(measures, MEASURE_UNIT, code->text,
		   MEASURE_SENDING, now_ms)
		   .state == MEASURE_SUSPENDED ||
	    measures_judge(measures, MEASURE_ORGANISATION, parent.text,
		MEASURE_SENDING, now_ms)
		.state == MEASURE_SUSPENDED;
}

/* A module that a bulletin holds or suspends is as good as revoked. */
static void
judge_module(const struct accepting *accepting, int64_t now_ms,
    enum key_state *state)
{
	char fingerprint[DIGEST_TEXT_SIZE];

	digest_format(&accepting->waybill.signer, fingerprint);
	if (measures_stop(measures_of(accepting), MEASURE_MODULE, fingerprint,
		MEASURE_SENDING, now_ms))
		*state = KEY_REVOKED;
}

static struct admission_waybill
waybill_facts(const struct accepting *accepting)
{
	const struct center *center = accepting->request.center;

	return (struct admission_waybill){
		.environment = accepting->waybill.environment,
		.our_environment = center->environment,
		.origin = accepting->waybill.center,
		.our_name = center->name,
		.created_ms = accepting->waybill.created_at,
		.not_after_ms = accepting->waybill.not_after,
		.lifetime_max_ms = (int64_t)LIFETIME_MAX_S * 1000,
		.recipients = accepting->waybill.count,
	};
}

static struct verdict
judge_submission(const struct accepting *accepting,
    const struct directory *directory, int64_t now_ms)
{
	const struct center *center = accepting->request.center;
	struct admission_submission facts = {
		.waybill = waybill_facts(accepting),
		.freshness =
		    freshness_grade(bulletins_fresh_at(center->spool.bulletins),
			now_ms),
	};
	struct directory_host host;
	struct directory_org org;

	if (directory_find_host(directory, &accepting->submit.fingerprint,
		center->name, &host))
		facts.host_serves_sender =
		    directory_host_serves(directory, &host, &accepting->sender);
	facts.sender_known =
	    directory_find_org(directory, &accepting->sender, &org);
	if (facts.sender_known) {
		facts.sender_status = org.status == ORG_ACTIVE &&
			is_suspended(accepting, &accepting->sender, now_ms)
		    ? ORG_SUSPENDED
		    : org.status;
		facts.sender_is_here = text_equal(org.center, center->name);
	}
	facts.module_known =
	    find_module(accepting, directory, &facts.module_state);
	judge_module(accepting, now_ms, &facts.module_state);
	return admission_judge_submission(&facts, now_ms);
}

static struct verdict
judge_relay(const struct accepting *accepting,
    const struct directory *directory, int64_t now_ms)
{
	const struct center *center = accepting->request.center;
	struct directory_center origin;
	enum key_state state;
	struct admission_relay facts = {
		.waybill = waybill_facts(accepting),
		.caller_name = accepting->submit.host,
		.origin_is_suspended =
		    !directory_find_center(directory, accepting->waybill.center,
			&origin) ||
		    measures_stop(measures_of(accepting), MEASURE_CENTER,
			accepting->waybill.center, MEASURE_SENDING, now_ms),
		.accepted_is_verified = accepting->is_accepted_verified,
		.leaves_are_ours = true,
		.module_known = find_module(accepting, directory, &state),
		.freshness =
		    freshness_grade(bulletins_fresh_at(center->spool.bulletins),
			now_ms),
	};

	for (size_t i = 0; i < accepting->leaf_count; i++)
		if (!text_equal(accepting->leaves[i].center, center->name))
			facts.leaves_are_ours = false;
	/* What was relayed here before, and is lost, came in time. */
	if (center_epoch_phase(center->epoch) == CENTER_CATCHES_UP &&
	    accepting->waybill.created_at <
		center_epoch_opened_at(center->epoch))
		now_ms = accepting->waybill.created_at;
	return admission_judge_relay(&facts, now_ms);
}

/*
 * What happened since the origin accepted: a key was lost, or a successor took
 * over.  The delivery is taken and waits for another key part.
 */
static void
forgive(const struct directory *directory, const struct org_code *code,
    struct admission_recipient *facts)
{
	struct org_code heir;

	if (!facts->is_known)
		return;
	if (facts->status == ORG_DISSOLVED &&
	    directory_find_heir(directory, code, &heir))
		facts->status = ORG_ACTIVE;
	if (!facts->seal_matches || facts->seal_state == KEY_REVOKED) {
		facts->seal_matches = true;
		facts->seal_state = KEY_RETIRING;
	}
}

static struct verdict
judge_recipient(const struct accepting *accepting,
    const struct directory *directory, const struct message_leaf *leaf)
{
	struct admission_recipient facts = {
		.letter_bytes = accepting->waybill.content_len,
	};
	struct directory_org org, receiver;
	struct directory_key seal, named;
	struct org_code code;
	const char *center;

	facts.is_known = org_code_parse(leaf->recipient, &code) &&
	    directory_find_org(directory, &code, &org);
	if (facts.is_known) {
		facts.status = org.status;
		facts.accepts_bytes = org.accepts_letter_bytes;
		/* Whatever the leaf says: center_move.h carries it there. */
		facts.has_center = center_move_where(directory, &code, &center);
	}
	if (facts.is_known &&
	    directory_find_receiver(directory, &code, &receiver, &seal) &&
	    !directory_is_heir(&receiver, &code) &&
	    directory_find_org_key(directory, &receiver, KEY_SEAL, &leaf->seal,
		&named)) {
		facts.seal_matches = true;
		facts.seal_state = named.state;
	}
	if (accepting->submit.kind == BUNDLE_RELAY)
		forgive(directory, &code, &facts);
	return admission_judge_recipient(&facts);
}

/* Our own gateways ask us; what other centers accepted waits by its ground. */
static int
judge_hold(const struct accepting *accepting, int64_t now_ms, struct error *err)
{
	const struct hold_delivery waybill = {
		.sender = accepting->sender.text,
		.sender_host = accepting->submit.host,
		.recipient = "",
		.recipient_host = "",
		.waybill_id = "",
	};

	if (accepting->submit.kind == BUNDLE_RELAY)
		return 0;
	return center_holds_judge(accepting->request.center->holds, &waybill,
	    now_ms, err);
}

/* Whose certificate was revoked, or whose cards are blocked, does not send. */
static int
judge_status(struct accepting *accepting, const struct directory *directory,
    int64_t now_ms, struct error *err)
{
	struct center *center = accepting->request.center;

	if (accepting->submit.kind == BUNDLE_RELAY)
		return 0; /* its origin has judged it */
	if (center_status_check(center, &accepting->waybill.signer, KEY_MODULE,
		now_ms, &accepting->status, err) < 0)
		return -1;
	return center_status_check_sender(center, directory, &accepting->sender,
	    err);
}

int
center_accept_judge(struct accepting *accepting, struct error *err)
{
	const struct center *center = accepting->request.center;
	const struct directory *directory = spool_directory(&center->spool);
	int64_t now_ms = spool_now(&center->spool);
	struct verdict verdict;

	if (directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	verdict = accepting->submit.kind == BUNDLE_RELAY
	    ? judge_relay(accepting, directory, now_ms)
	    : judge_submission(accepting, directory, now_ms);
	if (verdict_check(&verdict, accepting->sender.text, err) < 0 ||
	    judge_status(accepting, directory, now_ms, err) < 0 ||
	    judge_hold(accepting, now_ms, err) < 0)
		return -1;
	for (size_t i = 0; i < accepting->leaf_count; i++) {
		const struct message_leaf *leaf = &accepting->leaves[i];

		verdict = judge_recipient(accepting, directory, leaf);
		if (verdict_check(&verdict, leaf->recipient, err) < 0)
			return -1;
	}
	return center_quotas_judge(accepting, now_ms, err);
}
