#include "evidence/evidence_make.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/ocsp.h"
#include "crypto/sha256.h"
#include "envelope/batch.h"
#include "envelope/receipt.h"
#include "envelope/statement.h"
#include "evidence/evidence.h"

struct evidence_maker {
	struct evidence_facts facts;
	size_t part_size; /* capacity of facts.parts */
	struct evidence_zip_writer zip;
	size_t receipt_count;
	size_t certificate_count;
	size_t page_count;
	size_t bulletin_count;
	/* Of each receipt: by what it was judged, and where. */
	struct statement_serials serials[EVIDENCE_RECEIPTS_MAX];
	char centers[EVIDENCE_RECEIPTS_MAX][STATEMENT_NAME_SIZE];
	char folder[EVIDENCE_NAME_SIZE];     /* of the last one */
	char checkpoint[EVIDENCE_NAME_SIZE]; /* that came last */
	size_t stamp_count;                  /* over it */
};

int
evidence_maker_new(const struct evidence_facts *facts,
    struct evidence_maker **ret_maker, struct error *err)
{
	struct evidence_maker *maker = calloc(1, sizeof(*maker));

	if (maker == NULL)
		return error_set_memory(err);
	maker->facts = *facts;
	maker->facts.parts = NULL;
	maker->facts.part_count = 0;
	*ret_maker = maker;
	return 0;
}

void
evidence_maker_free(struct evidence_maker *maker)
{
	if (maker == NULL)
		return;
	evidence_facts_free(&maker->facts);
	evidence_zip_writer_free(&maker->zip);
	free(maker);
}

static int
add(struct evidence_maker *maker, const char *name, const void *data,
    size_t len, struct error *err)
{
	struct evidence_facts *facts = &maker->facts;
	struct evidence_item *item;

	if (facts->part_count == maker->part_size) {
		size_t size = maker->part_size * 2 + 16;
		struct evidence_item *parts =
		    realloc(facts->parts, size * sizeof(*parts));

		if (parts == NULL)
			return error_set_memory(err);
		facts->parts = parts;
		maker->part_size = size;
	}
	item = &facts->parts[facts->part_count];
	if (!text_copy(item->name, sizeof(item->name), name))
		return error_set(err, ERROR_SYSTEM, "name %s is too long",
		    name);
	sha256(data, len, &item->sha256);
	if (evidence_zip_add(&maker->zip, name, data, len, err) < 0)
		return -1;
	facts->part_count++;
	return 0;
}

static int
add_path(struct evidence_maker *maker, const char *name,
    const struct evidence_path *path, struct error *err)
{
	struct bytes json = { 0 };
	int rc = -1;

	if (evidence_path_encode(path, &json, err) == 0)
		rc = add(maker, name, json.data, json.len, err);
	bytes_free(&json);
	return rc;
}

/* ---- what was signed ------------------------------------------------- */

/* `stem` is "waybill", or "receipts/.../act". */
static int
add_signed(struct evidence_maker *maker, const char *stem, const void *data,
    size_t len, struct error *err)
{
	struct evidence_path path = { 0 };
	struct batch_item item;
	char name[2 * EVIDENCE_NAME_SIZE];

	snprintf(name, sizeof(name), "%s.p7s", stem);
	if (!batch_is_item(data, len))
		return add(maker, name, data, len, err);
	if (batch_item_parse(data, len, &item, err) < 0 ||
	    add(maker, name, item.cms, item.cms_len, err) < 0)
		return -1;
	snprintf(name, sizeof(name), "%s.json", stem);
	if (add(maker, name, item.statement, item.statement_len, err) < 0)
		return -1;
	path.index = item.index;
	path.count = item.count;
	path.path_count = item.path_count;
	memcpy(path.path, item.path, item.path_count * sizeof(*item.path));
	snprintf(name, sizeof(name), "%s-path.json", stem);
	return add_path(maker, name, &path, err);
}

int
evidence_put_waybill(struct evidence_maker *maker, const void *signature,
    size_t len, struct error *err)
{
	return add_signed(maker, "waybill", signature, len, err);
}

