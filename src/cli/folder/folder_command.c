/*
 * yizhan folder: one round after the other, for ever or until nothing is left.
 */
#include "cli/folder/folder.h"

#include <fcntl.h>
#include <stdlib.h>
#include <string.h>
#include <time.h>
#include <unistd.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "sys/file.h"

enum {
	TOKEN_MAX = 256,
	INTERVAL_S = 2,
	INTERVAL_MAX_S = 50,
	PATIENCE_MS =
	    3000, /* beyond it a round ends, and others have their turn */
	ROUNDS_MAX = 1000, /* of --once */
};

static int
read_token(const char *path, struct bytes *token, struct error *err)
{
	if (file_read_all(AT_FDCWD, path, TOKEN_MAX, token, err) < 0)
		return -1;
	while (token->len > 0 && token->data[token->len - 1] <= ' ')
		token->len--;
	bytes_put_u8(token, '\0');
	return bytes_failed(token, err);
}

static int
open_api(struct folder *folder, struct error *err)
{
	const struct cli *cli = folder->cli;
	struct yizhan_options options = { .url = cli_value(cli, "url"),
		.ca_file = cli_value(cli, "cacert"),
		.language = cli->is_chinese ? "zh-TW" : "en",
		.patience_ms = PATIENCE_MS,
		.is_insecure = cli_has(cli, "insecure") };
	const char *path = cli_value(cli, "token-file");
	struct bytes token = { 0 };
	int rc = 0;

	if (options.url == NULL || path == NULL)
		return cli_refuse(err,
		    "--url https://ADDRESS:8443 and --token-file FILE say "
		    "which gateway, and as whom");
	if (read_token(path, &token, err) < 0)
		return -1;
	options.token = (const char *)token.data;
	if (yizhan_open(&options, &folder->api) != YIZHAN_OK)
		rc = cli_refuse(err, "--url is https://ADDRESS:PORT");
	bytes_wipe(&token);
	return rc;
}

static int
read_options(struct folder *folder, const char **ret_root,
    unsigned *ret_interval, struct error *err)
{
	const struct cli *cli = folder->cli;
	const char *layout = cli_value(cli, "layout");
	const char *marker = cli_value(cli, "marker");
	const char *interval = cli_value(cli, "interval");
	uint64_t seconds = INTERVAL_S;

	*ret_root = cli_argument(cli, 0);
	if (*ret_root == NULL)
		return cli_refuse(err, "which folder?");
	if (layout != NULL && !text_equal(layout, "letters") &&
	    !text_equal(layout, "old"))
		return cli_refuse(err, "--layout is letters or old");
	folder->layout = layout != NULL && text_equal(layout, "old")
	    ? FOLDER_OLD
	    : FOLDER_LETTERS;
	folder->marker = folder->layout == FOLDER_OLD ? ".ready" : "ready";
	if (marker != NULL)
		folder->marker = marker;
	if (folder->marker[0] == '\0' || strchr(folder->marker, '/') != NULL)
		return cli_refuse(err, "--marker is a name");
	if (interval != NULL &&
	    (!text_parse_u64(interval, INTERVAL_MAX_S, &seconds) ||
		seconds == 0))
		return cli_refuse(err, "--interval is 1 to %d seconds",
		    INTERVAL_MAX_S);
	*ret_interval = (unsigned)seconds;
	return 0;
}

/* Each part has its turn, also when another one fails. */
static int
go_round(struct folder *folder, unsigned seconds, bool *ret_more,
    struct error *err)
{
	struct error failure = { 0 };
	bool is_done = folder_claim(folder, err) == 0;

	*ret_more = false;
	is_done &= folder_send(folder, is_done ? err : &failure) == 0;
	is_done &= folder_acts(folder, is_done ? err : &failure) == 0;
	is_done &= folder_receive(folder, is_done ? seconds : 0, ret_more,
		       is_done ? err : &failure) == 0;
	return is_done ? 0 : -1;
}

/* Told when it begins and when it ends, not each time. */
static void
tell(struct folder *folder, const struct error *failure)
{
	if (failure != NULL && !folder->is_waiting)
		log_failure(&folder->log, LOG_LEVEL_WARNING, "folder.waits",
		    failure);
	if (failure == NULL && folder->is_waiting)
		log_event(&folder->log, LOG_LEVEL_NOTICE, "folder.goes_on");
	folder->is_waiting = failure != NULL;
}

static void
serve(struct folder *folder, unsigned interval)
{
	for (;;) {
		struct error failure = { 0 };
		bool more;
		int rc = go_round(folder, interval, &more, &failure);

		tell(folder, rc < 0 ? &failure : NULL);
		if (rc < 0)
			nanosleep(&(struct timespec){ .tv_sec = interval },
			    NULL);
	}
}

static int
work_once(struct folder *folder, struct error *err)
{
	bool more = true;

	for (int i = 0; more && i < ROUNDS_MAX; i++)
		if (go_round(folder, 0, &more, err) < 0)
			return -1;
	return 0;
}

static int
run(struct cli *cli, struct error *err)
{
	struct folder folder = { .cli = cli,
		.log = { .fd = STDERR_FILENO,
		    .level = cli->verbosity < 0 ? LOG_LEVEL_WARNING
						: LOG_LEVEL_NOTICE,
		    .format = getenv("JOURNAL_STREAM") != NULL
			? LOG_FORMAT_JOURNAL
			: LOG_FORMAT_PLAIN,
		    .role = "folder" } };
	const char *root;
	unsigned interval;
	int rc = -1;

	if (read_options(&folder, &root, &interval, err) < 0 ||
	    open_api(&folder, err) < 0)
		goto done;
	if (folder_open(&folder, root, err) == 0 &&
	    folder_receive_resume(&folder, err) == 0)
		rc = cli_has(cli, "once") ? work_once(&folder, err) : 0;
	if (rc == 0 && !cli_has(cli, "once"))
		serve(&folder, interval);
	folder_close(&folder);
done:
	yizhan_close(folder.api);
	return rc;
}

static const struct command_option options[] = {
	{ "url", 0, "URL", "the gateway: https://ADDRESS:8443" },
	{ "token-file", 0, "FILE", "with the token of yizhan token create" },
	{ "cacert", 0, "FILE", "anchors of the gateway's certificate, in PEM" },
	{ "insecure", 0, NULL, "do not check it: for yizhan demo alone" },
	{ "layout", 0, "LAYOUT", "letters (out/, in/) or old (SND/, RCV/)" },
	{ "marker", 0, "NAME", "what says that a letter is complete" },
	{ "interval", 0, "SECONDS", "how often to look: 2" },
	{ "once", 0, NULL, "end when nothing is left to do" },
	{ NULL, 0, NULL, NULL },
};

const struct command folder_command = {
	.name = "folder",
	.summary = "exchange letters through watched folders",
	.summary_zh = "以監看資料夾收發公文",
	.arguments = "FOLDER",
	.arguments_max = 1,
	.examples = "yizhan folder /srv/yizhan/dms --url https://10.1.2.3:8443 "
		    "--token-file /etc/yizhan/dms.token\n"
		    "yizhan folder C/ODEDI3 --layout old --url "
		    "https://10.1.2.3:8443 --token-file dms.token --once\n",
	.options = options,
	.run = run,
};
