/*
 * yizhan doc confirm, return and notice: what a person answers to a letter.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/desk/desk_ask.h"
#include "json/json_write.h"

enum { TARGET_SIZE = ANSWER_TARGET_SIZE + 16, BODY_SIZE = 12288 };

/* `body` is an object: its members go into that of the request. */
static int
act_on_many(struct cli *cli, const char *verb, const char *body,
    struct error *err)
{
	char target[TARGET_SIZE];
	char rest[BODY_SIZE];
	size_t len = strlen(body);

	snprintf(target, sizeof(target), "/v1/inbox:%s", verb);
	snprintf(rest, sizeof(rest), "%s%.*s", len > 2 ? "," : "",
	    (int)(len - 2), body + 1);
	return desk_post_letters(cli, target, rest, err);
}

static int
act(struct cli *cli, const char *verb, const char *body, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes text = { 0 };
	char found[ANSWER_TARGET_SIZE];
	char target[TARGET_SIZE];
	int rc = -1;

	if (cli_argument(cli, 0) == NULL)
		return cli_refuse(err, "which letter?");
	if (cli_argument(cli, 1) != NULL)
		return act_on_many(cli, verb, body, err);
	if (answer_open(&answer, cli, err) == 0 &&
	    answer_find_inbox(&answer, cli_argument(cli, 0), found, err) == 0) {
		snprintf(target, sizeof(target), "%s:%s", found, verb);
		rc = answer_post(&answer, target, body, err);
	}
	if (rc == 0 && cli->json) {
		answer_print(&answer);
	} else if (rc == 0) {
		answer_put_line(cli, answer_root(&answer), &text);
		cli_print(&text);
	}
	bytes_free(&text);
	answer_close(&answer);
	return rc;
}

static int
run_confirm(struct cli *cli, struct error *err)
{
	return act(cli, "confirm", "{}", err);
}

/* -2 if --reason is none of the reasons, which end with NULL. */
static int
act_with_reason(struct cli *cli, const char *verb, const char *const *reasons,
    struct error *err)
{
	const char *reason = cli_value(cli, "reason");
	const char *words = cli_value(cli, "words");
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	bool is_known = false;
	int rc = -1;

	for (size_t i = 0; reason != NULL && reasons[i] != NULL; i++)
		is_known = is_known || text_equal(reasons[i], reason);
	if (!is_known)
		return -2;
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "reason", reason);
	if (words != NULL)
		json_write_text(&writer, "words", words);
	json_write_end(&writer);
	bytes_put_u8(&body, '\0');
	if (json_write_done(&writer, err) < 0)
		rc = -1;
	else if (body.len >= BODY_SIZE)
		rc = error_set_id(err, "E4504", ERROR_MALFORMED,
		    "%zu bytes of words", strlen(words));
	else
		rc = act(cli, verb, (const char *)body.data, err);
	bytes_free(&body);
	return rc;
}

static int
run_return(struct cli *cli, struct error *err)
{
	static const char *const reasons[] = { "misdirected", "incomplete",
		"attachment_missing", "unreadable", "other", NULL };
	int rc = act_with_reason(cli, "return", reasons, err);

	return rc != -2 ? rc
			: cli_refuse(err,
			      "--reason is one of misdirected, incomplete, "
			      "attachment_missing, unreadable, other");
}

static int
run_notice(struct cli *cli, struct error *err)
{
	static const char *const reasons[] = { "misdirected", "incomplete",
		"attachment_missing", "other", NULL };
	int rc = act_with_reason(cli, "notice", reasons, err);

	return rc != -2 ? rc
			: cli_refuse(err,
			      "--reason is one of misdirected, incomplete, "
			      "attachment_missing, other");
}

static const struct command_option confirm_options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option return_options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ "reason", 0, "REASON",
	    "misdirected, incomplete, attachment_missing, unreadable, other" },
	{ "words", 0, "TEXT",
	    "what to tell the sender, who alone can read it" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option notice_options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ "reason", 0, "REASON",
	    "misdirected, incomplete, attachment_missing, other" },
	{ "words", 0, "TEXT",
	    "what to tell the sender, who alone can read it" },
	{ NULL, 0, NULL, NULL },
};

const struct command doc_confirm_command = {
	.name = "doc confirm",
	.summary = "sign for letters that came in",
	.summary_zh = "簽收公文（可批次）",
	.arguments = "ID[/CODE]...",
	.arguments_max = 500,
	.examples = "yizhan doc confirm WAYBILL/376470000A\n",
	.options = confirm_options,
	.run = run_confirm,
};

const struct command doc_return_command = {
	.name = "doc return",
	.summary = "return letters that came in, with a reason",
	.summary_zh = "退文（附理由，可批次）",
	.arguments = "ID[/CODE]...",
	.arguments_max = 500,
	.examples =
	    "yizhan doc return WAYBILL/376470000A --reason misdirected\n",
	.options = return_options,
	.run = run_return,
};

const struct command doc_notice_command = {
	.name = "doc notice",
	.summary = "tell the sender of a mistake in a letter that was signed "
		   "for",
	.summary_zh = "簽收後通知發文機關誤送或疏漏",
	.arguments = "ID[/CODE]",
	.arguments_max = 1,
	.examples =
	    "yizhan doc notice WAYBILL/376470000A --reason misdirected\n",
	.options = notice_options,
	.run = run_notice,
};
