/*
 * Later checkpoints of an evidence file: what others than the center say of a
 * log that has a receipt.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/evidence/evidence_check_internal.h"
#include "cli/offline.h"
#include "crypto/sha256.h"
#include "log/follow.h"
#include "role/verifier/verify.h"

static int
contradict(const char *part, const char *why, struct error *err)
{
	return error_set_id(err, "E3510", ERROR_UNTRUSTED, "%s: %s", part, why);
}

/* ---- the checkpoint that a receipt points to -------------------------- */

/* "checkpoints/center-a-0011223344556677.txt": of its digest. */
static bool
is_named_well(const struct evidence_part *part, const char *center)
{
	char name[EVIDENCE_NAME_SIZE], text[DIGEST_TEXT_SIZE];
	struct digest digest;

	sha256(part->data, part->len, &digest);
	digest_format(&digest, text);
	snprintf(name, sizeof(name), "checkpoints/%s-%.16s.txt", center, text);
	return text_equal(part->name, name);
}

static int
find_checkpoint(const struct checking *checking, const char *name,
    const char *center, size_t *ret_place, struct error *err)
{
	const struct evidence *evidence = &checking->evidence;

	for (size_t i = 0; i < evidence->checkpoint_count; i++) {
		const struct evidence_part *note =
		    evidence->checkpoints[i].note;

		if (!text_equal(note->name, name))
			continue;
		if (!is_named_well(note, center))
			return error_set_id(err, "E3501", ERROR_MALFORMED,
			    "%s: the name does not say what it is", name);
		*ret_place = i;
		return 0;
	}
	return error_set_id(err, "E3502", ERROR_MALFORMED, "%s is missing",
	    name);
}

/* It must be the tree of the receipt, grown. */
static int
check_growth(const char *part, const struct evidence_growth *growth,
    const struct message_receipt *receipt, const struct note_checkpoint *later,
    struct error *err)
{
	struct note_checkpoint own = { .size = receipt->log_size,
		.root = receipt->log_root };
	enum follow_verdict verdict;

	memcpy(own.origin, receipt->origin, sizeof(own.origin));
	if (!text_equal(own.origin, later->origin))
		return contradict(part, "the checkpoint is of another log",
		    err);
	if (later->size < own.size)
		return contradict(part, "the checkpoint is an earlier one",
		    err);
	if (follow_judge(&own, later, growth->proof, growth->proof_count,
		&verdict, err) < 0)
		return contradict(part, "the proof leads nowhere", err);
	if (verdict != FOLLOW_SAME && verdict != FOLLOW_GROWN)
		return contradict(part,
		    "the log told two stories: the checkpoint has another "
		    "beginning",
		    err);
	return verdict == FOLLOW_SAME && growth->proof_count > 0
	    ? contradict(part, "a proof where none is needed", err)
	    : 0;
}

/* ---- witnesses ------------------------------------------------------- */

static void
put_witnesses(const struct checking *checking, const struct root *root,
    const struct evidence_part *note, struct evidence_event *event)
{
	const struct verify_context *context =
	    offline_context(checking->offline);

	for (size_t i = 0; i < root->witness_count; i++) {
		const struct root_witness *known = &root->witnesses[i];
		struct evidence_witness *witness =
		    &event->witnesses[event->witness_count];
		char name[NOTE_NAME_SIZE];
		struct error none = { 0 };
		int64_t time_s;

		verify_witness_name(context->environment, known->name, name);
		if (note_verify_cosignature(note->data, note->len, name,
			known->key, &time_s, &none) < 0)
			continue;
		memcpy(witness->name, known->name, sizeof(witness->name));
		memcpy(witness->authority, known->authority,
		    sizeof(witness->authority));
		witness->time = time_s * 1000;
		if (witness->time > event->witnessed_at)
			event->witnessed_at = witness->time;
		event->witness_count++;
	}
}

/*
 * By the root of the receipt's time or a newer one: the witnesses may have been
 * named in between.
 */
static int
count_witnesses(struct checking *checking, const struct evidence_part *part,
    uint64_t serial, struct evidence_event *event, struct error *err)
{
	const struct blob note = blob_of(part->data, part->len);
	struct message_cosigned cosigned = { .quorum = 0 };
	int more;

	for (;;) {
		struct root root = { 0 };
		bool is_enough;

		more = offline_root(checking->offline, serial, &root, err);
		if (more <= 0)
			break;
		if (verify_cosigned(offline_context(checking->offline), &root,
			&note, &cosigned, err) < 0) {
			root_free(&root);
			return error_prefix(err, "%s", part->name);
		}
		serial = root.serial + 1;
		is_enough = cosigned.authorities > 0 && cosigned.quorum > 0 &&
		    cosigned.authorities >= cosigned.quorum;
		if (is_enough)
			put_witnesses(checking, &root, part, event);
		root_free(&root);
		if (is_enough)
			return 0;
	}
	return more < 0
	    ? -1
	    : error_set_id(err, "E3509", ERROR_UNTRUSTED,
		  "%s: cosigned by %u authorities, %u must", part->name,
		  (unsigned)cosigned.authorities, (unsigned)cosigned.quorum);
}

/* ---- what a receipt says of a later checkpoint ------------------------ */

struct later {
	struct evidence_growth growth;
	size_t place; /* of the checkpoint */
	const struct evidence_checkpoint *checkpoint;
};

static int
read_later(const struct checking *checking, const struct evidence_part *part,
    const struct message_receipt *receipt, struct later *ret_later,
    struct error *err)
{
	if (evidence_growth_decode(part->data, part->len, &ret_later->growth,
		err) < 0)
		return error_prefix(err, "%s", part->name);
	if (find_checkpoint(checking, ret_later->growth.checkpoint,
		receipt->center, &ret_later->place, err) < 0)
		return -1;
	ret_later->checkpoint =
	    &checking->evidence.checkpoints[ret_later->place];
	return 0;
}

