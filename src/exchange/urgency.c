#include "exchange/urgency.h"

static int64_t
head_start(enum speed speed)
{
	switch (speed) {
	case SPEED_FASTEST:
		return URGENCY_FASTEST_MS;
	case SPEED_FAST:
		return URGENCY_FAST_MS;
	case SPEED_NORMAL:
	case SPEED_COUNT:
		break;
	}
	return 0;
}

int64_t
urgency_rank(enum speed speed, int64_t since_ms, size_t before)
{
	size_t behind = before < URGENCY_SHARE_MAX ? before : URGENCY_SHARE_MAX;

	return since_ms - head_start(speed) +
	    (int64_t)behind * URGENCY_SHARE_MS;
}
