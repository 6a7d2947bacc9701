#include "center/accept/center_queued.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "center/center_rows.h"
#include "policy/quota.h"
#include "role/spool/group.h"
#include "store/query.h"
#include "store/store.h"

/* What the triggers of the quotas' schema did. */
const char center_queued_schema[] = "DROP TRIGGER queued_delivery;"
				    "DROP TRIGGER queued_fetched;"
				    "DROP TRIGGER queued_again;"
				    "DROP TRIGGER queued_waybill;"
				    "DROP TRIGGER queued_ended;"
				    "DROP TRIGGER queued_not_ended;";

enum { BUCKETS = 1024 };

/* What one party has more, or less, than its row says. */
struct change {
	struct change *next;
	enum center_queued_kind kind;
	char party[ORG_TEXT_SIZE];
	int64_t deliveries;
	int64_t bytes;
};

struct center_queued {
	struct center *center;
	struct change *buckets[BUCKETS];
	size_t count;
};

/* ---- what was gathered ------------------------------------------------ */

static struct change **
find(struct center_queued *queued, enum center_queued_kind kind,
    const char *party)
{
	uint32_t hash = 2166136261u + (uint32_t)kind;
	struct change **at;

	for (const char *c = party; *c != '\0'; c++)
		hash = (hash ^ (uint8_t)*c) * 16777619u;
	at = &queued->buckets[hash % BUCKETS];
	while (*at != NULL &&
	    ((*at)->kind != kind || !text_equal((*at)->party, party)))
		at = &(*at)->next;
	return at;
}

static void
forget(struct center_queued *queued)
{
	for (size_t i = 0; queued->count > 0 && i < BUCKETS; i++)
		while (queued->buckets[i] != NULL) {
			struct change *change = queued->buckets[i];

			queued->buckets[i] = change->next;
			queued->count--;
			free(change);
		}
}

/* The group is durable, and so is this; or all of it is undone. */
static void
on_end(void *ctx, const struct error *failure)
{
	(void)failure;
	forget(ctx);
}

static int
gather(struct center_queued *queued, const struct change *more,
    struct error *err)
{
	struct change **at = find(queued, more->kind, more->party);

	if (*at == NULL) {
		struct change *change = malloc(sizeof(*change));

		if (change == NULL)
			return error_set_memory(err);
		*change = *more;
		change->next = NULL;
		*at = change;
		if (queued->count++ == 0 &&
		    store_after(queued->center->spool.store, on_end, queued,
			err) < 0) {
			forget(queued);
			return -1;
		}
		return 0;
	}
	(*at)->deliveries += more->deliveries;
	(*at)->bytes += more->bytes;
	return 0;
}

/* ---- rows ------------------------------------------------------------- */

static int
write_change(struct rows *rows, const struct change *change, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO queued (kind, party, deliveries, bytes)"
		" VALUES (?1, ?2, ?3, ?4) ON CONFLICT (kind, party)"
		" DO UPDATE SET deliveries = deliveries + excluded.deliveries,"
		" bytes = bytes + excluded.bytes",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, change->kind);
	query_bind_text(query, 2, change->party);
	query_bind_int(query, 3, change->deliveries);
	query_bind_int(query, 4, change->bytes);
	return query_finish(query, err);
}

int
center_queued_seal(struct center_queued *queued, struct error *err)
{
	struct rows *rows = store_rows(queued->center->spool.store);

	for (size_t i = 0; queued->count > 0 && i < BUCKETS; i++)
		for (struct change *change = queued->buckets[i]; change != NULL;
		     change = change->next) {
			if (write_change(rows, change, err) < 0)
				return -1;
			change->deliveries = change->bytes = 0;
		}
	return 0;
}

static int
note(struct center *center, enum center_queued_kind kind,
    const struct org_code *party, int64_t deliveries, int64_t bytes,
    struct error *err)
{
	struct change change = { .kind = kind,
		.deliveries = deliveries,
		.bytes = bytes };

	text_copy(change.party, sizeof(change.party), party->text);
	return group_undoes_whole(center->spool.group)
	    ? gather(center->queued, &change, err)
	    : write_change(store_rows(center->spool.store), &change, err);
}

static int
note_delivery(struct center *center, const struct center_waybill *waybill,
    const struct org_code *recipient, bool waits, struct error *err)
{
	struct org_code sender = org_code_parent(&waybill->sender);
	int64_t len = (int64_t)waybill->content_len;

	if (note(center, QUEUED_FOR, recipient, waits ? 1 : -1,
		waits ? len : -len, err) < 0)
		return -1;
	return note(center, QUEUED_OF, &sender, waits ? 1 : -1, 0, err);
}

