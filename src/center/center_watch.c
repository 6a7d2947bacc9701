#include "center/center_watch.h"

#include <stdlib.h>

#include "base/error.h"
#include "base/text.h"
#include "center/center.h"
#include "center/center_feeds.h"
#include "exchange/spread.h"
#include "sys/ipc.h"
#include "sys/loop.h"

enum {
	BUCKETS = 4096,
	WATCHERS_MAX = 100000,
	WAKES_MAX = 200, /* at once, in one tick */
	TICK_MS = 20,
	TICKS = 50, /* that the rest is spread over: a second */
};

/* One parked poll. */
struct watcher {
	struct watcher *next;
	struct peer *peer;
	uint32_t id;
	uint64_t after;
	bool is_late; /* will be woken by the timer */
	char host[MESSAGE_HOST_SIZE];
};

/* A host that is told a little later. */
struct late {
	struct late *next;
	char host[MESSAGE_HOST_SIZE];
};

struct center_watch {
	struct center *center;
	struct watcher *buckets[BUCKETS]; /* by host */
	size_t count;
	struct late *first, **last; /* to be told */
	size_t late_count;
	size_t ticks;             /* left for these */
	size_t woken;             /* in this tick */
	struct loop_timer *timer; /* running: a tick has begun */
};

static struct watcher **
bucket_of(struct center_watch *watch, const char *host)
{
	uint32_t hash = 2166136261u;

	for (; *host != '\0'; host++)
		hash = (hash ^ (uint8_t)*host) * 16777619u;
	return &watch->buckets[hash % BUCKETS];
}

/* ---- waking ---------------------------------------------------------- */

static void
wake(struct center_watch *watch, const char *host)
{
	struct watcher **at = bucket_of(watch, host);
	struct message_watched watched;
	struct error err = { 0 };

	if (*at == NULL)
		return;
	if (center_feed_newest(watch->center, host, &watched.newest, &err) <
	    0) {
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

/* True if somebody of this host waits who is not to be told already. */
static bool
mark_late(struct center_watch *watch, const char *host)
{
	bool is_any = false;

	for (struct watcher *watcher = *bucket_of(watch, host); watcher != NULL;
	     watcher = watcher->next) {
		if (watcher->is_late || !text_equal(watcher->host, host))
			continue;
		watcher->is_late = true;
		is_any = true;
	}
	return is_any;
}

/* False without memory: then it is told at once. */
static bool
wake_late(struct center_watch *watch, const char *host)
{
	struct late *late;

	if (!mark_late(watch, host))
		return true;
	late = calloc(1, sizeof(*late));
	if (late == NULL)
		return false;
	text_copy(late->host, sizeof(late->host), host);
	*watch->last = late;
	watch->last = &late->next;
	if (watch->late_count++ == 0)
		watch->ticks = TICKS;
	return true;
}

static void
on_tick(void *ctx)
{
	struct center_watch *watch = ctx;
	size_t share = spread_share(watch->late_count, watch->ticks);

	watch->woken = 0;
	for (; share > 0 && watch->first != NULL; share--) {
		struct late *late = watch->first;

		watch->first = late->next;
		if (watch->first == NULL)
			watch->last = &watch->first;
		watch->late_count--;
		watch->woken++;
		wake(watch, late->host);
		free(late);
	}
	watch->ticks -= watch->ticks > 0;
	if (watch->first != NULL)
		loop_timer_start(watch->timer, TICK_MS);
}

void
center_watch_wake(struct center_watch *watch, const char *host)
{
	if (!loop_timer_is_running(watch->timer)) {
		watch->woken = 0;
		loop_timer_start(watch->timer, TICK_MS);
	}
	if (watch->woken < WAKES_MAX || !wake_late(watch, host)) {
		watch->woken++;
		wake(watch, host);
	}
}

/* ---- life ------------------------------------------------------------ */

int
center_watch_new(struct center *center, struct center_watch **ret_watch,
    struct error *err)
{
	struct center_watch *watch = calloc(1, sizeof(*watch));

	if (watch == NULL)
		return error_set_memory(err);
	watch->center = center;
	watch->last = &watch->first;
	if (loop_timer_new(center->spool.env->loop, on_tick, watch,
		&watch->timer, err) < 0) {
		free(watch);
		return -1;
	}
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
	while (watch->first != NULL) {
		struct late *late = watch->first;

		watch->first = late->next;
		free(late);
	}
	loop_timer_free(watch->timer);
	free(watch);
}

/* ---- messages of the listener ---------------------------------------- */

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
	wake(watch, asked.host);
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
