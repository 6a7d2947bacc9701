#include "evidence/evidence.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "crypto/sha256.h"
#include "envelope/batch.h"
#include "envelope/receipt.h"

static const char facts_name[] = "evidence.json";

static int
malformed(const char *part, const char *what, struct error *err)
{
	return error_set_id(err, "E3501", ERROR_MALFORMED, "%s: %s", part,
	    what);
}

/* ---- the list of parts ----------------------------------------------- */

/* Each part of the list, in its order, and nothing else. */
static int
check_list(const struct evidence *evidence, struct error *err)
{
	const struct evidence_facts *facts = &evidence->facts;
	const struct evidence_zip *zip = &evidence->zip;
	struct digest digest;

	for (size_t i = 0; i < facts->part_count; i++) {
		const struct evidence_item *item = &facts->parts[i];
		const struct evidence_part *part =
		    evidence_zip_find(zip, item->name);

		if (part == NULL)
			return error_set_id(err, "E3502", ERROR_MALFORMED,
			    "%s is missing", item->name);
		sha256(part->data, part->len, &digest);
		if (!digest_equal(&digest, &item->sha256))
			return error_set_id(err, "E3502", ERROR_MALFORMED,
			    "%s is not the one of the list", item->name);
		if (part != &zip->parts[i])
			return error_set_id(err, "E3502", ERROR_MALFORMED,
			    "%s is not at its place", item->name);
	}
	if (zip->count != facts->part_count + 1)
		return error_set_id(err, "E3502", ERROR_MALFORMED,
		    "%s is not in the list",
		    zip->parts[facts->part_count].name);
	return 0;
}

/* ---- sorting the parts ----------------------------------------------- */

/* The receipt of this folder: the last one, or a new one. */
static struct evidence_receipt *
receipt_of(struct evidence *evidence, const char *folder, size_t len)
{
	struct evidence_receipt *receipt = evidence->receipt_count == 0
	    ? NULL
	    : &evidence->receipts[evidence->receipt_count - 1];

	if (receipt != NULL && strlen(receipt->folder) == len &&
	    memcmp(receipt->folder, folder, len) == 0)
		return receipt;
	if (evidence->receipt_count == EVIDENCE_RECEIPTS_MAX)
		return NULL;
	receipt = &evidence->receipts[evidence->receipt_count++];
	return text_copy_len(receipt->folder, sizeof(receipt->folder), folder,
		   len)
	    ? receipt
	    : NULL;
}

/* "act.p7s", "act.json" or "act-path.json" for `name` "act"; else NULL. */
static const struct evidence_part **
place_of_signed(struct evidence_signed *of, const char *file, const char *name)
{
	if (!text_starts(file, name))
		return NULL;
	file += strlen(name);
	if (text_equal(file, ".p7s"))
		return &of->cms;
	if (text_equal(file, ".json"))
		return &of->statement;
	return text_equal(file, "-path.json") ? &of->path : NULL;
}

static int
sort_receipt(struct evidence *evidence, const struct evidence_part *part,
    struct error *err)
{
	const char *file = strrchr(part->name, '/') + 1;
	struct evidence_receipt *receipt =
	    receipt_of(evidence, part->name, (size_t)(file - part->name));
	const struct evidence_part **place = NULL;

	if (receipt != NULL)
		place = place_of_signed(&receipt->act, file, "act");
	if (receipt == NULL)
		return malformed(part->name, "too many receipts", err);
	if (text_equal(file, "statement.json"))
		place = &receipt->statement;
	else if (text_equal(file, "salt.bin"))
		place = &receipt->salt;
	else if (text_equal(file, "path.json"))
		place = &receipt->path;
	else if (text_equal(file, "checkpoint.txt"))
		place = &receipt->checkpoint;
	else if (text_equal(file, "cosigned.json"))
		place = &receipt->cosigned;
	else if (text_equal(file, "stamped.json"))
		place = &receipt->stamped;
	else if (text_equal(file, "words.bin"))
		place = &receipt->words;
	if (place == NULL || *place != NULL)
		return malformed(part->name, "not a part of a receipt", err);
	*place = part;
	return 0;
}

