/*
 * yizhan receipt list, save and verify.
 */
#include "envelope/receipt.h"

#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <unistd.h>

#include "base/error.h"
#include "base/text.h"
#include "cli/answer.h"
#include "cli/cli.h"
#include "cli/commands.h"
#include "cli/offline.h"
#include "cli/save_file.h"
#include "envelope/statement.h"
#include "json/json_write.h"
#include "model/digest.h"
#include "model/times.h"
#include "sys/clock.h"

enum { TARGET_SIZE = ANSWER_TARGET_SIZE + 16, NAME_SIZE = 128, CHUNK = 8192 };

static int
get_receipts(struct answer *answer, struct error *err)
{
	char letter[ANSWER_TARGET_SIZE];
	char target[TARGET_SIZE];

	if (cli_argument(answer->cli, 0) == NULL)
		return cli_refuse(err, "receipts of which letter?");
	if (answer_find(answer, cli_argument(answer->cli, 0), letter, err) < 0)
		return -1;
	snprintf(target, sizeof(target), "%s/receipts", letter);
	return answer_get(answer, target, err);
}

static void
put_line(const struct cli *cli, const struct json_value *item, struct bytes *to)
{
	answer_put_word(cli, answer_text(item, "event"), to);
	bytes_put_text(to, "  ");
	answer_put(item, "recipient", to);
	bytes_put_u8(to, '\n');
}

static int
run_list(struct cli *cli, struct error *err)
{
	struct answer answer = { 0 };
	struct bytes text = { 0 };
	int rc = -1;

	if (answer_open(&answer, cli, err) == 0)
		rc = get_receipts(&answer, err);
	if (rc == 0 && cli->json) {
		answer_print(&answer);
	} else if (rc == 0) {
		const struct json_value *list =
		    json_value_member(answer_root(&answer), "receipts");

		for (size_t i = 0; i < json_value_count(list); i++)
			put_line(cli, json_value_item(list, i), &text);
		cli_print(&text);
	}
	bytes_free(&text);
	answer_close(&answer);
	return rc;
}

static int
write_all(int fd, const struct bytes *data, struct error *err)
{
	size_t done = 0;

	while (done < data->len) {
		ssize_t len = write(fd, data->data + done, data->len - done);

		if (len < 0 && errno == EINTR)
			continue;
		if (len <= 0)
			return error_set_errno(err, "writing a receipt");
		done += (size_t)len;
	}
	return 0;
}

/* Named by what it proves: "ID-3-opened-376470000A.json". */
static int
save_one(const struct cli *cli, int dir, size_t number,
    const struct json_value *item, struct error *err)
{
	struct bytes json = { 0 };
	char name[NAME_SIZE];
	int fd = -1;
	int rc = -1;

	snprintf(name, sizeof(name), "%.36s-%zu-%s%s%s.json",
	    cli_argument(cli, 0), number, answer_text(item, "event"),
	    answer_text(item, "recipient")[0] != '\0' ? "-" : "",
	    answer_text(item, "recipient"));
	if (json_value_put(json_value_member(item, "receipt"), &json, err) ==
		0 &&
	    save_create(dir, name, &fd, err) == 0)
		rc = write_all(fd, &json, err);
	if (fd >= 0 && close(fd) < 0 && rc == 0)
		rc = error_set_errno(err, "writing %s", name);
	if (rc == 0)
		cli_say(cli, "%s\n", name);
	bytes_free(&json);
	return rc;
}

static int
run_save(struct cli *cli, struct error *err)
{
	const char *folder = cli_value(cli, "to");
	struct answer answer = { 0 };
	const struct json_value *list;
	int dir = -1;
	int rc = -1;

	if (folder == NULL)
		return cli_refuse(err, "receipt save needs --to DIR");
	if (answer_open(&answer, cli, err) < 0 ||
	    get_receipts(&answer, err) < 0 ||
	    save_open_folder(folder, &dir, err) < 0)
		goto done;
	list = json_value_member(answer_root(&answer), "receipts");
	rc = 0;
	for (size_t i = 0; i < json_value_count(list) && rc == 0; i++)
		rc = save_one(cli, dir, i, json_value_item(list, i), err);
	if (rc == 0 && cli->json)
		answer_print(&answer);
done:
	if (dir >= 0)
		close(dir);
	answer_close(&answer);
	return rc;
}

/* ---- verifying ------------------------------------------------------- */

static int
read_receipt(const char *path, struct bytes *to, struct error *err)
{
	int fd = open(path, O_RDONLY | O_CLOEXEC);
	uint8_t chunk[CHUNK];
	ssize_t len;

	if (fd < 0)
		return error_set_errno(err, "opening %s", path);
	do {
		len = read(fd, chunk, sizeof(chunk));
		if (len > 0)
			bytes_put(to, chunk, (size_t)len);
	} while (len > 0 && to->len <= RECEIPT_MAX);
	close(fd);
	return len < 0 ? error_set_errno(err, "reading %s", path)
		       : bytes_failed(to, err);
}