static int
note_content(struct center *center, const struct center_waybill *waybill,
    bool waits, struct error *err)
{
	struct org_code sender = org_code_parent(&waybill->sender);
	int64_t len = (int64_t)waybill->content_len;

	return note(center, QUEUED_OF, &sender, 0, waits ? len : -len, err);
}

/* ---- what changes it --------------------------------------------------- */

static bool
waits(enum delivery_state state)
{
	return state < DELIVERY_FETCHED;
}

int
center_queued_add_waybill(struct center *center, struct center_waybill *waybill,
    struct blob cms, struct blob receipt, struct error *err)
{
	return center_waybill_add(store_rows(center->spool.store), waybill, cms,
		   receipt, err) < 0
	    ? -1
	    : note_content(center, waybill, true, err);
}

int
center_queued_add(struct center *center, const struct center_waybill *waybill,
    const struct message_leaf *leaf, const struct delivery *life,
    const char *host, int64_t *ret_row, struct error *err)
{
	struct org_code recipient;
	int is_new;

	if (!org_code_parse(leaf->recipient, &recipient))
		return error_set(err, ERROR_MALFORMED, "recipient %s",
		    leaf->recipient);
	is_new = center_delivery_add(store_rows(center->spool.store),
	    waybill->row, leaf, life, host, ret_row, err);
	return is_new > 0 && waits(life->state) &&
		note_delivery(center, waybill, &recipient, true, err) < 0
	    ? -1
	    : is_new;
}

int
center_queued_save(struct center *center, const struct center_waybill *waybill,
    struct center_delivery *delivery, struct error *err)
{
	bool did = waits(delivery->was), does = waits(delivery->life.state);

	if (center_delivery_save(store_rows(center->spool.store), delivery,
		err) < 0)
		return -1;
	delivery->was = delivery->life.state;
	return did == does
	    ? 0
	    : note_delivery(center, waybill, &delivery->recipient, does, err);
}

int
center_queued_end(struct center *center, const struct center_waybill *waybill,
    struct error *err)
{
	int has_ended = center_ended_note(store_rows(center->spool.store),
	    waybill->row, spool_now(&center->spool), err);

	/* A late event may note it once more, when its content is gone. */
	return has_ended > 0 && waybill->payload != 0
	    ? note_content(center, waybill, false, err)
	    : has_ended < 0 ? -1
			    : 0;
}

int
center_queued_reopen(struct center *center,
    const struct center_waybill *waybill, struct error *err)
{
	int had_ended = center_ended_remove(store_rows(center->spool.store),
	    waybill->row, err);

	return had_ended > 0 && waybill->payload != 0
	    ? note_content(center, waybill, true, err)
	    : had_ended < 0 ? -1
			    : 0;
}

int
center_queued_find(struct center *center, enum center_queued_kind kind,
    const char *party, struct quota_queue *ret_queue, struct error *err)
{
	const struct change *change = *find(center->queued, kind, party);
	int64_t deliveries = change != NULL ? change->deliveries : 0;
	int64_t bytes = change != NULL ? change->bytes : 0;
	struct query *query;
	int found;

	if (query_begin(store_rows(center->spool.store),
		"SELECT deliveries, bytes FROM queued"
		" WHERE kind = ?1 AND party = ?2",
		&query, err) < 0)
		return -1;
	query_bind_int(query, 1, kind);
	query_bind_text(query, 2, party);
	found = query_next(query, err);
	if (found > 0) {
		deliveries += query_int(query, 0);
		bytes += query_int(query, 1);
	}
	query_end(query);
	ret_queue->deliveries = deliveries > 0 ? (uint64_t)deliveries : 0;
	ret_queue->bytes = bytes > 0 ? (uint64_t)bytes : 0;
	return found < 0 ? -1 : 0;
}

/* ---- life ------------------------------------------------------------- */

int
center_queued_new(struct center *center, struct center_queued **ret_queued,
    struct error *err)
{
	struct center_queued *queued = calloc(1, sizeof(*queued));

	if (queued == NULL)
		return error_set_memory(err);
	queued->center = center;
	*ret_queued = queued;
	return 0;
}

void
center_queued_free(struct center_queued *queued)
{
	if (queued == NULL)
		return;
	forget(queued);
	free(queued);
}