int
evidence_put_leaf(struct evidence_maker *maker, const void *json, size_t len,
    const struct evidence_path *path, struct error *err)
{
	if (add(maker, "leaf.json", json, len, err) < 0)
		return -1;
	return add_path(maker, "leaf-path.json", path, err);
}

/* ---- receipts -------------------------------------------------------- */

static int
add_in(struct evidence_maker *maker, const char *folder, const char *file,
    const void *data, size_t len, struct error *err)
{
	char name[2 * EVIDENCE_NAME_SIZE];

	snprintf(name, sizeof(name), "%s%s", folder, file);
	return add(maker, name, data, len, err);
}

static int
add_parts(struct evidence_maker *maker, const char *folder,
    const struct receipt *receipt, const struct statement *statement,
    struct error *err)
{
	struct evidence_path path = { .index = receipt->index,
		.path_count = receipt->path_count };
	char name[2 * EVIDENCE_NAME_SIZE];

	memcpy(path.path, receipt->path, sizeof(path.path));
	snprintf(name, sizeof(name), "%spath.json", folder);
	if (add_in(maker, folder, "statement.json", receipt->statement,
		strlen(receipt->statement), err) < 0 ||
	    add_in(maker, folder, "salt.bin", receipt->salt.bytes, DIGEST_LEN,
		err) < 0 ||
	    add_path(maker, name, &path, err) < 0 ||
	    add_in(maker, folder, "checkpoint.txt", receipt->checkpoint,
		strlen(receipt->checkpoint), err) < 0)
		return -1;
	if (statement->act.len == 0)
		return 0;
	snprintf(name, sizeof(name), "%sact", folder);
	return add_signed(maker, name, statement->act.data, statement->act.len,
	    err);
}

int
evidence_add_receipt(struct evidence_maker *maker, const void *json, size_t len,
    struct error *err)
{
	struct statement statement = { 0 };
	struct receipt receipt = { 0 };
	int rc = -1;

	if (maker->receipt_count == EVIDENCE_RECEIPTS_MAX)
		return error_set_id(err, "E3508", ERROR_DENIED,
		    "more than %d receipts", EVIDENCE_RECEIPTS_MAX);
	if (receipt_decode(json, len, &receipt, err) < 0 ||
	    statement_decode(receipt.statement, strlen(receipt.statement),
		&statement, err) < 0)
		goto done;
	snprintf(maker->folder, sizeof(maker->folder), "receipts/%02zu-%s-%s/",
	    maker->receipt_count + 1, event_name(statement.event),
	    statement.center);
	maker->serials[maker->receipt_count] = statement.serials;
	memcpy(maker->centers[maker->receipt_count++], statement.center,
	    sizeof(statement.center));
	rc = add_parts(maker, maker->folder, &receipt, &statement, err);
done:
	statement_free(&statement);
	receipt_free(&receipt);
	return rc;
}

/* ---- later checkpoints ------------------------------------------------ */

static bool
has_part(const struct evidence_maker *maker, const char *name)
{
	for (size_t i = 0; i < maker->facts.part_count; i++)
		if (text_equal(maker->facts.parts[i].name, name))
			return true;
	return false;
}

/* Many receipts may have one later checkpoint: its name is its digest. */
static void
name_checkpoint(struct evidence_maker *maker, const void *note, size_t len)
{
	const char *center = maker->centers[maker->receipt_count - 1];
	char text[DIGEST_TEXT_SIZE];
	struct digest digest;

	sha256(note, len, &digest);
	digest_format(&digest, text);
	snprintf(maker->checkpoint, sizeof(maker->checkpoint),
	    "checkpoints/%s-%.16s.txt", center, text);
	maker->stamp_count = 0;
}

