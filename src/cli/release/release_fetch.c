/*
 * yizhan release fetch: the files of the release in force, from the host above
 * or from a folder.  What comes is kept under its digest, in pieces, never more
 * than the bulletin names (T-REL-04, T-REL-04b).
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/error.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/release/release_host.h"
#include "release/release_pool.h"
#include "sys/clock.h"
#include "sys/file.h"

enum { TARGET_SIZE = 160, RATE_WINDOW_MS = 60 * 1000 };

/* What must come within a minute of asking for it (T-REL-04b). */
static const uint64_t rate_bytes_per_s = 4096;

static int
take_from(const struct release_host *host, const struct release_file *file,
    int folder, struct error *err)
{
	int fd = -1;
	int rc = file_open(folder, file->path, FILE_READ, &fd, err);

	if (rc == 0)
		rc = release_pool_take(host->pool, file, fd, err);
	file_close(fd);
	return rc;
}

/* The next piece, through the running host from the one above. */
static int
ask_piece(struct release_host *host, const struct release_file *file,
    uint64_t offset, struct error *err)
{
	char target[TARGET_SIZE], digest[DIGEST_TEXT_SIZE];
	const struct bytes *body = &host->answer.http.body;

	digest_format(&file->sha256, digest);
	snprintf(target, sizeof(target), "/v1/releases/%s?offset=%" PRIu64,
	    digest, offset);
	if (answer_fetch(&host->answer, target, err) < 0)
		return -1;
	if (body->len == 0)
		return error_set_id(err, "E7602", ERROR_UNTRUSTED,
		    "%.120s ends after %" PRIu64 " bytes, the bulletin names "
		    "%" PRIu64,
		    file->path, offset, file->bytes);
	return release_pool_add(host->pool, file, offset, body->data, body->len,
	    err);
}

/* Too slow over a minute is as good as not coming (T-REL-04b). */
struct pace {
	int64_t since_ms;
	uint64_t bytes;
};

static int
check_pace(struct pace *pace, uint64_t more, struct error *err)
{
	int64_t now = clock_now_ms();
	int64_t age = now - pace->since_ms;

	pace->bytes += more;
	if (age < RATE_WINDOW_MS)
		return 0;
	if (pace->bytes < rate_bytes_per_s * (uint64_t)age / 1000)
		return error_set_id(err, "E7615", ERROR_BUSY,
		    "%" PRIu64 " bytes came in %" PRId64 " s", pace->bytes,
		    age / 1000);
	*pace = (struct pace){ .since_ms = now };
	return 0;
}

static int
ask_for(struct release_host *host, const struct release_file *file,
    struct error *err)
{
	struct pace pace = { .since_ms = clock_now_ms() };
	uint64_t offset = 0, next;

	if (file->bytes == 0)
		return release_pool_add(host->pool, file, 0, "", 0, err);
	if (release_pool_offset(host->pool, file, &offset, err) < 0)
		return -1;
	for (; offset < file->bytes; offset = next) {
		if (ask_piece(host, file, offset, err) < 0)
			return -1;
		next = offset + host->answer.http.body.len;
		if (check_pace(&pace, next - offset, err) < 0)
			return -1;
	}
	return 0;
}

static int
fetch_files(struct release_host *host, int folder, struct error *err)
{
	for (size_t i = 0; i < host->release.count; i++) {
		const struct release_file *file = &host->release.files[i];
		int rc = release_pool_has(host->pool, file, err);

		if (rc == 0)
			rc = folder >= 0 ? take_from(host, file, folder, err)
					 : ask_for(host, file, err);
		if (rc < 0)
			return -1;
	}
	return 0;
}

static int
fetch(struct cli *cli, struct release_host *host, struct error *err)
{
	const char *from = cli_value(cli, "from");
	struct bytes text = { 0 };
	int folder = -1;
	int rc = -1;

	if (release_pool_sweep(host->pool, &host->release, err) == 0 &&
	    (from == NULL || file_open_dir(from, &folder, err) == 0))
		rc = fetch_files(host, folder, err);
	file_close(folder);
	if (rc < 0)
		return release_host_alarm(host, err);
	if (release_host_note(host, &host->release, RELEASE_FETCHED,
		from != NULL ? from : "", err) < 0)
		return -1;
	bytes_put_format(&text, "%s %s\n", host->release.version,
	    cli_text(cli, "已取得，接著：yizhan release verify",
		"is here; next: yizhan release verify"));
	cli_print(&text);
	bytes_free(&text);
	return 0;
}

static int
run_fetch(struct cli *cli, struct error *err)
{
	struct release_host host = { .cli = cli };
	int rc = release_host_open(&host, cli, false, err);

	if (rc == 0)
		rc = fetch(cli, &host, err);
	release_host_close(&host);
	return rc;
}

static const struct command_option fetch_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "from", 0, "FOLDER", "a bundle, instead of the host above" },
	{ "by", 0, "NAME", "who does it, for the record" },
	{ NULL, 0, NULL, NULL },
};

const struct command release_fetch_command = {
	.name = "release fetch",
	.summary = "get the files of the release in force",
	.summary_zh = "取得發行版本的檔案",
	.arguments = "",
	.examples = "yizhan release fetch -c gateway.conf\n"
		    "yizhan release fetch -c management.conf --from "
		    "/media/yizhan-0.2.0\n",
	.options = fetch_options,
	.run = run_fetch,
};
