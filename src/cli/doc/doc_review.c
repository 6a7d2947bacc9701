/*
 * yizhan doc review: the work list of the next day, and what was done about it.
 */
#include <string.h>

#include "base/error.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/doc/doc_remark.h"
#include "http/http_path.h"

static void
put_item(const struct cli *cli, const struct json_value *item, struct bytes *to)
{
	const struct json_value *reviews = json_value_member(item, "reviews");
	const char *reason = answer_text(item, "reason");

	answer_put(item, "document_id", to);
	bytes_put_text(to, "/");
	answer_put(item, "recipient", to);
	bytes_put_text(to, "  ");
	answer_put(item, "reference", to);
	bytes_put_text(to, "  ");
	answer_put(item, "name", to);
	bytes_put_text(to, "  ");
	answer_put_word(cli, answer_text(item, "state"), to);
	if (reason[0] != '\0') {
		bytes_put_text(to, " (");
		answer_put(item, "reason", to);
		bytes_put_text(to, ")");
	}
	bytes_put_text(to, "  ");
	answer_put_time(item, "sent_at", to);
	bytes_put_text(to, "\n");
	for (size_t i = 0; i < json_value_count(reviews); i++) {
		const struct json_value *review = json_value_item(reviews, i);

		bytes_put_text(to, "    ");
		answer_put_time(review, "at", to);
		bytes_put_text(to, "  ");
		answer_put(review, "reviewer", to);
		bytes_put_text(to, "  ");
		answer_put_word(cli, answer_text(review, "action"), to);
		bytes_put_text(to, "  ");
		answer_put(review, "note", to);
		bytes_put_text(to, "\n");
	}
}

static void
put_list(const struct answer *answer, struct bytes *to)
{
	const struct cli *cli = answer->cli;
	const struct json_value *list =
	    json_value_member(answer_root(answer), "deliveries");
	const char *next = answer_text(answer_root(answer), "next");

	for (size_t i = 0; i < json_value_count(list); i++)
		put_item(cli, json_value_item(list, i), to);
	if (json_value_count(list) == 0)
		cli_say(cli, "%s\n",
		    cli_text(cli, "沒有待檢視的公文", "nothing to review"));
	if (next[0] != '\0')
		cli_say(cli, "%s --cursor %s\n",
		    cli_text(cli, "還有更多：", "there are more:"), next);
}

static int
list(struct cli *cli, struct answer *answer, struct error *err)
{
	const char *cursor = cli_value(cli, "cursor");
	struct bytes target = { 0 };
	struct bytes text = { 0 };
	int rc = -1;

	bytes_put_text(&target, "/v1/review?cursor=");
	http_path_put(&target, cursor != NULL ? cursor : "");
	bytes_put_u8(&target, '\0');
	if (bytes_failed(&target, err) == 0)
		rc = answer_get(answer, (const char *)target.data, err);
	if (rc == 0 && cli->json) {
		answer_print(answer);
	} else if (rc == 0) {
		put_list(answer, &text);
		rc = bytes_failed(&text, err);
		cli_print(&text);
	}
	bytes_free(&target);
	bytes_free(&text);
	return rc;
}

static const struct doc_remark review = {
	.usage = "--by says who looked at it, and --action what is done: "
		 "wait, chase, resend, paper, other",
	.target = "/v1/review",
	.list = "deliveries",
	.count = "reviewed",
};

static int
run(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	int rc = -1;

	if (answer_open(&answer, cli, err) == 0)
		rc = cli_argument(cli, 0) == NULL
		    ? list(cli, &answer, err)
		    : doc_remark_record(cli, &answer, &review, err);
	answer_close(&answer);
	return rc;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ "by", 0, "NAME", "who looked at it" },
	{ "action", 0, "ACTION", "wait, chase, resend, paper, other" },
	{ "note", 0, "TEXT", "a remark" },
	{ "cursor", 0, "TEXT", "go on where \"next\" of a list says" },
	{ NULL, 0, NULL, NULL },
};

const struct command doc_review_command = {
	.name = "doc review",
	.summary =
	    "list what has not arrived, and record what is done about it",
	.summary_zh = "次日檢視未送達的公文並登錄處理情形",
	.arguments = "[ID/CODE...]",
	.arguments_max = 500,
	.examples =
	    "yizhan doc review\n"
	    "yizhan doc review --by 王小明 --action chase ID/376470000A\n",
	.options = options,
	.run = run,
};
