#include "role/status/card_reports.h"

#include <stdlib.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "crypto/random.h"
#include "directory/directory.h"
#include "exchange/retry.h"
#include "http/http_path.h"
#include "json/json_decode.h"
#include "json/json_write.h"
#include "role/env.h"
#include "role/listener/listener.h"
#include "role/listener/listener_local.h"
#include "role/listener/listener_request.h"
#include "role/message.h"
#include "role/spool/spool.h"
#include "service/config.h"
#include "store/query.h"
#include "store/rows.h"
#include "store/store.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum {
	REPORTS_MAX = 20000, /* that are kept; more is refused */
	TICK_MS = 1000,
	TIMEOUT_MS = 30 * 1000,
};

static const int64_t hour_ms = INT64_C(3600) * 1000;
static const char host_path[] = "/v1/cards/lost";

const char card_reports_schema[] =
    "CREATE TABLE card_report ("
    " fingerprint BLOB PRIMARY KEY, organisation TEXT NOT NULL,"
    " host TEXT NOT NULL, reason TEXT NOT NULL, time INTEGER NOT NULL,"
    " received INTEGER NOT NULL, passed INTEGER NOT NULL DEFAULT 0,"
    " failures INTEGER NOT NULL DEFAULT 0, due INTEGER NOT NULL DEFAULT 0)"
    " STRICT;"
    "CREATE INDEX card_report_due ON card_report (due) WHERE passed = 0;";

struct card_report {
	struct digest fingerprint;
	char organisation[ORG_TEXT_SIZE];
	char host[MESSAGE_HOST_SIZE]; /* where it was reported first */
	char reason[CARD_REASON_SIZE];
	int64_t time; /* when, by that host */
};

struct card_reports {
	struct group_op op; /* of passing on; first: the group hands it back */
	struct spool *spool;
	const char *upstream;
	struct loop_timer *timer;
	bool is_busy;
	struct card_report passing;
	uint32_t failures;
	bool has_passed;
};

static struct rows *
rows_of(const struct card_reports *reports)
{
	return store_rows(reports->spool->store);
}

/* ---- the object between hosts ----------------------------------------- */

static const struct json_field fields[] = {
	{ .name = "certificate",
	    .kind = JSON_FIELD_DIGEST,
	    .offset = offsetof(struct card_report, fingerprint) },
	{ .name = "host",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct card_report, host),
	    .size = MESSAGE_HOST_SIZE },
	{ .name = "reason",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct card_report, reason),
	    .size = CARD_REASON_SIZE },
	{ .name = "time",
	    .kind = JSON_FIELD_TIME,
	    .offset = offsetof(struct card_report, time) },
};

static const struct json_field local_fields[] = {
	{ .name = "reason",
	    .kind = JSON_FIELD_TEXT,
	    .offset = offsetof(struct card_report, reason),
	    .size = CARD_REASON_SIZE },
};

static int
decode(const struct message_request *request, bool is_local,
    struct card_report *to, struct error *err)
{
	struct error why = { 0 };

	if (json_decode(request->body.data, request->body.len, CARD_REPORT_MAX,
		is_local ? local_fields : fields,
		is_local ? ARRAY_LEN(local_fields) : ARRAY_LEN(fields), to,
		&why) < 0)
		return error_set_id(err, "E3713", ERROR_MALFORMED, "%s",
		    why.text);
	if (to->reason[0] == '\0')
		return error_set_id(err, "E3713", ERROR_MALFORMED,
		    "without a reason");
	return 0;
}

static int
encode(const struct card_report *report, struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_digest(&writer, "certificate", &report->fingerprint);
	json_write_text(&writer, "host", report->host);
	json_write_text(&writer, "reason", report->reason);
	json_write_time(&writer, "time", report->time);
	json_write_end(&writer);
	return json_write_done(&writer, err);
}

/* ---- taking one ------------------------------------------------------- */

struct taking {
	struct group_op op;
	struct card_reports *reports;
	struct peer *peer;
	uint32_t id;
	struct card_report report;
};

static int
count(const struct card_reports *reports, struct error *err)
{
	struct query *query;
	int64_t found = 0;
	int more;

	if (query_begin(rows_of(reports), "SELECT count(*) FROM card_report",
		&query, err) < 0)
		return -1;
	more = query_next(query, err);
	if (more > 0)
		found = query_int(query, 0);
	query_end(query);
	if (more >= 0 && found >= REPORTS_MAX)
		return error_set_id(err, "E6301", ERROR_BUSY,
		    "%d lost cards are known already", REPORTS_MAX);
	return more < 0 ? -1 : 0;
}