static int
add_growth(struct evidence_maker *maker, const char *file,
    const struct digest *proof, size_t proof_count, struct error *err)
{
	struct evidence_growth growth = { .proof_count = proof_count };
	struct bytes json = { 0 };
	int rc = -1;

	if (proof_count > MERKLE_PATH_MAX)
		return error_set(err, ERROR_SYSTEM, "proof of %zu hashes",
		    proof_count);
	if (proof_count > 0)
		memcpy(growth.proof, proof, proof_count * sizeof(*proof));
	memcpy(growth.checkpoint, maker->checkpoint, sizeof(growth.checkpoint));
	if (evidence_growth_encode(&growth, &json, err) == 0)
		rc = add_in(maker, maker->folder, file, json.data, json.len,
		    err);
	bytes_free(&json);
	return rc;
}

int
evidence_add_words(struct evidence_maker *maker, const void *salt,
    size_t salt_len, const char *words, struct error *err)
{
	struct bytes both = { 0 };
	int rc = -1;

	bytes_put(&both, salt, salt_len);
	bytes_put_text(&both, words);
	if (bytes_failed(&both, err) == 0)
		rc = add_in(maker, maker->folder, "words.bin", both.data,
		    both.len, err);
	bytes_free(&both);
	return rc;
}

/* The proof in the receipt's folder, and behind it what it leads to. */
static int
add_later(struct evidence_maker *maker, const char *file, const void *note,
    size_t note_len, const struct digest *proof, size_t proof_count,
    bool *ret_is_new, struct error *err)
{
	name_checkpoint(maker, note, note_len);
	*ret_is_new = !has_part(maker, maker->checkpoint);
	if (add_growth(maker, file, proof, proof_count, err) < 0)
		return -1;
	return *ret_is_new ? add(maker, maker->checkpoint, note, note_len, err)
			   : 0;
}

int
evidence_add_cosigned(struct evidence_maker *maker, const void *note,
    size_t note_len, const struct digest *proof, size_t proof_count,
    struct error *err)
{
	bool is_new;

	return add_later(maker, "cosigned.json", note, note_len, proof,
	    proof_count, &is_new, err);
}

int
evidence_add_stamped(struct evidence_maker *maker, const void *note,
    size_t note_len, const struct digest *proof, size_t proof_count,
    bool *ret_is_new, struct error *err)
{
	return add_later(maker, "stamped.json", note, note_len, proof,
	    proof_count, ret_is_new, err);
}

int
evidence_add_stamp(struct evidence_maker *maker, const void *token, size_t len,
    struct error *err)
{
	char name[EVIDENCE_NAME_SIZE + 16];
	size_t stem = strlen(maker->checkpoint) - strlen(".txt");

	if (maker->stamp_count == EVIDENCE_STAMPS_MAX)
		return error_set_id(err, "E3508", ERROR_DENIED,
		    "more than %d time stamps", EVIDENCE_STAMPS_MAX);
	snprintf(name, sizeof(name), "%.*s.%zu.tst", (int)stem,
	    maker->checkpoint, ++maker->stamp_count);
	return add(maker, name, token, len, err);
}

int
evidence_add_answer(struct evidence_maker *maker, const void *answer,
    size_t len, size_t *total, struct error *err)
{
	char name[EVIDENCE_NAME_SIZE], text[DIGEST_TEXT_SIZE];
	struct digest digest;

	sha256(answer, len, &digest);
	digest_format(&digest, text);
	snprintf(name, sizeof(name), "revocation/%s.%s", text,
	    ocsp_is_answer(answer, len) ? "ors" : "crl");
	if (has_part(maker, name))
		return 0;
	*total += len;
	return add(maker, name, answer, len, err);
}

size_t
evidence_serials(const struct evidence_maker *maker, enum evidence_serial kind,
    uint64_t *to, size_t max)
{
	size_t count = 0;

	for (size_t i = 0; i < maker->receipt_count; i++) {
		const struct statement_serials *serials = &maker->serials[i];
		uint64_t serial = kind == EVIDENCE_ROOT ? serials->root
		    : kind == EVIDENCE_NETWORK          ? serials->network
							: serials->directory;
		size_t at = 0;

		while (at < count && to[at] != serial)
			at++;
		if (at == count && count < max)
			to[count++] = serial;
	}
	return count;
}

