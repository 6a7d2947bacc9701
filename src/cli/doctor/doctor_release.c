#include "cli/doctor/doctor_release.h"

#include <stdio.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/doctor/doctor_report.h"
#include "cli/release/release_check.h"
#include "cli/release/release_host.h"
#include "json/json_read.h"
#include "release/release_pool.h"
#include "service/config.h"
#include "sys/file.h"

enum { DETAIL_SIZE = 512 };

/* ---- program ------------------------------------------------------------- */

/* What there is to do; NULL when nothing is. */
static const char *
next_of(const struct release_host *host, const char *version,
    const struct digest *program, const char **ret_state)
{
	const struct cli *cli = host->cli;
	const struct release_file *file =
	    release_find(&host->release, "bin/yizhan");

	*ret_state = "failed";
	if (version_compare(version, host->release.version) == 0) {
		if (file == NULL || digest_equal(program, &file->sha256))
			return NULL;
		return cli_text(cli,
		    "執行中的程式不是發行的程式：請查明，並重新安裝",
		    "another program runs than was released: find out why, and "
		    "install it");
	}
	if (host->release.least[0] == '\0' ||
	    version_compare(version, host->release.least) >= 0)
		*ret_state = "warning";
	return cli_text(cli,
	    "請執行 yizhan release fetch、verify、stage、install",
	    "yizhan release fetch, verify, stage, install");
}

static int
add_release(struct doctor_report *report, struct release_host *host,
    struct error *err)
{
	const struct cli *cli = report->cli;
	const struct json_value *root;
	const char *next, *state;
	struct release_alarm alarm;
	char detail[DETAIL_SIZE];
	int is_alarm;
	struct digest program;

	is_alarm = release_history_alarm(host->pool, &alarm, err);
	if (is_alarm < 0 || answer_get(&host->answer, "/v1/module", err) < 0)
		return -1;
	root = answer_root(&host->answer);
	if (!digest_parse(answer_text(root, "program"), &program))
		return error_set(err, ERROR_MALFORMED, "no program");
	next = host->has_release
	    ? next_of(host, answer_text(root, "version"), &program, &state)
	    : NULL;
	snprintf(detail, sizeof(detail), "%s %.24s, %s %.24s",
	    cli_text(cli, "執行中", "running"), answer_text(root, "version"),
	    cli_text(cli, "發行通報", "in force"),
	    host->has_release ? host->release.version : "-");
	if (is_alarm > 0)
		doctor_report_add(report, "program", "failed", alarm.detail,
		    cli_text(cli,
			"發行檔案曾被拒絕：請查明來源，再執行 release verify",
			"something was refused: find out where it came from, "
			"then yizhan release verify"));
	else
		doctor_report_add(report, "program",
		    next == NULL ? "ok" : state, detail,
		    next == NULL ? "" : next);
	return 0;
}

/* ---- packages -------------------------------------------------------------- */

static void
add_packages(struct doctor_report *report, const struct release_host *host)
{
	const struct cli *cli = report->cli;
	const struct release_file *list =
	    release_find(&host->release, release_sbom_path);
	const struct config *config = host->answer.config;
	struct bytes differences = { 0 };
	struct error err = { 0 };
	int pool = host->pool;
	int fd = -1;

	/* One that has not come yet says nothing. */
	if (list == NULL || release_pool_source(&pool, list, &fd, &err) < 0)
		return;
	if (release_check_packages(config->release.packages,
		config->release.exact != 0, fd, &differences, &err) < 0) {
		doctor_report_add_failure(report, "packages", &err);
	} else {
		bytes_put_u8(&differences, '\0');
		doctor_report_add(report, "packages", "ok",
		    differences.failed || differences.len == 1
			? cli_text(cli, "與發行版本的清單相符",
			      "as the list of the release has them")
			: (const char *)differences.data,
		    "");
	}
	file_close(fd);
	bytes_free(&differences);
}

void
doctor_check_release(struct doctor_report *report)
{
	struct release_host host = { .cli = report->cli };
	struct error err = { 0 };

	if (release_host_open(&host, report->cli, true, &err) < 0 ||
	    add_release(report, &host, &err) < 0)
		doctor_report_add_failure(report, "program", &err);
	else if (host.has_release)
		add_packages(report, &host);
	release_host_close(&host);
}
