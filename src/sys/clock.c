#include "sys/clock.h"

#include <sys/timex.h>
#include <time.h>

#include "base/error.h"

int64_t
clock_now_ms(void)
{
	struct timespec now;

	clock_gettime(CLOCK_REALTIME, &now);
	return (int64_t)now.tv_sec * 1000 + now.tv_nsec / 1000000;
}

int
clock_discipline_read(struct clock_discipline *ret_discipline,
    struct error *err)
{
	struct timex kernel = { .modes = 0 };
	int state = adjtimex(&kernel);

	if (state < 0)
		return error_set_errno(err, "asking the kernel for its clock");
	ret_discipline->is_kept =
	    state != TIME_ERROR && (kernel.status & STA_UNSYNC) == 0;
	ret_discipline->error_ms = (double)kernel.esterror / 1000;
	ret_discipline->error_max_ms = (double)kernel.maxerror / 1000;
	return 0;
}

uint64_t
clock_steady_us(void)
{
	struct timespec now;

	clock_gettime(CLOCK_MONOTONIC, &now);
	return (uint64_t)now.tv_sec * 1000000 + (uint64_t)now.tv_nsec / 1000;
}
