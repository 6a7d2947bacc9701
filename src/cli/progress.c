#include "cli/progress.h"

#include <inttypes.h>
#include <stdio.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/text.h"
#include "cli/cli.h"

enum { SHOW_EVERY_MS = 100, SURE_AFTER_MS = 500 };

static void
put_size(struct bytes *to, uint64_t size)
{
	static const char *const units[] = { "B", "KiB", "MiB", "GiB", "TiB" };
	size_t unit = 0;
	uint64_t tenths = size < UINT64_MAX / 10 ? size * 10 : UINT64_MAX;

	while (tenths >= 10240 && unit < 4) {
		tenths /= 1024;
		unit++;
	}
	if (unit == 0 || tenths >= 1000)
		bytes_put_format(to, "%" PRIu64 " %s", tenths / 10,
		    units[unit]);
	else
		bytes_put_format(to, "%" PRIu64 ".%" PRIu64 " %s", tenths / 10,
		    tenths % 10, units[unit]);
}

static void
put_time(struct bytes *to, uint64_t seconds)
{
	if (seconds >= 3600)
		bytes_put_format(to, "%" PRIu64 ":%02" PRIu64 ":%02" PRIu64,
		    seconds / 3600, seconds / 60 % 60, seconds % 60);
	else
		bytes_put_format(to, "%" PRIu64 ":%02" PRIu64, seconds / 60,
		    seconds % 60);
}

struct progress
progress_start(const struct cli *cli, const char *label, uint64_t total,
    int64_t now_ms)
{
	return (struct progress){
		.label = label,
		.total = total,
		.started_ms = now_ms,
		.shown_ms = now_ms - SHOW_EVERY_MS,
		.is_shown = cli->verbosity >= 0 && !cli->json &&
		    isatty(STDERR_FILENO) == 1,
	};
}

void
progress_format(const struct progress *progress, uint64_t done, int64_t now_ms,
    struct bytes *to)
{
	int64_t span_ms = now_ms - progress->started_ms;
	uint64_t rate = 0;

	bytes_put_format(to, "%s  ", progress->label);
	put_size(to, done);
	if (progress->total > 0) {
		bytes_put_text(to, " of ");
		put_size(to, progress->total);
	}
	if (span_ms >= SURE_AFTER_MS)
		rate = (uint64_t)((double)done * 1000.0 / (double)span_ms);
	if (rate == 0)
		return;
	bytes_put_text(to, "  ");
	put_size(to, rate);
	bytes_put_text(to, "/s");
	if (progress->total > done) {
		bytes_put_text(to, "  ");
		put_time(to, (progress->total - done) / rate);
		bytes_put_text(to, " left");
	}
}

void
progress_update(struct progress *progress, uint64_t done, int64_t now_ms)
{
	struct bytes line = { 0 };

	if (!progress->is_shown || now_ms - progress->shown_ms < SHOW_EVERY_MS)
		return;
	progress->shown_ms = now_ms;
	bytes_put_text(&line, "\r");
	progress_format(progress, done, now_ms, &line);
	bytes_put_text(&line, "\033[K");
	fwrite(line.data, 1, line.len, stderr);
	bytes_free(&line);
}

void
progress_end(struct progress *progress)
{
	if (progress->is_shown)
		fputs("\r\033[K", stderr);
	progress->is_shown = false;
}
