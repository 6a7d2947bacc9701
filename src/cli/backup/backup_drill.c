#include "cli/backup/backup_drill.h"

#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "case/case_library.h"
#include "cli/backup/backup_drill_internal.h"
#include "cli/backup/backup_folder.h"
#include "cli/log/log_audit.h"
#include "crypto/sha256.h"
#include "json/json_read.h"
#include "management/casework_rows.h"
#include "release/release_history.h"
#include "release/release_pool.h"
#include "service/config.h"
#include "store/leaves.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"
#include "store/store_backup.h"
#include "sys/file.h"

enum { WHAT_SIZE = 64 };

void
drill_tell(struct drill *drill, const char *what, const char *why)
{
	drill->counts.findings++;
	drill->terms->tell(drill->terms->ctx, what, why);
}

static void
take_fault(void *ctx, const char *what, const char *why)
{
	drill_tell(ctx, what, why);
}

/* ---- payloads -------------------------------------------------------- */

static void
take_lost(void *ctx, const struct payload *payload, const struct error *why)
{
	char what[WHAT_SIZE];

	snprintf(what, sizeof(what), "payload %llu",
	    (unsigned long long)payload->number);
	drill_tell(ctx, what, why->text);
}

static int
read_payload(struct drill *drill, const struct payload *payload,
    struct sha256 *sha, struct error *err)
{
	struct segment_reader *reader = NULL;
	struct digest digest;
	const uint8_t *data;
	size_t len;
	int more;

	if (segment_reader_new(store_segments(drill->store), payload, &reader,
		err) < 0)
		return -1;
	while ((more = segment_reader_next(reader, &data, &len, err)) > 0)
		sha256_update(sha, data, len);
	segment_reader_free(reader);
	sha256_final(sha, &digest);
	if (more == 0 && !digest_equal(&digest, &payload->digest))
		more = error_set_id(err, "E5002", ERROR_MALFORMED,
		    "the bytes are not those of its digest");
	return more;
}

static int
next_payload(struct drill *drill, uint64_t after, uint64_t *ret_number,
    struct error *err)
{
	struct query *query = NULL;
	int found;

