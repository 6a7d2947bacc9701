#include "cli/doctor/doctor_host.h"

#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/doctor/doctor_release.h"
#include "cli/doctor/doctor_report.h"
#include "json/json_read.h"
#include "service/catalogue.h"
#include "service/config.h"

enum { DETAIL_SIZE = 1024 };

/* ---- its own checks -------------------------------------------------- */

/* Its own next step, or that of the message whose code it names. */
static const char *
next_of(const struct cli *cli, const struct json_value *check)
{
	const struct message *message =
	    catalogue_find(answer_text(check, "code"));

	if (message == NULL)
		return answer_text(check, "next");
	return cli->is_chinese ? message->zh.next : message->en.next;
}

static void
add_checks(struct doctor_report *report, const struct json_value *checks)
{
	for (size_t i = 0; i < json_value_count(checks); i++) {
		const struct json_value *check = json_value_item(checks, i);
		const char *code = answer_text(check, "code");
		char detail[DETAIL_SIZE];

		snprintf(detail, sizeof(detail), "%s%s%s", code,
		    code[0] != '\0' ? " " : "", answer_text(check, "text"));
		doctor_report_add(report, answer_text(check, "name"),
		    answer_text(check, "state"), detail,
		    next_of(report->cli, check));
	}
}

/* False when nobody answers. */
static bool
check_health(struct doctor_report *report, struct answer *answer,
    bool *ret_is_ready)
{
	const struct cli *cli = report->cli;
	struct error err = { 0 };

	if (answer_get(answer, "/v1/health", &err) < 0) {
		doctor_report_add_failure(report, "host", &err);
		return false;
	}
	json_value_bool(json_value_member(answer_root(answer), "ready"),
	    ret_is_ready);
	if (*ret_is_ready)
		doctor_report_add(report, "host", "ok",
		    cli_text(cli, "服務中", "serves"), "");
	else
		doctor_report_add(report, "host", "failed",
		    cli_text(cli, "尚未就緒", "is not ready"),
		    cli_text(cli, "原因見以下各項", "the lines below say why"));
	add_checks(report, json_value_member(answer_root(answer), "checks"));
	return true;
}

/* ---- the crypto module ----------------------------------------------- */

static void
check_module(struct doctor_report *report, struct answer *answer)
{
	const struct cli *cli = report->cli;
	const struct json_value *root;
	struct error err = { 0 };
	char detail[DETAIL_SIZE];
	bool is_ready;

	if (answer_get(answer, "/v1/module", &err) < 0) {
		doctor_report_add_failure(report, "module", &err);
		return;
	}
	root = answer_root(answer);
	is_ready = text_equal(answer_text(root, "state"), "ready");
	snprintf(detail, sizeof(detail), "%s, %zu %s, %s%s%s",
	    answer_text(root, "state"),
	    json_value_count(json_value_member(root, "tests")),
	    cli_text(cli, "項自我測試", "self-tests"),
	    answer_text(root, "integrity"),
	    answer_text(root, "failure")[0] != '\0' ? ": " : "",
	    answer_text(root, "failure"));
	doctor_report_add(report, "module", is_ready ? "ok" : "failed", detail,
	    is_ready ? ""
		     : cli_text(cli, "詳見 yizhan module show",
			   "see yizhan module show"));
}

/* ---- printing -------------------------------------------------------- */

/* A message with characters of every font file that letters need. */
static const char sample[] =
    "<?xml version=\"1.0\" encoding=\"utf-8\"?>\n"
    "<!DOCTYPE 文書訊息表單 SYSTEM \"104_DM_utf8.dtd\">\n"
    "<文書訊息表單>\n<文書訊息代碼>5</文書訊息代碼>\n"
    "<訊息備註>列印自我檢測：臺灣、堃、龘、䶮、㖞、𠮷、𡘙。</訊息備註>\n"
    "</文書訊息表單>\n";

static void
check_printing(struct doctor_report *report, struct answer *answer)
{
	const struct cli *cli = report->cli;
	const struct local_file file = { .name = "doctor.dm",
		.data = sample,
		.len = sizeof(sample) - 1 };
	struct error err = { 0 };
	char detail[DETAIL_SIZE];

	http_answer_free(&answer->http);
	if (local_send(&answer->local, "/v1/documents:preview?as=pdf", "",
		&file, 1, &answer->http, &err) < 0) {
		doctor_report_add_failure(report, "printing", &err);
		return;
	}
	if (answer->http.missing[0] == '\0') {
		doctor_report_add(report, "printing", "ok",
		    cli_text(cli, "字型齊備，罕用字皆有墨跡",
			"fonts are there, rare characters have ink"),
		    "");
		return;
	}
	snprintf(detail, sizeof(detail), "%s: %s",
	    cli_text(cli, "無法印出的字", "characters without a font"),
	    answer->http.missing);
	doctor_report_add(report, "printing", "failed", detail,
	    cli_text(cli, "請安裝套件 fonts-cns11643-kai",
		"install the package fonts-cns11643-kai"));
}

void
doctor_check_host(struct doctor_report *report, struct answer *answer,
    bool *ret_is_ready)
{
	if (!check_health(report, answer, ret_is_ready))
		return;
	check_module(report, answer);
	doctor_check_release(report);
	if (config_has_kind(answer->config, CONFIG_GATEWAY))
		check_printing(report, answer);
}
