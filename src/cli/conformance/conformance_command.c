/* yizhan conformance: who is asked as whom, and the report. */
#include "cli/conformance/conformance.h"

#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "crypto/random.h"
#include "json/json_read.h"
#include "role/listener/web_files.h"
#include "sys/file.h"

enum { TOKEN_MAX = 256, RUN_LEN = 8, CONTRACT_MAX = 8 * 1024 * 1024 };

static int
open_role(struct conformance *run, enum conformance_role role, const char *url,
    const char *token_file, struct error *err)
{
	struct yizhan_options options = { .url = url,
		.ca_file = cli_value(run->cli, "cacert"),
		.is_insecure = cli_has(run->cli, "insecure") };
	struct bytes token = { 0 };
	int rc = file_read_all(AT_FDCWD, token_file, TOKEN_MAX, &token, err);

	while (token.len > 0 && token.data[token.len - 1] <= ' ')
		token.len--;
	bytes_put_u8(&token, '\0');
	if (rc == 0)
		rc = bytes_failed(&token, err);
	options.token = (const char *)token.data;
	if (rc == 0 && yizhan_open(&options, &run->apis[role]) != YIZHAN_OK)
		rc = cli_refuse(err, "%s is not https://ADDRESS:PORT", url);
	bytes_wipe(&token);
	return rc;
}

static int
open_roles(struct conformance *run, const char *url, struct error *err)
{
	const char *token = cli_value(run->cli, "token-file");
	const char *reader = cli_value(run->cli, "reader-token-file");
	const char *receiver = cli_value(run->cli, "receiver-token-file");
	const char *there = cli_value(run->cli, "receiver");

	if (url == NULL || token == NULL)
		return cli_refuse(err,
		    "--against URL and --token-file FILE say which system, and "
		    "as whom");
	if (open_role(run, CONFORMANCE_SENDER, url, token, err) < 0)
		return -1;
	if (reader != NULL &&
	    open_role(run, CONFORMANCE_READER, url, reader, err) < 0)
		return -1;
	if (receiver != NULL &&
	    open_role(run, CONFORMANCE_RECEIVER, there != NULL ? there : url,
		receiver, err) < 0)
		return -1;
	return 0;
}

/* The code of the organisation that a token is for. */
static void
learn_code(struct conformance *run, enum conformance_role role, char *to,
    size_t size)
{
	struct conformance_answer answer;
	const struct json_value *list;

	conformance_get(run, role, "/v1/session", NULL, &answer);
	list = json_value_member(answer.root, "organisations");
	text_copy(to, size, conformance_text(json_value_item(list, 0), "code"));
	conformance_answer_free(&answer);
}

static int
begin(struct conformance *run, struct error *err)
{
	const struct web_file *contract = web_file_find("/v1/openapi.json");
	const char *letter = cli_value(run->cli, "letter");
	const char *recipient = cli_value(run->cli, "recipient");
	uint8_t random[RUN_LEN];

	if (letter == NULL)
		return cli_refuse(err,
		    "--letter FOLDER has a letter that can be sent there: .di, "
		    ".sw, attachments");
	if (contract == NULL ||
	    json_read(contract->plain.data, contract->plain.len, CONTRACT_MAX,
		&run->document, err) < 0 ||
	    random_fill(random, sizeof(random), err) < 0)
		return -1;
	run->contract = json_root(run->document);
	hex_format(random, sizeof(random), run->run);
	learn_code(run, CONFORMANCE_SENDER, run->sender, sizeof(run->sender));
	if (recipient != NULL)
		text_copy(run->recipient, sizeof(run->recipient), recipient);
	else if (run->apis[CONFORMANCE_RECEIVER] != NULL)
		learn_code(run, CONFORMANCE_RECEIVER, run->recipient,
		    sizeof(run->recipient));
	return conformance_load_letter(run, letter, err);
}

static void
end(struct conformance *run)
{
	for (int i = 0; i < CONFORMANCE_ROLES; i++)
		yizhan_close(run->apis[i]);
	json_document_free(run->document);
	bytes_free(&run->letter);
	bytes_free(&run->bare);
	bytes_free(&run->another);
	bytes_free(&run->apart);
	free(run->results);
}

