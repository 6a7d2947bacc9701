/*
 * yizhan webhook: where events are told, and what could not be told.
 */
#include <inttypes.h>
#include <stdio.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "json/json_write.h"

enum { TARGET_SIZE = 96 };

/* ---- words -------------------------------------------------------------------- */

static void
put_outcome(const struct json_value *value, struct bytes *to)
{
	int64_t status = answer_integer(value, "status");

	if (status != 0)
		bytes_put_format(to, "%" PRId64 " ", status);
	answer_put(value, "why", to);
}

static void
put_hook(const struct cli *cli, const struct json_value *hook, struct bytes *to)
{
	bool is_enabled = false;
	int64_t failures = answer_integer(hook, "failures");

	json_value_bool(json_value_member(hook, "enabled"), &is_enabled);
	bytes_put_format(to, "%" PRId64 "  ", answer_integer(hook, "id"));
	answer_put(hook, "url", to);
	bytes_put_text(to, "  ");
	answer_put(hook, "organisation", to);
	bytes_put_format(to, "  %s%" PRId64,
	    cli_text(cli, "已送至事件 ", "told up to "),
	    answer_integer(hook, "after"));
	if (!is_enabled)
		bytes_put_text(to, cli_text(cli, "  已停用", "  disabled"));
	if (failures > 0) {
		bytes_put_format(to, "  %s%" PRId64 "  ",
		    cli_text(cli, "失敗 ", "failed "), failures);
		put_outcome(hook, to);
		bytes_put_text(to, cli_text(cli, "  下次 ", "  next try "));
		answer_put_time(hook, "next_try", to);
	}
	bytes_put_text(to, "\n");
}

static void
put_hooks(const struct cli *cli, const struct json_value *root,
    struct bytes *to)
{
	const struct json_value *list = json_value_member(root, "webhooks");

	for (size_t i = 0; i < json_value_count(list); i++)
		put_hook(cli, json_value_item(list, i), to);
}

static void
put_new(const struct cli *cli, const struct json_value *root, struct bytes *to)
{
	bytes_put_format(to, "%" PRId64 "  ", answer_integer(root, "id"));
	answer_put(root, "secret", to);
	bytes_put_text(to, "\n");
	cli_say(cli, "%s\n",
	    cli_text(cli, "密鑰只顯示這一次：接收端用它檢查簽章。",
		"The secret is shown this once: the receiver checks "
		"signatures by it."));
}

static void
put_dead(const struct cli *cli, const struct json_value *root, struct bytes *to)
{
	const struct json_value *list = json_value_member(root, "dead");

	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *dead = json_value_item(list, i);

		bytes_put_format(to, "%" PRId64 "  ",
		    answer_integer(dead, "event"));
		answer_put_time(dead, "at", to);
		bytes_put_text(to, "  ");
		put_outcome(dead, to);
		bytes_put_text(to, "\n");
	}
	if (json_value_count(list) > 0)
		cli_say(cli, "%s webhook replay %s --after N\n", cli->program,
		    cli_argument(cli, 0));
}

static void
put_test(const struct cli *cli, const struct json_value *root, struct bytes *to)
{
	bool is_taken = false;

	json_value_bool(json_value_member(root, "taken"), &is_taken);
	bytes_put_text(to,
	    is_taken ? cli_text(cli, "已收下 ", "taken ")
		     : cli_text(cli, "未收下 ", "not taken "));
	put_outcome(root, to);
	bytes_put_text(to, "\n");
}

/* ---- asking -------------------------------------------------------------------- */

static int
run_list(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	int rc = answer_open(&answer, cli, err);

	if (rc == 0)
		rc = answer_get(&answer, "/v1/webhooks", err);
	if (rc == 0)
		rc = answer_say(&answer, put_hooks, err);
	answer_close(&answer);
	return rc;
}

/* POST what `body` holds, and show what came. */
static int
post(struct cli *cli, const char *target, struct bytes *body, answer_put_fn put,
    struct error *err)
{
	struct answer answer = { 0 };
	int rc = -1;

	if (answer_open(&answer, cli, err) == 0 &&
	    answer_post_body(&answer, target, body, err) == 0)
		rc = answer_say(&answer, put, err);
	answer_close(&answer);
	return rc;
}

static int
run_add(struct cli *cli, struct error *err)
{
	const char *url = cli_argument(cli, 0);
	const char *organisation = cli_value(cli, "organisation");
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	int rc;

	if (url == NULL || organisation == NULL)
		return cli_refuse(err,
		    "URL and --organisation CODE say where whose events go");
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "url", url);
	json_write_text(&writer, "organisation", organisation);
	json_write_end(&writer);
	rc = post(cli, "/v1/webhooks", &body, put_new, err);
	bytes_free(&body);
	return rc;
}

