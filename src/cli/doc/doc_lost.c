/*
 * yizhan doc lost: letters of which a restored gateway has only receipts.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/doc/doc_remark.h"

enum { TARGET_SIZE = 96 };

static void
put_events(const struct cli *cli, const struct json_value *events,
    struct bytes *to)
{
	for (size_t i = 0; i < json_value_count(events); i++) {
		const struct json_value *event = json_value_item(events, i);

		bytes_put_text(to, "    ");
		answer_put_time(event, "time", to);
		bytes_put_text(to, "  ");
		answer_put_word(cli, answer_text(event, "event"), to);
		bytes_put_text(to, "  ");
		answer_put(event, "recipient", to);
		bytes_put_u8(to, '\n');
	}
}

static void
put_decisions(const struct cli *cli, const struct json_value *decisions,
    struct bytes *to)
{
	for (size_t i = 0; i < json_value_count(decisions); i++) {
		const struct json_value *decision =
		    json_value_item(decisions, i);

		bytes_put_text(to, "  → ");
		answer_put_time(decision, "at", to);
		bytes_put_text(to, "  ");
		answer_put_word(cli, answer_text(decision, "action"), to);
		bytes_put_text(to, "  ");
		answer_put(decision, "reviewer", to);
		bytes_put_text(to, "  ");
		answer_put(decision, "note", to);
		bytes_put_u8(to, '\n');
	}
}

static void
put_letter(const struct cli *cli, const struct json_value *letter,
    struct bytes *to)
{
	bytes_put_text(to,
	    text_equal(answer_text(letter, "direction"), "sent")
		? cli_text(cli, "寄出  ", "sent  ")
		: cli_text(cli, "收到  ", "received  "));
	answer_put(letter, "waybill_id", to);
	bytes_put_text(to, "  ");
	answer_put(letter, "sender", to);
	if (answer_text(letter, "recipient")[0] != '\0') {
		bytes_put_text(to, " → ");
		answer_put(letter, "recipient", to);
	}
	bytes_put_text(to, "  ");
	answer_put_word(cli, answer_text(letter, "action"), to);
	bytes_put_u8(to, '\n');
	put_events(cli, json_value_member(letter, "events"), to);
	put_decisions(cli, json_value_member(letter, "decisions"), to);
}

static void
put_list(const struct cli *cli, const struct json_value *root, struct bytes *to)
{
	const struct json_value *letters = json_value_member(root, "letters");

	if (json_value_count(letters) == 0) {
		bytes_put_text(to,
		    cli_text(cli, "沒有待處理、只剩收據的公文\n",
			"no letter of which only receipts are left is open\n"));
		return;
	}
	bytes_put_text(to,
	    cli_text(cli,
		"本機復原後僅存收據的公文（對方已收到，核對後再決定）；備份時間 ",
		"Letters of which only receipts are left (recipients have "
		"them: compare, then decide); backup of "));
	answer_put_time(root, "backup_at", to);
	bytes_put_u8(to, '\n');
	for (size_t i = 0; i < json_value_count(letters); i++)
		put_letter(cli, json_value_item(letters, i), to);
}

/* With a waybill its receipts, as they are verified. */
static int
ask(struct answer *answer, const struct cli *cli, struct error *err)
{
	char target[TARGET_SIZE];
	int len;

	if (cli_argument(cli, 0) == NULL)
		return answer_get(answer,
		    cli_has(cli, "all") ? "/v1/lost" : "/v1/lost?open=1", err);
	if (cli_argument(cli, 1) != NULL)
		return cli_refuse(err,
		    "one waybill at a time shows its receipts; to decide about "
		    "many give --by and --action");
	len = snprintf(target, sizeof(target), "/v1/lost/%s/receipts",
	    cli_argument(cli, 0));
	if (len < 0 || (size_t)len >= sizeof(target))
		return error_set(err, ERROR_NOT_FOUND, "%s is no waybill id",
		    cli_argument(cli, 0));
	return answer_get(answer, target, err);
}

static int
show(struct cli *cli, struct answer *answer, struct error *err)
{
	struct bytes text = { 0 };
	int rc = ask(answer, cli, err);

	if (rc == 0 && (cli->json || cli_argument(cli, 0) != NULL)) {
		answer_print(answer);
	} else if (rc == 0) {
		put_list(cli, answer_root(answer), &text);
		rc = bytes_failed(&text, err);
		cli_print(&text);
	}
	bytes_free(&text);
	return rc;
}

static const struct doc_remark decision = {
	.usage = "--by says who decides, --action what: resent, paper, "
		 "not_needed, open; and a waybill about which letter",
	.target = "/v1/lost",
	.list = "letters",
	.count = "decided",
};

static int
run(struct cli *cli, struct error *err)
{
	bool decides =
	    cli_value(cli, "by") != NULL || cli_value(cli, "action") != NULL;
	struct answer answer = { 0 };
	int rc = -1;

	if (answer_open(&answer, cli, err) == 0)
		rc = decides ? doc_remark_record(cli, &answer, &decision, err)
			     : show(cli, &answer, err);
	answer_close(&answer);
	return rc;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ "all", 0, NULL, "with those that somebody has decided about" },
	{ "by", 0, "NAME", "who decides" },
	{ "action", 0, "ACTION", "resent, paper, not_needed, open" },
	{ "note", 0, "TEXT", "a remark" },
	{ NULL, 0, NULL, NULL },
};

const struct command doc_lost_command = {
	.name = "doc lost",
	.summary = "after a restore: letters of which only receipts are left",
	.summary_zh = "復原後僅存收據的公文",
	.arguments = "[WAYBILL...]",
	.arguments_max = 500,
	.examples = "yizhan doc lost -c gateway.conf\n"
		    "yizhan doc lost --by 王小明 --action not_needed WAYBILL\n",
	.options = options,
	.run = run,
};