bool
evidence_has_center(const struct evidence_maker *maker, const char *name)
{
	for (size_t i = 0; i < maker->receipt_count; i++)
		if (text_equal(maker->centers[i], name))
			return true;
	return false;
}

/* ---- what the receipts are checked by -------------------------------- */

static void
put_pem(struct bytes *to, const void *der, size_t len)
{
	enum { LINE = 64 };
	struct bytes base64 = { 0 };

	base64_put(&base64, der, len);
	bytes_put_text(to, "-----BEGIN CERTIFICATE-----\n");
	for (size_t at = 0; at < base64.len; at += LINE) {
		bytes_put(to, base64.data + at,
		    base64.len - at < LINE ? base64.len - at : LINE);
		bytes_put_u8(to, '\n');
	}
	bytes_put_text(to, "-----END CERTIFICATE-----\n");
	to->failed = to->failed || base64.failed;
	bytes_free(&base64);
}

int
evidence_add_certificate(struct evidence_maker *maker, const char *owner,
    const void *der, size_t len, const struct digest *fingerprint,
    struct error *err)
{
	char name[EVIDENCE_NAME_SIZE], digest[DIGEST_TEXT_SIZE];
	struct bytes pem = { 0 };
	int rc = -1;

	digest_format(fingerprint, digest);
	snprintf(name, sizeof(name), "certificates/%s-%.16s.pem", owner,
	    digest);
	put_pem(&pem, der, len);
	if (maker->certificate_count == EVIDENCE_CERTIFICATES_MAX)
		error_set_id(err, "E3508", ERROR_DENIED,
		    "more than %d certificates", EVIDENCE_CERTIFICATES_MAX);
	else if (bytes_failed(&pem, err) == 0)
		rc = add(maker, name, pem.data, pem.len, err);
	maker->certificate_count += rc == 0;
	bytes_free(&pem);
	return rc;
}

int
evidence_add_bulletin(struct evidence_maker *maker, const char *type,
    uint64_t serial, const void *cms, size_t len, struct error *err)
{
	char name[EVIDENCE_NAME_SIZE];

	if (maker->bulletin_count == EVIDENCE_BULLETINS_MAX)
		return error_set_id(err, "E3508", ERROR_DENIED,
		    "more than %d bulletins", EVIDENCE_BULLETINS_MAX);
	snprintf(name, sizeof(name), "bulletins/%03zu-%s-%llu.p7s",
	    ++maker->bulletin_count, type, (unsigned long long)serial);
	return add(maker, name, cms, len, err);
}

int
evidence_add_page(struct evidence_maker *maker, uint64_t serial,
    unsigned number, const void *json, size_t len, struct error *err)
{
	char name[EVIDENCE_NAME_SIZE];

	snprintf(name, sizeof(name), "directory/%llu-%04u.json",
	    (unsigned long long)serial, number);
	if (has_part(maker, name))
		return 0;
	if (maker->page_count++ == EVIDENCE_PAGES_MAX)
		return error_set_id(err, "E3508", ERROR_DENIED,
		    "more than %d pages of directories", EVIDENCE_PAGES_MAX);
	return add(maker, name, json, len, err);
}

void
evidence_lacks_directory(struct evidence_maker *maker)
{
	maker->facts.lacks_directory = true;
}

int
evidence_finish(struct evidence_maker *maker, struct bytes *to,
    struct error *err)
{
	struct bytes json = { 0 };
	int rc = -1;

	if (evidence_facts_encode(&maker->facts, &json, err) < 0 ||
	    evidence_zip_add(&maker->zip, "evidence.json", json.data, json.len,
		err) < 0 ||
	    evidence_zip_finish(&maker->zip, err) < 0)
		goto done;
	bytes_put(to, maker->zip.out.data, maker->zip.out.len);
	rc = bytes_failed(to, err);
done:
	bytes_free(&json);
	return rc;
}
