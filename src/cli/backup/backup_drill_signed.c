/*
 * Everything in a restored store that somebody signed, checked again as of its
 * time by the bulletins of the same store, believed from the pinned root on.
 */
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/bulletin.h"
#include "cli/backup/backup_drill_internal.h"
#include "cli/offline.h"
#include "crypto/signed.h"
#include "envelope/batch_open.h"
#include "envelope/epoch_record.h"
#include "envelope/receipt.h"
#include "envelope/statement.h"
#include "envelope/waybill.h"
#include "role/log/host_log.h"
#include "role/verifier/verify.h"
#include "service/config.h"
#include "store/leaves.h"
#include "store/query.h"

enum { BULLETINS_MAX = 512, WHAT_SIZE = 96 };

struct signing {
	struct drill *drill;
	struct bytes cms[BULLETINS_MAX];
	size_t cms_count;
	struct offline *offline;
};

static void
tell(const struct signing *signing, const char *table, int64_t row,
    const struct error *why)
{
	char what[WHAT_SIZE];

	snprintf(what, sizeof(what), "%s %lld", table, (long long)row);
	drill_tell(signing->drill, what, why->text);
}

/* ---- bulletins ------------------------------------------------------- */

/* Timestamps are not evidence; access lists are for the moment. */
static int
read_bulletins(struct signing *signing, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(store_rows(signing->drill->store),
		"SELECT cms FROM bulletin WHERE type IN (?1, ?2, ?3)"
		" ORDER BY rowid",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, BULLETIN_ROOT);
	query_bind_int(query, 2, BULLETIN_NETWORK);
	query_bind_int(query, 3, BULLETIN_DIRECTORY);
	while ((more = query_next(query, err)) > 0) {
		size_t len;
		const void *cms = query_data(query, 0, &len);

		if (signing->cms_count == BULLETINS_MAX) {
			more = error_set(err, ERROR_DENIED,
			    "more than %d bulletins", BULLETINS_MAX);
			break;
		}
		bytes_put(&signing->cms[signing->cms_count++], cms, len);
	}
	query_end(query);
	return more;
}

static int
open_bulletins(struct signing *signing, struct error *err)
{
	const struct drill *drill = signing->drill;
	struct offline_part *parts;
	int rc = 0;

	if (read_bulletins(signing, err) < 0)
		return -1;
	parts = calloc(signing->cms_count + 1, sizeof(*parts));
	if (parts == NULL)
		return error_set_memory(err);
	for (size_t i = 0; i < signing->cms_count && rc == 0; i++) {
		rc = bytes_failed(&signing->cms[i], err);
		parts[i] = (struct offline_part){ "a stored bulletin",
			blob_of_bytes(&signing->cms[i]) };
	}
	if (rc == 0)
		rc = offline_open_parts(parts, signing->cms_count, NULL,
		    drill->terms->root, drill->manifest->environment,
		    drill->terms->now, &signing->offline, err);
	if (rc == 0)
		offline_use_rows(signing->offline, store_rows(drill->store));
	free(parts);
	return rc;
}

/* ---- waybills -------------------------------------------------------- */

static int
check_waybill(struct signing *signing, const void *cms, size_t len,
    const struct digest *digest, struct error *err)
{
	const struct statement_serials newest = { UINT64_MAX, UINT64_MAX,
		UINT64_MAX, UINT64_MAX };
	const struct verify_context *context;
	struct signed_object object;
	struct waybill waybill;

	context = offline_context(signing->offline);
	if (batch_open(context->batches, context->certs, context->environment,
		BATCH_WAYBILL, cms, len, &object, err) < 0)
		return -1;
	if (object.content == NULL ||
	    waybill_decode(object.content, object.content_len, &waybill, err) <
		0)
		return error_set(err, ERROR_MALFORMED, "it is no waybill");
	if (!digest_equal(&waybill.digest, digest) ||
	    !digest_equal(&waybill.head.module, &object.by[0].fingerprint))
		return error_set(err, ERROR_MALFORMED,
		    "it is another waybill, or another module signed it");
	if (offline_select(signing->offline, &newest, waybill.head.created_at,
		err) < 0)
		return -1;
	return verify_signer(context, &object.by[0], err);
}

static int
check_waybills(struct signing *signing, const char *sql, const char *table,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(store_rows(signing->drill->store), sql, &query, err) <
	    0)
		return -1;
	while ((more = query_next(query, err)) > 0) {
		struct error why = { 0 };
		struct digest digest;
		size_t len;
		const void *cms = query_data(query, 1, &len);

		query_digest(query, 2, &digest);
		if (check_waybill(signing, cms, len, &digest, &why) < 0)
			tell(signing, table, query_int(query, 0), &why);
	}
	query_end(query);
	return more;
}

/* ---- receipts -------------------------------------------------------- */

