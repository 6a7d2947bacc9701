/*
 * yizhan release confirm: the release that was installed runs, and management
 * is told who installed it, when, and with which check code (R5.3.2, T-REL-05).
 */
#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "bulletin/draft.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/release/release_host.h"
#include "json/json_write.h"
#include "model/times.h"
#include "service/config.h"
#include "sys/clock.h"

/* The running host is the program that the release names. */
static int
check_running(struct release_host *host, struct digest *ret_program,
    struct error *err)
{
	const struct release_file *file =
	    release_find(&host->release, "bin/yizhan");
	const struct json_value *root;

	if (answer_get(&host->answer, "/v1/module", err) < 0)
		return -1;
	root = answer_root(&host->answer);
	if (!digest_parse(answer_text(root, "program"), ret_program) ||
	    file == NULL || !digest_equal(ret_program, &file->sha256))
		return error_set_id(err, "E7617", ERROR_DENIED,
		    "the host runs %.20s, and not the program of %s",
		    answer_text(root, "version"), host->release.version);
	return 0;
}

/* A case of management that is over when it is opened: a record. */
static int
write_report(const struct release_host *host, const char *organisation,
    const struct digest *program, struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);
	char at[TIMES_RFC3339_SIZE];
	char code[DRAFT_CODE_SIZE];

	times_format(clock_now_ms(), at);
	draft_format_code(&host->release.code, code);
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "definition", "report-release");
	json_write_text(&writer, "note", "");
	json_write_begin_object(&writer, "fields");
	json_write_text(&writer, "organisation", organisation);
	json_write_text(&writer, "host", host->answer.config->host.name);
	json_write_text(&writer, "version", host->release.version);
	json_write_text(&writer, "code", code);
	json_write_digest(&writer, "program", program);
	json_write_text(&writer, "by", host->person);
	json_write_text(&writer, "at", at);
	json_write_end(&writer);
	json_write_end(&writer);
	bytes_put_u8(to, '\0');
	return json_write_done(&writer, err) < 0 ? -1 : bytes_failed(to, err);
}

static int
report(struct release_host *host, const struct digest *program,
    struct error *err)
{
	const struct config *config = host->answer.config;
	const char *given = cli_value(host->cli, "organisation");
	char organisation[ANSWER_CODE_SIZE];
	struct bytes body = { 0 };
	int rc = 0;

	/* A center has no key of an organisation: one that it serves. */
	if (config_has_kind(config, CONFIG_GATEWAY))
		rc = answer_organisation(&host->answer, organisation, err);
	else if (given == NULL ||
	    !text_copy(organisation, sizeof(organisation), given))
		rc = cli_refuse(err,
		    "which --organisation runs this host? Its code");
	if (rc == 0)
		rc = write_report(host, organisation, program, &body, err);
	if (rc == 0)
		rc = answer_post(&host->answer,
		    config_has_kind(config, CONFIG_MANAGEMENT)
			? "/v1/cases"
			: "/v1/case-requests",
		    (const char *)body.data, err);
	bytes_free(&body);
	return rc;
}

static int
confirm(struct cli *cli, struct release_host *host, struct error *err)
{
	struct digest program;
	char text[DIGEST_TEXT_SIZE];

	if (check_running(host, &program, err) < 0)
		return -1;
	digest_format(&program, text);
	if (report(host, &program, err) < 0 ||
	    release_host_note(host, &host->release, RELEASE_CONFIRMED, text,
		err) < 0)
		return -1;
	if (cli->json) {
		answer_print(&host->answer);
		return 0;
	}
	return release_host_say(host, &host->release,
	    "執行中，已回報管理層更版完成",
	    "runs; management is told that it was installed", err);
}

static int
run_confirm(struct cli *cli, struct error *err)
{
	struct release_host host = { .cli = cli };
	int rc = release_host_open(&host, cli, false, err);

	if (rc == 0)
		rc = confirm(cli, &host, err);
	release_host_close(&host);
	return rc;
}

static const struct command_option confirm_options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ "organisation", 'o', "CODE", "that runs this host" },
	{ "by", 0, "NAME", "who does it, for the record" },
	{ NULL, 0, NULL, NULL },
};

const struct command release_confirm_command = {
	.name = "release confirm",
	.summary = "report that the release in force was installed and runs",
	.summary_zh = "回報更版完成",
	.arguments = "",
	.examples = "yizhan release confirm -c gateway.conf --by 王小明\n",
	.options = confirm_options,
	.run = run_confirm,
};