	if (query_begin(store_rows(drill->store),
		"SELECT number FROM payload WHERE number > ?1"
		" ORDER BY number LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, (int64_t)after);
	found = query_next(query, err);
	if (found > 0)
		*ret_number = (uint64_t)query_int(query, 0);
	query_end(query);
	return found;
}

static int
read_payloads(struct drill *drill, struct error *err)
{
	struct sha256 *sha = NULL;
	uint64_t number = 0;
	int more;

	if (sha256_new(&sha, err) < 0)
		return -1;
	while ((more = next_payload(drill, number, &number, err)) > 0) {
		struct payload payload = { 0 };
		struct error why = { 0 };

		if (store_payload_find(drill->store, number, &payload, &why) <
			0 ||
		    read_payload(drill, &payload, sha, &why) < 0) {
			payload.number = number;
			take_lost(drill, &payload, &why);
		} else {
			drill->counts.payloads++;
		}
		payload_free(&payload);
	}
	sha256_free(sha);
	return more;
}

/* ---- rows and log ---------------------------------------------------- */

static int
count(struct drill *drill, const char *sql, uint64_t *ret_count,
    struct error *err)
{
	struct query *query = NULL;
	int found;

	if (query_begin(store_rows(drill->store), sql, &query, err) < 0)
		return -1;
	found = query_next(query, err);
	if (found > 0)
		*ret_count = (uint64_t)query_int(query, 0);
	query_end(query);
	return found < 0 ? -1 : 0;
}

static int
count_all(struct drill *drill, struct error *err)
{
	struct drill_counts *counts = &drill->counts;
	uint64_t received = 0;

	if (drill->host.kind == CONFIG_CENTER)
		return count(drill, "SELECT count(*) FROM waybill",
			   &counts->documents, err) < 0
		    ? -1
		    : count(drill, "SELECT count(*) FROM delivery",
			  &counts->deliveries, err);
	if (drill->host.kind != CONFIG_GATEWAY)
		return 0;
	if (count(drill, "SELECT count(*) FROM outbox_document",
		&counts->documents, err) < 0 ||
	    count(drill, "SELECT count(*) FROM outbox_delivery",
		&counts->deliveries, err) < 0 ||
	    count(drill, "SELECT count(*) FROM inbox_letter", &received, err) <
		0)
		return -1;
	counts->documents += received;
	return 0;
}

/* The log is the one that the manifest speaks of, leaf by leaf. */
static int
check_leaves(struct drill *drill, struct error *err)
{
	const struct backup_log *log = &drill->manifest->log;
	struct leaves *leaves = store_leaves(drill->store);
	struct error why = { 0 };
	struct digest root;

	drill->counts.records = leaves_size(leaves);
	if (leaves_check(leaves, &root, &why) < 0) {
		if (why.code != ERROR_MALFORMED) {
			*err = why;
			return -1;
		}
		drill_tell(drill, "log", why.text);
	} else if (leaves_size(leaves) != log->size ||
	    !digest_equal(&root, &log->root)) {
		drill_tell(drill, "log", "is not the one of the manifest");
	}
	return 0;
}

static void
take_finding(void *ctx, const struct leaves_finding *finding)
{
	char what[WHAT_SIZE];

	/* A copy may come between a commit and its checkpoint. */
	if (finding->fault == LEAVES_LOOSE)
		return;
	snprintf(what, sizeof(what), "log record %llu",
	    (unsigned long long)finding->first);
	drill_tell(ctx, what, finding->why);
}

static int
audit_log(struct drill *drill, struct error *err)
{
	const struct log_audit_terms terms = {
		.folder = drill->terms->scratch,
		.center = drill->manifest->host,
		.root = drill->terms->root,
		.environment = drill->manifest->environment,
		.now = drill->terms->now,
		.tell = take_finding,
		.ctx = drill,
	};
	struct leaves_summary summary;

	if (drill->host.kind != CONFIG_CENTER || drill->counts.records == 0)
		return 0;
	if (log_audit(&terms, &summary, err) < 0)
		return -1;
	drill->counts.checkpoints = summary.checkpoints;
	return 0;
}

/* What does not hold is a finding; what cannot be done is a failure. */
static int
as_finding(struct drill *drill, const char *what, int rc, struct error *err)
{
	if (rc == 0 ||
	    (err->code != ERROR_MALFORMED && err->code != ERROR_UNTRUSTED &&
		err->code != ERROR_DENIED && err->code != ERROR_NOT_FOUND))
		return rc;
	drill_tell(drill, what, err->text);
	*err = (struct error){ 0 };
	return 0;
}

/* Of a management host: its cases, each by its steps. */
static int
check_casework(struct drill *drill, struct error *err)
{
	struct case_library *library = NULL;
	struct rows *rows = NULL;
	size_t count = 0;
	int rc = -1;

	if (drill->host.kind != CONFIG_MANAGEMENT)
		return 0;
	if (case_library_new(&library, err) == 0 &&
	    casework_rows_open(drill->terms->scratch, false, &rows, err) == 0)
		rc = casework_check(rows, library, &count, err);
	rows_close(rows);
	case_library_free(library);
	return as_finding(drill, store_beside_casework, rc, err);
}

/* What was done with releases: lines that can be read. */
static int
check_releases(struct drill *drill, struct error *err)
{
	struct json_document *document = NULL;
	struct bytes history = { 0 };
	int pool = -1;
	int rc;

	rc = release_pool_look(drill->terms->scratch, &pool, err);
	if (rc <= 0)
		return rc;
	rc = -1;
	if (release_history_read(pool, &history, err) == 0)
		rc = json_read(history.data, history.len, history.len,
		    &document, err);
	json_document_free(document);
	bytes_free(&history);
	file_close(pool);
	return as_finding(drill, "releases/history", rc, err);
}

static int
check_store(struct drill *drill, struct error *err)
{
	if (as_finding(drill, "rows.db",
		rows_check(store_rows(drill->store), err), err) < 0 ||
	    read_payloads(drill, err) < 0 || count_all(drill, err) < 0 ||
	    check_leaves(drill, err) < 0 || check_casework(drill, err) < 0 ||
	    check_releases(drill, err) < 0)
		return -1;
	return as_finding(drill, "signatures", drill_check_signed(drill, err),
	    err);
}

/* ---- all of it ------------------------------------------------------- */

static int
restore(struct drill *drill, struct error *err)
{
	const struct drill_terms *terms = drill->terms;
	const struct backup_manifest *manifest = drill->manifest;

	for (size_t i = 0; i < manifest->file_count; i++)
		drill->counts.bytes += manifest->files[i].length;
	drill->counts.files = manifest->file_count;
	return backup_folder_copy(terms->backup, terms->scratch, manifest,
	    terms->key, take_fault, drill, err);
}

static int
open_and_check(struct drill *drill, struct error *err)
{
	int rc = store_open(&drill->host.options, take_lost, drill,
	    &drill->store, err);

	if (rc < 0)
		return as_finding(drill, "store", rc, err);
	rc = check_store(drill, err);
	store_close(drill->store);
	drill->store = NULL;
	return rc < 0 ? -1
		      : as_finding(drill, "log", audit_log(drill, err), err);
}

int
backup_drill(const struct drill_terms *terms,
    const struct backup_manifest *manifest, struct drill_counts *ret_counts,
    struct error *err)
{
	struct drill drill = { .terms = terms, .manifest = manifest };
	int rc = host_store_open(host_store_kind(manifest->kind),
	    terms->scratch, &drill.host, err);

	if (rc == 0)
		rc = restore(&drill, err);
	if (rc == 0 && drill.counts.findings == 0)
		rc = open_and_check(&drill, err);
	*ret_counts = drill.counts;
	return rc;
}
