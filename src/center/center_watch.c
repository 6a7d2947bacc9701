#include "center/center_watch.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "center/center_rows.h"
#include "store/store.h"
#include "sys/ipc.h"

enum { BUCKETS = 4096, WATCHERS_MAX = 100000 };

/* One parked poll. */
struct watcher {
	struct watcher *next;
	struct peer *peer;
	uint32_t id;
	uint64_t after;
	char host[MESSAGE_HOST_SIZE];
};

struct center_watch {
	struct center *center;
	struct watcher *buckets[BUCKETS]; /* by host */
	size_t count;
};

static struct watcher **
bucket_of(struct center_watch *watch, const char *host)
{
	uint32_t hash = 2166136261u;

	for (; *host != '\0'; host++)
		hash = (hash ^ (uint8_t)*host) * 16777619u;
	return &watch->buckets[hash % BUCKETS];
}

int
center_watch_new(struct center *center, struct center_watch **ret_watch,
    struct error *err)
{
	struct center_watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL)
		return error_set_memory(err);
	watch->center = center;
	*ret_watch = watch;
	return 0;
}

void
center_watch_free(struct center_watch *watch)
{
	if (watch == NULL)
		return;
	for (size_t i = 0; i < BUCKETS; i++) {
		while (watch->buckets[i] != NULL) {
			struct watcher *watcher = watch->buckets[i];

			watch->buckets[i] = watcher->next;
			free(watcher);
		}
	}
	free(watch);
}

void
center_watch_wake(struct center_watch *watch, const char *host)
{
	struct watcher **at = bucket_of(watch, host);
	struct message_watched watched;
	struct error err = { 0 };

	if (center_feed_newest(store_rows(watch->center->spool.store), host,
		&watched.newest, &err) < 0) {
		log_failure(&watch->center->spool.env->log, LOG_LEVEL_ERROR,
		    "feed.newest", &err);
		return;
	}
	while (*at != NULL) {
		struct watcher *watcher = *at;

		if (!text_equal(watcher->host, host) ||
		    watched.newest <= watcher->after) {
			at = &watcher->next;
			continue;
		}
		*at = watcher->next;
		watch->count--;
		peer_tell(watcher->peer, MESSAGE_WATCHED, watcher->id, &watched,
		    -1);
		free(watcher);
	}
}

void
center_watch_on_watch(void *ctx, struct peer *peer, struct ipc_message *message)
{
	struct center *center = ctx;
	struct center_watch *watch = center->watch;
	struct watcher *watcher = calloc(1, sizeof(*watcher));
	struct watcher **bucket;
	struct message_watch asked;
	struct error err = { 0 };

	if (watcher == NULL) {
		error_set_memory(&err);
		peer_refuse(peer, message->id, &err);
		return;
	}
	if (message_read(message, MESSAGE_WATCH, &asked, &err) < 0 ||
	    (watch->count >= WATCHERS_MAX &&
		error_set(&err, ERROR_BUSY, "%d polls are parked",
		    WATCHERS_MAX) < 0)) {
		free(watcher);
		peer_refuse(peer, message->id, &err);
		return;
	}
	watcher->peer = peer;
	watcher->id = message->id;
	watcher->after = asked.after;
	text_copy(watcher->host, sizeof(watcher->host), asked.host);
	bucket = bucket_of(watch, watcher->host);
	watcher->next = *bucket;
	*bucket = watcher;
	watch->count++;
	center_watch_wake(watch, asked.host);
}

void
center_watch_on_unwatch(void *ctx, struct peer *peer,
    struct ipc_message *message)
{
	struct center *center = ctx;
	struct center_watch *watch = center->watch;

	(void)peer;
	/* Rare next to polls that end by themselves: looking costs nothing. */
	for (size_t i = 0; i < BUCKETS; i++) {
		struct watcher **at = &watch->buckets[i];

		while (*at != NULL && (*at)->id != message->id)
			at = &(*at)->next;
		if (*at != NULL) {
			struct watcher *watcher = *at;

			*at = watcher->next;
			watch->count--;
			free(watcher);
			return;
		}
	}
}
