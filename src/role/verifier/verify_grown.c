/*
 * Checkpoints that a host holds, compared with one that its witnesses cosigned:
 * so nobody is shown a log of his own.
 */
#include "role/verifier/verify.h"

#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "bulletin/root.h"
#include "crypto/sha256.h"
#include "directory/directory_network.h"
#include "log/add_checkpoint.h"
#include "log/conflict.h"
#include "log/epoch.h"
#include "log/follow.h"
#include "log/stamp_lines.h"

/* What the answer says of one old size. */
struct proof {
	struct digest hashes[MERKLE_PATH_MAX];
	size_t count;
};

/* The log as it is cosigned now. */
struct log_now {
	struct note_checkpoint checkpoint;
	uint64_t begins; /* records of the epochs before */
};

/* 1 if it has a proof from this size, 0 if not. */
static int
find_proof(const struct blob *answer, uint64_t size, struct proof *ret_proof,
    struct error *err)
{
	struct cursor cursor = cursor_of(answer->data, answer->len);
	uint64_t old;
	int more;

	while ((more = add_checkpoint_next(&cursor, &old, ret_proof->hashes,
		    &ret_proof->count)) > 0)
		if (old == size)
			return 1;
	if (more < 0)
		return error_set_id(err, "E5025", ERROR_MALFORMED,
		    "proofs before a cosigned checkpoint");
	return 0;
}

static int
find_note(const struct blob *answer, struct blob *ret_note, struct error *err)
{
	struct cursor cursor = cursor_of(answer->data, answer->len);
	struct proof proof;
	uint64_t old;
	int more;

	while ((more = add_checkpoint_next(&cursor, &old, proof.hashes,
		    &proof.count)) > 0)
		;
	if (more < 0)
		return error_set_id(err, "E5025", ERROR_MALFORMED,
		    "proofs before a cosigned checkpoint");
	*ret_note = blob_of(cursor.data, cursor.left);
	return 0;
}

/* Both notes and the proof, for whoever is to believe it. */
static int
put_conflict(const struct message_held *held, const struct blob *note,
    const struct proof *proof, struct bytes *to, struct error *err)
{
	return conflict_put(held->note.data, held->note.len, note->data,
	    note->len, proof->hashes, proof->count, to, err);
}

static int
find_origin(const struct message_held *held, char to[NOTE_NAME_SIZE],
    struct error *err)
{
	struct note note;

	if (note_parse(held->note.data, held->note.len, &note, err) < 0)
		return -1;
	text_copy(to, NOTE_NAME_SIZE, note.checkpoint.origin);
	return 0;
}

/*
 * A checkpoint of an earlier epoch: as far as that was restored the new epoch
 * has the same records, and what does not continue it was rewritten.  What was
 * signed behind it is lost.  How much was restored before the newest epoch is
 * not known here, so of those nothing but a good proof says anything.
 */
static uint8_t
judge_earlier(const struct log_now *now, const char *origin, uint64_t size,
    uint8_t verdict)
{
	bool is_last =
	    epoch_number(origin) + 1 == epoch_number(now->checkpoint.origin);

	if (is_last && size > now->begins)
		return GROWTH_LOST;
	if (verdict == GROWTH_CONTINUED || verdict == GROWTH_UNKNOWN)
		return verdict;
	return is_last ? GROWTH_UNPROVEN : GROWTH_LOST;
}

static int
judge(const struct log_now *now, const struct message_held *held,
    const struct blob *answer, const struct blob *note, struct proof *proof,
    struct bytes *conflict, uint8_t *ret_verdict, struct error *err)
{
	const struct note_checkpoint *cosigned = &now->checkpoint;
	struct note_checkpoint old = { .size = held->size, .root = held->root };
	char origin[NOTE_NAME_SIZE];
	enum follow_verdict verdict;
	struct error why = { 0 };
	int found = find_proof(answer, held->size, proof, err);

	if (found < 0 || find_origin(held, origin, err) < 0)
		return -1;
	*ret_verdict = GROWTH_UNKNOWN;
	memcpy(old.origin, cosigned->origin, sizeof(old.origin));
	if (found == 0 ||
	    (held->size > cosigned->size &&
		!text_equal(origin, cosigned->origin)))
		; /* nothing is said of it */
	else if (follow_judge(&old, cosigned, proof->hashes, proof->count,
		     &verdict, &why) < 0)
		*ret_verdict = GROWTH_UNPROVEN;
	else if (verdict == FOLLOW_BEHIND)
		; /* it begins with the cosigned one, and waits for its own */
	else if (verdict != FOLLOW_CONFLICT)
		*ret_verdict = GROWTH_CONTINUED;
	else
		*ret_verdict = GROWTH_CONFLICT;
	if (epoch_is_earlier(origin, cosigned->origin))
		*ret_verdict =
		    judge_earlier(now, origin, held->size, *ret_verdict);
	return *ret_verdict == GROWTH_CONFLICT
	    ? put_conflict(held, note, proof, conflict, err)
	    : 0;
}

/* How many records the epoch began with, as the bulletin says. */
static uint64_t
find_begin(const struct verify_context *context, const char *origin)
{
	for (uint32_t i = 0; i < directory_center_count(context->directory);
	     i++) {
		struct directory_center center =
		    directory_center_at(context->directory, i);

		if (text_equal(center.origin, origin))
			return center.begins;
	}
	return 0;
}

