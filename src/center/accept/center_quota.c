#include "center/accept/center_quota.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/accept/center_accept_internal.h"
#include "center/accept/center_queued.h"
#include "policy/quota.h"
#include "service/config.h"
#include "store/query.h"
#include "store/store.h"

enum { BUCKETS = 1024, HOUR_MS = 3600 * 1000 };

/*
 * 3 is fetched.  A recipient's bytes are those of each delivery; a sender's
 * content is here once, until all of its deliveries have ended (a late event
 * may note the end again, when the content is gone).
 */
const char center_quota_schema[] =
    "CREATE TABLE queued ("
    " kind INTEGER NOT NULL, party TEXT NOT NULL,"
    " deliveries INTEGER NOT NULL, bytes INTEGER NOT NULL,"
    " PRIMARY KEY (kind, party)) STRICT, WITHOUT ROWID;"
    "CREATE TRIGGER queued_delivery AFTER INSERT ON delivery"
    " WHEN NEW.state < 3 BEGIN"
    " INSERT INTO queued VALUES (1, NEW.recipient, 1,"
    " (SELECT content_len FROM waybill WHERE id = NEW.waybill))"
    " ON CONFLICT (kind, party) DO UPDATE SET"
    " deliveries = deliveries + 1, bytes = bytes + excluded.bytes;"
    " UPDATE queued SET deliveries = deliveries + 1 WHERE kind = 2"
    " AND party = (SELECT substr(sender, 1, 10) FROM waybill"
    " WHERE id = NEW.waybill);"
    " END;"
    "CREATE TRIGGER queued_fetched AFTER UPDATE OF state ON delivery"
    " WHEN OLD.state < 3 AND NEW.state >= 3 BEGIN"
    " UPDATE queued SET deliveries = deliveries - 1, bytes = bytes -"
    " (SELECT content_len FROM waybill WHERE id = NEW.waybill)"
    " WHERE kind = 1 AND party = NEW.recipient;"
    " UPDATE queued SET deliveries = deliveries - 1 WHERE kind = 2"
    " AND party = (SELECT substr(sender, 1, 10) FROM waybill"
    " WHERE id = NEW.waybill);"
    " END;"
    /* One that was passed on has come back. */
    "CREATE TRIGGER queued_again AFTER UPDATE OF state ON delivery"
    " WHEN OLD.state >= 3 AND NEW.state < 3 BEGIN"
    " UPDATE queued SET deliveries = deliveries + 1, bytes = bytes +"
    " (SELECT content_len FROM waybill WHERE id = NEW.waybill)"
    " WHERE kind = 1 AND party = NEW.recipient;"
    " UPDATE queued SET deliveries = deliveries + 1 WHERE kind = 2"
    " AND party = (SELECT substr(sender, 1, 10) FROM waybill"
    " WHERE id = NEW.waybill);"
    " END;"
    "CREATE TRIGGER queued_waybill AFTER INSERT ON waybill BEGIN"
    " INSERT INTO queued VALUES"
    " (2, substr(NEW.sender, 1, 10), 0, NEW.content_len)"
    " ON CONFLICT (kind, party) DO UPDATE SET"
    " bytes = bytes + excluded.bytes;"
    " END;"
    "CREATE TRIGGER queued_ended AFTER INSERT ON ended"
    " WHEN (SELECT payload FROM waybill WHERE id = NEW.waybill) <> 0 BEGIN"
    " UPDATE queued SET bytes = max(0, bytes -"
    " (SELECT content_len FROM waybill WHERE id = NEW.waybill))"
    " WHERE kind = 2 AND party = (SELECT substr(sender, 1, 10)"
    " FROM waybill WHERE id = NEW.waybill);"
    " END;"
    /* One of its deliveries came back, or others came, after it had ended. */
    "CREATE TRIGGER queued_not_ended AFTER DELETE ON ended"
    " WHEN (SELECT payload FROM waybill WHERE id = OLD.waybill) <> 0 BEGIN"
    " UPDATE queued SET bytes = bytes +"
    " (SELECT content_len FROM waybill WHERE id = OLD.waybill)"
    " WHERE kind = 2 AND party = (SELECT substr(sender, 1, 10)"
    " FROM waybill WHERE id = OLD.waybill);"
    " END;"
    "CREATE INDEX waybill_accepted_at ON waybill (accepted_at);";

/* An organisation, or a host. */
struct party {
	struct party *next;
	char name[MESSAGE_HOST_SIZE];
	struct quota_window window;
};

struct center_quotas {
	struct center *center;
	struct party *buckets[BUCKETS];
	size_t count;
};

/* ---- parties --------------------------------------------------------- */

/* Codes are of capitals, host names of small letters: they never meet. */
static struct party **
bucket_of(struct center_quotas *quotas, const char *name)
{
	uint32_t hash = 2166136261u;

	for (; *name != '\0'; name++)
		hash = (hash ^ (uint8_t)*name) * 16777619u;
	return &quotas->buckets[hash % BUCKETS];
}

/* Those of a bucket who did nothing for an hour go. */
static void
forget_idle(struct center_quotas *quotas, struct party **at, int64_t now_ms)
{
	while (*at != NULL) {
		struct party *party = *at;

		if (!quota_is_idle(&party->window, now_ms)) {
			at = &party->next;
			continue;
		}
		*at = party->next;
		quotas->count--;
		free(party);
	}
}

