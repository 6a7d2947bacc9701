/*
 * What the evidence of a sent and of a received delivery have in common.
 */
#include "evidence/evidence.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "crypto/sha256.h"
#include "directory/directory.h"
#include "envelope/receipt.h"
#include "envelope/statement.h"
#include "evidence/evidence_make.h"
#include "gateway/evidence/evidence_export_internal.h"
#include "gateway/evidence/log_watch.h"
#include "log/note.h"
#include "role/status/status_rows.h"
#include "store/query.h"
#include "store/rows.h"

enum {
	/* A larger directory is asked for where the evidence is judged. */
	DIRECTORY_BYTES_MAX = 8 * 1024 * 1024,
	/* Of all that authorities said: the file has room for the rest. */
	ANSWERS_BYTES_MAX = 20 * 1024 * 1024,
	OWNER_SIZE = 64,
};

/* ---- bulletins ------------------------------------------------------- */

/*
 * The one by which a receipt was judged; a host that slept through it has only
 * the next one, which still knows the keys of before.
 */
static int
find_serial(struct rows *rows, enum bulletin_type type, uint64_t wanted,
    uint64_t *ret_serial, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT coalesce((SELECT min(serial) FROM bulletin"
		" WHERE type = ?1 AND name = '' AND serial >= ?2),"
		" (SELECT max(serial) FROM bulletin"
		" WHERE type = ?1 AND name = ''), 0)",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, type);
	query_bind_int(query, 2, (int64_t)wanted);
	more = query_next(query, err);
	if (more > 0)
		*ret_serial = (uint64_t)query_int(query, 0);
	query_end(query);
	return more < 0 ? -1 : 0;
}

struct chosen {
	uint64_t list[EVIDENCE_RECEIPTS_MAX + 1];
	size_t count;
};

static int
choose(const struct evidence_export *making, enum bulletin_type type,
    enum evidence_serial kind, struct chosen *chosen, struct error *err)
{
	chosen->count = evidence_serials(making->maker, kind, chosen->list,
	    EVIDENCE_RECEIPTS_MAX);
	/* And the newest, which has the certificates that are put in. */
	chosen->list[chosen->count++] = INT64_MAX;
	for (size_t i = 0; i < chosen->count; i++)
		if (find_serial(making->rows, type, chosen->list[i],
			&chosen->list[i], err) < 0)
			return -1;
	return 0;
}

static bool
has(const struct chosen *chosen, uint64_t serial)
{
	for (size_t i = 0; i < chosen->count; i++)
		if (chosen->list[i] == serial)
			return true;
	return false;
}

/*
 * False for a directory that says what it changed: its root proves the pages that
 * go along.  It was verified when it came, so its JSON stands in there as our own
 * writer writes it.
 */
static bool
says_all(const uint8_t *cms, size_t len)
{
	static const char begin[] = "\"body\":{\"organisations\":[";

	for (size_t i = 0; i + sizeof(begin) - 1 <= len; i++)
		if (cms[i] == begin[0] &&
		    memcmp(cms + i, begin, sizeof(begin) - 1) == 0)
			return true;
	return false;
}

/* Columns type, serial, cms. */
static int
add_bulletin(const struct evidence_export *making, struct query *query,
    const struct chosen *networks, const struct chosen *directories,
    struct error *err)
{
	enum bulletin_type type = (enum bulletin_type)query_int(query, 0);
	uint64_t serial = (uint64_t)query_int(query, 1);
	size_t len;
	const void *cms = query_data(query, 2, &len);

	if ((type == BULLETIN_NETWORK && !has(networks, serial)) ||
	    (type == BULLETIN_DIRECTORY && !has(directories, serial)))
		return 0;
	if (type == BULLETIN_DIRECTORY) {
		int goes = len > DIRECTORY_BYTES_MAX ? 0
		    : says_all(cms, len)
		    ? 1
		    : evidence_export_pages(making, serial, err);

		if (goes == 0)
			evidence_lacks_directory(making->maker);
		if (goes <= 0)
			return goes;
	}
	return evidence_add_bulletin(making->maker, bulletin_type_name(type),
	    serial, cms, len, err);
}

/* In the order in which this host took them, so that others can as well. */
static int
add_bulletins(const struct evidence_export *making, struct error *err)
{
	struct chosen networks, directories;
	struct query *query;
	int more;

	if (choose(making, BULLETIN_NETWORK, EVIDENCE_NETWORK, &networks, err) <
		0 ||
	    choose(making, BULLETIN_DIRECTORY, EVIDENCE_DIRECTORY, &directories,
		err) < 0 ||
	    query_begin(making->rows,
		"SELECT type, serial, cms FROM bulletin WHERE name = ''"
		" AND type IN (?1, ?2, ?3) ORDER BY rowid",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, BULLETIN_ROOT);
	query_bind_int(query, 2, BULLETIN_NETWORK);
	query_bind_int(query, 3, BULLETIN_DIRECTORY);
	while ((more = query_next(query, err)) > 0)
		if (add_bulletin(making, query, &networks, &directories, err) <
		    0) {
			more = -1;
			break;
		}
	query_end(query);
	return more;
}

/* ---- certificates ---------------------------------------------------- */

static int
add_keys(const struct evidence_export *making, const struct directory_org *org,
    const char *owner, struct error *err)
{
	for (uint32_t i = 0; i < org->key_count; i++) {
		struct directory_key key =
		    directory_key_at(making->directory, org, i);
		char name[OWNER_SIZE];

		if (key.use == KEY_SEAL || key.state == KEY_REVOKED)
			continue;
		snprintf(name, sizeof(name), "%s-%s", owner,
		    key_use_name(key.use));
		if (evidence_add_certificate(making->maker, name,
			key.certificate, key.certificate_len, &key.fingerprint,
			err) < 0)
			return -1;
	}
	return 0;
}

static int
add_organisations(const struct evidence_export *making, struct error *err)
{
	struct directory_org org, receiver;
	struct directory_key seal;

	if (directory_find_org(making->directory, &making->sender, &org) &&
	    add_keys(making, &org, "sender", err) < 0)
		return -1;
	if (directory_find_org(making->directory, &making->recipient, &org) &&
	    add_keys(making, &org, "recipient", err) < 0)
		return -1;
	if (directory_find_receiver(making->directory, &making->recipient,
		&receiver, &seal) &&
	    !org_code_equal(&receiver.code, &making->recipient))
		return add_keys(making, &receiver, "receiver", err);
	return 0;
}

static int
add_logs(const struct evidence_export *making, struct error *err)
{
	size_t count = directory_center_count(making->directory);

	for (uint32_t i = 0; i < count; i++) {
		struct directory_center center =
		    directory_center_at(making->directory, i);
		struct digest fingerprint;
		char name[OWNER_SIZE];

		if (center.log_len == 0 ||
		    !evidence_has_center(making->maker, center.name))
			continue;
		sha256(center.log, center.log_len, &fingerprint);
		snprintf(name, sizeof(name), "log-%s", center.name);
		if (evidence_add_certificate(making->maker, name, center.log,
			center.log_len, &fingerprint, err) < 0)
			return -1;
	}
	return 0;
}

/* ---- receipts -------------------------------------------------------- */

/* What the witnesses said of a tree that has this receipt, if they have. */
static int
add_cosigned(const struct evidence_export *making,
    const struct note_checkpoint *checkpoint, struct error *err)
{
	struct bytes note = { 0 };
	struct bytes proof = { 0 };
	int rc =
	    log_watch_find(making->rows, LOG_WATCH_COSIGNED, checkpoint->origin,
		checkpoint->size, &checkpoint->root, &note, &proof, err);

	if (rc > 0)
		rc = evidence_add_cosigned(making->maker, note.data, note.len,
		    (const struct digest *)(const void *)proof.data,
		    proof.len / sizeof(struct digest), err);
	bytes_free(&note);
	bytes_free(&proof);
	return rc;
}

static int
add_stamp(void *ctx, const void *token, size_t len, struct error *err)
{
	return evidence_add_stamp(ctx, token, len, err);
}

/* And what a time-stamping authority did, if it has. */
static int
add_stamped(const struct evidence_export *making,
    const struct note_checkpoint *checkpoint, struct error *err)
{
	struct bytes note = { 0 };
	struct bytes proof = { 0 };
	bool is_new = false;
	int rc =
	    log_watch_find(making->rows, LOG_WATCH_STAMPED, checkpoint->origin,
		checkpoint->size, &checkpoint->root, &note, &proof, err);

	if (rc > 0)
		rc = evidence_add_stamped(making->maker, note.data, note.len,
		    (const struct digest *)(const void *)proof.data,
		    proof.len / sizeof(struct digest), &is_new, err);
	if (rc == 0 && is_new)
		rc = log_watch_each_stamp(making->rows, &note, add_stamp,
		    making->maker, err);
	bytes_free(&note);
	bytes_free(&proof);
	return rc;
}

/* What was said of the signer, if it came and goes into a file. */
static int
add_answer(struct evidence_export *making, const char *json, struct error *err)
{
	struct statement statement = { 0 };
	struct bytes answer = { 0 };
	int found;
	int rc = -1;

	if (statement_decode(json, strlen(json), &statement, err) < 0)
		return -1;
	found =
	    status_answer_find(making->rows, &statement.status, &answer, err);
	if (found > 0 && answer.len <= ANSWERS_BYTES_MAX - making->answers_len)
		rc = evidence_add_answer(making->maker, answer.data, answer.len,
		    &making->answers_len, err);
	else if (found >= 0)
		rc = 0;
	statement_free(&statement);
	bytes_free(&answer);
	return rc;
}

/* What was said with this event, where it is known here. */
static int
add_words(const struct evidence_export *making, const char *json,
    struct error *err)
{
	struct statement statement = { 0 };
	struct words words;
	int found;

	if (statement_decode(json, strlen(json), &statement, err) < 0)
		return -1;
	found = statement.act.len == 0
	    ? 0
	    : words_find(making->rows, making->side, making->row,
		  statement.event, &words, err);
	statement_free(&statement);
	return found <= 0 ? found
			  : evidence_add_words(making->maker, words.salt,
				sizeof(words.salt), words.text, err);
}

static int
add_receipt(struct evidence_export *making, const void *json, size_t len,
    struct error *err)
{
	struct receipt receipt = { 0 };
	struct note note;
	int rc = -1;

	if (evidence_add_receipt(making->maker, json, len, err) == 0 &&
	    receipt_decode(json, len, &receipt, err) == 0 &&
	    note_parse(receipt.checkpoint, strlen(receipt.checkpoint), &note,
		err) == 0 &&
	    add_words(making, receipt.statement, err) == 0 &&
	    add_cosigned(making, &note.checkpoint, err) == 0 &&
	    add_stamped(making, &note.checkpoint, err) == 0)
		rc = add_answer(making, receipt.statement, err);
	receipt_free(&receipt);
	return rc;
}

/* ---- the file -------------------------------------------------------- */

int
evidence_export_receipts(struct evidence_export *making, struct query *query,
    struct error *err)
{
	int more;

	while ((more = query_next(query, err)) > 0) {
		size_t len;
		const void *json = query_data(query, 0, &len);

		if (add_receipt(making, json, len, err) < 0)
			return -1;
		making->receipts++;
	}
	return more;
}

int
evidence_export_finish(const struct evidence_export *making, struct bytes *to,
    struct error *err)
{
	if (making->receipts == 0)
		return error_set_id(err, "E3507", ERROR_NOT_FOUND,
		    "no receipt of it has come yet");
	if (making->directory != NULL &&
	    (add_organisations(making, err) < 0 || add_logs(making, err) < 0))
		return -1;
	if (add_bulletins(making, err) < 0)
		return -1;
	return evidence_finish(making->maker, to, err);
}

int
evidence_export_begin(struct evidence_export *making, const char *environment,
    const struct id *waybill_id, struct error *err)
{
	struct evidence_facts facts = { .waybill_id = *waybill_id,
		.sender = making->sender,
		.recipient = making->recipient };

	if (!text_copy(facts.environment, sizeof(facts.environment),
		environment))
		return error_set(err, ERROR_SYSTEM, "environment %s",
		    environment);
	return evidence_maker_new(&facts, &making->maker, err);
}
