/*
 * yizhan doctor: is this host well?  Its own checks, asked over the control
 * socket, and those that only the file system can answer.
 */
#include <fcntl.h>
#include <stdio.h>
#include <string.h>
#include <sys/stat.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/backup/backup_record.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/doctor/doctor_host.h"
#include "cli/doctor/doctor_report.h"
#include "crypto/cert.h"
#include "model/times.h"
#include "service/config.h"
#include "sys/clock.h"
#include "token/token_keys.h"

enum {
	PEM_MAX = 12288,
	DETAIL_SIZE = 256,
	FREE_PERCENT_WARN = 10,
	FREE_PERCENT_FAIL = 2,
	DAY_MS = 24 * 3600 * 1000,
	BACKUP_DAYS_WARN = 2,
	DRILL_DAYS_WARN = 35, /* every month, and some days */
	CLOCK_ERROR_WARN_MS = 1000,
};

static void
check_data(struct doctor_report *report, const char *folder)
{
	const struct cli *cli = report->cli;
	struct error err = { 0 };
	struct stat st;

	if (stat(folder, &st) < 0) {
		error_set_errno(&err, "%s", folder);
		doctor_report_add_failure(report, "data folder", &err);
	} else if (!S_ISDIR(st.st_mode)) {
		doctor_report_add(report, "data folder", "failed", folder,
		    cli_text(cli, "host.data 必須是資料夾",
			"host.data must name a folder"));
	} else if ((st.st_mode & 077) != 0) {
		doctor_report_add(report, "data folder", "warning", folder,
		    cli_text(cli, "其他帳號也能進入：請執行 chmod 700",
			"others can enter it: chmod 700"));
	} else {
		doctor_report_add(report, "data folder", "ok", folder, "");
	}
}

static void
check_disk(struct doctor_report *report, const char *folder)
{
	const char *state = "ok";
	const char *next = "";
	char detail[DETAIL_SIZE];
	struct error err = { 0 };
	struct statvfs disk;
	unsigned percent;

	if (statvfs(folder, &disk) < 0 || disk.f_blocks == 0) {
		error_set_errno(&err, "%s", folder);
		doctor_report_add_failure(report, "disk", &err);
		return;
	}
	percent = (unsigned)(disk.f_bavail * 100 / disk.f_blocks);
	snprintf(detail, sizeof(detail), "%u %% %s, %llu MiB", percent,
	    cli_text(report->cli, "可用", "free"),
	    (unsigned long long)disk.f_bavail * disk.f_frsize / 1048576);
	if (percent < FREE_PERCENT_WARN) {
		state = percent < FREE_PERCENT_FAIL ? "failed" : "warning";
		next = cli_text(report->cli,
		    "請增加磁碟空間；空間用盡時主機會拒收公文",
		    "add room: a host without it refuses letters");
	}
	doctor_report_add(report, "disk", state, detail, next);
}

/* When it was, and whether that is too long ago; `at` of 0 is never. */
static void
add_age(struct doctor_report *report, const char *name, int64_t at, int days,
    const char *next)
{
	const struct cli *cli = report->cli;
	int64_t age = (clock_now_ms() - at) / DAY_MS;
	char time[TIMES_RFC3339_SIZE];
	char detail[DETAIL_SIZE];
	bool is_late = at == 0 || age >= days;

	times_format(at, time);
	snprintf(detail, sizeof(detail), "%s",
	    at == 0 ? cli_text(cli, "從未", "never") : time);
	doctor_report_add(report, name, is_late ? "warning" : "ok", detail,
	    is_late ? next : "");
}

/* Regular backups, and regular proof of them (R5.1.4 30). */
static void
check_backup(struct doctor_report *report, const char *folder)
{
	const struct cli *cli = report->cli;
	struct backup_record record;
	struct error err = { 0 };

	if (backup_record_read(folder, &record, &err) < 0) {
		doctor_report_add_failure(report, "backup", &err);
		return;
	}
	add_age(report, "backup", record.backup_at, BACKUP_DAYS_WARN,
	    cli_text(cli, "請執行 yizhan backup", "run yizhan backup"));
	if (record.failed_at > record.drill_at)
		doctor_report_add(report, "restore drill", "failed",
		    cli_text(cli, "上次演練發現備份有問題",
			"the last one found the backup damaged"),
		    cli_text(cli, "請重新備份並再次演練",
			"make another backup and verify it"));
	else
		add_age(report, "restore drill", record.drill_at,
		    DRILL_DAYS_WARN,
		    cli_text(cli, "請執行 yizhan backup verify",
			"run yizhan backup verify"));
}

