/*
 * yizhan recipient: by which way a letter would reach somebody, and what they
 * take.
 */
#include <fcntl.h>
#include <string.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/doc/recipient_word.h"
#include "json/json_write.h"
#include "sys/file.h"

enum { EXIT_DATA = 65 };

const char *
recipient_word(const struct cli *cli, const char *word)
{
	static const struct {
		const char *word, *zh, *en;
	} words[] = {
		{ "electronic", "電子", "electronic" },
		{ "paper", "紙本", "paper" },
		{ "suspended", "暫停", "suspended" },
		{ "dissolved", "裁撤", "dissolved" },
		{ "unknown", "查無", "unknown" },
		{ "active", "電子", "active" },
	};

	for (size_t i = 0; i < ARRAY_LEN(words); i++)
		if (text_equal(words[i].word, word))
			return cli_text(cli, words[i].zh, words[i].en);
	return word;
}

/* ---- recipients ------------------------------------------------------ */

static void
put_recipient(const struct cli *cli, const struct json_value *item,
    struct bytes *to)
{
	const struct json_value *candidates =
	    json_value_member(item, "candidates");
	const struct json_value *heir = json_value_member(item, "successor");

	cli_put(to, recipient_word(cli, answer_text(item, "way")));
	bytes_put_text(to, "  ");
	answer_put(item, "code", to);
	bytes_put_u8(to, ' ');
	answer_put(item,
	    answer_text(item, "name")[0] != '\0' ? "name" : "asked", to);
	if (answer_text(item, "rule")[0] != '\0') {
		bytes_put_text(to, "  ");
		answer_put(item, "rule", to);
		bytes_put_u8(to, ' ');
		answer_put(item, "title", to);
	}
	if (json_value_is_object(heir)) {
		bytes_put_text(to, " → ");
		answer_put(heir, "code", to);
		bytes_put_u8(to, ' ');
		answer_put(heir, "name", to);
	}
	bytes_put_u8(to, '\n');
	for (size_t i = 0; i < json_value_count(candidates); i++) {
		const struct json_value *one = json_value_item(candidates, i);

		bytes_put_text(to, "    ? ");
		answer_put(one, "code", to);
		bytes_put_u8(to, ' ');
		answer_put(one, "name", to);
		bytes_put_u8(to, '\n');
	}
}

static void
put_weakest(const struct cli *cli, const struct json_value *root,
    struct bytes *to)
{
	static const struct {
		const char *key, *zh, *en;
	} limits[] = {
		{ "letter_bytes", "公文大小上限（位元組）",
		    "bytes of a letter at most" },
		{ "attachments", "附件數上限", "attachments at most" },
		{ "file_name", "檔名字數上限", "characters of a file name" },
		{ "plain_names", "檔名限半形字元", "plain file names" },
	};
	const struct json_value *weakest = json_value_member(root, "weakest");

	for (size_t i = 0; i < ARRAY_LEN(limits); i++) {
		const struct json_value *one =
		    json_value_member(weakest, limits[i].key);

		if (answer_integer(one, "value") == 0)
			continue;
		bytes_put_format(to, "%s %lld ",
		    cli_text(cli, limits[i].zh, limits[i].en),
		    (long long)answer_integer(one, "value"));
		answer_put(one, "of", to);
		bytes_put_u8(to, '\n');
	}
}

static void
show_recipients(const struct answer *answer)
{
	const struct json_value *root = answer_root(answer);
	const struct json_value *list = json_value_member(root, "recipients");
	const struct json_value *findings = json_value_member(root, "findings");
	struct bytes text = { 0 };

	for (size_t i = 0; i < json_value_count(list); i++)
		put_recipient(answer->cli, json_value_item(list, i), &text);
	put_weakest(answer->cli, root, &text);
	for (size_t i = 0; i < json_value_count(findings); i++) {
		const struct json_value *one = json_value_item(findings, i);

		answer_put(one, "rule", &text);
		bytes_put_u8(&text, ' ');
		answer_put(one, "title", &text);
		bytes_put_u8(&text, ' ');
		answer_put(one, "file", &text);
		if (answer_text(one, "suggestion")[0] != '\0') {
			bytes_put_text(&text, " → ");
			answer_put(one, "suggestion", &text);
		}
		bytes_put_u8(&text, '\n');
	}
	cli_print(&text);
	bytes_free(&text);
}

static int
put_file(struct json_writer *writer, const char *path, struct error *err)
{
	const char *slash = strrchr(path, '/');
	uint64_t len = 0;
	int fd;
	int rc;

	if (file_open(AT_FDCWD, path, FILE_READ, &fd, err) < 0)
		return -1;
	rc = file_size(fd, &len, err);
	file_close(fd);
	if (rc < 0)
		return -1;
	json_write_begin_object(writer, NULL);
	json_write_text(writer, "name", slash != NULL ? slash + 1 : path);
	json_write_int(writer, "length", (int64_t)len);
	json_write_end(writer);
	return 0;
}

/* Codes, names and @GROUP; with --files those that would go along. */
static int
put_question(const struct cli *cli, struct bytes *to, struct error *err)
{
	struct json_writer writer = json_writer_to(to);
	const char *files = cli_value(cli, "file");
	int rc = 0;

	json_write_begin_object(&writer, NULL);
	if (cli_value(cli, "organisation") != NULL)
		json_write_text(&writer, "organisation",
		    cli_value(cli, "organisation"));
	json_write_begin_array(&writer, "recipients");
	for (int i = 0; cli_argument(cli, i) != NULL; i++) {
		const char *name = cli_argument(cli, i);

		if (name[0] != '@') {
			json_write_text(&writer, NULL, name);
			continue;
		}
		json_write_begin_object(&writer, NULL);
		json_write_text(&writer, "group", name + 1);
		json_write_end(&writer);
	}
	json_write_end(&writer);
	json_write_begin_array(&writer, "files");
	if (files != NULL)
		rc = put_file(&writer, files, err);
	json_write_end(&writer);
	json_write_end(&writer);
	bytes_put_u8(to, '\0');
	return rc < 0 ? -1 : json_write_done(&writer, err);
}

static int
run_recipient(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes body = { 0 };
	const struct json_value *counts;
	int rc = -1;

	if (cli_argument(cli, 0) == NULL)
		return cli_refuse(err, "which recipients?");
	if (put_question(cli, &body, err) == 0 &&
	    answer_open(&answer, cli, err) == 0)
		rc = answer_post(&answer, "/v1/recipients:check",
		    (const char *)body.data, err);
	if (rc == 0 && cli->json)
		answer_print(&answer);
	else if (rc == 0)
		show_recipients(&answer);
	if (rc == 0) {
		counts = json_value_member(answer_root(&answer), "counts");
		if (answer_integer(counts, "electronic") !=
		    (int64_t)json_value_count(
			json_value_member(answer_root(&answer), "recipients")))
			cli->exit_status = EXIT_DATA;
	}
	answer_close(&answer);
	bytes_free(&body);
	return rc;
}

static const struct command_option recipient_options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ "organisation", 0, "CODE", "whose, where there are several" },
	{ "file", 0, "FILE", "an attachment that would go along" },
	{ NULL, 0, NULL, NULL },
};

const struct command recipient_check_command = {
	.name = "recipient check",
	.summary = "how recipients are reached, and what they take",
	.summary_zh = "查受文者的傳送方式與可收限制",
	.arguments = "CODE|NAME|@GROUP...",
	.arguments_max = -1,
	.examples = "yizhan recipient check 彰化縣政府 376530000A @G01\n",
	.options = recipient_options,
	.run = run_recipient,
};