/* Its log has signed it, as was checked; it must continue the receipt's. */
static int
accept_later(struct checking *checking, const struct evidence_part *part,
    const struct message_receipt *receipt, const struct later *later,
    struct error *err)
{
	const struct evidence_part *text = later->checkpoint->note;
	struct note note;

	if (note_parse(text->data, text->len, &note, err) < 0 ||
	    check_growth(part->name, &later->growth, receipt, &note.checkpoint,
		err) < 0)
		return -1;
	checking->is_pointed_to[later->place] = true;
	checking->later[later->place] = note.checkpoint;
	return 0;
}

int
evidence_check_cosigned(struct checking *checking, size_t index,
    const struct statement *statement, const struct message_receipt *receipt,
    struct error *err)
{
	const struct evidence_part *part =
	    checking->evidence.receipts[index].cosigned;
	struct later later;

	if (part == NULL)
		return 0;
	if (read_later(checking, part, receipt, &later, err) < 0 ||
	    count_witnesses(checking, later.checkpoint->note,
		statement->serials.root, &checking->verdict->events[index],
		err) < 0)
		return -1;
	return accept_later(checking, part, receipt, &later, err);
}

/* ---- time stamps ----------------------------------------------------- */

/* By any root of the file, the newest included. */
static bool
was_ever_trusted(const struct checking *checking, const struct blob *token,
    const struct digest *digest)
{
	bool was = false;

	for (uint64_t serial = 1; !was; serial++) {
		struct error ignored = { 0 };
		struct message_stamp found;
		struct root root = { 0 };

		if (offline_root(checking->offline, serial, &root, &ignored) <=
		    0)
			break;
		was = verify_token(&root, token, digest, 0, &found, &ignored) ==
		    0;
		if (root.serial > serial)
			serial = root.serial;
		root_free(&root);
	}
	return was;
}

/*
 * A token that would have counted once is no forgery: it proves nothing any
 * more, and the rest of the file stands.
 */
static int
check_stamp(const struct checking *checking, const struct root *root,
    const struct evidence_part *part, const struct digest *digest,
    struct evidence_event *event, struct error *err)
{
	const struct blob token = blob_of(part->data, part->len);
	struct evidence_stamp *to = &event->stamps[event->stamp_count];
	struct message_stamp found;

	if (verify_token(root, &token, digest, 0, &found, err) == 0) {
		memcpy(to->authority, found.authority, sizeof(to->authority));
		to->time = found.time;
		event->stamp_count++;
		return 0;
	}
	if (!text_equal(err->id, "E3603") ||
	    !was_ever_trusted(checking, &token, digest))
		return error_prefix(err, "%s", part->name);
	*err = (struct error){ 0 };
	event->ended_stamp_count++;
	return 0;
}

static int
check_stamps(const struct checking *checking, const struct root *root,
    const struct evidence_checkpoint *checkpoint, struct evidence_event *event,
    struct error *err)
{
	const struct blob note =
	    blob_of(checkpoint->note->data, checkpoint->note->len);
	struct message_cosigned signed_by_log;
	struct digest digest;

	if (verify_cosigned(offline_context(checking->offline), root, &note,
		&signed_by_log, err) < 0)
		return error_prefix(err, "%s", checkpoint->note->name);
	sha256(note.data, note.len, &digest);
	for (size_t i = 0; i < checkpoint->stamp_count; i++)
		if (check_stamp(checking, root, checkpoint->note + 1 + i,
			&digest, event, err) < 0)
			return -1;
	return 0;
}

int
evidence_check_stamped(struct checking *checking, size_t index,
    const struct message_receipt *receipt, struct error *err)
{
	const struct evidence_part *part =
	    checking->evidence.receipts[index].stamped;
	struct root root = { 0 };
	struct later later;
	int rc = -1;

	if (part == NULL)
		return 0;
	if (read_later(checking, part, receipt, &later, err) < 0)
		return -1;
	if (later.checkpoint->stamp_count == 0)
		return error_set_id(err, "E3502", ERROR_MALFORMED,
		    "%s: it leads to no time stamp", part->name);
	if (offline_root(checking->offline,
		offline_newest_root(checking->offline), &root, err) > 0)
		rc = check_stamps(checking, &root, later.checkpoint,
		    &checking->verdict->events[index], err);
	root_free(&root);
	if (rc < 0)
		return -1;
	checking->has_stamps_checked[later.place] = true;
	return accept_later(checking, part, receipt, &later, err);
}

/* ---- all of them ------------------------------------------------------ */

int
evidence_check_later(const struct checking *checking, struct error *err)
{
	const struct evidence *evidence = &checking->evidence;

	for (size_t i = 0; i < evidence->checkpoint_count; i++) {
		const char *name = evidence->checkpoints[i].note->name;
		const struct note_checkpoint *one = &checking->later[i];

		if (!checking->is_pointed_to[i] ||
		    (evidence->checkpoints[i].stamp_count > 0 &&
			!checking->has_stamps_checked[i]))
			return error_set_id(err, "E3501", ERROR_MALFORMED,
			    "%s: no receipt points to it", name);
		for (size_t k = 0; k < i; k++) {
			const struct note_checkpoint *other =
			    &checking->later[k];

			if (text_equal(one->origin, other->origin) &&
			    one->size == other->size &&
			    !digest_equal(&one->root, &other->root))
				return contradict(name,
				    "the log told two stories: of one size, "
				    "another tree is here as well",
				    err);
		}
	}
	return 0;
}
