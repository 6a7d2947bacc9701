#include "cli/doctor/doctor_report.h"

#include <stddef.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "model/times.h"
#include "service/catalogue.h"

enum { DETAIL_SIZE = 160 };

static const int64_t day_ms = 24 * 3600 * (int64_t)1000;

void
doctor_report_begin(struct doctor_report *report, const struct cli *cli)
{
	memset(report, 0, sizeof(*report));
	report->cli = cli;
	report->writer = json_writer_to(&report->text);
	if (!cli->json)
		return;
	json_write_begin_object(&report->writer, NULL);
	json_write_begin_array(&report->writer, "checks");
}

void
doctor_report_free(struct doctor_report *report)
{
	bytes_free(&report->text);
}

static void
add_line(struct doctor_report *report, const char *name, const char *state,
    const char *detail, const char *next)
{
	struct bytes *to = &report->text;

	bytes_put_format(to, "%2d  ", report->count);
	cli_put(to, name);
	for (size_t len = strlen(name); len < 20; len++)
		bytes_put_u8(to, ' ');
	bytes_put_format(to, " %-5s ",
	    text_equal(state, "failed")        ? "FAIL"
		: text_equal(state, "warning") ? "WARN"
					       : state);
	cli_put(to, detail);
	if (next[0] != '\0') {
		bytes_put_text(to, "\n    → ");
		cli_put(to, next);
	}
	bytes_put_u8(to, '\n');
}

void
doctor_report_add(struct doctor_report *report, const char *name,
    const char *state, const char *detail, const char *next)
{
	report->count++;
	if (text_equal(state, "failed"))
		report->failed++;
	else if (!text_equal(state, "ok"))
		report->warned++;
	if (!report->cli->json) {
		add_line(report, name, state, detail, next);
		return;
	}
	json_write_begin_object(&report->writer, NULL);
	json_write_text(&report->writer, "name", name);
	json_write_text(&report->writer, "state", state);
	json_write_text(&report->writer, "text", detail);
	if (next[0] != '\0')
		json_write_text(&report->writer, "next", next);
	json_write_end(&report->writer);
}

int
doctor_report_reminder(int64_t days)
{
	static const int steps[] = { 1, 7, 14, 30, 60, 90 };

	for (size_t i = 0; i < ARRAY_LEN(steps); i++)
		if (days <= steps[i])
			return steps[i];
	return 0;
}

void
doctor_report_add_failure(struct doctor_report *report, const char *name,
    const struct error *err)
{
	const struct message *message = catalogue_of_error(err);
	const struct message_text *text =
	    report->cli->is_chinese ? &message->zh : &message->en;
	char detail[ERROR_TEXT_SIZE + DETAIL_SIZE];

	snprintf(detail, sizeof(detail), "%s %s%s%s", message->id, text->title,
	    cli_text(report->cli, "：", ": "), err->text);
	doctor_report_add(report, name, "failed", detail, text->next);
}

void
doctor_report_add_cert(struct doctor_report *report, const char *name,
    int64_t not_after_ms, int64_t now_ms)
{
	int64_t days = (not_after_ms - now_ms) / day_ms;
	const struct cli *cli = report->cli;
	char detail[DETAIL_SIZE];
	char date[TIMES_ROC_SIZE > TIMES_RFC3339_SIZE ? TIMES_ROC_SIZE
						      : TIMES_RFC3339_SIZE];
	const char *state = "ok";
	const char *next = "";

	if (cli->is_chinese)
		times_format_roc(not_after_ms, date);
	else
		times_format(not_after_ms, date);
	if (not_after_ms < now_ms) {
		state = "failed";
		snprintf(detail, sizeof(detail), "%s (%s)",
		    cli_text(cli, "憑證已過期", "the certificate has expired"),
		    date);
	} else {
		if (doctor_report_reminder(days) > 0)
			state = "warning";
		snprintf(detail, sizeof(detail), "%s %lld %s (%s)",
		    cli_text(cli, "憑證剩", "certificate:"), (long long)days,
		    cli_text(cli, "日", "days left"), date);
	}
	if (!text_equal(state, "ok"))
		next = cli_text(cli, "請換發憑證，到期後主機即無法交換公文",
		    "renew it: after that day the host cannot exchange");
	doctor_report_add(report, name, state, detail, next);
}

void
doctor_report_end(struct doctor_report *report, bool is_ready)
{
	if (report->cli->json) {
		json_write_end(&report->writer);
		json_write_bool(&report->writer, "ready", is_ready);
		json_write_int(&report->writer, "failed", report->failed);
		json_write_int(&report->writer, "warnings", report->warned);
		json_write_end(&report->writer);
		bytes_put_u8(&report->text, '\n');
		return;
	}
	bytes_put_format(&report->text, "%d %s%d %s\n", report->failed,
	    cli_text(report->cli, "項失敗，", "failed, "), report->warned,
	    cli_text(report->cli, "項警告",
		report->warned == 1 ? "warning" : "warnings"));
}