static int
keep(const struct evidence_part **list, size_t *count, size_t max,
    const struct evidence_part *part, struct error *err)
{
	if (*count == max)
		return malformed(part->name, "too many of its kind", err);
	list[(*count)++] = part;
	return 0;
}

/*
 * "checkpoints/NAME.txt", and right behind it "checkpoints/NAME.1.tst" and so
 * on.
 */
static int
sort_checkpoint(struct evidence *evidence, const struct evidence_part *part,
    struct error *err)
{
	struct evidence_checkpoint *last = evidence->checkpoint_count == 0
	    ? NULL
	    : &evidence->checkpoints[evidence->checkpoint_count - 1];
	char name[EVIDENCE_NAME_SIZE + 16];
	size_t stem;

	if (text_ends(part->name, ".txt")) {
		if (evidence->checkpoint_count == EVIDENCE_CHECKPOINTS_MAX)
			return malformed(part->name, "too many of its kind",
			    err);
		evidence->checkpoints[evidence->checkpoint_count++].note = part;
		return 0;
	}
	if (last == NULL || last->stamp_count == EVIDENCE_STAMPS_MAX ||
	    part != last->note + last->stamp_count + 1)
		return malformed(part->name, "no checkpoint before it", err);
	stem = strlen(last->note->name) - strlen(".txt");
	snprintf(name, sizeof(name), "%.*s.%zu.tst", (int)stem,
	    last->note->name, last->stamp_count + 1);
	if (!text_equal(part->name, name))
		return malformed(part->name, "not a stamp of that checkpoint",
		    err);
	last->stamp_count++;
	return 0;
}

static int
sort_part(struct evidence *evidence, const struct evidence_part *part,
    struct error *err)
{
	const struct evidence_part **place =
	    place_of_signed(&evidence->waybill, part->name, "waybill");

	if (place != NULL) {
		*place = part;
		return 0;
	}
	if (text_equal(part->name, "leaf.json")) {
		evidence->leaf = part;
		return 0;
	}
	if (text_equal(part->name, "leaf-path.json"))
		return evidence_path_decode(part->data, part->len,
		    &evidence->leaf_path, err);
	if (text_starts(part->name, "receipts/"))
		return sort_receipt(evidence, part, err);
	if (text_starts(part->name, "checkpoints/"))
		return sort_checkpoint(evidence, part, err);
	if (text_starts(part->name, "revocation/"))
		return keep(evidence->answers, &evidence->answer_count,
		    EVIDENCE_ANSWERS_MAX, part, err);
	if (text_starts(part->name, "certificates/"))
		return keep(evidence->certificates,
		    &evidence->certificate_count, EVIDENCE_CERTIFICATES_MAX,
		    part, err);
	if (text_starts(part->name, "bulletins/"))
		return keep(evidence->bulletins, &evidence->bulletin_count,
		    EVIDENCE_BULLETINS_MAX, part, err);
	if (text_starts(part->name, "directory/"))
		return keep(evidence->pages, &evidence->page_count,
		    EVIDENCE_PAGES_MAX, part, err);
	return malformed(part->name, "no such part belongs here", err);
}

/* Of a batch all three are there. */
static bool
is_whole(const struct evidence_signed *of)
{
	return (of->statement != NULL) == (of->path != NULL) &&
	    (of->cms != NULL || of->path == NULL);
}

static int
check_complete(const struct evidence *evidence, struct error *err)
{
	if (!is_whole(&evidence->waybill) || evidence->waybill.cms == NULL ||
	    evidence->leaf == NULL || evidence->leaf_path.count == 0)
		return error_set_id(err, "E3502", ERROR_MALFORMED,
		    "a part of the waybill, leaf.json or leaf-path.json is "
		    "missing");
	for (size_t i = 0; i < evidence->receipt_count; i++) {
		const struct evidence_receipt *receipt = &evidence->receipts[i];

		if (receipt->statement == NULL || receipt->salt == NULL ||
		    receipt->path == NULL || receipt->checkpoint == NULL ||
		    !is_whole(&receipt->act))
			return error_set_id(err, "E3502", ERROR_MALFORMED,
			    "%s lacks a part", receipt->folder);
	}
	return 0;
}

