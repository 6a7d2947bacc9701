/*
 * yizhan doctor: is this host well?  Its own checks, asked over the control
 * socket, and those that only the file system can answer.
 */
#include <fcntl.h>
#include <stdio.h>
#include <sys/statvfs.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "crypto/cert.h"
#include "json/json_write.h"
#include "service/config.h"
#include "sys/clock.h"

enum { PEM_MAX = 12288, DETAIL_SIZE = 256, FREE_PERCENT_MIN = 10 };

static const int64_t day_ms = 24 * 3600 * (int64_t)1000;

/* The report: lines for people, or one JSON object. */
struct report {
	const struct cli *cli;
	struct bytes text;
	struct json_writer writer;
	int number;
	int failed;
	int warned;
};

static void
add(struct report *report, const char *name, const char *state,
    const char *detail)
{
	report->number++;
	if (text_equal(state, "failed"))
		report->failed++;
	else if (text_equal(state, "warning"))
		report->warned++;
	if (report->cli->json) {
		json_write_begin_object(&report->writer, NULL);
		json_write_text(&report->writer, "name", name);
		json_write_text(&report->writer, "state", state);
		json_write_text(&report->writer, "text", detail);
		json_write_end(&report->writer);
	} else {
		bytes_put_format(&report->text, "%2d  %-24s %-8s %s\n",
		    report->number, name, state, detail);
	}
}

static void
check_disk(struct report *report, const struct config *config)
{
	char detail[DETAIL_SIZE];
	struct statvfs disk;
	unsigned percent;

	if (statvfs(config->host.data, &disk) < 0 || disk.f_blocks == 0) {
		add(report, "disk", "failed", "data folder cannot be seen");
		return;
	}
	percent = (unsigned)(disk.f_bavail * 100 / disk.f_blocks);
	snprintf(detail, sizeof(detail), "%u %% free", percent);
	add(report, "disk", percent < FREE_PERCENT_MIN ? "warning" : "ok",
	    detail);
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

/* 90, 60, 30, 14, 7 and 1 days before it ends it is told (R5.1.4). */
static void
check_key(struct report *report, const struct config_key *key, int64_t now)
{
	struct cert *cert = NULL;
	struct error err = { 0 };
	char name[DETAIL_SIZE];
	char detail[DETAIL_SIZE];
	int64_t days;

	snprintf(name, sizeof(name), "key %s", key->name);
	if (!text_starts(key->source, "file:")) {
		add(report, name, "ok", "in a token");
		return;
	}
	if (read_cert(key->source + 5, &cert, &err) < 0) {
		add(report, name, "failed", err.text);
		return;
	}
	days = (cert_info(cert)->not_after_at - now) / day_ms;
	snprintf(detail, sizeof(detail), "%lld days left", (long long)days);
	if (cert_info(cert)->not_after_at < now)
		add(report, name, "failed", "expired");
	else
		add(report, name, days <= 90 ? "warning" : "ok", detail);
	cert_free(cert);
}

static void
check_host(struct report *report, struct answer *answer, bool *ret_is_ready)
{
	struct error err = { 0 };
	const struct json_value *checks;

	if (answer_get(answer, "/v1/health", &err) < 0) {
		add(report, "host", "failed", err.text);
		return;
	}
	json_value_bool(json_value_member(answer_root(answer), "ready"),
	    ret_is_ready);
	add(report, "host", *ret_is_ready ? "ok" : "failed",
	    *ret_is_ready ? "serves" : "is not ready");
	checks = json_value_member(answer_root(answer), "checks");
	for (size_t i = 0; i < json_value_count(checks); i++) {
		const struct json_value *check = json_value_item(checks, i);

		add(report, answer_text(check, "name"),
		    answer_text(check, "state"), answer_text(check, "text"));
	}
}

static int
run(struct cli *cli, struct error *err)
{
	struct report report = { .cli = cli };
	struct answer answer = { 0 };
	bool is_ready = false;

	if (answer_open(&answer, cli, err) < 0) {
		answer_close(&answer);
		return -1;
	}
	report.writer = json_writer_to(&report.text);
	if (cli->json) {
		json_write_begin_object(&report.writer, NULL);
		json_write_begin_array(&report.writer, "checks");
	}
	check_host(&report, &answer, &is_ready);
	check_disk(&report, answer.config);
	for (size_t i = 0; i < answer.config->key_count; i++)
		check_key(&report, &answer.config->keys[i], clock_now_ms());
	if (cli->json) {
		json_write_end(&report.writer);
		json_write_bool(&report.writer, "ready", is_ready);
		json_write_int(&report.writer, "failed", report.failed);
		json_write_int(&report.writer, "warnings", report.warned);
		json_write_end(&report.writer);
		bytes_put_u8(&report.text, '\n');
	} else {
		bytes_put_format(&report.text, "%d %s, %d %s\n", report.failed,
		    cli_text(cli, "項失敗", "failed"), report.warned,
		    cli_text(cli, "項警告", "warnings"));
	}
	cli_print(&report.text);
	cli->exit_status = report.failed > 0 ? 1 : 0;
	bytes_free(&report.text);
	answer_close(&answer);
	return 0;
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
