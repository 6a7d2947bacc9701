/*
 * yizhan doc check and doc send.
 */
#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/doc/doc_apart.h"
#include "cli/doc/doc_findings.h"
#include "cli/doc/doc_report.h"
#include "cli/doc/doc_wait.h"
#include "http/http_path.h"
#include "model/id.h"

enum { EXIT_DATA = 65 };

static void
print_report(const struct cli *cli, const struct json_value *root)
{
	struct bytes text = { 0 };

	doc_report_put(cli, root, &text);
	cli_print(&text);
	bytes_free(&text);
	doc_findings_print(cli, json_value_member(root, "findings"));
}

static int
run_check(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	bool is_accepted = false;
	int rc = -1;

	if (answer_open(&answer, cli, err) == 0 &&
	    answer_send_files(&answer, "/v1/documents:validate", "", err) == 0)
		rc = answer_read(&answer, err);
	if (rc == 0) {
		json_value_bool(json_value_member(answer_root(&answer),
				    "accepted"),
		    &is_accepted);
		if (cli->json)
			answer_print(&answer);
		else
			print_report(cli, answer_root(&answer));
		cli->exit_status = is_accepted ? 0 : EXIT_DATA;
		cli_say(cli, "%s\n",
		    is_accepted ? cli_text(cli, "檢核通過", "accepted")
				: cli_text(cli, "檢核不通過", "not accepted"));
	}
	answer_close(&answer);
	return rc;
}

static int
send_letter(struct answer *answer, struct error *err)
{
	const char *key = cli_value(answer->cli, "key");
	const char *accept = cli_value(answer->cli, "accept");
	const char *undo = cli_value(answer->cli, "undo");
	struct bytes target = { 0 };
	int rc = -1;

	bytes_put_text(&target, "/v1/documents?undo=");
	http_path_put(&target, undo != NULL ? undo : "0");
	bytes_put_text(&target, "&accept=");
	http_path_put(&target, accept != NULL ? accept : "");
	bytes_put_u8(&target, 0);
	if (bytes_failed(&target, err) == 0)
		rc = answer_send_files(answer, (const char *)target.data,
		    key != NULL ? key : "", err);
	bytes_free(&target);
	return rc;
}

static int
run_send(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct doc_wait_limit limit;
	char id[ID_TEXT_SIZE];
	int rc = -1;

	if (doc_wait_read_limit(cli, "wait", &limit, err) < 0)
		return -1;
	if (answer_open(&answer, cli, err) < 0)
		goto done;
	if (cli_has(cli, "apart")) {
		rc = doc_apart_send(&answer, err);
		goto done;
	}
	if (send_letter(&answer, err) < 0) {
		doc_findings_print_refusal(&answer);
		goto done;
	}
	if (answer_read(&answer, err) < 0)
		goto done;
	text_copy(id, sizeof(id), answer_text(answer_root(&answer), "id"));
	rc = 0;
	if (cli_has(cli, "wait"))
		rc = doc_wait_for(&answer, id, &limit, err);
	answer_show(&answer);
	if (!cli->json)
		cli_say(cli, "%s doc show %s\n", cli->program, id);
done:
	answer_close(&answer);
	return rc;
}

static const struct command_option check_options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option send_options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ "accept", 0, "RULES", "warnings to accept: E2133,E2134" },
	{ "key", 0, "KEY", "idempotency key; by default made of the files" },
	{ "undo", 0, "SECONDS", "keep it back so long, to be undone" },
	{ "apart", 0, NULL, "n.di, n.sw: a letter each, for one recipient" },
	{ "wait", 0, "STATE", "wait until every delivery is at this state" },
	{ "timeout", 0, "TIME", "for --wait: 90s, 5m, 1h (the default)" },
	{ NULL, 0, NULL, NULL },
};

const struct command doc_check_command = {
	.name = "doc check",
	.summary = "check the files of a letter without sending it",
	.summary_zh = "檢核公文檔案（不寄送）",
	.arguments = "FILE...",
	.arguments_max = -1,
	.examples = "yizhan doc check letter.di letter.sw annex.pdf\n",
	.options = check_options,
	.run = run_check,
};

const struct command doc_send_command = {
	.name = "doc send",
	.summary = "send a letter: DI, rosters, attachments",
	.summary_zh = "寄送公文：本文、交換表單、附件",
	.arguments = "FILE...",
	.arguments_max = -1,
	.examples = "yizhan doc send letter.di letter.sw annex.pdf\n"
		    "yizhan doc send letter.di letter.sw --wait opened "
		    "--timeout 5m\n"
		    "yizhan doc send letter.di letter.sw --undo 30\n",
	.options = send_options,
	.run = run_send,
};
