/*
 * yizhan release hosts: at management, which host has which version, and which
 * ones have not reported the release in force (T-REL-05).
 */
#include <stdio.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/draft.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/release/release_host.h"
#include "json/json_read.h"
#include "json/json_write.h"

/* It reported this release: the check code counts, not the name alone. */
static bool
has_it(const struct release_host *host, const struct json_value *report)
{
	char code[DRAFT_CODE_SIZE];

	draft_format_code(&host->release.code, code);
	return text_equal(answer_text(report, "code"), code);
}

static void
put_host(const struct cli *cli, const struct json_value *report, bool has,
    struct bytes *to)
{
	bytes_put_text(to, has ? "  " : "! ");
	answer_put(report, "host", to);
	bytes_put_text(to, "  ");
	if (answer_text(report, "version")[0] == '\0') {
		bytes_put_text(to,
		    cli_text(cli, "未曾回報\n", "has not reported\n"));
		return;
	}
	answer_put(report, "version", to);
	bytes_put_text(to, "  ");
	answer_put(report, "reported", to);
	bytes_put_text(to, "  ");
	answer_put(report, "by", to);
	bytes_put_u8(to, '\n');
}

static int
write_host(struct json_writer *writer, const struct json_value *report,
    bool has, struct error *err)
{
	json_write_begin_object(writer, NULL);
	json_write_bool(writer, "current", has);
	if (json_write_value(writer, "report", report, err) < 0)
		return -1;
	json_write_end(writer);
	return 0;
}

/* Those that lack it first; with --behind they alone. */
static int
put_all(const struct release_host *host, const struct json_value *reports,
    struct bytes *text, struct json_writer *writer, struct error *err)
{
	bool is_short = cli_has(host->cli, "behind");
	size_t behind = 0;

	for (int turn = 0; turn < (is_short ? 1 : 2); turn++)
		for (size_t i = 0; i < json_value_count(reports); i++) {
			const struct json_value *report =
			    json_value_item(reports, i);
			bool has = has_it(host, report);

			if (has != (turn == 1))
				continue;
			behind += !has;
			put_host(host->cli, report, has, text);
			if (write_host(writer, report, has, err) < 0)
				return -1;
		}
	bytes_put_format(text, "%s %s: %zu/%zu\n",
	    cli_text(host->cli, "尚未回報更版完成", "have not reported"),
	    host->release.version, behind, json_value_count(reports));
	return 0;
}

static int
show(struct cli *cli, struct release_host *host, struct error *err)
{
	struct bytes json = { 0 }, text = { 0 };
	struct json_writer writer = json_writer_to(&json);
	int rc = answer_get(&host->answer, "/v1/release-reports", err);

	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "version", host->release.version);
	json_write_begin_array(&writer, "hosts");
	if (rc == 0)
		rc = put_all(host,
		    json_value_member(answer_root(&host->answer), "hosts"),
		    &text, &writer, err);
	json_write_end(&writer);
	json_write_end(&writer);
	bytes_put_u8(&json, '\n');
	if (rc == 0)
		rc = cli->json ? json_write_done(&writer, err)
			       : bytes_failed(&text, err);
	if (rc == 0)
		cli_print(cli->json ? &json : &text);
	bytes_free(&json);
	bytes_free(&text);
	return rc;
}

static int
run_hosts(struct cli *cli, struct error *err)
{
	struct release_host host = { .cli = cli };
	int rc = release_host_open(&host, cli, false, err);

	if (rc == 0)
		rc = show(cli, &host, err);
	release_host_close(&host);
	return rc;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "configuration of the management host" },
	{ "behind", 0, NULL, "those that have not reported it alone" },
	{ NULL, 0, NULL, NULL },
};

const struct command release_hosts_command = {
	.name = "release hosts",
	.summary = "which host runs which version, as it reported",
	.summary_zh = "各主機回報的版本，及尚未更版者",
	.arguments = "",
	.examples = "yizhan release hosts -c management.conf --behind\n",
	.options = options,
	.run = run_hosts,
};
