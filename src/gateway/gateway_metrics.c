#include "gateway/gateway_metrics.h"

#include <inttypes.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "directory/directory.h"
#include "exchange/job.h"
#include "gateway/inbox/inbox_rows.h"
#include "gateway/outbox/outbox_early.h"
#include "model/event.h"
#include "role/query/metrics.h"
#include "role/query/queries.h"
#include "service/config.h"
#include "store/query.h"
#include "store/rows.h"

enum {
	RECEIPTS_MAX = 100000, /* of which times are taken: the newest */
	BUCKETS = 7,
	QUEUE_LATE_S = 900, /* then something is wrong */
	EARLY_LATE_S = 24 * 3600,
};

/* Upper ends of the buckets, in seconds. */
static const int64_t bucket_s[BUCKETS] = { 1, 5, 15, 60, 300, 3600, 86400 };

/* ---- letters by state ---------------------------------------------------- */

static int
put_states(struct rows *rows, const char *sql, const char *direction,
    struct bytes *to, struct error *err)
{
	struct query *query;
	int more;

	if (query_begin(rows, sql, &query, err) < 0)
		return -1;
	while ((more = query_next(query, err)) > 0) {
		int64_t state = query_int(query, 0);
		const char *name = "";

		if (direction[0] == 's' && state < DELIVERY_STATE_COUNT)
			name = delivery_state_name((enum delivery_state)state);
		else if (direction[0] == 'r' && state < INBOX_STATE_COUNT)
			name = inbox_state_name((enum inbox_state)state);
		bytes_put_format(to,
		    "yizhan_documents_total{direction=\"%s\",state=\"%s\"} "
		    "%" PRId64 "\n",
		    direction, name, query_int(query, 1));
	}
	query_end(query);
	return more;
}

static int
put_documents(struct rows *rows, struct bytes *to, struct error *err)
{
	metrics_put_head(to, "yizhan_documents_total", "gauge",
	    "Deliveries that were sent and letters that came in, by state.");
	return put_states(rows,
		   "SELECT state, count(*) FROM outbox_delivery GROUP BY state",
		   "sent", to, err) < 0
	    ? -1
	    : put_states(rows,
		  "SELECT state, count(*) FROM inbox_letter GROUP BY state",
		  "received", to, err);
}

/* ---- how long each step takes ---------------------------------------------- */

struct hop {
	uint64_t count;
	int64_t sum_ms;
	uint64_t buckets[BUCKETS]; /* each with all below it */
};

static void
count_hop(struct hop *hop, int64_t ms)
{
	if (ms < 0)
		ms = 0;
	hop->count++;
	hop->sum_ms += ms;
	for (int i = 0; i < BUCKETS; i++)
		if (ms <= bucket_s[i] * 1000)
			hop->buckets[i]++;
}

static void
put_hop(const struct hop *hop, const char *name, struct bytes *to)
{
	for (int i = 0; i < BUCKETS; i++)
		bytes_put_format(to,
		    "yizhan_hop_seconds_bucket{hop=\"%s\",le=\"%" PRId64
		    "\"} %" PRIu64 "\n",
		    name, bucket_s[i], hop->buckets[i]);
	bytes_put_format(to,
	    "yizhan_hop_seconds_bucket{hop=\"%s\",le=\"+Inf\"} %" PRIu64 "\n"
	    "yizhan_hop_seconds_sum{hop=\"%s\"} %" PRId64 ".%03d\n"
	    "yizhan_hop_seconds_count{hop=\"%s\"} %" PRIu64 "\n",
	    name, hop->count, name, hop->sum_ms / 1000,
	    (int)(hop->sum_ms % 1000), name, hop->count);
}