/* The first report of a card counts, until its time is over. */
static int
apply_taking(struct group_op *op, struct error *err)
{
	struct taking *taking = (struct taking *)(void *)op;
	const struct card_report *report = &taking->report;
	int64_t now = spool_now(taking->reports->spool);
	struct query *query;

	if (count(taking->reports, err) < 0 ||
	    query_begin(rows_of(taking->reports),
		"INSERT INTO card_report (fingerprint, organisation, host,"
		" reason, time, received) VALUES (?1, ?2, ?3, ?4, ?5, ?6)"
		" ON CONFLICT (fingerprint) DO UPDATE SET"
		" reason = excluded.reason, time = excluded.time,"
		" received = excluded.received, passed = 0, failures = 0,"
		" due = 0 WHERE received < ?7",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, &report->fingerprint);
	query_bind_text(query, 2, report->organisation);
	query_bind_text(query, 3, report->host);
	query_bind_text(query, 4, report->reason);
	query_bind_int(query, 5, report->time);
	query_bind_int(query, 6, now);
	query_bind_int(query, 7, now - CARD_REPORT_HOURS * hour_ms);
	return query_finish(query, err);
}

static void
log_report(const struct card_reports *reports, const struct card_report *report)
{
	char fingerprint[DIGEST_TEXT_SIZE];
	struct log_line line;

	digest_format(&report->fingerprint, fingerprint);
	log_begin(&line, &reports->spool->env->log, LOG_LEVEL_ERROR,
	    "card.lost");
	log_text(&line, "org", report->organisation);
	log_text(&line, "certificate", fingerprint);
	log_text(&line, "host", report->host);
	log_text(&line, "reason", report->reason);
	log_end(&line);
}

static void
finish_taking(struct group_op *op, const struct error *failure)
{
	struct taking *taking = (struct taking *)(void *)op;
	struct message_response response = { .status = 200,
		.type = "application/json",
		.body = blob_of("{}", 2) };

	if (failure != NULL) {
		peer_refuse(taking->peer, taking->id, failure);
	} else {
		log_report(taking->reports, &taking->report);
		peer_tell(taking->peer, MESSAGE_RESPONSE, taking->id, &response,
		    -1);
		loop_timer_start(taking->reports->timer, 0);
	}
	free(taking);
}

/*
 * `caller` of NULL is a local user.  Each host speaks for the organisations that
 * it serves alone; management for all.
 */
static bool
may_report(const struct card_reports *reports,
    const struct directory_caller *caller, const struct directory_org *org)
{
	const struct config *config = reports->spool->env->config;
	const char *own = config->host.name;

	if (config_has_kind(config, CONFIG_MANAGEMENT))
		return caller == NULL ||
		    (caller->kind == HOST_CENTER &&
			text_equal(caller->name, org->center));
	if (config_has_kind(config, CONFIG_CENTER))
		return text_equal(org->center, own) &&
		    (caller == NULL ||
			(caller->kind == HOST_GATEWAY &&
			    text_equal(caller->host.center, own) &&
			    text_equal(caller->name, org->host)));
	return caller == NULL && text_equal(org->host, own);
}

/* Whose card it is, and whether the asker may speak for it. */
static int
judge(struct card_reports *reports, const struct message_request *request,
    bool is_local, struct card_report *report, struct error *err)
{
	const struct directory *directory = spool_directory(reports->spool);
	struct directory_caller caller = { .name = "" };
	struct directory_owner owner;
	struct directory_org org;

	if (directory == NULL)
		return error_set(err, ERROR_BUSY, "no directory yet");
	if (!directory_find_owner(directory, &report->fingerprint, &owner) ||
	    owner.kind != DIRECTORY_OWNER_ORG || owner.use != KEY_SIGN)
		return error_set_id(err, "E3712", ERROR_NOT_FOUND,
		    "the directory has no such card");
	org = directory_org_at(directory, owner.index);
	if (!is_local)
		caller = directory_identify(directory, &request->fingerprint,
		    "", reports->spool->env->config->host.name);
	if (!may_report(reports, is_local ? NULL : &caller, &org))
		return error_set_id(err, "E4003", ERROR_DENIED, "a card of %s",
		    org.code.text);
	text_copy(report->organisation, sizeof(report->organisation),
	    org.code.text);
	return 0;
}

static int
take(struct card_reports *reports, struct peer *peer, uint32_t id,
    const struct message_request *request, const struct digest *local,
    struct error *err)
{
	struct taking *taking = calloc(1, sizeof(*taking));

	if (taking == NULL)
		return error_set_memory(err);
	if (decode(request, local != NULL, &taking->report, err) < 0)
		goto fail;
	if (local != NULL) {
		taking->report.fingerprint = *local;
		taking->report.time = spool_now(reports->spool);
		text_copy(taking->report.host, sizeof(taking->report.host),
		    reports->spool->env->config->host.name);
	}
	if (judge(reports, request, local != NULL, &taking->report, err) < 0)
		goto fail;
	taking->reports = reports;
	taking->peer = peer;
	taking->id = id;
	taking->op.apply = apply_taking;
	taking->op.finish = finish_taking;
	group_add(reports->spool->group, &taking->op);
	return 0;
fail:
	free(taking);
	return -1;
}

bool
card_reports_answer(struct card_reports *reports, struct peer *peer,
    uint32_t id, const struct message_request *request)
{
	bool is_of_host = request->door == LISTENER_HOSTS;
	struct http_segments names;
	struct digest fingerprint;
	struct error err = { 0 };
	int rc = -1;

	if (!text_equal(request->method, "POST"))
		return false;
	if (is_of_host && text_equal(request->path, host_path))
		rc = take(reports, peer, id, request, NULL, &err);
	else if (is_of_host ||
	    !http_path_match("/v1/cards/{}:lost", request->path, &names))
		return false;
	else if (!digest_parse(names.text[0], &fingerprint))
		error_set_id(&err, "E3712", ERROR_NOT_FOUND,
		    "%.70s is no fingerprint", names.text[0]);
	else
		rc = take(reports, peer, id, request, &fingerprint, &err);
	if (rc < 0)
		peer_refuse(peer, id, &err);
	return true;
}

/* ---- who is blocked --------------------------------------------------- */

int
card_reports_block(struct card_reports *reports,
    const struct digest *fingerprint, int64_t at_ms, bool *ret_is_blocked,
    struct error *err)
{
	*ret_is_blocked = false;
	return reports == NULL ? 0
			       : card_reports_find(rows_of(reports),
				     fingerprint, at_ms, ret_is_blocked, err);
}

int
card_reports_find(struct rows *rows, const struct digest *fingerprint,
    int64_t at_ms, bool *ret_is_blocked, struct error *err)
{
	struct query *query;
	int more;

	*ret_is_blocked = false;
	if (query_begin(rows,
		"SELECT 1 FROM card_report WHERE fingerprint = ?1"
		" AND received <= ?2 AND received > ?3",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, fingerprint);
	query_bind_int(query, 2, at_ms);
	query_bind_int(query, 3, at_ms - CARD_REPORT_HOURS * hour_ms);
	more = query_next(query, err);
	*ret_is_blocked = more > 0;
	query_end(query);
	return more < 0 ? -1 : 0;
}

int
card_reports_write(struct rows *rows, const char *scope,
    struct json_writer *writer, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT fingerprint, organisation, host, reason, time,"
		" received, passed FROM card_report"
		" WHERE substr(organisation, 1, length(?1)) = ?1"
		" ORDER BY received DESC",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, scope);
	json_write_begin_array(writer, "reports");
	while ((more = query_next(query, err)) > 0) {
		struct digest fingerprint;

		query_digest(query, 0, &fingerprint);
		json_write_begin_object(writer, NULL);
		json_write_digest(writer, "certificate", &fingerprint);
		json_write_text(writer, "organisation", query_text(query, 1));
		json_write_text(writer, "host", query_text(query, 2));
		json_write_text(writer, "reason", query_text(query, 3));
		json_write_time(writer, "time", query_int(query, 4));
		json_write_time(writer, "until",
		    query_int(query, 5) + CARD_REPORT_HOURS * hour_ms);
		json_write_bool(writer, "passed", query_int(query, 6) != 0);
		json_write_end(writer);
	}
	json_write_end(writer);
	query_end(query);
	return more;
}

/* ---- passing on ------------------------------------------------------- */

static int
find_due(struct card_reports *reports, struct error *err)
{
	struct card_report *to = &reports->passing;
	struct query *query;
	int more;

	if (query_begin(rows_of(reports),
		"SELECT fingerprint, host, reason, time, failures"
		" FROM card_report WHERE passed = 0 AND due <= ?1"
		" ORDER BY due LIMIT 1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, spool_now(reports->spool));
	more = query_next(query, err);
	if (more > 0) {
		query_digest(query, 0, &to->fingerprint);
		text_copy(to->host, sizeof(to->host), query_text(query, 1));
		text_copy(to->reason, sizeof(to->reason), query_text(query, 2));
		to->time = query_int(query, 3);
		reports->failures = (uint32_t)query_int(query, 4);
	}
	query_end(query);
	return more;
}

static int
apply_passing(struct group_op *op, struct error *err)
{
	struct card_reports *reports = (struct card_reports *)(void *)op;
	const struct config *config = reports->spool->env->config;
	/* A lost card does not wait long: 10 seconds at most. */
	const struct retry_bounds bounds = { config->courier.retry_first_ms,
		config->courier.retry_first_ms > 10000
		    ? config->courier.retry_first_ms
		    : 10000 };
	struct query *query;
	uint32_t random = 0;

	if (random_fill(&random, sizeof(random), err) < 0 ||
	    query_begin(rows_of(reports),
		"UPDATE card_report SET passed = ?2, failures = failures + 1,"
		" due = ?3 WHERE fingerprint = ?1",
		&query, err) < 0)
		return -1;
	query_bind_digest(query, 1, &reports->passing.fingerprint);
	query_bind_int(query, 2, reports->has_passed);
	query_bind_int(query, 3,
	    spool_now(reports->spool) +
		retry_wait_ms(&bounds, reports->failures + 1, random));
	return query_finish(query, err);
}

static void
finish_passing(struct group_op *op, const struct error *failure)
{
	struct card_reports *reports = (struct card_reports *)(void *)op;

	reports->is_busy = false;
	loop_timer_start(reports->timer,
	    failure == NULL && reports->has_passed ? 0 : TICK_MS);
}

static void
conclude(struct card_reports *reports, const struct error *failure)
{
	reports->has_passed = failure == NULL;
	if (failure != NULL)
		log_failure(&reports->spool->env->log, LOG_LEVEL_WARNING,
		    "card.report", failure);
	reports->op.apply = apply_passing;
	reports->op.finish = finish_passing;
	group_add(reports->spool->group, &reports->op);
}

static void
on_called(void *ctx, struct ipc_message *message)
{
	struct card_reports *reports = ctx;
	struct message_called called;
	struct error err = { 0 };

	if (message_read(message, MESSAGE_CALLED, &called, &err) == 0 &&
	    called.status != 200)
		error_set(&err, ERROR_BUSY, "%s answers %u", reports->upstream,
		    called.status);
	conclude(reports, err.code == ERROR_NONE ? NULL : &err);
}

static int
pass_on(struct card_reports *reports, struct error *err)
{
	struct message_call call = { .method = "POST",
		.type = "application/json",
		.timeout_ms = TIMEOUT_MS };
	struct bytes json = { 0 };
	int rc = -1;

	text_copy(call.peer, sizeof(call.peer), reports->upstream);
	text_copy(call.path, sizeof(call.path), host_path);
	if (encode(&reports->passing, &json, err) == 0) {
		call.body = blob_of_bytes(&json);
		rc = peer_ask(reports->spool->courier, MESSAGE_CALL, &call, -1,
		    on_called, reports, NULL, err);
	}
	bytes_free(&json);
	return rc;
}

static void
on_tick(void *ctx)
{
	struct card_reports *reports = ctx;
	struct error err = { 0 };
	int found;

	if (reports->upstream == NULL || reports->is_busy)
		return;
	found = find_due(reports, &err);
	if (found > 0) {
		reports->is_busy = true;
		if (pass_on(reports, &err) < 0)
			conclude(reports, &err);
		return;
	}
	if (found < 0)
		log_failure(&reports->spool->env->log, LOG_LEVEL_WARNING,
		    "card.report", &err);
	loop_timer_start(reports->timer, TICK_MS);
}

/* What is under way ends without a call. */
void
card_reports_free(struct card_reports *reports)
{
	if (reports == NULL)
		return;
	loop_timer_free(reports->timer);
	free(reports);
}

void
card_reports_start(struct card_reports *reports)
{
	loop_timer_start(reports->timer, 0);
}

int
card_reports_new(struct spool *spool, const char *upstream,
    struct card_reports **ret_reports, struct error *err)
{
	struct card_reports *reports = calloc(1, sizeof(*reports));

	if (reports == NULL)
		return error_set_memory(err);
	reports->spool = spool;
	reports->upstream = upstream;
	if (loop_timer_new(spool->env->loop, on_tick, reports, &reports->timer,
		err) < 0) {
		free(reports);
		return -1;
	}
	*ret_reports = reports;
	return 0;
}

/* ---- the listener ------------------------------------------------------ */

void
card_reports_post(struct listener_request *request)
{
	struct message_request asked = { .method = "POST",
		.door = LISTENER_HOSTS,
		.fingerprint = request->fingerprint,
		.body = blob_of_bytes(&request->body) };
	struct error err = { 0 };

	text_copy(asked.path, sizeof(asked.path), host_path);
	if (listener_ask(request, request->listener->spooler, MESSAGE_REQUEST,
		&asked, MESSAGE_NONE, listener_local_on_response, &err) < 0)
		listener_refuse(request, &err);
}
