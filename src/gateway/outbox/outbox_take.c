/*
 * Files on their way into the store: a draft, of which nobody was told, and
 * which a restart forgets.
 */
#include <stdio.h>
#include <stdlib.h>

#include "base/text.h"
#include "crypto/random.h"
#include "gateway/outbox/outbox_hold.h"
#include "gateway/outbox/outbox_internal.h"
#include "role/spool/uploads.h"
#include "store/payload.h"
#include "store/store.h"

/* ---- what the request names ------------------------------------------ */

static int
count_files(struct blob list, size_t *ret_count, struct error *err)
{
	struct message_file file;
	int more;

	*ret_count = 0;
	while ((more = codec_next(message_fields(MESSAGE_FILE), &list, &file,
		    err)) > 0)
		++*ret_count;
	return more;
}

static int
take_file(struct outbox_letter *letter, const struct message_file *from,
    struct error *err)
{
	struct outbox_file *file = &letter->files[letter->file_count++];
	struct uploads *uploads = letter->outbox->gateway->spool.from_listener;

	text_copy(file->name, sizeof(file->name), from->name);
	file->kind = document_kind_of_name(file->name);
	file->len = from->len;
	letter->size += from->len;
	if (file->kind == DOCUMENT_ATTACHMENT)
		letter->has_attachments = true;
	return uploads_take(uploads, from->upload, from->len, &file->upload,
	    err);
}

/* All are taken, also after a failure: what is not taken stays for good. */
static int
take_files(struct outbox_letter *letter, struct blob list, struct error *err)
{
	struct message_file file;
	struct error first = { 0 };
	int more;

	while ((more = codec_next(message_fields(MESSAGE_FILE), &list, &file,
		    err)) > 0) {
		struct error failure = { 0 };

		if (take_file(letter, &file, &failure) < 0 &&
		    first.code == ERROR_NONE)
			first = failure;
	}
	if (more < 0)
		return -1;
	if (first.code == ERROR_NONE)
		return 0;
	*err = first;
	return -1;
}

/*
 * Names become names in the container: what cannot is refused here, before
 * anything is stored.
 */
static int
check_names(const struct outbox_letter *letter, struct error *err)
{
	for (size_t i = 0; i < letter->file_count; i++) {
		const char *name = letter->files[i].name;

		for (size_t j = 0; j < i; j++)
			if (text_equal(letter->files[j].name, name))
				return error_set_id(err, "E3202",
				    ERROR_MALFORMED, "file %s comes twice",
				    name);
	}
	return 0;
}

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
	size_t count;

	if (count_files(request->files, &count, err) < 0)
		return -1;
	letter->files = calloc(count + 1, sizeof(*letter->files));
	if (letter->files == NULL)
		return error_set_memory(err);
	if (take_files(letter, request->files, err) < 0)
		return -1;
	if (count == 0 || count > DOCUMENT_INPUTS_MAX)
		return error_set_id(err, "E4205", ERROR_MALFORMED,
		    "%zu files; a letter has 1 to %d", count,
		    DOCUMENT_INPUTS_MAX);
	letter->is_large = letter->size >= OUTBOX_LARGE_LEN;
	return check_names(letter, err) < 0 ? -1
					    : read_key(letter, request, err);
}

/* ---- storing --------------------------------------------------------- */

static int
store_file(struct outbox_letter *letter, size_t index, struct error *err)
{
	struct outbox_file *file = &letter->files[index];
	struct upload *upload = file->upload;
	struct payload payload = { 0 };

	file->upload = NULL;
	if (upload_store(upload, NULL, &payload, err) < 0)
		return -1;
	file->payload = payload.number;
	file->digest = payload.digest;
	payload_free(&payload);
	return 0;
}

static int
store_files(struct outbox_letter *letter, struct error *err)
{
	for (size_t i = 0; i < letter->file_count; i++)
		if (store_file(letter, i, err) < 0)
			return -1;
	return 0;
}

/* Without a key of the client's the files themselves are the key. */
static int
digest_files(struct outbox_letter *letter, struct error *err)
{
	struct outbox_named *named = calloc(letter->file_count, sizeof(*named));
	struct outbox_document *document = &letter->document;
	char text[DIGEST_TEXT_SIZE];
	int rc;

	if (named == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < letter->file_count; i++)
		named[i] = (struct outbox_named){ letter->files[i].name,
			letter->files[i].len, letter->files[i].digest };
	rc = outbox_plan_digest(named, letter->file_count, &document->digest,
	    err);
	free(named);
	if (rc < 0 || letter->is_only_check || document->key[0] != '\0')
		return rc;
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

static int
add_rows(struct outbox_letter *letter, struct rows *rows, struct error *err)
{
	struct spool *spool = &letter->outbox->gateway->spool;
	struct outbox_document *document = &letter->document;
	uint8_t random[ID_RANDOM_LEN];

	if (random_fill(random, sizeof(random), err) < 0)
		return -1;
	document->created_at = spool_now(spool);
	document->document_id = id_make(document->created_at, random);
	document->is_draft = true;
	if (outbox_document_add(rows, document, err) < 0)
		return -1;
	for (size_t i = 0; i < letter->file_count; i++) {
		const struct outbox_file *file = &letter->files[i];

		if (outbox_file_add(rows, document->row, (int64_t)i, file->name,
			file->payload, file->len, &file->digest, err) < 0)
			return -1;
	}
	return 0;
}

static int
remove_files(struct outbox_letter *letter, struct error *err)
{
	struct store *store = letter->outbox->gateway->spool.store;

	for (size_t i = 0; i < letter->file_count; i++)
		if (letter->files[i].payload != 0 &&
		    store_payload_remove(store, letter->files[i].payload, err) <
			0)
			return -1;
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

	if (store_files(letter, &letter->failure) < 0 ||
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
	return remove_files(letter, err);
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
