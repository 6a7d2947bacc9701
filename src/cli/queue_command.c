/*
 * yizhan queue list: what waits at a center for other centers, and what one of
 * them refused.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "model/times.h"
#include "service/catalogue.h"

static const char *
kind_word(const struct cli *cli, const char *kind)
{
	static const struct {
		const char *name, *zh;
	} words[] = {
		{ "relay", "轉送" },
		{ "receipt", "收據" },
		{ "withdrawal", "撤回" },
		{ "addendum", "補發金鑰" },
		{ "move", "移交" },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_equal(words[i].name, kind))
			return cli_text(cli, words[i].zh, words[i].name);
	return kind;
}

static void
put_counts(const struct cli *cli, const struct json_value *destination,
    struct bytes *to)
{
	const struct json_value *waiting =
	    json_value_member(destination, "waiting");

	for (size_t i = 0; i < json_value_count(waiting); i++) {
		const struct json_value *some = json_value_item(waiting, i);

		answer_put(destination, "center", to);
		bytes_put_format(to, "  %s %" PRId64,
		    kind_word(cli, answer_text(some, "kind")),
		    answer_integer(some, "count"));
		if (answer_integer(some, "set_aside") > 0)
			bytes_put_format(to, "  %s %" PRId64,
			    cli_text(cli, "遭拒擱置", "set aside:"),
			    answer_integer(some, "set_aside"));
		if (answer_integer(some, "held") > 0)
			bytes_put_format(to, "  %s %" PRId64,
			    cli_text(cli, "暫停投遞", "held:"),
			    answer_integer(some, "held"));
		bytes_put_u8(to, '\n');
	}
}

static void
put_aside(const struct cli *cli, const struct json_value *aside,
    struct bytes *to)
{
	const char *code = answer_text(aside, "code");
	const struct message *message = catalogue_find(code);
	char time[TIMES_ROC_SIZE] = "";
	int64_t at;

	if (times_parse(answer_text(aside, "next_at"), &at))
		times_format_roc(at, time);
	answer_put(aside, "center", to);
	bytes_put_format(to, "  %s",
	    kind_word(cli, answer_text(aside, "kind")));
	if (answer_text(aside, "event")[0] != '\0') {
		bytes_put_u8(to, ' ');
		answer_put(aside, "event", to);
	}
	bytes_put_text(to, "  ");
	answer_put(aside, "waybill_id", to);
	if (answer_text(aside, "recipient")[0] != '\0') {
		bytes_put_u8(to, '/');
		answer_put(aside, "recipient", to);
	}
	bytes_put_text(to, "\n    ");
	answer_put(aside, "code", to);
	if (message != NULL)
		bytes_put_format(to, " %s",
		    cli->is_chinese ? message->zh.title : message->en.title);
	bytes_put_format(to, "%s%" PRId64 "%s%s\n",
	    cli_text(cli, "，已試次數 ", ", tries: "),
	    answer_integer(aside, "failures"),
	    cli_text(cli, "，下次 ", ", next "), time);
}

static void
put_queue(const struct cli *cli, const struct json_value *root,
    struct bytes *to)
{
	const struct json_value *list = json_value_member(root, "destinations");
	const struct json_value *aside = json_value_member(root, "set_aside");

	if (json_value_count(list) == 0)
		bytes_put_text(to,
		    cli_text(cli, "沒有等候送往其他交換中心的項目\n",
			"nothing waits for other centers\n"));
	for (size_t i = 0; i < json_value_count(list); i++)
		put_counts(cli, json_value_item(list, i), to);
	if (json_value_count(aside) > 0)
		bytes_put_format(to, "\n%s\n",
		    cli_text(cli, "遭拒而擱置的項目（其餘照常送出）：",
			"Refused and set aside (all else goes on):"));
	for (size_t i = 0; i < json_value_count(aside); i++)
		put_aside(cli, json_value_item(aside, i), to);
}

static int
run(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes text = { 0 };
	int rc = -1;

	if (answer_open(&answer, cli, err) == 0)
		rc = answer_get(&answer, "/v1/queue", err);
	if (rc == 0 && cli->json) {
		answer_print(&answer);
	} else if (rc == 0) {
		put_queue(cli, answer_root(&answer), &text);
		rc = bytes_failed(&text, err);
		cli_print(&text);
	}
	bytes_free(&text);
	answer_close(&answer);
	return rc;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "configuration of the center" },
	{ NULL, 0, NULL, NULL },
};

const struct command queue_list_command = {
	.name = "queue list",
	.summary = "show what waits at a center for other centers",
	.summary_zh = "列出等候送往其他交換中心與遭拒擱置的項目",
	.arguments = "",
	.arguments_max = 0,
	.examples = "yizhan queue list -c center-a.conf\n",
	.options = options,
	.run = run,
};
