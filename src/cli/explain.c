/*
 * yizhan explain: the message catalogue for people and programs.
 */
#include <ctype.h>
#include <stdio.h>
#include <string.h>

#include "base/bytes.h"
#include "base/error.h"
#include "base/text.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "json/json_write.h"
#include "service/catalogue.h"

static void
write_text(struct json_writer *writer, const char *key,
    const struct message_text *text)
{
	json_write_begin_object(writer, key);
	json_write_text(writer, "title", text->title);
	json_write_text(writer, "cause", text->cause);
	json_write_text(writer, "next", text->next);
	json_write_end(writer);
}

static void
write_message(struct json_writer *writer, const struct message *message)
{
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "id", message->id);
	json_write_int(writer, "status", message->status);
	json_write_int(writer, "exit", message->exit_status);
	write_text(writer, "zh", &message->zh);
	write_text(writer, "en", &message->en);
	json_write_end(writer);
}

static void
put_message(const struct cli *cli, const struct message *message,
    struct bytes *to)
{
	const struct message_text *text =
	    cli->is_chinese ? &message->zh : &message->en;

	bytes_put_format(to, "%s  %s\n", message->id, text->title);
	bytes_put_format(to, "  %s%s\n", cli_text(cli, "原因：", "why:  "),
	    text->cause);
	bytes_put_format(to, "  %s%s\n", cli_text(cli, "處理：", "next: "),
	    text->next);
	bytes_put_format(to, "  HTTP %d, exit %d\n", message->status,
	    message->exit_status);
}

static void
put_list(const struct cli *cli, struct bytes *to)
{
	for (size_t i = 0; i < catalogue_count(); i++) {
		const struct message *message = catalogue_at(i);

		bytes_put_format(to, "%s  %s\n", message->id,
		    cli->is_chinese ? message->zh.title : message->en.title);
	}
}

/* "E1102", "e1102" and "problem/E1102", the end of a problem's URI. */
static const struct message *
find(const char *text)
{
	const char *slash = strrchr(text, '/');
	char id[ERROR_ID_SIZE];

	if (!text_copy(id, sizeof(id), slash != NULL ? slash + 1 : text))
		return NULL;
	id[0] = (char)toupper((unsigned char)id[0]);
	return catalogue_find(id);
}

static int
explain_json(const struct message *one, struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);

	if (one != NULL) {
		write_message(&writer, one);
	} else {
		json_write_begin_array(&writer, NULL);
		for (size_t i = 0; i < catalogue_count(); i++)
			write_message(&writer, catalogue_at(i));
		json_write_end(&writer);
	}
	bytes_put_text(to, "\n");
	return json_write_done(&writer, err);
}

static int
explain_run(struct cli *cli, struct error *err)
{
	const char *text = cli_argument(cli, 0);
	const struct message *one = NULL;
	struct bytes out = { 0 };
	int rc = 0;

	if (text != NULL) {
		one = find(text);
		if (one == NULL)
			return error_set_id(err, "E1204", ERROR_NOT_FOUND,
			    "\"%s\"", text);
	}
	if (cli->json)
		rc = explain_json(one, &out, err);
	else if (one != NULL)
		put_message(cli, one, &out);
	else
		put_list(cli, &out);
	if (rc == 0)
		rc = bytes_failed(&out, err);
	if (rc == 0)
		cli_print(&out);
	bytes_free(&out);
	return rc;
}

const struct command explain_command = {
	.name = "explain",
	.summary = "explain a message id: cause and next step",
	.summary_zh = "說明訊息編號的原因與處理方式",
	.arguments = "[ID]",
	.arguments_max = 1,
	.examples = "yizhan explain              list all ids\n"
		    "yizhan explain E1102\n"
		    "yizhan explain E1102 --json both languages\n",
	.run = explain_run,
};
