/*
 * Files on their way into the store: a draft, of which nobody was told, and
 * which a restart forgets.
 */
#include <stdio.h>

#include "base/text.h"
#include "crypto/random.h"
#include "gateway/outbox/outbox_hold.h"
#include "gateway/outbox/outbox_internal.h"
#include "store/store.h"

/* ---- its key ---------------------------------------------------------- */

/* Keys of one organisation say nothing to another. */
static int
set_key(struct outbox_document *document, const char *scope, const char *mark,
    const char *key, struct error *err)
{
	int len = snprintf(document->key, sizeof(document->key), "%s%s%s%s",
	    scope, scope[0] != '\0' ? ":" : "", mark, key);

	if (len < 0 || (size_t)len >= sizeof(document->key))
		return error_set_id(err, "E6204", ERROR_MALFORMED,
		    "Idempotency-Key is too long");
	return 0;
}

static int
read_key(struct outbox_letter *letter, const struct message_request *request,
    struct error *err)
{
	struct outbox_document *document = &letter->document;

	if (letter->is_only_check || request->key[0] == '\0')
		return 0;
	/* Marked, so that no client's key is taken for a digest. */
	return set_key(document, request->scope, "=", request->key, err);
}

int
outbox_take_files(struct outbox_letter *letter,
    const struct message_request *request, struct error *err)
{
	const struct spool *spool = &letter->outbox->gateway->spool;

	if (outbox_files_take(spool, request->files, &letter->files, err) < 0)
		return -1;
	outbox_letter_measure(letter);
	return read_key(letter, request, err);
}

/* ---- storing --------------------------------------------------------- */

/* Without a key of the client's the files themselves are the key. */
static int
digest_files(struct outbox_letter *letter, struct error *err)
{
	struct outbox_document *document = &letter->document;
	char text[DIGEST_TEXT_SIZE];

	if (outbox_files_digest(&letter->files, &document->digest, err) < 0)
		return -1;
	if (letter->is_only_check || document->key[0] != '\0')
		return 0;
	digest_format(&document->digest, text);
	return set_key(document, letter->scope, "", text, err);
}

/* 1 if the key is known: `document_id` is the first letter's then. */
static int
find_repeat(struct outbox_letter *letter, struct rows *rows, struct error *err)
{
	enum outbox_hold hold = OUTBOX_HOLD_NONE;
	struct outbox_document known;
	int found =
	    outbox_document_find_key(rows, letter->document.key, &known, err);

	if (found <= 0)
		return found;
	switch (outbox_plan_key(&known.digest, known.is_draft,
	    &letter->document.digest)) {
	case OUTBOX_KEY_CLASH:
		return error_set_id(err, "E4202", ERROR_EXISTS,
		    "other files came under this key before");
	case OUTBOX_KEY_BUSY:
		return error_set_id(err, "E4203", ERROR_BUSY,
		    "the same letter is being worked on");
	case OUTBOX_KEY_REPEAT:
		break;
	}
	if (outbox_hold_find(rows, known.row, &hold, err) < 0)
		return -1;
	/* A repeat that comes late must not send what was undone. */
	if (hold == OUTBOX_HOLD_UNDONE)
		return error_set_id(err, "E6602", ERROR_EXISTS,
		    "the letter under this key was undone");
	letter->document = known;
	return 1;
}

int
outbox_take_add(struct outbox_letter *letter, struct error *err)
{
	struct spool *spool = &letter->outbox->gateway->spool;
	struct outbox_document *document = &letter->document;
	uint8_t random[ID_RANDOM_LEN];

	if (random_fill(random, sizeof(random), err) < 0)
		return -1;
	document->created_at = spool_now(spool);
	document->document_id = id_make(document->created_at, random);
	document->is_draft = true;
	return outbox_document_add(store_rows(spool->store), document, err);
}

static int
add_rows(struct outbox_letter *letter, struct rows *rows, struct error *err)
{
	const struct outbox_document *document = &letter->document;

	if (outbox_take_add(letter, err) < 0)
		return -1;
	for (size_t i = 0; i < letter->files.count; i++) {
		const struct outbox_file *file = &letter->files.list[i];

		if (outbox_file_add(rows, document->row, (int64_t)i, file->name,
			file->payload, file->len, &file->digest, err) < 0)
			return -1;
	}
	return 0;
}

/*
 * A payload that was added cannot be undone with the other rows, so after a
 * failure it is removed again, and the change as such succeeds.
 */
static int
apply_store(struct group_op *op, struct error *err)
{
	struct outbox_letter *letter = (struct outbox_letter *)(void *)op;
	struct rows *rows = store_rows(letter->outbox->gateway->spool.store);
	int found = 0;

	if (outbox_files_store(&letter->files, &letter->failure) < 0 ||
	    digest_files(letter, &letter->failure) < 0 ||
	    (found = find_repeat(letter, rows, &letter->failure)) < 0 ||
	    (found == 0 && add_rows(letter, rows, &letter->failure) < 0))
		found = -1;
	if (found == 0) {
		letter->is_stored = true;
		return 0;
	}
	/* Rows that were begun; a repeat's are those of the first letter. */
	if (found < 0 && letter->document.row != 0 &&
	    outbox_document_remove(rows, letter->document.row, err) < 0)
		return -1;
	return outbox_files_remove(&letter->outbox->gateway->spool,
	    &letter->files, err);
}

static void
finish_store(struct group_op *op, const struct error *failure)
{
	struct outbox_letter *letter = (struct outbox_letter *)(void *)op;
	struct error why = letter->failure;

	if (failure != NULL)
		letter->is_stored = false;
	if (failure != NULL || why.code != ERROR_NONE)
		outbox_letter_fail(letter, failure != NULL ? failure : &why);
	else if (!letter->is_stored)
		outbox_letter_sent(letter, 200, &letter->document.document_id);
	else
		outbox_letter_stage(letter, OUTBOX_WAITS_CHECK);
}

void
outbox_take_store(struct outbox_letter *letter)
{
	letter->op.apply = apply_store;
	letter->op.finish = finish_store;
	group_add(letter->outbox->gateway->spool.group, &letter->op);
}

/* ---- forgetting ------------------------------------------------------ */

int
outbox_take_remove(struct outbox *outbox, int64_t row, struct error *err)
{
	struct store *store = outbox->gateway->spool.store;
	struct rows *rows = store_rows(store);
	uint64_t payload = 0;
	int more;

	while (
	    (more = outbox_payload_next(rows, row, payload, &payload, err)) > 0)
		if (store_payload_remove(store, payload, err) < 0)
			return -1;
	if (more < 0)
		return -1;
	return outbox_document_remove(rows, row, err);
}
