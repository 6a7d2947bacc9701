#include "exchange/resume.h"

#include "base/error.h"

enum resume_step
resume_decide(uint64_t held, uint64_t held_total, uint64_t offset,
    uint64_t total)
{
	if (offset == 0)
		return held == 0 ? RESUME_BEGIN : RESUME_AFRESH;
	if (offset != held || total != held_total || offset >= total)
		return RESUME_REFUSE;
	return RESUME_GO_ON;
}

static bool
fits(const struct resume_load *load, const struct resume_load *max,
    uint64_t total)
{
	return load->count < max->count && total <= max->bytes &&
	    load->bytes <= max->bytes - total;
}

int
resume_admit(const struct resume_load *all, const struct resume_load *all_max,
    const struct resume_load *of_host, const struct resume_load *of_host_max,
    uint64_t total, struct error *err)
{
	if (!fits(of_host, of_host_max, total))
		return error_set_id(err, "E6221", ERROR_BUSY,
		    "%zu contents of %llu bytes are arriving from this host",
		    of_host->count, (unsigned long long)of_host->bytes);
	if (!fits(all, all_max, total))
		return error_set_id(err, "E6221", ERROR_BUSY,
		    "%zu contents of %llu bytes are arriving", all->count,
		    (unsigned long long)all->bytes);
	return 0;
}

bool
resume_is_stale(int64_t moved_at, int64_t ends_at, int64_t idle_ms, int64_t now)
{
	/* A clock that was set back makes nothing stale. */
	return now > ends_at || now - moved_at > idle_ms;
}