/* The certificate that stands in a PEM file beside its key. */
static int
read_cert(const char *path, struct cert **ret_cert, struct error *err)
{
	static const char begin[] = "-----BEGIN CERTIFICATE-----";
	char pem[PEM_MAX + 1];
	const char *at;
	ssize_t len;
	int fd = open(path, O_RDONLY | O_CLOEXEC);

	if (fd < 0)
		return error_set_errno(err, "opening %s", path);
	len = read(fd, pem, PEM_MAX);
	close(fd);
	if (len < 0)
		return error_set_errno(err, "reading %s", path);
	pem[len] = '\0';
	for (at = pem; *at != '\0' && !text_starts(at, begin); at++)
		;
	return cert_parse_pem(at, (size_t)(pem + len - at), ret_cert, err);
}

static void
check_key(struct doctor_report *report, const struct config_key *key,
    int64_t now)
{
	struct cert *cert = NULL;
	struct error err = { 0 };
	char name[DETAIL_SIZE];

	snprintf(name, sizeof(name), "key %s", key->name);
	if ((text_starts(key->source, "file:")
		    ? read_cert(key->source + strlen("file:"), &cert, &err)
		    : token_look(key->source, &cert, &err)) < 0) {
		doctor_report_add_failure(report, name, &err);
		return;
	}
	doctor_report_add_cert(report, name, cert_info(cert)->not_after_at,
	    now);
	cert_free(cert);
}

/*
 * Whether somebody keeps the clock (R5.1.5): by it letters are dated, and
 * receipts refused that are from too far ahead.
 */
static void
check_clock(struct doctor_report *report)
{
	const struct cli *cli = report->cli;
	struct clock_discipline clock;
	struct error err = { 0 };
	char detail[DETAIL_SIZE];

	if (clock_discipline_read(&clock, &err) < 0) {
		doctor_report_add_failure(report, "clock", &err);
		return;
	}
	if (!clock.is_kept) {
		doctor_report_add(report, "clock", "warning",
		    cli_text(cli, "未與時間來源校時",
			"no time source keeps it"),
		    cli_text(cli,
			"請啟用校時服務（如 systemd-timesyncd、chrony）",
			"run a time service, such as systemd-timesyncd or "
			"chrony"));
		return;
	}
	snprintf(detail, sizeof(detail), "%s %.1f ms, %s %.1f ms",
	    cli_text(cli, "誤差估計", "estimated error"), clock.error_ms,
	    cli_text(cli, "至多", "at most"), clock.error_max_ms);
	doctor_report_add(report, "clock",
	    clock.error_max_ms > CLOCK_ERROR_WARN_MS ? "warning" : "ok", detail,
	    clock.error_max_ms > CLOCK_ERROR_WARN_MS
		? cli_text(cli, "請檢查校時服務", "look at the time service")
		: "");
}

static void
check_all(struct doctor_report *report, struct answer *answer,
    bool *ret_is_ready)
{
	const struct config *config = answer->config;

	doctor_report_add(report, "configuration", "ok", config->host.name, "");
	check_clock(report);
	check_data(report, config->host.data);
	check_disk(report, config->host.data);
	check_backup(report, config->host.data);
	for (size_t i = 0; i < config->key_count; i++)
		check_key(report, &config->keys[i], clock_now_ms());
	doctor_check_host(report, answer, ret_is_ready);
}

static int
run(struct cli *cli, struct error *err)
{
	struct doctor_report report;
	struct answer answer = { 0 };
	bool is_ready = false;
	int rc = answer_open(&answer, cli, err);

	/* Without a host to look at there is nothing to report on. */
	if (rc < 0 && text_equal(error_message_id(err), "E1203")) {
		answer_close(&answer);
		return -1;
	}
	doctor_report_begin(&report, cli);
	if (rc < 0)
		doctor_report_add_failure(&report, "configuration", err);
	else
		check_all(&report, &answer, &is_ready);
	doctor_report_end(&report, is_ready);
	rc = bytes_failed(&report.text, err);
	cli_print(&report.text);
	cli->exit_status = report.failed > 0 ? 1 : 0;
	doctor_report_free(&report);
	answer_close(&answer);
	return rc;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "configuration of the host" },
	{ NULL, 0, NULL, NULL },
};

const struct command doctor_command = {
	.name = "doctor",
	.summary = "check whether a host is well",
	.summary_zh = "檢查主機是否正常",
	.arguments = "",
	.examples = "yizhan doctor -c /etc/yizhan/center-a.conf\n",
	.options = options,
	.run = run,
};
