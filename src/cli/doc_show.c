/*
 * yizhan doc list, show and wait.
 */
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "sys/clock.h"

enum { TARGET_SIZE = 640, POLL_S = 20 };

static int
run_list(struct cli *cli, struct error *err)
{
	const char *limit = cli_value(cli, "limit");
	const char *cursor = cli_value(cli, "cursor");
	const char *state = cli_value(cli, "state");
	struct answer answer = { 0 };
	struct bytes text = { 0 };
	char target[TARGET_SIZE];
	int rc = -1;

	snprintf(target, sizeof(target), "/v1/%s?limit=%s%s%s%s%s",
	    cli_has(cli, "in") ? "inbox" : "outbox",
	    limit != NULL ? limit : "50", cursor != NULL ? "&cursor=" : "",
	    cursor != NULL ? cursor : "", state != NULL ? "&state=" : "",
	    state != NULL ? state : "");
	if (answer_open(&answer, cli, err) == 0)
		rc = answer_get(&answer, target, err);
	if (rc == 0 && cli->json) {
		answer_print(&answer);
	} else if (rc == 0) {
		const struct json_value *list =
		    json_value_member(answer_root(&answer), "documents");

		for (size_t i = 0; i < json_value_count(list); i++)
			answer_put_line(cli, json_value_item(list, i), &text);
		cli_print(&text);
	}
	bytes_free(&text);
	answer_close(&answer);
	return rc;
}

static void
show(struct answer *answer)
{
	struct bytes text = { 0 };

	if (answer->cli->json) {
		answer_print(answer);
		return;
	}
	answer_put_document(answer->cli, answer_root(answer), &text);
	cli_print(&text);
	bytes_free(&text);
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
		show(&answer);
	answer_close(&answer);
	return rc;
}

/* "90", "90s", "5m", "1h" as seconds. */
static bool
parse_span(const char *text, uint64_t *ret_s)
{
	static const struct {
		const char *unit;
		uint64_t s;
	} units[] = { { "s", 1 }, { "m", 60 }, { "h", 3600 } };
	char number[16];

	for (size_t i = 0; i < ARRAY_LEN(units); i++) {
		if (text_ends(text, units[i].unit)) {
			if (!text_copy_len(number, sizeof(number), text,
				strlen(text) - 1) ||
			    !text_parse_u64(number, 1000000, ret_s))
				return false;
			*ret_s *= units[i].s;
			return true;
		}
	}
	return text_parse_u64(text, 1000000, ret_s);
}

static const char *const order[] = { "queued", "accepted", "relayed", "fetched",
	"opened", "confirmed" };

/* Place of a state in the order of steps; those beyond have ended. */
static size_t
place_of(const char *state)
{
	size_t i = 0;

	while (i < ARRAY_LEN(order) && !text_equal(order[i], state))
		i++;
	return i;
}

static bool
is_there(const struct json_value *root, const char *wanted)
{
	const struct json_value *list = json_value_member(root, "deliveries");

	for (size_t i = 0; i < json_value_count(list); i++)
		if (place_of(answer_text(json_value_item(list, i), "state")) <
		    place_of(wanted))
			return false;
	return true;
}

static int
wait_for(struct answer *answer, const char *id, const char *wanted,
    uint64_t limit_s, struct error *err)
{
	uint64_t end_us = clock_steady_us() + limit_s * 1000000;
	char target[TARGET_SIZE];

	for (;;) {
		uint64_t now_us = clock_steady_us();
		uint64_t left_s =
		    now_us < end_us ? (end_us - now_us) / 1000000 : 0;

		snprintf(target, sizeof(target),
		    "/v1/outbox/%s?for=%s&wait=%llu", id, wanted,
		    (unsigned long long)(left_s < POLL_S ? left_s : POLL_S));
		if (answer_get(answer, target, err) < 0)
			return -1;
		if (is_there(answer_root(answer), wanted))
			return 0;
		if (clock_steady_us() >= end_us || left_s == 0)
			return error_set_id(err, "E1210", ERROR_BUSY,
			    "%s is not \"%s\" after %llu s", id, wanted,
			    (unsigned long long)limit_s);
	}
}

static int
run_wait(struct cli *cli, struct error *err)
{
	const char *wanted = cli_value(cli, "for");
	const char *limit = cli_value(cli, "timeout");
	struct answer answer = { 0 };
	uint64_t limit_s = 3600;
	int rc = -1;

	if (cli_argument(cli, 0) == NULL)
		return cli_refuse(err, "which letter?");
	if (limit != NULL && !parse_span(limit, &limit_s))
		return cli_refuse(err, "\"%s\" is no time such as 90s or 1h",
		    limit);
	if (wanted == NULL)
		wanted = "confirmed";
	if (place_of(wanted) == ARRAY_LEN(order))
		return cli_refuse(err, "cannot wait for \"%s\"", wanted);
	if (answer_open(&answer, cli, err) == 0)
		rc = wait_for(&answer, cli_argument(cli, 0), wanted, limit_s,
		    err);
	if (rc == 0)
		show(&answer);
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

static const struct command_option wait_options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ "for", 0, "STATE", "accepted, opened or confirmed (the default)" },
	{ "timeout", 0, "TIME", "90s, 5m, 1h (the default)" },
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

const struct command doc_wait_command = {
	.name = "doc wait",
	.summary = "wait until a letter arrived or was signed for",
	.summary_zh = "等待公文送達或簽收",
	.arguments = "ID",
	.arguments_max = 1,
	.examples = "yizhan doc wait ID --for=opened --timeout=5m\n",
	.options = wait_options,
	.run = run_wait,
};