static const struct {
	const char *name;
	void (*fn)(struct conformance *run);
} groups[] = {
	{ "errors", conformance_errors },
	{ "idempotency", conformance_repeats },
	{ "examples", conformance_examples },
	{ "etag", conformance_tags },
	{ "cursors", conformance_cursors },
	{ "events", conformance_events },
	{ "uploads", conformance_uploads },
	{ "series", conformance_series },
	{ "webhooks", conformance_webhooks },
};

/* Whether a list such as "etag,events" has the name; all for NULL. */
static bool
has_name(const char *list, const char *name)
{
	size_t len = strlen(name);

	while (list != NULL && *list != '\0') {
		size_t part = strcspn(list, ",");

		if (part == len && strncmp(list, name, len) == 0)
			return true;
		list += part;
		list += *list == ',' ? 1 : 0;
	}
	return list == NULL;
}

static int
check_names(const char *list, struct error *err)
{
	size_t found = 0;
	size_t wanted = 1;

	for (const char *at = list; at != NULL && *at != '\0'; at++)
		wanted += *at == ',' ? 1 : 0;
	for (size_t i = 0; list != NULL && i < ARRAY_LEN(groups); i++)
		found += has_name(list, groups[i].name) ? 1 : 0;
	return list == NULL || found == wanted
	    ? 0
	    : cli_refuse(err,
		  "--only lists errors, idempotency, examples, etag, cursors, "
		  "events, uploads, series, webhooks");
}

static void
run_groups(struct conformance *run)
{
	const char *only = cli_value(run->cli, "only");

	for (size_t i = 0; i < ARRAY_LEN(groups); i++)
		if (has_name(only, groups[i].name))
			groups[i].fn(run);
}

static int
run_all(struct cli *cli, struct error *err)
{
	struct conformance run = { .cli = cli, .hook = cli_value(cli, "hook") };
	const char *url = cli_value(cli, "against");
	int rc = -1;

	if (check_names(cli_value(cli, "only"), err) == 0 &&
	    open_roles(&run, url, err) == 0 && begin(&run, err) == 0) {
		run_groups(&run);
		conformance_print(&run, url);
		cli->exit_status = run.counts[CONFORMANCE_FAILED] > 0 ? 1 : 0;
		rc = 0;
	}
	end(&run);
	return rc;
}

static const struct command_option options[] = {
	{ "against", 0, "URL", "the system: https://ADDRESS:8443" },
	{ "token-file", 0, "FILE",
	    "a token with read, send, receive, events and webhooks" },
	{ "reader-token-file", 0, "FILE", "one with read alone" },
	{ "receiver", 0, "URL", "the recipient's gateway" },
	{ "receiver-token-file", 0, "FILE",
	    "a token there with read, receive and events" },
	{ "recipient", 0, "CODE", "the recipient of the letter" },
	{ "letter", 0, "FOLDER", "a letter to send: .di, .sw, attachments" },
	{ "only", 0, "GROUPS", "of the report's groups these: etag,events" },
	{ "hook", 0, "ADDRESS:PORT", "where to listen for webhooks" },
	{ "cacert", 0, "FILE", "anchors of its certificate, in PEM" },
	{ "insecure", 0, NULL, "do not check it: for yizhan demo alone" },
	{ NULL, 0, NULL, NULL },
};

const struct command conformance_command = {
	.name = "conformance",
	.summary = "check a system against the contract of the API",
	.summary_zh = "檢測其他系統是否符合閘道介面規約",
	.arguments = "",
	.arguments_max = 0,
	.examples = "yizhan conformance --against https://10.1.2.3:8443 "
		    "--token-file sender.token --letter letter/\n"
		    "yizhan conformance --against https://10.1.2.3:8443 "
		    "--token-file sender.token --reader-token-file "
		    "reader.token --receiver https://10.1.2.4:8443 "
		    "--receiver-token-file receiver.token --letter letter/ "
		    "--hook 10.1.2.9:9000 --json\n",
	.options = options,
	.run = run_all,
};