static struct party *
find(struct center_quotas *quotas, const char *name)
{
	struct party *party = *bucket_of(quotas, name);

	while (party != NULL && !text_equal(party->name, name))
		party = party->next;
	return party;
}

/* Without memory a letter goes uncounted, rather than unaccepted. */
static void
count(struct center_quotas *quotas, const char *name, int64_t at_ms,
    uint64_t bytes, bool is_undone)
{
	struct party *party = find(quotas, name);

	if (party == NULL) {
		struct party **bucket = bucket_of(quotas, name);

		forget_idle(quotas, bucket, at_ms);
		party = calloc(1, sizeof(*party));
		if (party == NULL)
			return;
		text_copy(party->name, sizeof(party->name), name);
		party->next = *bucket;
		*bucket = party;
		quotas->count++;
	}
	quota_count(&party->window, at_ms, bytes, is_undone);
}

/* ---- judging --------------------------------------------------------- */

static int
check_hour(struct center_quotas *quotas, const char *name,
    const struct quota_limits *limits, uint64_t bytes, int64_t now_ms,
    struct error *err)
{
	struct party *party = find(quotas, name);

	return party == NULL
	    ? 0
	    : quota_check(&party->window, limits, name, bytes, now_ms, err);
}

static int
check_queue(struct center *center, enum center_queued_kind kind,
    const char *name, const struct quota_queue *more, const char *id,
    struct error *err)
{
	const struct config *config = center->spool.env->config;
	const struct quota_queue limit = {
		(uint64_t)config->limits.queue_deliveries,
		(uint64_t)config->limits.queue_bytes
	};
	struct quota_queue queued;

	return center_queued_find(center, kind, name, &queued, err) < 0
	    ? -1
	    : quota_check_queue(&queued, more, &limit, name, id, err);
}

/* Of our own senders; for what other centers accepted these answer. */
static int
judge_sender(const struct accepting *accepting, int64_t now_ms,
    struct error *err)
{
	struct center *center = accepting->request.center;
	const struct config *config = center->spool.env->config;
	const struct quota_limits organisation = {
		(uint64_t)config->limits.organisation_letters,
		(uint64_t)config->limits.organisation_bytes
	};
	const struct quota_limits host = {
		(uint64_t)config->limits.host_letters,
		(uint64_t)config->limits.host_bytes
	};
	struct org_code sender = org_code_parent(&accepting->sender);
	uint64_t bytes = accepting->waybill.content_len;
	const struct quota_queue more = { accepting->leaf_count, bytes };

	if (accepting->submit.kind == BUNDLE_RELAY)
		return 0;
	if (check_hour(center->quotas, sender.text, &organisation, bytes,
		now_ms, err) < 0 ||
	    check_hour(center->quotas, accepting->submit.host, &host, bytes,
		now_ms, err) < 0)
		return -1;
	return check_queue(center, QUEUED_OF, sender.text, &more, "E4043", err);
}

int
center_quotas_judge(const struct accepting *accepting, int64_t now_ms,
    struct error *err)
{
	const struct quota_queue more = { 1, accepting->waybill.content_len };

	if (judge_sender(accepting, now_ms, err) < 0)
		return -1;
	for (size_t i = 0; i < accepting->leaf_count; i++)
		if (check_queue(accepting->request.center, QUEUED_FOR,
			accepting->leaves[i].recipient, &more, "E4044",
			err) < 0)
			return -1;
	return 0;
}

void
center_quotas_count(const struct accepting *accepting, bool is_undone)
{
	struct center *center = accepting->request.center;
	struct org_code sender = org_code_parent(&accepting->sender);
	uint64_t bytes = accepting->waybill.content_len;

	if (accepting->submit.kind == BUNDLE_RELAY)
		return;
	count(center->quotas, sender.text, accepting->accepted_at, bytes,
	    is_undone);
	count(center->quotas, accepting->submit.host, accepting->accepted_at,
	    bytes, is_undone);
}

/* ---- life ------------------------------------------------------------ */

static int
load(struct center_quotas *quotas, struct error *err)
{
	const struct center *center = quotas->center;
	struct query *query;
	int more;

	if (query_begin(store_rows(center->spool.store),
		"SELECT substr(sender, 1, 10), host, accepted_at, content_len"
		" FROM waybill WHERE accepted_at > ?1 AND origin = ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, spool_now(&center->spool) - HOUR_MS);
	query_bind_text(query, 2, center->name);
	while ((more = query_next(query, err)) > 0) {
		int64_t at = query_int(query, 2);
		uint64_t bytes = (uint64_t)query_int(query, 3);

		count(quotas, query_text(query, 0), at, bytes, false);
		count(quotas, query_text(query, 1), at, bytes, false);
	}
	query_end(query);
	return more;
}

int
center_quotas_new(struct center *center, struct center_quotas **ret_quotas,
    struct error *err)
{
	struct center_quotas *quotas = calloc(1, sizeof(*quotas));

	if (quotas == NULL)
		return error_set_memory(err);
	quotas->center = center;
	if (load(quotas, err) < 0) {
		center_quotas_free(quotas);
		return -1;
	}
	*ret_quotas = quotas;
	return 0;
}

void
center_quotas_free(struct center_quotas *quotas)
{
	if (quotas == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (quotas->buckets[i] != NULL) {
			struct party *party = quotas->buckets[i];

			quotas->buckets[i] = party->next;
			free(party);
		}
	}
	free(quotas);
}
