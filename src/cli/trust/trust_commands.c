/*
 * yizhan trust publish: hand signed bulletins to the management tier.
 */
#include <fcntl.h>
#include <unistd.h>

#include "base/error.h"
#include "bulletin/bulletin.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "envelope/bundle.h"

enum { CHUNK = 8192 };

static int
put_bulletin(const char *path, struct bytes *bundle, struct error *err)
{
	size_t max = bulletin_bytes_max(BULLETIN_DIRECTORY);
	struct bytes cms = { 0 };
	uint8_t chunk[CHUNK];
	ssize_t len;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_set_errno(err, "opening %s", path);
	do {
		len = read(fd, chunk, sizeof(chunk));
		if (len > 0)
			bytes_put(&cms, chunk, (size_t)len);
	} while (len > 0 && cms.len <= max);
	close(fd);
	if (cms.failed)
		bundle->failed = true;
	else if (len == 0)
		bundle_put(bundle, BUNDLE_BULLETIN, cms.data, cms.len);
	bytes_free(&cms);
	if (len < 0)
		return error_set_errno(err, "reading %s", path);
	return len == 0 ? 0
			: error_set(err, ERROR_MALFORMED,
			      "%s is too long for a bulletin", path);
}

static int
run_publish(struct cli *cli, struct error *err)
{
	static const struct http_header type = { "content-type",
		"application/vnd.yizhan.bundle" };
	struct http_call call = { .method = "POST",
		.target = "/v1/bulletins",
		.headers = &type,
		.header_count = 1,
		.body_fd = -1,
		.answer_fd = -1 };
	struct answer answer = { 0 };
	struct bytes bundle = { 0 };
	int rc = -1;

	if (cli->argument_count == 0)
		return cli_refuse(err, "which bulletins?");
	if (answer_open(&answer, cli, err) < 0)
		goto done;
	bundle_put_magic(&bundle);
	for (int i = 0; i < cli->argument_count; i++)
		if (put_bulletin(cli->arguments[i], &bundle, err) < 0)
			goto done;
	if (bytes_failed(&bundle, err) < 0)
		goto done;
	call.body = bundle.data;
	call.body_len = bundle.len;
	rc = local_call(&answer.local, &call, &answer.http, err);
	if (rc == 0 && cli->json)
		answer_print(&answer);
	else if (rc == 0)
		cli_say(cli, "%d %s\n", cli->argument_count,
		    cli_text(cli, "份公報已生效", "bulletins are in force"));
done:
	bytes_free(&bundle);
	answer_close(&answer);
	return rc;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "configuration of the management host" },
	{ NULL, 0, NULL, NULL },
};

const struct command trust_publish_command = {
	.name = "trust publish",
	.summary = "put signed bulletins into force, in the order given",
	.summary_zh = "依序發布已簽章的公報",
	.arguments = "FILE...",
	.arguments_max = -1,
	.examples = "yizhan trust publish -c management.conf 7-directory\n",
	.options = options,
	.run = run_publish,
};
