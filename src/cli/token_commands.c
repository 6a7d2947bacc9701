/* yizhan token: which document systems may ask a gateway. */
#include <inttypes.h>
#include <stdio.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "json/json_write.h"

enum { TARGET_SIZE = 96, DAYS_MAX = 400 };

static void
put_tokens(const struct cli *cli, const struct json_value *root,
    struct bytes *to)
{
	const struct json_value *list = json_value_member(root, "tokens");

	for (size_t i = 0; i < json_value_count(list); i++) {
		const struct json_value *token = json_value_item(list, i);
		const struct json_value *scopes =
		    json_value_member(token, "scopes");

		bytes_put_format(to, "%" PRId64 "  ",
		    answer_integer(token, "id"));
		answer_put(token, "prefix", to);
		bytes_put_text(to, "…  ");
		answer_put(token, "name", to);
		bytes_put_text(to, "  ");
		answer_put(token, "organisation", to);
		bytes_put_text(to, " ");
		for (size_t j = 0; j < json_value_count(scopes); j++) {
			bytes_put_u8(to, ' ');
			cli_put(to,
			    json_value_text(json_value_item(scopes, j)));
		}
		bytes_put_text(to, "  ");
		if (answer_is_true(token, "revoked"))
			bytes_put_text(to, cli_text(cli, "已撤銷", "revoked"));
		else
			answer_put_time(token, "expires_at", to);
		bytes_put_text(to, "\n");
	}
}

static void
put_new_token(const struct cli *cli, const struct json_value *root,
    struct bytes *to)
{
	answer_put(root, "token", to);
	bytes_put_text(to, "\n");
	cli_say(cli, "%s\n",
	    cli_text(cli, "權杖只顯示這一次，請妥善保存。",
		"The token is shown this once: keep it where only its user "
		"reads it."));
}

static void
put_revoked(const struct cli *cli, const struct json_value *root,
    struct bytes *to)
{
	answer_put(root, "prefix", to);
	bytes_put_text(to, cli_text(cli, "… 已撤銷\n", "… is revoked\n"));
}

/* "read,send" as a list. */
static void
put_scopes(const char *scopes, struct json_writer *writer)
{
	json_write_begin_array(writer, "scopes");
	while (*scopes != '\0') {
		size_t len;

		scopes += strspn(scopes, ", ");
		len = strcspn(scopes, ", ");
		if (len > 0)
			json_write_text_len(writer, NULL, scopes, len);
		scopes += len;
	}
	json_write_end(writer);
}

static int
run_token_create(struct cli *cli, struct error *err)
{
	const char *name = cli_argument(cli, 0);
	const char *organisation = cli_value(cli, "organisation");
	const char *scopes = cli_value(cli, "scopes");
	const char *days = cli_value(cli, "days");
	struct answer answer = { 0 };
	struct bytes body = { 0 };
	struct json_writer writer = json_writer_to(&body);
	uint64_t number = 0;
	int rc;

	if (name == NULL || organisation == NULL || scopes == NULL)
		return cli_refuse(err,
		    "NAME, --organisation CODE and --scopes (read, send, "
		    "receive, events, webhooks, metrics) say what it is for");
	if (days != NULL && !text_parse_u64(days, DAYS_MAX, &number))
		return cli_refuse(err, "--days is a number up to %d", DAYS_MAX);
	json_write_begin_object(&writer, NULL);
	json_write_text(&writer, "name", name);
	json_write_text(&writer, "organisation", organisation);
	put_scopes(scopes, &writer);
	if (days != NULL)
		json_write_int(&writer, "days", (int64_t)number);
	json_write_end(&writer);
	rc = answer_open(&answer, cli, err);
	if (rc == 0)
		rc = answer_post_body(&answer, "/v1/tokens", &body, err);
	if (rc == 0)
		rc = answer_say(&answer, put_new_token, err);
	bytes_free(&body);
	answer_close(&answer);
	return rc;
}

static int
run_token_list(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	int rc = answer_open(&answer, cli, err);

	if (rc == 0)
		rc = answer_get(&answer, "/v1/tokens?limit=200", err);
	if (rc == 0)
		rc = answer_say(&answer, put_tokens, err);
	answer_close(&answer);
	return rc;
}

static int
run_token_revoke(struct cli *cli, struct error *err)
{
	const char *id = cli_argument(cli, 0);
	struct answer answer = { 0 };
	char target[TARGET_SIZE];
	uint64_t number;
	int rc;

	if (id == NULL || !text_parse_u64(id, INT64_MAX, &number))
		return cli_refuse(err,
		    "which token? The numbers are in yizhan token list");
	snprintf(target, sizeof(target), "/v1/tokens/%" PRIu64 ":revoke",
	    number);
	rc = answer_open(&answer, cli, err);
	if (rc == 0)
		rc = answer_post_body(&answer, target, NULL, err);
	if (rc == 0)
		rc = answer_say(&answer, put_revoked, err);
	answer_close(&answer);
	return rc;
}

/* ---- the commands --------------------------------------------------------- */

static const struct command_option host_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option create_options[] = {
	{ "config", 'c', "FILE", "configuration of the gateway" },
	{ "organisation", 0, "CODE", "whose letters it is about" },
	{ "scopes", 0, "LIST",
	    "read, send, receive, events, webhooks, "
	    "metrics" },
	{ "days", 0, "N", "how long it is valid: 365, 400 at most" },
	{ NULL, 0, NULL, NULL },
};

const struct command token_create_command = {
	.name = "token create",
	.summary = "make a token for a document system",
	.summary_zh = "核發公文管理系統使用的權杖",
	.arguments = "NAME",
	.arguments_max = 1,
	.examples = "yizhan token create dms --organisation 376490000A "
		    "--scopes read,send\n",
	.options = create_options,
	.run = run_token_create,
};

const struct command token_list_command = {
	.name = "token list",
	.summary = "list tokens, by the first letters of each",
	.summary_zh = "列出權杖",
	.arguments = "",
	.arguments_max = 0,
	.examples = "yizhan token list\n",
	.options = host_options,
	.run = run_token_list,
};

const struct command token_revoke_command = {
	.name = "token revoke",
	.summary = "let a token in no more",
	.summary_zh = "撤銷權杖",
	.arguments = "TOKEN",
	.arguments_max = 1,
	.examples = "yizhan token revoke 3\n",
	.options = host_options,
	.run = run_token_revoke,
};
