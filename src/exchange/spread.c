#include "exchange/spread.h"

size_t
spread_share(size_t waiting, size_t ticks)
{
	if (ticks <= 1)
		return waiting;
	return waiting / ticks + (waiting % ticks != 0);
}