static void
put_proof(const struct cli *cli, const char *path,
    const struct message_receipt *receipt, struct json_writer *writer,
    struct bytes *text)
{
	const char *signer =
	    statement_signer_name((enum statement_signer)receipt->signer_class);
	char waybill[DIGEST_TEXT_SIZE];
	char time[TIMES_ROC_SIZE];

	if (cli->json) {
		json_write_begin_object(writer, NULL);
		json_write_text(writer, "file", path);
		json_write_text(writer, "event",
		    event_name((enum event)receipt->event));
		json_write_digest(writer, "waybill", &receipt->waybill);
		json_write_text(writer, "recipient", receipt->recipient);
		json_write_time(writer, "time", receipt->time);
		json_write_text(writer, "center", receipt->center);
		json_write_int(writer, "index", (int64_t)receipt->index);
		json_write_text(writer, "signer", signer);
		json_write_end(writer);
		return;
	}
	times_format_roc(receipt->time, time);
	digest_format(&receipt->waybill, waybill);
	bytes_put_format(text,
	    "%s: %s%s%s  %s\n    %s %s\n    %s #%llu, %s %s\n", path,
	    answer_word(cli, event_name((enum event)receipt->event)),
	    receipt->recipient[0] != '\0' ? " " : "", receipt->recipient, time,
	    cli_text(cli, "運單", "waybill"), waybill, receipt->center,
	    (unsigned long long)receipt->index,
	    cli_text(cli, "簽署者", "signed by the"), signer);
}

static int
verify_all(struct cli *cli, struct offline *offline, struct error *err)
{
	struct bytes text = { 0 };
	struct json_writer writer = json_writer_to(&text);
	int rc = 0;

	if (cli->json)
		json_write_begin_array(&writer, NULL);
	for (int i = 0; i < cli->argument_count && rc == 0; i++) {
		struct message_receipt receipt;
		struct bytes json = { 0 };

		rc = read_receipt(cli->arguments[i], &json, err);
		if (rc == 0)
			rc = offline_check_receipt(offline, json.data, json.len,
			    &receipt, err);
		if (rc == 0)
			put_proof(cli, cli->arguments[i], &receipt, &writer,
			    &text);
		else
			error_prefix(err, "%s", cli->arguments[i]);
		bytes_free(&json);
	}
	if (cli->json) {
		json_write_end(&writer);
		bytes_put_u8(&text, '\n');
	}
	/* What was proved before a bad one stays proved. */
	cli_print(&text);
	bytes_free(&text);
	return rc;
}

static int
run_verify(struct cli *cli, struct error *err)
{
	const char *bulletins = cli_value(cli, "bulletins");
	const char *root = cli_value(cli, "root");
	const char *environment = cli_value(cli, "environment");
	struct offline *offline = NULL;
	int rc = -1;

	if (cli->argument_count == 0 || bulletins == NULL || root == NULL)
		return cli_refuse(err,
		    "receipt verify needs files, --bulletins and --root");
	if (offline_open(bulletins, root,
		environment != NULL ? environment : "production",
		clock_now_ms(), &offline, err) == 0)
		rc = verify_all(cli, offline, err);
	offline_close(offline);
	return rc;
}

static const struct command_option list_options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option save_options[] = {
	{ "config", 'c', "FILE", "configuration of the host to ask" },
	{ "to", 0, "DIR", "folder to write into; nothing is overwritten" },
	{ NULL, 0, NULL, NULL },
};

static const struct command_option verify_options[] = {
	{ "bulletins", 0, "DIR", "bulletins to judge by, in order of names" },
	{ "root", 0, "SHA256", "digest of the first root bulletin" },
	{ "environment", 0, "NAME", "production unless given" },
	{ NULL, 0, NULL, NULL },
};

const struct command receipt_list_command = {
	.name = "receipt list",
	.summary = "list the receipts of a letter",
	.summary_zh = "列出公文的回執",
	.arguments = "ID[/CODE]",
	.arguments_max = 1,
	.examples = "yizhan receipt list ID\n",
	.options = list_options,
	.run = run_list,
};

const struct command receipt_save_command = {
	.name = "receipt save",
	.summary = "write the receipts of a letter to a folder",
	.summary_zh = "將公文的回執存到資料夾",
	.arguments = "ID[/CODE]",
	.arguments_max = 1,
	.examples = "yizhan receipt save ID --to receipts\n",
	.options = save_options,
	.run = run_save,
};

const struct command receipt_verify_command = {
	.name = "receipt verify",
	.summary = "check receipts without asking any host",
	.summary_zh = "離線驗證回執",
	.arguments = "FILE...",
	.arguments_max = -1,
	.examples = "yizhan receipt verify receipts/*.json --bulletins DIR "
		    "--root SHA256\n",
	.options = verify_options,
	.run = run_verify,
};
