#include "center/center_feeds.h"

#include <stdbool.h>
#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "role/spool/group.h"
#include "store/query.h"
#include "store/store.h"

enum { BUCKETS = 1024, KNOWN_MAX = 16384 /* between groups */ };

struct feed {
	struct feed *next;
	char host[MESSAGE_HOST_SIZE];
	bool is_known; /* what its row says: */
	uint64_t newest;
	uint64_t added; /* behind that, in the open group */
};

struct center_feeds {
	struct center *center;
	struct feed *buckets[BUCKETS];
	size_t count;
	bool is_told; /* when the open group ends */
};

/* ---- memory ------------------------------------------------------------ */

static int
find(struct center_feeds *feeds, const char *host, struct feed **ret_feed,
    struct error *err)
{
	uint32_t hash = 2166136261u;
	struct feed **at;

	for (const char *c = host; *c != '\0'; c++)
		hash = (hash ^ (uint8_t)*c) * 16777619u;
	at = &feeds->buckets[hash % BUCKETS];
	while (*at != NULL && !text_equal((*at)->host, host))
		at = &(*at)->next;
	if (*at == NULL) {
		*at = calloc(1, sizeof(**at));
		if (*at == NULL)
			return error_set_memory(err);
		text_copy((*at)->host, sizeof((*at)->host), host);
		feeds->count++;
	}
	*ret_feed = *at;
	return 0;
}

static void
forget(struct center_feeds *feeds)
{
	for (size_t i = 0; feeds->count > 0 && i < BUCKETS; i++)
		while (feeds->buckets[i] != NULL) {
			struct feed *feed = feeds->buckets[i];

			feeds->buckets[i] = feed->next;
			feeds->count--;
			free(feed);
		}
}

static void
on_end(void *ctx, const struct error *failure)
{
	struct center_feeds *feeds = ctx;

	feeds->is_told = false;
	if (failure != NULL || feeds->count > KNOWN_MAX)
		forget(feeds);
}

/* What is known from within a group is right only if that is kept. */
static int
touch(struct center_feeds *feeds, struct error *err)
{
	if (feeds->is_told)
		return 0;
	if (store_after(feeds->center->spool.store, on_end, feeds, err) < 0)
		return -1;
	feeds->is_told = true;
	return 0;
}

/* ---- rows -------------------------------------------------------------- */

static int
know(struct rows *rows, struct feed *feed, struct error *err)
{
	struct query *query;
	int found;

	if (feed->is_known)
		return 0;
	if (query_begin(rows, "SELECT newest FROM feed_host WHERE host = ?1",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, feed->host);
	found = query_next(query, err);
	feed->newest = found > 0 ? (uint64_t)query_int(query, 0) : 0;
	feed->is_known = found >= 0;
	query_end(query);
	return found < 0 ? -1 : 0;
}

static int
write_added(struct rows *rows, const char *host, uint64_t added,
    struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO feed_host (host, newest) VALUES (?1, ?2)"
		" ON CONFLICT (host) DO UPDATE"
		" SET newest = newest + excluded.newest",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, host);
	query_bind_int(query, 2, (int64_t)added);
	return query_finish(query, err);
}

int
center_feeds_seal(struct center_feeds *feeds, struct error *err)
{
	struct rows *rows = store_rows(feeds->center->spool.store);

	for (size_t i = 0; feeds->is_told && i < BUCKETS; i++)
		for (struct feed *feed = feeds->buckets[i]; feed != NULL;
		     feed = feed->next) {
			if (feed->added == 0)
				continue;
			if (write_added(rows, feed->host, feed->added, err) < 0)
				return -1;
			feed->newest += feed->added;
			feed->added = 0;
		}
	return 0;
}

static int
write_item(struct rows *rows, const struct feed *feed, int64_t delivery,
    uint64_t entry, struct error *err)
{
	struct query *query;

	if (query_begin(rows,
		"INSERT INTO feed (host, sequence, delivery, entry)"
		" VALUES (?1, ?2, ?3, ?4)",
		&query, err) < 0)
		return -1;
	query_bind_text(query, 1, feed->host);
	query_bind_int(query, 2, (int64_t)(feed->newest + feed->added));
	query_bind_int(query, 3, delivery);
	query_bind_int(query, 4, (int64_t)entry);
	return query_finish(query, err);
}

/* ---- what the center does ---------------------------------------------- */

/*
 * A change with a savepoint counts in the row, so that it can be undone without
 * the others: what these have added comes on top either way.
 */
int
center_feed_add(struct center *center, const char *host, int64_t delivery,
    uint64_t entry, struct error *err)
{
	struct rows *rows = store_rows(center->spool.store);
	struct feed *feed;

	if (find(center->feeds, host, &feed, err) < 0 ||
	    touch(center->feeds, err) < 0)
		return -1;
	if (!group_undoes_whole(center->spool.group)) {
		feed->is_known = false;
		if (write_added(rows, host, 1, err) < 0 ||
		    know(rows, feed, err) < 0)
			return -1;
		feed->is_known = false;
		return write_item(rows, feed, delivery, entry, err);
	}
	if (know(rows, feed, err) < 0)
		return -1;
	feed->added++;
	if (write_item(rows, feed, delivery, entry, err) == 0)
		return 0;
	feed->added--;
	return -1;
}

int
center_feed_announce(struct center *center, int64_t delivery, const char *host,
    uint64_t entry, struct error *err)
{
	struct query *query;

	if (center_feed_add(center, host, delivery, entry, err) < 0 ||
	    query_begin(store_rows(center->spool.store),
		"UPDATE delivery SET host = ?2 WHERE id = ?1", &query, err) < 0)
		return -1;
	query_bind_int(query, 1, delivery);
	query_bind_text(query, 2, host);
	return query_finish(query, err);
}

int
center_feed_newest(struct center *center, const char *host,
    uint64_t *ret_newest, struct error *err)
{
	struct feed *feed;

	if (find(center->feeds, host, &feed, err) < 0 ||
	    know(store_rows(center->spool.store), feed, err) < 0)
		return -1;
	*ret_newest = feed->newest + feed->added;
	return 0;
}

/* ---- life -------------------------------------------------------------- */

int
center_feeds_new(struct center *center, struct center_feeds **ret_feeds,
    struct error *err)
{
	struct center_feeds *feeds = calloc(1, sizeof(*feeds));

	if (feeds == NULL)
		return error_set_memory(err);
	feeds->center = center;
	*ret_feeds = feeds;
	return 0;
}

void
center_feeds_free(struct center_feeds *feeds)
{
	if (feeds == NULL)
		return;
	forget(feeds);
	free(feeds);
}