/* By the bulletins that its statement names, as of its time. */
static int
check_receipt(struct signing *signing, const void *json, size_t len,
    struct error *err)
{
	struct receipt receipt = { 0 };
	struct statement statement = { 0 };
	struct message_receipt checked;
	int rc = -1;

	if (receipt_decode(json, len, &receipt, err) == 0 &&
	    statement_decode(receipt.statement, strlen(receipt.statement),
		&statement, err) == 0 &&
	    offline_select(signing->offline, &statement.serials,
		statement.time_ms, err) == 0)
		rc = offline_check_receipt(signing->offline, json, len,
		    &checked, err);
	statement_free(&statement);
	receipt_free(&receipt);
	return rc;
}

static void
count_receipt(struct signing *signing, const char *table, int64_t row,
    const void *json, size_t len)
{
	struct error why = { 0 };

	if (check_receipt(signing, json, len, &why) < 0)
		tell(signing, table, row, &why);
	else
		signing->drill->counts.receipts++;
}

static int
check_receipts(struct signing *signing, const char *sql, const char *table,
    struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(store_rows(signing->drill->store), sql, &query, err) <
	    0)
		return -1;
	while ((more = query_next(query, err)) > 0) {
		size_t len;
		const void *json = query_data(query, 1, &len);

		count_receipt(signing, table, query_int(query, 0), json, len);
	}
	query_end(query);
	return more;
}

/* The record of a new epoch states nothing of a waybill; the audit has it. */
static bool
opens_epoch(const struct bytes *json)
{
	struct receipt receipt = { 0 };
	struct epoch_record record = { 0 };
	struct error ignored = { 0 };
	bool is_one =
	    receipt_decode(json->data, json->len, &receipt, &ignored) == 0 &&
	    epoch_record_decode(receipt.statement, strlen(receipt.statement),
		&record, &ignored) == 0;

	epoch_record_free(&record);
	receipt_free(&receipt);
	return is_one;
}

/* Each record as its receipt: path, checkpoint, log key, act. */
static int
check_records(struct signing *signing, struct error *err)
{
	struct leaves *leaves = store_leaves(signing->drill->store);
	struct bytes json = { 0 };
	int rc = 0;

	for (uint64_t i = 0; i < leaves_size(leaves) && rc == 0; i++) {
		struct error why = { 0 };

		bytes_clear(&json);
		if (host_log_receipt(leaves, i, &json, &why) == 0) {
			if (!opens_epoch(&json))
				count_receipt(signing, "log record", (int64_t)i,
				    json.data, json.len);
		}
		/* The newest may be under no checkpoint yet. */
		else if (why.code == ERROR_NOT_FOUND)
			break;
		else if (why.code == ERROR_MALFORMED)
			tell(signing, "log record", (int64_t)i, &why);
		else
			rc = error_set(err, why.code, "%s", why.text);
	}
	bytes_free(&json);
	return rc;
}

static int
check_center(struct signing *signing, struct error *err)
{
	if (check_waybills(signing, "SELECT id, cms, digest FROM waybill",
		"waybill", err) < 0 ||
	    check_records(signing, err) < 0)
		return -1;
	return check_receipts(signing, "SELECT entry, json FROM remote",
	    "receipt of another center", err);
}

static int
check_gateway(struct signing *signing, struct error *err)
{
	if (check_waybills(signing,
		"SELECT id, cms, digest FROM outbox_waybill", "waybill sent",
		err) < 0 ||
	    check_waybills(signing,
		"SELECT l.id, p.cms, l.waybill FROM inbox_letter AS l"
		" JOIN inbox_part AS p ON p.letter = l.id"
		" WHERE p.cms IS NOT NULL",
		"waybill received", err) < 0 ||
	    check_receipts(signing, "SELECT id, json FROM outbox_receipt",
		"receipt", err) < 0)
		return -1;
	return check_receipts(signing,
	    "SELECT letter, receipt FROM inbox_event"
	    " WHERE receipt IS NOT NULL",
	    "receipt of received letter", err);
}

static int
check_all(struct signing *signing, struct error *err)
{
	if (open_bulletins(signing, err) < 0)
		return -1;
	signing->drill->counts.bulletins = signing->cms_count;
	if (signing->drill->host.kind == CONFIG_CENTER)
		return check_center(signing, err);
	if (signing->drill->host.kind == CONFIG_GATEWAY)
		return check_gateway(signing, err);
	return 0;
}

int
drill_check_signed(struct drill *drill, struct error *err)
{
	struct signing *signing = calloc(1, sizeof(*signing));
	int rc;

	if (signing == NULL)
		return error_set_memory(err);
	signing->drill = drill;
	rc = check_all(signing, err);
	offline_close(signing->offline);
	for (size_t i = 0; i < signing->cms_count; i++)
		bytes_free(&signing->cms[i]);
	free(signing);
	return rc;
}
