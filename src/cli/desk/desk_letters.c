/* yizhan doc assign, hand-back, fetch and waiting. */

#include "base/error.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/desk/desk_ask.h"
#include "http/http_path.h"
#include "json/json_write.h"

/* The members of `body`, an object, with a comma before. */
static int
post_with(struct cli *cli, const char *target, struct bytes *body,
    struct error *err)
{
	int rc;

	/* {"a":1} becomes ,"a":1 */
	if (bytes_failed(body, err) < 0)
		return -1;
	body->data[0] = ',';
	body->data[body->len - 1] = '\0';
	rc = desk_post_letters(cli, target, (const char *)body->data, err);
	bytes_free(body);
	return rc;
}

static int
write_person(struct cli *cli, struct json_writer *writer, struct error *err)
{
	const char *name = cli_value(cli, "person");
	struct answer answer = { 0 };
	int64_t id;
	int rc = -1;

	if (name == NULL)
		return 0;
	if (answer_open(&answer, cli, err) == 0 &&
	    answer_find_person(&answer, name, &id, err) == 0) {
		json_write_int(writer, "person", id);
		rc = 0;
	}
	answer_close(&answer);
	return rc;
}

static int
run_assign(struct cli *cli, struct error *err)
{
	const char *unit = cli_value(cli, "unit");
	const char *note = cli_value(cli, "note");
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);

	if (unit == NULL && cli_value(cli, "person") == NULL)
		return cli_refuse(err, "--unit CODE or --person NAME gets it");
	json_write_begin_object(&writer, NULL);
	if (unit != NULL)
		json_write_text(&writer, "unit", unit);
	json_write_text(&writer, "note", note != NULL ? note : "");
	if (write_person(cli, &writer, err) < 0) {
		bytes_free(&body);
		return -1;
	}
	json_write_end(&writer);
	return post_with(cli, "/v1/inbox:assign", &body, err);
}

static int
run_hand_back(struct cli *cli, struct error *err)
{
	const char *reason = cli_value(cli, "reason");
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);

	if (reason == NULL)
		return cli_refuse(err, "--reason TEXT says why");
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "reason", reason);
	json_write_end(&writer);
	return post_with(cli, "/v1/inbox:hand-back", &body, err);
}

static void
put_fetching(const struct cli *cli, const struct json_value *root,
    struct bytes *to)
{
	bytes_put_format(to, "%s %lld\n",
	    cli_text(cli, "立即收文件數：", "letters being fetched:"),
	    (long long)answer_integer(root, "fetching"));
}

static int
run_fetch(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	int rc = -1;

	if (answer_open(&answer, cli, err) == 0 &&
	    answer_post(&answer, "/v1/inbox:fetch", "{}", err) == 0)
		rc = answer_say(&answer, put_fetching, err);
	answer_close(&answer);
	return rc;
}

static void
put_waiting(const struct cli *cli, const struct json_value *root,
    struct bytes *to)
{
	const struct json_value *list = json_value_member(root, "waiting");

	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *item = json_value_item(list, i);

		answer_put(item, "waybill_id", to);
		bytes_put_text(to, "/");
		answer_put(item, "recipient", to);
		bytes_put_text(to, "  ");
		answer_put_word(cli, answer_text(item, "speed"), to);
		bytes_put_text(to, "  ");
		answer_put_time(item, "fetch_at", to);
		bytes_put_text(to, "\n");
	}
	cli_say(cli, "%s %lld\n", cli_text(cli, "待收件數：", "waiting:"),
	    (long long)answer_integer(root, "count"));
}

static int
run_waiting(struct cli *cli, struct error *err)
{
	const char *cursor = cli_value(cli, "cursor");
	struct answer answer = { 0 };
	struct bytes target = { 0 };
	int rc = -1;

	bytes_put_text(&target, "/v1/waiting?limit=200&cursor=");
	http_path_put(&target, cursor != NULL ? cursor : "");
	bytes_put_u8(&target, '\0');
	if (bytes_failed(&target, err) == 0 &&
	    answer_open(&answer, cli, err) == 0 &&
	    answer_get(&answer, (const char *)target.data, err) == 0)
		rc = answer_say(&answer, put_waiting, err);
	bytes_free(&target);
	answer_close(&answer);
	return rc;
}

static const struct command_option assign_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ "unit", 0, "CODE", "the unit that gets it" },
	{ "person", 0, "NAME", "who gets it, by name or number" },
	{ "note", 0, "TEXT", "a remark" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option back_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ "reason", 0, "TEXT", "why" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option host_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option list_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ "cursor", 0, "TEXT", "go on where \"next\" of a list says" },
	{ NULL, 0, NULL, NULL },
};

const struct command doc_assign_command = {
	.name = "doc assign",
	.summary = "assign letters to a unit or person, or move them",
	.summary_zh = "分文、改分",
	.arguments = "ID[/CODE]...",
	.arguments_max = 500,
	.examples = "yizhan doc assign WAYBILL/376470000A --unit TAX\n",
	.options = assign_options,
	.run = run_assign,
};

const struct command doc_hand_back_command = {
	.name = "doc hand-back",
	.summary = "send letters back to the registry desk",
	.summary_zh = "退分（退回登記桌）",
	.arguments = "ID[/CODE]...",
	.arguments_max = 500,
	.examples =
	    "yizhan doc hand-back WAYBILL/376470000A --reason 非本科業務\n",
	.options = back_options,
	.run = run_hand_back,
};

const struct command doc_fetch_command = {
	.name = "doc fetch",
	.summary = "fetch now what waits for its time",
	.summary_zh = "立即收文",
	.arguments = "",
	.examples = "yizhan doc fetch\n",
	.options = host_options,
	.run = run_fetch,
};

const struct command doc_waiting_command = {
	.name = "doc waiting",
	.summary = "list what waits at the center for its time",
	.summary_zh = "列出待收公文",
	.arguments = "",
	.examples = "yizhan doc waiting\n",
	.options = list_options,
	.run = run_waiting,
};