static int
judge_all(const struct verify_context *context,
    const struct message_verify_grown *request,
    const struct message_cosigned *cosigned, const struct blob *note,
    struct bytes *verdicts, struct error *err)
{
	struct log_now now = { .checkpoint = { .size = cosigned->size,
				   .root = cosigned->root } };
	struct blob list = request->held;
	struct message_held held;
	struct bytes conflict = { 0 };
	int more;

	text_copy(now.checkpoint.origin, sizeof(now.checkpoint.origin),
	    cosigned->origin);
	now.begins = find_begin(context, cosigned->origin);
	while ((more = codec_next(message_fields(MESSAGE_HELD), &list, &held,
		    err)) > 0) {
		struct message_grown_one one;
		struct proof proof = { .count = 0 };

		bytes_clear(&conflict);
		if (judge(&now, &held, &request->answer, note, &proof,
			&conflict, &one.verdict, err) < 0 ||
		    bytes_failed(&conflict, err) < 0) {
			more = -1;
			break;
		}
		one.proof = one.verdict == GROWTH_CONTINUED
		    ? blob_of(proof.hashes, proof.count * DIGEST_LEN)
		    : blob_of(NULL, 0);
		one.conflict = blob_of_bytes(&conflict);
		message_list_add(verdicts, MESSAGE_GROWN_ONE, &one);
	}
	bytes_free(&conflict);
	return more < 0 ? -1 : bytes_failed(verdicts, err);
}

/* ---- what makes it worth comparing with ------------------------------- */

static int
check_cosigned(const struct message_cosigned *cosigned, struct error *err)
{
	if (cosigned->authorities > 0 &&
	    cosigned->authorities >= cosigned->quorum)
		return 0;
	return error_set_id(err, "E5029", ERROR_UNTRUSTED,
	    "%s is cosigned by %u authorities of %u", cosigned->origin,
	    (unsigned)cosigned->authorities, (unsigned)cosigned->quorum);
}

static int
malformed_stamps(struct error *err)
{
	return error_set_id(err, "E5025", ERROR_MALFORMED,
	    "stamps before a checkpoint");
}

/* The note behind the stamps. */
static int
skip_stamps(const struct blob *stamped, struct blob *ret_note,
    struct error *err)
{
	struct cursor cursor = cursor_of(stamped->data, stamped->len);
	struct bytes token = { 0 };
	size_t count = 0;
	int more;

	while ((more = stamp_lines_next(&cursor, &token)) > 0 &&
	    ++count <= STAMP_LINES_MAX)
		bytes_clear(&token);
	bytes_free(&token);
	if (more != 0)
		return malformed_stamps(err);
	*ret_note = blob_of(cursor.data, cursor.left);
	return 0;
}

/* Those of authorities that the root names; one must be. */
static int
take_stamps(const struct root *root, const struct blob *stamped,
    const struct blob *note, struct bytes *stamps, struct error *err)
{
	struct cursor cursor = cursor_of(stamped->data, stamped->len);
	struct error why = { 0 };
	struct digest digest;
	int more;

	sha256(note->data, note->len, &digest);
	error_set_id(&why, "E3603", ERROR_UNTRUSTED, "no time stamp");
	for (;;) {
		struct message_stamp stamp;
		struct bytes token = { 0 };
		struct blob blob;

		more = stamp_lines_next(&cursor, &token);
		blob = blob_of_bytes(&token);
		if (more > 0 &&
		    verify_token(root, &blob, &digest, 0, &stamp, &why) == 0)
			message_list_add(stamps, MESSAGE_STAMP, &stamp);
		bytes_free(&token);
		if (more <= 0)
			break;
	}
	if (more < 0)
		return malformed_stamps(err);
	if (stamps->len == 0) {
		*err = why;
		return -1;
	}
	return bytes_failed(stamps, err);
}

int
verify_grown(const struct verify_context *context, const struct root *root,
    const struct message_verify_grown *request, struct verify_grown *ret_grown,
    struct error *err)
{
	struct message_cosigned found;
	struct blob rest;

	if (find_note(&request->answer, &rest, err) < 0)
		return -1;
	ret_grown->note = rest;
	if (request->is_stamped &&
	    skip_stamps(&rest, &ret_grown->note, err) < 0)
		return -1;
	if (verify_cosigned(context, root, &ret_grown->note, &found, err) < 0)
		return -1;
	if (request->is_stamped ? take_stamps(root, &rest, &ret_grown->note,
				      &ret_grown->stamps, err) < 0
				: check_cosigned(&found, err) < 0)
		return -1;
	codec_encode(message_fields(MESSAGE_COSIGNED), &found,
	    &ret_grown->cosigned);
	if (bytes_failed(&ret_grown->cosigned, err) < 0)
		return -1;
	return judge_all(context, request, &found, &ret_grown->note,
	    &ret_grown->verdicts, err);
}

void
verify_grown_free(struct verify_grown *grown)
{
	bytes_free(&grown->cosigned);
	bytes_free(&grown->stamps);
	bytes_free(&grown->verdicts);
}