static int
take_apart(struct evidence *evidence, struct error *err)
{
	const struct evidence_part *facts =
	    evidence_zip_find(&evidence->zip, facts_name);

	if (facts == NULL)
		return error_set_id(err, "E3502", ERROR_MALFORMED,
		    "%s is missing", facts_name);
	if (evidence_facts_decode(facts->data, facts->len, &evidence->facts,
		err) < 0 ||
	    check_list(evidence, err) < 0)
		return -1;
	for (size_t i = 0; i < evidence->facts.part_count; i++)
		if (sort_part(evidence, &evidence->zip.parts[i], err) < 0)
			return -1;
	return check_complete(evidence, err);
}

int
evidence_read(const void *data, size_t len, struct evidence *ret_evidence,
    struct error *err)
{
	if (evidence_zip_read(data, len, &ret_evidence->zip, err) < 0)
		return -1;
	return take_apart(ret_evidence, err);
}

void
evidence_free(struct evidence *evidence)
{
	evidence_facts_free(&evidence->facts);
	evidence_zip_free(&evidence->zip);
}

/* ---- what was signed ------------------------------------------------- */

int
evidence_put_signed(const struct evidence_signed *from, struct bytes *to,
    struct error *err)
{
	struct evidence_path path = { 0 };
	struct batch_item item = { 0 };

	if (from->path == NULL) {
		bytes_put(to, from->cms->data, from->cms->len);
		return bytes_failed(to, err);
	}
	if (evidence_path_decode(from->path->data, from->path->len, &path,
		err) < 0)
		return error_prefix(err, "%s", from->path->name);
	if (path.count > BATCH_ITEMS_MAX || path.index >= path.count ||
	    path.path_count > BATCH_PATH_MAX)
		return malformed(from->path->name, "not the path of an item",
		    err);
	item.index = (uint32_t)path.index;
	item.count = (uint32_t)path.count;
	item.path_count = path.path_count;
	memcpy(item.path, path.path, path.path_count * sizeof(*path.path));
	item.statement = from->statement->data;
	item.statement_len = from->statement->len;
	item.cms = from->cms->data;
	item.cms_len = from->cms->len;
	batch_item_put(&item, to);
	return bytes_failed(to, err);
}

/* ---- receipts -------------------------------------------------------- */

/* A part as a string; a NUL in it would end it too early. */
static char *
text_of(const struct evidence_part *part)
{
	if (memchr(part->data, '\0', part->len) != NULL)
		return NULL;
	return text_dup_len((const char *)part->data, part->len);
}

int
evidence_put_receipt(const struct evidence *evidence, size_t index,
    struct bytes *to, struct error *err)
{
	const struct evidence_receipt *parts = &evidence->receipts[index];
	struct receipt receipt = { 0 };
	struct evidence_path path = { 0 };
	int rc = -1;

	if (parts->salt->len != DIGEST_LEN)
		return malformed(parts->salt->name, "not 32 bytes", err);
	if (evidence_path_decode(parts->path->data, parts->path->len, &path,
		err) < 0)
		return error_prefix(err, "%s", parts->path->name);
	memcpy(receipt.salt.bytes, parts->salt->data, DIGEST_LEN);
	receipt.index = path.index;
	receipt.path_count = path.path_count;
	memcpy(receipt.path, path.path, sizeof(receipt.path));
	receipt.statement = text_of(parts->statement);
	receipt.checkpoint = text_of(parts->checkpoint);
	if (path.count != 0)
		malformed(parts->path->name, "a count where none belongs", err);
	else if (receipt.statement == NULL || receipt.checkpoint == NULL)
		malformed(parts->folder, "statement or checkpoint", err);
	else
		rc = receipt_encode(&receipt, to, err);
	receipt_free(&receipt);
	return rc;
}
