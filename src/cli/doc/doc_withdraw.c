/*
 * yizhan doc undo, withdraw and paper: what a sender does about a letter that
 * has not left, or has not been fetched.
 */
#include <stdio.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "model/id.h"
#include "model/org.h"

enum { TARGET_SIZE = 160, RECIPIENTS_MAX = 64 };

/* The only recipient, when none is named. */
static int
find_recipient(struct answer *answer, const char *document, char *to,
    size_t size, struct error *err)
{
	const struct json_value *list;
	char target[TARGET_SIZE];

	snprintf(target, sizeof(target), "/v1/outbox/%s", document);
	if (answer_get(answer, target, err) < 0)
		return -1;
	list = json_value_member(answer_root(answer), "deliveries");
	if (json_value_count(list) != 1 ||
	    !text_copy(to, size,
		answer_text(json_value_item(list, 0), "recipient")))
		return cli_refuse(err,
		    "the letter went to %zu recipients: name the codes of "
		    "those whom you mean",
		    json_value_count(list));
	return 0;
}

static int
ask(struct answer *answer, const char *document, const char *recipient,
    const char *verb, struct error *err)
{
	char target[TARGET_SIZE];

	snprintf(target, sizeof(target), "/v1/outbox/%s/%s:%s", document,
	    recipient, verb);
	return answer_post(answer, target, "{}", err);
}

static int
ask_all(struct cli *cli, struct answer *answer, const char *verb,
    struct error *err)
{
	const char *document = cli_argument(cli, 0);
	char only[ORG_TEXT_SIZE];
	const char *recipient;

	if (cli_argument(cli, 1) == NULL)
		return find_recipient(answer, document, only, sizeof(only),
			   err) < 0
		    ? -1
		    : ask(answer, document, only, verb, err);
	for (int i = 1; (recipient = cli_argument(cli, i)) != NULL; i++)
		if (ask(answer, document, recipient, verb, err) < 0)
			return -1;
	return 0;
}

/* Names go into a path: nothing but an id and codes may. */
static int
check_names(const struct cli *cli, struct error *err)
{
	const char *name = cli_argument(cli, 0);
	struct org_code code;
	struct id id;

	if (name == NULL)
		return cli_refuse(err, "which letter?");
	if (!id_parse(name, &id))
		return cli_refuse(err, "\"%s\" is no id of a letter", name);
	for (int i = 1; (name = cli_argument(cli, i)) != NULL; i++)
		if (!org_code_parse(name, &code))
			return cli_refuse(err,
			    "\"%s\" is no code of an organisation", name);
	return 0;
}

static int
run(struct cli *cli, const char *verb, struct error *err)
{
	struct answer answer = { 0 };
	int rc = -1;

	if (check_names(cli, err) == 0 && answer_open(&answer, cli, err) == 0)
		rc = ask_all(cli, &answer, verb, err);
	if (rc == 0)
		answer_show(&answer);
	answer_close(&answer);
	return rc;
}

static int
run_withdraw(struct cli *cli, struct error *err)
{
	return run(cli, "withdraw", err);
}

static int
run_paper(struct cli *cli, struct error *err)
{
	return run(cli, "paper", err);
}

/* The letter as a whole. */
static int
run_undo(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	char target[TARGET_SIZE];
	int rc = -1;

	if (check_names(cli, err) == 0 && answer_open(&answer, cli, err) == 0) {
		snprintf(target, sizeof(target), "/v1/outbox/%s:undo",
		    cli_argument(cli, 0));
		rc = answer_post(&answer, target, "{}", err);
	}
	if (rc == 0)
		answer_show(&answer);
	answer_close(&answer);
	return rc;
}

static const struct command_option options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ NULL, 0, NULL, NULL },
};

const struct command doc_undo_command = {
	.name = "doc undo",
	.summary = "undo a letter that is still held: nothing of it leaves",
	.summary_zh = "撤回尚在可撤回時間內的公文（完全不送出）",
	.arguments = "ID",
	.arguments_max = 1,
	.examples = "yizhan doc undo DOCUMENT\n",
	.options = options,
	.run = run_undo,
};

const struct command doc_withdraw_command = {
	.name = "doc withdraw",
	.summary = "take a letter back that was not fetched yet",
	.summary_zh = "撤回對方尚未取件的公文",
	.arguments = "ID [CODE...]",
	.arguments_max = 1 + RECIPIENTS_MAX,
	.examples = "yizhan doc withdraw DOCUMENT 376470000A\n",
	.options = options,
	.run = run_withdraw,
};

const struct command doc_paper_command = {
	.name = "doc paper",
	.summary = "change a delivery to paper, withdrawing it if that is "
		   "possible",
	.summary_zh = "改送紙本（對方尚未取件者一併撤回）",
	.arguments = "ID [CODE...]",
	.arguments_max = 1 + RECIPIENTS_MAX,
	.examples = "yizhan doc paper DOCUMENT 376470000A\n",
	.options = options,
	.run = run_paper,
};
