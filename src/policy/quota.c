#include "policy/quota.h"

#include <inttypes.h>
#include <string.h>

#include "base/error.h"

enum { MINUTE_MS = 60 * 1000 };

/* Minutes that are over for an hour count nothing any more. */
static void
advance(struct quota_window *window, int64_t minute)
{
	int64_t passed = minute - window->minute;

	if (passed <= 0)
		return;
	if (passed > QUOTA_MINUTES)
		passed = QUOTA_MINUTES;
	for (int64_t i = 0; i < passed; i++)
		window->buckets[(minute - i) % QUOTA_MINUTES] =
		    (struct quota_bucket){ 0 };
	window->minute = minute;
}

void
quota_count(struct quota_window *window, int64_t at_ms, uint64_t bytes,
    bool is_undone)
{
	int64_t minute = at_ms / MINUTE_MS;
	struct quota_bucket *bucket;

	advance(window, minute);
	if (minute < 0 || minute <= window->minute - QUOTA_MINUTES)
		return;
	bucket = &window->buckets[minute % QUOTA_MINUTES];
	if (!is_undone) {
		bucket->letters++;
		bucket->bytes += bytes;
		return;
	}
	bucket->letters -= bucket->letters > 0;
	bucket->bytes -= bucket->bytes < bytes ? bucket->bytes : bytes;
}

static struct quota_limits
used_of(const struct quota_window *window)
{
	struct quota_limits used = { 0 };

	for (int i = 0; i < QUOTA_MINUTES; i++) {
		used.letters += window->buckets[i].letters;
		used.bytes += window->buckets[i].bytes;
	}
	return used;
}

bool
quota_is_idle(struct quota_window *window, int64_t now_ms)
{
	advance(window, now_ms / MINUTE_MS);
	return used_of(window).letters == 0;
}

static bool
fits(const struct quota_limits *limits, const struct quota_limits *used,
    uint64_t bytes)
{
	if (used->letters == 0)
		return true;
	return (limits->letters == 0 || used->letters + 1 <= limits->letters) &&
	    (limits->bytes == 0 ||
		(bytes <= limits->bytes &&
		    used->bytes <= limits->bytes - bytes));
}

/* Seconds until enough minutes are an hour old. */
static uint32_t
wait_of(const struct quota_window *window, const struct quota_limits *limits,
    uint64_t bytes, int64_t now_ms)
{
	struct quota_limits used = used_of(window);
	int64_t minute = window->minute - QUOTA_MINUTES + 1;
	int64_t free_at;

	for (; minute <= window->minute && !fits(limits, &used, bytes);
	     minute++) {
		const struct quota_bucket *bucket =
		    &window
			 ->buckets[((minute % QUOTA_MINUTES) + QUOTA_MINUTES) %
			     QUOTA_MINUTES];

		used.letters -= bucket->letters;
		used.bytes -= bucket->bytes;
	}
	/* `minute` is the first that still counts when there is room. */
	free_at = (minute - 1 + QUOTA_MINUTES) * MINUTE_MS;
	return free_at > now_ms ? (uint32_t)((free_at - now_ms) / 1000 + 1) : 1;
}

int
quota_check(struct quota_window *window, const struct quota_limits *limits,
    const char *party, uint64_t bytes, int64_t now_ms, struct error *err)
{
	struct quota_limits used;
	uint32_t wait_s;

	advance(window, now_ms / MINUTE_MS);
	used = used_of(window);
	if (fits(limits, &used, bytes))
		return 0;
	wait_s = wait_of(window, limits, bytes, now_ms);
	if (limits->letters != 0 && used.letters >= limits->letters)
		error_set_id(err, "E4042", ERROR_BUSY,
		    "%s: %" PRIu64 " of %" PRIu64
		    " letters an hour are used; free in %" PRIu32 " s",
		    party, used.letters, limits->letters, wait_s);
	else
		error_set_id(err, "E4042", ERROR_BUSY,
		    "%s: %" PRIu64 " of %" PRIu64
		    " bytes an hour are used, the letter has %" PRIu64
		    "; free in %" PRIu32 " s",
		    party, used.bytes, limits->bytes, bytes, wait_s);
	err->retry_after_s = wait_s;
	return -1;
}

int
quota_check_queue(const struct quota_queue *queued,
    const struct quota_queue *more, const struct quota_queue *limit,
    const char *party, const char *id, struct error *err)
{
	bool is_full = limit->deliveries != 0 && queued->deliveries != 0 &&
	    queued->deliveries + more->deliveries > limit->deliveries;
	bool is_large = limit->bytes != 0 && queued->bytes != 0 &&
	    queued->bytes + more->bytes > limit->bytes;

	if (!is_full && !is_large)
		return 0;
	if (is_full)
		error_set_id(err, id, ERROR_BUSY,
		    "%s: %" PRIu64 " of %" PRIu64 " deliveries are queued",
		    party, queued->deliveries, limit->deliveries);
	else
		error_set_id(err, id, ERROR_BUSY,
		    "%s: %" PRIu64 " of %" PRIu64 " bytes are queued", party,
		    queued->bytes, limit->bytes);
	err->retry_after_s = QUOTA_WAIT_S;
	return -1;
}
