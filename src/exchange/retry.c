#include "exchange/retry.h"

struct retry_bounds
retry_bounds_default(void)
{
	struct retry_bounds bounds = {
		.first_ms = 2000,
		.max_ms = 15 * 60 * INT64_C(1000),
	};

	return bounds;
}

int64_t
retry_wait_ms(const struct retry_bounds *bounds, uint32_t failures,
    uint32_t random)
{
	int64_t wait = bounds->first_ms;
	uint64_t half;

	for (uint32_t i = 1; i < failures && wait < bounds->max_ms; i++)
		wait = wait > bounds->max_ms / 2 ? bounds->max_ms : wait * 2;
	half = (uint64_t)wait / 2;
	return wait - (int64_t)(random % (half + 1));
}

void
retry_failed(struct retry *retry, const struct retry_bounds *bounds,
    int64_t now_ms, int64_t after_ms, uint32_t random)
{
	int64_t wait;

	if (retry->failures < UINT32_MAX)
		retry->failures++;
	wait = retry_wait_ms(bounds, retry->failures, random);
	if (after_ms > bounds->max_ms)
		after_ms = bounds->max_ms;
	retry->next_at = now_ms + (after_ms > wait ? after_ms : wait);
	retry->failed_at = now_ms;
}

void
retry_succeeded(struct retry *retry)
{
	*retry = (struct retry){ 0 };
}

bool
retry_is_due(const struct retry *retry, int64_t now_ms)
{
	return now_ms >= retry->next_at || now_ms < retry->failed_at;
}

bool
retry_is_over(int64_t not_after_ms, int64_t now_ms)
{
	return now_ms >= not_after_ms;
}

int64_t
retry_wake_at(const struct retry *retry, int64_t not_after_ms)
{
	return retry->next_at < not_after_ms ? retry->next_at : not_after_ms;
}