static int
put_hops(struct rows *rows, struct bytes *to, struct error *err)
{
	struct hop hops[EVENT_COUNT] = { 0 };
	struct query *query;
	int more;

	if (query_begin(rows,
		"SELECT r.event, r.time - w.created_at FROM outbox_receipt AS r"
		" JOIN outbox_waybill AS w ON w.id = r.waybill"
		" WHERE r.id > (SELECT max(id) FROM outbox_receipt) - ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, RECEIPTS_MAX);
	while ((more = query_next(query, err)) > 0) {
		int64_t event = query_int(query, 0);

		if (event > EVENT_NONE && event <= EVENT_CONFIRMED)
			count_hop(&hops[event], query_int(query, 1));
	}
	query_end(query);
	metrics_put_head(to, "yizhan_hop_seconds", "histogram",
	    "From the making of a letter to each step, of the newest receipts.");
	for (int i = EVENT_ACCEPTED; i <= EVENT_CONFIRMED; i++)
		if (hops[i].count > 0)
			put_hop(&hops[i], event_name((enum event)i), to);
	return more;
}

/* ---- what waits, and what ends ------------------------------------------------ */

/* How many wait, and the age of the oldest. */
struct queue {
	int64_t count;
	int64_t oldest_s;
};

static int64_t
age_s(int64_t at_ms, int64_t now_ms)
{
	return now_ms > at_ms ? (now_ms - at_ms) / 1000 : 0;
}

/* Receipts that wait for bulletins. */
static int
read_early(struct rows *rows, int64_t now, struct queue *ret_queue,
    struct error *err)
{
	int64_t oldest_at;

	*ret_queue = (struct queue){ 0 };
	if (outbox_early_count(rows, &ret_queue->count, &oldest_at, err) < 0)
		return -1;
	if (ret_queue->count > 0)
		ret_queue->oldest_s = age_s(oldest_at, now);
	return 0;
}

/* Letters that are not handed in. */
static int
read_queue(struct rows *rows, int64_t now, struct queue *ret_queue,
    struct error *err)
{
	struct query *query;
	int more;

	*ret_queue = (struct queue){ 0 };

	if (query_begin(rows,
		"SELECT count(*), coalesce(min(created_at), ?2)"
		" FROM outbox_waybill WHERE step = ?1",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, JOB_SEND_SUBMIT);
	query_bind_int(query, 2, now);
	more = query_next(query, err);
	if (more > 0) {
		ret_queue->count = query_int(query, 0);
		ret_queue->oldest_s = age_s(query_int(query, 1), now);
	}
	query_end(query);
	return more < 0 ? -1 : 0;
}

static int
put_queue(const struct queries *queries, struct rows *rows, struct bytes *to,
    struct error *err)
{
	const char *center = queries->env->config->center.name;
	int64_t now = role_env_now(queries->env);
	struct queue queue, early;

	if (read_queue(rows, now, &queue, err) < 0 ||
	    read_early(rows, now, &early, err) < 0)
		return -1;
	metrics_put_head(to, "yizhan_queue_oldest_seconds", "gauge",
	    "Age of the oldest letter that is not handed in.");
	bytes_put_format(to,
	    "yizhan_queue_oldest_seconds{peer=\"%s\"} %" PRId64 "\n", center,
	    queue.oldest_s);
	metrics_put_head(to, "yizhan_queue_letters", "gauge",
	    "Letters that are not handed in.");
	bytes_put_format(to, "yizhan_queue_letters{peer=\"%s\"} %" PRId64 "\n",
	    center, queue.count);
	metrics_put_head(to, "yizhan_receipts_early", "gauge",
	    "Receipts that wait for the bulletins by which they were stated.");
	bytes_put_format(to, "yizhan_receipts_early %" PRId64 "\n",
	    early.count);
	return 0;
}

int
gateway_metrics_queue(struct rows *rows, int64_t now_ms, const char **ret_id,
    struct bytes *to, struct error *err)
{
	struct queue queue, early;

	if (read_queue(rows, now_ms, &queue, err) < 0 ||
	    read_early(rows, now_ms, &early, err) < 0)
		return -1;
	bytes_put_format(to, "%" PRId64 " letters wait", queue.count);
	if (queue.count > 0)
		bytes_put_format(to, ", the oldest for %" PRId64 " s",
		    queue.oldest_s);
	if (early.count > 0)
		bytes_put_format(to,
		    ", %" PRId64 " receipts wait for newer bulletins, the"
		    " oldest for %" PRId64 " s",
		    early.count, early.oldest_s);
	*ret_id = queue.oldest_s >= QUEUE_LATE_S ? "E6933"
	    : early.oldest_s >= EARLY_LATE_S     ? "E4222"
						 : "";
	return 0;
}

/* Of the organisations whose keys are here, as the directory has them. */
static void
put_certificates(const struct queries *queries, struct bytes *to)
{
	static const enum key_use uses[] = { KEY_SIGN, KEY_SEAL };
	static const char *const names[] = { "sign", "seal" };
	const struct config *config = queries->env->config;
	const struct directory *directory = queries_directory(queries);
	int64_t now = role_env_now(queries->env);

	metrics_put_head(to, "yizhan_cert_expiry_seconds", "gauge",
	    "Until a registered certificate ends.");
	for (size_t i = 0; directory != NULL && i < config->key_count; i++) {
		const char *name = config->keys[i].name;
		struct directory_org org;
		struct org_code code;

		if (!text_starts(name, "sign.") ||
		    !org_code_parse(name + strlen("sign."), &code) ||
		    !directory_find_org(directory, &code, &org))
			continue;
		for (size_t use = 0; use < ARRAY_LEN(uses); use++) {
			struct directory_key key;

			if (!directory_find_key(directory, &org, uses[use],
				&key))
				continue;
			bytes_put_format(to,
			    "yizhan_cert_expiry_seconds{subject=\"%s\","
			    "use=\"%s\"} %" PRId64 "\n",
			    code.text, names[use],
			    (key.not_after_ms - now) / 1000);
		}
	}
}

int
gateway_metrics_put(struct queries *queries, struct rows *rows,
    struct bytes *to, struct error *err)
{
	metrics_put_build(to);
	metrics_put_module(queries, to);
	metrics_put_release(queries, to);
	if (put_documents(rows, to, err) < 0 || put_hops(rows, to, err) < 0 ||
	    put_queue(queries, rows, to, err) < 0)
		return -1;
	put_certificates(queries, to);
	return bytes_failed(to, err);
}