/* The path of one webhook, with what follows its number. */
static int
put_target(const struct cli *cli, const char *verb, char to[TARGET_SIZE],
    struct error *err)
{
	const char *id = cli_argument(cli, 0);
	uint64_t number;

	if (id == NULL || !text_parse_u64(id, INT64_MAX, &number))
		return cli_refuse(err,
		    "which webhook? The numbers are in yizhan webhook list");
	snprintf(to, TARGET_SIZE, "/v1/webhooks/%" PRIu64 "%s", number, verb);
	return 0;
}

static int
act(struct cli *cli, const char *verb, struct bytes *body, answer_put_fn put,
    struct error *err)
{
	char target[TARGET_SIZE];
	int rc = -1;

	if (put_target(cli, verb, target, err) == 0)
		rc = post(cli, target, body, put, err);
	bytes_free(body);
	return rc;
}

static int
act_plain(struct cli *cli, const char *verb, answer_put_fn put,
    struct error *err)
{
	struct bytes body = { 0 };

	bytes_put_text(&body, "{}");
	return act(cli, verb, &body, put, err);
}

static int
run_test(struct cli *cli, struct error *err)
{
	return act_plain(cli, ":test", put_test, err);
}

static int
run_enable(struct cli *cli, struct error *err)
{
	return act_plain(cli, ":enable", put_hook, err);
}

static int
run_disable(struct cli *cli, struct error *err)
{
	return act_plain(cli, ":disable", put_hook, err);
}

static int
run_replay(struct cli *cli, struct error *err)
{
	const char *after = cli_value(cli, "after");
	struct bytes body = { 0 };
	uint64_t number;

	if (after == NULL || !text_parse_u64(after, INT64_MAX, &number))
		return cli_refuse(err,
		    "--after N: events behind that number are told again");
	bytes_put_format(&body, "{\"after\":%" PRIu64 "}", number);
	return act(cli, ":replay", &body, put_hook, err);
}

static int
run_dead(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	char target[TARGET_SIZE];
	int rc = -1;

	if (put_target(cli, "/dead", target, err) == 0 &&
	    answer_open(&answer, cli, err) == 0 &&
	    answer_get(&answer, target, err) == 0)
		rc = answer_say(&answer, put_dead, err);
	answer_close(&answer);
	return rc;
}

/* ---- the commands ---------------------------------------------------------------- */

static const struct command_option host_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option add_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ "organisation", 0, "CODE", "whose events" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option replay_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ "after", 0, "N", "the event before the first to be told again" },
	{ NULL, 0, NULL, NULL },
};

const struct command webhook_add_command = {
	.name = "webhook add",
	.summary = "have events told to a document system",
	.summary_zh = "登記接收事件通知的網址",
	.arguments = "URL",
	.arguments_max = 1,
	.examples = "yizhan webhook add https://10.1.2.9/hook "
		    "--organisation 376490000A\n",
	.options = add_options,
	.run = run_add,
};

const struct command webhook_list_command = {
	.name = "webhook list",
	.summary = "list where events are told, and how far",
	.summary_zh = "列出事件通知網址與進度",
	.arguments = "",
	.arguments_max = 0,
	.examples = "yizhan webhook list\n",
	.options = host_options,
	.run = run_list,
};

const struct command webhook_test_command = {
	.name = "webhook test",
	.summary = "tell one event that did not happen",
	.summary_zh = "送出一則測試通知",
	.arguments = "WEBHOOK",
	.arguments_max = 1,
	.examples = "yizhan webhook test 1\n",
	.options = host_options,
	.run = run_test,
};

const struct command webhook_dead_command = {
	.name = "webhook dead",
	.summary = "list events that nobody took",
	.summary_zh = "列出無人收下的通知",
	.arguments = "WEBHOOK",
	.arguments_max = 1,
	.examples = "yizhan webhook dead 1\n",
	.options = host_options,
	.run = run_dead,
};

const struct command webhook_replay_command = {
	.name = "webhook replay",
	.summary = "tell events again from one on",
	.summary_zh = "自指定事件起重送通知",
	.arguments = "WEBHOOK",
	.arguments_max = 1,
	.examples = "yizhan webhook replay 1 --after 4711\n",
	.options = replay_options,
	.run = run_replay,
};

const struct command webhook_enable_command = {
	.name = "webhook enable",
	.summary = "go on telling",
	.summary_zh = "啟用通知網址",
	.arguments = "WEBHOOK",
	.arguments_max = 1,
	.examples = "yizhan webhook enable 1\n",
	.options = host_options,
	.run = run_enable,
};

const struct command webhook_disable_command = {
	.name = "webhook disable",
	.summary = "tell nothing for now",
	.summary_zh = "停用通知網址",
	.arguments = "WEBHOOK",
	.arguments_max = 1,
	.examples = "yizhan webhook disable 1\n",
	.options = host_options,
	.run = run_disable,
};
