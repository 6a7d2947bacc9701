/*
 * yizhan doc list and show.
 */

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "http/http_path.h"
#include "json/json_write.h"
#include "model/event.h"

/* The list's address; what the user wrote stays inside its parameter. */
static void
put_target(const struct cli *cli, struct bytes *to)
{
	static const char *const names[] = { "cursor", "state" };
	const char *limit = cli_value(cli, "limit");

	bytes_put_format(to,
	    "/v1/%s?limit=", cli_has(cli, "in") ? "inbox" : "outbox");
	http_path_put(to, limit != NULL ? limit : "50");
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (cli_has(cli, names[i])) {
			bytes_put_format(to, "&%s=", names[i]);
			http_path_put(to, cli_value(cli, names[i]));
		}
	}
	bytes_put_u8(to, '\0');
}

/*
 * A letter that was sent has a state for each delivery, so it is chosen here;
 * the inbox is chosen from by the host.
 */
static bool
is_chosen(const struct cli *cli, const struct json_value *document)
{
	const struct json_value *list =
	    json_value_member(document, "deliveries");
	const char *state = cli_value(cli, "state");

	if (state == NULL || cli_has(cli, "in"))
		return true;
	for (size_t i = 0; i < json_value_count(list); i++)
		if (text_equal(answer_text(json_value_item(list, i), "state"),
			state))
			return true;
	return false;
}

static int
put_list_json(const struct answer *answer, struct bytes *to, struct error *err)
{
	const struct json_value *list =
	    json_value_member(answer_root(answer), "documents");
	struct json_writer writer = json_writer_to(to);

	json_write_begin_object(&writer, NULL);
	json_write_begin_array(&writer, "documents");
	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *item = json_value_item(list, i);
		struct bytes one = { 0 };
		int rc = 0;

		if (is_chosen(answer->cli, item)) {
			rc = json_value_put(item, &one, err);
			json_write_raw(&writer, NULL, one.data, one.len);
		}
		bytes_free(&one);
		if (rc < 0)
			return -1;
	}
	json_write_end(&writer);
	json_write_text(&writer, "next",
	    answer_text(answer_root(answer), "next"));
	json_write_end(&writer);
	bytes_put_u8(to, '\n');
	return json_write_done(&writer, err);
}

static void
put_list(const struct answer *answer, struct bytes *to)
{
	const struct cli *cli = answer->cli;
	const struct json_value *list =
	    json_value_member(answer_root(answer), "documents");
	const char *next = answer_text(answer_root(answer), "next");

	for (size_t i = 0; i < json_value_count(list); i++)
		if (is_chosen(cli, json_value_item(list, i)))
			answer_put_line(cli, json_value_item(list, i), to);
	if (json_value_count(list) == 0)
		cli_say(cli, "%s\n", cli_text(cli, "沒有公文", "no letters"));
	if (next[0] != '\0')
		cli_say(cli, "%s --cursor %s\n",
		    cli_text(cli, "還有更多：", "there are more:"), next);
}

static int
run_list(struct cli *cli, struct error *err)
{
	enum delivery_state state;
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	struct bytes text = { 0 };
	int rc = -1;

	if (cli_has(cli, "state") &&
	    !delivery_state_parse(cli_value(cli, "state"), &state))
		return cli_refuse(err, "\"%s\" is no state of a letter",
		    cli_value(cli, "state"));
	put_target(cli, &target);
	if (bytes_failed(&target, err) < 0 ||
	    answer_open(&answer, cli, err) < 0 ||
	    answer_get(&answer, (const char *)target.data, err) < 0)
		goto done;
	if (!cli->json)
		put_list(&answer, &text);
	else if (cli_has(cli, "in") || !cli_has(cli, "state"))
		answer_print(&answer);
	else if (put_list_json(&answer, &text, err) < 0)
		goto done;
	rc = bytes_failed(&text, err);
	if (rc == 0)
		cli_print(&text);
done:
	bytes_free(&target);
	bytes_free(&text);
	answer_close(&answer);
	return rc;
}

static int
run_show(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	char target[ANSWER_TARGET_SIZE];
	int rc = -1;

	if (cli_argument(cli, 0) == NULL)
		return cli_refuse(err, "which letter?");
	if (answer_open(&answer, cli, err) == 0 &&
	    answer_find(&answer, cli_argument(cli, 0), target, err) == 0)
		rc = answer_get(&answer, target, err);
	if (rc == 0)
		answer_show(&answer);
	answer_close(&answer);
	return rc;
}

static const struct command_option list_options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ "in", 0, NULL, "letters that came in" },
	{ "out", 0, NULL, "letters that were sent (the default)" },
	{ "state", 0, "STATE", "only those in this state" },
	{ "limit", 0, "N", "at most so many" },
	{ "cursor", 0, "TEXT", "go on where \"next\" of a list says" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option show_options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ NULL, 0, NULL, NULL },
};

const struct command doc_list_command = {
	.name = "doc list",
	.summary = "list letters",
	.summary_zh = "列出公文",
	.arguments = "",
	.examples = "yizhan doc list --in\n",
	.options = list_options,
	.run = run_list,
};

const struct command doc_show_command = {
	.name = "doc show",
	.summary = "show a letter and what happened to it",
	.summary_zh = "顯示公文及其傳遞歷程",
	.arguments = "ID[/CODE]",
	.arguments_max = 1,
	.examples = "yizhan doc show 01a205dd-7d09-7fce-b9d4-a4d154863e54\n",
	.options = show_options,
	.run = run_show,
};
